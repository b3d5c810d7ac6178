"""The brief on the right to stay: each person counts once, what is open stays open, no small count leaves the page."""

import csv
import io

import polars as pl
import pytest
from test_secrecy import learned

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.bleiberecht import demand, paths, subject
from stellwerk.briefs.subjects.bleiberecht.content import LASTING, NONE, OPEN
from stellwerk.briefs.subjects.bleiberecht.people import people, tolerated, with_assumptions
from stellwerk.briefs.subjects.bleiberecht.shown_counts import ALL, gathered, shown_counts
from stellwerk.workbench import Workbench

SMALL = {"cases": 4000}


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def brief(workbench, checkout):
    values = scenario_for("bleiberecht", None, checkout)
    law, reformed = workbench.rulebook(), workbench.rulebook([values["reform"]])
    return subject.begin(workbench.params, {**values, **SMALL}, law, reformed)


@pytest.fixture(scope="module")
def register(workbench, brief):
    return workbench.synthetic_cases(brief.parameters.cases, brief.parameters.year, brief.parameters.seed)


@pytest.fixture(scope="module")
def situation(workbench, brief, register):
    """A function: what the rules say of cases, one row a person."""
    asked, content = brief.parameters, brief.content
    children = workbench.synthetic_children(register, asked.year, asked.seed)

    def found(assumed):
        cases = tolerated(brief, register)
        cases = with_assumptions(brief, cases, children) if assumed else cases
        law = workbench.determinations(cases, children=children, on=asked.on, rules=content.rules)
        rules = [content.demand.rule]
        after = workbench.determinations(cases, children=children, on=asked.on, reforms=[asked.reform], rules=rules)
        return people(brief, law, after)

    return {assumed: found(assumed) for assumed in (False, True)}


@pytest.fixture(scope="module")
def who(situation):
    return situation[True]


@pytest.fixture(scope="module")
def shown(brief, who):
    return shown_counts(brief.content, who, brief.parameters.small_count)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_everybody_has_one_strongest_path_and_it_is_one_that_is_met(brief, who):
    assert set(who["strongest"]) <= {*brief.content.path_rules, OPEN, NONE}
    for path in brief.content.path_rules:
        assert who.filter(strongest=path)[path].is_in(["met", "discretion"]).all()
    assert (
        not who.filter(group=NONE)
        .select(pl.any_horizontal(pl.col(*brief.content.path_rules) == "asked"))
        .to_series()
        .any()
    )


def test_an_assumption_settles_what_was_open_and_never_opens_what_was_settled(situation):
    before, after = situation[False], situation[True]
    assert after.filter(group=OPEN).height < before.filter(group=OPEN).height
    settled = before["group"].is_in([OPEN, NONE]).not_()
    assert (before.filter(settled)["group"] == after.filter(settled)["group"]).all()


def test_what_the_register_holds_is_never_replaced_by_an_assumption(brief, workbench, register):
    cases = tolerated(brief, register)
    children = workbench.synthetic_children(register, brief.parameters.year, brief.parameters.seed)
    assumed = with_assumptions(brief, cases, children)
    assert assumed.height == cases.height
    for column in set(cases.columns) - {"case_id"}:
        assert assumed[column].equals(cases[column])
    assert set(brief.content.assumed) <= set(assumed.columns)


def test_the_headline_the_tables_and_the_persons_agree(brief, who, shown):
    headline = {row["id"]: row["value"] for row in rows(paths.headline(brief, shown), "headline")}
    table = {row["path"]: row["persons"] for row in rows(paths.strongest(brief, shown), "strongest")}
    assert headline["open"] == table[OPEN] == str(who.filter(group=OPEN).height)
    assert table["total"] == str(who.height) == str(shown[ALL])
    gap = {row["outcome"]: row["persons"] for row in rows(demand.gap(brief, shown), "gap")}
    assert headline["gap"] == gap[brief.content.gap.told]


def test_the_flows_lead_only_into_the_demand_and_start_with_everybody(brief, shown):
    flows = rows(demand.flows(brief, shown), "flows")
    lasting = brief.group(LASTING)
    assert all(row["after"] in (row["before"], lasting) for row in flows)
    counts = [int(row["persons"]) for row in flows if row["persons"].isdigit()]
    assert sum(counts) <= shown[ALL]


def test_only_facts_of_a_case_are_asked_for(brief, situation, shown):
    asked = rows(paths.facts(brief, situation[True], situation[False], shown), "facts_to_ask")
    assert asked
    assert {row["fact"] for row in asked} <= set(brief.law.vocabulary.attributes("case"))


def test_the_gap_names_the_provisions_that_its_rule_compares(brief, shown):
    html = demand.gap(brief, shown).html
    assert "§\u00a025b" in html or "§ 25b" in html
    assert "Modellannahme" in html


def test_chains_are_counted_by_band_and_add_up(brief, who, shown):
    table = {row["band"]: row["persons"] for row in rows(demand.chains(brief, who, shown), "chains")}
    assert list(table) == list(brief.content.chain.order)
    known = [int(value) for value in table.values() if value.isdigit()]
    assert len(known) < len(table) or sum(known) == who.height


@pytest.mark.parametrize("limit", [3, 10])
def test_what_one_table_hides_no_other_tells(brief, who, limit):
    counts, sums = gathered(brief.content, who)
    assert learned(counts, sums, limit, shown_counts(brief.content, who, limit)) == []
