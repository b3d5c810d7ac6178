"""How long does a budget take: a scenario on stocks, and the cases of a register, month by month?

    .venv/bin/python benchmarks/budget.py [--cases 20000]

Prints one row a measurement. The register is invented here (statuses, ages and forms of living in turn), because the
synthetic register draws no facts on benefits. Beside the columns engine the same cases run through the reference
interpreter, one by one, on a sample; both must give the same sums.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl

from stellwerk.evaluate.reference import determine
from stellwerk.workbench import Workbench

ROOT = Path(__file__).resolve().parents[1]
SCENARIO, REFORM, OF_CASES = "land_2024", "position_paper_2023", "cases_2024"
RULE, POSITIONS = "support.asylblg.base_benefit", ("cases_base_municipality", "cases_base_land")
RUNS, SAMPLE = 5, 500
MONTH = dt.date(2024, 1, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20_000)
    count = parser.parse_args().cases
    bench = Workbench.open(ROOT)
    bench.rulebook()
    lines = len(bench.budget(SCENARIO, reforms=[REFORM]).budget.lines)
    on_stocks = _median(lambda: bench.budget(SCENARIO, reforms=[REFORM]))
    print(f"Scenario on stocks, {lines} lines under reform and law in force: {on_stocks:.2f} s (median of {RUNS})")
    cases = invented(count)
    start = time.perf_counter()
    costed = bench.budget(OF_CASES, cases=cases)
    seconds = time.perf_counter() - start
    print(f"Register of {count:,} cases, 12 months, {len(costed.budget.lines)} lines: {seconds:.1f} s")
    sample = cases.head(SAMPLE)
    start = time.perf_counter()
    by_columns = bench.budget(OF_CASES, cases=sample)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    by_hand = base_benefits_one_by_one(bench, sample)
    one_by_one = (time.perf_counter() - start) * 12
    found = [line for line in by_columns.budget.lines if line.position in POSITIONS and line.month == MONTH]
    assert sum(line.cents for line in found) == by_hand * 100, "both ways must pay the same"
    print(f"{SAMPLE} cases: {seconds:.1f} s for 12 months and all rules; one rule in a plain loop: {one_by_one:.1f} s")


def invented(count: int) -> pl.DataFrame:
    """A register of persons with all facts that the rules on benefits read."""
    number = pl.int_range(count)
    arrangements = ["dwelling_alone", "shared_alone", "shared_couple", "with_parents"]
    return pl.select(
        case_id=pl.format("F-{}", number),
        status=pl.lit("asylum_permission"),
        birth_date=pl.date(1970, 1, 1) + pl.duration(days=(number * 37) % 19_000),
        in_need=pl.lit(True),
        living_arrangement=(number % len(arrangements)).replace_strict(dict(enumerate(arrangements))),
        lives_in_state_facility=number % 3 == 0,
        stay_without_interruption_since=pl.date(2017, 1, 1) + pl.duration(days=(number * 11) % 2_500),
        stay_length_abusively_influenced=pl.lit(False),
        analog_benefits_before_change=number % 2 == 0,
        parent_receives_analog_benefits=pl.lit(False),
        flueag_person=number % 3 != 0,
        municipality_type=pl.when(number % 2 == 0).then(pl.lit("county_free")).otherwise(pl.lit("county_member")),
        departure_enforceable_since=pl.lit(None, dtype=pl.Date),
        admitted_by_state_order=pl.lit(False),
    )


def base_benefits_one_by_one(bench: Workbench, cases: pl.DataFrame) -> Decimal:
    """What the base benefits of one month sum to, case by case in the reference interpreter."""
    book = bench.rulebook()
    found = (determine(book, RULE, case, MONTH).amount for case in cases.iter_rows(named=True))
    return sum((amount for amount in found if amount is not None), Decimal(0))


def _median(task: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
