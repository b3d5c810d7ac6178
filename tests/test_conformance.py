"""One small worked example of every operation and every kind of rule, which both engines must meet.

Facts of the invented country go in, the value or outcome comes out. The last tests enumerate the language and fail
where something has no example.
"""

from __future__ import annotations

import datetime as dt
import json
import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from invented import ATTRIBUTES, OTHER, ROW_ATTRIBUTES, TALLY, as_frame, context_of, head, invented_rulebook

from stellwerk.documents import read_document
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compiled import column_type
from stellwerk.evaluate.reference import determine
from stellwerk.law import core, kinds
from stellwerk.law.linking import link_version
from stellwerk.law.provision import VALUE_NAMES, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook

READ = dt.date(2021, 1, 1)  # the day all examples are read on, unless they say otherwise
THINGS = [{"c": True, "k": 2, "w": Decimal("0.5"), "day": dt.date(2020, 3, 1)}, {"c": False, "k": 5}]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# a condition, the facts, and whether it holds (None: unknown)
TRUTHS: list[tuple[str, dict[str, Any], bool | None]] = [
    ("true", {}, True),
    ("false", {}, False),
    ("a", {"a": True}, True),
    ("a", {}, None),
    ("not a", {"a": True}, False),
    ("not a", {}, None),
    ("a and b", {"a": False}, False),
    ("a and b", {"a": True}, None),
    ("a or b", {"a": True}, True),
    ("a or b", {"a": False}, None),
    ("n < 2", {"n": 1}, True),
    ("n <= 2", {"n": 2}, True),
    ("n > 2", {"n": 2}, False),
    ("n >= p.count", {"n": 3}, True),
    ("n == 2", {"n": 2}, True),
    ("n != 2", {"n": 2}, False),
    ("n > 2", {}, None),
    ("share > p.share", {"share": Decimal("0.500001")}, True),
    ("level >= low", {"level": "high"}, True),
    ("realm == QX", {"realm": "QY"}, False),
    ("realm in [QX, QZ]", {"realm": "QZ"}, True),
    ("realm not in [QX, QZ]", {"realm": "QZ"}, False),
    ("realm in l.realms", {"realm": "QX"}, True),
    ("realm in l.realms", {"realm": "QY"}, False),
    ("realm in l.realms", {}, None),
    ("a if b else level == low", {"b": False, "level": "low"}, True),
    ("a if b else level == low", {"a": True, "level": "low"}, True),
    ("a if b else level == low", {"a": True, "level": "high"}, None),
    ("any(things, c)", {"things": THINGS}, True),
    ("any(things, c)", {"things": []}, False),
    ("any(things, c)", {}, None),
    ("any(things, c)", {"things": [{"c": False}, {}]}, None),
    ("all(things, k > 1)", {"things": THINGS}, True),
    ("all(things, c)", {"things": []}, True),
    ("all(things, n == k)", {"n": 9, "things": [{"n": 2, "k": 2}]}, True),
    ("outcome(toy.other) == grant", {"a": True, "d": day("2020-01-01"), "e": day("2020-01-02")}, True),
    ("outcome(toy.other) == grant", {"a": True}, None),
    ("outcome(toy.other) in [not_met, conflict]", {"a": False}, True),
    ("until(toy.other) == 2020-07-01", {"a": True, "d": day("2020-01-01"), "e": day("2020-01-02")}, True),
    ("amount(toy.tally) == 2", {"a": True, "b": False}, True),
]
# an expression that yields a day, the facts, and the day
DAYS: list[tuple[str, dict[str, Any], dt.date | None]] = [
    ("2020-02-29", {}, day("2020-02-29")),
    ("d", {"d": day("2020-02-29")}, day("2020-02-29")),
    ("p.day", {}, day("2021-01-31")),
    ("d + 6 months", {"d": day("2025-08-31")}, day("2026-02-28")),
    ("d - 60 months", {"d": day("2022-10-31")}, day("2017-10-31")),
    ("2020-01-31 + 1 month + 1 month", {}, day("2020-03-29")),
    ("d + p.wait", {"d": day("2020-08-31")}, day("2021-02-28")),
    ("d + days(n)", {"d": day("2020-02-28"), "n": 2}, day("2020-03-01")),
    ("d + months(m)", {"d": day("2020-01-31"), "m": 1}, day("2020-02-29")),
    ("last_day(d, 6 months)", {"d": day("2026-01-15")}, day("2026-07-14")),
    ("last_day(d, 6 months)", {"d": day("2025-08-29")}, day("2026-02-28")),
    ("last_day(d, 28 days)", {"d": day("2024-02-27")}, day("2024-03-25")),
    ("next_working_day(d, HOME)", {"d": day("2021-02-27")}, day("2021-03-02")),
    ("earliest(d, e)", {"d": day("2020-02-29"), "e": day("2020-03-01")}, day("2020-02-29")),
    ("latest(d, e)", {"d": day("2020-02-29"), "e": day("2020-03-01")}, day("2020-03-01")),
    ("latest(d, e)", {"d": day("2020-02-29")}, None),
    ("d if a else e", {"a": False, "d": day("2020-02-29"), "e": day("2020-03-01")}, day("2020-03-01")),
    ("d if a else e", {"d": day("2020-02-29"), "e": day("2020-03-01")}, None),
    ("min(things, day, c)", {"things": THINGS}, day("2020-03-01")),
    ("max(things, day)", {"things": THINGS}, None),
    ("max(things, day)", {"things": []}, None),
]
# an expression that yields a number, the facts, and the number
NUMBERS: list[tuple[str, dict[str, Any], str | None]] = [
    ("2", {}, "2"),
    ("0.25", {}, "0.25"),
    ("n", {"n": 3}, "3"),
    ("p.count", {}, "3"),
    ("n + m", {"n": 3, "m": 4}, "7"),
    ("n - m", {"n": 3, "m": 4}, "-1"),
    ("n * m", {"n": 3, "m": 4}, "12"),
    ("share * n", {"share": Decimal("0.375"), "n": 3}, "1.125"),
    ("n + share", {"share": Decimal("0.375"), "n": 3}, "3.375"),
    ("n + m", {"n": 3}, None),
    ("e - d", {"d": day("2020-02-28"), "e": day("2020-03-01")}, "2"),
    ("completed_years(born, read)", {"born": day("2000-01-01")}, "21"),
    ("completed_years(born, read)", {"born": day("2000-01-02")}, "20"),
    ("smaller(n, m, 2)", {"n": 3, "m": 4}, "2"),
    ("larger(n, share)", {"n": 3, "share": Decimal("3.5")}, "3.5"),
    ("count(things)", {"things": THINGS}, "2"),
    ("count(things, c)", {"things": THINGS}, "1"),
    ("count(things, c)", {"things": [{"c": True}, {}]}, None),
    ("count(things)", {}, None),
    ("sum(things, k)", {"things": THINGS}, "7"),
    ("sum(things, k, c)", {"things": THINGS}, "2"),
    ("sum(things, w)", {"things": THINGS}, None),
    ("sum(things, k)", {"things": []}, "0"),
    ("min(things, k)", {"things": THINGS}, "2"),
    ("max(things, k)", {"things": THINGS}, "5"),
]
JULY = {"d": day("2020-01-15"), "a": True}
BOTH = {"a": True, "b": True}
POINTS = {
    "features": [{"key": "f", "if": "a", "points": 2}, {"key": "g", "if": "b", "points": 1, "excludes": ["f"]}],
    "minimum": 2,
    "decide": "grant",
}
WINDOW = {"when": ["a"], "starts": "d", "length": "6 months", "decide": "grant", "otherwise": "other"}
STAGES = {"stages": [{"stage": "grant", "if": "a", "until": "d"}, {"stage": "refuse", "if": "b"}], "otherwise": "other"}
ROWS = "a,b,decide,amount\nyes,-,grant,2\n-,yes,refuse,3\n"
ALIKE = "a,b,decide,amount\nyes,-,grant,2\n-,yes,grant,3\n"
EXCEPTIONS = [
    {"key": "weak", "if": "a", "decide": "other"},
    {"key": "strong", "if": "b", "decide": "refuse", "overrides": ["weak"]},
]


def table(policy: str, rows: str = ROWS) -> dict[str, Any]:
    return {"table": "rows.csv", "policy": policy, "_rows": rows}


# a kind, its form, the facts, and what is said
RULES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("criteria", {"when": ["a"], "decide": "grant", "until": "d + 1 year"}, JULY,
     {"outcome": "grant", "until": day("2021-01-15")}),
    ("criteria", {"when": ["a"], "decide": "grant"}, {}, {"outcome": "needs_facts"}),
    ("criteria", {"when": ["true"], "unless": EXCEPTIONS, "decide": "grant"}, BOTH, {"outcome": "refuse"}),
    ("criteria", {"when": ["true"], "unless": [{**EXCEPTIONS[0]}, {**EXCEPTIONS[1], "overrides": []}],
                  "decide": "grant"}, BOTH, {"outcome": "conflict"}),
    ("points", POINTS, {"a": True, "b": False}, {"outcome": "grant", "amount": Decimal(2)}),
    ("points", POINTS, BOTH, {"outcome": "not_met", "amount": Decimal(1)}),
    ("window", WINDOW, JULY,
     {"outcome": "grant", "until": day("2020-07-14"), "until_event_day_excluded": day("2020-07-15")}),
    ("window", {**WINDOW, "extension": {"if": "b", "length": "12 months"}}, {**JULY, "b": True},
     {"outcome": "grant", "until": day("2021-07-14"), "until_event_day_excluded": day("2021-07-15")}),
    ("window", {**WINDOW, "cap": {"days": 30, "used": "n"}}, {**JULY, "n": 20},
     {"outcome": "grant", "until": day("2020-01-24"), "until_event_day_excluded": day("2020-01-25")}),
    ("window", {**WINDOW, "cap": {"days": 30, "used": "n"}}, {**JULY, "n": 30}, {"outcome": "cap_reached"}),
    ("deadline", {"event": "d", "length": "2 weeks", "decide": "grant"}, JULY,
     {"outcome": "grant", "until": day("2020-01-29")}),
    ("deadline", {"event": "d", "length": "2 weeks", "counting": "first_day_counts", "decide": "grant"}, JULY,
     {"outcome": "grant", "until": day("2020-01-28")}),
    ("deadline", {"event": "d", "length": "44 days", "shifted": "HOME", "decide": "grant"}, JULY,
     {"outcome": "grant", "until": day("2020-03-02")}),
    ("quantity", {"amount": "n * 500", "unit": "EUR", "otherwise": "other"}, {"n": 3},
     {"outcome": "amount_due", "amount": Decimal(1500)}),
    ("quantity", {"when": ["a"], "amount": "n * 500", "unit": "EUR", "otherwise": "other"}, {"a": False, "n": 3},
     {"outcome": "other"}),
    ("stage", STAGES, {**JULY, "b": True}, {"outcome": "grant", "until": day("2020-01-15")}),
    ("stage", STAGES, {"a": False, "b": True}, {"outcome": "refuse"}),
    ("stage", STAGES, {"a": False, "b": False}, {"outcome": "other"}),
    ("table", table("first"), BOTH, {"outcome": "grant", "amount": Decimal(2)}),
    ("table", table("unique"), BOTH, {"outcome": "conflict"}),
    ("table", table("unique"), {"a": False, "b": True}, {"outcome": "refuse", "amount": Decimal(3)}),
    ("table", table("any"), BOTH, {"outcome": "conflict"}),
    ("table", table("any", ALIKE), BOTH, {"outcome": "grant", "amount": Decimal(2)}),
    ("table", table("collect"), BOTH, {"outcome": "amount_due", "amount": Decimal(5)}),
    ("table", table("collect"), {"a": False, "b": False}, {"outcome": "not_met"}),
]  # fmt: skip


def document(kind: str, form: dict[str, Any]) -> dict[str, Any]:
    return {**head("toy.rule", kind), **{key: value for key, value in form.items() if not key.startswith("_")}}


def with_rules(folder: Path, entry: dict[str, Any], rows: str = "") -> tuple[Rulebook, RuleVersion]:
    rulebook = invented_rulebook()
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally"}))
    for data in (OTHER, TALLY, entry):
        path = folder / "conformance.yaml"
        path.write_text(json.dumps(data), encoding="utf-8")
        version = link_version(read_document(path, "conformance.yaml"), "conformance.yaml", context, folder)
        rulebook.rules[version.rule] = Rule(version.rule, (version,))  # type: ignore[index]  # a dict in this test
    return rulebook, version


def said(rulebook: Rulebook, facts: dict[str, Any]) -> dict[str, Any]:
    """What the rule says of the facts, by the reference; the columns must say the same."""
    case = {name: None for name in ATTRIBUTES} | {"case_id": "C", "read": READ} | facts
    meant = determine(rulebook, "toy.rule", case)
    found = {"outcome": meant.outcome} | {name: meant.value(name) for name in VALUE_NAMES}
    schema = {"case_id": pl.String(), **{name: column_type(kind) for name, kind in ROW_ATTRIBUTES.items()}}
    rows = [{"case_id": "C", **dict.fromkeys(ROW_ATTRIBUTES), **row} for row in facts.get("things", [])]
    children = {"things": pl.DataFrame(rows, schema=schema, orient="row")} if "things" in facts else {}
    run = ColumnRun(rulebook, as_frame([case], ATTRIBUTES), None, children)
    row = run.results("toy.rule").row(0, named=True)
    assert {name: row.get(name) for name in found} == found, "the two engines differ"
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(("text", "facts", "truth"), TRUTHS)
def test_a_condition_is_met_failed_or_unknown(
    tmp_path: Path, text: str, facts: dict[str, Any], truth: bool | None
) -> None:
    rulebook, _ = with_rules(tmp_path, document("criteria", {"when": [text], "decide": "grant"}))
    outcome = {True: "grant", False: "not_met", None: "needs_facts"}[truth]
    assert said(rulebook, facts) == {"outcome": outcome}


@pytest.mark.parametrize(("text", "facts", "wanted"), DAYS)
def test_an_expression_yields_a_day(tmp_path: Path, text: str, facts: dict[str, Any], wanted: dt.date | None) -> None:
    rulebook, _ = with_rules(tmp_path, document("criteria", {"when": ["true"], "decide": "grant", "until": text}))
    assert said(rulebook, facts).get("until") == wanted


@pytest.mark.parametrize(("text", "facts", "wanted"), NUMBERS)
def test_an_expression_yields_a_number(tmp_path: Path, text: str, facts: dict[str, Any], wanted: str | None) -> None:
    form = {"amount": text, "unit": "x", "otherwise": "other"}
    rulebook, _ = with_rules(tmp_path, document("quantity", form))
    assert said(rulebook, facts).get("amount") == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(("kind", "form", "facts", "wanted"), RULES)
def test_a_rule_of_each_kind_says_this(
    tmp_path: Path, kind: str, form: dict[str, Any], facts: dict[str, Any], wanted: dict[str, Any]
) -> None:
    rulebook, _ = with_rules(tmp_path, document(kind, form), form.get("_rows", ""))
    assert said(rulebook, facts) == wanted


# --- nothing of the language is left out ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exemplified(tmp_path_factory: pytest.TempPathFactory) -> list[core.Core]:
    """Every node of every example."""
    folder = tmp_path_factory.mktemp("conformance")

    def versions() -> Iterator[RuleVersion]:
        for text, _, _ in TRUTHS:
            yield with_rules(folder, document("criteria", {"when": [text], "decide": "grant"}))[1]
        for text, _, _ in DAYS:
            yield with_rules(folder, document("criteria", {"when": ["true"], "decide": "grant", "until": text}))[1]
        for text, _, _ in NUMBERS:
            yield with_rules(folder, document("quantity", {"amount": text, "unit": "x", "otherwise": "other"}))[1]
        for kind, form, _, _ in RULES:
            yield with_rules(folder, document(kind, form), form.get("_rows", ""))[1]

    return [node for version in versions() for tree in version.cores() for node in core.nodes(tree)]


def test_every_operation_of_the_core_has_an_example(exemplified: list[core.Core]) -> None:
    assert {type(node) for node in exemplified} == set(typing.get_args(core.Core))


def test_every_function_and_extreme_has_an_example(exemplified: list[core.Core]) -> None:
    applied = {node.function for node in exemplified if isinstance(node, core.Applied)}
    assert applied == {*core.FUNCTIONS, *core.EXTREMES}


def test_every_aggregate_and_every_reading_of_another_rule_has_an_example(exemplified: list[core.Core]) -> None:
    assert {node.kind for node in exemplified if isinstance(node, core.Aggregated)} == set(core.AGGREGATES)
    assert {node.what for node in exemplified if isinstance(node, core.Derived)} == set(core.DERIVED)


def test_every_comparison_and_every_arithmetic_has_an_example(exemplified: list[core.Core]) -> None:
    compared = {node.operator for node in exemplified if isinstance(node, core.Compared)}
    assert compared == {"<", "<=", ">", ">=", "==", "!="}
    assert {node.operator for node in exemplified if isinstance(node, core.Sum)} == {"+", "-", "*"}
    assert {node.sign for node in exemplified if isinstance(node, core.Shifted)} == {1, -1}


def test_every_kind_hit_policy_and_counting_has_an_example() -> None:
    assert {kind for kind, _, _, _ in RULES} == set(kinds.KINDS)
    assert {form["policy"] for kind, form, _, _ in RULES if kind == "table"} == set(typing.get_args(kinds.HitPolicy))
    counting = {form.get("counting", "event_day_excluded") for kind, form, _, _ in RULES if kind == "deadline"}
    assert counting == set(typing.get_args(kinds.Counting))
