"""The full rulebook of the checkout: on registers of every size, changed by one number, explained, loaded, as command.

`python -m benchmarks.evaluate.whole PART ARGUMENT...` prints a line of JSON; `run` calls it once a part and size.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from stellwerk.audit.generated import generated_cases
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.law.rulebook import load_rulebook
from stellwerk.workbench import Workbench

from .clock import timed

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(Path(sys.executable).with_name("stellwerk"))
ON = dt.date(2026, 7, 1)
SEED = 2022
RUNS, MANY_RUNS = 3, 20
AT_A_TIME = 1_000_000  # persons drawn at once for a large register
CHANGED = {"stay.integration.years_required": ("5 years", dt.date(2023, 1, 1))}
EXPLAINED = "stay.sustained_integration"

Row = dict[str, Any]


def register(count: str, read: str) -> Row:
    """All rules on the synthetic register, read on one day or at each case's own dates."""
    bench = Workbench.open(ROOT)
    rulebook, rules = bench.rulebook(), bench.rules_of("case")
    cases = bench.synthetic_cases(int(count), seed=SEED)
    on = {"on": ON, "own_dates": None}[read]
    measured = timed(lambda: _evaluated(ColumnRun(rulebook, cases, on), rules), _runs(int(count)))
    return {"rules": len(rules), "read": str(on or "own dates"), "cases": int(count), **measured.figures(int(count))}


def full_facts(count: str) -> Row:
    """All rules on generated cases with child tables that carry almost every fact, at their own dates."""
    bench = Workbench.open(ROOT)
    rulebook, rules = bench.rulebook(), bench.rules_of("case")
    cases, children = generated_cases(rulebook, "case", int(count), SEED)
    measured = timed(lambda: _evaluated(ColumnRun(rulebook, cases, None, children), rules), _runs(int(count)))
    rows = sum(table.height for table in children.values())
    told = {"rules": len(rules), "columns": cases.width, "child_rows": rows, "cases": int(count)}
    return {**told, **measured.figures(int(count))}


def what_if(count: str) -> Row:
    """One parameter changed, until the flows between outcomes are ready; the cases were evaluated once before."""
    bench = Workbench.open(ROOT)
    cases = bench.synthetic_cases(int(count), seed=SEED)
    first = bench.comparison(cases, changes={})

    def answer() -> pl.DataFrame:
        found = bench.comparison(cases, changes=CHANGED, earlier=first)
        return found.flows(rules=found.changed_rules)

    measured = timed(answer, RUNS)
    changed = measured.result.get_column("rule").n_unique()
    return {"changed_rules": changed, "cases": int(count), **measured.figures(int(count))}


def explained() -> Row:
    """One rule explained for one of 1,000 cases, the process warm."""
    bench = Workbench.open(ROOT)
    cases = bench.synthetic_cases(1_000, seed=SEED)
    last = str(cases.get_column(bench.id_of("case"))[-1])
    bench.explain(cases, last, EXPLAINED)
    return {"rule": EXPLAINED, **timed(lambda: bench.explain(cases, last, EXPLAINED), MANY_RUNS).figures(1)}


def loaded() -> Row:
    """The full rulebook loaded by a new process: the whole process, and the loading alone."""
    statement = f"from pathlib import Path; from {load_rulebook.__module__} import load_rulebook; "
    call = f"load_rulebook(Path({str(ROOT)!r}))"
    timing = f"import time; start = time.perf_counter(); {call}; print(time.perf_counter() - start)"
    found = [_process([sys.executable, "-c", statement + timing]) for _ in range(RUNS)]
    best = min(found, key=lambda one: float(one["wall_seconds"]))
    alone = min(float(one["said"]) for one in found)
    return {name: value for name, value in best.items() if name != "said"} | {"loading_alone_seconds": round(alone, 3)}


def applied(count: str) -> Row:
    """`stellwerk apply` from a Parquet register to a Parquet result, in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        cases, out = Path(folder) / "register.parquet", Path(folder) / "out.parquet"
        _write_register(int(count), cases)
        found = _process([COMMAND, "apply", str(cases), "-o", str(out), "--on", ON.isoformat()])
        written = round(out.stat().st_size / 2**20)
        assert pq.read_metadata(out).num_rows == int(count), "every case must be in the result"
    found.pop("said")
    return {"cases": int(count), "written_mb": written, **found}


PARTS: dict[str, Callable[..., Row]] = {
    part.__name__: part for part in (register, full_facts, what_if, explained, loaded, applied)
}


def _evaluated(run: ColumnRun, rules: list[str]) -> ColumnRun:
    run.evaluate(rules)
    return run


def _runs(count: int) -> int:
    return RUNS if count <= AT_A_TIME else 1


def _write_register(count: int, path: Path) -> None:
    """Draw a register piece by piece, so that a large one fits into memory; each piece has ids of its own."""
    bench, key = Workbench.open(ROOT), "case_id"
    writer: pq.ParquetWriter | None = None
    for number, start in enumerate(range(0, count, AT_A_TIME)):
        piece = bench.synthetic_cases(min(AT_A_TIME, count - start), seed=SEED + number)
        table: pa.Table = piece.with_columns(pl.format("{}-{}", pl.lit(number), key).alias(key)).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table.cast(writer.schema))
    assert writer is not None
    writer.close()


def _process(command: list[str]) -> Row:
    """Seconds, memory and words of a process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
        "peak_mb": after.ru_maxrss // 1024,  # of the largest child so far
        "said": done.stdout,
    }


def main(part: str, *arguments: str) -> None:
    """Measure and print."""
    row = PARTS[part](*arguments)
    print(json.dumps({"part": part, "arguments": list(arguments), **row}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
