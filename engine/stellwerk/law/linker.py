"""One rule's document being linked: the scope of its names, and the parts that all kinds of rule share.

Every name is looked up and every type checked here; whatever could not be evaluated is refused with its line: unknown
outcomes and citations, exceptions that change nothing, a reading date that is no date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import core, kinds, resolver
from stellwerk.law.dated import CodeListing, Parameter
from stellwerk.law.provision import Citation, Condition, Exemption, Group
from stellwerk.law.types import BOOL, DATE, Type
from stellwerk.law.vocabulary import Attribute, Vocabulary


class UnknownOutcome(StellwerkError):
    """A rule decides something that the vocabulary's outcomes do not have."""


class UnknownCitation(StellwerkError):
    """A citation id that the citations do not have."""


class ReadAtIsNoDate(StellwerkError):
    """`read_at` names no date attribute of the subject."""


class UnknownException(StellwerkError):
    """An exception overrides one that the rule does not have."""


class ExceptionChangesNothing(StellwerkError):
    """An exception decides what the rule decides anyway."""


class NameTaken(StellwerkError):
    """A named intermediate hides an attribute or parameter."""


@dataclass(frozen=True)
class Context:
    """Everything a rule's text can refer to."""

    vocabulary: Vocabulary
    parameters: Mapping[str, Parameter]
    listings: Mapping[str, CodeListing]
    citations: Mapping[str, Citation]
    calendars: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()

    @cached_property
    def parameter_types(self) -> Mapping[str, Type]:
        """The type of each parameter."""
        return {name: parameter.type for name, parameter in self.parameters.items()}

    @cached_property
    def listing_types(self) -> Mapping[str, Type]:
        """The type of each listing's codes."""
        return {name: listing.code_type for name, listing in self.listings.items()}

    @property
    def names(self) -> object:
        """All that linking asks of it, without values: contexts that are equal in this link every rule alike."""
        return (
            self.vocabulary,
            self.parameter_types,
            self.listing_types,
            frozenset(self.citations),
            frozenset(self.calendars),
            self.rules,
        )


class Linker:
    """One document being linked: the scope of its names, and the parts that all kinds share."""

    def __init__(
        self, document: kinds.RuleDocument, data: documents.Mapping, shown: str, context: Context, folder: Path
    ) -> None:
        self.document = document
        self.data = data
        self.shown = shown
        self.context = context
        self.folder = folder
        attributes = context.vocabulary.attributes(document.subject, self.place("subject"))
        self._check_read_at(attributes)
        self.scope = self._scope(attributes)

    def place(self, *path: str | int) -> Place:
        """Where the value at `path` stands."""
        return Place(self.shown, documents.line_of(self.data, path) or self.data.line)

    def expression(self, text: str | int, wanted: Type | None, *path: str | int) -> core.Core:
        """The typed core of an expression that stands at `path`."""
        return resolver.link(str(text), self.scope, self.place(*path), wanted)

    def condition(self, text: str, *path: str | int) -> Condition:
        """The condition that stands at `path`."""
        return Condition(text, self.expression(text, BOOL, *path), self.place(*path))

    def items(self, items: Sequence[kinds.Item], path: list[str | int]) -> tuple[Condition | Group, ...]:
        """Conditions and groups of conditions."""
        linked: list[Condition | Group] = []
        for position, item in enumerate(items):
            here = [*path, position]
            if isinstance(item, str):
                linked.append(self.condition(item, *here))
            elif isinstance(item, kinds.AnyOfEntry):
                linked.append(Group("any", self.items(item.any, [*here, "any"])))
            else:
                linked.append(Group("all", self.items(item.all, [*here, "all"])))
        return tuple(linked)

    def exemptions(self, decide: str, added: Sequence[Exemption]) -> tuple[Exemption, ...]:
        """The declared exceptions; those that a kind adds stand behind them and are silenced by all of them."""
        entries = self.document.unless
        keys = [entry.key for entry in entries if entry.key]
        exemptions = []
        for position, entry in enumerate(entries):
            place = self.place("unless", position)
            for name in entry.overrides:
                if name not in keys:
                    raise UnknownException(place, name=name, near=nearest(name, keys))
            if entry.decide == decide:
                raise ExceptionChangesNothing(place, outcome=entry.decide)
            silenced_by = tuple(
                other for other, rival in enumerate(entries) if entry.key and entry.key in rival.overrides
            )
            exemptions.append(
                Exemption(
                    key=entry.key,
                    condition=self.condition(entry.if_, "unless", position),
                    outcome=self.outcome(entry.decide, "unless", position),
                    basis=self.citation(entry.basis or self.document.basis, "unless", position),
                    overridden_by=silenced_by,
                )
            )
        return tuple(exemptions)

    def outcome(self, name: str, *path: str | int) -> str:
        """An outcome of the vocabulary."""
        known = self.context.vocabulary.outcomes
        if name not in known:
            raise UnknownOutcome(self.place(*path), name=name, near=nearest(name, known))
        return name

    def citation(self, name: str, *path: str | int) -> str:
        """A citation id that resolves."""
        if name not in self.context.citations:
            raise UnknownCitation(self.place(*path), name=name, near=nearest(name, self.context.citations))
        return name

    def _check_read_at(self, attributes: Mapping[str, Attribute]) -> None:
        name = self.document.read_at
        if name not in attributes or attributes[name].type != DATE:
            dates = [attribute.name for attribute in attributes.values() if attribute.type == DATE]
            raise ReadAtIsNoDate(self.place("read_at"), name=name, near=nearest(name, dates))

    def _scope(self, attributes: Mapping[str, Attribute]) -> resolver.Scope:
        named: dict[str, core.Core] = {}
        scope = resolver.Scope(
            attributes=attributes,
            parameters=self.context.parameter_types,
            listings=self.context.listing_types,
            named=named,
            tables=self.context.vocabulary.child_tables(self.document.subject),
            rules=self.context.rules,
            outcomes=self.context.vocabulary.outcome_type,
            calendars=frozenset(self.context.calendars),
        )
        for name, text in self.document.let.items():
            place = self.place("let", name)
            if name in attributes or name in self.context.parameters:
                raise NameTaken(place, name=name)
            named[name] = resolver.link(text, scope, place)
        return scope
