"""A table of many rows in which some columns can be typed into: filtered, summed and paged in the page, native inputs.

In go rows as plain values with one column that names them; `edits` holds what was changed: key -> column -> number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from stellwerk.texts import text
from stellwerk.widgets.scripts import script

PAGE_SIZE = 12  # rows that fit beside a map at 1280 x 800
_HERE = Path(__file__).parent
_WORDS = ("filter", "back", "on", "page", "all", "sum")


@dataclass(frozen=True)
class GridColumn:
    """A column of the grid."""

    name: str
    label: str
    editable: bool = False
    summed: bool = False
    words: bool = False
    """Whether it holds words instead of numbers."""


class Grid(anywidget.AnyWidget):
    """Rows with editable columns; the first column is the heading of its row."""

    _esm = script("elements", "numerals", "grid")
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    key = traitlets.Unicode("").tag(sync=True)
    group = traitlets.Unicode("").tag(sync=True)
    group_label = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    page_size = traitlets.Int(PAGE_SIZE).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)


def grid_of(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[GridColumn],
    *,
    key: str,
    caption: str,
    language: str,
    group: tuple[str, str] = ("", ""),
) -> Grid:
    """A grid of these columns in the reader's language; `group` is a column to filter by, with its label."""
    words = {name: text(f"grid_{name}", language) for name in _WORDS}
    return Grid(
        rows=[dict(row) for row in rows],
        columns=[vars(column) for column in columns],
        key=key,
        group=group[0],
        group_label=group[1],
        caption=caption,
        words={**words, "unfit": text("number_unfit", language), "language": language},
    )
