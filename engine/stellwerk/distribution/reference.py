"""What do the reference tables say, and are they whole?

In goes the folder `params/`, out come its tables: as text for exact arithmetic, and typed for everything else. Each
table is checked against its sibling `<table>.columns.csv`, which names every column with unit and source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast

import polars as pl

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
COLUMN_SHEET = ("column", "label_de", "label_en", "unit", "as_of", "source", "licence", "evidence")


class ReferenceTableMissing(StellwerkError):
    """A table of params/ does not exist."""


class ReferenceTableUnreadable(StellwerkError):
    """A table of params/ is no UTF-8 CSV with commas."""


class ReferenceTableEmpty(StellwerkError):
    """A table of params/ has a header at most."""


class ReferenceColumnMissing(StellwerkError):
    """A documented or needed column is not in the table."""


class ReferenceColumnUndocumented(StellwerkError):
    """A column of the table is not described in its column sheet."""


class ReferenceCodeRepeated(StellwerkError):
    """A code that should be unique stands in two rows."""


class ReferenceNumberUnreadable(StellwerkError):
    """A cell that should hold a number does not."""


class UnknownPlace(StellwerkError):
    """A code names no place of the table."""


@dataclass(frozen=True)
class TableForm:
    """How a table is keyed and which of its columns are not numbers."""

    key: tuple[str, ...]
    text: tuple[str, ...]
    dates: tuple[str, ...] = ()


FORMS = {
    "municipalities": TableForm(("ags",), ("ags", "name", "official_name", "kind", "kreis_ags", "regierungsbezirk")),
    "kreise": TableForm(
        ("kreis_ags",), ("kreis_ags", "name", "official_name", "kind", "regierungsbezirk", "asking_rent_class")
    ),
    "laender": TableForm(("land",), ("land", "ags2", "name")),
    "koenigstein": TableForm(
        ("land", "gwk_year"), ("land", "evidence", "source"), dates=("applies_from", "applies_to")
    ),
    "member_states": TableForm(("state",), ("state", "name", "name_en")),
    "relocation_2015": TableForm(
        ("state", "decision"), ("state", "decision", "evidence", "source"), dates=("applies_from", "applies_to")
    ),
    "countries": TableForm(
        ("iso2",),
        ("iso2", "iso3", "eurostat", "destatis", "destatis_evidence", "name_de", "name_en", "name_bamf"),
    ),
}


@dataclass(frozen=True)
class ReferenceTables:
    """The tables of one `params/` folder, each read at its first use."""

    params: Path

    @classmethod
    def load(cls, params: Path) -> ReferenceTables:
        """Open the folder; a table is read and checked when it is first asked for."""
        if not params.is_dir():
            raise ReferenceTableMissing(file=params.name)
        return cls(params.resolve())

    def as_text(self, table: str) -> pl.DataFrame:
        """The table with every cell as it is written; empty cells are null."""
        return _checked_table(self.params, table, _form(table).key)

    def typed(self, table: str) -> pl.DataFrame:
        """The table with whole numbers as Int64, other numbers as Float64, dates as Date."""
        return _typed_table(self.params, table)

    def columns(self, table: str) -> pl.DataFrame:
        """The column sheet of the table: label, unit, day, source, licence and evidence of each column."""
        return _column_sheet(self.params, table)

    def key_column(self, table: str) -> str:
        """The column that holds the codes of the table's places."""
        return _form(table).key[0]

    def names(self, table: str) -> dict[str, str]:
        """Code -> name, in the order of the codes."""
        frame = self.as_text(table).sort(self.key_column(table))
        return dict(zip(frame[self.key_column(table)], frame["name"], strict=True))

    def exact(self, table: str, column: str) -> dict[str, Fraction]:
        """Code -> the cell's number, exactly as its decimal text says."""
        return dict(_exact_numbers(self.params, table, column))

    def exact_inside(self, places: str, table: str, column: str) -> dict[str, Fraction]:
        """Code of `places` -> the number of the row of `table` that the place lies in, such as its Kreis's."""
        values = self.exact(table, column)
        if table == places:
            return values
        pointer, frame = self.key_column(table), self.as_text(places)
        require_columns(frame, [pointer], f"{places}.csv")
        return {code: values[row] for code, row in zip(frame[self.key_column(places)], frame[pointer], strict=True)}

    def grade(self, table: str, column: str) -> EvidenceGrade:
        """How sure a column is, by its sheet."""
        sheet = self.columns(table)
        require_columns(self.as_text(table), [column], f"{table}.csv")
        return cast(EvidenceGrade, sheet.filter(pl.col("column") == column)["evidence"].item())

    @property
    def municipalities(self) -> pl.DataFrame:
        """The municipalities, typed."""
        return self.typed("municipalities")

    @property
    def kreise(self) -> pl.DataFrame:
        """The Kreise and kreisfreie Staedte, typed."""
        return self.typed("kreise")

    @property
    def laender(self) -> pl.DataFrame:
        """The Laender, typed."""
        return self.typed("laender")

    @property
    def countries(self) -> pl.DataFrame:
        """The countries with their codes and names, typed."""
        return self.typed("countries")


def require_columns(frame: pl.DataFrame, needed: Iterable[str], file: str) -> None:
    """Refuse a frame that lacks one of `needed`, naming the nearest column it has."""
    for column in needed:
        if column not in frame.columns:
            near = nearest(column, frame.columns)
            raise ReferenceColumnMissing(Place(file), column=column, near=near)


def require_places(codes: Iterable[str], names: dict[str, str]) -> None:
    """Refuse a code that is no place of `names`, offering the place whose name or code is nearest."""
    by_name = {name: code for code, name in names.items()}
    for code in sorted(set(map(str, codes)) - set(names)):
        near = by_name.get(nearest(code, by_name)) or nearest(code, names)
        raise UnknownPlace(code=code, near=near, near_name=names.get(near, ""))


def exact_number(cell: str | None, place: Place, column: str) -> Fraction:
    """The number a cell spells, as a fraction: `405.02` is 40502/100, never its binary neighbour."""
    if not _NUMBER.fullmatch(cell or ""):
        raise ReferenceNumberUnreadable(place, column=column, value=cell or "")
    return Fraction(cell or "")


def _form(table: str) -> TableForm:
    try:
        return FORMS[table]
    except KeyError:
        raise ReferenceTableMissing(file=f"{table}.csv") from None


@cache
def _typed_table(params: Path, table: str) -> pl.DataFrame:
    frame = _checked_table(params, table, _form(table).key)
    form = _form(table)
    numbers = [column for column in frame.columns if column not in (*form.text, *form.dates)]
    for column in numbers:
        for line, cell in enumerate(frame[column], start=2):
            if cell is not None:
                exact_number(cell, Place(f"{table}.csv", line), column)
    whole = [column for column in numbers if not frame[column].str.contains(".", literal=True).any()]
    fractional = [column for column in numbers if column not in whole]
    return frame.with_columns(
        pl.col(whole).cast(pl.Int64), pl.col(fractional).cast(pl.Float64), pl.col(form.dates).str.to_date("%Y-%m-%d")
    )


@cache
def _exact_numbers(params: Path, table: str, column: str) -> dict[str, Fraction]:
    form = _form(table)
    frame = _checked_table(params, table, form.key)
    require_columns(frame, [column], f"{table}.csv")
    cells = enumerate(zip(frame[form.key[0]], frame[column], strict=True), start=2)
    return {code: exact_number(cell, Place(f"{table}.csv", line), column) for line, (code, cell) in cells}


@cache
def _checked_table(params: Path, table: str, key: tuple[str, ...]) -> pl.DataFrame:
    file = f"{table}.csv"
    frame = _read(params / file)
    documented = _column_sheet(params, table)["column"].to_list()
    require_columns(frame, documented, file)
    for column in frame.columns:
        if column not in documented:
            raise ReferenceColumnUndocumented(Place(file), column=column, near=nearest(column, documented))
    repeated = frame.filter(frame.select(key).is_duplicated())
    if repeated.height:
        raise ReferenceCodeRepeated(Place(file), code=" ".join(map(str, repeated.select(key).row(0))))
    return frame


@cache
def _column_sheet(params: Path, table: str) -> pl.DataFrame:
    file = f"{table}.columns.csv"
    sheet = _read(params / file)
    require_columns(sheet, COLUMN_SHEET, file)
    return sheet


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise ReferenceTableMissing(file=path.name)
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise ReferenceTableEmpty(Place(path.name))
    try:
        frame = pl.read_csv(content, infer_schema=False)
    except pl.exceptions.ComputeError as error:
        raise ReferenceTableUnreadable(Place(path.name)) from error
    if len(frame.columns) == 1 and ";" in frame.columns[0]:
        raise ReferenceTableUnreadable(Place(path.name))
    if frame.is_empty():
        raise ReferenceTableEmpty(Place(path.name))
    return frame
