"""The columns engine agrees with the reference on outcome, dates and evidence, rule by rule and case by case.

Rules are generated from the grammar over a small invented vocabulary, cases around the rules' thresholds, with
unknown facts everywhere. The same comparison runs over the real rulebook.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk import documents
from stellwerk.errors import Place
from stellwerk.evaluate.columns import ask_for, column_type, determine_columns
from stellwerk.evaluate.reference import determine
from stellwerk.law.calendar import Period
from stellwerk.law.dated import CodeListing, DatedValue, Interval, ListedCode, Parameter
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.rules import Citation, Context, Rule, link_version
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, PERIOD, Code, CodeList, Type, Value
from stellwerk.law.vocabulary import Attribute, Outcome, Vocabulary

FIRST, CHANGE, LAST = dt.date(2020, 1, 1), dt.date(2021, 2, 28), dt.date(2023, 6, 30)
LEVELS = CodeList("level", {name: Code(name, name, name) for name in ("zero", "low", "high")}, ordered=True)
REALMS = CodeList("realm", {name: Code(name, name, name) for name in ("QX", "QY", "QZ")})
LEVEL, REALM = Type("enum", LEVELS), Type("code", REALMS)
ATTRIBUTES: dict[str, Type] = {
    "a": BOOL,
    "b": BOOL,
    "n": INTEGER,
    "m": INTEGER,
    "share": DECIMAL,
    "d": DATE,
    "e": DATE,
    "born": DATE,
    "read": DATE,
    "level": LEVEL,
    "realm": REALM,
}
OUTCOMES = ("grant", "refuse", "other", "not_met", "needs_facts", "conflict", "not_in_force")


def invented_rulebook() -> Rulebook:
    attributes = {name: Attribute(name, kind, name, name) for name, kind in ATTRIBUTES.items()}
    outcomes = {name: Outcome(name, 1, name, name) for name in OUTCOMES}
    vocabulary = Vocabulary({"case": attributes}, {"level": LEVELS, "realm": REALMS}, outcomes)

    def parameter(name: str, kind: Type, early: Value, late: Value) -> Parameter:
        before = DatedValue(Interval(FIRST, CHANGE), early, "verified", "x")
        after = DatedValue(Interval(CHANGE + dt.timedelta(days=1)), late, "verified", "x")
        return Parameter(name, kind, name, name, "", (before, after), Place("p"))

    parameters = [
        parameter("p.wait", PERIOD, Period(months=6), Period(days=28)),
        parameter("p.share", DECIMAL, Decimal("0.5"), Decimal("0.25")),
        parameter("p.count", INTEGER, 3, 2),
        parameter("p.day", DATE, dt.date(2021, 1, 31), dt.date(2020, 2, 29)),
    ]
    members = (
        ListedCode("QX", Interval(FIRST, CHANGE), "verified", "x"),
        ListedCode("QY", Interval(dt.date(2021, 6, 1), dt.date(2021, 12, 31)), "verified", "x"),
    )
    listing = CodeListing("l.realms", REALM, "l", "l", "x", members)
    return Rulebook(
        vocabulary,
        {},
        {item.id: item for item in parameters},
        {"l.realms": listing},
        {"x": Citation("x", "x", "x", "x")},
        {},
        (),
        "",
    )


PERIODS = st.sampled_from(
    ["p.wait", "6 months", "1 year", "28 days", "days(n)", "months(m)", "(p.wait if a else 2 weeks)"]
)
DATES = st.one_of(
    st.sampled_from(["d", "e", "read", "p.day", "2020-02-29", "2021-08-31"]),
    st.builds("{} {} {}".format, st.sampled_from(["d", "e", "read"]), st.sampled_from("+-"), PERIODS),
)
NUMBERS = st.sampled_from(["n", "m", "p.count", "2", "n + m", "m - 1", "completed_years(born, read)", "e - d"])
EXACTS = st.sampled_from(["share", "p.share", "0.5", "share + 0.25", "share - p.share", "n"])
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
TESTS = st.one_of(
    st.sampled_from(["a", "b", "true", "level >= low", "level == high", "level < high", "realm in [QX, QZ]"]),
    st.sampled_from(["realm in l.realms", "realm not in l.realms", "n in [1, 2]", "d in [2020-02-29, 2021-08-31]"]),
    st.sampled_from(["realm != QX", "(a if b else level == low)"]),
    st.builds("{} {} {}".format, DATES, OPERATORS, DATES),
    st.builds("{} {} {}".format, NUMBERS, OPERATORS, NUMBERS),
    st.builds("{} {} {}".format, st.just("share"), OPERATORS, EXACTS),
    st.builds("{1} {0} {2}".format, OPERATORS, EXACTS, st.just("share + 0.125")),
    st.builds("({} if {} else {}) <= e".format, DATES, st.sampled_from(["a", "b"]), DATES),
)
EXPRESSIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=3,
)
ITEMS = st.recursive(
    EXPRESSIONS,
    lambda inner: st.one_of(
        st.builds(lambda items: {"any": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"all": items}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=4,
)


@st.composite
def rule_documents(draw: st.DrawFn) -> dict[str, Any]:
    exceptions: list[dict[str, Any]] = []
    for position in range(draw(st.integers(0, 3))):
        earlier = [entry["key"] for entry in exceptions]
        exceptions.append(
            {
                "key": f"k{position}",
                "if": draw(EXPRESSIONS),
                "decide": draw(st.sampled_from(["refuse", "other", "not_met"])),
                "overrides": draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else [],
            }
        )
    return {
        "rule": "toy.rule",
        "title": {"de": "x", "en": "x"},
        "basis": "x",
        "evidence": "verified",
        "in_force": {"from": FIRST.isoformat(), "to": LAST.isoformat()},
        "read_at": "read",
        "when": draw(st.lists(ITEMS, min_size=1, max_size=3)),
        "unless": exceptions,
        "decide": "grant",
        "until": draw(DATES),
        "verified_until": draw(st.sampled_from([None, CHANGE.isoformat()])),
    }


def a_value(kind: Type, source: random.Random) -> Value | None:
    """A value near what the rules compare with; unknown one time in four."""
    if source.random() < 0.25:
        return None
    days = [FIRST, CHANGE, LAST, dt.date(2020, 2, 29), dt.date(2021, 8, 31), dt.date(2021, 1, 31), dt.date(2021, 6, 1)]
    match kind.kind:
        case "bool":
            return source.random() < 0.5
        case "integer":
            return source.randint(0, 4)
        case "decimal":
            return source.choice([Decimal(text) for text in ("0", "0.25", "0.5", "0.500001", "0.375", "0.75")])
        case "date":
            return source.choice(days) + dt.timedelta(days=source.choice([-1, 0, 0, 1, 28, 184]))
        case "text":
            return source.choice(["x", "y"])
        case _:
            assert kind.code_list is not None
            return source.choice(list(kind.code_list.codes))


def some_cases(attributes: dict[str, Type], count: int, seed: int) -> list[dict[str, Value | None]]:
    source = random.Random(seed)
    return [{name: a_value(kind, source) for name, kind in attributes.items()} for _ in range(count)]


def as_frame(cases: list[dict[str, Value | None]], attributes: dict[str, Type]) -> pl.DataFrame:
    columns = [
        pl.Series(name, [case[name] for case in cases], dtype=column_type(kind)) for name, kind in attributes.items()
    ]
    return pl.DataFrame(columns)


def assert_agreement(
    rulebook: Rulebook, rule: str, cases: list[dict[str, Value | None]], frame: pl.DataFrame, on: dt.date | None
) -> None:
    results = determine_columns(rulebook, rule, frame, on)
    asked = ask_for(rulebook, rule, frame, results)
    for case, row, questions in zip(cases, results.iter_rows(named=True), asked, strict=True):
        meant = determine(rulebook, rule, case, on)
        found = (row["outcome"], row["until"], row["met"], row["unknown"], row["stale"], questions or "")
        wanted = (meant.outcome, meant.until, meant.met, meant.unknown, meant.stale, ", ".join(meant.ask_for))
        assert found == wanted, (case, meant)


@settings(max_examples=150)
@given(rule_documents(), st.integers(0, 10**6), st.sampled_from([None, CHANGE, dt.date(2022, 2, 28)]))
def test_columns_and_reference_agree_on_generated_rules(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], seed: int, on: dt.date | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "generated.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    rulebook = invented_rulebook()
    context = Context(rulebook.vocabulary, rulebook.parameters, rulebook.listings, rulebook.citations)
    version = link_version(documents.read_documents(path, "generated.yaml")[0], "generated.yaml", context)
    rulebook.rules["toy.rule"] = Rule("toy.rule", (version,))  # type: ignore[index]  # a dict in this test
    cases = some_cases(ATTRIBUTES, 25, seed)
    assert_agreement(rulebook, "toy.rule", cases, as_frame(cases, ATTRIBUTES), on)


@pytest.mark.parametrize("on", [None, dt.date(2023, 3, 1), dt.date(2026, 7, 1)])
def test_columns_and_reference_agree_on_every_real_rule(checkout: Path, on: dt.date | None) -> None:
    rulebook = load_rulebook(checkout)
    for number, (name, rule) in enumerate(sorted(rulebook.rules.items())):
        attributes = {key: item.type for key, item in rulebook.vocabulary.attributes(rule.subject).items()}
        cases = some_cases(attributes, 200, number)
        likely = random.Random(number)
        for case in cases:  # most facts known and most days within the law, else every case lacks something
            day = dt.date(2015, 1, 1) + dt.timedelta(days=likely.randint(0, 4500))
            case[rule.read_at] = day
        assert_agreement(rulebook, name, cases, as_frame(cases, attributes), on)
