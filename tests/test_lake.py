"""DuckDB, through Ibis, says exactly what polars says: rules of every kind, every example, values and types.

Date arithmetic inside a query is held against the law's calendar, and a file of any size against the same frame.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import (
    ATTRIBUTES,
    CHANGE,
    OTHER,
    TALLY,
    as_frame,
    invented_rulebook,
    rule_documents,
    some_cases,
    with_things,
)
from polars.testing import assert_frame_equal
from test_engines_agree import linked

from stellwerk.evaluate.engines import Question, said
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook


def with_generated_rule(folder: Path, document: dict[str, Any], tables: dict[str, str]) -> Rulebook:
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    rulebook = invented_rulebook()
    rules: dict[str, Rule] = {}
    for entry in (OTHER, TALLY, document):
        version = linked(entry, folder, rulebook)
        rules[version.rule] = Rule(version.rule, (version,))
    rulebook.rules.update(rules)  # type: ignore[attr-defined]  # a dict in this test
    return rulebook


@settings(max_examples=40)
@given(st.data(), st.integers(0, 10**6), st.sampled_from([None, CHANGE, dt.date(2022, 2, 28)]), st.booleans())
def test_duckdb_and_polars_give_the_same_frame_on_generated_rules_of_every_kind(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, on: dt.date | None, has_table: bool
) -> None:
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    rulebook = with_generated_rule(tmp_path_factory.getbasetemp(), document, tables)
    cases = some_cases(ATTRIBUTES, 20, seed)
    things = with_things(cases, seed)
    children = {"things": things} if has_table else {}
    question = Question(rulebook, as_frame(cases, ATTRIBUTES), children, ("toy.rule", "toy.tally"), "case_id", on)
    assert_frame_equal(said(question, "duckdb"), said(question, "polars"))
