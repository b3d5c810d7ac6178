"""Which tables does a DuckDB file hold, and what stands in one of them?

In goes the file, out come names and a frame in the database's own types. The file is opened read only, and a view in
it may not reach for other files or the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def tables_of(path: Path) -> list[str]:
    """The names of the tables and views, in alphabetical order. OSError where the file is no database."""
    with _opened(path) as database:
        rows = database.execute("SELECT table_name FROM information_schema.tables ORDER BY table_name").fetchall()
    return [str(name) for (name,) in rows]


def rows_of(path: Path, table: str) -> pl.DataFrame:
    """The rows of a table. OSError where it cannot be read."""
    name = table.replace('"', '""')
    with _opened(path) as database:
        return database.execute(f'SELECT * FROM "{name}"').pl()


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb  # here, because most registers are files

    try:
        with duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"}) as database:
            yield database
    except duckdb.Error as error:
        raise OSError(str(error)) from error
