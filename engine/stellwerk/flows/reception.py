"""What is to be expected of state reception week by week: who is there, who leaves for where, who waits?

In go weeks, groups, expected arrivals, chances and terms of stay; out come a `Model` (all arrays of one run) and its
`Path` (flows and stocks as whole parts of a person), and from the path the frames that others read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stellwerk.flows import kernel
from stellwerk.flows.arrivals import ArrivalPlan, known_years, weekly_arrivals
from stellwerk.flows.figures import FlowData, Group, status_index
from stellwerk.flows.persons import PER_PERSON, Parts, parts_of, persons_column
from stellwerk.flows.procedures import Chances, chances
from stellwerk.flows.results import DEPARTURES, STATUSES
from stellwerk.flows.stay import Terms, terms_of


@dataclass(frozen=True)
class Rooms:
    """How many persons a week municipalities take and authorities remove; without a number, all."""

    assignments: float | None = None
    removals: float | None = None


@dataclass(frozen=True)
class Model:
    """All that one run needs; arrivals and the first state are whole parts of a person."""

    weeks: tuple[dt.date, ...]
    groups: tuple[Group, ...]
    arrivals: Parts
    enters_as: NDArray[np.int64]
    begin: Parts
    era: NDArray[np.int64]
    chances: Chances
    terms: Terms
    rooms: Rooms
    first_weeks: int


@dataclass(frozen=True)
class Path:
    """One run: flows [week, group, kind] and stocks [week, group, status] in whole parts of a person."""

    weeks: tuple[dt.date, ...]
    groups: tuple[Group, ...]
    flows: Parts
    stocks: Parts
    end: Parts

    def total(self, kind: int) -> Parts:
        """A flow or stock of all groups together, by week."""
        return np.asarray(self.flows[:, :, kind].sum(axis=1))

    def imbalance(self, begin: Parts) -> float:
        """How far arrivals minus departures miss the change of stock, over all weeks and groups; zero or a mistake."""
        before = np.concatenate([begin.sum(axis=(1, 2))[None, :], self.flows[:-1, :, kernel.STOCK]])
        departures = self.flows[:, :, kernel.ASSIGNED_PROTECTED : kernel.LEFT + 1].sum(axis=2)
        after = before + self.flows[:, :, kernel.ARRIVALS] - departures
        return float(np.abs(after - self.flows[:, :, kernel.STOCK]).max(initial=0.0))


def model_of(
    data: FlowData,
    weeks: Sequence[dt.date],
    plan: ArrivalPlan,
    terms: pl.DataFrame,
    rooms: Rooms,
    protection_year: int | None = None,
) -> Model:
    """The model of these weeks from an empty start; `protection_year` fixes the year of decisions and durations."""
    groups = data.groups
    first_weeks = int(data.figures["first_reception_weeks"])
    known = known_years(data)
    sources = [_era_of(week, plan, known, protection_year) for week in weeks]
    eras = sorted(set(sources))
    entry = [data.figures.intakes[data.figures.origins[group.origin].intake].enters_as for group in groups]
    return Model(
        weeks=tuple(weeks),
        groups=groups,
        arrivals=parts_of(weekly_arrivals(data, groups, weeks, plan)),
        enters_as=np.array([status_index(status) for status in entry], np.int64),
        begin=np.zeros((len(groups), kernel.N_STATUSES, kernel.OLDEST + 1)),
        era=np.array([eras.index(source) for source in sources], np.int64),
        chances=chances(data, groups, eras),
        terms=terms_of(terms, weeks, groups, shortest_stays(data)),
        rooms=rooms,
        first_weeks=first_weeks,
    )


def shortest_stays(data: FlowData) -> dict[str, int]:
    """The weeks that assignment takes at least, by status, whatever the rules would allow."""
    earliest = int(data.figures["first_reception_weeks"])
    stays = dict.fromkeys(STATUSES, int(data.figures["assignment_takes_weeks"]))
    return {**stays, "protected": earliest}


def starting_with(model: Model, state: Parts, persons: float | None = None) -> Model:
    """The model begun with a state; with `persons`, the state is scaled to that many."""
    if persons is None or not state.sum():
        return replace(model, begin=state)
    return replace(model, begin=np.floor(state * (persons * PER_PERSON / state.sum())))


def expected(model: Model) -> Path:
    """The expected course."""
    return run_once(model, model.arrivals, model.chances)


def run_once(model: Model, arrivals: Parts, chance: Chances) -> Path:
    """One run of the model with arrivals and chances of its own."""
    flows, stocks, end = kernel.scratch(len(model.weeks), len(model.groups))
    removal_room, assignment_room = room_arrays(model)
    kernel.run(
        arrivals,
        model.enters_as,
        model.begin,
        model.era,
        chance.decided,
        chance.splits,
        chance.heard,
        chance.won,
        chance.removed,
        chance.voluntary,
        chance.left,
        removal_room,
        model.terms.holds,
        model.terms.due,
        model.terms.turn,
        assignment_room,
        model.first_weeks,
        flows,
        stocks,
        end,
    )
    return Path(model.weeks, model.groups, flows, stocks, end)


def room_arrays(model: Model) -> tuple[Parts, Parts]:
    """Weekly room for removals and for assignments, in parts; infinite where none is stated."""
    return _room(model.rooms.removals, len(model.weeks)), _room(model.rooms.assignments, len(model.weeks))


def movements(path: Path) -> pl.DataFrame:
    """The table of movements, one row a week, origin group and household."""
    kinds = ("arrivals", *DEPARTURES, "stock", "first_reception", "due")
    columns = [persons_column(name, path.flows[:, :, index]) for index, name in enumerate(kinds)]
    return pl.DataFrame([*_index(path, 1), *columns])


def stocks(path: Path) -> pl.DataFrame:
    """The table of stocks, one row a week, origin group, household and status."""
    status = pl.Series("status", list(STATUSES) * (len(path.weeks) * len(path.groups)), dtype=pl.String)
    return pl.DataFrame([*_index(path, len(STATUSES)), status, persons_column("persons", path.stocks)])


def _index(path: Path, times: int) -> list[pl.Series]:
    cells = [(week, group.origin, group.household) for week in path.weeks for group in path.groups]
    repeated = [cell for cell in cells for _ in range(times)]
    return [
        pl.Series("week", [cell[0] for cell in repeated], dtype=pl.Date),
        pl.Series("origin", [cell[1] for cell in repeated], dtype=pl.String),
        pl.Series("household", [cell[2] for cell in repeated], dtype=pl.String),
    ]


def _room(persons: float | None, weeks: int) -> Parts:
    return np.full(weeks, np.inf) if persons is None else parts_of(np.full(weeks, float(persons)))


def _era_of(week: dt.date, plan: ArrivalPlan, known: Sequence[int], fixed: int | None) -> int:
    return fixed if fixed is not None else plan.source_year(week.year, known)
