"""Which cases does a file hold, and which of its rows cannot be trusted?

Reads a register from CSV, XLSX or Parquet by the vocabulary. Out come clean rows in the vocabulary's types, quarantined
rows with their reasons, and a report; no row is dropped, no value guessed. Columns that the vocabulary does not know
are left out everywhere, the quarantine included, because they may say more about a person than a register should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from stellwerk.errors import Place
from stellwerk.law.vocabulary import Attribute, Vocabulary
from stellwerk.register.headers import match_headers, spellings_of
from stellwerk.register.privacy import DirectIdentifiers
from stellwerk.register.sheets import Cells, RegisterWithoutRows, as_text, read_cells
from stellwerk.register.values import nearest_code, understood
from stellwerk.tables import OutputFolderMissing, write_table, write_text
from stellwerk.texts import text

# What must not lie after what: a pair that does is a slip in one of the two dates, and nobody can say in which.
_ORDER_OF_DATES = {
    ("birth_date", "entry_date"): "row_birth_after_entry",
    ("birth_date", "application_lodged_on"): "row_application_before_birth",
}


# Where more different words than this are wrong in a column, it holds something else: no near word would help, and
# looking for one takes a second for every ten thousand.
_MOST_WORDS_WITH_NEAR = 500


@dataclass(frozen=True)
class ReadingReport:
    """What was read, in numbers."""

    file: str
    rows: int
    clean: int
    quarantined: int
    empty_rows: int
    reasons: Mapping[str, int]  # kind of problem -> how many cells or rows have it
    ignored_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]  # attributes without a column: unknown for every case


@dataclass(frozen=True)
class RegisterReading:
    """A register at the door: what is clean, what waits in quarantine, and the report."""

    clean: pl.DataFrame
    quarantine: pl.DataFrame
    report: ReadingReport


@dataclass(frozen=True)
class _Finding:
    """A kind of problem in one column (or between columns) and the rows that have it."""

    key: str
    column: str
    attribute: Attribute | None
    rows: pl.DataFrame  # position, raw


def read_register(
    path: Path,
    vocabulary: Vocabulary,
    identifiers: DirectIdentifiers,
    subject: str = "case",
    *,
    sheet: str | None = None,
    language: str | None = None,
) -> RegisterReading:
    """Read and validate the register at `path`; `sheet` names a sheet of a workbook other than the first."""
    attributes = vocabulary.attributes(subject)
    cells = read_cells(path, frozenset(spellings_of(attributes)), sheet)
    place = Place(path.name, cells.first_row - 1)
    matching = match_headers(cells.headers, attributes, identifiers, place)
    names = [name for name in attributes if name in matching.columns]
    headers = {name: cells.headers[matching.columns[name]] for name in names}
    raw = pl.DataFrame([as_text(cells.frame[f"c{matching.columns[name]}"]).rename(name) for name in names])
    filled = cells.filled_rows()
    values, findings = _findings(raw, attributes, headers, cells)
    bad = _positions(findings).filter(pl.col("position").is_in(filled.arg_true().implode()))
    order = pl.int_range(raw.height, dtype=pl.Int64, eager=True)
    clean = values.filter(filled & ~order.is_in(bad["position"].implode()))
    if clean.is_empty() and bad.is_empty():
        raise RegisterWithoutRows(Place(path.name))
    quarantine, reasons = _quarantine(raw.rename(headers), findings, bad["position"], cells.first_row, language)
    report = ReadingReport(
        file=path.name,
        rows=clean.height + quarantine.height,
        clean=clean.height,
        quarantined=quarantine.height,
        empty_rows=raw.height - clean.height - quarantine.height,
        reasons=reasons,
        ignored_columns=matching.ignored,
        absent_columns=matching.absent,
    )
    return RegisterReading(clean, quarantine, report)


def write_reading(reading: RegisterReading, folder: Path) -> None:
    """Write `clean.parquet`, `clean.csv`, `quarantine.csv` and `report.json` into an existing folder."""
    if not folder.is_dir():
        raise OutputFolderMissing(folder=folder.as_posix())
    write_table(reading.clean, folder / "clean.parquet")
    write_table(reading.clean, folder / "clean.csv")
    write_table(reading.quarantine, folder / "quarantine.csv")
    write_text(json.dumps(asdict(reading.report), ensure_ascii=False, indent=2) + "\n", folder / "report.json")


def _findings(
    raw: pl.DataFrame, attributes: Mapping[str, Attribute], headers: Mapping[str, str], cells: Cells
) -> tuple[pl.DataFrame, list[_Finding]]:
    columns = {name: understood(raw[name], attributes[name]) for name in raw.columns}
    values = pl.DataFrame([column.values for column in columns.values()])
    findings = list(_of_lengths(cells))
    for name, column in columns.items():
        findings += _of_cells(raw[name], column.problems, headers[name], attributes[name])
    for name in raw.columns:
        if attributes[name].required:
            findings += _of_identity(raw[name], values[name], headers[name], attributes[name])
    for (first, second), key in _ORDER_OF_DATES.items():
        if first in values.columns and second in values.columns:
            wrong = values.select(pl.col(first) > pl.col(second))[:, 0]
            findings += _of_mask(wrong, raw[second], key, f"{headers[first]}, {headers[second]}", None)
    return values, findings


def _of_lengths(cells: Cells) -> Iterator[_Finding]:
    if cells.wrong_length:
        rows = pl.DataFrame(
            {"position": list(cells.wrong_length), "raw": [str(n) for n in cells.wrong_length.values()]},
            schema={"position": pl.Int64, "raw": pl.String},
        )
        yield _Finding("row_of_wrong_length", "", None, rows)


def _of_cells(raw: pl.Series, problems: pl.Series, header: str, attribute: Attribute) -> Iterator[_Finding]:
    for key in sorted(problems.drop_nulls().unique().to_list()):
        yield from _of_mask(problems == key, raw, key, header, attribute)


def _of_identity(raw: pl.Series, values: pl.Series, header: str, attribute: Attribute) -> Iterator[_Finding]:
    yield from _of_mask(values.is_null(), raw, "row_without_identity", header, attribute)
    later = values.is_not_null() & ~values.is_first_distinct()
    yield from _of_mask(later, raw, "row_twice", header, attribute)


def _of_mask(mask: pl.Series, raw: pl.Series, key: str, header: str, attribute: Attribute | None) -> Iterator[_Finding]:
    positions = mask.fill_null(False).arg_true().cast(pl.Int64)
    if positions.len():
        rows = pl.DataFrame({"position": positions, "raw": raw.gather(positions)})
        yield _Finding(key, header, attribute, rows)


def _positions(findings: list[_Finding]) -> pl.DataFrame:
    empty = pl.Series("position", [], dtype=pl.Int64)
    found = pl.concat([empty, *(finding.rows["position"] for finding in findings)])
    return found.unique().sort().to_frame()


def _quarantine(
    raw: pl.DataFrame, findings: list[_Finding], bad: pl.Series, first_row: int, language: str | None
) -> tuple[pl.DataFrame, dict[str, int]]:
    """One line a quarantined row: its number, every reason, the columns concerned, and the raw cells."""
    schema = {"position": pl.Int64, "reason": pl.String, "column": pl.String}
    parts = [pl.DataFrame(schema=schema)]
    reasons: dict[str, int] = {}
    for finding in findings:
        rows = finding.rows.filter(pl.col("position").is_in(bad.implode()))
        if rows.height:
            reasons[finding.key] = reasons.get(finding.key, 0) + rows.height
            sentences = _sentences(finding, rows["raw"], language)
            parts.append(rows.select("position", reason=sentences, column=pl.lit(finding.column)))
    told = (
        pl.concat(parts)
        .group_by("position", maintain_order=True)
        .agg(
            pl.col("reason").str.join("; "),
            pl.col("column").filter(pl.col("column") != "").unique(maintain_order=True).str.join(", "),
        )
        .sort("position")
    )
    numbered = told.select(row=pl.col("position") + first_row, reason=pl.col("reason"), column=pl.col("column"))
    return pl.concat([numbered, raw[told["position"]]], how="horizontal"), dict(sorted(reasons.items()))


def _sentences(finding: _Finding, raw: pl.Series, language: str | None) -> pl.Series:
    attribute = finding.attribute
    words = raw.unique()
    code_list = attribute.type.code_list if attribute and words.len() <= _MOST_WORDS_WITH_NEAR else None

    def sentence(word: str | None) -> str:
        return text(
            finding.key,
            language,
            value=word,
            column=finding.column,
            near=nearest_code(word, code_list) if code_list and word else "",
            minimum=attribute.minimum if attribute else None,
            maximum=attribute.maximum if attribute else None,
        )

    sentences = pl.Series([sentence(word) for word in words.to_list()], dtype=pl.String)
    return raw.replace_strict(words, sentences, return_dtype=pl.String)
