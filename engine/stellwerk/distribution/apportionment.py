"""Which whole numbers come closest to exact shares and still sum to the total?

In go a total and a weight for each code, out comes a whole number for each code: the method of the largest remainder
(Hamilton). Weights are exact fractions, so no result depends on a machine's rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from stellwerk.errors import StellwerkError


class NegativeTotal(StellwerkError):
    """A negative number of persons cannot be divided."""


class NegativeWeight(StellwerkError):
    """A place has a weight below zero."""


class NothingToDivideAmong(StellwerkError):
    """There are persons to divide, but no place has a weight above zero."""


def exact_shares(weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The weights scaled to sum to one; all zero where no weight is above zero.

    >>> exact_shares({"a": Fraction(1), "b": Fraction(3)})
    {'a': Fraction(1, 4), 'b': Fraction(3, 4)}
    """
    for code, weight in weights.items():
        if weight < 0:
            raise NegativeWeight(code=code, weight=weight)
    whole = sum(weights.values(), Fraction(0))
    return {code: Fraction(weight) / whole if whole else Fraction(0) for code, weight in weights.items()}


def largest_remainder(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide `total` by `weights`: each exact share rounded down, what is left by the largest remainders.

    Equal remainders go to the smaller code first, so the order of `weights` never matters. No persons give zeros.

    >>> largest_remainder(10, {"a": Fraction(1), "b": Fraction(1), "c": Fraction(1)})
    {'a': 4, 'b': 3, 'c': 3}
    """
    if total < 0:
        raise NegativeTotal(total=total)
    shares = exact_shares(weights)
    if total and not any(shares.values()):
        raise NothingToDivideAmong(total=total)
    exact = {code: share * total for code, share in shares.items()}
    whole = {code: amount.numerator // amount.denominator for code, amount in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (whole[code] - exact[code], code))
    for code in by_remainder[: total - sum(whole.values())]:
        whole[code] += 1
    return whole


def fill_from_the_lowest(
    total: int, shares: Mapping[str, Fraction], held: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """Give `total` to the places that hold least for their share, exactly, until all reached stand level.

    A place that already holds more than its share of the whole receives nothing; where nobody does, each place
    receives precisely what it lacks. This is "first to the lowest fulfilment" carried out in one step.

    >>> half = Fraction(1, 2)
    >>> fill_from_the_lowest(10, {"a": half, "b": half}, {"a": Fraction(0), "b": Fraction(4)})
    {'a': Fraction(7, 1), 'b': Fraction(3, 1)}
    """
    if total < 0:
        raise NegativeTotal(total=total)
    sharing = sorted((code for code in shares if shares[code]), key=lambda code: (held[code] / shares[code], code))
    if total and not sharing:
        raise NothingToDivideAmong(total=total)
    level, share_sum, held_sum = Fraction(0), Fraction(0), Fraction(0)
    for code in sharing:
        if share_sum and held[code] / shares[code] >= level:
            break
        share_sum += shares[code]
        held_sum += held[code]
        level = (total + held_sum) / share_sum
    return {code: max(Fraction(0), level * shares[code] - held[code]) for code in shares}
