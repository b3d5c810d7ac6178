"""Does a key do what it is meant to do?

In goes a weighted key with the values of its inputs, out come witnesses: a place that receives less by more of what the
key rewards, a place that loses by a correction in its favour, a richer place that carries less for its ability. No
witness means that none was found among the changes tried, and for the last two that there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from stellwerk.distribution.keys import Input, WeightedShares
from stellwerk.distribution.shares import Values, weigh

STEPS = (Fraction(101, 100), Fraction(2))  # a little more and twice as much


@dataclass(frozen=True)
class WrongWay:
    """A place whose share moves against the key's intention when one of its inputs grows."""

    input: str
    code: str
    grows_by: Fraction
    before: Fraction
    after: Fraction


@dataclass(frozen=True)
class LosesByCorrection:
    """A place better placed than the mean by an input that corrects the key, whose share the correction lowers."""

    input: str
    code: str
    value: Fraction
    mean: Fraction
    without: Fraction
    share: Fraction


@dataclass(frozen=True)
class CarriesLess:
    """A place with more ability per head than another that takes fewer persons for its ability."""

    code: str
    than: str
    burden: Fraction
    than_burden: Fraction


def wrong_way(
    key: WeightedShares, values: Values, codes: Iterable[str], redistribution: str | None = None
) -> WrongWay | None:
    """The worst case in which a place of `codes` gets less by more of an input, or more by more of an inverse one."""
    before = weigh(key, values, redistribution).shares
    worst, found = Fraction(0), None
    for name, sense in _senses(key).items():
        for code in codes:
            for step in STEPS:
                changed = {**values, name: {**values[name], code: values[name][code] * step}}
                after = weigh(key, changed, redistribution).shares[code]
                loss = (before[code] - after) * sense
                if loss > worst:
                    worst, found = loss, WrongWay(name, code, step, before[code], after)
    return found


def loses_by_correction(key: WeightedShares, values: Values) -> LosesByCorrection | None:
    """The place that loses most by a correction although its load is below the mean (Grech's test of 2017).

    A correction is an input that counts by its inverse, or a corrective; a key that consists of nothing else corrects
    nothing. The mean is weighed by the shares that the
    key gives without any correction.
    """
    worst, found = Fraction(0), None
    corrections = [*(name for name in key.weights if key.inputs[name].effect == "inverse"), *key.correctives]
    if set(key.weights) <= set(corrections):
        return None
    shares, bare = weigh(key, values).shares, weigh(_without(key, corrections), values).shares
    for name in corrections:
        without = weigh(_without(key, [name]), values).shares
        mean = sum((bare[code] * values[name][code] for code in bare), Fraction(0))
        for code, value in values[name].items():
            loss = without[code] - shares[code]
            if value < mean and loss > worst:
                worst, found = loss, LosesByCorrection(name, code, value, mean, without[code], shares[code])
    return found


def carries_less(
    shares: Mapping[str, Fraction], size: Mapping[str, Fraction], ability: Mapping[str, Fraction]
) -> CarriesLess | None:
    """The pair with the widest gap in which the place richer per head takes less for its ability, if there is one."""
    bound = [code for code in sorted(shares) if shares[code] and ability[code] and size[code]]
    burden = {code: shares[code] / ability[code] for code in bound}
    worst, found = Fraction(1), None
    for pair in combinations(bound, 2):
        poor, rich = sorted(pair, key=lambda code: (ability[code] / size[code], code))
        if ability[poor] / size[poor] == ability[rich] / size[rich]:
            continue
        gap = burden[poor] / burden[rich]
        if gap > worst:
            worst, found = gap, CarriesLess(rich, poor, burden[rich], burden[poor])
    return found


def _senses(key: WeightedShares) -> dict[str, int]:
    """Which way each weighed input and corrective should move the share: 1 for more by more, -1 for less by more."""
    weighed = {name: _sense(key.inputs[name]) for name in key.weights}
    return {**weighed, **dict.fromkeys(key.correctives, -1)}


def _sense(item: Input) -> int:
    return -1 if item.effect == "inverse" else 1


def _without(key: WeightedShares, names: Collection[str]) -> WeightedShares:
    """The key without some corrections; the weights of the others stand for the whole."""
    weights = {name: weight for name, weight in key.weights.items() if name not in names}
    correctives = {name: strength for name, strength in key.correctives.items() if name not in names}
    return key.model_copy(update={"weights": weights, "correctives": correctives})
