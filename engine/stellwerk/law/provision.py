"""A provision as the engines read it: linked, typed, one version an interval.

Every kind of rule (criteria, points, window, deadline, quantity, stage, table) becomes the same few parts: conditions
that must hold, exceptions, rows of which some hold, and named values that are computed. `kinds.py` says how.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from stellwerk.errors import Place
from stellwerk.law import core
from stellwerk.law.dated import Interval

UNTIL, UNTIL_EXCLUDED, AMOUNT = "until", "until_event_day_excluded", "amount"
VALUE_NAMES = (UNTIL, UNTIL_EXCLUDED, AMOUNT)
Policy = Literal["none", "first", "unique", "any", "collect"]


@dataclass(frozen=True)
class Condition:
    """One line of a rule that can be met, failed or unknown on its own."""

    text: str
    core: core.Core
    place: Place

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """What it reads of the case, in order of appearance."""
        return tuple(dict.fromkeys(core.reads(self.core)))


@dataclass(frozen=True)
class Group:
    """Conditions of which all, or at least one, must hold."""

    kind: Literal["all", "any"]
    items: tuple[Condition | Group, ...]

    def conditions(self) -> Iterator[Condition]:
        """Its conditions in reading order."""
        for item in self.items:
            if isinstance(item, Condition):
                yield item
            else:
                yield from item.conditions()


@dataclass(frozen=True)
class Exemption:
    """An exception: where it holds and none that overrides it does, its own outcome takes effect."""

    key: str
    condition: Condition
    outcome: str
    basis: str
    overridden_by: tuple[int, ...]  # positions of the exceptions that silence this one
    from_rule: str = ""  # the rule that overrides this one, where that is what the exception says


@dataclass(frozen=True)
class Row:
    """One line of a decision table, one stage of a procedure, or one feature that earns points."""

    key: str
    condition: Condition
    outcome: str
    basis: str


@dataclass(frozen=True)
class NamedValue:
    """A date or amount that a version computes; given for its own decisions, or whenever it is in force.

    Of a deadline, a window or a quantity it is the point of the rule: without it facts are missing (`essential`).
    """

    name: str
    core: core.Core
    always: bool
    essential: bool = False


@dataclass(frozen=True)
class RuleVersion:
    """One provision in one interval, ready to be evaluated."""

    rule: str
    kind: str
    interval: Interval
    subject: str
    label_de: str
    label_en: str
    basis: str
    evidence: str
    read_at: str
    when: Group
    unless: tuple[Exemption, ...]
    rows: tuple[Row, ...]
    policy: Policy  # none: the rows are shown as evidence and decide nothing themselves
    decide: str
    otherwise: str
    values: tuple[NamedValue, ...]
    unit: str
    verified_until: dt.date | None
    known_from: dt.date | None
    overrides: tuple[str, ...]  # rules that this one silences
    note: str
    place: Place
    reform: str = ""

    def essential_facts(self) -> tuple[str, ...]:
        """What the values read without which the rule says nothing."""
        found = (name for value in self.values if value.essential for name in core.reads(value.core))
        return tuple(dict.fromkeys(found))

    def conditions(self) -> tuple[Condition, ...]:
        """All conditions in the order of their evidence bits: `when`, then the exceptions, then the rows."""
        exceptions = (exemption.condition for exemption in self.unless)
        return (*self.when.conditions(), *exceptions, *(row.condition for row in self.rows))

    def decisions(self) -> tuple[str, ...]:
        """The outcomes that the version reaches by its own terms, not by an exception or by failing."""
        if self.policy in ("none", "collect"):
            return (self.decide,)
        return tuple(dict.fromkeys(row.outcome for row in self.rows))

    def outcomes(self) -> tuple[str, ...]:
        """Every outcome that the version names, without those the engine says itself."""
        exceptions = (exemption.outcome for exemption in self.unless)
        return tuple(dict.fromkeys([*self.decisions(), self.otherwise, *exceptions]))

    def cores(self) -> Iterator[core.Core]:
        """Every expression of the version."""
        for condition in self.conditions():
            yield condition.core
        for value in self.values:
            yield value.core

    def facts(self) -> tuple[str, ...]:
        """Every attribute of the subject that the version reads, its reading date first."""
        return self._reads.facts

    def aggregates(self) -> tuple[core.Aggregated, ...]:
        """Everything the version says of child tables, each once."""
        return self._reads.aggregates

    def tables(self) -> tuple[str, ...]:
        """Every child table the version reads."""
        return tuple(dict.fromkeys(node.table for node in self._reads.aggregates))

    def derived(self) -> tuple[core.Derived, ...]:
        """Every result of another rule that the version reads."""
        return self._reads.derived

    def parameters(self) -> tuple[str, ...]:
        """Every parameter the version reads."""
        return self._reads.parameters

    def listings(self) -> tuple[str, ...]:
        """Every listing the version reads."""
        return self._reads.listings

    def calendars(self) -> tuple[str, ...]:
        """Every calendar of working days the version reads."""
        return self._reads.calendars

    @cached_property
    def digest(self) -> bytes:
        """A digest of what it means; words, citations and places in files do not count."""
        positions = {id(condition): position for position, condition in enumerate(self.conditions())}
        terms: list[bytes | str] = [
            _written(self.when, positions),
            *(core.digest_of(condition.core) for condition in self.conditions()),
            *(f"{item.outcome} {item.overridden_by}" for item in self.unless),
            *(row.outcome for row in self.rows),
            *(core.digest([value.name, f"{value.always} {value.essential}"]) for value in self.values),
            *(core.digest_of(value.core) for value in self.values),
        ]
        head = (
            self.interval,
            self.read_at,
            self.subject,
            self.policy,
            self.decide,
            self.otherwise,
            self.verified_until,
        )
        return core.digest([*map(repr, head), *terms])

    @cached_property
    def _reads(self) -> _Reads:
        every = [node for tree in self.cores() for node in core.nodes(tree)]
        facts = dict.fromkeys([self.read_at, *(node.name for node in every if isinstance(node, core.Fact))])
        return _Reads(
            facts=tuple(facts),
            aggregates=tuple(dict.fromkeys(node for node in every if isinstance(node, core.Aggregated))),
            derived=tuple(dict.fromkeys(node for node in every if isinstance(node, core.Derived))),
            parameters=tuple(dict.fromkeys(node.id for node in every if isinstance(node, core.ParameterValue))),
            listings=tuple(dict.fromkeys(node.listing for node in every if isinstance(node, core.Listed))),
            calendars=tuple(dict.fromkeys(node.calendar for node in every if isinstance(node, core.Shift))),
        )


@dataclass(frozen=True)
class _Reads:
    """What a version reads, found once."""

    facts: tuple[str, ...]
    aggregates: tuple[core.Aggregated, ...]
    derived: tuple[core.Derived, ...]
    parameters: tuple[str, ...]
    listings: tuple[str, ...]
    calendars: tuple[str, ...]


def _written(item: Condition | Group, positions: Mapping[int, int]) -> str:
    """A group as its kind and the positions of its conditions."""
    if isinstance(item, Condition):
        return str(positions[id(item)])
    return f"{item.kind}({','.join(_written(child, positions) for child in item.items)})"


@dataclass(frozen=True)
class Rule:
    """A provision through time: its versions, oldest first."""

    id: str
    versions: tuple[RuleVersion, ...]

    @property
    def subject(self) -> str:
        """What it speaks of; the same in all versions."""
        return self.versions[0].subject

    @property
    def read_at(self) -> str:
        """The date whose law applies; the same in all versions."""
        return self.versions[0].read_at

    def value_names(self) -> tuple[str, ...]:
        """The values that some version computes, in a fixed order."""
        found = {value.name for version in self.versions for value in version.values}
        return tuple(name for name in VALUE_NAMES if name in found)

    @cached_property
    def gives_whole_amounts(self) -> bool:
        """Whether every amount it can give is a whole number."""
        amounts = [value for version in self.versions for value in version.values if value.name == AMOUNT]
        return bool(amounts) and all(value.core.type.kind == "integer" for value in amounts)

    def on(self, day: dt.date) -> RuleVersion | None:
        """The version in force on a day, or None."""
        return next((version for version in self.versions if day in version.interval), None)


@dataclass(frozen=True)
class Citation:
    """What a citation id stands for."""

    id: str
    label_de: str
    label_en: str
    source: str
