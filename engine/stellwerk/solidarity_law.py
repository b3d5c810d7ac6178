"""What does the law give a solidarity scenario?

In goes the rulebook, out come the parameters and listings that a scenario names, each with value, source and grade on
a day. This joins two rooms that do not know each other.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from stellwerk.distribution.solidarity.scenario import Codes, Figure, ListingLookup, Lookup
from stellwerk.errors import StellwerkError, nearest
from stellwerk.law.resolver import UnknownName
from stellwerk.law.rulebook import Rulebook
from stellwerk.provenance import EVIDENCE_GRADES, EvidenceGrade, lowest_grade


class NoValueOnDay(StellwerkError):
    """A parameter or listing that a scenario names says nothing on its day."""


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
