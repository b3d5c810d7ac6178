"""What is the least that must be known of a case for two engines to differ on it?

In goes a case on which they differ. Facts are forgotten, child rows taken away and whole tables left out, as long as
the difference stays. Out come the facts that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stellwerk.evaluate.examples import Fact
from stellwerk.law.types import Value

Facts = Mapping[str, Fact]  # a child table as a list of rows; absent or None: unknown
Rows = Sequence[Mapping[str, Value | None]]


@dataclass(frozen=True)
class _Cut:
    """Something to leave out: a fact or table; a row of a table; a fact of such a row."""

    name: str
    row: int | None = None
    fact: str = ""


def shrunk(facts: Facts, differ: Callable[[Sequence[Facts]], Sequence[bool]]) -> Facts:
    """The facts that no single cut makes smaller without losing the difference; `differ` tells of many at once."""
    while True:
        cuts = _cuts(facts)
        possible = [
            cut for cut, still in zip(cuts, differ([_without(facts, [cut]) for cut in cuts]), strict=True) if still
        ]
        if not possible:
            return facts
        number = len(possible)  # many at once where that still differs, else fewer; one alone does
        while number > 1 and not differ([_without(facts, possible[:number])])[0]:
            number //= 2
        facts = _without(facts, possible[:number])


def known_tables(facts: Facts) -> tuple[str, ...]:
    """The child tables that are known of a case, be they empty."""
    return tuple(sorted(name for name, value in facts.items() if isinstance(value, list)))


def _cuts(facts: Facts) -> list[_Cut]:
    cuts = [_Cut(name) for name in facts]
    for name in known_tables(facts):
        for number, row in enumerate(rows_of(facts, name)):
            cuts += [_Cut(name, number), *(_Cut(name, number, fact) for fact in row)]
    return cuts


def _without(facts: Facts, cuts: Sequence[_Cut]) -> Facts:
    whole = {cut.name for cut in cuts if cut.row is None}
    rows = {(cut.name, cut.row) for cut in cuts if not cut.fact}
    cells = {(cut.name, cut.row, cut.fact) for cut in cuts}
    left: dict[str, Fact] = {}
    for name, value in facts.items():
        if name in whole:
            continue
        if not isinstance(value, list):
            left[name] = value
            continue
        kept = [(number, row) for number, row in enumerate(value) if (name, number) not in rows]
        left[name] = [
            {fact: cell for fact, cell in row.items() if (name, number, fact) not in cells} for number, row in kept
        ]
    return left


def rows_of(facts: Facts, name: str) -> Rows:
    """The rows of a child table that is known."""
    rows = facts[name]
    assert isinstance(rows, list)
    return rows
