"""Where a case comes from: an example that stands beside the rules, a case of the register, or an empty form.

In go the workbench and a register; who chooses is told through `Chosen`. Cases of the register are searched by their
id, stepped through, or listed by what the rules say of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import polars as pl
import traitlets

from stellwerk import formats
from stellwerk.evaluate.examples import Example, example_files, load_examples
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value
from stellwerk.texts import text
from stellwerk.widgets.case_told import MET_FROM
from stellwerk.widgets.scripts import script
from stellwerk.workbench import Workbench

SUBJECT = "case"
MOST_FOUND = 50  # cases that are listed at a time
MOST_READ = 5_000  # cases that are read for what the rules say of them; that takes about a second
_WORDS = (
    "example", "choose", "blank", "register", "search_hint", "found", "back", "back_long", "on", "on_long", "notable",
)  # fmt: skip
_TELLING = ("status", "nationality")  # what is said of a case beside its id, where the register has it


@dataclass(frozen=True)
class Chosen:
    """Whom to tell what was chosen."""

    example: Callable[[Example], None]
    case: Callable[[str], None]
    blank: Callable[[], None]
    outcomes: Callable[[pl.DataFrame], pl.DataFrame]  # what the chosen rules say of cases


class ChoiceView(anywidget.AnyWidget):
    """What the page shows: examples by rule, the cases that were found."""

    _esm = script("elements", "case_choice")
    examples: traitlets.List[Any] = traitlets.List().tag(sync=True)
    example = traitlets.Unicode("").tag(sync=True)
    register = traitlets.Bool(False).tag(sync=True)
    found: traitlets.List[Any] = traitlets.List().tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    picked = traitlets.Unicode("").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


class CaseChoice:
    """A case to begin with."""

    def __init__(self, bench: Workbench, cases: pl.DataFrame | None, chosen: Chosen, language: str) -> None:
        self._bench, self._cases, self._chosen, self._language = bench, cases, chosen, language
        self._key = bench.id_of(SUBJECT)
        self.examples: dict[str, Example] = {}
        count = formats.number(0 if cases is None else cases.height, language)
        words = {name: text(f"case_choice_{name}", language, count=count) for name in _WORDS}
        self.view = ChoiceView(words=words, register=cases is not None)
        self.view.on_msg(lambda _, message, __: self.heard(message))
        self.search("")

    def offer(self, rules: Sequence[str], book: Rulebook) -> None:
        """Offer the examples that stand beside these rules."""
        found = _examples_of(self._bench.root, rules, self._bench.rulebook())
        self.examples = {f"{example.rule}/{example.name}": example for example in found}
        titles = {rule: self._bench.rule_title(rule, self._language) for rule in rules}
        groups: dict[str, list[list[str]]] = {}
        for key, example in self.examples.items():
            groups.setdefault(titles[example.rule], []).append([key, example.name])
        with self.view.hold_sync():
            self.view.examples = [[title, groups[title]] for title in sorted(groups)]
            self.view.example = self.view.example if self.view.example in self.examples else ""

    def first_of(self, rules: Sequence[str], name: str) -> Example | None:
        """An example to begin with: the one of that name beside these rules, else their first, else any."""
        own = [example for example in self.examples.values() if example.rule in rules]
        named = [example for example in own if example.name == name]
        return next(iter([*named, *own, *self.examples.values()]), None)

    def mark(self, *, example: Example | None = None, case: str = "") -> None:
        """Show what the page is about: an example, a case of the register, or neither."""
        self.view.example = f"{example.rule}/{example.name}" if example is not None else ""
        self.view.picked = case

    def search(self, words: str) -> list[str]:
        """List the cases whose id holds these words, the first ones of the register without any."""
        if self._cases is None:
            return []
        wanted = words.strip().casefold()
        ids = pl.col(self._key).cast(pl.String)
        held = self._cases.filter(ids.str.to_lowercase().str.contains(wanted, literal=True)) if wanted else self._cases
        self._list(held.head(MOST_FOUND), {})
        key = (
            "case_choice_empty"
            if self._cases.is_empty()
            else "case_choice_none"
            if held.is_empty()
            else "case_choice_many"
        )
        shown = formats.number(min(held.height, MOST_FOUND), self._language)
        every = formats.number(held.height, self._language)
        self.view.note = "" if 0 < held.height <= MOST_FOUND else text(key, self._language, shown=shown, every=every)
        return [entry[0] for entry in self.view.found]

    def step(self, by: int) -> None:
        """The case before or after the one that is shown, in the order of the list or else of the register."""
        if self._cases is None or self._cases.is_empty():
            return
        listed = [entry[0] for entry in self.view.found]
        ids = listed if self.view.picked in listed else self._cases.get_column(self._key).cast(pl.String).to_list()
        place = ids.index(self.view.picked) + by if self.view.picked in ids else 0
        if 0 <= place < len(ids):
            self._chosen.case(ids[place])

    def list_notable(self) -> None:
        """List the cases of which the rules say most: a right, a window that is open, a criterion met."""
        if self._cases is None:
            return
        read = self._cases.head(MOST_READ)
        strongest = dict(self._strongest(self._chosen.outcomes(read)))
        order = sorted(strongest, key=lambda case: -self._strength(strongest[case]))[:MOST_FOUND]
        rows = read.filter(pl.col(self._key).cast(pl.String).is_in(order))
        by_id = {str(row[self._key]): row for row in rows.iter_rows(named=True)}
        labels = {case: self._bench.outcome_label(outcome, self._language) for case, outcome in strongest.items()}
        self._list(pl.DataFrame([by_id[case] for case in order], schema=read.schema), labels)
        key = "case_choice_notable_found" if order else "case_choice_notable_none"
        count = formats.number(len(strongest), self._language)
        self.view.note = text(key, self._language, count=count, read=formats.number(read.height, self._language))

    def heard(self, message: Mapping[str, Any]) -> None:
        """What the page says."""
        match message:
            case {"example": key}:
                self._chosen.example(self.examples[key])
            case {"search": words, **rest}:
                found = self.search(words)
                if rest.get("first") and found:
                    self._chosen.case(found[0])
            case {"pick": case}:
                self._chosen.case(case)
            case {"step": by}:
                self.step(int(by))
            case {"notable": _}:
                self.list_notable()
            case {"blank": _}:
                self._chosen.blank()

    def _list(self, cases: pl.DataFrame, said: Mapping[str, str]) -> None:
        rows = cases.iter_rows(named=True)
        self.view.found = [[str(row[self._key]), " · ".join(self._told(row, said))] for row in rows]

    def _told(self, row: Mapping[str, Any], said: Mapping[str, str]) -> Iterator[str]:
        """A case in a line: its id, what the rules say of it or what it is."""
        case = str(row[self._key])
        yield case
        if case in said:
            yield said[case]
            return
        attributes = self._bench.vocabulary.attributes(SUBJECT)
        for name in _TELLING:
            value: Value | None = row.get(name)
            codes = attributes[name].type.code_list
            if value is not None and codes is not None and str(value) in codes.codes:
                yield codes.codes[str(value)].label(self._language)

    def _strongest(self, outcomes: pl.DataFrame) -> Iterator[tuple[str, str]]:
        """The strongest outcome of each case that is strong enough to be of interest."""
        names = [name for name in outcomes.columns if name.endswith(".outcome")]
        ids = outcomes.get_column(self._key).cast(pl.String)
        for case, row in zip(ids, outcomes.select(pl.col(names).cast(pl.String)).iter_rows(), strict=True):
            best = max(row, key=self._strength)
            if self._strength(best) >= MET_FROM:
                yield case, best

    def _strength(self, outcome: str) -> int:
        return self._bench.vocabulary.outcomes[outcome].strength


def _examples_of(root: Path, rules: Sequence[str], book: Rulebook) -> Iterator[Example]:
    fields = {rule.partition(".")[0] for rule in rules}
    for path in example_files(root):
        if path.parent.name in fields:
            yield from (example for example in load_examples(path, root, book) if example.rule in rules)
