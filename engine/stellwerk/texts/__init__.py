"""The one catalogue of user-facing text, German first, English beside it.

Each TOML file of this folder holds the texts of one room; a key is unique over all files. A text may hold named
places in braces (`{name}`) and optional parts in double square brackets, `[[ Meinten Sie {near}?]]`, which are
left out when a value in them is empty.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

LANGUAGES = ("de", "en")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Phrase:
    """A text of the catalogue as a part of another one, put into words in the reader's language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)


def language_in_use() -> str:
    """The reader's language: STELLWERK_LANG where it is set to a known one, else German."""
    chosen = os.environ.get("STELLWERK_LANG", "de")[:2].lower()
    return chosen if chosen in LANGUAGES else "de"


def text(key: str, language: str | None = None, /, **values: object) -> str:
    """The text of `key` with its places filled. An unknown key is a mistake in the program: KeyError."""
    spoken = language or language_in_use()
    template = catalogue()[key][spoken]

    def fill(match: re.Match[str]) -> str:
        return _shown(values[match.group(1)], spoken)

    def optional(match: re.Match[str]) -> str:
        names = _PLACEHOLDER.findall(match.group(1))
        filled = all(_shown(values.get(name, ""), spoken) for name in names)
        return _PLACEHOLDER.sub(fill, match.group(1)) if filled else ""

    return _PLACEHOLDER.sub(fill, _OPTIONAL.sub(optional, template))


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key -> language -> template."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if key in texts:
                raise KeyError(f"text {key!r} stands twice, the second time in {path.name}")
            texts[key] = entry
    return texts


def _shown(value: object, language: str) -> str:
    if isinstance(value, Phrase):
        return text(value.key, language, **value.values)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_shown(item, language) for item in value)
    return "" if value is None else str(value)
