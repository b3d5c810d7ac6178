"""How can quotas give way to what states want, without money, so that nobody is worse off?

In go quotas and the number each state would like best, out come new numbers with the same sum: each state either gets
what it wants or is moved from its quota towards it, all by the same step (or the same part of their quota), until the
sum is right again. The step is exact; whole persons follow by largest remainders and never pass the wish.

With `D = sum q_i` and wishes t_i: where sum t_i < D, r_i = t_i for t_i >= q_i, else max(t_i, q_i - s); where
sum t_i >= D, r_i = t_i for t_i <= q_i, else min(t_i, q_i + s). Own reading of the abstract of Hagen (2024); the exact
axiom of fairness there is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from stellwerk.errors import StellwerkError

Step = Literal["equal", "proportional"]


class WishesWithoutQuotas(StellwerkError):
    """Wishes and quotas do not name the same states, or one is below zero."""


@dataclass(frozen=True)
class Adjusted:
    """The step, in persons (equal) or as a part of the quota (proportional), and the numbers it leads to."""

    step: Fraction
    exact: dict[str, Fraction]
    persons: dict[str, int]


def adjust(quotas: Mapping[str, int], wishes: Mapping[str, int], step: Step = "equal") -> Adjusted:
    """New numbers of persons with the sum of the quotas."""
    if set(quotas) != set(wishes) or min([*quotas.values(), *wishes.values()], default=0) < 0:
        raise WishesWithoutQuotas(states=sorted(set(quotas) ^ set(wishes)))
    demand, wanted = sum(quotas.values()), sum(wishes.values())
    towards_fewer = wanted < demand
    unequal = [code for code in quotas if wishes[code] != quotas[code]]
    moving = {code for code in unequal if (wishes[code] < quotas[code]) == towards_fewer}
    before = sum(quotas[code] if code in moving else wishes[code] for code in quotas)
    room = {code: Fraction(abs(quotas[code] - wishes[code])) for code in moving}
    weights = {code: Fraction(quotas[code] if step == "proportional" else 1) for code in moving}
    size, moved = _moved(abs(Fraction(before - demand)), room, weights)
    sign = -1 if towards_fewer else 1
    exact = {code: quotas[code] + sign * moved[code] if code in moving else Fraction(wishes[code]) for code in quotas}
    return Adjusted(size, exact, _whole(exact, demand))


def _moved(
    total: Fraction, room: Mapping[str, Fraction], weights: Mapping[str, Fraction]
) -> tuple[Fraction, dict[str, Fraction]]:
    """The step s with sum min(room, s * weight) = total, and how far each state moves by it.

    Who reaches the wish stops, the others go on. A state without weight moves only when all others have reached theirs:
    a quota of zero cannot grow in proportion to itself.
    """
    by_reach = sorted((code for code in room if weights[code]), key=lambda code: (room[code] / weights[code], code))
    moved = dict.fromkeys(room, Fraction(0))
    step, left, weight = Fraction(0), total, sum(weights.values(), Fraction(0))
    for position, code in enumerate(by_reach):
        step = left / weight
        if step * weights[code] <= room[code]:
            return step, moved | {other: step * weights[other] for other in by_reach[position:]}
        moved[code] = room[code]
        left -= room[code]
        weight -= weights[code]
    waiting = {code: room[code] for code in room if not weights[code]}
    if left:
        moved |= _moved(left, waiting, dict.fromkeys(waiting, Fraction(1)))[1]
    return step, moved


def _whole(exact: Mapping[str, Fraction], total: int) -> dict[str, int]:
    whole = {code: value.numerator // value.denominator for code, value in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (whole[code] - exact[code], code))
    for code in by_remainder[: total - sum(whole.values())]:
        whole[code] += 1
    return whole
