"""The cases that all engines answer, drawn once with a seed and handed on as a file of plain arrays.

Goes in: how many, a seed and the share of facts that nobody knows. Comes out: an array an attribute (dates as day
numbers, codes and levels by their place, money in cents) and, where something is unknown, an array of what is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ORIGINS = tuple(f"Q{number:02d}" for number in range(40))
LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")
DATES = ("application_date", "entry_date", "decision_date", "birth_date")
FLAGS = ("unaccompanied", "torture_survivor", "own_evidence", "only_residence_fines", "cooperates")
NUMBERS = ("fine_days", "household_size", "detention_days")
SEED = 20221231
_UNKNOWN = "unknown "  # before the name of an attribute, in the file

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases as arrays; `unknown` holds a mask for each attribute that some case lacks."""

    columns: dict[str, Array]
    unknown: dict[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["decision_date"])

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def first(self, count: int) -> Cases:
        """The first so many."""
        masks = {name: mask[:count] for name, mask in self.unknown.items()}
        return Cases({name: column[:count] for name, column in self.columns.items()}, masks)

    def write(self, path: Path) -> None:
        """Keep the cases for processes that ask other engines."""
        masks = {_UNKNOWN + name: mask for name, mask in self.unknown.items()}
        np.savez(path, **self.columns, **masks)  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> Cases:
        """The cases that were kept."""
        with np.load(path) as kept:
            found = {name: kept[name] for name in kept.files}
        masks = {name.removeprefix(_UNKNOWN): found.pop(name) for name in kept.files if name.startswith(_UNKNOWN)}
        return cls(found, masks)


def day(written: str) -> int:
    """A day as a number; 1970-01-01 is 0."""
    return int(np.datetime64(written, "D").astype(np.int64))


def drawn(count: int, seed: int = SEED, unknown: float = 0.0) -> Cases:
    """Cases around all thresholds and changes of the rulebook; the same for the same count, seed and share."""
    random = np.random.default_rng(seed)
    application = random.integers(day("2008-01-01"), day("2026-01-01"), count)
    decision = application + random.integers(20, 3000, count)
    minor = random.random(count) < 0.2
    age_in_days = np.where(minor, random.integers(365, 7000, count), random.integers(6000, 29000, count))
    columns = {
        "nationality": random.integers(0, len(ORIGINS), count),
        "application_date": application,
        "entry_date": application - random.integers(0, 1000, count),
        "decision_date": decision,
        "birth_date": application - age_in_days,
        "unaccompanied": random.random(count) < 0.15,
        "torture_survivor": random.random(count) < 0.08,
        "own_evidence": random.random(count) < 0.25,
        "fine_days": np.where(random.random(count) < 0.6, 0, random.integers(1, 130, count)),
        "only_residence_fines": random.random(count) < 0.3,
        "income_cents": (random.gamma(2.0, 70_000, count)).astype(np.int64),
        "household_size": random.integers(1, 7, count),
        "language_level": random.integers(0, len(LEVELS), count),
        "cooperates": random.random(count) < 0.8,
        "detention_days": np.where(random.random(count) < 0.6, 0, random.integers(1, 700, count)),
    }
    masks = {name: random.random(count) < unknown for name in columns} if unknown else {}
    return Cases({name: _smallest(name, column) for name, column in columns.items()}, masks)


def _smallest(name: str, column: Array) -> Array:
    if name in DATES:
        return column.astype(np.int32)
    return column.astype(np.int8) if name in ("nationality", "language_level") else column
