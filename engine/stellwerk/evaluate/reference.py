"""The reference interpreter: what a rule means for one case, in plain Python.

A case is a mapping from attribute to value, None or absent for unknown; a child table is a list of such mappings.
Unknown is carried by Kleene's logic; an
outcome is given only where every way the unknown facts may fall leads to it. Every other engine must agree with this
one on outcome, dates and evidence.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from stellwerk.evaluate.evidence import (
    CONFLICT,
    NEEDS_FACTS,
    NOT_IN_FORCE,
    ConditionEvidence,
    Determination,
    ExceptionEvidence,
    Read,
    RowEvidence,
    all_of,
    any_of,
    facts_to_ask,
)
from stellwerk.law import core
from stellwerk.law.calendar import Counting, Period, add, completed_years, last_day, next_working_day, subtract
from stellwerk.law.provision import Condition, Group, Row, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import INTEGER, Type, Value

Cell = Value | None
Case = Mapping[str, Cell | Sequence[Mapping[str, Cell]]]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "completed_years": completed_years,
    "days": lambda number: Period(days=number),
    "months": lambda number: Period(months=number),
    "last_day": lambda start, period: last_day(start, period, Counting.FIRST_DAY_COUNTS),
    "earliest": min,
    "latest": max,
    "smaller": min,
    "larger": max,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def determine(rulebook: Rulebook, rule_id: str, case: Case, on: dt.date | None = None) -> Determination:
    """What the rule says of the case, read at the case's own date or, where `on` is given, as if that were it."""
    return CaseReading(rulebook, case, on).determination(rule_id)


class CaseReading:
    """One case under one rulebook; each rule is read once, also where others read its result."""

    def __init__(self, rulebook: Rulebook, case: Case, on: dt.date | None = None) -> None:
        self.rulebook = rulebook
        self.case = case
        self.on = on
        self._found: dict[str, Determination] = {}

    def determination(self, rule_id: str) -> Determination:
        """What the rule says of the case."""
        if rule_id not in self._found:
            self._found[rule_id] = self._determine(rule_id)
        return self._found[rule_id]

    def _determine(self, rule_id: str) -> Determination:
        if rule_id in self.rulebook.without_version:
            return Determination(rule_id, NOT_IN_FORCE, None, None)
        rule = self.rulebook.rule(rule_id)
        reading_date = self.on if self.on is not None else self.case.get(rule.read_at)
        if reading_date is None:
            return Determination(rule_id, NEEDS_FACTS, None, None, ask_for=(rule.read_at,))
        assert isinstance(reading_date, dt.date)
        version = rule.on(reading_date)
        if version is None:
            return Determination(rule_id, NOT_IN_FORCE, reading_date, None)
        facts = {**self.case, rule.read_at: reading_date}
        return _Reading(self, version, facts, reading_date).determination()


@dataclass(frozen=True)
class _Reading:
    """One version read for one case on one day; `row` is the row of a child table being looked at."""

    of_case: CaseReading
    version: RuleVersion
    case: Case
    day: dt.date
    row: Mapping[str, Cell] = field(default_factory=dict)

    def determination(self) -> Determination:
        version = self.version
        conditions = tuple(self._evidence(condition) for condition in version.when.conditions())
        truths = {id(evidence.condition): evidence.truth for evidence in conditions}
        holds = _group_truth(version.when, truths)
        exceptions = self._exceptions()
        rows = tuple(RowEvidence(self._evidence(row.condition), row) for row in version.rows)
        outcome = _only(_possible_outcomes(version, holds, exceptions, [row.held.truth for row in rows]))
        lacks_value = any(self._value(value.core) is None for value in version.values if value.essential)
        if outcome in version.decisions() and lacks_value:
            outcome = NEEDS_FACTS
        every = (*conditions, *(exception.held for exception in exceptions), *(row.held for row in rows))
        met = sum(1 << position for position, evidence in enumerate(every) if evidence.truth is True)
        unknown = sum(1 << position for position, evidence in enumerate(every) if evidence.truth is None)
        read = [name for condition in version.conditions() for name in condition.facts]
        missing = [name for name in dict.fromkeys([*read, *version.essential_facts()]) if self._is_missing(name)]
        return Determination(
            rule=version.rule,
            outcome=outcome,
            reading_date=self.day,
            version=version,
            values=self._values(outcome),
            conditions=conditions,
            exceptions=exceptions,
            rows=rows,
            ask_for=facts_to_ask(version, met, unknown, missing, lacks_value) if outcome == NEEDS_FACTS else (),
            met=met,
            unknown=unknown,
            stale=version.verified_until is not None and self.day > version.verified_until,
        )

    def _exceptions(self) -> tuple[ExceptionEvidence, ...]:
        held = [self._evidence(exemption.condition) for exemption in self.version.unless]
        found = []
        for exemption, evidence in zip(self.version.unless, held, strict=True):
            silenced = any_of([held[other].truth for other in exemption.overridden_by])
            effect = all_of([evidence.truth, None if silenced is None else not silenced])
            found.append(ExceptionEvidence(evidence, exemption.outcome, exemption.basis, effect))
        return tuple(found)

    def _values(self, outcome: str) -> dict[str, Cell]:
        decided = outcome in self.version.decisions()
        return {value.name: self._value(value.core) for value in self.version.values if value.always or decided}

    def _is_missing(self, name: str) -> bool:
        derived = next((node for node in self.version.derived() if node.name == name), None)
        return self._value(derived) is None if derived else self.case.get(name) is None

    def _evidence(self, condition: Condition) -> ConditionEvidence:
        truth = self._value(condition.core)
        assert truth is None or isinstance(truth, bool)
        reads = [self._read(node) for node in core.nodes(condition.core)]
        return ConditionEvidence(condition, truth, tuple(dict.fromkeys(read for read in reads if read is not None)))

    def _read(self, node: core.Core) -> Read | None:
        match node:
            case core.Fact(name=name):
                return Read("fact", name, _cell(self.case.get(name)))
            case core.Aggregated(table=name):
                rows = self.case.get(name)
                return Read("table", name, len(rows) if isinstance(rows, Sequence) else None)
            case core.Derived():
                return Read("rule", node.name, self._value(node))
            case core.ParameterValue(id=name):
                dated = self.of_case.rulebook.parameters[name].on(self.day)
                assert dated is not None  # linking refuses a version that reads a parameter without a value
                return Read("parameter", name, dated.value, dated.interval, dated.evidence, dated.basis, dated.reform)
            case core.Listed(code=code, listing=name):
                return self._listing_read(self._value(code), name)
            case _:
                return None

    def _listing_read(self, code: Value | None, name: str) -> Read:
        entry = self.of_case.rulebook.listings[name].entry(code, self.day) if isinstance(code, str) else None
        if entry is None:
            return Read("listing", name, None)
        return Read("listing", name, entry.code, entry.interval, entry.evidence, entry.source, entry.reform)

    def _value(self, node: core.Core) -> Cell:
        match node:
            case core.Constant(value=value):
                return value
            case core.Nothing():
                return None
            case core.Fact(name=name):
                return _cell(self.case.get(name))
            case core.RowFact(name=name):
                return self.row.get(name)
            case core.Derived():
                return self._derived(node)
            case core.Aggregated():
                return self._aggregated(node)
            case core.AtLeast():
                return self._at_least(node)
            case core.ParameterValue(id=name):
                dated = self.of_case.rulebook.parameters[name].on(self.day)
                return dated.value if dated else None
            case core.AllOf(items=items):
                return all_of(self._truths(items))
            case core.AnyOf(items=items):
                return any_of(self._truths(items))
            case core.Chosen():
                return self._chosen(node)
            case _:
                return self._strict(node)

    def _truths(self, items: Sequence[core.Core]) -> list[bool | None]:
        return [None if value is None else bool(value) for value in map(self._value, items)]

    def _chosen(self, node: core.Chosen) -> Cell:
        condition = self._value(node.condition)
        then, otherwise = self._value(node.then), self._value(node.otherwise)
        if condition is None:
            return then if node.agrees and then == otherwise else None
        return then if condition else otherwise

    def _derived(self, node: core.Derived) -> Cell:
        found = self.of_case.determination(node.rule)
        if node.what == "outcome":
            return None if found.outcome == NEEDS_FACTS else found.outcome
        return found.until if node.what == "until" else found.amount

    def _aggregated(self, node: core.Aggregated) -> Cell:
        rows = self.case.get(node.table)
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            return None
        readings = [replace(self, row=row) for row in rows if isinstance(row, Mapping)]
        truths = [_truth(reading._value(node.condition)) for reading in readings]
        if node.kind in ("any", "all"):
            return any_of(truths) if node.kind == "any" else all_of(truths)
        if None in truths:
            return None
        held = [reading for reading, truth in zip(readings, truths, strict=True) if truth]
        if node.value is None:
            return len(held)
        values = [reading._value(node.value) for reading in held]
        if any(value is None for value in values):
            return None
        return _summary(node.kind, values, node.type)

    def _at_least(self, node: core.AtLeast) -> bool | None:
        lowest = highest = 0
        for condition, points in node.terms:
            worth, truth = self._value(points), self._value(condition)
            assert isinstance(worth, int)
            lowest += min(worth, 0) if truth is None else worth if truth else 0
            highest += max(worth, 0) if truth is None else worth if truth else 0
        minimum = self._value(node.minimum)
        if not isinstance(minimum, int) or lowest < minimum <= highest:
            return None
        return lowest >= minimum

    def _strict(self, node: core.Core) -> Cell:
        """Operations that are unknown as soon as one operand is."""
        operands = [self._value(child) for child in core.children(node)]
        if any(operand is None for operand in operands):
            return None
        match node:
            case core.Negated():
                return not operands[0]
            case core.Compared(operator=name, left=left):
                return _COMPARISONS[name](*(_sortable(operand, left) for operand in operands))
            case core.OneOf(options=options):
                return operands[0] in options
            case core.Listed(listing=name):
                return str(operands[0]) in self.of_case.rulebook.listings[name].codes_on(self.day)
            case core.Shifted(sign=sign):
                return _shifted(operands[0], operands[1], sign)
            case core.DaysBetween():
                return _days_between(operands[0], operands[1])
            case core.Sum(operator=name):
                result: Value = _ARITHMETIC[name](operands[0], operands[1])
                return result
            case core.Shift(calendar=name):
                assert isinstance(operands[0], dt.date)
                return next_working_day(operands[0], self.of_case.rulebook.calendars[name])
            case core.Applied(function=name):
                return _FUNCTIONS[name](*operands)
            case _:
                raise AssertionError(node)


def _group_truth(item: Condition | Group, truths: Mapping[int, bool | None]) -> bool | None:
    if isinstance(item, Condition):
        return truths[id(item)]
    found = [_group_truth(child, truths) for child in item.items]
    return all_of(found) if item.kind == "all" else any_of(found)


def _possible_outcomes(
    version: RuleVersion,
    holds: bool | None,
    exceptions: Sequence[ExceptionEvidence],
    rows: Sequence[bool | None],
) -> frozenset[str]:
    """Every outcome that some way of settling the unknown conditions leads to."""
    possible: set[str] = set()
    if holds is not False:
        own = {version.decide} if version.policy == "none" else _possible_by_rows(version, rows)
        possible |= _possible_with_exceptions(own, exceptions)
    if holds is not True:
        possible.add(version.otherwise)
    return frozenset(possible)


def _possible_with_exceptions(own: set[str], exceptions: Sequence[ExceptionEvidence]) -> set[str]:
    certain = {exception.outcome for exception in exceptions if exception.takes_effect is True}
    perhaps = {exception.outcome for exception in exceptions if exception.takes_effect is None} - certain
    return _agreed(certain, perhaps, own)


def _possible_by_rows(version: RuleVersion, truths: Sequence[bool | None]) -> set[str]:
    """What the rows can decide by the hit policy."""
    pairs = list(zip(version.rows, truths, strict=True))
    if version.policy == "first":
        return _possible_by_first(pairs, version.otherwise)
    if version.policy == "collect":
        some = any_of(truths)
        return {version.decide} if some else {version.otherwise} if some is False else set(_both(version))
    if version.policy == "any":
        certain = {row.outcome for row, truth in pairs if truth is True}
        perhaps = {row.outcome for row, truth in pairs if truth is None} - certain
        return _agreed(certain, perhaps, {version.otherwise})
    hits = [row.outcome for row, truth in pairs if truth is True]
    others = [row.outcome for row, truth in pairs if truth is None]
    return _unique(hits, others, version.otherwise)


def _agreed(certain: set[str], perhaps: set[str], without: set[str]) -> set[str]:
    """Several voices: one outcome at most may be said; none said leaves `without`."""
    if len(certain) > 1:
        return {CONFLICT}
    if len(certain) == 1:
        return certain | ({CONFLICT} if perhaps else set())
    return without | perhaps | ({CONFLICT} if len(perhaps) > 1 else set())


def _unique(hits: list[str], others: list[str], otherwise: str) -> set[str]:
    """One row at most may hold, even where two would say the same."""
    if len(hits) > 1:
        return {CONFLICT}
    if hits:
        return {hits[0]} | ({CONFLICT} if others else set())
    return {otherwise, *others} | ({CONFLICT} if len(others) > 1 else set())


def _possible_by_first(pairs: Sequence[tuple[Row, bool | None]], otherwise: str) -> set[str]:
    possible: set[str] = set()
    for row, truth in pairs:
        if truth is not False:
            possible.add(row.outcome)
        if truth:
            return possible
    return possible | {otherwise}


def _both(version: RuleVersion) -> tuple[str, str]:
    return version.decide, version.otherwise


def _only(possible: frozenset[str]) -> str:
    return next(iter(possible)) if len(possible) == 1 else NEEDS_FACTS


def _sortable(value: Value | None, node: core.Core) -> object:
    if node.type.code_list is not None and node.type.code_list.ordered:
        return node.type.code_list.rank(str(value))
    return value


def _shifted(day: Value | None, period: Value | None, sign: int) -> dt.date:
    assert isinstance(day, dt.date) and isinstance(period, Period)
    return add(day, period) if sign > 0 else subtract(day, period)


def _days_between(later: Value | None, earlier: Value | None) -> int:
    assert isinstance(later, dt.date) and isinstance(earlier, dt.date)
    return (later - earlier).days


def _summary(kind: str, values: Sequence[Any], result: Type) -> Cell:
    if kind == "sum":
        nothing = 0 if result == INTEGER else Decimal(0)
        total: Value = sum(values, nothing)
        return total
    if not values:
        return None
    least: Value = min(values)
    most: Value = max(values)
    return least if kind == "min" else most


def _truth(value: Cell) -> bool | None:
    return None if value is None else bool(value)


def _cell(value: object) -> Cell:
    """A single value of the case; a child table is none."""
    return value if isinstance(value, bool | int | Decimal | dt.date | Period | str) else None
