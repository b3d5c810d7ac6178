"""What does a scenario of state reception come to under the law, as an expectation?

Joins the rulebook and the reference tables with the flow model: terms of stay and places are read at their dates and
under the scenario's reforms, handed over as tables and numbers, and the course comes back with all it rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.casework import Casework
from stellwerk.errors import StellwerkError
from stellwerk.flows.arrivals import ArrivalPlan, known_years, weeks_from
from stellwerk.flows.facilities import PlacePlan, active_places, exceedances, facility_frame
from stellwerk.flows.figures import FlowData, assumptions_of, load_flow_data
from stellwerk.flows.municipal_places import MunicipalCourse
from stellwerk.flows.reception import Model, Path, Rooms, expected, model_of, movements, starting_with, stocks
from stellwerk.flows.results import Assumption, ReceptionResult
from stellwerk.flows.returns import ReturnCourse
from stellwerk.flows.scenario import ReceptionScenario
from stellwerk.forecast.sides import municipal_side, partnership_side, quota_side, return_side
from stellwerk.forecast.stated import law_lines, scenario_assumptions
from stellwerk.forecast.terms import SampleWeek, stay_terms
from stellwerk.law.rulebook import Rulebook


class PlacesNotStated(StellwerkError):
    """The rulebook states no places for the days of a scenario."""


@dataclass(frozen=True)
class Forecast:
    """A scenario with all that was computed of it; further runs start from `model`, `places` and `data`."""

    scenario: ReceptionScenario
    reception: ReceptionResult
    terms: pl.DataFrame
    municipal: MunicipalCourse | None
    credits: pl.DataFrame | None
    returns: ReturnCourse | None
    quotas: pl.DataFrame | None
    partnerships: pl.DataFrame | None
    model: Model
    places: PlacePlan
    data: FlowData


def forecast(
    bench: Casework,
    name: str,
    scenario: ReceptionScenario,
    reforms: Sequence[str] = (),
    known_on: dt.date | None = None,
) -> Forecast:
    """The expected course of a scenario under its own reforms and those added, by the law known on a day."""
    book = bench.rulebook(tuple(dict.fromkeys((*scenario.law.reforms, *reforms))), known_on)
    data = _data_of(bench, scenario)
    model, terms = _model(bench, book, data, scenario)
    places = _places(book, model.weeks, scenario)
    path = expected(model)
    result = _result(name, scenario, data, path, places, law_lines(book, terms))
    municipal, credits = municipal_side(bench, path, scenario.municipal)
    return Forecast(
        scenario=scenario,
        reception=result,
        terms=terms,
        municipal=municipal,
        credits=credits,
        returns=return_side(bench, book, result.movements, municipal, scenario),
        quotas=quota_side(book, model.weeks, scenario.legal_routes),
        partnerships=partnership_side(book, scenario),
        model=model,
        places=places,
        data=data,
    )


def _data_of(bench: Casework, scenario: ReceptionScenario) -> FlowData:
    data = load_flow_data(bench.params)
    changed = data.figures.with_values(scenario.figures, scenario.source)
    return FlowData(changed, data.arrivals, data.applications, data.decisions, data.months, data.points)


def _model(bench: Casework, book: Rulebook, data: FlowData, scenario: ReceptionScenario) -> tuple[Model, pl.DataFrame]:
    """The model of the scenario's weeks, begun with whom the weeks before have left there."""
    weeks = weeks_from(scenario.start, scenario.weeks)
    before = weeks_from(weeks[0] - dt.timedelta(weeks=scenario.warm_up_weeks), scenario.warm_up_weeks)
    plan = ArrivalPlan(
        {item.year: item.like for item in scenario.arrivals.years},
        {item.year: item.scale for item in scenario.arrivals.years},
    )
    known, fixed = known_years(data), scenario.arrivals.protection_year
    samples = [
        SampleWeek(week, scenario.law.on or week, fixed or plan.source_year(week.year, known))
        for week in (*before, *weeks)
    ]
    practice = scenario.assignment
    terms = stay_terms(bench, book, data, samples, practice.without_plan_weeks)
    rooms = Rooms(practice.municipal_intake_per_week, practice.removals_per_week)
    model = model_of(data, weeks, plan, terms, rooms, fixed)
    if not before:
        return model, terms
    left_there = expected(model_of(data, before, plan, terms, rooms, fixed)).end
    persons = scenario.start_stock.persons if scenario.start_stock else None
    return starting_with(model, left_there, persons), terms


def _places(book: Rulebook, weeks: Sequence[dt.date], scenario: ReceptionScenario) -> PlacePlan:
    stated = scenario.places
    if stated.active is None:
        steps = _steps_of_rulebook(book, stated.parameter, scenario.law.on, weeks)
    else:
        steps = [(step.from_, step.places) for step in stated.active]
    return PlacePlan(
        active=active_places(weeks, steps),
        reserve=stated.reserve,
        opens_after=stated.opens_after_weeks,
        closes_after=stated.closes_after_weeks,
        target=stated.target_occupancy,
        close_below=stated.close_below,
    )


def _steps_of_rulebook(
    book: Rulebook, parameter: str, on: dt.date | None, weeks: Sequence[dt.date]
) -> list[tuple[dt.date, int]]:
    steps = []
    for week in weeks:
        dated = book.parameter_on(parameter, on or week)
        if dated is not None and isinstance(dated.value, int):
            steps.append((week, dated.value))
    if not steps:
        raise PlacesNotStated(name=parameter, first=weeks[0], last=weeks[-1])
    return steps


def _result(
    name: str,
    scenario: ReceptionScenario,
    data: FlowData,
    path: Path,
    places: PlacePlan,
    law: Sequence[Assumption],
) -> ReceptionResult:
    facilities = facility_frame(path, places)
    return ReceptionResult(
        scenario=name,
        title=scenario.title,
        movements=movements(path),
        stocks=stocks(path),
        facilities=facilities,
        exceedances=exceedances(facilities, places.target),
        assumptions=(*scenario_assumptions(scenario, data, path.weeks), *law, *assumptions_of(data.figures)),
    )
