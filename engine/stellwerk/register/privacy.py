"""Which columns name a person outright and are therefore refused at the door?

Reads `rules/vocabulary/privacy/direct_identifiers.yaml`; out comes a look-up from a header's spelling to the kind of
identifier it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import documents
from stellwerk.errors import StellwerkError, shown_path
from stellwerk.register.spelling import folded, slip_of

_JOINTS = re.compile(r"[,;/&+()]|\bund\b|\band\b")
_LONG_WORD = 8  # in shorter words a slip too easily makes another word


class DirectIdentifierColumn(StellwerkError):
    """A column names persons outright."""


@dataclass(frozen=True)
class DirectIdentifiers:
    """The kinds of direct identifiers by folded spelling, each with its labels."""

    labels: Mapping[str, Mapping[str, str]]

    def label(self, header: str, language: str) -> str:
        """What a header identifies a person by, or an empty string where it does not.

        Headers that join several ("Name, Vorname") and slips in long words ("Nachnahme") count too: here it is better
        to ask once too often.
        """
        for part in (header, *_JOINTS.split(header)):
            word = folded(part)
            known = word if word in self.labels else ""
            if not known and len(word) >= _LONG_WORD:
                known = slip_of(word, (other for other in self.labels if len(other) >= _LONG_WORD))
            if known:
                return self.labels[known][language]
        return ""


class _Identifier(documents.Document):
    label: documents.Labels
    spellings: tuple[str, ...]


class _IdentifiersFile(documents.Document):
    direct_identifiers: dict[str, _Identifier]


def load_direct_identifiers(root: Path) -> DirectIdentifiers:
    """Read the direct identifiers of the checkout at `root`."""
    path = root / "rules" / "vocabulary" / "privacy" / "direct_identifiers.yaml"
    shown = shown_path(path, root)
    entries = documents.validated(_IdentifiersFile, documents.read_document(path, shown), shown).direct_identifiers
    return DirectIdentifiers(
        {
            folded(spelling): {"de": entry.label.de, "en": entry.label.en}
            for entry in entries.values()
            for spelling in entry.spellings
        }
    )
