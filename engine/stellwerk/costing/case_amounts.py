"""What do rules give to the cases of a register, month by month, and to how many each amount?

In go the rulebook, a frame of cases and the positions on cases; out come items of the budget, one for each amount a
rule gives in a month, and what could not be computed because facts are missing or the law is unsettled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from stellwerk.budget.lines import Item, Part
from stellwerk.budget.positions import CasePosition
from stellwerk.budget.prices import NoPrice, Price
from stellwerk.budget.wording import in_both
from stellwerk.costing.unit_prices import VersionsBehind, no_amount, price_of
from stellwerk.documents import Labels
from stellwerk.evaluate.evidence import NEEDS_FACTS
from stellwerk.evaluate.reference import determine
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.rulebook import Rulebook

_OUTCOME, _AMOUNT, _ASKED = "__outcome", "__amount", "__asked"


@dataclass(frozen=True)
class CaseAmounts:
    """The cases of a register with their child tables under one rulebook; `key` is the attribute that names a case.

    `said` gives what rules say of every case on a day: a row a case, columns `<rule>.outcome`, `.amount`, `.ask_for`.
    """

    book: Rulebook
    cases: pl.DataFrame
    children: Mapping[str, pl.DataFrame]
    key: str
    source: str
    said: Callable[[dt.date, Sequence[str]], pl.DataFrame]

    def items(self, positions: Mapping[str, CasePosition], months: Iterable[dt.date]) -> tuple[Item, ...]:
        """All items of all months, in the order of the positions."""
        rules = sorted({position.rule for position in positions.values() if position.rule in self.book.rules})
        behind = VersionsBehind(self.book)
        found: list[Item] = []
        for month in months:
            said = self.said(month, rules)
            for name, position in positions.items():
                found += self._items_of(said, name, position, month, behind)
        return tuple(found)

    def behind(self, position: CasePosition, month: dt.date, amount: Fraction) -> pl.DataFrame:
        """The cases to which the position's rule gives that amount in that month: case id and amount."""
        rows = _counted(self._rows(self.said(month, [position.rule]), position), position, month)
        wanted = Decimal(amount.numerator) / Decimal(amount.denominator)
        return rows.filter(pl.col(_AMOUNT) == wanted).select(
            pl.col(self.key).cast(pl.String).alias("case_id"), pl.col(_AMOUNT).alias("amount_eur")
        )

    def _items_of(
        self, said: pl.DataFrame, name: str, position: CasePosition, month: dt.date, behind: VersionsBehind
    ) -> list[Item]:
        version = self.book.rules[position.rule].on(month) if position.rule in self.book.rules else None
        if version is None:
            reason = in_both("budget_rule_not_in_force", rule=position.rule)
            return [self._item(name, "", month, NoPrice(reason), self.cases.height)]
        rows = self._rows(said, position)
        counted = _counted(rows, position, month)
        amounts = counted.filter(pl.col(_AMOUNT).is_not_null()).group_by(_AMOUNT).len().sort(_AMOUNT)
        items = [
            self._item(name, _shown(amount), month, self._price(position, month, counted, amount, behind), count)
            for amount, count in amounts.iter_rows()
        ]
        return items + [
            self._item(name, "", month, NoPrice(reason), count)
            for reason, count in self._open(rows, position, version.otherwise)
        ]

    def _rows(self, said: pl.DataFrame, position: CasePosition) -> pl.DataFrame:
        """The cases with what the rule says of each, and the attributes that the position tells apart."""
        wanted = [self.key, *position.where, *([position.once_in_month_of] if position.once_in_month_of else [])]
        attributes = [
            (pl.col(name) if name in self.cases.columns else pl.lit(None)).alias(name) for name in dict.fromkeys(wanted)
        ]
        return self.cases.select(attributes).with_columns(
            said.get_column(f"{position.rule}.outcome").cast(pl.String).alias(_OUTCOME),
            said.get_column(f"{position.rule}.amount").alias(_AMOUNT),
            said.get_column(f"{position.rule}.ask_for").alias(_ASKED),
        )

    def _open(self, rows: pl.DataFrame, position: CasePosition, otherwise: str) -> list[tuple[Labels, int]]:
        """Why cases that might belong here have no amount, and how many."""
        found: list[tuple[Labels, int]] = []
        unsorted = rows.filter(_some_unknown(position), pl.col(_OUTCOME) != otherwise)
        if unsorted.height:
            found.append((in_both("budget_cases_need_facts", facts=", ".join(position.where)), unsorted.height))
        here = rows.filter(_belongs(position), pl.col(_AMOUNT).is_null(), pl.col(_OUTCOME) != otherwise)
        for outcome, asked, count in here.group_by(_OUTCOME, _ASKED).len().sort(_OUTCOME, _ASKED).iter_rows():
            if outcome == NEEDS_FACTS:
                found.append((in_both("budget_cases_need_facts", facts=asked), count))
            else:
                found.append((no_amount(position.rule, outcome, self.book), count))
        return found

    def _price(
        self, position: CasePosition, month: dt.date, rows: pl.DataFrame, amount: Decimal, behind: VersionsBehind
    ) -> Price | NoPrice:
        """The price that is one amount; its parameters are those that made it for the first such case."""
        first = rows.filter(pl.col(_AMOUNT) == amount).get_column(self.key).min()
        named = pl.col(self.key) == first
        own = {name: rows_of.filter(named) for name, rows_of in self.children.items()}
        case = next(cases_with_rows(self.cases.filter(named), own, self.key))
        found = determine(self.book, position.rule, case, month)
        return price_of(found, lambda: behind(found, case, month), self.book)

    def _item(self, name: str, group: str, month: dt.date, price: Price | NoPrice, count: int) -> Item:
        part = Part(Fraction(count), self.source, "modelling_choice")  # the stock is taken as unchanged over time
        return Item(month, name, group, price, (part,), cases=True)


def _counted(rows: pl.DataFrame, position: CasePosition, month: dt.date) -> pl.DataFrame:
    chosen = rows.filter(_belongs(position))
    if not position.once_in_month_of:
        return chosen
    return chosen.filter(pl.col(position.once_in_month_of).dt.truncate("1mo") == month)


def _belongs(position: CasePosition) -> pl.Expr:
    conditions: Sequence[pl.Expr] = [pl.col(name) == value for name, value in position.where.items()]
    return pl.all_horizontal(pl.lit(True), *conditions)


def _some_unknown(position: CasePosition) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *(pl.col(name).is_null() for name in position.where))


def _shown(amount: Decimal) -> str:
    """An amount as the name of its group: 460, 1013.5."""
    return f"{amount.normalize():f}"
