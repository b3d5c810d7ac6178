"""What does an expression of the law come to for cases that are still being drawn?

In goes an expression with the cases, or the rows of a child table, for which it is wanted. Out come whole numbers as
drawn cases carry them, and where they are known.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.audit.drawn import DrawnCases, Positions, as_numbers
from stellwerk.audit.palettes import Numbers, carried
from stellwerk.audit.thresholds import Spot
from stellwerk.evaluate.children import ChildRows, with_children
from stellwerk.evaluate.compiled import Scope, compiled, row_column
from stellwerk.evaluate.days import day_number
from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.rulebook import Rulebook

Flags = npt.NDArray[np.bool_]

_EPOCH = dt.date(1970, 1, 1)


class Computing:
    """Computes expressions for drawn cases under one rulebook; every fact is known, so what is not is the law's."""

    def __init__(self, drawn: DrawnCases, rulebook: Rulebook) -> None:
        self._drawn = drawn
        self._book = rulebook

    def of_rows(self, node: core.Core, table: str, read_at: str, rows: Positions) -> tuple[Numbers, Flags]:
        """What it comes to for some rows of a table ("": cases), by the law of each case's reading date."""
        owners = self._drawn.owners(table, rows)
        reading = self._drawn.values[Spot("", read_at)][owners]
        match node:
            case core.Constant(value=value):
                return np.full(len(rows), carried(value, node.type.kind)), np.ones(len(rows), dtype=np.bool_)
            case core.ParameterValue(id=name):
                return self._parameter(name, reading)
        below = list(core.nodes(node))
        facts = dict.fromkeys(item.name for item in below if isinstance(item, core.Fact))
        columns = [self._drawn.column(Spot("", name), owners) for name in dict.fromkeys([*facts, read_at])]
        if table:
            row_facts = dict.fromkeys(item.name for item in below if isinstance(item, core.RowFact))
            columns += [self._drawn.column(Spot(table, name), rows).alias(row_column(name)) for name in row_facts]
        aggregates = dict.fromkeys(item for item in below if isinstance(item, core.Aggregated))
        names = {item: f"__table_{number}" for number, item in enumerate(aggregates)}
        first, last = (_EPOCH + dt.timedelta(days=int(day)) for day in (reading.min(), reading.max()))
        scope = Scope(self._book, read_at, first, last, dated=True, tables=names)
        frame = pl.DataFrame(columns)
        if names:
            children = {name: self._children(name, rows) for name in {item.table for item in aggregates}}
            frame = with_children(frame, scope, children, 0)
        numbers, known = as_numbers(frame.select(compiled(node, scope).alias("found")).to_series())
        return np.broadcast_to(numbers, len(rows)), np.broadcast_to(known, len(rows))

    def _children(self, table: str, cases: Positions) -> ChildRows:
        """The rows of a child table that belong to some cases."""
        rows, key = self._drawn.rows_of(table, cases), self._drawn.key.name
        form = self._drawn.forms[table]
        facts = [self._drawn.exact(Spot(table, name), rows) for name in form.attributes]
        names = pl.Series(key, self._drawn.owners(table, rows)).cast(pl.String)
        return ChildRows.of(pl.DataFrame([names, *facts]), form, pl.Series(key, cases).cast(pl.String))

    def _parameter(self, name: str, reading: Numbers) -> tuple[Numbers, Flags]:
        parameter = self._book.parameters[name]
        numbers, known = np.zeros(len(reading), dtype=np.int64), np.zeros(len(reading), dtype=np.bool_)
        for version in parameter.versions:
            then = inside(version.interval, reading)
            numbers[then], known[then] = carried(version.value, parameter.type.kind), True
        return numbers, known


def inside(interval: Interval, days: Numbers) -> Flags:
    """Which of some days lie in an interval."""
    found: Flags = days >= day_number(interval.first)
    return found if interval.last is None else found & (days <= day_number(interval.last))
