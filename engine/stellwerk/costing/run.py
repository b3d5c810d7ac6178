"""What does a scenario cost, under which law, as known on which day, and what more than the law in force?

In go the workbench, a scenario and, if wanted, a register; out comes the budget with everything needed to open its
lines. The room `budget` does the arithmetic, the rulebook names the prices; here the two meet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from stellwerk.budget.lines import QUANTITY, Budget, Item, Line, exact_decimal, gaps_of, items_of, priced_lines
from stellwerk.budget.months import months_between
from stellwerk.budget.positions import Positions, load_positions
from stellwerk.budget.prices import NoPrice, Price, PriceList, PriceVersion, UnknownPrice, load_deflator, load_prices
from stellwerk.budget.quantities import Quantity, quantities_of
from stellwerk.budget.scenario import BudgetScenario, OwnFact, read_scenario, scenario_path
from stellwerk.costing.assumptions import assumptions_of
from stellwerk.costing.case_amounts import CaseAmounts
from stellwerk.costing.reception import from_reception
from stellwerk.costing.unit_prices import UnitPrices
from stellwerk.documents import Labels
from stellwerk.errors import StellwerkError, nearest

if TYPE_CHECKING:
    from stellwerk.casework import Casework
    from stellwerk.law.rulebook import Rulebook


class UnknownScenarioFact(StellwerkError):
    """A scenario gives a fact that no position asks for."""


class SameMoneyTwice(StellwerkError):
    """A register and a quantity of the scenario would count the same money."""


@dataclass(frozen=True)
class Costed:
    """A budget with the cases and the law behind it; `base` is the same scenario under the law in force."""

    title: Labels
    first_month: dt.date
    last_month: dt.date
    known_on: dt.date | None
    budget: Budget
    base: Budget | None
    amounts: CaseAmounts | None
    book: Rulebook
    prices: PriceList
    facts: Mapping[str, OwnFact]
    year: int | None = None  # the one year that is shown, where it is only one

    def open_line(self, name: str) -> pl.DataFrame:
        """What stands behind a line: its cases with their amounts, or its stocks and flows with their source."""
        line = self.budget.line(name)
        if line.of_cases and self.amounts is not None:
            return self.amounts.behind(self.budget.positions.cases[line.position], line.month, line.price.eur)
        return pl.DataFrame(
            {
                "number": [exact_decimal(part.number, QUANTITY.scale) for part in line.parts],
                "source": [part.source for part in line.parts],
                "evidence": [part.evidence for part in line.parts],
            },
            schema={"number": QUANTITY, "source": pl.String(), "evidence": pl.String()},
        )

    def stands_for(self, line: Line) -> tuple[Fraction, Price] | None:
        """How many units of another price the line pays, where its position names one, and that price."""
        position = self.budget.positions.positions.get(line.position)
        if position is None or not position.stands_for:
            return None
        price = self.prices.price(position.stands_for, line.month)
        return None if isinstance(price, NoPrice) or not price.eur else (Fraction(line.cents, 100) / price.eur, price)

    def inputs(self, line: Line) -> dict[str, OwnFact]:
        """The facts of the scenario that the line's price rests on."""
        position = self.budget.positions.positions.get(line.position)
        asked = position.pricing.inputs if position is not None else ()
        return {name: self.facts[name] for name in asked if name in self.facts}

    def in_year(self, year: int) -> Costed:
        """The same, with the lines of one year."""
        base = self.base.in_year(year) if self.base is not None else None
        return replace(self, budget=self.budget.in_year(year), base=base, year=year)


def cost(
    bench: Casework,
    scenario: str,
    *,
    known_on: dt.date | None = None,
    reforms: Sequence[str] = (),
    cases: pl.DataFrame | None = None,
    children: Mapping[str, pl.DataFrame] | None = None,
    cases_name: str = "Register",
) -> Costed:
    """The budget of a scenario, under its own reforms and `reforms`, as known on `known_on` or on its own day."""
    path = scenario_path(scenario, bench.root)
    asked = read_scenario(path, bench.root)
    known = known_on or asked.known_on
    names = tuple(dict.fromkeys([*asked.reforms, *reforms]))
    question = _Question(bench, path, asked, load_positions(bench.params), known, cases, children or {}, cases_name)
    return question.answer(names)


@dataclass(frozen=True)
class _Question:
    """A scenario being costed."""

    bench: Casework
    path: Path
    scenario: BudgetScenario
    positions: Positions
    known_on: dt.date | None
    cases: pl.DataFrame | None
    children: Mapping[str, pl.DataFrame]
    cases_name: str

    def answer(self, reforms: Sequence[str]) -> Costed:
        """The budget under the reforms and, where there are any, that under the law in force."""
        self._check_facts()
        prices = self._price_list()
        return Costed(
            title=self.scenario.title,
            first_month=self.scenario.first_month,
            last_month=self.scenario.last_month,
            known_on=self.known_on,
            budget=self._budget(reforms, prices),
            base=self._budget((), prices) if reforms else None,
            amounts=self._amounts(reforms),
            book=self.bench.rulebook(reforms, self.known_on),
            prices=prices,
            facts=self.scenario.facts,
        )

    def _check_facts(self) -> None:
        known = {name for position in self.positions.positions.values() for name in position.pricing.inputs}
        for name in self.scenario.facts:
            if name not in known:
                raise UnknownScenarioFact(name=name, near=nearest(name, known), known=sorted(known))

    def _price_list(self) -> PriceList:
        prices = load_prices(self.bench.params)
        for name in self.scenario.prices:
            if name not in prices.prices:
                raise UnknownPrice(name=name, near=nearest(name, prices.prices))
        return prices

    def _budget(self, reforms: Sequence[str], prices: PriceList) -> Budget:
        deflator, book = load_deflator(self.bench.params), self.bench.rulebook(reforms, self.known_on)
        of_law = UnitPrices(book, {name: fact.value for name, fact in self.scenario.facts.items()})
        taken = from_reception(self.bench, self.scenario, self.positions, reforms, self.known_on)
        stated = quantities_of(self.scenario, self.path.parent, self.positions, of_law.quantity)
        quantities = (*stated, *taken.quantities)
        on_stocks = items_of(quantities, self.positions, self._unit_prices(of_law, quantities, prices))
        on_cases = self._case_items(reforms, quantities)
        items = sorted([*on_stocks, *on_cases], key=lambda item: item.month)
        lines = priced_lines(items, self.positions, deflator, self.scenario.base_year)
        rests_on = assumptions_of(self.scenario, quantities, lines, on_cases, self.positions, prices, deflator)
        return Budget(
            self.path.stem,
            self.scenario.base_year,
            self.positions,
            lines,
            gaps_of(items),
            (*rests_on, *taken.assumptions),
        )

    def _unit_prices(
        self, of_law: UnitPrices, quantities: Sequence[Quantity], prices: PriceList
    ) -> Mapping[tuple[str, str, dt.date], Price | NoPrice]:
        found: dict[tuple[str, str, dt.date], Price | NoPrice] = {}
        for row in quantities:
            for name, position in self.positions.counting(row.name).items():
                key = (name, row.group, row.month)
                if key in found:
                    continue
                listed = position.pricing.price
                found[key] = (
                    self._listed(listed, row.month, prices)
                    if listed
                    else of_law.price(name, position.pricing, row.group, row.month)
                )
        return found

    def _listed(self, name: str, month: dt.date, prices: PriceList) -> Price | NoPrice:
        own = self.scenario.prices.get(name)
        if own is None:
            return prices.price(name, month)
        version = PriceVersion(name, str(own.value), self.scenario.first_month, None, own.source, own.evidence)
        return Price(Fraction(own.value), own.source, own.evidence, (version,))

    def _amounts(self, reforms: Sequence[str]) -> CaseAmounts | None:
        if self.cases is None:
            return None
        frame, known = self.bench.as_cases(self.cases), self.known_on

        def said(month: dt.date, rules: Sequence[str]) -> pl.DataFrame:
            return self.bench.determinations(
                frame, children=self.children, on=month, reforms=reforms, known_on=known, rules=rules
            )

        book = self.bench.rulebook(reforms, known)
        return CaseAmounts(book, frame, self.children, self.bench.id_of("case"), self.cases_name, said)

    def _case_items(self, reforms: Sequence[str], quantities: Sequence[Quantity]) -> tuple[Item, ...]:
        amounts = self._amounts(reforms)
        if amounts is None:
            return ()
        counted = {row.name for row in quantities}
        for name, position in self.positions.cases.items():
            if position.same_money_as in counted:
                raise SameMoneyTwice(quantity=position.same_money_as, position=name)
        return amounts.items(self.positions.cases, months_between(self.scenario.first_month, self.scenario.last_month))
