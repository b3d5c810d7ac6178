"""Which conditions decide that a rule says something else than before.

Goes in: the version and the evidence bits of one case before and after. Comes out: the conditions of which one alone,
put back to what it was, would give the old outcome; where none does so alone, all whose truth changed. Conditions are
known by their text, for a reform may reorder them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stellwerk.evaluate.evidence import truth_from_bits
from stellwerk.evaluate.possible import Flag, outcome_of, possible_outcomes
from stellwerk.law.provision import RuleVersion


@dataclass(frozen=True)
class Terms:
    """What a version can say: the texts of its conditions in the order of their bits, and the flags of its outcomes."""

    texts: tuple[str, ...]
    possible: Mapping[str, Flag]

    @classmethod
    def of(cls, version: RuleVersion) -> Terms:
        """The terms of a version, worked out once for many cases."""
        return cls(tuple(condition.text for condition in version.conditions()), possible_outcomes(version))


@dataclass(frozen=True)
class Said:
    """What a rule says of a case: the terms and the evidence bits; no terms where it is not in force."""

    terms: Terms | None
    met: int
    unknown: int

    def truths(self) -> dict[str, bool | None]:
        """The conditions' texts with their truths."""
        texts = self.terms.texts if self.terms else ()
        return {text: truth_from_bits(at, self.met, self.unknown) for at, text in enumerate(texts)}


def deciding_conditions(before: Said, after: Said) -> tuple[str, ...]:
    """The texts of the conditions that decide; none where the provision itself came, went or says otherwise."""
    if before.terms is None or after.terms is None:
        return ()
    old, new = before.truths(), after.truths()
    changed = [name for name in {**new, **old} if name not in old or name not in new or old[name] != new[name]]
    alone = [name for name in changed if name in new and _would_undo(after, name, old)]
    return tuple(alone or changed)


def _would_undo(after: Said, name: str, old: Mapping[str, bool | None]) -> bool:
    """Whether the outcome falls away when this condition is put back, or, if it is new, when it is turned round."""
    assert after.terms is not None
    at, possible = after.terms.texts.index(name), after.terms.possible
    truth = old[name] if name in old else not truth_from_bits(at, after.met, after.unknown)
    met, unknown = after.met & ~(1 << at), after.unknown & ~(1 << at)
    met, unknown = met | (truth is True) << at, unknown | (truth is None) << at
    return outcome_of(possible, met, unknown) != outcome_of(possible, after.met, after.unknown)
