"""What rules say of every case, as one table, by any of the engines.

Goes in: a rulebook, cases with their child tables, the rules. Comes out: a row a case with its id and, for each rule,
`<rule>.outcome`, the values it computes and `<rule>.ask_for`; with evidence also `<rule>.version`, `.met` and
`.unknown`. The reference defines the meaning, every other engine must say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.plan import NO_VERSION, VALUE_TYPES
from stellwerk.evaluate.questions import ask_for
from stellwerk.evaluate.reference import CaseReading
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.rulebook import Rulebook

EVIDENCE = ("version", "met", "unknown")


class UnknownEngine(StellwerkError):
    """An engine that does not exist."""


class EngineNotAvailable(StellwerkError):
    """An engine that cannot run here: what is missing and how to get it."""


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of an engine: the rules of one subject for all cases; `key` names the cases.

    Without `evidence` nobody wants version, met and unknown bits. `tell` takes what a user must know of how the
    engine fared.
    """

    rulebook: Rulebook
    cases: pl.DataFrame
    children: Mapping[str, pl.DataFrame]
    rules: tuple[str, ...]
    key: str
    on: dt.date | None = None
    evidence: bool = True
    tell: Callable[[str], None] = field(default=lambda message: None)


def said(question: Question, engine: str = "auto") -> pl.DataFrame:
    """What the rules say of every case; every engine gives the same table."""
    if engine not in ENGINES:
        raise UnknownEngine(name=engine, near=nearest(engine, ENGINES), allowed=tuple(ENGINES))
    found = ENGINES[engine](question)
    return found if question.evidence else _without_evidence(found)


def _without_evidence(table: pl.DataFrame) -> pl.DataFrame:
    """The table as people read it: outcomes, values and what to ask for."""
    return table.select(name for name in table.columns if name.rpartition(".")[2] not in EVIDENCE)


def by_columns(question: Question) -> pl.DataFrame:
    """By polars columns: the whole table at once."""
    run = ColumnRun(question.rulebook, question.cases, question.on, question.children)
    run.evaluate(question.rules)
    results = {rule: run.found(rule) for rule in question.rules}
    asked, found = ask_for(run, results), []
    wide = pl.col("met", "unknown").cast(pl.UInt64)
    for rule, narrow in results.items():
        frame = narrow.with_columns(wide) if question.evidence else narrow
        wanted = ("outcome", *VALUE_TYPES, *(EVIDENCE if question.evidence else ()))
        kept = [name for name in wanted if name in frame.columns]
        found.append(frame.select(pl.col(name).alias(f"{rule}.{name}") for name in kept))
        found.append(asked[rule].alias(f"{rule}.ask_for").to_frame())
    return pl.concat([question.cases.select(question.key), *found], how="horizontal")


def by_reference(question: Question) -> pl.DataFrame:
    """By the reference interpreter: case by case."""
    full = cases_with_rows(question.cases, question.children, question.key)
    readings = [CaseReading(question.rulebook, case, question.on) for case in full]
    return as_table(question, {rule: [one.determination(rule) for one in readings] for rule in question.rules})


def by_durable(question: Question) -> pl.DataFrame:
    """By durable-rules in its own process, a few cases, each checked against the reference, which wins."""
    from stellwerk.evaluate.checked import checked_determinations

    cases = list(cases_with_rows(question.cases, question.children, question.key))
    found, notices = checked_determinations(question.rulebook, cases, question.rules, question.on)
    for notice in notices:
        question.tell(notice.message())
    return as_table(question, dict(zip(question.rules, found, strict=True)))


def by_duckdb(question: Question) -> pl.DataFrame:
    """By one query of DuckDB, compiled through Ibis."""
    from stellwerk.evaluate.lake import by_duckdb  # here, for Ibis takes a second to load

    return by_duckdb(question)


def by_spark(question: Question) -> pl.DataFrame:
    """By one query of Spark, compiled through Ibis."""
    from stellwerk.evaluate.lake import by_spark

    return by_spark(question)


def as_table(question: Question, found: Mapping[str, Sequence[Determination]]) -> pl.DataFrame:
    """The table of what was found case by case, rule by rule."""
    columns = [question.cases.get_column(question.key)]
    outcomes = pl.Enum(list(question.rulebook.vocabulary.outcomes))
    for rule, items in found.items():
        absent = rule in question.rulebook.without_version
        names = () if absent else question.rulebook.rule(rule).value_names()
        columns.append(pl.Series(f"{rule}.outcome", [item.outcome for item in items], dtype=outcomes))
        for name in names:
            values = [item.value(name) for item in items]
            columns.append(pl.Series(f"{rule}.{name}", values, dtype=VALUE_TYPES[name]))
        versions = [_position(question.rulebook, rule, item) for item in items]
        columns.append(pl.Series(f"{rule}.version", versions, dtype=pl.Int16))
        for name in ("met", "unknown"):
            columns.append(pl.Series(f"{rule}.{name}", [getattr(item, name) for item in items], dtype=pl.UInt64))
        asked = [", ".join(item.ask_for) or None for item in items]
        columns.append(pl.Series(f"{rule}.ask_for", asked, dtype=pl.String))
    return pl.DataFrame(columns)


def _position(rulebook: Rulebook, rule: str, item: Determination) -> int:
    return rulebook.rule(rule).versions.index(item.version) if item.version is not None else NO_VERSION


ENGINES: Mapping[str, Callable[[Question], pl.DataFrame]] = {
    "auto": by_columns,
    "reference": by_reference,
    "polars": by_columns,
    "duckdb": by_duckdb,
    "spark": by_spark,
    "durable": by_durable,
}
