"""How do others do on the same task: greedy, lots, entropy, flows, plain models? One function a peer.

Each takes a task and seconds, and returns a plan (the place of each family), which is counted by the same code as
ours. Sinkhorn and the flow know persons only; what they exceed of other services is counted against them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stellwerk.distribution.placement.instance import Instance, Short

Peer = Callable[[Instance, float], Short]


def random_within_quota(task: Instance, seconds: float) -> Short:
    """Families in drawn order, each to a drawn place where it has room."""
    rng = np.random.default_rng(task.seed)
    left, where = task.capacity.copy(), np.full(len(task.families), task.staying, dtype=np.int32)
    for f in rng.permutation(len(task.families)):
        fits = np.flatnonzero(task.eligible[f] & (left >= task.demand[f]).all(axis=1))
        if len(fits):
            where[f] = rng.choice(fits)
            left[where[f]] -= task.demand[f]
    return where


def greedy(task: Instance, seconds: float) -> Short:
    """Large families first, each to the best place where it has room."""
    left, where = task.capacity.copy(), np.full(len(task.families), task.staying, dtype=np.int32)
    for f in np.argsort(-task.sizes, kind="stable"):
        fits = task.eligible[f] & (left >= task.demand[f]).all(axis=1)
        if fits.any():
            where[f] = int(np.where(fits, task.scores[f], np.iinfo(np.int32).min).argmax())
            left[where[f]] -= task.demand[f]
    return where


def sinkhorn(task: Instance, seconds: float) -> Short:
    """Entropic transport of persons to quotas, then the largest share of each family."""
    sizes = task.sizes.astype(np.float32)
    score = np.where(task.eligible, task.scores / (sizes[:, None] * 10_000), -1e3).astype(np.float32)
    kernel = np.exp((score - score.max(axis=1, keepdims=True)) / np.float32(0.02))
    quota = task.capacity[:, 0] * (sizes.sum() / task.capacity[:, 0].sum())
    column = np.ones(len(quota), dtype=np.float32)
    for _ in range(100):
        row = sizes / np.maximum(kernel @ column, np.float32(1e-30))
        column = (quota / np.maximum(row @ kernel, 1e-30)).astype(np.float32)
    where: Short = (kernel * column[None, :]).argmax(axis=1).astype(np.int32)
    return where


def flow(task: Instance, seconds: float) -> Short:
    """OR-tools' flow of least cost for persons; a family that it splits goes where most of it went."""
    from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]

    families, places = np.nonzero(task.eligible)
    sizes, number, count = task.sizes.astype(np.int64), len(task.families), len(task.localities)
    worth = task.scores[families, places] // sizes[families]
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(families, number + places, sizes[families], -worth)
    sink, everybody = number + count, np.arange(number)
    network.add_arcs_with_capacity_and_unit_cost(
        everybody, np.full(number, sink), sizes, -(task.stay // sizes).astype(np.int64)
    )
    network.add_arcs_with_capacity_and_unit_cost(
        number + np.arange(count), np.full(count, sink), task.capacity[:, 0], np.zeros(count, dtype=np.int64)
    )
    network.set_nodes_supplies(np.append(everybody, sink), np.append(sizes, -sizes.sum()))
    if network.solve() != network.OPTIMAL:
        raise RuntimeError("the flow has no solution")
    sent = np.zeros(task.eligible.shape, dtype=np.int64)
    sent[families, places] = network.flows(arcs)
    where = sent.argmax(axis=1)
    return np.where(sent.max(axis=1) > 0, where, task.staying).astype(np.int32)


def pulp_highs(task: Instance, seconds: float) -> Short:
    """PuLP and HiGHS on the plain model, from nothing."""
    import pulp  # type: ignore[import-untyped]

    return _plain_model(task, pulp.HiGHS(msg=False, threads=1, timeLimit=seconds))


def pulp_cbc(task: Instance, seconds: float) -> Short:
    """PuLP and CBC on the plain model, from nothing."""
    import pulp

    return _plain_model(task, pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=seconds))


def cp_sat(task: Instance, seconds: float) -> Short:
    """OR-tools' CP-SAT on the same model, two workers."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    pairs = [(int(f), int(p)) for f, p in np.argwhere(task.eligible)]
    goes = {pair: model.new_bool_var("") for pair in pairs}
    stays = [model.new_bool_var("") for _ in task.families]
    lacks = [model.new_int_var(0, int(floor), "") for floor in task.floor]
    home: list[list[object]] = [[stay] for stay in stays]
    there: list[list[tuple[int, object]]] = [[] for _ in task.localities]
    for (f, p), variable in goes.items():
        home[f].append(variable)
        there[p].append((f, variable))
    for choices in home:
        model.add_exactly_one(choices)  # type: ignore[arg-type]
    for p, families in enumerate(there):
        for r in range(len(task.resources)):
            taken = sum(int(task.demand[f, r]) * variable for f, variable in families if task.demand[f, r])  # type: ignore[operator, misc]
            model.add(taken <= int(task.capacity[p, r]))
        persons = sum(int(task.demand[f, 0]) * variable for f, variable in families)  # type: ignore[operator, misc]
        model.add(persons + lacks[p] >= int(task.floor[p]))
    model.maximize(
        sum(int(task.scores[pair]) * variable for pair, variable in goes.items())
        + sum(int(task.stay[f]) * variable for f, variable in enumerate(stays))
        - task.missing * sum(lacks)
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 2
    where = np.full(len(task.families), task.staying, dtype=np.int32)
    if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for (f, p), variable in goes.items():
            if solver.value(variable):
                where[f] = p
    return where


def _plain_model(task: Instance, solver: object) -> Short:
    from stellwerk.distribution.placement.model import state

    stated = state(task, [(int(f), int(p)) for f, p in np.argwhere(task.eligible)], whole=True)
    stated.problem.solve(solver)
    where = np.full(len(task.families), task.staying, dtype=np.int32)
    for (f, p), variable in stated.variables.items():
        if variable.varValue is not None and variable.varValue > 0.5:
            where[f] = p
    return where


PEERS: dict[str, Peer] = {
    "random within quota": random_within_quota,
    "greedy": greedy,
    "Sinkhorn, persons only": sinkhorn,
    "OR-tools flow, persons only": flow,
    "OR-tools CP-SAT": cp_sat,
    "PuLP + HiGHS, plain": pulp_highs,
    "PuLP + CBC, plain": pulp_cbc,
}
