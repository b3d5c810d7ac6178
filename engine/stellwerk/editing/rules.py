"""A rule gets another version, another exception, or another line: the changes of `rules/<field>/*.yaml` that say so.

Goes in: the text of the file, the rule, what is new. Comes out: the text with that change and nothing else. A new
version is a copy of the newest one that begins on a day, and the one before it ends the day before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from stellwerk.editing.layout import Part, Step, documents_of, end_of_line, inserted_behind, replaced, words
from stellwerk.editing.parameters import ended
from stellwerk.errors import StellwerkError, nearest

_DAY = dt.timedelta(days=1)
_BEHIND = ("when", "let", "read_at", "in_force")  # where exceptions stand: behind the first of these that there is
_OF_THE_COPIED = ("verified_until", "known_from")  # what was said of the copied version and not of the new one
_FIXED = ("rule", "kind", "subject", "read_at", "table", "policy")  # what makes a rule what it is


class NoSuchRule(StellwerkError):
    """The file has no rule of that name."""


class VersionTooEarly(StellwerkError):
    """A new version that would begin before the newest one does."""


@dataclass(frozen=True)
class Line:
    """Something of a rule that can be changed in a form: where it stands, what it is, what is written there."""

    document: int
    path: tuple[Step, ...]
    value: str
    line: int


@dataclass(frozen=True)
class NewException:
    """An exception with its own outcome."""

    condition: str
    decide: str
    basis: str = ""
    key: str = ""


def lines_of(text: str, rule: str) -> list[Line]:
    """What can be changed of a rule in a form, version by version, in the order of the file."""
    found = []
    for number, document in versions_of(text, rule):
        for path, part in _single_values(document, ()):
            if path[0] not in _FIXED:
                found.append(Line(number, path, part.value or "", part.line))
    return found


def versions_of(text: str, rule: str) -> list[tuple[int, Part]]:
    """The versions of a rule in a text, each with the number of its document."""
    documents = list(enumerate(documents_of(text)))
    found = [(number, document) for number, document in documents if _name(document) == rule]
    if not found:
        raise NoSuchRule(name=rule, near=nearest(rule, [_name(document) for _, document in documents]))
    return found


def rules_in(text: str) -> list[str]:
    """The rules that a text has, each once."""
    return list(dict.fromkeys(name for name in map(_name, documents_of(text)) if name))


def with_version(text: str, rule: str, first: dt.date, evidence: str = "modelling_choice") -> str:
    """The text with another version of a rule: a copy of its newest one that begins on a day."""
    versions = [version for _, version in versions_of(text, rule)]
    newest = max(versions, key=lambda version: version.at("in_force", "from").value or "")
    begins = newest.at("in_force", "from").value or ""
    if first.isoformat() <= begins:
        raise VersionTooEarly(rule=rule, first=first, newest=begins)
    copy = _copied(text[newest.start : _end_of(text, newest)], first, evidence)
    runs_on = (newest.find("in_force", "to")) is None or (newest.at("in_force", "to").value or "") >= first.isoformat()
    place = _end_of(text, newest)
    text = replaced(text, place, place, f"\n---\n{copy}")
    return ended(text, newest.at("in_force"), first - _DAY) if runs_on else text


def with_exception(text: str, rule: str, document: int, new: NewException) -> str:
    """The text where a version of a rule has another exception, the last of them."""
    version = dict(versions_of(text, rule))[document]
    parts = [f"key: {new.key}"] if new.key else []
    parts += [f"if: {words(new.condition)}", f"decide: {new.decide}"]
    parts += [f"basis: {words(new.basis)}"] if new.basis else []
    entry = f"{{{', '.join(parts)}}}"
    there = version.find("unless")
    if there is not None and there.items:
        return inserted_behind(text, there, there.items[-1], entry)
    if there is not None:
        return replaced(text, there.start, there.end, f"[{entry}]")
    behind = next(version.at(key) for key in _BEHIND if version.find(key) is not None)
    end = end_of_line(text, behind.end)
    return replaced(text, end, end, f"\nunless:\n  - {entry}")


def _copied(document: str, first: dt.date, evidence: str) -> str:
    """A version's text for another first day: open at its end, and as sure as its author is."""
    for key in _OF_THE_COPIED:
        (version,) = documents_of(document)
        if (part := version.find(key)) is not None:
            start, end = version.key(key).start, end_of_line(document, part.end) + 1
            document = replaced(document, start, end, "")
    (version,) = documents_of(document)
    grade, interval = version.at("evidence"), version.at("in_force")
    opened = f" {{from: {first.isoformat()}}}"
    changes = [(grade.start, grade.end, evidence), (version.key("in_force").end + 1, interval.end, opened)]
    for start, end, new in sorted(changes, reverse=True):
        document = replaced(document, start, end, new)
    return document.rstrip("\n")


def _end_of(text: str, document: Part) -> int:
    """Where a document ends, with the comments behind it and without the line that divides it from the next."""
    end = end_of_line(text, document.end)
    while end < len(text) and text[end + 1 : end + 2] in ("#", " "):
        end = end_of_line(text, end + 1)
    return end


def _single_values(part: Part, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Part]]:
    if part.value is not None:
        yield path, part
    for position, item in enumerate(part.items or ()):
        yield from _single_values(item, (*path, position))
    for key, value in (part.keys or {}).items():
        yield from _single_values(value, (*path, key))


def _name(document: Part) -> str:
    found = document.find("rule")
    return (found.value or "") if found is not None else ""
