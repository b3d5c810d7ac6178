"""An instance as the price engine works on it: what is still to be decided, in arrays that its kernels read fast.

Locked families are taken out with what they use, vetoes become pairs that are not eligible, and families with equal
demands share a class, so that what they pay at each locality is computed once a class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stellwerk.distribution.placement.instance import FREE, Instance, Short, Whole
from stellwerk.distribution.placement.plan import Prices

NO_FIT = np.int32(2**29)  # charged to a class that does not fit into a locality even alone
HIGHEST_CHARGE = 2**28  # keeps score less charge within 32 bits


@dataclass(frozen=True, eq=False)
class Task:
    """What is left to decide: F free families in C classes of equal demand, P localities, R resources."""

    free: Whole
    """F, index of each free family in the instance."""
    scores: Short
    """F x P points, NOT_ELIGIBLE where a family must not go; that it fits in alone stands in the charges."""
    stay: Short
    """F, points for staying."""
    class_of: Short
    """F, the class of each family."""
    demand: Short
    """C x R, what a family of the class takes."""
    fits_alone: npt.NDArray[np.bool_]
    """C x P, whether a family of the class fits while nobody else is there."""
    capacity: Whole
    """P x R, what locked families leave."""
    floor: Whole
    """P, persons still missing to the floor when the locked families are there."""
    missing: int
    """Points lost for each person that a locality lacks to its floor."""
    seed: int

    @property
    def persons(self) -> int:
        """Members of all free families."""
        return int(self.demand[self.class_of, 0].sum(dtype=np.int64))

    def charges(self, prices: Prices) -> Short:
        """C x P, what a family of each class pays at each locality; NO_FIT where it cannot be at all."""
        paid = np.clip(prices.charged(self.demand), -HIGHEST_CHARGE, HIGHEST_CHARGE).astype(np.int32)
        paid[~self.fits_alone] = NO_FIT
        return paid


def task_of(instance: Instance) -> Task:
    """Take out what is decided and sort the rest into classes."""
    free = np.flatnonzero(instance.locks == FREE).astype(np.int64)
    locked = np.flatnonzero((instance.locks != FREE) & (instance.locks != instance.staying))
    used = np.zeros_like(instance.capacity)
    np.add.at(used, instance.locks[locked], instance.demand[locked])
    capacity = instance.capacity - used
    scores = np.ascontiguousarray(instance.open_scores, dtype=np.int32)
    demand, class_of = instance.classes
    fits: npt.NDArray[np.bool_] = np.all(demand[:, None, :] <= capacity[None, :, :], axis=2)
    return Task(
        free,
        scores if len(free) == len(instance.families) else scores[free],
        np.maximum(instance.stay[free], -HIGHEST_CHARGE).astype(np.int32),
        class_of[free],
        np.ascontiguousarray(demand, dtype=np.int32),
        fits,
        capacity,
        np.maximum(instance.floor - used[:, 0], 0),
        instance.missing,
        instance.seed,
    )
