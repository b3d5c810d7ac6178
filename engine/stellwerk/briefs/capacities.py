"""Which places does each municipality say it has, from the forms it has filled in?

Out goes an empty form (CSV that a German spreadsheet opens), in come filled ones, as CSV or XLSX, several
municipalities in one or each in its own; out comes the register of capacities, one row a municipality, which is at the
same time the table `localities.csv` of a placement folder. What is wrong in a form is told and kept out, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from stellwerk.briefs.parameters import read_day, read_whole_number
from stellwerk.documents import Document, Labels
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.texts import LANGUAGES, text

CODE, NAME, QUESTION, MEANING, ANSWER, REMARK = "code", "name", "question", "meaning", "answer", "remark"
_HEADERS = (CODE, NAME, QUESTION, MEANING, ANSWER, REMARK)
_NEEDED = (CODE, QUESTION, ANSWER)
DAY = "as_of"
PLACES, OCCUPIED = "places", "occupied"
CAPACITY, FREE = "cap_", "cap_persons"
_MIDNIGHT = " 00:00:00"  # what a spreadsheet adds to a day
_BYTE_ORDER_MARK = "\ufeff"  # by it a German spreadsheet sees that the umlauts are UTF-8


class FormColumnMissing(StellwerkError):
    """A filled form lacks one of the columns that its answers are told by."""


class FormOfUnknownPlace(StellwerkError):
    """A form speaks of a municipality that is none."""


class UnknownQuestion(StellwerkError):
    """A form answers a question that was not asked."""


class AnswerNotUnderstood(StellwerkError):
    """An answer has not the form that was asked for."""


class AnswerTwice(StellwerkError):
    """One question of one municipality has two different answers of the same day."""


class AnswersWithoutDay(StellwerkError):
    """A municipality has answered, but not said as of which day."""


class MoreOccupiedThanPlaces(StellwerkError):
    """More places are occupied than there are."""


class Question(Document):
    """One question: what it is called, what its answer is, and which service of a placement the answer limits."""

    id: str
    kind: Literal["count", "day"]
    label: Labels
    capacity: str = ""

    @property
    def column(self) -> str:
        """The column of the register that holds its answers."""
        return CAPACITY + self.capacity if self.capacity else self.id


@dataclass(frozen=True)
class Capacities:
    """The register of capacities, one row a municipality, and what was wrong in the forms."""

    table: pl.DataFrame
    findings: tuple[StellwerkError, ...]


def empty_form(code: str, name: str, questions: Sequence[Question], language: str) -> str:
    """The form of one municipality as CSV."""
    headers = [text(f"capacity_form_{column}", language) for column in _HEADERS]
    kinds = {kind: text(f"capacity_form_answer_{kind}", language) for kind in ("count", "day")}
    rows = [
        [code, name, question.id, f"{question.label.in_language(language)} ({kinds[question.kind]})", "", ""]
        for question in questions
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headers, pl.String), orient="row")
    return _BYTE_ORDER_MARK + frame.write_csv(separator=";", quote_style="non_numeric")


def read_forms(files: Iterable[Path], questions: Sequence[Question], names: Mapping[str, str]) -> Capacities:
    """The register out of filled forms; a municipality with a finding stays out until it is settled."""
    asked = {question.id: question for question in questions}
    given: dict[str, dict[str, tuple[Place, object]]] = {}
    findings: list[StellwerkError] = []
    spoiled: set[str] = set()
    for file in files:
        for place, code, question, written in _rows(file):
            try:
                known = _known(code, names, place)
                value = _answer(_question(question, asked, place), written, place)
                if value is not None:
                    _put(given.setdefault(known, {}), known, question, (place, value))
            except StellwerkError as finding:
                findings.append(finding)
                spoiled.add(_as_key(code))
    rows = []
    for code, answers in sorted(given.items()):
        found = _disagreement(code, answers)
        findings.extend(found)
        if not found and code not in spoiled:
            rows.append(_row(code, names[code], {name: value for name, (_, value) in answers.items()}, questions))
    return Capacities(_table(rows, questions), tuple(findings))


def read_capacities(path: Path, questions: Sequence[Question]) -> pl.DataFrame:
    """The register of capacities as it was written; what is not answered is empty."""
    from stellwerk.register.sheets import TableSource, as_text, read_cells

    wanted = _schema(questions)
    cells = read_cells(TableSource(path), frozenset(wanted))
    texts = {name: as_text(cells.frame[f"c{at}"]) for at, name in enumerate(cells.headers)}
    for name in wanted:
        if name not in texts:
            raise FormColumnMissing(Place(path.name), column=name, near=nearest(name, texts), columns=list(texts))
    frame = pl.DataFrame([texts[name].alias(name) for name in wanted]).filter(cells.filled_rows())
    return pl.DataFrame([_typed(frame[name], kind, path.name) for name, kind in wanted.items()])


def _typed(column: pl.Series, kind: type[pl.DataType], file: str) -> pl.Series:
    """A column of the register in its type; a cell that does not fit is an error."""
    words = column.str.strip_chars().str.strip_suffix(_MIDNIGHT)
    found = words.str.to_date("%Y-%m-%d", strict=False) if kind == pl.Date else words.cast(kind, strict=False)
    for place in (found.is_null() & (words.fill_null("") != "")).arg_true():
        form = text("capacity_form_answer_day" if kind == pl.Date else "capacity_form_answer_count")
        raise AnswerNotUnderstood(Place(file, place + 2), question=column.name, value=column[place], form=form)
    return found


def _rows(file: Path) -> Iterable[tuple[Place, str, str, str]]:
    """Place, code, question and answer of every line of a form."""
    from stellwerk.register.sheets import TableSource, as_text, read_cells
    from stellwerk.register.spelling import folded

    spoken = [(column, language) for column in _HEADERS for language in LANGUAGES]
    called = {folded(text(f"capacity_form_{column}", language)): column for column, language in spoken}
    cells = read_cells(TableSource(file), frozenset(called))
    at = {called[folded(name)]: position for position, name in enumerate(cells.headers) if folded(name) in called}
    for column in _NEEDED:
        if column not in at:
            wanted = text(f"capacity_form_{column}")
            raise FormColumnMissing(
                Place(file.name), column=wanted, near=nearest(wanted, cells.headers), columns=list(cells.headers)
            )
    columns = [as_text(cells.frame[f"c{at[column]}"]).fill_null("").to_list() for column in _NEEDED]
    for record, row in enumerate(zip(*columns, strict=True)):
        if any(cell.strip() for cell in row):
            code, question, answer = (cell.strip().removeprefix("'").removesuffix(_MIDNIGHT) for cell in row)
            yield Place(file.name, cells.first_row + record), code, question, answer


def _as_key(written: str) -> str:
    """A key that a spreadsheet has taken for a number has lost its leading zero."""
    return written.zfill(8) if written.isdigit() else written


def _known(written: str, names: Mapping[str, str], place: Place) -> str:
    code = _as_key(written)
    if code not in names:
        near = nearest(code, names)
        raise FormOfUnknownPlace(place, code=written, near=near, name=names.get(near, ""))
    return code


def _question(name: str, asked: Mapping[str, Question], place: Place) -> Question:
    if name not in asked:
        raise UnknownQuestion(place, question=name, near=nearest(name, asked), known=sorted(asked))
    return asked[name]


def _answer(question: Question, written: str, place: Place) -> object:
    """A whole number or a day; an empty cell is no answer."""
    if not written:
        return None
    readers: dict[str, Callable[[str], object]] = {"count": _count, "day": read_day}
    value = readers[question.kind](written)
    if isinstance(value, str) or (isinstance(value, int) and value < 0):
        form = text(f"capacity_form_answer_{question.kind}")
        raise AnswerNotUnderstood(place, question=question.id, value=written, form=form)
    return value


def _count(written: str) -> object:
    """A number of whole units, also as German spreadsheets write it: 1.200 or 12,0."""
    plain = written.removesuffix(",0").removesuffix(".0")
    groups = plain.split(".")
    joined = "".join(groups) if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) else plain
    return read_whole_number(joined)


def _put(answers: dict[str, tuple[Place, object]], code: str, question: str, found: tuple[Place, object]) -> None:
    before = answers.get(question)
    if before is not None and before[1] != found[1]:
        raise AnswerTwice(found[0], question=question, code=code, other=str(before[0]))
    answers[question] = found


def _disagreement(code: str, answers: Mapping[str, tuple[Place, object]]) -> list[StellwerkError]:
    place = next(iter(answers.values()))[0]
    if DAY not in answers:
        return [AnswersWithoutDay(Place(place.file), code=code)]
    places, occupied = (answers[name][1] if name in answers else None for name in (PLACES, OCCUPIED))
    if isinstance(places, int) and isinstance(occupied, int) and occupied > places:
        return [MoreOccupiedThanPlaces(answers[OCCUPIED][0], code=code, occupied=occupied, places=places)]
    return []


def _row(code: str, name: str, given: Mapping[str, object], questions: Sequence[Question]) -> dict[str, object]:
    places, occupied = given.get(PLACES), given.get(OCCUPIED)
    free = places - occupied if isinstance(places, int) and isinstance(occupied, int) else None
    return {"id": code, "name": name, FREE: free, **{asked.column: given.get(asked.id) for asked in questions}}


def _schema(questions: Sequence[Question]) -> dict[str, type[pl.DataType]]:
    kinds: dict[str, type[pl.DataType]] = {"count": pl.Int64, "day": pl.Date}
    answers = {question.column: kinds[question.kind] for question in questions}
    return {"id": pl.String, "name": pl.String, FREE: pl.Int64, **answers}


def _table(rows: Sequence[Mapping[str, object]], questions: Sequence[Question]) -> pl.DataFrame:
    return pl.DataFrame([dict(row) for row in rows], schema=_schema(questions))


def free_places(row: Mapping[str, object] | None) -> int | None:
    """The places that are free by a row of the register, where it says so."""
    found = None if row is None else row[FREE]
    return found if isinstance(found, int) else None
