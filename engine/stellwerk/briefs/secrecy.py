"""Which counts may leave the house: small ones do not, nor others from which a small one could be computed.

In go counts and which of them are sums of which others, over as many tables as are published together; out come the
same counts with hidden cells: SMALL for a count from 1 up to below the limit, BLOCKED for one of which nothing is said.
For every small count there is another table that agrees with all that is shown and has another number in its place;
`alternatives` finds it, in whole numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from stellwerk.briefs.alternatives import Published, alternative
from stellwerk.errors import StellwerkError


class CountsCannotBeProtected(StellwerkError):
    """The search finds no way to publish these counts together, not even with all of them hidden."""


class Hidden(Enum):
    """Why a count is not shown; the value is what stands in a machine-readable file ({limit} is filled in)."""

    SMALL = "<{limit}"
    BLOCKED = "x"


Count = int | Hidden
Grid = list[list[Count]]
Cell = Hashable
CellT = TypeVar("CellT", bound=Hashable)


@dataclass(frozen=True)
class Sum:
    """A published count that is the sum of others; one part alone says that two cells hold the same number."""

    total: Cell
    parts: tuple[Cell, ...]


def protect(counts: Mapping[CellT, int], sums: Sequence[Sum], limit: int) -> dict[CellT, Count]:
    """The counts as they may be published together, where readers know all of `sums` and can add and subtract.

    A small count stays hidden even from readers who know the rule; what is hidden besides is as little as the search
    finds, smaller counts before larger ones, parts before sums.
    """
    names = list(counts)
    place: dict[Cell, int] = {name: number for number, name in enumerate(names)}
    lines = [((place[s.total], -1), *((place[part], 1) for part in s.parts)) for s in sums]
    totals = frozenset(place[s.total] for s in sums)
    search = _Search(Published([counts[name] for name in names], lines, limit), totals)
    search.hide_until_safe()
    search.show_what_need_not_be_hidden()
    return {name: search.shown(number) for number, name in enumerate(names)}


def protect_count(count: int, limit: int) -> Count:
    """A count that stands alone, with no sum beside it."""
    return protect({0: count}, (), limit)[0]


def protect_column(counts: Sequence[int], limit: int) -> list[Count]:
    """Counts whose sum is published: the protected counts, then the protected sum."""
    last = len(counts)
    cells = {**dict(enumerate(counts)), last: sum(counts)}
    return list(protect(cells, [Sum(last, tuple(range(last)))], limit).values())


def protect_table(counts: Sequence[Sequence[int]], limit: int) -> Grid:
    """A table whose row and column sums are published: each row ends with its sum, the last row holds the sums."""
    rows = [[*row, sum(row)] for row in counts]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    height, width = len(rows), len(rows[0])
    cells = {(r, c): value for r, row in enumerate(rows) for c, value in enumerate(row)}
    down = [Sum((height - 1, c), tuple((r, c) for r in range(height - 1))) for c in range(width)]
    across = [Sum((r, width - 1), tuple((r, c) for c in range(width - 1))) for r in range(height)]
    found = protect(cells, [*down, *across], limit)
    return [[found[r, c] for c in range(width)] for r in range(height)]


def protect_difference(before: Count, after: Count) -> Count:
    """The difference of two published counts: blocked as soon as one of them is hidden."""
    return after - before if isinstance(before, int) and isinstance(after, int) else Hidden.BLOCKED


class _Search:
    """Hides cell after cell until every small count has an alternative, and keeps what each alternative rests on."""

    def __init__(self, published: Published, totals: frozenset[int]) -> None:
        self._published = published
        self._totals = totals
        self._secret = [n for n, value in enumerate(published.values) if 0 < value < published.limit]
        self._rests_on: dict[int, frozenset[int]] = {}
        for secret in self._secret:
            published.say_small(secret)

    def shown(self, cell: int) -> Count:
        if cell in self._published.small:
            return Hidden.SMALL
        return Hidden.BLOCKED if cell in self._published.blocked else self._published.values[cell]

    def hide_until_safe(self) -> None:
        """Hide beside every hidden cell that stands alone in a line, then wherever an alternative is still missing."""
        waiting = list(range(len(self._published.lines)))
        while waiting:
            line = waiting.pop()
            if len(self._published.hidden_in[line]) == 1 and self._block_in(line):
                waiting += {other for cell in self._published.hidden_in[line]
                            for other, _ in self._published.lines_of[cell]}  # fmt: skip
        while (exposed := self._exposed()) is not None:
            self._hide_for(exposed)

    def show_what_need_not_be_hidden(self) -> None:
        """Show again what was hidden in vain: what other cells, hidden later, have made needless."""
        for cell in sorted(self._published.blocked - set(self._secret), key=lambda n: -self._published.values[n]):
            self._published.show(cell)
            lost = {secret: found for secret, found in self._rests_on.items() if cell in found}
            for secret in lost:
                del self._rests_on[secret]
            if self._exposed() is not None:
                self._published.block(cell)
                self._rests_on.update(lost)

    def _exposed(self) -> int | None:
        """The first small count without an alternative."""
        for secret in self._secret:
            if secret in self._rests_on:
                continue
            found = alternative(self._published, secret)
            if found is None:
                return secret
            self._rests_on |= {cell: frozenset(found) for cell in found if cell not in self._rests_on}
        return None

    def _hide_for(self, secret: int) -> None:
        """Block the smallest count above zero beside the secret; where all is hidden, say less of what is hidden."""
        around = self._lines_around(secret)
        if any(self._block_in(line) for line in around):
            return
        small = self._published.small
        said = (
            [secret]
            if secret in small
            else [c for line in around for c in sorted(self._published.hidden_in[line] & small)]
        )
        if not said:
            raise CountsCannotBeProtected(counts=len(self._secret))
        self._published.block(said[0])

    def _block_in(self, line: int) -> bool:
        """Block the open cell of a line that is missed least; False where none is open."""
        still_open = self._published.open_in(line)
        if still_open:
            self._published.block(min(still_open, key=self._loss))
        return bool(still_open)

    def _loss(self, cell: int) -> tuple[bool, bool, int, int]:
        value = self._published.values[cell]
        return (value == 0, cell in self._totals, value, cell)

    def _lines_around(self, secret: int) -> list[int]:
        """The lines of a cell, those with fewest hidden cells first, then the lines of the hidden cells in them."""
        found: list[int] = []
        reached, waiting = {secret}, [secret]
        while waiting:
            cell = waiting.pop(0)
            fresh = {line for line, _ in self._published.lines_of[cell]} - set(found)
            found += sorted(fresh, key=lambda line: (len(self._published.hidden_in[line]), line))
            further = {other for line in fresh for other in self._published.hidden_in[line]} - reached
            reached |= further
            waiting += sorted(further)
        return found
