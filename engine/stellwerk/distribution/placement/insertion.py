"""How do whole families come out of soft shares? The first plan, which keeps every capacity.

Families are taken in an order in which the ones with few possible places and the large ones come first. Each goes to
a place it has a fair share of, the one furthest behind its expected load, so that families with equal scores spread
over their places as their shares say (a running largest remainder) and do not crowd into one favourite. Where none of
these has room, it goes to the best that has.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from stellwerk.distribution.placement.instance import Short, Whole
from stellwerk.distribution.placement.prices import Priced
from stellwerk.distribution.placement.task import NO_FIT, Task

FAIR_SHARE = 0.02  # smaller shares do not draw a family
SCARCE = 4  # a family with fewer than one in so many places comes before all others
_serial: Any = numba.njit(cache=True, boundscheck=False)


def first_plan(task: Task, found: Priced) -> Short:
    """F, a place for each family, P where none has room."""
    charges = task.charges(found.prices)
    where = np.full(len(task.free), len(task.capacity), dtype=np.int32)
    _insert(
        _order(task, found, charges), found.near, found.worth, task.scores, task.stay, task.class_of, charges,
        task.demand, np.float32(max(found.temperature, 1e-3)), task.capacity.copy(), where,
    )  # fmt: skip
    return where


def _order(task: Task, found: Priced, charges: Short) -> Whole:
    """Families with few places first, then large ones, then those with most to lose at their second place."""
    places = len(task.capacity)
    left = np.where(
        charges[task.class_of[:, None], found.near] == NO_FIT,
        np.iinfo(np.int32).min // 2,
        found.worth - charges[task.class_of[:, None], found.near],
    )
    top = np.partition(left, -2, axis=1)[:, -2:] if left.shape[1] > 1 else np.repeat(left, 2, axis=1)
    sizes = task.demand[task.class_of, 0]
    at_stake = (top.max(axis=1) - np.maximum(top.min(axis=1), task.stay)) / sizes
    possible = np.minimum(task.fits_alone.sum(axis=1)[task.class_of], places // SCARCE)
    return np.lexsort((-at_stake, -sizes, possible)).astype(np.int64)


@_serial
def _insert(order, near, worth, scores, stay, class_of, charges, demand, temperature, room, where):  # type: ignore[no-untyped-def]
    width = near.shape[1]
    places, resources = room.shape
    behind = np.zeros(places, np.float32)  # expected persons less those given so far
    weight = np.empty(width, np.float32)
    for f in order:
        c = class_of[f]
        takes, charge = demand[c], charges[c]
        top = stay[f]
        for k in range(width):
            top = max(top, worth[f, k] - charge[near[f, k]])
        factor = np.float32(1.0) / (temperature * np.float32(takes[0]))
        total = np.exp(np.float32(stay[f] - top) * factor)
        for k in range(width):
            weight[k] = np.exp(np.float32(worth[f, k] - charge[near[f, k]] - top) * factor)
            total += weight[k]
        to, furthest = -1, np.float32(0)
        for k in range(width):
            share = weight[k] / total
            p = near[f, k]
            behind[p] += share * np.float32(takes[0])
            if share >= FAIR_SHARE and (to < 0 or behind[p] > furthest) and _has_room(room, p, takes):
                to, furthest = p, behind[p]
        if to < 0:
            to = _best_with_room(near[f], worth[f], stay[f], charge, takes, room)
        if to == places:
            to = _best_of_all(scores[f], stay[f], charge, takes, room)
        where[f] = to
        if to < places:
            behind[to] -= np.float32(takes[0])
            for r in range(resources):
                room[to, r] -= takes[r]


@_serial
def _has_room(room, p, takes):  # type: ignore[no-untyped-def]
    fits = True
    for r in range(takes.shape[0]):
        fits = fits and takes[r] <= room[p, r]
    return fits


@_serial
def _best_with_room(near, worth, stay, charge, takes, room):  # type: ignore[no-untyped-def]
    top, to = stay, room.shape[0]
    for k in range(near.shape[0]):
        value = worth[k] - charge[near[k]]
        if value > top and _has_room(room, near[k], takes):
            top, to = value, near[k]
    return to


@_serial
def _best_of_all(row, stay, charge, takes, room):  # type: ignore[no-untyped-def]
    """The best of all places that has room, charges apart: staying is what it would be else."""
    top, to = stay, room.shape[0]
    for p in range(row.shape[0]):
        if charge[p] != NO_FIT and row[p] > top and _has_room(room, p, takes):
            top, to = row[p], p
    return to
