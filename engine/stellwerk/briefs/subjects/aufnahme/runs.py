"""One scenario of state reception as a brief reads it: weeks, persons in whole numbers, what is exceeded and how often.

In goes a forecast with its spread, out come numbers for sentences, tables and figures. Expected persons are rounded
once, here, so that a sentence, its table and its picture cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs.figures import Band, Occupancy

_FAN = (("p05", "p95"), ("p25", "p75"))  # widest first
CHANCE_PLACES = 4  # decimal places of a share of runs
MOVED = ("arrivals", "assigned_protected", "assigned_open", "assigned_refused", "removed", "voluntary", "left")


@dataclass(frozen=True)
class Peak:
    """The week with most persons."""

    week: dt.date
    persons: int
    places: int


@dataclass(frozen=True)
class Run:
    """A forecast and its spread."""

    found: Any
    spread: Any

    @cached_property
    def weeks(self) -> tuple[dt.date, ...]:
        """The Mondays of its weeks."""
        return tuple(self.found.reception.facilities["week"].to_list())

    @cached_property
    def persons(self) -> tuple[int, ...]:
        """Expected persons at the end of each week."""
        return _whole(self.found.reception.facilities["occupied"])

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Active places in each week, opened reserve included."""
        return tuple(self.found.reception.facilities["active"].to_list())

    @cached_property
    def chances(self) -> tuple[Decimal, ...]:
        """The share of runs in which more persons are there than active places, week by week."""
        return tuple(_chance(value) for value in self.spread.weeks["chance_above_places"])

    @property
    def ever(self) -> Decimal:
        """The share of runs in which that happens in any week."""
        return _chance(self.spread.ever_exceeded["places"])

    @property
    def peak(self) -> Peak:
        """The week with most expected persons."""
        most = max(self.persons)
        place = self.persons.index(most)
        return Peak(self.weeks[place], most, self.places[place])

    @property
    def first_above(self) -> dt.date | None:
        """The first week with more expected persons than active places."""
        found = self.found.reception.exceedance("places")
        return None if found is None else found.week

    @property
    def weeks_above(self) -> int:
        """Weeks with more expected persons than active places."""
        return int(self.found.reception.facilities.filter(pl.col("emergency") > 0).height)

    @property
    def emergency(self) -> int:
        """The most places needed beyond the active ones, as expected."""
        return max(_whole(self.found.reception.facilities["emergency"]))

    @property
    def needed(self) -> int:
        """Places that suffice in every week in 95 of 100 runs."""
        return int(self.spread.places_needed["full"])

    def assigned(self) -> int:
        """Persons assigned to municipalities in all weeks."""
        columns = [column for column in MOVED if column.startswith("assigned")]
        total = self.found.reception.movements.select(pl.sum_horizontal(pl.col(columns).sum())).item()
        return int(formats.exact(total))

    def occupancy(self, labels: tuple[str, str]) -> Occupancy:
        """The course with its fan, the wider band first."""
        bands = tuple(
            Band(label, _whole(self.spread.weeks[low]), _whole(self.spread.weeks[high]))
            for label, (low, high) in zip(labels, _FAN, strict=True)
        )
        return Occupancy(self.weeks, self.persons, self.places, bands)

    def years(self) -> Iterator[tuple[int, tuple[int, ...], int]]:
        """For each calendar year of the weeks' Mondays: who came and left how (MOVED), and the stock at its end."""
        year = pl.col("week").dt.year().alias("year")
        moved = self.found.reception.movements.group_by(year).agg(pl.col(MOVED).sum()).sort("year")
        stocks = dict(zip((week.year for week in self.weeks), self.persons, strict=True))
        for which, *numbers in moved.iter_rows():
            yield which, tuple(int(formats.exact(number)) for number in numbers), stocks[which]


def _whole(column: pl.Series) -> tuple[int, ...]:
    return tuple(int(formats.exact(Decimal(str(value)))) for value in column)


def _chance(share: float) -> Decimal:
    return formats.exact(Decimal(repr(share)), CHANCE_PLACES)
