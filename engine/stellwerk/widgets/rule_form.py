"""A rule as a form: the numbers it reads with another value from a day on, and every line of one of its versions.

Goes in: a rule with the text of its file. What somebody enters goes out through two functions, one for numbers and one
for lines; the form itself changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from stellwerk.editing.layout import NotEditable, Step
from stellwerk.editing.parameters import NewValue
from stellwerk.editing.rules import Line, NoSuchRule, lines_of, versions_of
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.provenance import EVIDENCE_GRADES
from stellwerk.reports.words import Words
from stellwerk.texts import catalogue, text
from stellwerk.widgets import fields, look

_NO_LINES = ("title", "note", "evidence")  # words about the rule; they are changed in the text
OnValue = Callable[[str, NewValue], None]
OnLine = Callable[[int, tuple[Step, ...], str], None]


class RuleForm:
    """The form of the rule that is shown."""

    def __init__(self, language: str, on_value: OnValue, on_line: OnLine) -> None:
        self.language = language
        self._on_value, self._on_line = on_value, on_line
        self._book: Rulebook
        self._read_on: dt.date | None = None
        self._rule: Rule
        self._lines: list[Line] = []
        self._documents: dict[int, int] = {}  # first line of a version in the file -> number of its document
        self._quiet = False
        self._build()

    def show(self, rule: Rule, source: str, book: Rulebook, read_on: dt.date | None) -> None:
        """Show a rule as it now is; what somebody has chosen before stays chosen where it is still there.

        A new number holds from the day on which the cases are read, if there is one: else nobody would see its effect.
        """
        self._book, self._read_on = book, read_on
        self._quiet = True
        try:
            names = list(dict.fromkeys(name for version in rule.versions for name in version.parameters()))
            fields.offer(self.parameter, [(self._label(name), name) for name in names])
            self.numbers.layout.display = None if names else "none"
            self._show_versions(rule)
            self._show_lines(rule, source)
        finally:
            self._quiet = False
        self._show_values()

    def _build(self) -> None:
        say = self._say
        self.parameter = fields.options(say("parameter"), "sw-parameter")
        self.values = look.shown("", "sw-values")
        self.value = fields.word(say("value"), "sw-value")
        self.first = fields.day(say("first"), "sw-first")
        self.basis = fields.word(say("basis"), "sw-basis")
        grades = {str(grade): text(f"evidence_{grade}", self.language) for grade in EVIDENCE_GRADES}
        self.evidence = look.choice(say("evidence"), grades, EVIDENCE_GRADES[-1], "sw-evidence")
        self.apply = fields.button(say("apply"), "sw-apply", self._apply)
        self.version = fields.options(say("version"), "sw-version")
        self.lines = look.named(ipywidgets.VBox([], layout={"max_height": "280px", "overflow": "auto"}), "sw-lines")
        self.parameter.observe(lambda _: self._show_values(), "value")
        self.version.observe(lambda _: self._lines_again(), "value")
        self.numbers = ipywidgets.VBox(
            [self.parameter, self.values, self.value, self.first, self.basis, self.evidence, self.apply]
        )
        self.view = look.named(ipywidgets.VBox([self.numbers, self.version, self.lines]), "sw-rule-form")

    def _apply(self) -> None:
        if self.parameter.value is None or self.first.value is None or not self.value.value.strip():
            self.values.value = look.live(self._say("value_and_day"))
            return
        new = NewValue(self.value.value.strip(), self.first.value, self.basis.value.strip(), self.evidence.value)
        self._on_value(self.parameter.value, new)

    def _show_values(self) -> None:
        """The values of the number that is chosen, and the one in force today as a start for a new one."""
        name = self.parameter.value
        if self._quiet or name is None or name not in self._book.parameters:
            return
        parameter, words = self._book.parameters[name], Words(self._book, self.language)
        rows = [[words.interval(v.interval), str(v.value), words.citation(v.basis)] for v in parameter.versions]
        heads = [self._say(key) for key in ("in_force", "value_column", "basis")]
        self.values.value = look.table(parameter.id, heads, rows)
        newest = parameter.versions[-1]
        self.value.value, self.basis.value = str(newest.value), newest.basis
        self.first.value = self.first.value or max(newest.interval.first, self._read_on or _next_year())

    def _show_versions(self, rule: Rule) -> None:
        words = Words(self._book, self.language)
        options = [(words.interval(version.interval), number) for number, version in enumerate(rule.versions)]
        fields.offer(self.version, list(reversed(options)))

    def _lines_again(self) -> None:
        if not self._quiet and self.version.value is not None:
            self._draw(self._rule, self._rule.versions[self.version.value])

    def _show_lines(self, rule: Rule, source: str) -> None:
        self._rule = rule
        try:
            self._lines = lines_of(source, rule.id)
            self._documents = {document.line: number for number, document in versions_of(source, rule.id)}
        except (NotEditable, NoSuchRule):
            self._lines, self._documents = [], {}
        self._draw(rule, rule.versions[self.version.value])

    def _draw(self, rule: Rule, version: RuleVersion) -> None:
        first = max((line for line in self._documents if line <= (version.place.line or 0)), default=None)
        number = None if first is None else self._documents[first]
        own = [line for line in self._lines if line.document == number and line.path[0] not in _NO_LINES]
        self.lines.children = [self._line(line, version) for line in own]

    def _line(self, line: Line, version: RuleVersion) -> Any:
        field = ipywidgets.Text(
            value=line.value,
            description=f"{self._called(line.path)} ({self._say('line', line=line.line)})",
            tooltip=self._facts(line.value, version),
            continuous_update=False,
            style=fields.WHOLE_LABEL,
            layout={"width": "98%"},
        )
        field.observe(lambda change: self._on_line(line.document, line.path, change["new"]), "value")
        return look.named(field, "sw-line")

    def _facts(self, condition: str, version: RuleVersion) -> str:
        """What a condition reads of a case, in words."""
        attributes = self._book.vocabulary.attributes(version.subject)
        read = next((found.facts for found in version.conditions() if found.text == condition), ())
        return ", ".join(attributes[name].label(self.language) for name in read if name in attributes)

    def _called(self, path: Sequence[Step]) -> str:
        return " ".join(map(self._step, path))

    def _step(self, step: Step) -> str:
        key = f"rule_part_{step}"
        if isinstance(step, int):
            return str(step + 1)
        return text(key, self.language) if key in catalogue() else step

    def _label(self, name: str) -> str:
        parameter = self._book.parameters[name]
        return parameter.label_de if self.language == "de" else parameter.label_en

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)


def _next_year() -> dt.date:
    """The day from which a change would usually hold."""
    return dt.date(dt.date.today().year + 1, 1, 1)
