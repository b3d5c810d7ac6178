"""What is one more place worth, by municipality and service, and how firm is that figure?

In goes a plan, out comes a table: capacity, what is taken, the price in the plan, and a range. The range asks, with
all other prices as they are, at which price a service would clear with one unit more and with one unit less: between
the value of the next unit and that of the last one lies what the data say; the rest of the digits is the method's.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from stellwerk.distribution.placement.counterfactual import left_everywhere
from stellwerk.distribution.placement.instance import Instance, Whole
from stellwerk.distribution.placement.plan import Plan, Prices, as_score

SCORE = pl.Decimal(38, 4)
_FAMILIES_AT_ONCE = 4096  # keeps the scratch arrays small


def price_list(plan: Plan) -> pl.DataFrame:
    """One row a locality and service: capacity, taken, price, lowest, highest; prices as scores a unit.

    `paid_for_persons` is what the locality is paid for each person below its floor; it stands in the row of persons.
    """
    instance, load = plan.instance, plan.load
    lowest, highest = price_ranges(instance, plan.prices)
    rows = [
        (
            locality, resource, int(instance.capacity[p, r]), int(load[p, r]),
            as_score(int(plan.prices.capacity[p, r])), as_score(int(lowest[p, r])), as_score(int(highest[p, r])),
            as_score(int(plan.prices.floor[p])) if r == 0 else as_score(0),
        )
        for p, locality in enumerate(instance.localities)
        for r, resource in enumerate(instance.resources)
    ]  # fmt: skip
    schema = pl.Schema({
        "locality": pl.String(), "resource": pl.String(), "capacity": pl.Int64(), "taken": pl.Int64(),
        "price": SCORE, "lowest": SCORE, "highest": SCORE, "paid_for_persons": SCORE,
    })  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def price_ranges(instance: Instance, prices: Prices) -> tuple[Whole, Whole]:
    """P x R each: the prices at which a service clears with one unit more and with one unit less, other prices fixed.

    Widened to the plan's own price where that lies outside, as prices of a plan balance all services at once.
    """
    bids = _bids(instance, prices)
    lowest, highest = prices.capacity.copy(), prices.capacity.copy()
    for (p, r), (limits, units) in bids.items():
        available = int(instance.capacity[p, r])
        lowest[p, r] = min(lowest[p, r], _clearing(limits, units, available + 1))
        highest[p, r] = max(highest[p, r], _clearing(limits, units, available - 1))
    unwanted = np.array([[(p, r) not in bids for r in range(prices.capacity.shape[1])] for p in range(len(lowest))])
    lowest[unwanted] = 0
    return lowest, highest


def _bids(instance: Instance, prices: Prices) -> dict[tuple[int, int], tuple[Whole, Whole]]:
    """For each locality and resource, up to which unit price families want it, and how many units."""
    gathered: dict[tuple[int, int], list[tuple[Whole, Whole]]] = {}
    for start in range(0, len(instance.families), _FAMILIES_AT_ONCE):
        families = np.arange(start, min(start + _FAMILIES_AT_ONCE, len(instance.families)))
        left = left_everywhere(instance, prices, families)
        ranked = np.partition(left, -2, axis=1) if left.shape[1] > 1 else left
        best, second = ranked[:, -1], ranked[:, -2] if left.shape[1] > 1 else ranked[:, -1]
        for r in range(len(instance.resources)):
            wants = np.flatnonzero(instance.demand[families, r])
            units = instance.demand[families[wants], r].astype(np.int64)
            here = left[wants, :-1]
            other = np.where(here == best[wants, None], second[wants, None], best[wants, None])
            limit = prices.capacity[None, :, r] + (here - other) // units[:, None]
            eligible = instance.eligible[families[wants]]
            for p in np.flatnonzero(((limit > 0) & eligible).any(axis=0)):
                rows = np.flatnonzero((limit[:, p] > 0) & eligible[:, p])
                gathered.setdefault((int(p), r), []).append((limit[rows, p], units[rows]))
    return {
        key: (np.concatenate([limit for limit, _ in parts]), np.concatenate([units for _, units in parts]))
        for key, parts in gathered.items()
    }


def _clearing(limits: Whole, units: Whole, available: int) -> int:
    """The lowest price, at least 0, at which no more than `available` units are wanted."""
    order = np.argsort(-limits, kind="stable")
    within = int(np.searchsorted(np.cumsum(units[order]), available, side="right"))
    return int(limits[order[within]]) if within < len(order) else 0
