"""Months, the time step of every budget: read, counted off, written.

A month is the date of its first day. Law and prices of a line are read on that day.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import BeforeValidator

_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})(-01)?")


def parse_month(written: object) -> object:
    """A month as 2026-01, 2026-1 or 2026-01-01; anything else comes back as it is and is refused by its reader."""
    found = _MONTH.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None or not 1 <= int(found["month"]) <= 12:
        return written
    return dt.date(int(found["year"]), int(found["month"]), 1)


Month = Annotated[dt.date, BeforeValidator(parse_month)]


def months_between(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """All months from `first` to `last`, both inside.

    >>> [str(month) for month in months_between(dt.date(2025, 12, 1), dt.date(2026, 1, 1))]
    ['2025-12-01', '2026-01-01']
    """
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return tuple(dt.date((start + step) // 12, (start + step) % 12 + 1, 1) for step in range(count))


def shown_month(month: dt.date) -> str:
    """A month as it stands in files: 2026-01."""
    return f"{month:%Y-%m}"
