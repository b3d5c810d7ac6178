"""The brief on safe countries of origin: lists, states, time limits and persons are as the rules say."""

import csv
import datetime as dt
import io

import polars as pl
import pytest
from test_secrecy import learned

from stellwerk.briefs.countries import UnknownCountry, alphabetical, country_codes
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.sichere_staaten import designations, model_cases, persons, published, subject
from stellwerk.flows.figures import load_applications, load_decisions
from stellwerk.workbench import Workbench

SMALL = {"cases": 3000}
CONSTITUTIONAL, ACCELERATED = "asylum.safe_origin.constitutional", "asylum.accelerated_procedure"


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def brief(workbench, checkout):
    values = scenario_for("sichere_staaten", None, checkout)
    law, reformed = workbench.rulebook(), workbench.rulebook([values["reform"]])
    return subject.begin(workbench.params, {**values, **SMALL}, law, reformed)


@pytest.fixture(scope="module")
def told(workbench, brief):
    """What the rules say of the model cases, without and with the reform."""
    asked = {c.rule: model_cases.model_cases(brief, c.case, brief.reformed) for c in brief.content.consequences}
    return tuple(
        {rule: workbench.determinations(frame, rules=[rule], reforms=reforms) for rule, frame in asked.items()}
        for reforms in ((), (brief.parameters.reform,))
    )


@pytest.fixture(scope="module")
def register(workbench, brief):
    asked = brief.parameters
    return persons.in_procedure(brief, workbench.synthetic_cases(asked.cases, asked.year, asked.seed))


@pytest.fixture(scope="module")
def found(workbench, brief, register):
    rules = [consequence.rule for consequence in brief.content.counted]
    return {
        s.id: workbench.determinations(register, on=s.on, reforms=s.reforms, rules=rules)
        for s in persons.situations(brief)
    }


@pytest.fixture(scope="module")
def shown(brief, register, found):
    return persons.counts(brief, register, found)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_each_list_holds_the_states_that_the_law_lists_on_the_day(brief):
    block = designations.lists(brief)
    counts = {row["list"]: int(row["count"]) for row in rows(block, "lists")}
    assert counts["safe_origin.annex_ii"] == len(
        brief.law.listings["safe_origin.annex_ii"].codes_on(brief.parameters.on)
    )
    assert counts["safe_origin.eu_list"] == 7
    assert "aber ausgeschlossen: Ukraine" in block.html


def test_the_constitution_reads_annex_ii_alone_and_union_law_the_other_lists(brief):
    triggers = {row["consequence"]: row for row in rows(designations.lists(brief), "triggers")}
    assert triggers[CONSTITUTIONAL]["safe_origin.annex_ii"] == "1993-07-01"
    assert triggers[CONSTITUTIONAL]["safe_origin.eu_list"] == "–"
    assert triggers[ACCELERATED]["safe_origin.annex_ii"] == "–"
    assert triggers[ACCELERATED]["safe_origin.ordinance"] == "2026-02-02"


def test_a_consequence_holds_since_the_day_on_which_the_state_was_listed(brief, told):
    effects = {row["consequence"]: row for row in rows(designations.effects(brief, *told), "effects")}
    assert effects[CONSTITUTIONAL]["GE"] == "2023-12-23"
    assert effects["asylum.work.safe_origin"]["GE"] == "2023-12-23"
    assert effects[ACCELERATED]["MA"] == "2026-06-12"
    assert effects[CONSTITUTIONAL]["DZ"] == "no_presumption"


def test_the_reform_reaches_the_accelerated_procedure_of_2023_but_not_that_of_2026(brief, told):
    changed = rows(designations.effects(brief, *told), "reform_effects")
    of = {row["day"]: row["countries"] for row in changed if row["consequence"] == ACCELERATED}
    assert of == {"2023-05-31": "DZ MA TN GE"}


def test_time_limits_are_shorter_after_the_decision_that_follows_a_designation(brief, workbench):
    cases = model_cases.deadline_cases(brief)
    limits = workbench.determinations(cases, rules=brief.content.deadlines.rules)
    table = {row["limit"]: row for row in rows(designations.deadlines(brief, limits), "deadlines")}
    assert table["asylum.deadline.action"]["listed"] == "2026-09-08"
    assert table["asylum.deadline.action"]["other"] == "2026-09-15"
    assert table["asylum.action_suspends"]["listed"] == "action_does_not_suspend"


def test_the_headline_the_table_and_the_register_agree(brief, register, found, shown):
    headline = {row["id"]: row["value"] for row in rows(persons.headline(brief, shown), "headline")}
    table = rows(persons.concerned(brief, shown), "persons")
    total = next(row for row in table if row["consequence"] == CONSTITUTIONAL)
    counted = {
        when: determined.filter(pl.col(f"{CONSTITUTIONAL}.outcome").cast(pl.String) == "presumption_applies").height
        for when, determined in found.items()
    }
    assert {when: int(total[when]) for when in counted} == counted
    assert int(headline["constitutional_earlier"]) == counted["earlier_reform"] - counted["earlier"] > 0
    procedures = rows(persons.concerned(brief, shown), "procedures")
    assert int(procedures[-1]["persons"]) == register.height


def test_what_one_table_hides_no_other_tells(brief, register, found):
    counts, sums = persons.gathered(brief, register, found)
    shown = persons.counts(brief, register, found)
    assert learned(counts, sums, brief.parameters.small_count, shown) == []


def test_protection_rates_are_those_of_the_published_decisions(brief):
    block = published.rates(brief, load_applications(brief.params), load_decisions(brief.params))
    row = next(row for row in rows(block, "rates") if (row["country"], row["year"]) == ("GE", "2024"))
    decided = (
        load_decisions(brief.params).filter((pl.col("origin") == "GE") & (pl.col("year") == 2024)).row(0, named=True)
    )
    granted = decided["recognised"] + decided["other_protection"]
    total = granted + decided["rejected"] + decided["closed"]
    assert int(row["decisions"]) == total
    assert float(row["rate"]) == pytest.approx(100 * granted / total, abs=0.05)
    assert float(row["adjusted_rate"]) == pytest.approx(100 * granted / (total - decided["closed"]), abs=0.05)


def test_each_state_has_the_fate_of_each_demand(brief, workbench):
    rules = [brief.content.demand_rule, *brief.content.reports]
    determined = workbench.determinations(published.designation_cases(brief), rules=rules, subject="designation")
    table = {row["country"]: row for row in rows(published.procedure(brief, determined), "procedure")}
    assert table["GE"]["paper_2023"] == "demand_met_nationally"
    assert table["MA"]["paper_2023"] == "demand_met_by_union_only"
    assert table["DZ"]["paper_2023"] == "demand_not_met"
    assert dt.date.fromisoformat(table["GE"]["report"]) > brief.parameters.on


def test_countries_are_found_by_code_or_name_and_an_unknown_one_is_refused_with_the_nearest(checkout):
    params = checkout / "params"
    assert country_codes("Algerien, tn,Georgia, DZ", params) == ["DZ", "TN", "GE"]
    with pytest.raises(UnknownCountry) as refused:
        country_codes("Tunesein", params)
    assert "tunesien" in refused.value.message("de")
    assert sorted(["Tunesien", "Ägypten", "Albanien"], key=alphabetical) == ["Ägypten", "Albanien", "Tunesien"]
