"""The whole rulebook over a table of cases, one pass over all law versions, a stretch of rows at a time.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all), and child tables with
the case's id on each row. Comes out: one frame a rule with outcome, values, version, met and unknown bits, in the
order of the cases. A run can take over what an earlier one of the same cases found, wherever the rules mean the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

import polars as pl

from stellwerk.evaluate.children import with_children
from stellwerk.evaluate.compiled import EXACT, Scope, column_type, plan_type, repeated
from stellwerk.evaluate.days import fixed
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE
from stellwerk.evaluate.plan import NO_VERSION, VALUE_TYPES, RulePlan, rule_plan
from stellwerk.evaluate.shelf import Shelf
from stellwerk.evaluate.stretches import CaseTable, Stretch, whole
from stellwerk.law import core
from stellwerk.law.fingerprint import Fingerprints
from stellwerk.law.provision import AMOUNT, Rule
from stellwerk.law.rulebook import Rulebook

RULES_AT_A_TIME = 16  # computed together, so that the columns between conditions and outcomes stay few
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
        self._alike: dict[str, bool] = {}

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
        alike = [rule for rule in present if self.is_alike(rule)]
        if alike:
            first = ColumnRun(self.rulebook, self.table.cases.head(1), self.table.on)
            first._results = {name: self._of_cases(name, 0, 1) for name in self._results}
            self._results |= first._evaluated(alike)
        different = [rule for rule in present if rule.id not in self._results]
        if different:
            self._results |= self._evaluated(different)

    def is_alike(self, rule: Rule) -> bool:
        """Whether the rule says the same of every case: it has no reading date, or reads nothing that is known."""
        if self.table.cases.height < 2:
            return False
        if rule.id not in self._alike:
            undated = self.table.on is None and not self.table.is_known(rule.read_at)
            self._alike[rule.id] = self._reads_alike(rule) and (undated or not self._reads_cases(rule))
        return self._alike[rule.id]

    def _reads_cases(self, rule: Rule) -> bool:
        for version in rule.versions:
            facts = (name for name in version.facts() if name != rule.read_at or self.table.on is None)
            if any(map(self.table.is_known, facts)) or any(name in self.table.children for name in version.tables()):
                return True
        return False

    def _reads_alike(self, rule: Rule) -> bool:
        """Whether every rule whose result it reads says the same of every case."""
        others = [self.rulebook.rules.get(node.rule) for version in rule.versions for node in version.derived()]
        return all(other is None or self.is_alike(other) for other in others)

    def _of_cases(self, rule_id: str, start: int, height: int) -> pl.DataFrame:
        """What was found of some cases one after the other; what is said of all alike was found once."""
        found = self._results[rule_id]
        if found.height == self.table.cases.height:
            return found.slice(start, height)
        return pl.DataFrame([column.new_from_index(0, height) for column in found])

    def results(self, rule_id: str) -> pl.DataFrame:
        """What the rule says of every case, in the order of the cases.

        Columns: `outcome` (enum), the values that the rule computes (`until`, `until_event_day_excluded` dates,
        `amount` decimal), `version` (position of the version, -1 for none), `met` and `unknown` (bits per condition
        in the order of `RuleVersion.conditions`), `stale` (read after the text was last verified), `lacks_value` (a
        date or amount without which the rule says nothing is unknown).
        """
        return self.found(rule_id).with_columns(pl.col("met", "unknown").cast(pl.UInt64))

    def found(self, rule_id: str) -> pl.DataFrame:
        """The same as `results`, with bits in integers no wider than the rule needs: a small table for many cases."""
        self.evaluate([rule_id])
        found = self._of_cases(rule_id, 0, self.table.cases.height).with_columns(self._outcome(pl.col("outcome")))
        if AMOUNT not in found.columns:
            return found
        amount = pl.col(AMOUNT)
        whole = found.schema[AMOUNT] == pl.Int64()
        return found.with_columns(amount.cast(EXACT) if whole else amount.reinterpret(dtype=EXACT))

    def names(self, rule_id: str) -> list[str]:
        """The columns of the rule's results."""
        self.evaluate([rule_id])
        return self._results[rule_id].columns

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
        plans = [
            rule_plan(rule, self._scope(rule, shelf, number), self._outcomes, number)
            for number, rule in enumerate(rules)
        ]
        waves = list(_waves(plans))
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            pieces = list(pool.map(lambda one: self._of_stretch(one(), shelf, waves), self.table.stretches(rules)))
        return {rule.id: pl.concat([piece[rule.id] for piece in pieces]) for rule in rules}

    def _of_stretch(
        self, stretch: Stretch, shelf: Shelf, waves: Sequence[Sequence[RulePlan]]
    ) -> dict[str, pl.DataFrame]:
        """The results of all rules for one stretch of cases."""
        table = stretch.table
        for layer in shelf.layers:
            table = table.with_columns(layer)
        done: dict[str, pl.DataFrame] = {}
        read: dict[str, pl.Series] = {}  # results that other rules read, as they read them
        for wave in waves:
            for node in dict.fromkeys(node for plan in wave for node in plan.derived):
                if node.name not in read:
                    read[node.name] = self._derived(node, done, stretch.start, table.height)
            names = dict.fromkeys(node.name for plan in wave for node in plan.derived)
            done |= self._run(wave, table.hstack([read[name] for name in names]), stretch)
        return done

    def _scope(self, rule: Rule, shelf: Shelf, number: int) -> Scope:
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
            own=Shelf(f"own{number}"),
            tables={node: f"__{number}_table_{at}" for at, node in enumerate(nodes)},
        )

    def _run(self, wave: Sequence[RulePlan], table: pl.DataFrame, stretch: Stretch) -> dict[str, pl.DataFrame]:
        """The results of rules of which none reads another, for one stretch of cases."""
        for plan in wave:
            table = with_children(table, plan.scope, stretch.children, stretch.start)
        for stages in zip_longest(*(plan.stages for plan in wave), fillvalue=()):
            table = table.with_columns(expression for stage in stages for expression in stage)
        number = whole(table.height)
        wide = table.select(
            number, *(result.name.prefix(f"{at} ") for at, plan in enumerate(wave) for result in plan.results)
        )
        found = {}
        for at, plan in enumerate(wave):
            names = [result.meta.output_name() for result in plan.results]
            found[plan.rule.id] = pl.DataFrame([wide.get_column(f"{at} {name}").alias(name) for name in names])
        return found

    def _derived(self, node: core.Derived, done: Mapping[str, pl.DataFrame], start: int, height: int) -> pl.Series:
        """What another rule says of these cases; an outcome that lacks facts is unknown."""
        found = done[node.rule] if node.rule in done else self._of_cases(node.rule, start, height)
        if node.what not in found.columns:
            return repeated(node.name, None, plan_type(node.type), height)
        column = found.get_column(node.what)
        if node.what == "outcome":
            needs = fixed(self._outcomes[NEEDS_FACTS], pl.UInt8())
            return found.select(
                pl.when(pl.col("outcome") != needs).then(pl.col("outcome")).alias(node.name)
            ).to_series()
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


def _waves(plans: Sequence[RulePlan]) -> Iterator[list[RulePlan]]:
    """The plans in their order, in groups of which none reads another of the same."""
    wave: list[RulePlan] = []
    inside: set[str] = set()
    depths: dict[str, int] = {}
    for plan in plans:
        depths[plan.rule.id] = 1 + max((depths.get(node.rule, -1) for node in plan.derived), default=-1)
    for plan in sorted(plans, key=lambda plan: depths[plan.rule.id]):
        if len(wave) == RULES_AT_A_TIME or any(node.rule in inside for node in plan.derived):
            yield wave
            wave, inside = [], set()
        wave.append(plan)
        inside.add(plan.rule.id)
    if wave:
        yield wave
