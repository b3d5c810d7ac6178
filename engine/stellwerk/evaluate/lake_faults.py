"""Which rows of a Parquet register cannot be evaluated, and why.

Goes in: cases and child tables as they lie in a file. Comes out: an error where a column as a whole cannot be what the
vocabulary says; else, row by row, what is wrong: an id that lacks or stands twice, a code or a day that cannot be, a
number beyond its bounds. A case with a wrong child row is set aside as a whole, for without that row it would be
another case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as types
import ibis.expr.types as ir
import polars as pl

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.evaluate.ibis_children import CASE
from stellwerk.evaluate.ibis_plan import ROW
from stellwerk.evaluate.ibis_terms import literal
from stellwerk.law.types import DECIMAL_PLACES, EARLIEST, LATEST
from stellwerk.law.vocabulary import Attribute
from stellwerk.texts import text

FAULT = "__fault"
_SURVEYED = ("codes", "least", "most")
_MOST_REPEATED = 1_000_000  # ids that stand twice; with more of them the column is no id


class ColumnMissing(StellwerkError):
    """The column of the id is not in the file."""


class ColumnOfWrongType(StellwerkError):
    """A column is of a type that cannot carry what the vocabulary says, or not exactly."""


class IdsRepeated(StellwerkError):
    """So many ids stand twice that the column is no id."""


@dataclass(frozen=True, eq=False)
class Given:
    """A table as it lies in a file: its name, its columns, the column of the case's id, and what it should hold."""

    file: str
    table: ir.Table
    key: str
    attributes: Mapping[str, Attribute]

    def check_columns(self) -> None:
        """Refuse a table without ids, or with a column of a type that cannot carry what it should."""
        columns = self.table.columns
        if self.key not in columns:
            raise ColumnMissing(Place(self.file), column=self.key, near=nearest(self.key, columns))
        for name, item in self._present():
            found, wanted = self.table[name].type(), item.type
            if not _can_carry(found, wanted.kind):
                raise ColumnOfWrongType(Place(self.file), column=name, found=str(found), wanted=wanted.in_words)

    def survey(self) -> ir.Table:
        """A query of one row: which codes occur, the least and greatest days and numbers, whether an id lacks."""
        found: dict[str, ir.Value] = {"lacking": self.table[self.key].isnull().any()}
        for number, (name, item) in enumerate(self._present()):
            column = self.table[name]
            if item.type.code_list is not None:
                found[f"{number}_codes"] = column.collect(distinct=True)
            elif item.type.kind == "date" or item.minimum is not None or item.maximum is not None:
                found[f"{number}_least"], found[f"{number}_most"] = column.min(), column.max()
        return self.table.aggregate(**found)

    def fault(self, surveyed: Mapping[str, Any]) -> ir.StringValue | None:
        """What is wrong with a row, null where nothing is; none where the survey found all rows in order."""
        found = [
            ibis.cases((wrong, text("lake_value_wrong", column=name, wanted=item.type.in_words)))
            for number, (name, item) in enumerate(self._present())
            for wrong in _wrong(self.table[name], item, {k: surveyed.get(f"{number}_{k}") for k in _SURVEYED})
        ]
        if surveyed["lacking"]:
            found.append(ibis.cases((self.table[self.key].isnull(), text("lake_id_missing", column=self.key))))
        return ibis.literal("; ").join(found).nullif("") if found else None

    def _present(self) -> list[tuple[str, Attribute]]:
        return [(name, item) for name, item in self.attributes.items() if name in self.table.columns]


def faulty_children(rows: Given, fault: ir.StringValue) -> ir.Table:
    """The cases of wrong child rows, each once, with what is wrong."""
    wrong = rows.table.select(**{CASE: rows.table[rows.key].cast("string"), FAULT: fault})
    wrong = wrong.filter(wrong[FAULT].notnull())
    return wrong.group_by(CASE).aggregate(**{FAULT: wrong[FAULT].min()})


def repeated_ids(cases: ir.Table) -> ir.Table:
    """The ids that stand more than once, with the row that stays: the first."""
    counted = cases.group_by(CASE).aggregate(first=cases[ROW].min(), times=cases.count())
    return counted.filter((counted["times"] > 1) & counted[CASE].notnull()).select(CASE, "first")


def with_faults(
    cases: ir.Table, own: ir.StringValue | None, repeated: ir.Table | None, children: Sequence[ir.Table]
) -> ir.Table:
    """The cases with all that is wrong with each, null where nothing is."""
    table = cases.mutate(**{FAULT: ibis.null("string") if own is None else own})
    if repeated is not None:
        table = _beside(table, repeated.rename({f"{CASE}_of": CASE}), "first")
        later = ibis.cases((table[ROW] > table["first"], text("lake_id_twice")))
        table = _told(table, later).drop("first")
    for number, faulty in enumerate(children):
        column = f"{FAULT}_{number}"
        table = _beside(table, faulty.rename({f"{CASE}_of": CASE, column: FAULT}), column)
        table = _told(table, table[column]).drop(column)
    return table


def check_few_repeated(repeated: pl.DataFrame, file: str) -> None:
    """Refuse a file in which the ids do not tell the cases apart."""
    if repeated.height > _MOST_REPEATED:
        raise IdsRepeated(Place(file), ids=repeated.height)


def _beside(table: ir.Table, other: ir.Table, column: str) -> ir.Table:
    joined = table.left_join(other, table[CASE] == other[f"{CASE}_of"])
    return joined.select(*(joined[name] for name in table.columns), joined[column])


def _told(table: ir.Table, more: ir.StringValue) -> ir.Table:
    told = ibis.literal("; ").join([table[FAULT], more]).nullif("")
    return table.select(*(table[name] for name in table.columns if name != FAULT), **{FAULT: told})


def _can_carry(found: types.DataType, kind: str) -> bool:
    """Whether every value of the type is exactly one of that kind."""
    match kind:
        case "bool":
            return bool(found.is_boolean())
        case "integer":
            return bool(found.is_integer())
        case "decimal":
            exact = isinstance(found, types.Decimal) and (found.scale or 0) <= DECIMAL_PLACES
            return bool(found.is_integer() or exact)
        case "date":
            return bool(found.is_date())
        case _:
            return bool(found.is_string())


def _wrong(column: ir.Value, item: Attribute, surveyed: Mapping[str, Any]) -> Iterator[ir.BooleanValue]:
    """What is asked of each row, and only where the survey found something beyond what may be."""
    least, most = surveyed["least"], surveyed["most"]
    if item.type.code_list is not None:
        strange = sorted(set(surveyed["codes"] or ()) - {*item.type.code_list.codes, None})
        if strange:
            yield column.isin(strange)
    lower, upper = (EARLIEST, LATEST) if item.type.kind == "date" else (item.minimum, item.maximum)
    if lower is not None and least is not None and least < lower:
        yield column < literal(lower, item.type)
    if upper is not None and most is not None and most > upper:
        yield column > literal(upper, item.type)
