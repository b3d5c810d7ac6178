"""Which facts would settle a rule for each case of a run, as a column.

Goes in: a run. Comes out: for each case the facts to ask for, comma separated. Cases that met the same conditions and
lack the same facts are settled together, once a pattern, not a case.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import polars as pl

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.evidence import NEEDS_FACTS, facts_to_ask
from stellwerk.evaluate.plan import NO_VERSION
from stellwerk.law.provision import Rule

_EVIDENCE = ("version", "met", "unknown", "lacks_value")
_PATTERN, _ROW, _MASK = "__pattern", "__row", "__missing_{}"
_MASK_BITS = 62


def ask_for(run: ColumnRun, rule_id: str) -> pl.Series:
    """For each case the facts that would settle the rule's outcome; null where none are needed."""
    results = run.results(rule_id)
    needs = (results.get_column("outcome") == NEEDS_FACTS).arg_true()
    if rule_id in run.rulebook.without_version or needs.is_empty():
        return pl.Series("ask_for", [None], dtype=pl.String).new_from_index(0, results.height)
    rule = run.rulebook.rule(rule_id)
    facts, tables = _asked(rule)
    masks = _missing(run, rule, facts)
    open_rows = pl.concat([results.select(_EVIDENCE), masks], how="horizontal")[needs]
    patterns = open_rows.unique(maintain_order=True).with_row_index(_PATTERN)
    lacking = [name for name in tables if name not in run.table.children]
    answers = [_answer(rule, row, facts, lacking) for row in patterns.iter_rows(named=True)]
    found = open_rows.join(patterns, on=[*_EVIDENCE, *masks.columns], how="left", maintain_order="left")
    asked = pl.Series(answers, dtype=pl.String).gather(found.get_column(_PATTERN))
    if len(needs) == results.height:
        return asked.alias("ask_for")
    empty = pl.Series("ask_for", [None], dtype=pl.String).new_from_index(0, results.height)
    return empty.scatter(needs, asked)


def _answer(rule: Rule, row: dict[str, int], facts: Sequence[str], lacking: Sequence[str]) -> str | None:
    if row["version"] == NO_VERSION:
        return rule.read_at
    missing = [name for at, name in enumerate(facts) if row[_MASK.format(at // _MASK_BITS)] >> at % _MASK_BITS & 1]
    version = rule.versions[row["version"]]
    asked = facts_to_ask(version, row["met"], row["unknown"], [*lacking, *missing], bool(row["lacks_value"]))
    return ", ".join(asked) or None


def _asked(rule: Rule) -> tuple[list[str], list[str]]:
    """The facts and the child tables that a rule may ask for."""
    read = [name for version in rule.versions for part in version.conditions() for name in part.facts]
    read += [name for version in rule.versions for name in version.essential_facts()]
    tables = dict.fromkeys(name for version in rule.versions for name in version.tables())
    return [name for name in dict.fromkeys(read) if name not in tables], list(tables)


def _missing(run: ColumnRun, rule: Rule, facts: Sequence[str]) -> pl.DataFrame:
    """Which of the facts each case lacks, a bit a fact."""
    height = run.table.cases.height
    flags = pl.DataFrame([_is_missing(run, rule, name).alias(name) for name in facts])
    masks = []
    for number, start in enumerate(range(0, len(facts), _MASK_BITS)):
        some = facts[start : start + _MASK_BITS]
        nothing = pl.lit(0, dtype=pl.UInt64)
        weighted = (
            pl.when(pl.col(name)).then(pl.lit(1 << at, dtype=pl.UInt64)).otherwise(nothing)
            for at, name in enumerate(some)
        )
        masks.append(flags.select(functools.reduce(operator.or_, weighted).alias(_MASK.format(number))).to_series())
    return pl.DataFrame(masks) if masks else pl.DataFrame(height=height)


def _is_missing(run: ColumnRun, rule: Rule, name: str) -> pl.Series:
    cases = run.table.cases
    derived = next((node for version in rule.versions for node in version.derived() if node.name == name), None)
    if derived is not None:
        found = run.results(derived.rule)
        if derived.what == "outcome":
            return found.get_column("outcome") == NEEDS_FACTS
        return found.get_column(derived.what).is_null() if derived.what in found.columns else _same(True, cases.height)
    if name == rule.read_at and run.table.on is not None:
        return _same(False, cases.height)
    return cases.get_column(name).is_null() if name in cases.columns else _same(True, cases.height)


def _same(flag: bool, height: int) -> pl.Series:
    return pl.Series([flag], dtype=pl.Boolean).new_from_index(0, height)
