"""How long does state reception take: one expected course, ten thousand drawn ones, and the same in plain Python?

`.venv/bin/python benchmarks/flows.py` measures on this machine and prints what stands in `benchmarks/README.md`. The
scenario is `arrivals_2025`: three years by week, eighteen groups. Plain Python is measured on one course and told as
such; ten thousand of them are not waited for.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from stellwerk.flows.montecarlo import simulate, spread_of
from stellwerk.flows.reception import expected
from stellwerk.flows.recursion import expected_in_python
from stellwerk.workbench import Workbench

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = "arrivals_2025"
RUNS = 10_000
SEED = 2023
REPEATS = 21
PACKAGES = ("numpy", "numba", "polars")


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """The median of some repetitions; one hiccup of the machine does not show."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print one line a measurement."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=RUNS)
    runs = options.parse_args().runs
    bench = Workbench.open(ROOT)
    bench.rulebook()
    found = bench.reception(SCENARIO)  # compiled code is loaded, the process warm
    simulate(found.model, found.data, 1, SEED)
    whole = median_seconds(lambda: bench.reception(SCENARIO), 5)
    once = median_seconds(lambda: expected(found.model), REPEATS)
    plain = median_seconds(lambda: expected_in_python(found.model), 3)
    start, used = time.perf_counter(), time.process_time()
    spread_of(found.model, found.places, found.data, runs, SEED)
    many, busy = time.perf_counter() - start, time.process_time() - used
    weeks, groups = found.model.arrivals.shape
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{weeks} weeks, {groups} groups; {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    print(f"Scenario with law, tables and assumptions: {whole * 1000:.0f} ms")
    print(f"Expected course, compiled: {once * 1000:.2f} ms (median of {REPEATS})")
    print(f"Expected course, plain Python: {plain * 1000:.0f} ms, {plain / once:.0f} times as long (median of 3)")
    print(f"{runs:,} drawn courses with quantiles and chances: {many:.1f} s ({busy:.1f} s of processor time)")
    print(f"Highest memory of the process: {memory:.0f} MiB")


if __name__ == "__main__":
    main()
