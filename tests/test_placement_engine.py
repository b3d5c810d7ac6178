"""One task, one plan: proven where it can be, never against a rule, the same on any number of threads."""

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_placements import MISSING, STAY, best_by_brute_force, drawn_task, every_plan, task, tasks

from stellwerk.distribution.placement import FREE, NOT_ELIGIBLE, Instance, Plan, Prices, SolverSettings, solve
from stellwerk.distribution.placement.bound import price_bound
from stellwerk.distribution.placement.instance import (
    FamilyWithoutMembers,
    FloorAboveCapacity,
    LockNotPossible,
    LocksExceedCapacity,
    NegativeCapacity,
    RepeatedFamily,
    RepeatedLocality,
    checked,
)
from stellwerk.distribution.placement.outcome import (
    CAPACITY_EXHAUSTED,
    DECIDED,
    LARGER_THAN_ANY_QUOTA,
    NO_PLACE_MEETS_NEED,
    unplaced,
)
from stellwerk.distribution.placement.plan import points_of, violations_of
from stellwerk.distribution.placement.solve import Progress

TO_THE_END = SolverSettings(target_gap=Decimal(0))
BY_PRICES = SolverSettings(full_model_families=0, target_gap=Decimal(0))
SIZEABLE = drawn_task(3_000, 20, seed=3)


def unit_task(families: int, places: int, capacity: list[int], seed: int) -> Instance:
    scores = np.random.default_rng(seed).integers(0, 10_000, (families, places))
    return task([1] * families, [[persons] for persons in capacity], scores.tolist())


# --- against others ------------------------------------------------------------------------------------------------


def test_unit_families_go_where_the_assignment_solver_of_scipy_sends_them() -> None:
    from scipy.optimize import linear_sum_assignment

    instance = unit_task(30, 30, [1] * 30, seed=4)
    rows, columns = linear_sum_assignment(instance.scores, maximize=True)
    plan = solve(instance, TO_THE_END)
    assert plan.certificate.objective == instance.scores[rows, columns].sum()
    assert plan.certificate.proven_best


# in a process of its own: OR-tools and HiGHS bring libraries of one name and cannot live in the same one
FLOW = """
import json, sys
from ortools.graph.python import min_cost_flow
task = json.load(sys.stdin)
scores, capacity, stay = task["scores"], task["capacity"], task["stay"]
families, places = len(scores), len(capacity)
stays, sink = families + places, families + places + 1
flow = min_cost_flow.SimpleMinCostFlow()
for f, row in enumerate(scores):
    for p, score in enumerate(row):
        flow.add_arc_with_capacity_and_unit_cost(f, families + p, 1, -score)
    flow.add_arc_with_capacity_and_unit_cost(f, stays, 1, -stay)
    flow.set_node_supply(f, 1)
for p, persons in enumerate(capacity):
    flow.add_arc_with_capacity_and_unit_cost(families + p, sink, persons, 0)
flow.add_arc_with_capacity_and_unit_cost(stays, sink, families, 0)
flow.set_node_supply(sink, -families)
assert flow.solve() == flow.OPTIMAL
print(-flow.optimal_cost())
"""


def best_flow(instance: Instance) -> int:
    asked = {"scores": instance.scores.tolist(), "capacity": instance.capacity[:, 0].tolist(), "stay": STAY}
    told = subprocess.run([sys.executable, "-c", FLOW], input=json.dumps(asked), capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return int(told.stdout)


@pytest.mark.parametrize("capacity", [[9, 4, 12, 7, 20, 3, 2], [3, 4, 5, 7, 20, 3, 2], [60] * 7])
def test_persons_alone_are_placed_as_well_as_by_a_flow_of_least_cost(capacity: list[int]) -> None:
    instance = unit_task(60, 7, capacity, seed=5)
    assert solve(instance, TO_THE_END).certificate.objective == best_flow(instance)


def test_the_price_engine_alone_comes_close_to_the_flow_and_its_bound_holds() -> None:
    instance = unit_task(2_000, 9, [300, 100, 250, 240, 260, 250, 240, 150, 180], seed=6)
    best, certificate = best_flow(instance), solve(instance, BY_PRICES).certificate
    assert certificate.objective <= best <= certificate.price_bound
    assert certificate.objective >= best * Decimal("0.999")


@settings(max_examples=25, deadline=None)
@given(tasks())
def test_small_tasks_are_solved_to_the_best_of_all_plans(instance: Instance) -> None:
    plan = solve(instance, TO_THE_END)
    assert plan.certificate.objective == best_by_brute_force(instance)
    assert plan.certificate.objective <= plan.certificate.bound <= plan.certificate.price_bound


@settings(max_examples=40, deadline=None)
@given(tasks(), st.data())
def test_no_plan_exceeds_what_any_prices_prove(instance: Instance, data: st.DataObject) -> None:
    places, resources = instance.capacity.shape
    price = st.lists(st.integers(0, 30_000), min_size=resources, max_size=resources)
    capacity = np.array([data.draw(price) for _ in range(places)], dtype=np.int64)
    floor = np.array([data.draw(st.integers(0, MISSING)) for _ in range(places)], dtype=np.int64)
    bound = price_bound(instance, Prices(capacity, floor))
    assert all(points_of(instance, plan) <= bound for plan in every_plan(instance))


def test_prices_outside_their_limits_prove_nothing() -> None:
    instance = task([1], [[1]], [[5]])
    with pytest.raises(ValueError, match="prove nothing"):
        price_bound(instance, Prices(np.array([[-1]]), np.array([0])))


# --- the price engine ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sizeable() -> Plan:
    return solve(SIZEABLE, BY_PRICES)


def test_a_task_of_thousands_is_close_to_the_best_without_the_whole_model(sizeable: Plan) -> None:
    assert sizeable.certificate.method == "prices"
    assert sizeable.certificate.gap <= Decimal("0.005")
    assert violations_of(SIZEABLE, sizeable.where) == sizeable.certificate.violations == 0


def test_one_thread_finds_the_plan_of_two(sizeable: Plan) -> None:
    alone = solve(SIZEABLE, BY_PRICES.model_copy(update={"threads": 1}))
    assert (alone.where == sizeable.where).all()
    assert alone.certificate == sizeable.certificate


def test_neighbourhoods_never_lose_points(sizeable: Plan) -> None:
    further = solve(SIZEABLE, BY_PRICES.model_copy(update={"neighbourhoods": 2}))
    assert further.certificate.objective >= sizeable.certificate.objective
    assert further.certificate.violations == 0


def test_families_with_equal_scores_spread_over_equal_places() -> None:
    instance = task([1] * 400, [[110]] * 4, [[5_000] * 4] * 400, floor=[95] * 4)
    plan = solve(instance, BY_PRICES)
    assert plan.certificate.objective == 400 * 5_000
    assert plan.load[:, 0].min() >= 95


def test_a_place_below_its_floor_costs_what_the_task_says() -> None:
    plan = solve(task([1, 1], [[2], [2]], [[9_000, 0], [9_000, 8_000]], floor=[0, 2]), TO_THE_END)
    assert plan.where.tolist() == [0, 1]
    assert plan.certificate.objective == 9_000 + 8_000 - MISSING
    assert plan.certificate.missing_persons == 1


# --- decisions -----------------------------------------------------------------------------------------------------


def test_locks_and_vetoes_are_kept() -> None:
    free = drawn_task(60, 5, seed=7)
    first = solve(free, TO_THE_END)
    locks = np.full(60, FREE, dtype=np.int32)
    locks[3], locks[4] = (first.where[3] + 1) % 5, free.staying
    vetoes = np.array([[f, first.where[f]] for f in (10, 11, 12)], dtype=np.int32)
    plan = solve(free.with_locks(locks).with_vetoes(vetoes), TO_THE_END)
    assert plan.where[3] == locks[3]
    assert plan.where[4] == free.staying
    assert all(plan.where[f] != first.where[f] for f in (10, 11, 12))
    assert plan.certificate.objective <= first.certificate.bound


def test_a_lock_where_the_family_must_not_go_is_refused() -> None:
    with pytest.raises(LockNotPossible, match="f000"):
        task([1], [[1]], [[int(NOT_ELIGIBLE)]]).with_locks(np.array([0], dtype=np.int32))


def test_locks_beyond_the_places_are_refused() -> None:
    with pytest.raises(LocksExceedCapacity, match="Ort 0"):
        task([1, 1], [[1]], [[5], [5]]).with_locks(np.array([0, 0], dtype=np.int32))


# --- who stays -----------------------------------------------------------------------------------------------------


def test_who_stays_is_told_with_the_reason() -> None:
    instance = task(
        [5, 1, 1, 1, 1],
        [[2, 1], [2, 0]],
        [[1, 1], [1, 1], [int(NOT_ELIGIBLE)] * 2, [9, 9], [9, 9]],
        needs=[[0], [2], [0], [1], [1]],
    )
    locked = instance.with_locks(np.array([FREE, FREE, FREE, FREE, instance.staying], dtype=np.int32))
    told = {row[0]: row[2:] for row in unplaced(solve(locked, TO_THE_END)).iter_rows()}
    assert told == {
        "f000": (LARGER_THAN_ANY_QUOTA, None),
        "f001": (NO_PLACE_MEETS_NEED, "school"),
        "f002": (NO_PLACE_MEETS_NEED, None),
        "f004": (DECIDED, None),
    }


def test_who_comes_after_the_places_are_taken_is_told_so() -> None:
    told = unplaced(solve(task([1, 1], [[1]], [[5], [6]]), TO_THE_END))
    assert told.rows() == [("f000", 1, CAPACITY_EXHAUSTED, None)]


def nobody() -> Instance:
    one = task([1], [[3]], [[5]])
    return checked(
        replace(
            one, families=(), demand=one.demand[:0], scores=one.scores[:0], stay=one.stay[:0], locks=one.locks[:0],
            ties=one.ties[:0],
        )
    )  # fmt: skip


@pytest.mark.parametrize("instance", [nobody(), task([2], [], [[]])])
def test_without_families_or_places_there_is_an_empty_plan(instance: Instance) -> None:
    plan = solve(instance, TO_THE_END)
    assert not len(plan.placed)
    assert plan.certificate.proven_best


# --- stopping ------------------------------------------------------------------------------------------------------


def test_progress_tells_a_gap_that_only_shrinks() -> None:
    heard: list[Progress] = []
    plan = solve(SIZEABLE, BY_PRICES, heard.append)
    gaps = [now.gap for now in heard if now.gap is not None]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(plan.certificate.gap, abs=Decimal("0.000001"))


def test_who_stops_the_search_gets_the_best_plan_so_far() -> None:
    heard: list[Progress] = []
    plan = solve(SIZEABLE, BY_PRICES, heard.append, stop=lambda: any(now.objective is not None for now in heard))
    assert plan.certificate.stopped_by == "user"
    assert plan.certificate.violations == 0
    assert len(plan.placed) > 2_900


def test_the_clock_stops_the_search_and_the_certificate_says_so() -> None:
    plan = solve(SIZEABLE, BY_PRICES.model_copy(update={"seconds": Decimal("0.001")}))
    assert plan.certificate.stopped_by == "time"
    assert plan.certificate.violations == 0


def test_a_wanted_gap_ends_the_search() -> None:
    certificate = solve(SIZEABLE, BY_PRICES.model_copy(update={"target_gap": Decimal("0.5")})).certificate
    assert certificate.stopped_by == "target"


# --- contradictions ------------------------------------------------------------------------------------------------


def changed(**arrays: object) -> Instance:
    return checked(replace(task([1, 2], [[3], [4]], [[5, 5], [5, 5]]), **arrays))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arrays", "error", "named"),
    [
        ({"families": ("ä", "ä")}, RepeatedFamily, "ä"),
        ({"localities": ("Köln", "Köln")}, RepeatedLocality, "Köln"),
        ({"capacity": np.array([[3], [-1]])}, NegativeCapacity, "Ort 1"),
        ({"demand": np.array([[0], [2]], dtype=np.int32)}, FamilyWithoutMembers, "f000"),
        ({"floor": np.array([4, 0])}, FloorAboveCapacity, "Ort 0"),
    ],
)
def test_a_task_that_contradicts_itself_is_refused_by_name(
    arrays: dict[str, object], error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        changed(**arrays)


def test_the_checksum_tells_tasks_apart_and_a_veto_from_nothing() -> None:
    plain = task([1, 2], [[3], [4]], [[5, 5], [5, 5]])
    vetoed = plain.with_vetoes(np.array([[0, 0]], dtype=np.int32))
    never = task([1, 2], [[3], [4]], [[int(NOT_ELIGIBLE), 5], [5, 5]])
    assert plain.input_hash != vetoed.input_hash == never.input_hash


def test_where_another_library_keeps_the_solver_out_a_sentence_says_so():
    """OR-tools brings a library of the same name; loaded first, it keeps HiGHS out of the process."""
    script = (
        "import ortools.graph.python.min_cost_flow\n"
        "from stellwerk.distribution.highs import SolverNotLoaded, solver_for\n"
        "try:\n    solver_for(None, 0)\n"
        "except SolverNotLoaded as error:\n    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert "OR-Tools" in said.stdout
