"""A reform is begun, or gets another change: the text of `rules/reforms/<id>.yaml`.

Goes in: what the reform is called, where it comes from and when it starts; then one change after another, each with the
demand it answers. Comes out: the text of the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stellwerk.editing.layout import documents_of, end_of_line, inserted_behind, replaced, words, written


@dataclass(frozen=True)
class Beginning:
    """What a reform is before it changes anything."""

    id: str
    title_de: str
    title_en: str
    source: str
    start: dt.date


def begun(reform: Beginning) -> str:
    """The text of a reform that changes nothing yet."""
    return (
        f"reform: {reform.id}\n"
        f"title: {{de: {words(reform.title_de)}, en: {words(reform.title_en)}}}\n"
        f"source: {words(reform.source)}\n"
        f"start: {reform.start.isoformat()}\n"
        "patches: []\n"
    )


def with_number(text: str, parameter: str, value: str, demand: str, first: dt.date | None = None) -> str:
    """The reform where it also gives a parameter another value, from its start or from a later day on."""
    since = [f"from: {first.isoformat()}"] if first else []
    return _with_patch(text, [f"set_parameter: {parameter}", f"value: {written(value)}", *since], demand)


def with_codes(text: str, listing: str, codes: Sequence[str], demand: str, first: dt.date | None = None) -> str:
    """The reform where codes also enter a listing, from its start or from a later day on."""
    since = [f"from: {first.isoformat()}"] if first else []
    return _with_patch(text, [f"extend_listing: {listing}", f"codes: [{', '.join(codes)}]", *since], demand)


def without_rule(text: str, rule: str, demand: str, first: dt.date | None = None) -> str:
    """The reform where a rule also ends: it does not hold any more on its start, or on a later day."""
    since = [f"from: {first.isoformat()}"] if first else []
    return _with_patch(text, [f"end_rule: {rule}", *since], demand)


def _with_patch(text: str, parts: Sequence[str], demand: str) -> str:
    entry = f"{{{', '.join([*parts, f'demand: {words(demand)}'])}}}"
    (document,) = documents_of(text)
    patches = document.find("patches")
    if patches is not None and patches.items:
        return inserted_behind(text, patches, patches.items[-1], entry)
    if patches is not None:
        return replaced(text, document.key("patches").end, patches.end, f":\n  - {entry}")
    end = end_of_line(text, document.at("start").end)
    return replaced(text, end, end, f"\npatches:\n  - {entry}")
