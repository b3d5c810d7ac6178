"""One workbook with the data behind a brief: a sheet a table, and a first sheet that lists them.

In go the tables by name, out comes the path of the XLSX; numbers stay numbers, text never becomes a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from stellwerk.tables import write_workbook
from stellwerk.texts import text

_LONGEST = 31  # letters a sheet's name may have in a workbook
_NOT_ALLOWED = str.maketrans({sign: "_" for sign in "[]:*?/\\'"})


def write_data(data: Mapping[str, pl.DataFrame], target: Path, language: str) -> Path:
    """Write all tables of a brief into one workbook."""
    names = _sheet_names(data)
    heading = {key: text(f"workbook_{key}", language) for key in ("sheet", "file", "rows", "columns")}
    first = text("workbook_contents", language)
    contents = pl.DataFrame(
        {
            heading["sheet"]: list(names.values()),
            heading["file"]: [f"data/{name}.csv" for name in names],
            heading["rows"]: [data[name].height for name in names],
            heading["columns"]: [", ".join(data[name].columns) for name in names],
        }
    )
    write_workbook({first: contents, **{sheet: data[name] for name, sheet in names.items()}}, target)
    return target


def _sheet_names(tables: Iterable[str]) -> dict[str, str]:
    """A sheet's name for each table: allowed signs, at most 31 of them, no name twice (small and large are one)."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for table in tables:
        wanted = table.translate(_NOT_ALLOWED)[:_LONGEST]
        name, number = wanted, 2
        while name.lower() in taken:
            ending = f"~{number}"
            name, number = wanted[: _LONGEST - len(ending)] + ending, number + 1
        taken.add(name.lower())
        names[table] = name
    return names
