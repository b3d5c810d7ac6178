"""A rule as a form: every line of one of its versions, conditions with what they mean in words.

Goes in: a rule with the text of its file. What somebody enters goes out through one function; the form itself changes
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets

from stellwerk.editing.layout import NotEditable, Step
from stellwerk.editing.rules import Line, NoSuchRule, lines_of, versions_of
from stellwerk.law.prose import condition_in_words
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.reports.words import Words
from stellwerk.texts import catalogue, text
from stellwerk.widgets import fields, look

_NO_LINES = ("title", "note", "evidence")  # words about the rule; they are changed in the text
_OUTCOME = "decide"
OnLine = Callable[[int, tuple[Step, ...], str], None]


class RuleForm:
    """The form of the rule that is shown."""

    def __init__(self, language: str, on_line: OnLine) -> None:
        self.language = language
        self._on_line = on_line
        self._book: Rulebook
        self._rule: Rule
        self._lines: list[Line] = []
        self._documents: dict[int, int] = {}  # first line of a version in the file -> number of its document
        self._quiet = False
        self.fields: list[Any] = []  # what can be typed or chosen, in the order of the file
        self.version = fields.options(self._say("version"), "sw-version")
        self.version.observe(lambda _: self._lines_again(), "value")
        self.lines = look.named(ipywidgets.VBox([]), "sw-lines")
        self.view = look.card(self._say("view_form"), self.version, self.lines)

    def show(self, rule: Rule, source: str, book: Rulebook, day: dt.date) -> None:
        """Show a rule as it now is: the version of a day, until another one is chosen."""
        same = getattr(self, "_rule", None) is not None and self._rule.id == rule.id
        self._book, self._rule = book, rule
        self._quiet = True
        try:
            self._offer_versions(rule, self.version.value if same else None, day)
            self._read(rule, source)
        finally:
            self._quiet = False
        self._draw(rule.versions[self.version.value])

    def _offer_versions(self, rule: Rule, chosen: int | None, day: dt.date) -> None:
        """The newest first; what was chosen before stays chosen where it is still there."""
        words = Words(self._book, self.language)
        options = [(words.interval(version.interval), number) for number, version in enumerate(rule.versions)]
        fields.offer(self.version, list(reversed(options)))
        holds = next((number for number, version in enumerate(rule.versions) if day in version.interval), None)
        there = [number for number in (chosen, holds, len(options) - 1) if number is not None and number < len(options)]
        self.version.value = there[0]

    def _lines_again(self) -> None:
        if not self._quiet and self.version.value is not None:
            self._draw(self._rule.versions[self.version.value])

    def _read(self, rule: Rule, source: str) -> None:
        try:
            self._lines = lines_of(source, rule.id)
            self._documents = {document.line: number for number, document in versions_of(source, rule.id)}
        except (NotEditable, NoSuchRule):
            self._lines, self._documents = [], {}

    def _draw(self, version: RuleVersion) -> None:
        first = max((line for line in self._documents if line <= (version.place.line or 0)), default=None)
        number = None if first is None else self._documents[first]
        own = [line for line in self._lines if line.document == number and line.path[0] not in _NO_LINES]
        self.fields = []
        self.lines.children = [self._line(line, version) for line in own]

    def _line(self, line: Line, version: RuleVersion) -> Any:
        label = f"{self._called(line.path)} ({self._say('line', line=line.line)})"
        field = self._outcomes(label, line) if line.path[-1] == _OUTCOME else self._text(label, line)
        self.fields.append(field)
        field.observe(lambda change: self._on_line(line.document, line.path, change["new"]), "value")
        meaning = self._meaning(line.value, version)
        if not meaning:
            return look.named(field, "sw-line")
        field.tooltip = meaning
        return look.named(ipywidgets.VBox([look.named(field, "sw-line"), look.shown(_small(meaning))]), "sw-condition")

    def _text(self, label: str, line: Line) -> Any:
        return ipywidgets.Text(value=line.value, description=label, continuous_update=False, style=fields.WHOLE_LABEL)

    def _outcomes(self, label: str, line: Line) -> Any:
        """What a rule can say, in words; a name that it does not know stays what it is until it is put right."""
        words = Words(self._book, self.language)
        known = {name: words.outcome(name) for name in self._book.vocabulary.outcomes}
        return look.choice(label, {line.value: line.value} | known, line.value)

    def _meaning(self, condition: str, version: RuleVersion) -> str:
        """A condition in whole words; empty for what is none."""
        found = next((one for one in version.conditions() if one.text == condition), None)
        if found is None:
            return ""
        return condition_in_words(found.core, self._book, version.subject, version.interval.first, self.language)

    def _called(self, path: Sequence[Step]) -> str:
        return " ".join(map(self._step, path))

    def _step(self, step: Step) -> str:
        key = f"rule_part_{step}"
        if isinstance(step, int):
            return str(step + 1)
        return text(key, self.language) if key in catalogue() else step

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)


def _small(words: str) -> str:
    return f'<p class="sw-notice">{escape(words)}</p>'
