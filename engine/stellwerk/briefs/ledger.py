"""What was run, with what, and what came out: one line of JSON a run, in the order of the runs.

In goes an entry, which is appended as one whole line; out come all entries again. The ledger is a log: it holds times
and versions, which the results themselves do not.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from stellwerk import __version__
from stellwerk.errors import Place, StellwerkError, nearest, shown_path

_BLOCK = 4096
if sys.platform != "win32":
    import fcntl

PACKAGES = ("polars", "pandas", "pulp", "highspy", "papermill", "matplotlib")


class LedgerDamaged(StellwerkError):
    """A line of the ledger is no entry."""


class UnknownRun(StellwerkError):
    """No run of that id in the ledger."""


@dataclass(frozen=True)
class LedgerEntry:
    """One run of one brief.

    `inputs`: what it rested on, name to digest; `outputs`: its files, name to digest; `figures`: the numbers it opens
    with; `law`: the versions of rules and dated parameters it names; `title`: what its page is called.
    """

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
    figures: dict[str, str] = field(default_factory=dict)
    law: dict[str, str] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class Ledger:
    """The ledger of a checkout."""

    path: Path
    root: Path

    def append(self, entry: LedgerEntry) -> None:
        """Add one line, whole or not at all; two runs that end at once do not mix theirs."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = (json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
        with self.path.open("r+b" if self.path.exists() else "w+b", buffering=0) as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            end = _end_of_whole_lines(file)
            file.truncate(end)
            file.seek(end)
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                file.truncate(end)
                raise

    def entries(self) -> list[LedgerEntry]:
        """All runs, oldest first; a last line that was cut off while it was written is none."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        return [self._entry(line, number) for number, line in enumerate(lines, start=1)]

    def entry(self, written: str) -> LedgerEntry:
        """The run whose id is, or alone begins with, what was written."""
        entries = self.entries()
        found = [entry for entry in entries if written and entry.id.startswith(written)]
        if len({entry.id for entry in found}) != 1:
            near = nearest(written, [entry.id for entry in entries])
            raise UnknownRun(run=written, near=near, several=[entry.id for entry in found[:5]])
        return found[-1]

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


def hash_of_file(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions_in_use() -> dict[str, str]:
    """Stellwerk, Python and the packages that shape a result."""
    packages = {package: importlib.metadata.version(package) for package in PACKAGES}
    return {"stellwerk": __version__, "python": platform.python_version(), **packages}


def _end_of_whole_lines(file: BinaryIO | FileIO) -> int:
    """Where the next line belongs: behind the last line that was written to its end."""
    size = file.seek(0, os.SEEK_END)
    start = size
    while start:
        start = max(0, start - _BLOCK)
        file.seek(start)
        newline = file.read(_BLOCK).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
    return 0
