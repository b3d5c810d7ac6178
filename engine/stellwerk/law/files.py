"""What stands in a file of the law, parsed once however often the rulebook is read.

Goes in: a path. Comes out: its documents with their lines, for reading only. The same text reads the same, so that a
rulebook of which one file has changed is read in a fraction of the time: an editor reads it after every change.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from stellwerk import documents

_MOST = 1024  # texts kept; a checkout has a few hundred files


def read_documents(path: Path, shown: str) -> tuple[documents.Mapping, ...]:
    """All YAML documents of a file of the law. `shown` is its name for the reader."""
    return _parsed(documents.read_source(path, shown), shown)


def read_document(path: Path, shown: str) -> documents.Mapping:
    """The one mapping that the file holds."""
    return documents.the_one(read_documents(path, shown), shown)


@lru_cache(maxsize=_MOST)
def _parsed(source: str, shown: str) -> tuple[documents.Mapping, ...]:
    return tuple(documents.documents_in(source, shown))
