"""Rules over a Parquet register of any size: from file to file with bounded memory, whole or not at all.

Goes in: a register whose columns are the vocabulary's attributes in exact types, child tables likewise, the rules.
Comes out: a Parquet result with the columns of every engine, and, where rows cannot be evaluated, a second file beside
it that says which and why. Rows keep no order; the id names them.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir
import polars as pl

from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.evaluate.engines import UnknownEngine
from stellwerk.evaluate.ibis_children import CASE, typed_rows
from stellwerk.evaluate.ibis_plan import ROW, Tables, answers, versions_read
from stellwerk.evaluate.lake import PARTS, flattened, typed_cases
from stellwerk.evaluate.lake_faults import (
    FAULT,
    Given,
    check_few_repeated,
    faulty_children,
    repeated_ids,
    with_faults,
)
from stellwerk.evaluate.lake_sessions import LakeSession, duckdb_session, spark_session
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.vocabulary import Attribute
from stellwerk.tables import whole_file, whole_folder, write_table

_SET_ASIDE = ".quarantine.parquet"
_OF_SPARK = ("part-", ".part-", "_SUCCESS", "._SUCCESS")


class NoSuchChildTable(StellwerkError):
    """A child table that the subject does not have."""


@dataclass(frozen=True)
class FileRun:
    """What a run did: the cases evaluated, those set aside, and where these lie with their reasons."""

    cases: int
    quarantined: int
    quarantine: Path | None


def apply_file(
    rulebook: Rulebook,
    register: Path,
    output: Path,
    rules: Sequence[str],
    on: dt.date | None = None,
    *,
    engine: str = "duckdb",
    children: Mapping[str, Path] | None = None,
    memory_limit: str | None = None,
    parts: Sequence[str] = PARTS,
) -> FileRun:
    """Apply rules of one subject to a Parquet register; `parts` are the columns of each rule that the result holds.

    `memory_limit` (`"4GB"`) bounds DuckDB, which puts beside the result what does not fit. Spark writes a folder.
    """
    if engine not in _SESSIONS:
        raise UnknownEngine(name=engine, near=nearest(engine, _SESSIONS), allowed=tuple(_SESSIONS))
    for file in (register, *(children or {}).values()):
        if not file.exists():
            raise FileMissing(Place(file.name))
    open_session, whole = _SESSIONS[engine]
    with ExitStack() as open_:
        draft = open_.enter_context(whole(output))
        session = open_.enter_context(open_session(output, memory_limit))
        return _Run(rulebook, session, rules, on).write(register, children or {}, draft, output, tuple(parts))


class _Run:
    """One run: the law, the engine's session, and what is read of the files."""

    def __init__(self, rulebook: Rulebook, session: LakeSession, rules: Sequence[str], on: dt.date | None) -> None:
        self.rulebook = rulebook
        self.session = session
        self.rules = rules
        self.on = on
        self.versions = versions_read(rulebook, rules)
        self.subject = self.versions[0].subject if self.versions else rulebook.rule(rules[0]).subject
        self.key = rulebook.vocabulary.key(self.subject)

    def write(
        self, register: Path, children: Mapping[str, Path], draft: Path, output: Path, parts: tuple[str, ...]
    ) -> FileRun:
        """Write the result into the draft, and beside the output which rows were set aside."""
        given, rows = self._given(register), self._given_children(children)
        told = self._told(given, rows)
        clean = told.filter(told[FAULT].isnull())
        tables = Tables(
            self.session.view("cases", typed_cases(clean, self._attributes())),
            {name: self.session.view(f"rows_{name}", self._typed(item)) for name, item in rows.items()},
            self.session.frame,
            self.session.lay_down,
            self.on,
        )
        found = flattened(answers(self.rulebook, tables, self.rules, self.session.calendar), parts)
        self.session.write(self._named(found), draft)
        aside = self.session.frame(_set_aside(told, self.key))
        return FileRun(_rows_in(draft), aside.height, _write_aside(aside, output))

    def _named(self, found: ir.Table) -> ir.Table:
        """The result with the id under its name and whole numbers in their types, which Ibis takes them to have."""
        columns = {self.key: found[CASE]}
        for name in (name for name in found.columns if name not in (ROW, CASE)):
            match name.rpartition(".")[2]:
                case "version":
                    columns[name] = found[name].cast("int32").cast("int16")
                case "met" | "unknown":
                    columns[name] = self.session.bits(found[name])
                case _:
                    columns[name] = found[name]
        return found.select(**columns)

    def _given(self, register: Path) -> Given:
        table = self.session.scan("register", register)
        read = {self.key, *(fact for version in self.versions for fact in version.facts())}
        known = self.rulebook.vocabulary.attributes(self.subject)
        given = Given(register.name, table, self.key, {name: known[name] for name in known if name in read})
        given.check_columns()
        return given

    def _given_children(self, children: Mapping[str, Path]) -> dict[str, Given]:
        forms = self.rulebook.vocabulary.child_tables(self.subject)
        for name in children:
            if name not in forms:
                raise NoSuchChildTable(name=name, near=nearest(name, forms), allowed=tuple(forms))
        read = {name for version in self.versions for name in version.tables()}
        found = {
            name: Given(path.name, self.session.scan(f"given_{name}", path), self.key, forms[name].attributes)
            for name, path in children.items()
            if name in read
        }
        for given in found.values():
            given.check_columns()
        return found

    def _told(self, given: Given, rows: Mapping[str, Given]) -> ir.Table:
        """The cases, each with what is wrong with it."""
        cases = given.table.mutate(**{CASE: given.table[self.key].cast("string")})
        repeated = self.session.frame(repeated_ids(cases))
        check_few_repeated(repeated, given.file)
        faulty = [(item, fault) for item in rows.values() if (fault := self._fault(item)) is not None]
        told = with_faults(
            cases,
            self._fault(given),
            None if repeated.is_empty() else self.session.put("repeated", repeated),
            [faulty_children(item, fault) for item, fault in faulty],
        )
        return self.session.view("told", told)

    def _fault(self, given: Given) -> ir.StringValue | None:
        (surveyed,) = self.session.frame(given.survey()).iter_rows(named=True)
        return given.fault(surveyed)

    def _typed(self, rows: Given) -> ir.Table:
        return typed_rows(rows.table, rows.key, rows.attributes)

    def _attributes(self) -> Mapping[str, Attribute]:
        return self.rulebook.vocabulary.attributes(self.subject)


def _set_aside(told: ir.Table, key: str) -> ir.Table:
    wrong = told.filter(told[FAULT].notnull())
    return wrong.select(row=wrong[ROW], reason=wrong[FAULT], **{key: wrong[CASE]})


def _write_aside(aside: pl.DataFrame, output: Path) -> Path | None:
    """Write which rows were set aside; where there are none, a list of an earlier run goes."""
    target = output.with_name(output.name + _SET_ASIDE)
    if aside.is_empty():
        target.unlink(missing_ok=True)
        return None
    write_table(aside.sort("row"), target)
    return target


def _rows_in(result: Path) -> int:
    return int(pl.scan_parquet(result).select(pl.len()).collect().item())


@contextmanager
def _duckdb_beside(output: Path, memory_limit: str | None) -> Iterator[LakeSession]:
    """DuckDB with room beside the result for what does not fit into memory."""
    with (
        tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as room,
        duckdb_session(Path(room), memory_limit) as session,
    ):
        yield session


@contextmanager
def _spark_anywhere(output: Path, memory_limit: str | None) -> Iterator[LakeSession]:
    """Spark, whose memory its own configuration bounds."""
    with spark_session() as session:
        yield session


_Opened = Callable[[Path, str | None], AbstractContextManager[LakeSession]]
_SESSIONS: Mapping[str, tuple[_Opened, Callable[[Path], AbstractContextManager[Path]]]] = {
    "duckdb": (_duckdb_beside, whole_file),
    "spark": (_spark_anywhere, lambda output: whole_folder(output, lambda name: name.startswith(_OF_SPARK))),
}
