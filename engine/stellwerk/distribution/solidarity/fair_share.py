"""What would each state's fair share be under every key that Europe has had or discussed?

In go a number of persons and a day, out comes a table: a row a state, a column a key. A key that is not known for the
day is taken at the day nearest to it on which it is, and the day is told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from stellwerk.distribution.keys import Interval, Key, PublishedShares, WeightedShares, load_keys
from stellwerk.distribution.quota import Distribution, distribute
from stellwerk.distribution.reference import ReferenceTables


@dataclass(frozen=True)
class FairShares:
    """A number of persons divided by several keys; key id -> its distribution, each on its own day."""

    persons: int
    by_key: dict[str, Distribution]

    def to_frame(self) -> pl.DataFrame:
        """One row a state: code, name, then the persons under each key."""
        first = next(iter(self.by_key.values()))
        codes = sorted(first.names)
        columns = {key: [found.persons.get(code, 0) for code in codes] for key, found in self.by_key.items()}
        names = [first.names[code] for code in codes]
        return pl.DataFrame(
            {"code": codes, "name": names, **columns}, schema_overrides=dict.fromkeys(columns, pl.Int64)
        )


def fair_shares(persons: int, on: dt.date, places: str, tables: ReferenceTables) -> FairShares:
    """Divide `persons` by every key that is made for `places`, in the order of the file of keys."""
    keys = {name: key for name, key in load_keys(tables).items() if key.places == places}
    return FairShares(
        persons, {name: distribute(name, persons, _day(key, on, tables), tables) for name, key in keys.items()}
    )


def _day(key: Key, on: dt.date, tables: ReferenceTables) -> dt.date:
    """The day `on`, or the nearest day on which the key is known."""
    spans = _spans(key, tables)
    if not spans or any(span.holds(on) for span in spans):
        return on
    ends = [day for span in spans for day in (span.first, span.last) if day is not None]
    return min(ends, key=lambda day: (abs((day - on).days), day))


def _spans(key: Key, tables: ReferenceTables) -> list[Interval]:
    if isinstance(key, WeightedShares):
        return list(key.in_force)
    if not isinstance(key, PublishedShares):
        return []
    rows = tables.as_text(key.table).filter(*(pl.col(name) == value for name, value in key.where.items()))
    days = rows.select("applies_from", "applies_to").unique().sort("applies_from")
    return [Interval.model_validate({"from": first, "to": last}) for first, last in days.iter_rows()]
