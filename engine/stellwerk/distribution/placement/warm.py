"""Translates the compiled loops before the clock of a search starts; once on a machine, then they lie ready.

python -m stellwerk.distribution.placement.warm
"""

from __future__ import annotations

from functools import cache

import numpy as np

from stellwerk.distribution.placement.exchange import improved
from stellwerk.distribution.placement.insertion import first_plan
from stellwerk.distribution.placement.instance import Instance, checked, no_locks, no_ties, no_vetoes
from stellwerk.distribution.placement.prices import Schedule, priced
from stellwerk.distribution.placement.task import task_of

_ONE_PASS = Schedule((1.0,), 1, (1.0,), 1)
_FAMILIES, _PLACES = 60, 4


@cache
def translate() -> None:
    """Place some families by prices and moves; what is translated for them serves every task."""
    number = np.arange(_FAMILIES, dtype=np.int32)
    sizes = 1 + number % 3
    scores = np.arange(_FAMILIES * _PLACES, dtype=np.int32).reshape(_FAMILIES, _PLACES) * 7919 % 10_000
    room = np.full((_PLACES, 1), int(sizes.sum()) // _PLACES - 1, dtype=np.int64)
    task = task_of(
        checked(
            Instance(
                tuple(f"f{f}" for f in number), tuple(f"p{p}" for p in range(_PLACES)), ("persons",),
                sizes[:, None], room, room[:, 0] - 1, sizes[:, None] * scores, -10_000 * sizes.astype(np.int64),
                5_000, no_locks(_FAMILIES), no_vetoes(), no_ties(_FAMILIES),
            )
        )
    )  # fmt: skip
    found = priced(task, lambda _: False, _ONE_PASS)
    improved(task, found, first_plan(task, found), lambda _: False, lambda: False)


if __name__ == "__main__":
    translate()
