"""What is missing before every family has a place and nobody stays in the state facility?

    variables   x_fp  1 if f goes to p     e_pr  units of r that p would need above its capacity
    minimise    sum_pr e_pr
    subject to  home[f]:    sum_p x_fp               =  1           for families f, p where needs are met
                room[p,r]:  sum_f a_fr x_fp - e_pr   <= c_pr        for localities p, resources r

In goes an instance, out come conflicts in the form of `infeasible`: families that no place may take, then for each
resource the capacity that is lacking, where it is cheapest to add, and whether that is proven to be the least.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from stellwerk.distribution.placement.infeasible import Conflict, Relaxation, Rule
from stellwerk.distribution.placement.instance import FREE, NOT_ELIGIBLE, Instance, Whole
from stellwerk.distribution.placement.model import Stated, run_highs
from stellwerk.distribution.placement.plan import Plan, load_of

Pairs = npt.NDArray[np.bool_]

_NODES = 5_000  # work limit of the model
_ALMOST = 1e-6  # the solver's bound is a float; the answer is a whole number


def shortages(instance: Instance) -> list[Conflict]:
    """What stands against a place for every family that nobody decided to leave in the state facility.

    Solves the model; meant for tasks of up to some thousand pairs. All relaxations together are enough.
    """
    open_to, wanting = _open_to(instance), _wanting_a_place(instance)
    found = _open_somewhere(instance, open_to, wanting)
    extra, smallest = _least_capacity(instance, open_to, wanting)
    return [*found, *_lacking(instance, open_to, wanting, extra, smallest)]


def shortages_beside(plan: Plan) -> list[Conflict]:
    """The same for a plan of any size: the families that stay in it are fitted in one by one, where least is lacking.

    That is enough, and proven the least only where it is no more than all demand together exceeds all capacity.
    """
    instance = plan.instance
    open_to, wanting = _open_to(instance), _wanting_a_place(instance)
    found = _open_somewhere(instance, open_to, wanting)
    extra = _enough_capacity(plan, open_to, wanting)
    exceeded = instance.demand[wanting].sum(axis=0, dtype=np.int64) - instance.capacity.sum(axis=0)
    smallest = bool((extra.sum(axis=0) <= np.maximum(exceeded, 0)).all())
    return [*found, *_lacking(instance, open_to, wanting, extra, smallest)]


def _wanting_a_place(instance: Instance) -> Whole:
    return np.flatnonzero(instance.locks != instance.staying).astype(np.int64)


def _open_to(instance: Instance) -> Pairs:
    """F x P: needs met, not vetoed, agrees with the lock; whatever the capacity."""
    open_to: Pairs = np.not_equal(instance.scores, NOT_ELIGIBLE)
    open_to[instance.vetoes[:, 0], instance.vetoes[:, 1]] = False
    locked = np.flatnonzero(instance.locks != FREE)
    open_to[locked] &= np.arange(len(instance.localities))[None, :] == instance.locks[locked][:, None]
    return open_to


def _open_somewhere(instance: Instance, open_to: Pairs, wanting: Whole) -> list[Conflict]:
    """Families that no locality may take; `open_to` is opened for each at one: a veto lifted, else a need waived."""
    found = []
    for f in map(int, wanting[~open_to[wanting].any(axis=1)]):
        lock, name = int(instance.locks[f]), instance.families[f]
        allowed = [lock] if lock != FREE else list(range(len(instance.localities)))
        suited = [p for p in allowed if instance.scores[f, p] != NOT_ELIGIBLE]
        target = max(suited or allowed, key=lambda p: (int(instance.capacity[p, 0]), -p))
        place = instance.localities[target]
        if suited:
            lift = (Relaxation("lift_veto", place, family=name),)
            found.append(Conflict("vetoed", (), (name,), None, 0, lift))
        else:
            waive = [Relaxation("waive_need", place, family=name)]
            if (instance.vetoes == (f, target)).all(axis=1).any():
                waive.append(Relaxation("lift_veto", place, family=name))
            found.append(Conflict("need_not_met", (), (name,), None, 0, tuple(waive)))
        open_to[f, target] = True
    return found


def _lacking(instance: Instance, open_to: Pairs, wanting: Whole, extra: Whole, smallest: bool) -> list[Conflict]:
    """One conflict a resource that is lacking; families too large for every place that is open to them are named."""
    found = []
    for r in map(int, np.flatnonzero(extra.sum(axis=0))):
        room = np.where(open_to[wanting], instance.capacity[None, :, r], -1).max(axis=1)
        too_large = tuple(instance.families[f] for f in wanting[instance.demand[wanting, r] > room])
        at = map(int, np.flatnonzero(extra[:, r]))
        more = tuple(
            Relaxation("raise_capacity", instance.localities[p], instance.resources[r], units=int(extra[p, r]))
            for p in at
        )
        places = tuple(one.locality for one in more)
        lacking = int(extra[:, r].sum())
        rule: Rule = "too_small" if too_large else "capacity"
        found.append(Conflict(rule, places, too_large, instance.resources[r], lacking, more, (), smallest))
    return found


def _least_capacity(instance: Instance, open_to: Pairs, wanting: Whole) -> tuple[Whole, bool]:
    """P x R units to add so that all of `wanting` have a place, and whether no fewer would do."""
    if not wanting.size:
        return np.zeros_like(instance.capacity), True
    stated = _stated(instance, open_to, wanting)
    answer = run_highs(stated, instance, mip_rel_gap=0.0, mip_abs_gap=0.5, mip_max_nodes=_NODES)
    if answer.where is None:
        raise ValueError("the model always has a plan: capacity may grow without limit")
    extra = np.maximum(load_of(instance, answer.where) - instance.capacity, 0)
    return extra, int(extra.sum()) < -answer.bound + 1 - _ALMOST


def _stated(instance: Instance, open_to: Pairs, wanting: Whole) -> Stated:
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types; here, because most commands place nobody

    problem = pulp.LpProblem("shortage", pulp.LpMinimize)
    pairs = [(int(f), int(p)) for f in wanting for p in np.flatnonzero(open_to[f])]
    x = {(f, p): problem.add_variable(f"x_{f}_{p}", 0, 1, pulp.LpBinary) for f, p in pairs}
    home: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    room: dict[tuple[int, int], list[tuple[Any, int]]] = defaultdict(list)
    for (f, p), variable in x.items():
        home[f].append((variable, 1))
        for r in map(int, np.flatnonzero(instance.demand[f])):
            room[p, r].append((variable, int(instance.demand[f, r])))
    extra = {(p, r): problem.add_variable(f"e_{p}_{r}", 0, None, pulp.LpContinuous) for p, r in sorted(room)}

    problem += pulp.LpAffineExpression([(variable, 1) for variable in extra.values()])
    for f, terms in home.items():
        problem += pulp.LpAffineExpression(terms) == 1, f"home_{f}"
    for (p, r), terms in sorted(room.items()):
        row = pulp.LpAffineExpression([*terms, (extra[p, r], -1)])
        problem += row <= int(instance.capacity[p, r]), f"room_{p}_{r}"
    return Stated(problem, x)


def _enough_capacity(plan: Plan, open_to: Pairs, wanting: Whole) -> Whole:
    """P x R units to add so that the families that stay in the plan have a place too, large ones first."""
    instance = plan.instance
    load, capacity = plan.load, instance.capacity.copy()
    waiting = [int(f) for f in wanting if plan.where[f] == instance.staying]
    for f in sorted(waiting, key=lambda f: (-int(instance.demand[f, 0]), instance.families[f])):
        lacking = np.maximum(load + instance.demand[f] - capacity, 0)
        total = np.where(open_to[f], lacking.sum(axis=1), np.iinfo(np.int64).max)
        p = int(np.lexsort((-instance.scores[f].astype(np.int64), total))[0])
        capacity[p] += lacking[p]
        load[p] += instance.demand[f]
    return capacity - instance.capacity
