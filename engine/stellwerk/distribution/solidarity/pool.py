"""Of what the Union promised, how much arrives?

In go each state's fair share and standing and what it contributes, out come its account and the waterfall from the
reference number to what is delivered, every leak named. Persons and money count alike at the price of a person.

For each state, in person equivalents:
    fair share = own slice (benefitting) + deducted + refused + offset + shortfall - surplus + delivered
    delivered  = relocated + (paid + measures) / price
A deduction that is granted is not passed on to others; the pool shrinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stellwerk.distribution.apportionment import largest_remainder
from stellwerk.errors import StellwerkError

HALF = Fraction(1, 2)
LEAKS = ("own_slice", "deducted", "refused", "offset", "shortfall")


class DeductionOutOfRange(StellwerkError):
    """A deduction below zero or above the whole."""


class OffsetAboveObligation(StellwerkError):
    """More persons offset than the state owes."""


@dataclass(frozen=True)
class Standing:
    """A state in the pool's year: its fair share in persons, and what the Council and the state decided."""

    code: str
    fair_share: int
    benefitting: bool = False
    deduction: Fraction = Fraction(0)
    refuses: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.deduction <= 1:
            raise DeductionOutOfRange(state=self.code, deduction=self.deduction)

    @property
    def deducted(self) -> int:
        """Persons deducted, whole: half a person counts as one. A benefitting state owes nothing to deduct from."""
        return 0 if self.benefitting else int(self.fair_share * self.deduction + HALF)

    @property
    def obligation(self) -> int:
        """Persons owed.

        >>> Standing("A", 300, deduction=Fraction(1, 2)).obligation
        150
        """
        return 0 if self.benefitting else self.fair_share - self.deducted


@dataclass(frozen=True)
class Given:
    """What a state gives: persons taken, persons offset, EUR paid, EUR credited for measures."""

    relocated: int = 0
    offset: int = 0
    paid: Fraction = Fraction(0)
    measures: Fraction = Fraction(0)

    def equivalents(self, price: Fraction) -> Fraction:
        """All of it in persons at the price; offsets count towards the obligation.

        >>> Given(100, 0, Fraction(5_400_000), Fraction(1_000_000)).equivalents(Fraction(20_000))
        Fraction(420, 1)
        """
        return self.relocated + self.offset + (self.paid + self.measures) / price


@dataclass(frozen=True)
class Account:
    """A state's account, in person equivalents."""

    standing: Standing
    given: Given
    price: Fraction

    @property
    def own_slice(self) -> int:
        """The part of the key that falls to a benefitting state and is not filled."""
        return self.standing.fair_share if self.standing.benefitting else 0

    @property
    def deducted(self) -> int:
        """Persons deducted by the Council."""
        return self.standing.deducted

    @property
    def refused(self) -> int:
        """What a refusing state owes."""
        return self.standing.obligation if self.standing.refuses else 0

    @property
    def offset(self) -> int:
        """Persons already there that count, so that nobody comes."""
        return self.given.offset

    @property
    def delivered(self) -> Fraction:
        """Persons taken and money given, at the price."""
        return self.given.relocated + (self.given.paid + self.given.measures) / self.price

    @property
    def shortfall(self) -> Fraction:
        """What a state that does not refuse still owes."""
        return max(self._open, Fraction(0))

    @property
    def surplus(self) -> Fraction:
        """What it gives beyond its obligation."""
        return max(-self._open, Fraction(0))

    @property
    def met(self) -> bool:
        """Whether the obligation is reached."""
        return self.refused == 0 and self.shortfall == 0

    @property
    def _open(self) -> Fraction:
        return self.standing.obligation - self.refused - self.offset - self.delivered


@dataclass(frozen=True)
class WaterfallStep:
    """A step down from the reference number: the change and what is left, in person equivalents."""

    step: str
    change: Fraction
    left: Fraction


def account(standing: Standing, given: Given, price: Fraction) -> Account:
    """The account of a state; one that refuses gives nothing, none offsets more than it owes."""
    if given.offset > standing.obligation:
        raise OffsetAboveObligation(state=standing.code, offset=given.offset, obligation=standing.obligation)
    return Account(standing, Given() if standing.refuses else given, price)


def waterfall(accounts: Sequence[Account]) -> list[WaterfallStep]:
    """From the reference number down to what is delivered, leak by leak, and what that consists of."""
    left = Fraction(sum(account.standing.fair_share for account in accounts))
    steps = [WaterfallStep("reference", left, left)]
    for leak in LEAKS:
        lost = _sum(getattr(account, leak) for account in accounts)
        left -= lost
        steps.append(WaterfallStep(leak, -lost, left))
    surplus = _sum(account.surplus for account in accounts)
    steps.append(WaterfallStep("surplus", surplus, left + surplus))
    delivered = _sum(account.delivered for account in accounts)
    steps.append(WaterfallStep("delivered", delivered, delivered))
    relocated = _sum(account.given.relocated for account in accounts)
    return [*steps, WaterfallStep("of_which_relocated", relocated, relocated)]


def balanced(available: int, needs: Mapping[str, int], covered: Mapping[str, Fraction] | None = None) -> dict[str, int]:
    """Divide `available` persons so that the worst covered benefitting state is covered as well as can be.

    `covered` is what a state has already received, in person equivalents; who is beyond the common level gets nothing,
    none gets more than it still needs.

    >>> balanced(700, {"Z1": 700, "Z2": 300})
    {'Z1': 490, 'Z2': 210}
    """
    have = {code: Fraction(0) if covered is None else covered.get(code, Fraction(0)) for code in needs}
    level = _common_level(available, needs, have)
    wanted = {code: min(max(level * need - have[code], Fraction(0)), need - have[code]) for code, need in needs.items()}
    wanted = {code: max(amount, Fraction(0)) for code, amount in wanted.items()}
    whole = int(_sum(wanted.values()))
    return largest_remainder(whole, wanted) if whole else dict.fromkeys(needs, 0)


def _common_level(available: int, needs: Mapping[str, int], have: Mapping[str, Fraction]) -> Fraction:
    """The coverage, at most 1, up to which `available` lifts all who stand below it."""
    by_cover = sorted((code for code in needs if needs[code]), key=lambda code: (have[code] / needs[code], code))
    level, need_sum, have_sum = Fraction(0), 0, Fraction(0)
    for code in by_cover:
        if need_sum and have[code] / needs[code] >= level:
            break
        need_sum += needs[code]
        have_sum += have[code]
        level = (available + have_sum) / need_sum
    return min(level, Fraction(1))


def _sum(amounts: Iterable[int | Fraction]) -> Fraction:
    return Fraction(sum(amounts))
