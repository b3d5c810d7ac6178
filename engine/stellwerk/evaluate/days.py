"""Date arithmetic for whole columns: every operation of the Civil Code as a look-up in a table of all days.

Inside plans a date is the number of its day (1970-01-01 is 0), as polars stores it. What a day becomes when a period
is added is computed once for every day of nine centuries, with NumPy and by the same articles as `law.calendar`; a
column then only looks it up. Months beyond that range give no day.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.law.calendar import MONTHS_PER_YEAR, Period

DAY = pl.Int32()  # how a plan carries dates
FIRST, LAST = dt.date(1600, 1, 1), dt.date(2499, 12, 31)

_EPOCH = dt.date(1970, 1, 1)
_OFFSET = (_EPOCH - FIRST).days
_COUNT = (LAST - FIRST).days + 1
_SLOT = 32  # days are packed as month * 32 + day, so that packed days sort like the calendar
_PER_YEAR = MONTHS_PER_YEAR * _SLOT

Numbers = npt.NDArray[np.int32]


def day_number(day: dt.date) -> int:
    """The number by which a plan carries a day."""
    return (day - _EPOCH).days


def day_literal(day: dt.date) -> pl.Expr:
    """A day written in a rule, as a plan carries it."""
    return fixed(day_number(day), DAY)


@lru_cache(maxsize=4096)
def fixed(value: bool | int | str | None, kind: pl.DataType) -> pl.Expr:
    """A value of exactly this type; kept, for polars takes long to make one and plans hold thousands."""
    return pl.lit(value, dtype=kind)


def looked_up(table: pl.Series, day: pl.Expr) -> pl.Expr:
    """The table's entry for each day; none where the day is unknown or outside the table."""
    slot = (day + _OFFSET).fill_null(0).reinterpret(signed=False)  # a day before the first becomes a huge number
    return pl.when(day.is_not_null()).then(pl.lit(table).gather(slot, null_on_oob=True))


def moved(day: pl.Expr, period: Period, sign: int) -> pl.Expr:
    """A day moved by a period; months clamp at the month's end (BGB § 188 Abs. 3)."""
    if period.months:
        day = looked_up(_same_number(period.months * sign), day)
    return day + fixed(period.days * sign, DAY) if period.days else day


def moved_by_months(day: pl.Expr, months: pl.Expr) -> pl.Expr:
    """A day moved by a number of months that differs from case to case."""
    packed = packed_day(day).cast(pl.Int64)
    month = packed // _SLOT + months
    index = pl.when(month.is_between(0, len(_starts()) - 1)).then(month).cast(pl.UInt32)
    start, length = (pl.lit(table).gather(index) for table in (_starts(), _lengths()))
    number = (packed % _SLOT).cast(DAY)
    return start + pl.when(number < length).then(number).otherwise(length) - 1


def last_day_of(day: pl.Expr, period: Period) -> pl.Expr:
    """The last day of a period whose first day counts; a clamped end of month stays (BGB § 188 Abs. 3)."""
    if period.months:
        return looked_up(_last_day(period.months), day)
    return day + fixed(period.days - 1, DAY)


def last_day_after(day: pl.Expr, end: pl.Expr) -> pl.Expr:
    """The same for months that differ from case to case: `end` is the day moved by them."""
    clamped = packed_day(day) % _SLOT != packed_day(end) % _SLOT
    return pl.when(clamped).then(end).otherwise(end - 1)


def next_working(day: pl.Expr, holidays: frozenset[dt.date]) -> pl.Expr:
    """The day itself or the next one that is no Saturday, Sunday or holiday (BGB § 193)."""
    return looked_up(_working_days(holidays), day)


def packed_day(day: pl.Expr) -> pl.Expr:
    """Year, month and day in one number that sorts like the calendar."""
    return looked_up(_packed(), day)


def completed_years_of(birth_packed: pl.Expr, on_packed: pl.Expr) -> pl.Expr:
    """Completed years of packed days: a birthday counts on its own day; one of 29 February, else, from 1 March."""
    return ((on_packed - birth_packed) // _PER_YEAR).cast(pl.Int64)


@lru_cache(maxsize=1)
def _calendar() -> tuple[Numbers, Numbers]:
    """Of every day of the table: its month counted from the first, and its number in the month."""
    days = np.arange(np.datetime64(FIRST), np.datetime64(LAST) + 1, dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    number = (days - months.astype("datetime64[D]")).astype(np.int32) + 1
    return (months - months[0]).astype(np.int32), number


@lru_cache(maxsize=1)
def _packed() -> pl.Series:
    month, number = _calendar()
    return pl.Series(month * _SLOT + number)


@lru_cache(maxsize=1)
def _starts() -> pl.Series:
    """The first day of every month of the table."""
    month, _ = _calendar()
    return pl.Series(np.searchsorted(month, np.arange(month[-1] + 1)).astype(np.int32) - _OFFSET)


@lru_cache(maxsize=1)
def _lengths() -> pl.Series:
    """How many days every month of the table has."""
    month, _ = _calendar()
    return pl.Series(np.bincount(month).astype(np.int32))


@lru_cache(maxsize=128)
def _same_number(months: int) -> pl.Series:
    """The day of the same number so many months later, or that month's last day; none beyond the table."""
    day, known, _ = _shifted(months)
    return _known(day, known)


@lru_cache(maxsize=128)
def _last_day(months: int) -> pl.Series:
    day, known, clamped = _shifted(months)
    return _known(np.where(clamped, day, day - 1), known)


def _shifted(months: int) -> tuple[Numbers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    month, number = _calendar()
    target = month + months
    known = (target >= 0) & (target <= month[-1])
    target = np.where(known, target, 0)
    length = _lengths().to_numpy()[target]
    return _starts().to_numpy()[target] + np.minimum(number, length) - 1, known, number > length


@lru_cache(maxsize=16)
def _working_days(holidays: frozenset[dt.date]) -> pl.Series:
    day = np.arange(_COUNT, dtype=np.int32)
    working = (day - _OFFSET + 3) % 7 < 5  # the epoch was a Thursday
    closed = [day_number(holiday) + _OFFSET for holiday in holidays if FIRST <= holiday <= LAST]
    working[closed] = False
    working[-1] = True
    following = np.where(working, day, _COUNT)[::-1]
    return pl.Series(np.minimum.accumulate(following)[::-1] - _OFFSET)


def _known(day: Numbers, known: npt.NDArray[np.bool_]) -> pl.Series:
    table = pl.DataFrame({"day": day.astype(np.int32), "known": known})
    return table.select(pl.when("known").then("day")).to_series()
