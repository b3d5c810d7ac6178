"""A form for one case, made from the vocabulary: the facts that matter first, any other on demand, rows included.

In go what is known and what is asked for; out comes, after each change, the one fact that was told (None: unknown
again). Fields stay where they are once they are shown, so that nobody loses his place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.change import Question
from stellwerk.evaluate.examples import Fact
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.texts import text
from stellwerk.widgets import case_fields
from stellwerk.widgets.case_fields import FactGroup
from stellwerk.widgets.scripts import script

Tell = Callable[[str, object], None]
FIRST_FIELDS = 8  # questions that are put at a time; more than that nobody answers at once
_WORDS = (
    "unknown", "yes", "no", "more", "forget", "open", "half_a_date",
    "rows", "no_rows", "row", "add_row", "remove_row",
)  # fmt: skip
_REST = "rest"


class FormView(anywidget.AnyWidget):
    """What the page shows: fields by name, and what stands in them now."""

    _esm = script("elements", "case_form")
    fields = traitlets.Dict().tag(sync=True)  # name -> what its field looks like
    state = traitlets.Dict().tag(sync=True)  # groups in order, values, errors, hints, what is missing
    every: traitlets.List[Any] = traitlets.List().tag(sync=True)  # what else can be told: name and label
    words = traitlets.Dict().tag(sync=True)


class CaseForm:
    """Fields for facts and child tables; `tell` is called with name and value when one is changed."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        subject: str,
        groups: Sequence[FactGroup],
        tell: Tell,
        title_of: Callable[[str], str],
        language: str,
    ) -> None:
        self._attributes, self._tables = vocabulary.attributes(subject), vocabulary.child_tables(subject)
        self._tell, self._title_of, self._language = tell, title_of, language
        self._groups = {group.key: group for group in groups}
        self._group_of = {name: group.key for group in groups for name in group.names}
        self._shown: dict[str, list[str]] = {}  # group -> the names that stand in it, in the order they came
        self._errors: dict[str, str] = {}
        self._begun = 0
        labels = [[name, self.label(name)] for name in (*self._attributes, *self._tables) if name in self._group_of]
        words = {name: text(f"case_form_{name}", language) for name in _WORDS}
        self.view = FormView(every=sorted(labels, key=lambda pair: pair[1].casefold()), words=words)
        self.view.on_msg(lambda _, message, __: self.heard(message))
        self._facts: Mapping[str, Fact] = {}
        self._questions: Sequence[Question] = ()

    @property
    def names(self) -> list[str]:
        """The facts and tables that have a field, group by group."""
        return [name for names in self._shown.values() for name in names]

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong with what was entered, by fact."""
        return dict(self._errors)

    def label(self, name: str) -> str:
        """The words for a fact or a child table."""
        return (self._attributes.get(name) or self._tables[name]).label(self._language)

    def begin(self, facts: Mapping[str, Fact], questions: Sequence[Question]) -> None:
        """Begin a case anew: what helps most first, then what is known."""
        self._shown, self._errors = {}, {}
        self._begun += 1
        self.show(facts, questions, known=facts)

    def show(self, facts: Mapping[str, Fact], questions: Sequence[Question], known: Iterable[str] = ()) -> None:
        """Show the known values; fields for what is asked for stand behind those that are there."""
        self._facts, self._questions = facts, questions
        for name in [*(question.fact for question in questions[:FIRST_FIELDS]), *known]:
            self._add(name)
        self._send()

    def add(self, name: str) -> None:
        """A field for a fact that nobody has asked for yet."""
        self._add(name)
        self._send()

    def enter(self, name: str, raw: object) -> None:
        """What was entered into a field; what it cannot be is told beside it."""
        if name in self._tables:
            value: object = case_fields.typed_rows(raw, self._tables[name], self._language)
        else:
            value = case_fields.typed(raw, self._attributes[name], self._language)
        self._errors.pop(name, None)
        try:
            self._tell(name, value)
        except StellwerkError as error:
            self._errors[name] = self._wrong(name, error)
            self._send()

    def heard(self, message: Mapping[str, Any]) -> None:
        """What the page says: something was entered, or a fact is wanted."""
        if "tell" in message:
            self.enter(message["tell"], message.get("value"))
        elif "add" in message:
            self.add(message["add"])

    def _add(self, name: str) -> None:
        if name not in self._attributes and name not in self._tables:
            return
        own = self._shown.setdefault(self._group_of.get(name, _REST), [])
        if name not in own:
            own.append(name)

    def _send(self) -> None:
        asked = {question.fact: question for question in self._questions}
        made = {name: self.view.fields.get(name) or self._field(name) for name in self.names}
        groups = [{"key": key, "label": self._title(key), "names": names} for key, names in self._shown.items()]
        known = {name: case_fields.shown(self._facts[name], self._language) for name in made if name in self._facts}
        with self.view.hold_sync():
            if made.keys() != self.view.fields.keys():
                self.view.fields = made
            self.view.state = {
                "begun": self._begun,
                "groups": groups,
                "values": known,
                "errors": dict(self._errors),
                "hints": {name: self._hint(name, asked.get(name)) for name in made},
                "missing": [name for name in made if name in asked],
            }

    def _field(self, name: str) -> dict[str, Any]:
        if name in self._tables:
            return case_fields.table_field(self._tables[name], self._language)
        return case_fields.field_of(self._attributes[name], self._language)

    def _title(self, key: str) -> str:
        return self._groups[key].label if key in self._groups else text("case_form_rest", self._language)

    def _hint(self, name: str, question: Question | None) -> str:
        """What the fact means in law, and which rules ask for it."""
        told = name in self._attributes and self._language == "de"  # legal terms stand in the vocabulary in German only
        term = self._attributes[name].term if told else ""
        if question is None:
            return term
        key = "case_form_asks" if len(question.rules) == 1 else "case_form_asks_more"
        asks = text(key, self._language, rule=self._title_of(question.rules[0]), count=len(question.rules) - 1)
        return f"{term} · {asks}" if term else asks

    def _wrong(self, name: str, error: StellwerkError) -> str:
        """What is wrong with an entry, with the words of the field in place of its name."""
        cells = self._tables[name].attributes if name in self._tables else self._attributes
        return case_fields.wrong_in_words(error, cells, self._language)
