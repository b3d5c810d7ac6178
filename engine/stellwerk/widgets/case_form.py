"""A form for one case, made from the vocabulary: the facts that matter first, any other on demand.

In go the vocabulary's attributes and what is known; out comes, after each change, the one fact that was told (None:
unknown again). Fields stay where they are once they are shown, so that nobody loses his place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets

from stellwerk.evaluate.examples import Fact
from stellwerk.law.vocabulary import Attribute
from stellwerk.texts import text
from stellwerk.widgets import look

Told = Callable[[str, object], None]
FIRST_FIELDS = 8  # questions that are put at a time; more than that nobody answers at once


class CaseForm:
    """Fields for facts; `tell` is called with name and value when one is changed."""

    def __init__(self, attributes: Mapping[str, Attribute], tell: Told, language: str) -> None:
        self._attributes = attributes
        self._tell = tell
        self._language = language
        self._quiet = False
        self.fields: dict[str, Any] = {}
        self._box = look.named(ipywidgets.VBox([]), "sw-fields")
        by_label = {attribute.label(language): name for name, attribute in attributes.items()}
        self._by_label = by_label
        self.more = look.named(
            ipywidgets.Combobox(options=sorted(by_label), description=text("case_form_more", language)), "sw-more-facts"
        )
        self.more.observe(self._asked_for, "value")
        self.view = ipywidgets.VBox([self._box, self.more])

    def begin(self, facts: Mapping[str, Fact], asked: Iterable[str]) -> None:
        """Begin a case anew: its known facts, then what is asked for."""
        self.fields = {}
        self.show(facts, [*(name for name in facts if name in self._attributes), *asked])

    def show(self, facts: Mapping[str, Fact], wanted: Iterable[str]) -> None:
        """Show the known values, and fields for the wanted facts behind those that are there."""
        for name in wanted:
            if name in self._attributes and name not in self.fields:
                self.fields[name] = self._field(name)
        self._quiet = True
        for name, field in self.fields.items():
            field.value = _as_shown(facts.get(name), self._attributes[name])
        self._quiet = False
        self._box.children = tuple(self.fields.values())

    def _field(self, name: str) -> Any:
        attribute = self._attributes[name]
        label = attribute.label(self._language) + (f" ({attribute.unit})" if attribute.unit else "")
        made = self._made(label, attribute)
        made.observe(lambda change: self._changed(name, change["new"]), "value")
        return look.named(made, f"sw-fact-{name}")

    def _made(self, label: str, attribute: Attribute) -> Any:
        unknown = (text("case_form_unknown", self._language), "")
        match attribute.type.kind:
            case "bool":
                words = [(text(f"case_form_{value}", self._language), value) for value in ("yes", "no")]
                return ipywidgets.Dropdown(options=[unknown, *words], value="", description=label)
            case "enum" | "code":
                assert attribute.type.code_list is not None
                codes = attribute.type.code_list.codes.values()
                pairs = [(code.label(self._language), code.code) for code in codes]
                return ipywidgets.Dropdown(options=[unknown, *pairs], value="", description=label)
            case "date":
                return ipywidgets.DatePicker(value=None, description=label)
        return ipywidgets.Text(value="", description=label, continuous_update=False)

    def _changed(self, name: str, shown: object) -> None:
        if not self._quiet:
            self._tell(name, _as_told(shown))

    def _asked_for(self, change: Mapping[str, Any]) -> None:
        name = self._by_label.get(change["new"])
        if name is None:
            return
        self.more.value = ""
        if name not in self.fields:
            self.fields[name] = self._field(name)
            self._box.children = tuple(self.fields.values())


def _as_told(shown: object) -> object:
    match shown:
        case None | "":
            return None
        case "yes" | "no":
            return shown == "yes"
        case str():
            return shown.strip().replace(",", ".") if shown.strip()[:1].isdigit() else shown.strip()
    return shown


def _as_shown(value: Fact, attribute: Attribute) -> object:
    if attribute.type.kind == "date":
        return value if isinstance(value, dt.date) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
