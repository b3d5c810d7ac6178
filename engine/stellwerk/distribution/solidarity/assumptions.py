"""On what does a result rest?

In go the figures that a scenario reads while it is computed, out comes the list of all of them with value, source and
grade. Each is entered when it is read, so that none can be missing from the list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.distribution.quota import Distribution
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.solidarity.scenario import (
    Codes,
    Figure,
    FigureWithoutValue,
    Instrument,
    ListingLookup,
    Lookup,
    Scenario,
    ScenarioNumberImpossible,
    Sourced,
    number,
    resolved,
)

CHOICES = ("others", "indifferent")  # what a scenario decides by a word


@dataclass(frozen=True)
class Assumption:
    """A figure or a decision that a result rests on; `name` is a key of the catalogue, `about` a place or a detail."""

    name: str
    about: str
    value: str
    source: str
    evidence: str


class Ledger:
    """Reads figures and remembers each with its source."""

    def __init__(self, on: dt.date, lookup: Lookup, listing: ListingLookup) -> None:
        self._on, self._lookup, self._listing = on, lookup, listing
        self._entries: list[Assumption] = []

    def number(self, name: str, figure: Figure, about: str = "") -> Fraction:
        """The figure's number, exactly; entered in the list."""
        found = resolved(figure, name, self._on, self._lookup)
        self._entries.append(Assumption(name, about, str(found.value), found.source, found.evidence))
        return number(found)

    def persons(self, name: str, figure: Figure, about: str = "") -> int:
        """A figure that counts persons: whole and not below zero."""
        found = self.number(name, figure, about)
        if found.denominator != 1 or found < 0:
            raise ScenarioNumberImpossible(name=name, value=figure.value)
        return int(found)

    def numbers(self, name: str, figures: Mapping[str, Figure]) -> dict[str, Fraction]:
        """The numbers of several states."""
        return {code: self.number(name, figure, code) for code, figure in sorted(figures.items())}

    def codes(self, name: str, codes: Codes) -> frozenset[str]:
        """Some states; entered in the list."""
        if (codes.states is None) == (codes.listing is None):
            raise FigureWithoutValue(figure=name)
        found = codes if codes.listing is None else self._listing(codes.listing, self._on)
        states = sorted(found.states or ())
        self._entries.append(Assumption(name, "", ", ".join(states), found.source, found.evidence))
        return frozenset(states)

    def note(self, name: str, items: Mapping[str, Sourced]) -> None:
        """Facts of several states that are no single number."""
        for code, item in sorted(items.items()):
            said = item.model_dump(exclude={"source", "evidence"}, exclude_defaults=True)
            value = ", ".join(f"{key} {value}" for key, value in said.items())
            self._entries.append(Assumption(name, code, value, item.source, item.evidence))

    def note_wishes(self, wishes: Mapping[str, int]) -> None:
        """The numbers that states would like to take, where the scenario gives them their own."""
        for code, wish in sorted(wishes.items()):
            self._entries.append(Assumption("own_wish", code, str(wish), "", "modelling_choice"))

    def note_instrument(self, instrument: Instrument) -> None:
        """The means of pressure with its legal status."""
        said = Assumption("instrument", "", instrument.label.de, instrument.source, instrument.evidence)
        self._entries.append(said)

    def note_key(self, shares: Distribution) -> None:
        """The key that divides the reference number."""
        self._entries.append(Assumption("key", "", shares.key_id, shares.source, shares.evidence))

    def assumptions(self, tables: ReferenceTables, scenario: Scenario) -> tuple[Assumption, ...]:
        """All that was read, then the columns of reference tables behind the costs and what the scenario decides."""
        sheet = {row["column"]: row for row in tables.columns(scenario.places).iter_rows(named=True)}
        columns = [
            Assumption(
                "column", column, sheet[column]["as_of"] or "", sheet[column]["source"], sheet[column]["evidence"]
            )
            for column in (scenario.costs.population, scenario.costs.gdp)
        ]
        decided = [Assumption(name, "", str(getattr(scenario, name)), "", "modelling_choice") for name in CHOICES]
        return (*self._entries, *columns, *decided)
