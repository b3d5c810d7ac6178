"""Reforms: every demand of the two papers is computed or listed with its reason, and plans change what they say."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.evaluate.evidence import NOT_IN_FORCE
from stellwerk.evaluate.examples import load_examples
from stellwerk.evaluate.reference import determine
from stellwerk.law.reforms import ExtendListing, SetParameter
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import parse_value

ROOT = Path(__file__).parents[1]
DEMANDS = {
    "position_paper_2023": {
        *("A1", "A2", "A3", "A4a", "A4b", "A4c", "A5a", "A5b", "A5c", "A5d", "A6a", "A6b"),
        *("A7", "A8", "A9", "A10a", "A10b", "A11a", "A11b", "A-fact"),
    },
    "motion_2023": {"B1", "B2", "B3", "B4", "B5", "B6", "B7"},
}
WORKER: dict[str, object] = {
    "status": "tolerated",
    "residence_since": "2023-01-15",
    "employment_since": "2026-01-15",
    "livelihood_own_share": "0.51",
    "german_level": "B1",
    "identity_clarified": True,
    "fine_day_rates_general": 0,
    "fine_day_rates_foreigner_offences": 0,
    "prison_or_youth_penalty": False,
    "decision_date": "2027-01-15",
}
APPLICANT: dict[str, object] = {
    "nationality": "RS",
    "job_offer": True,
    "agency_consent": True,
    "priority_check_passed": True,
    "first_consent": True,
    "applied_at_mission": True,
    "asylum_benefits_received": False,
    "western_balkans_consents": 30000,
    "first_grant": False,
    "birth_date": "1995-03-03",
}


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook(ROOT)


def outcome(book: Rulebook, rule: str, facts: dict[str, object], **changed: object) -> str:
    attributes = book.vocabulary.attributes(book.rule(rule).subject)
    case = {name: parse_value(raw, attributes[name].type) for name, raw in {**facts, **changed}.items()}
    assert None not in case.values()
    return determine(book, rule, case).outcome


@pytest.mark.parametrize("paper", DEMANDS)
def test_every_demand_is_computed_or_listed_with_the_reason_why_not(law: Rulebook, paper: str) -> None:
    reform = law.reform(paper)
    computed = {patch.demand for patch in reform.patches}
    listed = {note.demand for note in reform.not_computed}
    assert not computed & listed
    assert computed | listed == DEMANDS[paper]
    assert all(note.reason_de and note.reason_en for note in reform.not_computed)


def test_every_reform_says_where_the_law_stands_on_each_of_its_demands(law: Rulebook) -> None:
    for reform in law.reforms.values():
        notes = [*reform.status, *reform.not_computed]
        demands = {patch.demand for patch in reform.patches} | {note.demand for note in reform.not_computed}
        assert sorted(note.demand for note in notes) == sorted(demands), reform.id
        assert all(note.text_de and note.text_en for note in notes), reform.id


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_before_its_first_day_a_reform_changes_nothing(law: Rulebook, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(law.reforms)))
    day = data.draw(st.dates(dt.date(2015, 1, 1), law.reform(name).start - dt.timedelta(days=1)))
    reformed = law.under([name])
    for rule in reformed.rules.values():
        version = rule.on(day)
        then = law.rules[rule.id].on(day) if rule.id in law.rules else None
        assert (version and version.place) == (then and then.place), rule.id
    for parameter in law.parameters:
        before, after = law.parameter_on(parameter, day), reformed.parameter_on(parameter, day)
        assert (before and before.value) == (after and after.value)
    for listing in law.listings:
        assert law.listings[listing].codes_on(day) == reformed.listings[listing].codes_on(day)


def test_all_reforms_together_still_give_a_rulebook_that_answers(law: Rulebook) -> None:
    everything = law.under(sorted(law.reforms))
    assert set(law.rules) <= set(everything.rules)


def test_a_plan_speaks_of_no_rule_that_is_law(law: Rulebook) -> None:
    for rule in ("stay.lasting_title", "stay.temporary_title"):
        assert rule not in law.rules


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, "should_grant"),
        ({"residence_since": "2023-01-16"}, "not_met"),
        ({"employment_since": "2026-01-16"}, "not_met"),
        ({"livelihood_own_share": "0.5"}, "not_met"),
        ({"german_level": "A2"}, "not_met"),
        ({"identity_clarified": False}, "not_met"),
        ({"fine_day_rates_general": 51}, "not_met"),
        ({"fine_day_rates_foreigner_offences": 91}, "not_met"),
        ({"prison_or_youth_penalty": True}, "not_met"),
        ({"status": "enforceable_departure"}, "not_met"),
        ({"decision_date": "2027-12-31"}, "should_grant"),
        ({"decision_date": "2028-01-01"}, NOT_IN_FORCE),
    ],
)
def test_the_coalition_s_temporary_title_asks_for_four_years_and_ends_with_2027(
    law: Rulebook, changed: dict[str, object], wanted: str
) -> None:
    assert outcome(law.under(["temporary_title_coalition"]), "stay.temporary_title", WORKER, **changed) == wanted


def test_the_bundesrat_s_temporary_title_asks_for_three_years_and_runs_to_2029(law: Rulebook) -> None:
    book = law.under(["temporary_title_bundesrat"])
    wanted = {
        ("2024-01-15", "2027-01-15"): "should_grant",
        ("2024-01-16", "2027-01-15"): "not_met",
        ("2024-01-15", "2029-12-31"): "should_grant",
        ("2024-01-15", "2030-01-01"): NOT_IN_FORCE,
    }
    for (since, decided), said in wanted.items():
        found = outcome(book, "stay.temporary_title", WORKER, residence_since=since, decision_date=decided)
        assert found == said


def test_with_25000_consents_a_year_the_30001st_application_is_too_late(law: Rulebook) -> None:
    planned = law.under(["western_balkans_25000"])
    for day, wanted in (("2026-12-31", "may_grant"), ("2027-01-01", "not_met")):
        assert outcome(planned, "labour.western_balkans", APPLICANT, work_title_applied_on=day) == wanted
        assert outcome(law, "labour.western_balkans", APPLICANT, work_title_applied_on=day) == "may_grant"


@pytest.mark.parametrize(
    ("reform", "nationality", "decided", "wanted"),
    [
        ("designation_bill_2016", "DZ", "2017-03-31", "no_presumption"),
        ("designation_bill_2016", "DZ", "2017-04-01", "presumption_applies"),
        ("designation_bill_2016", "GE", "2017-04-01", "no_presumption"),
        ("designation_bill_2019", "GE", "2019-02-28", "no_presumption"),
        ("designation_bill_2019", "GE", "2019-03-01", "presumption_applies"),
        ("position_paper_2023", "MA", "2023-04-01", "presumption_applies"),
    ],
)
def test_a_bill_or_paper_would_have_listed_these_states(
    law: Rulebook, reform: str, nationality: str, decided: str, wanted: str
) -> None:
    facts: dict[str, object] = {
        "nationality": nationality,
        "bamf_decision_date": decided,
        "rebuttal_established": False,
    }
    assert outcome(law.under([reform]), "asylum.safe_origin.constitutional", facts) == wanted
    assert outcome(law, "asylum.safe_origin.constitutional", facts) == "no_presumption"


def test_the_position_paper_adds_four_states_and_sets_four_numbers(law: Rulebook) -> None:
    patches = law.reform("position_paper_2023").patches
    assert sum(len(patch.codes) for patch in patches if isinstance(patch, ExtendListing)) == 4
    assert len([patch for patch in patches if isinstance(patch, SetParameter)]) == 4


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, "should_grant"),
        ({"status": "permit_104c"}, "should_grant"),
        ({"status": "asylum_permission"}, "not_met"),
        ({"residence_since": "2019-06-02"}, "not_met"),
        ({"fine_day_rates_general": 41, "fine_day_rates_foreigner_offences": 50}, "needs_review"),
        ({"decision_date": "2023-12-31"}, NOT_IN_FORCE),
    ],
)
def test_the_motion_gives_lasting_stay_to_tolerated_persons_who_meet_its_five_criteria(
    law: Rulebook, changed: dict[str, object], wanted: str
) -> None:
    facts: dict[str, object] = {
        "status": "tolerated",
        "decision_date": "2024-06-01",
        "residence_since": "2019-06-01",
        "training_found": False,
        "job_found": True,
        "fine_day_rates_general": 0,
        "fine_day_rates_foreigner_offences": 0,
        "prison_or_youth_penalty": False,
        "livelihood_own_share": "0.6",
        "german_level_oral": "A1",
        "german_course_enrolled": True,
    }
    assert outcome(law.under(["motion_2023"]), "stay.lasting_title", facts, **changed) == wanted


def test_under_the_returns_regulation_custody_can_last_24_months_instead_of_18(law: Rulebook) -> None:
    examples = load_examples(ROOT / "rules/detention/removal_custody.cases.yaml", ROOT, law)
    case = dict(next(example for example in examples if example.name == "Verzögerung zu vertreten").facts)
    case |= {"removal_possible_from": dt.date(2027, 10, 1)}
    for day, then, planned in (
        (dt.date(2027, 6, 30), dt.date(2028, 12, 29), dt.date(2028, 12, 29)),
        (dt.date(2027, 7, 1), dt.date(2028, 12, 31), dt.date(2029, 6, 30)),
    ):
        case |= {"detention_order_date": day, "detention_start": day}
        assert determine(law, "detention.removal_custody", case).until == then
        assert determine(law.under(["returns_regulation"]), "detention.removal_custody", case).until == planned


def test_the_paper_continues_the_stage_plan_after_the_land_s_act_ended(law: Rulebook) -> None:
    examples = load_examples(ROOT / "rules/reception/stage_plan.cases.yaml", ROOT, law)
    case = dict(next(example for example in examples if example.name == "offensichtlich unbegründet").facts)
    case |= {"as_of": dt.date(2025, 3, 1), "reception_admitted_on": dt.date(2024, 11, 30)}
    assert determine(law, "reception.stage_plan", case).outcome == NOT_IN_FORCE
    continued = determine(law.under(["position_paper_2023"]), "reception.stage_plan", case)
    assert (continued.outcome, continued.until) == ("state_accommodation", dt.date(2026, 11, 30))
