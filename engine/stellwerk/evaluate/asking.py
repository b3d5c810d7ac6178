"""Which facts would settle a rule, as two-valued logic over the evidence bits of its conditions.

Goes in: a version. Comes out: the questions in the order in which they are put, each with the flag under which it is
put and the facts it asks for. `evidence.facts_to_ask` says the same case by case in plain Python; with flags a compiler
can put it into a query, so that a table of any size is asked in the same pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stellwerk.evaluate.possible import ALWAYS, Every, Flag, Holds, Not, Open, Some, group_flags
from stellwerk.law.provision import Condition, Group, RuleVersion


@dataclass(frozen=True)
class Asked:
    """Facts that are asked for where the flag is set."""

    flag: Flag
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Questions:
    """What a version asks: for its conditions, and, where a date or amount lacks that it needs, for what that reads."""

    for_conditions: tuple[Asked, ...]
    for_values: Asked


def questions_of(version: RuleVersion) -> Questions:
    """The questions of a version in reading order; a settled group asks for nothing."""
    positions = {id(condition): position for position, condition in enumerate(version.conditions())}
    _, can_apply = group_flags(version.when, positions)
    behind = (*_open_rows(version, positions), *_open_exceptions(version, positions))
    return Questions(
        for_conditions=(
            *_open_conditions(version.when, positions, ALWAYS),
            *(Asked(Every((can_apply, asked.flag)), asked.facts) for asked in behind if asked.facts),
        ),
        for_values=Asked(can_apply, version.essential_facts()),
    )


def _open_conditions(item: Condition | Group, positions: Mapping[int, int], above: Flag) -> Iterator[Asked]:
    """The unknown conditions of unknown groups."""
    if isinstance(item, Condition):
        yield Asked(Every((above, Open(positions[id(item)]))), item.facts)
        return
    sure, can_hold = group_flags(item, positions)
    unknown = Every((above, can_hold, Not(sure)))
    for child in item.items:
        yield from _open_conditions(child, positions, unknown)


def _open_rows(version: RuleVersion, positions: Mapping[int, int]) -> Iterator[Asked]:
    """The unknown rows that can still decide: under `first` none behind the first that holds."""
    if version.policy == "none":
        return
    at = [positions[id(row.condition)] for row in version.rows]
    for number, row in enumerate(version.rows):
        earlier = tuple(Not(Holds(before)) for before in at[:number]) if version.policy == "first" else ()
        yield Asked(Every((*earlier, Open(at[number]))), row.condition.facts)


def _open_exceptions(version: RuleVersion, positions: Mapping[int, int]) -> Iterator[Asked]:
    """The unknown exceptions that nothing silences, and the unknown ones that may silence one that holds."""
    at = [positions[id(exemption.condition)] for exemption in version.unless]
    for exemption, position in zip(version.unless, at, strict=True):
        free = Not(Some(tuple(Holds(at[other]) for other in exemption.overridden_by)))
        yield Asked(Every((free, Open(position))), exemption.condition.facts)
        for other in exemption.overridden_by:
            yield Asked(Every((free, Holds(position), Open(at[other]))), version.unless[other].condition.facts)
