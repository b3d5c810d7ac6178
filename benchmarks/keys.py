"""How long do keys take: a division, carried balances, a week assigned, a year of families, a comparison?

Prints one row a measurement; `.venv/bin/python benchmarks/keys.py`. All inputs are drawn with a fixed seed.
"""

from __future__ import annotations

import datetime as dt
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from stellwerk.distribution.assignment import week_plan
from stellwerk.distribution.balances import Balances
from stellwerk.distribution.groups import persons_placed, place_groups
from stellwerk.distribution.laboratory import compare_keys
from stellwerk.distribution.quota import distribute
from stellwerk.distribution.reference import ReferenceTables

TABLES = ReferenceTables.load(Path(__file__).resolve().parents[1] / "params")
DAY = dt.date(2024, 2, 1)
SIZES = (1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 7)  # persons of a family, single persons being the most
RUNS = 5
WEEKS = 52
FAMILIES_A_WEEK = 2_100  # about 5,000 persons
FAMILIES_A_YEAR = 115_000
SEED = 5


def drawn(families: int) -> dict[str, int]:
    """Families with a number of persons each."""
    random.seed(SEED)
    return {f"F{number:06}": random.choice(SIZES) for number in range(families)}


def a_division() -> str:
    """10,000 persons by FlüAG among 396 municipalities."""
    distribute("flueag", 10_000, DAY, TABLES)
    return "10,000 persons by FlüAG"


def a_year_of_balances() -> str:
    """52 batches by Königstein with balances carried."""
    balances: Balances | None = Balances.even("koenigstein", TABLES.names("laender"))
    for week in range(WEEKS):
        day = DAY + dt.timedelta(weeks=week)
        balances = distribute("koenigstein", 1_000 + 37 * week, day, TABLES, balances=balances).carried
    assert balances is not None and all(abs(owed) < 1 for owed in balances.owed.values())
    return "52 batches by Königstein, balances carried"


def a_week() -> str:
    """A week's families by fulfilment."""
    families = drawn(FAMILIES_A_WEEK)
    frame = pl.DataFrame({"family": list(families), "persons": list(families.values())})
    stock = pl.DataFrame({"code": list(TABLES.names("municipalities")), "persons": 400})
    plan = week_plan("flueag", frame, DAY, TABLES, stock=stock)
    return f"a week of {plan.persons:,} persons in {FAMILIES_A_WEEK:,} families assigned by fulfilment"


def a_year_of_families() -> str:
    """A year's families by quota, each whole."""
    families = drawn(FAMILIES_A_YEAR)
    persons = sum(families.values())
    quotas = {code: share * persons for code, share in distribute("flueag", 0, DAY, TABLES).shares.items()}
    received = persons_placed(families, place_groups(families, quotas), quotas)
    widest = max(abs(received[code] - quota) for code, quota in quotas.items())
    return f"{persons:,} persons in {FAMILIES_A_YEAR:,} whole families by quota, widest deviation {float(widest):.2f}"


def a_comparison() -> str:
    """Four municipal keys side by side with all measures."""
    found = compare_keys(["flueag", "awov", "combined", "nrw_today"], 10_000, DAY, TABLES)
    found.to_frame()
    found.summary()
    return "four municipal keys side by side"


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, polars {pl.__version__}, median of {RUNS}")
    for measured in (a_division, a_year_of_balances, a_week, a_year_of_families, a_comparison):
        label, seconds = _median(measured)
        print(f"| Keys: {label} | {seconds:.2f} s |")


def _median(measured: Callable[[], str]) -> tuple[str, float]:
    times, label = [], ""
    for _ in range(RUNS):
        start = time.perf_counter()
        label = measured()
        times.append(time.perf_counter() - start)
    return label, statistics.median(times)


if __name__ == "__main__":
    main()
