"""Every example of the rulebook says the same in columns as in the reference, child tables included."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compiled import column_type
from stellwerk.evaluate.examples import Example, example_files, load_examples
from stellwerk.evaluate.reference import determine
from stellwerk.law.provision import VALUE_NAMES
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import TEXT

Reading = tuple[dt.date | None, dt.date | None, tuple[str, ...], str, frozenset[str]]


def reading_of(example: Example, law: Rulebook) -> Reading:
    """What examples must share to stand in one table: law, date, subject, and which child tables are known."""
    subject = law.rules[example.rule].subject
    known = frozenset(name for name in law.vocabulary.child_tables(subject) if example.facts.get(name) is not None)
    return example.on, example.known_on, example.reforms, subject, known


def as_table(examples: list[Example], law: Rulebook, subject: str) -> pl.DataFrame:
    attributes = law.vocabulary.attributes(subject)
    key = next(name for name, item in attributes.items() if item.required)
    columns = [
        pl.Series(name, [example.facts.get(name) for example in examples], dtype=column_type(item.type))
        for name, item in attributes.items()
        if (name != key or item.type != TEXT) and any(name in example.facts for example in examples)
    ]
    if attributes[key].type != TEXT:  # the subject's name is itself what rules read: a state, a partner
        return pl.DataFrame(columns)
    ids = pl.Series(key, [f"E{position}" for position in range(len(examples))], dtype=pl.String)
    return pl.DataFrame([ids, *columns])


def child_rows(examples: list[Example], law: Rulebook, subject: str, name: str) -> pl.DataFrame:
    attributes = law.vocabulary.attributes(subject)
    key = next(name for name, item in attributes.items() if item.required)
    form = law.vocabulary.child_tables(subject)[name].attributes
    rows: list[dict[str, Any]] = []
    for position, example in enumerate(examples):
        given = example.facts[name]
        assert isinstance(given, list)
        rows += [{key: f"E{position}", **{cell: row.get(cell) for cell in form}} for row in given]
    schema = {key: pl.String(), **{cell: column_type(item.type) for cell, item in form.items()}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_every_example_says_the_same_in_columns(checkout: Path) -> None:
    law = load_rulebook(checkout)
    groups: dict[Reading, list[Example]] = defaultdict(list)
    for path in example_files(checkout):
        for example in load_examples(path, checkout, law):
            groups[reading_of(example, law)].append(example)
    for (on, known_on, reforms, subject, known), examples in groups.items():
        book = (law if known_on is None else law.known_on(known_on)).under(reforms)
        children = {name: child_rows(examples, law, subject, name) for name in sorted(known)}
        run = ColumnRun(book, as_table(examples, law, subject), on, children)
        for position, example in enumerate(examples):
            meant = determine(book, example.rule, example.facts, on)
            found = run.results(example.rule).row(position, named=True)
            said = (found["outcome"], *(found.get(name) for name in VALUE_NAMES), found["met"], found["unknown"])
            wanted = (meant.outcome, *(meant.value(name) for name in VALUE_NAMES), meant.met, meant.unknown)
            assert said == wanted, (example.place, example.name)
