"""How long does a piece of work take, in wall and processor seconds, and how much memory does it ask for?

Goes in: the work, and how often. Comes out: the best run of each, and the peak of memory above what lay there before,
where the system tells (Linux).
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Measured:
    """The best of several runs, and what the last one gave."""

    wall: float
    cpu: float
    peak_mb: int
    added_mb: int
    load: float  # of the machine, over the last minute
    result: Any

    def figures(self, cases: int) -> dict[str, float | int]:
        """The numbers by name, with cases a second."""
        return {
            "wall_seconds": round(self.wall, 4),
            "cpu_seconds": round(self.cpu, 4),
            "cases_per_second": round(cases / self.wall),
            "cases_per_cpu_second": round(cases / max(self.cpu, 1e-9)),
            "peak_mb": self.peak_mb,
            "added_mb": self.added_mb,
            "load": self.load,
        }


def timed(work: Callable[[], Any], runs: int) -> Measured:
    """Do the work so many times; the first run counts too."""
    gc.collect()
    _reset_peak()
    before = _memory("VmRSS")
    walls, cpus, result = [], [], None
    for _ in range(runs):
        result = None  # a run need not stand beside the one before
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    peak = _memory("VmHWM")
    return Measured(min(walls), min(cpus), peak, max(peak - before, 0), round(os.getloadavg()[0], 1), result)


def _memory(name: str) -> int:
    """Megabytes by the name of the line; 0 where the system does not tell."""
    if not _STATUS.is_file():
        return 0
    lines = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="utf-8").splitlines())
    return int(lines[name].split()[0]) // 1024


def _reset_peak() -> None:
    if _RESET.is_file():
        _RESET.write_text(_RESET_PEAK)
