"""How good can the plan of a small instance be, proven by the whole model?

The model in whole numbers over all eligible pairs starts from a good plan and ends when it is proven close enough to
the best. What it claims to have proven by branching stands in the certificate as a claim, beside what prices prove.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.model import run_highs, state


@dataclass(frozen=True, eq=False)
class Searched:
    """A plan, the bound that branching is claimed to have proven (infinite: none), and whether the search ended."""

    where: Short
    bound: float
    finished: bool


def searched(
    instance: Instance, start: Short, target_gap: float, nodes: int, seconds: float, halted: Callable[[], bool]
) -> Searched:
    """The best plan found from `start` on, within `target_gap` of the bound or after so many nodes."""
    stated = state(instance, [(int(f), int(p)) for f, p in np.argwhere(instance.eligible)], whole=True)
    limits = {"mip_rel_gap": target_gap, "mip_abs_gap": 0.999, "mip_max_nodes": nodes, "time_limit": max(seconds, 1.0)}
    answer = run_highs(stated, instance, start, halted, **limits)
    return Searched(start if answer.where is None else answer.where, answer.bound, answer.finished)
