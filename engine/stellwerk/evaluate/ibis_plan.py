"""The rules of one subject as one query over a table of cases.

Goes in: a rulebook, cases and child tables as they lie in an engine, the rules. Comes out: a table with, for each
case, its row number, its id and one column a rule that holds all the rule says. The query is a chain of selects, each
over the one before: what child tables say, what is dear and needed twice, then the layers of `ibis_rule`, at once for
all rules that read no result of each other, so that a single pass over the cases does it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import polars as pl

from stellwerk.evaluate.compiled import Scope
from stellwerk.evaluate.evidence import NOT_IN_FORCE
from stellwerk.evaluate.ibis_calendar import Calendar
from stellwerk.evaluate.ibis_children import CASE, Sum, with_sums
from stellwerk.evaluate.ibis_rule import Columns, RuleLayers
from stellwerk.evaluate.ibis_terms import Digests, Key, Sight, dear_parts, expression
from stellwerk.evaluate.plan import NO_VERSION
from stellwerk.law import core
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook

ROW = "__row"
_ALWAYS_KEPT = (ROW, CASE)


@dataclass(frozen=True, eq=False)
class Tables:
    """Cases and child tables in exact types as they lie in an engine.

    The cases have their row number (`ROW`), their id as text (`CASE`) and the attributes that are known; child rows
    have the id of their case. `fetch` runs a small query, `lay_down` a large one whose result is read once more. Where
    `on` is given, every case is read on that day.
    """

    cases: ir.Table
    children: Mapping[str, ir.Table]
    fetch: Callable[[ir.Table], pl.DataFrame]
    lay_down: Callable[[ir.Table], ir.Table]
    on: dt.date | None = None


@dataclass(frozen=True, eq=False)
class Answers:
    """The query and, for each rule, the column that holds what it says."""

    table: ir.Table
    columns: Mapping[str, str]


def answers(rulebook: Rulebook, tables: Tables, rules: Sequence[str], calendar: Calendar) -> Answers:
    """The query that answers the rules, and those whose results they read."""
    return _Query(rulebook, tables, rules, calendar).answers()


def versions_read(rulebook: Rulebook, rules: Iterable[str]) -> tuple[RuleVersion, ...]:
    """Every version of the rules, and of those whose results they read."""
    known = [rulebook.rule(name) for name in _in_order(rulebook, rules) if name not in rulebook.without_version]
    return tuple(version for rule in known for version in rule.versions)


class _Query:
    """The chain of selects while it grows: its last table, and the columns that hold results and dear parts."""

    def __init__(self, rulebook: Rulebook, tables: Tables, rules: Sequence[str], calendar: Calendar) -> None:
        self.rulebook = rulebook
        self.tables = tables
        self.rules = rules
        self.calendar = calendar
        self.digests = Digests()
        self.table = tables.cases
        self.sums: dict[Key, str] = {}
        self.shelf: dict[Key, str] = {}
        self.results: dict[str, str] = {}

    def answers(self) -> Answers:
        """Let the chain grow, stratum by stratum."""
        strata = self._layers()
        self._sum_up([rule for rules in strata for rule in rules])
        self._answer_absent()
        for position, rules in enumerate(strata):
            later = (version for after in strata[position + 1 :] for rule in after for version in rule.rule.versions)
            self._sum_up_results(rules)
            self._answer(rules, frozenset(fact for version in later for fact in version.facts()))
        kept = {name: self.results[name] for name in dict.fromkeys(self.rules)}
        return Answers(self.table.select(*_ALWAYS_KEPT, *kept.values()), kept)

    def _layers(self) -> list[list[RuleLayers]]:
        strata = _strata(self.rulebook, self.rules)
        days = _days_read(self.tables, [rule for rules in strata for rule in rules])
        number = itertools.count()
        return [
            [RuleLayers(next(number), rule, self._scope(rule, days), self.digests) for rule in rules]
            for rules in strata
        ]

    def _answer(self, rules: Sequence[RuleLayers], read_later: frozenset[str]) -> None:
        """Rules that read no result of each other."""
        before = frozenset(self.table.columns)
        self._grow(rule.version(self._sight(rule)) for rule in rules)
        self._shelve(rules)
        self._grow([rule.truths(self._sight(rule)) for rule in rules], self.shelf.values())
        self.shelf.clear()
        truths = [name for rule in rules for name in rule.truths_of(self.table)]
        self._grow([rule.evidence(self.table) for rule in rules], truths)
        self._grow(rule.possible(self.table) for rule in rules)
        self._grow(rule.outcome(self.table) for rule in rules)
        facts = before - read_later - {*_ALWAYS_KEPT, *self.results.values(), *self.sums.values()}
        self._grow([rule.said(self._sight(rule)) for rule in rules], (frozenset(self.table.columns) - before) | facts)
        self.results |= {rule.rule.id: rule.name("said") for rule in rules}

    def _answer_absent(self) -> None:
        """Rules that have no version say so, whatever the case."""
        names = [name for name in _in_order(self.rulebook, self.rules) if name in self.rulebook.without_version]
        self.results |= {name: f"__absent_{number}" for number, name in enumerate(names)}
        self._grow([{self.results[name]: _not_in_force() for name in names}])

    def _grow(self, columns: Iterable[Columns], without: Iterable[str] = ()) -> None:
        """One more select: the columns of the last one but for some, and more."""
        fresh = {name: made for some in columns for name, made in some.items()}
        dropped = frozenset(without)
        if fresh or dropped:
            kept = [self.table[name] for name in self.table.columns if name not in dropped]
            self.table = self.table.select(*kept, **fresh)

    def _sum_up(self, rules: Sequence[RuleLayers]) -> None:
        """What child tables say that reads no rule's result, laid down: joined rows come in pieces, which are slow."""
        asked = [(node, rule) for rule in rules for node in self._asked_of_children(rule) if not _reads_results(node)]
        if asked:
            self._join(asked)
            self.table = self.tables.lay_down(self.table)

    def _sum_up_results(self, rules: Sequence[RuleLayers]) -> None:
        """What child tables say that reads results of other rules."""
        asked = [(node, rule) for rule in rules for node in self._asked_of_children(rule)]
        self._join([(node, rule) for node, rule in asked if self._sight(rule).key(node) not in self.sums])

    def _asked_of_children(self, rule: RuleLayers) -> list[core.Aggregated]:
        nodes = (node for version in rule.parts.values() for node in version.aggregates())
        return [node for node in nodes if node.table in self.tables.children]

    def _join(self, asked: Iterable[tuple[core.Aggregated, RuleLayers]]) -> None:
        """A column for each thing asked; what stands inside another comes first."""
        levels: dict[int, dict[Key, tuple[core.Aggregated, RuleLayers]]] = {}
        for node, rule in asked:
            levels.setdefault(_depth(node), {}).setdefault(self._sight(rule).key(node), (node, rule))
        for _, level in sorted(levels.items()):
            names = {key: f"__sum_{len(self.sums) + number}" for number, key in enumerate(level)}
            sums = [Sum(node, self._sight(rule), names[key]) for key, (node, rule) in level.items()]
            self.table = with_sums(self.table, self.tables.cases, self.tables.children, sums)
            self.sums |= names

    def _shelve(self, rules: Sequence[RuleLayers]) -> None:
        """What is dear and written more than once becomes a column, what stands inside another first."""
        times: Counter[Key] = Counter()
        found: dict[Key, tuple[core.Core, RuleLayers]] = {}
        for rule in rules:
            sight = self._sight(rule)
            for node in (part for tree in rule.cores() for part in dear_parts(tree, sight)):
                times[sight.key(node)] += 1
                found.setdefault(sight.key(node), (node, rule))
        pending = {key: found[key] for key, count in times.items() if count > 1}
        while pending:
            ready = {key: item for key, item in pending.items() if not self._waits(key, item, pending)}
            names = {key: f"__shelf_{len(self.shelf) + number}" for number, key in enumerate(ready)}
            self._grow([{names[key]: expression(node, self._sight(rule)) for key, (node, rule) in ready.items()}])
            self.shelf |= names
            pending = {key: item for key, item in pending.items() if key not in ready}

    def _waits(self, key: Key, item: tuple[core.Core, RuleLayers], pending: Iterable[Key]) -> bool:
        """Whether something inside the expression is still to become a column."""
        node, rule = item
        sight = self._sight(rule)
        inside = {sight.key(part) for part in dear_parts(node, sight)} - {key}
        return not inside.isdisjoint(pending)

    def _sight(self, rule: RuleLayers) -> Sight:
        tables = frozenset(self.tables.children)
        shelf = {**self.sums, **self.shelf}
        return Sight(rule.scope, self.calendar, self.digests, self.table, shelf, self.results, tables)

    def _scope(self, rule: Rule, days: Mapping[str, tuple[dt.date, dt.date, bool]]) -> Scope:
        beginning = rule.versions[0].interval.first
        first, last, dated = days.get(rule.read_at, (beginning, beginning, False))
        return Scope(self.rulebook, rule.read_at, first, last, self.tables.on, dated)


def _days_read(tables: Tables, rules: Iterable[Rule]) -> dict[str, tuple[dt.date, dt.date, bool]]:
    """For each attribute by which rules are read: the first and last day that occurs, and whether no case lacks it."""
    names = list(dict.fromkeys(rule.read_at for rule in rules))
    if tables.on is not None:
        return dict.fromkeys(names, (tables.on, tables.on, True))
    present = [name for name in names if name in tables.cases.columns]
    if not present:
        return {}
    asked = {
        f"{number}_{what}": term
        for number, name in enumerate(present)
        for what, term in (
            ("first", tables.cases[name].min()),
            ("last", tables.cases[name].max()),
            ("open", tables.cases[name].isnull().any()),
        )
    }
    (found,) = tables.fetch(tables.cases.aggregate(**asked)).iter_rows(named=True)
    spans = (tuple(found[f"{number}_{what}"] for what in ("first", "last", "open")) for number in range(len(present)))
    rows = dict(zip(present, spans, strict=True))
    return {name: (first, last, not open_) for name, (first, last, open_) in rows.items() if first is not None}


def _strata(rulebook: Rulebook, rules: Iterable[str]) -> list[list[Rule]]:
    """The rules and those whose results they read; each stratum reads results of earlier ones only."""
    depths: dict[str, int] = {}
    strata: list[list[Rule]] = []
    for name in _in_order(rulebook, rules):
        if name in rulebook.without_version:
            continue
        rule = rulebook.rule(name)
        read = [node.rule for version in rule.versions for node in version.derived()]
        depths[name] = max((depths[other] + 1 for other in read if other in depths), default=0)
        strata += [[] for _ in range(depths[name] + 1 - len(strata))]
        strata[depths[name]].append(rule)
    return strata


def _in_order(rulebook: Rulebook, rules: Iterable[str]) -> list[str]:
    """The rules and those whose results they read, each after what it reads."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in found:
            return
        if name not in rulebook.without_version:
            for version in rulebook.rule(name).versions:
                for node in version.derived():
                    visit(node.rule)
        found[name] = None

    for name in rules:
        visit(name)
    return list(found)


def _depth(node: core.Core) -> int:
    """How many child tables' expressions stand inside one another."""
    below = max((_depth(child) for child in core.children(node)), default=0)
    return below + isinstance(node, core.Aggregated)


def _reads_results(node: core.Core) -> bool:
    return any(isinstance(item, core.Derived) for child in core.children(node) for item in core.nodes(child))


def _not_in_force() -> ir.StructValue:
    return ibis.struct(
        {
            "outcome": ibis.literal(NOT_IN_FORCE),
            "known_outcome": ibis.literal(NOT_IN_FORCE),
            "version": ibis.literal(NO_VERSION, "int16"),
            "met": ibis.literal(0, "int64"),
            "unknown": ibis.literal(0, "int64"),
            "ask_for": ibis.null("string"),
        }
    )
