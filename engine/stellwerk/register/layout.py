"""Where does each table of a register stand: in a folder, a workbook, a database, or in one file alone?

In go a path, the subject and what an office calls its tables; out comes which file, sheet or database table holds the
cases and which the child tables, which are missing, and what stands there that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.law.vocabulary import Vocabulary
from stellwerk.register.mapping import RegisterMapping
from stellwerk.register.sheets import DATABASES, REGISTER_SUFFIXES, WORKBOOKS, TableSource, table_names
from stellwerk.register.spelling import folded, slip_of

_LEFT_BY_PROGRAMS = (".", "~$")  # hidden files, and what a spreadsheet program leaves while a file is open


class CaseTableMissing(StellwerkError):
    """A set of tables has none that holds the cases."""


class TableTwice(StellwerkError):
    """Two files or sheets claim to be the same table."""


class MisspeltTable(StellwerkError):
    """A file or sheet is a slip away from a table that nothing else is called."""


class MappedTableMissing(StellwerkError):
    """The mapping file says what a table is called, and nothing is called so."""


@dataclass(frozen=True)
class Layout:
    """Which table of a register stands where."""

    sources: Mapping[str, TableSource]  # the cases first, then the child tables that are there
    missing: tuple[str, ...]  # child tables that a set of tables should hold and does not
    absent: tuple[str, ...]  # child tables that one file alone cannot hold
    unasked: tuple[str, ...]  # files or sheets that are no table of the register


def layout_of(path: Path, vocabulary: Vocabulary, subject: str, mapping: RegisterMapping) -> Layout:
    """The layout of the register at `path`.

    A workbook in which no sheet is called like a table is one table alone: its first sheet.
    """
    if path.is_dir():
        found = _set_of_tables(path, _files_of(path), vocabulary, subject, mapping)
    elif path.suffix.lower() in DATABASES:
        found = _set_of_tables(path, _tables_of(path), vocabulary, subject, mapping)
    elif path.suffix.lower() in WORKBOOKS:
        found = _workbook(path, vocabulary, subject, mapping)
    else:
        found = _one_table(TableSource(path), vocabulary, subject, [])
    return found


def _one_table(source: TableSource, vocabulary: Vocabulary, subject: str, unasked: list[str]) -> Layout:
    return Layout({subject: source}, (), tuple(vocabulary.child_tables(subject)), tuple(unasked))


def _workbook(path: Path, vocabulary: Vocabulary, subject: str, mapping: RegisterMapping) -> Layout:
    sheets = _tables_of(path)
    spellings = _spellings(vocabulary, subject, mapping)
    mapped = any(mapping.of(table).called for table in spellings.values())
    if not mapped and not any(folded(sheet) in spellings for sheet in sheets):
        first, *others = sheets
        return _one_table(TableSource(path, first), vocabulary, subject, others)
    found = _set_of_tables(path, sheets, vocabulary, subject, mapping)
    if list(found.sources) == [subject]:
        return _one_table(found.sources[subject], vocabulary, subject, list(found.unasked))
    return found


def _files_of(folder: Path) -> dict[str, list[TableSource]]:
    """The files that can be tables by what they are called; two formats of one name are two."""
    found: dict[str, list[TableSource]] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in REGISTER_SUFFIXES and not file.name.startswith(_LEFT_BY_PROGRAMS):
            found.setdefault(file.stem, []).append(TableSource(file))
    return found


def _tables_of(path: Path) -> dict[str, list[TableSource]]:
    if not path.is_file():
        raise FileMissing(Place(path.as_posix()))
    return {name: [TableSource(path, name)] for name in table_names(path)}


def _spellings(vocabulary: Vocabulary, subject: str, mapping: RegisterMapping) -> dict[str, str]:
    """Every folded word for a table -> the table; what the mapping file calls a table it is called alone."""
    found: dict[str, str] = {}
    for table, words in vocabulary.table_spellings(subject).items():
        called = mapping.of(table).called
        for word in (called,) if called else words:
            found.setdefault(folded(word), table)
    return found


def _set_of_tables(
    path: Path,
    named: Mapping[str, list[TableSource]],
    vocabulary: Vocabulary,
    subject: str,
    mapping: RegisterMapping,
) -> Layout:
    place = Place(path.name)
    spellings = _spellings(vocabulary, subject, mapping)
    errors: list[StellwerkError] = []
    sources: dict[str, TableSource] = {}
    unasked: list[str] = []
    for name, places in named.items():
        table = spellings.get(folded(name))
        if table is None:
            unasked += [source.shown(path) for source in places]
            continue
        for source in places:
            if table in sources:
                first = sources[table].shown(path)
                errors.append(TableTwice(place, first=first, second=source.shown(path), table=table))
            sources.setdefault(table, source)
    unfilled = {word: table for word, table in spellings.items() if table not in sources}
    for name in named:
        near = slip_of(folded(name), unfilled) if folded(name) not in spellings else ""
        if near:
            errors.append(MisspeltTable(place, name=name, table=unfilled[near]))
    for table in dict.fromkeys(unfilled.values()):
        called = mapping.of(table).called
        if called:
            errors.append(MappedTableMissing(place, name=called, table=table, near=nearest(called, named)))
    if subject not in sources and not errors:
        words = vocabulary.table_spellings(subject)[subject]
        errors.append(CaseTableMissing(place, spellings=list(dict.fromkeys(words)), found=list(named)))
    raise_all(errors)
    order = [name for name in vocabulary.table_spellings(subject) if name in sources]
    missing = tuple(name for name in vocabulary.child_tables(subject) if name not in sources)
    return Layout({name: sources[name] for name in order}, missing, (), tuple(unasked))
