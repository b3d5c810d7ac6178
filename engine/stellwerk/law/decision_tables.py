"""A decision table kept in a CSV beside its rule: cells become conditions, one line a row.

Header cells are expressions (usually attributes) for the inputs; `decide`, `amount`, `until`, `basis` and `note` are
results. A cell is empty or `-` for any value, `yes` or `no`, a comparison, a set, or a value.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError

RESULTS = ("decide", "amount", "until", "basis", "note")
_ANY = ("", "-")
_OPERATION = re.compile(r"^(<=|>=|==|!=|<|>|in\b|not in\b)")


class TableWithoutRows(StellwerkError):
    """A decision table that decides nothing."""


class TableRowTooLong(StellwerkError):
    """A row of a decision table has more or fewer cells than its header."""


@dataclass(frozen=True)
class TableRow:
    """One row: its condition as text, its results as text."""

    condition: str
    results: dict[str, str]
    place: Place


def read_table(path: Path, shown: str) -> list[TableRow]:
    """The rows of the table in the order of the file."""
    if not path.is_file():
        raise FileMissing(Place(shown))
    with path.open(encoding="utf-8-sig", newline="") as source:
        lines = csv.reader(source)
        header = [cell.strip() for cell in next(lines, [])]
        rows = []
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            place = Place(shown, lines.line_num)
            if len(cells) != len(header):
                raise TableRowTooLong(place, found=len(cells), wanted=len(header))
            rows.append(_row(header, [cell.strip() for cell in cells], place))
    if not rows:
        raise TableWithoutRows(Place(shown))
    return rows


def _row(header: list[str], cells: list[str], place: Place) -> TableRow:
    tests = [_test(name, cell) for name, cell in zip(header, cells, strict=True) if name not in RESULTS]
    results = {name: cell for name, cell in zip(header, cells, strict=True) if name in RESULTS and cell}
    said = [test for test in tests if test]
    return TableRow(" and ".join(said) if said else "true", results, place)


def _test(expression: str, cell: str) -> str:
    if cell in _ANY:
        return ""
    if cell == "yes":
        return expression
    if cell == "no":
        return f"not {expression}"
    if cell.startswith("["):
        return f"{expression} in {cell}"
    if _OPERATION.match(cell):
        return f"{expression} {cell}"
    return f"{expression} == {cell}"
