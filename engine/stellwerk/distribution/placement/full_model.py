"""How good can the plan of a small instance be, proven by the whole model?

First the relaxed model over all eligible pairs gives the best prices there are, and a good plan is made at these
prices; then the model in whole numbers starts from that plan and ends when it is proven close enough to the best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.model import run_highs, state
from stellwerk.distribution.placement.plan import Prices


@dataclass(frozen=True, eq=False)
class Searched:
    """A plan, the bound that branching is claimed to have proven (infinite: none), and whether the search ended."""

    where: Short
    bound: float
    finished: bool


def relaxed_prices(instance: Instance, halted: Callable[[], bool]) -> Prices | None:
    """Prices of the relaxed model, None where it was halted before there were any."""
    return run_highs(state(instance, _all_pairs(instance), whole=False), instance, None, halted).prices


def searched(instance: Instance, start: Short, target_gap: float, nodes: int, halted: Callable[[], bool]) -> Searched:
    """The best plan found from `start` on, within `target_gap` of the bound or after so many nodes."""
    stated = state(instance, _all_pairs(instance), whole=True)
    answer = run_highs(stated, instance, start, halted, mip_rel_gap=target_gap, mip_abs_gap=0.999, mip_max_nodes=nodes)
    return Searched(start if answer.where is None else answer.where, answer.bound, answer.finished)


def _all_pairs(instance: Instance) -> list[tuple[int, int]]:
    return [(int(f), int(p)) for f, p in np.argwhere(instance.eligible)]
