"""In what do two runs differ: what was asked, key figures, versions of law, and what else they rest on?

In go two entries of the ledger, out come the differences, each with the value in the one and in the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from stellwerk.briefs.ledger import LedgerEntry
from stellwerk.errors import StellwerkError


class RunsOfDifferentBriefs(StellwerkError):
    """Runs of two briefs have no key figures in common."""


@dataclass(frozen=True)
class Change:
    """A value in the one run and in the other; nothing where one has it not. `by` is the difference of numbers."""

    name: str
    first: str | None
    second: str | None
    by: str = ""


@dataclass(frozen=True)
class RunDifference:
    """What differs between two runs of one brief, and whether all files that came out are the same."""

    first: str
    second: str
    parameters: tuple[Change, ...]
    figures: tuple[Change, ...]
    law: tuple[Change, ...]
    inputs: tuple[Change, ...]
    outputs: tuple[Change, ...]

    @property
    def same_results(self) -> bool:
        """Whether both runs wrote the same bytes."""
        return not self.outputs

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "same_results": self.same_results}


def difference(first: LedgerEntry, second: LedgerEntry) -> RunDifference:
    """What differs from the first run to the second."""
    if first.brief != second.brief:
        raise RunsOfDifferentBriefs(first=first.brief, second=second.brief)
    return RunDifference(
        first=first.id,
        second=second.id,
        parameters=_changes(_as_text(first.parameters), _as_text(second.parameters)),
        figures=_changes(first.figures, second.figures),
        law=_changes({**first.rulebooks, **first.law}, {**second.rulebooks, **second.law}),
        inputs=_changes({**first.versions, **first.inputs}, {**second.versions, **second.inputs}),
        outputs=_changes(first.outputs, second.outputs),
    )


def _changes(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[Change, ...]:
    names = sorted({*first, *second})
    pairs = ((name, first.get(name), second.get(name)) for name in names)
    return tuple(Change(name, one, other, _by(one, other)) for name, one, other in pairs if one != other)


def _by(first: str | None, second: str | None) -> str:
    try:
        return str(Decimal(second or "") - Decimal(first or ""))
    except InvalidOperation:  # not both are numbers
        return ""


def _as_text(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in parameters.items()}
