"""Which reception facility is an arriving group assigned to, and which criterion decided?

In go the order of the criteria (`params/easy.yaml`), the facilities with free places and the groups in the order of
their arrival; out comes a facility for each group with the way the choice narrowed, and the Länder's new balances.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import polars as pl
from pydantic import Field

from stellwerk.distribution.balances import Balances
from stellwerk.distribution.groups import GroupWithoutPersons
from stellwerk.distribution.keys import find_key
from stellwerk.distribution.reference import ReferenceTables, require_columns, require_places
from stellwerk.distribution.shares import shares_on
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

EASY_FILE = "easy.yaml"
EARTH_METRES = 6_371_009  # mean radius
TEXT_COLUMNS = ("facility", "land", "decided_by", "basis", "left", "skipped")
CriterionName = Literal["stays", "owes", "free_places", "handles_origin", "most_owed", "nearest", "code"]
Required = Literal["owes", "free_places", "handles_origin"]


class UnknownFacilityCode(StellwerkError):
    """A group reported at a facility that is not in the table."""


class UnknownOrigin(StellwerkError):
    """A country of origin has no such code."""


class FacilityRepeated(StellwerkError):
    """A facility stands twice in the table."""


class FacilityIncomplete(StellwerkError):
    """A facility lacks a number that is needed."""


class NoFacilities(StellwerkError):
    """There is no facility to assign to."""


class Criterion(Document):
    """One step of the order; `requires` only for staying where one reported."""

    criterion: CriterionName
    label: Labels
    basis: str
    evidence: EvidenceGrade
    requires: tuple[Required, ...] = ()


class EasyOrder(Document):
    """All of `params/easy.yaml`: the key of the quota, and the criteria in their order."""

    key: str
    basis: str
    source: str
    order: list[Criterion] = Field(min_length=1)

    @classmethod
    def load(cls, tables: ReferenceTables) -> EasyOrder:
        """Read the order of the checkout."""
        path = tables.params / EASY_FILE
        return validated(cls, read_document(path, path.name), path.name)


@dataclass(frozen=True)
class Facility:
    """A reception facility; no origins means that its branch office handles all."""

    code: str
    land: str
    places: int
    origins: frozenset[str]
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True)
class Group:
    """Persons who are assigned together, and where they reported."""

    group: str
    persons: int
    origin: str
    reported_at: str


@dataclass(frozen=True)
class Choice:
    """Where a group goes: the criterion that left one facility, how many each left, which ones had to be skipped."""

    group: Group
    facility: Facility
    decided_by: Criterion
    left: tuple[tuple[CriterionName, int], ...]
    skipped: tuple[CriterionName, ...]


@dataclass(frozen=True)
class EasyRun:
    """The choices for all groups, and what they leave behind."""

    choices: tuple[Choice, ...]
    balances: Balances
    free: dict[str, int]

    def to_frame(self) -> pl.DataFrame:
        """One row a group."""
        rows = [
            {
                "group": choice.group.group,
                "persons": choice.group.persons,
                "facility": choice.facility.code,
                "land": choice.facility.land,
                "decided_by": choice.decided_by.criterion,
                "basis": choice.decided_by.basis,
                "left": " > ".join(f"{name} {count}" for name, count in choice.left),
                "skipped": ", ".join(choice.skipped) or None,
            }
            for choice in self.choices
        ]
        schema = {"group": pl.String, "persons": pl.Int64, **dict.fromkeys(TEXT_COLUMNS, pl.String)}
        return pl.DataFrame(rows, schema=schema)


@dataclass(frozen=True)
class _Situation:
    """What the criteria look at when one group's turn has come."""

    group: Group
    reported_at: Facility
    claims: Mapping[str, Fraction]
    free: Mapping[str, int]


def easy_run(
    groups: pl.DataFrame,
    facilities: pl.DataFrame,
    on: dt.date,
    tables: ReferenceTables,
    order: EasyOrder,
    balances: Balances | None = None,
) -> EasyRun:
    """Assign the groups one after the other; each changes the balances and the free places for the next.

    `groups` has columns group, persons, origin, reported_at; `facilities` has code, land, places (free), origins
    (codes parted by semicolons, empty for all), latitude, longitude.
    """
    made = shares_on(find_key(order.key, tables), on, tables)
    found = _facilities(facilities, made.names, tables)
    account = balances or Balances.even(order.key, made.names)
    free = {facility.code: facility.places for facility in found.values()}
    choices = []
    for group in _groups(groups, found, tables):
        claims = {code: owed + made.shares[code] * group.persons for code, owed in account.owed.items()}
        choice = choose(group, list(found.values()), claims, free, order.order)
        account = account.after(made.shares, {choice.facility.land: group.persons}, on)
        free[choice.facility.code] -= group.persons
        choices.append(choice)
    return EasyRun(tuple(choices), account, free)


def choose(
    group: Group,
    facilities: list[Facility],
    claims: Mapping[str, Fraction],
    free: Mapping[str, int],
    order: list[Criterion],
) -> Choice:
    """The facility for one group: each criterion keeps those that meet it, or is skipped where none does."""
    reported_at = next(facility for facility in facilities if facility.code == group.reported_at)
    situation = _Situation(group, reported_at, claims, free)
    candidates, decided_by = sorted(facilities, key=lambda facility: facility.code), order[0]
    left: list[tuple[CriterionName, int]] = []
    skipped: list[CriterionName] = []
    for criterion in order:
        kept = _kept(criterion, candidates, situation)
        if not kept:
            if criterion.criterion != "stays":
                skipped.append(criterion.criterion)
            continue
        if len(kept) < len(candidates):
            decided_by = criterion
        candidates = kept
        left.append((criterion.criterion, len(candidates)))
        if len(candidates) == 1:
            break
    return Choice(group, candidates[0], decided_by, tuple(left), tuple(skipped))


def _kept(criterion: Criterion, candidates: list[Facility], situation: _Situation) -> list[Facility]:
    if criterion.criterion == "stays":
        stays = all(_MEETS[name](situation.reported_at, situation) for name in criterion.requires)
        return [situation.reported_at] if stays else []
    if criterion.criterion in _MEETS:
        return [facility for facility in candidates if _MEETS[criterion.criterion](facility, situation)]
    least = _LEAST[criterion.criterion]
    best = min(least(facility, situation) for facility in candidates)
    return [facility for facility in candidates if least(facility, situation) == best]


_MEETS: dict[str, Callable[[Facility, _Situation], bool]] = {
    "owes": lambda facility, at: at.claims[facility.land] > 0,
    "free_places": lambda facility, at: at.free[facility.code] >= at.group.persons,
    "handles_origin": lambda facility, at: not facility.origins or at.group.origin in facility.origins,
}
_LEAST: dict[str, Callable[[Facility, _Situation], Any]] = {
    "most_owed": lambda facility, at: -at.claims[facility.land],
    "nearest": lambda facility, at: metres(facility, at.reported_at),
    "code": lambda facility, at: facility.code,
}


def metres(one: Facility, other: Facility) -> int:
    """The distance of two facilities as the crow flies, in whole metres (great circle, haversine)."""
    north, south = math.radians(float(one.latitude)), math.radians(float(other.latitude))
    turn = math.radians(float(one.longitude) - float(other.longitude))
    half = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    return round(2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half))))


def _facilities(frame: pl.DataFrame, laender: Mapping[str, str], tables: ReferenceTables) -> dict[str, Facility]:
    require_columns(frame, ("code", "land", "places", "origins", "latitude", "longitude"), "facilities")
    if frame.is_empty():
        raise NoFacilities()
    require_places(frame["land"], dict(laender))
    found: dict[str, Facility] = {}
    for row in frame.to_dicts():
        if row["code"] in found:
            raise FacilityRepeated(code=row["code"])
        for column in ("places", "latitude", "longitude"):
            if row[column] is None:
                raise FacilityIncomplete(code=row["code"], column=column)
        origins = frozenset(filter(None, (part.strip() for part in (row["origins"] or "").split(";"))))
        _check_origins(origins, tables)
        place = Decimal(str(row["latitude"])), Decimal(str(row["longitude"]))
        found[row["code"]] = Facility(row["code"], row["land"], row["places"], origins, *place)
    return found


def _groups(frame: pl.DataFrame, facilities: Mapping[str, Facility], tables: ReferenceTables) -> list[Group]:
    require_columns(frame, ("group", "persons", "origin", "reported_at"), "groups")
    _check_origins(frame["origin"].unique().sort().to_list(), tables)
    groups = [Group(row["group"], row["persons"], row["origin"], row["reported_at"]) for row in frame.to_dicts()]
    for group in groups:
        if not isinstance(group.persons, int) or group.persons < 1:
            raise GroupWithoutPersons(group=group.group, persons=group.persons)
        if group.reported_at not in facilities:
            near = nearest(str(group.reported_at), facilities)
            raise UnknownFacilityCode(code=group.reported_at, near=near, known=sorted(facilities))
    return groups


def _check_origins(origins: Iterable[str | None], tables: ReferenceTables) -> None:
    known = tables.as_text("countries")["iso2"].to_list()
    for origin in sorted(map(str, origins)):
        if origin not in known:
            raise UnknownOrigin(code=origin, near=nearest(origin, known))
