"""A country enters or leaves a listing: the change of `rules/listings/*.csv` that says so.

Goes in: the text of the table, the listing, the code and the day. Comes out: the text with one more row behind the
last one of that listing, or with a last day in one row. All other rows stay as they are, byte for byte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from stellwerk.editing.rows import Row, rows_of, written_row
from stellwerk.errors import StellwerkError, nearest


class NoSuchListing(StellwerkError):
    """The table has no listing of that name."""


class ListedAlready(StellwerkError):
    """A code that is on the listing on that day."""


class NotListed(StellwerkError):
    """A code that is not on the listing on that day."""


@dataclass(frozen=True)
class NewEntry:
    """A code that enters a listing on a day."""

    code: str
    first: dt.date
    source: str
    last: dt.date | None = None
    evidence: str = "modelling_choice"
    note: str = ""


def with_entry(text: str, listing: str, new: NewEntry) -> str:
    """The text where a code is on a listing from a day on."""
    rows = rows_of(text)
    own = _of_listing(rows, listing)
    if any(row.cells["code"] == new.code and _holds(row, new.first) for row in own):
        raise ListedAlready(code=new.code, listing=listing, day=new.first)
    last = new.last.isoformat() if new.last else ""
    cells = (listing, new.code, new.first.isoformat(), last, new.evidence, new.source, new.note)
    place = own[-1].end
    lead = "" if text[:place].endswith("\n") else "\n"
    return text[:place] + lead + written_row(cells) + text[place:]


def without_entry(text: str, listing: str, code: str, last: dt.date) -> str:
    """The text where a code's membership ends on a day; its row stays, with that last day."""
    own = _of_listing(rows_of(text), listing)
    row = next((row for row in own if row.cells["code"] == code and _holds(row, last)), None)
    if row is None:
        raise NotListed(code=code, listing=listing, day=last)
    cells = [last.isoformat() if name == "to" else cell for name, cell in row.cells.items()]
    return text[: row.start] + written_row(cells) + text[row.end :]


def listings_in(text: str) -> list[str]:
    """The listings that have rows in a table, each once."""
    return list(dict.fromkeys(row.cells["listing"] for row in rows_of(text)))


def _of_listing(rows: Sequence[Row], listing: str) -> list[Row]:
    own = [row for row in rows if row.cells["listing"] == listing]
    if not own:
        raise NoSuchListing(name=listing, near=nearest(listing, [row.cells["listing"] for row in rows]))
    return own


def _holds(row: Row, day: dt.date) -> bool:
    """Whether a row's interval has a day; days are written so that they sort as text."""
    return row.cells["from"] <= day.isoformat() and (not row.cells["to"] or day.isoformat() <= row.cells["to"])
