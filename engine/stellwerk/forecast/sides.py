"""What a scenario says besides state places: municipal places, returns, legal routes, each with its numbers of the law.

In go the course of state reception and the parts of the scenario; the numbers come from the rulebook and the reference
tables at their dates, the models from `flows`. A part the scenario leaves out gives nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from stellwerk.casework import Casework
from stellwerk.distribution.keys import WeightedShares, credit_factor, find_key
from stellwerk.distribution.reference import require_places
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.reference import determine
from stellwerk.flows.legal_routes import LegalRoutes, partnership_effects, quota_use
from stellwerk.flows.municipal_places import MunicipalCourse, MunicipalPlan, municipal_course
from stellwerk.flows.persons import PERSONS
from stellwerk.flows.reception import Path, movements
from stellwerk.flows.returns import ReturnCourse, ReturnLaw, ReturnPlan, return_course
from stellwerk.flows.scenario import ReceptionScenario
from stellwerk.law.calendar import Period, add
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value

_SHARE = Decimal("0.000000000001")


class NumberNotInForce(StellwerkError):
    """A parameter of the rulebook that a scenario reads has no value on a day."""


class KeyWithoutCredits(StellwerkError):
    """The key that a scenario names gives no credit for facilities."""


def municipal_side(
    bench: Casework, path: Path, plan: MunicipalPlan | None
) -> tuple[MunicipalCourse | None, pl.DataFrame | None]:
    """Municipal places over the weeks, and what facilities of the Land count for their municipalities in the key."""
    if plan is None:
        return None, None
    return municipal_course(_assigned(path), plan), _credits(bench, path.weeks, plan)


def return_side(
    bench: Casework,
    book: Rulebook,
    reception: pl.DataFrame,
    municipal: MunicipalCourse | None,
    scenario: ReceptionScenario,
) -> ReturnCourse | None:
    """Returns over the weeks; those refused in municipalities become cases there where these are computed too."""
    plan = scenario.returns
    if plan is None:
        return None
    inflow = reception.group_by("week", maintain_order=True).agg(
        pl.col("assigned_refused").sum().alias("became_obliged"), pl.col("removed").sum().alias("removed_from_state")
    )
    if municipal is not None:
        settled = municipal.people.filter(pl.col("kind") == "refused").select("week", "settled")
        inflow = inflow.join(settled, on="week").with_columns(pl.col("became_obliged") + pl.col("settled"))
    law = _return_law(bench, book, plan, scenario.law.on or scenario.start)
    return return_course(inflow.select("week", "became_obliged", "removed_from_state"), plan, law)


def quota_side(book: Rulebook, weeks: Sequence[dt.date], routes: LegalRoutes | None) -> pl.DataFrame | None:
    """Use of the quotas in the calendar years of the scenario."""
    if routes is None:
        return None

    def quota_on(name: str, day: dt.date) -> int | None:
        dated = book.parameter_on(name, day)
        return dated.value if dated is not None and isinstance(dated.value, int) else None

    return quota_use(routes.quotas, sorted({week.year for week in weeks}), quota_on)


def partnership_side(book: Rulebook, scenario: ReceptionScenario) -> pl.DataFrame | None:
    """Visas beside readmissions, with how far each partnership is on the first day."""
    routes = scenario.legal_routes
    if routes is None:
        return None
    on = scenario.law.on or scenario.start
    states = {
        item.partner: determine(book, routes.state_rule, {**routes.state_facts, routes.partner_fact: item.partner}, on)
        for item in routes.partnerships
    }
    return partnership_effects(routes.partnerships, {partner: found.outcome for partner, found in states.items()})


def _assigned(path: Path) -> pl.DataFrame:
    return (
        movements(path)
        .group_by("week", maintain_order=True)
        .agg(
            pl.col("assigned_protected").sum().cast(PERSONS).alias("protected"),
            pl.col("assigned_open").sum().cast(PERSONS).alias("open"),
            pl.col("assigned_refused").sum().cast(PERSONS).alias("refused"),
        )
    )


def _credits(bench: Casework, weeks: Sequence[dt.date], plan: MunicipalPlan) -> pl.DataFrame:
    """Each facility's credit in the key in the weeks where the factor changes, and in the first week."""
    key = find_key(plan.key, bench.tables)
    if not isinstance(key, WeightedShares) or not key.credits:
        raise KeyWithoutCredits(key=key.label.de)
    require_places((facility.municipality for facility in plan.facilities), bench.tables.names(key.places))
    rows, last = [], dict[int, Decimal]()
    for week in weeks:
        for index, facility in enumerate(plan.facilities):
            credit = credit_factor(key, facility.facility, week)
            if last.get(index) == credit.factor:
                continue
            last[index] = credit.factor
            rows.append(
                {
                    "from": week,
                    "municipality": facility.municipality,
                    "facility": facility.facility,
                    "places": int(facility.places.value),
                    "factor": credit.factor,
                    "credit": credit.factor * facility.places.value,
                    "evidence": credit.evidence,
                }
            )
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"from": pl.Date, "places": pl.Int64}
    schema |= dict.fromkeys(("municipality", "facility", "evidence"), pl.String)
    schema |= dict.fromkeys(("factor", "credit"), pl.Decimal(38, 4))
    return pl.DataFrame(rows, schema=schema)


def _return_law(bench: Casework, book: Rulebook, plan: ReturnPlan, on: dt.date) -> ReturnLaw:
    in_force = bench.rulebook()
    prison = plan.prison
    return ReturnLaw(
        budget=_money(book, plan.budget, on),
        budget_in_force=_money(in_force, plan.budget, on),
        windows={kind.window: _days(_value(book, kind.window, on), on) for kind in plan.detention},
        forecast_months=None if prison is None else _months(_first_in_force(book, prison.forecast, on)),
        authorities={region: _authority(book, plan, region, on) for region in plan.regions},
        shares=_region_shares(bench, plan),
    )


def _authority(book: Rulebook, plan: ReturnPlan, region: str, on: dt.date) -> str:
    return determine(book, plan.authority, {**plan.authority_facts, plan.region_fact: region}, on).outcome


def _region_shares(bench: Casework, plan: ReturnPlan) -> dict[str, Decimal]:
    """Each region's share of the inhabitants; the last one takes what rounding leaves, so that they sum to one."""
    people = dict(
        bench.tables.municipalities.group_by("regierungsbezirk").agg(pl.col("population_2023").sum()).iter_rows()
    )
    require_places(plan.regions.values(), {name: name for name in people})
    total = sum(people[name] for name in plan.regions.values())
    shares = {
        region: (Decimal(people[name]) / total).quantize(_SHARE, ROUND_HALF_UP) for region, name in plan.regions.items()
    }
    last = list(shares)[-1]
    shares[last] += 1 - sum(shares.values())
    return shares


def _value(book: Rulebook, name: str, on: dt.date) -> Value:
    dated = book.parameter_on(name, on)
    if dated is None:
        raise NumberNotInForce(name=name, day=on)
    return dated.value


def _first_in_force(book: Rulebook, names: Sequence[str], on: dt.date) -> Value:
    """The value of the first of several parameters that has one on a day."""
    found = next((dated for name in names if (dated := book.parameter_on(name, on)) is not None), None)
    if found is None:
        raise NumberNotInForce(name=", ".join(names), day=on)
    return found.value


def _money(book: Rulebook, name: str, on: dt.date) -> Decimal:
    return Decimal(str(_value(book, name, on)))


def _days(value: Value, on: dt.date) -> int:
    return (add(on, value) - on).days if isinstance(value, Period) else int(str(value))


def _months(value: Value) -> int:
    return value.months if isinstance(value, Period) else int(str(value))
