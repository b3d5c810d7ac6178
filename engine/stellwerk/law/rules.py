"""Rules: from a YAML document to a linked, typed version of a provision.

One document is one provision in one interval. Linking looks up every name, checks every type and refuses what could
not be evaluated: unknown outcomes and citations, overlapping versions, a parameter without a value on some day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.law import core
from stellwerk.law.dated import (
    CodeListing,
    Interval,
    IntervalEntry,
    Parameter,
    interval_of,
    refuse_overlaps,
)
from stellwerk.law.types import BOOL, DATE
from stellwerk.law.vocabulary import Attribute, Vocabulary
from stellwerk.provenance import EvidenceGrade

_NO_RULES = ("vocabulary", "listings", "reforms", "citations")  # folders below rules/ that hold no provisions
MOST_CONDITIONS = 62  # met and unknown bits of one version travel in one 64-bit integer each


class UnknownOutcome(StellwerkError):
    """A rule decides something that the vocabulary's outcomes do not have."""


class UnknownCitation(StellwerkError):
    """A citation id that `rules/citations.yaml` does not have."""


class CitationTwice(StellwerkError):
    """A citation id stands in two files."""


class ReadAtIsNoDate(StellwerkError):
    """`read_at` names no date attribute of the subject."""


class UnknownException(StellwerkError):
    """An exception overrides one that the rule does not have."""


class ExceptionChangesNothing(StellwerkError):
    """An exception decides what the rule decides anyway."""


class TooManyConditions(StellwerkError):
    """A version has more conditions than its evidence can carry."""


class ParameterWithoutValue(StellwerkError):
    """A parameter has no value on a day on which a rule reads it."""


class ReadingDateChanges(StellwerkError):
    """Two versions of a rule are read at different dates, or speak of different subjects."""


class NameTaken(StellwerkError):
    """A named intermediate hides an attribute or parameter."""


@dataclass(frozen=True)
class Condition:
    """One line of a rule that can be met, failed or unknown on its own."""

    text: str
    core: core.Core
    place: Place

    @property
    def facts(self) -> tuple[str, ...]:
        """The attributes it reads, in order of appearance."""
        return tuple(dict.fromkeys(node.name for node in core.nodes(self.core) if isinstance(node, core.Fact)))


@dataclass(frozen=True)
class Group:
    """Conditions of which all, or at least one, must hold."""

    kind: Literal["all", "any"]
    items: tuple[Condition | Group, ...]

    def conditions(self) -> Iterator[Condition]:
        """Its conditions in reading order."""
        for item in self.items:
            if isinstance(item, Condition):
                yield item
            else:
                yield from item.conditions()


@dataclass(frozen=True)
class Exemption:
    """An exception: where it holds and none that overrides it does, its own outcome takes effect."""

    key: str
    condition: Condition
    outcome: str
    basis: str
    overridden_by: tuple[int, ...]  # positions of the exceptions that silence this one


@dataclass(frozen=True)
class RuleVersion:
    """One provision in one interval, ready to be evaluated."""

    rule: str
    interval: Interval
    subject: str
    label_de: str
    label_en: str
    basis: str
    evidence: str
    read_at: str
    when: Group
    unless: tuple[Exemption, ...]
    decide: str
    otherwise: str
    until: core.Core | None
    verified_until: dt.date | None
    note: str
    place: Place

    def conditions(self) -> tuple[Condition, ...]:
        """All conditions in the order of their evidence bits: `when` first, then the exceptions."""
        return (*self.when.conditions(), *(exemption.condition for exemption in self.unless))

    def cores(self) -> Iterator[core.Core]:
        """Every expression of the version."""
        for condition in self.conditions():
            yield condition.core
        if self.until is not None:
            yield self.until

    def facts(self) -> tuple[str, ...]:
        """Every attribute the version reads, its reading date first."""
        found = [node.name for tree in self.cores() for node in core.nodes(tree) if isinstance(node, core.Fact)]
        return tuple(dict.fromkeys([self.read_at, *found]))

    def parameters(self) -> tuple[str, ...]:
        """Every parameter the version reads."""
        found = [node.id for tree in self.cores() for node in core.nodes(tree) if isinstance(node, core.ParameterValue)]
        return tuple(dict.fromkeys(found))

    def listings(self) -> tuple[str, ...]:
        """Every listing the version reads."""
        found = [node.listing for tree in self.cores() for node in core.nodes(tree) if isinstance(node, core.Listed)]
        return tuple(dict.fromkeys(found))

    def outcomes(self) -> tuple[str, ...]:
        """What the version itself can decide."""
        exceptions = (exemption.outcome for exemption in self.unless)
        return tuple(dict.fromkeys([self.decide, self.otherwise, *exceptions]))


@dataclass(frozen=True)
class Rule:
    """A provision through time: its versions, oldest first."""

    id: str
    versions: tuple[RuleVersion, ...]

    @property
    def subject(self) -> str:
        """What it speaks of; the same in all versions."""
        return self.versions[0].subject

    @property
    def read_at(self) -> str:
        """The date whose law applies; the same in all versions."""
        return self.versions[0].read_at

    def on(self, day: dt.date) -> RuleVersion | None:
        """The version in force on a day, or None."""
        return next((version for version in self.versions if day in version.interval), None)


@dataclass(frozen=True)
class Citation:
    """What a citation id stands for."""

    id: str
    label_de: str
    label_en: str
    source: str


@dataclass(frozen=True)
class Context:
    """Everything a rule's text can refer to."""

    vocabulary: Vocabulary
    parameters: Mapping[str, Parameter]
    listings: Mapping[str, CodeListing]
    citations: Mapping[str, Citation]


class _Any(documents.Document):
    any: tuple[_Item, ...] = Field(min_length=1)


class _All(documents.Document):
    all: tuple[_Item, ...] = Field(min_length=1)


_Item = str | _Any | _All
_Any.model_rebuild()
_All.model_rebuild()


class _Exception(documents.Document):
    if_: str = Field(alias="if")
    decide: str
    basis: str = ""
    key: str = ""
    overrides: tuple[str, ...] = ()


class RuleDocument(documents.Document):
    """A rule as it stands in a file."""

    rule: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")
    kind: Literal["criteria"] = "criteria"
    title: documents.Labels
    basis: str
    evidence: EvidenceGrade
    in_force: IntervalEntry
    read_at: str
    subject: str = "case"
    let: dict[str, str] = Field(default_factory=dict)
    when: tuple[_Item, ...] = Field(min_length=1)
    unless: tuple[_Exception, ...] = ()
    decide: str
    otherwise: str = "not_met"
    until: str | None = None
    verified_until: dt.date | None = None
    note: str = ""


class _CitationEntry(documents.Labels):
    source: str


class _CitationsFile(documents.Document):
    citations: dict[str, _CitationEntry]


def rule_files(root: Path) -> list[Path]:
    """The files of rules below `rules/`, in a fixed order."""
    folders = [folder for folder in (root / "rules").iterdir() if folder.is_dir() and folder.name not in _NO_RULES]
    found = [path for folder in folders for path in folder.rglob("*.yaml")]
    return sorted(path for path in found if not path.name.endswith(".cases.yaml"))


def load_citations(root: Path) -> dict[str, Citation]:
    """All citations by id, from `rules/citations.yaml` and the files of `rules/citations/`."""
    citations: dict[str, Citation] = {}
    for path in [root / "rules" / "citations.yaml", *sorted((root / "rules" / "citations").glob("*.yaml"))]:
        shown = shown_path(path, root)
        data = documents.read_document(path, shown)
        for name, entry in documents.validated(_CitationsFile, data, shown).citations.items():
            if name in citations:
                raise CitationTwice(Place(shown, documents.line_of(data, ["citations", name])), name=name)
            citations[name] = Citation(name, entry.de, entry.en, entry.source)
    return citations


def load_rules(root: Path, context: Context) -> tuple[dict[str, Rule], list[StellwerkError]]:
    """All rules by id, and what is wrong with them."""
    versions: dict[str, list[RuleVersion]] = {}
    errors: list[StellwerkError] = []
    for path in rule_files(root):
        shown = shown_path(path, root)
        try:
            for data in documents.read_documents(path, shown):
                version = link_version(data, shown, context)
                versions.setdefault(version.rule, []).append(version)
        except StellwerkError as error:
            errors.append(error)
    rules = {}
    for name, found in versions.items():
        ordered = tuple(sorted(found, key=lambda version: version.interval.first))
        try:
            refuse_overlaps([(version.interval, version.place) for version in ordered], name)
            _refuse_changing_reading_date(ordered)
        except StellwerkError as error:
            errors.append(error)
        rules[name] = Rule(name, ordered)
    return rules, errors


def link_version(data: documents.Mapping, shown: str, context: Context) -> RuleVersion:
    """The linked version that one YAML document describes."""
    document = documents.validated(RuleDocument, data, shown)
    return _Linking(document, data, shown, context).version()


def check_parameters_cover(version: RuleVersion, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a version that reads a parameter on a day on which it has no value."""
    for name in version.parameters():
        parameter = parameters[name]
        days = {version.interval.first, *(day for day in parameter.change_days() if day in version.interval)}
        for day in sorted(days):
            if parameter.on(day) is None:
                raise ParameterWithoutValue(version.place, name=name, day=day, rule=version.rule)


def _refuse_changing_reading_date(versions: Sequence[RuleVersion]) -> None:
    for version in versions[1:]:
        if (version.read_at, version.subject) != (versions[0].read_at, versions[0].subject):
            raise ReadingDateChanges(version.place, rule=version.rule, first=versions[0].read_at)


@dataclass(frozen=True)
class _Linking:
    document: RuleDocument
    data: documents.Mapping
    shown: str
    context: Context

    def version(self) -> RuleVersion:
        document = self.document
        attributes = self.context.vocabulary.attributes(document.subject, self._place("subject"))
        self._check_read_at(attributes)
        scope = self._scope(attributes)
        version = RuleVersion(
            rule=document.rule,
            interval=interval_of(document.in_force, self._place("in_force")),
            subject=document.subject,
            label_de=document.title.de,
            label_en=document.title.en,
            basis=self._citation(document.basis, "basis"),
            evidence=document.evidence,
            read_at=document.read_at,
            when=Group("all", self._items(document.when, scope, ["when"])),
            unless=self._exemptions(scope),
            decide=self._outcome(document.decide, "decide"),
            otherwise=self._outcome(document.otherwise, "otherwise"),
            until=core.link(document.until, scope, self._place("until"), DATE) if document.until else None,
            verified_until=document.verified_until,
            note=document.note,
            place=self._place("rule"),
        )
        if len(version.conditions()) > MOST_CONDITIONS:
            raise TooManyConditions(version.place, rule=version.rule, most=MOST_CONDITIONS)
        check_parameters_cover(version, self.context.parameters)
        return version

    def _place(self, *path: str | int) -> Place:
        return Place(self.shown, documents.line_of(self.data, path) or self.data.line)

    def _check_read_at(self, attributes: Mapping[str, Attribute]) -> None:
        name = self.document.read_at
        if name not in attributes or attributes[name].type != DATE:
            dates = [attribute.name for attribute in attributes.values() if attribute.type == DATE]
            raise ReadAtIsNoDate(self._place("read_at"), name=name, near=nearest(name, dates))

    def _scope(self, attributes: Mapping[str, Attribute]) -> core.Scope:
        parameters = {name: parameter.type for name, parameter in self.context.parameters.items()}
        listings = {name: listing.code_type for name, listing in self.context.listings.items()}
        named: dict[str, core.Core] = {}
        for name, text in self.document.let.items():
            place = self._place("let", name)
            if name in attributes or name in parameters:
                raise NameTaken(place, name=name)
            named[name] = core.link(text, core.Scope(attributes, parameters, listings, dict(named)), place)
        return core.Scope(attributes, parameters, listings, named)

    def _items(self, items: Sequence[_Item], scope: core.Scope, path: list[str | int]) -> tuple[Condition | Group, ...]:
        linked: list[Condition | Group] = []
        for position, item in enumerate(items):
            here = [*path, position]
            if isinstance(item, str):
                linked.append(self._condition(item, scope, self._place(*here)))
            elif isinstance(item, _Any):
                linked.append(Group("any", self._items(item.any, scope, [*here, "any"])))
            else:
                linked.append(Group("all", self._items(item.all, scope, [*here, "all"])))
        return tuple(linked)

    def _condition(self, text: str, scope: core.Scope, place: Place) -> Condition:
        return Condition(text, core.link(text, scope, place, BOOL), place)

    def _exemptions(self, scope: core.Scope) -> tuple[Exemption, ...]:
        entries = self.document.unless
        keys = [entry.key for entry in entries if entry.key]
        exemptions = []
        for position, entry in enumerate(entries):
            place = self._place("unless", position)
            for name in entry.overrides:
                if name not in keys:
                    raise UnknownException(place, name=name, near=nearest(name, keys))
            if entry.decide == self.document.decide:
                raise ExceptionChangesNothing(place, outcome=entry.decide)
            silenced_by = tuple(
                other for other, rival in enumerate(entries) if entry.key and entry.key in rival.overrides
            )
            exemptions.append(
                Exemption(
                    key=entry.key,
                    condition=self._condition(entry.if_, scope, place),
                    outcome=self._outcome(entry.decide, "unless", position),
                    basis=self._citation(entry.basis or self.document.basis, "unless", position),
                    overridden_by=silenced_by,
                )
            )
        return tuple(exemptions)

    def _outcome(self, name: str, *path: str | int) -> str:
        known = self.context.vocabulary.outcomes
        if name not in known:
            raise UnknownOutcome(self._place(*path), name=name, near=nearest(name, known))
        return name

    def _citation(self, name: str, *path: str | int) -> str:
        if name not in self.context.citations:
            raise UnknownCitation(self._place(*path), name=name, near=nearest(name, self.context.citations))
        return name
