"""Which attributes a subject has: name, type, unit, labels, legal term and the spellings accepted in files.

Reads `rules/vocabulary/`: one file a subject, `code_lists.yaml` with the lists, `outcomes.yaml` with what a rule can
say. A code list may take its codes from a CSV of the project (countries, municipalities).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law import files
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, TEXT, Code, CodeList, Type

_PLAIN_TYPES = {str(kind): kind for kind in (BOOL, INTEGER, DECIMAL, DATE, TEXT)}


class UnknownType(StellwerkError):
    """An attribute's type is none of the language's."""


class UnknownCodeList(StellwerkError):
    """An attribute names a code list that does not exist."""


class UnknownSubject(StellwerkError):
    """A rule speaks of a subject that the vocabulary does not have."""


class ColumnMissingInTable(StellwerkError):
    """A reference table lacks a column that is needed."""


class AmbiguousName(StellwerkError):
    """Two attributes share a name or an alias."""


@dataclass(frozen=True)
class Attribute:
    """One thing a case file can say."""

    name: str
    type: Type
    label_de: str
    label_en: str
    term: str = ""
    unit: str = ""
    source_field: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def label(self, language: str) -> str:
        """The words for it."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class ChildTable:
    """A table that belongs to one subject: convictions, periods of residence, detention segments."""

    name: str
    label_de: str
    label_en: str
    attributes: Mapping[str, Attribute]
    aliases: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """The words for it."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class SubjectWords:
    """How a subject is called: its label, and what a file or sheet that holds its rows may be called."""

    label_de: str
    label_en: str
    aliases: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """The words for it."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class Outcome:
    """One thing a rule can say, with its strength (higher is stronger)."""

    name: str
    strength: int
    label_de: str
    label_en: str

    def label(self, language: str) -> str:
        """The words for it."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class Vocabulary:
    """All subjects with their attributes, all code lists and all outcomes."""

    subjects: Mapping[str, Mapping[str, Attribute]]
    code_lists: Mapping[str, CodeList]
    outcomes: Mapping[str, Outcome]
    tables: Mapping[str, Mapping[str, ChildTable]] = field(default_factory=dict)
    words: Mapping[str, SubjectWords] = field(default_factory=dict)

    @cached_property
    def outcome_type(self) -> Type:
        """The type of outcomes, for rules that read other rules' results."""
        codes = {name: Code(name, outcome.label_de, outcome.label_en) for name, outcome in self.outcomes.items()}
        return Type("enum", CodeList("outcome", codes))

    def child_tables(self, subject: str) -> Mapping[str, ChildTable]:
        """The child tables of a subject by name."""
        return self.tables.get(subject, {})

    def key(self, subject: str) -> str:
        """The attribute that names a subject's rows: the first one that is required."""
        return next(name for name, attribute in self.attributes(subject).items() if attribute.required)

    def table_spellings(self, subject: str) -> dict[str, tuple[str, ...]]:
        """The tables of a register of the subject, its own first -> what each may be called in files."""
        own = self.words.get(subject, SubjectWords(subject, subject))
        spellings = {subject: (subject, *own.aliases, own.label_de, own.label_en)}
        for name, table in self.child_tables(subject).items():
            spellings[name] = (name, *table.aliases, table.label_de, table.label_en)
        return spellings

    def attributes(self, subject: str, place: Place | None = None) -> Mapping[str, Attribute]:
        """The attributes of a subject by name."""
        if subject not in self.subjects:
            raise UnknownSubject(place, name=subject, near=nearest(subject, self.subjects))
        return self.subjects[subject]

    def spellings(self, subject: str) -> dict[str, str]:
        """Every spelling a file may use for an attribute -> the attribute's name."""
        attributes = self.attributes(subject)
        return {spelling: name for name, attribute in attributes.items() for spelling in (name, *attribute.aliases)}


class _AttributeEntry(documents.Document):
    type: str
    label: documents.Labels
    term: str = ""
    unit: str = ""
    source_field: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    min: Decimal | None = None
    max: Decimal | None = None


class _TableEntry(documents.Document):
    label: documents.Labels
    term: str = ""
    aliases: tuple[str, ...] = ()
    attributes: dict[str, _AttributeEntry]


class _SubjectFile(documents.Document):
    subject: str
    label: documents.Labels
    term: str = ""
    aliases: tuple[str, ...] = ()
    attributes: dict[str, _AttributeEntry]
    tables: dict[str, _TableEntry] = Field(default_factory=dict)


class _CodeEntry(documents.Labels):
    aliases: tuple[str, ...] = ()


class _CodeTable(documents.Document):
    file: str
    code: str
    de: str
    en: str
    aliases: tuple[str, ...] = ()


class _CodeListEntry(documents.Document):
    ordered: bool = False
    values: dict[str, _CodeEntry] = Field(default_factory=dict)
    table: _CodeTable | None = None


class _CodeListsFile(documents.Document):
    code_lists: dict[str, _CodeListEntry]


class _OutcomeEntry(documents.Labels):
    strength: int


class _OutcomesFile(documents.Document):
    outcomes: dict[str, _OutcomeEntry]


def load_vocabulary(root: Path) -> Vocabulary:
    """Read the vocabulary of the checkout at `root`."""
    folder = root / "rules" / "vocabulary"
    lists = {}
    for name, entry in _one(_CodeListsFile, folder / "code_lists.yaml", root).code_lists.items():
        lists[name] = _code_list(name, entry, root)
    outcomes = {
        name: Outcome(name, entry.strength, entry.de, entry.en)
        for name, entry in _one(_OutcomesFile, folder / "outcomes.yaml", root).outcomes.items()
    }
    subjects, tables, words = {}, {}, {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem not in ("code_lists", "outcomes"):
            subject, attributes, children, called = _subject(path, root, lists)
            subjects[subject], tables[subject], words[subject] = attributes, children, called
    return Vocabulary(subjects, lists, outcomes, tables, words)


def _one(model: type[documents.Model], path: Path, root: Path) -> documents.Model:
    shown = shown_path(path, root)
    return documents.validated(model, files.read_document(path, shown), shown)


def _subject(
    path: Path, root: Path, lists: Mapping[str, CodeList]
) -> tuple[str, Mapping[str, Attribute], Mapping[str, ChildTable], SubjectWords]:
    shown = shown_path(path, root)
    data = files.read_document(path, shown)
    entry = documents.validated(_SubjectFile, data, shown)
    attributes = _attributes(entry.attributes, data, ["attributes"], shown, lists)
    children = {
        name: ChildTable(
            name,
            table.label.de,
            table.label.en,
            _attributes(table.attributes, data, ["tables", name, "attributes"], shown, lists),
            table.aliases,
        )
        for name, table in entry.tables.items()
    }
    return entry.subject, attributes, children, SubjectWords(entry.label.de, entry.label.en, entry.aliases)


def _attributes(
    entries: Mapping[str, _AttributeEntry],
    data: documents.Mapping,
    path: list[str],
    shown: str,
    lists: Mapping[str, CodeList],
) -> dict[str, Attribute]:
    attributes: dict[str, Attribute] = {}
    taken: dict[str, str] = {}
    for name, attribute in entries.items():
        place = Place(shown, documents.line_of(data, [*path, name]))
        for spelling in {name, *attribute.aliases}:
            if taken.setdefault(spelling, name) != name:
                raise AmbiguousName(place, name=spelling, first=taken[spelling], second=name)
        attributes[name] = Attribute(
            name=name,
            type=_type(attribute.type, lists, place),
            label_de=attribute.label.de,
            label_en=attribute.label.en,
            term=attribute.term,
            unit=attribute.unit,
            source_field=attribute.source_field,
            aliases=attribute.aliases,
            required=attribute.required,
            minimum=attribute.min,
            maximum=attribute.max,
        )
    return attributes


def _type(text: str, lists: Mapping[str, CodeList], place: Place) -> Type:
    kind, _, list_name = text.partition(" ")
    if text in _PLAIN_TYPES:
        return _PLAIN_TYPES[text]
    if kind not in ("enum", "code"):
        known = [*_PLAIN_TYPES, "enum", "code"]
        raise UnknownType(place, name=text, allowed=known, near=nearest(kind, known))
    if list_name not in lists:
        raise UnknownCodeList(place, name=list_name, near=nearest(list_name, lists))
    return Type(kind, lists[list_name])


def _code_list(name: str, entry: _CodeListEntry, root: Path) -> CodeList:
    codes = {code: Code(code, value.de, value.en, value.aliases) for code, value in entry.values.items()}
    if entry.table is not None:
        codes |= {code.code: code for code in _codes_of_table(entry.table, root)}
    return CodeList(name, codes, entry.ordered)


def _codes_of_table(table: _CodeTable, root: Path) -> Iterator[Code]:
    path = root / table.file
    if not path.is_file():
        raise documents.FileMissing(Place(table.file))
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source)
        for column in (table.code, table.de, table.en, *table.aliases):
            if column not in (rows.fieldnames or ()):
                near = nearest(column, rows.fieldnames or ())
                raise ColumnMissingInTable(Place(table.file, 1), column=column, near=near)
        for row in rows:
            aliases = tuple(row[column] for column in table.aliases if row[column])
            yield Code(row[table.code], row[table.de], row[table.en], aliases)
