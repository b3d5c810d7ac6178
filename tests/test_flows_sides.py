"""Municipal places, returns, quotas and partnerships: exact, conserved, and nothing without a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stellwerk.flows.legal_routes import LegalRoutes, partnership_effects, quota_use
from stellwerk.flows.municipal_places import MunicipalPlan, municipal_course
from stellwerk.flows.persons import PERSONS
from stellwerk.flows.returns import ReturnLaw, ReturnPlan, from_prison, removals_a_year, return_course

MONDAY = dt.date(2023, 1, 2)


def _q(value: str | int) -> dict[str, Any]:
    return {"value": Decimal(value), "source": "Test"}


def _assigned(persons: list[int]) -> pl.DataFrame:
    weeks = [MONDAY + dt.timedelta(weeks=index) for index in range(len(persons))]
    kinds = {kind: [Decimal(n) for n in persons] for kind in ("protected", "open", "refused")}
    return pl.DataFrame({"week": weeks, **kinds}, schema_overrides=dict.fromkeys(kinds, PERSONS))


def _municipal(**changed: Any) -> MunicipalPlan:
    values: Mapping[str, Any] = {
        "places": _q(100),
        "persons": {"protected": _q(30), "open": _q(30), "refused": _q(20)},
        "move_out_per_week": {"protected": _q("0.05"), "open": _q("0.01"), "refused": _q("0.02")},
        "settled_per_week": _q("0.1"),
        "settled_protected_share": _q("0.5"),
        **changed,
    }
    return MunicipalPlan.model_validate(values)


def _still(**changed: Any) -> MunicipalPlan:
    """Municipalities that nobody leaves."""
    none = {kind: _q(0) for kind in ("protected", "open", "refused")}
    return _municipal(move_out_per_week=none, settled_per_week=_q(0), **changed)


# --- municipal places -----------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_people_in_municipalities_are_conserved_to_the_last_part(persons: list[int]) -> None:
    course = municipal_course(_assigned(persons), _municipal())
    begin = {"protected": Decimal(30), "open": Decimal(30), "refused": Decimal(20)}
    for (kind,), rows in course.people.group_by("kind", maintain_order=True):
        before = begin[str(kind)]
        for row in rows.iter_rows(named=True):
            before += row["arrivals"] + row["settled"] - row["moved_out"]
            assert row["stock"] == before >= 0
    assert sum(course.people["settled"]) == 0
    stock = course.people.group_by("week", maintain_order=True).agg(pl.col("stock").sum())["stock"]
    housed = course.places.select(
        (pl.col("occupied") + pl.col("reserve_occupied") + pl.col("without_place")).alias("n")
    )
    assert stock.to_list() == housed["n"].to_list()


def test_hundred_reserve_places_of_which_eighty_are_taken_leave_twenty_empty() -> None:
    plan = _still(places=_q(100), reserve=({"from": MONDAY, "held": 100},))
    (week,) = municipal_course(_assigned([0]), plan.model_copy(update={"persons": _persons(180)})).places.to_dicts()
    assert (week["occupied"], week["reserve_held"], week["reserve_occupied"], week["reserve_empty"]) == (
        100,
        100,
        80,
        20,
    )
    assert week["without_place"] == 0


def test_who_finds_neither_place_nor_reserve_is_without_one() -> None:
    plan = _still(places=_q(100), reserve=({"from": MONDAY, "held": 10},))
    (week,) = municipal_course(_assigned([0]), plan.model_copy(update={"persons": _persons(125)})).places.to_dicts()
    assert (week["reserve_occupied"], week["reserve_empty"], week["without_place"]) == (10, 0, 15)


def test_reserve_is_held_from_its_day_only() -> None:
    later = MONDAY + dt.timedelta(weeks=1)
    course = municipal_course(_assigned([0, 0]), _still(reserve=({"from": later, "held": 10},)))
    assert course.places["reserve_held"].to_list() == [0, 10]


def test_a_project_gives_places_after_its_lead_time_until_it_ends_and_costs_what_its_places_cost() -> None:
    project = {"kind": "temporary_permit", "ordered_on": MONDAY, "lead_weeks": 2, "places": 40, "lasts_weeks": 3}
    plan = _still(projects=({**project, "cost_per_place": _q("9000.50")},))
    course = municipal_course(_assigned([0] * 6), plan)
    assert course.places["places"].to_list() == [100, 100, 140, 140, 140, 100]
    assert course.places["building"].to_list() == [40, 40, 0, 0, 0, 0]
    assert course.projects.row(0, named=True)["cost_eur"] == Decimal("360020.00")
    assert course.projects["ready_on"][0] == MONDAY + dt.timedelta(weeks=2)


def test_a_number_without_a_source_is_refused() -> None:
    with pytest.raises(ValidationError):
        _municipal(places={"value": 100, "source": ""})


# --- returns --------------------------------------------------------------------------------------------------------


def _returns(**changed: Any) -> ReturnPlan:
    values = {
        "budget": "x",
        "cost_per_post": _q(85000),
        "share_for_posts": _q("0.8"),
        "effect_of_budget": _q(1),
        "removals_base_year": _q(3100),
        "voluntary_base_year": _q(2000),
        "voluntary_factor": _q(1),
        "obliged_at_start": _q(50000),
        "obliged_elsewhere_per_year": _q(6000),
        "removable_share": _q("0.1"),
        "otherwise_ended_per_year": _q("0.1"),
        "authority": "a",
        "authority_facts": {},
        "region_fact": "r",
        "regions": {"north": "N", "south": "S"},
        "detention": (
            {
                "kind": "short",
                "label": {"de": "k", "en": "s"},
                "window": "w",
                "share_of_removals": _q("0.5"),
                "mean_days": _q(20),
            },
        ),
        "prison": {"forecast": ("f",), "released_obliged_per_year": _q(400), "ready_within_months": _q(12)},
        **changed,
    }
    return ReturnPlan.model_validate(values)


def _law(**changed: Any) -> ReturnLaw:
    values = {
        "budget": Decimal(47_000_000),
        "budget_in_force": Decimal(47_000_000),
        "windows": {"w": 28},
        "forecast_months": 6,
        "authorities": {"north": "office_north", "south": "office_south"},
        "shares": {"north": Decimal("0.3"), "south": Decimal("0.7")},
        **changed,
    }
    return ReturnLaw(**values)  # type: ignore[arg-type]


def _inflow(weeks: int, obliged: str = "50", removed: str = "10") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "week": [MONDAY + dt.timedelta(weeks=index) for index in range(weeks)],
            "became_obliged": [Decimal(obliged)] * weeks,
            "removed_from_state": [Decimal(removed)] * weeks,
        },
        schema_overrides={"became_obliged": PERSONS, "removed_from_state": PERSONS},
    )


@given(st.integers(1, 60), st.integers(0, 300), st.integers(0, 100), st.integers(0, 60000))
def test_cases_are_conserved_in_every_week_and_authority(weeks: int, came: int, removed: int, begin: int) -> None:
    plan = _returns(obliged_at_start=_q(begin))
    cases = return_course(_inflow(weeks, str(came), str(removed)), plan, _law()).cases
    for _, rows in cases.group_by("authority", maintain_order=True):
        before = rows["begin"][0]
        for row in rows.iter_rows(named=True):
            assert row["begin"] == before
            before += row["became_obliged"] - row["removed"] - row["voluntary"] - row["otherwise_ended"]
            assert row["stock"] == before >= 0


def test_the_base_budget_gives_the_base_years_removals_state_accommodation_included() -> None:
    course = return_course(_inflow(52), _returns(), _law())
    removed = sum(course.cases["removed"]) + 52 * Decimal(10)
    assert removed == pytest.approx(Decimal(3100) * 364 / Decimal("365.25"), abs=Decimal("0.01"))


def test_three_million_more_raise_removals_by_their_share_times_the_stated_effect() -> None:
    more = _law(budget=Decimal(50_000_000))
    assert removals_a_year(_returns(), more) == pytest.approx(Decimal(3100) * 50 / 47, abs=Decimal("0.001"))
    assert removals_a_year(_returns(effect_of_budget=_q(0)), more) == 3100


def test_posts_are_the_budgets_share_over_the_cost_of_a_post() -> None:
    capacity = return_course(_inflow(1), _returns(), _law()).capacity
    assert sum(capacity["posts"]) == pytest.approx(Decimal(47_000_000) * Decimal("0.8") / 85000, abs=Decimal("0.001"))
    assert capacity["authority"].to_list() == ["office_north", "office_south"]


@pytest.mark.parametrize(("window", "days"), [(28, 20), (10, 10)])
def test_nobody_is_detained_longer_than_the_window_of_the_law(window: int, days: int) -> None:
    row, prison = return_course(_inflow(52), _returns(), _law(windows={"w": window})).detention.to_dicts()
    assert (prison["kind"], prison["places"]) == ("prison", 0)
    assert row["days"] == days
    assert row["places"] == pytest.approx(row["removals_a_year"] * days / Decimal("365.25"), abs=Decimal("0.001"))


@pytest.mark.parametrize(("months", "removals"), [(3, 100), (6, 200), (18, 400)])
def test_a_longer_forecast_period_lets_more_be_removed_straight_from_prison(months: int, removals: int) -> None:
    assert from_prison(_returns(), _law(forecast_months=months)) == removals


def test_without_a_rule_on_prison_nothing_is_said_of_it() -> None:
    assert from_prison(_returns(prison=None), _law()) is None


# --- legal routes ---------------------------------------------------------------------------------------------------


def _routes(demand: int) -> LegalRoutes:
    words = {"de": "x", "en": "x"}
    return LegalRoutes.model_validate(
        {
            "quotas": [{"route": "r", "label": words, "quota": "q", "demand_per_year": _q(demand)}],
            "partnerships": [
                {
                    "partner": "GE",
                    "label": words,
                    "visas_now": _q(500),
                    "visas_offered": _q(1500),
                    "readmissions_now": _q(900),
                    "elasticity": _q("0.1"),
                }
            ],
        }
    )


def test_a_quota_of_fifty_thousand_is_used_up_at_the_end_of_november_where_demand_says_so() -> None:
    row = quota_use(_routes(54_650).quotas, [2025], lambda name, day: 50_000).row(0, named=True)
    assert row["used_up_on"] == dt.date(2025, 11, 30)
    assert (row["granted"], row["refused"]) == (50_000, 4_650)


def test_half_the_quota_is_used_up_in_june() -> None:
    row = quota_use(_routes(54_600).quotas, [2027], lambda name, day: 25_000).row(0, named=True)
    assert row["used_up_on"] == dt.date(2027, 6, 17)


def test_a_quota_raised_within_the_year_opens_the_route_again() -> None:
    raised = dt.date(2024, 6, 1)
    row = quota_use(_routes(80_000).quotas, [2024], lambda name, day: 50_000 if day >= raised else 25_000).row(
        0, named=True
    )
    assert row["granted"] == 50_000 and row["used_up_on"] > raised


def test_without_a_quota_all_are_granted() -> None:
    row = quota_use(_routes(54_600).quotas, [2018], lambda name, day: None).row(0, named=True)
    assert (row["granted"], row["refused"], row["used_up_on"], row["quota"]) == (54_600, 0, None, None)


@given(st.integers(0, 200_000), st.integers(0, 100_000), st.sampled_from([2024, 2025]))
def test_granted_and_refused_are_the_demand_and_never_above_the_quota(demand: int, quota: int, year: int) -> None:
    row = quota_use(_routes(demand).quotas, [year], lambda name, day: quota).row(0, named=True)
    assert row["granted"] + row["refused"] == demand and row["granted"] == min(demand, quota)


def test_visas_change_readmissions_by_the_assumed_elasticity_and_the_table_calls_it_an_assumption() -> None:
    row = partnership_effects(_routes(1).partnerships, {"GE": "agreement_signed"}).row(0, named=True)
    assert row["readmissions_expected"] == Decimal("1080")  # 200 per cent more visas, 20 per cent more readmissions
    assert row["evidence"] == "modelling_choice" and row["state"] == "agreement_signed"


def _persons(total: int) -> Any:
    plan = _municipal(persons={"protected": _q(total), "open": _q(0), "refused": _q(0)})
    return plan.persons
