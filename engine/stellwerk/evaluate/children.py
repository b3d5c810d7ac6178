"""What child tables say of each case, as columns: any, all, count, sum, min and max over the rows of a case.

Goes in: a stretch of cases and child tables with the number of their case on each row. Comes out: the cases with one
more column an expression. A table that is not given is unknown for every case; a case without rows has an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from stellwerk.evaluate.compiled import ON, Scope, column_type, compiled, plan_type, repeated, row_column
from stellwerk.law import core
from stellwerk.law.vocabulary import ChildTable

_CASE, _HOLDS, _VALUE = "__case", "__holds", "__value"


@dataclass(frozen=True, eq=False)
class ChildRows:
    """A child table in the order of its cases, each row with its case's number; rows of no case are left out."""

    rows: pl.DataFrame

    @classmethod
    def of(cls, child: pl.DataFrame, form: ChildTable, keys: pl.Series) -> ChildRows:
        """The rows of `child` in exact types; `keys` are the cases' ids in their order, named like its id column."""
        columns = []
        for name, item in form.attributes.items():
            column = (pl.col(name) if name in child.columns else pl.lit(None)).cast(column_type(item.type))
            carried = plan_type(item.type) != column_type(item.type)
            columns.append((column.to_physical() if carried else column).alias(row_column(name)))
        cases = pl.DataFrame({keys.name: keys.cast(pl.String)}).with_row_index(_CASE)
        typed = child.select(pl.col(keys.name).cast(pl.String), *columns)
        return cls(typed.join(cases, on=keys.name, how="inner").drop(keys.name).sort(_CASE, maintain_order=True))

    def between(self, start: int, end: int) -> pl.DataFrame:
        """The rows of the cases from `start` up to, without, `end`; cases numbered from `start`."""
        numbers = self.rows.get_column(_CASE).to_numpy()
        first, last = np.searchsorted(numbers, [start, end])
        return self.rows.slice(int(first), int(last - first)).with_columns(pl.col(_CASE) - start)


def with_children(table: pl.DataFrame, scope: Scope, children: Mapping[str, ChildRows], start: int) -> pl.DataFrame:
    """The cases, numbered from `start`, with a column for each thing the scope's rule says of child tables."""
    for node in sorted(scope.tables, key=_depth):  # what stands inside another comes first
        if node.table not in children:
            table = table.with_columns(repeated(scope.tables[node], None, plan_type(node.type), table.height))
            continue
        rows = _with_facts(children[node.table].between(start, start + table.height), table, node, scope)
        found = _summed_up(rows, node, scope)
        numbered = table.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(_CASE))
        joined = numbered.join(found, on=_CASE, how="left", maintain_order="left")
        empty = pl.lit(_of_no_rows(node), dtype=plan_type(node.type))
        column = pl.when(pl.col(_HOLDS).is_null()).then(empty).otherwise(pl.col(_VALUE))
        table = joined.with_columns(column.alias(scope.tables[node])).drop(_CASE, _HOLDS, _VALUE)
    return table


def _depth(node: core.Core) -> int:
    """How many of them stand inside one another."""
    below = max((_depth(child) for child in core.children(node)), default=0)
    return below + isinstance(node, core.Aggregated)


def _with_facts(rows: pl.DataFrame, table: pl.DataFrame, node: core.Aggregated, scope: Scope) -> pl.DataFrame:
    """The child rows with what the expression reads of their case."""
    below = [item for child in core.children(node) for item in core.nodes(child)]
    names = [item.name for item in below if isinstance(item, core.Fact | core.Derived)]
    names += [scope.tables[item] for item in below if isinstance(item, core.Aggregated)]
    names += [scope.read_at if scope.on is None else ON]
    case = rows.get_column(_CASE)
    return rows.hstack([table.get_column(name).gather(case) for name in dict.fromkeys(names) if name in table.columns])


def _summed_up(rows: pl.DataFrame, node: core.Aggregated, scope: Scope) -> pl.DataFrame:
    inline = scope.without_shelf()
    holds = compiled(node.condition, inline)
    value = compiled(node.value, inline) if node.value is not None else pl.lit(None)
    table = rows.lazy().select(_CASE, holds.alias(_HOLDS), value.alias(_VALUE))
    summary = _summary(node).cast(plan_type(node.type)).alias(_VALUE)
    return table.group_by(_CASE).agg(summary, pl.lit(True).alias(_HOLDS)).collect()


def _summary(node: core.Aggregated) -> pl.Expr:
    holds, value = pl.col(_HOLDS), pl.col(_VALUE)
    open_ = holds.is_null().any()
    if node.kind == "any":
        return pl.when(holds.fill_null(False).any()).then(True).when(~open_).then(False)
    if node.kind == "all":
        return pl.when((~holds).fill_null(False).any()).then(False).when(~open_).then(True)
    if node.kind == "count":
        return pl.when(~open_).then(holds.sum())
    held = value.filter(holds.fill_null(False))
    known = ~open_ & ~held.is_null().any()
    summary = {"sum": held.sum(), "min": held.min(), "max": held.max()}[node.kind]
    return pl.when(known).then(summary)


def _of_no_rows(node: core.Aggregated) -> bool | int | None:
    return {"any": False, "all": True, "count": 0, "sum": 0}.get(node.kind)
