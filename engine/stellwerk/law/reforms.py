"""Reforms: ordered patches over the law in force, each with its start date and the demand it answers.

A patch extends a listing, sets a parameter, adds, replaces or ends a rule, each from a day on. No patch may start
before its reform does, so that a reform changes nothing before its start date. A reform also lists what cannot be
computed, with the reason, and where the law stands on each demand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law import files
from stellwerk.law.dated import (
    CodeListing,
    DatedValue,
    Interval,
    ListedCode,
    Parameter,
    ReversedInterval,
    parse_parameter_value,
    parts_outside,
)
from stellwerk.law.linker import Context
from stellwerk.law.linking import link_version
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.resolver import UnknownCode, UnknownListing, UnknownName, UnknownRuleName
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
class PutRule:
    """A version of a rule that a reform adds, or puts in place of whatever holds in its interval."""

    version: RuleVersion
    demand: str
    note: str


@dataclass(frozen=True)
class EndRule:
    """A rule that a reform ends."""

    rule: str
    first_day_without: dt.date
    demand: str
    note: str


Patch = ExtendListing | SetParameter | PutRule | EndRule


@dataclass(frozen=True)
class DemandNote:
    """What is said of a demand: where the law stands, or why it cannot be computed."""

    demand: str
    text_de: str
    text_en: str
    reason_de: str = ""
    reason_en: str = ""


@dataclass(frozen=True)
class Reform:
    """An ordered overlay with its own start date and source."""

    id: str
    label_de: str
    label_en: str
    source: str
    start: dt.date
    patches: tuple[Patch, ...]
    status: tuple[DemandNote, ...] = ()
    not_computed: tuple[DemandNote, ...] = ()

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


class _AddRule(_Patch):
    add_rule: dict[str, Any]


class _ReplaceRule(_Patch):
    replace_rule: dict[str, Any]


class _EndRule(_Patch):
    end_rule: str


class _Status(documents.Document):
    demand: str
    text: documents.Labels


class _NotComputed(documents.Document):
    demand: str
    reason: documents.Labels
    status: documents.Labels


class _ReformFile(documents.Document):
    reform: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: documents.Labels
    source: str
    start: dt.date
    patches: tuple[_ExtendListing | _SetParameter | _AddRule | _ReplaceRule | _EndRule, ...] = ()
    status: tuple[_Status, ...] = ()
    not_computed: tuple[_NotComputed, ...] = ()


def load_reforms(
    root: Path, context: Context, rules: Mapping[str, Rule]
) -> tuple[dict[str, Reform], list[StellwerkError]]:
    """All reforms of `rules/reforms/` by id, and what is wrong with them."""
    reforms: dict[str, Reform] = {}
    errors: list[StellwerkError] = []
    for path in sorted((root / "rules" / "reforms").glob("*.yaml")):
        shown = shown_path(path, root)
        try:
            data = files.read_document(path, shown)
            entry = documents.validated(_ReformFile, data, shown)
            added = {str(patch.add_rule.get("rule")) for patch in entry.patches if isinstance(patch, _AddRule)}
            known = replace(context, rules=frozenset(rules) | added)
            reform = _Reading(entry, data, shown, path.parent, known, rules).reform()
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


def with_rule(rules: Mapping[str, Rule], patch: PutRule | EndRule, reform: Reform) -> dict[str, Rule]:
    """The rules with one version put in, or one rule ended."""
    changed = dict(rules)
    if isinstance(patch, EndRule):
        cut = Interval(patch.first_day_without)
        changed[patch.rule] = Rule(patch.rule, _outside(rules[patch.rule].versions, cut))
        return changed
    name = patch.version.rule
    version = replace(patch.version, reform=reform.id)
    kept = _outside(rules[name].versions, version.interval) if name in rules else ()
    changed[name] = Rule(name, tuple(sorted([*kept, version], key=lambda part: part.interval.first)))
    return changed


def _outside(versions: Sequence[RuleVersion], cut: Interval) -> tuple[RuleVersion, ...]:
    """What is left of the versions before and after the interval."""
    return tuple(
        replace(version, interval=part) for version in versions for part in parts_outside(version.interval, cut)
    )


@dataclass(frozen=True)
class _Reading:
    """One reform's file being read."""

    entry: _ReformFile
    data: documents.Mapping
    shown: str
    folder: Path
    context: Context
    rules: Mapping[str, Rule]

    def reform(self) -> Reform:
        entry = self.entry
        return Reform(
            entry.reform,
            entry.title.de,
            entry.title.en,
            entry.source,
            entry.start,
            tuple(self._patch(position, patch) for position, patch in enumerate(entry.patches)),
            tuple(DemandNote(note.demand, note.text.de, note.text.en) for note in entry.status),
            tuple(
                DemandNote(note.demand, note.status.de, note.status.en, note.reason.de, note.reason.en)
                for note in entry.not_computed
            ),
        )

    def _patch(self, position: int, patch: _Patch) -> Patch:
        place = Place(self.shown, documents.line_of(self.data, ["patches", position]))
        match patch:
            case _ExtendListing():
                return self._extend_listing(patch, self._interval(patch, place), place)
            case _SetParameter():
                return self._set_parameter(patch, self._interval(patch, place), place)
            case _EndRule(end_rule=name):
                if name not in self.rules:
                    raise UnknownRuleName(place, name=name, near=nearest(name, self.rules))
                return EndRule(name, self._interval(patch, place).first, patch.demand, patch.note)
            case _AddRule():
                return self._put_rule(position, "add_rule", patch, place)
            case _:
                return self._put_rule(position, "replace_rule", patch, place)

    def _interval(self, patch: _Patch, place: Place) -> Interval:
        first = patch.from_ or self.entry.start
        self._refuse_early(first, place)
        if patch.to is not None and patch.to < first:
            raise ReversedInterval(place, first=first, last=patch.to)
        return Interval(first, patch.to)

    def _refuse_early(self, first: dt.date, place: Place) -> None:
        if first < self.entry.start:
            raise PatchBeforeStart(place, first=first, start=self.entry.start)

    def _put_rule(self, position: int, key: str, patch: _Patch, place: Place) -> PutRule:
        document = self.data["patches"][position][key]
        version = link_version(document, self.shown, self.context, self.folder)
        self._refuse_early(version.interval.first, place)
        if key == "replace_rule" and version.rule not in self.rules:
            raise UnknownRuleName(place, name=version.rule, near=nearest(version.rule, self.rules))
        return PutRule(version, patch.demand, patch.note)

    def _extend_listing(self, patch: _ExtendListing, interval: Interval, place: Place) -> ExtendListing:
        listings = self.context.listings
        if patch.extend_listing not in listings:
            raise UnknownListing(place, name=patch.extend_listing, near=nearest(patch.extend_listing, listings))
        code_list = listings[patch.extend_listing].code_type.code_list
        assert code_list is not None
        for code in patch.codes:
            if code not in code_list.codes:
                raise UnknownCode(place, code=code, list=code_list.name, near=nearest(code, code_list.codes))
        return ExtendListing(patch.extend_listing, patch.codes, interval, patch.demand, patch.evidence, patch.note)

    def _set_parameter(self, patch: _SetParameter, interval: Interval, place: Place) -> SetParameter:
        name, parameters = patch.set_parameter, self.context.parameters
        if name not in parameters:
            raise UnknownName(place, name=name, near=nearest(name, parameters))
        value = parse_parameter_value(patch.value, parameters[name].type, name, place)
        return SetParameter(name, value, interval, patch.demand, patch.evidence, patch.note)
