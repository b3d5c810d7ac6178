"""How good, how fast and how large is a placement, against its targets, beside others, and as it grows?

    .venv/bin/python benchmarks/distribution/placement.py [targets] [peers] [growth]

Every row is a process of its own on two threads, so that memory and libraries are its own; compiled code is warm
(one small task is placed before the clock starts). `gap` is certified: bound less plan, as a share of the bound.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from generator import Kind, generate
from peers import PEERS

from stellwerk.distribution.placement import Instance, SolverSettings, solve
from stellwerk.distribution.placement.plan import missing_persons, points_of, violations_of

OURS = "Stellwerk"
PACKAGES = ("numpy", "numba", "pulp", "highspy", "ortools", "scipy")
PEER_SECONDS = 60.0
PATIENCE = 420  # seconds after which a row is given up
WARM_UP = 2_000
PRICES_ONLY: dict[str, Any] = {"target_gap": "0"}
TARGETS: tuple[tuple[str, int, Kind, dict[str, Any]], ...] = (
    ("gap <= 0.6 % in 10 s, 1.5 GB", 270_000, "continuous", {"target_gap": "0.006", "seconds": "10"}),
    ("gap <= 0.4 % in 60 s", 270_000, "continuous", {"target_gap": "0", "seconds": "60"}),
    ("gap <= 1.0 % in 15 s", 270_000, "discrete", {"target_gap": "0.01", "seconds": "15"}),
    ("gap <= 1.5 % in 5 s", 10_000, "continuous", {"target_gap": "0", "seconds": "5"}),
    ("gap <= 0.1 % in 60 s", 1_000, "continuous", {"target_gap": "0.001", "seconds": "60"}),
)
GROWTH = (10_000, 30_000, 100_000, 300_000, 1_000_000)
BESIDE = (1_000, 10_000, 270_000)
TOO_LARGE = {"OR-tools CP-SAT": 1_000, "PuLP + HiGHS, plain": 1_000, "PuLP + CBC, plain": 1_000}


def main() -> None:
    """Measure what is asked for and print it as tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", nargs="*", choices=["targets", "peers", "growth", "one"], default=["targets"])
    options.add_argument("--row", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.row:
        print(json.dumps(_measured(json.loads(chosen.row))))
        return
    print(_setting())
    for name in chosen.what or ["targets"]:
        print(f"\n### {name}\n")
        for line in {"targets": _targets, "peers": _peers, "growth": _growth}[name]():
            print(line, flush=True)


def _targets() -> Iterator[str]:
    yield "| target | persons | scores | gap | seconds | MB | violations | unplaced | stopped by |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for label, persons, kind, settings in TARGETS:
        row = _in_its_own_process({"method": OURS, "persons": persons, "kind": kind, "settings": settings})
        yield _line(label, f"{persons:,}", kind, *_told(row))
    yield _line("week of 5,000 persons, command to plan, < 3 s", "5,000", "continuous", *_week())


def _peers() -> Iterator[str]:
    yield "| persons | method | share of the bound | violations | unplaced | seconds | MB |"
    yield "|---|---|---|---|---|---|---|"
    for persons in BESIDE:
        asked = {"persons": persons, "kind": "continuous"}
        ours = _in_its_own_process({**asked, "method": OURS, "settings": PRICES_ONLY | {"neighbourhoods": 12}})
        for name in (OURS, *PEERS):
            if persons > TOO_LARGE.get(name, persons):
                continue
            row = ours if name == OURS else _in_its_own_process({**asked, "method": name})
            if "failed" in row:
                yield _line(f"{persons:,}", name, row["failed"], "", "", "", "")
                continue
            share = f"{100 * row['objective'] / ours['bound']:.2f} %"
            yield _line(
                f"{persons:,}", name, share, row["violations"], row["unplaced"], f"{row['seconds']:.1f}", row["mb"]
            )


def _growth() -> Iterator[str]:
    yield "| persons | families | seconds | microseconds a family | gap | MB |"
    yield "|---|---|---|---|---|---|"
    for persons in GROWTH:
        row = _in_its_own_process(
            {"method": OURS, "persons": persons, "kind": "continuous", "settings": {"target_gap": "0.006"}}
        )
        each = 1e6 * row["seconds"] / row["families"]
        yield _line(
            f"{persons:,}", f"{row['families']:,}", f"{row['seconds']:.1f}", f"{each:.0f}", _percent(row), row["mb"]
        )


def _week() -> tuple[str, ...]:
    """A week as a folder, placed by command: process start, reading, solving and writing included."""
    command = [str(Path(sys.executable).with_name("stellwerk")), "place", "--json"]
    with tempfile.TemporaryDirectory() as scratch:
        task, plan = Path(scratch) / "task", Path(scratch) / "plan"
        draw = [sys.executable, str(Path(__file__).with_name("generator.py")), "--persons", "5000", "-o", str(task)]
        subprocess.run(draw, check=True)
        asked = [*command, "--instance", str(task), "-o", str(plan)]
        subprocess.run(asked, check=True, capture_output=True)
        started = time.perf_counter()
        told = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
        seconds = time.perf_counter() - started
    gap = f"{100 * Decimal(told['gap']):.3f} %"
    return gap, f"{seconds:.1f}", "", str(told["violations"]), str(told["unplaced_families"]), told["stopped_by"]


def _in_its_own_process(row: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, __file__, "one", "--row", json.dumps(row)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"nothing in {PATIENCE} s"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    if row["method"] == OURS:
        solve(generate(WARM_UP), SolverSettings(full_model_families=0))
    task = generate(row["persons"], row["kind"])
    started = time.perf_counter()
    if row["method"] == OURS:
        plan = solve(task, SolverSettings(**row.get("settings", {})))
        proof = plan.certificate
        told = {"bound": proof.bound, "gap": str(proof.gap), "stopped_by": proof.stopped_by}
        return _counted(task, plan.where, time.perf_counter() - started) | told
    where = PEERS[row["method"]](task, PEER_SECONDS)
    return _counted(task, where, time.perf_counter() - started)


def _counted(task: Instance, where: Any, seconds: float) -> dict[str, Any]:
    return {
        "objective": points_of(task, where),
        "violations": violations_of(task, where),
        "unplaced": int((where == task.staying).sum()),
        "missing": missing_persons(task, where),
        "families": len(task.families),
        "seconds": seconds,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _told(row: dict[str, Any]) -> tuple[str, ...]:
    if "failed" in row:
        return (row["failed"], "", "", "", "", "")
    amounts = (f"{row['seconds']:.1f}", str(row["mb"]), str(row["violations"]), str(row["unplaced"]))
    return (_percent(row), *amounts, row["stopped_by"])


def _percent(row: dict[str, Any]) -> str:
    return f"{100 * Decimal(row['gap']):.3f} %"


def _line(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _setting() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}; {versions}"


if __name__ == "__main__":
    main()
