"""The table of the law a brief rests on: versions of a day, and a plain word where nothing is in force."""

from __future__ import annotations

import datetime as dt

import pytest

from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.aufnahme import aufnahme
from stellwerk.workbench import Workbench

RULE, VALUE = "reception.stage_plan", "reception.longest_stay"


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def brief(workbench, checkout):
    values = scenario_for("aufnahme", None, checkout)
    return aufnahme.begin(values, workbench.params, workbench.rulebook())


def cells(table, name):
    return next(row for row in table.rows if row[0].raw == name)


def test_a_rule_and_a_value_stand_with_day_citation_and_grade(brief):
    table = law_table(brief, brief.law, [RULE, VALUE], dt.date(2024, 5, 1))
    assert cells(table, RULE)[1:4] == ("Regel", dt.date(2018, 4, 24), "Asyl-Stufenplan NRW 2018")
    assert cells(table, VALUE)[1].raw == "2 years"
    assert cells(table, VALUE)[5].raw == "verified"


def test_what_is_not_in_force_says_so_and_claims_no_citation(brief):
    row = cells(law_table(brief, brief.law, [RULE], dt.date(2027, 1, 4)), RULE)
    assert row[1:] == ("an diesem Tag nicht in Kraft", None, None, None, None)


def test_what_a_reform_has_put_there_bears_its_name(workbench, brief):
    law = workbench.rulebook(["stay_six_months"])
    row = cells(law_table(brief, law, [VALUE], dt.date(2024, 5, 1)), VALUE)
    assert (row[1].raw, row[4]) == ("6 months", "Längstens sechs Monate in Landesunterkünften")
