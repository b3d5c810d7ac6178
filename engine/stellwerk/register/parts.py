"""A register of one Parquet file, read part by part, so that any number of cases fits.

Goes in: the file. Comes out: a reading a part, each checked like a whole register; of an id that stands twice, in one
part or in two, the first row stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from stellwerk.errors import Place
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.register.headers import match_headers
from stellwerk.register.layout import Layout
from stellwerk.register.mapping import RegisterMapping
from stellwerk.register.privacy import DirectIdentifiers
from stellwerk.register.read import RegisterReading, read_layout
from stellwerk.register.sheets import TableSource

ROWS_A_PART = 1 << 18


def row_count(path: Path) -> int | None:
    """How many rows a register has that can be read in parts; none where it is no single Parquet file."""
    if path.suffix.lower() != ".parquet" or not path.is_file():
        return None
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except pl.exceptions.PolarsError:
        return None  # the reader says what is wrong with it


def read_parts(
    path: Path,
    vocabulary: Vocabulary,
    identifiers: DirectIdentifiers,
    subject: str = "case",
    *,
    mapping: RegisterMapping | None = None,
    language: str | None = None,
) -> Iterator[RegisterReading]:
    """The readings of a Parquet file's parts, in order."""
    called = mapping or RegisterMapping()
    repeated = _repeated_ids(path, vocabulary, identifiers, subject, called)
    absent = tuple(vocabulary.child_tables(subject))
    taken: frozenset[str] = frozenset()
    for first in range(0, row_count(path) or 0, ROWS_A_PART):
        layout = Layout({subject: TableSource(path, "", first, ROWS_A_PART)}, (), absent, ())
        reading = read_layout(path, layout, vocabulary, identifiers, subject, called, taken=taken, language=language)
        yield reading
        ids = reading.clean.get_column(vocabulary.key(subject)).cast(pl.String)
        taken |= repeated & frozenset(ids.filter(ids.is_in(sorted(repeated))))


def _repeated_ids(
    path: Path, vocabulary: Vocabulary, identifiers: DirectIdentifiers, subject: str, mapping: RegisterMapping
) -> frozenset[str]:
    headers = tuple(pl.scan_parquet(path).collect_schema().names())
    attributes = vocabulary.attributes(subject)
    matching = match_headers(headers, attributes, identifiers, mapping.of(subject), Place(path.name))
    key = headers[matching.columns[vocabulary.key(subject)]]
    ids = pl.scan_parquet(path).select(pl.col(key).cast(pl.String).str.strip_chars().alias("id"))
    counted = ids.group_by("id").len().filter((pl.col("len") > 1) & pl.col("id").is_not_null())
    return frozenset(counted.select("id").collect(engine="streaming").to_series())
