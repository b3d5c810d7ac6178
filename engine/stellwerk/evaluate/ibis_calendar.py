"""Date arithmetic of the Civil Code as Ibis expressions, the same on every engine that is served through Ibis.

Goes in: dates and whole numbers as expressions. Comes out: dates and numbers; unknown stays unknown. Engines differ
only in how they move a date by months and days (`Calendar`); everything else is built from that, from comparisons and
from the parts of a date. `law.calendar` defines the meaning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as types
import ibis.expr.types as ir

from stellwerk.evaluate.days import FIRST, LAST
from stellwerk.law.calendar import next_working_day

Number: TypeAlias = int | ir.IntegerValue  # one that is written in the law, or one that differs from case to case

_SATURDAY, _SUNDAY = 5, 6
_SLOT = 32  # month * 32 + day: numbers that sort like the days of a year
_MOST_MONTHS = (LAST.year - FIRST.year + 1) * 12
_MOST_DAYS = dt.date.max.toordinal()
_AROUND = dt.timedelta(days=7)  # so far before a holiday may lie a weekend that it lengthens


@ibis.udf.scalar.builtin(name="add", signature=((types.date, types.Interval("M")), types.timestamp))
def _plus_interval(day, months):  # type: ignore[no-untyped-def]
    """DuckDB's sum of a date and months: a moment, the month's end clamped."""


@ibis.udf.scalar.builtin(name="add", signature=((types.date, types.int32), types.date))
def _plus_days(day, number):  # type: ignore[no-untyped-def]
    """DuckDB's sum of a date and days."""


@ibis.udf.scalar.builtin(name="add_months", signature=((types.date, types.int32), types.date))
def _add_months(day, number):  # type: ignore[no-untyped-def]
    """Spark's date so many months later, the month's end clamped."""


@ibis.udf.scalar.builtin(name="date_add", signature=((types.date, types.int32), types.date))
def _date_add(day, number):  # type: ignore[no-untyped-def]
    """Spark's date so many days later."""


@dataclass(frozen=True)
class Calendar:
    """How an engine moves a date by a number of months, clamped at the month's end, and by a number of days."""

    months: Callable[[ir.DateValue, ir.IntegerValue], ir.DateValue]
    days: Callable[[ir.DateValue, ir.IntegerValue], ir.DateValue]

    def moved(self, day: ir.DateValue, months: Number, days: Number) -> ir.DateValue:
        """A day moved by months, clamped at the month's end (BGB § 188 Abs. 3), and then by days."""
        return self._by_days(self._by_months(day, months), days)

    def last_day(self, day: ir.DateValue, months: Number, days: Number) -> ir.DateValue:
        """The last day of a period whose first day counts; a clamped end of month stays (BGB § 188 Abs. 3)."""
        end = self._by_months(day, months)
        before = self._by_days(self._by_days(end, days), -1)
        if isinstance(months, int) and not months:
            return before
        return ibis.cases((end.day() != day.day(), self._by_days(end, days)), else_=before)

    def next_working(self, day: ir.DateValue, holidays: frozenset[dt.date]) -> ir.DateValue:
        """The day itself or the next one that is no Saturday, Sunday or holiday (BGB § 193)."""
        weekday = day.day_of_week.index()
        weekend = [(weekday == _SATURDAY, _whole(2)), (weekday == _SUNDAY, _whole(1))]
        if not holidays:
            return self.days(day, ibis.cases(*weekend, else_=_whole(0)))
        first, waits = _waits(holidays)
        position = day.delta(first, unit="day").cast("int64")
        listed = position.between(0, len(waits) - 1)
        wait = ibis.literal(waits).substr(position, 1).cast("int32")
        return self.days(day, ibis.cases((listed, wait), *weekend, else_=_whole(0)))

    def _by_months(self, day: ir.DateValue, months: Number) -> ir.DateValue:
        if isinstance(months, int):
            return self.months(day, _whole(months)) if months else day
        moved = self.months(day, _within(months, _MOST_MONTHS))
        return ibis.cases((moved.between(FIRST, LAST), moved))

    def _by_days(self, day: ir.DateValue, days: Number) -> ir.DateValue:
        if isinstance(days, int):
            return self.days(day, _whole(days)) if days else day
        return self.days(day, _within(days, _MOST_DAYS))


DUCKDB = Calendar(lambda day, number: _plus_interval(day, number.as_interval("M")).cast("date"), _plus_days)
SPARK = Calendar(_add_months, _date_add)


def completed_years(birth: ir.DateValue, on: ir.DateValue) -> ir.IntegerValue:
    """Completed years: a birthday counts on its own day; one of 29 February, else, from 1 March (BGB § 187 Abs. 2)."""
    years = on.year().cast("int64") - birth.year().cast("int64")
    return ibis.cases((_in_year(on) < _in_year(birth), years - 1), else_=years)


def days_between(later: ir.DateValue, earlier: ir.DateValue) -> ir.IntegerValue:
    """The days from one date to a later one."""
    return later.delta(earlier, unit="day").cast("int64")


def _in_year(day: ir.DateValue) -> ir.IntegerValue:
    return day.month().cast("int32") * _SLOT + day.day().cast("int32")


def _whole(number: int) -> ir.IntegerScalar:
    return ibis.literal(number, "int32")


def _within(number: ir.IntegerValue, most: int) -> ir.IntegerValue:
    """The number where it is no larger than the calendar; unknown where it is."""
    return ibis.cases((number.between(-most, most), number.cast("int32")))


@lru_cache(maxsize=16)
def _waits(holidays: frozenset[dt.date]) -> tuple[dt.date, str]:
    """From the first holiday's week to the last holiday, a digit a day: the days until the next working day.

    Engines look up a place in a text at once, while a list of dates costs a comparison each.
    """
    first, last = min(holidays) - _AROUND, max(holidays)
    days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
    waits = [(next_working_day(day, holidays) - day).days for day in days]
    assert max(waits) < len("0123456789")  # no calendar has so many days off in a row
    return first, "".join(map(str, waits))
