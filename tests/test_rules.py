"""The rules of the first cut: their examples hold and leave no outcome, condition or change of law out."""

import datetime as dt
from collections import defaultdict
from pathlib import Path

import pytest

from stellwerk.evaluate.examples import ExampleResult, example_files, run_examples
from stellwerk.law.provision import RuleVersion
from stellwerk.law.reforms import ExtendListing, SetParameter
from stellwerk.law.rulebook import Rulebook, load_rulebook

ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"
ONE_DAY = dt.timedelta(days=1)
# On the list before 2014, on the list since, and the seven that the Union listed
LONG_LISTED, SINCE_2023 = {"GH", "SN"}, {"GH", "SN", "BA", "RS", "MK", "AL", "XK", "ME", "GE", "MD"}
UNION_LIST = {"BD", "CO", "EG", "IN", "XK", "MA", "TN"}


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook(ROOT)


@pytest.fixture(scope="module")
def results(law: Rulebook) -> list[ExampleResult]:
    return run_examples(ROOT, law)


def versions(law: Rulebook) -> list[RuleVersion]:
    return [version for rule in law.rules.values() for version in rule.versions]


def name_of(version: RuleVersion) -> str:
    return f"{version.rule} since {version.interval.first}"


@pytest.mark.parametrize("file", example_files(ROOT), ids=lambda path: path.name)
def test_every_example_beside_a_rule_holds(law: Rulebook, file: Path) -> None:
    failed = [result for result in run_examples(ROOT, law, [file]) if not result.passes]
    assert not failed, [(str(result.example.place), result.differences) for result in failed]


def test_the_examples_of_the_toy_country_hold_under_the_same_engine() -> None:
    assert all(result.passes for result in run_examples(TOY, load_rulebook(TOY)))


def test_every_example_names_its_source(results: list[ExampleResult]) -> None:
    assert all(result.example.source for result in results)


def test_every_rule_has_examples_beside_it(law: Rulebook, results: list[ExampleResult]) -> None:
    assert {result.example.rule for result in results} == set(law.rules)


def test_every_outcome_of_a_rule_is_shown_by_an_example(law: Rulebook, results: list[ExampleResult]) -> None:
    shown = {(result.example.rule, result.determination.outcome) for result in results}
    possible = {(version.rule, outcome) for version in versions(law) for outcome in version.outcomes()}
    assert possible <= shown


def test_every_rule_has_an_example_with_a_missing_fact(law: Rulebook, results: list[ExampleResult]) -> None:
    asked = {result.example.rule for result in results if result.determination.ask_for}
    assert asked == set(law.rules)


def test_every_condition_of_a_rule_is_met_in_one_example_and_failed_in_another(
    law: Rulebook, results: list[ExampleResult]
) -> None:
    truths: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for result in results:
        exceptions = [exception.held for exception in result.determination.exceptions]
        rows = [row.held for row in result.determination.rows]
        for evidence in (*result.determination.conditions, *exceptions, *rows):
            if evidence.truth is not None:
                truths[result.example.rule, evidence.condition.text].add(evidence.truth)
    untried = {
        (version.rule, condition.text)
        for version in versions(law)
        for condition in version.conditions()
        if truths[version.rule, condition.text] != {True, False}
    }
    assert not untried, sorted(untried)


def test_every_change_of_law_has_an_example_on_its_first_day_and_on_the_day_before(
    law: Rulebook, results: list[ExampleResult]
) -> None:
    read: dict[str, set[dt.date | None]] = defaultdict(set)
    for result in results:
        read[result.example.rule].add(result.determination.reading_date)
    missing = [
        (name_of(version), str(day))
        for version in versions(law)
        for day in (version.interval.first - ONE_DAY, version.interval.first)
        if day not in read[version.rule]
    ]
    assert not missing


def test_rules_still_in_force_say_until_when_their_text_was_verified(law: Rulebook) -> None:
    for version in versions(law):
        if version.interval.last is None:
            assert version.verified_until is not None, name_of(version)


def test_the_versions_of_a_rule_follow_each_other_without_a_gap(law: Rulebook) -> None:
    for rule in law.rules.values():
        for earlier, later in zip(rule.versions, rule.versions[1:], strict=False):
            assert earlier.interval.last is not None
            assert later.interval.first == earlier.interval.last + ONE_DAY


@pytest.mark.parametrize(
    ("listing", "day", "codes"),
    [
        ("annex_ii", dt.date(2012, 6, 1), LONG_LISTED),
        ("annex_ii", dt.date(2014, 11, 5), LONG_LISTED),
        ("annex_ii", dt.date(2014, 11, 6), LONG_LISTED | {"BA", "RS", "MK"}),
        ("annex_ii", dt.date(2015, 10, 24), SINCE_2023 - {"GE", "MD"}),
        ("annex_ii", dt.date(2023, 12, 22), SINCE_2023 - {"GE", "MD"}),
        ("annex_ii", dt.date(2023, 12, 23), SINCE_2023),
        ("annex_ii", dt.date(2026, 8, 19), SINCE_2023),
        ("ordinance", dt.date(2026, 2, 1), set()),
        ("ordinance", dt.date(2026, 2, 2), SINCE_2023),
        ("eu_list", dt.date(2026, 6, 11), set()),
        ("eu_list", dt.date(2026, 6, 12), UNION_LIST),
        ("eu_candidates_excluded", dt.date(2026, 6, 12), {"UA"}),
        ("eu_member_states", dt.date(2026, 6, 12), set()),
    ],
)
def test_a_list_of_safe_countries_holds_these_on_that_day(
    law: Rulebook, listing: str, day: dt.date, codes: set[str]
) -> None:
    assert law.listings[f"safe_origin.{listing}"].codes_on(day) == codes


def test_the_two_lists_differ_for_morocco_since_the_union_list(law: Rulebook) -> None:
    day = dt.date(2026, 6, 12)
    assert law.listings["safe_origin.annex_ii"].entry("MA", day) is None
    assert law.listings["safe_origin.eu_list"].entry("MA", day) is not None


def test_the_union_had_26_other_members_since_the_withdrawal_of_one(law: Rulebook) -> None:
    members = law.listings["safe_origin.eu_member_states"]
    assert [len(members.codes_on(dt.date(year, 1, 1))) for year in (2013, 2014, 2021)] == [26, 27, 26]


def test_the_position_paper_changes_these_numbers_and_countries(law: Rulebook) -> None:
    reform = law.reform("position_paper_2023")
    reformed = law.under(["position_paper_2023"])
    first_day = dt.date(2023, 4, 1)
    assert reform.start == first_day
    added = {patch.demand: set(patch.codes) for patch in reform.patches if isinstance(patch, ExtendListing)}
    assert added == {"A6a": {"DZ", "MA", "TN", "GE"}}
    numbers = {
        patch.demand: (law.parameter_on(patch.parameter, first_day), reformed.parameter_on(patch.parameter, first_day))
        for patch in reform.patches
        if isinstance(patch, SetParameter)
    }
    compared = {
        demand: (str(before.value), str(after.value)) for demand, (before, after) in numbers.items() if before and after
    }
    assert compared == {
        "A1": ("0", "500"),
        "A4a": ("29000", "80000"),
        "A4c": ("2 years", "2 years"),
        "A5b": ("47000000", "50000000"),
    }


def test_the_reform_changes_nothing_on_the_day_before_it_starts(law: Rulebook) -> None:
    reformed, day = law.under(["position_paper_2023"]), dt.date(2023, 3, 31)
    assert {name: listing.codes_on(day) for name, listing in law.listings.items()} == {
        name: listing.codes_on(day) for name, listing in reformed.listings.items()
    }
    for name in law.parameters:
        before, after = law.parameter_on(name, day), reformed.parameter_on(name, day)
        assert (before and before.value) == (after and after.value)


def test_a_version_of_which_a_part_is_from_memory_is_not_called_verified(law: Rulebook) -> None:
    for version in versions(law):
        if "aus dem Gedächtnis" in " ".join(version.note.split()):
            assert version.evidence != "verified", name_of(version)
