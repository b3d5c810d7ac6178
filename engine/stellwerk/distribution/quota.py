"""How many of a number of persons does each place receive under a key?

In go a key, a number and a day, where wanted what the places already hold (stock, planned places of facilities); out
comes a `Distribution`: exact shares, whole persons that sum to the number, and the balance of each place.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

import polars as pl

from stellwerk.distribution.apportionment import NegativeTotal, fill_from_the_lowest, largest_remainder
from stellwerk.distribution.keys import WeightedShares, credit_factor, find_key
from stellwerk.distribution.reference import ReferenceTables, require_columns, require_places
from stellwerk.distribution.shares import KeyShares, shares_on
from stellwerk.errors import StellwerkError

PLACES_SHOWN = Decimal("0.000001")
PERCENT = pl.Decimal(38, 6)


class HoldingsNotForThisKey(StellwerkError):
    """The key knows neither stock nor credits."""


class HoldingsNotWhole(StellwerkError):
    """A stock or a number of planned places is no whole number of zero or more."""


@dataclass(frozen=True)
class Balance:
    """What a place owes: its part of the base against what it holds."""

    target: Fraction
    stock: int
    credit: Fraction

    @property
    def open_obligation(self) -> Fraction:
        """What is still to be received; below zero the place is ahead."""
        return self.target - self.stock - self.credit

    @property
    def fulfilment(self) -> Fraction | None:
        """Stock and credit as a share of the target; unknown without a target."""
        return (self.stock + self.credit) / self.target if self.target else None


@dataclass(frozen=True)
class Distribution:
    """A number divided by a key, place by place, in the order of the codes."""

    key_id: str
    label: dict[str, str]
    on: dt.date
    total: int
    basis: str
    source: str
    evidence: str
    names: dict[str, str]
    shares: dict[str, Fraction]
    persons: dict[str, int]
    parts: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    uncapped_shares: dict[str, Fraction] | None = None
    uncapped_persons: dict[str, int] | None = None
    at_cap: frozenset[str] = frozenset()
    balances: dict[str, Balance] | None = None
    choices: dict[str, str] = field(default_factory=dict)
    notes: tuple[dict[str, str], ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """The distribution as a table, one row a place."""
        codes = sorted(self.names)
        columns: dict[str, pl.Series] = {
            "code": pl.Series(codes, dtype=pl.String),
            "name": pl.Series([self.names[code] for code in codes], dtype=pl.String),
            "share_percent": _percent([self.shares[code] for code in codes]),
            "persons": pl.Series([self.persons[code] for code in codes], dtype=pl.Int64),
        }
        for name, part in self.parts.items():
            columns[f"{name}_share_percent"] = _percent([part[code] for code in codes])
        if self.uncapped_shares is not None and self.uncapped_persons is not None:
            columns["uncapped_share_percent"] = _percent([self.uncapped_shares[code] for code in codes])
            columns["capped"] = pl.Series([code in self.at_cap for code in codes], dtype=pl.Boolean)
            columns["uncapped_persons"] = pl.Series([self.uncapped_persons[code] for code in codes], dtype=pl.Int64)
        if self.balances is not None:
            columns |= _balance_columns([self.balances[code] for code in codes])
        return pl.DataFrame(columns)


def distribute(
    key_id: str,
    persons: int,
    on: dt.date,
    tables: ReferenceTables,
    *,
    redistribution: str | None = None,
    columns: Mapping[str, str] | None = None,
    facilities: pl.DataFrame | None = None,
    stock: pl.DataFrame | None = None,
) -> Distribution:
    """Divide `persons` by the key on the day `on`.

    `stock` has columns code, persons; `facilities` has code, facility (kind), places (planned). With either, the base
    is all persons held, credited and new; who holds least for his share receives first.
    """
    if persons < 0:
        raise NegativeTotal(total=persons)
    key = find_key(key_id, tables)
    made = shares_on(key, on, tables, redistribution=redistribution, columns=columns)
    if stock is None and facilities is None:
        given = largest_remainder(persons, made.shares)
        uncapped = None if made.uncapped is None else largest_remainder(persons, made.uncapped)
        return _distribution(key_id, persons, on, made, given, uncapped, None)
    if not isinstance(key, WeightedShares) or not key.credits:
        raise HoldingsNotForThisKey(key=key.label.de)
    balances = _balances(key, persons, on, made, facilities, stock)
    held = {code: balance.stock + balance.credit for code, balance in balances.items()}
    uncapped = None if made.uncapped is None else _whole_persons(persons, made.uncapped, held)
    return _distribution(key_id, persons, on, made, _whole_persons(persons, made.shares, held), uncapped, balances)


def as_percent(share: Fraction) -> Decimal:
    """A share in percent, rounded half to even to six places."""
    with localcontext() as context:
        context.prec = 60  # the numerator and denominator of a capped share have far more than 28 digits
        exact = Decimal(share.numerator) * 100 / Decimal(share.denominator)
        return exact.quantize(PLACES_SHOWN, rounding=ROUND_HALF_EVEN)


def _whole_persons(persons: int, shares: dict[str, Fraction], held: dict[str, Fraction]) -> dict[str, int]:
    return largest_remainder(persons, fill_from_the_lowest(persons, shares, held))


def _balances(
    key: WeightedShares,
    persons: int,
    on: dt.date,
    made: KeyShares,
    facilities: pl.DataFrame | None,
    stock: pl.DataFrame | None,
) -> dict[str, Balance]:
    stocks: Counter[str] = Counter()
    if stock is not None:
        for row in _checked(stock, ("code", "persons"), "stock", made):
            stocks[row["code"]] += _whole(row["persons"], "persons")
    credit = dict.fromkeys(made.names, Fraction(0))
    if facilities is not None:
        for row in _checked(facilities, ("code", "facility", "places"), "facilities", made):
            factor = credit_factor(key, row["facility"], on).factor
            credit[row["code"]] += Fraction(factor) * _whole(row["places"], "places")
    base = persons + stocks.total() + sum(credit.values(), Fraction(0))
    return {code: Balance(made.shares[code] * base, stocks[code], credit[code]) for code in made.names}


def _checked(frame: pl.DataFrame, columns: tuple[str, ...], what: str, made: KeyShares) -> list[dict[str, Any]]:
    require_columns(frame, columns, what)
    require_places(frame["code"], made.names)
    return frame.select(columns).to_dicts()


def _whole(value: object, column: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise HoldingsNotWhole(column=column, value=value)
    return value


def _distribution(
    key_id: str,
    persons: int,
    on: dt.date,
    made: KeyShares,
    given: dict[str, int],
    uncapped: dict[str, int] | None,
    balances: dict[str, Balance] | None,
) -> Distribution:
    key = made.key
    return Distribution(
        key_id=key_id,
        label={"de": key.label.de, "en": key.label.en},
        on=on,
        total=persons,
        basis=key.basis,
        source=key.source,
        evidence=made.evidence,
        names=made.names,
        shares=made.shares,
        persons=given,
        parts=made.parts,
        uncapped_shares=made.uncapped,
        uncapped_persons=uncapped,
        at_cap=made.at_cap,
        balances=balances,
        choices=made.choices,
        notes=tuple({"de": note.de, "en": note.en} for note in made.notes),
    )


def _percent(shares: list[Fraction]) -> pl.Series:
    return pl.Series([as_percent(share) for share in shares], dtype=PERCENT)


def _balance_columns(balances: list[Balance]) -> dict[str, pl.Series]:
    fulfilment = [None if b.fulfilment is None else as_percent(b.fulfilment) for b in balances]
    return {
        "stock": pl.Series([b.stock for b in balances], dtype=pl.Int64),
        "credit": _amount([b.credit for b in balances]),
        "target": _amount([b.target for b in balances]),
        "open_obligation": _amount([b.open_obligation for b in balances]),
        "fulfilment_percent": pl.Series(fulfilment, dtype=PERCENT),
    }


def _amount(amounts: list[Fraction]) -> pl.Series:
    return pl.Series([as_percent(amount / 100) for amount in amounts], dtype=PERCENT)
