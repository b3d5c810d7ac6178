"""Families are placed whole, within quotas, where their needs are met; nobody is dropped, nothing left to chance."""

import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stellwerk.distribution import quota
from stellwerk.distribution.placement.cohort import AmbiguousFamily, Families, RepeatedCase, families_of
from stellwerk.distribution.placement.criteria import PlacementSettings, UnknownCriterion
from stellwerk.distribution.placement.municipalities import NegativeQuota, Placement, place
from stellwerk.distribution.placement.outcome import CAPACITY_EXHAUSTED, LARGER_THAN_ANY_QUOTA, NO_PLACE_MEETS_NEED
from stellwerk.distribution.placement.plan import as_score
from stellwerk.distribution.placement.score import score, suitability
from stellwerk.distribution.placement.services import units
from stellwerk.distribution.reference import ReferenceColumnMissing, ReferenceTables, UnknownPlace

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
SETTINGS = PlacementSettings.load(TABLES)
NAMES = TABLES.names("municipalities")
ON = dt.date(2023, 1, 1)
COLOGNE, AACHEN, HEIMBACH, MESCHEDE = "05315000", "05334002", "05358012", "05958032"
COLUMNS = {
    "case_id": pl.String, "family_id": pl.String, "birth_date": pl.Date, "sex": pl.String, "seeks_work": pl.Boolean,
    "needs_accessible_dwelling": pl.Boolean, "needs_specialist_care": pl.Boolean, "tie_municipality": pl.String,
}  # fmt: skip


def person(family: str | None, age: int | None = 30, **facts: object) -> dict[str, object]:
    born = None if age is None else dt.date(ON.year - age - 1, 7, 1)
    return dict.fromkeys(COLUMNS) | {"family_id": family, "birth_date": born} | facts


def cohort(*persons: dict[str, object]) -> pl.DataFrame:
    numbered = [{**one, "case_id": one["case_id"] or f"c{n:04}"} for n, one in enumerate(persons)]
    return pl.DataFrame(numbered, schema=COLUMNS)


def family(name: str, size: int, **facts: object) -> list[dict[str, object]]:
    return [person(name, **facts), *(person(name, age=8) for _ in range(size - 1))]


def a_small_week() -> pl.DataFrame:
    sizes = [1, 2, 5, 3, 1, 4, 2, 1, 1, 3, 6, 2]
    return cohort(*itertools.chain(*(family(f"f{n:02}", size, seeks_work=True) for n, size in enumerate(sizes))))


def families_in(cases: pl.DataFrame) -> Families:
    return families_of(cases, ON, SETTINGS.ages, SETTINGS.dwellings, NAMES)


def small_plan(cases: pl.DataFrame | None = None) -> Placement:
    quotas = {COLOGNE: 12, AACHEN: 8, MESCHEDE: 5, HEIMBACH: 3}
    return place(a_small_week() if cases is None else cases, quotas, TABLES, on=ON)


# --- families ----------------------------------------------------------------------------------------------------


def test_a_family_is_its_members_and_what_they_need() -> None:
    cases = cohort(
        person("f", age=35, seeks_work=True, tie_municipality=AACHEN), person("f", age=33, needs_specialist_care=True),
        person("f", age=7), person("f", age=2), person("f", age=0),
    )  # fmt: skip
    found = families_in(cases).frame.row(0, named=True)
    assert found == {
        "family_id": "f", "persons": 5, "adults": 2, "workers": 1, "school_age": 1, "childcare_age": 1,
        "accessible_dwelling": 0, "large_dwelling": 0, "specialist_care": 1, "tie_municipality": AACHEN,
    }  # fmt: skip


def test_a_child_counts_for_school_from_its_sixth_birthday() -> None:
    day_before = cohort(person("f", birth_date=dt.date(2017, 1, 2)))
    birthday = cohort(person("f", birth_date=dt.date(2017, 1, 1)))
    assert families_in(day_before).frame["school_age"].item() == 0
    assert families_in(birthday).frame["school_age"].item() == 1


def test_a_case_without_family_is_a_family_of_its_own() -> None:
    found = families_in(cohort(person(None), person(None), person("f"))).frame
    assert found["family_id"].to_list() == ["c0000", "c0001", "f"]


def test_unknown_needs_count_as_none_and_are_reported() -> None:
    found = families_in(cohort(person("f", age=None), person("f", seeks_work=True)))
    assert found.frame["specialist_care"].item() == 0
    assert found.frame["adults"].item() == 2
    assert found.unknown == {
        "birth_date": 1, "seeks_work": 1, "needs_accessible_dwelling": 2, "needs_specialist_care": 2,
    }  # fmt: skip


def test_a_case_that_stands_twice_is_refused() -> None:
    with pytest.raises(RepeatedCase, match="c1"):
        families_in(cohort(person("f", case_id="c1"), person("f", case_id="c1")))


def test_a_family_id_that_is_also_a_lone_case_is_refused() -> None:
    with pytest.raises(AmbiguousFamily, match="f"):
        families_in(cohort(person("f"), person(None, case_id="f")))


# --- scores ------------------------------------------------------------------------------------------------------


def test_suitability_is_the_rank_and_equal_values_share_theirs() -> None:
    assert suitability(np.array([3.0, 1.0, 2.0, 2.0]), "higher").tolist() == [1.0, 0.0, 0.5, 0.5]
    assert suitability(np.array([3.0, 1.0, 2.0, 2.0]), "lower").tolist() == [0.0, 1.0, 0.5, 0.5]


def test_points_are_the_sum_of_their_reasons_and_never_above_one_a_person() -> None:
    families = families_in(a_small_week())
    scores = score(families, TABLES, SETTINGS)
    everybody = np.arange(families.frame.height)
    parts = scores.parts(everybody)
    points = scores.points()
    assert (sum(parts.values()) == points).all()
    assert (points <= 10_000 * families.frame["persons"].to_numpy()[:, None] + len(parts)).all()
    assert (points >= 0).all()
    places = np.arange(families.frame.height) * 7
    at_places = scores.parts_at(everybody, places)
    assert all((at_places[name] == parts[name][everybody, places]).all() for name in parts)


def test_a_weight_of_nought_silences_a_criterion() -> None:
    silent = SETTINGS.with_weights({"rent": Decimal(0)})
    parts = score(families_in(a_small_week()), TABLES, silent).parts(np.arange(3))
    assert not parts["rent"].any()
    assert parts["vacancy"].any()


def test_an_unknown_criterion_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownCriterion, match="vacancy"):
        SETTINGS.with_weights({"vacany": Decimal(1)})


# --- the plan ----------------------------------------------------------------------------------------------------


def test_a_family_is_never_split_and_nobody_is_dropped() -> None:
    plan = small_plan()
    sizes = {f"f{n:02}": size for n, size in enumerate([1, 2, 5, 3, 1, 4, 2, 1, 1, 3, 6, 2])}
    placed = dict(plan.placements.select("family_id", "persons").iter_rows())
    waiting = dict(plan.unplaced.select("family_id", "persons").iter_rows())
    assert placed | waiting == sizes
    assert not set(placed) & set(waiting)


def test_a_quota_is_never_exceeded() -> None:
    plan = small_plan()
    used = dict(plan.placements.group_by("ags").agg(pl.col("persons").sum()).iter_rows())
    assert used.get(COLOGNE, 0) <= 12
    assert used.get(AACHEN, 0) <= 8
    assert used.get(MESCHEDE, 0) <= 5
    assert used.get(HEIMBACH, 0) <= 3
    assert set(used) <= {COLOGNE, AACHEN, MESCHEDE, HEIMBACH}
    assert plan.places["free"].min() == 0
    assert plan.places["persons"].sum() == plan.placements["persons"].sum()


def test_the_same_cohort_in_another_order_gives_the_same_plan() -> None:
    cases = a_small_week()
    first, again, shuffled = (
        small_plan(cases),
        small_plan(cases),
        small_plan(cases.sample(fraction=1, shuffle=True, seed=7)),
    )
    assert first.placements.equals(again.placements)
    assert first.placements.equals(shuffled.placements)
    assert first.unplaced.equals(shuffled.unplaced)
    assert first.certificate == again.certificate == shuffled.certificate


def test_the_certificate_recounts_to_the_points_of_the_plan() -> None:
    plan = small_plan()
    lost = plan.unplaced["persons"].sum() * SETTINGS.unplaced_penalty
    assert as_score(plan.certificate.objective) == plan.placements["fit"].sum() - lost
    assert plan.certificate.objective <= plan.certificate.bound
    assert plan.certificate.violations == 0


def test_the_fit_of_a_placement_is_the_sum_of_its_reasons() -> None:
    placements = small_plan().placements
    reasons = [column for column in placements.columns if column.startswith("fit_")]
    assert placements["fit"].to_list() == placements.select(reasons).sum_horizontal().to_list()


def test_a_family_larger_than_any_quota_is_reported() -> None:
    plan = place(cohort(*family("big", 4), *family("small", 1)), {COLOGNE: 3}, TABLES, on=ON)
    assert plan.unplaced.row(0) == ("big", 4, LARGER_THAN_ANY_QUOTA, None)
    assert plan.placements["family_id"].to_list() == ["small"]


def test_a_need_that_no_municipality_meets_is_reported() -> None:
    rural = TABLES.municipalities.filter(pl.col("urbanisation") == 3)["ags"][0]
    plan = place(cohort(person("ill", needs_specialist_care=True), person("well")), {rural: 5}, TABLES, on=ON)
    assert plan.unplaced.row(0) == ("ill", 1, NO_PLACE_MEETS_NEED, "specialist_care")


def test_families_beyond_the_capacity_are_reported() -> None:
    plan = place(cohort(*family("a", 2), *family("b", 2)), {COLOGNE: 3}, TABLES, on=ON)
    assert plan.unplaced.height == 1
    assert plan.unplaced["reason"].item() == CAPACITY_EXHAUSTED


def test_relatives_draw_a_family_but_never_break_a_quota() -> None:
    drawn = cohort(person("a", tie_municipality=HEIMBACH), person("b", tie_municipality=HEIMBACH))
    plan = place(drawn, {HEIMBACH: 1, COLOGNE: 5}, TABLES, on=ON)
    assert sorted(plan.placements["ags"]) == [COLOGNE, HEIMBACH]


def test_no_families_give_an_empty_plan() -> None:
    plan = place(cohort(), {COLOGNE: 5}, TABLES, on=ON)
    assert (plan.placements.height, plan.unplaced.height) == (0, 0)
    assert plan.certificate.objective == plan.certificate.bound == 0
    assert plan.certificate.proven_best


def test_without_any_quota_everybody_is_reported() -> None:
    plan = small_plan_with({})
    assert plan.unplaced["persons"].sum() == 31
    assert set(plan.unplaced["reason"]) == {LARGER_THAN_ANY_QUOTA}


def test_a_negative_quota_is_refused() -> None:
    with pytest.raises(NegativeQuota, match="Köln"):
        small_plan_with({COLOGNE: -1})


def test_a_quota_for_an_unknown_municipality_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownPlace, match=r"05315000 \(Köln\)"):
        small_plan_with({"05315001": 3})


def test_relatives_in_an_unknown_municipality_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownPlace, match="Meschede"):
        small_plan(cohort(person("f", tie_municipality="Mescheda")))


def test_a_missing_column_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ReferenceColumnMissing, match=r"seeks_work.*seek_work"):
        small_plan(a_small_week().rename({"seeks_work": "seek_work"}))


def small_plan_with(quotas: dict[str, int]) -> Placement:
    return place(a_small_week(), quotas, TABLES, on=ON)


# --- services ------------------------------------------------------------------------------------------------------


def test_no_service_is_exceeded() -> None:
    cases = cohort(*itertools.chain(*(family(f"f{n:02}", 4, needs_specialist_care=n % 2 == 0) for n in range(12))))
    plan = place(cases, {COLOGNE: 24, AACHEN: 24}, TABLES, on=ON)
    for service in SETTINGS.services:
        assert (plan.places[f"used_{service}"] <= plan.places[f"cap_{service}"]).all()


def test_a_service_is_a_share_of_the_quota_rounded_up_and_none_without_a_quota() -> None:
    school = SETTINGS.services["school"].model_copy(update={"per_100_places": Decimal(40), "at_least": 2})
    assert units(school, np.array([0, 1, 100, 101]), TABLES).tolist() == [0, 2, 40, 41]


def test_what_a_published_figure_scales_stays_within_its_limits() -> None:
    medical = SETTINGS.services["medical"]
    scaled = units(medical, np.full(len(NAMES), 1000), TABLES)
    assert medical.scaled_by is not None
    assert scaled.min() >= 120 * medical.scaled_by.least
    assert scaled.max() <= 120 * medical.scaled_by.most
    assert scaled.min() < scaled.max()


def test_a_need_beyond_what_any_municipality_has_is_reported_by_its_service() -> None:
    children = [person("big", age=8) for _ in range(30)]
    plan = place(cohort(person("big"), *children), {COLOGNE: 40}, TABLES, on=ON)
    assert plan.unplaced.row(0) == ("big", 31, NO_PLACE_MEETS_NEED, "school")


# --- a week --------------------------------------------------------------------------------------------------------


def test_a_week_of_200_persons_in_all_municipalities_is_proven_within_two_percent() -> None:
    sizes = [1, 1, 2, 1, 3, 4, 1, 2, 1, 5]
    cases = cohort(*itertools.chain(*(family(f"f{n:03}", sizes[n % 10], seeks_work=True) for n in range(95))))
    plan = place(cases, quota.distribute("flueag", 1000, ON, TABLES).persons, TABLES, on=ON)
    assert plan.unplaced.is_empty()
    assert plan.certificate.gap <= Decimal("0.02")
