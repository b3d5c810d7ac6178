"""When is a yearly quota of a legal route used up, and what would a partnership change?

In go the demand of a scenario, the quota that the rulebook states on each day, and partnerships with visas,
readmissions and an assumed elasticity; out come use and exhaustion day by calendar year, and visas beside readmissions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
from pydantic import Field

from stellwerk.documents import Document, Labels
from stellwerk.flows.figures import Quantity

_WHOLE_PART = Decimal("0.000001")


class QuotaRoute(Document):
    """A route with a yearly quota; demand is spread evenly over the days of a year."""

    route: str
    label: Labels
    quota: str  # parameter of the rulebook: the most in a calendar year
    demand_per_year: Quantity


class Partnership(Document):
    """A partner with visas on offer; more visas change readmissions by an assumed elasticity."""

    partner: str
    label: Labels
    visas_now: Quantity
    visas_offered: Quantity
    readmissions_now: Quantity
    elasticity: Quantity  # per cent more readmissions for one per cent more visas


class LegalRoutes(Document):
    """What a scenario says of legal routes."""

    quotas: tuple[QuotaRoute, ...] = ()
    partnerships: tuple[Partnership, ...] = ()
    state_rule: str = ""  # rule that says how far a partnership is
    state_facts: dict[str, str] = Field(default_factory=dict)
    partner_fact: str = ""


QuotaOn = Callable[[str, dt.date], int | None]


def quota_use(routes: Sequence[QuotaRoute], years: Sequence[int], quota_on: QuotaOn) -> pl.DataFrame:
    """Use of each quota by calendar year: demand, granted, the day it is used up, and what is left over.

    A consent counts on a day as long as the year's count is below the quota of that day; without a quota all count.
    """
    rows = [_year_of_quota(route, year, quota_on) for route in routes for year in years]
    whole = dict.fromkeys(("year", "quota", "demand", "granted", "refused"), pl.Int64)
    return pl.DataFrame(rows, schema={"route": pl.String, **whole, "used_up_on": pl.Date})


def partnership_effects(partnerships: Sequence[Partnership], states: Mapping[str, str]) -> pl.DataFrame:
    """Visas and readmissions now and under the offer; `states` says how far each partnership is in the rulebook."""
    rows = []
    for item in partnerships:
        more = (item.visas_offered.value - item.visas_now.value) / item.visas_now.value
        readmissions = item.readmissions_now.value * (1 + item.elasticity.value * more)
        rows.append(
            {
                "partner": item.partner,
                "state": states.get(item.partner, ""),
                "visas_now": item.visas_now.value,
                "visas_offered": item.visas_offered.value,
                "readmissions_now": item.readmissions_now.value,
                "readmissions_expected": readmissions.quantize(_WHOLE_PART, ROUND_HALF_UP),
                "elasticity": item.elasticity.value,
                "source": item.elasticity.source,
                "evidence": item.elasticity.evidence,
            }
        )
    numbers = ("visas_now", "visas_offered", "readmissions_now", "readmissions_expected", "elasticity")
    words = dict.fromkeys(("source", "evidence"), pl.String)
    decimals = dict.fromkeys(numbers, pl.Decimal(38, 6))
    return pl.DataFrame(rows, schema={"partner": pl.String, "state": pl.String, **decimals, **words})


def _year_of_quota(route: QuotaRoute, year: int, quota_on: QuotaOn) -> dict[str, object]:
    first = dt.date(year, 1, 1)
    days = (dt.date(year + 1, 1, 1) - first).days
    demand = int(route.demand_per_year.value)
    granted, used_up, quota = 0, None, None
    for index in range(days):
        day = first + dt.timedelta(days=index)
        quota = quota_on(route.quota, day)
        asked = _until(demand, index + 1, days) - _until(demand, index, days)
        given = asked if quota is None else max(min(asked, quota - granted), 0)
        granted += given
        if quota is None or granted < quota:
            used_up = None  # a quota raised within the year opens the route again
        elif used_up is None:
            used_up = day
    return {
        "route": route.route,
        "year": year,
        "quota": quota,
        "demand": demand,
        "granted": granted,
        "refused": demand - granted,
        "used_up_on": used_up,
    }


def _until(demand: int, days: int, of: int) -> int:
    return Fraction(demand * days, of).__floor__()
