"""What does a plan say in tables: who goes where, who stays and why, how full each place is, what a unit is worth?

In goes a plan, out come frames in a fixed order, with scores as decimals; they are what is written, shown and
explained.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from stellwerk.distribution.placement.instance import FREE, NOT_ELIGIBLE, POINTS, Instance
from stellwerk.distribution.placement.plan import Plan

SCORE = pl.Decimal(38, 4)
LARGER_THAN_ANY_QUOTA = "larger_than_any_quota"
NO_PLACE_MEETS_NEED = "no_place_meets_need"
CAPACITY_EXHAUSTED = "capacity_exhausted"
DECIDED = "decided"
REASONS = (LARGER_THAN_ANY_QUOTA, NO_PLACE_MEETS_NEED, CAPACITY_EXHAUSTED, DECIDED)


def placements(plan: Plan) -> pl.DataFrame:
    """One row a placed family: id, locality, persons, score."""
    instance, rows = plan.instance, plan.placed
    places = plan.where[rows]
    return pl.DataFrame(
        {
            "family": pl.Series([instance.families[f] for f in rows], dtype=pl.String),
            "locality": pl.Series([instance.localities[p] for p in places], dtype=pl.String),
            "persons": instance.sizes[rows].astype(np.int64),
            "score": as_scores(instance.scores[rows, places].astype(np.int64)),
        }
    )


def unplaced(plan: Plan) -> pl.DataFrame:
    """One row a family that stays in the state facility: id, persons, the reason, and the resource in its way."""
    instance = plan.instance
    rows = [(instance.families[f], int(instance.sizes[f]), *_reason(instance, int(f))) for f in plan.unplaced]
    schema = {"family": pl.String, "persons": pl.Int64, "reason": pl.String, "need": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def localities(plan: Plan, names: Mapping[str, str]) -> pl.DataFrame:
    """One row a locality: what it has and what is taken of each resource, its floor and how many persons it lacks."""
    instance, load = plan.instance, plan.load
    families = np.bincount(plan.where, minlength=instance.staying + 1)[: instance.staying]
    columns: dict[str, object] = {
        "locality": list(instance.localities),
        "name": [names.get(code, code) for code in instance.localities],
        "families": families.astype(np.int64),
    }
    for column, resource in enumerate(instance.resources):
        columns[f"cap_{resource}"] = instance.capacity[:, column]
        columns[f"used_{resource}"] = load[:, column]
    columns["min_persons"] = instance.floor
    columns["missing_persons"] = np.maximum(instance.floor - load[:, 0], 0)
    return pl.DataFrame(columns)


def prices(plan: Plan) -> pl.DataFrame:
    """One row a locality: what a unit of each resource is worth, and what a person earns where persons are missing."""
    instance = plan.instance
    columns: dict[str, object] = {"locality": list(instance.localities)}
    for column, resource in enumerate(instance.resources):
        columns[resource] = as_scores(plan.prices.capacity[:, column])
    columns["floor"] = as_scores(plan.prices.floor)
    return pl.DataFrame(columns)


def as_scores(points: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> pl.Series:
    """Points as the scores they stand for, exactly."""
    return pl.Series(points).cast(SCORE) / pl.Series([POINTS]).cast(SCORE)


def _reason(instance: Instance, family: int) -> tuple[str, str | None]:
    """Why a family has no place, and what stands in its way where that is one thing."""
    if instance.locks[family] != FREE:
        return DECIDED, None
    demand = instance.demand[family]
    enough = instance.capacity >= demand[None, :]
    if not enough[:, 0].any():
        return LARGER_THAN_ANY_QUOTA, None
    short = [name for name, has in zip(instance.resources, enough.T, strict=True) if not (has & enough[:, 0]).any()]
    if short:
        return NO_PLACE_MEETS_NEED, short[0]
    if not ((instance.open_scores[family] != NOT_ELIGIBLE) & enough.all(axis=1)).any():
        return NO_PLACE_MEETS_NEED, None
    return CAPACITY_EXHAUSTED, None
