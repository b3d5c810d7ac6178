"""How pages of the workbench are put together: parts with stable class names, tables, figures, the style they share.

In go texts and frames, out come ipywidgets and safe HTML; class names begin with `sw-` and may be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from stellwerk.briefs.blocks import Figure
from stellwerk.errors import StellwerkError
from stellwerk.texts import text
from stellwerk.widgets.writing import may_write

_HERE = Path(__file__).parent
_SHARED = "style.css"
_SIGNS = {"met": "✓", "open": "◔", "unknown": "?", "not_met": "✗", "neutral": "·"}  # readable in grey, and aloud


def page(*parts: Any) -> Any:
    """The whole of a page, with the style that all pages share and those of single pages."""
    own = sorted(path for path in _HERE.glob("*.css") if path.name != _SHARED)
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (_HERE / _SHARED, *own))
    return named(ipywidgets.VBox([ipywidgets.HTML(f"<style>{rules}</style>"), *parts]), "sw-page")


def head(title: str, purpose: str, language: str) -> Any:
    """The title of a page, what it is for, and whether it may save."""
    chip = how = ""
    if not may_write():
        chip = f'<span class="sw-read-only">{escape(text("widget_read_only_chip", language))}</span>'
        how = f"<p>{escape(text('widget_read_only', language))}</p>"
    return shown(f'<header class="sw-head"><h1>{escape(title)}{chip}</h1><p>{escape(purpose)}</p>{how}</header>')


def card(title: str, *parts: Any) -> Any:
    """One question with its answer."""
    return named(ipywidgets.VBox([*([shown(heading(title))] if title else []), *parts]), "sw-card")


def group(title: str, *parts: Any) -> Any:
    """Controls that belong together, within a card."""
    return named(ipywidgets.VBox([*([shown(heading(title))] if title else []), *parts]), "sw-group")


def buttons(*made: Any) -> Any:
    """Buttons in a row."""
    return named(ipywidgets.HBox(list(made)), "sw-buttons")


def primary(button: Any) -> Any:
    """The button of a group that does what the group is for."""
    return named(button, "sw-primary")


def chip(words: str, kind: str) -> str:
    """An outcome as a sign with words; `kind` is met, open, unknown, not_met or neutral."""
    return f'<span class="sw-chip sw-chip-{kind}"><span aria-hidden="true">{_SIGNS[kind]}</span> {escape(words)}</span>'


def columns(controls: Sequence[Any], results: Sequence[Any]) -> Any:
    """Controls to the left, results to the right; one under the other on narrow screens."""
    left = named(ipywidgets.VBox(list(controls)), "sw-controls", "sw-card")
    right = named(ipywidgets.VBox(list(results)), "sw-results")
    return named(ipywidgets.Box([left, right]), "sw-columns")


def shown(html: str = "", *names: str) -> Any:
    """A piece of HTML; its text must have been escaped."""
    return named(ipywidgets.HTML(html), *names)


def named(widget: Any, *names: str) -> Any:
    """A widget with class names."""
    for name in names:
        widget.add_class(name)
    return widget


def live(sentence: str = "") -> str:
    """A sentence that screen readers say when it changes."""
    return f'<p role="status">{escape(sentence)}</p>'


def alarm(error: StellwerkError, language: str) -> str:
    """What went wrong, for the reader."""
    return f'<p role="alert" class="sw-error">{escape(error.message(language))}</p>'


def heading(title: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{escape(title)}</h{level}>"


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """A table of words; `numbers` are the columns that stand to the right."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(f"<tr>{_cells(row, numbers)}</tr>" for row in rows)
    return (
        f'<table class="sw-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def figure(picture: Figure) -> str:
    """A picture with what a screen reader says of it and its source."""
    svg = picture.svg[picture.svg.index("<svg") :]
    return (
        f'<figure class="sw-figure"><div role="img" aria-label="{escape(picture.alt)}">{svg}</div>'
        f"<figcaption>{escape(picture.caption)} {escape(picture.source)}</figcaption></figure>"
    )


def choice(label: str, options: Mapping[str, str], value: str, *names: str) -> Any:
    """A list to choose one of: key -> what is shown."""
    pairs = [(words, key) for key, words in options.items()]
    made = ipywidgets.Dropdown(options=pairs, value=value, description=label, style={"description_width": "initial"})
    return named(made, *names)


def _cells(row: Sequence[str], numbers: Sequence[int]) -> str:
    first, *others = row
    cells = [f'<th scope="row">{escape(first)}</th>']
    for place, cell in enumerate(others, start=1):
        kind = ' class="sw-count"' if place in numbers else ""
        cells.append(f"<td{kind}>{escape(cell)}</td>")
    return "".join(cells)
