"""One case on a page, live: told and taken-back facts, what the rules say at once, why, and what is missing.

A session of the workbench answers (durable-rules and the reference, or the reference alone, and the page says which).
The same case can be read on another date or under reforms beside it. Nothing here decides; it says what rules say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import polars as pl

from stellwerk import formats
from stellwerk.errors import StellwerkError, shown_path
from stellwerk.evaluate.change import Question, questions_of
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.examples import Example
from stellwerk.evaluate.reference import CaseReading
from stellwerk.evaluate.session import Session
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.rulebook import Rulebook
from stellwerk.texts import catalogue, language_in_use, text
from stellwerk.widgets import case_days, case_told, fields, look
from stellwerk.widgets.case_choice import SUBJECT, CaseChoice, Chosen
from stellwerk.widgets.case_doubts import doubts
from stellwerk.widgets.case_example import examples_of
from stellwerk.widgets.case_fields import load_groups
from stellwerk.widgets.case_form import CaseForm
from stellwerk.widgets.case_reasons import reasons_html
from stellwerk.widgets.checks import checks_of
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.live_html import LiveHtml
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.saving import Saver
from stellwerk.workbench import Workbench

if TYPE_CHECKING:
    from stellwerk.frames import Children, Frame

RULE_AT_FIRST = "stay.open_paths"  # the page begins with its field of law and with an example that has much to show
EXAMPLE_AT_FIRST = "Ausbildung mit gesichertem Lebensunterhalt, zwei Wege"
_SOON = 0.5  # seconds after the last answer in which what would be saved is written anew


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
        self._every = self.bench.rules_of(SUBJECT)
        self._books: dict[tuple[str, ...], Rulebook] = {}
        self._about = ""  # what the case is: an example, an id of the register, or one's own
        self._example: Example | None = None
        self._touched = False  # whether something was told since the case was opened
        self._why = ""
        self._quiet = False
        self._later = Debounce()
        self.session: Session
        self._build(rules)
        self.choice.offer(self.rules.chosen, self._book(()))
        example = self.choice.first_of(rules or [RULE_AT_FIRST], EXAMPLE_AT_FIRST) if facts is None else None
        if example is not None:
            self.open_example(example)
        else:
            self.open(facts or {})

    def open(self, facts: Mapping[str, object]) -> None:
        """Begin with these facts; what was told before is forgotten."""
        self._leave_example()
        self.choice.mark()
        self._begin(facts, self._say("own"))

    def open_example(self, example: Example) -> None:
        """Begin with an example that stands beside the rules, read as it is to be read."""
        with _Quietly(self):
            self.law_on.value, self.reforms.chosen = example.on, list(example.reforms)
        self._example = example
        self.choice.mark(example=example)
        self._begin(example.facts, self._say("example", name=example.name, rule=self._title_of(example.rule)))
        self.explain(example.rule)

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
        known = {name: _without_gaps(value) for name, value in facts.items() if value is not None and name != key}
        self._leave_example()
        self.choice.mark(case=case_id)
        self._begin(known, self._say("of_register", case=case_id))

    def tell(self, name: str, value: object) -> None:
        """Tell a fact; None takes it back."""
        known = {key: told for key, told in {**self.session.facts, name: value}.items() if told is not None}
        if self._read_on(known) != self._on:
            self._open(known)
        else:
            self._notices = self.session.tell({name: value}).notices
        self._touched = True
        self.form.show(self.session.facts, self._questions())
        self._show()

    def close(self) -> None:
        """End the rule engine's process."""
        self._later.cancel()
        self.session.close()

    def state(self) -> dict[str, Any]:
        """The case as examples beside rules: what was told, and what each rule that says something says of it."""
        found, book = self.session.determinations, self._book(self.reforms.chosen)
        kinds = {rule: case_told.kind_of(one, book.vocabulary) for rule, one in found.items()}
        saying = [rule for rule in found if kinds[rule] in case_told.SAYS_SOMETHING]
        told = [found[rule] for rule in dict.fromkeys([*saying, self._why])]
        return examples_of(told, self.session.facts, self._on, self.reforms.chosen)

    def columns(self) -> list[case_told.Column]:
        """The readings that stand side by side: the session's, then those on another date or under reforms."""
        book = self._book(self.reforms.chosen)
        found = [case_told.Column(self._say("as_told"), self.session.determinations, book)]
        if self.other_day.value is not None:
            label = self._say("on_day", day=formats.date(self.other_day.value, self.language))
            found.append(case_told.Column(label, self._read(book, self.other_day.value), book))
        for reform in self.other_reforms.chosen:
            other = self._book((*self.reforms.chosen, reform))
            label = other.reform(reform).label(self.language)
            found.append(case_told.Column(label, self._read(other, self._on), other))
        return found

    # --- the page -----------------------------------------------------------------------------------------------------

    def _build(self, rules: Sequence[str]) -> None:
        say, language = self._say, self.language
        chosen = Chosen(self.open_example, self.pick, lambda: self.open({}), self._outcomes)
        self.choice = CaseChoice(self.bench, self._cases, chosen, language)
        self._build_rules(rules)
        groups = load_groups(self.bench.root, self.bench.vocabulary, SUBJECT, language)
        title_of = self._title_of
        self.form = CaseForm(self.bench.vocabulary, SUBJECT, groups, self.tell, title_of, language)
        self.law_on = fields.day(say("law_on"), "sw-law-on")
        self.reforms = look.named(checks_of(say("reforms"), self._reforms(), (), language), "sw-reforms")
        self.other_day = fields.day(say("other_day"), "sw-other-day")
        self.other_reforms = look.named(
            checks_of(say("other_reforms"), self._reforms(), (), language), "sw-other-reforms"
        )
        self._observe()
        self.notice = look.shown("", "sw-case-notice")
        self.headline, self.results = look.named(LiveHtml(), "sw-sticky"), look.named(LiveHtml(), "sw-case-results")
        self.missing, self.days = look.named(LiveHtml(), "sw-missing"), look.named(LiveHtml(), "sw-days")
        self.reasons, self.beside = look.named(LiveHtml(), "sw-reasons"), look.named(LiveHtml(), "sw-beside")
        self.results.on_said(self.explain)
        self.missing.on_said(self.explain)
        self.why = fields.options(say("why"), "sw-why-rule")
        self.why.observe(lambda change: None if self._quiet else self.explain(change["new"]), "value")
        self.where = look.shown("", "sw-where")
        self.saver = Saver(self._files, "stellwerk check", language)
        self.saver.name.description, self.saver.name.placeholder = say("save_name"), say("save_hint")
        self.saver.button.description = say("save_button")
        self.view = look.named(self._page(), "sw-cases")

    def _build_rules(self, rules: Sequence[str]) -> None:
        self._shown_rules = tuple(rules)
        names = dict.fromkeys(rule.partition(".")[0] for rule in self._every)
        first = (rules or [rule for rule in (RULE_AT_FIRST, *self._every) if rule in self._every])[0].partition(".")[0]
        labels = {
            name: text(f"field_{name}", self.language) if f"field_{name}" in catalogue() else name for name in names
        }
        self.field = look.choice(self._say("field"), labels, first, "sw-field")
        offered = self._rules_of(first)
        self.rules = look.named(
            checks_of(self._say("rules"), offered, rules or list(offered), self.language), "sw-rules"
        )

    def _page(self) -> Any:
        say = self._say
        controls = [
            look.group(say("head_case"), self.choice.view),
            look.group(say("head_rules"), self.field, self.rules, self.law_on, self.reforms),
            look.group(say("head_facts"), self.form.view),
            look.group(say("head_save"), self.where, self.saver.view),
        ]
        others = look.named(ipywidgets.Box([self.other_day, self.other_reforms]), "sw-side-by-side")
        results = [
            self.headline,
            self.notice,
            look.card(say("head_results"), self.results),
            look.card(say("head_missing"), self.missing),
            look.named(look.card(say("head_reasons"), self.why, self.reasons), "sw-reasons-card"),
            look.card(say("head_days"), self.days),
            look.card(say("head_beside"), others, self.beside),
        ]
        head = look.head(say("title"), say("legal"), self.language)
        return look.page(head, look.columns(controls, results))

    def _observe(self) -> None:
        self.field.observe(self._when_heard(self._field_changed), "value")
        self.rules.observe(self._when_heard(self._rules_changed), "chosen")
        self.law_on.observe(self._when_heard(self._law_changed), "value")
        self.reforms.observe(self._when_heard(self._law_changed), "chosen")
        self.other_day.observe(self._when_heard(self._show_beside), "value")
        self.other_reforms.observe(self._when_heard(self._show_beside), "chosen")

    def _when_heard(self, action: Callable[[], None]) -> Callable[[Any], None]:
        return lambda _: None if self._quiet else action()

    def _rules_of(self, field: str) -> dict[str, str]:
        own = {rule: self._title_of(rule) for rule in self._every if rule.partition(".")[0] == field}
        return dict(sorted(own.items(), key=lambda item: item[1].casefold()))

    def _reforms(self) -> dict[str, str]:
        return {name: reform.label(self.language) for name, reform in sorted(self.bench.rulebook().reforms.items())}

    def _title_of(self, rule: str) -> str:
        return self.bench.rule_title(rule, self.language)

    # --- the law ------------------------------------------------------------------------------------------------------

    def _field_changed(self) -> None:
        """Another field of law: all its rules, and their examples; an example gives way to one of theirs."""
        offered = self._rules_of(self.field.value)
        with _Quietly(self):
            self.rules.offer(offered, list(offered))
        self.choice.offer(self.rules.chosen, self._book(()))
        example = self.choice.first_of(self.rules.chosen, EXAMPLE_AT_FIRST)
        if self._example is not None and not self._touched and example is not None:
            self.open_example(example)
        else:
            self._law_changed()

    def _rules_changed(self) -> None:
        if not self.rules.chosen:
            self.notice.value = f'<p role="alert" class="sw-error">{escape(self._say("no_rule"))}</p>'
            return
        self.choice.offer(self.rules.chosen, self._book(()))
        self._law_changed()

    def _law_changed(self) -> None:
        """Other rules or another law: the same facts, read anew."""
        try:
            self._open(dict(self.session.facts))
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.form.show(self.session.facts, self._questions())
        self._show()

    def _begin(self, facts: Mapping[str, object], about: str) -> None:
        self._open(facts)
        self._about, self._touched, self._why = about, False, ""
        self.form.begin(self.session.facts, self._questions())
        self._show()

    def _leave_example(self) -> None:
        """Law that an example brought with it goes with it."""
        example, self._example = self._example, None
        if example is None:
            return
        with _Quietly(self):
            self.law_on.value = None if self.law_on.value == example.on else self.law_on.value
            self.reforms.chosen = [] if self.reforms.chosen == list(example.reforms) else self.reforms.chosen

    def _book(self, reforms: Sequence[str]) -> Rulebook:
        wanted = tuple(reforms)
        if wanted not in self._books:
            self._books[wanted] = self.bench.rulebook(wanted)
        return self._books[wanted]

    def _read_on(self, facts: Mapping[str, object]) -> dt.date | None:
        """The day that takes the place of the rules' reading date: the one chosen; today where the case has none."""
        if self.law_on.value is not None:
            return self.law_on.value  # type: ignore[no-any-return]
        rules = self._book(self.reforms.chosen).rules
        dates = {version.read_at for name in self.rules.chosen if name in rules for version in rules[name].versions}
        return None if dates & facts.keys() else dt.date.today()

    def _open(self, facts: Mapping[str, object]) -> None:
        on = self._read_on(facts)
        session = self.bench.session(facts, rules=self.rules.chosen, on=on, reforms=self.reforms.chosen)
        if hasattr(self, "session"):
            self.session.close()
        self.session, self._on, self._notices = session, on, session.opening.notices

    def _read(self, book: Rulebook, on: dt.date | None) -> dict[str, Determination]:
        reading = CaseReading(book, dict(self.session.facts), on)
        return {rule: reading.determination(rule) for rule in self.session.determinations}

    def _outcomes(self, cases: pl.DataFrame) -> pl.DataFrame:
        on = self.law_on.value or dt.date.today()
        return self.bench.determinations(
            cases, children=self._children, rules=self.rules.chosen, reforms=self.reforms.chosen, on=on
        )

    def _questions(self) -> tuple[Question, ...]:
        return questions_of(self.session.determinations)

    # --- the answers --------------------------------------------------------------------------------------------------

    def explain(self, rule: str) -> None:
        """Show the reasons of one of the rules."""
        self._why = rule if rule in self.session.determinations else self._why
        self._show_reasons()

    def _show(self) -> None:
        book, found, asked = self._book(self.reforms.chosen), self.session.determinations, self._questions()
        read_on = case_days.reading_day(found)
        self.headline.html = case_told.headline(found, asked, book, self.language)
        self.notice.value = self._told(book, read_on)
        self.results.html = case_told.results(found, book, self.language) + self._who_answered()
        self.missing.html = case_told.questions(asked, found, book, SUBJECT, self.language)
        self._show_reasons()
        days = case_days.days_of(self.session.facts, found, book, SUBJECT, self.language)
        self.days.html = case_days.timeline(days, read_on, self.language)
        self._show_beside()
        self._later.after(_SOON, self._show_file)

    def _show_reasons(self) -> None:
        book, found = self._book(self.reforms.chosen), self.session.determinations
        if self._why not in found:
            self._why = case_told.by_strength(found, book)[0]
        with _Quietly(self):
            titles = sorted(((self._title_of(rule), rule) for rule in found), key=lambda pair: pair[0].casefold())
            fields.offer(self.why, titles)
            self.why.value = self._why
        self.reasons.html = reasons_html(found[self._why], book, self.language)

    def _show_file(self) -> None:
        """What would be saved, and where."""
        (path,) = self._files("…")
        said = self._say("save_where", file=shown_path(path, self.bench.root))
        self.where.value = f'<p class="sw-hint">{escape(said)}</p>'
        self.saver.show()

    def _show_beside(self) -> None:
        self.beside.html = case_told.beside(self.columns(), self.language)

    def _told(self, book: Rulebook, read_on: dt.date | None) -> str:
        """Which case this is and when it is read; what does not fit together; what the engine had to say."""
        assumed = self._on is not None and self.law_on.value is None
        day = formats.date(read_on, self.language) if read_on else "–"
        about = self._say("changed", case=self._about) if self._touched else self._about
        said = self._say("about_today" if assumed else "about", case=about, day=day)
        lines = [f'<p class="sw-about">{escape(said)}</p>']
        for doubt in doubts(self.session.facts, read_on, book, SUBJECT, self.language):
            lines.append(f'<p role="alert" class="sw-doubt">{escape(doubt)}</p>')
        lines += [f'<p class="sw-notice">{escape(notice.message(self.language))}</p>' for notice in self._notices]
        return "".join(lines)

    def _who_answered(self) -> str:
        every, both = self.session.determinations, self.session.by_durable
        in_force = [rule for rule, found in every.items() if found.version is not None]
        key = "both_engines" if set(in_force) <= both else "reference_alone"
        said = self._say(key, both=len(both & set(in_force)), rules=len(in_force))
        return f'<p class="sw-notice">{escape(said)}</p>'

    def _files(self, name: str) -> Mapping[Path, Mapping[str, Any]]:
        field = next(iter(self.session.determinations)).partition(".")[0]
        return {self.bench.root / "rules" / field / f"{name}.cases.yaml": self.state()}

    def _say(self, key: str, **values: object) -> str:
        return text(f"case_{key}", self.language, **values)


class _Quietly:
    """While this lasts, controls are set without anybody being told."""

    def __init__(self, explorer: CaseExplorer) -> None:
        self._explorer = explorer

    def __enter__(self) -> None:
        self._explorer._quiet = True

    def __exit__(self, *_: object) -> None:
        self._explorer._quiet = False


def _without_gaps(value: Any) -> Any:
    """The rows of a child table without their empty cells; any other fact as it is."""
    if not isinstance(value, list):
        return value
    return [{name: cell for name, cell in row.items() if cell is not None} for row in value]
