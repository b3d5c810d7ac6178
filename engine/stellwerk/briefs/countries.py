"""Which countries are meant, and what is each called in the reader's language?

In go the table of countries and what somebody wrote (codes or names, with commas between), out come codes in that
order; an unknown country is an error with the nearest name.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from stellwerk.errors import StellwerkError, nearest


class UnknownCountry(StellwerkError):
    """No country of that code or name."""


def country_names(params: Path, language: str) -> dict[str, str]:
    """Names by code; read as text, since NA is a country."""
    with (params / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row[f"name_{language}"] for row in csv.DictReader(file)}


def country_codes(written: str, params: Path) -> list[str]:
    """The codes of countries written as codes or names, with commas between; each once, in the order written."""
    called: dict[str, str] = {}
    for language in ("de", "en"):
        names = country_names(params, language)
        called |= {name.casefold(): code for code, name in names.items()} | {code.casefold(): code for code in names}
    return list(dict.fromkeys(_code(part.strip(), called) for part in written.split(",") if part.strip()))


def alphabetical(name: str) -> str:
    """A name as it is sorted: Ä with A."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _code(written: str, called: Mapping[str, str]) -> str:
    found = called.get(written.casefold())
    if found is None:
        raise UnknownCountry(country=written, near=nearest(written.casefold(), called))
    return found
