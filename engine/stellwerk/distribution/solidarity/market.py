"""Where would persons go if states could trade their quotas, and at which price?

In go quotas, capacities and costs, out come persons by state, the clearing price and who pays whom.

    sets        i in I    states                 k in K_i   pieces of the cost of i, cheapest first
    data        q_i       quota of i, D = sum q_i       c_ik, w_ik   mean cost and width of piece k
    variables   r_ik      persons taken
    minimise    sum_i sum_k c_ik r_ik
    subject to  all:      sum_i sum_k r_ik  =  D,         0 <= r_ik <= w_ik

The row's price is what the last person costs: a state that would have paid more to take him sells no place, one that
takes him for less buys none. A split is optimal exactly when no person taken costs more than one not taken would;
`settled` moves persons until that holds, in exact arithmetic. The price for divisible persons, at which
C_i'(r_i) = p for all i that take some, is found exactly beside it (Fernandez-Huertas Moraga and Rapoport 2014).

What the market leaves out: states care where people go, not only how many they take themselves, so a market need not
be best for all (Hagen 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stellwerk.distribution.solidarity.costs import Cost
from stellwerk.distribution.solidarity.pieces import Cuts, pieces, refined
from stellwerk.distribution.solidarity.solver import solve
from stellwerk.errors import StellwerkError


class MarketTooSmall(StellwerkError):
    """All capacities together are below all quotas together."""


@dataclass(frozen=True)
class Trader:
    """A state in the market: its quota, the most it can take, its cost net of receipts."""

    code: str
    quota: int
    capacity: int
    cost: Cost


@dataclass(frozen=True)
class Trade:
    """A state after the market, EUR: `receives` is below zero where it pays others to take its persons."""

    code: str
    quota: int
    persons: int
    receives: Fraction
    cost_at_quota: Fraction
    cost_at_market: Fraction

    @property
    def gain(self) -> Fraction:
        """What it saves against taking its quota itself."""
        return self.cost_at_quota - self.cost_at_market + self.receives


@dataclass(frozen=True)
class Market:
    """The cleared market: one price for all, and the span of prices at which whole persons stay as they are."""

    price: Fraction
    price_from: Fraction | None
    price_to: Fraction | None
    trades: tuple[Trade, ...]


def clear(traders: Sequence[Trader]) -> Market:
    """The split of all quotas at least cost, proven, with the price that carries it."""
    demand = sum(trader.quota for trader in traders)
    offered = sum(trader.capacity for trader in traders)
    if demand > offered:
        raise MarketTooSmall(demand=demand, offered=offered)
    persons = settled(traders, modelled(traders))
    price = clearing_price(traders, demand)
    return Market(
        price, _dearest_taken(traders, persons), _cheapest_left(traders, persons), _trades(traders, persons, price)
    )


def modelled(traders: Sequence[Trader]) -> dict[str, int]:
    """The solver's answer to the model above."""
    demand = sum(trader.quota for trader in traders)
    if demand == 0:
        return {trader.code: 0 for trader in traders}

    def answer(cuts: Mapping[str, Cuts]) -> dict[str, int]:
        answered = solve(state(traders, demand, cuts))
        counts = {trader.code: max(len(cuts.get(trader.code, ())) - 1, 0) for trader in traders}
        return {code: sum(answered.whole(f"r_{code}_{k}") for k in range(count)) for code, count in counts.items()}

    costs = {trader.code: trader.cost for trader in traders}
    return dict(refined(costs, {trader.code: trader.capacity for trader in traders}, answer))


def state(traders: Sequence[Trader], demand: int, cuts: Mapping[str, Cuts]) -> Any:
    """The model above in PuLP's terms; whole right-hand sides give whole answers."""
    import pulp  # type: ignore[import-untyped]  # PuLP ships no types

    problem = pulp.LpProblem("quota_market", pulp.LpMinimize)
    r = [
        (problem.add_variable(f"r_{trader.code}_{k}", 0, width), cost)
        for trader in traders
        for k, (width, cost) in enumerate(pieces(trader.cost, cuts.get(trader.code, ())))
    ]
    problem += pulp.LpAffineExpression(r)
    problem += pulp.LpAffineExpression([(variable, 1) for variable, _ in r]) == demand, "all"
    return problem


def settled(traders: Sequence[Trader], start: Mapping[str, int]) -> dict[str, int]:
    """Move persons from where the last one costs most to where the next one costs least, while that saves.

    Where nothing is saved but the price is the same, the smaller code takes the person.
    """
    persons = dict(start)
    while True:
        giving = max((t for t in traders if persons[t.code]), key=lambda t: _last(t, persons), default=None)
        taking = min(
            (t for t in traders if persons[t.code] < t.capacity), key=lambda t: _next(t, persons), default=None
        )
        if giving is None or taking is None or _next(taking, persons) >= _last(giving, persons):
            return persons
        persons[giving.code] -= 1
        persons[taking.code] += 1


def clearing_price(traders: Sequence[Trader], demand: int) -> Fraction:
    """The least price at which states would together take `demand` divisible persons; zero where nobody is to be taken.

    Supply rises with the price and is straight between the prices at which a state starts or is full.
    """
    if demand == 0:
        return Fraction(0)
    points = sorted({trader.cost.marginal(persons) for trader in traders for persons in (0, trader.capacity)})
    supplied = Fraction(0)
    for low, high in zip([points[0], *points], points, strict=False):
        before_jump = _supply(traders, high)
        if before_jump >= demand and before_jump > supplied:
            return low + (high - low) * (demand - supplied) / (before_jump - supplied)
        supplied = _supply_at_most(traders, high)
        if supplied >= demand:
            return high
    return points[-1]


def _supply(traders: Sequence[Trader], price: Fraction) -> Fraction:
    return sum((trader.cost.taken_at(price, trader.capacity) for trader in traders), Fraction(0))


def _supply_at_most(traders: Sequence[Trader], price: Fraction) -> Fraction:
    """Supply where those for whom the price is just their constant cost take all they can."""
    jumps = [t.capacity for t in traders if t.cost.slope == 0 and t.cost.first == price]
    return _supply(traders, price) + sum(jumps)


def _last(trader: Trader, persons: Mapping[str, int]) -> tuple[Fraction, str]:
    return trader.cost.of_person(persons[trader.code]), trader.code


def _next(trader: Trader, persons: Mapping[str, int]) -> tuple[Fraction, str]:
    return trader.cost.of_person(persons[trader.code] + 1), trader.code


def _dearest_taken(traders: Sequence[Trader], persons: Mapping[str, int]) -> Fraction | None:
    return max((_last(trader, persons)[0] for trader in traders if persons[trader.code]), default=None)


def _cheapest_left(traders: Sequence[Trader], persons: Mapping[str, int]) -> Fraction | None:
    free = [trader for trader in traders if persons[trader.code] < trader.capacity]
    return min((_next(trader, persons)[0] for trader in free), default=None)


def _trades(traders: Sequence[Trader], persons: Mapping[str, int], price: Fraction) -> tuple[Trade, ...]:
    return tuple(
        Trade(
            code=trader.code,
            quota=trader.quota,
            persons=persons[trader.code],
            receives=price * (persons[trader.code] - trader.quota),
            cost_at_quota=trader.cost.total(trader.quota),
            cost_at_market=trader.cost.total(persons[trader.code]),
        )
        for trader in traders
    )
