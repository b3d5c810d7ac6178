"""What the verbs of the command line share: options, reading of words and numbers, telling of results.

Heavy rooms are imported inside the functions, so that help is instant.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stellwerk.errors import Place, StellwerkError
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    import polars as pl

    from stellwerk.register.read import RegisterReading
    from stellwerk.workbench import Workbench

DONE, FINDINGS, WRONG = 0, 1, 2


class DateNotUnderstood(StellwerkError):
    """A date on the command line that is no day."""


class ChangeNotUnderstood(StellwerkError):
    """A `--set` that is not name=value@day."""


class OptionWithoutValue(StellwerkError):
    """A `-p` that is not name=value."""


class UnevenRow(StellwerkError):
    """A row of a small table has more or fewer cells than its header."""


class CellNotWhole(StellwerkError):
    """A cell of a small table that is no whole number."""


class NotANumber(StellwerkError):
    """A number on the command line that is none."""


On = Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on"))]
Reforms = Annotated[list[str] | None, typer.Option("--reform", metavar="REFORM", help=text("help_reform"))]
Json = Annotated[bool, typer.Option("--json", help=text("help_json"))]
Rules = Annotated[list[str] | None, typer.Option("--rule", metavar="RULE", help=text("help_rule"))]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))]
KnownOn = Annotated[str | None, typer.Option("--known-on", metavar="DATE", help=text("help_known_on"))]
Subject = Annotated[str, typer.Option("--subject", metavar="SUBJECT", help=text("help_subject"))]
CaseFile = Annotated[Path, typer.Argument(metavar="REGISTER", help=text("help_case_file"))]
ColumnMapping = Annotated[Path | None, typer.Option("--mapping", metavar="FILE", help=text("help_mapping"))]


def workbench() -> Workbench:
    """The checkout that the user works in."""
    from stellwerk.workbench import Workbench

    return Workbench.open()


def change_of(written: str) -> tuple[str, tuple[str, dt.date]]:
    """A changed parameter, written `name=value@first day`."""
    name, equals, rest = written.partition("=")
    value, at, day = rest.rpartition("@")
    first = day_of(day.strip()) if at else None
    if not equals or first is None:
        raise ChangeNotUnderstood(value=written)
    return name.strip(), (value.strip(), first)


def day_of(written: str | None) -> dt.date | None:
    """A day as ISO (2023-01-31) or German (31.01.2023) text."""
    if written is None:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(written, form).date()
        except ValueError:
            continue
    raise DateNotUnderstood(value=written)


def whole_number(written: str) -> int:
    """A whole number, written with or without points between thousands."""
    try:
        return int(written.replace(".", "").replace("_", ""))
    except ValueError:
        raise NotANumber(value=written) from None


def existing(paths: list[Path]) -> list[Path]:
    """The files, refused where one does not exist."""
    from stellwerk.documents import FileMissing

    for path in paths:
        if not path.is_file():
            raise FileMissing(Place(path.as_posix()))
    return paths


def holdings(path: Path | None, number: str) -> pl.DataFrame | None:
    """A small table of places (stock, facilities) with its one column of whole numbers."""
    return None if path is None else small_table(path, ("code", "facility", number), (number,))


def small_table(path: Path, columns: tuple[str, ...], whole: tuple[str, ...] = ()) -> pl.DataFrame:
    """A table as text, the columns of `whole` as whole numbers; `columns` tell its header from a title above it."""
    import polars as pl

    from stellwerk.register.sheets import TableSource, as_text, read_cells

    cells = read_cells(TableSource(path), frozenset(columns))
    if cells.wrong_length:
        record, count = next(iter(sorted(cells.wrong_length.items())))
        row = cells.first_row + record
        raise UnevenRow(Place(path.name, row), cells=count, columns=len(cells.headers))
    texts = [as_text(cells.frame[f"c{position}"]).alias(name) for position, name in enumerate(cells.headers)]
    frame = pl.DataFrame(texts).filter(cells.filled_rows())
    for name in (name for name in whole if name in frame.columns):
        numbers = frame[name].str.strip_chars().cast(pl.Int64, strict=False)
        for record in (numbers.is_null() & (frame[name].fill_null("") != "")).arg_true():
            raise CellNotWhole(Place(path.name), column=name, value=frame[name][record])
        frame = frame.with_columns(numbers)
    return frame


def name_and_value(item: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, sign, value = item.partition("=")
    if not sign or not name:
        raise OptionWithoutValue(option=item)
    return name.strip(), value


def chosen(items: list[str] | None) -> dict[str, str]:
    """The choices of a repeated option NAME=VALUE."""
    return dict(name_and_value(item) for item in items or [])


def tell_reading(reading: RegisterReading) -> None:
    """Say how a register was read, table by table."""
    for table in reading.report.tables:
        typer.echo(
            text(
                "register_read",
                title=table.title,
                place=f"{table.file}[{table.sheet}]" if table.sheet else table.file,
                rows=count(table.rows),
                clean=count(table.clean),
                quarantined=count(table.quarantined),
            )
        )
        if table.ignored_columns:
            typer.echo("  " + text("register_ignored", columns=table.ignored_columns))
    if reading.report.ignored_tables:
        typer.echo(text("register_ignored_tables", tables=reading.report.ignored_tables))
    if reading.report.absent_tables:
        typer.echo(text("register_absent_tables", tables=reading.report.absent_tables))
    tell_quarantine(reading, rows=20)


def tell_quarantine(reading: RegisterReading, rows: int = 5) -> None:
    """Say what was found wrong: how many rows wait in quarantine, the first findings with their place."""
    if not reading.findings.height:
        return
    held = sum(table.quarantined for table in reading.report.tables)
    if held:
        typer.echo(text("register_quarantined", rows=count(held)), err=True)
    for line in reading.findings.head(rows).iter_rows(named=True):
        place = f"{line['file']}[{line['sheet']}]" if line["sheet"] else line["file"]
        typer.echo("  " + text("register_row", place=place, row=line["row"], reason=line["reason"]), err=True)
    if reading.findings.height > rows:
        typer.echo("  " + text("register_more_findings", findings=count(reading.findings.height - rows)), err=True)


def exit_code(reading: RegisterReading) -> int:
    """Done, or done with findings where anything in the register is wrong."""
    return FINDINGS if reading.findings.height else DONE


def print_frame(frame: pl.DataFrame) -> None:
    """Print a table for people."""
    import polars as pl

    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_hide_dataframe_shape=True,
        tbl_width_chars=1000,
        tbl_hide_column_data_types=True,
        fmt_str_lengths=60,
    ):
        typer.echo(str(frame))


def print_json(value: Any) -> None:
    """Print for machines."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def progress_of(label: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, plain lines elsewhere, nothing where a machine reads."""
    if quiet:
        yield lambda done, total: None
        return
    if not sys.stderr.isatty():
        yield lambda done, total: typer.echo(f"{label} {done}/{total}", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def count(number: int) -> str:
    """A number in the reader's language."""
    from stellwerk import formats

    return formats.number(number, language_in_use())


def share(part: Decimal | Fraction, places: int = 2) -> str:
    """A part of one as percent, in the reader's language."""
    from stellwerk import formats

    return formats.share(part, language_in_use(), places)


def decimal(number: Decimal | Fraction, places: int) -> str:
    """A number with decimal places, in the reader's language."""
    from stellwerk import formats

    return formats.number(number, language_in_use(), places)


def date(day: dt.date) -> str:
    """A day in the reader's language."""
    from stellwerk import formats

    return formats.date(day, language_in_use())
