"""What does it cost a state to take one person more, and how many does it take at a price?

In go the cost of the first person and how fast it rises, out come exact totals and increments in EUR. For r persons
C(r) = first * r + slope * r^2 / 2, so that C'(r) = first + slope * r; a slope of zero is the linear case.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from stellwerk.errors import StellwerkError

HALF = Fraction(1, 2)


class CostFallsWithNumber(StellwerkError):
    """A cost whose slope is below zero: each further person would be cheaper, and the models would not hold."""


@dataclass(frozen=True)
class Cost:
    """The cost of taking persons in, EUR; `first` may be negative where receipts exceed it."""

    first: Fraction
    slope: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if self.slope < 0:
            raise CostFallsWithNumber(slope=self.slope)

    def total(self, persons: int | Fraction) -> Fraction:
        """C(r), the cost of all `persons`.

        >>> Cost(Fraction(10_000), Fraction(20)).total(500)
        Fraction(7500000, 1)
        """
        return self.first * persons + self.slope * persons * persons * HALF

    def marginal(self, persons: int | Fraction) -> Fraction:
        """C'(r), the cost of the next sliver of a person."""
        return self.first + self.slope * persons

    def of_person(self, nth: int) -> Fraction:
        """C(n) - C(n - 1), what the n-th whole person adds."""
        return self.first + self.slope * (nth - HALF)

    def taken_at(self, price: Fraction, at_most: int) -> Fraction:
        """The r between 0 and `at_most`, persons divisible, at which C'(r) meets `price`.

        >>> Cost(Fraction(10_000), Fraction(20)).taken_at(Fraction(20_000), 1_100)
        Fraction(500, 1)
        """
        if self.slope == 0:
            return Fraction(at_most if self.first < price else 0)
        return min(max((price - self.first) / self.slope, Fraction(0)), Fraction(at_most))

    def plus(self, a_person: Fraction) -> Cost:
        """The same cost with `a_person` EUR more for each person; negative for a receipt."""
        return Cost(self.first + a_person, self.slope)
