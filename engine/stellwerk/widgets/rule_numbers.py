"""The numbers that a rule reads, each on a slider: moved, the effect is seen; back where it was, nothing has changed.

Goes in: a rule, the law in force and the law with the drafts, and the day from which a new number is to hold. What
somebody moves goes out through one function; nothing is changed here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from stellwerk.editing.parameters import NewValue
from stellwerk.law.dated import DatedValue, Parameter
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value
from stellwerk.law.written import value_in_words
from stellwerk.provenance import EVIDENCE_GRADES
from stellwerk.reports.words import Words
from stellwerk.texts import text
from stellwerk.widgets import fields, look
from stellwerk.widgets.number import Number
from stellwerk.widgets.rule_measure import Measure, measure_of

OnValue = Callable[[str, NewValue | None], None]


class RuleNumbers:
    """Sliders for the numbers of the rule that is shown; `on_value` gets None where a number is again what it was."""

    def __init__(self, language: str, on_value: OnValue) -> None:
        self.language = language
        self._on_value = on_value
        self._quiet = False
        self._base: Rulebook
        self._book: Rulebook
        self._shown: tuple[str, ...] = ()
        self._touched = ""  # the number that was moved last, and that follows when its source is given
        self.controls: dict[str, Any] = {}
        self._measures: dict[str, Measure] = {}  # how the numbers on sliders are shown at present
        self._build()

    def show(self, rule: Rule, base: Rulebook, book: Rulebook, read_on: dt.date | None) -> None:
        """Show a rule's numbers as they are on the day from which new ones hold."""
        self._base, self._book = base, book
        names = tuple(dict.fromkeys(name for version in rule.versions for name in version.parameters()))
        known = tuple(name for name in names if name in base.parameters and name in book.parameters)
        self._quiet = True
        try:
            self.first.value = self.first.value or read_on or dt.date(dt.date.today().year + 1, 1, 1)
            if known != self._shown:
                self._touched = ""
                self._draw(known)
            for name in known:
                self._refresh(name)
        finally:
            self._quiet = False
        self.source.layout.display = None if known else "none"

    def begin_on(self, day: dt.date) -> None:
        """Let new numbers hold from another day on."""
        self.first.value = day

    def _build(self) -> None:
        say = self._say
        self.first = fields.day(say("first"), "sw-first")
        self.basis = fields.word(say("basis"), "sw-basis")
        self.basis.value = say("assumed")
        self.basis.continuous_update = False
        grades = {str(grade): text(f"evidence_{grade}", self.language) for grade in EVIDENCE_GRADES}
        self.evidence = look.choice(say("evidence"), grades, EVIDENCE_GRADES[-1], "sw-evidence")
        self.first.observe(lambda _: self._first_changed(), "value")
        for field in (self.basis, self.evidence):
            field.observe(lambda _: self._again(), "value")
        self.rows = look.named(ipywidgets.VBox([]), "sw-numbers")
        self.source = look.group(say("source_of_new"), self.first, self.basis, self.evidence)
        self.view = look.card(say("numbers"), self.rows, self.source)

    def _draw(self, names: tuple[str, ...]) -> None:
        self._shown = names
        self.controls = {name: self._control(self._base.parameters[name]) for name in names}
        nothing = look.shown(f'<p class="sw-notice">{escape(self._say("no_numbers"))}</p>')
        self.rows.children = tuple(self.controls.values()) or (nothing,)

    def _control(self, parameter: Parameter) -> Any:
        label = parameter.label_de if self.language == "de" else parameter.label_en
        value, made = self._value(self._base, parameter.id), None
        if measure_of(parameter, value, self.language) is not None:
            made = Number(label=label)
        elif isinstance(value, bool):
            words = {_as_written(flag): value_in_words(flag, self.language) for flag in (True, False)}
            made = look.choice(label, words, _as_written(value))
        elif isinstance(value, dt.date):
            made = ipywidgets.DatePicker(description=label, style=fields.WHOLE_LABEL)
        else:
            made = ipywidgets.Text(description=label, style=fields.WHOLE_LABEL, continuous_update=False)
        made.observe(lambda _: self._moved(parameter.id), "value")
        return look.named(made, "sw-law-number")

    def _refresh(self, name: str) -> None:
        """Bring a control to what holds now, and to what it says of the law in force."""
        control, parameter = self.controls[name], self._base.parameters[name]
        own, now = self._value(self._base, name), self._value(self._book, name)
        if not isinstance(control, Number):
            control.value = now if isinstance(now, dt.date) else _as_written(now)
            return
        before = measure_of(parameter, own, self.language, now)
        shown = measure_of(parameter, now, self.language, own)
        assert before is not None and shown is not None  # the control is a slider only where there are numbers
        self._measures[name] = shown
        with control.hold_sync():
            control.min, control.max = 0.0, max(before.most, shown.shown)
            control.unit, control.step, control.help = shown.unit, shown.step, self._in_force(parameter)
            control.own, control.value = before.shown if before.unit == shown.unit else None, shown.shown

    def _in_force(self, parameter: Parameter) -> str:
        """What the law in force says on the day, with its source."""
        dated, words = self._on_first(parameter), Words(self._base, self.language)
        if dated is None:
            return self._say("not_yet_in_force")
        said = value_in_words(dated.value, self.language, parameter.unit)
        return self._say("now_in_force", value=said, basis=dated.basis, evidence=words.evidence(dated.evidence))

    def _value(self, book: Rulebook, name: str) -> Value:
        parameter = book.parameters[name]
        dated = self._on_first(parameter)
        return (dated or parameter.versions[-1]).value

    def _on_first(self, parameter: Parameter) -> DatedValue | None:
        assert self.first.value is not None
        return parameter.on(self.first.value)

    def _moved(self, name: str) -> None:
        if self._quiet:
            return
        self._touched = name
        if self._as_in_force(name):
            self._on_value(name, None)
        else:
            new = NewValue(self._written(name), self.first.value, self.basis.value.strip(), self.evidence.value)
            self._on_value(name, new)

    def _as_in_force(self, name: str) -> bool:
        """Whether a control says again what the law in force says on the day."""
        control, own = self.controls[name], self._on_first(self._base.parameters[name])
        if own is None:
            return False
        return not control.changed if isinstance(control, Number) else self._written(name) == _as_written(own.value)

    def _written(self, name: str) -> str:
        """What a control says, as a file would say it."""
        control = self.controls[name]
        if isinstance(control, Number):
            return self._measures[name].written(control.value)
        return _as_written(control.value)

    def _first_changed(self) -> None:
        if self._quiet or not self._shown:
            return
        if self.first.value is None:
            self.first.value = dt.date.today()
            return
        touched = self._touched
        if touched:
            self._moved(touched)
        self._quiet = True
        for name in self._shown:
            self._refresh(name)
        self._quiet = False

    def _again(self) -> None:
        """The source of a new number was given: the number that was moved last carries it."""
        if self._touched:
            self._moved(self._touched)

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)


def _as_written(value: Value | None) -> str:
    """A value as a file says it: yes and no are true and false there."""
    return str(value).lower() if isinstance(value, bool) else str(value or "").strip()
