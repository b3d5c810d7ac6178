"""Decision tables and listings through a spreadsheet: out as a workbook without formulas, and back in with checks.

Goes in: the text of a CSV, or a workbook that somebody has filled in. Comes out: the workbook, or the text with the
workbook's rows, in which every row that was not changed is byte for byte what it was. What is wrong with a row is told
with its number; a table is taken over whole or not at all.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stellwerk.editing.draft import Draft
from stellwerk.editing.rows import header_of, rows_of, written_row
from stellwerk.editing.trial import Trial
from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.law.rulebook import Rulebook
from stellwerk.register.sheets import TableSource, as_text, read_cells
from stellwerk.register.spelling import folded
from stellwerk.tables import write_table

MOST_FAULTS = 20  # told at once; each is found by reading the law once more
_FORMULA = re.compile(rb"<f[ >/]")
_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d) 00:00:00$")  # how a spreadsheet keeps a day
_GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")  # what stands before text that a spreadsheet would take for a formula


class NoDecisionTable(StellwerkError):
    """A file that is no table, so that it cannot go through a spreadsheet."""


class FormulasInSheet(StellwerkError):
    """A workbook with formulas: what they give depends on the program that opens it."""


class SheetColumnMissing(StellwerkError):
    """A workbook lacks a column that the table has."""


class SheetColumnUnknown(StellwerkError):
    """A workbook has a column that the table does not have."""


class SheetRowWrong(StellwerkError):
    """A row of a workbook that the rulebook does not take."""


@dataclass(frozen=True)
class Sheet:
    """A workbook's rows as the text of a table, and which row each line of the text came from."""

    text: str
    row_of_line: Mapping[int, int]


def write_sheet(draft: Draft, target: Path) -> None:
    """Write a draft's table as a workbook; every cell is text, none a formula."""
    if draft.path.suffix != ".csv":
        raise NoDecisionTable(Place(draft.shown))
    header = header_of(draft.text)
    rows = [list(row.cells.values()) for row in rows_of(draft.text)]
    write_table(pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row"), target)


def taken_over(source: Path, draft: Draft, trial: Trial, base: Rulebook) -> Draft:
    """The draft with a workbook's rows; where the rulebook does not take some, all of them are told and none taken."""
    sheet = read_sheet(source, draft.text)
    candidate = draft.with_text(sheet.text)
    raise_all(_faults(candidate, sheet, trial, base))
    return candidate


def read_sheet(source: Path, text: str) -> Sheet:
    """A workbook's rows in the columns of a table."""
    _refuse_formulas(source)
    header = header_of(text)
    cells = read_cells(TableSource(source), frozenset(map(folded, header)))
    for name in header:
        if name not in cells.headers:
            raise SheetColumnMissing(Place(source.name), column=name, near=nearest(name, cells.headers))
    for name in filter(None, cells.headers):
        if name not in header:
            raise SheetColumnUnknown(Place(source.name), column=name, near=nearest(name, header))
    order = [f"c{cells.headers.index(name)}" for name in header]
    frame = cells.frame.select(as_text(cells.frame[name]) for name in order).fill_null("")
    return _with_rows(text, [tuple(map(_unguarded, row)) for row in frame.rows()], cells.first_row)


def _with_rows(text: str, rows: list[tuple[str, ...]], first_row: int) -> Sheet:
    as_it_was = {tuple(row.cells.values()): text[row.start : row.end] for row in rows_of(text)}
    lines = [text[: text.find("\n") + 1] or written_row(header_of(text))]
    origin, line = dict[int, int](), 2
    for number, row in enumerate(rows, start=first_row):
        if not any(row):
            continue
        written = as_it_was.get(row, written_row(row))
        lines.append(written if written.endswith("\n") else f"{written}\n")
        origin |= dict.fromkeys(range(line, line + lines[-1].count("\n")), number)
        line += lines[-1].count("\n")
    return Sheet("".join(lines), origin)


def _faults(draft: Draft, sheet: Sheet, trial: Trial, base: Rulebook) -> list[StellwerkError]:
    """What is wrong with the rows: the reader stops at the first of a table, so each is left out and it reads on."""
    found: list[StellwerkError] = []
    left_out: set[int] = set()
    while len(found) < MOST_FAULTS:
        kept = [line for n, line in enumerate(sheet.text.splitlines(keepends=True), start=1) if n not in left_out]
        numbers = [n for n in range(1, len(kept) + len(left_out) + 1) if n not in left_out]
        errors = trial.read([draft.with_text("".join(kept))], base).errors
        own = next((e for e in errors if e.place and e.place.file == draft.shown and (e.place.line or 0) > 1), None)
        if own is None:
            return found or list(errors)
        assert own.place is not None and own.place.line is not None
        line = numbers[own.place.line - 1]
        left_out.add(line)
        problem = type(own)(**own.details).message()
        found.append(SheetRowWrong(row=sheet.row_of_line.get(line, line), problem=problem))
    return found


def _refuse_formulas(source: Path) -> None:
    if not zipfile.is_zipfile(source):
        return
    with zipfile.ZipFile(source) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        if any(_FORMULA.search(book.read(name)) for name in sheets):
            raise FormulasInSheet(Place(source.name))


def _unguarded(cell: str) -> str:
    return _MIDNIGHT.sub(r"\1", _GUARDED.sub("", cell.strip()))
