"""How a single value of the rule language is written for readers, with its unit, in German or English.

Goes in: a value and what it counts. Comes out: text by the house's formats; nothing is rounded away.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from stellwerk import formats
from stellwerk.law.calendar import MONTHS_PER_YEAR, Period
from stellwerk.law.types import Value
from stellwerk.texts import catalogue, text

_CENTS = 100


def value_in_words(value: Value | None, language: str, unit: str = "") -> str:
    """A value of any type with its unit, in a language."""
    if value is None:
        return text("report_unknown", language)
    if isinstance(value, bool):
        return text("report_yes" if value else "report_no", language)
    if isinstance(value, dt.date):
        return formats.date(value, language)
    if isinstance(value, Period):
        return _period(value, language)
    if isinstance(value, int | Decimal):
        return _with_unit(value, unit, language)
    return value


def _period(period: Period, language: str) -> str:
    if period.months and period.months % MONTHS_PER_YEAR == 0:
        return formats.duration(period.months // MONTHS_PER_YEAR, "year", language)
    unit, count = ("month", period.months) if period.months else ("day", period.days)
    return formats.duration(count, unit, language)


def _with_unit(value: int | Decimal, unit: str, language: str) -> str:
    places = 0 if isinstance(value, int) else max(0, -int(value.normalize().as_tuple().exponent))
    if unit in ("days", "months", "years") and isinstance(value, int):
        return formats.duration(value, unit.removesuffix("s"), language)
    if unit == "share":
        return formats.share(value, language, max(0, places - 2))
    currency, _, rhythm = unit.partition(" a ")
    if currency in ("EUR", "cent"):
        return _money(value, currency, rhythm, language)
    shown = formats.number(value, language, places)
    key = f"prose_unit_{unit}_one" if value == 1 and f"prose_unit_{unit}_one" in catalogue() else f"prose_unit_{unit}"
    words = text(key, language) if key in catalogue() else unit.replace("_", " ")
    return f"{shown} {words}" if words else shown


def _money(value: int | Decimal, currency: str, rhythm: str, language: str) -> str:
    amount = Decimal(value) / _CENTS if currency == "cent" else Decimal(value)
    shown = formats.euro(amount, language, 0 if amount == amount.to_integral_value() else 2)
    key = f"prose_unit_a_{rhythm}"
    return text(key, language, amount=shown) if key in catalogue() else f"{shown} {rhythm}".strip()
