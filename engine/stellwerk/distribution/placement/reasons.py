"""Why does this family live here and not somewhere better?

In go a plan, the id of a family and, where known, its points criterion by criterion; out come the value of its place,
what each service costs it there, the places that would suit best after prices, and for each place with more points
the rule that stands against it. No other family is ever named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from stellwerk.distribution.placement.counterfactual import Counterfactual, cost_of_moving
from stellwerk.distribution.placement.instance import FREE, NOT_ELIGIBLE, Instance, Whole
from stellwerk.distribution.placement.plan import Plan
from stellwerk.distribution.placement.review import Neighbourhood, ReviewSettings
from stellwerk.errors import StellwerkError, nearest

DECIDED, VETOED, NEED, SMALL, FULL, FLOOR, FEWER, MISSED = (
    "decided", "vetoed", "need_not_met", "too_small", "full", "keeps_floor", "fewer_points", "missed",
)  # fmt: skip
RULES = (DECIDED, VETOED, NEED, SMALL, FULL, FLOOR, FEWER, MISSED)
"""What can stand against a place: a decision for another one, a veto, a need it does not meet, a capacity that is too
small even for the family alone, one that others use up, persons that the present place would then lack to its floor,
no more points than it has; and `missed`: nothing, so that the search has overlooked a better plan."""
Criteria = Callable[[int, int], Mapping[str, int]]
"""Rows of a family and a locality -> criterion -> points."""
_NEAREST_AMONG = 10_000  # ids looked through for the nearest one, so that a large plan answers at once


class FamilyNotInPlan(StellwerkError):
    """No family of that id is in the plan."""


class LocalityNotInPlan(StellwerkError):
    """No locality of that id is in the plan."""


@dataclass(frozen=True)
class Charge:
    """What a family pays for a resource at its place, in points."""

    resource: str
    units: int
    price: int
    """Points for a unit; below zero where the place is paid for taking persons."""

    @property
    def total(self) -> int:
        """Points for all units."""
        return self.units * self.price


@dataclass(frozen=True)
class Alternative:
    """A place that a family could have, and what stands against it."""

    locality: str | None
    """None: staying in the state facility."""
    points: int
    charged: int
    rule: str | None
    """One of `RULES`; None for the place it has."""
    resources: tuple[str, ...] = ()
    """The services that are too small or used up."""
    criteria: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Points after prices."""
        return self.points - self.charged


@dataclass(frozen=True)
class Reasons:
    """Everything that speaks for and against the place of one family. All values in points."""

    family: str
    persons: int
    place: Alternative
    charges: tuple[Charge, ...]
    better: tuple[Alternative, ...]
    """Places with more points than its own, best first, each with the rule that stands against it."""
    proposals: tuple[Alternative, ...]
    """The best places after prices, best first; its own is usually the first."""
    closed: Mapping[str, int]
    """Rule -> number of places that are closed to the family by it."""

    @property
    def regret(self) -> int:
        """Points that the best place open to the family on its own would have above the one it has; never below 0."""
        open_to = [item.points for item in self.better if item.rule in (FULL, FLOOR, MISSED)]
        return max([0, *(points - self.place.points for points in open_to)])

    @property
    def price_regret(self) -> int:
        """Points after prices that its best place has above the one it has: what exchange could not settle."""
        return max(0, max(item.left for item in self.proposals) - self.place.left) if self.proposals else 0


def no_criteria(family: int, locality: int) -> Mapping[str, int]:
    """Points by criterion of a family at a locality, where nobody knows them."""
    return {}


def why(plan: Plan, family: str, settings: ReviewSettings, criteria: Criteria = no_criteria) -> Reasons:
    """The reasons for the place of `family`; `criteria` tells its points by criterion, where they are known."""
    instance, row = plan.instance, family_index(plan.instance, family)
    here = int(plan.where[row])
    load = plan.load
    charged = plan.prices.charged(instance.demand[row : row + 1])[0]

    def alternative(p: int) -> Alternative:
        if p == instance.staying:
            rule = None if p == here else _rule_against_staying(plan, load, row)
            return Alternative(None, int(instance.stay[row]), 0, rule)
        rule, resources = (None, ()) if p == here else _rule_against(plan, load, row, p)
        points = int(instance.scores[row, p])
        return Alternative(instance.localities[p], points, int(charged[p]), rule, resources, criteria(row, p))

    known = np.flatnonzero(instance.scores[row] != NOT_ELIGIBLE)
    places = [alternative(int(p)) for p in [*known, instance.staying]]
    place = alternative(here)
    better = [item for item in places if item.points > place.points and item.rule is not None]
    possible = [item for item in places if item.rule not in (DECIDED, VETOED, NEED, SMALL)]
    closed = [rule for p in range(len(instance.localities)) if (rule := _closed_by(instance, row, p))]
    return Reasons(
        family,
        int(instance.demand[row, 0]),
        place,
        _charges(plan, row, here),
        tuple(sorted(better, key=lambda item: (-item.points, item.locality or ""))),
        tuple(sorted(possible, key=lambda item: (-item.left, item.locality or ""))[: settings.alternatives]),
        {rule: closed.count(rule) for rule in RULES if rule in closed},
    )


def exception_price(plan: Plan, family: str, locality: str | None, settings: Neighbourhood) -> Counterfactual:
    """The price of the exception: what the whole loses when `family` must go to `locality` (None: must stay)."""
    instance = plan.instance
    target = instance.staying if locality is None else locality_index(instance, locality)
    return cost_of_moving(instance, plan.where, plan.prices, family_index(instance, family), target, settings)


def family_index(instance: Instance, family: str) -> int:
    """The row of a family."""
    try:
        return instance.families.index(family)
    except ValueError:
        near = nearest(family, instance.families[:_NEAREST_AMONG])
        raise FamilyNotInPlan(family=family, near=near) from None


def locality_index(instance: Instance, locality: str) -> int:
    """The column of a locality."""
    try:
        return instance.localities.index(locality)
    except ValueError:
        raise LocalityNotInPlan(locality=locality, near=nearest(locality, instance.localities)) from None


def _charges(plan: Plan, row: int, place: int) -> tuple[Charge, ...]:
    instance = plan.instance
    if place == instance.staying:
        return ()
    demand = instance.demand[row]
    prices = plan.prices.capacity[place].copy()
    prices[0] -= plan.prices.floor[place]
    return tuple(Charge(name, int(demand[r]), int(prices[r])) for r, name in enumerate(instance.resources) if demand[r])


def _closed_by(instance: Instance, row: int, place: int) -> str | None:
    """The rule that closes a place to the family whatever all others do."""
    if instance.locks[row] not in (FREE, place):
        return DECIDED
    if instance.scores[row, place] == NOT_ELIGIBLE:
        return NEED
    if ((instance.vetoes[:, 0] == row) & (instance.vetoes[:, 1] == place)).any():
        return VETOED
    return SMALL if (instance.demand[row] > instance.capacity[place]).any() else None


def _rule_against(plan: Plan, load: Whole, row: int, place: int) -> tuple[str, tuple[str, ...]]:
    """What keeps the family from a place while all others stay where they are."""
    instance = plan.instance
    closed = _closed_by(instance, row, place)
    if closed is not None:
        lacking = instance.demand[row] > instance.capacity[place]
        return closed, _names(instance, lacking) if closed == SMALL else ()
    lacking = load[place] + instance.demand[row] > instance.capacity[place]
    if lacking.any():
        return FULL, _names(instance, lacking & (instance.demand[row] > 0))
    return _what_the_move_lacks(plan, load, row, place), ()


def _rule_against_staying(plan: Plan, load: Whole, row: int) -> str:
    if not plan.instance.may_stay[row]:
        return DECIDED
    return _what_the_move_lacks(plan, load, row, plan.instance.staying)


def _what_the_move_lacks(plan: Plan, load: Whole, row: int, place: int) -> str:
    """Why the move alone, to a place with room, would win nothing; `MISSED` where it would."""
    instance = plan.instance
    won = _points(instance, row, place) - _points(instance, row, int(plan.where[row]))
    if won > _lost_at_floors(plan, load, row, place):
        return MISSED
    return FLOOR if won > 0 else FEWER


def _lost_at_floors(plan: Plan, load: Whole, row: int, place: int) -> int:
    """Points that the move alone would lose at floors; below zero where it fills one."""
    instance, here, size = plan.instance, int(plan.where[row]), int(plan.instance.demand[row, 0])

    def lacking(at: int, change: int) -> int:
        if at == instance.staying:
            return 0
        before = max(0, int(instance.floor[at] - load[at, 0]))
        return max(0, int(instance.floor[at] - load[at, 0] - change)) - before

    return instance.missing * (lacking(here, -size) + lacking(place, size))


def _points(instance: Instance, row: int, place: int) -> int:
    return int(instance.stay[row] if place == instance.staying else instance.scores[row, place])


def _names(instance: Instance, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[str, ...]:
    return tuple(name for name, is_chosen in zip(instance.resources, chosen, strict=True) if is_chosen)
