"""Which whole numbers come closest to exact shares and still sum to the total?

In go a total and a weight for each code, out comes a whole number for each code: by the largest remainder (Hamilton)
for one division, by who would first fall a whole person behind for one of many. Weights are exact fractions, so no
result depends on a machine's rounding.
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


def first_behind(total: int, shares: Mapping[str, Fraction], owed: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide `total` by `shares` so that, with what is `owed` from before, nobody is ever a whole person off.

    Each place receives the whole persons it can claim; the rest go to those who would be the first to wait for a whole
    person if the division went on. Shares sum to one, what is owed sums to zero. As long as the shares stay the same
    and the first division began with nothing owed, every balance stays strictly between -1 and 1, which the largest
    remainder does not promise. This is scheduling by the earliest deadline, for which a schedule within one person
    always exists (Tijdeman, The chairman assignment problem, 1980).

    >>> third = Fraction(1, 3)
    >>> first_behind(1, {"a": third, "b": 2 * third}, {"a": Fraction(2, 3), "b": Fraction(-2, 3)})
    {'a': 1, 'b': 0}
    """
    if total < 0:
        raise NegativeTotal(total=total)
    claims = {code: owed[code] + share * total for code, share in shares.items()}
    whole = {code: max(0, claim.numerator // claim.denominator) for code, claim in claims.items()}
    left = total - sum(whole.values())
    if left < 0:
        return largest_remainder(total, _down_to_a_level(total, claims))
    waiting = [code for code in claims if claims[code] > whole[code]]

    def deadline(code: str) -> tuple[bool, int, Fraction, str]:
        lacking, share = whole[code] + 1 - claims[code], shares[code]
        persons = -(-lacking // share) if share else 0
        return (not share, persons, lacking, code)

    for code in sorted(waiting, key=deadline)[:left]:
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


def _down_to_a_level(total: int, claims: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Serve the largest claims first, exactly, until all served have the same claim left."""
    served, level = Fraction(0), Fraction(0)
    for count, code in enumerate(sorted(claims, key=lambda code: (-claims[code], code)), start=1):
        if count > 1 and claims[code] <= level:
            break
        served += claims[code]
        level = (served - total) / count
    return {code: max(Fraction(0), claim - level) for code, claim in claims.items()}
