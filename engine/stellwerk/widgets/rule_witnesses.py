"""A case that a draft changes, kept as an example beside the rule: with few and invented facts, never its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from stellwerk.editing.desk import Desk
from stellwerk.errors import StellwerkError
from stellwerk.texts import text
from stellwerk.widgets import fields, look


class RuleWitnesses:
    """A case to choose, a name for the example, and a button."""

    def __init__(self, language: str, desk: Desk, changed: Callable[[], None]) -> None:
        self.language = language
        self._desk, self._changed = desk, changed
        self._rule = ""
        self.case = fields.options(self._say("witness_case"), "sw-witness-case")
        self.name = fields.word(self._say("witness_name"), "sw-witness-name")
        self.button = fields.button(self._say("witness_button"), "sw-witness", self.keep)
        self.told = look.shown("", "sw-witness-told")
        hint = look.shown(f'<p class="sw-notice">{escape(self._say("witness_hint"))}</p>')
        self.view = ipywidgets.VBox([hint, self.case, self.name, self.button, self.told])

    def show(self, rule: str, cases: Sequence[str]) -> None:
        """Offer these cases, of which this rule says something else."""
        self._rule = rule
        fields.offer(self.case, [(case, case) for case in cases])

    def keep(self) -> None:
        """Put the example into the draft of the rule's examples, or say why there is none."""
        if self.case.value is None:
            self.told.value = look.live(self._say("too_few"))
            return
        name = self.name.value.strip() or self._say("witness_unnamed", rule=self._rule)
        try:
            path = self._desk.keep_witness(self.case.value, self._rule, name, self._say("witness_source"))
        except StellwerkError as error:
            self.told.value = look.alarm(error, self.language)
            return
        self.told.value = look.live(self._say("witness_kept", file=path.name))
        self._changed()

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)
