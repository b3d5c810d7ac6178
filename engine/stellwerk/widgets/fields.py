"""Labelled controls with stable class names: a word, a day, a choice, a button. The label is never cut."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from stellwerk.widgets import look

WHOLE_LABEL = {"description_width": "initial"}


def word(label: str, name: str) -> Any:
    """A line to type in."""
    return look.named(ipywidgets.Text(description=label, style=WHOLE_LABEL), name)


def day(label: str, name: str, value: dt.date | None = None) -> Any:
    """A day, or none."""
    return look.named(ipywidgets.DatePicker(value=value, description=label, style=WHOLE_LABEL), name)


def options(label: str, name: str) -> Any:
    """A list to choose one of; what it offers is set later."""
    return look.named(ipywidgets.Dropdown(options=[], description=label, style=WHOLE_LABEL), name)


def offer(field: Any, pairs: Sequence[tuple[str, object]]) -> None:
    """Let a list offer these, shown and meant; what was chosen stays chosen where it is still there, else the first."""
    wanted, chosen = tuple(pairs), field.value
    if field.options != wanted:
        field.options = wanted
    meant = [value for _, value in wanted]
    field.value = chosen if chosen in meant else next(iter(meant), None)


def button(label: str, name: str, action: Callable[[], None]) -> Any:
    """A button as wide as its words."""
    made = look.named(ipywidgets.Button(description=label, layout={"width": "auto"}), name)
    made.on_click(lambda _: action())
    return made
