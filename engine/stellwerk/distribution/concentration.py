"""How evenly does a key spread persons, and does it ask more of those who can bear more?

In go exact shares and sizes of places, out come exact measures: dissimilarity, Gini, Herfindahl, and progressivity. All
are ratios of fractions, so a measure of zero is exactly zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Shares = Mapping[str, Fraction]


def dissimilarity(shares: Shares, base: Shares) -> Fraction:
    """The part of all persons who would have to be elsewhere for `shares` to become `base` (Duncan's index).

    >>> actual = {"a": Fraction(70, 100), "b": Fraction(20, 100), "c": Fraction(10, 100)}
    >>> fair = {"a": Fraction(55, 100), "b": Fraction(30, 100), "c": Fraction(15, 100)}
    >>> dissimilarity(actual, fair)
    Fraction(3, 20)
    """
    return sum((abs(shares[code] - base[code]) for code in base), Fraction(0)) / 2


def herfindahl(shares: Shares) -> Fraction:
    """The sum of the squared shares: one where a single place takes all, 1/n where all take alike."""
    return sum((share * share for share in shares.values()), Fraction(0))


def gini(shares: Shares, size: Shares) -> Fraction:
    """How unequal the burden per head is: zero where each place takes in proportion to its size, towards one else.

    >>> gini({"a": Fraction(1, 2), "b": Fraction(1, 2)}, {"a": Fraction(1, 2), "b": Fraction(1, 2)})
    Fraction(0, 1)
    """
    return concentration(shares, size, {code: share / size[code] for code, share in shares.items() if size[code]})


def concentration(shares: Shares, size: Shares, rank: Shares) -> Fraction:
    """Twice the area between the diagonal and the curve of shares over size, places ordered by `rank` upwards.

    Places of equal rank count as one, so that their order never matters. Positive: those of high rank have more than
    their size; negative: less.
    """
    area, below_share = Fraction(0), Fraction(0)
    whole_size = sum((size[code] for code in rank), Fraction(0))
    whole_share = sum((shares[code] for code in rank), Fraction(0))
    for step in _steps(rank):
        size_of_step = sum((size[code] for code in step), Fraction(0)) / whole_size
        share_of_step = sum((shares[code] for code in step), Fraction(0)) / whole_share
        area += size_of_step * (2 * below_share + share_of_step)
        below_share += share_of_step
    return 1 - area


def progressivity(shares: Shares, size: Shares, ability: Shares) -> Fraction:
    """Kakwani's index: concentration of the shares less that of ability, places ordered by ability per head.

    Above zero the burden rises faster than ability (progressive), below zero slower (regressive), at zero in step.
    """
    per_head = {code: ability[code] / size[code] for code in size if size[code]}
    return concentration(shares, size, per_head) - concentration(ability, size, per_head)


def _steps(rank: Shares) -> Sequence[list[str]]:
    steps: dict[Fraction, list[str]] = {}
    for code in sorted(rank, key=lambda code: (rank[code], code)):
        steps.setdefault(rank[code], []).append(code)
    return list(steps.values())
