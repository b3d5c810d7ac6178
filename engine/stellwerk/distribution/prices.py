"""What is a place in each municipality worth, which pairs matter, and what can no plan exceed?

The relaxed model is solved on a few pairs a family, and pairs that pay at its prices join until none does or too little
is left to win. The prices give a bound that holds for every plan, computed here in whole points over all pairs and not
taken from a solver, and tell which few pairs the whole-number model needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stellwerk.distribution.model import STEPS, Pair, Points, quota_rows, solve, state

# Pairs a family starts with: its best places, and as many drawn from all, so that not all crowd into the same few.
# Measured on 556 families x 396 places: 5 rounds on about 19,000 pairs instead of 7 on 120,000, a sixth of the time.
START_BEST = 15
START_DRAWN = 15
JOINING_PAIRS = 12  # paying pairs a family adds in a round
NEAR_OF_SETTLED = 4  # further places for a family that the relaxed plan keeps whole; more slow the search down
NEAR_OF_OPEN = 100  # places for a family that it cuts or leaves out; fewer cost about 1 % of the points
NEVER = np.int64(1) << 60  # loss of a pair that cannot be


@dataclass(frozen=True)
class Priced:
    """The bound that prices prove, what each pair loses against its family's best, and the relaxed plan."""

    bound: int
    loss: Points
    relaxed: npt.NDArray[np.float64]


def priced(gains: Points, persons: Points, quotas: Points, *, rounds: int, enough: int, seed: int) -> Priced:
    """Solve the relaxed model on a growing set of pairs, for at most `rounds` rounds.

    Ends where no pair outside pays, or where the bound is within `enough` points of the relaxed plan.
    """
    pairs = set(_first_pairs(gains, seed))
    best = _under_prices(gains, persons, quotas, {}, np.zeros(gains.shape))
    for _ in range(rounds if pairs else 0):
        answer = solve(state(gains, persons, quotas, pairs, whole=False), seed=seed)
        relaxed = np.zeros(gains.shape)
        for pair, value in answer.values.items():
            relaxed[pair] = value
        prices = {row: max(0, round(price)) for row, price in answer.prices.items()}
        found = _under_prices(gains, persons, quotas, prices, relaxed)
        best = Priced(min(found.bound, best.bound), found.loss, relaxed)
        joining = _paying(found, gains, persons, pairs)
        if not joining or best.bound - float((relaxed * gains).sum()) <= enough:
            break
        pairs |= joining
    return best


def needed_pairs(found: Priced) -> list[Pair]:
    """The pairs for the whole-number model: what the relaxed plan uses, and the places near to it in price.

    Places that lose equally much are taken in a different order by each family, so that not all crowd into the same.
    """
    families, places = found.loss.shape
    settled = found.relaxed.max(axis=1, initial=0.0) > 1 - 1e-6
    turn = (np.arange(places)[None, :] - 7 * np.arange(families)[:, None]) % max(places, 1)
    order = np.lexsort((turn, found.loss), axis=1)
    pairs = {(int(f), int(p)) for f, p in zip(*np.nonzero(found.relaxed > 1e-9), strict=True)}
    for f in range(families):
        number = NEAR_OF_SETTLED if settled[f] else NEAR_OF_OPEN
        pairs |= {(f, int(p)) for p in order[f, :number] if found.loss[f, p] < NEVER}
    return sorted(pairs)


def _under_prices(
    gains: Points,
    persons: Points,
    quotas: Points,
    prices: dict[tuple[int, int], int],
    relaxed: npt.NDArray[np.float64],
) -> Priced:
    """What prices prove: if every family took its best place and paid for it, nobody could win more in total.

    For any prices y >= 0 of the quota rows every plan wins at most
    sum_kp y_kp [q_p/k] + sum_f max(0, max_p (g_fp - sum_k [n_f/k] y_kp)).
    """
    rows = quota_rows(quotas)
    paid = np.zeros(gains.shape, dtype=np.int64)
    for step in STEPS:
        price = np.array([prices.get((step, p), 0) for p in range(len(quotas))], dtype=np.int64)
        paid += (persons // step)[:, None] * price[None, :]
    left = np.where(gains > 0, gains - paid, -NEVER)
    surplus = np.maximum(left.max(axis=1, initial=-NEVER), 0)
    bound = sum(price * rows[row] for row, price in prices.items()) + int(surplus.sum())
    loss = np.where(gains > 0, surplus[:, None] - left, NEVER)
    return Priced(bound, loss, relaxed)


def _first_pairs(gains: Points, seed: int) -> list[Pair]:
    families, places = gains.shape
    drawn = np.random.default_rng(seed).random((families, places))
    best = np.argsort(-gains, axis=1, kind="stable")[:, :START_BEST]
    others = np.argsort(np.where(gains > 0, drawn, np.inf), axis=1, kind="stable")[:, :START_DRAWN]
    return [(f, int(p)) for order in (best, others) for f, row in enumerate(order) for p in row if gains[f, p] > 0]


def _paying(found: Priced, gains: Points, persons: Points, pairs: set[Pair]) -> set[Pair]:
    """Pairs outside the model that beat what their family has inside it by more than the rounding of prices."""
    inside = np.zeros(gains.shape, dtype=np.bool_)
    for pair in pairs:
        inside[pair] = True
    if inside[gains > 0].all():
        return set()
    nearest_inside = np.where(inside, found.loss, NEVER).min(axis=1)
    paying = ~inside & (found.loss < (nearest_inside - len(STEPS) * persons)[:, None])
    order = np.argsort(np.where(paying, found.loss, NEVER), axis=1, kind="stable")[:, :JOINING_PAIRS]
    return {(f, int(p)) for f, row in enumerate(order) for p in row if paying[f, p]}
