"""How is a value drawn, so that the same seed gives the same register on every machine and Python?

Only uniform numbers come from the generator; everything else is looked up in cumulative tables by comparisons, because
logarithms and exponentials may differ in the last digit between machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


class Draws:
    """One generator for the whole register, used column by column in a fixed order."""

    def __init__(self, seed: int | Sequence[int]) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, n: int) -> Numbers:
        """Numbers from 0 to below 1."""
        return self._generator.random(n)

    def chance(self, share: float, n: int) -> Flags:
        """True with probability `share`."""
        return self.uniform(n) < share

    def pick(self, weights: Sequence[float] | Numbers, n: int) -> Integers:
        """Positions drawn in proportion to `weights`."""
        return positions(np.asarray(weights, dtype=np.float64), self.uniform(n))

    def quantile(self, points: Sequence[Sequence[float]], n: int) -> Numbers:
        """Values along a table of (share, value), straight between its points."""
        table = np.asarray(points, dtype=np.float64)
        values: Numbers = np.interp(self.uniform(n), table[:, 0], table[:, 1])
        return values

    def order(self, n: int) -> Integers:
        """A random order of `n` things."""
        order: Integers = np.argsort(self.uniform(n), kind="stable").astype(np.int64)
        return order


def positions(weights: Numbers, uniform: Numbers) -> Integers:
    """Where uniform numbers fall among cumulated weights; a weight of zero is never met."""
    cumulated = np.cumsum(weights)
    found = np.searchsorted(cumulated, uniform * cumulated[-1], side="right")
    inside: Integers = np.minimum(found, np.flatnonzero(weights)[-1]).astype(np.int64)
    return inside
