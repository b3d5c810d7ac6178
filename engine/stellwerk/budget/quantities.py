"""How many of what, month by month: the quantities that prices are multiplied with.

They stand in a scenario or in a plain table (columns month, quantity, group, number, source, evidence). Out come
exact numbers with their source; an unknown name, a month twice or a negative number is refused with its row.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from stellwerk.budget.months import months_between, parse_month, shown_month
from stellwerk.budget.positions import Positions
from stellwerk.budget.scenario import BudgetScenario, QuantityEntry
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.provenance import EVIDENCE_GRADES, EvidenceGrade

COLUMNS = ("month", "quantity", "group", "number", "source", "evidence")
PLACES = 6  # expected stocks are no whole persons; six places keep every line exact to the cent
_MISSING_ALLOWED = ("group",)


class QuantityColumnMissing(StellwerkError):
    """The table of quantities lacks a column."""


class QuantityTableUnreadable(StellwerkError):
    """The table of quantities is no CSV in UTF-8, or holds no rows."""


class QuantityCellWrong(StellwerkError):
    """A cell of the table of quantities cannot be read."""


class QuantityRepeated(StellwerkError):
    """The same quantity stands there twice with the same source."""


@dataclass(frozen=True)
class Quantity:
    """So many units of something in a month, and who says so."""

    month: dt.date
    name: str
    group: str
    number: Fraction
    source: str
    evidence: EvidenceGrade


@dataclass(frozen=True)
class Dated:
    """A number that holds on a day, and who says so."""

    number: Fraction
    source: str
    evidence: EvidenceGrade


def exact_number(value: float | Decimal) -> Fraction:
    """A computed number as the decimal with `PLACES` places that is nearest to it."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return Fraction(exact.quantize(Decimal(1).scaleb(-PLACES)))


def quantities_of(
    scenario: BudgetScenario, folder: Path, positions: Positions, dated: Callable[[str, dt.date], Dated]
) -> tuple[Quantity, ...]:
    """All quantities of a scenario, month by month.

    Tables lie beside it in `folder`; `dated` gives the value of a named parameter on a day.
    """
    found: list[Quantity] = []
    for entry in scenario.quantities:
        if entry.table:
            read = read_quantities(folder / entry.table, positions)
            found += [row for row in read if scenario.first_month <= row.month <= scenario.last_month]
        else:
            positions.check_group(entry.quantity, entry.group)
            found += _spread(entry, scenario, dated)
    _refuse_repeated(found)
    return tuple(found)


def read_quantities(path: Path, positions: Positions) -> tuple[Quantity, ...]:
    """The rows of a table of quantities; everything that is wrong is told, each with its row."""
    if not path.is_file():
        raise FileMissing(Place(path.name))
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            rows = csv.DictReader(source, strict=True)
            headers = [name or "" for name in rows.fieldnames or ()]
            for column in COLUMNS:
                if column not in headers:
                    raise QuantityColumnMissing(Place(path.name, 1), column=column, near=nearest(column, headers))
            numbered = [(rows.line_num, row) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise QuantityTableUnreadable(Place(path.name)) from error
    if not numbered:
        raise QuantityTableUnreadable(Place(path.name))
    found: list[Quantity] = []
    errors: list[StellwerkError] = []
    for line, row in numbered:
        try:
            found.append(_row(row, positions, Place(path.name, line)))
        except StellwerkError as error:
            errors.append(error)
    raise_all(errors)
    return tuple(found)


def _spread(entry: QuantityEntry, scenario: BudgetScenario, dated: Callable[[str, dt.date], Dated]) -> list[Quantity]:
    first = max(entry.first_month or scenario.first_month, scenario.first_month)
    last = min(entry.last_month or scenario.last_month, scenario.last_month)
    months: Sequence[dt.date] = months_between(first, last)
    if entry.in_month is not None:
        months = [month for month in months if month.month == entry.in_month]
    return [_on(entry, month, dated) for month in months]


def _on(entry: QuantityEntry, month: dt.date, dated: Callable[[str, dt.date], Dated]) -> Quantity:
    if entry.number is not None:
        return Quantity(month, entry.quantity, entry.group, Fraction(entry.number), entry.source, entry.evidence)
    found = dated(entry.parameter, month)
    source = f"{entry.parameter}: {found.source}"
    return Quantity(month, entry.quantity, entry.group, found.number, source, found.evidence)


def _row(row: Mapping[str, str | None], positions: Positions, place: Place) -> Quantity:
    cells = {column: (row[column] or "").strip() for column in COLUMNS}
    for column in COLUMNS:
        if not cells[column] and column not in _MISSING_ALLOWED:
            raise QuantityCellWrong(place, column=column, value="")
    month = parse_month(cells["month"])
    if not isinstance(month, dt.date):
        raise QuantityCellWrong(place, column="month", value=cells["month"])
    grade = next((known for known in EVIDENCE_GRADES if known == cells["evidence"]), None)
    if grade is None:
        near = nearest(cells["evidence"], EVIDENCE_GRADES)
        raise QuantityCellWrong(place, column="evidence", value=cells["evidence"], near=near)
    try:
        positions.check_group(cells["quantity"], cells["group"])
    except StellwerkError as error:
        raise type(error)(place, **error.details) from error
    number = _number(cells["number"], place)
    return Quantity(month, cells["quantity"], cells["group"], number, cells["source"], grade)


def _number(written: str, place: Place) -> Fraction:
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise QuantityCellWrong(place, column="number", value=written) from None
    if not number.is_finite() or number < 0 or Fraction(number) * 10**PLACES % 1:
        raise QuantityCellWrong(place, column="number", value=written)
    return Fraction(number)


def _refuse_repeated(quantities: Sequence[Quantity]) -> None:
    """Two entries of one source on the same month and group are a slip, not a sum."""
    seen = set()
    for row in quantities:
        key = (row.month, row.name, row.group, row.source)
        if key in seen:
            raise QuantityRepeated(what=f"{shown_month(row.month)} {row.name} {row.group}".strip())
        seen.add(key)
