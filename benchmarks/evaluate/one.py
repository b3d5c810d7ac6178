"""One engine, one size, in a process of its own: seconds, memory, and the checksum of what it said.

`python -m benchmarks.evaluate.one ENGINE CASES.npz RUNS` prints a line of JSON. The reference reads only the first
cases; all others say what they answered to those too.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path

from .answers import Answers, checksum
from .cases import Cases
from .clock import timed

CHECKED = 1_000  # so many cases the reference answers in some seconds
REFERENCE = "reference"


def main(engine: str, file: str, runs: str) -> None:
    """Measure and print."""
    module = importlib.import_module(f".with_{engine}", __package__)
    cases = Cases.read(Path(file))
    if engine == REFERENCE:
        cases = cases.first(CHECKED)
    run = module.prepared(cases)
    measured = timed(run, int(runs))
    answers = module.answers(measured.result)
    said = {
        "engine": engine,
        "cases": len(cases),
        **measured.figures(len(cases)),
        "checksum": checksum(answers),
        "first_answers": checksum(first(answers)),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in module.PACKAGES},
    }
    if hasattr(module, "evidence"):
        bits = module.evidence(measured.result)
        said["first_evidence"] = checksum(first(bits), tuple(sorted(bits)))
    print(json.dumps(said), flush=True)


def first(answers: Answers) -> Answers:
    """The answers that the reference checks."""
    return {name: column[:CHECKED] for name, column in answers.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
