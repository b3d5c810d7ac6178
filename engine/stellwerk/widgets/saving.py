"""What was tried becomes a file: shown as text for everybody, written into the checkout where that is allowed.

In go the keys of a scenario file; out comes a YAML text, and on request a new file below `params/`. A file that exists
is never overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
import yaml

from stellwerk.errors import StellwerkError
from stellwerk.tables import write_text
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.writing import may_write

_NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")
Files = Callable[[str], Mapping[Path, Mapping[str, Any]]]


class WritingNotAllowed(StellwerkError):
    """Something on a page that only reads was asked to write."""


class ScenarioNameUnfit(StellwerkError):
    """A name that no scenario can have."""


class ScenarioExists(StellwerkError):
    """There is a scenario of that name already."""


def as_yaml(keys: Mapping[str, Any]) -> str:
    """The text of a scenario file."""
    written: str = yaml.safe_dump(dict(keys), allow_unicode=True, sort_keys=False, width=120)
    return written


def write_scenarios(name: str, files: Mapping[Path, Mapping[str, Any]]) -> None:
    """Write new scenario files; refused where writing is not allowed, the name is unfit or a file exists."""
    if not may_write():
        raise WritingNotAllowed
    if not _NAME.fullmatch(name):
        raise ScenarioNameUnfit(name=name)
    for path in files:
        if path.exists():
            raise ScenarioExists(name=name, file=path.name)
    for path, keys in files.items():
        write_text(as_yaml(keys), path)


class Saver:
    """A name, a button, and the text that would be written; `files` gives what a name stands for."""

    def __init__(self, files: Files, used_by: str, language: str) -> None:
        self._files = files
        self._used_by = used_by
        self._language = language
        self.name = look.named(
            ipywidgets.Text(description=text("save_name", language), placeholder="mein_szenario"), "sw-save-name"
        )
        self.button = look.named(ipywidgets.Button(description=text("save_button", language)), "sw-save")
        self.button.disabled = self.name.disabled = not may_write()
        self.button.on_click(lambda _: self.save())
        self.told = look.shown("" if may_write() else look.live(text("widget_read_only", language)), "sw-saved")
        self.shown = look.shown("", "sw-scenario")
        self.view = ipywidgets.VBox([self.name, self.button, self.told, self.shown])

    def show(self) -> None:
        """Show the text as it is now."""
        parts = "".join(f"<pre>{escape(as_yaml(keys))}</pre>" for keys in self._files(self.name.value or "…").values())
        self.shown.value = f"<details><summary>{escape(text('save_text', self._language))}</summary>{parts}</details>"

    def save(self) -> None:
        """Write the files of the name that was typed, and say with what they are read."""
        name = self.name.value.strip()
        try:
            write_scenarios(name, self._files(name))
        except StellwerkError as error:
            self.told.value = look.alarm(error, self._language)
        else:
            command = self._used_by.format(name=name)
            self.told.value = look.live(text("save_done", self._language, command=command))
