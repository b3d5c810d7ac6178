"""Rules over a table of cases, by an engine that Ibis serves: DuckDB on this machine, Spark here or on a cluster.

Goes in: a question with cases and child tables as frames. Comes out: the table that every engine gives, in the order of
the cases. How a file of any size is answered stands in `lake_files`.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
import polars as pl

from stellwerk.evaluate.engines import Question
from stellwerk.evaluate.ibis_children import CASE, typed_rows
from stellwerk.evaluate.ibis_plan import ROW, Answers, Tables, answers, versions_read
from stellwerk.evaluate.ibis_terms import ibis_type
from stellwerk.evaluate.lake_sessions import LakeSession, duckdb_session, spark_session
from stellwerk.evaluate.plan import VALUE_TYPES
from stellwerk.law.vocabulary import Attribute

PARTS = ("outcome", *VALUE_TYPES, "version", "met", "unknown", "ask_for")
_TYPES: Mapping[str, pl.DataType] = {
    **VALUE_TYPES,
    "version": pl.Int16(),
    "met": pl.UInt64(),
    "unknown": pl.UInt64(),
    "ask_for": pl.String(),
}


def by_duckdb(question: Question) -> pl.DataFrame:
    """By DuckDB, in a session of its own."""
    with duckdb_session() as session:
        return said_by(session, question)


def by_spark(question: Question) -> pl.DataFrame:
    """By Spark: the session that is active, else one on this machine."""
    with spark_session() as session:
        return said_by(session, question)


def said_by(session: LakeSession, question: Question) -> pl.DataFrame:
    """What the rules say of every case, by an engine's session."""
    if not question.rules:
        return question.cases.select(question.key)
    tables = _put(session, question)
    found = session.frame(flattened(answers(question.rulebook, tables, question.rules, session.calendar)))
    return _exact(found, question)


def typed_cases(cases: ir.Table, attributes: Mapping[str, Attribute]) -> ir.Table:
    """The cases in exact types; `cases` has their row number, their id as text and attributes."""
    facts = {name: cases[name].cast(ibis_type(attributes[name].type)) for name in cases.columns if name in attributes}
    return cases.select(ROW, CASE, **facts)


def flattened(found: Answers, parts: tuple[str, ...] = PARTS) -> ir.Table:
    """One column for each part of what each rule says, named as in every result."""
    columns = {
        f"{rule}.{part}": found.table[column][part]
        for rule, column in found.columns.items()
        for part in parts
        if part in found.table[column].type().names
    }
    return found.table.select(ROW, CASE, **columns)


def _put(session: LakeSession, question: Question) -> Tables:
    """The question's tables in the engine, with what its rules read."""
    versions = versions_read(question.rulebook, question.rules)
    facts = {fact for version in versions for fact in version.facts()}
    read = dict.fromkeys(name for version in versions for name in version.tables() if name in question.children)
    cases = question.cases.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW),
        pl.col(question.key).cast(pl.String).alias(CASE),
        *(pl.col(name) for name in question.cases.columns if name in facts),
    )
    vocabulary = question.rulebook.vocabulary
    attributes = vocabulary.attributes(versions[0].subject) if versions else {}
    forms = vocabulary.child_tables(versions[0].subject) if versions else {}
    rows = {
        name: typed_rows(session.put(f"given_{name}", question.children[name]), question.key, forms[name].attributes)
        for name in read
    }
    return Tables(
        session.view("cases", typed_cases(session.put("given", cases), attributes)),
        {name: session.view(f"rows_{name}", table) for name, table in rows.items()},
        session.frame,
        session.lay_down,
        question.on,
    )


def _exact(found: pl.DataFrame, question: Question) -> pl.DataFrame:
    """What was found in the types of every result and in the order of the cases."""
    outcomes = pl.Enum(list(question.rulebook.vocabulary.outcomes))
    ordered = found.sort(ROW).drop(ROW, CASE)
    kinds = {name: name.rpartition(".")[2] for name in ordered.columns}
    exact = ordered.select(pl.col(name).cast(_TYPES.get(kind, outcomes)) for name, kind in kinds.items())
    return pl.concat([question.cases.select(question.key), exact], how="horizontal")
