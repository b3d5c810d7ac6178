"""How well is a year placed week by week, when nobody knows who will come, beside the same year in hindsight?

In go the families of a year with their weeks, the quotas and prices learnt from an earlier year; each family goes
where its points are highest after prices and after what it costs to run ahead of an even pace. Prices are learnt
again in the weeks named, from the rest of the earlier year and from what is still free; capacities may be revised in
any week. Out come the places and, week by week, how far localities are from the even pace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from stellwerk.distribution.placement.instance import FREE, POINTS, Instance, Short, Whole, checked, no_ties, no_vetoes
from stellwerk.distribution.placement.plan import Plan, Prices, load_of, points_of
from stellwerk.errors import StellwerkError

LARGE = 100  # persons of quota from which the worst deviation is told; below it one family is a large share
Learner = Callable[[Instance], Prices]
"""What prices an instance calls for; `lambda instance: solve(instance, settings).prices` is one."""


class WeeksDoNotMatch(StellwerkError):
    """Not every family has a week."""


@dataclass(frozen=True)
class Revision:
    """From a week on (first week is 0), a locality has another capacity of a resource."""

    week: int
    locality: int
    resource: int
    capacity: int


@dataclass(frozen=True, eq=False)
class EarlierYear:
    """What prices are learnt from: an earlier year in the same localities, and the week of each of its families."""

    instance: Instance
    weeks: Whole
    prices: Prices


@dataclass(frozen=True, eq=False)
class PlacedYear:
    """A year placed week by week."""

    instance: Instance
    """The year with its last capacities; a locality revised below what it had already taken keeps that."""
    where: Short
    by_week: pl.DataFrame
    """week, families, persons, staying, mean_deviation, worst_deviation: distance from the even pace as a share of the
    year's quota, the worst among localities with a quota of at least `LARGE`."""

    @property
    def points(self) -> int:
        """Points of the year, those lost at floors included."""
        return points_of(self.instance, self.where)

    @property
    def mean_deviation(self) -> float:
        """Mean over weeks and localities of the distance from the even pace, as a share of the quota."""
        return float(self.by_week["mean_deviation"].mean() or 0.0)  # type: ignore[arg-type]

    def share_of(self, hindsight: Plan) -> Fraction | None:
        """Points as a share of those of a plan that knew the whole year; None where that plan has none."""
        best = hindsight.certificate.objective
        return Fraction(self.points, best) if best > 0 else None


def place_year(
    year: Instance,
    weeks: Whole,
    quotas: Whole,
    earlier: EarlierYear,
    balance: Decimal,
    *,
    relearn_in: Sequence[int] = (),
    revisions: Sequence[Revision] = (),
    learn: Learner | None = None,
) -> PlacedYear:
    """Place the families of `year` in the order of their weeks, within a week by lot.

    `balance` is the score that a person costs for each person above the even pace, at a quota of one person; it falls
    with the root of the quota. `relearn_in` names weeks before which prices are learnt again with `learn`.
    """
    if len(weeks) != len(year.families):
        raise WeeksDoNotMatch(families=len(year.families), weeks=len(weeks))
    state = _State(year, quotas, earlier.prices, _slopes(quotas, balance))
    order = _order(weeks, year.seed)
    rows = []
    for week in range(int(weeks.max(initial=-1)) + 1):
        for revision in revisions:
            if revision.week == week:
                state.revise(revision)
        if week in relearn_in and learn is not None:
            state.prices = learnt(earlier, week, state.remaining(), learn)
        rows.append((week, *state.place(order[weeks[order] == week])))
    columns = ("week", "families", "persons", "staying", "mean_deviation", "worst_deviation")
    return PlacedYear(state.year, state.where, pl.DataFrame(rows, schema=columns, orient="row"))


def learnt(earlier: EarlierYear, week: int, remaining: Instance, learn: Learner) -> Prices:
    """Prices for what is left of a year: those of the earlier year's families from `week` on, in what is still free."""
    rows = np.flatnonzero(earlier.weeks >= week)
    return learn(_of_families(earlier.instance, rows, remaining.capacity, remaining.floor))


def replan(instance: Instance, where: Short, moved: npt.NDArray[np.bool_], solve: Callable[[Instance], Plan]) -> Plan:
    """Solve again for the families that have not moved yet; those that have stay where they are.

    Capacities that were revised below what has moved in count as full, not as broken.
    """
    kept = np.where(moved, where, instance.staying).astype(np.int32)
    capacity = np.maximum(instance.capacity, load_of(instance, kept))
    floor = np.minimum(instance.floor, capacity[:, 0])
    locks = np.where(moved, where, instance.locks).astype(np.int32)
    return solve(checked(replace(instance, capacity=capacity, floor=floor, locks=locks)))


class _State:
    """A year while it is being placed."""

    def __init__(self, year: Instance, quotas: Whole, prices: Prices, slopes: npt.NDArray[np.float64]) -> None:
        self.year, self.quotas, self.prices, self.slopes = year, quotas, prices, slopes
        self.where = np.full(len(year.families), year.staying, dtype=np.int32)
        self.room = year.capacity.copy()
        self.taken = np.zeros(len(year.localities), dtype=np.int64)
        self.arrived = 0
        self.demands, kind = np.unique(year.demand, axis=0, return_inverse=True)
        self.kind = kind.reshape(-1).astype(np.int64)

    def revise(self, revision: Revision) -> None:
        """Change a capacity; what is already taken stays taken."""
        p, r = revision.locality, revision.resource
        used = int(self.year.capacity[p, r] - self.room[p, r])
        capacity = self.year.capacity.copy()
        capacity[p, r] = max(revision.capacity, used)
        self.room[p, r] = capacity[p, r] - used
        self.year = checked(replace(self.year, capacity=capacity, floor=np.minimum(self.year.floor, capacity[:, 0])))

    def remaining(self) -> Instance:
        """What is left of the localities, nobody in them."""
        floor = np.clip(self.year.floor - self.taken, 0, self.room[:, 0])
        nobody = np.zeros(0, dtype=np.int64)
        return _of_families(self.year, nobody, self.room.copy(), floor)

    def place(self, families: Whole) -> tuple[int, int, int, float, float]:
        """Place a week's families; how many, persons, families staying, mean and worst deviation."""
        year = self.year
        _place_in_turn(
            families, year.scores, year.eligible, year.demand, year.stay, self.kind, self.prices.charged(self.demands),
            self.slopes, self.quotas / max(1, int(self.quotas.sum())), self.arrived, self.room, self.taken, self.where,
        )  # fmt: skip
        persons = int(year.sizes[families].sum())
        self.arrived += persons
        pace = self.quotas * (self.arrived / max(1, int(self.quotas.sum())))
        with_quota = self.quotas > 0
        deviation = np.abs(self.taken - pace)[with_quota] / self.quotas[with_quota]
        worst = float(deviation[self.quotas[with_quota] >= LARGE].max(initial=0.0))
        staying = int((self.where[families] == year.staying).sum())
        return len(families), persons, staying, float(deviation.mean()) if deviation.size else 0.0, worst


def _slopes(quotas: Whole, balance: Decimal) -> npt.NDArray[np.float64]:
    return float(balance) * POINTS / np.sqrt(np.maximum(quotas, 1))


def _order(weeks: Whole, seed: int) -> Whole:
    """Families by week, within a week by lot."""
    lots = np.random.default_rng(seed).random(len(weeks))
    return np.lexsort((lots, weeks)).astype(np.int64)


def _of_families(instance: Instance, rows: Whole, capacity: Whole, floor: Whole) -> Instance:
    """The instance of some families, with other capacities and floors; locks, vetoes and ties left out."""
    return replace(
        instance,
        families=tuple(instance.families[f] for f in rows),
        demand=instance.demand[rows],
        capacity=capacity,
        floor=floor,
        scores=instance.scores[rows],
        stay=instance.stay[rows],
        locks=np.full(len(rows), FREE, dtype=np.int32),
        vetoes=no_vetoes(),
        ties=no_ties(len(rows)),
    )


@njit(cache=True)
def _place_in_turn(
    families: Any, scores: Any, eligible: Any, demand: Any, stay: Any, kind: Any, charges: Any, slopes: Any,
    shares: Any, arrived: Any, room: Any, taken: Any, where: Any,
) -> None:  # fmt: skip
    """Put one family after the other where it has most left; of equals the first locality. Fills `where`."""
    places, resources = room.shape
    for f in families:
        size = demand[f, 0]
        arrived += size
        best, chosen = float(stay[f]), places
        for p in range(places):
            if not eligible[f, p]:
                continue
            fits = True
            for r in range(resources):
                if demand[f, r] > room[p, r]:
                    fits = False
            if not fits:
                continue
            ahead = taken[p] + size - shares[p] * arrived
            left = scores[f, p] - charges[kind[f], p] - slopes[p] * size * ahead
            if left > best:
                best, chosen = left, p
        where[f] = chosen
        if chosen < places:
            taken[chosen] += size
            for r in range(resources):
                room[chosen, r] -= demand[f, r]
