"""Writing of result tables: by suffix .csv, .xlsx or .parquet, whole or not at all, never with formulas.

A table is first written beside its target and then renamed over it, so that a crash leaves the old file or the new
one. Text that a spreadsheet would read as a formula is written as text.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stellwerk.errors import StellwerkError

TABLE_SUFFIXES = (".csv", ".xlsx", ".parquet")
_FORMULA_STARTS = r"^[=+\-@\t\r]"
_FIXED_DATE = dt.datetime(2000, 1, 1)


class UnknownTableFormat(StellwerkError):
    """The file's ending names no table format."""


class OutputFolderMissing(StellwerkError):
    """The folder that should receive the output does not exist."""


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Hand out a path beside `target`; on success it becomes `target`, on any error it goes away."""
    if not target.parent.is_dir():
        raise OutputFolderMissing(folder=target.parent.as_posix())
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_text(content: str, target: Path) -> None:
    """Write UTF-8 text, whole or not at all."""
    with whole_file(target) as draft:
        draft.write_text(content, encoding="utf-8", newline="\n")


def write_table(frame: pl.DataFrame, target: Path) -> None:
    """Write `frame` in the format of the target's suffix.

    CSV is UTF-8 with comma and ISO dates, one format for machines; XLSX carries real dates and numbers.
    """
    check_table_suffix(target)
    with whole_file(target) as draft:
        if target.suffix == ".parquet":
            frame.write_parquet(draft)
        elif target.suffix == ".csv":
            without_formulas(frame).write_csv(draft)
        else:
            _write_xlsx(without_formulas(frame), draft)


def check_table_suffix(target: Path) -> None:
    """Refuse a target whose suffix is no table format, before any work is done."""
    if target.suffix not in TABLE_SUFFIXES:
        raise UnknownTableFormat(file=target.name, allowed=TABLE_SUFFIXES)


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    worded = [name for name, dtype in frame.schema.items() if dtype in (pl.String, pl.Enum, pl.Categorical)]
    return frame.with_columns(_guarded(pl.col(name).cast(pl.String)).alias(name) for name in worded)


def _guarded(words: pl.Expr) -> pl.Expr:
    return pl.when(words.str.contains(_FORMULA_STARTS)).then(pl.lit("'") + words).otherwise(words)


def _write_xlsx(frame: pl.DataFrame, draft: Path) -> None:
    import xlsxwriter  # here, because most runs never write a spreadsheet

    with xlsxwriter.Workbook(
        draft, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        book.set_properties({"created": _FIXED_DATE})  # same inputs, same bytes
        frame.write_excel(
            book, worksheet="Tabelle", header_format={"bold": True}, dtype_formats={pl.Date: "dd.mm.yyyy"}
        )
