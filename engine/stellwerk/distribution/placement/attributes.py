"""How much does an attribute move the result: nationality and language against skills?

Two questions, each held against chance. `criterion_influence`: if the points of one criterion were exchanged by lot
among families that demand the same, how many families would another place suit best? `association`: how well does a
label of a person tell where it lives, compared with labels exchanged by lot? The first needs points by criterion,
the second works for attributes that no criterion reads.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.distribution.placement.fairness import Persons
from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, Instance, Short, Whole
from stellwerk.distribution.placement.plan import Plan

_FAMILIES_AT_ONCE = 4096  # keeps the scratch arrays small


def criterion_influence(plan: Plan, parts: Mapping[str, Short], draws: int, seed: int) -> pl.DataFrame:
    """One row a criterion: the share of persons whose best place after prices changes when it is exchanged by lot.

    `parts` are the points of each criterion, F x P. Prices stay as they are: it is the pull of the criterion that is
    measured, before others give way. Most influential first.
    """
    instance = plan.instance
    alike = _alike(instance)
    before = _best_places(instance, plan, None)
    sizes = instance.sizes.astype(np.int64)
    rows = []
    for name, part in parts.items():
        shares = []
        for draw in range(draws):
            exchanged = _exchanged(alike, np.random.default_rng([seed, draw]))
            after = _best_places(instance, plan, part.astype(np.int64)[exchanged] - part)
            shares.append(float(sizes[before != after].sum() / sizes.sum()) if len(sizes) else 0.0)
        rows.append((name, float(np.mean(shares)), min(shares), max(shares)))
    schema = pl.Schema({"criterion": pl.String, "share_moved": pl.Float64, "lowest": pl.Float64, "highest": pl.Float64})
    return pl.DataFrame(rows, schema=schema, orient="row").sort("share_moved", "criterion", descending=[True, False])


def association(instance: Instance, persons: Persons, where: Short, draws: int, seed: int) -> pl.DataFrame:
    """One row an attribute: how strongly its labels go with localities (Cramér's V, 0 to 1), beside exchanged labels.

    Labels are exchanged among families that demand the same, all members together. `beyond_chance` is how far the
    figure lies above the highest of the draws, 0 where it does not.
    """
    alike = _alike(instance)
    place = where[persons.family].astype(np.int64)
    rows = []
    for attribute in persons.groups.columns:
        labels = persons.groups[attribute].cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
        chance = []
        for draw in range(draws):
            exchanged = _exchanged(alike, np.random.default_rng([seed, draw]))
            chance.append(_cramers_v(labels, where[exchanged][persons.family].astype(np.int64)))
        own = _cramers_v(labels, place)
        rows.append((attribute, own, float(np.mean(chance)), max(chance), max(0.0, own - max(chance))))
    schema = pl.Schema({
        "attribute": pl.String, "strength": pl.Float64, "by_chance": pl.Float64, "highest_by_chance": pl.Float64,
        "beyond_chance": pl.Float64,
    })  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("beyond_chance", "attribute", descending=[True, False])


def _alike(instance: Instance) -> Whole:
    """F, the number of the class of families that demand the same."""
    _, alike = np.unique(instance.demand, axis=0, return_inverse=True)
    return alike.reshape(-1).astype(np.int64)


def _exchanged(alike: Whole, rng: np.random.Generator) -> Whole:
    """F, for each family another one of its class, by lot, each taken once."""
    order = np.argsort(alike, kind="stable")
    shuffled = np.lexsort((rng.random(len(alike)), alike))
    exchanged = np.empty(len(alike), dtype=np.int64)
    exchanged[order] = shuffled
    return exchanged


def _best_places(instance: Instance, plan: Plan, added: Whole | None) -> Whole:
    """F, the locality (or staying) with most points after prices, `added` points included."""
    best = []
    for start in range(0, len(instance.families), _FAMILIES_AT_ONCE):
        rows = slice(start, start + _FAMILIES_AT_ONCE)
        left = instance.scores[rows] - plan.prices.charged(instance.demand[rows])
        if added is not None:
            left += added[rows]
        left[~instance.eligible[rows]] = NOT_ELIGIBLE
        best.append(np.concatenate([left, instance.stay[rows, None]], axis=1).argmax(axis=1))
    return np.concatenate(best) if best else np.zeros(0, dtype=np.int64)


def _cramers_v(labels: Whole, place: Whole) -> float:
    """Cramér's V of two codes: the root of chi square over persons and the smaller number of free classes."""
    columns, column = np.unique(place, return_inverse=True)
    counts: npt.NDArray[np.float64] = np.zeros((int(labels.max(initial=-1)) + 1, len(columns)))
    np.add.at(counts, (labels, column.reshape(-1)), 1.0)
    counts = counts[counts.sum(axis=1) > 0]
    free = min(counts.shape) - 1 if counts.size else 0
    if free < 1:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum()
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / (counts.sum() * free)))
