"""Translates the compiled loops once, so that the first placement after set-up is as fast as all others.

python -m stellwerk.distribution.placement.warm
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from stellwerk.distribution.placement.instance import Instance, checked, no_locks, no_ties, no_vetoes
from stellwerk.distribution.placement.solve import SolverSettings, solve


def warm() -> None:
    """Place some families by prices and moves; what is translated for them serves every task."""
    families, places = 60, 4
    number = np.arange(families, dtype=np.int32)
    sizes = 1 + number % 3
    scores = sizes[:, None] * (np.arange(families * places, dtype=np.int32).reshape(families, places) * 7919 % 10_000)
    room = np.full((places, 1), int(sizes.sum()) // places - 1, dtype=np.int64)
    task = Instance(
        tuple(f"f{f}" for f in number), tuple(f"p{p}" for p in range(places)), ("persons",), sizes[:, None], room,
        room[:, 0] - 1, scores, -10_000 * sizes.astype(np.int64), 5_000, no_locks(families), no_vetoes(),
        no_ties(families),
    )  # fmt: skip
    solve(checked(task), SolverSettings(target_gap=Decimal(0), full_model_families=0))


if __name__ == "__main__":
    warm()
