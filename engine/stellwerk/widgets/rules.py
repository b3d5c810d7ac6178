"""The rule editor: a rule in words, as a form and as text, checked while somebody types, with whom the change affects.

Goes in: a workbench and, for the effects, a register. The form and the text are the same document; what is shown of the
law and of the cases comes from the desk (`editing/desk.py`). Saved is only what the rulebook holds with, and only where
writing is allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk.casework import Casework
from stellwerk.editing import parameters
from stellwerk.editing.desk import Desk
from stellwerk.editing.effects import Effects, RuleEffect
from stellwerk.editing.layout import Step, with_value_at
from stellwerk.editing.parameters import NewValue
from stellwerk.errors import StellwerkError
from stellwerk.law.provision import Rule
from stellwerk.texts import catalogue, language_in_use, text
from stellwerk.widgets import fields, look
from stellwerk.widgets.debounce import Debounce
from stellwerk.widgets.panel import Panel
from stellwerk.widgets.rule_actions import Entered, RuleActions, change_of
from stellwerk.widgets.rule_form import RuleForm
from stellwerk.widgets.rule_sheets import RuleSheets
from stellwerk.widgets.rule_told import MOST_CASES, RuleTold
from stellwerk.widgets.rule_witnesses import RuleWitnesses
from stellwerk.widgets.saving import WritingNotAllowed
from stellwerk.widgets.writing import may_write

if TYPE_CHECKING:
    from stellwerk.frames import Children, Frame

TYPING, SOON = 0.4, 0.05  # seconds: until somebody has stopped typing; until a button's answer has been seen
IDLE = 2.0  # seconds: until the page has been shown, so that what the first change needs can be computed before it
VIEWS = ("form", "words", "versions", "begin", "sheet", "witness", "lookup")


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
        self.effects: Effects | None = None
        self._debounce = Debounce()
        self._quiet = False
        self._typing: Path | None = None  # the file whose text is being typed and not taken yet
        self._paths: dict[str, Path] = {}
        self._rule = rule if rule is not None else next(iter(sorted(self.desk.book.rules)))
        self._build(on)
        self.choose(self._rule)
        self.compute()
        self._debounce.when_idle(IDLE, lambda: self.desk.prepare(self._rule))

    def choose(self, name: str) -> None:
        """Show a rule; what has been changed of others stays changed."""
        self._settle()
        self._rule = self.desk.book.rule(name).id
        self._quiet = True
        try:
            self.field.value = name.split(".", 1)[0]
            fields.offer(self.rule, self._rules_of(self.field.value))
            self.rule.value = name
        finally:
            self._quiet = False
        self._show_document()

    def set_value(self, parameter: str, new: NewValue) -> None:
        """Give a number another value from a day on."""
        path = self.desk.root / self.desk.book.parameters[parameter].place.file
        self._change(path, lambda source: parameters.with_value(source, parameter, new))

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
        """Check the drafts and say whom they affect; the examples and the picture follow."""
        self._show_check()
        self._show_effects()
        self._debounce.after(SOON, self._follow_up)

    def undo(self) -> None:
        """One step back."""
        self._settle()
        self.desk.undo()
        self._changed()

    def redo(self) -> None:
        """One step forth."""
        self.desk.redo()
        self._changed()

    def reload(self) -> None:
        """Drop all drafts and read the files anew."""
        self._typing = None
        self.desk.reload()
        self.notice.value = ""
        self._changed()

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
        self._changed()

    def close(self) -> None:
        """Stop waiting and let go of the copy in which drafts are tried."""
        self._debounce.cancel()
        self.desk.close()

    @property
    def _shown(self) -> Rule:
        book = self.desk.book
        return book.rules[self._rule] if self._rule in book.rules else self.desk.base.rule(self._rule)

    def _change(self, path: Path, changed: Callable[[str], str]) -> None:
        self._settle()
        try:
            self.desk.change(path, changed)
        except StellwerkError as error:
            self.notice.value = look.alarm(error, self.language)
            return
        self.notice.value = ""
        self._changed()

    def _changed(self) -> None:
        self.compute()
        self._show_document()

    def _type(self) -> None:
        """Somebody is typing: wait until they have stopped."""
        if not self._quiet:
            self._typing = self._paths[self.file.value]
            self._debounce.after(TYPING, self._typed)

    def _typed(self) -> None:
        """The text that somebody has stopped typing becomes a draft."""
        self.notice.value = ""
        self._settle()
        self.compute()
        self._show_rule()

    def _settle(self) -> None:
        """Take what is typed before anything else happens."""
        path, self._typing = self._typing, None
        if path is None:
            return
        source = self.source.value
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

    def _show_effects(self) -> None:
        self.effects = self.desk.effects()
        self.headline.value = self.told.headline(self.effects, self.desk.on)
        found = self.effects.rules if self.effects is not None else ()
        self._quiet = True
        try:
            fields.offer(self.effect, [(self._title_of(item.rule), item.rule) for item in found])
        finally:
            self._quiet = False
        self._show_flows()

    def _title_of(self, rule: str) -> str:
        """A rule's title with its id."""
        newest = (self.desk.book.rules.get(rule) or self.desk.base.rule(rule)).versions[-1]
        return f"{newest.label_de if self.language == 'de' else newest.label_en} ({rule})"

    def _show_flows(self) -> None:
        found = self._effect()
        for part in (self.effect, self.flows, self.cases):
            part.layout.display = None if found else "none"
        self.picture.value = ""
        if found is not None:
            self.flows.value = self.told.flows(found, self.desk.base)

    def _effect(self) -> RuleEffect | None:
        """What changes of the rule that is chosen among those that change."""
        found = self.effects.rules if self.effects is not None else ()
        return next((item for item in found if item.rule == self.effect.value), None)

    def _follow_up(self) -> None:
        """What takes longer and comes after the answer: the picture, the cases, the examples."""
        found = self._effect()
        if found is not None and self.effects is not None:
            self.picture.value = self.told.sankey(found, self.desk.base)
            self.cases.value = self.told.cases(self.effects, found.rule, self.desk.base)
            self.witnesses.show(found.rule, self.effects.cases_of(found.rule, MOST_CASES).to_series(0).to_list())
        if self.desk.unsaved and not self.desk.reading.errors:
            examples = self.desk.run_examples()
            told = self.told.state(self.desk.unsaved, examples)
            self.check.value = self.told.errors(examples.errors, self._text_of) if examples.errors else told
            self.deviating.value = self.told.deviating(examples)
        else:
            self.deviating.value = ""
        self.accept.layout.display = None if self.deviating.value else "none"

    def _show_document(self) -> None:
        """Show form, words and text of what is open."""
        files = self.desk.files_of(self._shown)
        open_ones = [draft.path for draft in self.desk.history.now.changed]
        paths = dict.fromkeys([files.rule, *files.others, files.examples, *open_ones])
        self._paths = {path.relative_to(self.desk.root).as_posix(): path for path in paths}
        self._quiet = True
        try:
            fields.offer(self.file, [(name, name) for name in self._paths])
            self.source.value = self.desk.text_of(self._paths[self.file.value])
        finally:
            self._quiet = False
        self.sheets.show([path for path in paths if path.suffix == ".csv"])
        self._show_rule()

    def _show_rule(self) -> None:
        rule, book = self._shown, self.desk.book
        self.form.show(rule, self.desk.text_of(self.desk.files_of(rule).rule), book, self.on.value)
        self.actions.show(book)
        self.words.value = self.told.prose(rule, book)
        self.versions.value = self.told.timeline(rule, book)

    def _rules_of(self, field: str) -> list[tuple[str, str]]:
        names = [name for name in sorted(self.desk.book.rules) if name.startswith(f"{field}.")]
        return [(self._title_of(name), name) for name in names]

    def _chosen_field(self) -> None:
        if not self._quiet:
            self.choose(self._rules_of(self.field.value)[0][1])

    def _chosen_file(self) -> None:
        if self._quiet:
            return
        self._settle()
        self._quiet = True
        try:
            self.source.value = self.desk.text_of(self._paths[self.file.value])
        finally:
            self._quiet = False

    def _chosen_day(self) -> None:
        self.desk.read_on(self.on.value)
        self.compute()

    def _chosen_effect(self) -> None:
        if not self._quiet:
            self._show_flows()
            self._debounce.after(SOON, self._follow_up)

    def _build(self, on: dt.date | None) -> None:
        self._build_top(on)
        self._build_document()
        self._build_results()
        self.sheets = RuleSheets(self.language, self.desk, self._changed)
        self.witnesses = RuleWitnesses(self.language, self.desk, self._changed)
        panels = {
            "form": self.form.view,
            "words": self.words,
            "versions": self.versions,
            "begin": self.actions.view,
            "sheet": self.sheets.view,
            "witness": self.witnesses.view,
            "lookup": self.lookup_view,
        }
        views = {name: self._say(f"view_{name}") for name in VIEWS}
        self.view_choice = look.choice(self._say("view"), views, VIEWS[0], "sw-view")
        place = look.named(ipywidgets.Box([panels["form"]]), "sw-view-place")
        self.view_choice.observe(lambda change: setattr(place, "children", [panels[change["new"]]]), "value")
        wide = {"flex": "1 1 540px", "min_width": "0", "overflow": "visible"}
        left = ipywidgets.VBox([self.view_choice, place], layout=wide)
        right = ipywidgets.VBox([self.file, self.source], layout=wide)
        editing = look.named(ipywidgets.Box([left, right]), "sw-columns")
        told = ipywidgets.VBox([self.deviating, self.accept, self.effect, self.flows, self.cases], layout=wide)
        seen = ipywidgets.VBox([self.picture], layout=wide)
        self.view = look.page(
            self.heading, self.chosen, self.buttons, self.notice, self.check, self.headline, editing,
            look.named(ipywidgets.Box([told, seen]), "sw-columns"),
        )  # fmt: skip

    def _build_top(self, on: dt.date | None) -> None:
        say = self._say
        notes = [say("notice"), *([] if may_write() else [text("widget_read_only", self.language)])]
        self.heading = look.shown(look.heading(say("title"), 1) + "".join(map(_note, notes)))
        names = dict.fromkeys(name.split(".", 1)[0] for name in sorted(self.desk.book.rules))
        labels = {name: self._field(name) for name in names}
        self.field = look.choice(say("field"), labels, next(iter(labels)), "sw-field")
        self.rule = fields.options(say("rule"), "sw-rule")
        self.on = fields.day(say("on"), "sw-on", on)
        self.field.observe(lambda _: self._chosen_field(), "value")
        self.rule.observe(lambda change: None if self._quiet else self.choose(change["new"]), "value")
        self.on.observe(lambda _: self._chosen_day(), "value")
        grow = {"flex": "1 1 300px"}
        for widget in (self.field, self.rule, self.on):
            widget.layout = grow
        self.chosen = ipywidgets.HBox([self.field, self.rule, self.on])
        self.undo_button = self._button("undo", self.undo)
        self.redo_button = self._button("redo", self.redo)
        self.save_button = self._button("save", self.save)
        self.reload_button = self._button("reload", self.reload)
        self.buttons = ipywidgets.HBox([self.undo_button, self.redo_button, self.save_button, self.reload_button])
        self.notice = look.shown("", "sw-told")
        self.check = look.shown("", "sw-check")
        self.headline = look.shown("", "sw-effect")

    def _build_document(self) -> None:
        say = self._say
        self.form = RuleForm(self.language, self.set_value, self.set_line)
        self.actions = RuleActions(self.language, self.enter)
        self.words = look.shown("", "sw-words", "sw-reasons")
        self.versions = look.shown("", "sw-versions")
        self.file = fields.options(say("file"), "sw-file")
        self.source = look.named(ipywidgets.Textarea(description=say("source"), rows=22), "sw-source")
        self.source.layout.width = "99%"
        self.file.observe(lambda _: self._chosen_file(), "value")
        self.source.observe(lambda _: self._type(), "value")
        self.lookup = fields.word(say("lookup"), "sw-lookup")
        self.found = look.shown("", "sw-found")
        self.lookup.observe(self._look_up, "value")
        self.lookup_view = ipywidgets.VBox([self.lookup, self.found])

    def _build_results(self) -> None:
        say = self._say
        self.effect = fields.options(say("effect"), "sw-effect-rule")
        self.effect.observe(lambda _: self._chosen_effect(), "value")
        self.flows = look.shown("", "sw-flows")
        self.cases = look.shown("", "sw-cases")
        self.picture = look.shown("", "sw-sankey")
        self.deviating = look.shown("", "sw-deviating")
        self.accept = look.named(ipywidgets.Checkbox(description=say("accept"), indent=False), "sw-accept")
        self.accept.layout.width = "auto"

    def _field(self, name: str) -> str:
        key = f"field_{name}"
        return text(key, self.language) if key in catalogue() else name

    def _look_up(self, change: Any) -> None:
        self.found.value = self.told.help(change["new"], self._shown, self.desk.book)

    def _button(self, key: str, action: Callable[[], None]) -> Any:
        return fields.button(self._say(f"{key}_button"), f"sw-{key}", action)

    def _say(self, key: str, **values: object) -> str:
        return text(f"rule_editor_{key}", self.language, **values)


def _note(words: str) -> str:
    return f'<p class="sw-notice">{escape(words)}</p>'
