"""The engines that Ibis serves, as sessions: where tables are put, how a query runs, how days are moved.

DuckDB runs in this process and forgets everything at the end; Spark runs where its configuration says, in the session
that is active, else in one of its own on this machine. What is missing to run one is said with how to get it.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import polars as pl
import pyarrow as pa

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.engines import EngineNotAvailable
from stellwerk.evaluate.ibis_calendar import DUCKDB, SPARK, Calendar
from stellwerk.evaluate.ibis_plan import ROW
from stellwerk.texts import Phrase

_ROWS_A_GROUP = 20_480  # a result of all rules has a thousand columns, and a group of rows waits in memory
_numbers = itertools.count()


class OutOfMemory(StellwerkError):
    """The engine needs more memory than it was given."""


class QueryFailed(StellwerkError):
    """The engine could not run the query."""


class LakeSession(Protocol):
    """An engine that answers queries of Ibis."""

    @property
    def calendar(self) -> Calendar:
        """How the engine moves days."""

    def bits(self, column: ir.IntegerValue) -> ir.IntegerValue:
        """Evidence bits in the widest type of whole numbers."""

    def put(self, name: str, frame: pl.DataFrame) -> ir.Table:
        """A frame as a table of the engine; codes become text."""

    def scan(self, name: str, file: Path) -> ir.Table:
        """A Parquet file as a table of the engine, with a row number."""

    def view(self, name: str, table: ir.Table) -> ir.Table:
        """A query under a name of its own, so that whoever reads it repeatedly does not repeat it."""

    def lay_down(self, table: ir.Table) -> ir.Table:
        """What a query finds, as a table that is read without running the query again."""

    def frame(self, table: ir.Table) -> pl.DataFrame:
        """What a query finds."""

    def write(self, table: ir.Table, target: Path) -> None:
        """Write what a query finds as Parquet: a file, or a folder of files where the engine writes many at once."""


@dataclass(frozen=True, eq=False)
class DuckDB:
    """DuckDB in this process, with room on a disk for what is laid down; without room it stays in memory."""

    backend: Any
    room: Path | None = None
    calendar: Calendar = DUCKDB

    def bits(self, column: ir.IntegerValue) -> ir.IntegerValue:
        """Evidence bits without a sign."""
        return column.cast("uint64")

    def put(self, name: str, frame: pl.DataFrame) -> ir.Table:
        """A frame as a table."""
        self.backend.con.register(name, _plain(frame))
        return self.backend.table(name)

    def view(self, name: str, table: ir.Table) -> ir.Table:
        """A query under a name of its own."""
        with _layers_kept():
            return self.backend.create_view(name, table)

    def lay_down(self, table: ir.Table) -> ir.Table:
        """A table in memory, or a file in the room."""
        name = f"laid_down_{next(_numbers)}"
        if self.room is None:
            with _told_by_duckdb():
                self.backend.con.execute(f"CREATE TABLE {name} AS {self._sql(table)}")
            return self.backend.table(name)
        file = self.room / f"{name}.parquet"
        self.write(table, file)
        self.backend.con.read_parquet(file.as_posix()).create_view(name)
        return self.backend.table(name)

    def frame(self, table: ir.Table) -> pl.DataFrame:
        """What a query finds."""
        with _told_by_duckdb():
            return _framed(self.backend.con.execute(self._sql(table)).to_arrow_table())

    def scan(self, name: str, file: Path) -> ir.Table:
        """A Parquet file with the number of each row."""
        self.backend.con.read_parquet(file.as_posix(), file_row_number=True).create_view(name)
        return self.backend.table(name).rename({ROW: "file_row_number"})

    def write(self, table: ir.Table, target: Path) -> None:
        """Write what a query finds as a Parquet file."""
        path = target.as_posix().replace("'", "''")
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_A_GROUP}"
        with _told_by_duckdb():
            self.backend.con.execute(f"COPY ({self._sql(table)}) TO '{path}' ({options})")

    def _sql(self, table: ir.Table) -> str:
        with _layers_kept():
            return str(self.backend.compile(table))


@dataclass(frozen=True, eq=False)
class Spark:
    """A Spark session; its views carry a number of this session, for others may use it too."""

    backend: Any
    session: Any
    number: int
    calendar: Calendar = SPARK

    def bits(self, column: ir.IntegerValue) -> ir.IntegerValue:
        """Evidence bits, for which Spark has no type without a sign; Ibis leaves out a cast that it takes for idle."""
        return column.cast("decimal(20, 0)").cast("int64")

    def put(self, name: str, frame: pl.DataFrame) -> ir.Table:
        """A frame as a table."""
        self.session.createDataFrame(_plain(frame)).createOrReplaceTempView(self._own(name))
        return self.backend.table(self._own(name))

    def view(self, name: str, table: ir.Table) -> ir.Table:
        """A query under a name of its own."""
        self.session.sql(self._sql(table)).createOrReplaceTempView(self._own(name))
        return self.backend.table(self._own(name))

    def lay_down(self, table: ir.Table) -> ir.Table:
        """The query itself: Spark joins without breaking rows into pieces."""
        return table

    def frame(self, table: ir.Table) -> pl.DataFrame:
        """What a query finds."""
        with _told_by_spark():
            return _framed(self.session.sql(self._sql(table)).toArrow())

    def scan(self, name: str, file: Path) -> ir.Table:
        """A Parquet file, or a folder of them, with a number for each row that grows from part to part."""
        numbered = self.session.read.parquet(file.as_posix()).selectExpr("*", f"monotonically_increasing_id() AS {ROW}")
        numbered.createOrReplaceTempView(self._own(name))
        return self.backend.table(self._own(name))

    def write(self, table: ir.Table, target: Path) -> None:
        """Write what a query finds as a folder of Parquet files."""
        with _told_by_spark():
            self.session.sql(self._sql(table)).write.mode("overwrite").parquet(target.as_posix())

    def _own(self, name: str) -> str:
        return f"stellwerk_{self.number}_{name}"

    def _sql(self, table: ir.Table) -> str:
        with _layers_kept():
            return str(self.backend.compile(table))


@contextmanager
def duckdb_session(room: Path | None = None, memory_limit: str | None = None) -> Iterator[DuckDB]:
    """A DuckDB of its own; what does not fit into memory goes into the room."""
    wanted = {"temp_directory": room, "memory_limit": memory_limit}
    backend = ibis.duckdb.connect(**{name: str(value) for name, value in wanted.items() if value is not None})
    backend.con.execute("SET disabled_optimizers = 'in_clause'")  # it makes a join of every list of codes
    try:
        yield DuckDB(backend, room)
    finally:
        backend.disconnect()


@contextmanager
def spark_session() -> Iterator[Spark]:
    """The Spark session that is active, else one on this machine; it stays for the next question."""
    if importlib.util.find_spec("pyspark") is None:
        raise EngineNotAvailable(engine="spark", missing="pyspark", how=Phrase("how_to_get_pyspark"))
    if not (os.environ.get("JAVA_HOME") or os.environ.get("SPARK_REMOTE") or shutil.which("java")):
        raise EngineNotAvailable(engine="spark", missing="Java", how=Phrase("how_to_get_java"))
    from pyspark.sql import SparkSession  # only where it is installed

    session = SparkSession.getActiveSession() or SparkSession.builder.config(map=_QUIET).getOrCreate()
    number = next(_numbers)
    try:
        yield Spark(ibis.pyspark.connect(session), session, number)
    finally:
        for table in session.catalog.listTables():
            if table.isTemporary and table.name.startswith(f"stellwerk_{number}_"):
                session.catalog.dropTempView(table.name)


_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}


@contextmanager
def _told_by_duckdb() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise OutOfMemory(engine="duckdb") from error
    except duckdb.Error as error:
        raise QueryFailed(engine="duckdb", reason=_first_line(error)) from error


@contextmanager
def _told_by_spark() -> Iterator[None]:
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise QueryFailed(engine="spark", reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@contextmanager
def _layers_kept() -> Iterator[None]:
    """Let Ibis write one select for each layer: merged ones would repeat whatever several expressions share."""
    usual = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = usual


def _plain(frame: pl.DataFrame) -> pa.Table:
    """The frame with codes as text, which is how a query reads them."""
    coded = [name for name, kind in frame.schema.items() if kind in (pl.Enum, pl.Categorical)]
    return frame.with_columns(pl.col(coded).cast(pl.String)).to_arrow(compat_level=pl.CompatLevel.oldest())


def _framed(table: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found
