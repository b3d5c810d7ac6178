"""A table of cases and its child tables as whole cases, one mapping each, as the reference reads them.

Goes in: frames in exact types. Comes out: a case at a time, its child rows as lists; no rows are an empty list, a table
that is not given is absent and so unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from stellwerk.evaluate.reference import Case, Cell


def cases_with_rows(cases: pl.DataFrame, children: Mapping[str, pl.DataFrame], key: str) -> Iterator[Case]:
    """Each case with the rows of its child tables, as the reference reads it; no rows are an empty list."""
    rows = {name: _rows_by_case(child, key) for name, child in children.items()}
    for case in cases.iter_rows(named=True):
        yield case | {name: found.get(case[key], []) for name, found in rows.items()}


def _rows_by_case(child: pl.DataFrame, key: str) -> dict[Cell, list[dict[str, Cell]]]:
    found: dict[Cell, list[dict[str, Cell]]] = {}
    for row in child.iter_rows(named=True):
        found.setdefault(row.pop(key), []).append(row)
    return found
