"""The case explorer: what it says is what the rules say, it asks for what is missing, and it decides nothing."""

import datetime as dt
import html
import re
from itertools import pairwise

import pandas as pd
import pytest

from stellwerk.evaluate.examples import run_examples
from stellwerk.reports import explanation
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


@pytest.fixture(scope="module")
def of_a_register(bench):
    cases = bench.synthetic_cases(50)
    made = CaseExplorer(bench, cases, bench.synthetic_children(cases), rules=[RULE])
    yield made
    made.close()


def words(said):
    """HTML without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", said)))


def test_a_fact_that_is_entered_changes_the_answer_at_once(explorer):
    assert "Angaben fehlen" in words(explorer.results.html)
    explorer.form.enter("german_level_oral", "A2")
    assert explorer.session.determinations[RULE].outcome == "should_grant"
    assert "soll erteilt werden · bis 01.06.2025" in words(explorer.headline.html)
    assert "bis 01.06.2025 (noch 731 Tage)" in words(explorer.results.html)


def test_a_fact_that_is_taken_back_is_unknown_again(explorer):
    explorer.form.enter("german_level_oral", "A2")
    explorer.form.enter("german_level_oral", "")
    assert "german_level_oral" not in explorer.session.facts
    assert "mündliche Deutschkenntnisse" in words(explorer.missing.html)


def test_what_is_asked_for_first_stands_in_the_form_and_every_question_leads_to_its_field(explorer):
    asked = re.findall(r'data-ask="(\w+)"', explorer.missing.html)
    assert asked and set(asked) <= set(explorer.form.names)
    assert explorer.form.view.state["missing"] == asked
    assert "fragt: Aufenthalt bei nachhaltiger Integration" in explorer.form.view.state["hints"][asked[0]]


def test_fields_stay_where_they_are_when_something_is_told(explorer):
    before = explorer.form.view.state["groups"]
    explorer.form.enter("german_level_oral", "A1")
    after = {group["key"]: group["names"] for group in explorer.form.view.state["groups"]}
    assert all(after[group["key"]][: len(group["names"])] == group["names"] for group in before)


def test_any_fact_of_the_vocabulary_can_be_added(explorer):
    assert ["birth_date", "Geburtsdatum"] in explorer.form.view.every
    explorer.form.heard({"add": "birth_date"})
    explorer.form.heard({"tell": "birth_date", "value": "2000-02-29"})
    assert explorer.session.facts["birth_date"] == dt.date(2000, 2, 29)


def test_a_child_row_changes_the_answer_to_the_rules(bench):
    rule = "stay.grave_removal_interest"
    explorer = CaseExplorer(bench, rules=[rule], facts={"decision_date": "2023-06-01"})
    assert explorer.session.determinations[rule].ask_for == ("convictions",)
    assert "convictions" in explorer.form.names
    explorer.form.enter("convictions", [{"final": "yes"}])
    assert "in einem Eintrag fehlt etwas" in words(explorer.results.html)
    row = {"final": "yes", "intentional": "yes", "prison_months": "12", "day_rates": "0", "youth_penalty_months": "0"}
    explorer.form.enter("convictions", [{**row, "suspended": "no", "committed_here": ""}])
    told = explorer.session.facts["convictions"]
    assert told == [{"final": True, "intentional": True, "prison_months": 12, "day_rates": 0,
                     "youth_penalty_months": 0, "suspended": False}]  # fmt: skip
    frame = pd.DataFrame({"case_id": ["F"], "decision_date": [dt.date(2023, 6, 1)]})
    rows = pd.DataFrame([{"case_id": "F", **told[0]}])
    applied = bench.apply(frame, children={"convictions": rows}, rules=[rule])
    assert explorer.session.determinations[rule].outcome == applied[f"{rule}.outcome"].iloc[0] != "needs_facts"
    explorer.form.enter("convictions", [{"final": ""}])
    assert explorer.session.facts["convictions"] == [{}]  # there is one, and nothing is known of it
    assert explorer.session.determinations[rule].outcome == "needs_facts"
    explorer.form.enter("convictions", [])
    assert explorer.session.facts["convictions"] == []
    explorer.form.enter("convictions", None)
    assert "convictions" not in explorer.session.facts
    explorer.close()


def test_child_rows_stand_in_the_example_file(explorer, bench, tmp_path):
    explorer.form.enter("german_level_oral", "A2")
    kinds = bench.vocabulary.child_tables("case")["status_periods"].attributes["kind"].type.code_list.codes
    explorer.form.enter(
        "status_periods", [{"kind": next(iter(kinds)), "first_day": "2014-03-01", "last_day": "2023-06-01"}]
    )
    path = tmp_path / "mein_fall.cases.yaml"
    path.write_text(as_yaml(explorer.state()), encoding="utf-8")
    (ran,) = run_examples(bench.root, bench.rulebook(), [path])
    assert ran.passes and ran.example.facts["status_periods"][0]["first_day"] == dt.date(2014, 3, 1)


def test_a_wrong_cell_is_told_beside_its_table_and_nothing_is_taken(explorer):
    explorer.form.enter("convictions", [{"prison_months": "-3"}])
    assert "Freiheitsstrafe in Monaten" in explorer.form.errors["convictions"]
    assert "convictions" not in explorer.session.facts


@pytest.mark.parametrize(("entered", "meant"), [("0,6", "0.6"), ("0.6", "0.6"), ("60 %", "0.6"), ("1", "1")])
def test_numbers_are_understood_as_people_write_them(explorer, entered, meant):
    explorer.form.enter("livelihood_own_share", entered)
    assert str(explorer.session.facts["livelihood_own_share"]) == meant
    assert explorer.form.view.state["values"]["livelihood_own_share"] == meant.replace(".", ",")


def test_a_thousand_in_german_is_a_thousand(explorer):
    explorer.form.enter("unclear_identity_days", "1.000")
    assert explorer.session.facts["unclear_identity_days"] == 1000
    assert explorer.form.view.fields["unclear_identity_days"]["unit"] == "Tage"


@pytest.mark.parametrize(
    ("name", "entered", "said"),
    [
        ("livelihood_own_share", "viel", "»viel« ist keine Zahl"),
        ("livelihood_own_share", "1,5", "Höchstens 1."),
        ("unclear_identity_days", "-5", "Mindestens 0."),
        ("unclear_identity_days", "1,5", "»1,5« ist keine ganze Zahl"),
        ("residence_since", "1066-01-01", "kein vollständiges Datum"),
    ],
)
def test_nonsense_is_answered_with_a_sentence_beside_its_field(explorer, name, entered, said):
    before = explorer.session.facts[name]
    explorer.form.enter(name, entered)
    assert said in explorer.form.errors[name] and name not in explorer.form.errors[name]
    assert explorer.session.facts[name] == before
    explorer.form.enter(name, "0")
    explorer.form.enter(name, "")
    assert not explorer.form.errors


def test_days_that_do_not_fit_together_are_asked_about(explorer):
    explorer.form.enter("residence_since", "2024-01-01")
    assert "Stimmt das? »ununterbrochener Aufenthalt seit« (01.01.2024) liegt nach dem Lesetag" in words(
        explorer.notice.value
    )
    explorer.form.enter("detention_segments", [{"first_day": "2023-03-01", "last_day": "2023-02-01"}])
    assert "Haftzeiten, Eintrag 1: Stimmt das? »erster Tag« liegt nach »letzter Tag«." in words(explorer.notice.value)


def test_the_tree_of_reasons_says_what_the_reports_say_the_unknown_first(explorer, bench):
    said = words(explorer.reasons.html)
    lines = explanation(explorer.session.determinations[RULE], bench.rulebook(), "de").splitlines()[1:]
    plain = [line.strip().removeprefix("- ").removesuffix("]").split("   [")[0].strip() for line in lines]
    assert all(words(line).strip() in said for line in plain)
    assert said.index("? mindestens eines") < said.index("✓ mindestens eines")


def test_the_same_case_stands_beside_on_another_day_and_under_reforms(explorer):
    explorer.form.enter("german_level_oral", "A2")
    explorer.other_day.value = dt.date(2014, 1, 1)
    explorer.other_reforms.chosen = ["position_paper_2023", "motion_2023"]
    as_told, then, first, second = explorer.columns()
    assert then.found[RULE].outcome == "not_in_force"
    assert len({as_told.rulebook.hash, first.rulebook.hash, second.rulebook.hash}) == 3
    said = words(explorer.beside.html)
    assert "»am 01.01.2014«: eine Regel anders." in said and "≠ ✗ nicht in Kraft" in said


def test_days_that_count_stand_on_a_line_and_in_a_table(explorer):
    explorer.form.enter("german_level_oral", "A2")
    said = words(explorer.days.html)
    assert said.index("01.03.2014") < said.index("01.06.2025")
    assert "gelesen am 01.06.2023" in said and "noch 731 Tage" in said
    assert "die Tabelle darunter sagt dasselbe" in explorer.days.html


def test_a_single_day_has_labels_that_do_not_overlap(bench):
    explorer = CaseExplorer(bench, rules=[RULE], facts={"decision_date": "2023-06-01"})
    places = [
        float(x) for x in re.findall(r'<text x="([\d.]+)" y="\d+" text-anchor="\w+" fill="#4b5563"', explorer.days.html)
    ]
    assert len(places) > 1 and all(later - earlier > 50 for earlier, later in pairwise(places))
    explorer.close()


def test_the_page_says_which_engine_answered(explorer):
    said = words(explorer.results.html)
    assert "Regelmaschine und Referenz" in said or "die Referenz allein" in said


def test_the_page_never_speaks_of_a_decision(explorer):
    every = [*explorer.view.children[1:2], explorer.results, explorer.missing, explorer.headline, explorer.reasons]
    said = " ".join(words(getattr(part, "html", "") or getattr(part, "value", "")) for part in every)
    assert "keine Entscheidung über einen Menschen" in said
    assert not re.search(r"abgelehnt|bewilligt|genehmigt|Antrag stattgegeben", said)


def test_without_facts_the_page_begins_with_an_example_that_has_much_to_show(bench):
    explorer = CaseExplorer(bench)
    assert "Beispiel »Ausbildung mit gesichertem Lebensunterhalt, zwei Wege«" in words(explorer.notice.value)
    assert len(explorer.rules.chosen) == len([name for name in bench.rules_of("case") if name.startswith("stay.")])
    said = words(explorer.results.html)
    assert said.index("Anspruch") < said.index("Angaben fehlen") < said.index("nicht einschlägig")
    explorer.choice.heard({"blank": True})
    assert not explorer.session.facts and "weil kein Tag genannt ist" in words(explorer.notice.value)
    explorer.close()


def test_an_example_is_opened_with_what_it_expects(explorer):
    key = f"{RULE}/einen Tag vor sechs Jahren"
    assert key in [key for _, entries in explorer.choice.view.examples for key, _ in entries]
    explorer.choice.heard({"example": key})
    assert explorer.session.determinations[RULE].outcome == "not_met"
    assert explorer.choice.view.example == key


def test_a_case_is_picked_from_a_register_and_an_unknown_one_is_told_with_the_nearest(of_a_register, bench):
    explorer = of_a_register
    cases, key = bench.synthetic_register(50), bench.id_of("case")
    explorer.choice.heard({"pick": str(cases[key].iloc[3])})
    assert explorer.session.facts["birth_date"] == cases["birth_date"].iloc[3]
    assert key not in explorer.session.facts and isinstance(explorer.session.facts["status_periods"], list)
    explorer.pick("gibt es nicht")
    assert 'role="alert"' in explorer.notice.value


def test_cases_are_searched_stepped_through_and_listed_by_what_the_rules_say(of_a_register):
    explorer = of_a_register
    assert len(explorer.choice.search("")) == 50
    found = explorer.choice.search("s-000004")
    assert found and all("S-000004" in case for case in found)
    explorer.choice.heard({"search": "0012", "first": True})
    assert explorer.choice.view.picked.endswith("0012")
    explorer.choice.search("")
    explorer.choice.step(1)
    assert explorer.choice.view.picked.endswith("0013")
    assert explorer.choice.search("ö") == [] and "Keine Kennung" in explorer.choice.view.note
    explorer.choice.list_notable()
    assert "der 50 Fälle" in explorer.choice.view.note


def test_a_register_may_be_pandas_with_child_tables_and_umlauts_in_its_ids_or_be_empty(bench):
    cases = pd.DataFrame({"case_id": ["Köln-1", "Fälle/2"], "status": ["tolerated", None]})
    kind = next(
        iter(bench.vocabulary.child_tables("case")["detention_segments"].attributes["kind"].type.code_list.codes)
    )
    rows = pd.DataFrame({"case_id": ["Köln-1"], "kind": [kind], "first_day": [dt.date(2023, 1, 1)]})
    explorer = CaseExplorer(bench, cases, {"detention_segments": rows}, rules=[RULE])
    assert explorer.choice.search("köln") == ["Köln-1"]
    explorer.pick("Köln-1")
    assert explorer.session.facts["detention_segments"] == [{"kind": kind, "first_day": dt.date(2023, 1, 1)}]
    explorer.close()
    empty = CaseExplorer(bench, cases.head(0), rules=[RULE])
    assert "keine Fälle" in empty.choice.view.note
    empty.choice.step(1)
    empty.choice.list_notable()
    empty.close()


def test_what_was_tried_is_an_example_that_the_checkout_can_run(explorer, bench, tmp_path):
    explorer.form.enter("german_level_oral", "A2")
    path = tmp_path / "mein_fall.cases.yaml"
    path.write_text(as_yaml(explorer.state()), encoding="utf-8")
    (ran,) = run_examples(bench.root, bench.rulebook(), [path])
    assert ran.passes and ran.determination.outcome == "should_grant"


def test_other_rules_read_the_same_facts(explorer):
    explorer.rules.chosen = [RULE, "stay.chance_residence"]
    assert set(explorer.session.determinations) == {RULE, "stay.chance_residence"}
    assert explorer.session.facts["status"] == "tolerated"
    explorer.rules.chosen = []
    assert "mindestens eine Regel" in explorer.notice.value


def test_another_field_of_law_brings_its_rules_and_its_examples(explorer):
    explorer.field.value = "detention"
    assert all(name.startswith("detention.") for name in explorer.session.determinations)
    assert explorer.choice.view.examples and explorer.session.facts["status"] == "tolerated"
    assert "am heutigen" in words(explorer.notice.value)


def test_an_example_gives_way_to_one_of_the_new_field_until_something_is_told(bench):
    explorer = CaseExplorer(bench)
    explorer.field.value = "detention"
    assert explorer.choice.view.example.startswith("detention.")
    assert "◔ Zeitfenster offen" in words(explorer.results.html)
    explorer.form.enter("status", "tolerated")
    assert ", geändert, gelesen am" in words(explorer.notice.value)
    explorer.field.value = "return"
    assert explorer.session.facts["status"] == "tolerated"
    explorer.close()


def test_a_day_that_an_example_brought_goes_with_it(bench):
    explorer = CaseExplorer(bench, rules=["stay.chance_residence"])
    dated = [(key, example) for key, example in explorer.choice.examples.items() if example.on is not None]
    key, example = dated[0]
    explorer.choice.heard({"example": key})
    assert explorer.law_on.value == example.on
    explorer.choice.heard({"blank": True})
    assert explorer.law_on.value is None
    explorer.close()


def test_a_case_without_a_reading_date_is_read_today_until_it_has_one(bench):
    explorer = CaseExplorer(bench, rules=[RULE], facts={"status": "tolerated"})
    assert explorer.session.determinations[RULE].reading_date == dt.date.today()
    explorer.form.enter("decision_date", "2023-06-01")
    assert explorer.session.determinations[RULE].reading_date == dt.date(2023, 6, 1)
    explorer.form.enter("decision_date", "")
    assert explorer.session.determinations[RULE].reading_date == dt.date.today()
    explorer.close()
