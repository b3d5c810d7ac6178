"""Does the rulebook still hold with drafts in their files' places, and do the examples still come out?

Goes in: drafts. Comes out: the rulebook read with them, or every mistake with its line, and the examples of all rules
whose meaning changes. They are read from a copy of the law's files by the very reader that reads the checkout, so
that what passes here passes `stellwerk check`; the checkout itself is not touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from stellwerk.editing.draft import Draft
from stellwerk.errors import ManyErrors, StellwerkError
from stellwerk.evaluate.examples import Example, ExampleResult, example_files, load_examples, run_example
from stellwerk.law.fingerprint import Fingerprints
from stellwerk.law.linking import LinkedBefore
from stellwerk.law.rulebook import Rulebook, law_files, load_rulebook

_A_DRAFT = (-1, -1)  # the stamp of a copy that is no copy, so that the file itself comes back


@dataclass(frozen=True)
class Reading:
    """The rulebook with drafts in it, or what is wrong with them; and what means something else than before."""

    drafts: tuple[Draft, ...]
    before: Fingerprints
    rulebook: Rulebook | None
    errors: tuple[StellwerkError, ...]

    @property
    def base(self) -> Rulebook:
        """The law in force that the drafts are held against."""
        return self.before.rulebook

    @cached_property
    def changed_rules(self) -> tuple[str, ...]:
        """The rules that do not mean the same with the drafts, also those that exist only on one side."""
        if self.rulebook is None or self.rulebook is self.base:
            return ()
        before, after = self.before, Fingerprints(self.rulebook)
        names = sorted({*self.base.rules, *self.rulebook.rules})
        shared = {*self.base.rules} & {*self.rulebook.rules}
        return tuple(name for name in names if name not in shared or before.of(name) != after.of(name))

    @cached_property
    def changed_reforms(self) -> tuple[str, ...]:
        """The reforms that are new or other ones with the drafts."""
        if self.rulebook is None or self.rulebook is self.base:
            return ()
        before = self.base.reforms
        return tuple(name for name, reform in self.rulebook.reforms.items() if before.get(name) != reform)


@dataclass(frozen=True)
class Examples:
    """The examples that a draft concerns, run; and those that cannot be read with it."""

    results: tuple[ExampleResult, ...]
    errors: tuple[StellwerkError, ...]

    @property
    def deviating(self) -> tuple[ExampleResult, ...]:
        """Those that come out otherwise than they expect."""
        return tuple(result for result in self.results if not result.passes)


class Trial:
    """A copy of the law's files in which drafts are tried; it goes away with the object, or with `close`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._before: Fingerprints | None = None
        self._linked = LinkedBefore()
        self._folder = tempfile.TemporaryDirectory(prefix="stellwerk-draft-")
        self._copied: dict[Path, tuple[int, int]] = {}

    def close(self) -> None:
        """Remove the copy."""
        self._folder.cleanup()

    def read(self, drafts: Sequence[Draft], base: Rulebook) -> Reading:
        """The law with the drafts in their files' places. `base` is the law in force that it is held against."""
        if self._before is None or self._before.rulebook is not base:
            self._before = Fingerprints(base)
        if not drafts:
            return Reading((), self._before, base, ())
        self._follow()
        for draft in drafts:
            place = self._place(draft.path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(draft.content)
            self._copied[draft.path] = _A_DRAFT
        try:
            book = load_rulebook(self._there, self._linked)
        except ManyErrors as many:
            return Reading(tuple(drafts), self._before, None, many.errors)
        except StellwerkError as error:
            return Reading(tuple(drafts), self._before, None, (error,))
        return Reading(tuple(drafts), self._before, _with_those_that_ended(book, base), ())

    def examples(self, reading: Reading) -> Examples:
        """The examples of all rules that mean something else with the drafts last read, run under it."""
        if reading.rulebook is None:
            return Examples((), ())
        rules, reforms = set(reading.changed_rules), set(reading.changed_reforms)
        own = {self._place(draft.path) for draft in reading.drafts}
        concerned, errors = list[Example](), list[StellwerkError]()
        for path in example_files(self._there):
            try:
                found = load_examples(path, self._there, reading.rulebook)
            except StellwerkError as error:
                errors += error.errors if isinstance(error, ManyErrors) else [error]
                continue
            concerned += [x for x in found if path in own or x.rule in rules or reforms & set(x.reforms)]
        return Examples(tuple(_run(concerned, reading.rulebook)), tuple(errors))

    def _follow(self) -> None:
        """Bring the copy up to what the checkout is now."""
        files = [*law_files(self.root), *(self.root / "params").glob("*.csv"), *example_files(self.root)]
        stamps = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}
        for path in self._copied.keys() - stamps.keys():
            self._place(path).unlink(missing_ok=True)
        for path, stamp in stamps.items():
            if self._copied.get(path) != stamp:
                place = self._place(path)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
        self._copied = stamps

    @property
    def _there(self) -> Path:
        return Path(self._folder.name)

    def _place(self, path: Path) -> Path:
        return self._there / path.relative_to(self.root)


def _run(examples: Collection[Example], book: Rulebook) -> list[ExampleResult]:
    results, books = [], dict[object, Rulebook]()
    for example in examples:
        key = (example.known_on, example.reforms)
        if key not in books:
            known = book if example.known_on is None else book.known_on(example.known_on)
            books[key] = known.under(example.reforms)
        results.append(run_example(example, books[key]))
    return results


def _with_those_that_ended(book: Rulebook, base: Rulebook) -> Rulebook:
    """The rulebook that also knows the rules it no longer has, so that both can be compared."""
    return replace(book, without_version=book.without_version | (base.rules.keys() - book.rules.keys()))
