"""Which families go to which place this week, by the fulfilment of each place?

In go the obligations of all places and the week's families, out comes a plan: families that reunite go to their own,
all others first to the lowest fulfilment that still has room for them; nobody goes where the target is reached.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from stellwerk.distribution.groups import GroupWithoutPersons
from stellwerk.distribution.keys import find_key
from stellwerk.distribution.obligations import Obligation, key_with_credits, obligations
from stellwerk.distribution.reference import ReferenceTables, require_columns, require_places
from stellwerk.distribution.shares import shares_on
from stellwerk.errors import StellwerkError
from stellwerk.formats import exact

Reason = Literal["reunites", "lowest_fulfilment", "largest_room"]
SHOWN = pl.Decimal(38, 6)


class FamilyRepeated(StellwerkError):
    """A family stands twice among those to be assigned."""


class KeyWithoutAssignment(StellwerkError):
    """The key says nothing of weekly assignment."""


@dataclass(frozen=True)
class Family:
    """A family to be assigned whole; `joins` is the place where its spouse, parents or children live."""

    family: str
    persons: int
    joins: str | None = None


@dataclass(frozen=True)
class Assigned:
    """Where a family goes and by which rule."""

    family: str
    persons: int
    code: str
    reason: Reason


@dataclass(frozen=True)
class WeekPlan:
    """A week's assignments, and each place's obligation before and after them."""

    key_id: str
    on: dt.date
    names: dict[str, str]
    assigned: tuple[Assigned, ...]
    before: dict[str, Obligation]
    after: dict[str, Obligation]
    catch_up_below: Decimal

    @property
    def persons(self) -> int:
        """All persons assigned."""
        return sum(item.persons for item in self.assigned)

    def missing(self, code: str) -> int:
        """How many persons a place lacks to the fulfilment below which it has to catch up."""
        obligation = self.after[code]
        lacking = Fraction(self.catch_up_below) * obligation.target - obligation.held
        return max(0, -(-lacking.numerator // lacking.denominator))

    def stock(self) -> pl.DataFrame:
        """The stock after the week, as the next week's plan wants it."""
        codes = sorted(self.after)
        return pl.DataFrame({"code": codes, "persons": [self.after[code].stock for code in codes]})

    def families(self) -> pl.DataFrame:
        """One row a family: place and reason."""
        schema = {"family": pl.String, "persons": pl.Int64, "code": pl.String, "name": pl.String, "reason": pl.String}
        rows = [(a.family, a.persons, a.code, self.names[a.code], a.reason) for a in self.assigned]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def to_frame(self) -> pl.DataFrame:
        """One row a place: what it holds and owes, whom it receives, whether it has to catch up."""
        codes = sorted(self.before)
        received = {code: self.after[code].stock - self.before[code].stock for code in codes}
        return pl.DataFrame(
            {
                "code": codes,
                "name": [self.names[code] for code in codes],
                "stock": pl.Series([self.before[code].stock for code in codes], dtype=pl.Int64),
                "credit": _amounts([self.before[code].credit for code in codes]),
                "target": _amounts([self.before[code].target for code in codes]),
                "open_obligation": _amounts([self.before[code].open for code in codes]),
                "persons": pl.Series([received[code] for code in codes], dtype=pl.Int64),
                "fulfilment_percent": _percents([self.before[code].fulfilment for code in codes]),
                "fulfilment_after_percent": _percents([self.after[code].fulfilment for code in codes]),
                "catch_up_persons": pl.Series([self.missing(code) for code in codes], dtype=pl.Int64),
            }
        )


def families_to_assign(frame: pl.DataFrame, places: Mapping[str, str]) -> list[Family]:
    """The families of a table with columns family, persons and, where wanted, joins (code of a place)."""
    require_columns(frame, ("family", "persons"), "families")
    rows = frame.to_dicts()
    require_places((row["joins"] for row in rows if row.get("joins")), dict(places))
    seen: set[str] = set()
    for row in rows:
        if row["family"] in seen:
            raise FamilyRepeated(family=row["family"])
        if not isinstance(row["persons"], int) or row["persons"] < 1:
            raise GroupWithoutPersons(group=row["family"], persons=row["persons"])
        seen.add(row["family"])
    return [Family(row["family"], row["persons"], row.get("joins") or None) for row in rows]


def week_plan(
    key_id: str,
    families: pl.DataFrame,
    on: dt.date,
    tables: ReferenceTables,
    *,
    stock: pl.DataFrame | None = None,
    facilities: pl.DataFrame | None = None,
    **choices: Any,
) -> WeekPlan:
    """Assign a week's families under a key with stock and credits; `choices` are those of `shares_on`."""
    key = find_key(key_id, tables)
    weekly = key_with_credits(key).assignment
    if weekly is None:
        raise KeyWithoutAssignment(key=key.label.de)
    made = shares_on(key, on, tables, **choices)
    coming = families_to_assign(families, made.names)
    before = obligations(sum(family.persons for family in coming), on, made, facilities, stock)
    assigned, after = assign(coming, before)
    return WeekPlan(key_id, on, made.names, tuple(assigned), before, after, weekly.catch_up_below)


def assign(families: list[Family], before: Mapping[str, Obligation]) -> tuple[list[Assigned], dict[str, Obligation]]:
    """Where each family goes, and the obligations after all have gone.

    Families that reunite go first, wherever their own are. The others follow, largest first: to the lowest fulfilment
    among the places with room for all of them below the target, where none has room to the place with most of it. The
    targets hold the new persons already, so as long as somebody waits, some place is below its target; a place passes
    its target only where no place has room, and then by less than the family's size.
    """
    after, found = dict(before), {}
    for family in (item for item in families if item.joins):
        after[str(family.joins)] = after[str(family.joins)].with_more(family.persons)
        found[family.family] = Assigned(family.family, family.persons, str(family.joins), "reunites")
    waiting = [
        (obligation.fulfilment or Fraction(0), code) for code, obligation in after.items() if obligation.open > 0
    ]
    heapq.heapify(waiting)
    for family in sorted((item for item in families if not item.joins), key=lambda item: (-item.persons, item.family)):
        code, reason = _chosen(family.persons, waiting, after)
        after[code] = after[code].with_more(family.persons)
        if after[code].open > 0:
            heapq.heappush(waiting, (after[code].fulfilment or Fraction(0), code))
        found[family.family] = Assigned(family.family, family.persons, code, reason)
    return [found[family.family] for family in families], after


def _chosen(persons: int, waiting: list[tuple[Fraction, str]], owing: Mapping[str, Obligation]) -> tuple[str, Reason]:
    """Take the place of lowest fulfilment with room out of those waiting, else the one with most room."""
    passed: list[tuple[Fraction, str]] = []
    while waiting:
        fulfilment, code = heapq.heappop(waiting)
        if owing[code].open >= persons:
            for place in passed:
                heapq.heappush(waiting, place)
            return code, "lowest_fulfilment"
        passed.append((fulfilment, code))
    roomiest = min(passed, key=lambda place: (-owing[place[1]].open, place[1]))
    waiting.extend(place for place in passed if place != roomiest)
    heapq.heapify(waiting)
    return roomiest[1], "largest_room"


def _amounts(amounts: list[Fraction]) -> pl.Series:
    return pl.Series([exact(amount, 6) for amount in amounts], dtype=SHOWN)


def _percents(shares: list[Fraction | None]) -> pl.Series:
    return pl.Series([None if share is None else exact(share * 100, 6) for share in shares], dtype=SHOWN)
