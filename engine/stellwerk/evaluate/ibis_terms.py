"""One expression of the core as an Ibis expression over a table of cases.

Goes in: a core node and a `Sight`, which says under which rulebook, by which reading date and over which table the case
is read. Comes out: an expression in exact types (dates, whole numbers, decimals of six places, codes as text). What is
dear and used more than once stands in columns of its own (`shelf`), as do other rules' results and child tables.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import ibis
import ibis.expr.operations as operations
import ibis.expr.types as ir

from stellwerk.evaluate.compiled import Scope, row_column
from stellwerk.evaluate.ibis_calendar import Calendar, Number, completed_years, days_between
from stellwerk.law import core
from stellwerk.law.calendar import Period
from stellwerk.law.types import DECIMAL_PLACES, Type, Value

EXACT = f"decimal(38, {DECIMAL_PLACES})"
_TYPES = {"bool": "boolean", "integer": "int64", "decimal": EXACT, "date": "date"}
_COMPARISONS: Mapping[str, Callable[[ir.Value, ir.Value], ir.BooleanValue]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_DEAR = (core.Listed, core.Shifted, core.Shift, core.Applied, core.AtLeast, core.Chosen)
_REPEATING = (core.Applied, core.AtLeast, core.Chosen, core.Shift)  # what is made of them holds parts repeatedly

Key = tuple[bytes, str]
_Length = tuple[Number, Number]  # months and days


class Digests:
    """The digests of core nodes, each computed once; equal nodes have equal digests."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[core.Core, bytes]] = {}  # holds the node, so that its number stays its own

    def of(self, node: core.Core) -> bytes:
        """The digest of a node."""
        if id(node) not in self._found:
            self._found[id(node)] = (node, core.digest_of(node))
        return self._found[id(node)][1]


@dataclass(frozen=True, eq=False)
class Sight:
    """How a rule reads a table: law and days (`scope`), the engine's calendar, the table and what its columns hold."""

    scope: Scope
    calendar: Calendar
    digests: Digests
    table: ir.Table
    shelf: Mapping[Key, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)  # rule -> the column of what it says
    tables: frozenset[str] = frozenset()  # the child tables that are given

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The table's columns."""
        return frozenset(self.table.columns)

    def over(self, table: ir.Table, shelf: Mapping[Key, str]) -> Sight:
        """The same for a table that holds more."""
        return replace(self, table=table, shelf=shelf)

    @property
    def reading(self) -> ir.DateValue:
        """The reading date of each case."""
        if self.scope.on is not None:
            return ibis.literal(self.scope.on, "date")
        return self.fact(self.scope.read_at, "date")

    def fact(self, name: str, kind: str) -> ir.Value:
        """A column of the table; one that is not there is unknown for all."""
        return self.table[name] if name in self.names else ibis.null(kind)

    def key(self, node: core.Core) -> Key:
        """What makes two expressions the same: what they mean and, where that plays a part, the reading date."""
        by_date = any(self._depends_on_reading(item) for item in core.nodes(node))
        return self.digests.of(node), self.scope.read_at if by_date else ""

    def _depends_on_reading(self, node: core.Core) -> bool:
        return isinstance(node, core.ParameterValue | core.Listed) or (
            isinstance(node, core.Fact) and node.name == self.scope.read_at and self.scope.on is not None
        )

    def by_day(self, pieces: Sequence[tuple[dt.date, ir.Value]]) -> ir.Value:
        """One expression from those of several stretches of days, each with its first day, oldest first."""
        starts = [start for start, _ in pieces[1:]]
        *earlier, newest = [expression for _, expression in pieces]
        if not earlier:
            return newest
        reading = self.reading  # unknown: no version applies, so that nothing below is said
        branches = [(reading < start, found) for start, found in zip(starts, earlier, strict=True)]
        return ibis.cases(*branches, else_=newest)


def ibis_type(kind: Type) -> str:
    """The type that carries values of a language type."""
    return _TYPES.get(kind.kind, "string")


def literal(value: Value | None, kind: Type) -> ir.Scalar:
    """A value as an expression of exactly its type."""
    if value is None:
        return ibis.null(ibis_type(kind))
    if kind.is_number:
        value = (Decimal if kind.kind == "decimal" else int)(value)  # type: ignore[arg-type]  # both are numbers
    return ibis.literal(value, ibis_type(kind))


def whole(number: Number) -> ir.IntegerValue:
    """A whole number of the type that carries all of them."""
    return _whole(number) if isinstance(number, int) else number


@functools.lru_cache(maxsize=4096)
def _whole(number: int) -> ir.IntegerScalar:
    """The same kept: Ibis takes long to make one, and a query holds thousands."""
    return ibis.literal(number, "int64")


def dear_parts(tree: core.Core, sight: Sight) -> Iterator[core.Core]:
    """The dear nodes of an expression as often as they would be written; below a repeated one nothing is new."""
    seen: set[Key] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _DEAR) and node.type.kind != "period":
            yield node
            if sight.key(node) in seen:
                continue
            seen.add(sight.key(node))
        times = 2 if isinstance(node, _REPEATING) else 1
        if not isinstance(node, core.Aggregated):
            pending += core.children(node) * times


def expression(node: core.Core, sight: Sight) -> ir.Value:
    """The expression that computes a core node, or the column that holds it already."""
    if isinstance(node, (*_DEAR, core.Aggregated)):
        column = sight.shelf.get(sight.key(node))
        if column is not None:
            return sight.table[column]
    return _made(node, sight)


def _made(node: core.Core, sight: Sight) -> ir.Value:
    match node:
        case core.Constant(value=value, type=kind):
            return literal(value, kind)
        case core.Nothing(type=kind) | core.Aggregated(type=kind):  # a child table that is not given
            return ibis.null(ibis_type(kind))
        case core.Fact(name=name, type=kind):
            return sight.reading if name == sight.scope.read_at else sight.fact(name, ibis_type(kind))
        case core.RowFact(name=name, type=kind):
            return sight.fact(row_column(name), ibis_type(kind))
        case core.Derived():
            return _derived(node, sight)
        case core.ParameterValue(id=name, type=kind):
            return sight.by_day([(start, literal(value, kind)) for start, value in sight.scope.values_of(name)])
        case core.Listed(code=code, listing=name):
            value = expression(code, sight)
            return sight.by_day([(day, _is_one_of(value, sorted(codes))) for day, codes in sight.scope.codes_of(name)])
        case core.OneOf(value=value, options=options):
            return _is_one_of(expression(value, sight), options)
        case core.AllOf(items=items):
            return functools.reduce(operator.and_, (expression(item, sight) for item in items))
        case core.AnyOf(items=items):
            return functools.reduce(operator.or_, (expression(item, sight) for item in items))
        case core.Negated(item=item):
            return ~expression(item, sight)
        case core.Compared(operator=name, left=left, right=right):
            return _compared(name, left, right, sight)
        case core.DaysBetween(later=later, earlier=earlier):
            return days_between(expression(later, sight), expression(earlier, sight))
        case core.Sum():
            return _arithmetic(node, sight)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise, agrees=agrees):
            branches = expression(then, sight), expression(otherwise, sight)
            alike = _closed(branches[0]) == _closed(branches[1]) if agrees else None
            return _chosen(expression(condition, sight), *branches, alike)
        case core.AtLeast():
            return _at_least(node, sight)
        case core.Shifted() | core.Shift() | core.Applied():
            return _in_calendar(node, sight)


def _in_calendar(node: core.Shifted | core.Shift | core.Applied, sight: Sight) -> ir.Value:
    match node:
        case core.Shifted(date=date, period=period, sign=sign):
            months, days = _length(period, sight)
            return sight.calendar.moved(expression(date, sight), months * sign, days * sign)
        case core.Shift(date=date, calendar=name):
            return sight.calendar.next_working(expression(date, sight), sight.scope.rulebook.calendars[name])
        case core.Applied(function="completed_years", arguments=(birth, on)):
            return completed_years(expression(birth, sight), expression(on, sight))
        case core.Applied(function="last_day", arguments=(date, period)):
            return sight.calendar.last_day(expression(date, sight), *_length(period, sight))
        case core.Applied(function="earliest" | "smaller"):
            return _extreme(ibis.least, node, sight)
        case core.Applied(function="latest" | "larger"):
            return _extreme(ibis.greatest, node, sight)
        case _:
            raise AssertionError(node)  # a period outside a date shift: linking does not let it through


def _derived(node: core.Derived, sight: Sight) -> ir.Value:
    """What another rule says; an outcome that lacks facts is unknown."""
    said = sight.table[sight.results[node.rule]]
    if node.what == "outcome":
        return said["known_outcome"]
    return said[node.what] if node.what in said.type().names else ibis.null(ibis_type(node.type))


def _is_one_of(value: ir.Value, options: Sequence[Value]) -> ir.BooleanValue:
    return value.isin(options) if options else ibis.cases((value.notnull(), False))


def _compared(name: str, left: core.Core, right: core.Core, sight: Sight) -> ir.BooleanValue:
    pair = expression(left, sight), expression(right, sight)
    if any(isinstance(side.op(), operations.Literal) and side.op().value is None for side in pair):
        return ibis.null("boolean")  # Ibis would ask whether the other side is unknown too
    if left.type.code_list is not None and left.type.code_list.ordered:
        codes = list(left.type.code_list.codes)
        return _COMPARISONS[name](_rank(left, codes, sight), _rank(right, codes, sight))
    if left.type != right.type:  # an integer beside a decimal
        pair = pair[0].cast(EXACT), pair[1].cast(EXACT)
    return _COMPARISONS[name](*map(_closed, pair))


def _closed(value: ir.Value) -> ir.Value:
    """The value in a form that may stand beside a comparison: Ibis sets no brackets around `NOT x` and `x IN ...`."""
    if not isinstance(value, ir.BooleanValue) or isinstance(value.op(), operations.Field):
        return value
    return ibis.cases((value, True), (~value, False))


def _rank(node: core.Core, codes: Sequence[str], sight: Sight) -> ir.IntegerValue:
    if isinstance(node, core.Constant):
        return whole(codes.index(str(node.value)))
    code = expression(node, sight)
    return ibis.cases(*((code == name, whole(rank)) for rank, name in enumerate(codes)))


def _arithmetic(node: core.Sum, sight: Sight) -> ir.NumericValue:
    left, right = expression(node.left, sight), expression(node.right, sight)
    if node.operator == "*":  # a decimal times a whole number keeps its six places and so stays exact
        return (left * right).cast(ibis_type(node.type))
    left, right = left.cast(ibis_type(node.type)), right.cast(ibis_type(node.type))
    return left + right if node.operator == "+" else left - right


def _extreme(choose: Callable[..., ir.Value], node: core.Applied, sight: Sight) -> ir.Value:
    """The least or greatest, unknown as soon as one argument is: engines would leave that one out."""
    values = [expression(argument, sight).cast(ibis_type(node.type)) for argument in node.arguments]
    known = functools.reduce(operator.and_, (value.notnull() for value in values))
    return ibis.cases((known, choose(*values)))


def _at_least(node: core.AtLeast, sight: Sight) -> ir.BooleanValue:
    lowest = highest = whole(0)
    for condition, points in node.terms:
        holds, worth = expression(condition, sight), expression(points, sight)
        lowest += ibis.cases((holds.fill_null(worth < 0), worth), else_=whole(0))
        highest += ibis.cases((holds.fill_null(worth > 0), worth), else_=whole(0))
    minimum = expression(node.minimum, sight)
    return ibis.cases((lowest >= minimum, True), (highest < minimum, False))


def _chosen(condition: ir.BooleanValue, then: ir.Value, otherwise: ir.Value, alike: ir.BooleanValue | None) -> ir.Value:
    """`then` or `otherwise` by the condition; where it is unknown, `then` if both are known to be alike."""
    branches = [(condition, then), (~condition, otherwise)]
    return ibis.cases(*branches, *([] if alike is None else [(alike, then)]))


def _length(period: core.Core, sight: Sight) -> _Length:
    """A period's months and days, wherever it comes from: written, a parameter, a choice or a number."""
    match period:
        case core.Constant(value=Period() as value):
            return value.months, value.days
        case core.ParameterValue(id=name):
            pieces = sight.scope.values_of(name)
            return _dated(pieces, "months", sight), _dated(pieces, "days", sight)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise, agrees=agrees):
            holds = expression(condition, sight)
            return _chosen_length(holds, _length(then, sight), _length(otherwise, sight), agrees=agrees)
        case core.Applied(function="days", arguments=(number,)):
            return 0, expression(number, sight)
        case core.Applied(function="months", arguments=(number,)):
            return expression(number, sight), 0
        case _:
            raise AssertionError(period)


def _chosen_length(holds: ir.BooleanValue, then: _Length, otherwise: _Length, *, agrees: bool) -> _Length:
    pairs = [(one, other) for one, other in zip(then, otherwise, strict=True)]
    alike = functools.reduce(operator.and_, (whole(one) == whole(other) for one, other in pairs)) if agrees else None

    def chosen(one: Number, other: Number) -> Number:
        if isinstance(one, int) and isinstance(other, int) and one == other:
            return one if one == 0 else whole(one)
        return _chosen(holds, whole(one), whole(other), alike)

    months, days = (chosen(*pair) for pair in pairs)
    return months, days


def _dated(pieces: Sequence[tuple[dt.date, Value | None]], unit: str, sight: Sight) -> Number:
    """The months or the days of a period that is a parameter."""
    lengths = [(start, getattr(value, unit) if isinstance(value, Period) else None) for start, value in pieces]
    if len(lengths) == 1 and lengths[0][1] is not None:
        return int(lengths[0][1])
    if all(length == 0 for _, length in lengths):
        return 0
    dated = [(start, ibis.null("int64") if length is None else whole(length)) for start, length in lengths]
    return sight.by_day(dated)
