"""A sentence of the catalogue in both languages at once, for what a budget keeps until somebody reads it."""

from __future__ import annotations

from stellwerk.documents import Labels
from stellwerk.texts import text


def in_both(key: str, **values: object) -> Labels:
    """The text of `key` in German and English; a value that is itself in both languages stands in each as its own."""
    return Labels(de=text(key, "de", **_in(values, "de")), en=text(key, "en", **_in(values, "en")))


def _in(values: dict[str, object], language: str) -> dict[str, object]:
    return {name: value.in_language(language) if isinstance(value, Labels) else value for name, value in values.items()}
