"""An invented rulebook and a generator of rules over it: every operation and every kind of the language."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from stellwerk.errors import Place
from stellwerk.evaluate.compiled import column_type
from stellwerk.law.calendar import Period
from stellwerk.law.dated import CodeListing, DatedValue, Interval, ListedCode, Parameter
from stellwerk.law.linker import Context
from stellwerk.law.provision import Citation
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, PERIOD, TEXT, Code, CodeList, Type, Value
from stellwerk.law.vocabulary import Attribute, ChildTable, Outcome, Vocabulary

FIRST, CHANGE, LAST = dt.date(2020, 1, 1), dt.date(2021, 2, 28), dt.date(2023, 6, 30)
LEVELS = CodeList("level", {name: Code(name, name, name) for name in ("zero", "low", "high")}, ordered=True)
REALMS = CodeList("realm", {name: Code(name, name, name) for name in ("QX", "QY", "QZ")})
LEVEL, REALM = Type("enum", LEVELS), Type("code", REALMS)
ATTRIBUTES: dict[str, Type] = {
    "case_id": TEXT,
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
ROW_ATTRIBUTES: dict[str, Type] = {"c": BOOL, "k": INTEGER, "w": DECIMAL, "day": DATE, "n": INTEGER}
OUTCOMES = (
    "grant", "refuse", "other", "cap_reached", "amount_due", "overridden",
    "not_met", "needs_facts", "conflict", "not_in_force",
)  # fmt: skip
HOLIDAYS = frozenset({dt.date(2021, 3, 1), dt.date(2020, 2, 28), dt.date(2021, 8, 30)})


def attribute(name: str, kind: Type) -> Attribute:
    return Attribute(name, kind, name, name, required=name == "case_id")


def invented_rulebook() -> Rulebook:
    attributes = {name: attribute(name, kind) for name, kind in ATTRIBUTES.items()}
    rows = {name: attribute(name, kind) for name, kind in ROW_ATTRIBUTES.items()}
    outcomes = {name: Outcome(name, 1, name, name) for name in OUTCOMES}
    tables = {"case": {"things": ChildTable("things", "things", "things", rows)}}
    vocabulary = Vocabulary({"case": attributes}, {"level": LEVELS, "realm": REALMS}, outcomes, tables)

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
        {"HOME": HOLIDAYS},
    )


def context_of(rulebook: Rulebook, rules: frozenset[str] = frozenset()) -> Context:
    return Context(
        rulebook.vocabulary,
        rulebook.parameters,
        rulebook.listings,
        rulebook.citations,
        rulebook.calendars,
        rules,
    )


# --- rules ----------------------------------------------------------------------------------------------------------

PERIODS = st.sampled_from(
    ["p.wait", "6 months", "1 year", "28 days", "days(n)", "months(m)", "(p.wait if a else 2 weeks)"]
)
PLAIN_DATES = st.sampled_from(["d", "e", "read", "p.day", "2020-02-29", "2021-08-31"])
DATES = st.one_of(
    PLAIN_DATES,
    st.builds("{} {} {}".format, st.sampled_from(["d", "e", "read"]), st.sampled_from("+-"), PERIODS),
    st.builds("last_day({}, {})".format, PLAIN_DATES, PERIODS),
    st.builds("next_working_day({}, HOME)".format, PLAIN_DATES),
    st.builds("{}({}, {})".format, st.sampled_from(["earliest", "latest"]), PLAIN_DATES, PLAIN_DATES),
    st.sampled_from(["min(things, day)", "max(things, day, c)", "min(things, day, k >= m)"]),
)
NUMBERS = st.sampled_from(
    [
        "n",
        "m",
        "p.count",
        "2",
        "n + m",
        "m - 1",
        "n * m",
        "completed_years(born, read)",
        "e - d",
        "smaller(n, m, 2)",
        "larger(n, m)",
        "count(things)",
        "count(things, c and k > 1)",
        "sum(things, k, c)",
        "sum(things, k * n)",
    ]
)
EXACTS = st.sampled_from(
    [
        "share",
        "p.share",
        "0.5",
        "share + 0.25",
        "share - p.share",
        "n",
        "share * n",
        "m * p.share",
        "sum(things, w)",
        "max(things, w, not c)",
        "smaller(share, n)",
    ]
)
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
TESTS = st.one_of(
    st.sampled_from(["a", "b", "true", "level >= low", "level == high", "level < high", "realm in [QX, QZ]"]),
    st.sampled_from(["realm in l.realms", "realm not in l.realms", "n in [1, 2]", "d in [2020-02-29, 2021-08-31]"]),
    st.sampled_from(["realm != QX", "(a if b else level == low)"]),
    st.sampled_from(["any(things, c)", "all(things, c or k > 1)", "any(things, day >= d)", "all(things, n == k)"]),
    st.sampled_from(["outcome(toy.other) == grant", "outcome(toy.other) in [not_met, conflict]"]),
    st.sampled_from(["until(toy.other) > d", "amount(toy.tally) >= 2", "outcome(toy.tally) != grant"]),
    st.builds("{} {} {}".format, DATES, OPERATORS, DATES),
    st.builds("{} {} {}".format, NUMBERS, OPERATORS, NUMBERS),
    st.builds("{} {} {}".format, EXACTS, OPERATORS, EXACTS),
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


def head(name: str, kind: str) -> dict[str, Any]:
    return {
        "rule": name,
        "kind": kind,
        "title": {"de": "x", "en": "x"},
        "basis": "x",
        "evidence": "verified",
        "in_force": {"from": FIRST.isoformat(), "to": LAST.isoformat()},
        "read_at": "read",
    }


OTHER = {**head("toy.other", "criteria"), "when": ["a", "d < e"], "decide": "grant", "until": "d + p.wait"}
TALLY = {
    **head("toy.tally", "points"),
    "features": [{"key": "one", "if": "a", "points": 2}, {"key": "two", "if": "b", "points": 1, "excludes": ["one"]}],
    "minimum": "p.count - 1",
    "decide": "grant",
}


@st.composite
def rule_documents(draw: st.DrawFn, tables: dict[str, str]) -> dict[str, Any]:
    """A rule of any kind; a decision table's text goes into `tables` under its file's name."""
    kind = draw(st.sampled_from(["criteria", "criteria", "points", "window", "deadline", "quantity", "stage", "table"]))
    document = {**head("toy.rule", kind), "when": draw(st.lists(ITEMS, min_size=1, max_size=3))}
    document["verified_until"] = draw(st.sampled_from([None, CHANGE.isoformat()]))
    if kind not in ("stage", "table"):
        document["unless"] = draw(_exceptions())
    document |= draw(_FORMS[kind])
    if kind == "table":
        tables["rows.csv"] = draw(_table_text())
        document["unless"] = []
    return document


@st.composite
def _exceptions(draw: st.DrawFn) -> list[dict[str, Any]]:
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
    return exceptions


@st.composite
def _table_text(draw: st.DrawFn) -> str:
    lines = ["a,n,level,d >= e,decide,amount,until"]
    for _ in range(draw(st.integers(1, 4))):
        cells = [
            draw(st.sampled_from(["yes", "no", "-", ""])),
            draw(st.sampled_from([">= 2", "1", "[0, 3]", "-", "not in [2, 3]"]).map(lambda cell: f'"{cell}"')),
            draw(st.sampled_from([">= low", "high", "-"])),
            draw(st.sampled_from(["yes", "-"])),
            draw(st.sampled_from(["grant", "refuse", "other"])),
            draw(st.sampled_from(["2", "n * 3", "share", ""])),
            draw(st.sampled_from(["d", "e + 1 month", ""])),
        ]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _feature(key: str, test: str, points: int) -> dict[str, Any]:
    return {"key": key, "if": test, "points": points}


_POINTS = st.builds(
    lambda first, second, third, points, minimum: {
        "features": [
            _feature("f", first, points),
            {**_feature("g", second, 2), "excludes": ["f"]},
            _feature("h", third, -1),
        ],
        "minimum": minimum,
        "decide": "grant",
    },
    EXPRESSIONS,
    EXPRESSIONS,
    EXPRESSIONS,
    st.integers(-1, 3),
    st.sampled_from(["p.count", 1, "m"]),
)
_WINDOW = st.builds(
    lambda starts, length, extension, cap: {
        "starts": starts,
        "length": length,
        **({"extension": extension} if extension else {}),
        **({"cap": cap} if cap else {}),
        "decide": "grant",
        "otherwise": "not_met",
    },
    PLAIN_DATES,
    PERIODS,
    st.one_of(st.none(), st.builds(lambda test, length: {"if": test, "length": length}, EXPRESSIONS, PERIODS)),
    st.sampled_from([None, {"days": "30", "used": "sum(things, k)"}, {"days": "p.count", "used": "n"}]),
)
_DEADLINE = st.builds(
    lambda event, length, counting, shifted: {
        "event": event,
        "length": length,
        "counting": counting,
        "shifted": shifted,
        "decide": "grant",
    },
    PLAIN_DATES,
    PERIODS,
    st.sampled_from(["event_day_excluded", "first_day_counts"]),
    st.sampled_from(["", "HOME"]),
)
_STAGE = st.lists(
    st.builds(
        lambda name, test, until: {"stage": name, "if": test, **({"until": until} if until else {})},
        st.sampled_from(["grant", "refuse", "other"]),
        EXPRESSIONS,
        st.one_of(st.none(), DATES),
    ),
    min_size=1,
    max_size=3,
).map(lambda stages: {"stages": stages})
_FORMS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "criteria": DATES.map(lambda until: {"decide": "grant", "until": until}),
    "points": _POINTS,
    "window": _WINDOW,
    "deadline": _DEADLINE,
    "quantity": st.one_of(NUMBERS, EXACTS).map(
        lambda amount: {"amount": amount, "unit": "x", "decide": "grant", "otherwise": "other"}
    ),
    "stage": _STAGE,
    "table": st.sampled_from(["first", "unique", "any", "collect"]).map(
        lambda policy: {"table": "rows.csv", "policy": policy}
    ),
}


# --- cases ----------------------------------------------------------------------------------------------------------


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


def some_cases(attributes: dict[str, Type], count: int, seed: int) -> list[dict[str, Any]]:
    source = random.Random(seed)
    return [{name: a_value(kind, source) for name, kind in attributes.items()} for _ in range(count)]


def with_things(cases: list[dict[str, Any]], seed: int) -> pl.DataFrame:
    """Give every case up to three rows of the child table; the same rows as a frame."""
    source = random.Random(seed)
    rows = []
    for position, case in enumerate(cases):
        case["case_id"] = f"C{position}"
        case["things"] = [
            {name: a_value(kind, source) for name, kind in ROW_ATTRIBUTES.items()} for _ in range(source.randint(0, 3))
        ]
        rows += [{"case_id": case["case_id"], **row} for row in case["things"]]
    schema = {"case_id": pl.String(), **{name: column_type(kind) for name, kind in ROW_ATTRIBUTES.items()}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def as_frame(cases: list[dict[str, Any]], attributes: dict[str, Type]) -> pl.DataFrame:
    columns = [
        pl.Series(name, [case[name] for case in cases], dtype=column_type(kind)) for name, kind in attributes.items()
    ]
    return pl.DataFrame(columns)
