"""Which locks and floors cannot be kept, who causes it, and what is the least that would have to give way?

In goes an instance with the locks that are wanted, before they are checked; out come the conflicts, each with its
rule, the place or family that causes it, and the smallest relaxations that end it. `relaxed` applies relaxations, so
that whoever reads them can try them at once. What hinders a place for everybody is asked in `shortage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from stellwerk.distribution.placement.instance import FREE, NOT_ELIGIBLE, Instance, Short, Whole, checked

Rule = Literal["need_not_met", "vetoed", "too_small", "capacity", "floor"]
Kind = Literal["raise_capacity", "lower_floor", "release_lock", "lift_veto", "waive_need"]

_MOST_LOCKS_TRIED = 16  # locks at one place among which the fewest to release are sought by trying all choices


@dataclass(frozen=True)
class Relaxation:
    """One thing that gives way: units more at a place, persons less in its floor, a lock, a veto or a need."""

    kind: Kind
    locality: str
    resource: str | None = None
    family: str | None = None
    units: int = 0


@dataclass(frozen=True)
class Conflict:
    """A rule that cannot be kept, who causes it, and what is enough to end it."""

    rule: Rule
    localities: tuple[str, ...]
    families: tuple[str, ...]
    resource: str | None
    lacking: int
    """Units or persons that are missing; 0 where the rule has no number."""
    relaxation: tuple[Relaxation, ...]
    """All of these together end the conflict."""
    otherwise: tuple[Relaxation, ...] = ()
    """Or all of these together."""
    smallest: bool = True
    """Whether no smaller relaxation of its kind would do; else it is enough but may be more than needed."""


def conflicts(instance: Instance, locks: Short) -> list[Conflict]:
    """What stands against keeping all of `locks` and all floors; empty where nothing does."""
    wanted = [(f, int(p)) for f, p in enumerate(locks) if p not in (FREE, instance.staying)]
    closed = [conflict for f, p in wanted for conflict in _closed(instance, f, p)]
    return [*closed, *_overfull(instance, wanted, {one.families[0] for one in closed}), *_floors(instance)]


def relaxed(instance: Instance, relaxations: Iterable[Relaxation]) -> Instance:
    """The instance after all of `relaxations`, checked. A pair whose need is waived wins no points."""
    capacity, floor = instance.capacity.copy(), instance.floor.copy()
    scores, locks = instance.scores.copy(), instance.locks.copy()
    vetoes = {(int(f), int(p)) for f, p in instance.vetoes}
    rows = {name: row for row, name in enumerate(instance.families)}
    columns = {name: column for column, name in enumerate(instance.localities)}
    for one in relaxations:
        p, f = columns[one.locality], rows.get(one.family or "", -1)
        if one.kind == "raise_capacity":
            capacity[p, instance.resources.index(one.resource or "")] += one.units
        elif one.kind == "lower_floor":
            floor[p] -= one.units
        elif one.kind == "release_lock":
            locks[f] = FREE
        elif one.kind == "lift_veto":
            vetoes.discard((f, p))
        elif scores[f, p] == NOT_ELIGIBLE:
            scores[f, p] = 0
    pairs = np.array(sorted(vetoes), dtype=np.int32).reshape(-1, 2)
    return checked(replace(instance, capacity=capacity, floor=floor, scores=scores, locks=locks, vetoes=pairs))


def _closed(instance: Instance, family: int, locality: int) -> list[Conflict]:
    """The rules that close a locality to a family, whatever its capacity."""
    name, place = instance.families[family], instance.localities[locality]
    release = (Relaxation("release_lock", place, family=name),)
    found = []
    if instance.scores[family, locality] == NOT_ELIGIBLE:
        waive = (Relaxation("waive_need", place, family=name),)
        found.append(Conflict("need_not_met", (place,), (name,), None, 0, waive, release))
    if (instance.vetoes == (family, locality)).all(axis=1).any():
        lift = (Relaxation("lift_veto", place, family=name),)
        found.append(Conflict("vetoed", (place,), (name,), None, 0, lift, release))
    return found


def _overfull(instance: Instance, wanted: Sequence[tuple[int, int]], closed_to: set[str]) -> list[Conflict]:
    """Places where the families locked to them need more than there is, alone or together.

    `closed_to` are families that another rule keeps away: where locks are released instead, theirs are among them.
    """
    found = []
    for p in sorted({p for _, p in wanted}):
        there = np.array([f for f, place in wanted if place == p], dtype=np.int64)
        lacking = instance.demand[there].sum(axis=0, dtype=np.int64) - instance.capacity[p]
        if (lacking <= 0).all():
            continue
        place = instance.localities[p]
        kept_away = [f for f in there if instance.families[f] in closed_to]
        others = np.array([f for f in there if instance.families[f] not in closed_to], dtype=np.int64)
        released, smallest = _to_release(instance, others, p)
        names = [instance.families[f] for f in [*kept_away, *released]]
        release = tuple(Relaxation("release_lock", place, family=name) for name in names)
        for r in map(int, np.flatnonzero(lacking > 0)):
            alone = there[instance.demand[there, r] > instance.capacity[p, r]]
            rule: Rule = "too_small" if alone.size else "capacity"
            causes = alone if alone.size else there[instance.demand[there, r] > 0]
            more = (Relaxation("raise_capacity", place, instance.resources[r], units=int(lacking[r])),)
            families = tuple(instance.families[f] for f in causes)
            found.append(
                Conflict(rule, (place,), families, instance.resources[r], int(lacking[r]), more, release, smallest)
            )
    return found


def _to_release(instance: Instance, families: Whole, locality: int) -> tuple[Whole, bool]:
    """The fewest of `families` without which the others fit in together, and whether that is proven."""
    demand = instance.demand[families].astype(np.int64)
    lacking = demand.sum(axis=0) - instance.capacity[locality]
    smallest = len(families) <= _MOST_LOCKS_TRIED
    rows = _fewest_to_release(demand, lacking) if smallest else _enough_to_release(demand, lacking)
    return families[rows], smallest


def _fewest_to_release(demand: Whole, lacking: Whole) -> list[int]:
    """Rows of the fewest families, then the fewest persons, whose demand covers what is lacking; all choices tried."""
    rows = np.arange(len(demand))
    choices = (np.arange(1 << len(demand))[:, None] >> rows[None, :]) & 1
    enough = choices[(choices @ demand >= lacking).all(axis=1)]
    order = np.lexsort((enough @ demand[:, 0], enough.sum(axis=1)))
    return [int(row) for row in rows[enough[order[0]].astype(bool)]]


def _enough_to_release(demand: Whole, lacking: Whole) -> list[int]:
    """Rows of families whose demand covers what is lacking, those that cover most first."""
    chosen: list[int] = []
    still = np.maximum(lacking, 0)
    while still.any():
        covers = np.minimum(demand, still).sum(axis=1)
        covers[chosen] = -1
        row = int(covers.argmax())
        chosen.append(row)
        still = np.maximum(still - demand[row], 0)
    return sorted(chosen)


def _floors(instance: Instance) -> list[Conflict]:
    """Floors above the capacity of their place, and floors that together are above the persons there are."""
    persons, found = instance.resources[0], []
    floor = np.minimum(instance.floor, instance.capacity[:, 0])
    for p in map(int, np.flatnonzero(instance.floor > floor)):
        place, excess = instance.localities[p], int(instance.floor[p] - floor[p])
        lower = (Relaxation("lower_floor", place, persons, units=excess),)
        more = (Relaxation("raise_capacity", place, persons, units=excess),)
        found.append(Conflict("floor", (place,), (), persons, excess, lower, more))
    excess = int(floor.sum() - instance.demand[:, 0].sum())
    if excess > 0:
        involved = tuple(instance.localities[p] for p in np.flatnonzero(floor))
        found.append(Conflict("floor", involved, (), persons, excess, _lowered(instance, floor, excess)))
    return found


def _lowered(instance: Instance, floor: Whole, excess: int) -> tuple[Relaxation, ...]:
    """Floors lowered by `excess` persons in all, the highest first."""
    lowered, left = [], excess
    for p in map(int, np.argsort(-floor, kind="stable")):
        step = min(left, int(floor[p]))
        if step:
            lowered.append(Relaxation("lower_floor", instance.localities[p], instance.resources[0], units=step))
        left -= step
    return tuple(lowered)
