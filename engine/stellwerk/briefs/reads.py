"""Which files of a checkout does this process read from now on?

In goes the folder of the checkout, out comes a list that grows: every file below it that Python opens for reading,
whoever opens it. Code, hidden folders and what is generated do not count. The hook cannot be taken out again, so that
only a process that ends with its brief records.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT, READS = "STELLWERK_BRIEF_ROOT", "STELLWERK_BRIEF_READS"  # what a kernel is told: the checkout, where to write
_WRITING = os.O_WRONLY | os.O_RDWR
_NOT_DATA = ("build", "engine")  # generated things and code, which has a digest of its own
_CODE = (".py", ".pyc", ".so")


def record_reads(root: Path, tell: Callable[[str], None]) -> None:
    """From now on call `tell` with the path below `root` of each file that is opened for reading, once."""
    base = os.path.realpath(root) + os.sep
    told: set[str] = set()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open":
            return
        path, _, flags = arguments
        if isinstance(path, str) and not (isinstance(flags, int) and flags & _WRITING):
            found = os.path.abspath(path)
            if found.startswith(base) and found not in told:
                told.add(found)
                if _is_data(found[len(base) :]):
                    tell(found[len(base) :])

    sys.addaudithook(hook)


def existing(root: Path, names: Iterable[str]) -> list[Path]:
    """Those that are files: an attempt to open what does not exist is heard as well."""
    return sorted(path for path in {root / name for name in names} if path.is_file())


def _is_data(name: str) -> bool:
    first = name.split(os.sep, 1)[0]
    return not (first.startswith(".") or first in _NOT_DATA or name.endswith(_CODE))
