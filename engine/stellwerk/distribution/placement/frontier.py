"""What does each step towards the exact quota, or towards even use of the services, cost in fit?

In go an instance, its quotas in persons, bands around the quota and shares of the services to be left free; each
pair of these is solved, and out come the plans of which none is beaten by another in fit, in deviation from quota and
in evenness at once: the Pareto front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import polars as pl

from stellwerk.distribution.placement.instance import POINTS, Instance, Whole, checked
from stellwerk.distribution.placement.plan import Plan
from stellwerk.distribution.placement.price_list import SCORE
from stellwerk.distribution.placement.regret import points_at
from stellwerk.formats import exact


@dataclass(frozen=True, eq=False)
class Point:
    """A plan, what was demanded of it, and its place among the others."""

    band: Decimal
    headroom: Decimal
    plan: Plan
    fit: Fraction
    """Mean score of a person; who stays counts with what staying is worth."""
    deviation: Fraction
    """Persons above or below quota, all localities together, for each person to be placed."""
    unevenness: Fraction
    """How far use of the services differs among localities: mean absolute difference from the Land's own use."""

    def beats(self, other: Point) -> bool:
        """Whether it is nowhere worse and somewhere better."""
        mine, theirs = self._values(), other._values()
        return all(a >= b for a, b in zip(mine, theirs, strict=True)) and mine != theirs

    def _values(self) -> tuple[Fraction, Fraction, Fraction]:
        return self.fit, -self.deviation, -self.unevenness


def explore(
    instance: Instance,
    quotas: Whole,
    bands: Iterable[Decimal],
    headrooms: Sequence[Decimal],
    solve: Callable[[Instance], Plan],
) -> Iterator[Point]:
    """Solve every pair of a band and a headroom, one after the other."""
    for band, room in product(bands, headrooms):
        task = with_headroom(in_band(instance, quotas, band), room)
        yield measured(instance, quotas, band, room, solve(task))


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats, by band and headroom; of several alike the first."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda one: (one.band, one.headroom)):
        alike = any(point._values() == other._values() for other in kept)
        if not alike and not any(other.beats(point) for other in points):
            kept.append(point)
    return kept


def in_band(instance: Instance, quotas: Whole, band: Decimal) -> Instance:
    """The instance in which each locality takes its quota of persons, `band` (a share of it) more or less."""
    share = Fraction(band)
    capacity, floor = instance.capacity.copy(), instance.floor.copy()
    for p, quota in enumerate(map(int, quotas)):
        capacity[p, 0] = -((-quota * (1 + share)) // 1)
        floor[p] = max(0, (quota * (1 - share)) // 1)
    return checked(replace(instance, capacity=capacity, floor=floor))


def with_headroom(instance: Instance, headroom: Decimal) -> Instance:
    """The instance in which that share of every service but places is left free."""
    capacity = instance.capacity.copy()
    for p, r in np.ndindex(capacity.shape):
        if r:
            capacity[p, r] = int(capacity[p, r]) * (1 - Fraction(headroom)) // 1
    return checked(replace(instance, capacity=capacity))


def measured(instance: Instance, quotas: Whole, band: Decimal, headroom: Decimal, plan: Plan) -> Point:
    """The plan with its three measures, against the capacities of `instance` as they are."""
    persons = int(instance.sizes.sum())
    load = plan.load
    fit = Fraction(int(points_at(instance, plan.where).sum()), max(1, persons) * POINTS)
    deviation = Fraction(int(np.abs(load[:, 0] - quotas).sum()), max(1, persons))
    return Point(band, headroom, plan, fit, deviation, _unevenness(load[:, 1:], instance.capacity[:, 1:]))


def table(points: Sequence[Point]) -> pl.DataFrame:
    """One row a point: what was demanded, what came out, what is proven."""
    rows = [
        (
            point.band, point.headroom, exact(point.fit, 4), exact(point.deviation, 4), exact(point.unevenness, 4),
            point.plan.certificate.unplaced, point.plan.certificate.gap,
        )
        for point in points
    ]  # fmt: skip
    schema = pl.Schema({
        "band": SCORE, "headroom": SCORE, "fit": SCORE, "deviation": SCORE, "unevenness": SCORE,
        "families_staying": pl.Int64(), "gap": pl.Decimal(38, 6),
    })  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _unevenness(load: Whole, capacity: Whole) -> Fraction:
    """Mean, over localities and services with any capacity, of the distance from the service's use in all together."""
    distances = []
    for used, there in zip(load.T, capacity.T, strict=True):
        if there.sum() > 0:
            overall = Fraction(int(used.sum()), int(there.sum()))
            distances += [abs(Fraction(int(u), int(c)) - overall) for u, c in zip(used, there, strict=True) if c]
    return sum(distances, Fraction(0)) / max(1, len(distances))
