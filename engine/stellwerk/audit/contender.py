"""Which engines are held against each other, and how is each asked?

In go names of engines, out come contenders. durable-rules is asked for what it concludes itself, and of few cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from stellwerk.audit.durable import MOST_CASES, concluded_by_durable
from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.engines import ENGINES, Question, UnknownEngine

_REFERENCE = "reference"
_ON_DEMAND = ("auto", "spark")  # `auto` is one of the others; a cluster is started only for who asks for it


class NothingToHoldAgainst(StellwerkError):
    """One engine alone has nothing to be held against."""


@dataclass(frozen=True)
class Contender:
    """An engine by name, how it is asked, and of how many cases of a subject at most.

    One that nobody named may be missing: where it cannot run, the others go on without it.
    """

    name: str
    answer: Callable[[Question], pl.DataFrame]
    most: int | None = None
    may_be_missing: bool = False


def contenders(names: Sequence[str]) -> list[Contender]:
    """The engines by these names, in this order: the first is what the others are held against."""
    found = [_contender(name) for name in dict.fromkeys(names)]
    if len(found) == 1:
        raise NothingToHoldAgainst(engine=found[0].name)
    return found


def usual_contenders() -> list[Contender]:
    """All engines but those for who asks for them, the reference first."""
    names = sorted((name for name in ENGINES if name not in _ON_DEMAND), key=lambda name: name != _REFERENCE)
    return [replace(one, may_be_missing=one.name != _REFERENCE) for one in contenders(names)]


def _contender(name: str) -> Contender:
    if name not in ENGINES:
        raise UnknownEngine(name=name, near=nearest(name, ENGINES), allowed=tuple(ENGINES))
    return Contender(name, concluded_by_durable, MOST_CASES) if name == "durable" else Contender(name, ENGINES[name])
