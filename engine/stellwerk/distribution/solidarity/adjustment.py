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
    moving = {
        code for code in quotas if (wishes[code] < quotas[code]) == towards_fewer and wishes[code] != quotas[code]
    }
    settled_sum = sum(wishes[code] for code in quotas if code not in moving)
    weights = {code: Fraction(quotas[code] if step == "proportional" else 1) for code in moving}
    room = {code: Fraction(abs(quotas[code] - wishes[code])) for code in moving}
    total_step = abs(Fraction(sum(quotas[code] for code in moving) + settled_sum - demand))
    size = _step_that_moves(total_step, room, weights)
    sign = -1 if towards_fewer else 1
    exact = {
        code: quotas[code] + sign * min(room[code], size * weights[code]) if code in moving else Fraction(wishes[code])
        for code in quotas
    }
    return Adjusted(size, exact, _whole(exact, demand))


def _step_that_moves(total: Fraction, room: Mapping[str, Fraction], weights: Mapping[str, Fraction]) -> Fraction:
    """The step s with sum min(room, s * weight) = total: who reaches the wish stops, the others go on.

    Where a quota of zero would have to grow in proportion it cannot move; its room is left to nobody.
    """
    free = sorted((code for code in room if weights[code]), key=lambda code: (room[code] / weights[code], code))
    left, weight = total, sum((weights[code] for code in free), Fraction(0))
    for code in free:
        if room[code] / weights[code] * weight >= left:
            return left / weight
        left -= room[code]
        weight -= weights[code]
    return Fraction(0) if not free else room[free[-1]] / weights[free[-1]]


def _whole(exact: Mapping[str, Fraction], total: int) -> dict[str, int]:
    whole = {code: value.numerator // value.denominator for code, value in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (whole[code] - exact[code], code))
    for code in by_remainder[: total - sum(whole.values())]:
        whole[code] += 1
    return whole
