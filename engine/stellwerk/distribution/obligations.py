"""What does each place owe, by what it holds already?

In go shares, persons to come, the stock of each place and its facilities with their planned places; out comes each
place's obligation: its part of the base of all persons held, credited and new, against what it holds (FlüAG § 3).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from stellwerk.distribution.keys import Key, WeightedShares, credit_factor
from stellwerk.distribution.reference import require_columns, require_places
from stellwerk.distribution.shares import KeyShares
from stellwerk.errors import StellwerkError


class HoldingsNotForThisKey(StellwerkError):
    """The key knows neither stock nor credits."""


class HoldingsNotWhole(StellwerkError):
    """A stock or a number of planned places is no whole number of zero or more."""


@dataclass(frozen=True)
class Obligation:
    """What a place owes: its part of the base against what it holds."""

    target: Fraction
    stock: int
    credit: Fraction

    @property
    def held(self) -> Fraction:
        """Persons in stock and places credited."""
        return self.stock + self.credit

    @property
    def open(self) -> Fraction:
        """What is still to be received; below zero the place is ahead."""
        return self.target - self.held

    @property
    def fulfilment(self) -> Fraction | None:
        """Stock and credit as a share of the target; unknown without a target."""
        return self.held / self.target if self.target else None

    def with_more(self, persons: int) -> Obligation:
        """The obligation after persons came who are in the base already."""
        return Obligation(self.target, self.stock + persons, self.credit)


def obligations(
    persons: int,
    on: dt.date,
    made: KeyShares,
    facilities: pl.DataFrame | None,
    stock: pl.DataFrame | None,
) -> dict[str, Obligation]:
    """The obligation of each place when `persons` come.

    `stock` has columns code, persons; `facilities` has code, facility (kind), places (planned). Credits stand in the
    base, because the others bear the relief.
    """
    key = key_with_credits(made.key)
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
    return {code: Obligation(made.shares[code] * base, stocks[code], credit[code]) for code in made.names}


def key_with_credits(key: Key) -> WeightedShares:
    """The key, where it counts what places hold."""
    if not isinstance(key, WeightedShares) or not key.credits:
        raise HoldingsNotForThisKey(key=key.label.de)
    return key


def _checked(frame: pl.DataFrame, columns: tuple[str, ...], what: str, made: KeyShares) -> list[dict[str, Any]]:
    require_columns(frame, columns, what)
    require_places(frame["code"], made.names)
    return frame.select(columns).to_dicts()


def _whole(value: object, column: str) -> int:
    if not isinstance(value, int) or value < 0:
        raise HoldingsNotWhole(column=column, value=value)
    return value
