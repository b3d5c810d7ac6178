"""How a value of the law is written: a length of time, a number with its unit, an amount, a day.

In go the value of a parameter, its unit and what units are called, out comes one text for machines and one for the
reader; `value_table` shows all dated values of several parameters with basis and grade of evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from stellwerk import formats
from stellwerk.briefs.blocks import Column, Shown, Table, Value
from stellwerk.briefs.reforms import RulebookView
from stellwerk.documents import Labels
from stellwerk.law.calendar import Period
from stellwerk.texts import text


def law_value(value: object, unit: str, units: Mapping[str, Labels], language: str) -> Shown:
    """A value with its unit, for the reader and for machines."""
    if value is None:
        return Shown("", "–")
    if isinstance(value, Period):
        return Shown(str(value), length(value, language))
    if isinstance(value, bool):
        return Shown(str(value), text("brief_yes" if value else "brief_no", language))
    if isinstance(value, dt.date):
        return Shown(value.isoformat(), formats.date(value, language))
    if not isinstance(value, int | Decimal):
        return Shown(str(value), str(value))
    if unit.startswith("EUR"):
        return Shown(str(value), formats.euro(value, language))
    name = units[unit].in_language(language) if unit in units else unit
    return Shown(str(value), f"{formats.number(value, language, _places(value))}{formats.BREAKLESS}{name}".rstrip())


def length(period: Period, language: str) -> str:
    """A length of time in words."""
    number, unit = str(period).split()
    return formats.duration(int(number), unit.rstrip("s"), language)


def grade(evidence: str, language: str) -> Shown:
    """A grade of evidence in words."""
    return Shown(evidence, text(f"evidence_{evidence}", language)) if evidence else Shown("", "–")


def value_table(
    name: str, caption: str, law: RulebookView, parameters: Sequence[str], units: Mapping[str, Labels], language: str
) -> Table:
    """Every dated value of the parameters, in the order given, oldest first."""
    columns = (
        Column("parameter", text("brief_law_parameter", language)),
        Column("value", text("brief_law_value", language)),
        Column("from", text("brief_law_from", language), "date"),
        Column("to", text("brief_law_to", language), "date"),
        Column("basis", text("brief_law_basis", language)),
        Column("evidence", text("brief_law_evidence", language)),
        Column("note", "", on_page=False),
    )
    rows: list[tuple[Value, ...]] = []
    for parameter in (law.parameters[found] for found in parameters):
        label = Shown(parameter.id, parameter.label_de if language == "de" else parameter.label_en)
        for version in parameter.versions:
            shown = law_value(version.value, parameter.unit, units, language)
            days = (version.interval.first, version.interval.last)
            rows.append((label, shown, *days, version.basis, grade(version.evidence, language), version.note))
    return Table(name, caption, columns, tuple(rows), text("brief_law_source", language))


def _places(value: int | Decimal) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0
