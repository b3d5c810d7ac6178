"""What one unit costs on a day, and how sure that is; prices that are no law, and the index that takes out inflation.

`params/budget/prices.yaml` and `deflator.yaml` go in; out come exact prices with their version, source and grade.
Prices set by law are not here: whoever joins this room with the rulebook hands them over as `Price`, too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from stellwerk.budget.wording import in_both
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest, shown_path
from stellwerk.provenance import EvidenceGrade

Loaded = TypeVar("Loaded", bound=Document)


class UnknownPrice(StellwerkError):
    """No price of that name in the price list."""


class NoIndexForYear(StellwerkError):
    """The deflator has no value for a year."""


@dataclass(frozen=True)
class PriceVersion:
    """One dated value that made a price: its name, its interval, where it comes from."""

    name: str
    value: str
    first: dt.date
    last: dt.date | None
    basis: str
    evidence: EvidenceGrade
    reform: str = ""
    known_from: dt.date | None = None  # the day a retroactive value was promulgated
    note: str = ""


@dataclass(frozen=True)
class Price:
    """What one unit costs, in EUR exactly; by which rule, from which dated values."""

    eur: Fraction
    basis: str
    evidence: EvidenceGrade
    versions: tuple[PriceVersion, ...] = ()
    rule: str = ""
    rule_from: dt.date | None = None
    reform: str = ""
    past_verification: bool = False  # read after the day up to which the rule's text was verified


@dataclass(frozen=True)
class NoPrice:
    """Why there is no price, in both languages."""

    reason: Labels


class _Value(Document):
    first: dt.date = Field(alias="from")
    last: dt.date | None = Field(default=None, alias="to")
    value: Decimal = Field(ge=0)
    source: str = Field(min_length=1)
    evidence: EvidenceGrade
    note: str = ""


class PriceEntry(Document):
    """A price through time; no values at all where nobody has published one."""

    title: Labels
    unit: Labels
    values: tuple[_Value, ...] = ()


class PriceList(Document):
    """All prices that are no law, by name."""

    prices: dict[str, PriceEntry]

    def price(self, name: str, day: dt.date) -> Price | NoPrice:
        """The price of that name on a day."""
        if name not in self.prices:
            raise UnknownPrice(name=name, near=nearest(name, self.prices))
        for value in self.prices[name].values:
            if value.first <= day and (value.last is None or day <= value.last):
                version = PriceVersion(
                    name, str(value.value), value.first, value.last, value.source, value.evidence, note=value.note
                )
                return Price(Fraction(value.value), value.source, value.evidence, (version,))
        return NoPrice(in_both("budget_no_price", price=name))


class _IndexYear(Document):
    year: int
    index: Decimal = Field(gt=0)
    source: str = Field(min_length=1)
    evidence: EvidenceGrade


class Deflator(Document):
    """A price index by year; real amounts are in prices of a base year."""

    title: Labels
    years: tuple[_IndexYear, ...] = Field(min_length=1)
    note: str = ""

    def of(self, year: int) -> _IndexYear:
        """The index of a year; an unknown year is an error, never carried on."""
        found = next((entry for entry in self.years if entry.year == year), None)
        if found is None:
            raise NoIndexForYear(year=year, known=sorted(entry.year for entry in self.years))
        return found

    def factor(self, year: int, base_year: int) -> Fraction:
        """By what an amount of `year` is multiplied to stand in prices of `base_year`."""
        return Fraction(self.of(base_year).index) / Fraction(self.of(year).index)


def load_prices(params: Path) -> PriceList:
    """The price list of `params/budget/prices.yaml`."""
    return _load(PriceList, params / "budget" / "prices.yaml", params)


def load_deflator(params: Path) -> Deflator:
    """The price index of `params/budget/deflator.yaml`."""
    return _load(Deflator, params / "budget" / "deflator.yaml", params)


def _load(model: type[Loaded], path: Path, params: Path) -> Loaded:
    shown = shown_path(path, params.parent)
    return validated(model, read_document(path, shown), shown)
