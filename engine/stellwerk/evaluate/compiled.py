"""One expression of the core as a polars expression over a table of cases.

Goes in: a core node and a `Scope`, which says under which rulebook, by which reading date and over which days the
table is read. Comes out: an expression over columns named like the attributes; dates are day numbers (`days`), what
other rules and child tables say stands in columns of its own. What is dear and needed more than once, such as an age
or the end of a period, is put on the scope's shelf and computed once for all rules.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

import polars as pl

from stellwerk.evaluate import days
from stellwerk.law import core
from stellwerk.law.calendar import Period
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import DECIMAL_PLACES, Type, Value

EXACT = pl.Decimal(38, DECIMAL_PLACES)
ON = "__on"  # the column of the day on which every case is read, where there is such a day
_WHOLE = pl.Decimal(38, 0)

_COMPARISONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_TURNED_ROUND = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DEAR = (core.Listed, core.Shifted, core.Shift, core.Applied)
_T = TypeVar("_T")
_Days = Period | tuple[str, pl.Expr]  # a length that is known, or a number of days or months that differs by case


class Shelf:
    """Columns that are read more than once, each with the expression that makes it.

    Layers are made one after the other: an expression reads attributes and columns of earlier layers. `name` sets its
    columns apart from those of other shelves.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.layers: list[list[pl.Expr]] = []
        self._names: dict[Hashable, str] = {}
        self._depths: dict[str, int] = {}

    def column(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        """The column of that key; the first who asks for it says how it is made."""
        if key not in self._names:
            made = make()
            name = f"__{self.name}_{len(self._names)}"
            depth = 1 + max((self._depths.get(root, -1) for root in made.meta.root_names()), default=-1)
            if depth == len(self.layers):
                self.layers.append([])
            self.layers[depth].append(made.alias(name))
            self._names[key], self._depths[name] = name, depth
        return pl.col(self._names[key])


@dataclass(frozen=True)
class Scope:
    """How a rule reads a table: the rulebook, the column of the reading date and the days that occur in it.

    Where `on` is given, every case is read on that day. What reads attributes only lies on the `shelf` of all rules,
    what reads other rules or child tables on the rule's `own`.
    """

    rulebook: Rulebook
    read_at: str
    first: dt.date
    last: dt.date
    on: dt.date | None = None
    dated: bool = False  # whether every case has a reading date
    shelf: Shelf | None = None
    own: Shelf | None = None
    tables: Mapping[core.Aggregated, str] = field(default_factory=dict)  # columns of what child tables say

    @property
    def reading(self) -> pl.Expr:
        """The reading date of each case."""
        return pl.col(ON if self.on is not None else self.read_at)

    @property
    def own_layers(self) -> Sequence[Sequence[pl.Expr]]:
        """What the rule's own shelf holds, layer by layer."""
        return self.own.layers if self.own is not None else ()

    def without_shelf(self) -> Scope:
        """The same for the rows of a child table, which lie beside no shelf."""
        return replace(self, shelf=None, own=None)

    def shared(self, node: core.Core, make: Callable[[], pl.Expr]) -> pl.Expr:
        """The expression of a dear node, from a shelf where it is computed once."""
        below = list(core.nodes(node))
        shelf = self.own if any(isinstance(item, core.Derived | core.Aggregated) for item in below) else self.shelf
        if shelf is None or any(isinstance(item, core.RowFact) for item in below):
            return make()
        by_date = any(self._depends_on_reading(item) for item in below)
        return shelf.column((node, self.read_at if by_date else ""), make)

    def _depends_on_reading(self, node: core.Core) -> bool:
        return isinstance(node, core.ParameterValue | core.Listed) or (
            isinstance(node, core.Fact) and node.name == self.read_at and self.on is not None
        )

    def values_of(self, parameter: str) -> list[tuple[dt.date, Value | None]]:
        """The parameter's values over the days that occur, each with its first day."""
        dated = self.rulebook.parameters[parameter]
        return self._over_days(dated.change_days(), lambda day: found.value if (found := dated.on(day)) else None)

    def codes_of(self, listing: str) -> list[tuple[dt.date, frozenset[str]]]:
        """The listing's codes over the days that occur, each with its first day."""
        found = self.rulebook.listings[listing]
        return self._over_days(found.change_days(), found.codes_on)

    def _over_days(self, change_days: set[dt.date], at: Callable[[dt.date], _T]) -> list[tuple[dt.date, _T]]:
        starts = [self.first, *sorted(day for day in change_days if self.first < day <= self.last)]
        pieces: list[tuple[dt.date, _T]] = []
        for start in starts:
            value = at(start)
            if not pieces or pieces[-1][1] != value:
                pieces.append((start, value))
        return pieces

    def by_day(self, pieces: Sequence[tuple[dt.date, pl.Expr]]) -> pl.Expr:
        """One expression from those of several stretches of days, each with its first day, oldest first."""
        starts = [start for start, _ in pieces[1:]]
        *earlier, newest = [expression for _, expression in pieces]
        if not earlier:
            return newest
        chain = pl.when(self.reading < days.day_literal(starts[0])).then(earlier[0])
        for start, expression in zip(starts[1:], earlier[1:], strict=True):
            chain = chain.when(self.reading < days.day_literal(start)).then(expression)  # type: ignore[assignment]
        return chain.otherwise(newest)


def column_type(kind: Type) -> pl.DataType:
    """The polars type that carries values of a language type in tables."""
    if kind.code_list is not None:
        return pl.Enum(list(kind.code_list.codes))
    return {
        "bool": pl.Boolean(),
        "integer": pl.Int64(),
        "decimal": EXACT,
        "date": pl.Date(),
        "text": pl.String(),
    }[kind.kind]


def plan_type(kind: Type) -> pl.DataType:
    """The polars type that carries values of a language type inside plans."""
    return days.DAY if kind.kind == "date" else column_type(kind)


def repeated(name: str, value: int | None, kind: pl.DataType, height: int) -> pl.Series:
    """A column with one value throughout, written out: polars compares a literal with a scalar column wrongly."""
    return pl.Series(name, [value], dtype=kind).new_from_index(0, height)


def row_column(name: str) -> str:
    """The column of a child table's attribute, apart from the subject's of the same name."""
    return f"__row_{name}"


def compiled(node: core.Core, scope: Scope) -> pl.Expr:
    """The expression that computes a core node; what is dear is made once, for it is seldom written only once."""
    return _reused(node, scope) if isinstance(node, _DEAR) else _made(node, scope)


def _reused(node: core.Core, scope: Scope) -> pl.Expr:
    """The expression of a node that is written more than once, made only once."""
    return scope.shared(node, lambda: _made(node, scope)) if core.children(node) else _made(node, scope)


def _made(node: core.Core, scope: Scope) -> pl.Expr:
    match node:
        case core.Constant(value=value, type=kind):
            return literal(value, kind)
        case core.Nothing(type=kind):
            return days.fixed(None, plan_type(kind))
        case core.Fact(name=name):
            return scope.reading if name == scope.read_at else pl.col(name)
        case core.Derived(name=name):
            return pl.col(name)
        case core.RowFact(name=name):
            return pl.col(row_column(name))
        case core.Aggregated():
            return pl.col(scope.tables[node])
        case core.ParameterValue():
            return _parameter(node, scope)
        case core.Listed():
            return _listed(node, scope)
        case core.OneOf(value=value, options=options):
            return _is_one_of(compiled(value, scope), options, value.type)
        case core.AllOf(items=items):
            return functools.reduce(operator.and_, (compiled(item, scope) for item in items))
        case core.AnyOf(items=items):
            return functools.reduce(operator.or_, (compiled(item, scope) for item in items))
        case core.Negated(item=item):
            return ~compiled(item, scope)
        case core.Compared(operator=name, left=left, right=right):
            return _compared(name, *_comparable(left, right, scope))
        case core.Shifted(date=date, period=period, sign=sign):
            return _shifted(_day(date, scope), period, sign, scope)
        case core.DaysBetween(later=later, earlier=earlier):
            return (compiled(later, scope) - compiled(earlier, scope)).cast(pl.Int64)
        case core.Sum():
            return _arithmetic(node, scope)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            holds, branches = _reused(condition, scope), (_reused(then, scope), _reused(otherwise, scope))
            return _chosen(holds, *branches) if node.agrees else _row_by_row(holds, *branches)
        case core.Shift(date=date, calendar=name):
            return days.next_working(_day(date, scope), scope.rulebook.calendars[name])
        case core.AtLeast():
            return _at_least(node, scope)
        case core.Applied():
            return _applied(node, scope)


def literal(value: Value | None, kind: Type) -> pl.Expr:
    """A value as an expression of exactly its type."""
    if isinstance(value, Decimal):
        return _exact(value)
    if isinstance(value, dt.date):
        return days.day_literal(value)
    assert not isinstance(value, Period)  # `_by_period` takes care of lengths of time
    return days.fixed(value, plan_type(kind))


@functools.lru_cache(maxsize=1024)
def _exact(value: Decimal) -> pl.Expr:
    return pl.lit(value).cast(EXACT)


def _parameter(node: core.ParameterValue, scope: Scope) -> pl.Expr:
    pieces = [(start, literal(value, node.type)) for start, value in scope.values_of(node.id)]
    return scope.shared(node, lambda: scope.by_day(pieces)) if len(pieces) > 1 else pieces[0][1]


def _listed(node: core.Listed, scope: Scope) -> pl.Expr:
    code = compiled(node.code, scope)
    pieces = scope.codes_of(node.listing)
    return scope.by_day([(start, _is_one_of(code, sorted(codes), node.code.type)) for start, codes in pieces])


def _is_one_of(value: pl.Expr, options: Sequence[Value], kind: Type) -> pl.Expr:
    if not options:
        return pl.when(value.is_not_null()).then(pl.lit(False))
    if kind.kind == "date":
        options = [days.day_number(day) for day in options if isinstance(day, dt.date)]
    return value.is_in(pl.Series(options, dtype=plan_type(kind)).implode())


def _compared(name: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """A comparison with the literal on the right: on the left, polars makes one value of a column that has but one."""
    if left.meta.root_names() or not right.meta.root_names():
        return _COMPARISONS[name](left, right)
    return _COMPARISONS[_TURNED_ROUND[name]](right, left)


def _comparable(left: core.Core, right: core.Core, scope: Scope) -> tuple[pl.Expr, pl.Expr]:
    pair = compiled(left, scope), compiled(right, scope)
    if left.type.code_list is not None and left.type.code_list.ordered:
        return pair[0].to_physical(), pair[1].to_physical()
    if left.type != right.type:  # an integer beside a decimal
        return pair[0].cast(EXACT), pair[1].cast(EXACT)
    return pair


def _arithmetic(node: core.Sum, scope: Scope) -> pl.Expr:
    left, right = compiled(node.left, scope), compiled(node.right, scope)
    if node.operator == "*" and node.type.kind == "decimal":
        return _scaled(node, left, right)
    if node.type.kind == "decimal":
        left, right = left.cast(EXACT), right.cast(EXACT)
    if node.operator == "*":
        return left * right
    return left + right if node.operator == "+" else left - right


def _scaled(node: core.Sum, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """A decimal times a whole number: the number has no places, so the product keeps six and stays exact."""
    if node.left.type.kind == "integer":
        left, right = right, left
    return (left.cast(EXACT) * right.cast(_WHOLE)).cast(EXACT)


def _applied(node: core.Applied, scope: Scope) -> pl.Expr:
    match node.function:
        case "completed_years":
            birth, on = node.arguments
            return days.completed_years_of(_packed(birth, scope), _packed(on, scope))
        case "last_day":
            date, period = node.arguments
            return _last_day(_day(date, scope), period, scope)
        case "earliest" | "smaller":
            return _extreme("<=", node, scope)
        case "latest" | "larger":
            return _extreme(">=", node, scope)
        case _:
            raise AssertionError(node)  # a period outside a date shift: linking does not let it through


def _day(date: core.Core, scope: Scope) -> pl.Expr:
    """A date to be looked up; one that is the same for every case is repeated, for a look-up is a whole column."""
    day = compiled(date, scope)
    return day if day.meta.root_names() else day + pl.repeat(0, pl.len(), dtype=days.DAY)  # it may be repeated already


def _packed(date: core.Core, scope: Scope) -> pl.Expr:
    packed = days.packed_day(_day(date, scope))
    if scope.shelf is None or not isinstance(date, core.Fact) or date.name == scope.read_at:
        return packed
    return scope.shelf.column(("packed", date), lambda: packed)


def _extreme(better: str, node: core.Applied, scope: Scope) -> pl.Expr:
    """The least or greatest, unknown as soon as one argument is: a comparison with an unknown one chooses neither."""
    values = [compiled(argument, scope).cast(plan_type(node.type)) for argument in node.arguments]
    return functools.reduce(lambda one, two: _row_by_row(_compared(better, one, two), one, two), values)


def _at_least(node: core.AtLeast, scope: Scope) -> pl.Expr:
    nothing = days.fixed(0, pl.Int64())
    lowest = highest = nothing
    for condition, points in node.terms:
        holds, worth = _reused(condition, scope), compiled(points, scope)
        least = pl.when(worth < nothing).then(worth).otherwise(nothing)
        most = pl.when(worth > nothing).then(worth).otherwise(nothing)
        lowest = lowest + pl.when(holds.is_null()).then(least).when(holds).then(worth).otherwise(nothing)
        highest = highest + pl.when(holds.is_null()).then(most).when(holds).then(worth).otherwise(nothing)
    minimum = compiled(node.minimum, scope)
    return pl.when(lowest >= minimum).then(pl.lit(True)).when(highest < minimum).then(pl.lit(False))


def _shifted(date: pl.Expr, period: core.Core, sign: int, scope: Scope) -> pl.Expr:
    """A date moved by a period; months clamp at the month's end, as the Civil Code has it."""
    return _by_period(period, scope, lambda length: _moved(date, length, sign))


def _last_day(date: pl.Expr, period: core.Core, scope: Scope) -> pl.Expr:
    """The last day of a period whose first day counts."""

    def end(length: _Days) -> pl.Expr:
        if isinstance(length, Period):
            return days.last_day_of(date, length)
        moved = _moved(date, length, 1)
        return days.last_day_after(date, moved) if length[0] == "months" else moved - 1

    return _by_period(period, scope, end)


def _by_period(period: core.Core, scope: Scope, use: Callable[[_Days], pl.Expr]) -> pl.Expr:
    """What `use` makes of a period, wherever the period comes from: written, a parameter, a choice or a number."""
    match period:
        case core.Constant(value=Period() as value):
            return use(value)
        case core.ParameterValue(id=name):
            return scope.by_day(list(_with_lengths(scope.values_of(name), use)))
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            branches = (_by_period(branch, scope, use) for branch in (then, otherwise))
            return _chosen(_reused(condition, scope), *branches)
        case core.Applied(function="days" | "months" as unit, arguments=(number,)):
            return use((unit, compiled(number, scope)))
        case _:
            raise AssertionError(period)


def _with_lengths(
    pieces: Sequence[tuple[dt.date, Value | None]], use: Callable[[_Days], pl.Expr]
) -> Iterator[tuple[dt.date, pl.Expr]]:
    for start, length in pieces:
        yield start, use(length) if isinstance(length, Period) else days.fixed(None, days.DAY)


def _moved(date: pl.Expr, length: _Days, sign: int) -> pl.Expr:
    if isinstance(length, Period):
        return days.moved(date, length, sign)
    unit, number = length
    if unit == "days":
        return date + (number * sign).cast(days.DAY, strict=False)
    return days.moved_by_months(date, number * sign)


def _chosen(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    agreed = pl.when(_compared("==", then, otherwise)).then(then)
    return pl.when(condition).then(then).when(~condition).then(otherwise).otherwise(agreed)


def _row_by_row(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """A choice that names each branch once: the rows of a long table nest, and comparing them would multiply."""
    return pl.when(condition).then(then).when(~condition).then(otherwise)
