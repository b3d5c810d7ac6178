"""Examples beside the rules: facts in, expected outcome out, run through the reference interpreter.

An examples file (`<provision>.cases.yaml`) is the common language of lawyer and programmer. Each example names its
rule, its facts and what is expected; `like` takes over the facts of another example of the same file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import determine
from stellwerk.law import files
from stellwerk.law.linker import UnknownOutcome
from stellwerk.law.provision import AMOUNT, UNTIL, UNTIL_EXCLUDED
from stellwerk.law.resolver import UnknownName
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import DECIMAL, Value, parse_decimal, parse_value
from stellwerk.law.vocabulary import Attribute, ChildTable
from stellwerk.texts import Phrase


class ExampleTwice(StellwerkError):
    """Two examples of one file share a name."""


class UnknownExample(StellwerkError):
    """`like` names an example that does not stand before this one."""


class FactDoesNotFit(StellwerkError):
    """A fact's value is not of its attribute's type."""


Fact = Value | None | Sequence[Mapping[str, Value | None]]


@dataclass(frozen=True)
class Example:
    """One worked example of a rule."""

    name: str
    rule: str
    source: str
    facts: Mapping[str, Fact]
    on: dt.date | None
    known_on: dt.date | None
    reforms: tuple[str, ...]
    outcome: str
    values: Mapping[str, dt.date | Decimal]
    ask_for: tuple[str, ...] | None
    place: Place


@dataclass(frozen=True)
class ExampleResult:
    """An example with what the rule said and how that differs from what was expected (nothing: it passes)."""

    example: Example
    determination: Determination
    differences: tuple[tuple[str, str, str], ...]  # what, expected, found

    @property
    def passes(self) -> bool:
        """Whether the rule said what was expected."""
        return not self.differences


_Cell = str | int | bool | None


class _Expected(documents.Document):
    outcome: str
    until: dt.date | None = None
    until_event_day_excluded: dt.date | None = None
    amount: str | int | None = None
    ask_for: tuple[str, ...] | None = None


class _ExampleEntry(documents.Document):
    name: str
    rule: str = ""
    source: str = ""
    like: str = ""
    given: dict[str, _Cell | list[dict[str, _Cell]]] = Field(default_factory=dict)
    on: dt.date | None = None
    known_on: dt.date | None = None
    reforms: tuple[str, ...] = ()
    expect: _Expected


class _ExamplesFile(documents.Document):
    examples: tuple[_ExampleEntry, ...] = Field(min_length=1)


def example_files(root: Path) -> list[Path]:
    """All files of examples below `rules/`, in a fixed order."""
    return sorted((root / "rules").rglob("*.cases.yaml"))


def load_examples(path: Path, root: Path, rulebook: Rulebook) -> list[Example]:
    """The examples of one file, checked against vocabulary and rulebook."""
    shown = shown_path(path, root)
    data = files.read_document(path, shown)
    examples: dict[str, Example] = {}
    for position, entry in enumerate(documents.validated(_ExamplesFile, data, shown).examples):
        place = Place(shown, documents.line_of(data, ["examples", position]))
        if entry.name in examples:
            raise ExampleTwice(place, name=entry.name)
        if entry.like and entry.like not in examples:
            raise UnknownExample(place, name=entry.like, near=nearest(entry.like, examples))
        examples[entry.name] = _example(entry, examples.get(entry.like), data, position, place, rulebook)
    return list(examples.values())


def run_example(example: Example, book: Rulebook) -> ExampleResult:
    """Evaluate one example under the rulebook it asks for, and compare."""
    found = determine(book, example.rule, example.facts, example.on)
    differences = []
    if found.outcome != example.outcome:
        differences.append(("outcome", example.outcome, found.outcome))
    for name, wanted in example.values.items():
        if found.value(name) != wanted:
            value = found.value(name)
            differences.append((name, str(wanted), "-" if value is None else str(value)))
    if example.ask_for is not None and set(found.ask_for) != set(example.ask_for):
        differences.append(("ask_for", ", ".join(example.ask_for), ", ".join(found.ask_for) or "-"))
    return ExampleResult(example, found, tuple(differences))


def run_examples(root: Path, rulebook: Rulebook, paths: Sequence[Path] | None = None) -> list[ExampleResult]:
    """Run all examples, or those of the given files."""
    chosen = example_files(root) if paths is None else list(paths)
    examples = [example for path in chosen for example in load_examples(path, root, rulebook)]
    books: dict[tuple[dt.date | None, tuple[str, ...]], Rulebook] = {}
    for example in examples:
        if (example.known_on, example.reforms) not in books:
            book = rulebook if example.known_on is None else rulebook.known_on(example.known_on)
            books[example.known_on, example.reforms] = book.under(example.reforms)
    return [run_example(example, books[example.known_on, example.reforms]) for example in examples]


def _example(
    entry: _ExampleEntry, like: Example | None, data: documents.Mapping, position: int, place: Place, rulebook: Rulebook
) -> Example:
    rule = rulebook.rule(entry.rule or (like.rule if like else ""))
    if entry.expect.outcome not in rulebook.vocabulary.outcomes:
        near = nearest(entry.expect.outcome, rulebook.vocabulary.outcomes)
        raise UnknownOutcome(place, name=entry.expect.outcome, near=near)
    attributes = rulebook.vocabulary.attributes(rule.subject)
    tables = rulebook.vocabulary.child_tables(rule.subject)
    facts: dict[str, Fact] = dict(like.facts) if like else {}
    for name, raw in entry.given.items():
        here = Place(place.file, documents.line_of(data, ["examples", position, "given", name]))
        if name in tables:
            facts[name] = _rows(raw, tables[name], here)
        else:
            facts[name] = _fact(name, raw, attributes, here)
    return Example(
        name=entry.name,
        rule=rule.id,
        source=entry.source or (like.source if like else ""),
        facts=facts,
        on=entry.on,
        known_on=entry.known_on,
        reforms=entry.reforms,
        outcome=entry.expect.outcome,
        values=_values(entry.expect, place),
        ask_for=entry.expect.ask_for,
        place=place,
    )


def _values(expected: _Expected, place: Place) -> dict[str, dt.date | Decimal]:
    values: dict[str, dt.date | Decimal] = {}
    for name in (UNTIL, UNTIL_EXCLUDED):
        day = getattr(expected, name)
        if day is not None:
            values[name] = day
    if expected.amount is not None:
        amount = parse_decimal(str(expected.amount))
        if amount is None:
            raise FactDoesNotFit(place, name=AMOUNT, value=expected.amount, form=DECIMAL.in_words)
        values[AMOUNT] = amount
    return values


def _rows(raw: object, table: ChildTable, place: Place) -> Fact:
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise FactDoesNotFit(place, name=table.name, value=raw, form=Phrase("expected_list"))
    return [{name: _fact(name, cell, table.attributes, place) for name, cell in row.items()} for row in raw]


def _fact(name: str, raw: object, attributes: Mapping[str, Attribute], place: Place) -> Value | None:
    if name not in attributes:
        raise UnknownName(place, name=name, near=nearest(name, attributes))
    if raw is None:
        return None
    value = parse_value(raw, attributes[name].type)
    if value is None:
        raise FactDoesNotFit(place, name=name, value=raw, form=attributes[name].type.in_words)
    return value
