"""Who would have been better off elsewhere, and whose envy is justified?

In go an instance, a plan's places and, for envy, the day on which each family arrived; out comes a row a family.
Regret is measured against the best place the family may have at all; envy is justified where a family that demands
exactly the same, but arrived later, lives at a place that would have suited better.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl

from stellwerk.distribution.placement.counterfactual import left_at, left_everywhere
from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, POINTS, Instance, Short, Whole
from stellwerk.distribution.placement.plan import Plan, as_score
from stellwerk.distribution.placement.price_list import SCORE
from stellwerk.formats import exact

_FAMILIES_AT_ONCE = 4096  # keeps the scratch arrays small
_NEVER = np.int64(NOT_ELIGIBLE)


def regret_table(plan: Plan) -> pl.DataFrame:
    """One row a family: score, score of the best place it may have, regret, and regret after prices; none below 0."""
    instance = plan.instance
    everybody = np.arange(len(instance.families))
    own = points_at(instance, plan.where)
    best, best_left = _best(instance, plan)
    after_prices = best_left - left_at(instance, plan.prices, everybody, plan.where)
    columns = {"fit": own, "best_fit": best, "regret": best - own, "regret_after_prices": after_prices}
    return pl.DataFrame(
        {
            "family": list(instance.families),
            **{name: pl.Series([as_score(int(v)) for v in values], dtype=SCORE) for name, values in columns.items()},
        }
    )


def points_at(instance: Instance, where: Short) -> Whole:
    """F, points of each family where it lives or stays."""
    stays = where == instance.staying
    at = instance.scores[np.arange(len(where)), np.where(stays, 0, where)] if len(instance.localities) else where
    return np.where(stays, instance.stay, at.astype(np.int64))


def mean_fit_of_placed(instance: Instance, where: Short) -> Fraction:
    """Mean score of a person among those who have a place; 0 where nobody has one."""
    placed = np.flatnonzero(where != instance.staying)
    points, persons = instance.scores[placed, where[placed]].sum(dtype=np.int64), instance.sizes[placed].sum()
    return Fraction(int(points), int(persons) * POINTS) if len(placed) else Fraction(0)


def envied(instance: Instance, where: Short, arrived: Sequence[int]) -> Short:
    """F, the place that a family envies with reason (the one that would suit it best), or -1.

    `arrived` orders the families by arrival: a day's number, equal for those of one day.
    """
    day = np.asarray(arrived, dtype=np.int64)
    own = points_at(instance, where)
    envies = np.full(len(where), -1, dtype=np.int32)
    _, alike = np.unique(instance.demand, axis=0, return_inverse=True)
    alike = alike.reshape(-1)
    for demand in range(int(alike.max(initial=-1)) + 1):
        members = np.flatnonzero(alike == demand)
        last = np.full(len(instance.localities) + 1, np.iinfo(np.int64).min)
        np.maximum.at(last, where[members], day[members])
        later = last[None, :-1] > day[members][:, None]
        points = np.where(later & instance.eligible[members], instance.scores[members], _NEVER).astype(np.int64)
        best = points.argmax(axis=1) if points.shape[1] else np.zeros(len(members), dtype=np.int64)
        better = points[np.arange(len(members)), best] > own[members] if points.shape[1] else np.zeros(0, dtype=bool)
        envies[members[better]] = best[better]
    return envies


def municipal_envy(instance: Instance, where: Short, quotas: Whole) -> Fraction:
    """How unevenly localities are filled: the largest difference of persons per person of quota between two of them."""
    persons = np.zeros(len(instance.localities) + 1, dtype=np.int64)
    np.add.at(persons, where, instance.sizes)
    filled = [Fraction(int(n), int(q)) for n, q in zip(persons[:-1], quotas, strict=True) if q > 0]
    return max(filled) - min(filled) if filled else Fraction(0)


def summary(table: pl.DataFrame) -> dict[str, object]:
    """Families without regret, mean and highest regret, as scores."""
    regret = [Fraction(value) for value in table["regret"]]
    count = len(regret)
    return {
        "families": count,
        "without_regret": sum(value == 0 for value in regret),
        "mean_regret": exact(sum(regret, Fraction(0)) / max(1, count), 4),
        "highest_regret": exact(max(regret, default=Fraction(0)), 4),
        "at_best_place_after_prices": int((table["regret_after_prices"] == 0).sum()),
    }


def _best(instance: Instance, plan: Plan) -> tuple[Whole, Whole]:
    """F each: the highest points a family may have, before and after prices."""
    best, best_left = [], []
    for start in range(0, len(instance.families), _FAMILIES_AT_ONCE):
        families = np.arange(start, min(start + _FAMILIES_AT_ONCE, len(instance.families)))
        points = np.where(instance.eligible[families], instance.scores[families], _NEVER).astype(np.int64)
        stay = np.where(instance.may_stay[families], instance.stay[families], _NEVER)
        best.append(np.maximum(points.max(axis=1, initial=_NEVER), stay))
        best_left.append(left_everywhere(instance, plan.prices, families).max(axis=1))
    return np.concatenate(best), np.concatenate(best_left)
