"""One case on a page, live: told and taken-back facts, what the rules say at once, why, and what is missing.

A session of the workbench answers (durable-rules and the reference, or the reference alone, and the page says which).
The same case can be read on another date or under reforms beside it. Nothing here decides; it says what rules say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk import formats
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.change import Question, questions_of
from stellwerk.evaluate.evidence import NEEDS_FACTS, Determination
from stellwerk.evaluate.examples import Fact
from stellwerk.evaluate.reference import determine
from stellwerk.evaluate.session import Session
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.reports import explanation_html
from stellwerk.texts import language_in_use, text
from stellwerk.widgets import case_told, look
from stellwerk.widgets.case_form import FIRST_FIELDS, CaseForm
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.saving import Saver
from stellwerk.workbench import Workbench

if TYPE_CHECKING:
    from stellwerk.frames import Children, Frame

SUBJECT = "case"
RULES_AT_FIRST = ("stay.sustained_integration", "stay.well_integrated_youth", "stay.chance_residence")
_OFFERED = 500  # ids of a register that are offered to choose; any other can be typed


class CaseExplorer(Panel):
    """A case, entered or picked from a register; `state()` is the case as examples that `stellwerk check` runs."""

    def __init__(
        self,
        bench: Workbench | None = None,
        cases: Frame | None = None,
        children: Children | None = None,
        *,
        rules: Sequence[str] = (),
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self.bench = bench or Workbench.open()
        self.language = language_in_use()
        self._cases = None if cases is None else self.bench.as_cases(cases)
        self._children = self.bench.as_children(children)
        every = self.bench.rules_of(SUBJECT)
        self._chosen = tuple(rules) or tuple(rule for rule in RULES_AT_FIRST if rule in every) or tuple(every[:1])
        self.session: Session
        self._build(every)
        self.open(facts or {"decision_date": dt.date.today()})

    def open(self, facts: Mapping[str, object]) -> None:
        """Begin with these facts; what was told before is forgotten."""
        self._open(facts)
        self.form.begin(self.session.facts, self._asked())
        self._show()

    def pick(self, case_id: str) -> None:
        """Begin with a case of the register."""
        if self._cases is None:
            return
        try:
            case, own = self.bench.one_case(self._cases, self._children, case_id)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        key = self.bench.id_of(SUBJECT)
        facts = next(cases_with_rows(case, own, key))
        self.open({name: value for name, value in facts.items() if value is not None and name != key})

    def tell(self, name: str, value: object) -> None:
        """Tell a fact; None takes it back."""
        try:
            self.session.tell({name: value})
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.form.show(self.session.facts, self._asked())
        self._show()

    def close(self) -> None:
        """End the rule engine's process."""
        self.session.close()

    def state(self) -> dict[str, Any]:
        """The case as examples beside rules: what was told, and what each rule says of it."""
        given = {name: _written(value) for name, value in self.session.facts.items()}
        names = list(self.session.determinations)
        examples = []
        for number, rule in enumerate(names):
            found = self.session.determinations[rule]
            expected: dict[str, Any] = {"outcome": found.outcome}
            if found.outcome == NEEDS_FACTS:
                expected["ask_for"] = list(found.ask_for)
            entry: dict[str, Any] = {"name": rule, "rule": rule, "source": text("case_source", "de")}
            entry |= {"given": given} if number == 0 else {"like": names[0]}
            if self.law_on.value is not None:
                entry["on"] = self.law_on.value.isoformat()
            if self.reforms.value:
                entry["reforms"] = list(self.reforms.value)
            examples.append({**entry, "expect": expected})
        return {"examples": examples}

    def columns(self) -> list[case_told.Column]:
        """The readings that stand side by side: the session's, then those on another date or under reforms."""
        book = self._book(self.reforms.value)
        found = [case_told.Column(self._say("as_told"), self.session.determinations, book)]
        if self.other_day.value is not None:
            label = self._say("on_day", day=formats.date(self.other_day.value, self.language))
            found.append(case_told.Column(label, self._read(book, self.other_day.value), book))
        if self.other_reforms.value:
            other = self._book(self.other_reforms.value)
            labels = [other.reform(name).label(self.language) for name in self.other_reforms.value]
            found.append(case_told.Column(", ".join(labels), self._read(other, self.law_on.value), other))
        return found

    def _build(self, every: Sequence[str]) -> None:
        titles = [(f"{self.bench.rule_title(rule, self.language)} ({rule})", rule) for rule in every]
        self.rules = look.named(
            ipywidgets.SelectMultiple(options=titles, value=self._chosen, rows=7, description=self._say("rules")),
            "sw-rules",
        )
        self.case = look.named(self._case_choice(), "sw-case-choice")
        self.case.observe(lambda change: self.pick(change["new"].strip()) if change["new"].strip() else None, "value")
        self.law_on = look.named(ipywidgets.DatePicker(description=self._say("law_on")), "sw-law-on")
        self.reforms = self._reform_choice("reforms")
        self.other_day = look.named(ipywidgets.DatePicker(description=self._say("other_day")), "sw-other-day")
        self.other_reforms = self._reform_choice("other_reforms")
        for control in (self.rules, self.law_on, self.reforms):
            control.observe(lambda _: self._law_changed(), "value")
        for control in (self.other_day, self.other_reforms):
            control.observe(lambda _: self._show(), "value")
        self.form = CaseForm(self.bench.vocabulary.attributes(SUBJECT), self.tell, self.language)
        self.saver = Saver(self._files, "stellwerk check {name}.cases.yaml", self.language)
        self.notice, self.results = look.shown("", "sw-case-notice"), look.shown("", "sw-case-results")
        self.missing, self.days = look.shown("", "sw-missing"), look.shown("", "sw-days")
        self.why = look.named(ipywidgets.Dropdown(options=[], description=self._say("why")), "sw-why-rule")
        self.why.observe(lambda _: self._show_reasons(), "value")
        self.reasons = look.shown("", "sw-reasons")
        register = [self.case] if self._cases is not None else []
        beside = [self.other_day, self.other_reforms]
        controls = [*register, self.rules, self._head("facts"), self.form.view, self._head("law"), self.law_on,
                    self.reforms, self._head("beside"), *beside, self.saver.view]  # fmt: skip
        results = [self.notice, self.results, self._head("missing"), self.missing, self._head("days"), self.days,
                   self._head("reasons"), self.why, self.reasons]  # fmt: skip
        legal = look.shown(f'<p class="sw-notice">{escape(self._say("legal"))}</p>')
        self.view = look.page(look.shown(look.heading(self._say("title"), 1)), legal, look.columns(controls, results))

    def _case_choice(self) -> Any:
        options: list[str] = []
        if self._cases is not None:
            options = [str(name) for name in self._cases.get_column(self.bench.id_of(SUBJECT)).head(_OFFERED)]
        return ipywidgets.Combobox(options=options, description=self._say("case"), continuous_update=False)

    def _reform_choice(self, name: str) -> Any:
        reforms = sorted(self.bench.rulebook().reforms.items())
        options = [(reform.label(self.language), key) for key, reform in reforms]
        return look.named(
            ipywidgets.SelectMultiple(options=options, rows=3, description=self._say(name)),
            f"sw-{name.replace('_', '-')}",
        )

    def _head(self, key: str) -> Any:
        return look.shown(look.heading(self._say(f"head_{key}")))

    def _book(self, reforms: Sequence[str]) -> Any:
        return self.bench.rulebook(tuple(reforms))

    def _open(self, facts: Mapping[str, object]) -> None:
        if hasattr(self, "session"):
            self.session.close()
        self.session = self.bench.session(
            facts, rules=self.rules.value or self._chosen, on=self.law_on.value, reforms=self.reforms.value
        )
        self._notices = self.session.opening.notices

    def _law_changed(self) -> None:
        """Other rules or another law: the same facts, read anew."""
        try:
            self._open(dict(self.session.facts))
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.form.show(self.session.facts, self._asked())
        self._show()

    def _questions(self) -> tuple[Question, ...]:
        return questions_of(self.session.determinations)

    def _asked(self) -> list[str]:
        return [question.fact for question in self._questions()[:FIRST_FIELDS]]

    def _read(self, book: Any, on: dt.date | None) -> dict[str, Determination]:
        facts = dict(self.session.facts)
        return {rule: determine(book, rule, facts, on) for rule in self.session.determinations}

    def _show(self) -> None:
        book = self._book(self.reforms.value)
        self.results.value = case_told.results(self.columns(), self.language)
        self.missing.value = case_told.questions(self._questions(), book, SUBJECT, self.language)
        days = case_told.days_of(self.session.facts, self.session.determinations, book, SUBJECT, self.language)
        self.days.value = case_told.timeline(days, self.language)
        self.notice.value = self._who_answered()
        titles = tuple((case_told.title_of(rule, book, self.language), rule) for rule in self.session.determinations)
        if self.why.options != titles:
            self.why.options = titles
            self.why.value = titles[0][1]
        self._show_reasons()
        self.saver.show()

    def _show_reasons(self) -> None:
        found = self.session.determinations.get(self.why.value)
        if found is not None:
            self.reasons.value = explanation_html(found, self._book(self.reforms.value), self.language)

    def _who_answered(self) -> str:
        every, both = self.session.determinations, self.session.by_durable
        in_force = [rule for rule, found in every.items() if found.version is not None]
        key = "both_engines" if set(in_force) <= both else "reference_alone"
        said = look.live(self._say(key, both=len(both & set(in_force)), rules=len(in_force)))
        return said + "".join(f"<p>{escape(notice.message(self.language))}</p>" for notice in self._notices)

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        field = next(iter(self.session.determinations)).partition(".")[0]
        return {self.bench.root / "rules" / field / f"{name}.cases.yaml": self.state()}

    def _say(self, key: str, **values: object) -> str:
        return text(f"case_{key}", self.language, **values)


def _written(value: Fact) -> Any:
    """A fact as an example file writes it."""
    if isinstance(value, list):
        return [{name: _written(cell) for name, cell in row.items() if cell is not None} for row in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, bool | int) else str(value)
