"""How does a value of the rule language become a number that the rule engine holds exactly?

In goes a value with its type, out comes a whole number of less than 2 to the 53rd. The engine knows no dates, codes or
decimals, takes text for text even where both sides are numbers, and rounds what a double cannot hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from stellwerk.law.types import DECIMAL_PLACES, Type, Value

EXACT_LIMIT = 2**53
_SCALE: int = 10**DECIMAL_PLACES


class CannotCross(Exception):
    """A value is no exact number of the size that may cross to the rule engine."""


def as_number(value: Value, kind: Type, texts: Mapping[str, int]) -> int:
    """A value as the exact number that crosses; `texts` numbers free texts.

    Days count from year 1, decimals in millionths, codes by their place in their list.
    """
    match kind.kind:
        case "date":
            number = _ordinal(value)
        case "enum" | "code":
            number = _place_in_list(value, kind)
        case "text":
            number = texts[str(value)]
        case "decimal":
            number = _millionths(value)
        case _:
            number = _whole(value)
    if abs(number) >= EXACT_LIMIT:
        raise CannotCross
    return number


def _ordinal(value: Value) -> int:
    if not isinstance(value, dt.date):
        raise CannotCross
    return value.toordinal()


def _place_in_list(value: Value, kind: Type) -> int:
    if kind.code_list is None or value not in kind.code_list.codes:
        raise CannotCross
    return kind.code_list.rank(str(value))


def _millionths(value: Value) -> int:
    if not isinstance(value, int | Decimal):
        raise CannotCross
    millionths = Fraction(value) * _SCALE
    if millionths.denominator != 1:
        raise CannotCross
    return millionths.numerator


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise CannotCross
    return int(value)


def numbered(written: Iterable[str], values: Iterable[Value | None]) -> dict[str, int]:
    """A number for each free text, those written in a rule first: the same texts, and only they, are equal."""
    held = sorted({value for value in values if isinstance(value, str)})
    return {text: number for number, text in enumerate(dict.fromkeys(chain(written, held)))}
