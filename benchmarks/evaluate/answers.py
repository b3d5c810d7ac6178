"""What an engine says of every case, in one form for all, and the sum by which two engines are held together.

Goes in: an array of small numbers for each rule. Comes out: a checksum in which every case has its own weight, so
that no two answers can change places unseen.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .cases import Array

CODES = {"not_met": 0, "ordinary_track": 2, "needs_facts": 3, "conflict": 4, "not_in_force": 5, "needs_review": 6}
DECIDED = 1  # any other outcome: what the rule decides
RULES = (
    "origin.safe",
    "origin.alone",
    "origin.fast_track",
    "stay.time",
    "stay.fines",
    "stay.income",
    "stay.language",
    "stay.cooperation",
    "stay.right",
    "stay.hardship",
    "detention.cap",
    "detention.too_long",
)
AMOUNTS = ("stay.hardship.amount", "detention.cap.amount")
NO_AMOUNT = -1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, so that the weights of no two cases are the same

Answers = Mapping[str, Array]


def code_of(outcome: str) -> int:
    """The number of an outcome."""
    return CODES.get(outcome, DECIDED)


def checksum(answers: Answers, names: tuple[str, ...] = (*RULES, *AMOUNTS)) -> str:
    """One number over all named columns, each case weighted by its place and each column by its own."""
    total = 0
    for position, name in enumerate(names, start=1):
        column = np.asarray(answers[name]).astype(np.int64).astype(np.uint64)
        weights = (np.arange(1, len(column) + 1, dtype=np.uint64) * _SPREAD) >> np.uint64(16)
        with np.errstate(over="ignore"):
            total += position * int((column * weights).sum(dtype=np.uint64))
    return f"{total % 2**64:016x}"
