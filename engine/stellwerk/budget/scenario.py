"""What a budget is asked about: months, law, quantities, prices of one's own, all with their source.

Reads `params/scenarios/budget_<name>.yaml` or any other YAML file of that form; out comes a checked, frozen model.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from stellwerk.budget.months import Month, shown_month
from stellwerk.documents import Document, Labels, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest, raise_all, shown_path
from stellwerk.provenance import EvidenceGrade

PREFIX = "budget_"


class UnknownBudgetScenario(StellwerkError):
    """No budget scenario of that name."""


class MonthsReversed(StellwerkError):
    """The last month lies before the first."""


class QuantityEntryUnclear(StellwerkError):
    """An entry of quantities is neither a table nor a number with name and source."""


class _Sourced(Document):
    source: str = Field(min_length=1)
    evidence: EvidenceGrade


class QuantityEntry(Document):
    """A number a month (or once a year, `in_month`), a dated parameter of the law, or a table of numbers."""

    table: str = ""
    quantity: str = ""
    group: str = ""
    number: Decimal | None = Field(default=None, ge=0, decimal_places=6)
    parameter: str = ""
    in_month: int | None = Field(default=None, ge=1, le=12)
    first_month: Month | None = Field(default=None, alias="from")
    last_month: Month | None = Field(default=None, alias="to")
    source: str = ""
    evidence: EvidenceGrade = "modelling_choice"

    @property
    def is_clear(self) -> bool:
        """Whether it is either a table, or a quantity by parameter, or a quantity by number and source."""
        if self.table:
            return not self.quantity and not self.parameter and self.number is None
        by_number = self.number is not None and bool(self.source)
        return bool(self.quantity) and by_number != bool(self.parameter)


class Series(_Sourced):
    """A weekly series of a run of state reception, taken as a quantity.

    `counts` says whether the column is a stock or a flow; `only` keeps the rows with these values, `without` leaves
    them out; `share` is the part that counts; `months` for how many months somebody counts who came in a flow, the
    month of coming included.
    """

    frame: str
    column: str
    counts: Literal["stock", "flow"]
    quantity: str
    group: str = ""
    share: Decimal = Field(default=Decimal(1), ge=0, decimal_places=6)
    months: int = Field(default=1, ge=1)
    only: dict[str, str] = Field(default_factory=dict)
    without: dict[str, str] = Field(default_factory=dict)


class Reception(Document):
    """Quantities taken from a run of state reception."""

    scenario: str
    series: tuple[Series, ...] = Field(min_length=1)


class OwnPrice(_Sourced):
    """A price that the scenario sets in place of the price list's."""

    value: Decimal = Field(ge=0)


class OwnFact(_Sourced):
    """A fact that only the scenario can give, for example a share that no paper names."""

    value: Any


class BudgetScenario(Document):
    """One question to the budget."""

    title: Labels
    first_month: Month
    last_month: Month
    base_year: int
    known_on: dt.date | None = None
    reforms: tuple[str, ...] = ()
    facts: dict[str, OwnFact] = Field(default_factory=dict)
    prices: dict[str, OwnPrice] = Field(default_factory=dict)
    quantities: tuple[QuantityEntry, ...] = ()
    reception: Reception | None = None
    note: str = ""


def scenario_path(name: str, root: Path) -> Path:
    """The file of a scenario: a path to a YAML file, or a name in `params/scenarios/`, with or without its prefix."""
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if path.is_file():
            return path
        raise UnknownBudgetScenario(name=path.name, near="", known=known_scenarios(root))
    path = root / "params" / "scenarios" / f"{PREFIX}{name.removeprefix(PREFIX)}.yaml"
    if path.is_file():
        return path
    known = known_scenarios(root)
    raise UnknownBudgetScenario(name=name, near=nearest(name.removeprefix(PREFIX), known), known=known)


def known_scenarios(root: Path) -> list[str]:
    """The names of all budget scenarios of the checkout."""
    found = (root / "params" / "scenarios").glob(f"{PREFIX}*.yaml")
    return sorted(path.stem.removeprefix(PREFIX) for path in found)


def read_scenario(path: Path, root: Path) -> BudgetScenario:
    """The scenario in a file, every mistake with its line."""
    shown = shown_path(path, root)
    data = read_document(path, shown)
    scenario = validated(BudgetScenario, data, shown)
    if scenario.last_month < scenario.first_month:
        place = Place(shown, line_of(data, ["last_month"]))
        raise MonthsReversed(place, first=shown_month(scenario.first_month), last=shown_month(scenario.last_month))
    unclear = [position for position, entry in enumerate(scenario.quantities) if not entry.is_clear]
    raise_all([QuantityEntryUnclear(Place(shown, line_of(data, ["quantities", position]))) for position in unclear])
    return scenario
