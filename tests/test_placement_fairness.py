"""Groups are held against lots within quota, every person counts by itself, and fairness has its price told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_placements import drawn_task, every_plan, no_prices, task, tasks

from stellwerk.distribution.placement import NOT_ELIGIBLE, Instance, Plan, SolverSettings, solve
from stellwerk.distribution.placement.attributes import association, criterion_influence
from stellwerk.distribution.placement.fairness import (
    GroupsDoNotMatch,
    Persons,
    group_table,
    persons_alike,
    prospect_test,
)
from stellwerk.distribution.placement.instance import FREE
from stellwerk.distribution.placement.lots import by_lot
from stellwerk.distribution.placement.plan import violations_of
from stellwerk.distribution.placement.premiums import NobodyInGroup, keep_floors
from stellwerk.distribution.placement.regret import envied, municipal_envy, points_at, regret_table, summary


def solved(instance: Instance) -> Plan:
    return solve(instance, SolverSettings(target_gap=Decimal("0.0001")))


def halves(instance: Instance) -> pl.DataFrame:
    return pl.DataFrame({"language": ["a" if n % 2 else "b" for n in range(len(instance.families))]})


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solved(drawn_task(80, 8))


# --- lots ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(tasks(), st.integers(0, 99))
def test_a_plan_by_lot_breaks_no_rule_and_leaves_nobody_out_who_would_fit(instance: Instance, seed: int) -> None:
    where = by_lot(instance, seed)
    assert violations_of(instance, where) == 0
    room = instance.capacity.copy()
    for f, p in enumerate(where):
        if p != instance.staying:
            room[p] -= instance.demand[f]
    for f in np.flatnonzero(where == instance.staying):
        assert not (instance.eligible[f] & (instance.demand[f] <= room).all(axis=1)).any()


def test_the_same_lots_come_from_the_same_seed_and_others_from_another() -> None:
    instance = drawn_task(80, 8)
    assert (by_lot(instance, 1) == by_lot(instance, 1)).all()
    assert (by_lot(instance, 1) != by_lot(instance, 2)).any()


def test_lots_leave_locked_families_where_they_are() -> None:
    instance = drawn_task(80, 8)
    locks = np.full(80, FREE, dtype=np.int32)
    locks[:5], locks[5] = 3, instance.staying
    where = by_lot(instance.with_locks(locks), 4)
    assert where[:6].tolist() == [3] * 5 + [instance.staying]


def test_lots_look_at_places_and_not_at_points() -> None:
    instance = drawn_task(80, 8)
    other = instance.with_scores(np.ascontiguousarray(instance.scores[:, ::-1]))
    assert (by_lot(instance, 1) == by_lot(other, 1)).all()


# --- groups --------------------------------------------------------------------------------------------------------


def test_every_person_counts_by_its_own_points_and_no_family_by_its_best_earner() -> None:
    persons = Persons(
        np.array([0, 0, 1]),
        np.array([[9_000, 0], [1_000, 0], [0, 4_000]], dtype=np.int32),
        pl.DataFrame({"sex": ["m", "f", "f"]}),
    )
    where = np.array([0, 1], dtype=np.int32)
    table = group_table(persons, where, [where])
    assert dict(table.select("group", "fit").iter_rows()) == {"f": Decimal("0.25"), "m": Decimal("0.9")}


def test_who_stays_in_the_state_facility_counts_with_nought_and_as_not_placed() -> None:
    persons = Persons(
        np.array([0, 1]), np.array([[8_000], [int(NOT_ELIGIBLE)]], dtype=np.int32), pl.DataFrame({"g": ["a", "a"]})
    )
    row = group_table(persons, np.array([1, 0], dtype=np.int32), [np.array([0, 1], dtype=np.int32)]).row(0, named=True)
    assert (row["persons"], row["placed"], row["fit"], row["by_lot"]) == (2, 1, Decimal(0), Decimal("0.4"))
    assert row["above_lots"] == Decimal("-0.4")


def test_a_plan_for_the_best_fit_is_above_lots_in_every_group(plan: Plan) -> None:
    persons = persons_alike(plan.instance, halves(plan.instance))
    table = group_table(persons, plan.where, [by_lot(plan.instance, seed) for seed in range(5)])
    assert table["persons"].sum() == plan.instance.sizes.sum()
    assert (table["above_lots"] > 0).all()
    assert (table["lots_lowest"] <= table["by_lot"]).all() and (table["by_lot"] <= table["lots_highest"]).all()


def test_persons_points_and_groups_of_different_length_are_refused() -> None:
    with pytest.raises(GroupsDoNotMatch, match="1 Zeilen"):
        Persons(np.array([0, 0]), np.zeros((2, 1), dtype=np.int32), pl.DataFrame({"g": ["a"]}))


# --- prospects -----------------------------------------------------------------------------------------------------


def people_of_two_prospects() -> Persons:
    """Half would do well, half badly; places are good or bad for everybody."""
    prospect = np.repeat([1, 3], 20)[:, None]
    return Persons(
        np.arange(40), (prospect * np.array([[1000, 2000]])).astype(np.int32), pl.DataFrame({"g": ["x"] * 40})
    )


def test_poor_prospects_sent_to_poor_places_raise_the_alarm() -> None:
    persons = people_of_two_prospects()
    lots = [np.random.default_rng(seed).permutation(np.repeat([0, 1], 20)).astype(np.int32) for seed in range(10)]
    sorted_out = prospect_test(persons, np.repeat([0, 1], 20).astype(np.int32), lots)
    assert sorted_out.correlation == pytest.approx(1.0)
    assert sorted_out.alarming
    assert not prospect_test(persons, np.repeat([1, 0], 20).astype(np.int32), lots).alarming
    assert not prospect_test(persons, lots[0], lots).alarming
    assert not prospect_test(persons, np.repeat([0, 1], 20).astype(np.int32), lots, Decimal(1)).alarming


def test_where_all_places_are_alike_there_is_nothing_to_correlate() -> None:
    persons = Persons(np.arange(3), np.full((3, 2), 5, dtype=np.int32), pl.DataFrame({"g": ["x"] * 3}))
    where = np.array([0, 1, 0], dtype=np.int32)
    assert prospect_test(persons, where, [where]).correlation == 0


# --- regret and envy -----------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(tasks(), st.data())
def test_regret_is_never_negative(instance: Instance, data: st.DataObject) -> None:
    where = data.draw(st.sampled_from(list(every_plan(instance))[:50]))
    table = regret_table(Plan(instance, where, no_prices(instance), None, 0.0))  # type: ignore[arg-type]
    assert (table["regret"] >= 0).all()
    assert (table["regret_after_prices"] >= 0).all()
    assert (table["regret"] == table["best_fit"] - table["fit"]).all()


def test_nearly_everybody_lives_at_the_best_place_after_prices(plan: Plan) -> None:
    found = summary(regret_table(plan))
    assert found["families"] == 80
    assert int(str(found["at_best_place_after_prices"])) >= 60


@settings(max_examples=40, deadline=None)
@given(tasks(), st.data())
def test_envy_is_justified_only_by_a_later_family_of_the_same_demand_at_a_better_place(
    instance: Instance, data: st.DataObject
) -> None:
    where = data.draw(st.sampled_from(list(every_plan(instance))[:50]))
    arrived = [data.draw(st.integers(0, 3)) for _ in instance.families]
    own, found = points_at(instance, where), envied(instance, where, arrived)
    for f, place in enumerate(found):
        reasons = {
            int(where[g])
            for g in range(len(where))
            if (instance.demand[f] == instance.demand[g]).all() and arrived[g] > arrived[f]
            and where[g] != instance.staying and instance.eligible[f, where[g]]
            and instance.scores[f, where[g]] > own[f]
        }  # fmt: skip
        assert (place in reasons) if reasons else place == -1


def test_municipal_envy_is_the_widest_gap_in_how_full_places_are() -> None:
    instance = task([1, 2], [[9], [9]], [[1, 0], [1, 0]])
    where = np.array([0, 0], dtype=np.int32)
    assert municipal_envy(instance, where, np.array([2, 4])) == Fraction(3, 2)


# --- floors and their price ----------------------------------------------------------------------------------------


def test_a_floor_that_holds_anyway_costs_nothing(plan: Plan) -> None:
    persons = persons_alike(plan.instance, halves(plan.instance))
    found = keep_floors(plan.instance, persons, {("language", "a"): Decimal("0.1")}, lambda _: plan, 4)
    assert found.kept
    assert found.price == 0
    assert found.premiums == {("language", "a"): 0}


def test_a_floor_above_what_a_group_has_is_reached_at_a_price() -> None:
    instance = drawn_task(40, 5, seed=5)
    persons = persons_alike(instance, halves(instance))
    without = solved(instance)
    table = group_table(persons, without.where, [without.where])
    fit = dict(table.select("group", "fit").iter_rows())
    group = ("language", "b")
    found = keep_floors(instance, persons, {group: fit["b"] + Decimal("0.01")}, solved, 6)
    assert found.kept
    assert found.fit[group] >= fit["b"] + Decimal("0.01")
    assert 0 < found.price <= found.price_at_most
    assert found.premiums[group] > 0
    assert violations_of(instance, found.plan.where) == 0


def test_a_floor_that_nobody_can_reach_is_said_not_to_be_kept() -> None:
    instance = task([1, 1], [[1], [1]], [[5_000, 4_000], [5_000, 4_000]])
    persons = persons_alike(instance, halves(instance))
    found = keep_floors(instance, persons, {("language", "a"): Decimal("0.9")}, solved, 3)
    assert not found.kept
    assert found.fit[("language", "a")] <= Fraction(1, 2)


def test_a_floor_for_nobody_is_refused(plan: Plan) -> None:
    persons = persons_alike(plan.instance, halves(plan.instance))
    with pytest.raises(NobodyInGroup, match="language"):
        keep_floors(plan.instance, persons, {("langage", "a"): Decimal(0)}, solved, 1)


# --- attributes ----------------------------------------------------------------------------------------------------


def test_a_criterion_without_points_moves_nobody_and_the_only_one_moves_many(plan: Plan) -> None:
    instance = replace(plan.instance, demand=np.ones_like(plan.instance.demand))
    alike = Plan(instance, plan.where, no_prices(instance), plan.certificate, 0.0)
    parts = {"all": instance.scores, "none": np.zeros_like(instance.scores)}
    table = criterion_influence(alike, parts, draws=3, seed=1)
    assert table["criterion"].to_list() == ["all", "none"]
    assert table["share_moved"][0] > 0.5
    assert table["share_moved"][1] == 0


def test_a_label_that_decides_the_place_stands_out_from_one_that_does_not() -> None:
    instance = task([1] * 40, [[40], [40]], [[1, 1]] * 40)
    where = np.repeat([0, 1], 20).astype(np.int32)
    groups = pl.DataFrame({"decides": ["a"] * 20 + ["b"] * 20, "alternates": ["a", "b"] * 20})
    table = association(instance, persons_alike(instance, groups), where, draws=10, seed=1)
    found = {row["attribute"]: row for row in table.iter_rows(named=True)}
    assert found["decides"]["strength"] == pytest.approx(1.0)
    assert found["decides"]["beyond_chance"] > 0.3
    assert found["alternates"]["beyond_chance"] == 0
