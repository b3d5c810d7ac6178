"""What goes wrong, said for the reader: one class a situation, the sentence from the catalogue.

An error carries the place (file and line), the offending value, what is allowed and the nearest right name. The
sentence itself stands in the catalogue under the class's name in snake case, in German and English, so that the
code never holds user-facing text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stellwerk.texts import text


@dataclass(frozen=True)
class Place:
    """Where something stands: a file and, where known, its line (first line is 1)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


class StellwerkError(Exception):
    """Wrong use or wrong input; the command line prints the sentence and ends with exit code 2."""

    def __init__(self, place: Place | None = None, /, **details: object) -> None:
        self.place = place
        self.details = details
        super().__init__(place, details)

    def message(self, language: str | None = None) -> str:
        """The sentence for the reader, with the place in front where there is one."""
        sentence = text(_snake_case(type(self).__name__), language, **self.details)
        return f"{self.place}: {sentence}" if self.place else sentence

    def __str__(self) -> str:
        return self.message()


class ManyErrors(StellwerkError):
    """Several errors of one file or one rulebook, each with its own sentence."""

    def __init__(self, errors: Iterable[StellwerkError]) -> None:
        self.errors = tuple(errors)
        super().__init__()

    def message(self, language: str | None = None) -> str:
        """All sentences, one a line."""
        return "\n".join(error.message(language) for error in self.errors)


def raise_all(errors: list[StellwerkError]) -> None:
    """Raise what was collected: nothing, the one error, or all of them together."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ManyErrors(errors)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate that looks most like `name`, or an empty string where none does."""
    found = difflib.get_close_matches(name, sorted(set(candidates)), n=1, cutoff=0.6)
    return found[0] if found else ""


def shown_path(path: Path, root: Path) -> str:
    """A path as the reader knows it: below the checkout where possible, else its name alone."""
    if path.is_relative_to(root):  # mostly it is, and resolving asks the disk
        return path.relative_to(root).as_posix()
    if path.resolve().is_relative_to(root.resolve()):
        return path.resolve().relative_to(root.resolve()).as_posix()
    return path.name


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
