"""How many people of each group arrive in each week?

In go published arrivals (rows of a first day, a last day, an intake and a number), a seasonal profile, the yearly mix
of origins, and for each simulated year the source year it is to resemble; out come expected persons by week and group.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stellwerk.errors import StellwerkError
from stellwerk.flows.figures import FlowData, Group

SEASON_YEARS = (2017, 2018, 2019)  # between the arrivals of 2015/16 and the pandemic
STATE = "state"  # channel of those whom the Land receives itself
_WEEK = 7


class NoArrivalsForYear(StellwerkError):
    """A scenario asks for the arrivals of a year that no row covers."""


@dataclass(frozen=True)
class ArrivalPlan:
    """Which source year each simulated year resembles, and how it differs.

    Years not named resemble themselves; years after the last known one resemble that one.
    """

    like: Mapping[int, int] = field(default_factory=dict)
    scale: Mapping[int, float] = field(default_factory=dict)

    def source_year(self, year: int, known: Sequence[int]) -> int:
        """The year whose arrivals, months and origins stand in for `year`."""
        return self.like.get(year, min(max(year, min(known)), max(known)))


def monday_of(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def weeks_from(first: dt.date, count: int) -> tuple[dt.date, ...]:
    """The Mondays of `count` weeks, the first being that of `first`."""
    monday = monday_of(first)
    return tuple(monday + dt.timedelta(days=_WEEK * index) for index in range(count))


def known_years(data: FlowData) -> list[int]:
    """The years for which arrivals of asylum seekers or others are on record."""
    return sorted(set(data.arrivals["from"].dt.year().to_list()))


def weekly_arrivals(
    data: FlowData, groups: Sequence[Group], weeks: Sequence[dt.date], plan: ArrivalPlan
) -> NDArray[np.float64]:
    """Expected persons by week and group."""
    known = known_years(data)
    sources = {year: plan.source_year(year, known) for year in _years_of(weeks)}
    for source in sources.values():
        if source not in known:
            raise NoArrivalsForYear(year=source, known=f"{known[0]}–{known[-1]}")
    intakes = {group.origin: data.figures.origins[group.origin].intake for group in groups}
    daily = {
        (source, intake): daily_arrivals(data, source, intake)
        for source in set(sources.values())
        for intake in set(intakes.values())
    }
    mix = {source: origin_mix(data, source) for source in set(sources.values())}
    arrivals = np.zeros((len(weeks), len(groups)))
    for t, monday in enumerate(weeks):
        for day in (monday + dt.timedelta(days=offset) for offset in range(_WEEK)):
            source = sources[day.year]
            place = _same_day(day, source).timetuple().tm_yday - 1
            scale = plan.scale.get(day.year, 1.0)
            for g, group in enumerate(groups):
                rate = daily[source, intakes[group.origin]][place] * scale
                arrivals[t, g] += rate * mix[source][group.origin] * _household_share(data, group)
    return arrivals


def daily_arrivals(data: FlowData, year: int, intake: str) -> NDArray[np.float64]:
    """Persons a day of a year: each published number is spread over its days by the season of their months."""
    days = [dt.date(year, 1, 1) + dt.timedelta(days=index) for index in range(365 + calendar.isleap(year))]
    season = _season(data)
    weights = np.array([season[day.month] for day in days])
    arrivals = np.zeros(len(days))
    rows = data.arrivals.filter((pl.col("intake") == intake) & (pl.col("from").dt.year() == year))
    for row in rows.iter_rows(named=True):
        counted = 1.0 if row["channel"] == STATE else data.figures["received_elsewhere_share"]
        span = slice((row["from"] - days[0]).days, (row["to"] - days[0]).days + 1)
        arrivals[span] += counted * row["persons"] * weights[span] / weights[span].sum()
    return arrivals


def origin_mix(data: FlowData, year: int) -> dict[str, float]:
    """Each origin group's share of its intake in a year, by applications."""
    origins = data.figures.origins
    totals = dict.fromkeys(origins, 0)
    for row in data.applications.filter(pl.col("year") == year).iter_rows(named=True):
        totals[data.origin_of(row["origin"])] += row["applications"]
    return {name: totals[name] / _total_of_intake(totals, data, name) for name in origins}


def _total_of_intake(totals: Mapping[str, int], data: FlowData, name: str) -> int:
    intake = data.figures.origins[name].intake
    return sum(totals[other] for other, origin in data.figures.origins.items() if origin.intake == intake)


def _season(data: FlowData) -> dict[int, float]:
    """Applications a day by month, mean of the season years."""
    frame = data.months.select(
        pl.col("month").str.slice(0, 4).cast(pl.Int64).alias("year"),
        pl.col("month").str.slice(5, 2).cast(pl.Int64).alias("number"),
        pl.col("first_applications"),
    ).filter(pl.col("year").is_in(SEASON_YEARS))
    sums = dict.fromkeys(range(1, 13), 0.0)
    for year, number, applications in frame.iter_rows():
        sums[number] += applications / calendar.monthrange(year, number)[1]
    return sums


def _household_share(data: FlowData, group: Group) -> float:
    families = data.figures[f"family_share.{data.figures.origins[group.origin].intake}"]
    return families if group.household == "family" else 1 - families


def _same_day(day: dt.date, year: int) -> dt.date:
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)


def _years_of(weeks: Sequence[dt.date]) -> set[int]:
    last = weeks[-1] + dt.timedelta(days=_WEEK - 1)
    return set(range(weeks[0].year, last.year + 1))
