"""What can be begun or entered beside the fields of the form: a version, an exception, a country, a reform.

Goes in: what somebody chooses to do and enters. Comes out: an `Entered`, and the change of a file that it stands for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets

from stellwerk.editing import listings, reforms, rules
from stellwerk.editing.desk import Desk
from stellwerk.law.rulebook import Rulebook
from stellwerk.reports.words import Words
from stellwerk.texts import text
from stellwerk.widgets import fields, look

FIELDS = {
    "new_version": ("day",),
    "exception": ("condition", "outcome", "basis"),
    "enter": ("listing", "code", "day", "source"),
    "leave": ("listing", "code", "day"),
    "reform": ("reform_name", "title_de", "title_en", "source", "day"),
    "reform_number": ("reform_name", "parameter", "value", "demand", "day"),
    "reform_country": ("reform_name", "listing", "code", "demand", "day"),
}


@dataclass(frozen=True)
class Entered:
    """What somebody wants done, with the words that were entered; what was left empty is an empty word."""

    action: str
    words: dict[str, str]
    day: dt.date


class RuleActions:
    """The choice of what to do, with the fields that this needs."""

    def __init__(self, language: str, do: Callable[[Entered], None]) -> None:
        self.language = language
        self._do = do
        self._build()

    def show(self, book: Rulebook) -> None:
        """Offer what the rulebook has: outcomes, listings, numbers."""
        words = Words(book, self.language)
        phrases = words.phrases("case", dt.date.today())
        fields.offer(self.fields["outcome"], [(words.outcome(name), name) for name in book.vocabulary.outcomes])
        fields.offer(self.fields["listing"], [(phrases.listing(name), name) for name in book.listings])
        numbers = [(words.parameter(book.parameters[name]), name) for name in sorted(book.parameters)]
        fields.offer(self.fields["parameter"], numbers)

    def _build(self) -> None:
        choices = ("outcome", "listing", "parameter")
        words = ("condition", "basis", "code", "source", "reform_name", "title_de", "title_en", "value", "demand")
        self.fields: dict[str, Any] = {name: fields.options(self._say(name), f"sw-field-{name}") for name in choices}
        self.fields |= {name: fields.word(self._say(name), f"sw-field-{name}") for name in words}
        self.fields["day"] = fields.day(self._say("day"), "sw-field-day")
        actions = {name: self._say(name) for name in FIELDS}
        self.action = look.choice(self._say("action"), actions, next(iter(FIELDS)), "sw-action")
        self.action.observe(lambda _: self._show_fields(), "value")
        self.button = fields.button(self._say("do"), "sw-do", self._enter)
        self.told = look.shown("", "sw-action-told")
        self.shown = ipywidgets.VBox([])
        self.view = look.named(ipywidgets.VBox([self.action, self.shown, self.button, self.told]), "sw-actions")
        self._show_fields()

    def _show_fields(self) -> None:
        self.shown.children = [self.fields[name] for name in FIELDS[self.action.value]]

    def _enter(self) -> None:
        names = FIELDS[self.action.value]
        entered = {name: str(self.fields[name].value or "").strip() for name in names if name != "day"}
        empty = [self._say(name) for name, value in entered.items() if not value]
        day = self.fields["day"].value
        if "day" in names and day is None:
            empty.append(self._say("day"))
        if empty:
            self.told.value = look.live(self._say("left_empty", names=empty))
            return
        self.told.value = ""
        self._do(Entered(self.action.value, entered, day or dt.date.today()))

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_action_{key}", self.language, **values)


def change_of(entered: Entered, desk: Desk, rule: str) -> tuple[Path, Callable[[str], str]]:
    """The file that something entered changes, and how; `rule` is the one that is shown."""
    words, day = entered.words, entered.day
    own = desk.file_of(rule)
    match entered.action:
        case "new_version":
            return own, lambda text: rules.with_version(text, rule, day)
        case "exception":
            newest = rules.versions_of(desk.text_of(own), rule)[-1][0]
            new = rules.NewException(words["condition"], words["outcome"], words["basis"])
            return own, lambda text: rules.with_exception(text, rule, newest, new)
        case "enter":
            entry = listings.NewEntry(words["code"].upper(), day, words["source"])
            return desk.table_of(words["listing"]), lambda text: listings.with_entry(text, words["listing"], entry)
        case "leave":
            code = words["code"].upper()
            return desk.table_of(words["listing"]), lambda text: listings.without_entry(
                text, words["listing"], code, day
            )
        case "reform":
            begun = reforms.Beginning(words["reform_name"], words["title_de"], words["title_en"], words["source"], day)
            return desk.new_reform(words["reform_name"]), lambda _: reforms.begun(begun)
        case "reform_number":
            number = (words["parameter"], words["value"], words["demand"], day)
            return desk.reform_file(words["reform_name"]), lambda text: reforms.with_number(text, *number)
        case _:
            codes = (words["listing"], words["code"].upper().replace(",", " ").split(), words["demand"], day)
            return desk.reform_file(words["reform_name"]), lambda text: reforms.with_codes(text, *codes)
