"""How long do briefs take: one by stock papermill, many in forked processes, many again when nothing has changed?

Prints one row a measurement; `.venv/bin/python benchmarks/briefs.py [--briefs 396] [--stock 5] [--jobs 2]`. The peak of
memory is the largest sum, over all processes of the batch, of what each holds for itself and its share of what several
hold together (PSS), looked at every half second.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("papermill", "ipykernel", "polars", "matplotlib")
BATCH = "brief: gemeinde\ntitle: {{de: Messung, en: Measurement}}\ngrid: {{municipality: {codes}}}\n"
_LOOK_SECONDS = 0.5
_KIB = 1024


def stock(codes: list[str], folder: Path) -> float:
    """Seconds of the papermill command on one brief after another."""
    begun = time.perf_counter()
    for code in codes:
        command = [sys.executable, "-m", "papermill", "notebooks/briefs/gemeinde.ipynb", str(folder / f"{code}.ipynb")]
        subprocess.run(
            [*command, "-k", "python3", "-r", "municipality", code], cwd=ROOT, check=True, capture_output=True
        )
    return time.perf_counter() - begun


def batch(codes: list[str], folder: Path, jobs: int, *options: str) -> tuple[float, int]:
    """Seconds and peak of memory in bytes of a whole batch, from command to index."""
    path = folder / "batch.yaml"
    path.write_text(BATCH.format(codes=json.dumps(codes)), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("stellwerk")), "briefs", str(path), "--jobs", str(jobs), "--json"]
    begun, peak = time.perf_counter(), 0
    with subprocess.Popen([*command, "-o", str(folder / "out"), *options], cwd=ROOT, stdout=subprocess.DEVNULL) as run:
        while run.poll() is None:
            peak = max(peak, _memory(run.pid))
            time.sleep(_LOOK_SECONDS)
    if run.returncode:
        sys.exit(f"the batch ended with {run.returncode}")
    return time.perf_counter() - begun, peak


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--briefs", type=int, default=396)
    options.add_argument("--stock", type=int, default=5)
    options.add_argument("--jobs", type=int, default=2)
    asked = options.parse_args()
    codes = pl.read_csv(ROOT / "params" / "municipalities.csv", infer_schema=False)["ags"].to_list()[: asked.briefs]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    print(f"Python {platform.python_version()}, {versions}, {asked.jobs} processes", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        alone = stock(codes[: asked.stock], folder) / min(asked.stock, len(codes))
        print(f"| Briefs: one by the papermill command (mean of {asked.stock}) | {alone:.2f} s |", flush=True)
        seconds, peak = batch(codes, folder, asked.jobs)
        each = seconds / len(codes)
        print(f"| Briefs: {len(codes)} municipalities | {seconds:.1f} s, {each:.2f} s each, {alone / each:.1f} x |")
        print(f"| Briefs: peak of memory | {peak / 2**30:.2f} GiB |", flush=True)
        seconds, _ = batch(codes, folder, asked.jobs, "--resume")
        print(f"| Briefs: the same with --resume, nothing changed | {seconds:.1f} s |")


def _memory(pid: int) -> int:
    """What a process and all below it hold, in bytes; what several share is counted once."""
    total = 0
    for process in _with_children(pid):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))
    return total


def _with_children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return [pid]
    return [pid, *(below for child in children for below in _with_children(int(child)))]


if __name__ == "__main__":
    main()
