"""How long does it take to make cases at every threshold of the rulebook, and to hold two engines against each other?

    python benchmarks/parity.py [CASES ...]

Prints a line a measurement, in the form of the rows of README.md. Loading of the rulebook is not counted.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024  # ru_maxrss counts kilobytes on Linux


def main(sizes: list[int]) -> None:
    """Measure the generator at each size, then a run of parity on the reference and on columns."""
    from stellwerk.audit.contender import contenders
    from stellwerk.audit.generated import generated_cases
    from stellwerk.audit.parity import Sample, parity
    from stellwerk.law.rulebook import load_rulebook

    law = load_rulebook(ROOT)
    attributes = len(law.vocabulary.attributes("case"))
    for size in sizes:
        begin = time.perf_counter()
        cases, children = generated_cases(law, "case", size, 1)
        seconds = time.perf_counter() - begin
        rows = sum(child.height for child in children.values())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE
        print(f"| Generated cases: {cases.height} x {attributes}, {rows} child rows | {seconds:.1f} s | {memory} MB |")
    begin = time.perf_counter()
    found = parity(law, contenders(["reference", "polars"]), Sample(100, 1))
    seconds = time.perf_counter() - begin
    print(f"| Parity: 100 cases a subject, {found.answers} answers compared | {seconds:.1f} s | |")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 100_000, 1_000_000])
