"""What is wrong with which rows of a table, and how is it told?

In go findings (a kind of problem and the rows that have it), out come the quarantined rows as they stand in the file,
and a list of every single finding with table, file, sheet, row, column, value and reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from stellwerk.law.vocabulary import Attribute, ChildTable
from stellwerk.register.sheets import TableSource, as_text
from stellwerk.register.values import nearest_code
from stellwerk.texts import language_in_use, text

# Where more different words than this are wrong in a column, it holds something else: no near word would help, and
# looking for one takes a second for every ten thousand.
_MOST_WORDS_WITH_NEAR = 500
FINDING_COLUMNS: dict[str, pl.DataType] = {
    "table": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class Finding:
    """A kind of problem in one column (or of whole rows) and the rows that have it."""

    key: str  # of the text that says what is wrong
    column: str  # as the file calls it; empty where the whole row is meant
    rows: pl.DataFrame  # position, raw
    attribute: Attribute | None = None
    child: ChildTable | None = None  # the table in which the reason lies, where it is another one


def finding(
    mask: pl.Series,
    cells: pl.Series,
    key: str,
    column: str,
    attribute: Attribute | None = None,
    child: ChildTable | None = None,
) -> list[Finding]:
    """The finding for the rows where `mask` is true, with what stands in their cells; none where no row has it."""
    at = mask.fill_null(False).arg_true().cast(pl.Int64)
    if not at.len():
        return []
    rows = pl.DataFrame({"position": at, "raw": as_text(cells.gather(at))})
    return [Finding(key, column, rows, attribute, child)]


def positions_of(findings: Iterable[Finding]) -> pl.Series:
    """The rows that any finding concerns, in their order."""
    empty = pl.Series("position", [], dtype=pl.Int64)
    return pl.concat([empty, *(found.rows["position"] for found in findings)]).unique().sort()


def within(found: Finding, filled: pl.Series) -> Finding:
    """The finding without the empty rows of the table."""
    kept = found.rows.filter(filled.gather(found.rows["position"]))
    return Finding(found.key, found.column, kept, found.attribute, found.child)


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many cells or rows have each kind of problem."""
    counts: dict[str, int] = {}
    for found in findings:
        counts[found.key] = counts.get(found.key, 0) + found.rows.height
    return dict(sorted(counts.items()))


def told(
    table: str, source: TableSource, first_row: int, findings: Iterable[Finding], language: str | None
) -> pl.DataFrame:
    """One line a finding and row, ordered by row."""
    parts = [
        found.rows.select(
            pl.lit(table).alias("table"),
            pl.lit(source.file.name).alias("file"),
            pl.lit(source.sheet).alias("sheet"),
            (pl.col("position") + first_row).alias("row"),
            pl.lit(found.column).alias("column"),
            pl.col("raw").alias("value"),
            _sentences(found, language).alias("reason"),
        )
        for found in findings
    ]
    return pl.concat([pl.DataFrame(schema=FINDING_COLUMNS), *parts]).sort("row", maintain_order=True)


def quarantined(lines: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """One line a quarantined row: its number, every reason, the columns concerned, and the raw cells.

    `lines` are the findings told of a table; `raw` are the cells of the rows they concern, in the same order.
    """
    rows = lines.group_by("row", maintain_order=True).agg(
        pl.col("reason").str.join("; "),
        pl.col("column").filter(pl.col("column") != "").unique(maintain_order=True).str.join(", "),
    )
    return pl.concat([rows, raw], how="horizontal")


def _sentences(found: Finding, language: str | None) -> pl.Series:
    raw, attribute = found.rows["raw"], found.attribute
    words = raw.unique()
    code_list = attribute.type.code_list if attribute and words.len() <= _MOST_WORDS_WITH_NEAR else None

    def sentence(word: str | None) -> str:
        return text(
            found.key,
            language,
            value=word,
            column=found.column,
            near=nearest_code(word, code_list) if code_list and word else "",
            minimum=attribute.minimum if attribute else None,
            maximum=attribute.maximum if attribute else None,
            table=found.child.label(language or language_in_use()) if found.child else "",
        )

    sentences = pl.Series([sentence(word) for word in words.to_list()], dtype=pl.String)
    return raw.replace_strict(words, sentences, return_dtype=pl.String)
