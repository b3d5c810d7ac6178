"""Where would families live if lots decided within quota?

In go an instance and a seed, out comes a plan that breaks no rule and looks at no score: families in an order by lot,
each to a locality drawn with chances as the persons it can still take. That is what every measure of fairness is held
against.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from stellwerk.distribution.placement.instance import FREE, Instance, Short

_STEPS = 40  # bits of a draw: far finer than the persons of any Land, and exact in whole numbers


def by_lot(instance: Instance, seed: int) -> Short:
    """F, a plan by lot; locked families are where they are locked to, whoever finds no room stays.

    Same instance and seed, same plan; drawn in whole numbers on one thread.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(instance.families)).astype(np.int64)
    draws = rng.integers(0, 1 << _STEPS, len(instance.families), dtype=np.int64)
    where = np.where(instance.locks == FREE, instance.staying, instance.locks).astype(np.int32)
    locked = np.flatnonzero((instance.locks != FREE) & (instance.locks != instance.staying))
    room = instance.capacity.copy()
    np.subtract.at(room, where[locked], instance.demand[locked])
    _draw(order[instance.locks[order] == FREE], draws, instance.eligible, instance.demand, room, where)
    return where


@njit(cache=True)
def _draw(order: Any, draws: Any, eligible: Any, demand: Any, room: Any, where: Any) -> None:
    places, resources = room.shape
    chances = np.empty(places, dtype=np.int64)
    for f in order:
        total = 0
        for p in range(places):
            open_to = eligible[f, p]
            for r in range(resources):
                if demand[f, r] > room[p, r]:
                    open_to = False
            chances[p] = room[p, 0] if open_to else 0
            total += chances[p]
        if total == 0:
            continue
        ticket = draws[f] * total >> _STEPS
        p = 0
        while ticket >= chances[p]:
            ticket -= chances[p]
            p += 1
        where[f] = p
        for r in range(resources):
            room[p, r] -= demand[f, r]
