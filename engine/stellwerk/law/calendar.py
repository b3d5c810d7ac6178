"""Date arithmetic by the Civil Code (BGB §§ 187-193), in one place.

Periods go in as `Period` (months or days), calendar days come out. Every function names the provision it follows;
the doctests are the worked examples of the statutes' fact sheets. Ends of months are clamped (§ 188 Abs. 3), ages
complete at the end of the day before the birthday (§ 187 Abs. 2 Satz 2), weekends shift an end only on request.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

MONTHS_PER_YEAR = 12
DAYS_PER_WEEK = 7
# § 191 BGB: a period that need not run without a break counts a month as 30 days and a year as 365.
DAYS_PER_MONTH_IN_PARTS = 30
DAYS_PER_YEAR_IN_PARTS = 365

_PERIOD = re.compile(r"^(\d+)\s+(day|week|month|year)s?$")


@dataclass(frozen=True)
class Period:
    """A length of time: so many calendar months, or so many days."""

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        if self.months and self.months % MONTHS_PER_YEAR == 0:
            return _counted(self.months // MONTHS_PER_YEAR, "year")
        return _counted(self.months, "month") if self.months else _counted(self.days, "day")


class Counting(Enum):
    """Whether the day on which a period begins is part of it (§ 187 BGB)."""

    EVENT_DAY_EXCLUDED = "event_day_excluded"  # § 187 Abs. 1
    FIRST_DAY_COUNTS = "first_day_counts"  # § 187 Abs. 2


def parse_period(text: str) -> Period | None:
    """Read `6 months`, `28 days`, `2 weeks`, `1 year`; None where the text is no period.

    >>> parse_period("2 years")
    Period(months=24, days=0)
    """
    match = _PERIOD.match(text.strip())
    if not match:
        return None
    number, unit = int(match.group(1)), match.group(2)
    if unit in ("month", "year"):
        return Period(months=number * (MONTHS_PER_YEAR if unit == "year" else 1))
    return Period(days=number * (DAYS_PER_WEEK if unit == "week" else 1))


def add(start: dt.date, period: Period) -> dt.date:
    """The day on which a period ends when its event day is not counted (§§ 187 Abs. 1, 188 BGB).

    >>> add(dt.date(2025, 8, 31), Period(months=6))
    datetime.date(2026, 2, 28)
    >>> add(dt.date(2026, 11, 30), Period(months=3))
    datetime.date(2027, 2, 28)
    """
    return _same_number(start, period.months) + dt.timedelta(days=period.days)


def subtract(end: dt.date, period: Period) -> dt.date:
    """The day that lies a period before `end`, clamped to the month's end like `add`.

    >>> subtract(dt.date(2022, 10, 31), Period(months=60))
    datetime.date(2017, 10, 31)
    """
    return _same_number(end, -period.months) - dt.timedelta(days=period.days)


def last_day(start: dt.date, period: Period, counting: Counting) -> dt.date:
    """The last day of a period that begins on `start` (§ 188 BGB).

    Where the first day counts, a period of months ends on the day before the same number; where that number does
    not exist in the last month, it ends on the month's last day in both modes (§ 188 Abs. 3).

    >>> last_day(dt.date(2026, 1, 15), Period(months=6), Counting.FIRST_DAY_COUNTS)
    datetime.date(2026, 7, 14)
    >>> last_day(dt.date(2025, 8, 29), Period(months=6), Counting.FIRST_DAY_COUNTS)
    datetime.date(2026, 2, 28)
    >>> last_day(dt.date(2024, 2, 27), Period(days=28), Counting.FIRST_DAY_COUNTS)
    datetime.date(2024, 3, 25)
    """
    end = add(start, period)
    if counting is Counting.EVENT_DAY_EXCLUDED or _was_clamped(start, period):
        return end
    return end - dt.timedelta(days=1)


def extended_last_day(first_end: dt.date, extension: Period) -> dt.date:
    """The last day after an extension, which runs from the end of the earlier period (§ 190 BGB).

    >>> extended_last_day(dt.date(2026, 7, 14), Period(months=12))
    datetime.date(2027, 7, 14)
    """
    return last_day(first_end + dt.timedelta(days=1), extension, Counting.FIRST_DAY_COUNTS)


def last_day_before_completing(birth_date: dt.date, years: int) -> dt.date:
    """The last day on which a person has not completed the given year of life (§§ 187 Abs. 2, 188 Abs. 2, 3 BGB).

    >>> last_day_before_completing(dt.date(1999, 11, 22), 27)
    datetime.date(2026, 11, 21)
    >>> last_day_before_completing(dt.date(2000, 2, 29), 27)
    datetime.date(2027, 2, 28)
    """
    return last_day(birth_date, Period(months=years * MONTHS_PER_YEAR), Counting.FIRST_DAY_COUNTS)


def completed_years(birth_date: dt.date, on: dt.date) -> int:
    """The age in completed years on a day; negative before the birth.

    >>> completed_years(dt.date(1981, 3, 1), dt.date(2026, 3, 1))
    45
    >>> completed_years(dt.date(2000, 2, 29), dt.date(2027, 2, 28))
    26
    """
    years = on.year - birth_date.year
    return years if last_day_before_completing(birth_date, years) < on else years - 1


def days_in_parts(period: Period) -> int:
    """A period as days where it need not run without a break (§ 191 BGB).

    >>> days_in_parts(Period(months=18))
    540
    """
    years, months = divmod(period.months, MONTHS_PER_YEAR)
    if months:  # a length stated in months stays one: eighteen months are 540 days, not 365 + 180
        years, months = 0, period.months
    return years * DAYS_PER_YEAR_IN_PARTS + months * DAYS_PER_MONTH_IN_PARTS + period.days


def next_working_day(day: dt.date, holidays: Collection[dt.date]) -> dt.date:
    """The day itself, or the next one that is no Saturday, Sunday or public holiday (§ 193 BGB).

    >>> next_working_day(dt.date(2027, 1, 1), {dt.date(2027, 1, 1)})
    datetime.date(2027, 1, 4)
    """
    while day.weekday() >= calendar.SATURDAY or day in holidays:
        day += dt.timedelta(days=1)
    return day


def _same_number(day: dt.date, months: int) -> dt.date:
    year, month0 = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    return dt.date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def _was_clamped(start: dt.date, period: Period) -> bool:
    return bool(period.months) and _same_number(start, period.months).day != start.day


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
