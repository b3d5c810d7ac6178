"""Small placement tasks for tests: drawn by hypothesis or by seed, with every plan counted through by brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from stellwerk.distribution.placement.instance import FREE, NOT_ELIGIBLE, Instance, Short, checked, no_ties, no_vetoes
from stellwerk.distribution.placement.plan import (
    Certificate,
    Plan,
    Prices,
    missing_persons,
    points_of,
    violations_of,
)

MISSING = 5_000
STAY = -10_000


def task(
    sizes: list[int],
    capacity: list[list[int]],
    scores: list[list[int]],
    *,
    needs: list[list[int]] | None = None,
    floor: list[int] | None = None,
) -> Instance:
    """A task from plain lists; `needs` are the units of the resources after persons."""
    demand = np.array([[size, *(needs[f] if needs else [])] for f, size in enumerate(sizes)], dtype=np.int32)
    places, resources = len(capacity), demand.shape[1]
    return checked(
        Instance(
            tuple(f"f{n:03}" for n in range(len(sizes))),
            tuple(f"Ort {n}" for n in range(places)),
            ("persons", "school", "kita")[:resources],
            demand,
            np.array(capacity, dtype=np.int64).reshape(places, resources),
            np.array(floor or [0] * places, dtype=np.int64),
            np.array(scores, dtype=np.int32).reshape(len(sizes), places),
            np.array([STAY * size for size in sizes], dtype=np.int64),
            MISSING,
            np.full(len(sizes), FREE, dtype=np.int32),
            no_vetoes(),
            no_ties(len(sizes)),
        )
    )


@st.composite
def tasks(draw: st.DrawFn) -> Instance:
    """Up to five families and three places with a second resource, floors and pairs that must not be."""
    families, places = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    few = st.integers(0, 2)
    sizes = draw(st.lists(st.integers(1, 4), min_size=families, max_size=families))
    needs = draw(st.lists(st.tuples(few).map(list), min_size=families, max_size=families))
    capacity = [[draw(st.integers(0, 7)), draw(st.integers(0, 3))] for _ in range(places)]
    floor = [draw(st.integers(0, min(3, persons))) for persons, _ in capacity]
    points = st.one_of(st.integers(0, 20_000), st.just(int(NOT_ELIGIBLE)))
    scores = [[draw(points) for _ in range(places)] for _ in range(families)]
    return task(sizes, capacity, scores, needs=needs, floor=floor)


def drawn_task(families: int, places: int, seed: int = 1, slack: float = 1.1) -> Instance:
    """A task of any size with schools as a second resource; places differ in size tenfold."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 2, 3, 4, 5, 6], families, p=[0.45, 0.2, 0.14, 0.11, 0.06, 0.04])
    school = rng.binomial(np.maximum(sizes - 1, 0), 0.5)
    share = rng.uniform(1, 10, places)
    share /= share.sum()
    persons = np.ceil(share * sizes.sum() * slack).astype(int)
    seats = np.ceil(share * school.sum() * slack).astype(int)
    floor = np.floor(share * sizes.sum() * 0.9).astype(int)
    scores = (rng.beta(2, 2, (families, places)) * 10_000 * sizes[:, None]).astype(int)
    return task(
        sizes.tolist(),
        np.stack([persons, seats], axis=1).tolist(),
        scores.tolist(),
        needs=[[seat] for seat in school.tolist()],
        floor=floor.tolist(),
    )


def every_plan(instance: Instance) -> Iterator[Short]:
    """All plans that break no rule."""
    choices = range(len(instance.localities) + 1)
    for where in itertools.product(choices, repeat=len(instance.families)):
        plan = np.array(where, dtype=np.int32)
        if not violations_of(instance, plan):
            yield plan


def best_by_brute_force(instance: Instance) -> int | None:
    """Points of the best plan; None where every plan breaks a rule."""
    return max((points_of(instance, plan) for plan in every_plan(instance)), default=None)


def no_prices(instance: Instance) -> Prices:
    """Everything is free: prices that prove little and are always allowed."""
    return Prices(np.zeros_like(instance.capacity), np.zeros_like(instance.floor))


def counted_through(instance: Instance) -> Plan:
    """The best plan, found by looking at every one: a solver for tasks of a few families."""
    best = max(every_plan(instance), key=lambda plan: points_of(instance, plan))
    points = points_of(instance, best)
    certificate = Certificate(
        points, points, points, None, 0, int((best == instance.staying).sum()), missing_persons(instance, best),
        "full_model", "proven", instance.seed, instance.input_hash, (),
    )  # fmt: skip
    return Plan(instance, best, no_prices(instance), certificate, 0.0)
