"""Ages and lengths of stay with NumPy, by the calendar: a birthday counts on its own day, months clamp at their end.

For the engines whose language has no calendar; where the host counts before the clock starts, that flatters them.
"""

from __future__ import annotations

import numpy as np

from .cases import Array

_SLOT, _MONTHS = 32, 12  # a written day is month * 32 + day, so that it sorts like the calendar
_FIRST_MONTH = np.datetime64("1800-01", "M")
_STARTS = np.arange(_FIRST_MONTH, np.datetime64("2300-01", "M")).astype("datetime64[D]").astype(np.int32)
_LENGTHS = np.diff(_STARTS)


def written(day: Array) -> Array:
    """Month and day of a day number in one number."""
    month = (day.astype("datetime64[D]").astype("datetime64[M]") - _FIRST_MONTH).astype(np.int32)
    return month * _SLOT + (day - _STARTS[month] + 1)


def completed_years(birth: Array, on: Array) -> Array:
    """Years that are complete on a day, both written; one born on 29 February is a year older on 1 March, else."""
    years: Array = (on - birth) // (_SLOT * _MONTHS)
    return years


def plus_years(start: Array, years: Array | int) -> Array:
    """The same day of the month so many years after a written day, or that month's last day, as a day number."""
    month = start // _SLOT + _MONTHS * years
    day: Array = _STARTS[month] + np.minimum(start % _SLOT, _LENGTHS[month]) - 1
    return day


def newest(values: tuple[tuple[int, int], ...], on: Array) -> Array:
    """The value in force on each day."""
    firsts, found = np.array(values, dtype=np.int32).T
    value: Array = found[np.searchsorted(firsts, on, side="right") - 1]
    return value
