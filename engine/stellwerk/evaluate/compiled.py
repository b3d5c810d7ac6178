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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

import polars as pl

from stellwerk.evaluate import days
from stellwerk.evaluate.shelf import Shelf
from stellwerk.law import core
from stellwerk.law.calendar import Period
from stellwerk.law.provision import AMOUNT
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import DECIMAL, DECIMAL_PLACES, INTEGER, Type, Value

EXACT = pl.Decimal(38, DECIMAL_PLACES)
ON = "__on"  # the column of the day on which every case is read, where there is such a day
SCALED = pl.Int128()  # how a plan carries decimals: millionths, as polars stores EXACT
_ONE = 10**DECIMAL_PLACES
_SMALL, _MOST_SMALL = pl.Int16(), 1 << 15
_PLACES = {255: pl.UInt8(), 65_535: pl.UInt16(), 2**32 - 1: pl.UInt32()}

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

    def is_whole(self, node: core.Core) -> bool:
        """Whether it is the amount of a rule that gives whole numbers only, which is carried as one."""
        if not isinstance(node, core.Derived) or node.what != AMOUNT or node.rule not in self.rulebook.rules:
            return False
        return self.rulebook.rules[node.rule].gives_whole_amounts

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
    if kind.code_list is not None:
        return code_type(len(kind.code_list.codes))
    if kind.kind == "decimal":
        return SCALED
    return days.DAY if kind.kind == "date" else column_type(kind)


def code_type(codes: int) -> pl.DataType:
    """The type of a code's place in its list, as polars stores an enum of so many codes."""
    return next(kind for most, kind in _PLACES.items() if codes <= most)


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
            return scaled(pl.col(name)) if scope.is_whole(node) else pl.col(name)
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
            holds, branches = _reused(condition, scope), [_branch(one, node, scope) for one in (then, otherwise)]
            return _row_by_row(holds, *branches) if _never_agree(node) else _chosen(holds, *branches)
        case core.Shift(date=date, calendar=name):
            return days.next_working(_day(date, scope), scope.rulebook.calendars[name])
        case core.AtLeast():
            return _at_least(node, scope)
        case core.Applied():
            return _applied(node, scope)


def literal(value: Value | None, kind: Type) -> pl.Expr:
    """A value as an expression of exactly its type."""
    if isinstance(value, Decimal):
        return days.fixed(int(value * _ONE), SCALED)
    if isinstance(value, dt.date):
        return days.day_literal(value)
    if kind.code_list is not None and isinstance(value, str):
        return days.fixed(kind.code_list.rank(value), plan_type(kind))
    assert not isinstance(value, Period)  # `_by_period` takes care of lengths of time
    return days.fixed(value, plan_type(kind))


def scaled(number: pl.Expr) -> pl.Expr:
    """A whole number as a decimal is carried."""
    return number.cast(SCALED) * days.fixed(_ONE, SCALED)


def compiled_as(node: core.Core, kind: Type, scope: Scope) -> pl.Expr:
    """The expression of a node as a value of a type that is wider at most: a whole number as a decimal."""
    made = compiled(node, scope)
    return scaled(made) if node.type == INTEGER and kind == DECIMAL else made


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
    if kind.code_list is not None:
        places = {code: place for place, code in enumerate(kind.code_list.codes)}
        options = [places[str(code)] for code in options]
    return value.is_in(pl.Series(options, dtype=plan_type(kind)).implode())


def _compared(name: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """A comparison with the literal on the right: on the left, polars makes one value of a column that has but one."""
    if left.meta.root_names() or not right.meta.root_names():
        return _COMPARISONS[name](left, right)
    return _COMPARISONS[_TURNED_ROUND[name]](right, left)


def _raw(node: core.Core, scope: Scope) -> pl.Expr:
    """A whole number as it is carried."""
    return pl.col(node.name) if isinstance(node, core.Derived) else compiled(node, scope)


def _branch(branch: core.Core, node: core.Chosen, scope: Scope) -> pl.Expr:
    made = _reused(branch, scope)
    return scaled(made) if branch.type == INTEGER and node.type == DECIMAL else made


def _never_agree(node: core.Chosen) -> bool:
    """Whether the branches are not compared, or are known to differ."""
    fixed = isinstance(node.then, core.Constant) and isinstance(node.otherwise, core.Constant)
    return not node.agrees or (fixed and node.then != node.otherwise)


def _comparable(left: core.Core, right: core.Core, scope: Scope) -> tuple[pl.Expr, pl.Expr]:
    if left.type.is_number and all(side.type == INTEGER or scope.is_whole(side) for side in (left, right)):
        return _raw(left, scope), _raw(right, scope)
    wider = DECIMAL if DECIMAL in (left.type, right.type) else left.type
    return compiled_as(left, wider, scope), compiled_as(right, wider, scope)


def _arithmetic(node: core.Sum, scope: Scope) -> pl.Expr:
    if node.operator == "*":
        left, right = compiled(node.left, scope), compiled(node.right, scope)
        kind = plan_type(node.type)
        return left.cast(kind) * right.cast(kind)  # of a decimal times a whole number, only one is in millionths
    left, right = (compiled_as(side, node.type, scope) for side in (node.left, node.right))
    return left + right if node.operator == "+" else left - right


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
    values = [compiled_as(argument, node.type, scope) for argument in node.arguments]
    return functools.reduce(lambda one, two: _row_by_row(_compared(better, one, two), one, two), values)


def _at_least(node: core.AtLeast, scope: Scope) -> pl.Expr:
    kind = _points_type(node)
    lowest = [_at_worst(condition, points, scope, 1, kind) for condition, points in node.terms]
    highest = [_at_worst(condition, points, scope, -1, kind) for condition, points in node.terms]
    least, most = functools.reduce(operator.add, lowest), functools.reduce(operator.add, highest)
    minimum = compiled(node.minimum, scope).cast(kind)
    return pl.when(least >= minimum).then(pl.lit(True)).when(most < minimum).then(pl.lit(False))


def _points_type(node: core.AtLeast) -> pl.DataType:
    """The smallest type in which no sum overflows, where all numbers are written in the rule."""
    numbers = [node.minimum, *(points for _, points in node.terms)]
    written = [item.value for item in numbers if isinstance(item, core.Constant) and isinstance(item.value, int)]
    small = len(written) == len(numbers) and sum(map(abs, written)) < _MOST_SMALL
    return _SMALL if small else pl.Int64()


def _at_worst(condition: core.Core, points: core.Core, scope: Scope, sign: int, kind: pl.DataType) -> pl.Expr:
    """What a term brings where an unknown condition falls to the worse (`sign` 1) or to the better (-1) for the sum."""
    holds, nothing = _reused(condition, scope), days.fixed(0, kind)
    if isinstance(points, core.Constant) and isinstance(points.value, int):
        worth = days.fixed(points.value, kind)
        if points.value * sign > 0:
            return pl.when(holds).then(worth).otherwise(nothing)
        return pl.when(~holds).then(nothing).otherwise(worth)
    worth = compiled(points, scope)
    worse = pl.when(worth * sign < nothing).then(worth).otherwise(nothing)
    return pl.when(holds.is_null()).then(worse).when(holds).then(worth).otherwise(nothing)


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
