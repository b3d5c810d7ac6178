"""What does an office call the tables and columns of its export, where the vocabulary does not know the words?

Reads a mapping file (YAML): for each table what it is called, which column is which attribute, and which columns are
left out. Every name in it is checked against the vocabulary before a register is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.law.vocabulary import Attribute, Vocabulary
from stellwerk.register.privacy import DirectIdentifierColumn, DirectIdentifiers
from stellwerk.register.spelling import folded, spellings_of
from stellwerk.texts import language_in_use


class UnknownTableInMapping(StellwerkError):
    """The mapping names a table that the subject does not have."""


class UnknownAttributeInMapping(StellwerkError):
    """The mapping names an attribute that the table does not have."""


class MappedTwice(StellwerkError):
    """Two columns of a mapping mean the same attribute, or a column is both mapped and left out."""


@dataclass(frozen=True)
class TableMapping:
    """What one table is called and which of its columns is which attribute."""

    called: str = ""  # empty: as in the vocabulary
    columns: Mapping[str, str] = field(default_factory=dict)  # column as written -> attribute
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisterMapping:
    """The tables of a register that are mapped, by the vocabulary's names."""

    tables: Mapping[str, TableMapping] = field(default_factory=dict)

    def of(self, table: str) -> TableMapping:
        """The mapping of a table; one that maps nothing where the file says nothing of it."""
        return self.tables.get(table, TableMapping())


class _TableEntry(documents.Document):
    called: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()


class _MappingFile(documents.Document):
    tables: dict[str, _TableEntry]


def load_mapping(path: Path, vocabulary: Vocabulary, identifiers: DirectIdentifiers, subject: str) -> RegisterMapping:
    """Read the mapping file at `path`; all its mistakes are told together."""
    data = documents.read_document(path, path.name)
    entries = documents.validated(_MappingFile, data, path.name).tables
    spellings = vocabulary.table_spellings(subject)
    names = {folded(word): table for table, words in spellings.items() for word in words}
    errors: list[StellwerkError] = []
    tables: dict[str, TableMapping] = {}
    for word, entry in entries.items():
        table = names.get(folded(word), "")
        place = Place(path.name, documents.line_of(data, ["tables", word]))
        if not table:
            errors.append(UnknownTableInMapping(place, name=word, near=nearest(word, spellings), known=list(spellings)))
            continue
        lines = {column: documents.line_of(data, ["tables", word, "columns", column]) for column in entry.columns}
        places = {column: Place(path.name, line) for column, line in lines.items()}
        attributes = attributes_of(table, vocabulary, subject)
        errors += _mistakes(entry, places, attributes, identifiers)
        words = spellings_of(attributes)
        columns = {
            column: words[folded(name)].attribute for column, name in entry.columns.items() if folded(name) in words
        }
        tables[table] = TableMapping(entry.called, columns, entry.ignore)
    raise_all(errors)
    return RegisterMapping(tables)


def attributes_of(table: str, vocabulary: Vocabulary, subject: str) -> Mapping[str, Attribute]:
    """The attributes of a register's table; a child table's rows begin with the subject's key."""
    own = vocabulary.attributes(subject)
    if table == subject:
        return own
    key = vocabulary.key(subject)
    return {key: own[key], **vocabulary.child_tables(subject)[table].attributes}


def _mistakes(
    entry: _TableEntry, places: Mapping[str, Place], attributes: Mapping[str, Attribute], identifiers: DirectIdentifiers
) -> Iterator[StellwerkError]:
    language = language_in_use()
    words = spellings_of(attributes)
    ignored = {folded(column) for column in entry.ignore}
    seen: dict[str, str] = {}
    for column, name in entry.columns.items():
        kind = identifiers.label(column, language)
        if kind:
            yield DirectIdentifierColumn(places[column], column=column, kind=kind)
        if folded(name) not in words:
            yield UnknownAttributeInMapping(places[column], name=name, near=nearest(name, attributes))
            continue
        attribute = words[folded(name)].attribute
        if attribute in seen or folded(column) in ignored:
            yield MappedTwice(places[column], first=seen.get(attribute, column), second=column, attribute=attribute)
        seen[attribute] = column
