"""What must a fact be for a comparison of the law to stand right at its threshold?

In goes a comparison of the typed core. Out come the ways to bring its two sides together: one fact of the case, or of a
row of a child table, and the expression whose value it must take. Nothing is computed here: a way holds for every case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stellwerk.law import core
from stellwerk.law.calendar import MONTHS_PER_YEAR, Period
from stellwerk.law.provision import RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import DECIMAL, INTEGER, PERIOD

MEASURED = ("integer", "decimal", "date")  # the kinds of which one value is a smallest step beside another
_ONE_DAY = core.Constant(Period(days=1), PERIOD)
_MONTHS_OF_A_YEAR = core.Constant(MONTHS_PER_YEAR, INTEGER)


@dataclass(frozen=True)
class Spot:
    """An attribute of the case, or of a child table's rows."""

    table: str
    name: str


@dataclass(frozen=True)
class Way:
    """A fact that brings a comparison to its threshold, and the value it must take for that.

    `divisor`: the fact is the target divided by it. `total`: the fact belongs to rows of a child table, and what is
    said of all of them must come to the target. Where calendar months are counted back, or a number is divided, the
    way is not `exact`: the fact may lie a few steps beside. `rises` says whether the left side grows against the right
    one as the fact grows.
    """

    spot: Spot
    target: core.Core
    divisor: core.Core | None = None
    total: Total | None = None
    exact: bool = True
    rises: bool = True


@dataclass(frozen=True)
class Total:
    """A sum, least or greatest over the rows of a case, and whether it grows as the fact does."""

    node: core.Aggregated
    rises: bool


@dataclass(frozen=True)
class Aim:
    """A comparison of a version, the child table whose rows it is about, and the ways to bring it to its threshold."""

    compared: core.Compared
    table: str
    version: RuleVersion
    ways: tuple[Way, ...]


def aims(version: RuleVersion, rulebook: Rulebook) -> list[Aim]:
    """Every comparison of numbers and dates in a version that some fact can bring to its threshold."""
    found: dict[int, Aim] = {}
    for tree in version.cores():
        for node, table in _with_tables(tree):
            if isinstance(node, core.Compared) and node.left.type.kind in MEASURED and id(node) not in found:
                ways = tuple(ways_of(node, table, rulebook))
                found[id(node)] = Aim(node, table, version, _without_reading_date(ways, version))
    return [aim for aim in found.values() if aim.ways]


def _without_reading_date(ways: tuple[Way, ...], version: RuleVersion) -> tuple[Way, ...]:
    """The ways that leave the reading date, and so the version that is read, as it is; all where there is no other."""
    others = tuple(way for way in ways if way.spot != Spot("", version.read_at))
    return others or ways


def ways_of(compared: core.Compared, table: str, rulebook: Rulebook) -> Iterator[Way]:
    """The ways to make both sides equal, each by one fact that the other side does not read."""
    maker = _Ways(rulebook)
    ways = (*maker.of(compared.left, compared.right, table), *_falling(maker.of(compared.right, compared.left, table)))
    yield from filter(_can_be_computed, ways)


def _with_tables(tree: core.Core) -> Iterator[tuple[core.Core, str]]:
    """Every node with the child table whose rows it is read for; a part that is used twice comes once."""
    pending, seen = [(tree, "")], set[int]()
    while pending:
        node, table = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node, table
        inside = node.table if isinstance(node, core.Aggregated) else table
        pending += [(child, inside) for child in core.children(node)]


def _can_be_computed(way: Way) -> bool:
    """Whether the target can be read off the case, or off the same row, and does not hang on the fact itself."""
    by_case = way.total is not None or not way.spot.table
    read = list(_read_directly(way.target))
    if any(isinstance(node, core.Derived | core.Nothing) for node in read):
        return False
    if not by_case and any(isinstance(node, core.Aggregated) for node in read):
        return False
    rows = {node.name for node in read if isinstance(node, core.RowFact)}
    facts = {Spot("", node.name) for node in core.nodes(way.target) if isinstance(node, core.Fact)}
    return not (rows if by_case else rows & {way.spot.name}) and way.spot not in facts


def _read_directly(tree: core.Core) -> Iterator[core.Core]:
    """The nodes of an expression without those that are read row by row inside an aggregate."""
    yield tree
    if not isinstance(tree, core.Aggregated):
        for child in core.children(tree):
            yield from _read_directly(child)


@dataclass(frozen=True)
class _Ways:
    """Turns an expression round: what one of its facts must be for it to have a value."""

    rulebook: Rulebook

    def of(self, side: core.Core, target: core.Core, table: str) -> Iterator[Way]:
        match side:
            case core.Fact(name=name):
                yield Way(Spot("", name), target)
            case core.RowFact(name=name):
                yield Way(Spot(table, name), target)
            case core.Shifted(date=date, period=period, sign=sign):
                yield from _about(self.of(date, core.Shifted(target, period, -sign), table))
                yield from self._length(period, date, target, sign, table)
            case core.DaysBetween(later=later, earlier=earlier):
                length = core.Applied("days", (target,), PERIOD)
                yield from self.of(later, core.Shifted(earlier, length, 1), table)
                yield from _falling(self.of(earlier, core.Shifted(later, length, -1), table))
            case core.Sum(operator=operator):
                yield from self._sum(operator, side, target, table)
            case core.Shift(date=date):
                yield from _about(self.of(date, target, table))
            case core.Chosen(then=then, otherwise=otherwise):
                yield from self.of(then, target, table)
                yield from self.of(otherwise, target, table)
            case core.Applied():
                yield from self._applied(side, target, table)
            case core.Aggregated(kind="sum" | "min" | "max", value=value, table=inner) if value is not None:
                if not table:
                    for way in self.of(value, target, inner):
                        if way.spot.table == inner:
                            yield Way(way.spot, target, total=Total(side, way.rises), exact=False, rises=way.rises)
            case core.Derived(what="until" | "amount"):
                for tree in self._values(side):
                    yield from _about(self.of(tree, target, table))

    def _length(self, period: core.Core, date: core.Core, target: core.Core, sign: int, table: str) -> Iterator[Way]:
        """A length of so many days that the case itself gives."""
        if isinstance(period, core.Applied) and period.function == "days":
            if sign > 0:
                yield from self.of(period.arguments[0], core.DaysBetween(target, date), table)
            else:
                yield from _falling(self.of(period.arguments[0], core.DaysBetween(date, target), table))

    def _sum(self, operator: str, side: core.Sum, target: core.Core, table: str) -> Iterator[Way]:
        left, right = side.left, side.right
        match operator:
            case "+":
                yield from self.of(left, _sum("-", target, right), table)
                yield from self.of(right, _sum("-", target, left), table)
            case "-":
                yield from self.of(left, _sum("+", target, right), table)
                yield from _falling(self.of(right, _sum("-", left, target), table))
            case _:
                for factor, other in ((left, right), (right, left)):
                    if isinstance(factor, core.Fact):
                        yield Way(Spot("", factor.name), target, divisor=other, exact=False)
                    elif isinstance(factor, core.RowFact):
                        yield Way(Spot(table, factor.name), target, divisor=other, exact=False)

    def _applied(self, side: core.Applied, target: core.Core, table: str) -> Iterator[Way]:
        match side.function:
            case "completed_years":
                birth, on = side.arguments
                months = core.Sum("*", target, _MONTHS_OF_A_YEAR, INTEGER)
                length = core.Applied("months", (months,), PERIOD)
                yield from _falling(_about(self.of(birth, core.Shifted(on, length, -1), table)))
            case "last_day":
                start, period = side.arguments
                following = core.Shifted(target, _ONE_DAY, 1)
                yield from _about(self.of(start, core.Shifted(following, period, -1), table))
            case "earliest" | "latest" | "smaller" | "larger":
                for argument in side.arguments:
                    yield from _about(self.of(argument, target, table))

    def _values(self, derived: core.Derived) -> Iterator[core.Core]:
        """How the versions of another rule compute the end or the amount that is read here."""
        rule = self.rulebook.rules.get(derived.rule)
        for version in rule.versions if rule else ():
            yield from (value.core for value in version.values if value.name == derived.what)


def _about(ways: Iterator[Way]) -> Iterator[Way]:
    return (replace(way, exact=False) for way in ways)


def _falling(ways: Iterator[Way]) -> Iterator[Way]:
    return (replace(way, rises=not way.rises) for way in ways)


def _sum(operator: str, left: core.Core, right: core.Core) -> core.Sum:
    return core.Sum(operator, left, right, INTEGER if left.type == right.type == INTEGER else DECIMAL)
