"""The placement model: which family goes where so that the fit is best and no quota is exceeded?

    sets        f in F   families               p in P   municipalities
                (f, p) in E   pairs that can be: the family fits into the quota, the place meets its needs
    data        n_f      persons of f            q_p      quota of p, persons
                g_fp     points won if f goes to p, against f staying without a place
    variables   x_fp     1 if f goes to p, else 0
    maximise    sum  g_fp x_fp                          over (f, p) in E
    subject to  one_place[f]:    sum_p x_fp             <= 1         for f in F
                quota_1[p]:      sum_f n_f x_fp         <= q_p       for p in P
                quota_k[p]:      sum_f [n_f/k] x_fp     <= [q_p/k]   for p in P, k = 2, 3; [.] rounds down

The rows for k = 2 and 3 follow from the first for every whole plan (three places never hold two couples); they only
keep the relaxed model, where x lies between 0 and 1, from cutting families into pieces to fill every place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.int64]
Pair = tuple[int, int]
QuotaRow = tuple[int, int]  # step, place

STEPS = (1, 2, 3)  # measured: further steps move the bound by less than 0.04 %

WON_AT_LEAST = 0.5  # a whole variable counts as chosen from here; solvers return 0.9999999


@dataclass(frozen=True)
class Stated:
    """A model as PuLP knows it, with its variables by pair and the names of its quota rows."""

    problem: Any
    variables: dict[Pair, Any]
    rows: dict[QuotaRow, str]


@dataclass(frozen=True)
class Answer:
    """What the solver gave back: values by pair, prices by quota row, its own bound; nothing of it is trusted yet."""

    values: dict[Pair, float]
    prices: dict[QuotaRow, float] = field(default_factory=dict)
    bound: float = float("inf")
    stopped_by: str = ""


def state(gains: Points, persons: Points, quotas: Points, pairs: Iterable[Pair], *, whole: bool) -> Stated:
    """State the model on `pairs`, with whole variables or relaxed."""
    # imported here, because most commands never place anybody
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types

    kind = pulp.LpBinary if whole else pulp.LpContinuous
    problem = pulp.LpProblem("placement", pulp.LpMaximize)
    x = {(f, p): problem.add_variable(f"x_{f}_{p}", 0, 1 if whole else None, kind) for f, p in sorted(pairs)}
    of_family: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    in_quota: dict[QuotaRow, list[tuple[Any, int]]] = defaultdict(list)
    rows = quota_rows(quotas)
    for (f, p), variable in x.items():
        of_family[f].append((variable, 1))
        for step in STEPS:
            weight = int(persons[f]) // step
            if weight and (step, p) in rows:
                in_quota[step, p].append((variable, weight))

    problem += pulp.LpAffineExpression([(variable, int(gains[pair])) for pair, variable in x.items()])
    for f, terms in sorted(of_family.items()):
        problem += pulp.LpAffineExpression(terms) <= 1, f"one_place_{f}"
    for (step, p), terms in sorted(in_quota.items()):
        problem += pulp.LpAffineExpression(terms) <= rows[step, p], f"quota_{step}_{p}"
    return Stated(problem, x, {row: f"quota_{row[0]}_{row[1]}" for row in sorted(in_quota)})


def quota_rows(quotas: Points) -> dict[QuotaRow, int]:
    """The right-hand sides of the quota rows: for each step the places where rounding down says something new."""
    return {
        (step, p): int(quota) // step
        for step in STEPS
        for p, quota in enumerate(quotas)
        if step == 1 or (quota >= step and quota % step)
    }


def solve(stated: Stated, *, seed: int, **limits: float | int) -> Answer:
    """Solve with HiGHS on one thread. PuLP's status is not read: it calls a plan optimal that a limit cut short."""
    import pulp

    solver = pulp.HiGHS(msg=False, threads=1, random_seed=seed, **limits)
    problem = stated.problem
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    engine = problem.solverModel
    engine.run()
    solution, info = engine.getSolution(), engine.getInfo()
    if not solution.value_valid or not stated.variables:
        return Answer({}, stopped_by=_short(engine.getModelStatus()))
    found = list(solution.col_value)
    values = {pair: found[variable.index] for pair, variable in stated.variables.items()}
    duals = list(solution.row_dual)
    prices = (
        {row: abs(duals[problem.get_constraint_by_name(name).index]) for row, name in stated.rows.items()}
        if duals
        else {}
    )
    return Answer(values, prices, -info.mip_dual_bound, _short(engine.getModelStatus()))


def chosen(answer: Answer) -> dict[int, int]:
    """Family -> place, as the whole-number answer says."""
    return {f: p for (f, p), value in sorted(answer.values.items()) if value > WON_AT_LEAST}


def _short(status: object) -> str:
    return str(status).rsplit(".", 1)[-1].removeprefix("k")
