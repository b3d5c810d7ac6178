"""The reference interpreter: what a rule means for one case, in plain Python.

A case is a mapping from attribute to value, None or absent for unknown. Unknown is carried by Kleene's logic; an
outcome is given only where every way the unknown facts may fall leads to it. Every other engine must agree with this
one on outcome, dates and evidence.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stellwerk.evaluate.evidence import (
    CONFLICT,
    NEEDS_FACTS,
    NOT_IN_FORCE,
    ConditionEvidence,
    Determination,
    ExceptionEvidence,
    Read,
    all_of,
    any_of,
    facts_to_ask,
)
from stellwerk.law import core
from stellwerk.law.calendar import Period, add, completed_years, subtract
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.rules import Condition, Group, RuleVersion
from stellwerk.law.types import Value

Case = Mapping[str, Value | None]

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
}


def determine(rulebook: Rulebook, rule_id: str, case: Case, on: dt.date | None = None) -> Determination:
    """What the rule says of the case, read at the case's own date or, where `on` is given, as if that were it."""
    rule = rulebook.rule(rule_id)
    reading_date = on if on is not None else case.get(rule.read_at)
    if reading_date is None:
        return Determination(rule_id, NEEDS_FACTS, None, None, ask_for=(rule.read_at,))
    assert isinstance(reading_date, dt.date)
    version = rule.on(reading_date)
    if version is None:
        return Determination(rule_id, NOT_IN_FORCE, reading_date, None)
    return _Reading(rulebook, version, {**case, rule.read_at: reading_date}, reading_date).determination()


@dataclass(frozen=True)
class _Reading:
    """One version read for one case on one day."""

    rulebook: Rulebook
    version: RuleVersion
    case: Case
    day: dt.date

    def determination(self) -> Determination:
        version = self.version
        conditions = tuple(self._evidence(condition) for condition in version.when.conditions())
        truths = {id(evidence.condition): evidence.truth for evidence in conditions}
        holds = _group_truth(version.when, truths)
        exceptions = self._exceptions()
        outcome = _only(_possible_outcomes(version, holds, exceptions))
        every = (*conditions, *(exception.held for exception in exceptions))
        met = sum(1 << position for position, evidence in enumerate(every) if evidence.truth is True)
        unknown = sum(1 << position for position, evidence in enumerate(every) if evidence.truth is None)
        missing = [fact for fact in version.facts() if self.case.get(fact) is None]
        return Determination(
            rule=version.rule,
            outcome=outcome,
            reading_date=self.day,
            version=version,
            until=self._until(outcome),
            conditions=conditions,
            exceptions=exceptions,
            ask_for=facts_to_ask(version, met, unknown, missing) if outcome == NEEDS_FACTS else (),
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

    def _until(self, outcome: str) -> dt.date | None:
        if self.version.until is None or outcome != self.version.decide:
            return None
        value = self._value(self.version.until)
        assert value is None or isinstance(value, dt.date)
        return value

    def _evidence(self, condition: Condition) -> ConditionEvidence:
        truth = self._value(condition.core)
        assert truth is None or isinstance(truth, bool)
        reads = [self._read(node) for node in core.nodes(condition.core)]
        return ConditionEvidence(condition, truth, tuple(dict.fromkeys(read for read in reads if read is not None)))

    def _read(self, node: core.Core) -> Read | None:
        match node:
            case core.Fact(name=name):
                return Read("fact", name, self.case.get(name))
            case core.ParameterValue(id=name):
                dated = self.rulebook.parameters[name].on(self.day)
                assert dated is not None  # linking refuses a version that reads a parameter without a value
                return Read("parameter", name, dated.value, dated.interval, dated.evidence, dated.basis, dated.reform)
            case core.Listed(code=code, listing=name):
                return self._listing_read(self._value(code), name)
            case _:
                return None

    def _listing_read(self, code: Value | None, name: str) -> Read:
        entry = self.rulebook.listings[name].entry(code, self.day) if isinstance(code, str) else None
        if entry is None:
            return Read("listing", name, None)
        return Read("listing", name, entry.code, entry.interval, entry.evidence, entry.source, entry.reform)

    def _value(self, node: core.Core) -> Value | None:
        match node:
            case core.Constant(value=value):
                return value
            case core.Fact(name=name):
                return self.case.get(name)
            case core.ParameterValue(id=name):
                dated = self.rulebook.parameters[name].on(self.day)
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

    def _chosen(self, node: core.Chosen) -> Value | None:
        condition = self._value(node.condition)
        then, otherwise = self._value(node.then), self._value(node.otherwise)
        if condition is None:
            return then if then == otherwise else None
        return then if condition else otherwise

    def _strict(self, node: core.Core) -> Value | None:
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
                return str(operands[0]) in self.rulebook.listings[name].codes_on(self.day)
            case core.Shifted(sign=sign):
                return _shifted(operands[0], operands[1], sign)
            case core.DaysBetween():
                return _days_between(operands[0], operands[1])
            case core.Sum(operator=name):
                return _sum(name, operands[0], operands[1])
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
    version: RuleVersion, holds: bool | None, exceptions: Sequence[ExceptionEvidence]
) -> frozenset[str]:
    """Every outcome that some way of settling the unknown conditions leads to."""
    possible: set[str] = set()
    if holds is not False:
        possible |= _possible_where_conditions_hold(version.decide, exceptions)
    if holds is not True:
        possible.add(version.otherwise)
    return frozenset(possible)


def _possible_where_conditions_hold(decide: str, exceptions: Sequence[ExceptionEvidence]) -> set[str]:
    certain = {exception.outcome for exception in exceptions if exception.takes_effect is True}
    perhaps = {exception.outcome for exception in exceptions if exception.takes_effect is None} - certain
    if len(certain) > 1:
        return {CONFLICT}
    if len(certain) == 1:
        return certain | ({CONFLICT} if perhaps else set())
    return {decide} | perhaps | ({CONFLICT} if len(perhaps) > 1 else set())


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


def _sum(name: str, left: Any, right: Any) -> Value:
    result: Value = left + right if name == "+" else left - right
    return result
