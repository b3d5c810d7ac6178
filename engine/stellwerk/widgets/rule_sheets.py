"""Decision tables and listings of a rule, out as a workbook and back in.

The workbook is handed out within the page and taken over into the draft; nothing is written into the checkout here.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import ipywidgets

from stellwerk.editing.desk import Desk
from stellwerk.errors import StellwerkError
from stellwerk.texts import text
from stellwerk.widgets import fields, look

_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RuleSheets:
    """A table to choose, a workbook of it, and a place to hand it in again."""

    def __init__(self, language: str, desk: Desk, changed: Callable[[], None]) -> None:
        self.language = language
        self._desk, self._changed = desk, changed
        self.table = fields.options(self._say("sheet"), "sw-sheet")
        self.write = fields.button(self._say("write_sheet_button"), "sw-write-sheet", self.hand_out)
        self.upload = look.named(ipywidgets.FileUpload(accept=".xlsx", description=self._say("upload")), "sw-upload")
        self.upload.layout.width = "auto"
        self.upload.observe(lambda change: self._handed_in(change["new"]), "value")
        self.told = look.shown("", "sw-sheet-told")
        self.view = ipywidgets.VBox([self.table, self.write, self.upload, self.told])

    def show(self, paths: Sequence[Path]) -> None:
        """Offer these tables."""
        before = self.table.value
        fields.offer(self.table, [(path.relative_to(self._desk.root).as_posix(), path) for path in paths])
        if not paths:
            self.told.value = look.live(self._say("no_sheet"))
        elif self.table.value != before:
            self.told.value = ""
        self.write.disabled = self.upload.disabled = not paths

    def hand_out(self) -> None:
        """Offer the chosen table as a workbook to download."""
        path: Path = self.table.value
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"{path.stem}.xlsx"
            self._desk.write_sheet(path, target)
            content = base64.b64encode(target.read_bytes()).decode("ascii")
        name = escape(f"{path.stem}.xlsx")
        self.told.value = f'<a class="sw-download" download="{name}" href="data:{_KIND};base64,{content}">{name}</a>'

    def take_over(self, name: str, content: bytes) -> None:
        """Take over the rows of a workbook, or say what is wrong with which of them."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "table.xlsx"
            source.write_bytes(content)
            try:
                self._desk.take_sheet(source, self.table.value)
            except StellwerkError as error:
                self.told.value = look.alarm(error, self.language)
                return
        self.told.value = look.live(self._say("sheet_taken", file=name))
        self._changed()

    def _handed_in(self, given: Sequence[dict[str, object]]) -> None:
        if given and self.table.value is not None:
            content = given[0]["content"]
            assert isinstance(content, memoryview | bytes)
            self.take_over(str(given[0]["name"]), bytes(content))

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)
