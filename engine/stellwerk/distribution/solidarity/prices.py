"""How many persons are taken in at which price, and which price delivers a wanted number?

In go the states that owe and prices in EUR, out come the totals at each price and the least whole price that reaches
a target. Each point is every state's exact best response, so the curve needs no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.distribution.solidarity.take_or_pay import Debtor, Indifferent, best_response
from stellwerk.errors import StellwerkError

HIGHEST = 10_000_000  # EUR a person: beyond it no price is looked for


class TargetOutOfReach(StellwerkError):
    """More persons are wanted than all states together can take or owe."""


@dataclass(frozen=True)
class PricePoint:
    """What all states together do at a price, EUR."""

    price: Fraction
    relocated: int
    offset: int
    measures: Fraction
    paid: Fraction
    cost: Fraction


def price_curve(
    debtors: Sequence[Debtor], prices: Iterable[Fraction], indifferent: Indifferent = "takes"
) -> list[PricePoint]:
    """All states' best responses, summed, at each of `prices`."""
    return [_point(debtors, price, indifferent) for price in prices]


def price_for(target: int, debtors: Sequence[Debtor], indifferent: Indifferent = "takes") -> PricePoint:
    """The least whole number of euros at which at least `target` persons are taken in.

    A higher price never makes anybody take fewer, so the least one is found by halving.
    """
    reachable = _point(debtors, Fraction(HIGHEST), indifferent).relocated
    if target > reachable:
        raise TargetOutOfReach(target=target, reachable=reachable)
    low, high = 0, HIGHEST  # at `low` the target is missed or there is no price, at `high` it is reached
    while high - low > 1:
        middle = (low + high) // 2
        if _point(debtors, Fraction(middle), indifferent).relocated >= target:
            high = middle
        else:
            low = middle
    return _point(debtors, Fraction(high), indifferent)


def _point(debtors: Sequence[Debtor], price: Fraction, indifferent: Indifferent) -> PricePoint:
    found = [best_response(debtor, price, indifferent) for debtor in debtors]
    return PricePoint(
        price=price,
        relocated=sum(item.relocated for item in found),
        offset=sum(item.offset for item in found),
        measures=sum((item.measures for item in found), Fraction(0)),
        paid=sum((item.paid for item in found), Fraction(0)),
        cost=sum((item.cost for item in found), Fraction(0)),
    )
