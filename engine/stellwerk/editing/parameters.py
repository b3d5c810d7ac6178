"""A number of the law gets another value from a day on: the change of `params/law/*.yaml` that says so.

Goes in: the text of the file, the parameter, the value as it would be written, its first day and its source. Comes out:
the text where the version in force ends the day before and the new one stands behind it. What held once stays.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from stellwerk.editing.layout import Part, documents_of, inserted_before, inserted_behind, replaced, words, written
from stellwerk.errors import StellwerkError, nearest

_DAY = dt.timedelta(days=1)


class NoSuchParameter(StellwerkError):
    """The file has no parameter of that name."""


@dataclass(frozen=True)
class NewValue:
    """A value as somebody writes it, with the day it begins and where it comes from."""

    value: str
    first: dt.date
    basis: str
    evidence: str = "modelling_choice"
    note: str = ""


def with_value(text: str, parameter: str, new: NewValue) -> str:
    """The text where a parameter has another value from a day on.

    A version that begins on that very day is corrected in place; it never held with its old value if that is so wished.
    """
    values = values_of(text, parameter)
    entries = values.items or []
    same = next((entry for entry in entries if _day(entry, "from") == new.first), None)
    if same is not None:
        return _corrected(text, same, new)
    earlier = [entry for entry in entries if _first(entry) < new.first]
    later = [_first(entry) for entry in entries if _first(entry) > new.first]
    before = max(earlier, key=_first, default=None)
    if before is None:
        return inserted_before(text, values, entries[0], _entry(new, min(later) - _DAY))
    held_to = _day(before, "to")
    runs_on = held_to is None or held_to >= new.first
    last = held_to if runs_on else min(later) - _DAY if later else None
    text = inserted_behind(text, values, before, _entry(new, last))
    return ended(text, before, new.first - _DAY) if runs_on else text


def values_of(text: str, parameter: str) -> Part:
    """The list of a parameter's values in a text."""
    documents = documents_of(text)
    known = (documents[0].find("parameters") if documents else None) or None
    names = (known.keys if known else None) or {}
    if parameter not in names:
        raise NoSuchParameter(name=parameter, near=nearest(parameter, names))
    return names[parameter].at("values")


def ended(text: str, entry: Part, last: dt.date) -> str:
    """The text where something with `from` and `to` has that last day."""
    if (to := entry.find("to")) is not None:
        return replaced(text, to.start, to.end, last.isoformat())
    first = entry.at("from")
    return replaced(text, first.end, first.end, f"{_next_key(entry)}to: {last.isoformat()}")


def _next_key(entry: Part) -> str:
    """What stands between two keys of a mapping."""
    return ", " if entry.on_one_line else "\n" + " " * entry.column


def _entry(new: NewValue, last: dt.date | None) -> str:
    parts = [f"from: {new.first.isoformat()}", *([f"to: {last.isoformat()}"] if last else [])]
    parts += [f"value: {written(new.value)}", f"basis: {words(new.basis)}", f"evidence: {new.evidence}"]
    parts += [f"note: {words(new.note)}"] if new.note else []
    return f"{{{', '.join(parts)}}}"


def _corrected(text: str, entry: Part, new: NewValue) -> str:
    fields = {"value": written(new.value), "basis": words(new.basis), "evidence": new.evidence}
    fields |= {"note": words(new.note)} if new.note else {}
    places = {name: entry.find(name) for name in fields}
    missing = [name for name, place in places.items() if place is None]
    if missing:
        added = "".join(f"{_next_key(entry)}{name}: {fields[name]}" for name in missing)
        end = max(part.end for part in entry.children())
        text = replaced(text, end, end, added)
    there = [(place, name) for name, place in places.items() if place is not None]
    for place, name in sorted(there, key=lambda found: -found[0].start):
        text = replaced(text, place.start, place.end, fields[name])
    return text


def _first(entry: Part) -> dt.date:
    day = _day(entry, "from")
    return dt.date.min if day is None else day


def _day(entry: Part, key: str) -> dt.date | None:
    found = entry.find(key)
    try:
        return dt.date.fromisoformat(found.value or "") if found is not None else None
    except ValueError:
        return None
