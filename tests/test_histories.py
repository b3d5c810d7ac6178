"""The child tables of the synthetic register say what its cases say, and hold together by themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from stellwerk.law.vocabulary import Vocabulary, load_vocabulary
from stellwerk.register.figures import Population, load_population
from stellwerk.register.histories import draw_histories
from stellwerk.register.privacy import load_direct_identifiers
from stellwerk.register.read import read_register
from stellwerk.register.synthetic import synthesize
from stellwerk.register.values import dtype_of
from stellwerk.register.write import file_names, write_register
from stellwerk.workbench import Workbench

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params"
AS_OF = dt.date(2022, 12, 31)
CASES, SEED = 20_000, 7


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT)


@pytest.fixture(scope="module")
def population() -> Population:
    return load_population(PARAMS, 2022)


@pytest.fixture(scope="module")
def cases(vocabulary) -> pl.DataFrame:
    return synthesize(PARAMS, vocabulary, cases=CASES, seed=SEED)


@pytest.fixture(scope="module")
def tables(cases, population, vocabulary) -> dict[str, pl.DataFrame]:
    return draw_histories(cases, population, vocabulary, SEED)


@pytest.fixture(scope="module")
def periods(tables, cases) -> pl.DataFrame:
    """The status periods with the columns of their case."""
    return tables["status_periods"].join(cases, on="case_id", how="left", maintain_order="left")


@pytest.fixture(scope="module")
def tolerated(cases) -> pl.DataFrame:
    return cases.filter(pl.col("status") == "tolerated")


def total(rows: pl.DataFrame, what: pl.Expr) -> dict[str, int | None]:
    return dict(rows.group_by("case_id").agg(what.alias("total")).iter_rows())


DAYS = (pl.col("last_day") - pl.col("first_day")).dt.total_days() + 1


# --- what holds of every table --------------------------------------------------------------------------------------


def test_every_child_table_is_drawn_in_the_vocabularys_types(tables, vocabulary):
    forms = vocabulary.child_tables("case")
    assert set(tables) == set(forms)
    for name, rows in tables.items():
        assert rows.columns == ["case_id", *forms[name].attributes]
        assert all(rows.schema[item.name] == dtype_of(item.type) for item in forms[name].attributes.values())


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(cases, population, vocabulary, tables):
    again, other = (draw_histories(cases, population, vocabulary, seed) for seed in (SEED, SEED + 1))
    assert all(again[name].equals(rows) for name, rows in tables.items())
    assert not any(other[name].equals(rows) for name, rows in tables.items())


def test_cases_are_the_same_with_and_without_child_tables(cases, tables, vocabulary):
    assert synthesize(PARAMS, vocabulary, cases=CASES, seed=SEED).equals(cases)


@pytest.mark.parametrize("size", [1, 2, 30])
def test_the_smallest_registers_have_child_tables_too(vocabulary, population, size):
    few = synthesize(PARAMS, vocabulary, cases=size, seed=3)
    drawn = draw_histories(few, population, vocabulary, 3)
    assert set(drawn["status_periods"]["case_id"]) == set(few["case_id"])


@pytest.mark.parametrize("name", ["register", "register.xlsx"])
def test_a_written_register_read_back_is_the_same_and_nothing_is_found_wrong(vocabulary, population, tmp_path, name):
    few = synthesize(PARAMS, vocabulary, cases=500, seed=SEED)
    drawn = draw_histories(few, population, vocabulary, SEED)
    write_register({"case": few, **drawn}, tmp_path / name, file_names(vocabulary, "case"))
    reading = read_register(tmp_path / name, vocabulary, load_direct_identifiers(ROOT))
    assert reading.findings.is_empty()
    assert reading.clean.equals(few)
    assert all(reading.children[table].equals(rows) for table, rows in drawn.items())


# --- status periods -------------------------------------------------------------------------------------------------


def test_everyone_has_a_running_period_of_the_kind_of_the_present_status(periods, cases, population):
    running = periods.filter(pl.col("last_day") == AS_OF)
    assert sorted(running["case_id"]) == sorted(cases["case_id"])
    kinds = population.figures.histories.status_periods.kinds
    assert (running["kind"].cast(pl.String) == running["status"].cast(pl.String).replace_strict(kinds)).all()


def test_periods_follow_each_other_without_overlap_and_gaps_are_as_stated(periods):
    assert (periods["first_day"] <= periods["last_day"]).all()
    before = pl.col("last_day").shift().over("case_id")
    apart = periods.with_columns(gap=(pl.col("first_day") - before).dt.total_days() - 1)
    followers = apart.filter(pl.col("gap").is_not_null())
    assert (followers["gap"] >= 0).all()
    stated = followers.filter(pl.col("days_without_before").is_not_null() & (pl.col("days_without_before") > 0))
    assert stated.height and (stated["gap"] == stated["days_without_before"]).all()


def test_the_first_period_begins_with_the_stay_that_the_case_states(periods):
    firsts = periods.group_by("case_id", maintain_order=True).first().filter(pl.col("residence_since").is_not_null())
    assert firsts.height and (firsts["first_day"] == firsts["residence_since"]).all()


def test_the_asylum_procedure_ends_with_the_decision(periods):
    applied = periods.filter((pl.col("kind") == "asylum_permission") & (pl.col("last_day") < AS_OF))
    late = applied["bamf_decision_date"] > applied["last_day"]
    assert applied.height and late.sum() == (applied["bamf_decision_date"] == AS_OF).sum()


def test_days_with_unclear_identity_are_those_of_the_case_as_far_as_tolerations_last(periods, tolerated):
    tolerations = periods.filter(pl.col("kind") == "toleration")
    flagged = total(tolerations, DAYS.filter("unclear_identity").sum())
    lasted = total(tolerations, DAYS.sum())
    known = tolerated.filter(pl.col("unclear_identity_days").is_not_null())
    for case, days in known.select("case_id", "unclear_identity_days").iter_rows():
        assert flagged[case] == min(days, lasted[case])
    unknown = tolerated.filter(pl.col("unclear_identity_days").is_null())["case_id"]
    assert unknown.len()
    assert tolerations.filter(pl.col("case_id").is_in(unknown.implode()))["unclear_identity"].null_count() > 0


# --- convictions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        ("fine_day_rates_general", "stay.general_day_rates"),
        ("fine_day_rates_foreigner_offences", "stay.foreigner_offence_day_rates"),
    ],
)
def test_day_rates_add_up_to_what_the_case_says_by_the_rule_that_counts_them(tolerated, tables, fact, rule):
    some = tolerated.head(1_500)
    found = Workbench.open(ROOT).determinations(some, children=tables, on=dt.date(2023, 5, 1), rules=[rule])
    counted = found[f"{rule}.amount"].cast(pl.Int64).fill_null(0)
    known = some[fact].is_not_null()
    assert (counted.filter(known) == some[fact].filter(known)).all()
    assert set(found[f"{rule}.outcome"].filter(~known)) == {"needs_facts"}


def test_no_fine_is_larger_than_assumed_for_one_conviction(tables, population):
    most = population.figures.histories.convictions.at_most_in_one
    others = population.figures.histories.convictions.others.day_rates[-1][1]
    assert tables["convictions"]["day_rates"].max() <= max(most, others)


def test_who_has_a_penalty_by_the_case_has_one_among_the_convictions(tolerated, tables):
    severe = tables["convictions"].filter((pl.col("prison_months") > 0) | (pl.col("youth_penalty_months") > 0))
    assert set(severe["case_id"]) == set(tolerated.filter("prison_or_youth_penalty")["case_id"])
    assert severe.filter((pl.col("prison_months") > 0) & (pl.col("youth_penalty_months") > 0)).is_empty()


def test_children_below_the_age_of_criminal_responsibility_have_no_convictions(cases, tables):
    born = tables["convictions"].join(cases, on="case_id")["birth_date"]
    assert born.max() <= dt.date(AS_OF.year - 14, AS_OF.month, AS_OF.day)


# --- detention ------------------------------------------------------------------------------------------------------


def test_detention_is_past_apart_and_only_of_grown_up_tolerated_persons(tables, cases):
    rows = tables["detention_segments"].join(cases, on="case_id", how="left", maintain_order="left")
    assert rows.height > 20
    assert rows["status"].unique().to_list() == ["tolerated"]
    assert rows["birth_date"].max() <= dt.date(AS_OF.year - 18, AS_OF.month, AS_OF.day)
    assert rows["last_day"].max() < AS_OF
    assert (rows["first_day"] >= rows["residence_since"]).all()
    before = pl.col("last_day").shift().over("case_id")
    assert rows.filter(pl.col("first_day") <= before).is_empty()
    assert rows.group_by("case_id").len()["len"].max() == 2
