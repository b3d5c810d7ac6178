"""Which column of a file is which attribute, and which headers must be refused?

In go the headers and the vocabulary, out comes the matching: attribute by column, columns that are ignored, attributes
that no column fills. A slip of the pen, two columns for one attribute, a missing required column and a column that
names persons are errors, all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.law.vocabulary import Attribute
from stellwerk.register.privacy import DirectIdentifiers
from stellwerk.register.spelling import folded, slip_of
from stellwerk.texts import language_in_use, text


class DirectIdentifierColumn(StellwerkError):
    """A column names persons outright."""


class MisspeltColumn(StellwerkError):
    """A header is a slip away from an attribute that no other column fills."""


class ColumnTwice(StellwerkError):
    """Two columns claim the same attribute."""


class RequiredColumnMissing(StellwerkError):
    """A column without which no case can be told from another is not there."""


@dataclass(frozen=True)
class Matching:
    """Which column fills which attribute."""

    columns: Mapping[str, int]  # attribute -> position of its column
    ignored: tuple[str, ...]
    absent: tuple[str, ...]


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


def match_headers(
    headers: tuple[str, ...], attributes: Mapping[str, Attribute], identifiers: DirectIdentifiers, place: Place
) -> Matching:
    """The matching of a file's headers, or every error that stands against it."""
    language = language_in_use()
    spellings = spellings_of(attributes)
    errors: list[StellwerkError] = []
    columns: dict[str, int] = {}
    unknown: list[str] = []
    for position, header in enumerate(headers):
        spelling = spellings.get(folded(header))
        if spelling is None:
            unknown.append(header or text("column_without_header", language, number=position + 1))
        elif spelling.attribute in columns:
            first = headers[columns[spelling.attribute]]
            errors.append(ColumnTwice(place, first=first, second=header, attribute=spelling.attribute))
        else:
            columns[spelling.attribute] = position
    identifying = [header for header in unknown if identifiers.label(header, language)]
    for header in identifying:
        errors.append(DirectIdentifierColumn(place, column=header, kind=identifiers.label(header, language)))
    unfilled = {word: spelling for word, spelling in spellings.items() if spelling.attribute not in columns}
    others = [header for header in unknown if header not in identifying]
    slips = {header: unfilled[near] for header in others if (near := slip_of(folded(header), unfilled))}
    for header, spelling in slips.items():
        errors.append(MisspeltColumn(place, column=header, near=spelling.written, attribute=spelling.attribute))
    meant = {spelling.attribute for spelling in slips.values()}
    for name, attribute in attributes.items():
        if attribute.required and name not in columns and name not in meant:
            near = nearest(name, others)
            errors.append(RequiredColumnMissing(place, column=name, spellings=attribute.aliases, near=near))
    raise_all(errors)
    return Matching(columns, tuple(unknown), tuple(name for name in attributes if name not in columns))
