"""What was tried of a scenario of state reception, as data: numbers beside a scenario, and the scenario they make.

In go the scenario as it stands in its file and the numbers set on the page; out come the keys of a scenario file that
says only what differs (`like:` names the rest), and of a budget over its first months. An untouched number changes
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stellwerk.budget.scenario import BudgetScenario
from stellwerk.flows.arrivals import ArrivalPlan, known_years
from stellwerk.flows.scenario import ReceptionScenario
from stellwerk.forecast.run import Forecast
from stellwerk.texts import LANGUAGES, text

UNCHANGED = 100  # per cent of the scenario's arrivals
NO_PLAN_WEEKS = 130  # shown where the scenario has no number: only at the end of the duty to live there
MONTHS_COSTED = 12
COSTED_LIKE = "reception_2024"  # the budget whose quantities are taken for other scenarios too


@dataclass(frozen=True)
class Tried:
    """The numbers on the page."""

    arrivals_percent: int
    places: int
    reserve: int
    target_percent: int
    without_plan_weeks: int
    intake_per_week: int  # 0: without limit
    reforms: tuple[str, ...]


def as_it_stands(found: Forecast) -> Tried:
    """The numbers of a scenario before anything was tried."""
    scenario = found.scenario
    weeks, intake = scenario.assignment.without_plan_weeks, scenario.assignment.municipal_intake_per_week
    return Tried(
        arrivals_percent=UNCHANGED,
        places=int(found.reception.facilities["active"][0]),
        reserve=scenario.places.reserve,
        target_percent=round(scenario.places.target_occupancy * 100),
        without_plan_weeks=NO_PLAN_WEEKS if weeks is None else weeks,
        intake_per_week=round(intake or 0),
        reforms=scenario.law.reforms,
    )


def scenario_tried(name: str, base: Forecast, tried: Tried) -> dict[str, Any]:
    """The keys of a scenario file: `name`'s, with what was tried."""
    before, scenario = as_it_stands(base), base.scenario
    titles = {code: scenario.title.in_language(code) for code in LANGUAGES}
    changed: dict[str, Any] = {
        "like": name,
        "title": {code: text("tried_title", code, title=title) for code, title in titles.items()},
        "source": text("tried_source", "de", name=name),
    }
    if tried.arrivals_percent != before.arrivals_percent:
        changed["arrivals"] = _scaled(base, tried.arrivals_percent)
    places = _places(scenario, before, tried)
    if places:
        changed["places"] = {**_stated(scenario.places), **places, "source": changed["source"]}
    assignment = _assignment(before, tried)
    if assignment:
        changed["assignment"] = {**_stated(scenario.assignment), **assignment, "source": changed["source"]}
    if tried.reforms != before.reforms:
        changed["law"] = {**_stated(scenario.law), "reforms": list(tried.reforms)}
    return changed


def merged(base: ReceptionScenario, changed: Mapping[str, Any]) -> ReceptionScenario:
    """The scenario that a file with these keys gives."""
    own = {key: value for key, value in changed.items() if key != "like"}
    return ReceptionScenario.model_validate({**base.model_dump(by_alias=True), **own})


def budget_tried(
    reception: str, scenario: ReceptionScenario, reforms: Sequence[str], like: BudgetScenario
) -> dict[str, Any]:
    """The keys of a budget over the first months of a scenario that `reception` names or whose file it is."""
    first = _first_whole_month(scenario.start)
    last = _months_later(first, MONTHS_COSTED - 1)
    assert like.reception is not None
    return {
        "title": {code: text("tried_budget_title", code, title=scenario.title.in_language(code)) for code in LANGUAGES},
        "first_month": f"{first:%Y-%m}",
        "last_month": f"{last:%Y-%m}",
        "base_year": first.year,
        "reforms": list(reforms),
        "reception": {"scenario": reception, "series": [_plain(_stated(series)) for series in like.reception.series]},
    }


def _scaled(base: Forecast, percent: int) -> dict[str, Any]:
    """Every simulated year, like what it was like, scaled by so many per cent."""
    scenario = base.scenario
    plan = ArrivalPlan(
        {item.year: item.like for item in scenario.arrivals.years},
        {item.year: item.scale for item in scenario.arrivals.years},
    )
    last = scenario.start + dt.timedelta(weeks=scenario.weeks)
    known = known_years(base.data)
    years = [
        {
            "year": year,
            "like": plan.source_year(year, known),
            "scale": round(plan.scale.get(year, 1.0) * percent / UNCHANGED, 4),
        }
        for year in range(scenario.start.year, last.year + 1)
    ]
    return {**_stated(scenario.arrivals), "years": years}


def _places(scenario: ReceptionScenario, before: Tried, tried: Tried) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if tried.places != before.places:
        found["active"] = [{"from": scenario.start.isoformat(), "places": tried.places}]
    if tried.reserve != before.reserve:
        found["reserve"] = tried.reserve
    if tried.target_percent != before.target_percent:
        found["target_occupancy"] = tried.target_percent / 100
    return found


def _assignment(before: Tried, tried: Tried) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if tried.without_plan_weeks != before.without_plan_weeks:
        found["without_plan_weeks"] = tried.without_plan_weeks
    if tried.intake_per_week != before.intake_per_week:
        found["municipal_intake_per_week"] = tried.intake_per_week or None
    return {key: value for key, value in found.items() if value is not None}


def _stated(part: Any) -> dict[str, Any]:
    """What a part of a scenario says, as a file would say it."""
    stated: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return stated


def _plain(series: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in series.items() if value not in ("", {})}


def _first_whole_month(day: dt.date) -> dt.date:
    return day if day.day == 1 else _months_later(day.replace(day=1), 1)


def _months_later(month: dt.date, months: int) -> dt.date:
    place = month.year * 12 + month.month - 1 + months
    return dt.date(place // 12, place % 12 + 1, 1)
