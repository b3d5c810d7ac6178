"""The case explorer: what it says is what the rules say, it asks for what is missing, and it decides nothing."""

import datetime as dt
import re

import pytest

from stellwerk.evaluate.examples import run_examples
from stellwerk.reports import explanation_html
from stellwerk.widgets import CaseExplorer
from stellwerk.widgets.saving import as_yaml
from stellwerk.workbench import Workbench

RULE = "stay.sustained_integration"
FACTS = {
    "decision_date": "2023-06-01",
    "status": "tolerated",
    "residence_since": "2014-03-01",
    "toleration_claim": False,
    "unclear_identity_days": 0,
    "lives_with_minor_child": False,
    "commits_to_constitution": True,
    "basic_legal_social_knowledge": True,
    "livelihood_own_share": "0.4",
    "livelihood_forecast_positive": True,
    "has_school_age_children": False,
    "identity_deception": False,
    "false_statements_repeated": False,
    "cooperation_refused": False,
    "removal_prevented_by_own_conduct": False,
    "manifestly_unfounded_bar": False,
    "removal_interest_grave": False,
}


@pytest.fixture(scope="module")
def bench(checkout):
    return Workbench.open(checkout)


@pytest.fixture
def explorer(bench):
    made = CaseExplorer(bench, rules=[RULE], facts=FACTS)
    yield made
    made.close()


def test_a_fact_that_is_told_in_the_form_changes_the_result_at_once(explorer, bench):
    assert "Angaben fehlen" in explorer.results.value
    explorer.form.fields["german_level_oral"].value = "A2"
    assert "soll erteilt werden · bis 01.06.2025" in explorer.results.value
    assert bench.explain is not None and explorer.session.determinations[RULE].outcome == "should_grant"


def test_a_fact_that_is_taken_back_is_unknown_again(explorer):
    explorer.form.fields["german_level_oral"].value = "A2"
    explorer.form.fields["german_level_oral"].value = ""
    assert "german_level_oral" not in explorer.session.facts
    assert "unbekannt: zu erfragen ist »mündliche Deutschkenntnisse«" in explorer.missing.value


def test_what_is_asked_for_first_stands_in_the_form(explorer):
    asked = re.findall(r"<code>(\w+)</code>", explorer.missing.value)
    assert asked and set(asked) <= set(explorer.form.fields)


def test_fields_stay_where_they_are_when_something_is_told(explorer):
    before = list(explorer.form.fields)
    explorer.form.fields["german_level_oral"].value = "A1"
    assert list(explorer.form.fields)[: len(before)] == before


def test_any_fact_of_the_vocabulary_can_be_added(explorer, bench):
    label = bench.vocabulary.attributes("case")["birth_date"].label("de")
    explorer.form.more.value = label
    explorer.form.fields["birth_date"].value = dt.date(2000, 2, 29)
    assert explorer.session.facts["birth_date"] == dt.date(2000, 2, 29)


def test_numbers_may_be_written_with_a_comma_and_nonsense_is_answered_with_a_sentence(explorer):
    explorer.form.fields["livelihood_own_share"].value = "0,6"
    assert str(explorer.session.facts["livelihood_own_share"]) == "0.6"
    explorer.form.fields["livelihood_own_share"].value = "viel"
    assert 'role="alert"' in explorer.notice.value and "livelihood_own_share" in explorer.notice.value
    assert str(explorer.session.facts["livelihood_own_share"]) == "0.6"


def test_the_tree_of_reasons_is_that_of_the_reports(explorer, bench):
    found = explorer.session.determinations[RULE]
    assert explorer.reasons.value == explanation_html(found, bench.rulebook(), "de")


def test_the_same_case_stands_beside_on_another_day_and_under_a_reform(explorer, bench):
    explorer.form.fields["german_level_oral"].value = "A2"
    explorer.other_day.value = dt.date(2014, 1, 1)
    explorer.other_reforms.value = ("position_paper_2023",)
    as_told, then, reformed = explorer.columns()
    assert then.found[RULE].outcome == "not_in_force" and "≠ nicht in Kraft" in explorer.results.value
    assert reformed.rulebook.hash != as_told.rulebook.hash


def test_days_that_count_stand_on_a_line_and_in_a_table(explorer):
    explorer.form.fields["german_level_oral"].value = "A2"
    assert explorer.days.value.index("01.03.2014") < explorer.days.value.index("01.06.2025")
    assert "die Tabelle darunter sagt dasselbe" in explorer.days.value


def test_the_page_says_which_engine_answered(explorer):
    assert "Regelmaschine und Referenz" in explorer.notice.value or "die Referenz allein" in explorer.notice.value


def test_the_page_never_speaks_of_a_decision(explorer):
    assert "Keine Entscheidung über einen Menschen" in explorer.view.children[2].value
    said = explorer.results.value + explorer.missing.value + explorer.notice.value
    assert not re.search(r"abgelehnt|bewilligt|genehmigt|Antrag stattgegeben", said)


def test_a_case_is_picked_from_a_register_and_an_unknown_one_is_told_with_the_nearest(bench):
    cases = bench.synthetic_register(50)
    explorer = CaseExplorer(bench, cases, rules=[RULE])
    key = bench.id_of("case")
    explorer.case.value = str(cases[key].iloc[3])
    assert explorer.session.facts["birth_date"] == cases["birth_date"].iloc[3]
    assert key not in explorer.session.facts
    explorer.case.value = "gibt es nicht"
    assert 'role="alert"' in explorer.notice.value
    explorer.close()


def test_what_was_tried_is_an_example_that_the_checkout_can_run(explorer, bench, tmp_path):
    explorer.form.fields["german_level_oral"].value = "A2"
    path = tmp_path / "mein_fall.cases.yaml"
    path.write_text(as_yaml(explorer.state()), encoding="utf-8")
    (ran,) = run_examples(bench.root, bench.rulebook(), [path])
    assert ran.passes and ran.determination.outcome == "should_grant"


def test_other_rules_read_the_same_facts(explorer):
    explorer.rules.value = (RULE, "stay.chance_residence")
    assert set(explorer.session.determinations) == {RULE, "stay.chance_residence"}
    assert explorer.session.facts["status"] == "tolerated"
