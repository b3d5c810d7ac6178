"""What cannot be kept is named with the one who causes it, and what is said to help does help."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_placements import drawn_task, every_plan, task, tasks

from stellwerk.distribution.placement import FREE, NOT_ELIGIBLE, Instance, SolverSettings, solve
from stellwerk.distribution.placement.infeasible import Relaxation, conflicts, relaxed
from stellwerk.distribution.placement.instance import Short, checked
from stellwerk.distribution.placement.shortage import shortages, shortages_beside


def locked(instance: Instance, **places: int) -> Short:
    locks = np.full(len(instance.families), FREE, dtype=np.int32)
    for family, place in places.items():
        locks[instance.families.index(family)] = place
    return locks


def test_locks_that_can_all_be_kept_are_no_conflict() -> None:
    instance = task([1, 2], [[2], [1]], [[5, 5], [5, 5]])
    assert conflicts(instance, locked(instance, f000=1, f001=0)) == []


def test_a_lock_against_a_need_a_veto_or_a_capacity_names_the_rule_and_the_family() -> None:
    instance = task([1, 2, 1], [[2], [1], [1]], [[5, int(NOT_ELIGIBLE), 5], [5, 5, 5], [5, 5, 5]])
    instance = instance.with_vetoes(np.array([[2, 0]], dtype=np.int32))
    need, veto, small = conflicts(instance, locked(instance, f000=1, f001=2, f002=0))
    assert (need.rule, need.families, need.relaxation) == (
        "need_not_met", ("f000",), (Relaxation("waive_need", "Ort 1", family="f000"),),
    )  # fmt: skip
    assert (small.rule, small.resource, small.lacking) == ("too_small", "persons", 1)
    assert small.relaxation == (Relaxation("raise_capacity", "Ort 2", "persons", units=1),)
    assert (veto.rule, veto.relaxation) == ("vetoed", (Relaxation("lift_veto", "Ort 0", family="f002"),))


def test_locks_too_many_for_a_place_say_how_much_is_lacking_or_whom_to_release() -> None:
    instance = task([1, 2, 4], [[4], [9]], [[5, 5], [5, 5], [5, 5]])
    (conflict,) = conflicts(instance, locked(instance, f000=0, f001=0, f002=0))
    assert (conflict.rule, conflict.localities, conflict.lacking) == ("capacity", ("Ort 0",), 3)
    assert conflict.relaxation == (Relaxation("raise_capacity", "Ort 0", "persons", units=3),)
    assert conflict.otherwise == (Relaxation("release_lock", "Ort 0", family="f002"),)


@settings(max_examples=60, deadline=None)
@given(tasks(), st.data())
def test_each_way_out_of_a_conflict_of_locks_makes_it_possible(instance: Instance, data: st.DataObject) -> None:
    places = st.integers(0, instance.staying)
    locks = np.array([data.draw(places) for _ in instance.families], dtype=np.int32)
    wanted = replace(instance, locks=locks)
    found = conflicts(instance, locks)
    for ways in ("relaxation", "otherwise"):
        fixed = relaxed(
            wanted, dict.fromkeys(chain.from_iterable(getattr(one, ways) for one in found if one.rule != "floor"))
        )
        assert any(True for _ in every_plan(fixed))
        assert not [one for one in conflicts(fixed, fixed.locks) if one.rule != "floor"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=7), st.integers(0, 10), st.data())
def test_no_fewer_locks_than_those_named_would_do(sizes: list[int], room: int, data: st.DataObject) -> None:
    instance = task(sizes, [[max(room, *sizes)]], [[1]] * len(sizes))
    found = conflicts(instance, locked(instance, **dict.fromkeys(instance.families, 0)))
    lacking = sum(sizes) - max(room, *sizes)
    if lacking <= 0:
        assert found == []
        return
    released = [instance.families.index(str(one.family)) for one in found[0].otherwise]
    largest_of_fewer = sum(sorted(sizes, reverse=True)[: len(released) - 1])
    assert sum(sizes[f] for f in released) >= lacking > largest_of_fewer


def test_with_very_many_locks_at_one_place_enough_are_named_and_it_says_so() -> None:
    instance = task([2] * 30, [[31]], [[1]] * 30)
    (conflict,) = conflicts(instance, locked(instance, **dict.fromkeys(instance.families, 0)))
    assert len(conflict.otherwise) == 15
    assert not conflict.smallest
    assert relaxed(replace(instance, locks=np.zeros(30, dtype=np.int32)), conflict.otherwise)


def test_floors_above_all_persons_are_a_conflict_until_lowered_by_the_difference() -> None:
    instance = task([1, 2], [[9], [9]], [[5, 5], [5, 5]], floor=[4, 2])
    (conflict,) = conflicts(instance, instance.locks)
    assert (conflict.rule, conflict.lacking) == ("floor", 3)
    assert conflict.relaxation == (Relaxation("lower_floor", "Ort 0", "persons", units=3),)
    assert conflicts(relaxed(instance, conflict.relaxation), instance.locks) == []


def test_a_floor_above_the_capacity_of_its_place_is_named() -> None:
    instance = replace(task([5], [[3]], [[5]]), floor=np.array([4]))
    (conflict,) = conflicts(instance, instance.locks)
    assert (conflict.localities, conflict.lacking) == (("Ort 0",), 1)
    assert checked(relaxed(instance, conflict.relaxation))
    assert checked(relaxed(instance, conflict.otherwise))


# --- a place for everybody -----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(tasks())
def test_after_what_is_said_to_be_lacking_is_added_everybody_has_a_place(instance: Instance) -> None:
    found = shortages(instance)
    fixed = relaxed(instance, chain.from_iterable(one.relaxation for one in found))
    assert any((plan != fixed.staying).all() for plan in every_plan(fixed))
    assert bool(found) != any((plan != instance.staying).all() for plan in every_plan(instance))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.lists(st.integers(0, 4), min_size=1, max_size=2))
def test_no_less_capacity_than_that_would_do(sizes: list[int], rooms: list[int]) -> None:
    instance = task(sizes, [[room] for room in rooms], [[1] * len(rooms)] * len(sizes))
    lacking = sum(one.lacking for one in shortages(instance))
    plans = np.array(list(np.ndindex(*[len(rooms)] * len(sizes))))
    used = np.stack([(np.array(sizes) * (plans == p)).sum(axis=1) for p in range(len(rooms))], axis=1)
    assert lacking == np.maximum(used - np.array(rooms), 0).sum(axis=1).min()


def test_a_family_larger_than_any_place_is_named_with_what_its_nearest_place_lacks() -> None:
    (conflict,) = shortages(task([6, 1], [[4], [2]], [[5, 5], [5, 5]]))
    assert (conflict.rule, conflict.families, conflict.resource) == ("too_small", ("f000",), "persons")
    assert conflict.relaxation == (Relaxation("raise_capacity", "Ort 0", "persons", units=2),)


def test_a_family_whose_need_no_place_meets_is_named() -> None:
    closed = int(NOT_ELIGIBLE)
    (conflict,) = shortages(task([1], [[4], [2]], [[closed, closed]]))
    assert (conflict.rule, conflict.families) == ("need_not_met", ("f000",))
    assert conflict.relaxation == (Relaxation("waive_need", "Ort 0", family="f000"),)


def test_a_missing_service_is_named_and_not_the_places_of_which_there_are_enough() -> None:
    (conflict,) = shortages(task([2, 2], [[4, 1]], [[5], [5]], needs=[[1], [1]]))
    assert (conflict.rule, conflict.resource, conflict.lacking) == ("capacity", "school", 1)


def test_beside_a_plan_of_any_size_what_is_added_is_enough() -> None:
    instance = drawn_task(120, 8, slack=0.92)
    plan = solve(instance, SolverSettings(seconds=5))
    assert plan.unplaced.size
    found = shortages_beside(plan)
    fixed = relaxed(instance, chain.from_iterable(one.relaxation for one in found))
    assert solve(replace(fixed, stay=fixed.stay * 100), SolverSettings(seconds=5)).unplaced.size == 0
