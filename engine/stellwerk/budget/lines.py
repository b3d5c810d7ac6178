"""What a scenario costs, line by line: quantity times price, rounded to the cent, from a payer to a payee.

In go quantities with their source and prices with their version; out come lines, totals that are the sum of the lines
to the cent, and what could not be computed, with the reason. A line is opened by its id: down to its stocks or cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from stellwerk.budget.months import shown_month
from stellwerk.budget.payers import Balance, Party, balances
from stellwerk.budget.positions import Positions
from stellwerk.budget.prices import Deflator, NoPrice, Price
from stellwerk.budget.quantities import Quantity
from stellwerk.documents import Labels
from stellwerk.errors import StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade, lowest_grade

CENTS = 100
MONEY = pl.Decimal(38, 2)
QUANTITY = pl.Decimal(38, 6)
UNIT_PRICE = pl.Decimal(38, 4)


class UnknownLine(StellwerkError):
    """No line of that id in the budget."""


class YearOutsideScenario(StellwerkError):
    """The scenario has no month in the year asked for."""


@dataclass(frozen=True)
class Part:
    """A stock, a flow or a count of cases that stands behind a line."""

    number: Fraction
    source: str
    evidence: EvidenceGrade


@dataclass(frozen=True)
class Item:
    """What becomes a line: a position in a month with its parts and what one unit costs."""

    month: dt.date
    position: str
    group: str
    price: Price | NoPrice
    parts: tuple[Part, ...]
    cases: bool = False

    @property
    def number(self) -> Fraction:
        """How many units in all."""
        return sum((part.number for part in self.parts), Fraction(0))


@dataclass(frozen=True)
class Line:
    """A priced position of a month; `cents` is quantity times price, rounded half away from zero."""

    id: str
    month: dt.date
    position: str
    group: str
    payer: Party
    payee: Party
    quantity: Fraction
    price: Price
    cents: int
    real_cents: int
    parts: tuple[Part, ...]
    of_cases: bool

    @property
    def evidence(self) -> EvidenceGrade:
        """What the line may claim: the weakest grade of its price and its quantities."""
        return lowest_grade([self.price.evidence, *(part.evidence for part in self.parts)])


@dataclass(frozen=True)
class NotComputed:
    """A position without an amount from one month to another, and why."""

    position: str
    group: str
    first: dt.date
    last: dt.date
    quantity: Fraction
    reason: Labels


@dataclass(frozen=True)
class Assumption:
    """Something the budget rests on, with its source and grade."""

    what: Labels
    value: Labels
    source: str
    evidence: EvidenceGrade


@dataclass(frozen=True)
class Budget:
    """The lines of a scenario and everything they rest on."""

    scenario: str
    base_year: int
    positions: Positions
    lines: tuple[Line, ...]
    not_computed: tuple[NotComputed, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def cents(self) -> int:
        """The sum of all lines, in cents: what is moved, not what anyone bears."""
        return sum(line.cents for line in self.lines)

    @property
    def balances(self) -> tuple[Balance, ...]:
        """What each party pays and receives."""
        return balances(self.lines)

    def line(self, name: str) -> Line:
        """The line of that id; an unknown id is an error with the nearest one."""
        found = next((line for line in self.lines if line.id == name), None)
        if found is None:
            raise UnknownLine(name=name, near=nearest(name, [line.id for line in self.lines]))
        return found

    def in_year(self, year: int) -> Budget:
        """The same budget with the lines of one year."""
        months = [line.month for line in self.lines] + [gap.first for gap in self.not_computed]
        years = sorted({month.year for month in months})
        if year not in years:
            raise YearOutsideScenario(year=year, known=years)
        return Budget(
            self.scenario,
            self.base_year,
            self.positions,
            tuple(line for line in self.lines if line.month.year == year),
            tuple(gap for gap in self.not_computed if gap.first.year <= year <= gap.last.year),
            self.assumptions,
        )

    def frame(self, language: str) -> pl.DataFrame:
        """All lines as a table: one row a line, amounts in EUR with exact cents."""
        return pl.DataFrame([self._row(line, language) for line in self.lines], schema=_SCHEMA)

    def _row(self, line: Line, language: str) -> dict[str, object]:
        price = line.price
        return {
            "line": line.id,
            "month": line.month,
            "position": line.position,
            "title": self.positions.title(line.position, language),
            "group": line.group or None,
            "payer": line.payer,
            "payee": line.payee,
            "quantity": exact_decimal(line.quantity, QUANTITY.scale),
            "unit_price_eur": exact_decimal(price.eur, UNIT_PRICE.scale),
            "amount_eur": in_eur(line.cents),
            "real_eur": in_eur(line.real_cents),
            "rule": price.rule or None,
            "rule_from": price.rule_from,
            "parameters": "; ".join(f"{version.name} {version.first}" for version in price.versions) or None,
            "basis": price.basis,
            "reform": price.reform or None,
            "evidence": line.evidence,
            "past_verification": price.past_verification,
            "quantity_source": "; ".join(dict.fromkeys(part.source for part in line.parts)),
        }

    def by_position(self, language: str) -> pl.DataFrame:
        """One row a position, payer and payee: how many units, how much in all."""
        keys = ["position", "title", "payer", "payee"]
        sums = [pl.col("amount_eur").sum(), pl.col("real_eur").sum()]
        return self.frame(language).group_by(keys, maintain_order=True).agg(pl.col("quantity").sum(), *sums)


_SCHEMA: Mapping[str, pl.DataType] = {
    "line": pl.String(),
    "month": pl.Date(),
    "position": pl.String(),
    "title": pl.String(),
    "group": pl.String(),
    "payer": pl.String(),
    "payee": pl.String(),
    "quantity": QUANTITY,
    "unit_price_eur": UNIT_PRICE,
    "amount_eur": MONEY,
    "real_eur": MONEY,
    "rule": pl.String(),
    "rule_from": pl.Date(),
    "parameters": pl.String(),
    "basis": pl.String(),
    "reform": pl.String(),
    "evidence": pl.String(),
    "past_verification": pl.Boolean(),
    "quantity_source": pl.String(),
}


def items_of(
    quantities: Iterable[Quantity],
    positions: Positions,
    prices: Mapping[tuple[str, str, dt.date], Price | NoPrice],
) -> tuple[Item, ...]:
    """Every position on every quantity, month by month; rows of the same month and group are parts of one item."""
    parts: dict[tuple[dt.date, str, str], list[Part]] = {}
    for row in quantities:
        for name in positions.counting(row.name):
            part = Part(row.number, row.source, row.evidence)
            parts.setdefault((row.month, name, row.group), []).append(part)
    order = {name: place for place, name in enumerate(positions.positions)}
    keys = sorted(parts, key=lambda key: (key[0], order[key[1]], key[2]))
    return tuple(
        Item(month, name, group, prices[name, group, month], tuple(parts[month, name, group]))
        for month, name, group in keys
    )


def priced_lines(items: Iterable[Item], positions: Positions, deflator: Deflator, base_year: int) -> tuple[Line, ...]:
    """The lines of all items that have a price."""
    lines = []
    taken: dict[str, int] = {}
    for item in items:
        if isinstance(item.price, NoPrice):
            continue
        kind = positions.cases[item.position] if item.cases else positions.positions[item.position]
        name = "/".join(part for part in (shown_month(item.month), item.position, item.group) if part)
        taken[name] = taken.get(name, 0) + 1
        cents = rounded(item.number * item.price.eur * CENTS)
        lines.append(
            Line(
                id=name if taken[name] == 1 else f"{name}/{taken[name]}",
                month=item.month,
                position=item.position,
                group=item.group,
                payer=kind.paid_by,
                payee=kind.paid_to,
                quantity=item.number,
                price=item.price,
                cents=cents,
                real_cents=rounded(cents * deflator.factor(item.month.year, base_year)),
                parts=item.parts,
                of_cases=item.cases,
            )
        )
    return tuple(lines)


def gaps_of(items: Iterable[Item]) -> tuple[NotComputed, ...]:
    """What has no price, one entry a position, group and reason with its first and last month."""
    found: dict[tuple[str, str, str], list[tuple[Item, Labels]]] = {}
    for item in items:
        if isinstance(item.price, NoPrice):
            reason = item.price.reason
            key = (item.position, item.group, reason.de)
            found.setdefault(key, []).append((item, reason))
    return tuple(_gap(position, group, entries) for (position, group, _), entries in found.items())


def _gap(position: str, group: str, entries: Sequence[tuple[Item, Labels]]) -> NotComputed:
    months = [item.month for item, _ in entries]
    number = sum((item.number for item, _ in entries), Fraction(0))
    return NotComputed(position, group, min(months), max(months), number, entries[0][1])


def rounded(value: Fraction) -> int:
    """A number rounded to the whole, half away from zero: the one rounding of every line.

    >>> rounded(Fraction(5, 2)), rounded(Fraction(-5, 2))
    (3, -3)
    """
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


def in_eur(cents: int) -> Decimal:
    """Cents as EUR, exactly."""
    return Decimal(cents).scaleb(-2)


def exact_decimal(value: Fraction, places: int) -> Decimal:
    """A fraction as a decimal with so many places."""
    return Decimal(rounded(value * 10**places)).scaleb(-places)
