"""The placement model: which family goes where so that points are highest and no capacity is exceeded?

    sets        f in F   families            p in P   localities            r in R   resources
                (f, p) in E   eligible pairs: needs met, not vetoed, fits in alone, agrees with the lock
    data        w_fp     points of f at p    u_f      points of f that stays in the state facility
                a_fr     units f takes of r  c_pr     units p has of r      l_p      persons p shall take at least
                n_f      members of f        m        points lost for each person below l_p
    variables   x_fp     1 if f goes to p    y_f      1 if f stays          s_p      persons missing, 0 <= s_p <= l_p
    maximise    sum_E w_fp x_fp + sum_F u_f y_f - m sum_P s_p
    subject to  home[f]:         sum_p x_fp + y_f       =  1         for f in F
                capacity[p,r]:   sum_f a_fr x_fp        <= c_pr      for p in P, r in R
                floor[p]:        sum_f n_f x_fp + s_p   >= l_p       for p in P with l_p > 0

The bound on s_p is not needed for the meaning. Measured: without it solvers found no first plan in 40 seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import numpy as np

from stellwerk.distribution.highs import solver_for
from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.plan import Prices, load_of

_BY_ITSELF = ("kOptimal", "kSolutionLimit", "kObjectiveTarget")  # work limits count, the clock does not
_LOOK_AT_CLOCK = 0.05  # seconds
_GRACE = 1.0  # seconds in which a solver that was asked to stop may hand over its best
_CHOSEN = 0.5  # a whole variable counts as one from here; solvers return 0.9999999


@dataclass(frozen=True)
class Stated:
    """A model as PuLP knows it, with its variables by pair; place P stands for staying."""

    problem: Any
    variables: dict[tuple[int, int], Any]
    lacking: dict[int, Any] = field(default_factory=dict)
    """The variables s_p."""


def state(instance: Instance, pairs: list[tuple[int, int]], *, whole: bool) -> Stated:
    """State the model on `pairs` (and staying), with whole variables or relaxed."""
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types; here, because most commands place nobody

    kind = pulp.LpBinary if whole else pulp.LpContinuous
    problem = pulp.LpProblem("placement", pulp.LpMaximize)
    stays = [(f, instance.staying) for f in range(len(instance.families)) if instance.may_stay[f]]
    x = {(f, p): problem.add_variable(f"x_{f}_{p}", 0, 1, kind) for f, p in sorted([*pairs, *stays])}
    lacking = {
        int(p): problem.add_variable(f"s_{p}", 0, int(instance.floor[p]), pulp.LpContinuous)
        for p in np.flatnonzero(instance.floor)
    }
    home: dict[int, list[tuple[Any, int]]] = defaultdict(list)
    taken: dict[tuple[int, int], list[tuple[Any, int]]] = defaultdict(list)
    worth: list[tuple[Any, int]] = [(variable, -instance.missing) for variable in lacking.values()]
    for (f, p), variable in x.items():
        home[f].append((variable, 1))
        if p == instance.staying:
            worth.append((variable, int(instance.stay[f])))
            continue
        worth.append((variable, int(instance.scores[f, p])))
        for r in map(int, np.flatnonzero(instance.demand[f])):
            taken[p, r].append((variable, int(instance.demand[f, r])))

    problem += pulp.LpAffineExpression(worth)
    for f, terms in home.items():
        problem += pulp.LpAffineExpression(terms) == 1, f"home_{f}"
    for (place, r), terms in sorted(taken.items()):
        problem += pulp.LpAffineExpression(terms) <= int(instance.capacity[place, r]), f"capacity_{place}_{r}"
    for place, variable in lacking.items():
        persons = [*taken.get((place, 0), []), (variable, 1)]
        problem += pulp.LpAffineExpression(persons) >= int(instance.floor[place]), f"floor_{place}"
    return Stated(problem, x, lacking)


@dataclass(frozen=True)
class Answer:
    """What the solver gave back; nothing of it is trusted yet.

    `bound` is the solver's own claim in points, infinite where it makes none; `finished` whether it stopped by itself.
    """

    where: Short | None
    prices: Prices | None
    bound: float
    finished: bool


def run_highs(
    stated: Stated,
    instance: Instance,
    start: Short | None = None,
    halted: Callable[[], bool] = lambda: False,
    /,
    **limits: float | str,
) -> Answer:
    """Solve with HiGHS on one thread, from the plan `start` if there is one, until `halted` says so.

    Neither PuLP's status nor the solver's own clock is relied on: PuLP calls a plan optimal that a limit cut short,
    and limits of 60 seconds were seen to take 170.
    """
    engine = solver_for(stated.problem, instance.seed, **limits)
    if start is not None:
        engine.setSolution(_as_solution(stated, instance, start))
    seen = _Seen()
    if not _ended_by_itself(engine, seen, halted):
        where = None if seen.values is None else _where(stated, instance, seen.values)
        return Answer(where, None, seen.bound, False)
    solution, info = engine.getSolution(), engine.getInfo()
    finished = engine.getModelStatus().name in _BY_ITSELF
    if not solution.value_valid:
        return Answer(None, None, float("inf"), finished)
    prices = _prices(stated, instance, list(solution.row_dual)) if solution.dual_valid else None
    return Answer(_where(stated, instance, list(solution.col_value)), prices, -float(info.mip_dual_bound), finished)


@dataclass
class _Seen:
    """The best plan and bound that the solver has told of while it runs."""

    values: list[float] | None = None
    bound: float = float("inf")


def _ended_by_itself(engine: Any, seen: _Seen, halted: Callable[[], bool]) -> bool:
    """Run the solver beside our own clock; whether it ended before `halted` said so, or soon after.

    It asks us seldom whether to go on, up to a minute apart; so it is left behind where it does not listen, and what
    it has told of by then counts.
    """

    def keep(event: Any) -> None:
        seen.values = list(event.data_out.mip_solution)

    def hear(event: Any) -> None:
        seen.bound = -float(event.data_out.mip_dual_bound)

    engine.HandleKeyboardInterrupt = False
    engine.HandleUserInterrupt = True
    engine.cbMipImprovingSolution += keep
    engine.cbMipInterrupt += hear
    run = Thread(target=_run, args=(engine,))  # no daemon: a solver that is torn down while it runs aborts the process
    run.start()
    while run.is_alive() and not halted():
        run.join(_LOOK_AT_CLOCK)
    if run.is_alive():
        engine.cancelSolve()
        run.join(_GRACE)
    return not run.is_alive()


def _run(engine: Any) -> None:
    """Run as HiGHS's own `startSolve` does, which however knows only one solver at a time in a process."""
    engine.solve()
    engine.resetGlobalScheduler(False)


def _where(stated: Stated, instance: Instance, values: Sequence[float]) -> Short:
    where = np.full(len(instance.families), instance.staying, dtype=np.int32)
    for (f, p), variable in stated.variables.items():
        if values[variable.index] > _CHOSEN:
            where[f] = p
    return where


def _as_solution(stated: Stated, instance: Instance, where: Short) -> Any:
    import highspy

    values = [0.0] * stated.problem.solverModel.getNumCol()
    for f, p in enumerate(where):
        values[stated.variables[f, int(p)].index] = 1.0
    persons = load_of(instance, where)[:, 0]
    for p, variable in stated.lacking.items():
        values[variable.index] = float(max(0, instance.floor[p] - persons[p]))
    solution = highspy.HighsSolution()
    solution.col_value = values
    return solution


def _prices(stated: Stated, instance: Instance, duals: list[float]) -> Prices:
    capacity = np.zeros(instance.capacity.shape, dtype=np.int64)
    floor = np.zeros(instance.floor.shape, dtype=np.int64)
    for row in stated.problem.constraints():
        kind, *where = row.name.split("_")
        if kind == "capacity":
            capacity[int(where[0]), int(where[1])] = max(0, round(abs(duals[row.index])))
        elif kind == "floor":
            floor[int(where[0])] = min(instance.missing, max(0, round(abs(duals[row.index]))))
    return Prices(capacity, floor)
