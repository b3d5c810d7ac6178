"""What the synthetic register owes to published figures, and what must hold for every person and family in it."""

from __future__ import annotations

import csv
import datetime as dt
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stellwerk.errors import StellwerkError
from stellwerk.law.calendar import completed_years
from stellwerk.law.vocabulary import Vocabulary, load_vocabulary
from stellwerk.register.draws import Draws, positions
from stellwerk.register.figures import FamilyShares, NoFiguresForYear, Population, load_population
from stellwerk.register.households import form_families
from stellwerk.register.privacy import load_direct_identifiers
from stellwerk.register.read import read_register
from stellwerk.register.synthetic import CasesOutOfRange, group_sizes, synthesize, synthetic_summary
from stellwerk.register.values import dtype_of

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params"
SEED = 20221231
APPLICANT_STATUS = ("asylum_permission", "permit_protection")
# A share of n persons strays by sqrt(p(1-p)/n); families stray together, so a family's size is added. Four such widths
# are left: a figure that strays further is wrong, not unlucky, and the seed is fixed.
WIDTHS, PERSONS_A_FAMILY = 4, 8


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT)


@pytest.fixture(scope="module")
def population() -> Population:
    return load_population(PARAMS, 2022)


@pytest.fixture(scope="module")
def register(vocabulary) -> pl.DataFrame:
    return synthesize(PARAMS, vocabulary, seed=SEED)


@pytest.fixture(scope="module")
def applicants(register) -> pl.DataFrame:
    """The year's applicants with their age on the day of application."""
    rows = register.filter(pl.col("status").is_in(APPLICANT_STATUS))
    return rows.with_columns(age=ages(rows["birth_date"], rows["application_lodged_on"]))


@pytest.fixture(scope="module")
def residents(register) -> pl.DataFrame:
    """Everyone else with their age at the end of the year."""
    rows = register.filter(~pl.col("status").is_in(APPLICANT_STATUS))
    end_of_year = pl.Series([dt.date(2022, 12, 31)]).gather([0] * rows.height)
    return rows.with_columns(age=ages(rows["birth_date"], end_of_year))


def ages(births: pl.Series, on: pl.Series) -> pl.Series:
    """Completed years, by the day of the year."""

    def day_of_year(days: pl.Series) -> pl.Series:
        return days.dt.month().cast(pl.Int32) * 100 + days.dt.day()

    return on.dt.year() - births.dt.year() - (day_of_year(on) < day_of_year(births)).cast(pl.Int32)


def strays(drawn: float, published: float, n: int, together: int = 1) -> bool:
    return abs(drawn - published) > WIDTHS * math.sqrt(published * (1 - published) * together / n)


# --- sizes ----------------------------------------------------------------------------------------------------------


def test_groups_have_their_published_sizes(register, applicants):
    sizes = dict(register["status"].value_counts().iter_rows())
    assert applicants.height == 42_859
    assert sizes["temporary_protection"] == 220_000
    assert sizes["tolerated"] == 63_200


@pytest.mark.parametrize("cases", [1, 7, 1_000, 270_000, 10_000_000])
def test_scaled_groups_add_up_and_keep_their_proportions(population, cases):
    sizes, full = group_sizes(population, cases), group_sizes(population, None)
    assert sum(sizes.values()) == cases
    for group, size in sizes.items():
        assert abs(size - cases * full[group] / sum(full.values())) < 1


@pytest.mark.parametrize("cases", [0, -1, 10_000_001])
def test_no_negative_or_too_many_persons_are_refused(vocabulary, cases):
    with pytest.raises(CasesOutOfRange, match=str(cases)):
        synthesize(PARAMS, vocabulary, cases=cases, seed=SEED)


def test_a_year_without_figures_is_refused_and_the_known_one_named(vocabulary):
    with pytest.raises(NoFiguresForYear, match="2022"):
        synthesize(PARAMS, vocabulary, year=2019, seed=SEED)


def test_the_summary_counts_everyone_once(register):
    summary = synthetic_summary(register)
    assert summary["persons"].sum() == register.height
    assert summary["families"].sum() >= register["family_id"].n_unique()


# --- the same again -------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_register_and_another_seed_another(vocabulary):
    first, again, other = (synthesize(PARAMS, vocabulary, cases=3_000, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_one_thread_draws_the_same_register_as_many(vocabulary, tmp_path):
    program = (
        "import sys; from pathlib import Path; from stellwerk.law.vocabulary import load_vocabulary;"
        "from stellwerk.register.synthetic import synthesize; root = Path(sys.argv[1]);"
        "synthesize(root / 'params', load_vocabulary(root), cases=2000, seed=5).write_csv(sys.argv[2])"
    )
    target = tmp_path / "one.csv"
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program, str(ROOT), str(target)], check=True, env=environment)
    here = tmp_path / "many.csv"
    synthesize(PARAMS, vocabulary, cases=2_000, seed=5).write_csv(here)
    assert target.read_bytes() == here.read_bytes()


def test_uniform_numbers_are_those_of_the_documented_generator():
    assert [f"{number:.6f}" for number in Draws(42).uniform(3)] == ["0.773956", "0.438878", "0.858598"]


def test_a_weight_of_zero_is_never_drawn():
    weights = np.array([0.0, 1.0, 0.0, 2.0, 0.0])
    assert set(positions(weights, np.array([0.0, 0.3, 1 / 3, 0.9999999999999999]))) == {1, 3}


# --- what is published ----------------------------------------------------------------------------------------------


def test_applicants_have_the_published_mix_of_nationality_sex_and_age(applicants, population):
    table = population.tables["first_applicants_2022"]
    bands = population.figures.bands.applicants
    total = table.select(pl.sum_horizontal(*bands).sum()).item()
    compared = 0
    counted = applicants.group_by("nationality", "sex", "age").len()
    for row in table.iter_rows(named=True):
        of_kind = counted.filter((pl.col("nationality") == row["nationality"]) & (pl.col("sex") == row["sex"]))
        for band, (low, high) in bands.items():
            if row[band] >= 500:
                share = of_kind.filter(pl.col("age").is_between(low, high))["len"].sum() / applicants.height
                assert not strays(share, row[band] / total, applicants.height), (row["nationality"], row["sex"], band)
                compared += 1
    assert compared > 50


def test_persons_from_ukraine_have_the_published_sexes_and_ages(residents, population):
    ukraine = residents.filter(pl.col("status") == "temporary_protection")
    table = population.tables["ukraine_stock_2025"]
    assert ukraine["nationality"].unique().to_list() == ["UA"]
    for sex, low, high, persons in table.iter_rows():
        inside = (pl.col("sex") == sex) & pl.col("age").is_between(low, high or 120)
        share = ukraine.filter(inside).height / ukraine.height
        assert not strays(share, persons / table["persons"].sum(), ukraine.height)


def test_decisions_follow_the_protection_rates_of_the_origin(applicants, population):
    decided = applicants.filter(pl.col("bamf_decision").is_not_null())
    table = population.tables["first_instance_decisions"].filter(pl.col("year") == 2022)
    for origin in ("SY", "AF", "TR", "IQ", "GE", "IR", "SO", "ER"):
        published = table.row(by_predicate=pl.col("origin") == origin, named=True)
        positive = published["recognised"] + published["other_protection"]
        rate = positive / (positive + published["rejected"] + published["closed"])
        own = decided.filter(pl.col("nationality") == origin)
        protected = own["bamf_decision"].is_in(population.figures.asylum.protecting).mean()
        assert not strays(protected, rate, own.height, PERSONS_A_FAMILY), origin


def test_the_figures_add_up_to_their_publications(population):
    bands = population.figures.bands.applicants
    assert population.tables["first_applicants_2022"].select(pl.sum_horizontal(*bands).sum()).item() == 212_590
    assert population.tables["ukraine_stock_2025"]["persons"].sum() == 1_173_192 - 122_788  # of unknown age
    decisions = population.tables["first_instance_decisions"].filter(pl.col("year") == 2022)
    assert (
        decisions.filter(pl.col("origin") == "SY").select(pl.sum_horizontal(pl.exclude("origin", "year"))).item()
        == 73_332
    )


def test_over_half_of_the_tolerated_have_been_here_for_more_than_five_years(register):
    tolerated = register.filter(pl.col("status") == "tolerated")
    over = (tolerated["residence_since"] <= dt.date(2017, 10, 31)).mean()
    assert not strays(over, 137_373 / 248_182, tolerated.height, PERSONS_A_FAMILY)


def test_unaccompanied_minors_are_boys_and_as_many_as_assumed(applicants, population):
    minors = applicants.filter(pl.col("age") < 18)
    alone = minors.filter("unaccompanied_minor")
    assert set(alone["sex"]) == {"m"}
    assert alone["age"].min() >= 14
    expected = population.figures.households.unaccompanied.share_of_minors.value
    assert not strays(alone.height / minors.height, expected, minors.height)


def test_a_fifth_of_the_families_have_a_tie_and_it_is_one_place(register):
    families = register.group_by("family_id").agg(
        places=pl.col("tie_municipality").n_unique(), tie=pl.col("tie_municipality").first()
    )
    assert families["places"].max() == 1
    assert not strays(families["tie"].is_not_null().mean(), 0.2, families.height)


# --- families -------------------------------------------------------------------------------------------------------


def test_every_minor_who_is_not_alone_has_an_adult_in_the_family(applicants, residents):
    for persons in (applicants, residents):
        families = persons.group_by("family_id").agg(
            adults=(pl.col("age") >= 18).sum(), alone=pl.col("unaccompanied_minor").any(), size=pl.len()
        )
        assert families.filter((pl.col("adults") == 0) & ~pl.col("alone")).is_empty()
        assert families.filter(pl.col("alone") & (pl.col("size") > 1)).is_empty()
        assert families["size"].max() <= 8


def test_families_travel_and_are_decided_on_together(register):
    adults = register.filter(pl.col("birth_date") < dt.date(2000, 1, 1)).group_by("family_id")
    columns = ("entry_date", "application_lodged_on", "bamf_decision", "arrival_week")
    for column in columns:
        assert adults.agg(pl.col(column).n_unique())[column].max() == 1


def test_parents_are_grown_up_when_their_children_are_born(applicants, residents):
    for persons in (applicants, residents):
        families = persons.group_by("family_id").agg(
            child=pl.col("age").filter(pl.col("age") < 18).max(),
            parent=pl.col("age").filter(pl.col("age") >= 18).min(),
        )
        gap = (families["parent"] - families["child"]).drop_nulls()
        assert gap.min() >= 17


def test_families_stand_together_in_the_register(register):
    changes = (register["family_id"] != register["family_id"].shift()).sum()
    assert changes + 1 == register["family_id"].n_unique()


def test_most_families_are_of_one_nationality(register):
    mixed = register.group_by("family_id").agg(pl.col("nationality").n_unique()).filter(pl.col("nationality") > 1)
    assert 0 < mixed.height < register["family_id"].n_unique() / 1000


def test_minors_whose_nationality_has_no_adult_are_left_for_others():
    shares = FamilyShares((0.5, 0.5), 0.9, 0.8, 0.5, 0.5)
    minor, nobody = np.ones(3, dtype=np.bool_), np.zeros(3, dtype=np.bool_)
    formed = form_families(minor, nobody, nobody, nobody, shares, Draws(1))
    assert (formed.count, formed.number.tolist()) == (0, [-1, -1, -1])


@pytest.mark.parametrize("cases", [1, 2, 5, 20])
@pytest.mark.parametrize("seed", range(4))
def test_the_smallest_registers_hold_together_too(vocabulary, cases, seed):
    frame = synthesize(PARAMS, vocabulary, cases=cases, seed=seed)
    assert frame.height == cases
    assert frame["case_id"].n_unique() == cases
    assert frame.group_by("family_id").len()["len"].max() <= 8


# --- every person ---------------------------------------------------------------------------------------------------


def test_dates_are_in_their_order(register):
    born, entered = register["birth_date"], register["entry_date"]
    assert (born <= entered).all()
    assert entered.max() <= dt.date(2022, 12, 31)
    lodged = register.filter(pl.col("application_lodged_on").is_not_null())
    assert (lodged["birth_date"] <= lodged["application_lodged_on"]).all()
    decided = register.filter(pl.col("bamf_decision_date").is_not_null())
    assert (decided["application_lodged_on"] <= decided["bamf_decision_date"]).all()
    assert decided["bamf_decision_date"].max() <= dt.date(2022, 12, 31)
    assert (register["bamf_decision"].is_null() == register["bamf_decision_date"].is_null()).all()


def test_ages_are_completed_years_by_the_civil_code(applicants):
    sample = applicants.head(500)
    for born, on, age in sample.select("birth_date", "application_lodged_on", "age").iter_rows():
        assert abs(completed_years(born, on) - age) <= 1


def test_nothing_has_been_decided_on_the_tolerated(register):
    assert register["decision_date"].null_count() == register.height


def test_some_facts_stay_unknown_so_that_rules_must_ask(register):
    tolerated = register.filter(pl.col("status") == "tolerated")
    for fact in ("commits_to_constitution", "livelihood_own_share", "german_level_oral", "identity_clarified"):
        assert 0 < tolerated[fact].null_count() < tolerated.height


def test_every_drawn_fact_is_an_attribute_and_every_column_has_its_type(register, vocabulary):
    attributes = vocabulary.attributes("case")
    assert register.columns == [name for name in attributes if name in register.columns]
    assert all(dtype == dtype_of(attributes[name].type) for name, dtype in register.schema.items())


def test_a_written_register_read_back_is_the_same_and_nothing_is_quarantined(vocabulary, tmp_path):
    frame = synthesize(PARAMS, vocabulary, cases=5_000, seed=SEED)
    identifiers = load_direct_identifiers(ROOT)
    frame.write_csv(tmp_path / "register.csv")
    frame.write_parquet(tmp_path / "register.parquet")
    for name in ("register.csv", "register.parquet"):
        reading = read_register(tmp_path / name, vocabulary, identifiers)
        assert reading.quarantine.is_empty()
        assert reading.clean.equals(frame)


# --- the tables of the project --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table", sorted(path.name for path in (PARAMS / "population").glob("*.csv") if ".columns" not in path.name)
)
def test_every_column_of_the_population_tables_is_documented(table):
    path = PARAMS / "population" / table
    with path.open(encoding="utf-8", newline="") as source:
        columns = next(csv.reader(source))
    with path.with_suffix(".columns.csv").open(encoding="utf-8", newline="") as source:
        sheet = list(csv.DictReader(source))
    assert [row["column"] for row in sheet] == columns
    assert all(row["label_de"] and row["label_en"] and row["source"] and row["licence"] for row in sheet)
    assert {row["evidence"] for row in sheet} <= {"verified", "memory_high", "memory_medium", "memory_low"}


def test_every_nationality_in_the_figures_is_a_known_country(population, vocabulary):
    countries = vocabulary.code_lists["country"].codes
    for name, column in (
        ("first_applicants_2022", "nationality"),
        ("asylum_procedures", "nationality"),
        ("first_instance_decisions", "origin"),
    ):
        assert set(population.tables[name][column]) <= set(countries)


def test_a_fact_that_is_no_attribute_is_refused(vocabulary, tmp_path):
    for path in (*PARAMS.glob("population/*.csv"), PARAMS / "municipalities.csv"):
        copy = tmp_path / path.relative_to(PARAMS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    text = (PARAMS / "synthetic_register.yaml").read_text(encoding="utf-8")
    (tmp_path / "synthetic_register.yaml").write_text(text.replace("seeks_work:", "seeks_wrok:"), encoding="utf-8")
    with pytest.raises(StellwerkError, match="seeks_work"):
        synthesize(tmp_path, vocabulary, cases=100, seed=1)
