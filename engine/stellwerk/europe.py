"""Europe from the workbench: solidarity between member states, and a number from the Union down to a municipality.

In go scenarios and tables, out come pandas tables. This joins the rooms of distribution with the law: a scenario may
name a parameter or a listing of the rulebook, and the rules count each state's account anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from stellwerk.distribution import chain as levels
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.solidarity import own_tables, travellers
from stellwerk.distribution.solidarity.fair_share import fair_shares
from stellwerk.distribution.solidarity.frames import as_member_states, frames_of
from stellwerk.distribution.solidarity.relocation import Proof, relocate
from stellwerk.distribution.solidarity.scenario import (
    Codes,
    Figure,
    ListingLookup,
    Lookup,
    changed,
    load_scenario,
    scenario_names,
)
from stellwerk.distribution.solidarity.take_or_pay import Indifferent
from stellwerk.distribution.solidarity.year import Year, compute
from stellwerk.errors import StellwerkError, nearest
from stellwerk.frames import as_pandas, as_polars
from stellwerk.law.resolver import UnknownName
from stellwerk.law.rulebook import Rulebook
from stellwerk.provenance import EVIDENCE_GRADES, EvidenceGrade, lowest_grade

if TYPE_CHECKING:
    import pandas as pd

    from stellwerk.frames import Frame

Money = int | Decimal | Fraction
Top = int | Mapping[str, int]  # a number to divide, or what each state at the top receives


class NoValueOnDay(StellwerkError):
    """A parameter or listing that a scenario names says nothing on its day."""


@dataclass(frozen=True)
class Europe:
    """The room's door: reference tables, the rulebook when it is needed, and the rules applied to member states."""

    tables: ReferenceTables
    rulebook: Callable[[], Rulebook]
    by_law: Callable[[pl.DataFrame, Sequence[str]], pl.DataFrame]

    def scenarios(self) -> list[str]:
        """The names of all scenarios."""
        return scenario_names(self.tables.params)

    def year(self, scenario: str, changes: Mapping[str, str] | None = None) -> Year:
        """A pool year under a scenario; `changes` sets reference, price, receipt, key, others or indifferent."""
        chosen = changed(load_scenario(scenario, self.tables.params), changes or {})
        return compute(chosen, self.tables, figures_of(self.rulebook()), codes_of(self.rulebook()))

    def year_tables(self, year: Year) -> dict[str, pl.DataFrame]:
        """All tables of a computed year; `law` is what the rules in force say of each state's account."""
        shares = fair_shares(year.shares.total, year.scenario.on, year.scenario.places, self.tables)
        law = self.by_law(as_member_states(year), year.scenario.rules)
        return {**frames_of(year, shares), "law": law}

    def take_or_pay(
        self, states: Frame, price: Money, receipt: Money = 0, indifferent: Indifferent = "takes"
    ) -> pd.DataFrame:
        """What each state of a table does at least cost: state, obligation, first_eur, and as much as is known."""
        return as_pandas(own_tables.choices_table(as_polars(states), Fraction(price), Fraction(receipt), indifferent))

    def least_price(self, states: Frame, target: int, receipt: Money = 0, indifferent: Indifferent = "takes") -> int:
        """The least whole price at which the states of such a table together take `target` persons."""
        return own_tables.least_price(as_polars(states), target, Fraction(receipt), indifferent)

    def market(self, states: Frame) -> tuple[pd.DataFrame, Fraction]:
        """Traded quotas of a table with state, quota, first_eur, and the clearing price, EUR."""
        frame, price = own_tables.market_table(as_polars(states))
        return as_pandas(frame), price

    def adjust(self, states: Frame) -> pd.DataFrame:
        """Quotas of a table with state, quota, wish, moved towards the wishes without money."""
        return as_pandas(own_tables.adjusted_table(as_polars(states)))

    def relocate(
        self,
        families: Frame,
        places: Mapping[str, int],
        links: Frame | None = None,
        leave: Mapping[str, int] | None = None,
    ) -> tuple[pd.DataFrame, Proof]:
        """Assign families to the places of states, links kept: one row a family, and the proof of the plan."""
        linked = None if links is None else as_polars(links)
        waiting = travellers.families_from(as_polars(families), linked)
        plan = relocate(waiting, places, leave)
        return as_pandas(travellers.plan_frame(waiting, plan)), plan.proof

    def chain(self, top: Top, on: dt.date, keys: Mapping[str, str] | None = None) -> levels.Chain:
        """A number, or what each state at the top receives, down to the municipalities; `keys` by level."""
        known = levels.load_levels(self.tables, keys)
        if isinstance(top, Mapping):
            return levels.chain_from(top, on, known, self.tables)
        return levels.chain(top, on, known, self.tables)

    def chain_change(self, before: Top, after: Top, on: dt.date, keys: Mapping[str, str] | None = None) -> pd.DataFrame:
        """What a change at the top does to every place below."""
        return as_pandas(levels.side_by_side(self.chain(before, on, keys), self.chain(after, on, keys)))


def figures_of(rulebook: Rulebook) -> Lookup:
    """Parameters of the rulebook as figures of a scenario: value, basis and grade on a day."""

    def lookup(name: str, on: dt.date) -> Figure:
        dated = rulebook.parameter_on(name, on)
        if dated is None:
            raise NoValueOnDay(name=name, day=on)
        return Figure(value=Decimal(str(dated.value)), source=dated.basis, evidence=_grade(dated.evidence))

    return lookup


def codes_of(rulebook: Rulebook) -> ListingLookup:
    """Listings of the rulebook as states of a scenario, with their sources and the weakest grade."""

    def lookup(name: str, on: dt.date) -> Codes:
        if name not in rulebook.listings:
            raise UnknownName(name=name, near=nearest(name, rulebook.listings))
        members = [member for member in rulebook.listings[name].members if on in member.interval]
        if not members:
            raise NoValueOnDay(name=name, day=on)
        sources = dict.fromkeys(member.source for member in members)
        grade = lowest_grade([_grade(member.evidence) for member in members])
        return Codes(states=sorted(member.code for member in members), source="; ".join(sources), evidence=grade)

    return lookup


def _grade(evidence: str) -> EvidenceGrade:
    return next(grade for grade in EVIDENCE_GRADES if grade == evidence)
