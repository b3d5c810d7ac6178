"""What would it cost the whole if one family went somewhere else?

In go a plan, a family and the locality in question, out comes the cost in points: what is lost when the family must
go there (or must not) and all others move as well as they can. Both sides are solved over the same moves, and the
plan with the condition is among those without it, so the cost is never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, Instance, Short, Whole
from stellwerk.distribution.placement.limited_moves import Best, Moves, best_among
from stellwerk.distribution.placement.plan import Prices
from stellwerk.distribution.placement.review import Neighbourhood

_NEVER = np.int64(NOT_ELIGIBLE)


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """The cost of one condition, and who else would move."""

    cost: int | None
    """Points that the whole loses; None where no plan keeps the condition."""
    moved: tuple[int, ...]
    """Indices of the other families that would have another place than with the best plan over the same moves."""
    whole: bool
    """Whether everybody might move: then the cost is exact for the whole, else for the neighbourhood."""
    proven: bool
    """Whether both searches were brought to their end."""
    where: Short
    """F: the best plan that keeps the condition; the plan as it was where there is none."""


def cost_of_moving(
    instance: Instance, where: Short, prices: Prices, family: int, locality: int, settings: Neighbourhood
) -> Counterfactual:
    """The cost to the whole when `family` must go to `locality` (`instance.staying`: must stay)."""
    moves, whole = open_moves(instance, where, prices, family, locality, settings)
    free = best_among(instance, where, moves, {}, settings.nodes)
    bound = best_among(instance, where, moves, {family: locality}, settings.nodes)
    return _difference(free, bound, where, family, whole)


def cost_of_excluding(
    instance: Instance, where: Short, prices: Prices, family: int, locality: int, settings: Neighbourhood
) -> Counterfactual:
    """The cost to the whole when `family` must not go to `locality`."""
    moves, whole = open_moves(instance, where, prices, family, locality, settings)
    without = {**moves, family: [p for p in moves[family] if p != locality]}
    free = best_among(instance, where, moves, {}, settings.nodes)
    bound = best_among(instance, where, without, {}, settings.nodes)
    return _difference(free, bound, where, family, whole)


def _difference(free: Best | None, bound: Best | None, where: Short, family: int, whole: bool) -> Counterfactual:
    if free is None or bound is None:
        return Counterfactual(None, (), whole, False, where)
    other = np.flatnonzero(free.where != bound.where)
    moved = tuple(int(f) for f in other if f != family)
    # a search cut short may have missed the better plan that the other search met
    cost = max(free.points, bound.points) - bound.points
    return Counterfactual(cost, moved, whole, free.proven and bound.proven, bound.where)


def open_moves(
    instance: Instance, where: Short, prices: Prices, family: int, locality: int, settings: Neighbourhood
) -> tuple[Moves, bool]:
    """Who may move where when `family` and `locality` are looked at, and whether that is everybody everywhere."""
    if int(instance.eligible.sum()) <= settings.whole_up_to_pairs:
        everybody = range(len(instance.families))
        return {f: list(map(int, np.flatnonzero(instance.eligible[f]))) for f in everybody}, True
    near = _families_near(instance, where, prices, family, locality, settings.families)
    moves = {int(f): _best_localities(instance, prices, where, int(f), settings.localities_each) for f in near}
    moves[family] = sorted({*moves[family], locality} - {instance.staying})
    return moves, False


def left_at(instance: Instance, prices: Prices, families: Whole, localities: Short | int) -> Whole:
    """Points that each family keeps at its locality after paying its prices; staying costs nothing."""
    at = np.broadcast_to(np.asarray(localities, dtype=np.int64), families.shape)
    stays = at == instance.staying
    column = np.where(stays, 0, at)
    demand = instance.demand[families].astype(np.int64)
    paid = (demand * prices.capacity[column]).sum(axis=1) - demand[:, 0] * prices.floor[column]
    placed = np.where(
        instance.eligible[families, column], instance.scores[families, column].astype(np.int64) - paid, _NEVER
    )
    return np.where(stays, instance.stay[families], placed)


def left_everywhere(instance: Instance, prices: Prices, families: Whole) -> Whole:
    """Families x (P + 1): points that each keeps at each locality after prices, staying last; low where it may not."""
    left = instance.scores[families].astype(np.int64) - prices.charged(instance.demand[families])
    left[~instance.eligible[families]] = _NEVER
    stay = np.where(instance.may_stay[families], instance.stay[families], _NEVER)
    return np.concatenate([left, stay[:, None]], axis=1)


def _families_near(
    instance: Instance, where: Short, prices: Prices, family: int, locality: int, most: int
) -> list[int]:
    """The family, those who leave the locality most easily, and those who would take its old place most gladly."""
    everybody = np.arange(len(instance.families))
    own = left_at(instance, prices, everybody, where)
    loss: Mapping[int, int] = {}
    there = np.flatnonzero(where == locality)
    if there.size and locality != instance.staying:
        elsewhere = left_everywhere(instance, prices, there)
        elsewhere[:, locality] = _NEVER
        loss = dict(zip(map(int, there), map(int, own[there] - elsewhere.max(axis=1)), strict=True))
    to_old_place = own - left_at(instance, prices, everybody, int(where[family]))
    half = most // 2
    leaving = sorted(loss, key=lambda f: (loss[f], f))[:half]
    taking = [int(f) for f in np.argsort(to_old_place, kind="stable")[:most]]
    return list(dict.fromkeys([family, *leaving, *taking]))[:most]


def _best_localities(instance: Instance, prices: Prices, where: Short, family: int, most: int) -> list[int]:
    left = left_everywhere(instance, prices, np.array([family]))[0, :-1]
    best = [int(p) for p in np.argsort(-left, kind="stable")[:most] if left[p] > _NEVER]
    return sorted({*best, int(where[family])} - {instance.staying})
