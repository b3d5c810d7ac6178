"""The whole rulebook over a table of cases, one pass over all law versions, a stretch of rows at a time.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all), and child tables with
the case's id on each row. Comes out: one frame a rule with outcome, values, version, met and unknown bits, in the
order of the cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from stellwerk.evaluate import days
from stellwerk.evaluate.children import ChildRows, with_children
from stellwerk.evaluate.compiled import ON, Scope, Shelf, column_type, plan_type, repeated
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE, facts_to_ask
from stellwerk.evaluate.plan import NO_VERSION, VALUE_TYPES, RulePlan, rule_plan
from stellwerk.law import core
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook

__all__ = ["VALUE_TYPES", "ColumnRun"]

ROWS_AT_A_TIME = 1 << 18  # the columns of so many cases stay small beside the results
_ROW, _KEY = "__row", "__key"


class ColumnRun:
    """One table of cases read under one rulebook; each rule is evaluated once, also where others read its result."""

    def __init__(
        self,
        rulebook: Rulebook,
        cases: pl.DataFrame,
        on: dt.date | None = None,
        children: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.cases = cases
        self.on = on
        self.children = children or {}
        self._outcomes = {name: code for code, name in enumerate(rulebook.vocabulary.outcomes)}
        self._results: dict[str, pl.DataFrame] = {}

    def evaluate(self, rules: Sequence[str]) -> None:
        """Evaluate several rules at once, so that what they have in common is computed once."""
        wanted = [name for name in self._in_order(rules) if name not in self._results]
        absent = [name for name in wanted if name in self.rulebook.without_version]
        self._results |= {name: self._not_in_force() for name in absent}
        present = [self.rulebook.rule(name) for name in wanted if name not in absent]
        if present:
            self._results |= self._evaluated(present)

    def results(self, rule_id: str) -> pl.DataFrame:
        """What the rule says of every case, in the order of the cases.

        Columns: `outcome` (enum), the values that the rule computes (`until`, `until_event_day_excluded` dates,
        `amount` decimal), `version` (position of the version, -1 for none), `met` and `unknown` (bits per condition
        in the order of `RuleVersion.conditions`), `stale` (read after the text was last verified), `lacks_value` (a
        date or amount without which the rule says nothing is unknown).
        """
        self.evaluate([rule_id])
        evidence = pl.col("met", "unknown").cast(pl.UInt64)
        return self._results[rule_id].with_columns(self._outcome(pl.col("outcome")), evidence)

    def ask_for(self, rule_id: str) -> pl.Series:
        """For each case the facts that would settle the outcome, comma separated; null where none are needed.

        Cases that lack the same facts and met the same conditions are settled together: once a pattern, not a case.
        """
        rule, results = self.rulebook.rule(rule_id), self.results(rule_id)
        facts, tables = _asked(rule)
        lacking = [name for name in tables if name not in self.children]
        flags = self.cases.select(self._is_missing(name, rule).alias(name) for name in facts)
        evidence = ["version", "met", "unknown", "lacks_value"]
        pattern = pl.concat([results.select(evidence), flags], how="horizontal")
        open_rows = pattern.with_row_index(_ROW).filter(results.get_column("outcome") == NEEDS_FACTS)
        keys = [*evidence, *facts]
        answers = []
        for row in open_rows.select(keys).unique(maintain_order=True).iter_rows(named=True):
            missing = [*lacking, *(name for name in facts if row[name])]
            asked: tuple[str, ...] = (rule.read_at,)
            if row["version"] != NO_VERSION:
                version = rule.versions[row["version"]]
                asked = facts_to_ask(version, row["met"], row["unknown"], missing, row["lacks_value"])
            answers.append({**row, "ask_for": ", ".join(asked) or None})
        if not answers:
            return pl.Series("ask_for", [None] * self.cases.height, dtype=pl.String)
        schema = {**{key: pattern.schema[key] for key in keys}, "ask_for": pl.String()}
        found = open_rows.join(pl.DataFrame(answers, schema=schema), on=keys, how="left").select(_ROW, "ask_for")
        rows = pl.DataFrame({_ROW: pl.Series(range(self.cases.height), dtype=pl.UInt32)})
        return rows.join(found, on=_ROW, how="left", maintain_order="left").get_column("ask_for")

    def _is_missing(self, name: str, rule: Rule) -> pl.Expr | pl.Series:
        derived = next((node for version in rule.versions for node in version.derived() if node.name == name), None)
        if derived is not None:
            found = self.results(derived.rule)
            if derived.what == "outcome":
                return found.get_column("outcome") == NEEDS_FACTS
            return found.get_column(derived.what).is_null() if derived.what in found.columns else pl.lit(True)
        if name == rule.read_at and self.on is not None:
            return pl.lit(False)
        return pl.col(name).is_null() if name in self.cases.columns else pl.lit(True)

    def _in_order(self, rules: Sequence[str]) -> list[str]:
        """The rules and those whose results they read, each after what it reads."""
        found: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in found:
                return
            if name not in self.rulebook.without_version:
                for version in self.rulebook.rule(name).versions:
                    for node in version.derived():
                        visit(node.rule)
            found[name] = None

        for name in rules:
            visit(name)
        return list(found)

    def _evaluated(self, rules: Sequence[Rule]) -> dict[str, pl.DataFrame]:
        shelf = Shelf("shelf")
        plans = [self._plan(rule, shelf) for rule in rules]
        pieces: dict[str, list[pl.DataFrame]] = {rule.id: [] for rule in rules}
        for start, table, children in self._stretches(rules):
            for layer in shelf.layers:
                table = table.with_columns(layer)
            done: dict[str, pl.DataFrame] = {}
            for plan, scope in plans:
                done[plan.rule.id] = self._run(plan, scope, table, done, children, start)
            for name, found in done.items():
                pieces[name].append(found)
        return {name: pl.concat(found) for name, found in pieces.items()}

    def _plan(self, rule: Rule, shelf: Shelf) -> tuple[RulePlan, Scope]:
        first, last = self._reading_days(rule)
        nodes = dict.fromkeys(node for version in rule.versions for node in version.aggregates())
        tables = {node: f"__table_{number}" for number, node in enumerate(nodes)}
        scope = Scope(self.rulebook, rule.read_at, first, last, self.on, self._is_dated(rule), shelf, Shelf("own"), tables)
        return rule_plan(rule, scope, self._outcomes), scope

    def _reading_days(self, rule: Rule) -> tuple[dt.date, dt.date]:
        """The first and the last day on which a case is read; where none is, some day."""
        if self.on is not None:
            return self.on, self.on
        dates = self.cases.get_column(rule.read_at) if rule.read_at in self.cases.columns else pl.Series([None])
        first, last = dates.min(), dates.max()
        if isinstance(first, dt.date) and isinstance(last, dt.date):
            return first, last
        return rule.versions[0].interval.first, rule.versions[0].interval.first

    def _is_dated(self, rule: Rule) -> bool:
        if self.on is not None:
            return True
        return rule.read_at in self.cases.columns and not self.cases.get_column(rule.read_at).null_count()

    def _stretches(self, rules: Sequence[Rule]) -> Iterator[tuple[int, pl.DataFrame, Mapping[str, ChildRows]]]:
        """The attributes that the rules read, as plans carry them, so many rows at a time; with their child rows."""
        subject = rules[0].subject
        attributes = self.rulebook.vocabulary.attributes(subject)
        facts = dict.fromkeys(fact for rule in rules for version in rule.versions for fact in version.facts())
        given = [
            pl.col(fact).cast(column_type(attributes[fact].type)).to_physical().alias(fact)
            if attributes[fact].type.kind == "date"
            else pl.col(fact).cast(column_type(attributes[fact].type))
            for fact in facts
            if fact in self.cases.columns
        ]
        same: dict[str, tuple[int | None, pl.DataType]] = {fact: (None, plan_type(attributes[fact].type)) for fact in facts if fact not in self.cases.columns}
        if self.on is not None:
            same[ON] = (days.day_number(self.on), days.DAY)
        children = self._child_rows(rules, subject)
        for start in range(0, max(self.cases.height, 1), ROWS_AT_A_TIME):
            rows = self.cases.slice(start, ROWS_AT_A_TIME)
            table = rows.select(_whole(rows.height), *given)
            yield start, table.hstack([repeated(name, *what, rows.height) for name, what in same.items()]), children

    def _child_rows(self, rules: Sequence[Rule], subject: str) -> dict[str, ChildRows]:
        read = dict.fromkeys(name for rule in rules for version in rule.versions for name in version.tables())
        given = [name for name in read if name in self.children]
        if not given:
            return {}
        attributes = self.rulebook.vocabulary.attributes(subject)
        key = next(name for name, attribute in attributes.items() if attribute.required)
        forms = self.rulebook.vocabulary.child_tables(subject)
        return {name: ChildRows.of(self.children[name], forms[name], self.cases.get_column(key)) for name in given}

    def _run(
        self,
        plan: RulePlan,
        scope: Scope,
        table: pl.DataFrame,
        done: Mapping[str, pl.DataFrame],
        children: Mapping[str, ChildRows],
        start: int,
    ) -> pl.DataFrame:
        """The results of one rule for one stretch of rows that begins at `start`."""
        derived = dict.fromkeys(node for version in plan.rule.versions for node in version.derived())
        table = table.with_columns(self._derived(node, done, start, table.height) for node in derived)
        table = with_children(table, scope, children, start)
        for stage in (*scope.own_layers, *plan.stages):
            table = table.with_columns(*stage)
        return table.select(_whole(table.height), *plan.results).drop(_ROW)

    def _derived(self, node: core.Derived, done: Mapping[str, pl.DataFrame], start: int, height: int) -> pl.Series:
        """What another rule says of these rows; an outcome that lacks facts is unknown."""
        found = done[node.rule] if node.rule in done else self._results[node.rule].slice(start, height)
        if node.what not in found.columns:
            return repeated(node.name, None, plan_type(node.type), height)
        column = found.get_column(node.what)
        if node.what == "outcome":
            known = found.select(pl.when(pl.col("outcome") != self._outcomes[NEEDS_FACTS]).then(pl.col("outcome")))
            return known.select(self._outcome(pl.col("outcome"))).to_series().alias(node.name)
        return (column.to_physical() if node.what == "until" else column).alias(node.name)

    def _outcome(self, codes: pl.Expr) -> pl.Expr:
        return codes.cat.to(pl.Enum(list(self._outcomes)))

    def _not_in_force(self) -> pl.DataFrame:
        empty = {
            "outcome": pl.lit(self._outcomes[NOT_IN_FORCE], dtype=pl.UInt8),
            "version": pl.lit(NO_VERSION, dtype=pl.Int16),
            "met": pl.lit(0, dtype=pl.UInt8),
            "unknown": pl.lit(0, dtype=pl.UInt8),
            "stale": pl.lit(False),
            "lacks_value": pl.lit(False),
        }
        return self.cases.select(_whole(self.cases.height), **empty).drop(_ROW)


def _whole(height: int) -> pl.Expr:
    """A column of full length, so that single values beside it fill theirs."""
    return pl.int_range(height, dtype=pl.UInt32).alias(_ROW)


def _asked(rule: Rule) -> tuple[list[str], list[str]]:
    """The facts and the child tables that a rule may ask for."""
    read = [name for version in rule.versions for part in version.conditions() for name in part.facts]
    read += [name for version in rule.versions for name in version.essential_facts()]
    tables = dict.fromkeys(name for version in rule.versions for name in version.tables())
    return [name for name in dict.fromkeys(read) if name not in tables], list(tables)
