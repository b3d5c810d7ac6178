"""What was run, with what, and what came out: one line of JSON a run, in the order of the runs.

In goes an entry, which is appended as one whole line; out come all entries again. The ledger is a log: it holds times
and versions, which the results themselves do not.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stellwerk import __version__
from stellwerk.errors import Place, StellwerkError, shown_path

PACKAGES = ("polars", "pandas", "pulp", "highspy", "papermill", "matplotlib")


class LedgerDamaged(StellwerkError):
    """A line of the ledger is no entry."""


@dataclass(frozen=True)
class LedgerEntry:
    """One run of one brief."""

    id: str
    brief: str
    started: str
    seconds: float
    parameters: dict[str, Any]
    seed: int | None
    rulebooks: dict[str, str]
    inputs: dict[str, str]
    versions: dict[str, str]
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """The ledger of a checkout."""

    path: Path
    root: Path

    def append(self, entry: LedgerEntry) -> None:
        """Add one line; two runs that end at once do not mix theirs."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) + "\n"
        with self.path.open("ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line.encode("utf-8"))

    def entries(self) -> list[LedgerEntry]:
        """All runs, oldest first."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [self._entry(line, number) for number, line in enumerate(lines, start=1)]

    def _entry(self, line: str, number: int) -> LedgerEntry:
        try:
            return LedgerEntry(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            raise LedgerDamaged(Place(shown_path(self.path, self.root), number)) from None


def run_id(brief: str, started: str, parameters: dict[str, Any]) -> str:
    """A short name for a run, from what it is and when it began."""
    key = json.dumps([brief, started, parameters], sort_keys=True)
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def hash_of_text(content: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def hash_of_files(paths: Iterable[Path], root: Path) -> dict[str, str]:
    """The SHA-256 of each file, by its path below the root."""
    return {shown_path(path, root): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def versions_in_use() -> dict[str, str]:
    """Stellwerk, Python and the packages that shape a result."""
    packages = {package: importlib.metadata.version(package) for package in PACKAGES}
    return {"stellwerk": __version__, "python": platform.python_version(), **packages}
