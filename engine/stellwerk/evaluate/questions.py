"""Which facts would settle a rule for each case of a run, as a column.

Goes in: a run. Comes out: for each case the facts to ask for, comma separated. What is asked is worked out in columns
(`asking`); cases that are asked the same share one answer, so that words are made once a pattern, not a case.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import polars as pl

from stellwerk.evaluate.asking import Asked, questions_of
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.days import fixed
from stellwerk.evaluate.evidence import NEEDS_FACTS
from stellwerk.evaluate.flag_columns import FlagColumns, bits, some
from stellwerk.evaluate.plan import NO_VERSION
from stellwerk.law.provision import Rule, RuleVersion

_CASES, _PATTERN = "__cases", "__pattern"
_WORD = 62  # so many bits go into one column


def ask_for(run: ColumnRun, rule_id: str) -> pl.Series:
    """For each case the facts that would settle the rule's outcome; null where none are needed."""
    results = run.results(rule_id)
    needs = results.get_column("outcome") == NEEDS_FACTS
    nobody = pl.Series("ask_for", [None], dtype=pl.String).new_from_index(0, results.height)
    if rule_id in run.rulebook.without_version or not needs.any():
        return nobody
    rule = run.rulebook.rule(rule_id)
    versions = results.get_column("version")
    answers = [_unread(rule, needs & (versions == NO_VERSION))]
    for at, version in enumerate(rule.versions):
        cases = needs & (versions == at)
        if cases.any():
            answers.append(_asked(run, version, results, cases))
    return functools.reduce(lambda one, two: pl.select(pl.coalesce(one, two)).to_series(), answers, nobody)


def _unread(rule: Rule, cases: pl.Series) -> pl.Series:
    """A case without its reading date is asked for that."""
    return pl.select(pl.when(cases).then(pl.lit(rule.read_at))).to_series()


def _asked(run: ColumnRun, version: RuleVersion, results: pl.DataFrame, cases: pl.Series) -> pl.Series:
    """What the version asks of those cases."""
    questions = questions_of(version)
    every = (*questions.for_conditions, questions.for_values)
    facts = [name for name in dict.fromkeys(fact for asked in every for fact in asked.facts) if _may_lack(run, name)]
    lacks = {name: f"__lacks_{at}" for at, name in enumerate(facts)}
    missing = [_is_missing(run, version, name).alias(column) for name, column in lacks.items()]
    table = pl.DataFrame([cases.alias(_CASES), *missing]).hstack(results.select("met", "unknown", "lacks_value"))
    at = range(len(version.conditions()))
    table = table.with_columns(
        *(_bit("met", number).alias(f"__holds_{number}") for number in at),
        *(_bit("unknown", number).alias(f"__open_{number}") for number in at),
    )
    flags = FlagColumns(
        lambda what: f"__{what}",
        lambda number: pl.col(f"__holds_{number}"),
        lambda number: pl.col(f"__open_{number}"),
    )
    for layer in flags.layers(asked.flag for asked in every):
        table = table.with_columns(layer)
    put = [_is_put(asked, flags, lacks) for asked in questions.for_conditions]
    put.append(_is_put(questions.for_values, flags, lacks) & pl.col("lacks_value"))
    table = table.with_columns(flag.alias(f"__put_{number}") for number, flag in enumerate(put))
    wanted = [
        pl.col(column) & some(pl.col(f"__put_{number}") for number, asked in enumerate(every) if name in asked.facts)
        for name, column in lacks.items()
    ]
    return _answers([*(pl.col(f"__put_{number}") for number in range(len(put))), *wanted], every, facts, table)


def _answers(flags: Sequence[pl.Expr], every: Sequence[Asked], facts: Sequence[str], table: pl.DataFrame) -> pl.Series:
    """The words for each case; `flags` say which questions are put and then which facts are wanted."""
    words = [flags[start : start + _WORD] for start in range(0, len(flags), _WORD)]
    codes = table.select(bits(word, pl.UInt64()).alias(f"__word_{at}") for at, word in enumerate(words))
    patterns = codes.unique(maintain_order=True).with_row_index(_PATTERN)
    said = [_answer(code, every, facts) for code in patterns.select(codes.columns).iter_rows()]
    if patterns.height == 1:
        return pl.Series(said, dtype=pl.String).new_from_index(0, table.height)
    at = codes.join(patterns, on=codes.columns, how="left", maintain_order="left").get_column(_PATTERN)
    return pl.Series(said, dtype=pl.String).gather(at)


def _answer(code: Sequence[int], every: Sequence[Asked], facts: Sequence[str]) -> str | None:
    def is_set(at: int) -> bool:
        return bool(code[at // _WORD] >> at % _WORD & 1)

    wanted = {name for number, name in enumerate(facts) if is_set(len(every) + number)}
    put = (asked for number, asked in enumerate(every) if is_set(number))
    return ", ".join(dict.fromkeys(name for asked in put for name in asked.facts if name in wanted)) or None


def _is_put(asked: Asked, flags: FlagColumns, lacks: Mapping[str, str]) -> pl.Expr:
    """Whether the question is put to a case, and not in vain."""
    return (
        pl.col(_CASES)
        & flags.expression(asked.flag)
        & some(pl.col(lacks[fact]) for fact in asked.facts if fact in lacks)
    )


def _bit(column: str, number: int) -> pl.Expr:
    return pl.col(column) & fixed(1 << number, pl.UInt64()) != fixed(0, pl.UInt64())


def _may_lack(run: ColumnRun, name: str) -> bool:
    """Whether the fact can be missing: a child table that is given never is."""
    return name not in run.table.children


def _is_missing(run: ColumnRun, version: RuleVersion, name: str) -> pl.Series:
    cases, on = run.table.cases, run.table.on
    derived = next((node for node in version.derived() if node.name == name), None)
    if derived is not None:
        found = run.results(derived.rule)
        if derived.what == "outcome":
            return found.get_column("outcome") == NEEDS_FACTS
        return found.get_column(derived.what).is_null() if derived.what in found.columns else _same(True, cases.height)
    if name == version.read_at and on is not None:
        return _same(False, cases.height)
    return cases.get_column(name).is_null() if name in cases.columns else _same(True, cases.height)


def _same(flag: bool, height: int) -> pl.Series:
    return pl.Series([flag], dtype=pl.Boolean).new_from_index(0, height)
