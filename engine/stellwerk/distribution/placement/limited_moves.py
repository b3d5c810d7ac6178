"""What is the best plan when only some families may move, and each only to some localities?

In go an instance, a plan and the moves that are open; out comes the best plan among those they lead to, proven by
branching where the search was not cut short. All other families keep their places, so a question about one family
costs a small model and not a new plan of everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stellwerk.distribution.placement.instance import (
    FREE,
    NOT_ELIGIBLE,
    Instance,
    Short,
    Whole,
    no_ties,
    no_vetoes,
)
from stellwerk.distribution.placement.model import run_highs, state
from stellwerk.distribution.placement.plan import load_of, points_of, violations_of

Moves = Mapping[int, Sequence[int]]
"""Family -> localities that are open to it; staying is open wherever the instance allows it."""

_ONE_POINT = 1  # points are whole: a bound less than one point above a plan proves it best


@dataclass(frozen=True, eq=False)
class Best:
    """The best plan among those the moves lead to."""

    where: Short
    """F of the whole instance."""
    points: int
    """Of the families that may move and the floors they touch: comparable among plans over the same moves only."""
    proven: bool
    """Whether the search was brought to its end."""


def best_among(instance: Instance, where: Short, moves: Moves, decided: Mapping[int, int], nodes: int) -> Best | None:
    """The best plan when the families of `moves` may move and those of `decided` must be where it says.

    None where no plan keeps all of `decided`, or where the search found none within `nodes`.
    """
    free = np.array(sorted(moves), dtype=np.int64)
    touched = _touched(instance, where, moves, decided)
    part = _part(instance, where, free, touched, moves, decided)
    pairs = [(int(f), int(p)) for f, p in np.argwhere(part.eligible)]
    limits = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "mip_max_nodes": nodes}
    answer = run_highs(state(part, pairs, whole=True), part, **limits)
    candidates = (_as_it_is(instance, where, free, touched), answer.where)
    found = [plan for plan in candidates if plan is not None and not violations_of(part, plan)]
    if not found:
        return None
    best = max(found, key=lambda plan: points_of(part, plan))  # of equals the plan as it is: nobody moves for nothing
    everywhere = where.copy()
    everywhere[free] = np.append(touched, instance.staying)[best]
    points = points_of(part, best)
    return Best(everywhere, points, answer.bound < points + _ONE_POINT)


def _as_it_is(instance: Instance, where: Short, free: Whole, touched: Whole) -> Short:
    """Where the families are now, as indices of the localities touched."""
    column = np.full(len(instance.localities) + 1, len(touched), dtype=np.int32)
    column[touched] = np.arange(len(touched))
    now: Short = column[where[free]]
    return now


def _touched(instance: Instance, where: Short, moves: Moves, decided: Mapping[int, int]) -> Whole:
    """Localities whose load can change."""
    named = {int(p) for localities in moves.values() for p in localities} | set(decided.values())
    left = {int(where[f]) for f in moves}
    return np.array(sorted((named | left) - {instance.staying}), dtype=np.int64)


def _part(
    instance: Instance, where: Short, free: Whole, touched: Whole, moves: Moves, decided: Mapping[int, int]
) -> Instance:
    """The instance of the families that may move, in what the others leave of the localities."""
    others = where.copy()
    others[free] = instance.staying
    kept = load_of(instance, others)[touched]
    column = {int(p): position for position, p in enumerate(touched)} | {instance.staying: len(touched)}
    scores = np.full((len(free), len(touched)), NOT_ELIGIBLE, dtype=np.int32)
    locks = np.full(len(free), FREE, dtype=np.int32)
    for row, family in enumerate(map(int, free)):
        open_to = [p for p in moves[family] if instance.eligible[family, p]]
        scores[row, [column[p] for p in open_to]] = instance.scores[family, open_to]
        decision = decided.get(family, int(instance.locks[family]))
        if decision != FREE:
            locks[row] = column[decision]
    return Instance(
        tuple(instance.families[f] for f in free),
        tuple(instance.localities[p] for p in touched),
        instance.resources,
        instance.demand[free],
        instance.capacity[touched] - kept,
        np.maximum(instance.floor[touched] - kept[:, 0], 0),
        scores,
        instance.stay[free],
        instance.missing,
        locks,
        no_vetoes(),
        no_ties(len(free)),
        instance.seed,
    )
