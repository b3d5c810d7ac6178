"""A page and its data in further formats: which there are, and the files they become.

In goes the HTML file of a brief and its tables, out come the paths that were written, whole or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from stellwerk.briefs.export.docx import write_docx
from stellwerk.briefs.export.parts import Brochure
from stellwerk.briefs.export.pdf import write_pdf
from stellwerk.briefs.export.reading import read_page
from stellwerk.briefs.export.workbook import write_data
from stellwerk.errors import StellwerkError, nearest, raise_all


class UnknownBriefFormat(StellwerkError):
    """No format of this name."""


Writer = Callable[[Brochure, Mapping[str, pl.DataFrame], Path], Path]

_WRITERS: dict[str, Writer] = {
    "pdf": lambda brochure, data, target: write_pdf(brochure, target),
    "docx": lambda brochure, data, target: write_docx(brochure, target),
    "xlsx": lambda brochure, data, target: write_data(data, target, brochure.language),
}
FORMATS = ("html", *_WRITERS)


def export(html: Path, data: Mapping[str, pl.DataFrame], to: Sequence[str], folder: Path) -> list[Path]:
    """Write the brief of a page into `folder` in the formats `to`; a page that is there already is only named.

    `data` holds the tables behind the brief by name (see `frames_of`). Unknown formats are refused before anything
    is written.
    """
    check_formats(to)
    brochure = read_page(html.read_text(encoding="utf-8"), html.name)
    return [_written(name, html, brochure, data, folder) for name in dict.fromkeys(to)]


def check_formats(to: Sequence[str]) -> None:
    """Refuse a format that does not exist, before any work is done."""
    unknown = [name for name in to if name not in FORMATS]
    raise_all([UnknownBriefFormat(format=name, known=FORMATS, near=nearest(name, FORMATS)) for name in unknown])


def frames_of(files: Mapping[str, str]) -> dict[str, pl.DataFrame]:
    """The tables among the files of a page, by name without ending.

    Whole columns of numbers become numbers; a column with leading zeros holds keys and stays text, as does one with
    a withheld count.
    """
    return {
        name.removesuffix(".csv"): _typed(pl.read_csv(io.StringIO(content), infer_schema=False))
        for name, content in sorted(files.items())
        if name.endswith(".csv") and content.strip()
    }


def _written(name: str, html: Path, brochure: Brochure, data: Mapping[str, pl.DataFrame], folder: Path) -> Path:
    if name == "html":
        return html
    return _WRITERS[name](brochure, data, folder / f"{html.stem}.{name}")


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(_numbers_where_all_are(column) for column in frame.get_columns())


def _numbers_where_all_are(column: pl.Series) -> pl.Series:
    words = column.drop_nulls()
    if words.is_empty() or words.str.contains(r"^0\d").any():
        return column
    if words.str.contains(r"^-?\d{1,15}$").all():
        return column.cast(pl.Int64)
    if words.str.contains(r"^-?\d{1,12}(\.\d+)?$").all():
        return column.cast(pl.Float64)
    return column
