"""Parameters and listings: values and sets of codes that hold from one day to another.

Both are read from files, checked (no overlaps, no reversed intervals) and looked up by day; `change_days` says on
which days something changes, so that a table can be evaluated in one pass over many law versions.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law import files
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, PERIOD, CodeList, Type, Value, parse_date, parse_value
from stellwerk.law.vocabulary import ColumnMissingInTable
from stellwerk.provenance import EVIDENCE_GRADES, EvidenceGrade

_PARAMETER_TYPES = {str(kind): kind for kind in (BOOL, INTEGER, DECIMAL, DATE, PERIOD)}
_LISTING_COLUMNS = ("listing", "code", "from", "to", "evidence", "source", "note")


class OverlappingVersions(StellwerkError):
    """Two versions of one thing are in force on the same day."""


class ReversedInterval(StellwerkError):
    """An interval ends before it begins."""


class ValueDoesNotFitType(StellwerkError):
    """A parameter's value is not of the parameter's type."""


class UnknownParameterType(StellwerkError):
    """A parameter's type is none of those a parameter may have."""


class ListingRowWrong(StellwerkError):
    """A row of a listing's table cannot be read."""


class ParameterTwice(StellwerkError):
    """A parameter is defined in two places."""


@dataclass(frozen=True)
class Interval:
    """First and last day, both inside; no last day means open."""

    first: dt.date
    last: dt.date | None = None

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share a day."""
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)


@dataclass(frozen=True)
class DatedValue:
    """One version of a parameter."""

    interval: Interval
    value: Value
    evidence: str
    basis: str
    note: str = ""
    reform: str = ""
    known_from: dt.date | None = None  # the day a retroactive value was promulgated


@dataclass(frozen=True)
class Parameter:
    """A dated value with type, unit and source."""

    id: str
    type: Type
    label_de: str
    label_en: str
    unit: str
    versions: tuple[DatedValue, ...]
    place: Place

    def on(self, day: dt.date) -> DatedValue | None:
        """The version in force on a day, or None."""
        return next((version for version in self.versions if day in version.interval), None)

    def change_days(self) -> set[dt.date]:
        """The days on which its value begins or stops to hold."""
        return _change_days(version.interval for version in self.versions)

    def known_on(self, day: dt.date) -> Parameter:
        """The parameter as it was known on a day: values promulgated later are left out, those before them go on."""
        return replace(self, versions=as_known_on(self.versions, day))

    def with_value(self, new: DatedValue) -> Parameter:
        """The parameter where `new` replaces whatever held in its interval."""
        kept = [
            replace(version, interval=part)
            for version in self.versions
            for part in parts_outside(version.interval, new.interval)
        ]
        return replace(self, versions=tuple(sorted([*kept, new], key=lambda version: version.interval.first)))


@dataclass(frozen=True)
class ListedCode:
    """One code's membership in a listing for an interval."""

    code: str
    interval: Interval
    evidence: str
    source: str
    note: str = ""
    reform: str = ""


@dataclass(frozen=True)
class CodeListing:
    """A dated set of codes."""

    id: str
    code_type: Type
    label_de: str
    label_en: str
    basis: str
    members: tuple[ListedCode, ...]

    def entry(self, code: str, day: dt.date) -> ListedCode | None:
        """The membership that puts `code` on the listing on a day, or None."""
        return next((member for member in self.members if member.code == code and day in member.interval), None)

    def codes_on(self, day: dt.date) -> frozenset[str]:
        """All codes on the listing on a day."""
        return frozenset(member.code for member in self.members if day in member.interval)

    def change_days(self) -> set[dt.date]:
        """The days on which a code enters or leaves."""
        return _change_days(member.interval for member in self.members)


class IntervalEntry(documents.Document):
    """`from` and `to` as they stand in files."""

    from_: dt.date = Field(alias="from")
    to: dt.date | None = None


class _ValueEntry(IntervalEntry):
    value: str | int | bool
    basis: str
    evidence: EvidenceGrade
    note: str = ""
    known_from: dt.date | None = None


class _ParameterEntry(documents.Document):
    title: documents.Labels
    type: str
    unit: str = ""
    values: tuple[_ValueEntry, ...] = Field(min_length=1)


class _ParameterFile(documents.Document):
    parameters: dict[str, _ParameterEntry]


class _ListingEntry(documents.Document):
    title: documents.Labels
    of: str
    basis: str
    file: str


class _ListingsFile(documents.Document):
    listings: dict[str, _ListingEntry]


def interval_of(entry: IntervalEntry, place: Place) -> Interval:
    """The interval of an entry, refused where it ends before it begins."""
    if entry.to is not None and entry.to < entry.from_:
        raise ReversedInterval(place, first=entry.from_, last=entry.to)
    return Interval(entry.from_, entry.to)


def refuse_overlaps(versions: Sequence[tuple[Interval, Place]], name: str) -> None:
    """Refuse two intervals of one thing that share a day."""
    ordered = sorted(versions, key=lambda version: version[0].first)
    for (earlier, _), (later, place) in pairwise(ordered):
        if earlier.overlaps(later):
            raise OverlappingVersions(place, name=name, day=later.first)


class _Known(Protocol):
    @property
    def interval(self) -> Interval: ...

    @property
    def known_from(self) -> dt.date | None: ...


KnownT = TypeVar("KnownT", bound=_Known)


def as_known_on(versions: Sequence[KnownT], day: dt.date) -> tuple[KnownT, ...]:
    """The versions without those promulgated after `day`; the one right before such a version goes on in its stead."""
    known: list[KnownT] = []
    for version in sorted(versions, key=lambda version: version.interval.first):
        if version.known_from is None or version.known_from <= day:
            known.append(version)
        elif known and known[-1].interval.last == version.interval.first - dt.timedelta(days=1):
            longer = Interval(known[-1].interval.first, version.interval.last)
            known[-1] = replace(known[-1], interval=longer)  # type: ignore[type-var]  # both are dataclasses
    return tuple(known)


def load_parameters(root: Path) -> tuple[dict[str, Parameter], list[StellwerkError]]:
    """All parameters of `params/law/*.yaml` by id, and what is wrong with them."""
    parameters: dict[str, Parameter] = {}
    errors: list[StellwerkError] = []
    for path in sorted((root / "params" / "law").glob("*.yaml")):
        shown = shown_path(path, root)
        try:
            data = files.read_document(path, shown)
            entries = documents.validated(_ParameterFile, data, shown).parameters
        except StellwerkError as error:
            errors.append(error)
            continue
        for name, entry in entries.items():
            place = Place(shown, documents.line_of(data, ["parameters", name]))
            try:
                if name in parameters:
                    raise ParameterTwice(place, name=name, first=str(parameters[name].place))
                parameters[name] = _parameter(name, entry, data, place)
            except StellwerkError as error:
                errors.append(error)
    return parameters, errors


def parse_parameter_value(raw: object, kind: Type, name: str, place: Place) -> Value:
    """A value as written for a parameter, refused where it does not fit the parameter's type."""
    value = parse_value(raw, kind)
    if value is None:
        raise ValueDoesNotFitType(place, name=name, value=raw, form=kind.in_words)
    return value


def load_listings(root: Path, code_lists: Mapping[str, CodeList]) -> dict[str, CodeListing]:
    """All listings of `rules/listings/` by id."""
    folder = root / "rules" / "listings"
    path = folder / "listings.yaml"
    shown = shown_path(path, root)
    entries = documents.validated(_ListingsFile, files.read_document(path, shown), shown).listings
    listings = {
        name: CodeListing(name, Type("code", code_lists[entry.of]), entry.title.de, entry.title.en, entry.basis, ())
        for name, entry in entries.items()
    }
    for table in sorted({entry.file for entry in entries.values()}):
        for name, members in _members(folder / table, shown_path(folder / table, root), listings).items():
            listings[name] = replace(listings[name], members=tuple(members))
    return listings


def _parameter(name: str, entry: _ParameterEntry, data: documents.Mapping, place: Place) -> Parameter:
    if entry.type not in _PARAMETER_TYPES:
        near = nearest(entry.type, _PARAMETER_TYPES)
        raise UnknownParameterType(place, name=entry.type, allowed=list(_PARAMETER_TYPES), near=near)
    kind = _PARAMETER_TYPES[entry.type]
    versions = []
    for position, value in enumerate(entry.values):
        here = Place(place.file, documents.line_of(data, ["parameters", name, "values", position]))
        exact = parse_parameter_value(value.value, kind, name, here)
        version = DatedValue(
            interval_of(value, here), exact, value.evidence, value.basis, value.note, known_from=value.known_from
        )
        versions.append((version, here))
    refuse_overlaps([(version.interval, here) for version, here in versions], name)
    ordered = tuple(sorted((version for version, _ in versions), key=lambda version: version.interval.first))
    return Parameter(name, kind, entry.title.de, entry.title.en, entry.unit, ordered, place)


def _members(path: Path, shown: str, listings: Mapping[str, CodeListing]) -> dict[str, list[ListedCode]]:
    if not path.is_file():
        raise documents.FileMissing(Place(shown))
    members: dict[str, list[ListedCode]] = {name: [] for name in listings}
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source)
        for column in _LISTING_COLUMNS:
            if column not in (rows.fieldnames or ()):
                raise ColumnMissingInTable(Place(shown, 1), column=column, near=nearest(column, rows.fieldnames or ()))
        for row in rows:
            place = Place(shown, rows.line_num)
            members[_allowed(row, "listing", listings, place)].append(_member(row, listings, place))
    for name, listed in members.items():
        for code in {member.code for member in listed}:
            same = [(member.interval, Place(shown)) for member in listed if member.code == code]
            refuse_overlaps(same, f"{name} {code}")
    return {name: listed for name, listed in members.items() if listed}


def _member(row: Mapping[str, str], listings: Mapping[str, CodeListing], place: Place) -> ListedCode:
    code_list = listings[row["listing"]].code_type.code_list
    assert code_list is not None
    days = {}
    for column in ("from", "to"):
        days[column] = parse_date(row[column]) if row[column] else None
        if (days[column] is None) == bool(row[column]) or (column == "from" and not row[column]):
            raise documents.ImpossibleDate(place, value=row[column])
    first, last = days["from"], days["to"]
    assert first is not None
    if last is not None and last < first:
        raise ReversedInterval(place, first=first, last=last)
    return ListedCode(
        code=_allowed(row, "code", code_list.codes, place),
        interval=Interval(first, last),
        evidence=_allowed(row, "evidence", EVIDENCE_GRADES, place),
        source=row["source"],
        note=row["note"],
    )


def _allowed(row: Mapping[str, str], column: str, allowed: Mapping[str, object] | Sequence[str], place: Place) -> str:
    value = row[column]
    if value not in allowed:
        raise ListingRowWrong(place, column=column, value=value, near=nearest(value, allowed))
    return value


def parts_outside(interval: Interval, cut: Interval) -> list[Interval]:
    """What is left of an interval before and after another one."""
    if not interval.overlaps(cut):
        return [interval]
    parts = []
    if interval.first < cut.first:
        parts.append(Interval(interval.first, cut.first - dt.timedelta(days=1)))
    if cut.last is not None and (interval.last is None or interval.last > cut.last):
        parts.append(Interval(cut.last + dt.timedelta(days=1), interval.last))
    return parts


def _change_days(intervals: Iterable[Interval]) -> set[dt.date]:
    days: set[dt.date] = set()
    for interval in intervals:
        days.add(interval.first)
        if interval.last is not None:
            days.add(interval.last + dt.timedelta(days=1))
    return days
