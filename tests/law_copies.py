"""A copy of the law that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def law_copied(folder: Path) -> Path:
    """The folder, with the rules and the numbers of this checkout in it."""
    for name in ("rules", "params"):
        shutil.copytree(ROOT / name, folder / name)
    return folder
