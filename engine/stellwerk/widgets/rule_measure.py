"""A number of the law on a slider: in which unit it is shown, how far the slider goes, how it is written back.

Goes in: a value with the parameter it belongs to. Comes out: a `Measure`, or None for what is no number (a day, yes or
no). What a slider offers is no limit of the law; any number may be typed into a file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from stellwerk.law.calendar import MONTHS_PER_YEAR, Period
from stellwerk.law.dated import Parameter
from stellwerk.law.types import Value
from stellwerk.texts import catalogue, text

_LEAST_ROOM = 10.0  # a slider goes at least this far
_STEPS = 100  # of a slider, about, where whole steps would be too fine
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Measure:
    """How a number is shown: `shown` in `unit`, from 0 to `most` in steps of `step`."""

    shown: float
    unit: str
    most: float
    step: float
    kind: str  # year, month, day: a period; share: shown in per cent; plain: as it is

    def written(self, shown: float) -> str:
        """The number as a file says it."""
        exact = Decimal(str(shown)).normalize()
        if self.kind == "share":
            return format(exact / _HUNDRED, "f")
        if self.kind == "year" and exact != exact.to_integral_value():  # five and a half years are 66 months
            return _period((exact * MONTHS_PER_YEAR).to_integral_value(), "month")
        return format(exact, "f") if self.kind == "plain" else _period(exact, self.kind)


def measure_of(parameter: Parameter, value: Value, language: str, beside: Value | None = None) -> Measure | None:
    """How a value is shown on a slider, in a unit in which `beside` is whole too; None where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Period):
        return None
    if isinstance(value, Period):
        kind, count = _told(value, beside if isinstance(beside, Period) else value)
        return Measure(float(count), _unit(f"{kind}s", language), _room(count), 1.0, kind)
    if parameter.unit == "share":
        return Measure(float(value * _HUNDRED), "%", 100.0, 1.0, "share")
    most = 100.0 if parameter.unit == "percent" and value <= _HUNDRED else _room(value)
    return Measure(float(value), _unit(parameter.unit, language), most, _step(value, most), "plain")


def _told(period: Period, beside: Period) -> tuple[str, int]:
    """The largest unit in which both periods are whole, and how many of it the first one is; none is as good as any."""
    months, others = period.months, beside.months
    if period.days or (not months and beside.days):
        return "day", period.days
    if (months or others) and months % MONTHS_PER_YEAR == 0 and others % MONTHS_PER_YEAR == 0:
        return "year", months // MONTHS_PER_YEAR
    return ("month", months) if months or others else ("day", 0)


def _period(count: Decimal, kind: str) -> str:
    said = format(count.normalize(), "f")
    return f"{said} {kind}" if count == 1 else f"{said} {kind}s"


def _room(value: int | Decimal) -> float:
    """Twice the value, rounded up to one that reads well."""
    twice = max(float(value) * 2, _LEAST_ROOM)
    size = 10.0 ** math.floor(math.log10(twice))
    return math.ceil(twice / size * 2) / 2 * size


def _step(value: int | Decimal, most: float) -> float:
    if isinstance(value, Decimal) and value != value.to_integral_value():
        return float(10 ** int(value.normalize().as_tuple().exponent))
    if most <= _STEPS * 10:
        return 1.0
    return float(10.0 ** math.floor(math.log10(most / _STEPS)))


def _unit(unit: str, language: str) -> str:
    """The words of a unit, standing behind a number."""
    currency, _, rhythm = unit.partition(" a ")
    if rhythm:
        return text(f"prose_unit_a_{rhythm}", language, amount="€" if currency == "EUR" else currency)
    if currency == "EUR":
        return "€"
    key = f"prose_unit_{unit}"
    return text(key, language) if key in catalogue() else unit.replace("_", " ")
