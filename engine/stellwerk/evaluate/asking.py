"""Which facts would settle a rule, as two-valued logic over the evidence bits of its conditions.

Goes in: a version. Comes out: the questions in the order in which they are put, each with the flag under which it is
put and the facts it asks for. `evidence.facts_to_ask` says the same case by case in plain Python; with flags a compiler
can put it into a query, so that a table of any size is asked in the same pass.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from stellwerk.evaluate.possible import ALWAYS, Every, Flag, Holds, Not, Open, group_flags
from stellwerk.law.provision import Condition, Group, RuleVersion


@dataclass(frozen=True)
class Asked:
    """Facts that are asked for where two flags are set: the guard, which questions about one group share, and its own.

    `place` numbers the questions of a version: one about a condition alone has that condition's position.
    """

    place: int
    guard: Flag
    own: Flag
    facts: tuple[str, ...]

    @cached_property
    def flag(self) -> Flag:
        """Whether the question is put."""
        return Every((self.guard, self.own))


@dataclass(frozen=True)
class Questions:
    """What a version asks: for its conditions, and, where a date or amount lacks that it needs, for what that reads."""

    for_conditions: tuple[Asked, ...]
    for_values: Asked


def questions_of(version: RuleVersion) -> Questions:
    """The questions of a version in the order in which they are put; a settled group asks for nothing."""
    positions = {id(condition): position for position, condition in enumerate(version.conditions())}
    _, can_apply = group_flags(version.when, positions)
    places = itertools.count(len(positions))
    return Questions(
        for_conditions=(
            *_open_conditions(version.when, positions, ()),
            *_open_rows(version, positions, can_apply),
            *_open_exceptions(version, positions, can_apply, places),
        ),
        for_values=Asked(next(places), can_apply, ALWAYS, version.essential_facts()),
    )


def _open_conditions(item: Condition | Group, positions: Mapping[int, int], above: tuple[Flag, ...]) -> Iterator[Asked]:
    """The unknown conditions of unknown groups."""
    if isinstance(item, Condition):
        place = positions[id(item)]
        yield Asked(place, Every(above), Open(place), item.facts)
        return
    sure, can_hold = group_flags(item, positions)
    for child in item.items:
        yield from _open_conditions(child, positions, (*above, can_hold, Not(sure)))


def _open_rows(version: RuleVersion, positions: Mapping[int, int], can_apply: Flag) -> Iterator[Asked]:
    """The unknown rows that can still decide: under `first` none behind the first that holds."""
    if version.policy == "none":
        return
    at = [positions[id(row.condition)] for row in version.rows]
    for number, row in enumerate(version.rows):
        earlier = tuple(Not(Holds(before)) for before in at[:number]) if version.policy == "first" else ()
        flag = Every((*earlier, Open(at[number]))) if earlier else Open(at[number])
        yield Asked(at[number], can_apply, flag, row.condition.facts)


def _open_exceptions(
    version: RuleVersion, positions: Mapping[int, int], can_apply: Flag, places: Iterator[int]
) -> Iterator[Asked]:
    """The unknown exceptions that nothing silences, and the unknown ones that may silence one that holds."""
    at = [positions[id(exemption.condition)] for exemption in version.unless]
    for exemption, place in zip(version.unless, at, strict=True):
        free = tuple(Not(Holds(at[other])) for other in exemption.overridden_by)
        flag = Every((*free, Open(place))) if free else Open(place)
        yield Asked(place, can_apply, flag, exemption.condition.facts)
        for other in exemption.overridden_by:
            silencer = version.unless[other].condition
            yield Asked(next(places), can_apply, Every((*free, Holds(place), Open(at[other]))), silencer.facts)
