"""How a number, a share, an amount of money or a day is written for German and English readers.

In goes an exact value (int, Decimal, Fraction; a float counts as the decimal it prints as) and a language, out comes
text with that language's separators. Values are rounded half away from zero, as German offices do, never half to even.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

Exact = int | Decimal | Fraction | float

LOCALES = {"de": "de_DE", "en": "en_GB"}
MINUS = "\u2212"
BREAKLESS = "\u00a0"
_EXACT = Context(prec=60)  # more digits than any total of persons or cents has
_GROUPED = {"de": ".", "en": ","}
_POINT = {"de": ",", "en": "."}
_MILLION = 1_000_000


def number(value: Exact, language: str, places: int = 0) -> str:
    """A number with the language's separators and exactly `places` decimal places."""
    rounded = exact(value, places)
    shown = format_decimal(abs(rounded), format=_pattern(places), locale=_locale(language), decimal_quantization=False)
    return f"{MINUS}{shown}" if rounded < 0 else shown


def difference(value: Exact, language: str, places: int = 0) -> str:
    """A number that always shows its sign; no change is ±0."""
    rounded = exact(value, places)
    sign = "±" if rounded == 0 else "+" if rounded > 0 else MINUS
    return sign + number(abs(rounded), language, places)


def share(value: Exact, language: str, places: int = 1) -> str:
    """A part of one as percent: 0.2107592 is 21,1 % in German and 21.1% in English."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    percent = number(value * 100, language, places)
    return f"{percent}{BREAKLESS}%" if language == "de" else f"{percent}%"


def euro(value: Exact, language: str, places: int = 0) -> str:
    """An amount of money; whole millions are written in words, since nobody counts zeros gladly."""
    rounded = exact(value, places)
    sign = MINUS if rounded < 0 else ""
    size = abs(rounded)
    if size >= _MILLION and size % (_MILLION // 10) == 0:
        size, places = size / _MILLION, 0 if size % _MILLION == 0 else 1
        million = f"{BREAKLESS}Mio." if language == "de" else f"{BREAKLESS}million"
    else:
        million = ""
    shown = number(size, language, places)
    return f"{sign}{shown}{million}{BREAKLESS}€" if language == "de" else f"{sign}€{shown}{million}"


def euro_difference(value: Exact, language: str, places: int = 0) -> str:
    """A difference of money, always with its sign."""
    rounded = exact(value, places)
    sign = "±" if rounded == 0 else "+" if rounded > 0 else MINUS
    return sign + euro(abs(rounded), language, places)


def date(value: dt.date, language: str) -> str:
    """A day in figures in German (31.12.2022), with the month's name in English (31 December 2022)."""
    return format_date(value, "dd.MM.yyyy" if language == "de" else "d MMMM yyyy", locale=_locale(language))


def month(value: dt.date, language: str) -> str:
    """The month of a day in words: Januar 2024."""
    return format_date(value, "LLLL yyyy", locale=_locale(language))


def duration(count: int, unit: str, language: str) -> str:
    """A length of time in words; `unit` is day, month or year: 24 Monate."""
    return format_unit(count, f"duration-{unit}", length="long", locale=_locale(language))


def enumeration(items: Iterable[str], language: str) -> str:
    """Several things in one sentence: A, B und C."""
    return str(format_list(list(items), locale=_locale(language)))


def exact(value: Exact, places: int = 0) -> Decimal:
    """The value as a decimal with `places` places, rounded half away from zero."""
    if isinstance(value, Fraction):
        return _rounded_fraction(value, places)
    whole = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return whole.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_EXACT)


def parse_number(shown: str, language: str) -> Decimal:
    """Read back what `number` wrote."""
    plain = shown.replace(_GROUPED[language], "").replace(_POINT[language], ".").replace(MINUS, "-")
    return Decimal(plain)


def _rounded_fraction(value: Fraction, places: int) -> Decimal:
    scaled = abs(value) * 10**places
    digits = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-digits if value < 0 else digits).scaleb(-places, context=_EXACT)


def _pattern(places: int) -> str:
    return "#,##0" + ("." + "0" * places if places else "")


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])
