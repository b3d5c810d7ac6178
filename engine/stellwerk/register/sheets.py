"""What stands in a table of a register, cell by cell, before anything is understood?

Reads CSV (delimiter and encoding found out), XLSX (cells by their value), Parquet and a table of a DuckDB file; out
come the headers, the cells under positional names, the row number of each record as the reader counts it (the header
of a CSV is row 1), and the records that have more or fewer cells than the header.
"""

from __future__ import annotations

import codecs
import csv
import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import fastexcel
import polars as pl

from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError
from stellwerk.register.database import rows_of, tables_of
from stellwerk.register.spelling import folded

WORKBOOKS = (".xlsx", ".xlsm")
DATABASES = (".duckdb",)
REGISTER_SUFFIXES = (".csv", ".txt", ".parquet", *WORKBOOKS, *DATABASES)
_DELIMITERS = (";", ",", "\t", "|")
_HEADER_SEARCH_ROWS = (
    50  # a title and notes may stand above the header of a spreadsheet; no longer preamble is expected
)
_LONGEST_CELL = 1_000_000
_LONGEST_HEADER = 100_000  # letters in which the delimiter is sought
logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of every empty column
_ZIP_START = b"PK\x03\x04"  # how every XLSX begins, whatever its name says


class UnknownRegisterFormat(StellwerkError):
    """The file's ending is none that a register can have."""


class RegisterEmpty(StellwerkError):
    """Nothing stands in the file."""


class RegisterWithoutRows(StellwerkError):
    """There is a header and no case below it."""


class UnreadableRegister(StellwerkError):
    """The file's content is not what its ending says, or is damaged."""


@dataclass(frozen=True)
class TableSource:
    """Where one table stands: a file, and in a workbook or database the name of its sheet or table.

    Of a Parquet file only some rows may be meant: so many from the one at position `first`.
    """

    file: Path
    sheet: str = ""  # empty: the file is the table, or its first sheet is
    first: int = 0
    rows: int | None = None  # none: all

    def shown(self, register: Path) -> str:
        """What a reader calls it within the register at `register`."""
        return self.sheet if self.file == register and self.sheet else self.file.name

    @property
    def place(self) -> Place:
        """The file, with the sheet in it where there is one."""
        return Place(f"{self.file.name}[{self.sheet}]" if self.sheet else self.file.name)


@dataclass(frozen=True)
class Cells:
    """A table's content: headers, cells (columns `c0`, `c1` ...), row numbers, and rows of the wrong length."""

    headers: tuple[str, ...]
    frame: pl.DataFrame
    first_row: int
    wrong_length: Mapping[int, int] = field(default_factory=dict)  # position of the record -> how many cells it has

    def filled_rows(self) -> pl.Series:
        """For each record, whether anything stands in it, be it in a column nobody asked for."""
        filled = [
            pl.col(name).str.strip_chars().str.len_bytes() > 0 if dtype == pl.String else pl.col(name).is_not_null()
            for name, dtype in self.frame.schema.items()
        ]
        return self.frame.select(pl.any_horizontal(filled).fill_null(False))[:, 0]


def table_names(path: Path) -> list[str]:
    """The sheets of a workbook or the tables of a database, in their order."""
    with _readable(TableSource(path)):
        if path.suffix.lower() in WORKBOOKS:
            return list(fastexcel.read_excel(path).sheet_names)
        return tables_of(path)


def read_cells(source: TableSource, known_headers: frozenset[str]) -> Cells:
    """The cells of a table; `known_headers` (folded) tell a header row and a delimiter from chance.

    A formula that failed in a spreadsheet (#N/A) has no value and comes as an empty cell: unknown.
    """
    path, place = source.file, source.place
    suffix = path.suffix.lower()
    if not path.is_file():
        raise FileMissing(Place(path.as_posix()))
    if suffix not in REGISTER_SUFFIXES:
        raise UnknownRegisterFormat(place, allowed=REGISTER_SUFFIXES)
    if path.stat().st_size == 0:
        raise RegisterEmpty(place)
    with _readable(source):
        if suffix == ".parquet":
            rows = pl.scan_parquet(path).slice(source.first, source.rows).collect()
            return _typed(rows, first_row=2 + source.first)
        if suffix in DATABASES:
            return _typed(rows_of(path, source.sheet), first_row=1)
        if suffix in WORKBOOKS:
            return _excel(source, known_headers)
        return _csv(path, known_headers)


@contextmanager
def _readable(source: TableSource) -> Iterator[None]:
    """Turn what the libraries say of a damaged file into one sentence."""
    try:
        yield
    except (csv.Error, pl.exceptions.PolarsError, fastexcel.FastExcelError, OSError) as error:
        raise UnreadableRegister(source.place, problem=(str(error).splitlines() or [""])[0].strip()) from error


def _typed(frame: pl.DataFrame, first_row: int) -> Cells:
    return Cells(tuple(frame.columns), _positional(frame), first_row)


def _excel(source: TableSource, known_headers: frozenset[str]) -> Cells:
    book = fastexcel.read_excel(source.file)
    chosen: int | str = source.sheet or 0
    top = book.load_sheet(chosen, header_row=None, skip_rows=0, n_rows=_HEADER_SEARCH_ROWS, dtypes="string")
    rows = [[str(cell or "").strip() for cell in row] for row in top.to_polars().rows()]
    if not any(any(row) for row in rows):
        raise RegisterEmpty(source.place)
    header_row = max(range(len(rows)), key=lambda i: (_known(rows[i], known_headers), any(rows[i]), -i))
    headers = tuple(rows[header_row])
    if header_row + 1 >= top.total_height:
        body = pl.DataFrame(schema={str(position): pl.String for position in range(len(headers))})
    else:
        # schema_sample_rows=None: the type of a column is decided by all its cells, so that none is lost to a guess
        body = book.load_sheet(chosen, header_row=None, skip_rows=header_row + 1, schema_sample_rows=None).to_polars()
    return Cells(headers, _positional(body), first_row=header_row + 2)


def _csv(path: Path, known_headers: frozenset[str]) -> Cells:
    text = _decoded(path)
    if not text.strip():
        raise RegisterEmpty(Place(path.name))
    csv.field_size_limit(_LONGEST_CELL)
    beginning = text[:_LONGEST_HEADER]
    delimiter = max(_DELIMITERS, key=lambda sign: _fit(beginning, sign, known_headers))
    lines = io.StringIO(text, newline="")
    records: Iterator[list[str]] = csv.reader(lines, delimiter=delimiter)
    headers = tuple(cell.strip() for cell in next(records))
    width = _width_of(headers)
    wrong, count = _wrong_lengths(records if '"' in text else _unquoted(lines, delimiter, width), width)
    columns = {f"c{i}": pl.String for i in range(max(width, len(headers)))}
    frame = pl.read_csv(
        io.BytesIO(text.encode()),
        separator=delimiter,
        has_header=False,
        schema=columns,
        extra_columns="ignore",
        missing_columns="insert",
    )
    if frame.height != count + 1:  # both readers must see the same records, else a quotation mark is out of place
        raise csv.Error("quotation marks")
    return Cells(headers[:width], frame.slice(1).select(list(columns)[:width]), first_row=2, wrong_length=wrong)


def _width_of(headers: tuple[str, ...]) -> int:
    """How many columns there are: delimiters left over at the end of the header line count for nothing."""
    return max((i + 1 for i, header in enumerate(headers) if header), default=0)


def _unquoted(lines: Iterator[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """The records of a text without quotation marks; those of the right length need no splitting, which takes long."""
    right = [""] * width
    for line in lines:
        yield right if line.count(delimiter) == width - 1 else line.rstrip("\r\n").split(delimiter)


def _wrong_lengths(records: Iterator[list[str]], width: int) -> tuple[dict[int, int], int]:
    """The records with too few or too many cells (empty ones at the end do not count), and the number of records."""
    wrong: dict[int, int] = {}
    position = -1
    for position, record in enumerate(records):
        length = len(record)
        if length == width or length == 0 or (length == 1 and not record[0].strip()):
            continue
        if length < width or any(record[width:]):
            wrong[position] = length
    return wrong, position + 1


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(_ZIP_START):
        raise UnreadableRegister(Place(path.name), problem="XLSX/ZIP")
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableRegister(Place(path.name), problem="UTF-8 / Windows-1252")


def _fit(text: str, delimiter: str, known_headers: frozenset[str]) -> tuple[int, int]:
    headers = next(iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), [])
    return _known(headers, known_headers), len(headers)


def _known(headers: list[str], known_headers: frozenset[str]) -> int:
    return sum(folded(header) in known_headers for header in headers)


def _positional(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename(dict(zip(frame.columns, (f"c{i}" for i in range(frame.width)), strict=True)))


def as_text(cells: pl.Series) -> pl.Series:
    """Typed cells as text that means the same: whole numbers without a point, days as year-month-day."""
    dtype = cells.dtype
    if dtype == pl.String:
        return cells
    if dtype == pl.Date:
        return cells.dt.strftime("%Y-%m-%d")
    if isinstance(dtype, pl.Datetime):
        return cells.dt.strftime("%Y-%m-%d %H:%M:%S")
    if dtype.is_float():
        return _floats_as_text(cells)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        return pl.Series(cells.name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)
    return cells.cast(pl.String)


def _floats_as_text(cells: pl.Series) -> pl.Series:
    """Binary fractions carry noise in the sixteenth place, so they are taken to six decimal places, never three:
    `1.234` could be read as a German thousand."""
    frame = cells.cast(pl.Float64).fill_nan(None).rename("x").to_frame()
    x = pl.col("x")
    whole = x.cast(pl.Int64, strict=False)
    shown = (
        pl.when(whole == x)
        .then(whole.cast(pl.String))
        .otherwise(pl.coalesce(x.cast(pl.Decimal(38, 6), strict=False).cast(pl.String), x.cast(pl.String)))
    )
    return frame.select(shown)["x"].rename(cells.name)
