"""One expression of the core as a polars expression, for a stretch of days in which nothing changes.

Goes in: a core node and a `Segment` with the parameters' values and the listings' codes of those days. Comes out: an
expression over columns named like the attributes; what other rules and child tables say stands in columns of its own.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from stellwerk.law import core
from stellwerk.law.calendar import Period
from stellwerk.law.provision import RuleVersion
from stellwerk.law.types import DECIMAL_PLACES, Type, Value

EXACT = pl.Decimal(38, DECIMAL_PLACES)
WORKING_DAYS = (True, True, True, True, True, False, False)  # Monday to Sunday

_COMPARISONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Segment:
    """A stretch of days in which nothing that a rule reads changes."""

    first: dt.date
    last: dt.date
    version: RuleVersion
    position: int  # of the version within its rule
    parameters: Mapping[str, Value]
    listings: Mapping[str, frozenset[str]]
    calendars: Mapping[str, frozenset[dt.date]]


def column_type(kind: Type) -> pl.DataType:
    """The polars type that carries values of a language type."""
    if kind.code_list is not None:
        return pl.Enum(list(kind.code_list.codes))
    return {
        "bool": pl.Boolean(),
        "integer": pl.Int64(),
        "decimal": EXACT,
        "date": pl.Date(),
        "text": pl.String(),
    }[kind.kind]


def aggregate_column(node: core.Aggregated, version: RuleVersion) -> str:
    """The column that holds what a child table says."""
    return f"__table_{version.aggregates().index(node)}"


def row_column(name: str) -> str:
    """The column of a child table's attribute, apart from the subject's of the same name."""
    return f"__row_{name}"


def compiled(node: core.Core, segment: Segment) -> pl.Expr:
    """The expression that computes a core node in a segment."""
    match node:
        case core.Constant(value=value, type=kind):
            return literal(value, kind)
        case core.Nothing(type=kind):
            return pl.lit(None, dtype=column_type(kind))
        case core.Fact(name=name) | core.Derived(name=name):
            return pl.col(name)
        case core.RowFact(name=name):
            return pl.col(row_column(name))
        case core.Aggregated():
            return pl.col(aggregate_column(node, segment.version))
        case core.ParameterValue(id=name, type=kind):
            return literal(segment.parameters[name], kind)
        case core.Listed(code=code, listing=name):
            return _is_one_of(compiled(code, segment), sorted(segment.listings[name]), code.type)
        case core.OneOf(value=value, options=options):
            return _is_one_of(compiled(value, segment), options, value.type)
        case core.AllOf(items=items):
            return functools.reduce(operator.and_, (compiled(item, segment) for item in items))
        case core.AnyOf(items=items):
            return functools.reduce(operator.or_, (compiled(item, segment) for item in items))
        case core.Negated(item=item):
            return ~compiled(item, segment)
        case core.Compared(operator=name, left=left, right=right):
            return _COMPARISONS[name](*_comparable(left, right, segment))
        case core.Shifted(date=date, period=period, sign=sign):
            return _shifted(compiled(date, segment), period, sign, segment)
        case core.DaysBetween(later=later, earlier=earlier):
            return (compiled(later, segment) - compiled(earlier, segment)).dt.total_days()
        case core.Sum():
            return _arithmetic(node, segment)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            holds, branches = compiled(condition, segment), (compiled(then, segment), compiled(otherwise, segment))
            return _chosen(holds, *branches) if node.agrees else _row_by_row(holds, *branches)
        case core.Shift(date=date, calendar=name):
            holidays = sorted(segment.calendars[name])
            return compiled(date, segment).dt.add_business_days(
                0, week_mask=WORKING_DAYS, holidays=holidays, roll="forward"
            )
        case core.AtLeast():
            return _at_least(node, segment)
        case core.Applied():
            return _applied(node, segment)


def literal(value: Value, kind: Type) -> pl.Expr:
    """A value as an expression of exactly its type."""
    if isinstance(value, Decimal):
        return pl.lit(value).cast(EXACT)
    return pl.lit(value, dtype=column_type(kind))


def _is_one_of(value: pl.Expr, options: Sequence[Value], kind: Type) -> pl.Expr:
    if not options:
        return pl.when(value.is_not_null()).then(pl.lit(False))
    return value.is_in(pl.Series(options, dtype=column_type(kind)).implode())


def _comparable(left: core.Core, right: core.Core, segment: Segment) -> tuple[pl.Expr, pl.Expr]:
    pair = compiled(left, segment), compiled(right, segment)
    if left.type.code_list is not None and left.type.code_list.ordered:
        return pair[0].to_physical(), pair[1].to_physical()
    if left.type != right.type:  # an integer beside a decimal
        return pair[0].cast(EXACT), pair[1].cast(EXACT)
    return pair


def _arithmetic(node: core.Sum, segment: Segment) -> pl.Expr:
    left, right = compiled(node.left, segment), compiled(node.right, segment)
    if node.operator == "*" and node.type.kind == "decimal":
        return _scaled(node, left, right)
    if node.type.kind == "decimal":
        left, right = left.cast(EXACT), right.cast(EXACT)
    if node.operator == "*":
        return left * right
    return left + right if node.operator == "+" else left - right


def _scaled(node: core.Sum, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """A decimal times a whole number: the number has no places, so the product keeps six and stays exact."""
    whole = pl.Decimal(38, 0)
    if node.left.type.kind == "integer":
        left, right = right, left
    return (left.cast(EXACT) * right.cast(whole)).cast(EXACT)


def _applied(node: core.Applied, segment: Segment) -> pl.Expr:
    arguments = node.arguments
    match node.function:
        case "completed_years":
            return _completed_years(compiled(arguments[0], segment), compiled(arguments[1], segment))
        case "last_day":
            return _last_day(compiled(arguments[0], segment), arguments[1], segment)
        case "earliest" | "smaller":
            return _extreme(pl.min_horizontal, node, segment)
        case "latest" | "larger":
            return _extreme(pl.max_horizontal, node, segment)
        case _:
            raise AssertionError(node)  # a period outside a date shift: linking does not let it through


def _extreme(choose: Callable[..., pl.Expr], node: core.Applied, segment: Segment) -> pl.Expr:
    """The least or greatest, unknown as soon as one argument is (polars would pass over it)."""
    values = [compiled(argument, segment).cast(column_type(node.type)) for argument in node.arguments]
    return pl.when(pl.all_horizontal(value.is_not_null() for value in values)).then(choose(*values))


def _at_least(node: core.AtLeast, segment: Segment) -> pl.Expr:
    lowest = highest = pl.lit(0, dtype=pl.Int64)
    for condition, points in node.terms:
        holds, worth = compiled(condition, segment), compiled(points, segment)
        nothing = pl.lit(0, dtype=pl.Int64)
        least, most = pl.min_horizontal(worth, nothing), pl.max_horizontal(worth, nothing)
        lowest = lowest + pl.when(holds.is_null()).then(least).when(holds).then(worth).otherwise(nothing)
        highest = highest + pl.when(holds.is_null()).then(most).when(holds).then(worth).otherwise(nothing)
    minimum = compiled(node.minimum, segment)
    return pl.when(lowest >= minimum).then(pl.lit(True)).when(highest < minimum).then(pl.lit(False))


def _shifted(date: pl.Expr, period: core.Core, sign: int, segment: Segment) -> pl.Expr:
    """A date moved by a period; months clamp at the month's end, as the Civil Code has it."""
    return _by_period(period, segment, lambda length: _moved(date, length, sign))


def _last_day(date: pl.Expr, period: core.Core, segment: Segment) -> pl.Expr:
    """The last day of a period whose first day counts; a clamped end of month stays (BGB § 188 Abs. 3)."""

    def end(length: Period | tuple[str, pl.Expr]) -> pl.Expr:
        moved = _moved(date, length, 1)
        day_before = moved - pl.duration(days=1)
        in_months = length.months > 0 if isinstance(length, Period) else length[0] == "months"
        return pl.when(moved.dt.day() != date.dt.day()).then(moved).otherwise(day_before) if in_months else day_before

    return _by_period(period, segment, end)


def _by_period(period: core.Core, segment: Segment, use: Callable[[Period | tuple[str, pl.Expr]], pl.Expr]) -> pl.Expr:
    """What `use` makes of a period, wherever the period comes from: written, a parameter, a choice or a number."""
    match period:
        case core.Constant(value=Period() as value):
            return use(value)
        case core.ParameterValue(id=name):
            length = segment.parameters[name]
            assert isinstance(length, Period)
            return use(length)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            branches = (_by_period(branch, segment, use) for branch in (then, otherwise))
            return _chosen(compiled(condition, segment), *branches)
        case core.Applied(function="days" | "months" as unit, arguments=(number,)):
            return use((unit, compiled(number, segment)))
        case _:
            raise AssertionError(period)


def _moved(date: pl.Expr, length: Period | tuple[str, pl.Expr], sign: int) -> pl.Expr:
    if isinstance(length, Period):
        return date.dt.offset_by(f"{length.months * sign}mo") + pl.duration(days=length.days * sign)
    unit, number = length
    if unit == "days":
        return date + pl.duration(days=number * sign)
    return date.dt.offset_by(pl.format("{}mo", number * sign))


def _chosen(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    agreed = pl.when(then == otherwise).then(then)
    return pl.when(condition).then(then).when(~condition).then(otherwise).otherwise(agreed)


def _row_by_row(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """A choice that names each branch once: the rows of a long table nest, and comparing them would multiply."""
    return pl.when(condition).then(then).when(~condition).then(otherwise)


def _completed_years(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Completed years: a birthday counts on its own day; one of 29 February, in other years, from 1 March."""
    before = _day_of_year(on) < _day_of_year(birth)
    return (on.dt.year() - birth.dt.year()).cast(pl.Int64) - before.cast(pl.Int64)


def _day_of_year(date: pl.Expr) -> pl.Expr:
    """Month and day as one number that sorts like the calendar; the parts come as 8-bit numbers that would overflow."""
    return date.dt.month().cast(pl.Int32) * 100 + date.dt.day().cast(pl.Int32)
