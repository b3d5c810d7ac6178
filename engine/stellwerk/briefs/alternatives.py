"""Could a hidden count be another number, as far as a reader of everything published can tell?

In goes what is published, hidden and known to add up; out come the changes that lead to another table which nobody can
tell from the true one, or None where the search finds none. The search is in whole numbers and its answer is exact:
every sum holds and every bound is kept. That it finds none is no proof; whoever asks then hides more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Line = tuple[tuple[int, int], ...]  # cells with their sign in a sum that is zero
_MOST_CHANGED = (4, 8, 16)  # cells in which the other table may differ: near ones are looked for first
_MOST_STEPS = 300  # of one search; where tables of briefs have an alternative, some dozens find it


@dataclass
class Published:
    """Counts by place, the lines that add up to zero, and which counts are hidden how."""

    values: Sequence[int]
    lines: Sequence[Line]
    limit: int
    small: set[int] = field(default_factory=set, init=False)
    blocked: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.lines_of: list[list[tuple[int, int]]] = [[] for _ in self.values]
        self.hidden_in: list[set[int]] = [set() for _ in self.lines]
        for number, line in enumerate(self.lines):
            for cell, sign in line:
                self.lines_of[cell].append((number, sign))

    def say_small(self, cell: int) -> None:
        """Hide a count and say that it is small."""
        self._hide(cell, self.small)

    def block(self, cell: int) -> None:
        """Hide a count and say nothing of it."""
        self.small.discard(cell)
        self._hide(cell, self.blocked)

    def show(self, cell: int) -> None:
        """Show a blocked count again."""
        self.blocked.remove(cell)
        for line, _ in self.lines_of[cell]:
            self.hidden_in[line].remove(cell)

    def is_hidden(self, cell: int) -> bool:
        """Whether the count of a cell is not shown."""
        return cell in self.small or cell in self.blocked

    def open_in(self, line: int) -> list[int]:
        """The shown cells of a line."""
        return [cell for cell, _ in self.lines[line] if cell not in self.hidden_in[line]]

    def may_be(self, cell: int, value: int) -> bool:
        """Whether a reader must reckon with that value."""
        if cell in self.small:
            return 0 < value < self.limit
        return cell in self.blocked and value >= 0

    def _hide(self, cell: int, kind: set[int]) -> None:
        kind.add(cell)
        for line, _ in self.lines_of[cell]:
            self.hidden_in[line].add(cell)


@dataclass
class _Change:
    """Changes by cell, and by how much each line then fails to add up."""

    by: dict[int, int] = field(default_factory=dict)
    excess: dict[int, int] = field(default_factory=dict)

    def make(self, published: Published, cell: int, change: int) -> None:
        self.by[cell] = change
        self._shift(published, cell, change)

    def undo(self, published: Published, cell: int) -> None:
        self._shift(published, cell, -self.by.pop(cell))

    def _shift(self, published: Published, cell: int, change: int) -> None:
        for line, sign in published.lines_of[cell]:
            left = self.excess.get(line, 0) + sign * change
            if left:
                self.excess[line] = left
            else:
                del self.excess[line]


def alternative(published: Published, cell: int) -> dict[int, int] | None:
    """Changes, by cell, that lead from the true table to another one in which `cell` holds another number."""
    for most in _MOST_CHANGED:
        for step in (1, -1):
            if not published.may_be(cell, published.values[cell] + step):
                continue
            change = _Change()
            change.make(published, cell, step)
            if _balanced(published, change, most, iter(range(_MOST_STEPS))):
                return change.by
    return None


def _balanced(published: Published, change: _Change, most: int, steps: Iterator[int]) -> bool:
    """Add changes until every sum holds again, at most `most` in all; False where none are found."""
    if not change.excess:
        return True
    if len(change.by) >= most:
        return False
    for cell, by in _remedies(published, change):
        if next(steps, None) is None:
            return False
        change.make(published, cell, by)
        if _balanced(published, change, most, steps):
            return True
        change.undo(published, cell)
    return False


def _remedies(published: Published, change: _Change) -> list[tuple[int, int]]:
    """Changes of one more cell that mend the line with fewest ways to do so; those that break least come first."""
    line = min(change.excess, key=lambda number: (len(published.hidden_in[number]), number))
    excess = change.excess[line]
    found: list[tuple[int, int, int]] = []
    for cell in published.hidden_in[line]:
        if cell in change.by:
            continue
        sign = next(sign for number, sign in published.lines_of[cell] if number == line)
        whole = -excess * sign
        for by in dict.fromkeys((whole, 1 if whole > 0 else -1)):
            if published.may_be(cell, published.values[cell] + by):
                broken = _broken_after(published, change, cell, by)
                if broken is not None:
                    found.append((broken, cell, by))
    return [(cell, by) for _, cell, by in sorted(found)]


def _broken_after(published: Published, change: _Change, cell: int, by: int) -> int | None:
    """How many lines around a cell would not add up after its change; None where one of them could not be mended."""
    broken = 0
    for line, sign in published.lines_of[cell]:
        if change.excess.get(line, 0) + sign * by == 0:
            continue
        if not any(other != cell and other not in change.by for other in published.hidden_in[line]):
            return None
        broken += 1
    return broken
