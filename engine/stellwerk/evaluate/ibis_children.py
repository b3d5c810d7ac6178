"""What child tables say of each case, as columns of a query: any, all, count, sum, min and max over a case's rows.

Goes in: the cases, the child tables with the case's id on each row, and what is asked of them. Comes out: the cases
with one more column for each thing asked. A case without rows has an empty table; one that is not given stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from stellwerk.evaluate.compiled import row_column
from stellwerk.evaluate.ibis_terms import Sight, expression, ibis_type
from stellwerk.law import core
from stellwerk.law.vocabulary import Attribute

CASE = "__case"  # the id by which child rows find their case, as text
_ROWS = "__rows"


@dataclass(frozen=True, eq=False)
class Sum:
    """One thing asked of a child table, how its rule reads, and the column that it becomes."""

    node: core.Aggregated
    sight: Sight
    column: str

    @property
    def reads(self) -> frozenset[str]:
        """The columns of the case that it reads."""
        found: set[str] = set()
        below = [item for child in core.children(self.node) for item in core.nodes(child)]
        for item in below:
            match item:
                case core.Fact(name=name):
                    found.add(name)
                case core.Derived(rule=rule):
                    found.add(self.sight.results[rule])
                case core.Aggregated():
                    found.add(self.sight.shelf.get(self.sight.key(item), ""))
                case core.ParameterValue() | core.Listed():
                    found.add(self.sight.scope.read_at)
        if self.sight.scope.on is not None:
            found.discard(self.sight.scope.read_at)
        return frozenset(found) & self.sight.names


def with_sums(table: ir.Table, cases: ir.Table, children: Mapping[str, ir.Table], sums: Sequence[Sum]) -> ir.Table:
    """The table with a column for each sum; `cases` are the cases as they came, which is all that most sums read."""
    by_source: dict[tuple[str, bool], list[Sum]] = {}
    for item in sums:
        as_given = item.reads <= set(cases.columns)
        by_source.setdefault((item.node.table, as_given), []).append(item)
    for (name, as_given), items in by_source.items():
        table = _joined(table, _summed_up(children[name], cases if as_given else table, items), items)
    return table


def _summed_up(rows: ir.Table, cases: ir.Table, sums: Sequence[Sum]) -> ir.Table:
    """One row a case that has rows, with every sum."""
    reads = dict.fromkeys(name for item in sums for name in sorted(item.reads))
    if reads:
        of_case = cases.select(**{f"{CASE}_id": cases[CASE]}, **{name: cases[name] for name in reads})
        rows = rows.inner_join(of_case, rows[CASE] == of_case[f"{CASE}_id"]).drop(f"{CASE}_id")
    terms = {name: term for item in sums for name, term in _terms(item, rows)}
    looked_at = rows.select(**{CASE: rows[CASE]}, **terms)
    summaries = {item.column: _summary(item, looked_at) for item in sums}
    return looked_at.group_by(CASE).aggregate(**{_ROWS: looked_at.count()}, **summaries)


def _terms(item: Sum, rows: ir.Table) -> Iterator[tuple[str, ir.Value]]:
    """Whether a row counts, and its value."""
    sight = item.sight.over(rows, {key: name for key, name in item.sight.shelf.items() if name in rows.columns})
    yield f"{item.column}_holds", expression(item.node.condition, sight)
    if item.node.value is not None:
        yield f"{item.column}_value", expression(item.node.value, sight).cast(ibis_type(item.node.type))


def _summary(item: Sum, rows: ir.Table) -> ir.Value:
    holds = rows[f"{item.column}_holds"]
    known, held = ~holds.isnull().any(), holds.fill_null(False)
    if item.node.kind == "any":
        return ibis.cases((held.any(), True), (known, False))
    if item.node.kind == "all":
        return ibis.cases(((~holds).fill_null(False).any(), False), (known, True))
    if item.node.value is None:
        return ibis.cases((known, ibis.cases((held, 1), else_=0).sum().cast("int64")))
    value = rows[f"{item.column}_value"]
    known &= ~(held & value.isnull()).any()
    return ibis.cases((known, _total(item.node, ibis.cases((held, value)))))


def _total(node: core.Aggregated, counted: ir.Value) -> ir.Value:
    """The sum, least or greatest of the values that count."""
    match node.kind:
        case "sum":
            return counted.sum().fill_null(ibis.literal(0).cast(ibis_type(node.type)))
        case "min":
            return counted.min()
        case _:
            return counted.max()


def _joined(table: ir.Table, found: ir.Table, sums: Sequence[Sum]) -> ir.Table:
    right = found.rename({f"{CASE}_id": CASE})
    joined = table.left_join(right, table[CASE] == right[f"{CASE}_id"])
    columns = {
        item.column: ibis.cases((joined[_ROWS].isnull(), _of_no_rows(item.node)), else_=joined[item.column])
        for item in sums
    }
    return joined.select(*(joined[name] for name in table.columns), **columns)


def _of_no_rows(node: core.Aggregated) -> ir.Scalar:
    empty = {"any": False, "all": True, "count": 0, "sum": 0}.get(node.kind)
    return ibis.null(ibis_type(node.type)) if empty is None else ibis.literal(empty).cast(ibis_type(node.type))


def typed_rows(rows: ir.Table, key: str, attributes: Mapping[str, Attribute]) -> ir.Table:
    """A child table in exact types, its attributes named apart from those of the case."""
    typed = {
        row_column(name): rows[name].cast(ibis_type(item.type))
        for name, item in attributes.items()
        if name in rows.columns
    }
    return rows.select(**{CASE: rows[key].cast("string")}, **typed)
