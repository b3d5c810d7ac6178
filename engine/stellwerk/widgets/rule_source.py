"""The text of the files that make up a rule, to be read and typed in: the same document that the form changes.

Goes in: the files and their texts. What somebody types goes out once typing has stopped, or when `settle` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import ipywidgets

from stellwerk.editing.desk import Desk
from stellwerk.texts import text
from stellwerk.widgets import fields, look


class RuleSource:
    """A file to choose and its text."""

    def __init__(self, language: str, desk: Desk, typing: Callable[[], None], chosen: Callable[[], None]) -> None:
        self.language = language
        self._desk, self._typing, self._chosen = desk, typing, chosen
        self._quiet = False
        self._paths: dict[str, Path] = {}
        self._typed: Path | None = None  # the file whose text is being typed and not taken yet
        self.file = fields.options(self._say("file"), "sw-file")
        self.text = look.named(ipywidgets.Textarea(description=self._say("source"), rows=24), "sw-source")
        self.file.observe(lambda _: self._choose(), "value")
        self.text.observe(lambda _: self._type(), "value")
        self.view = look.card(self._say("view_source"), self.file, self.text)

    def show(self, paths: Sequence[Path]) -> None:
        """Offer these files, and show the text of the one that is chosen."""
        self._paths = {path.relative_to(self._desk.root).as_posix(): path for path in paths}
        self._quiet = True
        try:
            fields.offer(self.file, [(name, name) for name in self._paths])
            self.text.value = self._desk.text_of(self._paths[self.file.value])
        finally:
            self._quiet = False

    def take(self) -> tuple[Path, str] | None:
        """What has been typed and not taken yet, once."""
        path, self._typed = self._typed, None
        return None if path is None else (path, self.text.value)

    def forget(self) -> None:
        """Drop what has been typed and not taken yet."""
        self._typed = None

    def _type(self) -> None:
        if not self._quiet:
            self._typed = self._paths[self.file.value]
            self._typing()

    def _choose(self) -> None:
        if self._quiet:
            return
        self._chosen()
        self._quiet = True
        try:
            self.text.value = self._desk.text_of(self._paths[self.file.value])
        finally:
            self._quiet = False

    def _say(self, key: str) -> str:
        return text(f"rule_editor_{key}", self.language)
