"""One rule as columns of a query, layer by layer: version, truths and values, evidence, outcome, all that is said.

Goes in: a rule with its `Sight`. Comes out: for each layer the expressions of its columns, which read the layers
before. Which version applies is a column, and everything that differs between versions is chosen by it, so that one
query serves cases under many law versions and computes of each row only its own version.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from stellwerk.evaluate.asking import Asked, Questions, questions_of
from stellwerk.evaluate.compiled import Scope
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE
from stellwerk.evaluate.ibis_flags import Evidence
from stellwerk.evaluate.ibis_terms import EXACT, Digests, Sight, expression, whole
from stellwerk.evaluate.plan import NO_VERSION
from stellwerk.evaluate.possible import Flag, possible_outcomes
from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.provision import AMOUNT, NamedValue, Rule, RuleVersion
from stellwerk.law.types import LATEST

Columns = Mapping[str, ir.Value]
_T = TypeVar("_T", bound=Hashable)
_BITS = 62  # as many as there are conditions in a rule at most; the highest of 64 is the sign
_ALL_BITS = (1 << _BITS) - 1


class RuleLayers:
    """The columns of one rule; their names hold its number, so that the rules of a query do not meet."""

    def __init__(self, number: int, rule: Rule, scope: Scope, digests: Digests) -> None:
        self.number = number
        self.rule = rule
        self.scope = scope
        self.digests = digests
        days = Interval(scope.first, scope.last)
        parts = enumerate(rule.versions)
        self.parts = {position: version for position, version in parts if version.interval.overlaps(days)}

    def name(self, what: str) -> str:
        """A column of this rule."""
        return f"__{self.number}_{what}"

    def cores(self) -> Iterator[core.Core]:
        """Every expression of the versions that can apply."""
        for version in self.parts.values():
            yield from version.cores()

    def version(self, sight: Sight) -> Columns:
        """The position of the version under which the case is read; -1 where there is none."""
        none = ibis.literal(NO_VERSION, "int16")
        branches = [
            (sight.reading.between(version.interval.first, version.interval.last or LATEST), _position(position))
            for position, version in self.parts.items()
        ]
        return {self.name("version"): ibis.cases(*branches, else_=none) if branches else none}

    def truths(self, sight: Sight) -> Columns:
        """The truth of each condition, and the values, whether they are given or not."""
        most = max((len(version.conditions()) for version in self.parts.values()), default=0)
        truths = {self.name(f"truth_{at}"): self._truth(at, sight) for at in range(most)}
        values = {self.name(name): self._value(name, sight) for name in self.rule.value_names()}
        return truths | values

    def evidence(self, table: ir.Table) -> Columns:
        """The bits of the conditions that are met and of those that are unknown, and whether a needed value lacks."""
        names = [name for name in self.truths_of(table)]
        weighted = [(table[name], whole(1 << at)) for at, name in enumerate(names)]
        nothing = whole(0)
        met = [ibis.cases((truth, weight), else_=nothing) for truth, weight in weighted]
        unknown = [ibis.cases((truth.isnull(), weight), else_=nothing) for truth, weight in weighted]
        return {
            self.name("met"): functools.reduce(operator.add, met, nothing),
            self.name("unknown"): functools.reduce(operator.add, unknown, nothing),
            self.name("lacks_value"): self._by_version(table, _essential, self._lack(table), ibis.literal(False)),
        }

    def truths_of(self, table: ir.Table) -> list[str]:
        """The columns of the conditions' truths, in their order."""
        return [name for name in table.columns if name.startswith(self.name("truth_"))]

    def possible(self, table: ir.Table) -> Columns:
        """The outcomes that the case can still reach, a bit each as in `possible_outcomes`, and what is asked."""
        evidence = self._evidence(table)

        def reached(flags: tuple[tuple[str, Flag], ...]) -> ir.IntegerValue:
            bits = (
                ibis.cases((evidence.is_set(flag), whole(1 << at)), else_=whole(0))
                for at, (_, flag) in enumerate(flags)
            )
            return functools.reduce(operator.add, bits)

        asks = {self.name(f"asks_{number}"): self._asks(table, number) for number in range(self._question_columns)}
        return {self.name("possible"): self._by_version(table, _flags, reached, whole(0)), **asks}

    def outcome(self, table: ir.Table) -> Columns:
        """The outcome: the only one possible, and a decision only where its needed values are known."""
        possible, lacks = table[self.name("possible")], table[self.name("lacks_value")]

        def said(terms: tuple[tuple[str, ...], tuple[str, ...]]) -> ir.StringValue:
            outcomes, in_need = terms
            branches = [
                ((possible == whole(1 << at)) & ~lacks if name in in_need else possible == whole(1 << at), name)
                for at, name in enumerate(outcomes)
            ]
            return ibis.cases(*branches, else_=NEEDS_FACTS)

        undated = ibis.cases((self.reading(table).isnull(), NEEDS_FACTS), else_=NOT_IN_FORCE)
        return {self.name("outcome"): self._by_version(table, _outcome_terms, said, undated)}

    def said(self, sight: Sight) -> Columns:
        """All that the rule says of a case, as one column."""
        table = sight.table
        outcome = table[self.name("outcome")]
        needs = outcome == NEEDS_FACTS
        return {
            self.name("said"): ibis.struct(
                {
                    "outcome": outcome,
                    "known_outcome": ibis.cases((~needs, outcome)),
                    **{name: self._given(name, table) for name in self.rule.value_names()},
                    "version": table[self.name("version")],
                    "met": table[self.name("met")],
                    "unknown": table[self.name("unknown")],
                    "ask_for": ibis.cases((needs, self._asked(sight))),
                }
            )
        }

    def reading(self, table: ir.Table) -> ir.DateValue:
        """The reading date of each case."""
        if self.scope.on is not None:
            return ibis.literal(self.scope.on, "date")
        return table[self.scope.read_at] if self.scope.read_at in table.columns else ibis.null("date")

    def _truth(self, at: int, sight: Sight) -> ir.BooleanValue:
        trees = {
            position: version.conditions()[at].core
            for position, version in self.parts.items()
            if at < len(version.conditions())
        }
        return self._of_trees(sight, trees, ibis.literal(False))

    def _value(self, name: str, sight: Sight) -> ir.Value:
        kind = _type_of(name)
        values = {position: _named(version, name) for position, version in self.parts.items()}
        trees = {position: value.core for position, value in values.items() if value is not None}
        return self._of_trees(sight, trees, ibis.null(kind)).cast(kind)

    def _of_trees(self, sight: Sight, trees: Mapping[int, core.Core], none: ir.Scalar) -> ir.Value:
        """What the expressions of the versions say, those that mean the same written once."""
        by_digest = {self.digests.of(tree): tree for tree in trees.values()}
        if len(by_digest) == 1 and len(trees) == 1 and self._always:
            (tree,) = by_digest.values()
            return expression(tree, sight)
        return self._by_position(
            sight.table,
            lambda position: self.digests.of(trees[position]) if position in trees else None,
            lambda digest: expression(by_digest[digest], sight) if digest is not None else none,
            none,
        )

    def _given(self, name: str, table: ir.Table) -> ir.Value:
        """A value where it is given: always, or with the version's own decisions."""
        column = table[self.name(name)]

        def given(decisions: tuple[str, ...] | None) -> ir.Value:
            if decisions is None:
                return column
            return ibis.cases((table[self.name("outcome")].isin(decisions), column))

        def when(position: int) -> tuple[str, ...] | None:
            value = _named(self.parts[position], name)
            return None if value is None or value.always else self.parts[position].decisions()

        return self._by_position(table, when, given, ibis.null(_type_of(name)))

    def _asks(self, table: ir.Table, number: int) -> ir.IntegerValue:
        """The questions that are put, a bit each: those whose places lie in one column of bits."""
        evidence, lacks = self._evidence(table), table[self.name("lacks_value")]

        def asks(questions: Questions) -> ir.IntegerValue:
            by_guard: dict[Flag, list[Asked]] = {}
            for asked in questions.for_conditions:
                if asked.place // _BITS == number:
                    by_guard.setdefault(asked.guard, []).append(asked)
            bits = [
                ibis.cases((evidence.is_set(guard), evidence.bits(some, number * _BITS)), else_=whole(0))
                for guard, some in by_guard.items()
            ]
            last = questions.for_values
            if last.facts and last.place // _BITS == number:
                open_ = lacks & evidence.is_set(last.guard)
                bits.append(ibis.cases((open_, whole(1 << last.place % _BITS)), else_=whole(0)))
            return functools.reduce(operator.add, bits, whole(0))

        return self._by_version(table, questions_of, asks, whole(0))

    def _asked(self, sight: Sight) -> ir.StringValue:
        """The facts that would settle the rule, comma separated."""
        asks = [sight.table[self.name(f"asks_{number}")] for number in range(self._question_columns)]
        first = {questions_of(version): version for version in reversed(self.parts.values())}

        def asked(questions: Questions) -> ir.StringValue:
            named = list(_named_facts(questions, asks, first[questions], sight))
            return ibis.literal(", ").join(named).nullif("") if named else ibis.null("string")

        return self._by_version(sight.table, questions_of, asked, ibis.literal(self.rule.read_at))

    @property
    def _question_columns(self) -> int:
        """How many columns of bits the questions of any version take."""
        return max((questions_of(version).for_values.place // _BITS + 1 for version in self.parts.values()), default=0)

    def _lack(self, table: ir.Table) -> Callable[[tuple[str, ...]], ir.BooleanValue]:
        def lack(essential: tuple[str, ...]) -> ir.BooleanValue:
            missing = (table[self.name(name)].isnull() for name in essential)
            return functools.reduce(operator.or_, missing, ibis.literal(False))

        return lack

    def _evidence(self, table: ir.Table) -> Evidence:
        return Evidence(table[self.name("met")], table[self.name("unknown")])

    @property
    def _always(self) -> bool:
        """Whether every case is read under the one version that can apply."""
        if len(self.parts) != 1 or not self.scope.dated:
            return False
        (version,) = self.parts.values()
        interval = version.interval
        return interval.first <= self.scope.first and self.scope.last <= (interval.last or LATEST)

    def _by_version(
        self, table: ir.Table, key: Callable[[RuleVersion], _T], make: Callable[[_T], ir.Value], none: ir.Value
    ) -> ir.Value:
        return self._by_position(table, lambda position: key(self.parts[position]), make, none)

    def _by_position(
        self, table: ir.Table, key: Callable[[int], _T], make: Callable[[_T], ir.Value], none: ir.Value
    ) -> ir.Value:
        """What `make` makes of each version's key, chosen by the case's version; equal keys are written once."""
        positions: dict[_T, list[int]] = {}
        for position in self.parts:
            positions.setdefault(key(position), []).append(position)
        if self._always:
            return make(*positions)
        version = table[self.name("version")]
        branches = [(version.isin(some), make(term)) for term, some in positions.items()]
        return ibis.cases(*branches, else_=none) if branches else none


def _position(position: int) -> ir.IntegerScalar:
    return ibis.literal(position, "int16")


def _type_of(value: str) -> str:
    return EXACT if value == AMOUNT else "date"


def _named(version: RuleVersion, name: str) -> NamedValue | None:
    return next((value for value in version.values if value.name == name), None)


def _essential(version: RuleVersion) -> tuple[str, ...]:
    return tuple(value.name for value in version.values if value.essential)


def _flags(version: RuleVersion) -> tuple[tuple[str, Flag], ...]:
    return tuple(possible_outcomes(version).items())


def _outcome_terms(version: RuleVersion) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The outcomes in the order of their bits, and those that need a value."""
    return tuple(possible_outcomes(version)), version.decisions() if _essential(version) else ()


def _is_missing(name: str, version: RuleVersion, sight: Sight) -> ir.BooleanValue | None:
    """Whether the case lacks a fact, another rule's result or a child table; none where no case does."""
    derived = next((node for node in version.derived() if node.name == name), None)
    if derived is not None:
        return expression(derived, sight).isnull()
    if name in version.tables():
        return None if name in sight.tables else ibis.literal(True)
    if name == sight.scope.read_at:
        return None  # a version applies only where the case has a reading date
    return sight.table[name].isnull() if name in sight.names else ibis.literal(True)


def _named_facts(
    questions: Questions, asks: Sequence[ir.IntegerValue], version: RuleVersion, sight: Sight
) -> Iterator[ir.StringValue]:
    """Each fact's name where it is missing and asked for, once, at the first question that asks."""
    before: dict[str, int] = {}
    for asked in (*questions.for_conditions, questions.for_values):
        for name in asked.facts:
            before[name] = before.get(name, 0) | 1 << asked.place
            missing = _is_missing(name, version, sight)
            if missing is not None:
                yield ibis.cases((_first_bit(asks, before[name], asked.place) & missing, name))


def _first_bit(asks: Sequence[ir.IntegerValue], bits: int, at: int) -> ir.BooleanValue:
    """Whether of these bits the one at the place is the only one that is set."""
    tests = []
    for number, column in enumerate(asks):
        mask, wanted = (some >> number * _BITS & _ALL_BITS for some in (bits, 1 << at))
        if mask:
            tests.append((column & whole(mask)) == whole(wanted))
    return functools.reduce(operator.and_, tests)
