"""What a polars plan needs to be as fast as it can be made by hand: small types, dates looked up in tables.

Both tuned engines use it. Days are day numbers, codes their places, and no literal makes polars widen a column.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import polars as pl

from .cases import Cases, day
from .spans import plus_years, written

FIRST, LAST = day("1850-01-01"), day("2150-12-31")
YEAR = 384  # of written days: 12 months of 32 slots
_T = TypeVar("_T")


def small_frame(cases: Cases) -> pl.DataFrame:
    """The cases in the smallest types that hold them; an unknown fact is null."""
    small = {"nationality": pl.UInt8, "language_level": pl.UInt8}
    frame = pl.DataFrame(cases.columns).with_columns(pl.col(name).cast(kind) for name, kind in small.items())
    return frame.with_columns(pl.when(pl.Series(~mask)).then(pl.col(name)) for name, mask in cases.unknown.items())


def written_day(date: pl.Expr) -> pl.Expr:
    """Month and day in one number, looked up."""
    return _looked_up(_written(), date)


def years_later(date: pl.Expr, years: int) -> pl.Expr:
    """The same day so many years later, or its month's last, looked up."""
    return _looked_up(_later(years), date)


def by_day(values: Sequence[tuple[int, _T]], on: pl.Expr, use: Callable[[_T], pl.Expr]) -> pl.Expr:
    """What holds on a day: the newest value whose first day is not later."""
    (_, first), *later = values
    found = use(first)
    for start, value in later:
        found = pl.when(on >= i32(start)).then(use(value)).otherwise(found)
    return found


def one_of(column: pl.Expr, places: Sequence[int]) -> pl.Expr:
    """Whether a code stands on a list."""
    return column.is_in(pl.Series(places, dtype=pl.UInt8).implode())


def u8(value: int) -> pl.Expr:
    """A literal of one byte."""
    return pl.lit(value, dtype=pl.UInt8)


def i32(value: int) -> pl.Expr:
    """A literal of four bytes."""
    return pl.lit(value, dtype=pl.Int32)


def i64(value: int) -> pl.Expr:
    """A literal of eight bytes."""
    return pl.lit(value, dtype=pl.Int64)


def _looked_up(table: pl.Series, date: pl.Expr) -> pl.Expr:
    return pl.lit(table).gather((date - i32(FIRST)).cast(pl.UInt32))


@functools.cache
def _written() -> pl.Series:
    return pl.Series(written(np.arange(FIRST, LAST + 1)), dtype=pl.Int32)


@functools.cache
def _later(years: int) -> pl.Series:
    return pl.Series(plus_years(written(np.arange(FIRST, LAST + 1)), years), dtype=pl.Int32)
