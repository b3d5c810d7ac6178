"""The lines of a budget summed up as a brief shows them: by price version and year, by party, by position.

In go a budget and that of the same scenario under the law in force, out come rows of exact amounts in EUR. Every sum is
a sum of the same lines, so that a sentence, a table and a picture cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from stellwerk.budget.lines import Budget, Line, in_eur
from stellwerk.budget.payers import PARTIES, Party
from stellwerk.provenance import EvidenceGrade, lowest_grade

IN_FORCE, REFORM = "in_force", "reform"


@dataclass(frozen=True)
class Priced:
    """Lines of a year with the same position, group and price: units, amount, and one line for all they share."""

    year: int
    line: Line
    quantity: Fraction
    cents: int
    real_cents: int
    evidence: EvidenceGrade


@dataclass(frozen=True)
class Burden:
    """What a party pays, receives and bears in the end, in EUR; `real` is what it bears in prices of the base year."""

    party: Party
    paid: Decimal
    received: Decimal
    bears: Decimal
    real: Decimal


@dataclass(frozen=True)
class Changed:
    """A position with what it adds to a party's burden under the law in force and under the reform."""

    position: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """What the reform adds."""
        return self.after - self.before


def priced(budget: Budget) -> tuple[Priced, ...]:
    """The lines of a budget, months of a year with one price taken together, in the order of the lines."""
    found: dict[tuple[object, ...], list[Line]] = {}
    for line in budget.lines:
        key = (line.month.year, line.position, line.group, line.price.eur, line.price.basis, line.price.versions)
        found.setdefault(key, []).append(line)
    return tuple(
        Priced(
            lines[0].month.year,
            lines[0],
            sum((line.quantity for line in lines), Fraction(0)),
            sum(line.cents for line in lines),
            sum(line.real_cents for line in lines),
            lowest_grade([line.evidence for line in lines]),
        )
        for lines in found.values()
    )


def years(budget: Budget) -> list[int]:
    """The calendar years with lines."""
    return sorted({line.month.year for line in budget.lines})


def burdens(budget: Budget) -> dict[Party, Burden]:
    """What each party of the state bears; those outside of it, who only receive, are left out."""
    return {
        balance.party: Burden(
            balance.party,
            in_eur(balance.paid),
            in_eur(balance.received),
            in_eur(balance.net),
            in_eur(balance.net_real),
        )
        for balance in budget.balances
        if balance.party in PARTIES[:-1]
    }


def changes(before: Budget, after: Budget, party: Party) -> list[Changed]:
    """The positions that a reform makes dearer or cheaper for a party, the largest change first."""
    old, new = _net_by_position(before, party), _net_by_position(after, party)
    found = [
        Changed(name, in_eur(old.get(name, 0)), in_eur(new.get(name, 0)))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, 0) != new.get(name, 0)
    ]
    return sorted(found, key=lambda item: (-abs(item.change), item.position))


def rules_behind(budget: Budget) -> list[str]:
    """The rules that name prices, in the order of the lines."""
    return list(dict.fromkeys(line.price.rule for line in budget.lines if line.price.rule))


def first_days(line: Line) -> Iterator[dt.date]:
    """The first days of the dated values that made a line's price."""
    yield from sorted({version.first for version in line.price.versions})


def _net_by_position(budget: Budget, party: Party) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in budget.lines:
        signed = line.cents * ((line.payer == party) - (line.payee == party))
        if line.payer == party or line.payee == party:
            found[line.position] = found.get(line.position, 0) + signed
    return found
