"""What does a register look like that a hurried office has filled in, with at least one fault of every kind?

In go the clean tables of a register and a seed, out come the same tables as text, written the German way, with faults
planted in them and a list of what stands where. Readers are tried on it; nobody is in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from stellwerk.law.vocabulary import Attribute, Vocabulary
from stellwerk.register.draws import Draws
from stellwerk.register.mapping import attributes_of
from stellwerk.register.spelling import folded, spellings_of
from stellwerk.register.understood import ORDER_OF_DATES
from stellwerk.register.values import code_spellings

_STREAM = 2  # faults draw from a stream of their own beside those of cases and child tables
_ROWS_A_ROUND = 10_000  # one fault of every kind for each so many rows of a table, and one in any case
_DAY = dt.timedelta(days=1)
_UNKNOWN_CASE = "X-0000000"
_WORDS_FOR_DATES = {
    "cell_impossible_date": "31.02.2021",
    "cell_no_date": "gestern",
    "cell_two_digit_year": "31.01.21",
    "cell_date_out_of_range": "01.01.1799",
}
FAULT_COLUMNS = {"table": pl.String, "row": pl.Int64, "column": pl.String, "fault": pl.String}


@dataclass(frozen=True)
class DirtyTable:
    """A table as text, written the German way."""

    cells: pl.DataFrame
    too_long: frozenset[int]  # positions of rows that get a cell too many


@dataclass(frozen=True)
class DirtyRegister:
    """The tables of a register with faults in them, and what was planted where."""

    tables: Mapping[str, DirtyTable]
    planted: pl.DataFrame  # table, row (the header is row 1), column, fault


@dataclass
class _Workpiece:
    """One table under the hand: its values, its cells by attribute, the rows nobody has touched."""

    name: str
    attributes: Mapping[str, Attribute]
    key: str
    values: pl.DataFrame
    cells: dict[str, list[str]]
    fresh: list[int]
    too_long: set[int] = field(default_factory=set)
    planted: list[tuple[int, str, str]] = field(default_factory=list)

    def untouched(self, *known: str) -> int | None:
        """A row nobody has touched in which these attributes are known; None where none is left."""
        for place in range(len(self.fresh) - 1, -1, -1):
            if all(self.values[name][self.fresh[place]] is not None for name in known):
                return self.fresh.pop(place)
        return None

    def plant(self, row: int, attribute: str, word: str, fault: str) -> None:
        """Write a wrong word into a cell."""
        self.cells[attribute][row] = word
        self.planted.append((row, attribute, fault))

    def append_copy(self, row: int, key: str, fault: str) -> None:
        """Append a copy of a row under another id."""
        for name, column in self.cells.items():
            column.append(key if name == self.key else column[row])
        self.planted.append((len(self.cells[self.key]) - 1, self.key, fault))


def with_faults(tables: Mapping[str, pl.DataFrame], vocabulary: Vocabulary, subject: str, seed: int) -> DirtyRegister:
    """The tables with faults of every kind that they can have; the cases are the table of `subject`."""
    draws = Draws((seed, _STREAM))
    dirty: dict[str, DirtyTable] = {}
    planted: list[tuple[str, int, str, str]] = []
    for name, frame in tables.items():
        attributes = attributes_of(name, vocabulary, subject)
        headers = _german_headers(frame.columns, attributes)
        cells = {column: _written(frame[column], attributes[column]) for column in frame.columns}
        piece = _Workpiece(name, attributes, vocabulary.key(subject), frame, cells, draws.order(frame.height).tolist())
        for _ in range(1 + frame.height // _ROWS_A_ROUND):
            _spoil_cells(piece, draws)
            _spoil_rows(piece, name == subject)
        texts = pl.DataFrame({headers[column]: words for column, words in piece.cells.items()})
        dirty[name] = DirtyTable(texts, frozenset(piece.too_long))
        planted += [(name, row + 2, headers[column] if column else "", fault) for row, column, fault in piece.planted]
    return DirtyRegister(dirty, pl.DataFrame(planted, schema=FAULT_COLUMNS, orient="row").sort("table", "row"))


def _spoil_cells(piece: _Workpiece, draws: Draws) -> None:
    """One wrong cell of every kind, each in an attribute drawn among those that can have it."""
    possible: dict[str, list[tuple[str, str]]] = {}
    for name in piece.cells:
        for fault, word in _wrong_words(piece.attributes[name]):
            possible.setdefault(fault, []).append((name, word))
    for fault, places in possible.items():
        name, word = places[int(draws.pick([1.0] * len(places), 1)[0])]
        if fault == "cell_ambiguous_number":
            _mix_ways_of_writing(piece, name)
        row = piece.untouched()
        if row is not None:
            piece.plant(row, name, word, fault)


def _mix_ways_of_writing(piece: _Workpiece, name: str) -> None:
    """Both ways of writing a decimal in one column, so that `1.234` may mean either."""
    for sign in (",", "."):
        row = piece.untouched(name)
        if row is not None:
            piece.cells[name][row] = f"{piece.values[name][row]:.2f}".replace(".", sign)


def _spoil_rows(piece: _Workpiece, is_subject: bool) -> None:
    for (first, second), fault in ORDER_OF_DATES.items():
        if first in piece.cells and second in piece.cells:
            row = piece.untouched(first, second)
            if row is not None:
                after: dt.date = piece.values[second][row] + _DAY
                piece.plant(row, first, f"{after:%d.%m.%Y}", fault)
    copies = {"row_without_identity": "", "row_twice": None} if is_subject else {
        "row_without_identity": "", "row_of_unknown_case": _UNKNOWN_CASE,
    }  # fmt: skip
    for fault, key in copies.items():
        row = piece.untouched(piece.key)
        if row is not None:
            piece.append_copy(row, piece.cells[piece.key][row] if key is None else key, fault)
    row = piece.untouched()
    if row is not None:
        piece.too_long.add(row)
        piece.planted.append((row, "", "row_of_wrong_length"))


def _wrong_words(attribute: Attribute) -> Iterator[tuple[str, str]]:
    """What can be wrong in a cell of this attribute, with a word that is."""
    kind = attribute.type.kind
    if kind == "date":
        yield from _WORDS_FOR_DATES.items()
    if kind == "bool":
        yield "cell_no_boolean", "vielleicht"
    if kind in ("enum", "code"):
        yield "cell_unknown_code", "Durcheinander"
    if kind == "integer":
        yield "cell_no_integer", "drei"
    if kind == "decimal":
        yield from {
            "cell_no_number": "halb", "cell_too_many_places": "0,1234567", "cell_ambiguous_number": "1.234",
        }.items()  # fmt: skip
    if attribute.minimum is not None:
        yield "cell_below_minimum", str(int(attribute.minimum) - 1)
    if attribute.maximum is not None:
        yield "cell_above_maximum", str(int(attribute.maximum) + 1)


def _german_headers(columns: list[str], attributes: Mapping[str, Attribute]) -> dict[str, str]:
    """The German label of each attribute where no other attribute is called so."""
    spellings = spellings_of(attributes)
    labels = {name: attributes[name].label_de for name in columns}
    return {name: word if spellings[folded(word)].attribute == name else name for name, word in labels.items()}


def _written(values: pl.Series, attribute: Attribute) -> list[str]:
    write = _writer(attribute)
    words = {value: write(value) for value in values.unique().drop_nulls().to_list()}
    return ["" if value is None else words[value] for value in values.to_list()]


def _writer(attribute: Attribute) -> Callable[[object], str]:
    """How a German office writes a value of the attribute."""
    code_list = attribute.type.code_list
    if code_list is not None:
        spellings = code_spellings(code_list)
        labels = {code.code: code.label_de for code in code_list.codes.values()}
        return lambda code: labels[str(code)] if spellings.get(folded(labels[str(code)])) == code else str(code)
    return {
        "date": lambda day: f"{day:%d.%m.%Y}",
        "bool": lambda truth: "ja" if truth else "nein",
        "decimal": lambda number: f"{number:f}".rstrip("0").rstrip(".").replace(".", ",") if number else "0",
    }.get(attribute.type.kind, str)
