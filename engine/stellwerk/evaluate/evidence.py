"""What a rulebook says of a subject, with the evidence: every condition, what it read, and what would settle it.

A `Determination` is a report on the facts given, never a decision on a person. The engine's own outcomes (facts are
missing, provisions conflict, not in force) are named here, once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from stellwerk.law.dated import Interval
from stellwerk.law.provision import AMOUNT, UNTIL, Condition, Group, Row, RuleVersion
from stellwerk.law.types import Value

NEEDS_FACTS = "needs_facts"
CONFLICT = "conflict"
NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True)
class Read:
    """One value that a condition read: a fact, a parameter's version or a listing's entry."""

    kind: str  # fact, parameter, listing, table (the value is its number of rows), rule
    name: str
    value: Value | None
    interval: Interval | None = None
    evidence: str = ""
    basis: str = ""
    reform: str = ""


@dataclass(frozen=True)
class ConditionEvidence:
    """A condition with its truth (None: unknown) and what it read."""

    condition: Condition
    truth: bool | None
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class ExceptionEvidence:
    """An exception: whether its condition holds and whether it takes effect."""

    held: ConditionEvidence
    outcome: str
    basis: str
    takes_effect: bool | None


@dataclass(frozen=True)
class RowEvidence:
    """A row of a table, a stage or a feature: whether its condition holds."""

    held: ConditionEvidence
    row: Row


@dataclass(frozen=True)
class Determination:
    """What a rule says of one subject."""

    rule: str
    outcome: str
    reading_date: dt.date | None
    version: RuleVersion | None
    values: Mapping[str, Value | None] = field(default_factory=dict)
    conditions: tuple[ConditionEvidence, ...] = ()
    exceptions: tuple[ExceptionEvidence, ...] = ()
    rows: tuple[RowEvidence, ...] = ()
    ask_for: tuple[str, ...] = ()
    met: int = 0
    unknown: int = 0
    stale: bool = False

    @property
    def until(self) -> dt.date | None:
        """The last day of what the rule gives, where it has one."""
        value = self.values.get(UNTIL)
        return value if isinstance(value, dt.date) else None

    def value(self, name: str) -> dt.date | Decimal | None:
        """A named value: a date, or a number exactly."""
        found = self.values.get(name)
        return found if isinstance(found, dt.date) else self.amount if name == AMOUNT else None

    @property
    def amount(self) -> Decimal | None:
        """The amount or number the rule gives, where it has one."""
        value = self.values.get(AMOUNT)
        return Decimal(value) if isinstance(value, int | Decimal) else None


def truth_from_bits(position: int, met: int, unknown: int) -> bool | None:
    """A condition's truth from the two evidence integers."""
    if unknown >> position & 1:
        return None
    return bool(met >> position & 1)


def facts_to_ask(
    version: RuleVersion, met: int, unknown: int, missing: Collection[str], lacks_value: bool
) -> tuple[str, ...]:
    """The missing facts that can still change an outcome, in reading order.

    Works from the evidence bits alone, so that every engine names the same facts. A fact is asked for where an
    unknown condition reads it and that condition can still matter: a settled group asks for nothing. Where an
    essential value is unknown (`lacks_value`), what it reads is asked for too.
    """
    conditions = version.conditions()
    truths = [truth_from_bits(position, met, unknown) for position in range(len(conditions))]
    positions = {id(condition): position for position, condition in enumerate(conditions)}
    asked: list[Condition] = list(_open_conditions(version.when, truths, positions))
    if _group_truth(version.when, truths, positions) is not False:
        first = len(conditions) - len(version.unless) - len(version.rows)
        asked += _open_rows(version, truths[first + len(version.unless) :])
        exceptions = truths[first : first + len(version.unless)]
        for exemption, truth in zip(version.unless, exceptions, strict=True):
            silenced = any(truths[first + other] for other in exemption.overridden_by)
            if truth is None and not silenced:
                asked.append(exemption.condition)
            elif truth and not silenced:
                asked += [
                    version.unless[other].condition
                    for other in exemption.overridden_by
                    if truths[first + other] is None
                ]
    read = [fact for condition in asked for fact in condition.facts]
    if lacks_value and _group_truth(version.when, truths, positions) is not False:
        read += version.essential_facts()
    return tuple(dict.fromkeys(fact for fact in read if fact in missing))


def _open_rows(version: RuleVersion, truths: Sequence[bool | None]) -> Iterator[Condition]:
    """The unknown rows that can still decide: under `first` none behind the first that holds."""
    if version.policy == "none":
        return
    for row, truth in zip(version.rows, truths, strict=True):
        if truth is None:
            yield row.condition
        elif truth and version.policy == "first":
            return


def all_of(truths: Collection[bool | None]) -> bool | None:
    """Kleene's conjunction."""
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True


def any_of(truths: Collection[bool | None]) -> bool | None:
    """Kleene's disjunction."""
    if any(truth is True for truth in truths):
        return True
    return None if any(truth is None for truth in truths) else False


def _group_truth(item: Condition | Group, truths: list[bool | None], positions: dict[int, int]) -> bool | None:
    if isinstance(item, Condition):
        return truths[positions[id(item)]]
    found = [_group_truth(child, truths, positions) for child in item.items]
    return all_of(found) if item.kind == "all" else any_of(found)


def _open_conditions(
    item: Condition | Group, truths: list[bool | None], positions: dict[int, int]
) -> Iterator[Condition]:
    if _group_truth(item, truths, positions) is not None:
        return
    if isinstance(item, Condition):
        yield item
        return
    for child in item.items:
        yield from _open_conditions(child, truths, positions)
