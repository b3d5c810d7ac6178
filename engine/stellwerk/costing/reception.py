"""What does a run of state reception give a budget: its weekly tables as quantities, its assumptions as its own?

In go the workbench, a scenario that names a run and the reforms; the run is computed under the same reforms, so a
reform changes places and stays, and with them the money. Out come monthly quantities and what the run rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.budget.lines import Assumption
from stellwerk.budget.positions import Positions
from stellwerk.budget.quantities import Quantity
from stellwerk.budget.scenario import BudgetScenario
from stellwerk.budget.stocks import quantities_from
from stellwerk.casework import Casework
from stellwerk.documents import Labels
from stellwerk.flows.scenario import load_scenario
from stellwerk.forecast.run import Forecast, forecast


@dataclass(frozen=True)
class FromReception:
    """Quantities taken from a run, and what the run rests on."""

    quantities: tuple[Quantity, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def from_reception(
    bench: Casework, scenario: BudgetScenario, positions: Positions, reforms: Sequence[str], known_on: dt.date | None
) -> FromReception:
    """The quantities of the run that the scenario names, under the reforms and the law known on a day.

    Nothing where it names no run.
    """
    wanted = scenario.reception
    if wanted is None:
        return FromReception()
    for series in wanted.series:
        positions.check_group(series.quantity, series.group)
    run = forecast(bench, wanted.scenario, load_scenario(wanted.scenario, bench.params), reforms, known_on)
    frames, name = weekly_tables(run), wanted.scenario
    taken = [
        quantities_from(series, frames, scenario.first_month, scenario.last_month, name) for series in wanted.series
    ]
    return FromReception(tuple(row for rows in taken for row in rows), _assumptions(run))


def weekly_tables(run: Forecast) -> Mapping[str, pl.DataFrame]:
    """The tables of a run that have a row a week, by name."""
    tables = {
        "movements": run.reception.movements,
        "stocks": run.reception.stocks,
        "facilities": run.reception.facilities,
    }
    if run.municipal is not None:
        tables |= {"municipal_people": run.municipal.people, "municipal_places": run.municipal.places}
    if run.returns is not None:
        tables["returns"] = run.returns.cases
    return tables


def _assumptions(run: Forecast) -> tuple[Assumption, ...]:
    title = run.reception.title
    return tuple(
        Assumption(
            Labels(de=f"{title.de}: {entry.label.de}", en=f"{title.en}: {entry.label.en}"),
            Labels(de=f"{entry.value} {entry.unit}".strip(), en=f"{entry.value} {entry.unit}".strip()),
            entry.source,
            entry.evidence,
        )
        for entry in run.reception.assumptions
    )
