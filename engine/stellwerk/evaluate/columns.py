"""The whole rulebook over a table of cases, one pass over all law versions, a stretch of rows at a time.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all), and child tables with
the case's id on each row. Comes out: one frame a rule with outcome, values, version, met and unknown bits, in the
order of the cases. A run can take over what an earlier one of the same cases found, wherever the rules mean the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from stellwerk.evaluate.children import with_children
from stellwerk.evaluate.compiled import Scope, Shelf, column_type, plan_type, repeated
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE
from stellwerk.evaluate.plan import NO_VERSION, VALUE_TYPES, RulePlan, rule_plan
from stellwerk.evaluate.stretches import CaseTable, Stretch, whole
from stellwerk.law import core
from stellwerk.law.fingerprint import Fingerprints
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook

__all__ = ["VALUE_TYPES", "ColumnRun"]


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
        self.table = CaseTable(cases, children or {}, rulebook.vocabulary, on)
        self.fingerprints = Fingerprints(rulebook)
        self._outcomes = {name: code for code, name in enumerate(rulebook.vocabulary.outcomes)}
        self._results: dict[str, pl.DataFrame] = {}

    def under(self, rulebook: Rulebook) -> ColumnRun:
        """The same cases under another rulebook; what its rules say alike is taken over, not computed again."""
        other = ColumnRun(rulebook, self.table.cases, self.table.on, self.table.children)
        for name in (*rulebook.rules, *rulebook.without_version):
            if name in self._results and self.fingerprints.of(name) == other.fingerprints.of(name):
                other._results[name] = self._results[name]
        return other

    def evaluate(self, rules: Iterable[str]) -> None:
        """Evaluate several rules of one subject at once, so that what they have in common is computed once."""
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

    def _in_order(self, rules: Iterable[str]) -> list[str]:
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
        plans = [rule_plan(rule, self._scope(rule, shelf), self._outcomes) for rule in rules]
        pieces: dict[str, list[pl.DataFrame]] = {rule.id: [] for rule in rules}
        for stretch in self.table.stretches(rules):
            table = stretch.table
            for layer in shelf.layers:
                table = table.with_columns(layer)
            done: dict[str, pl.DataFrame] = {}
            read: dict[str, pl.Series] = {}  # results that other rules read, as they read them
            for plan in plans:
                for node in plan.derived:
                    if node.name not in read:
                        read[node.name] = self._derived(node, done, stretch.start, table.height)
                beside = table.hstack([read[node.name] for node in plan.derived])
                done[plan.rule.id] = self._run(plan, beside, stretch)
            for name, found in done.items():
                pieces[name].append(found)
        return {name: pl.concat(found) for name, found in pieces.items()}

    def _scope(self, rule: Rule, shelf: Shelf) -> Scope:
        first, last = self.table.reading_days(rule)
        nodes = dict.fromkeys(node for version in rule.versions for node in version.aggregates())
        return Scope(
            rulebook=self.rulebook,
            read_at=rule.read_at,
            first=first,
            last=last,
            on=self.table.on,
            dated=self.table.is_dated(rule),
            shelf=shelf,
            own=Shelf("own"),
            tables={node: f"__table_{number}" for number, node in enumerate(nodes)},
        )

    def _run(self, plan: RulePlan, table: pl.DataFrame, stretch: Stretch) -> pl.DataFrame:
        """The results of one rule for one stretch of cases."""
        table = with_children(table, plan.scope, stretch.children, stretch.start)
        for stage in plan.stages:
            table = table.with_columns(stage)
        number = whole(table.height)
        return table.select(number, *plan.results).drop(number.meta.output_name())

    def _derived(self, node: core.Derived, done: Mapping[str, pl.DataFrame], start: int, height: int) -> pl.Series:
        """What another rule says of these cases; an outcome that lacks facts is unknown."""
        found = done[node.rule] if node.rule in done else self._results[node.rule].slice(start, height)
        if node.what not in found.columns:
            return repeated(node.name, None, plan_type(node.type), height)
        column = found.get_column(node.what)
        if node.what == "outcome":
            known = found.select(pl.when(pl.col("outcome") != self._outcomes[NEEDS_FACTS]).then(pl.col("outcome")))
            return known.select(self._outcome(pl.col("outcome"))).to_series().alias(node.name)
        return (column.to_physical() if node.what == "until" else column).alias(node.name)

    def _outcome(self, codes: pl.Expr) -> pl.Expr:
        return codes.cat.to(column_type(self.rulebook.vocabulary.outcome_type))

    def _not_in_force(self) -> pl.DataFrame:
        said = {
            "outcome": pl.lit(self._outcomes[NOT_IN_FORCE], dtype=pl.UInt8),
            "version": pl.lit(NO_VERSION, dtype=pl.Int16),
            "met": pl.lit(0, dtype=pl.UInt8),
            "unknown": pl.lit(0, dtype=pl.UInt8),
            "stale": pl.lit(False),
            "lacks_value": pl.lit(False),
        }
        number = whole(self.table.cases.height)
        return self.table.cases.select(number, **said).drop(number.meta.output_name())
