"""What child tables say of each case, as columns: any, all, count, sum, min and max over the rows of a case.

Goes in: the cases of one segment and a child table with the case's id on each row. Comes out: the cases with one more
column an expression. A table that is not given is unknown for every case; a case without rows has an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stellwerk.evaluate.compiled import Segment, aggregate_column, column_type, compiled, row_column
from stellwerk.law import core
from stellwerk.law.vocabulary import ChildTable

_HOLDS, _VALUE = "__holds", "__value"


def with_children(
    table: pl.DataFrame,
    segment: Segment,
    children: Mapping[str, pl.DataFrame],
    forms: Mapping[str, ChildTable],
    row: str,
    key: str,
) -> pl.DataFrame:
    """The cases with a column for each thing the segment's version says of child tables.

    `row` and `key` are the columns of the case's row number and id; `forms` are the vocabulary's child tables.
    """
    for node in sorted(segment.version.aggregates(), key=_depth):  # what stands inside another comes first
        name = aggregate_column(node, segment.version)
        if node.table not in children:
            table = table.with_columns(pl.lit(None, dtype=column_type(node.type)).alias(name))
            continue
        rows = table.join(_typed(children[node.table], forms[node.table], key), on=key, how="inner")
        found = _summed_up(rows, node, segment, row).rename({_VALUE: name})
        empty = pl.lit(_of_no_rows(node), dtype=column_type(node.type))
        joined = table.join(found.with_columns(pl.lit(True).alias(_HOLDS)), on=row, how="left", maintain_order="left")
        table = joined.with_columns(
            pl.when(pl.col(_HOLDS).is_null()).then(empty).otherwise(pl.col(name)).alias(name)
        ).drop(_HOLDS)
    return table


def _depth(node: core.Core) -> int:
    """How many of them stand inside one another."""
    below = max((_depth(child) for child in core.children(node)), default=0)
    return below + isinstance(node, core.Aggregated)


def _typed(child: pl.DataFrame, form: ChildTable, key: str) -> pl.DataFrame:
    columns = [
        (pl.col(name) if name in child.columns else pl.lit(None)).cast(column_type(item.type)).alias(row_column(name))
        for name, item in form.attributes.items()
    ]
    return child.select(pl.col(key).cast(pl.String), *columns)


def _summed_up(rows: pl.DataFrame, node: core.Aggregated, segment: Segment, row: str) -> pl.DataFrame:
    holds = compiled(node.condition, segment)
    value = compiled(node.value, segment) if node.value is not None else pl.lit(None)
    table = rows.lazy().select(row, holds.alias(_HOLDS), value.alias(_VALUE))
    return table.group_by(row).agg(_summary(node).cast(column_type(node.type)).alias(_VALUE)).collect()


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
