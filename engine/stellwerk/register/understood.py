"""What does one table say, and which of its rows cannot be trusted by themselves?

In go the cells of a table and the attributes it may have, out come the values in the vocabulary's types and what is
wrong: cells that mean nothing, ids that are missing or stand twice, dates that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from stellwerk.errors import Place
from stellwerk.law.vocabulary import Attribute
from stellwerk.register.findings import Finding, finding, positions_of, within
from stellwerk.register.headers import Matching, match_headers
from stellwerk.register.mapping import TableMapping
from stellwerk.register.privacy import DirectIdentifiers
from stellwerk.register.sheets import Cells, TableSource, read_cells
from stellwerk.register.spelling import folded, spellings_of
from stellwerk.register.values import understood

# What must not lie after what: a pair that does is a slip in one of the two dates, and nobody can say in which.
ORDER_OF_DATES = {
    ("birth_date", "entry_date"): "row_birth_after_entry",
    ("birth_date", "application_lodged_on"): "row_application_before_birth",
    ("first_day", "last_day"): "row_ends_before_it_begins",
}


@dataclass(frozen=True)
class TableForm:
    """What a table of a register should look like."""

    name: str
    attributes: Mapping[str, Attribute]
    key: str  # the attribute that holds the id of the subject
    key_names_rows: bool  # true of a subject's own table; of a child table several rows belong to one id
    taken: frozenset[str] = frozenset()  # ids that rows before these have


@dataclass(frozen=True)
class Understood:
    """A table as it was understood, row by row in the file's order, the empty rows included."""

    name: str
    source: TableSource
    first_row: int
    matching: Matching
    cells: pl.DataFrame  # what stands in the file, columns as the file calls them
    values: pl.DataFrame  # the same in the vocabulary's types, null where unknown or wrong
    filled: pl.Series  # whether anything stands in the row
    findings: tuple[Finding, ...]

    def header(self, attribute: str) -> str:
        """What the file calls an attribute."""
        return self.cells.columns[self.values.columns.index(attribute)]

    def bad(self) -> pl.Series:
        """The positions of rows that cannot be trusted."""
        return positions_of(self.findings)

    def good(self) -> pl.Series:
        """For each row whether it is filled and nothing is wrong with it."""
        order = pl.int_range(self.filled.len(), dtype=pl.Int64, eager=True)
        bad = self.bad()
        return self.filled & ~order.is_in(bad.implode()) if bad.len() else self.filled

    def with_findings(self, more: list[Finding]) -> Understood:
        """The same table with more found wrong; empty rows have no findings."""
        inside = [within(found, self.filled) for found in more]
        return replace(self, findings=(*self.findings, *(found for found in inside if found.rows.height)))


def understood_table(
    form: TableForm, source: TableSource, mapping: TableMapping, identifiers: DirectIdentifiers
) -> Understood:
    """Read a table; errors where its file or its headers cannot be used at all."""
    known = frozenset(spellings_of(form.attributes)) | {folded(column) for column in mapping.columns}
    cells = read_cells(source, known)
    place = Place(source.place.file, cells.first_row - 1 or None)
    matching = match_headers(cells.headers, form.attributes, identifiers, mapping, place)
    names = [name for name in form.attributes if name in matching.columns]
    positions = [matching.columns[name] for name in names]
    written = pl.DataFrame([cells.frame[f"c{position}"].rename(cells.headers[position]) for position in positions])
    columns = [
        understood(column, form.attributes[name]) for name, column in zip(names, written.get_columns(), strict=True)
    ]
    values = pl.DataFrame([column.values for column in columns])
    problems = pl.DataFrame([column.problems.rename(name) for name, column in zip(names, columns, strict=True)])
    bare = Understood(form.name, source, cells.first_row, matching, written, values, cells.filled_rows(), ())
    return bare.with_findings([*_of_lengths(cells), *_of_cells(bare, form, problems), *_of_rows(bare, form, problems)])


def _of_lengths(cells: Cells) -> Iterator[Finding]:
    if cells.wrong_length:
        rows = pl.DataFrame(
            {"position": list(cells.wrong_length), "raw": [str(n) for n in cells.wrong_length.values()]},
            schema={"position": pl.Int64, "raw": pl.String},
        )
        yield Finding("row_of_wrong_length", "", rows)


def _of_cells(table: Understood, form: TableForm, problems: pl.DataFrame) -> Iterator[Finding]:
    for name in problems.columns:
        found, header = problems[name], table.header(name)
        for key in sorted(found.drop_nulls().unique().to_list()):
            yield from finding(found == key, table.cells[header], key, header, form.attributes[name])


def _of_rows(table: Understood, form: TableForm, problems: pl.DataFrame) -> Iterator[Finding]:
    values = table.values
    for name in values.columns:
        if form.attributes[name].required:
            missing = values[name].is_null() & problems[name].is_null()
            yield from finding(missing, table.cells[table.header(name)], "row_without_identity", table.header(name))
    if form.key_names_rows:
        ids = values[form.key]
        later = ids.is_not_null() & (~ids.is_first_distinct() | ids.is_in(sorted(form.taken)))
        yield from finding(later, table.cells[table.header(form.key)], "row_twice", table.header(form.key))
    for (first, second), problem in ORDER_OF_DATES.items():
        if first in values.columns and second in values.columns:
            columns = f"{table.header(first)}, {table.header(second)}"
            yield from finding(values[first] > values[second], table.cells[table.header(second)], problem, columns)
