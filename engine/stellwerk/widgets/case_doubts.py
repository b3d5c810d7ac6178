"""Does what was told of a case fit together? Slips of the pen that the rules would take at their word.

In go the facts and the reading date; out come sentences. Nothing is corrected and nothing is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from stellwerk import formats
from stellwerk.evaluate.examples import Fact
from stellwerk.law.rulebook import Rulebook
from stellwerk.register.understood import ORDER_OF_DATES
from stellwerk.texts import text
from stellwerk.widgets.case_told import fact_label

_BEGINNINGS = ("birth_date", "entry_date")  # what must have happened when a case is read
_SINCE = "_since"  # how facts are named that have begun


def doubts(
    facts: Mapping[str, Fact], read_on: dt.date | None, book: Rulebook, subject: str, language: str
) -> list[str]:
    """What does not fit together, in sentences."""
    days = {name: value for name, value in facts.items() if isinstance(value, dt.date)}
    labels = {name: fact_label(name, book, subject, language) for name in facts}
    found = list(_in_wrong_order(days, labels, language))
    found += [sentence for day in [read_on] if day for sentence in _after(days, day, labels, language)]
    tables = book.vocabulary.child_tables(subject)
    for name, value in facts.items():
        for number, row in enumerate(value if isinstance(value, list) else (), start=1):
            cells = {cell: day for cell, day in row.items() if isinstance(day, dt.date)}
            words = {cell: attribute.label(language) for cell, attribute in tables[name].attributes.items()}
            for sentence in _in_wrong_order(cells, words, language):
                found.append(text("case_doubt_row", language, table=labels[name], number=number, doubt=sentence))
    return found


def _in_wrong_order(days: Mapping[str, dt.date], labels: Mapping[str, str], language: str) -> Iterator[str]:
    for earlier, later in ORDER_OF_DATES:
        if earlier in days and later in days and days[earlier] > days[later]:
            yield text("case_doubt_order", language, earlier=labels[earlier], later=labels[later])


def _after(days: Mapping[str, dt.date], read_on: dt.date, labels: Mapping[str, str], language: str) -> Iterator[str]:
    """What has happened already, but lies after the day on which the case is read."""
    for name, day in days.items():
        if day > read_on and (name in _BEGINNINGS or name.endswith(_SINCE)):
            shown = {"day": formats.date(day, language), "read_on": formats.date(read_on, language)}
            yield text("case_doubt_after", language, fact=labels[name], **shown)
