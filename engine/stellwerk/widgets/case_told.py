"""What the rules say of one case, in words and small tables: results by strength, questions, days.

In go determinations with their rulebook; out comes HTML. Nothing here says more than the rules do: criteria met, a
window open, an unknown to ask for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from stellwerk import formats
from stellwerk.evaluate.change import Question
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.examples import Fact
from stellwerk.law.provision import AMOUNT
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.written import value_in_words
from stellwerk.texts import text
from stellwerk.widgets import look

MOST_QUESTIONS = 8
_WIDTH, _ROW, _LEFT = 720, 18, 250  # of the drawing of days, in its own units


@dataclass(frozen=True)
class Column:
    """One reading of the case: under which law, as of when, and what the rules said."""

    label: str
    found: Mapping[str, Determination]
    rulebook: Rulebook


@dataclass(frozen=True)
class Day:
    """A day, or a stretch of days, that counts in the case."""

    first: dt.date
    last: dt.date | None
    label: str
    kind: str  # fact: told; rule: computed by a rule


def results(columns: Sequence[Column], language: str) -> str:
    """Every rule in every reading, the strongest result first; a result that differs from the first is marked."""
    first = columns[0]
    strength = first.rulebook.vocabulary.outcomes
    order = sorted(first.found, key=lambda rule: (-strength[first.found[rule].outcome].strength, rule))
    head = [text("case_rule", language), *(column.label for column in columns)]
    rows = []
    for rule in order:
        cells = [result_in_words(column.found[rule], column.rulebook, language) for column in columns]
        marked = [cell if cell == cells[0] else f"≠ {cell}" for cell in cells[1:]]
        rows.append([title_of(rule, first.rulebook, language), cells[0], *marked])
    return look.table(text("case_results", language), head, rows)


def result_in_words(found: Determination, rulebook: Rulebook, language: str) -> str:
    """The outcome with the days and amounts that the rule computes."""
    parts = [rulebook.vocabulary.outcomes[found.outcome].label(language)]
    unit = found.version.unit if found.version else ""
    for name, value in found.values.items():
        if value is not None:
            shown = value_in_words(value, language, unit if name == AMOUNT else "")
            parts.append(text(f"report_value_{name}", language, value=shown))
    return " · ".join(parts)


def title_of(rule: str, rulebook: Rulebook, language: str) -> str:
    """The title of a rule's newest version."""
    version = rulebook.rules[rule].versions[-1]
    return version.label_de if language == "de" else version.label_en


def questions(asked: Sequence[Question], rulebook: Rulebook, subject: str, language: str) -> str:
    """What is missing, the most helpful first."""
    if not asked:
        return look.live(text("case_nothing_missing", language))
    lines = "".join(
        f"<li>{escape(text('case_ask_for', language, fact=fact_label(item.fact, rulebook, subject, language)))}"
        f" <code>{escape(item.fact)}</code></li>"
        for item in asked[:MOST_QUESTIONS]
    )
    more = len(asked) - MOST_QUESTIONS
    rest = look.live(text("case_more_missing", language, count=more)) if more > 0 else ""
    return f'<ul class="sw-questions">{lines}</ul>{rest}'


def fact_label(name: str, rulebook: Rulebook, subject: str, language: str) -> str:
    """The words for a fact or a child table."""
    attributes, tables = rulebook.vocabulary.attributes(subject), rulebook.vocabulary.child_tables(subject)
    if name in attributes:
        return attributes[name].label(language)
    return tables[name].label(language) if name in tables else name


def days_of(
    facts: Mapping[str, Fact], found: Mapping[str, Determination], rulebook: Rulebook, subject: str, language: str
) -> list[Day]:
    """The days that were told and those that rules compute, the earliest first."""
    made = [*_told_days(facts, rulebook, subject, language), *_computed_days(found, rulebook, language)]
    return sorted(made, key=lambda day: (day.first, day.label))


def timeline(days: Sequence[Day], language: str) -> str:
    """The days as a drawing, and as a table that says the same."""
    if not days:
        return ""
    rows = [
        [formats.date(day.first, language), "" if day.last is None else formats.date(day.last, language), day.label]
        for day in days
    ]
    head = [text(f"case_day_{name}", language) for name in ("first", "last", "what")]
    table = look.table(text("case_days", language), head, rows)
    return f"{_drawing(days, language)}<details><summary>{escape(head[2])}</summary>{table}</details>"


def _told_days(facts: Mapping[str, Fact], rulebook: Rulebook, subject: str, language: str) -> Iterator[Day]:
    tables = rulebook.vocabulary.child_tables(subject)
    for name, value in facts.items():
        if isinstance(value, dt.date):
            yield Day(value, None, fact_label(name, rulebook, subject, language), "fact")
        if name not in tables or not isinstance(value, list):
            continue
        for row in value:
            first, last = row.get("first_day"), row.get("last_day")
            if isinstance(first, dt.date):
                yield Day(first, last if isinstance(last, dt.date) else None, tables[name].label(language), "fact")


def _computed_days(found: Mapping[str, Determination], rulebook: Rulebook, language: str) -> Iterator[Day]:
    for rule, determination in found.items():
        for name, value in determination.values.items():
            if isinstance(value, dt.date):
                said = text(f"report_value_{name}", language, value=formats.date(value, language))
                yield Day(value, None, f"{title_of(rule, rulebook, language)}: {said}", "rule")


def _drawing(days: Sequence[Day], language: str) -> str:
    first = min(day.first for day in days)
    last = max(day.last or day.first for day in days)
    span = max((last - first).days, 1)

    def place(day: dt.date) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - 20) * (day - first).days / span, 1)

    parts = []
    for row, item in enumerate(days):
        y = _ROW * (row + 1)
        colour = "#00336b" if item.kind == "fact" else "#b3541e"
        label = item.label if len(item.label) <= 42 else f"{item.label[:40]}…"
        parts.append(f'<text x="0" y="{y + 4}" font-size="11">{escape(label)}</text>')
        if item.last is not None:
            width = max(place(item.last) - place(item.first), 2)
            parts.append(f'<rect x="{place(item.first)}" y="{y - 5}" width="{width}" height="10" fill="{colour}"/>')
        elif item.kind == "fact":
            parts.append(f'<circle cx="{place(item.first)}" cy="{y}" r="4" fill="{colour}"/>')
        else:
            x = place(item.first)
            parts.append(f'<path d="M{x} {y - 6}l6 6l-6 6l-6 -6z" fill="{colour}"/>')
    height = _ROW * (len(days) + 2)
    begins, ends = formats.date(first, language), formats.date(last, language)
    for day, shown, anchor in ((first, begins, "start"), (last, ends, "end")):
        parts.append(f'<text x="{place(day)}" y="{height - 4}" font-size="11" text-anchor="{anchor}">{shown}</text>')
    alt = text("case_days_alt", language, count=len(days), first=begins, last=ends)
    return (
        f'<div class="sw-timeline" role="img" aria-label="{escape(alt)}"><svg viewBox="0 0 {_WIDTH} {height}" '
        f'width="100%" style="max-width:{_WIDTH}px">{"".join(parts)}</svg></div>'
    )
