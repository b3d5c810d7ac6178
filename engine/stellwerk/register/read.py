"""Which cases does a register hold, and which of its rows cannot be trusted?

Reads the table of cases and its child tables by the vocabulary. Out come clean rows in the vocabulary's types,
quarantined rows with their reasons, and a report; no row is dropped, no value guessed. Columns that the vocabulary
does not know are left out everywhere, the quarantine included, because they may say more about a person than a
register should.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stellwerk.errors import StellwerkError, raise_all
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.register.findings import FINDING_COLUMNS, counted, quarantined, told
from stellwerk.register.layout import Layout, layout_of
from stellwerk.register.links import linked
from stellwerk.register.mapping import RegisterMapping, attributes_of
from stellwerk.register.privacy import DirectIdentifiers
from stellwerk.register.sheets import RegisterWithoutRows, as_text
from stellwerk.register.understood import TableForm, Understood, understood_table
from stellwerk.texts import language_in_use, text


@dataclass(frozen=True)
class TableReport:
    """What was read of one table, in numbers."""

    table: str
    title: str
    file: str
    sheet: str
    rows: int
    clean: int
    quarantined: int
    empty_rows: int
    reasons: Mapping[str, int]  # kind of problem -> how many cells or rows have it
    ignored_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]  # attributes without a column: unknown in every row


@dataclass(frozen=True)
class ReadingReport:
    """What was read of a register, table by table."""

    register: str
    tables: tuple[TableReport, ...]  # the cases first
    missing_tables: tuple[str, ...]  # child tables that should be there: unknown for every case, a finding
    absent_tables: tuple[str, ...]  # child tables that one file alone cannot hold: unknown for every case
    ignored_tables: tuple[str, ...]  # files or sheets that nobody asked for


@dataclass(frozen=True)
class TableReading:
    """One table at the door: what is clean, what waits in quarantine as it stands in the file, and the report."""

    clean: pl.DataFrame
    quarantine: pl.DataFrame
    report: TableReport


@dataclass(frozen=True)
class RegisterReading:
    """A register at the door: its tables, every finding, and the report."""

    subject: str
    tables: Mapping[str, TableReading]  # the cases first, then the child tables that are there
    findings: pl.DataFrame  # one line a finding: table, file, sheet, row, column, value, reason
    report: ReadingReport

    @property
    def cases(self) -> TableReading:
        """The table of cases."""
        return self.tables[self.subject]

    @property
    def clean(self) -> pl.DataFrame:
        """The cases that can be evaluated."""
        return self.cases.clean

    @property
    def quarantine(self) -> pl.DataFrame:
        """The cases that wait in quarantine."""
        return self.cases.quarantine

    @property
    def children(self) -> dict[str, pl.DataFrame]:
        """The clean rows of the child tables that are there, each with the id of its case."""
        return {name: table.clean for name, table in self.tables.items() if name != self.subject}


def read_register(
    path: Path,
    vocabulary: Vocabulary,
    identifiers: DirectIdentifiers,
    subject: str = "case",
    *,
    mapping: RegisterMapping | None = None,
    language: str | None = None,
) -> RegisterReading:
    """Read and validate the register at `path`: a folder, a workbook, a DuckDB file, or one file of cases."""
    called = mapping or RegisterMapping()
    vocabulary.attributes(subject)  # an unknown subject is refused before anything is opened
    layout = layout_of(path, vocabulary, subject, called)
    return read_layout(path, layout, vocabulary, identifiers, subject, called, language=language)


def read_layout(
    path: Path,
    layout: Layout,
    vocabulary: Vocabulary,
    identifiers: DirectIdentifiers,
    subject: str,
    called: RegisterMapping,
    *,
    taken: frozenset[str] = frozenset(),
    language: str | None = None,
) -> RegisterReading:
    """Read and validate the tables of a layout; `taken` are ids that rows read earlier have."""
    tables = _understood_tables(layout, vocabulary, identifiers, subject, called, taken)
    cases = tables.pop(subject)
    forms = vocabulary.child_tables(subject)
    cases, children = linked(cases, tables, forms, vocabulary.key(subject))
    if not cases.filled.any():
        raise RegisterWithoutRows(cases.source.place)
    titles = _titles(vocabulary, subject, language or language_in_use())
    parts = {name: _reading(table, titles[name], language) for name, table in ({subject: cases} | children).items()}
    report = ReadingReport(
        path.name,
        tuple(reading.report for reading, _ in parts.values()),
        layout.missing,
        layout.absent,
        layout.unasked,
    )
    lacking = [_missing_table(name, titles[name], path, language) for name in layout.missing]
    findings = pl.concat([*(lines for _, lines in parts.values()), *lacking])
    return RegisterReading(subject, {name: reading for name, (reading, _) in parts.items()}, findings, report)


def _understood_tables(
    layout: Layout,
    vocabulary: Vocabulary,
    identifiers: DirectIdentifiers,
    subject: str,
    mapping: RegisterMapping,
    taken: frozenset[str],
) -> dict[str, Understood]:
    """Every table by itself; what makes one unusable is told of all together."""
    tables: dict[str, Understood] = {}
    errors: list[StellwerkError] = []
    for name, source in layout.sources.items():
        attributes = attributes_of(name, vocabulary, subject)
        own = name == subject
        form = TableForm(name, attributes, vocabulary.key(subject), own, taken if own else frozenset())
        try:
            tables[name] = understood_table(form, source, mapping.of(name), identifiers)
        except StellwerkError as error:
            errors.append(error)
    raise_all(errors)
    return tables


def _titles(vocabulary: Vocabulary, subject: str, language: str) -> dict[str, str]:
    children = vocabulary.child_tables(subject)
    own = vocabulary.words[subject].label(language) if subject in vocabulary.words else subject
    return {subject: own, **{name: table.label(language) for name, table in children.items()}}


def _reading(table: Understood, title: str, language: str | None) -> tuple[TableReading, pl.DataFrame]:
    """The reading of a table, and its findings line by line."""
    bad = table.bad()
    clean = table.values.filter(table.good())
    lines = told(table.name, table.source, table.first_row, table.findings, language)
    raw = pl.DataFrame([as_text(cells.gather(bad)) for cells in table.cells.get_columns()])
    report = TableReport(
        table=table.name,
        title=title,
        file=table.source.file.name,
        sheet=table.source.sheet,
        rows=clean.height + bad.len(),
        clean=clean.height,
        quarantined=bad.len(),
        empty_rows=table.values.height - clean.height - bad.len(),
        reasons=counted(table.findings),
        ignored_columns=table.matching.ignored,
        absent_columns=table.matching.absent,
    )
    return TableReading(clean, quarantined(lines, raw), report), lines


def _missing_table(name: str, title: str, path: Path, language: str | None) -> pl.DataFrame:
    reason = text("table_missing", language, table=title)
    line = {"table": name, "file": path.name, "sheet": "", "row": None, "column": "", "value": None, "reason": reason}
    return pl.DataFrame([line], schema=FINDING_COLUMNS)
