"""The rows of a CSV text with the characters each takes, so that one can be changed and the others stay as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One record below the header: its first line (the header's is 1), its place in the text, its cells by column."""

    line: int
    start: int
    end: int  # behind its line break
    cells: dict[str, str]


def header_of(text: str) -> list[str]:
    """The names of the columns."""
    return next(csv.reader(io.StringIO(text)), [])


def rows_of(text: str) -> list[Row]:
    """The records that have as many cells as the header; what is wrong with others, the reader of the law says."""
    header = header_of(text)
    records = (record for record in _records(text) if len(record[3]) == len(header))
    return [Row(line, start, end, dict(zip(header, cells, strict=True))) for line, start, end, cells in records]


def written_row(cells: Sequence[str]) -> str:
    """One record as it is written."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _records(text: str) -> Iterator[tuple[int, int, int, list[str]]]:
    lines = list(io.StringIO(text))
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    reader = csv.reader(lines)
    next(reader, None)
    before = reader.line_num
    for cells in reader:
        yield before + 1, starts[before], starts[reader.line_num], cells
        before = reader.line_num
