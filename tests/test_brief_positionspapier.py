"""The brief on both papers: every demand is there once, with what the law says, and each effect is what is computed."""

import csv
import io

import polars as pl
import pytest

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.secrecy import Hidden
from stellwerk.briefs.subjects.positionspapier import effects, sections, subject
from stellwerk.workbench import Workbench

SMALL = {"cases": 3000}


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def brief(workbench, checkout):
    values = scenario_for("positionspapier", None, checkout)
    content = subject.read_content(workbench.params)
    papers = {name: workbench.rulebook([paper.reform]) for name, paper in content.papers.items()}
    return subject.begin(workbench.params, {**values, **SMALL}, workbench.rulebook(), content, papers)


@pytest.fixture(scope="module")
def register(workbench, brief):
    asked = brief.parameters
    return workbench.synthetic_cases(asked.cases, asked.year, asked.seed)


@pytest.fixture(scope="module")
def results(brief, workbench, register):
    return effects.results(brief, workbench, register)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_every_demand_of_the_reforms_is_in_the_list_and_has_the_law_of_today(brief):
    listed = {demand.id for demand in brief.content.demands} | set(brief.content.claims)
    said = {
        part.demand
        for paper in brief.content.papers
        for part in (*brief.reform(paper).patches, *brief.reform(paper).status, *brief.reform(paper).not_computed)
    }
    assert said == listed
    assert all(brief.law_today(name) for name in listed)


def test_a_demand_is_computed_or_the_page_says_why_not(brief):
    reasons = {row["demand"] for row in rows(sections.not_computed(brief), "not_computed")}
    for demand in brief.content.demands:
        assert demand.effects or demand.id in reasons


def test_all_names_that_answer_a_demand_exist(brief):
    known = {*brief.law.rules, *brief.law.parameters}
    assert set(brief.content.answers) <= known
    assert {demand.state for demand in brief.content.demands} <= set(brief.content.states)
    assert {demand.paper for demand in brief.content.demands} == set(brief.content.papers)


def test_the_values_of_the_paper_stand_beside_those_of_the_law(brief, results):
    table = {row["effect"]: row for row in rows(sections.computed(brief, results), "effects")}
    assert (table["A1_payment"]["before"], table["A1_payment"]["after"]) == ("0", "500")
    assert table["A4a_places"]["after"] == "80000"
    assert int(table["A5b_budget"]["difference"]) == 3_000_000


def test_persons_reserve_and_weeks_are_those_of_rules_and_scenarios(brief, workbench, register, results):
    found = {result.id: result for result in results}
    concerned = register.filter(pl.col("status").cast(pl.String) == "asylum_permission")
    rule = "asylum.safe_origin.constitutional"
    day = brief.effect_day("A")
    after = workbench.determinations(concerned, on=day, reforms=["position_paper_2023"], rules=[rule])
    counted = (after[f"{rule}.outcome"].cast(pl.String) == "presumption_applies").sum()
    assert found["A6a_presumption"].after.raw == str(counted)
    costed = workbench.budget("reserve_2026")
    land = {name: next(b.net for b in budget.balances if b.party == "land")
            for name, budget in (("before", costed.base), ("after", costed.budget))}  # fmt: skip
    assert float(found["A4b_reserve"].difference.raw) == float(land["after"] - land["before"]) / 100
    assert int(found["A4a_weeks"].before.raw) > int(found["A4a_weeks"].after.raw) == 0


def test_the_headline_is_what_the_tables_say(brief, results):
    headline = {row["id"]: row["value"] for row in rows(sections.headline(brief, results), "headline")}
    table = {row["effect"]: row["difference"] for row in rows(sections.computed(brief, results), "effects")}
    for name in brief.content.told:
        assert headline[name] == table[name]
    overview = sections.overview(brief)
    demands = [*rows(overview, "demands_a"), *rows(overview, "demands_b")]
    assert headline["demands"] == str(len(demands))
    assert headline["as_law"] == str(sum(row["state"] in brief.content.counted_as_law for row in demands))
    states = rows(overview, "states")
    assert sum(int(row["A"]) + int(row["B"]) for row in states) == len(demands)


def test_what_has_become_law_shows_the_value_then_and_today(brief):
    since = {row["value"]: row for row in rows(sections.since_then(brief), "since")}
    forecast = since["detention.forecast.general"]
    assert (forecast["then"], forecast["today"]) == ("3 months", "6 months")
    assert forecast["since"] == "2024-02-27"


def test_a_small_count_stays_hidden_and_its_neighbours_do_not_tell_it():
    assert effects.protected(0, 2, 500, limit=3) == (0, Hidden.SMALL)
    assert effects.protected(90, 244, 1983, limit=3) == (90, 244)
    assert not isinstance(effects.protected(499, 300, 500, limit=3)[0], int)
