"""Which counts may leave the house: small ones do not, nor others from which a small one could be computed.

In goes a table of counts whose row and column sums are published beside it, out comes the same table with its sums and
with hidden cells: SMALL for a count from 1 up to below the limit, BLOCKED for one hidden only to protect another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum


class Hidden(Enum):
    """Why a count is not shown; the value is what stands in a machine-readable file ({limit} is filled in)."""

    SMALL = "<{limit}"
    BLOCKED = "x"


Count = int | Hidden
Grid = list[list[Count]]
_Cell = tuple[int, int]


def protect_count(count: int, limit: int) -> Count:
    """A count that stands alone, with no sum beside it."""
    return Hidden.SMALL if 0 < count < limit else count


def protect_column(counts: Sequence[int], limit: int) -> list[Count]:
    """Counts whose sum is published: the protected counts, then the protected sum."""
    return [row[0] for row in _protect([[count] for count in counts] + [[sum(counts)]], limit, rows_add_up=False)]


def protect_table(counts: Sequence[Sequence[int]], limit: int) -> Grid:
    """A table whose row and column sums are published: each row ends with its sum, the last row holds the sums."""
    rows = [[*row, sum(row)] for row in counts]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    return _protect([*rows, sums], limit, rows_add_up=True)


def protect_difference(before: Count, after: Count) -> Count:
    """The difference of two published counts: blocked as soon as one of them is hidden."""
    return after - before if isinstance(before, int) and isinstance(after, int) else Hidden.BLOCKED


def _protect(values: list[list[int]], limit: int, *, rows_add_up: bool) -> Grid:
    small = {(r, c) for r, row in enumerate(values) for c, value in enumerate(row) if 0 < value < limit}
    blocked: set[_Cell] = set()
    lines = list(_lines(len(values), len(values[0]), rows_add_up))
    while exposed := next((line for line in lines if _exposed(line, values, small, blocked, limit)), None):
        blocked.add(_next_to_block(exposed, values, small | blocked))
    shown: Grid = [list(row) for row in values]
    for r, c in small:
        shown[r][c] = Hidden.SMALL
    for r, c in blocked:
        shown[r][c] = Hidden.BLOCKED
    return shown


def _lines(height: int, width: int, rows_add_up: bool) -> Iterable[list[_Cell]]:
    """Every set of cells of which one is the sum of the others."""
    yield from ([(r, c) for r in range(height)] for c in range(width))
    if rows_add_up:
        yield from ([(r, c) for c in range(width)] for r in range(height))


def _exposed(line: list[_Cell], values: list[list[int]], small: set[_Cell], blocked: set[_Cell], limit: int) -> bool:
    """Whether a hidden cell of the line follows from the shown ones."""
    hidden = [cell for cell in line if cell in small or cell in blocked]
    if not hidden or len(hidden) == len(line):
        return False
    if len(hidden) == 1:
        return True
    if any(cell in blocked for cell in hidden) or line[-1] in hidden:
        return False
    known_sum = sum(values[r][c] for r, c in hidden)
    return known_sum in (len(hidden), len(hidden) * (limit - 1))


def _next_to_block(line: list[_Cell], values: list[list[int]], hidden: set[_Cell]) -> _Cell:
    """The smallest count above zero that is still shown; a sum only where nothing else is left, then a zero."""
    open_cells = [cell for cell in line if cell not in hidden]
    return min(open_cells, key=lambda cell: (values[cell[0]][cell[1]] == 0, cell == line[-1], values[cell[0]][cell[1]]))
