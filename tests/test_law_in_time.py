"""What must hold of any law over time: reforms act from their first day, unknown facts never turn into a yes.

Properties over generated rules of the invented country and over the real rulebook with the facts of its examples.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import (
    ATTRIBUTES,
    CHANGE,
    FIRST,
    LAST,
    OTHER,
    TALLY,
    as_frame,
    context_of,
    head,
    invented_rulebook,
    rule_documents,
    some_cases,
    with_things,
)

from stellwerk.documents import read_document
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE
from stellwerk.evaluate.examples import Example, example_files, load_examples
from stellwerk.evaluate.reference import determine
from stellwerk.law.dated import DatedValue, Interval
from stellwerk.law.linking import link_version
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.reforms import EndRule, ExtendListing, Patch, PutRule, Reform, SetParameter
from stellwerk.law.rulebook import Rulebook, load_rulebook

START = dt.date(2021, 6, 1)  # the invented reform's first day
ONE_DAY = dt.timedelta(days=1)
EARLY = dt.date(2015, 1, 1)
EVERY_NTH_EXAMPLE = 9  # enough of the real examples that a slip in any operation shows, few enough for seconds


@pytest.fixture(scope="module")
def law(checkout: Path) -> Rulebook:
    return load_rulebook(checkout)


@pytest.fixture(scope="module")
def examples(law: Rulebook, checkout: Path) -> list[Example]:
    found = [example for path in example_files(checkout) for example in load_examples(path, checkout, law)]
    return found[::EVERY_NTH_EXAMPLE]


def linked(document: dict[str, Any], folder: Path, rulebook: Rulebook) -> RuleVersion:
    path = folder / "time.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally", "toy.rule"}))
    return link_version(read_document(path, "time.yaml"), "time.yaml", context, folder)


def country(folder: Path, *documents: dict[str, Any]) -> Rulebook:
    """The invented rulebook with these versions and the two rules that others read."""
    rulebook = invented_rulebook()
    versions: dict[str, list[RuleVersion]] = {}
    for document in (OTHER, TALLY, *documents):
        version = linked(document, folder, rulebook)
        versions.setdefault(version.rule, []).append(version)
    return replace(rulebook, rules={name: Rule(name, tuple(parts)) for name, parts in versions.items()})


def simple(decide: str, first: dt.date = FIRST, last: dt.date = LAST, **more: Any) -> dict[str, Any]:
    """A rule of one condition that decides so in an interval."""
    interval = {"from": first.isoformat(), "to": last.isoformat()}
    return {**head("toy.rule", "criteria"), "in_force": interval, "when": ["a"], "decide": decide, **more}


def reformed(rulebook: Rulebook, *patches: Patch) -> Rulebook:
    reform = Reform("toy", "toy", "toy", "x", START, patches)
    return replace(rulebook, reforms={"toy": reform}).under(["toy"])


def outcomes(rulebook: Rulebook, *days: dt.date) -> list[str]:
    return [determine(rulebook, "toy.rule", {"case_id": "C", "a": True, "read": day}).outcome for day in days]


# --- reforms --------------------------------------------------------------------------------------------------------


def test_a_rule_that_a_reform_adds_holds_from_its_first_day(tmp_path: Path) -> None:
    rulebook = country(tmp_path)
    added = reformed(rulebook, PutRule(linked(simple("grant", START), tmp_path, rulebook), "D1", ""))
    assert outcomes(added, START - ONE_DAY, START) == [NOT_IN_FORCE, "grant"]
    assert "toy.rule" not in rulebook.rules


def test_a_version_that_a_reform_puts_in_takes_the_place_of_what_held_then_and_no_longer(tmp_path: Path) -> None:
    rulebook = country(tmp_path, simple("grant"))
    middle = linked(simple("other", START, dt.date(2021, 12, 31)), tmp_path, rulebook)
    replaced = reformed(rulebook, PutRule(middle, "D1", ""))
    days = [START - ONE_DAY, START, dt.date(2021, 12, 31), dt.date(2022, 1, 1)]
    assert outcomes(replaced, *days) == ["grant", "other", "other", "grant"]
    assert [version.reform for version in replaced.rules["toy.rule"].versions] == ["", "toy", ""]


def test_a_rule_that_a_reform_ends_does_not_hold_on_its_first_day_without(tmp_path: Path) -> None:
    ended = reformed(country(tmp_path, simple("grant")), EndRule("toy.rule", START, "D1", ""))
    assert outcomes(ended, START - ONE_DAY, START, LAST) == ["grant", NOT_IN_FORCE, NOT_IN_FORCE]


def test_a_rule_that_a_reform_ends_from_its_own_first_day_never_holds(tmp_path: Path) -> None:
    ended = reformed(country(tmp_path, simple("grant", START)), EndRule("toy.rule", START, "D1", ""))
    assert outcomes(ended, START, LAST) == [NOT_IN_FORCE, NOT_IN_FORCE]


def test_a_rule_that_a_reform_adds_silences_what_it_overrides(tmp_path: Path) -> None:
    rulebook = country(tmp_path, simple("grant"))
    over = {**simple("refuse", START), "rule": "toy.over", "overrides": ["toy.rule"]}
    added = reformed(rulebook, PutRule(linked(over, tmp_path, rulebook), "D1", ""))
    assert outcomes(added, START - ONE_DAY, START) == ["grant", "overridden"]
    again = reformed(added, PutRule(linked(simple("other", START), tmp_path, rulebook), "D2", ""))
    assert outcomes(again, START) == ["overridden"]


def test_the_later_of_two_patches_on_one_day_counts(tmp_path: Path) -> None:
    rulebook = country(tmp_path, simple("grant"))
    first, second = (PutRule(linked(simple(name, START), tmp_path, rulebook), "D", "") for name in ("other", "refuse"))
    assert outcomes(reformed(rulebook, first, second), START) == ["refuse"]


def patches(folder: Path, rulebook: Rulebook) -> list[Patch]:
    """One patch of each form, from the reform's first day on."""
    interval = Interval(START)
    return [
        SetParameter("p.count", 7, interval, "D", "modelling_choice", ""),
        ExtendListing("l.realms", ("QZ",), interval, "D", "modelling_choice", ""),
        PutRule(linked(simple("other", START), folder, rulebook), "D", ""),
        EndRule("toy.other", START, "D", ""),
    ]


@settings(max_examples=40)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_before_its_first_day_no_patch_of_any_form_changes_what_a_generated_rule_says(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    rulebook = country(folder, document)
    after = reformed(rulebook, *patches(folder, rulebook))
    cases = some_cases(ATTRIBUTES, 10, seed)
    with_things(cases, seed)
    on = data.draw(st.dates(FIRST, START - ONE_DAY))
    for case in cases:
        before, then = (determine(book, "toy.rule", case, on) for book in (rulebook, after))
        assert (before.outcome, before.values, before.ask_for) == (then.outcome, then.values, then.ask_for)
        assert (before.met, before.unknown, before.stale) == (then.met, then.unknown, then.stale)


def cases_before(law: Rulebook, subject: str, last: dt.date, seed: int) -> pl.DataFrame:
    """Cases of a subject that every rule reads on one day between 2015 and `last`, a different one for each case."""
    attributes = {name: item.type for name, item in law.vocabulary.attributes(subject).items()}
    source = random.Random(seed)
    cases = some_cases(attributes, 60, seed)
    read = {rule.read_at for rule in law.rules.values() if rule.subject == subject}
    for case in cases:
        day = last - dt.timedelta(days=int(source.random() ** 2 * (last - EARLY).days))  # many just before the start
        case |= dict.fromkeys(read, day)
    return as_frame(cases, attributes)


def test_before_the_first_of_them_starts_all_real_reforms_together_change_nothing_for_any_rule(law: Rulebook) -> None:
    every = law.under(sorted(law.reforms))
    start = min(reform.start for reform in law.reforms.values())
    for number, subject in enumerate(sorted({rule.subject for rule in law.rules.values()})):
        frame = cases_before(law, subject, start - ONE_DAY, number)
        before, after = ColumnRun(law, frame), ColumnRun(every, frame)
        for name, rule in law.rules.items():
            if rule.subject == subject:
                assert before.results(name).drop("version").equals(after.results(name).drop("version")), name


@settings(max_examples=12)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_before_its_first_day_one_real_reform_changes_nothing_for_any_rule_that_it_touches(
    law: Rulebook, data: st.DataObject, seed: int
) -> None:
    name = data.draw(st.sampled_from(sorted(law.reforms)))
    book, start = law.under([name]), law.reforms[name].start
    touched = [rule for rule in law.rules if touches(law, name, rule)]
    for subject in {law.rules[rule].subject for rule in touched}:
        frame = cases_before(law, subject, start - ONE_DAY, seed)
        before, after = ColumnRun(law, frame), ColumnRun(book, frame)
        for rule in touched:
            if law.rules[rule].subject == subject:
                assert before.results(rule).drop("version").equals(after.results(rule).drop("version")), rule


def touches(law: Rulebook, reform: str, rule: str) -> bool:
    """Whether a rule sees something of a reform, in its own words or through a rule that it reads."""
    changed = {getattr(patch, "parameter", None) or getattr(patch, "listing", None) or rule_of(patch)
               for patch in law.reforms[reform].patches}  # fmt: skip
    versions = law.rules[rule].versions
    seen = {name for version in versions for name in (*version.parameters(), *version.listings())} | {rule}
    read = {node.rule for version in versions for node in version.derived()}
    return bool(changed & seen) or any(name in law.rules and touches(law, reform, name) for name in read)


def rule_of(patch: Patch) -> str:
    return patch.version.rule if isinstance(patch, PutRule) else getattr(patch, "rule", "")


# --- knowledge ------------------------------------------------------------------------------------------------------


def test_before_a_version_is_promulgated_the_one_before_it_goes_on(tmp_path: Path) -> None:
    known = dt.date(2021, 9, 1)
    rulebook = country(
        tmp_path,
        simple("grant", FIRST, START - ONE_DAY),
        simple("other", START, LAST, known_from=known.isoformat()),
    )
    assert outcomes(rulebook, START - ONE_DAY, START) == ["grant", "other"]
    assert outcomes(rulebook.known_on(known - ONE_DAY), START, LAST) == ["grant", "grant"]
    assert outcomes(rulebook.known_on(known), START) == ["other"]
    assert rulebook.known_on(known).hash != rulebook.known_on(known - ONE_DAY).hash


def test_before_a_value_is_promulgated_the_one_before_it_goes_on() -> None:
    rulebook, known = invented_rulebook(), dt.date(2021, 9, 1)
    early, late = rulebook.parameters["p.count"].versions
    retroactive = DatedValue(late.interval, late.value, late.evidence, late.basis, known_from=known)
    parameter = replace(rulebook.parameters["p.count"], versions=(early, retroactive))
    book = replace(rulebook, parameters={**rulebook.parameters, "p.count": parameter})
    day = CHANGE + ONE_DAY

    def value(found: Rulebook) -> object:
        dated = found.parameter_on("p.count", day)
        return dated and dated.value

    assert (value(book.known_on(known - ONE_DAY)), value(book.known_on(known)), value(book)) == (3, 2, 2)


def test_a_rule_that_nobody_knows_yet_is_not_in_force_for_those_that_read_it(tmp_path: Path) -> None:
    known = dt.date(2021, 9, 1)
    reader = {**simple("grant"), "when": ["outcome(toy.other) == not_in_force"]}
    rulebook = country(tmp_path, reader)
    late = replace(rulebook.rules["toy.other"].versions[0], known_from=known)
    book = replace(rulebook, rules={**rulebook.rules, "toy.other": Rule("toy.other", (late,))})
    assert outcomes(book.known_on(known - ONE_DAY), START) == ["grant"]
    assert outcomes(book.known_on(known), START) == [NEEDS_FACTS]


# --- unknown facts --------------------------------------------------------------------------------------------------


def less_known(case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The case with one known fact made unknown: each attribute, each child table, each cell of a child table."""
    for name, value in case.items():
        if value is None or name == "case_id":
            continue
        yield name, {**case, name: None}
        if isinstance(value, list):
            for position, row in enumerate(value):
                for cell in (cell for cell, known in row.items() if known is not None):
                    rows = [*value[:position], {**row, cell: None}, *value[position + 1 :]]
                    yield f"{name}.{position}.{cell}", {**case, name: rows}


@settings(max_examples=60)
@given(data=st.data(), seed=st.integers(0, 10**6), on=st.sampled_from([None, CHANGE, dt.date(2022, 2, 28)]))
def test_making_a_fact_unknown_moves_a_generated_rule_to_needs_facts_or_leaves_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, on: dt.date | None
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    rulebook = country(folder, document)
    cases = some_cases(ATTRIBUTES, 3, seed)
    with_things(cases, seed)
    for case in cases:
        said = determine(rulebook, "toy.rule", case, on).outcome
        for fact, vaguer in less_known(case):
            assert determine(rulebook, "toy.rule", vaguer, on).outcome in (said, NEEDS_FACTS), fact


def test_making_a_fact_unknown_moves_a_real_rule_to_needs_facts_or_leaves_it(
    law: Rulebook, examples: list[Example]
) -> None:
    tried = set()
    for example in examples:
        book = law.known_on(example.known_on) if example.known_on else law
        book = book.under(example.reforms) if example.reforms else book
        said = determine(book, example.rule, example.facts, example.on).outcome
        for fact, vaguer in less_known(dict(example.facts)):
            found = determine(book, example.rule, vaguer, example.on).outcome
            assert found in (said, NEEDS_FACTS), f"{example.place}: without {fact}"
            tried.add(example.rule)
    reading = {name for name, rule in law.rules.items() if any(version.derived() for version in rule.versions)}
    assert tried & reading, "rules that read others are among those tried"
