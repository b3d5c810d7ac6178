"""A table of many rows in which some columns can be typed into: filtered and paged in the page, native inputs.

In go rows as plain values with one column that names them; `edits` holds what was changed: key -> column -> number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from stellwerk.texts import text

PAGE_SIZE = 12  # rows that fit beside a map at 1280 x 800


class Grid(anywidget.AnyWidget):
    """Rows with editable columns; the first column is the heading of its row."""

    _esm = Path(__file__).with_name("grid.js")
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    key = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("").tag(sync=True)
    page_size = traitlets.Int(PAGE_SIZE).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)


def grid_of(
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    columns: Mapping[str, str],
    editable: Sequence[str],
    caption: str,
    language: str,
) -> Grid:
    """A grid of these columns (name -> label) in the reader's language."""
    words = {name: text(f"grid_{name}", language) for name in ("filter", "back", "on", "page")}
    return Grid(
        rows=[dict(row) for row in rows],
        columns=[{"name": name, "label": label, "editable": name in editable} for name, label in columns.items()],
        key=key,
        caption=caption,
        words={**words, "language": language},
    )
