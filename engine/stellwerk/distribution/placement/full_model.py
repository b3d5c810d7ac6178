"""How good can the plan of a small instance be, proven by the whole model?

The model in whole numbers over all eligible pairs starts from a good plan and ends when it is proven close enough to
the best. What it claims to have proven by branching stands in the certificate as a claim, beside what prices prove.

Where a locality has two or three places, fractions of families fill it much better than whole ones can. Rows rounded
down (Chvátal and Gomory) rule such fractions out and no whole plan:

    rounded[p,r,k]:  sum_f floor(a_fr / k) x_fp  <=  floor(c_pr / k)      for k = 2, 3, ... up to the largest demand

Measured on 1,000 persons in 396 localities: without them the search ended after 60 seconds 0.6 % from the best.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stellwerk.distribution.highs import solver_for
from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.model import Stated, run_highs, state
from stellwerk.distribution.placement.plan import points_of

_NEAR = 14  # pairs a family that are tried first, the best ones
_LEAST_SECONDS = 1.0
_FEW = 8  # of so many groups of k units at most a locality has room for, where a row is rounded; more gain nothing


@dataclass(frozen=True, eq=False)
class Searched:
    """A plan, the bound that branching is claimed to have proven (infinite: none), and whether the search ended."""

    where: Short
    bound: float
    finished: bool


def searched(
    instance: Instance, start: Short, target_gap: float, nodes: int, seconds: float, halted: Callable[[], bool]
) -> Searched:
    """The best plan found from `start` on, within `target_gap` of the bound or after so many nodes.

    Solved with fractions first: pairs that such a plan would not take at any price near theirs hardly stand in a good
    whole one. So the few best pairs give a plan, and all pairs, from that plan on, the proof.
    """
    ends = time.perf_counter() + seconds
    pairs = [(int(f), int(p)) for f, p in np.argwhere(instance.eligible)]
    bound, loss = _with_fractions(instance, pairs)
    taken = {(f, int(p)) for f, p in enumerate(start)} & set(pairs)
    near = {*sorted(pairs, key=lambda pair: (loss[pair], pair))[: _NEAR * len(instance.families)], *taken}
    stages = (sorted(near), pairs) if len(near) < len(pairs) else (pairs,)
    best = Searched(start, bound, finished=False)
    for asked in stages:
        stated = state(instance, asked, whole=True)
        _add_rounded_rows(stated, instance)
        left = max(ends - time.perf_counter(), _LEAST_SECONDS)
        limits = {"mip_rel_gap": target_gap, "mip_abs_gap": 0.999, "mip_max_nodes": nodes, "time_limit": left}
        # presolve removes next to nothing here and was seen to take 9 of 40 seconds on 90,000 pairs
        answer = run_highs(stated, instance, best.where, halted, presolve="off", **limits)
        where = best.where if answer.where is None else answer.where
        proven = min(bound, answer.bound) if asked is pairs else bound
        best = Searched(where, proven, answer.finished)
        worth = points_of(instance, where)
        if halted() or proven - worth <= target_gap * abs(worth):
            return best
    return best


def _with_fractions(instance: Instance, pairs: list[tuple[int, int]]) -> tuple[float, dict[tuple[int, int], float]]:
    """The bound that plans with fractions of families give, and what taking each pair loses against it at least."""
    stated = state(instance, pairs, whole=False)
    _add_rounded_rows(stated, instance)
    engine = solver_for(stated.problem, instance.seed)
    engine.run()
    solution = engine.getSolution()
    if not (solution.value_valid and solution.dual_valid):
        return float("inf"), dict.fromkeys(pairs, 0.0)
    costs = list(solution.col_dual)
    return -engine.getInfo().objective_function_value, {pair: costs[stated.variables[pair].index] for pair in pairs}


def _add_rounded_rows(stated: Stated, instance: Instance) -> None:
    """Add the rows `rounded` to the model, where they say more than the capacity does."""
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types; here, because most commands place nobody

    problem = stated.problem
    families: dict[int, list[int]] = defaultdict(list)
    for f, p in stated.variables:
        if p != instance.staying:
            families[p].append(f)
    for p, r in sorted((p, r) for p in families for r in range(len(instance.resources))):
        units = int(instance.capacity[p, r])
        demands = {f: int(instance.demand[f, r]) for f in families[p]}
        for k in range(2, max(demands.values()) + 1):
            if units % k == 0 or units // k > _FEW:
                continue
            terms = [(stated.variables[f, p], demand // k) for f, demand in demands.items() if demand >= k]
            problem += pulp.LpAffineExpression(terms) <= units // k, f"rounded_{p}_{r}_{k}"
