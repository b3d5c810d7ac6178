"""Which column of a file is which attribute, and which headers must be refused?

In go the headers, the vocabulary and what an office calls its columns, out comes the matching: attribute by column,
columns that are ignored, attributes that no column fills. A slip of the pen, two columns for one attribute, a missing
required column, a mapped column that is not there and a column that names persons are errors, all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.law.vocabulary import Attribute
from stellwerk.register.mapping import TableMapping
from stellwerk.register.privacy import DirectIdentifierColumn, DirectIdentifiers
from stellwerk.register.spelling import Spelling, folded, slip_of, spellings_of
from stellwerk.texts import language_in_use, text


class MisspeltColumn(StellwerkError):
    """A header is a slip away from an attribute that no other column fills."""


class ColumnTwice(StellwerkError):
    """Two columns claim the same attribute."""


class RequiredColumnMissing(StellwerkError):
    """A column without which no case can be told from another is not there."""


class MappedColumnMissing(StellwerkError):
    """The mapping file maps a column that the table does not have."""


@dataclass(frozen=True)
class Matching:
    """Which column fills which attribute."""

    columns: Mapping[str, int]  # attribute -> position of its column
    ignored: tuple[str, ...]
    absent: tuple[str, ...]


def match_headers(
    headers: tuple[str, ...],
    attributes: Mapping[str, Attribute],
    identifiers: DirectIdentifiers,
    mapping: TableMapping,
    place: Place,
) -> Matching:
    """The matching of a table's headers, or every error that stands against it."""
    spellings = _spellings(attributes, mapping)
    ignored = {folded(column) for column in mapping.ignored}
    errors: list[StellwerkError] = list(_mapped_in_vain(headers, mapping, place))
    columns: dict[str, int] = {}
    unknown: list[str] = []
    for position, header in enumerate(headers):
        spelling = spellings.get(folded(header)) if folded(header) not in ignored else None
        if spelling is None:
            unknown.append(header or text("column_without_header", number=position + 1))
        elif spelling.attribute in columns:
            first = headers[columns[spelling.attribute]]
            errors.append(ColumnTwice(place, first=first, second=header, attribute=spelling.attribute))
        else:
            columns[spelling.attribute] = position
    kinds = {header: identifiers.label(header, language_in_use()) for header in unknown}
    errors += [DirectIdentifierColumn(place, column=header, kind=kind) for header, kind in kinds.items() if kind]
    unfilled = {word: spelling for word, spelling in spellings.items() if spelling.attribute not in columns}
    others = [header for header in unknown if not kinds[header] and folded(header) not in ignored]
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


def _spellings(attributes: Mapping[str, Attribute], mapping: TableMapping) -> dict[str, Spelling]:
    """The vocabulary's spellings; an attribute that is mapped is spelled as the mapping says and no other way."""
    mapped = {folded(column): Spelling(column, attribute) for column, attribute in mapping.columns.items()}
    taken = set(mapping.columns.values())
    known = {word: spelling for word, spelling in spellings_of(attributes).items() if spelling.attribute not in taken}
    return {**known, **mapped}


def _mapped_in_vain(headers: tuple[str, ...], mapping: TableMapping, place: Place) -> Iterator[StellwerkError]:
    present = {folded(header) for header in headers}
    for column, attribute in mapping.columns.items():
        if folded(column) not in present:
            yield MappedColumnMissing(place, column=column, attribute=attribute, near=nearest(column, headers))
