"""How long does the register's door take: reading a register of 270,000 cases with its child tables, and drawing one?

Prints rows for README.md: `python benchmarks/register.py`. Files lie in a scratch folder; each time is the median of
several runs in a warm process, the vocabulary loaded.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import duckdb

from stellwerk.register.figures import load_population
from stellwerk.register.histories import draw_histories
from stellwerk.register.write import file_names, write_register
from stellwerk.workbench import Workbench

CASES = 270_000
YEAR = SEED = 2022
RUNS = 5
PACKAGES = ("polars", "duckdb", "fastexcel")


def main() -> None:
    """Measure and print."""
    bench = Workbench.open(Path(__file__))
    names = file_names(bench.vocabulary, "case")
    cases = bench.synthetic_cases(CASES, YEAR, SEED)
    population = load_population(bench.params, YEAR)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "register"
        children = draw_histories(cases, population, bench.vocabulary, SEED)
        tables = {"case": cases, **children}
        rows = sum(child.height for child in children.values())
        write_register(tables, folder, names)
        database, text = Path(scratch) / "register.duckdb", Path(scratch) / "cases.csv"
        cases.write_csv(text)
        with duckdb.connect(str(database)) as connection:
            for table, name in names.items():
                connection.register("source", tables[table].to_arrow())
                connection.execute(f"CREATE TABLE {name} AS SELECT * FROM source")
        tell(f"{CASES:,} cases drawn", lambda: bench.synthetic_cases(CASES, YEAR, SEED))
        tell(f"{rows:,} child rows drawn for them", lambda: bench.synthetic_children(cases, YEAR, SEED))
        tell("read: Parquet, cases alone", lambda: bench.read_register(folder / "cases.parquet"))
        tell(f"read: folder of Parquet, {rows:,} child rows", lambda: bench.read_register(folder))
        tell("read: DuckDB file, the same tables", lambda: bench.read_register(database))
        tell("read: CSV, cases alone", lambda: bench.read_register(text))
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))


def tell(label: str, work: Callable[[], object]) -> None:
    """Print the median time of some runs."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    print(f"| {label} | {statistics.median(seconds):.2f} s (median of {RUNS}) |")


if __name__ == "__main__":
    main()
