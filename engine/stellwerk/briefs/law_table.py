"""Which law does a brief rest on, in a table a reader can check: what, since when, by which provision, how well known?

In go a brief, the view of the law it computes with, names of rules and of dated parameters, and a day; out comes a
table of the versions that hold on it. What a reform has put there says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from stellwerk import formats
from stellwerk.briefs.blocks import Column, Shown, Table, Value
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Asked, Content, Subject
from stellwerk.law.written import value_in_words
from stellwerk.texts import text


def law_table(
    brief: Subject[Asked, Content], law: RulebookView, names: Iterable[str], day: dt.date, name: str = "law"
) -> Table:
    """The versions of rules and parameters of these names that hold on a day, in their order."""
    language = brief.parameters.language
    columns = tuple(
        Column(column, text(f"brief_law_{column}", language))
        for column in ("what", "value", "since", "basis", "whose", "evidence")
    )
    rows = tuple(_row(law, item, day, language) for item in names)
    on = formats.date(day, language)
    caption, source = text("brief_law_caption", language, day=on), text("brief_law_source", language)
    return Table(name, caption, columns, rows, source)


def _row(law: RulebookView, name: str, day: dt.date, language: str) -> tuple[Value, ...]:
    return tuple(_rule(law, name, day, language) if name in law.rules else _parameter(law, name, day, language))


def _rule(law: RulebookView, name: str, day: dt.date, language: str) -> Iterator[Value]:
    rule = law.rules[name]
    version = rule.on(day)
    yield Shown(name, _label(version or rule.versions[-1], language))
    yield text("brief_law_rule" if version else "brief_law_none", language)
    yield from _standing(law, version, language)


def _parameter(law: RulebookView, name: str, day: dt.date, language: str) -> Iterator[Value]:
    parameter = law.parameters[name]
    dated = parameter.on(day)
    yield Shown(name, _label(parameter, language))
    if dated is None:
        yield text("brief_law_none", language)
    else:
        yield Shown(str(dated.value), value_in_words(dated.value, language, parameter.unit))
    yield from _standing(law, dated, language)


def _standing(law: RulebookView, version: Any, language: str) -> Iterator[Value]:
    """Since when, by which provision, of the law or of a reform, how well known; dashes where nothing is in force."""
    if version is None:
        yield from (None, None, None, None)
        return
    yield version.interval.first
    yield version.basis
    yield law.reform(version.reform).label(language) if version.reform else text("brief_law_in_force", language)
    yield grade(version.evidence, language)


def _label(item: Any, language: str) -> str:
    return str(item.label_de if language == "de" else item.label_en)
