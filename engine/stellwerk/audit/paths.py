"""What should hold in a case so that a version of a rule comes to each of the ends that it has?

In go a version and its rulebook. Out come its paths (its own decision, every exception, every row), each as wishes: a
fact, a membership or a comparison that should hold or fail. What other rules should say is wished of their conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.provision import RuleVersion
from stellwerk.law.rulebook import Rulebook

_DEEPEST = 3  # rules that read rules that read rules: further down a wish changes little


@dataclass(frozen=True)
class Wish:
    """A truth or a comparison that should hold, or fail, in the case or in the rows of a child table."""

    node: core.Core
    wanted: bool
    table: str


def paths(version: RuleVersion, rulebook: Rulebook) -> list[tuple[Wish, ...]]:
    """The ways through a version: to its decision, into each exception and all at once, to each row."""
    makers = _Wishes(rulebook, version.interval, 0)
    held = [wish for condition in version.when.conditions() for wish in makers.of(condition.core, True)]
    apart = [wish for exemption in version.unless for wish in makers.of(exemption.condition.core, False)]
    found = [tuple([*held, *apart])]
    for exemption in version.unless:
        found.append((*held, *apart, *makers.of(exemption.condition.core, True)))  # what comes last prevails
    if len(version.unless) > 1:
        every = [wish for exemption in version.unless for wish in makers.of(exemption.condition.core, True)]
        found.append((*held, *every))
    for row in version.rows:
        found.append((*held, *apart, *makers.of(row.condition.core, True)))
    return found


def wishes_of_rows(node: core.Aggregated, version: RuleVersion, rulebook: Rulebook) -> list[Wish]:
    """What should hold of the rows of a child table so that an aggregate counts them."""
    return list(_Wishes(rulebook, version.interval, _DEEPEST).of(node.condition, True, node.table))


def versions_beside(version: RuleVersion, rulebook: Rulebook, depth: int = 0) -> Iterator[RuleVersion]:
    """The versions of other rules whose results a version reads, and of those that these read."""
    if depth < _DEEPEST:
        for node in version.derived():
            other = _version_during(node.rule, version.interval, rulebook)
            if other is not None:
                yield other
                yield from versions_beside(other, rulebook, depth + 1)


def _version_during(rule: str, interval: Interval, rulebook: Rulebook) -> RuleVersion | None:
    """The newest version of a rule that is in force on a day of the interval."""
    found = rulebook.rules[rule].versions if rule in rulebook.rules else ()
    return next((version for version in reversed(found) if version.interval.overlaps(interval)), None)


@dataclass(frozen=True)
class _Wishes:
    """Takes a wish apart into wishes of single facts and comparisons."""

    rulebook: Rulebook
    interval: Interval
    depth: int

    def of(self, node: core.Core, wanted: bool, table: str = "") -> Iterator[Wish]:
        match node:
            case core.Negated(item=item):
                yield from self.of(item, not wanted, table)
            case core.AllOf(items=items) | core.AnyOf(items=items):
                every = isinstance(node, core.AllOf) == wanted
                for item in items if every else items[:1]:
                    yield from self.of(item, wanted, table)
            case core.Chosen(condition=condition, then=then):
                yield from (*self.of(condition, True, table), *self.of(then, wanted, table))
            case core.Aggregated(kind="any" | "all", condition=condition, table=inner):
                yield from self.of(condition, wanted, inner)
            case core.AtLeast(terms=terms):
                for condition, _ in terms:
                    yield from self.of(condition, wanted, table)
            case core.Compared(operator="==" | "!=", left=core.Derived() as derived, right=core.Constant(value=value)):
                yield from self._said(derived, (value,), wanted == (node.operator == "=="))
            case core.OneOf(value=core.Derived() as derived, options=options):
                yield from self._said(derived, options, wanted)
            case core.Fact() | core.RowFact() | core.Compared() | core.OneOf() | core.Listed():
                yield Wish(node, wanted, table)

    def _said(self, derived: core.Derived, options: tuple[object, ...], wanted: bool) -> Iterator[Wish]:
        """What should hold so that another rule says one of some outcomes, or none of them."""
        version = _version_during(derived.rule, self.interval, self.rulebook)
        if derived.what != "outcome" or version is None or self.depth >= _DEEPEST:
            return
        deeper = _Wishes(self.rulebook, self.interval, self.depth + 1)
        decided = any(outcome in options for outcome in version.decisions()) == wanted
        for condition in version.when.conditions():
            yield from deeper.of(condition.core, decided)
        if decided:
            for exemption in version.unless:
                yield from deeper.of(exemption.condition.core, (exemption.outcome in options) == wanted)
            for row in version.rows:
                yield from deeper.of(row.condition.core, (row.outcome in options) == wanted)
