"""How long do set-up, the main job and the evaluation of a register take on this machine?

`make bench` answers and puts the table into README.md.

A measurement is a function that takes the checkout and an empty scratch folder and returns its seconds with the
command that was timed; a new one joins by its line in MEASUREMENTS. `--only NAME` runs some of them and keeps the
rows of the others.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEADER = "| What | Time | Command | Machine | Versions | Commit |"
RULE = "|---|---|---|---|---|---|"
PACKAGES = ("polars", "pandas", "highspy", "pulp", "papermill")
MAIN_JOB_RUNS = 3  # the median of three hides one hiccup of the machine
EVALUATION_RUNS = 5
CASES = 270_000  # about a year of arrivals and the tolerated of one Land
COHORT = 1_000
COMMAND = (str(Path(sys.executable).with_name("stellwerk")),)
INSTALLER_SETTINGS = re.compile(r"(?i)^(pip_|uv_|ssl_|requests_|https?_proxy$|no_proxy$)")


@dataclass(frozen=True)
class Measurement:
    """Seconds of one command, and how often it ran for them."""

    label: str
    seconds: float
    command: str
    runs: int = 1


def set_up(checkout: Path, scratch: Path) -> Measurement:
    """A fresh clone of what is committed, an empty home and so an empty package cache; downloads are included."""
    clone, home = scratch / "clone", scratch / "home"
    home.mkdir()
    _seconds(["git", "clone", "--quiet", str(checkout), str(clone)], scratch, os.environ)
    settings = {name: value for name, value in os.environ.items() if INSTALLER_SETTINGS.match(name)}
    bare = settings | {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return Measurement("Set-up from an empty cache", _seconds(["make", "setup"], clone, bare), "make setup")


def main_job(checkout: Path, scratch: Path) -> Measurement:
    """The brief on the installed environment, as `make brief` runs it."""
    seconds = []
    for run in range(MAIN_JOB_RUNS):
        folder = scratch / str(run)
        folder.mkdir()
        command = [".venv/bin/stellwerk", "brief", "lage", "-o", str(folder)]
        seconds.append(_seconds(command, checkout, os.environ))
    label = "Main job: the brief after set-up"
    return Measurement(label, statistics.median(seconds), "stellwerk brief lage -o DIR", MAIN_JOB_RUNS)


def drawing(checkout: Path, scratch: Path) -> Measurement:
    """The synthetic register of 270,000 persons, from command to file."""
    command = [*COMMAND, "register", "synth", "--cases", str(CASES), "-o", str(scratch / "register.parquet")]
    label = f"Register: {CASES:,} persons drawn and written"
    return Measurement(label, _seconds(command, checkout, os.environ), _as_typed(command))


def evaluation(checkout: Path, scratch: Path) -> Measurement:
    """All rules on 270,000 cases in memory, each at its own date, with evidence and the facts to ask for."""
    from stellwerk.workbench import Workbench

    bench = Workbench.open(checkout)
    cases = bench.synthetic_cases(CASES)
    bench.determinations(cases.head(1000))  # the rulebook is loaded, the process warm
    seconds = []
    for _ in range(EVALUATION_RUNS):
        start = time.perf_counter()
        bench.determinations(cases)
        seconds.append(time.perf_counter() - start)
    rules = len(bench.rules_of("case"))
    label = f"Evaluation: {rules} rules on {CASES:,} cases with evidence, in a warm process"
    return Measurement(label, statistics.median(seconds), "Workbench.determinations(cases)", EVALUATION_RUNS)


def evaluation_from_file(checkout: Path, scratch: Path) -> Measurement:
    """The same from a Parquet register to a Parquet result, as a command in a cold process, reading included."""
    register = scratch / "register.parquet"
    _seconds([*COMMAND, "register", "synth", "--cases", str(CASES), "-o", str(register)], checkout, os.environ)
    command = [*COMMAND, "apply", str(register), "-o", str(scratch / "out.parquet")]
    seconds = [_seconds(command, checkout, os.environ) for _ in range(MAIN_JOB_RUNS)]
    label = f"Evaluation: {CASES:,} cases from file to file, cold process"
    return Measurement(label, statistics.median(seconds), _as_typed(command), MAIN_JOB_RUNS)


def rulebook_load(checkout: Path, scratch: Path) -> Measurement:
    """The whole rulebook read, linked and checked again in a warm process, as after an edit."""
    from stellwerk.law.rulebook import load_rulebook

    load_rulebook(checkout)
    seconds = []
    for _ in range(EVALUATION_RUNS):
        start = time.perf_counter()
        load_rulebook(checkout)
        seconds.append(time.perf_counter() - start)
    label = "Rulebook loaded again in a warm process"
    return Measurement(label, statistics.median(seconds), "load_rulebook(checkout)", EVALUATION_RUNS)


def placement(checkout: Path, scratch: Path) -> Measurement:
    """A weekly cohort of 1,000 persons placed in all municipalities, from register to plan, process start included."""
    register = scratch / "cohort.csv"
    _seconds([*COMMAND, "register", "synth", "--cases", str(COHORT), "-o", str(register)], checkout, os.environ)
    plan = scratch / "plan"
    plan.mkdir()
    command = [*COMMAND, "place", str(register), "-o", str(plan), "--on", "2023-05-31"]
    label = f"Placement: {COHORT:,} persons in 396 municipalities"
    return Measurement(label, _seconds(command, checkout, os.environ), _as_typed(command))


MEASUREMENTS: dict[str, Callable[[Path, Path], Measurement]] = {
    "set_up": set_up,
    "main_job": main_job,
    "rulebook_load": rulebook_load,
    "drawing": drawing,
    "evaluation": evaluation,
    "evaluation_from_file": evaluation_from_file,
    "placement": placement,
}


def machine() -> str:
    """Processor, cores, memory and Python, for a reader who wants to compare."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores, {_processor()}, {memory:.0f} GiB, Python {platform.python_version()}"


def versions() -> str:
    """The packages that the time depends on."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)


def row(measured: Measurement, commit: str) -> str:
    """The measurement as a line of the table."""
    time_shown = f"{measured.seconds:.1f} s" + (f" (median of {measured.runs})" if measured.runs > 1 else "")
    cells = (measured.label, time_shown, f"`{measured.command}`", machine(), versions(), commit)
    return "| " + " | ".join(cells) + " |"


def with_rows(readme: str, fresh: Mapping[str, str]) -> str:
    """The page with the fresh rows in its table, by label; rows that were not measured now stay as they are."""
    before, rest = readme.split(BEGIN)
    table, after = rest.split(END)
    old = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("|")}
    kept = {label: line for label, line in old.items() if line not in (HEADER, RULE)}
    rows = kept | dict(fresh)
    return "\n".join([before + BEGIN, HEADER, RULE, *rows.values(), END + after])


def main() -> None:
    """Measure, print, and bring the page up to date."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="+", choices=tuple(MEASUREMENTS), default=tuple(MEASUREMENTS))
    commit = _output(["git", "rev-parse", "--short=10", "HEAD"])
    for name in options.parse_args().only:
        print(f"{name} ...", flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            measured = MEASUREMENTS[name](ROOT, Path(scratch))
        line = row(measured, commit)
        print(line, flush=True)
        README.write_text(with_rows(README.read_text(encoding="utf-8"), {measured.label: line}), encoding="utf-8")


def _seconds(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def _as_typed(command: list[str]) -> str:
    """The command as a reader types it: names of files, not where they lay."""
    return " ".join(["stellwerk", *(Path(part).name if part.startswith("/") else part for part in command[1:])])


def _output(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
