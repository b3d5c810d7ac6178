"""The rule editor: a rule in words, as a form and as text, checked while somebody types, with whom the change affects.

Goes in: a workbench and, for the effects, a register. Sliders, form and text are the same document; what is shown of
the law and of the cases comes from the desk (`editing/desk.py`). Saved is only what the rulebook holds with, and only
where writing is allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk.casework import Casework
from stellwerk.editing import parameters
from stellwerk.editing.desk import Desk
from stellwerk.editing.layout import Step, with_value_at
from stellwerk.editing.parameters import NewValue
from stellwerk.errors import StellwerkError
from stellwerk.law.provision import Rule
from stellwerk.texts import language_in_use, text
from stellwerk.widgets import fields, look
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.rule_actions import Entered, RuleActions, change_of
from stellwerk.widgets.rule_effects import RuleEffects
from stellwerk.widgets.rule_form import RuleForm
from stellwerk.widgets.rule_lookup import RuleLookup
from stellwerk.widgets.rule_numbers import RuleNumbers
from stellwerk.widgets.rule_sheets import RuleSheets
from stellwerk.widgets.rule_source import RuleSource
from stellwerk.widgets.rule_told import RuleTold
from stellwerk.widgets.rule_tree import tree_of
from stellwerk.widgets.rule_witnesses import RuleWitnesses
from stellwerk.widgets.saving import WritingNotAllowed
from stellwerk.widgets.segments import views
from stellwerk.widgets.writing import may_write

if TYPE_CHECKING:
    from stellwerk.frames import Children, Frame

TYPING, SOON = 0.4, 0.05  # seconds: until somebody has stopped typing; until an answer has been seen
IDLE = 2.0  # seconds: until the page has been shown, so that what the first change needs can be computed before it


class RuleEditor(Panel):
    """Rules and numbers of the law, changed and tried; `save` writes them, where that is allowed."""

    def __init__(
        self,
        bench: Casework | None = None,
        cases: Frame | None = None,
        children: Children | None = None,
        *,
        rule: str | None = None,
        on: dt.date | None = None,
    ) -> None:
        self.bench = bench or Casework.open()
        self.language = language_in_use()
        self.desk = Desk(self.bench, cases, children, on)
        self.told = RuleTold(self.language)
        self._debounce = Debounce()
        self._quiet = False
        self._rule = rule if rule is not None else next(iter(sorted(self.desk.book.rules)))
        self._build(on)
        self.choose(self._rule)
        self._debounce.when_idle(IDLE, lambda: self.desk.prepare(self._rule))

    def choose(self, name: str) -> None:
        """Show a rule; what has been changed of others stays changed."""
        self._settle()
        self._rule = self.desk.book.rule(name).id
        self._quiet = True
        try:
            self.tree.chosen = self._rule
        finally:
            self._quiet = False
        self.compute()

    def set_value(self, parameter: str, new: NewValue | None) -> None:
        """Give a number another value from a day on; None takes the last change of it back.

        Values of one number set one after the other make one step, each beginning from what was there before the first.
        """
        path = self.desk.root / self.desk.base.parameters[parameter].place.file
        changed = (lambda source: source) if new is None else _with_value(parameter, new)
        self._change(path, changed, step=f"value of {parameter}")

    def set_line(self, document: int, path: tuple[Step, ...], value: str) -> None:
        """Change one line of the rule that is shown."""
        own = self.desk.files_of(self._shown).rule
        self._change(own, lambda source: with_value_at(source, document, path, value))

    def enter(self, entered: Entered) -> None:
        """Begin or enter something: a version, an exception, a country, a reform."""
        try:
            path, changed = change_of(entered, self.desk, self._rule)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self._change(path, changed)

    def compute(self) -> None:
        """Check the drafts and say whom they affect; the document, the examples and the picture follow."""
        self._show_check()
        self.effects.show(self.desk.effects(), self.desk.on, self.desk.base, self._rule)
        self._debounce.after(SOON, self._follow_up)

    def undo(self) -> None:
        """One step back."""
        self._settle()
        self.desk.undo()
        self.compute()

    def redo(self) -> None:
        """One step forth."""
        self.desk.redo()
        self.compute()

    def reload(self) -> None:
        """Drop all drafts and read the files anew."""
        self.source.forget()
        self.desk.reload()
        self.notice.value = ""
        self.compute()

    def save(self) -> None:
        """Write what has changed, or say why not."""
        self._settle()
        accepted = [result.example.name for result in self.desk.examples.deviating] if self.accept.value else []
        try:
            if not may_write():
                raise WritingNotAllowed()
            written = self.desk.save(accepted)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.notice.value = look.live(self._say("saved", files=list(written)))
        self.accept.value = False
        self.compute()

    def close(self) -> None:
        """Stop waiting and let go of the copy in which drafts are tried."""
        self._debounce.cancel()
        self.desk.close()

    @property
    def _shown(self) -> Rule:
        book = self.desk.book
        return book.rules[self._rule] if self._rule in book.rules else self.desk.base.rule(self._rule)

    def _change(self, path: Path, changed: Callable[[str], str], step: str = "") -> None:
        self._settle()
        try:
            self.desk.change(path, changed, step)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.notice.value = ""
        self.compute()

    def _typed(self) -> None:
        """The text that somebody has stopped typing becomes a draft."""
        self.notice.value = ""
        self._settle()
        self.compute()

    def _settle(self) -> None:
        """Take what is typed before anything else happens."""
        typed = self.source.take()
        if typed is None:
            return
        path, source = typed
        try:
            self.desk.change(path, lambda _: source)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)

    def _show_check(self) -> None:
        reading = self.desk.check()
        if reading.errors:
            self.check.value = self.told.errors(reading.errors, self._text_of)
        else:
            self.check.value = self.told.state(self.desk.unsaved, None)
        self.undo_button.disabled = not self.desk.history.before
        self.redo_button.disabled = not self.desk.history.after
        self.save_button.disabled = not (may_write() and self.desk.unsaved and not reading.errors)

    def _text_of(self, file: str) -> str:
        """What stands in a file of the checkout now."""
        return self.desk.text_of(self.desk.root / file)

    def _follow_up(self) -> None:
        """What takes longer and comes after the answer: form and words, the picture, the cases, the examples."""
        self._show_document()
        self.tree.changed = sorted(self.desk.reading.changed_rules)
        cases = self.effects.follow_up()
        if self.effects.shown is not None:
            self.witnesses.show(self.effects.shown.rule, cases)
        if self.desk.unsaved and not self.desk.reading.errors:
            examples = self.desk.run_examples()
            told = self.told.state(self.desk.unsaved, examples)
            self.check.value = self.told.errors(examples.errors, self._text_of) if examples.errors else told
            self.deviating.value = self.told.deviating(examples)
        else:
            self.deviating.value = ""
        self.accept.layout.display = None if self.deviating.value else "none"

    def _show_document(self) -> None:
        """Show numbers, form, words and text of what is open."""
        files = self.desk.files_of(self._shown)
        open_ones = [draft.path for draft in self.desk.history.now.changed]
        paths = list(dict.fromkeys([files.rule, *files.others, files.examples, *open_ones]))
        self.source.show(paths)
        self.sheets.show([path for path in paths if path.suffix == ".csv"])
        self._show_rule()

    def _show_rule(self) -> None:
        rule, book = self._shown, self.desk.book
        day = self.on.value or dt.date.today()
        self.title.value = self.told.title_and_source(rule, book, day)
        self.numbers.show(rule, self.desk.base, book, self.on.value)
        self.form.show(rule, self.desk.text_of(self.desk.files_of(rule).rule), book, day)
        self.actions.show(book)
        self.words.value = self.told.prose(rule, book, day)
        self.versions.value = self.told.timeline(rule, book)
        self.lookup.show(rule, book)

    def _chosen_rule(self, name: str) -> None:
        if not self._quiet and name:
            self.choose(name)

    def _chosen_day(self) -> None:
        self.desk.read_on(self.on.value)
        if self.on.value is not None:
            self.numbers.begin_on(self.on.value)
        self.compute()

    def _build(self, on: dt.date | None) -> None:
        self._build_parts(on)
        say = self._say
        more = {
            "versions": (say("view_versions"), self.versions),
            "begin": (say("view_begin"), self.actions.view),
            "sheet": (say("view_sheet"), self.sheets.view),
            "witness": (say("view_witness"), self.witnesses.view),
            "lookup": (say("view_lookup"), self.lookup.view),
        }
        working = look.card(
            "",
            self.title,
            look.named(ipywidgets.HBox([self.on, self.buttons]), "sw-working"),
            self.notice,
            self.check,
            self.deviating,
            self.accept,
        )
        answer = look.named(ipywidgets.Box([self.numbers.view, self.effects.view]), "sw-answer-row")
        right = look.named(ipywidgets.VBox([working, self.effects.headline, answer]), "sw-results")
        left = look.named(ipywidgets.VBox([self.tree]), "sw-card", "sw-rules-left")
        document = ipywidgets.Box([look.card(say("view_words"), self.words), self.form.view, self.source.view])
        self.view = look.page(
            look.head(say("title"), say("notice"), self.language),
            look.named(ipywidgets.Box([left, right]), "sw-columns"),
            look.named(document, "sw-document"),
            look.card(say("more"), views(say("view"), more, "sw-view")),
        )

    def _build_parts(self, on: dt.date | None) -> None:
        say = self._say
        self.tree = look.named(tree_of(self.desk.book, self.language), "sw-rule-tree")
        self.tree.observe(lambda change: self._chosen_rule(change["new"]), "chosen")
        self.on = fields.day(say("on"), "sw-on", on)
        self.on.observe(lambda _: self._chosen_day(), "value")
        self.undo_button = self._button("undo", self.undo)
        self.redo_button = self._button("redo", self.redo)
        self.save_button = look.primary(self._button("save", self.save))
        self.reload_button = self._button("reload", self.reload)
        self.buttons = look.buttons(self.save_button, self.undo_button, self.redo_button, self.reload_button)
        self.title, self.notice = look.shown("", "sw-rule-title"), look.shown("", "sw-told")
        self.check, self.deviating = look.shown("", "sw-check"), look.shown("", "sw-deviating")
        self.versions = look.shown("", "sw-versions")
        self.accept = look.named(ipywidgets.Checkbox(description=say("accept"), indent=False), "sw-accept")
        self.accept.layout.width = "auto"
        self.words = look.shown("", "sw-words", "sw-reasons")
        self.effects = RuleEffects(self.told, lambda: self._debounce.after(SOON, self._follow_up))
        self.numbers = RuleNumbers(self.language, self.set_value)
        self.form = RuleForm(self.language, self.set_line)
        self.source = RuleSource(
            self.language, self.desk, lambda: self._debounce.after(TYPING, self._typed), self._settle
        )
        self.actions = RuleActions(self.language, self.enter)
        self.sheets = RuleSheets(self.language, self.desk, self.compute)
        self.witnesses = RuleWitnesses(self.language, self.desk, self.compute)
        self.lookup = RuleLookup(self.told)

    def _button(self, key: str, action: Callable[[], None]) -> Any:
        return fields.button(self._say(f"{key}_button"), f"sw-{key}", action)

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)


def _with_value(parameter: str, new: NewValue) -> Callable[[str], str]:
    return lambda source: parameters.with_value(source, parameter, new)
