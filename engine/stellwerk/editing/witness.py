"""A case whose outcome changes becomes an example beside the rule, without being anybody's.

Goes in: the facts of a case, the rule, the rulebook before and after. Comes out: as few facts as still show the change,
with other days, numbers and codes than the case had, and the text of the examples file with them in it. Whoever reads
the file learns where the law changes and nothing of a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from stellwerk.audit.shrinking import Facts, known_tables, rows_of, shrunk
from stellwerk.audit.witness import Witness, as_examples
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import determine
from stellwerk.law.provision import VALUE_NAMES
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value

_DAYS_APART = (17, -17, 11, -11, 5, -5, 1, -1)  # by how much all days of a case move together, tried in this order
_SHARED = 9  # numbers up to this one are shared by so many that they tell nothing of a person
_HEAD = "examples:\n"


class NothingChangesForCase(StellwerkError):
    """A case of which the rule says the same before and after."""


class CaseStaysRecognisable(StellwerkError):
    """No other days or numbers show the same change, so that the example would be the person's own file."""


@dataclass(frozen=True)
class Change:
    """A rule before and after, read at the same day if one is given."""

    rule: str
    before: Rulebook
    after: Rulebook
    on: dt.date | None = None

    def outcomes(self, facts: Facts) -> tuple[str, str]:
        """What the rule says of the facts before and after."""
        first, second = (determine(book, self.rule, facts, self.on).outcome for book in (self.before, self.after))
        return first, second


@dataclass(frozen=True)
class _Cell:
    """Where one value of a case stands: a fact, or a fact of a child row."""

    name: str
    row: int = -1
    fact: str = ""


def invented(case: Facts, change: Change) -> Facts:
    """Facts that show the same change as the case and are not the case's own; as few as possible."""
    said = change.outcomes(case)
    if said[0] == said[1]:
        raise NothingChangesForCase(rule=change.rule)
    known = {name: value for name, value in case.items() if value is not None}
    least = shrunk(known, lambda tried: [change.outcomes(facts) == said for facts in tried])
    moved = next((m for m in map(lambda n: _moved(least, n), _DAYS_APART) if change.outcomes(m) == said), least)
    facts = moved
    for cell in _cells(moved):
        original = _value(least, cell)
        for other in _others(_value(facts, cell), cell, change):
            candidate = _with(facts, cell, other)
            if other != original and change.outcomes(candidate) == said:
                facts = candidate
                break
    own = [cell for cell in _cells(facts) if _tells(_value(facts, cell)) and _value(facts, cell) == _value(least, cell)]
    if own:
        raise CaseStaysRecognisable(names=sorted({cell.fact or cell.name for cell in own}))
    return facts


def example(name: str, source: str, facts: Facts, change: Change, reforms: Sequence[str] = ()) -> Witness:
    """The example that the rule as changed says what it says of the facts."""
    answer = _answer(determine(change.after, change.rule, facts, change.on))
    return Witness(name, change.rule, source, facts, change.on, tuple(reforms), answer, {})


def with_example(text: str, witness: Witness) -> str:
    """The text of an examples file with one more example at its end; an empty text begins a file."""
    entry = as_examples([witness])
    return f"{text.rstrip()}\n{entry.removeprefix(_HEAD)}" if text.strip() else entry


def examples_beside(rule_file: Path) -> Path:
    """The file of examples that stands beside a file of rules."""
    return rule_file.with_name(f"{rule_file.stem}.cases.yaml")


def _answer(found: Determination) -> dict[str, object]:
    values = {name: found.value(name) for name in VALUE_NAMES}
    return {"outcome": found.outcome, **values, "ask_for": ", ".join(found.ask_for)}


def _tells(value: object) -> bool:
    """Whether a value could tell whose file it is: days and numbers do, what many share does not."""
    return isinstance(value, dt.date) or (
        isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 9
    )


def _others(value: object, cell: _Cell, change: Change) -> Iterator[Value]:
    """Other values of the same kind, those that look invented first."""
    if isinstance(value, dt.date):
        yield from (value.replace(month=1, day=1), value.replace(day=1), value.replace(day=15), value.replace(day=28))
        yield from (value + dt.timedelta(days=days) for days in _DAYS_APART)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from (rounded for size in (1000, 100, 10) if (rounded := value // size * size) > 0)
        yield from (value + 1, value - 1)
    elif isinstance(value, Decimal):
        yield from (value.quantize(Decimal(1)), value.quantize(Decimal("0.1")), value + Decimal("0.01"))
    elif isinstance(value, str):
        yield from _other_codes(value, cell, change)


def _other_codes(value: str, cell: _Cell, change: Change) -> Iterator[Value]:
    vocabulary, subject = change.after.vocabulary, change.after.rule(change.rule).subject
    own = vocabulary.child_tables(subject)[cell.name].attributes if cell.fact else vocabulary.attributes(subject)
    kind = own[cell.fact or cell.name].type
    if kind.kind == "code" and kind.code_list is not None:
        yield from (code for code in kind.code_list.codes if code != value)


def _cells(facts: Facts) -> list[_Cell]:
    tables = known_tables(facts)
    found = [_Cell(name) for name in facts if name not in tables]
    for name in tables:
        found += [_Cell(name, n, fact) for n, row in enumerate(rows_of(facts, name)) for fact in row]
    return found


def _value(facts: Facts, cell: _Cell) -> object:
    return rows_of(facts, cell.name)[cell.row][cell.fact] if cell.fact else facts[cell.name]


def _with(facts: Facts, cell: _Cell, value: Value) -> Facts:
    if not cell.fact:
        return {**facts, cell.name: value}
    rows = [dict(row) for row in rows_of(facts, cell.name)]
    rows[cell.row][cell.fact] = value
    return {**facts, cell.name: rows}


def _moved(facts: Facts, days: int) -> Facts:
    """All days of a case, moved together."""
    moved: Facts = facts
    for cell in _cells(facts):
        value = _value(facts, cell)
        if isinstance(value, dt.date):
            moved = _with(moved, cell, value + dt.timedelta(days=days))
    return moved
