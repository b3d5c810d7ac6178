"""How far may it come otherwise? Many runs of the same model with drawn arrivals, protection rates and durations.

In go a model, a plan of places, the spreads of `params/flows/reception.yaml`, a number of runs and a seed; out come
quantiles of the stock by week, the chance that places are exceeded, and the places that suffice in 95 of 100 runs.
Runs are drawn in blocks of a fixed size, each from its own stream, so results do not depend on how many threads work.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from stellwerk.errors import StellwerkError
from stellwerk.flows import kernel
from stellwerk.flows.facilities import PlacePlan, course_of_places
from stellwerk.flows.figures import FlowData
from stellwerk.flows.persons import PER_PERSON, Parts
from stellwerk.flows.procedures import Chances
from stellwerk.flows.reception import Model, room_arrays

BLOCK = 250  # runs drawn together; bounds the memory of the draws, and is part of what a seed means
MOST_RUNS = 100_000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SUFFICES_IN = 0.95
_WEEKS_A_YEAR = 365.25 / 7
_NEARLY_ONE = 1 - 1e-9
Floats = NDArray[np.float64]


class RunsOutOfBounds(StellwerkError):
    """The number of runs is below one or above what memory is planned for."""


class PeopleLost(StellwerkError):
    """In a run arrivals and departures do not explain the stock; a mistake of the program."""


@dataclass(frozen=True)
class Spread:
    """What many runs came to.

    `weeks`: a row a week: quantiles of the stock (`p05` ... `p95`), its mean, the chance (share of runs) that more
    people are there than active places, and than the occupancy aimed at, mean and 95 per cent quantile of emergency
    places, mean number assigned. `places_needed`: places that are never too few in 95 per cent of runs, when all may
    be taken (`full`) and at the occupancy aimed at (`target`).
    """

    runs: int
    seed: int
    weeks: pl.DataFrame
    places_needed: dict[str, int]
    ever_exceeded: dict[str, float]
    first_exceeded: dt.date | None  # the week by which half of the runs that exceed the places have done so


@dataclass(frozen=True)
class Runs:
    """The runs themselves: persons by run and week."""

    stock: Floats
    arrivals: Floats
    assigned: Floats


Progress = Callable[[int, int], None]


def spread_of(
    model: Model, places: PlacePlan, data: FlowData, runs: int, seed: int, progress: Progress | None = None
) -> Spread:
    """Draw and run the model `runs` times and sum up."""
    found = simulate(model, data, runs, seed, progress=progress)
    return summed_up(found, model, places, seed)


def simulate(
    model: Model,
    data: FlowData,
    runs: int,
    seed: int,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Runs:
    """All runs; the same whatever the number of threads."""
    if not 1 <= runs <= MOST_RUNS:
        raise RunsOutOfBounds(runs=runs, most=MOST_RUNS)
    blocks = ceil(runs / BLOCK)
    streams = np.random.SeedSequence(seed).spawn(blocks)
    found = Runs(*(np.empty((runs, len(model.weeks))) for _ in range(3)))

    def work(index: int) -> None:
        first = index * BLOCK
        _run_block(model, data, streams[index], found, first, min(first + BLOCK, runs))

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for done, _ in enumerate(pool.map(work, range(blocks)), start=1):
            if progress is not None:
                progress(done, blocks)
    return found


def summed_up(found: Runs, model: Model, places: PlacePlan, seed: int) -> Spread:
    """The spread of runs that were made."""
    stock, runs = found.stock, found.stock.shape[0]
    active = course_of_places(stock, places).active
    emergency = np.maximum(stock - active, 0.0)
    above, crowded = stock > active, stock > active * places.target
    levels = np.quantile(stock, QUANTILES, axis=0, method="inverted_cdf")
    weeks = pl.DataFrame(
        {
            "week": pl.Series(model.weeks, dtype=pl.Date),
            **{f"p{round(level * 100):02d}": levels[index] for index, level in enumerate(QUANTILES)},
            "mean": stock.mean(axis=0),
            "chance_above_places": above.mean(axis=0),
            "chance_above_target": crowded.mean(axis=0),
            "emergency_mean": emergency.mean(axis=0),
            "emergency_p95": np.quantile(emergency, SUFFICES_IN, axis=0, method="inverted_cdf"),
            "assigned_mean": found.assigned.mean(axis=0),
        }
    )
    highest = float(np.quantile(stock.max(axis=1), SUFFICES_IN, method="inverted_cdf"))
    firsts = np.sort(above.argmax(axis=1)[above.any(axis=1)])
    return Spread(
        runs=runs,
        seed=seed,
        weeks=weeks,
        places_needed={"full": ceil(highest), "target": ceil(highest / places.target)},
        ever_exceeded={"places": float(above.any(axis=1).mean()), "target": float(crowded.any(axis=1).mean())},
        first_exceeded=model.weeks[firsts[(len(firsts) - 1) // 2]] if len(firsts) else None,
    )


def _run_block(
    model: Model, data: FlowData, stream: np.random.SeedSequence, found: Runs, first: int, last: int
) -> None:
    draws = np.random.Generator(np.random.Philox(stream))
    arrivals = drawn_arrivals(model, data, draws)[: last - first]
    chance = drawn_chances(model, data, draws)
    removal_room, assignment_room = room_arrays(model)
    lost = _runs(
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
        found.stock[first:last],
        found.arrivals[first:last],
        found.assigned[first:last],
    )
    if lost:
        raise PeopleLost(persons=lost / PER_PERSON)


def drawn_arrivals(model: Model, data: FlowData, draws: np.random.Generator) -> Parts:
    """Arrivals [run, week, group] as parts: a level of the run, a drift, weekly noise by origin, then Poisson.

    Whole persons of an origin arrive; its kinds of household share them as expected. Each factor is lognormal with
    mean one, so the runs' mean is the expectation.
    """
    spread = {name: figure.value for name, figure in data.figures.spread.items()}
    weeks = len(model.weeks)
    of_group, origins = _origins(model)
    mean = np.stack([model.arrivals[:, of_group == place].sum(axis=1) for place in range(origins)], axis=1)
    level = _mean_one(draws.standard_normal((BLOCK, 1, 1)), spread["arrivals_level"])
    steps = draws.standard_normal((BLOCK, weeks)) / np.sqrt(_WEEKS_A_YEAR)
    walked = np.cumsum(steps, axis=1)[:, :, None]
    elapsed = (np.arange(1, weeks + 1) / _WEEKS_A_YEAR)[None, :, None]
    drift = np.exp(spread["arrivals_drift"] * walked - spread["arrivals_drift"] ** 2 * elapsed / 2)
    noise = _mean_one(draws.standard_normal((BLOCK, weeks, origins)), spread["arrivals_week"])
    persons = draws.poisson(mean[None] / PER_PERSON * level * drift * noise)
    together = mean[:, of_group]
    shares = np.divide(model.arrivals, together, where=together > 0, out=np.zeros_like(together))
    return np.asarray(np.rint(persons[:, :, of_group] * (shares * PER_PERSON)))


def drawn_chances(model: Model, data: FlowData, draws: np.random.Generator) -> Chances:
    """Chances [run, year, group]: protection shifted by origin, durations and departures stretched by run."""
    spread = {name: figure.value for name, figure in data.figures.spread.items()}
    of_group, origins = _origins(model)
    shift = draws.standard_normal((BLOCK, 1, origins)) * spread["protection"]
    stretch = _mean_one(draws.standard_normal((BLOCK, 2, 1, 1)), spread["durations"])
    pace = _mean_one(draws.standard_normal((BLOCK, 1, 1)), spread["departures"])
    chance = model.chances
    shape = (BLOCK, *chance.decided.shape)
    return replace(
        chance,
        decided=np.minimum(chance.decided / stretch[:, 0], 0.9),
        splits=_shifted(chance.splits, shift[:, :, of_group]),
        heard=np.minimum(chance.heard / stretch[:, 1], 0.9),
        won=np.broadcast_to(chance.won, shape).copy(),
        removed=np.minimum(chance.removed * pace, 0.3),
        voluntary=np.minimum(chance.voluntary * pace, 0.3),
        left=np.minimum(chance.left * pace, 0.1),
    )


def _origins(model: Model) -> tuple[NDArray[np.int64], int]:
    """For each group the number of its origin, and how many origins there are."""
    names = sorted({group.origin for group in model.groups})
    return np.array([names.index(group.origin) for group in model.groups]), len(names)


def _shifted(splits: Floats, shift: Floats) -> Floats:
    """Splits [run, e, g, 4], the share of protection moved on the logit scale, the others in their old proportion."""
    before = splits[None, :, :, kernel.TO_PROTECTED]
    odds = np.divide(before, 1 - before, where=before < _NEARLY_ONE, out=np.zeros_like(before)) * np.exp(shift)
    after = np.where(before < _NEARLY_ONE, odds / (1 + odds), before)
    rest = np.divide(1 - after, 1 - before, where=before < _NEARLY_ONE, out=np.zeros_like(after))
    moved = splits[None] * rest[..., None]
    moved[..., kernel.TO_PROTECTED] = after
    return np.asarray(moved)


def _mean_one(normal: Floats, deviation: float) -> Floats:
    return np.asarray(np.exp(deviation * normal - deviation**2 / 2))


@njit(nogil=True, cache=True)
def _runs(
    arrivals: Floats,
    enters_as: NDArray[np.int64],
    begin: Floats,
    era: NDArray[np.int64],
    decided: Floats,
    splits: Floats,
    heard: Floats,
    won: Floats,
    removed: Floats,
    voluntary: Floats,
    left: Floats,
    removal_room: Floats,
    term: NDArray[np.int64],
    due: NDArray[np.int64],
    turn: NDArray[np.int64],
    assignment_room: Floats,
    first_weeks: int,
    stock: Floats,
    came: Floats,
    assigned: Floats,
) -> float:
    """Run after run into the rows of `stock`, `came` and `assigned`; returns the parts of persons that got lost."""
    weeks, groups = arrivals.shape[1], arrivals.shape[2]
    flows = np.empty((weeks, groups, kernel.N_FLOWS))
    stocks = np.empty((weeks, groups, kernel.N_STATUSES))
    end = np.empty_like(begin)
    lost = 0.0
    for r in range(arrivals.shape[0]):
        kernel.run(
            arrivals[r],
            enters_as,
            begin,
            era,
            decided[r],
            splits[r],
            heard[r],
            won[r],
            removed[r],
            voluntary[r],
            left[r],
            removal_room,
            term,
            due,
            turn,
            assignment_room,
            first_weeks,
            flows,
            stocks,
            end,
        )
        for g in range(groups):
            here = begin[g].sum()
            for t in range(weeks):
                here += flows[t, g, kernel.ARRIVALS]
                for kind in range(kernel.ASSIGNED_PROTECTED, kernel.LEFT + 1):
                    here -= flows[t, g, kind]
                lost = max(lost, abs(here - flows[t, g, kernel.STOCK]))
            lost = max(lost, abs(here - end[g].sum()))
        for t in range(weeks):
            stock[r, t] = flows[t, :, kernel.STOCK].sum() / PER_PERSON
            came[r, t] = flows[t, :, kernel.ARRIVALS].sum() / PER_PERSON
            assigned[r, t] = flows[t, :, kernel.ASSIGNED_PROTECTED : kernel.ASSIGNED_REFUSED + 1].sum() / PER_PERSON
    return lost
