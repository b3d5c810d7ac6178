"""When does the threat of withheld funds make a state contribute, and whom would the money reach?

In go what refusing brings and risks, out come the answer, the least credible threat, and the division of withheld
money. A state that refuses gains P and saves price * o; it loses theta * W + fine, with probability q, discounted by d:

    complies  iff  price * o  <=  q * d * (theta * W + fine) - P

An own model; which instrument could carry such a threat is a question of law that the scenario answers with a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.distribution.apportionment import largest_remainder
from stellwerk.errors import StellwerkError

CENTS = 100


class ShareOutOfRange(StellwerkError):
    """A share, probability or discount outside 0 to 1, or an amount below zero."""


@dataclass(frozen=True)
class Threat:
    """What a refusing state faces; amounts in EUR, the rest parts of one."""

    bill: Fraction
    funds: Fraction
    withheld: Fraction
    probability: Fraction
    discount: Fraction
    gain: Fraction = Fraction(0)
    fine: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        parts = {"withheld": self.withheld, "probability": self.probability, "discount": self.discount}
        for name, part in parts.items():
            if not 0 <= part <= 1:
                raise ShareOutOfRange(name=name, value=part)
        for name, amount in {"bill": self.bill, "funds": self.funds, "gain": self.gain, "fine": self.fine}.items():
            if amount < 0:
                raise ShareOutOfRange(name=name, value=amount)

    @property
    def expected(self) -> Fraction:
        """q * d, how much of a euro at risk counts."""
        return self.probability * self.discount

    @property
    def expected_loss(self) -> Fraction:
        """What refusing is expected to cost."""
        return self.expected * (self.withheld * self.funds + self.fine)

    @property
    def complies(self) -> bool:
        """Whether contributing is no dearer than refusing."""
        return self.bill <= self.expected_loss - self.gain

    @property
    def least_expected_share(self) -> Fraction | None:
        """The least q * d * theta that makes it comply; None where no funds are at risk and the fine falls short.

        >>> Threat(Fraction(7_000_000), Fraction(20_000_000_000), Fraction(0), Fraction(1), Fraction(1),
        ...        gain=Fraction(193_000_000)).least_expected_share
        Fraction(1, 100)
        """
        missing = max(self.bill + self.gain - self.expected * self.fine, Fraction(0))
        if missing == 0:
            return Fraction(0)
        return missing / self.funds if self.funds else None

    @property
    def least_withheld_share(self) -> Fraction | None:
        """The least theta at the given probability and discount; None where even all the funds are not enough."""
        needed = self.least_expected_share
        if not needed:
            return needed
        share = needed / self.expected if self.expected else None
        return share if share is not None and share <= 1 else None


def reallocated(amount: Fraction, loads: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """`amount` EUR divided in proportion to `loads`, to the cent.

    >>> reallocated(Fraction(500), {"A": Fraction(60), "B": Fraction(40)})
    {'A': Fraction(300, 1), 'B': Fraction(200, 1)}
    """
    cents = largest_remainder(int(amount * CENTS), loads)
    return {code: Fraction(share, CENTS) for code, share in cents.items()}


def cut_needed(gain: Fraction, code: str, loads: Mapping[str, Fraction]) -> Fraction:
    """How much must be withheld in all so that the state `code` receives `gain` EUR more."""
    return gain * sum(loads.values(), Fraction(0)) / loads[code]
