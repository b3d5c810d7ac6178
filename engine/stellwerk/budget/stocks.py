"""How weekly stocks and flows become monthly quantities.

In goes a weekly table (a row a week, named by its Monday, perhaps several rows a week) and what to take of it; out
come quantities. A stock counts on each day of its week, a month's number is the mean over its days. A flow is spread
evenly over the days of its week, so that what flows in all weeks flows in all months.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

import polars as pl

from stellwerk.budget.months import months_between, shown_month
from stellwerk.budget.quantities import Quantity, exact_number
from stellwerk.budget.scenario import Series
from stellwerk.errors import StellwerkError, nearest

WEEK = 7
LEAST_DAYS = 21  # a month of which fewer days are covered has no mean worth the name


class UnknownSeries(StellwerkError):
    """There is no weekly table of that name, or it has no such column."""


class SeriesDoesNotCover(StellwerkError):
    """The weekly table has too few days of a month."""


def quantities_from(
    series: Series, frames: Mapping[str, pl.DataFrame], first: dt.date, last: dt.date, run: str
) -> tuple[Quantity, ...]:
    """The monthly quantities that a weekly series gives from `first` to `last` month; `run` is the frames' name."""
    if series.frame not in frames:
        raise UnknownSeries(name=series.frame, near=nearest(series.frame, frames), known=sorted(frames))
    weekly = _weekly(series, frames[series.frame])
    days = _days(weekly)
    months = months_between(first, last)
    monthly = _means(days, months) if series.counts == "stock" else _sums(days, months)
    counted = _staying(monthly, months, series.months)
    share = Fraction(series.share)
    source = f"{run}, {series.frame}.{series.column}; {series.source}"
    return tuple(
        Quantity(month, series.quantity, series.group, counted[month] * share, source, series.evidence)
        for month in months
    )


def _weekly(series: Series, weeks: pl.DataFrame) -> Mapping[dt.date, Fraction]:
    for column in (series.column, *series.only, *series.without):
        if column not in weeks.columns:
            raise UnknownSeries(name=column, near=nearest(column, weeks.columns), known=weeks.columns)
    kept = [pl.col(name) == value for name, value in series.only.items()]
    kept += [pl.col(name) != value for name, value in series.without.items()]
    wanted = pl.all_horizontal(pl.lit(True), *kept)
    summed = weeks.filter(wanted).group_by("week").agg(pl.col(series.column).sum()).sort("week")
    return {week: exact_number(value) for week, value in summed.iter_rows()}


def _days(weekly: Mapping[dt.date, Fraction]) -> Mapping[dt.date, list[Fraction]]:
    """The values of the days that each month has, by the month's first day."""
    found: dict[dt.date, list[Fraction]] = {}
    for week, value in weekly.items():
        for step in range(WEEK):
            day = week + dt.timedelta(days=step)
            found.setdefault(day.replace(day=1), []).append(value)
    return found


def _means(days: Mapping[dt.date, list[Fraction]], months: Sequence[dt.date]) -> dict[dt.date, Fraction]:
    short = [shown_month(month) for month in months if len(days.get(month, ())) < LEAST_DAYS]
    if short:
        raise SeriesDoesNotCover(months=short)
    return {month: sum(days[month], Fraction(0)) / len(days[month]) for month in months}


def _sums(days: Mapping[dt.date, list[Fraction]], months: Sequence[dt.date]) -> dict[dt.date, Fraction]:
    return {month: sum(days.get(month, ()), Fraction(0)) / WEEK for month in months}


def _staying(monthly: Mapping[dt.date, Fraction], months: Sequence[dt.date], stay: int) -> dict[dt.date, Fraction]:
    """For each month those who came in it or in the months before, as long as they count."""
    return {
        month: sum((monthly[earlier] for earlier in months[max(0, place - stay + 1) : place + 1]), Fraction(0))
        for place, month in enumerate(months)
    }
