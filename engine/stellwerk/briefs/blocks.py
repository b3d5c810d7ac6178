"""What a notebook hands to the page: blocks of text, numbers, tables and figures with the data behind them.

In go plain values, out comes a `Block`: an accessible HTML fragment, which a notebook shows as it is, and the files
that belong to it, as text. Only blocks reach the page; whatever else a cell prints stays in the notebook.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import jinja2
import polars as pl

from stellwerk import formats
from stellwerk.briefs.secrecy import Hidden
from stellwerk.texts import text

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MIME = "application/vnd.stellwerk.block+json"

Kind = Literal["text", "count", "decimal", "share", "euro", "date", "difference", "euro_difference"]


@dataclass(frozen=True)
class Shown:
    """A value that is written in its own way: one text for machines, one for the reader."""

    raw: str
    text: str


Value = str | int | Decimal | dt.date | Hidden | Shown | None


@dataclass(frozen=True)
class Column:
    """One column of a table: its name in the data, its heading, how its values are written; some are data only."""

    name: str
    label: str
    kind: Kind = "text"
    places: int = 0
    on_page: bool = True


@dataclass(frozen=True)
class Table:
    """Rows under columns, with a caption that says what is counted, and where the figures come from."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    source: str
    total_row: bool = False
    shown: tuple[int, ...] | None = None

    def csv(self, limit: int) -> str:
        """All rows as CSV for machines: comma, ISO dates, decimal point."""
        data = {
            column.name: _csv_column([row[place] for row in self.rows], limit)
            for place, column in enumerate(self.columns)
        }
        return pl.DataFrame(data).write_csv()


@dataclass(frozen=True)
class Number:
    """One headline number: today, under the reform, and what it counts."""

    id: str
    label: str
    value: Value
    kind: Kind
    before: Value
    after: Value
    note: str


@dataclass(frozen=True)
class Figure:
    """A picture with the sentence it shows (alt text), its caption, its source and the table behind it."""

    name: str
    svg: str
    alt: str
    caption: str
    source: str
    table: Table


@dataclass(frozen=True)
class Block:
    """A fragment of a page with the files that belong to it and what the page and the ledger should know."""

    html: str
    files: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __add__(self, other: Block) -> Block:
        return Block(self.html + other.html, {**self.files, **other.files}, {**self.meta, **other.meta})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        data = {"html": self.html, "files": dict(self.files), "meta": dict(self.meta)}
        return {"text/plain": f"Block: {sorted(self.files)}", "text/html": self.html, MIME: data}


@dataclass(frozen=True)
class Maker:
    """Makes blocks in one language, with one limit for small counts."""

    language: str
    limit: int

    def masthead(self, title: str, subtitle: str, notice: str, meta: Mapping[str, Any]) -> Block:
        """The opening: what this is, of which day, and what it must not be taken for."""
        html = _macros().masthead(title, subtitle, notice)
        return Block(str(html), meta={"title": title, "language": self.language, **meta})

    def heading(self, anchor: str, title: str) -> Block:
        """The heading of a section."""
        return Block(str(_macros().heading(anchor, title)), meta={"sections": [[anchor, title]]})

    def prose(self, *paragraphs: str) -> Block:
        """Plain paragraphs; empty ones are left out."""
        return Block(str(_macros().prose([paragraph for paragraph in paragraphs if paragraph])))

    def points(self, items: Iterable[str]) -> Block:
        """A list of short statements."""
        return Block(str(_macros().points(list(items))))

    def numbers(self, name: str, numbers: Sequence[Number]) -> Block:
        """The headline numbers as cards, with their CSV."""
        cards = [
            {"number": number, "shown": self.show(number.value, number.kind), "raw": raw(number.value, self.limit)}
            for number in numbers
        ]
        columns = ("id", "label", "value", "before", "after", "note")
        rows = tuple((n.id, n.label, n.value, n.before, n.after, n.note) for n in numbers)
        table = Table(name, "", tuple(Column(column, column) for column in columns), rows, "")
        return Block(str(_macros().numbers(cards)), {f"{name}.csv": table.csv(self.limit)})

    def table(self, table: Table) -> Block:
        """A table with caption, scopes and source; its CSV holds every row, the page those that are `shown`."""
        places = range(len(table.rows)) if table.shown is None else table.shown
        cells = [
            [
                (self.show(value, column.kind, column.places), column.kind)
                for value, column in zip(row, table.columns, strict=True)
                if column.on_page
            ]
            for row in (table.rows[place] for place in places)
        ]
        gaps = [before + 1 < place for before, place in itertools.pairwise([-1, *places])]
        rows = [{"cells": row, "gap": gap} for row, gap in zip(cells, gaps, strict=True)]
        html = _macros().table(table, rows, self._link(table.name), text("brief_source", self.language))
        return Block(str(html), {f"{table.name}.csv": table.csv(self.limit)})

    def figure(self, figure: Figure) -> Block:
        """A picture with alt text, caption, source and its CSV."""
        image = base64.b64encode(figure.svg.encode()).decode()
        html = _macros().figure(figure, image, self._link(figure.table.name), text("brief_source", self.language))
        return Block(str(html), {f"{figure.table.name}.csv": figure.table.csv(self.limit)})

    def record(self, name: str, content: Mapping[str, Any]) -> Block:
        """Values for machines without a place on the page."""
        return Block("", {f"{name}.json": json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"})

    def show(self, value: Value, kind: Kind, places: int = 0) -> str:
        """A value as the reader sees it."""
        if value is None:
            return "–"
        if isinstance(value, Hidden):
            return text("count_small" if value is Hidden.SMALL else "count_blocked", self.language, limit=self.limit)
        if isinstance(value, str | Shown):
            return (value.text if isinstance(value, Shown) else value).replace("§ ", f"§{formats.BREAKLESS}")
        if isinstance(value, dt.date):
            return formats.date(value, self.language)
        writers = {
            "euro": formats.euro,
            "share": formats.share,
            "difference": formats.difference,
            "euro_difference": formats.euro_difference,
        }
        return writers.get(kind, formats.number)(value, self.language, places)

    def _link(self, name: str) -> dict[str, str]:
        return {"href": f"data/{name}.csv", "label": text("brief_data_link", self.language, file=f"{name}.csv")}


def raw(value: Value, limit: int) -> str:
    """A value as it stands in a file for machines."""
    if isinstance(value, Hidden):
        return value.value.format(limit=limit)
    if isinstance(value, Shown):
        return value.raw
    return "" if value is None else _no_formula(value) if isinstance(value, str) else str(value)


def _no_formula(content: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe; negative numbers are no text here."""
    return f"'{content}" if content.startswith(_FORMULA_STARTS) else content


def _csv_column(values: list[Value], limit: int) -> pl.Series:
    if all(value is None or isinstance(value, int) for value in values):
        return pl.Series(values, dtype=pl.Int64)
    return pl.Series([raw(value, limit) for value in values], dtype=pl.String)


@cache
def templates() -> jinja2.Environment:
    """The templates of this package: everything put into them is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("stellwerk.briefs", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@cache
def _macros() -> Any:
    return templates().get_template("blocks.html.j2").module
