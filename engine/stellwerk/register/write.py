"""How are a reading and a register written, whole or not at all?

In go tables, out come a folder, a workbook or a file. A folder takes the place of one that was written here before,
never of one that holds something else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import polars as pl

from stellwerk.law.vocabulary import Vocabulary
from stellwerk.register.faults import DirtyRegister, DirtyTable
from stellwerk.register.read import RegisterReading
from stellwerk.tables import (
    TABLE_SUFFIXES,
    check_table_suffix,
    whole_folder,
    write_table,
    write_text,
    write_workbook,
)

PLANTED = "planted_faults"  # beside a dirty register: which faults stand where
_CLEAN, _CLEAN_CSV, _QUARANTINE = "clean", "clean_csv", "quarantine"
_FINDINGS, _REPORT = "findings.csv", "report.json"
_PARTS_OF_A_READING = frozenset({_CLEAN, _CLEAN_CSV, _QUARANTINE, _FINDINGS, _REPORT})


def file_names(vocabulary: Vocabulary, subject: str) -> dict[str, str]:
    """What each table of a register is called where it is written: its first alias for cases, else its name."""
    own = vocabulary.table_spellings(subject)[subject]
    return {subject: own[1] if len(own) > 1 else subject, **{name: name for name in vocabulary.child_tables(subject)}}


def write_reading(reading: RegisterReading, folder: Path, names: Mapping[str, str]) -> None:
    """Write a folder with clean rows, quarantined rows, findings and report.

    `clean/` holds a Parquet file a table and can be read as a register again, `clean_csv/` the same for people;
    `quarantine/` the rows held back as they stand in the file; `findings.csv` says of every one what is wrong where.
    """
    with whole_folder(folder, _PARTS_OF_A_READING.__contains__) as draft:
        for part in (_CLEAN, _CLEAN_CSV, _QUARANTINE):
            (draft / part).mkdir()
        for table, found in reading.tables.items():
            write_table(found.clean, draft / _CLEAN / f"{names[table]}.parquet")
            write_table(found.clean, draft / _CLEAN_CSV / f"{names[table]}.csv")
            write_table(found.quarantine, draft / _QUARANTINE / f"{names[table]}.csv")
        write_table(reading.findings, draft / _FINDINGS)
        write_text(json.dumps(asdict(reading.report), ensure_ascii=False, indent=2) + "\n", draft / _REPORT)


def holds_child_tables(target: Path) -> bool:
    """Whether a register written to `target` can hold child tables; an ending that is none is refused."""
    if not target.is_dir() and target.suffix:
        check_table_suffix(target)
    return target.is_dir() or target.suffix in ("", ".xlsx")


def write_register(tables: Mapping[str, pl.DataFrame], target: Path, names: Mapping[str, str]) -> None:
    """Write a register: a workbook with a sheet a table (.xlsx), or a folder with a Parquet file a table."""
    called = {names[table]: frame for table, frame in tables.items()}
    if target.suffix == ".xlsx":
        write_workbook(called, target)
        return
    with whole_folder(target, _is_table_of(names)) as draft:
        for name, frame in called.items():
            write_table(frame, draft / f"{name}.parquet")


def write_dirty_register(register: DirtyRegister, folder: Path, names: Mapping[str, str]) -> None:
    """Write a folder as an office would send it: CSV with semicolons in Windows-1252, and the list of its faults."""
    with whole_folder(folder, _is_table_of(names)) as draft:
        for table, dirty in register.tables.items():
            (draft / f"{names[table]}.csv").write_bytes(_semicolon_table(dirty).encode("cp1252"))
        write_table(register.planted, draft / f"{PLANTED}.csv")


def _semicolon_table(dirty: DirtyTable) -> str:
    page = io.StringIO()
    writer = csv.writer(page, delimiter=";")
    writer.writerow(dirty.cells.columns)
    for position, row in enumerate(dirty.cells.iter_rows()):
        writer.writerow((*row, "zu viel") if position in dirty.too_long else row)
    return page.getvalue()


def _is_table_of(names: Mapping[str, str]) -> Callable[[str], bool]:
    ours = {f"{name}{suffix}" for name in (*names.values(), PLANTED) for suffix in TABLE_SUFFIXES}
    return ours.__contains__
