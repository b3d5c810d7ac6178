"""When do two spellings mean the same, and when does one look like a slip of the other?

In go words from headers and cells, out come folded words (small letters and digits, umlauts written out), the
attribute that a header spells, and the known word that is at most a slip away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stellwerk.law.vocabulary import Attribute

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# One slip in a short word, two in a long one; words of three letters or fewer are too short to tell a slip from a word.
_SHORTEST_WITH_SLIP = 4
_SHORTEST_WITH_TWO_SLIPS = 8


def folded(word: str) -> str:
    """The word in small letters and digits alone, umlauts written out, accents dropped.

    >>> folded("Staatsangehörigkeit"), folded("geburts datum"), folded("azr_Nr.")
    ('staatsangehoerigkeit', 'geburtsdatum', 'azrnr')
    """
    written_out = unicodedata.normalize("NFC", word).casefold().translate(_UMLAUTS)
    return "".join(sign for sign in unicodedata.normalize("NFKD", written_out) if sign.isalnum())


@dataclass(frozen=True)
class Spelling:
    """One way to write the header of an attribute."""

    written: str
    attribute: str


def spellings_of(attributes: Mapping[str, Attribute]) -> dict[str, Spelling]:
    """Every folded spelling of a header -> attribute; names and aliases go before labels."""
    named = [Spelling(word, a.name) for a in attributes.values() for word in (a.name, *a.aliases)]
    labelled = [Spelling(word, a.name) for a in attributes.values() for word in (a.label_de, a.label_en)]
    spellings: dict[str, Spelling] = {}
    for spelling in (*named, *labelled):
        spellings.setdefault(folded(spelling.written), spelling)
    return spellings


def slip_of(word: str, known: Iterable[str]) -> str:
    """The known word from which `word` is a slip or two away, or an empty string.

    >>> slip_of("natonality", ["nationality", "sex"]), slip_of("einreiseort", ["einreise"])
    ('nationality', '')
    """
    if len(word) < _SHORTEST_WITH_SLIP:
        return ""
    allowed = 2 if len(word) >= _SHORTEST_WITH_TWO_SLIPS else 1
    near = [(slips(word, other), other) for other in sorted(set(known)) if abs(len(word) - len(other)) <= allowed]
    distance, other = min(near, default=(allowed + 1, ""))
    return other if distance <= allowed else ""


def slips(left: str, right: str) -> int:
    """How many slips of the pen lie between two words: a letter missing, added, wrong, or two letters swapped.

    >>> slips("statsu", "status"), slips("entry", "entri"), slips("a", "abc")
    (1, 1, 2)
    """
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
