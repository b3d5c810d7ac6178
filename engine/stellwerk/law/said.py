"""A line of prose with the lines below it, and how such a tree becomes plain text.

Every report and every explanation is made of these lines, so that a terminal and a page tell the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

INDENT = "  "
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Said:
    """One line, and the lines below it."""

    text: str
    items: tuple[Said, ...] = ()
    aside: str = ""  # what a reader may pass over: the line as it stands in the rule

    def in_one_line(self, depth: int = 1) -> str:
        """The same on one line: mindestens eines: a) ...; b) ...; below that aa), bb)."""
        if not self.items:
            return self.text
        parts = [f"{_letter(n) * depth}) {item.in_one_line(depth + 1)}" for n, item in enumerate(self.items)]
        return f"{self.text} {'; '.join(parts)}"


def plain_lines(said: Sequence[Said], depth: int = 0) -> Iterator[str]:
    """The tree as indented lines of text; what stands below a line is a list."""
    for item in said:
        aside = f"   [{item.aside}]" if item.aside else ""
        yield f"{INDENT * depth}{'- ' if depth > 1 else ''}{item.text}{aside}"
        yield from plain_lines(item.items, depth + 1)


def _letter(position: int) -> str:
    return _LETTERS[position % len(_LETTERS)]
