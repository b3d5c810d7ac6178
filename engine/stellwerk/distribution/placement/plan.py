"""What was found: who goes where, at which prices, and what is proven about it?

A `Plan` belongs to its `Instance` and holds indices into it. Prices are what one more unit of a resource would be
worth; with them anybody can recompute the bound that no plan can exceed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from stellwerk.distribution.placement.instance import POINTS, Instance, Short, Whole

_EXACT_IN_FLOATS = 2.0**53  # whole numbers below this are exact, and their products are fast
_GAP_PLACES = Decimal("0.000001")


@dataclass(frozen=True, eq=False)
class Prices:
    """What a unit is worth, in points. The bound they prove is `bound.price_bound(instance, prices)`."""

    capacity: Whole
    """P x R, at least 0: what a family pays for each unit of a resource it takes at a locality."""
    floor: Whole
    """P, from 0 to `instance.missing`: what each person earns at a locality that lacks persons to its floor."""

    def charged(self, demand: Short) -> Whole:
        """F x P: what families with `demand` (F x R) pay at each locality, earnings subtracted."""
        net = np.concatenate([self.capacity, self.floor[:, None]], axis=1)
        taken = np.concatenate([demand, -demand[:, :1]], axis=1)
        if float(np.abs(net).max(initial=0)) * float(np.abs(taken).sum(axis=1).max(initial=0)) < _EXACT_IN_FLOATS:
            paid: Whole = (taken.astype(np.float64) @ net.T.astype(np.float64)).astype(np.int64)
            return paid
        whole: Whole = taken.astype(np.int64) @ net.T
        return whole


@dataclass(frozen=True)
class Certificate:
    """What is proven about a plan. Objective and bounds are in points."""

    objective: int
    """Points of the plan."""
    bound: int
    """No plan has more points: the smaller of both bounds below."""
    price_bound: int
    """What the prices prove, recomputed in whole numbers; `verify` recomputes it again."""
    search_bound: int | None
    """What the solver of the full model claims to have proven by branching; not checked by us. None: no such claim."""
    violations: int
    """Capacities exceeded, pairs not eligible, locks broken: always 0, else no plan is handed out."""
    unplaced: int
    """Families that stay in the state facility."""
    missing_persons: int
    """Persons that localities lack to their floors."""
    method: str
    """`full_model` or `prices`."""
    stopped_by: str
    """`proven`, `target`, `work`, `time` or `user`."""
    seed: int
    input_hash: str
    versions: tuple[tuple[str, str], ...]
    """Names and versions of what computed the plan."""

    @property
    def gap(self) -> Decimal:
        """How far the best plan may lie above this one, as a share of the bound."""
        if self.bound == self.objective:
            return Decimal(0)
        if not self.bound:
            return Decimal(1)
        return (Decimal(self.bound - self.objective) / abs(self.bound)).quantize(_GAP_PLACES)

    @property
    def solver(self) -> str:
        """What computed the plan, with versions, as one text."""
        return ", ".join(f"{name} {version}" for name, version in self.versions)

    @property
    def proven_best(self) -> bool:
        """Whether no plan has more points."""
        return self.bound == self.objective


@dataclass(frozen=True, eq=False)
class Plan:
    """Where each family of an instance goes."""

    instance: Instance
    where: Short
    """F, index of the locality; `instance.staying` for a family that stays in the state facility."""
    prices: Prices
    certificate: Certificate
    seconds: float
    """For the reader's patience only; stands in no table."""

    @property
    def placed(self) -> Whole:
        """Indices of the families that have a locality."""
        return np.flatnonzero(self.where != self.instance.staying).astype(np.int64)

    @property
    def unplaced(self) -> Whole:
        """Indices of the families that stay in the state facility."""
        return np.flatnonzero(self.where == self.instance.staying).astype(np.int64)

    @property
    def load(self) -> Whole:
        """P x R, units taken of each resource at each locality."""
        return load_of(self.instance, self.where)


def load_of(instance: Instance, where: Short) -> Whole:
    """P x R, units that families at `where` take of each resource at each locality."""
    used = np.zeros((len(instance.localities) + 1, len(instance.resources)), dtype=np.int64)
    np.add.at(used, where, instance.demand)
    return used[:-1]


def points_of(instance: Instance, where: Short) -> int:
    """Points of a plan: those of its pairs, less those for persons missing to floors."""
    placed = np.flatnonzero(where != instance.staying)
    staying = np.flatnonzero(where == instance.staying)
    won = int(instance.scores[placed, where[placed]].sum(dtype=np.int64)) + int(instance.stay[staying].sum())
    return won - instance.missing * missing_persons(instance, where)


def missing_persons(instance: Instance, where: Short) -> int:
    """Persons that localities lack to their floors."""
    return int(np.maximum(instance.floor - load_of(instance, where)[:, 0], 0).sum())


def violations_of(instance: Instance, where: Short) -> int:
    """Capacities exceeded, pairs not eligible and locks broken."""
    placed = np.flatnonzero(where != instance.staying)
    staying = np.flatnonzero(where == instance.staying)
    exceeded = int((load_of(instance, where) > instance.capacity).sum())
    wrong = int((~instance.eligible[placed, where[placed]]).sum())
    return exceeded + wrong + int((~instance.may_stay[staying]).sum())


def as_score(points: int) -> Decimal:
    """Points as the score they stand for.

    >>> as_score(12_345)
    Decimal('1.2345')
    """
    return Decimal(points) / POINTS
