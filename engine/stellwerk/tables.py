"""Writing of result tables: by suffix .csv, .xlsx or .parquet, whole or not at all, never with formulas.

A table, or a folder of tables, is first written beside its target and then takes its place, so that a crash leaves the
old one or the new one. Text that a spreadsheet would read as a formula is written as text.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stellwerk.errors import StellwerkError
from stellwerk.texts import Phrase

TABLE_SUFFIXES = (".csv", ".xlsx", ".parquet")
_FORMULA_STARTS = r"^[=+\-@\t\r]"
_FIXED_DATE = dt.datetime(2000, 1, 1)
MOST_SHEET_ROWS = 1_048_575  # what a sheet of a workbook holds below its header
_HINDRANCES = {
    errno.ENOSPC: "write_disk_full",
    errno.EDQUOT: "write_disk_full",
    errno.EFBIG: "write_file_too_large",
    errno.EACCES: "write_not_allowed",
    errno.EPERM: "write_not_allowed",
    errno.EROFS: "write_not_allowed",
}
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


class UnknownTableFormat(StellwerkError):
    """The file's ending names no table format."""


class OutputFolderMissing(StellwerkError):
    """The folder that should receive the output does not exist."""


class FolderInUse(StellwerkError):
    """The folder that should be replaced holds things that do not come from here."""


class TooManyRowsForSheet(StellwerkError):
    """A workbook's sheet cannot hold the table."""


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Hand out a path beside `target`; on success it becomes `target`, on any error it goes away."""
    draft = file_beside(target, target.suffix)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def file_beside(target: Path, suffix: str) -> Path:
    """An empty file with a name of its own in the folder of `target`, whose place it can take in one step."""
    if not target.parent.is_dir():
        raise OutputFolderMissing(folder=target.parent.as_posix())
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=suffix, dir=target.parent)
    os.close(handle)
    return Path(name)


def hindrance(problem: OSError) -> Phrase | str:
    """What stands against writing, in the reader's words where it is one of the usual things."""
    key = _HINDRANCES.get(problem.errno or 0)
    return Phrase(key) if key else os.strerror(problem.errno or 0)


@contextmanager
def whole_folder(target: Path, ours: Callable[[str], bool]) -> Iterator[Path]:
    """Hand out a folder beside `target`; on success it takes the place of `target`, on any error it goes away.

    A folder is replaced only where `ours` claims the name of everything in it; else `FolderInUse` names what is not.
    """
    place = target.resolve()
    if not place.parent.is_dir():
        raise OutputFolderMissing(folder=target.parent.as_posix())
    foreign = [path.name for path in sorted(place.iterdir()) if not ours(path.name)] if place.is_dir() else []
    if foreign or place.is_file():
        raise FolderInUse(folder=target.as_posix(), found=foreign[:1] or [target.name])
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        yield draft
        draft.chmod(0o755)
        _take_place(draft, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, place: Path) -> None:
    """Put one folder in another's place; what stood there is then called as the draft was."""
    if not place.exists():
        draft.rename(place)
        return
    if _exchanged(draft, place):
        return
    aside = draft.with_name(f"{draft.name}.old")
    try:
        place.rename(aside)
        draft.rename(place)
    except BaseException:
        if not place.exists():
            aside.rename(place)
        raise
    shutil.rmtree(aside)


def _exchanged(first: Path, second: Path) -> bool:
    """Swap two folders in one step, so that there is no moment without either; not every system can."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    return swap is not None and swap(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0


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
            _write_xlsx({"Tabelle": frame}, draft)


def write_workbook(frames: Mapping[str, pl.DataFrame], target: Path) -> None:
    """Write several tables as the sheets of one workbook."""
    with whole_file(target) as draft:
        _write_xlsx(frames, draft)


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


def _write_xlsx(frames: Mapping[str, pl.DataFrame], draft: Path) -> None:
    import xlsxwriter  # here, because most runs never write a spreadsheet

    for name, frame in frames.items():
        if frame.height > MOST_SHEET_ROWS:
            raise TooManyRowsForSheet(table=name, rows=frame.height, most=MOST_SHEET_ROWS)
    with xlsxwriter.Workbook(
        draft, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        book.set_properties({"created": _FIXED_DATE})  # same inputs, same bytes
        for name, frame in frames.items():
            without_formulas(frame).write_excel(
                book, worksheet=name, header_format={"bold": True}, dtype_formats={pl.Date: "dd.mm.yyyy"}
            )
