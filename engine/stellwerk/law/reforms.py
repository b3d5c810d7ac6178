"""Reforms: ordered patches over the law in force, each with its start date and the demand it answers.

A patch extends a listing or sets a parameter from a day on. No patch may start before its reform does, so that a
reform changes nothing before its start date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law.core import UnknownCode, UnknownListing, UnknownName
from stellwerk.law.dated import (
    CodeListing,
    DatedValue,
    Interval,
    ListedCode,
    Parameter,
    ReversedInterval,
    parse_parameter_value,
)
from stellwerk.law.types import Value
from stellwerk.provenance import EvidenceGrade


class PatchBeforeStart(StellwerkError):
    """A patch starts before its reform."""


class UnknownReform(StellwerkError):
    """A reform that does not exist."""


@dataclass(frozen=True)
class ExtendListing:
    """Codes that a reform adds to a listing."""

    listing: str
    codes: tuple[str, ...]
    interval: Interval
    demand: str
    evidence: str
    note: str


@dataclass(frozen=True)
class SetParameter:
    """A value that a reform gives to a parameter."""

    parameter: str
    value: Value
    interval: Interval
    demand: str
    evidence: str
    note: str


@dataclass(frozen=True)
class Reform:
    """An ordered overlay with its own start date and source."""

    id: str
    label_de: str
    label_en: str
    source: str
    start: dt.date
    patches: tuple[ExtendListing | SetParameter, ...]

    def label(self, language: str) -> str:
        """Its title in a language."""
        return self.label_de if language == "de" else self.label_en


class _Patch(documents.Document):
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
    demand: str
    evidence: EvidenceGrade = "modelling_choice"
    note: str = ""


class _ExtendListing(_Patch):
    extend_listing: str
    codes: tuple[str, ...] = Field(min_length=1)


class _SetParameter(_Patch):
    set_parameter: str
    value: str | int | bool


class _ReformFile(documents.Document):
    reform: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: documents.Labels
    source: str
    start: dt.date
    patches: tuple[_ExtendListing | _SetParameter, ...]


def load_reforms(
    root: Path, parameters: Mapping[str, Parameter], listings: Mapping[str, CodeListing]
) -> tuple[dict[str, Reform], list[StellwerkError]]:
    """All reforms of `rules/reforms/` by id, and what is wrong with them."""
    reforms: dict[str, Reform] = {}
    errors: list[StellwerkError] = []
    for path in sorted((root / "rules" / "reforms").glob("*.yaml")):
        shown = shown_path(path, root)
        try:
            data = documents.read_document(path, shown)
            reform = _reform(documents.validated(_ReformFile, data, shown), data, shown, parameters, listings)
            reforms[reform.id] = reform
        except StellwerkError as error:
            errors.append(error)
    return reforms, errors


def extended(listing: CodeListing, patch: ExtendListing, reform: Reform) -> CodeListing:
    """The listing with a reform's codes added."""
    added = tuple(
        ListedCode(code, patch.interval, patch.evidence, reform.source, patch.note, reform.id) for code in patch.codes
    )
    return replace(listing, members=(*listing.members, *added))


def overridden(parameter: Parameter, patch: SetParameter, reform: Reform) -> Parameter:
    """The parameter with a reform's value in the patch's interval."""
    value = DatedValue(patch.interval, patch.value, patch.evidence, reform.source, patch.note, reform.id)
    return parameter.with_value(value)


def _reform(
    entry: _ReformFile,
    data: documents.Mapping,
    shown: str,
    parameters: Mapping[str, Parameter],
    listings: Mapping[str, CodeListing],
) -> Reform:
    patches: list[ExtendListing | SetParameter] = []
    for position, patch in enumerate(entry.patches):
        place = Place(shown, documents.line_of(data, ["patches", position]))
        interval = _interval(patch, entry.start, place)
        if isinstance(patch, _ExtendListing):
            patches.append(_extend_listing(patch, interval, place, listings))
        else:
            patches.append(_set_parameter(patch, interval, place, parameters))
    return Reform(entry.reform, entry.title.de, entry.title.en, entry.source, entry.start, tuple(patches))


def _interval(patch: _Patch, start: dt.date, place: Place) -> Interval:
    first = patch.from_ or start
    if first < start:
        raise PatchBeforeStart(place, first=first, start=start)
    if patch.to is not None and patch.to < first:
        raise ReversedInterval(place, first=first, last=patch.to)
    return Interval(first, patch.to)


def _extend_listing(
    patch: _ExtendListing, interval: Interval, place: Place, listings: Mapping[str, CodeListing]
) -> ExtendListing:
    if patch.extend_listing not in listings:
        raise UnknownListing(place, name=patch.extend_listing, near=nearest(patch.extend_listing, listings))
    code_list = listings[patch.extend_listing].code_type.code_list
    assert code_list is not None
    for code in patch.codes:
        if code not in code_list.codes:
            raise UnknownCode(place, code=code, list=code_list.name, near=nearest(code, code_list.codes))
    return ExtendListing(patch.extend_listing, patch.codes, interval, patch.demand, patch.evidence, patch.note)


def _set_parameter(
    patch: _SetParameter, interval: Interval, place: Place, parameters: Mapping[str, Parameter]
) -> SetParameter:
    name = patch.set_parameter
    if name not in parameters:
        raise UnknownName(place, name=name, near=nearest(name, parameters))
    value = parse_parameter_value(patch.value, parameters[name].type, name, place)
    return SetParameter(name, value, interval, patch.demand, patch.evidence, patch.note)
