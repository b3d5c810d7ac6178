"""One rulebook beside its peers, and the full rulebook at every scale, all in one run on the same seeded cases.

`python -m benchmarks.evaluate.run` from the checkout measures each engine at each size, and each part of `whole`, in a
process of its own, holds all answers together, and writes `results.json` and `results.md` into `build/benchmarks`.
`--quick` takes small sizes, `--only NAME...` some engines or parts, `--threads N` sets the threads of all engines.
An engine whose packages are missing is passed over and named; `scripts/peers.sh` installs them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import drawn
from .page import markdown

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "benchmarks"
PEERS = ROOT / ".venv-peers" / "bin" / "python"
SMALL, MIDDLE, LARGE = 1_000, 100_000, 1_000_000
QUICK = 500  # cases, where only the agreement counts
THREAD_SETTINGS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS")
FIRST_CASES = ("first_answers", "first_evidence")
NOT_INSTALLED = "ModuleNotFoundError"


@dataclass(frozen=True)
class Engine:
    """An engine, the interpreter it lives in, and at which sizes it is measured how often."""

    name: str
    sizes: tuple[int, ...] = (SMALL, MIDDLE, LARGE)
    runs: int = 7
    python: Path = Path(sys.executable)


# The reference checks the first cases of every other row. Sizes of the slow ones: what they manage in about a minute.
REFERENCE = Engine("reference", (SMALL,), 1)
ENGINES = (
    Engine("columns"),
    Engine("polars"),
    Engine("polars_tuned"),
    Engine("polars_evidence"),
    Engine("numpy"),
    Engine("duckdb"),
    Engine("openfisca", python=PEERS),
    Engine("zen", (SMALL, MIDDLE), 3, PEERS),
    Engine("durable", (SMALL, 10_000), 1, PEERS),
)
PARTS = (
    ("register", "10_000", "on"),
    ("register", "100_000", "on"),
    ("register", "1_000_000", "on"),
    ("register", "1_000_000", "own_dates"),
    ("register", "4_000_000", "on"),
    ("full_facts", "1_000_000"),
    ("what_if", "270_000"),
    ("explained",),
    ("loaded",),
    ("applied", "1_000"),
    ("applied", "1_000_000"),
    ("applied", "10_000_000"),
)
QUICK_PARTS = (
    ("register", "1_000", "on"),
    ("register", "1_000", "own_dates"),
    ("full_facts", "1_000"),
    ("what_if", "1_000"),
    ("explained",),
    ("loaded",),
    ("applied", "100"),
)

Row = dict[str, Any]


class Disagreement(Exception):
    """An engine does not say what the reference says."""


def main() -> None:
    """Measure, check and write."""
    options = argparse.ArgumentParser(description=__doc__)
    names = [*(engine.name for engine in ENGINES), *dict.fromkeys(part[0] for part in PARTS)]
    options.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--threads", type=int)
    options.add_argument("--output", type=Path, default=OUTPUT)
    chosen = options.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **({} if chosen.threads is None else _threads(chosen.threads))}
    engines = [engine for engine in ENGINES if engine.name in chosen.only]
    parts = [part for part in (QUICK_PARTS if chosen.quick else PARTS) if part[0] in chosen.only]
    rows = [*_engine_rows(engines, chosen.quick, chosen.output, environment), *_part_rows(parts, environment)]
    found = {"machine": machine(), "rows": rows}
    (chosen.output / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (chosen.output / "results.md").write_text(markdown(found), encoding="utf-8")
    print(f"{chosen.output / 'results.md'}")


def machine() -> dict[str, str]:
    """What the figures depend on beside the code."""
    commit = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "commit": commit.stdout.strip(),
    }


def _engine_rows(engines: Sequence[Engine], quick: bool, folder: Path, environment: Mapping[str, str]) -> Iterator[Row]:
    sizes = dict.fromkeys(size for engine in engines for size in _sizes(engine, quick))
    for size in sizes:
        file = folder / f"cases_{size}.npz"
        drawn(size).write(file)
        asked = [REFERENCE, *(engine for engine in engines if size in _sizes(engine, quick))]
        found = [_answered(engine, file, 1 if quick else engine.runs, environment) for engine in asked]
        _hold_together([row for row in found if "missing" not in row])
        yield from found if size == min(sizes) else found[1:]
        file.unlink()


def _sizes(engine: Engine, quick: bool) -> tuple[int, ...]:
    return (QUICK,) if quick else engine.sizes


def _answered(engine: Engine, file: Path, runs: int, environment: Mapping[str, str]) -> Row:
    return _said([str(engine.python), "-m", "benchmarks.evaluate.one", engine.name, str(file), str(runs)], environment)


def _hold_together(rows: Sequence[Row]) -> None:
    """Refuse rows that say something else of the first cases than the reference, or of all cases than the others."""
    reference, *others = rows
    for row in others:
        wanted = {name: reference[name] for name in FIRST_CASES if name in row}
        wanted["checksum"] = others[0]["checksum"]
        for name, value in wanted.items():
            if row[name] != value:
                raise Disagreement(f"{row['engine']}, {row['cases']} cases: {name} is {row[name]}, not {value}")


def _part_rows(parts: Sequence[tuple[str, ...]], environment: Mapping[str, str]) -> Iterator[Row]:
    for part in parts:
        yield _said([sys.executable, "-m", "benchmarks.evaluate.whole", *part], environment)


def _said(command: list[str], environment: Mapping[str, str]) -> Row:
    """The line of JSON that a process prints; what is not installed becomes a row without figures."""
    asked = " ".join(command[3:])
    print(f"{asked} ...", flush=True)
    if not Path(command[0]).exists():
        return {"asked": asked, "engine": command[3], "missing": Path(command[0]).parts[-3]}
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode and NOT_INSTALLED in done.stderr:
        return {"asked": asked, "engine": command[3], "missing": done.stderr.strip().splitlines()[-1]}
    if done.returncode:
        sys.exit(f"{asked} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    row: Row = json.loads(done.stdout.splitlines()[-1])
    print(f"  {json.dumps(row)}", flush=True)
    return row


def _threads(number: int) -> dict[str, str]:
    return {name: str(number) for name in THREAD_SETTINGS}


if __name__ == "__main__":
    main()
