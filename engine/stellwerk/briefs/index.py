"""The first page of a batch: every brief with what sets it apart and its key figures, to be searched.

In go the sets of a batch with their entries or failures, out come `index.html`, which needs no network, and
`index.csv` with the same rows. Both say no time, so that the same results give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stellwerk.briefs.batch import Batch
from stellwerk.briefs.blocks import templates
from stellwerk.briefs.ledger import LedgerEntry
from stellwerk.briefs.registry import brief_kind
from stellwerk.briefs.work import Failure
from stellwerk.tables import write_table, write_text
from stellwerk.texts import catalogue, language_in_use, text

_WORDS = ("search", "shown", "title", "failed", "failed_intro", "brief", "message", "missing", "skip", "none", "data")


@dataclass(frozen=True)
class IndexEntry:
    """One row: the brief's folder, what sets it apart, and its run or what went wrong; neither if it did not run."""

    folder: str
    varied: Mapping[str, object]
    entry: LedgerEntry | None
    failure: Failure | None


def write_index(target: Path, batch: Batch, entries: Iterable[IndexEntry]) -> None:
    """Write the page and its table."""
    rows, language = list(entries), language_in_use()
    done = [row for row in rows if row.entry is not None]
    varied = list(dict.fromkeys(name for row in rows for name in row.varied))
    figures = list(dict.fromkeys(name for row in done for name in (row.entry.figures if row.entry else ())))
    kind = brief_kind(batch.brief)
    html = (
        templates()
        .get_template("batch_index.html.j2")
        .render(
            language=language,
            title=batch.title.in_language(language),
            brief=kind.title(language),
            name=batch.brief,
            columns=[kind.meaning(name, language) for name in varied],
            figures=[_figure_label(name, batch.brief, language) for name in figures],
            rows=[(row, _cells(row, varied), _figures(row, figures)) for row in done],
            failed=[(row, _cells(row, varied)) for row in rows if row.failure is not None],
            missing=sum(row.entry is None and row.failure is None for row in rows),
            words={word: text(f"index_{word}", language) for word in _WORDS},
        )
    )
    write_text(html, target)
    write_table(_table(rows, varied, figures), target.with_suffix(".csv"))


def _figure_label(name: str, brief: str, language: str) -> str:
    """A key figure's name for the reader where the catalogue of the brief has one."""
    return text(f"{brief}_number_{name}", language) if f"{brief}_number_{name}" in catalogue() else name


def _cells(row: IndexEntry, names: Sequence[str]) -> list[str]:
    return [str(row.varied.get(name, "")) for name in names]


def _figures(row: IndexEntry, names: Sequence[str]) -> list[str]:
    return [row.entry.figures.get(name, "") if row.entry else "" for name in names]


def _table(rows: Sequence[IndexEntry], varied: Sequence[str], figures: Sequence[str]) -> pl.DataFrame:
    content = [
        [row.folder, *_cells(row, varied), row.entry.title if row.entry else "", *_figures(row, figures), _state(row)]
        for row in rows
    ]
    own = {"folder", *varied, "title", "state"}  # a key figure may be called as a parameter is
    called = [f"figure_{name}" if name in own else name for name in figures]
    names = ["folder", *varied, "title", *called, "state"]
    return pl.DataFrame(content, schema=dict.fromkeys(names, pl.String), orient="row")


def _state(row: IndexEntry) -> str:
    if row.failure is not None:
        return row.failure.message
    return "done" if row.entry is not None else "missing"
