"""What does the exact model find when a few localities at a time are decided anew?

A neighbourhood is some localities with all families there and some that stay in the state facility; everything else
stays as it is. It is an instance of its own, stated in PuLP and solved by HiGHS, and its answer is taken where it wins
points. In go an instance, a plan and prices, out comes a plan that is nowhere worse.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stellwerk.distribution.placement.instance import (
    FREE,
    NOT_ELIGIBLE,
    Instance,
    Short,
    Whole,
    no_locks,
    no_ties,
    no_vetoes,
)  # fmt: skip
from stellwerk.distribution.placement.model import run_highs, state
from stellwerk.distribution.placement.plan import Prices, load_of, points_of

FAMILIES_AT_ONCE = 220  # measured: HiGHS proves most neighbourhoods of this size best in a second
PLACES_AT_ONCE = 100
WAITING_AT_ONCE = 20  # families in the state facility that may join
NEAR_PLACES = 10  # of the localities at hand, those where a family loses least; its own always belongs to them
NODES = 200  # work limit that does not depend on the machine's speed
SECONDS = 20.0  # emergency brake


def redecided(instance: Instance, where: Short, prices: Prices, rounds: int, heard: Callable[[Short], bool]) -> Short:
    """The plan after so many neighbourhoods; `heard` is shown the plan after each and may say stop."""
    rng = np.random.default_rng(instance.seed)
    demands, class_of = instance.classes
    charges = prices.charged(demands)
    where = where.copy()
    for _ in range(rounds):
        places = _neighbours(instance, where, charges[class_of], rng)
        families = _residents(instance, where, places, rng)
        part = _part(instance, where, families, places)
        position = np.full(instance.staying + 1, len(places), dtype=np.int32)
        position[places] = np.arange(len(places))
        now = position[where[families]]
        pairs = _pairs(part, charges[class_of[families]][:, places], now)
        found = run_highs(state(part, pairs, whole=True), part, mip_max_nodes=NODES, time_limit=SECONDS).where
        if found is not None and points_of(part, found) > points_of(part, now):
            where[families] = np.append(places, instance.staying)[found]
        if heard(where):
            break
    return where


def _neighbours(instance: Instance, where: Short, charges: Whole, rng: np.random.Generator) -> Whole:
    """Localities that one family, drawn by what it loses, is nearest to, and some drawn from all."""
    places = instance.staying
    left = np.where(instance.eligible, instance.scores - charges, np.iinfo(np.int64).min // 4)
    at = np.minimum(where, places - 1)
    own = np.where(where < places, left[np.arange(len(where)), at], instance.stay)
    loss = np.maximum(np.maximum(left.max(axis=1), instance.stay) - own, 0) * (instance.locks == FREE)
    weight = loss + loss.mean() + 1
    family = int(rng.choice(len(where), p=weight / weight.sum()))
    residents = np.bincount(where, minlength=places + 1)[:places]
    number = int(np.clip(FAMILIES_AT_ONCE // max(1.0, residents.mean()), 2, min(PLACES_AT_ONCE, places)))
    nearest = np.argsort(-left[family], kind="stable")[: number // 2]
    drawn = rng.permutation(np.setdiff1d(np.arange(places), nearest))[: number - len(nearest)]
    return np.sort(np.concatenate([nearest, drawn]))


def _residents(instance: Instance, where: Short, places: Whole, rng: np.random.Generator) -> Whole:
    """The families to decide anew: at these localities, and some of those that wait."""
    free = instance.locks == FREE
    here = rng.permutation(np.flatnonzero(free & np.isin(where, places)))[: 2 * FAMILIES_AT_ONCE]
    waiting = rng.permutation(np.flatnonzero(free & (where == instance.staying)))[:WAITING_AT_ONCE]
    return np.sort(np.concatenate([here, waiting]))


def _part(instance: Instance, where: Short, families: Whole, places: Whole) -> Instance:
    """The instance of these families and localities, with what everybody else leaves."""
    elsewhere = where.copy()
    elsewhere[families] = instance.staying
    taken = load_of(instance, elsewhere)[places]
    scores = instance.scores[np.ix_(families, places)].copy()
    scores[~instance.eligible[np.ix_(families, places)]] = NOT_ELIGIBLE
    return Instance(
        tuple(instance.families[f] for f in families), tuple(instance.localities[p] for p in places),
        instance.resources, instance.demand[families], instance.capacity[places] - taken,
        np.maximum(instance.floor[places] - taken[:, 0], 0), scores, instance.stay[families], instance.missing,
        no_locks(len(families)), no_vetoes(), no_ties(len(families)), instance.seed,
    )  # fmt: skip


def _pairs(part: Instance, charges: Whole, now: Short) -> list[tuple[int, int]]:
    """For each family the localities where it loses least, and the one where it is."""
    left = np.where(part.eligible, part.scores - charges, np.iinfo(np.int64).min // 4)
    rank = np.argsort(np.argsort(-left, axis=1, kind="stable"), axis=1, kind="stable")
    wanted = part.eligible & ((rank < NEAR_PLACES) | (np.arange(part.staying)[None, :] == now[:, None]))
    return [(int(f), int(p)) for f, p in np.argwhere(wanted)]
