"""The columns engine agrees with the reference on outcome, dates, amounts and evidence, case by case.

Rules of every kind are generated from the grammar over an invented vocabulary, cases around the rules' thresholds, with
unknown facts everywhere. The same comparison runs over the real rulebook.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import (
    ATTRIBUTES,
    CHANGE,
    OTHER,
    TALLY,
    as_frame,
    context_of,
    invented_rulebook,
    rule_documents,
    some_cases,
    with_things,
)

from stellwerk.documents import read_document
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.questions import ask_for
from stellwerk.evaluate.reference import determine
from stellwerk.law.linking import link_version
from stellwerk.law.provision import VALUE_NAMES, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook, load_rulebook


def assert_agreement(
    rulebook: Rulebook,
    rule: str,
    cases: list[dict[str, Any]],
    frame: pl.DataFrame,
    on: dt.date | None,
    children: Mapping[str, pl.DataFrame] | None = None,
) -> None:
    run = ColumnRun(rulebook, frame, on, children)
    results = run.results(rule)
    asked = ask_for(run, {rule: results})[rule]
    for case, row, questions in zip(cases, results.iter_rows(named=True), asked, strict=True):
        meant = determine(rulebook, rule, case, on)
        names = ("outcome", *VALUE_NAMES, "met", "unknown", "stale")
        found = (*(row.get(name) for name in names), questions or "")
        values = (meant.value(name) for name in VALUE_NAMES)
        wanted = (meant.outcome, *values, meant.met, meant.unknown, meant.stale, ", ".join(meant.ask_for))
        assert found == wanted, (case, meant)


def linked(document: dict[str, Any], folder: Path, rulebook: Rulebook) -> RuleVersion:
    path = folder / "generated.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally"}))
    return link_version(read_document(path, "generated.yaml"), "generated.yaml", context, folder)


@settings(max_examples=200)
@given(st.data(), st.integers(0, 10**6), st.sampled_from([None, CHANGE, dt.date(2022, 2, 28)]), st.booleans())
def test_columns_and_reference_agree_on_generated_rules_of_every_kind(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, on: dt.date | None, has_table: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    rulebook = invented_rulebook()
    rules: dict[str, Rule] = {}
    for entry in (OTHER, TALLY, document):
        version = linked(entry, folder, rulebook)
        rules[version.rule] = Rule(version.rule, (version,))
    rulebook.rules.update(rules)  # type: ignore[attr-defined]  # a dict in this test
    cases = some_cases(ATTRIBUTES, 20, seed)
    things = with_things(cases, seed)
    if not has_table:
        for case in cases:
            case["things"] = None
    children = {"things": things} if has_table else {}
    assert_agreement(rulebook, "toy.rule", cases, as_frame(cases, ATTRIBUTES), on, children)


@pytest.mark.parametrize("on", [None, dt.date(2023, 3, 1), dt.date(2026, 7, 1)])
def test_columns_and_reference_agree_on_every_real_rule(checkout: Path, on: dt.date | None) -> None:
    rulebook = load_rulebook(checkout)
    for number, (name, rule) in enumerate(sorted(rulebook.rules.items())):
        attributes = {key: item.type for key, item in rulebook.vocabulary.attributes(rule.subject).items()}
        cases = some_cases(attributes, 60, number)
        likely = random.Random(number)
        for case in cases:  # most reading days within the law, else every case lacks something
            case[rule.read_at] = dt.date(2015, 1, 1) + dt.timedelta(days=likely.randint(0, 4500))
        assert_agreement(rulebook, name, cases, as_frame(cases, attributes), on)
