"""What does it cost that no group lives worse than a floor?

In go an instance, its persons and the mean fit that each group shall reach at least; out comes a plan that keeps the
floors where one was found, the premium a point of each group had to be paid, and what the whole loses: the price of
fairness. Points of a group below its floor count more from round to round, those of a group above it less, by halves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from stellwerk.distribution.placement.fairness import Persons
from stellwerk.distribution.placement.instance import MOST_POINTS, NOT_ELIGIBLE, POINTS, Instance, Short, Whole
from stellwerk.distribution.placement.plan import Plan, points_of
from stellwerk.errors import StellwerkError, nearest

_STEPS = 1024  # premiums are whole parts of this, so that weighted points stay exact
_FIRST = _STEPS // 8  # the first premium: an eighth of a point for a point

Group = tuple[str, str]
"""Attribute and label."""


class NobodyInGroup(StellwerkError):
    """A floor is given for a group that nobody belongs to."""


@dataclass(frozen=True, eq=False)
class Floored:
    """The best plan found under floors."""

    plan: Plan
    """Its certificate speaks of the weighted points; `objective` here is in points of the instance as it is."""
    without: Plan
    """The plan without floors."""
    objective: int
    premiums: Mapping[Group, Fraction]
    """What a point of a group counts beside its own point."""
    fit: Mapping[Group, Fraction]
    """Mean fit that each group reaches, as a score."""
    kept: bool
    """Whether all floors are kept."""

    @property
    def price(self) -> int:
        """Points that the whole loses for the floors; never below zero."""
        return max(0, self.without.certificate.objective - self.objective)

    @property
    def price_at_most(self) -> int:
        """Points that it loses at most, whatever the best plan without floors is: proven by its bound."""
        return self.without.certificate.bound - self.objective


@dataclass(frozen=True)
class _Search:
    """Between which premiums the right one of a group lies."""

    low: int = 0
    high: int | None = None
    premium: int = 0

    def raised(self) -> _Search:
        low = self.premium
        premium = max(_FIRST, 2 * low) if self.high is None else (low + self.high + 1) // 2
        return _Search(low, self.high, premium)

    def lowered(self) -> _Search:
        return _Search(self.low, self.premium, (self.low + self.premium) // 2)


def keep_floors(
    instance: Instance,
    persons: Persons,
    floors: Mapping[Group, Decimal],
    solve: Callable[[Instance], Plan],
    rounds: int,
) -> Floored:
    """Find the plan with most points under which each group of `floors` has at least that mean fit (a score)."""
    rows = {group: _members(persons, group) for group in floors}
    wanted = {group: Fraction(floor) for group, floor in floors.items()}
    searches = {group: _Search() for group in floors}
    without = solve(instance)
    best = _floored(instance, persons, without, without, rows, wanted, searches)
    current = best
    for _ in range(rounds):
        searches = {group: _next(searches[group], current.fit[group] - wanted[group]) for group in floors}
        if all(search.premium == current.premiums[group] * _STEPS for group, search in searches.items()):
            break
        plan = solve(_weighted(instance, persons, rows, searches))
        current = _floored(instance, persons, plan, without, rows, wanted, searches)
        best = max(best, current, key=lambda found: (found.kept, _least_margin(found, wanted), found.objective))
    return best


def _next(search: _Search, margin: Fraction) -> _Search:
    if margin < 0:
        return search.raised()
    return search.lowered() if search.premium else search


def _members(persons: Persons, group: Group) -> Whole:
    attribute, label = group
    if attribute not in persons.groups.columns:
        raise NobodyInGroup(group=attribute, near=nearest(attribute, persons.groups.columns))
    labels = persons.groups[attribute].cast(pl.String)
    rows = np.flatnonzero((labels == label).fill_null(value=False).to_numpy())
    if not rows.size:
        raise NobodyInGroup(group=label, near=nearest(label, labels.drop_nulls()))
    return rows.astype(np.int64)


def _weighted(
    instance: Instance, persons: Persons, rows: Mapping[Group, Whole], searches: Mapping[Group, _Search]
) -> Instance:
    """The instance in which the points of members count more by their groups' premiums."""
    scores = instance.scores.astype(np.int64)
    for group, members in rows.items():
        premium = searches[group].premium
        if premium:
            points = np.where(persons.points[members] == NOT_ELIGIBLE, 0, persons.points[members]).astype(np.int64)
            np.add.at(scores, persons.family[members], points * premium // _STEPS)
    closed = instance.scores == NOT_ELIGIBLE
    return instance.with_scores(np.where(closed, NOT_ELIGIBLE, np.minimum(scores, MOST_POINTS)).astype(np.int32))


def _floored(
    instance: Instance, persons: Persons, plan: Plan, without: Plan, rows: Mapping[Group, Whole],
    wanted: Mapping[Group, Fraction], searches: Mapping[Group, _Search],
) -> Floored:  # fmt: skip
    fit = {group: _mean_fit(persons, plan.where, members) for group, members in rows.items()}
    kept = all(fit[group] >= wanted[group] for group in wanted)
    premiums = {group: Fraction(search.premium, _STEPS) for group, search in searches.items()}
    return Floored(plan, without, points_of(instance, plan.where), premiums, fit, kept)


def _mean_fit(persons: Persons, where: Short, members: Whole) -> Fraction:
    return Fraction(int(persons.at(where)[members].sum()), len(members) * POINTS)


def _least_margin(found: Floored, wanted: Mapping[Group, Fraction]) -> Fraction:
    """How far the group that is worst off lies below its floor; nought where none does."""
    return min([Fraction(0), *(found.fit[group] - floor for group, floor in wanted.items())])
