"""How sure a fact is: the grades that every rule, parameter, listing and column carries, strongest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

EvidenceGrade = Literal["verified", "memory_high", "memory_medium", "memory_low", "modelling_choice"]
EVIDENCE_GRADES: tuple[EvidenceGrade, ...] = (
    "verified",
    "memory_high",
    "memory_medium",
    "memory_low",
    "modelling_choice",
)


def lowest_grade(grades: Sequence[EvidenceGrade]) -> EvidenceGrade:
    """The weakest of several grades: what a result built on all of them may claim."""
    return max(grades, key=EVIDENCE_GRADES.index)
