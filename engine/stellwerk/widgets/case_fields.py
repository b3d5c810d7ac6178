"""What a field for a fact looks like and what somebody means who types into it.

Goes in: the vocabulary's attributes and the grouping of `params/case_form.yaml`. Comes out: fields as plain values for
the page, and what was typed (German or English numbers, percent, days) as values that a session takes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.evaluate.examples import Fact, FactDoesNotFit
from stellwerk.law.resolver import UnknownName
from stellwerk.law.vocabulary import Attribute, ChildTable, Vocabulary
from stellwerk.texts import catalogue, text

_FORM = Path("params") / "case_form.yaml"
_YES, _NO = "yes", "no"
_THOUSANDS = {
    "de": re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?"),
    "en": re.compile(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"),
}
_PERCENT = Decimal(100)


@dataclass(frozen=True)
class FactGroup:
    """Facts and child tables that stand under one heading."""

    key: str
    label: str
    names: tuple[str, ...]


class _GroupEntry(documents.Document):
    key: str
    label: documents.Labels
    facts: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


class _FormFile(documents.Document):
    groups: tuple[_GroupEntry, ...] = Field(min_length=1)


def load_groups(root: Path, vocabulary: Vocabulary, subject: str, language: str) -> tuple[FactGroup, ...]:
    """The groups of the form; a name that the vocabulary does not have is an error with the nearest."""
    data = documents.read_document(root / _FORM, _FORM.as_posix())
    entries = documents.validated(_FormFile, data, _FORM.as_posix()).groups
    known = [*vocabulary.attributes(subject), *vocabulary.child_tables(subject)]
    for position, entry in enumerate(entries):
        for name in (*entry.facts, *entry.tables):
            if name not in known:
                place = Place(_FORM.as_posix(), documents.line_of(data, ["groups", position]))
                raise UnknownName(place, name=name, near=nearest(name, known))
    return tuple(FactGroup(one.key, one.label.in_language(language), (*one.facts, *one.tables)) for one in entries)


def field_of(attribute: Attribute, language: str) -> dict[str, Any]:
    """The field for one fact."""
    made: dict[str, Any] = {"label": attribute.label(language), "kind": _kind(attribute)}
    if attribute.unit:
        made["unit"] = unit_in_words(attribute.unit, language)
    if attribute.type.code_list is not None:
        codes = attribute.type.code_list.codes.values()
        pairs = [[code.code, code.label(language)] for code in codes]
        made["options"] = pairs if attribute.type.code_list.ordered else sorted(pairs, key=_by_words)
    return made


def table_field(table: ChildTable, language: str) -> dict[str, Any]:
    """The field for a child table: its rows, each with a field a cell."""
    cells = [{"name": name, **field_of(attribute, language)} for name, attribute in table.attributes.items()]
    return {"label": table.label(language), "kind": "table", "cells": cells}


def unit_in_words(unit: str, language: str) -> str:
    """What a number counts, in words."""
    for key in (f"case_unit_{unit}", f"prose_unit_{unit}"):
        if key in catalogue():
            return text(key, language)
    return unit


def typed(raw: object, attribute: Attribute, language: str) -> object:
    """What was entered into a field, as a session takes it; None for unknown."""
    if raw is None or not str(raw).strip():
        return None
    entered = str(raw).strip()
    match attribute.type.kind:
        case "bool":
            return {_YES: True, _NO: False}.get(entered, entered)
        case "integer" | "decimal":
            return number_typed(entered, language, attribute.unit)
    return entered


def typed_rows(raw: object, table: ChildTable, language: str) -> list[dict[str, object]] | None:
    """The rows that were entered; cells that are empty are unknown."""
    if not isinstance(raw, list):
        return None
    return [dict(_cells(row, table, language)) for row in raw]


def number_typed(entered: str, language: str, unit: str = "") -> str:
    """A number as rules write it. What cannot be understood stays as it is, for the message that says so.

    In German 1.000 is a thousand, 0.5 a half (no thousand begins with 0), and a share may be given in percent.
    """
    plain = entered.replace(" ", "").replace("\u00a0", "").replace("\u2212", "-")
    percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    if _THOUSANDS[language].fullmatch(plain):
        plain = plain.replace("." if language == "de" else ",", "")
    plain = plain.replace(",", ".") if language == "de" else plain
    if not re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return entered
    return format(Decimal(plain) / _PERCENT, "f") if percent and unit == "share" else plain


def shown(value: Fact, language: str) -> Any:
    """A fact as its field shows it."""
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f").replace(".", "," if language == "de" else ".")
    if isinstance(value, list):
        return [{name: shown(cell, language) for name, cell in row.items() if cell is not None} for row in value]
    return "" if value is None else str(value)


def wrong_in_words(error: StellwerkError, attributes: Mapping[str, Attribute], language: str) -> str:
    """What is wrong with an entry, said with the words of its field."""
    attribute = attributes.get(str(error.details.get("name", "")))
    if attribute is None:
        return error.message(language)
    if isinstance(error, FactDoesNotFit):
        entered = str(error.details.get("value"))
        if attribute.type.kind == "integer" and language == "de":
            entered = entered.replace(".", ",")  # as it was typed
        return text(f"case_wrong_{_wrong_as(attribute)}", language, value=entered)
    details = {
        name: shown(value, language) if isinstance(value, Decimal) else value for name, value in error.details.items()
    }
    return type(error)(**{**details, "name": attribute.label(language)}).message(language)


def _wrong_as(attribute: Attribute) -> str:
    return attribute.type.kind if attribute.type.kind in ("integer", "decimal", "date") else "other"


def _cells(row: Mapping[str, object], table: ChildTable, language: str) -> Iterator[tuple[str, object]]:
    for name, raw in row.items():
        value = typed(raw, table.attributes[name], language) if name in table.attributes else raw
        if value is not None:
            yield name, value


def _kind(attribute: Attribute) -> str:
    if attribute.type.code_list is not None:
        return "choice"
    return {"bool": "bool", "date": "date", "text": "text"}.get(attribute.type.kind, "number")


def _by_words(pair: list[str]) -> str:
    return pair[1].casefold().translate(str.maketrans("äöüß", "aous"))
