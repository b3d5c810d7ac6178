"""How long do a pool year, its prices, a relocation and a chain of three levels take?

Prints one row a measurement; `.venv/bin/python benchmarks/solidarity.py`. Families are drawn with a fixed seed.
"""

from __future__ import annotations

import datetime as dt
import platform
import random
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from stellwerk.distribution.solidarity.relocation import Family, relocate
from stellwerk.workbench import Workbench

BENCH = Workbench.open(Path(__file__).resolve().parents[1])
DAY = dt.date(2026, 7, 1)
RUNS = 5
SEED = 5
FAMILIES = 2_000
LARGE = 8_000
STATES = tuple(f"S{number:02}" for number in range(22))
SIZES = (1, 1, 1, 2, 3, 4, 5)
LINKED = 0.4


def a_year() -> str:
    """The pool of 2026 with all models: choices, prices, market, adjustment."""
    year = BENCH.europe.year("pool_2026")
    return f"a pool year, {len(year.accounts)} states, all models proven"


def its_tables() -> str:
    """All tables of the year, the law's own account and every key included."""
    return f"its {len(BENCH.solidarity('pool_2026'))} tables, year included"


def a_relocation(families: int) -> str:
    """Families to 22 states, links kept, with the proof."""
    random.seed(SEED)
    waiting = [
        Family(
            f"F{number:05}",
            random.choice(SIZES),
            random.choice(("Y", "Z")),
            ((random.choice(STATES), 100),) if random.random() < LINKED else (),
        )
        for number in range(families)
    ]
    persons = sum(family.persons for family in waiting)
    places = {state: random.randint(0, persons // 14) for state in STATES}
    proof = relocate(waiting, places).proof
    gap = (proof.links_bound - proof.links) / proof.links_bound
    reached = f"{proof.persons:,} of {persons:,} persons relocated, at most {proof.persons_bound:,} can be"
    return f"{reached}; links {gap:.2%} below bound"


def a_chain() -> str:
    """21,000 and 30,000 from the Union to 396 municipalities, side by side."""
    return f"a chain of three levels twice, {len(BENCH.europe.chain_change(21_000, 30_000, DAY))} places compared"


MEASUREMENTS: tuple[Callable[[], str], ...] = (
    a_year,
    its_tables,
    a_chain,
    lambda: a_relocation(FAMILIES),
    lambda: a_relocation(LARGE),
)


def main() -> None:
    """Measure each and print median seconds."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pulp", "highspy", "polars"))
    print(f"Python {platform.python_version()}, {packages}, median of {RUNS}")
    BENCH.rulebook()
    for measurement in MEASUREMENTS:
        seconds = []
        for _ in range(RUNS):
            start = time.perf_counter()
            label = measurement()
            seconds.append(time.perf_counter() - start)
        print(f"{statistics.median(seconds):8.2f} s  {label}")


if __name__ == "__main__":
    main()
