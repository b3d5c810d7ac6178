"""One run of the rules over a register: from file to file, whole or not at all, with a record that explains it later.

Goes in: a register's file and what to read it under. Comes out: the result table and, beside it, `<result>.run.json`
with the digests of rulebook and register. Large Parquet registers pass through part by part. From the record any case
of a finished run gets its full reasons again, or one is told what has changed since.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from stellwerk import __version__
from stellwerk.casework import Casework
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import determine
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.rulebook import Rulebook
from stellwerk.register.parts import ROWS_A_PART, read_parts, row_count
from stellwerk.register.read import RegisterReading
from stellwerk.tables import check_table_suffix, whole_file, write_table, write_text

LARGE = 1_000_000  # from so many rows on, a Parquet register passes through in parts
ROWS_A_GROUP = 1 << 15  # of a Parquet result; words weigh much more in Arrow's tables than here
_RECORD = ".run.json"
_CHUNK = 1 << 20


class RunRecordDamaged(StellwerkError):
    """The record beside a result cannot be read."""


class ChangedSinceRun(StellwerkError):
    """The register or the rulebook is no longer the one of the run."""


class ResultDiffers(StellwerkError):
    """The result table does not say what the rules say of the case."""


@dataclass(frozen=True)
class Wish:
    """Under what a register is read; days are ISO dates or none."""

    on: dt.date | None = None
    reforms: tuple[str, ...] = ()
    known_on: dt.date | None = None
    rules: tuple[str, ...] | None = None
    subject: str = "case"
    engine: str = "auto"
    evidence: bool = False


@dataclass(frozen=True)
class Applied:
    """What a run did: the cases evaluated, the readings' findings, and where the record lies."""

    cases: int
    readings: tuple[RegisterReading, ...]
    notices: tuple[str, ...]  # what the engine had to tell
    record: Path

    @property
    def quarantined(self) -> int:
        """The cases that wait in quarantine."""
        return sum(reading.quarantine.height for reading in self.readings)


def apply_file(
    bench: Casework,
    register: Path,
    output: Path,
    wish: Wish,
    *,
    mapping: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Applied:
    """Apply the rules to a register's file; the result is written whole or not at all."""
    check_table_suffix(output)
    rows = row_count(register)
    notices: dict[str, None] = {}

    def tell(message: str) -> None:
        notices[message] = None

    if rows is not None and rows >= LARGE and output.suffix == ".parquet":
        cases, readings = _in_parts(bench, register, output, wish, mapping, rows, progress, tell)
    else:
        reading = bench.read_register(register, wish.subject, mapping=mapping)
        found = _said(bench, reading, wish, tell)
        write_table(found, output)
        cases, readings = found.height, (reading,)
    record = record_of(output)
    write_text(json.dumps(_record(bench, register, output, wish, mapping), indent=2, ensure_ascii=False) + "\n", record)
    return Applied(cases, readings, tuple(notices), record)


def explain_result(
    bench: Casework, result: Path, case_id: str, rules: Sequence[str] | None = None
) -> tuple[list[Determination], Rulebook]:
    """The full reasons for a case of a finished run and the rulebook they come from; they must say what it says."""
    record = _read_record(result)
    register = (result.parent / record["register"]).resolve()
    wish = _wish(record)
    if not register.exists():
        raise FileMissing(Place(register.name))
    if digest_of(register) != record["register_digest"]:
        raise ChangedSinceRun(what=register.name, result=result.name)
    book = bench.rulebook(wish.reforms, wish.known_on)
    if book.hash != record["rulebook"]:
        raise ChangedSinceRun(what="rules/, params/law/", result=result.name)
    mapping = result.parent / record["mapping"] if record["mapping"] else None
    reading = _holding(bench, register, wish.subject, mapping, case_id)
    case, children = bench.one_case(reading.clean, reading.children, case_id, wish.subject)
    whole = next(cases_with_rows(case, children, bench.id_of(wish.subject)))
    chosen = bench.rules_of(wish.subject, rules or wish.rules, book)
    found = [determine(book, rule, whole, wish.on) for rule in chosen]
    _check_against(result, bench.id_of(wish.subject), case_id, found)
    return found, book


def has_record(result: Path) -> bool:
    """Whether a file is the result of a run."""
    return record_of(result).is_file()


def record_of(result: Path) -> Path:
    """Where the record of a result lies."""
    return result.with_name(result.name + _RECORD)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files with their names."""
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.name.encode() + b"\0")
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()


def _in_parts(
    bench: Casework,
    register: Path,
    output: Path,
    wish: Wish,
    mapping: Path | None,
    rows: int,
    progress: Callable[[int, int], None] | None,
    tell: Callable[[str], None],
) -> tuple[int, tuple[RegisterReading, ...]]:
    import pyarrow.parquet as pq  # here, because most runs need no parts

    cases, readings, writer = 0, [], None
    with whole_file(output) as draft:
        try:
            for number, reading in enumerate(_readings(bench, register, wish.subject, mapping), 1):
                found = _said(bench, reading, wish, tell)
                writer = writer or pq.ParquetWriter(draft, found.clear().to_arrow().schema)
                for rows_together in found.iter_slices(ROWS_A_GROUP):
                    writer.write_table(rows_together.to_arrow())
                cases += found.height
                readings.append(_without_cases(reading))
                if progress is not None:
                    progress(min(number * ROWS_A_PART, rows), rows)
        finally:
            if writer is not None:
                writer.close()
    return cases, tuple(readings)


def _readings(bench: Casework, register: Path, subject: str, mapping: Path | None) -> Iterator[RegisterReading]:
    called = bench.register_mapping(mapping, subject)
    return read_parts(register, bench.vocabulary, bench.direct_identifiers, subject, mapping=called)


def _without_cases(reading: RegisterReading) -> RegisterReading:
    """A reading without what makes it large: the findings stay, the clean cases were evaluated."""
    cases = replace(reading.cases, clean=reading.clean.clear())
    return replace(reading, tables={**reading.tables, reading.subject: cases})


def _said(bench: Casework, reading: RegisterReading, wish: Wish, tell: Callable[[str], None]) -> pl.DataFrame:
    return bench.determinations(
        reading.clean,
        children=reading.children,
        on=wish.on,
        reforms=wish.reforms,
        known_on=wish.known_on,
        rules=wish.rules,
        subject=wish.subject,
        engine=wish.engine,
        evidence=wish.evidence,
        tell=tell,
    )


def _record(bench: Casework, register: Path, output: Path, wish: Wish, mapping: Path | None) -> dict[str, Any]:
    return {
        "stellwerk": __version__,
        "register": os.path.relpath(register.resolve(), output.resolve().parent),
        "register_digest": digest_of(register),
        "mapping": os.path.relpath(mapping.resolve(), output.resolve().parent) if mapping else None,
        "rulebook": bench.rulebook(wish.reforms, wish.known_on).hash,
        **{name: _plain(value) for name, value in asdict(wish).items()},
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def _read_record(result: Path) -> Mapping[str, Any]:
    path = record_of(result)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunRecordDamaged(file=path.name) from error
    if not isinstance(record, dict) or not {"register", "register_digest", "rulebook", "subject"} <= set(record):
        raise RunRecordDamaged(file=path.name)
    return record


def _wish(record: Mapping[str, Any]) -> Wish:
    day = {name: dt.date.fromisoformat(record[name]) if record[name] else None for name in ("on", "known_on")}
    rules = tuple(record["rules"]) if record["rules"] is not None else None
    return Wish(day["on"], tuple(record["reforms"]), day["known_on"], rules, record["subject"], record["engine"])


def _holding(bench: Casework, register: Path, subject: str, mapping: Path | None, case_id: str) -> RegisterReading:
    """The reading of the register, or of the part of it, that holds the case."""
    if (row_count(register) or 0) < LARGE:
        return bench.read_register(register, subject, mapping=mapping)
    key = bench.id_of(subject)
    for reading in _readings(bench, register, subject, mapping):
        if (reading.clean.get_column(key).cast(pl.String) == case_id).any():
            return reading
    return reading  # the caller says that the case is not there


def _check_against(result: Path, key: str, case_id: str, found: Sequence[Determination]) -> None:
    """The result's row must say what was found; a result in Parquet can be read back exactly."""
    if result.suffix != ".parquet":
        return
    row = pl.scan_parquet(result).filter(pl.col(key).cast(pl.String) == case_id).collect()
    if row.height != 1:
        raise ResultDiffers(case=case_id, rule="", result=result.name)
    for item in found:
        meant = {"outcome": item.outcome, "met": item.met, "unknown": item.unknown}
        said = {name: f"{item.rule}.{name}" for name in meant if f"{item.rule}.{name}" in row.columns}
        if any(row.get_column(column).item() != meant[name] for name, column in said.items()):
            raise ResultDiffers(case=case_id, rule=item.rule, result=result.name)
