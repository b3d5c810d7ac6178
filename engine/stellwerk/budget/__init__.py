"""What a scenario costs and who pays it: priced lines that can be opened down to their quantities.

The room knows tables, ids and money, never a rule: prices come in priced, quantities come in counted.
"""

from stellwerk.budget.lines import Budget, Line, NotComputed, Part
from stellwerk.budget.payers import PARTIES, Party
from stellwerk.budget.positions import Positions, load_positions
from stellwerk.budget.prices import Deflator, NoPrice, Price, PriceList, load_deflator, load_prices
from stellwerk.budget.quantities import Dated, Quantity, quantities_of, read_quantities
from stellwerk.budget.scenario import BudgetScenario, read_scenario

__all__ = [
    "PARTIES",
    "Budget",
    "BudgetScenario",
    "Dated",
    "Deflator",
    "Line",
    "NoPrice",
    "NotComputed",
    "Part",
    "Party",
    "Positions",
    "Price",
    "PriceList",
    "Quantity",
    "load_deflator",
    "load_positions",
    "load_prices",
    "quantities_of",
    "read_quantities",
    "read_scenario",
]
