"""How do tests become rulesets that durable-rules can hold: small, flat, and named after what is in them?

In go productions (tests that must all hold, and what then follows). Out come strata: ruleset definitions as plain
dicts, each of at most 48 rules, the last of which marks that the run came to its end. The limits were measured:
a fact that reaches more than 64 rules fires nothing at all, and one with some 250 attributes is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stellwerk.evaluate.border import CannotCross
from stellwerk.evaluate.circuit import Comparison, Conjunction

Conclusion = tuple[str, int | str]
Facts = Mapping[str, int]
Definition = Mapping[str, Mapping[str, object]]

MOST_RULES = 48  # a ruleset, the one that marks the end included
MOST_ATTRIBUTES = 200  # a fact
DONE = "done"  # the rule that fires last, whatever else holds
PRESENT = "present"  # the attribute by which it knows that there is a fact
_PATTERNS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_LAST = 9  # durable-rules fires lower priorities first; the others have none, which is 0


@dataclass(frozen=True)
class Production:
    """What follows where all tests hold."""

    tests: Conjunction
    concludes: Conclusion


@dataclass(frozen=True)
class Stratum:
    """One ruleset: its name says what is in it, so that it is never registered twice."""

    name: str
    definition: Definition
    attributes: tuple[str, ...]
    concludes: Mapping[str, Conclusion]

    def facts(self, known: Facts) -> dict[str, int]:
        """The attributes that the ruleset tests, all of them and whole numbers: the engine compares text as text."""
        facts = {name: known[name] for name in self.attributes}
        if any(type(value) is not int for value in facts.values()):
            raise CannotCross
        return facts


def strata_of(productions: Sequence[Production]) -> tuple[Stratum, ...]:
    """The productions packed into rulesets, in their order."""
    return tuple(_stratum(packed) for packed in _packed(productions))


def _packed(productions: Sequence[Production]) -> Iterator[list[Production]]:
    packed: list[Production] = []
    attributes: set[str] = {PRESENT}
    for production in productions:
        needed = _attributes(production)
        if len(needed) >= MOST_ATTRIBUTES:
            raise CannotCross
        if len(packed) + 1 == MOST_RULES or len(attributes | needed) > MOST_ATTRIBUTES:
            yield packed
            packed, attributes = [], {PRESENT}
        packed.append(production)
        attributes |= needed
    if packed:
        yield packed


def _stratum(productions: Sequence[Production]) -> Stratum:
    rules = {f"r{n}": _rule(production) for n, production in enumerate(productions)}
    definition = {**rules, DONE: {"all": [{"m": {PRESENT: 1}}], "pri": _LAST}}
    attributes = {PRESENT}.union(*map(_attributes, productions))
    text = json.dumps(definition, sort_keys=True)
    return Stratum(
        name=f"stellwerk_{hashlib.sha256(text.encode()).hexdigest()}",
        definition=definition,
        attributes=tuple(sorted(attributes)),
        concludes={f"r{n}": production.concludes for n, production in enumerate(productions)},
    )


def _rule(production: Production) -> dict[str, object]:
    # Always a test that a fact alone can pass: after each action the engine asserts its own state again as a message.
    tests = [{PRESENT: 1}, *(_pattern(test) for test in production.tests)]
    return {"all": [{"m": {"$and": tests} if len(tests) > 1 else tests[0]}]}


def _pattern(test: Comparison) -> dict[str, object]:
    against = {"$m": test.against} if isinstance(test.against, str) else test.against
    if test.operator == "==":
        return {test.attribute: against}
    return {_PATTERNS[test.operator]: {test.attribute: against}}


def _attributes(production: Production) -> set[str]:
    tested = {test.attribute for test in production.tests}
    return tested | {test.against for test in production.tests if isinstance(test.against, str)}
