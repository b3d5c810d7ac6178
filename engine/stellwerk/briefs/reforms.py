"""What a reform changes in numbers and lists on a day, as plain rows for tables.

In go two views of the law, without and with the reform, and a day, out come the parameters whose value differs and
the codes that a list gains, with every listing of these codes by basis and date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class RulebookView(Protocol):
    """What is read of a rulebook: its parameters, listings and rules by name, and its hash."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Dated parameters by name."""

    @property
    def listings(self) -> Mapping[str, Any]:
        """Dated lists of codes by name."""

    @property
    def rules(self) -> Mapping[str, Any]:
        """Rules by name, each with its versions."""

    @property
    def vocabulary(self) -> Any:
        """Attributes and outcomes with their labels."""

    @property
    def hash(self) -> str:
        """What names the content."""

    def reform(self, name: str) -> Any:
        """A reform by its name."""


@dataclass(frozen=True)
class ParameterChange:
    """A parameter that the reform sets, with its value without and with it."""

    id: str
    label_de: str
    label_en: str
    unit: str
    before: object
    after: object
    basis_before: str
    basis_after: str

    def label(self, language: str) -> str:
        """The parameter's name for the reader."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class ListingSpell:
    """One code's time on one list; no list means: on none that is known."""

    code: str
    label_de: str
    label_en: str
    basis: str
    first: dt.date | None
    last: dt.date | None
    source: str
    evidence: str

    def label(self, language: str) -> str:
        """The list's name for the reader."""
        return self.label_de if language == "de" else self.label_en

    def holds(self, day: dt.date) -> bool:
        """Whether the code is on the list on that day."""
        return self.first is not None and self.first <= day and (self.last is None or day <= self.last)


def parameter_changes(before: RulebookView, after: RulebookView, day: dt.date) -> list[ParameterChange]:
    """Every parameter that a reform has set on that day, also where it sets what the law already says."""
    changes = []
    for name, parameter in sorted(after.parameters.items()):
        now, then = before.parameters[name].on(day), parameter.on(day)
        if then is None or not then.reform:
            continue
        old = None if now is None else now.value
        basis = "" if now is None else now.basis
        labels = (parameter.label_de, parameter.label_en)
        changes.append(ParameterChange(name, *labels, parameter.unit, old, then.value, basis, then.basis))
    return changes


def added_codes(before: RulebookView, after: RulebookView, day: dt.date) -> dict[str, list[str]]:
    """The codes that stand on a list on that day only because of the reform, by list."""
    added = {}
    for name, listing in sorted(after.listings.items()):
        new = [member.code for member in listing.members if member.reform and day in member.interval]
        if new:
            added[name] = sorted(set(new) - before.listings[name].codes_on(day))
    return added


def listing_spells(law: RulebookView, codes: Sequence[str], lists: Iterable[str]) -> list[ListingSpell]:
    """Every time these codes have spent on these lists under the law in force, oldest first; none is said as well."""
    spells: list[ListingSpell] = []
    for code in codes:
        found = [
            ListingSpell(
                code,
                law.listings[name].label_de,
                law.listings[name].label_en,
                law.listings[name].basis,
                member.interval.first,
                member.interval.last,
                member.source,
                member.evidence,
            )
            for name in sorted(lists)
            for member in law.listings[name].members
            if member.code == code
        ]
        found.sort(key=lambda spell: (spell.first or dt.date.max, spell.basis))
        spells.extend(found or [ListingSpell(code, "", "", "", None, None, "", "")])
    return spells
