"""What stands in the tables of a placement folder, read strictly and without guessing?

In goes a CSV file (comma, or semicolon with decimal comma), out come its cells as text, or whole numbers of one of
its columns; what cannot be read is an error that names file, row and column.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from stellwerk.distribution.placement.instance import Whole
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGEST = 2**31 - 1
ID_COLUMNS = ("id", "family", "family_id", "locality", "locality_id")


class TableUnreadable(StellwerkError):
    """A file is no table: empty, not UTF-8, or with rows of different lengths."""


class TableColumnMissing(StellwerkError):
    """A column that is needed is not there."""


class NotAWholeNumber(StellwerkError):
    """A cell that must hold a whole number holds something else."""


def read_cells(path: Path) -> pl.DataFrame:
    """The table with every cell as text; it must have a column `id` without empty cells."""
    frame = read_table(path, pl.String)
    column_of(frame, "id", path.name)
    empty = frame["id"].is_null() | (frame["id"] == "")
    if empty.any():
        raise NotAWholeNumber(Place(path.name, int(empty.arg_max() or 0) + 2), column="id", value="")
    return unguarded(frame)


def unguarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Text as it was before our own writer put an apostrophe before what a spreadsheet would take for a formula."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^'([=+\-@\t\r])", "$1"))


def read_table(path: Path, kind: type[pl.DataType]) -> pl.DataFrame:
    """The CSV file with columns of ids as text and the others as `kind`."""
    if not path.is_file():
        raise FileMissing(Place(path.name))
    content = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    header = content.split(b"\n", 1)[0]
    if not header.strip():
        raise TableUnreadable(Place(path.name))
    semicolons = header.count(b";") > header.count(b",")
    try:
        names = pl.read_csv(content, n_rows=0, separator=";" if semicolons else ",").columns
        kinds = dict.fromkeys(names, kind) | {name: pl.String for name in names if name in ID_COLUMNS}
        return pl.read_csv(
            content,
            schema_overrides=kinds,
            separator=";" if semicolons else ",",
            decimal_comma=semicolons,
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise TableUnreadable(Place(path.name)) from error


def column_of(frame: pl.DataFrame, name: str, file: str) -> pl.Series:
    """A column by name; if it is missing, the nearest one is named."""
    if name not in frame.columns:
        near = nearest(name, frame.columns)
        raise TableColumnMissing(Place(file), column=name, near=near, columns=frame.columns)
    return frame[name]


def whole_numbers(frame: pl.DataFrame, name: str, file: str) -> Whole:
    """A column of whole numbers; an empty cell is none."""
    cells = column_of(frame, name, file).str.strip_chars()
    numbers = cells.cast(pl.Float64, strict=False)
    wrong = numbers.is_null() | (numbers != numbers.round(0)) | (numbers.abs() > _LARGEST)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise NotAWholeNumber(Place(file), column=name, value=cells[row] or "", family=frame["id"][row])
    return numbers.cast(pl.Int64).to_numpy().astype(np.int64)
