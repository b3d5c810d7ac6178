"""How are the attributes drawn that nobody publishes?

In goes what `params/synthetic_register.yaml` says of an attribute, out comes its column: yes or no, one of several
values, a number along a table, each with a share that stays unknown.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl

from stellwerk.law.vocabulary import Attribute
from stellwerk.register.draws import Draws, Integers
from stellwerk.register.figures import Fact
from stellwerk.register.values import dtype_of

_HUNDREDTHS = 100  # decimals are drawn to two places


def drawn_column(fact: Fact, attribute: Attribute, age: Integers, draws: Draws) -> pl.Series:
    """The attribute's column for persons of these ages."""
    values, position = _domain(fact, attribute, age.size, draws)
    values = [*values, _typed(fact.outside, attribute), None]
    outside, unknown = len(values) - 2, len(values) - 1
    if fact.unknown:
        position = np.where(draws.chance(fact.unknown, age.size), unknown, position)
    if fact.ages is not None:
        first, last = fact.ages
        position = np.where((age >= first) & (age <= last), position, outside)
    return pl.Series(attribute.name, values, dtype=dtype_of(attribute.type)).gather(position)


def _domain(fact: Fact, attribute: Attribute, n: int, draws: Draws) -> tuple[list[object], Integers]:
    """The values that occur, and which of them each person has."""
    if fact.yes is not None:
        return [False, True], draws.chance(fact.yes, n).astype(np.int64)
    if fact.shares is not None:
        return [_typed(value, attribute) for value in fact.shares], draws.pick(list(fact.shares.values()), n)
    if fact.quantiles is not None:
        scale = _HUNDREDTHS if attribute.type.kind == "decimal" else 1
        position = np.rint(draws.quantile(fact.quantiles, n) * scale).astype(np.int64)
        highest = round(max(value for _, value in fact.quantiles) * scale)
        return [_typed(Decimal(i) / scale, attribute) for i in range(highest + 1)], position
    return [_typed(fact.same, attribute)], np.zeros(n, dtype=np.int64)


def _typed(value: object, attribute: Attribute) -> object:
    if value is None or attribute.type.kind == "bool":
        return value
    if attribute.type.kind == "integer":
        return int(str(value))
    return Decimal(str(value)) if attribute.type.kind == "decimal" else str(value)
