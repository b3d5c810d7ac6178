"""The rulebook read case by case by the reference interpreter, which defines what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import CaseReading
from stellwerk.law.rulebook import load_rulebook

from .answers import AMOUNTS, NO_AMOUNT, RULES, Answers, code_of
from .cases import Cases
from .with_columns import as_frame

PACKAGES: tuple[str, ...] = ()
ROOT = Path(__file__).parent

Found = list[list[Determination]]


def prepared(cases: Cases) -> Callable[[], Found]:
    """The rulebook loaded, the cases as dictionaries."""
    rulebook = load_rulebook(ROOT)
    rows = as_frame(cases).to_dicts()

    def run() -> Found:
        return [[reading.determination(rule) for rule in RULES] for reading in (CaseReading(rulebook, r) for r in rows)]

    return run


def answers(found: Found) -> Answers:
    """Outcomes by their numbers, amounts as whole numbers."""
    outcomes = {rule: np.array([code_of(case[at].outcome) for case in found]) for at, rule in enumerate(RULES)}
    amounts = {name: np.array(list(_amounts(found, name.rpartition(".")[0]))) for name in AMOUNTS}
    return {**outcomes, **amounts}


def evidence(found: Found) -> Answers:
    """Version, met and unknown bits of every rule."""
    columns = {}
    for at, rule in enumerate(RULES):
        columns[f"{rule}.met"] = np.array([case[at].met for case in found])
        columns[f"{rule}.unknown"] = np.array([case[at].unknown for case in found])
    return columns


def _amounts(found: Found, rule: str) -> Iterator[int]:
    for case in found:
        amount = case[RULES.index(rule)].amount
        yield NO_AMOUNT if amount is None else int(amount)
