"""Whoever asks why a family lives where it does gets its values, the rule in the way, and what an exception costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_placements import best_by_brute_force, counted_through, drawn_task, every_plan, no_prices, task, tasks

from stellwerk.distribution.placement import NOT_ELIGIBLE, Instance, Plan, SolverSettings, solve
from stellwerk.distribution.placement.counterfactual import cost_of_excluding, cost_of_moving
from stellwerk.distribution.placement.plan import points_of, violations_of
from stellwerk.distribution.placement.price_list import price_list, price_ranges
from stellwerk.distribution.placement.reasons import (
    FULL,
    NEED,
    SMALL,
    FamilyNotInPlan,
    LocalityNotInPlan,
    exception_price,
    why,
)
from stellwerk.distribution.placement.review import ReviewSettings

SETTINGS = ReviewSettings.load(Path(__file__).parents[1] / "params")
AROUND = SETTINGS.neighbourhood
NEAR_ONLY = AROUND.model_copy(update={"whole_up_to_pairs": 0})
EXACT = SolverSettings(target_gap=0)


def solved(instance: Instance) -> Plan:
    return solve(instance, EXACT)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solved(drawn_task(120, 10))


# --- why -----------------------------------------------------------------------------------------------------------


def test_charges_are_what_the_family_pays_for_the_units_it_takes(plan: Plan) -> None:
    for family in plan.instance.families:
        reasons = why(plan, family, SETTINGS)
        assert sum(charge.total for charge in reasons.charges) == reasons.place.charged
        assert reasons.place.left == reasons.place.points - reasons.place.charged


def test_every_better_place_has_a_rule_that_stands_against_it(plan: Plan) -> None:
    for family in plan.instance.families:
        for item in why(plan, family, SETTINGS).better:
            assert item.points > 0
            assert item.rule is not None
            assert bool(item.resources) == (item.rule in (FULL, SMALL))


def test_the_rule_in_the_way_is_the_one_that_is_broken() -> None:
    found = why(solved(task([2, 2], [[2], [4]], [[9, 8], [9, 1]])), "f000", SETTINGS)
    assert [(item.locality, item.rule) for item in found.better] == [("Ort 0", FULL)]
    too_large = why(solved(task([3], [[2], [4]], [[20, 10]])), "f000", SETTINGS)
    assert [(item.rule, item.resources) for item in too_large.better] == [(SMALL, ("persons",))]
    closed = why(solved(task([1], [[2], [4]], [[int(NOT_ELIGIBLE), 10]])), "f000", SETTINGS)
    assert closed.better == ()
    assert closed.closed == {NEED: 1}


def test_proposals_are_the_best_places_after_prices_best_first(plan: Plan) -> None:
    reasons = why(plan, "f007", SETTINGS)
    left = [item.left for item in reasons.proposals]
    assert len(left) == SETTINGS.alternatives
    assert left == sorted(left, reverse=True)
    assert reasons.price_regret == max(0, left[0] - reasons.place.left)


def test_points_by_criterion_stand_at_every_place_where_they_are_known() -> None:
    def known(family: int, locality: int) -> dict[str, int]:
        return {"rent": 4, "work": 3} if locality == 0 else {}

    found = why(counted_through(task([1], [[1], [1]], [[7, 5]])), "f000", SETTINGS, known)
    assert found.place.criteria == {"rent": 4, "work": 3}
    assert {item.locality: dict(item.criteria) for item in found.proposals}["Ort 1"] == {}


def test_regret_is_never_negative_and_nought_at_the_best_place(plan: Plan) -> None:
    for family in plan.instance.families[:30]:
        reasons = why(plan, family, SETTINGS)
        assert reasons.regret >= 0
        assert reasons.price_regret >= 0
        assert bool(reasons.regret) <= bool(reasons.better)


def test_an_unknown_family_or_locality_is_refused_with_the_nearest_one(plan: Plan) -> None:
    with pytest.raises(FamilyNotInPlan, match="f007"):
        why(plan, "f0007", SETTINGS)
    with pytest.raises(LocalityNotInPlan, match="Ort 3"):
        exception_price(plan, "f007", "Ort3", AROUND)


# --- the price of the exception ------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(tasks(), st.data())
def test_a_counterfactual_costs_exactly_what_the_best_plan_loses(instance: Instance, data: st.DataObject) -> None:
    family = data.draw(st.integers(0, len(instance.families) - 1))
    locality = data.draw(st.integers(0, instance.staying))
    where = next(iter(every_plan(instance)))
    found = cost_of_moving(instance, where, no_prices(instance), family, locality, AROUND)
    best = best_by_brute_force(instance)
    bound = max((points_of(instance, plan) for plan in every_plan(instance) if plan[family] == locality), default=None)
    assert best is not None
    assert found.cost == (None if bound is None else best - bound)
    assert found.whole
    if bound is not None:
        assert found.proven
        assert found.where[family] == locality


@settings(max_examples=25, deadline=None)
@given(tasks(), st.data())
def test_in_a_neighbourhood_too_a_cost_is_never_negative_and_the_plan_breaks_no_rule(
    instance: Instance, data: st.DataObject
) -> None:
    family = data.draw(st.integers(0, len(instance.families) - 1))
    locality = data.draw(st.integers(0, instance.staying))
    where = max(every_plan(instance), key=lambda plan: points_of(instance, plan))
    for price in (cost_of_moving, cost_of_excluding):
        if price is cost_of_excluding and locality == instance.staying:
            continue
        found = price(instance, where, no_prices(instance), family, locality, NEAR_ONLY)
        if found.cost is not None:
            assert found.cost >= 0
            assert violations_of(instance, found.where) == 0
            assert (found.where[family] == locality) == (price is cost_of_moving)
            assert points_of(instance, where) - points_of(instance, found.where) == found.cost


def test_the_price_of_staying_where_one_is_is_nought(plan: Plan) -> None:
    here = plan.instance.localities[plan.where[5]]
    assert exception_price(plan, "f005", here, AROUND).cost == 0


def test_a_neighbourhood_never_costs_less_than_everybody_moving() -> None:
    found = solved(drawn_task(30, 4))
    for family in (0, 20):
        for locality in range(4):
            whole = cost_of_moving(found.instance, found.where, found.prices, family, locality, AROUND)
            near = cost_of_moving(found.instance, found.where, found.prices, family, locality, NEAR_ONLY)
            assert whole.whole and not near.whole
            if whole.cost is None or near.cost is None:
                continue
            assert whole.cost <= near.cost


# --- price list ----------------------------------------------------------------------------------------------------


def test_the_price_list_names_every_service_of_every_place_once(plan: Plan) -> None:
    table = price_list(plan)
    assert table.height == 20
    assert not table.select("locality", "resource").is_duplicated().any()
    assert (table["taken"] <= table["capacity"]).all()


def test_a_price_lies_in_its_range_and_a_service_nobody_lacks_is_free(plan: Plan) -> None:
    lowest, highest = price_ranges(plan.instance, plan.prices)
    assert (lowest <= plan.prices.capacity).all()
    assert (plan.prices.capacity <= highest).all()
    assert (lowest >= 0).all()
    roomy = solved(task([1, 1], [[9], [9]], [[5, 4], [3, 2]]))
    assert not price_ranges(roomy.instance, roomy.prices)[1].any()


def test_the_range_reaches_from_the_next_bidder_to_the_last_one_in() -> None:
    instance = task([1, 1, 1], [[1], [9]], [[900, 0], [700, 0], [400, 0]])
    lowest, highest = price_ranges(instance, no_prices(instance))
    assert lowest[0, 0] == 0  # the plan's own price, nought, lies below
    assert highest[0, 0] == 900  # with no place at all, the price would have to keep everybody out
