"""How does a linear model hold a cost that rises person by person?

A convex cost is cut at some whole numbers of persons; between two cuts it counts as straight, which is never too
little. A model that reads the cuts is solved, cut finer around its answer and solved again, until on both sides of
the answer the cuts lie one person apart: there the straight cost is the true one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from stellwerk.distribution.solidarity.costs import Cost

PARTS = 8  # a range is cut into so many; a range of thousands then needs about five rounds

Cuts = tuple[int, ...]
Answered = Callable[[Mapping[str, Cuts]], Mapping[str, int]]


def pieces(cost: Cost, cuts: Cuts) -> list[tuple[int, float]]:
    """Width of each piece in persons and the mean cost of a person in it, cheapest first."""
    return [(high - low, float((cost.total(high) - cost.total(low)) / (high - low))) for low, high in pairwise(cuts)]


def first_cuts(cost: Cost, at_most: int) -> Cuts:
    """One piece for a linear cost, several for a rising one."""
    return (0, at_most) if cost.slope == 0 else _evenly(0, at_most)


def refined(costs: Mapping[str, Cost], at_most: Mapping[str, int], answer: Answered) -> Mapping[str, int]:
    """The answer of the model once its cuts are fine enough around it."""
    cuts = {code: first_cuts(cost, at_most[code]) for code, cost in costs.items() if at_most[code]}
    while True:
        found = answer(cuts)
        finer = {code: _finer(costs[code], known, found[code]) for code, known in cuts.items()}
        if finer == cuts:
            return found
        cuts = finer


def _finer(cost: Cost, cuts: Cuts, at: int) -> Cuts:
    if cost.slope == 0:
        return cuts
    added = {at}
    for low, high in pairwise(cuts):
        if low <= at <= high:
            added |= set(_evenly(low, high))
    return tuple(sorted({*cuts, *added}))


def _evenly(low: int, high: int) -> Cuts:
    return tuple(sorted({low + (high - low) * part // PARTS for part in range(PARTS + 1)}))
