"""The desk at which a rule is edited: what is open, what the check says, whom it affects, what may be saved.

Goes in: a checkout and, for the effects, a register. Comes out: the state that a page shows. Changes are made here and
nothing is drawn; the page stands in `widgets/`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stellwerk.editing.draft import Draft, FileThereAlready, History
from stellwerk.editing.effects import SUBJECT, Effects, Register
from stellwerk.editing.listings import NoSuchListing, listings_in
from stellwerk.editing.saving import save
from stellwerk.editing.sheets import taken_over, write_sheet
from stellwerk.editing.trial import Examples, Reading, Trial
from stellwerk.editing.witness import Change, example, examples_beside, invented, with_example
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.provision import Rule
from stellwerk.law.reforms import UnknownReform
from stellwerk.law.rulebook import Rulebook, law_files, law_in_force
from stellwerk.law.rules import order_of

if TYPE_CHECKING:
    from stellwerk.casework import Casework
    from stellwerk.frames import Children, Frame

_REFORM = re.compile(r"[a-z][a-z0-9_]{1,60}")


class NoRegister(StellwerkError):
    """Something that only a register can tell is asked without one."""


class ReformNameUnfit(StellwerkError):
    """A name that no reform can have."""


@dataclass(frozen=True)
class RuleFiles:
    """The files that make up what a rule says: its own, its table, its numbers, its listings, its examples."""

    rule: Path
    others: tuple[Path, ...]
    examples: Path


class Desk:
    """One person's changes to the law, not yet saved."""

    def __init__(
        self,
        casework: Casework,
        cases: Frame | None = None,
        children: Children | None = None,
        on: dt.date | None = None,
    ) -> None:
        self.casework = casework
        self.root = casework.root.resolve()
        self.base: Rulebook = law_in_force(self.root)
        self.history = History()
        self._trial = Trial(self.root)
        self._frames = None
        if cases is not None:
            self._frames = casework.as_cases(cases), casework.as_children(children)
        self.on = on
        self._register = self._registered()
        self.reading = self._trial.read([], self.base)
        self.examples = Examples((), ())

    def close(self) -> None:
        """Let go of the copy in which drafts are tried."""
        self._trial.close()

    @property
    def book(self) -> Rulebook:
        """The rulebook with the drafts, or the law in force while they have mistakes."""
        return self.reading.rulebook or self.base

    @property
    def unsaved(self) -> tuple[str, ...]:
        """The files that saving would write."""
        return tuple(draft.shown for draft in self.history.now.changed)

    def files_of(self, rule: Rule) -> RuleFiles:
        """The files that make up what a rule says."""
        own = self.root / rule.versions[-1].place.file
        numbers = {name for version in rule.versions for name in version.parameters()}
        tables = [version.rows[0].condition.place.file for version in rule.versions if version.kind == "table"]
        found = [*(self.book.parameters[name].place.file for name in sorted(numbers)), *tables]
        lists = {name for version in rule.versions for name in version.listings()}
        listed = [path for path in self._listing_tables() if lists & set(listings_in(self.text_of(path)))]
        others = dict.fromkeys([*(self.root / file for file in found), *listed])
        return RuleFiles(own, tuple(others), examples_beside(own))

    def file_of(self, rule: str) -> Path:
        """The file that a rule stands in."""
        return self.root / self.book.rule(rule).versions[-1].place.file

    def table_of(self, listing: str) -> Path:
        """The table that a listing's rows stand in."""
        found = [path for path in self._listing_tables() if listing in listings_in(self.text_of(path))]
        if not found:
            raise NoSuchListing(name=listing, near=nearest(listing, self.book.listings))
        return found[0]

    def new_reform(self, name: str) -> Path:
        """The file of a reform that does not exist yet."""
        path = self._reform_path(name)
        if path.exists() or self.history.now.of(path) is not None:
            raise FileThereAlready(Place(path.name))
        return path

    def reform_file(self, name: str) -> Path:
        """The file of a reform, be it only begun."""
        path = self._reform_path(name)
        if not self.text_of(path):
            raise UnknownReform(name=name, near=nearest(name, self.book.reforms))
        return path

    def text_of(self, path: Path) -> str:
        """The text of a file as it is now, drafted or on disk; empty where there is none."""
        draft = self.history.now.of(path)
        if draft is not None:
            return draft.text
        return Draft.open(path, self.root).text if path.is_file() else ""

    def change(self, path: Path, changed: Callable[[str], str], step: str = "") -> None:
        """Make one change to one file; a file that does not exist yet is begun.

        A change with the same `step` as the one before takes its place: both begin from the same text.
        """
        history = self.history.without(step)
        draft = history.now.of(path) or self._opened(path)
        self.history = history.then(history.now.having(draft.with_text(changed(draft.text))), step)

    def undo(self) -> None:
        """One step back."""
        self.history = self.history.undo()

    def redo(self) -> None:
        """One step forth."""
        self.history = self.history.redo()

    def check(self) -> Reading:
        """Read the law with all drafts."""
        self.reading = self._trial.read(self.history.now.changed, self.base)
        self.examples = Examples((), ())
        return self.reading

    def run_examples(self) -> Examples:
        """Run the examples of all rules that mean something else now."""
        self.examples = self._trial.examples(self.reading)
        return self.examples

    def effects(self) -> Effects | None:
        """Whom the drafts change anything for; None without a register or while there are mistakes."""
        if self._register is None or self.reading.rulebook is None:
            return None
        return self._register.effects(self.reading)

    def prepare(self, rule: str) -> None:
        """Compute beforehand what the first change to a rule or to its numbers needs."""
        if rule not in self.base.rules or self.unsaved:
            return
        self._trial.read([Draft.open(self.file_of(rule), self.root)], self.base)
        if self._register is not None:
            self._register.prepare(self.base, _with_dependents(self.base, rule))

    def read_on(self, day: dt.date | None) -> None:
        """Read every case as if its reading date were this day, or at its own again."""
        self.on = day
        self._register = self._registered()

    def save(self, accepted: Collection[str] = ()) -> tuple[str, ...]:
        """Write what has changed; the names of the files. The law in force is then the one with the changes."""
        self.check()
        self.run_examples()
        names = self.unsaved
        saved = save(self.reading, self.examples, accepted)
        now = self.history.now
        for draft in saved.files:
            now = now.having(draft)
        self.history = History(now)
        self.base = law_in_force(self.root)
        self.check()
        return names

    def reload(self) -> None:
        """Drop all drafts and read the files as they are on disk."""
        self.history = History()
        self.base = law_in_force(self.root)
        self.check()

    def keep_witness(self, case_id: str, rule: str, name: str, source: str) -> Path:
        """Put an invented case that changes as this one does behind the rule's examples; the file that it is in."""
        if self._frames is None:
            raise NoRegister()
        key = self.casework.id_of(SUBJECT)
        row, rows = self.casework.one_case(*self._frames, case_id)
        case: Mapping[str, object] = next(cases_with_rows(row, rows, key))
        facts = {name: value for name, value in case.items() if name != key}
        after = self.book.under(self.reading.changed_reforms)
        change = Change(rule, self.base, after, self.on)
        witness = example(name, source, invented(facts, change), change, self.reading.changed_reforms)  # type: ignore[arg-type]  # cells in exact types
        path = self.files_of(self.book.rule(rule)).examples
        self.change(path, lambda text: with_example(text, witness))
        return path

    def take_sheet(self, source: Path, path: Path) -> None:
        """Take over a table's rows from a workbook; where some are wrong, all of these are told and none taken."""
        draft = self.history.now.of(path) or self._opened(path)
        taken = taken_over(source, draft, self._trial, self.base)
        self.history = self.history.then(self.history.now.having(taken))

    def write_sheet(self, path: Path, target: Path) -> None:
        """Write a table as a workbook, as it is now."""
        write_sheet(self.history.now.of(path) or self._opened(path), target)

    def _reform_path(self, name: str) -> Path:
        if not _REFORM.fullmatch(name):
            raise ReformNameUnfit(name=name)
        return self.root / "rules" / "reforms" / f"{name}.yaml"

    def _listing_tables(self) -> list[Path]:
        return [path for path in law_files(self.root) if path.suffix == ".csv" and path.parent.name == "listings"]

    def _opened(self, path: Path) -> Draft:
        return Draft.open(path, self.root) if path.is_file() else Draft.new(path, self.root, "")

    def _registered(self) -> Register | None:
        if self._frames is None:
            return None
        return Register(*self._frames, self.casework.id_of(SUBJECT), self.on)


def _with_dependents(book: Rulebook, rule: str) -> list[str]:
    """A rule and all that read its result, at first or at second hand."""
    found = {rule}
    for name in order_of(book.rules):
        if any(node.rule in found for version in book.rules[name].versions for node in version.derived()):
            found.add(name)
    return sorted(found)
