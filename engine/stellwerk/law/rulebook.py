"""The rulebook: all rules, parameters and listings, linked; read under the law in force or under reforms.

`load_rulebook` reads a checkout and either returns a rulebook that can be evaluated without surprises or raises all
that is wrong with it, each with file and line. Its hash names the files it was read from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from stellwerk.errors import StellwerkError, nearest, raise_all, shown_path
from stellwerk.law.dated import CodeListing, DatedValue, Parameter, as_known_on, load_listings, load_parameters
from stellwerk.law.linker import Context
from stellwerk.law.linking import LinkedBefore, check_parameters_cover
from stellwerk.law.provision import Citation, Rule
from stellwerk.law.reforms import (
    ExtendListing,
    Reform,
    SetParameter,
    UnknownReform,
    extended,
    load_reforms,
    overridden,
    with_rule,
)
from stellwerk.law.resolver import UnknownName
from stellwerk.law.rules import load_calendars, load_citations, load_rules, order_of, with_overrides
from stellwerk.law.vocabulary import Vocabulary, load_vocabulary


class UnknownRule(StellwerkError):
    """A rule that does not exist."""


@dataclass(frozen=True)
class Rulebook:
    """Law as data, ready to be evaluated."""

    vocabulary: Vocabulary
    rules: Mapping[str, Rule]
    parameters: Mapping[str, Parameter]
    listings: Mapping[str, CodeListing]
    citations: Mapping[str, Citation]
    reforms: Mapping[str, Reform]
    applied: tuple[str, ...]
    hash: str
    calendars: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    without_version: frozenset[str] = frozenset()  # rules not promulgated yet, or ended by a reform from the start

    def rule(self, name: str) -> Rule:
        """The rule of that id; an unknown id is an error with the nearest one."""
        if name not in self.rules:
            raise UnknownRule(name=name, near=nearest(name, self.rules))
        return self.rules[name]

    def parameter_on(self, name: str, day: dt.date) -> DatedValue | None:
        """The version of a parameter in force on a day."""
        if name not in self.parameters:
            raise UnknownName(name=name, near=nearest(name, self.parameters))
        return self.parameters[name].on(day)

    def reform(self, name: str) -> Reform:
        """The reform of that id; an unknown id is an error with the nearest one."""
        if name not in self.reforms:
            raise UnknownReform(name=name, near=nearest(name, self.reforms))
        return self.reforms[name]

    def under(self, names: Sequence[str]) -> Rulebook:
        """This rulebook with the named reforms laid over it in that order."""
        return self.with_reforms([self.reform(name) for name in names])

    def with_reforms(self, reforms: Sequence[Reform]) -> Rulebook:
        """This rulebook with reforms laid over it in that order, also with drafts that stand in no file."""
        if not reforms:
            return self
        names = [reform.id for reform in reforms]
        parameters, listings, rules = dict(self.parameters), dict(self.listings), dict(self.rules)
        for reform in reforms:
            for patch in reform.patches:
                match patch:
                    case ExtendListing(listing=name):
                        listings[name] = extended(listings[name], patch, reform)
                    case SetParameter(parameter=name):
                        parameters[name] = overridden(parameters[name], patch, reform)
                    case _:
                        rules = with_rule(rules, patch, reform)
        for rule in rules.values():
            for version in rule.versions:
                check_parameters_cover(version, parameters)
        ended = {name for name, rule in rules.items() if not rule.versions}
        rules = with_overrides({name: rules[name] for name in rules if name not in ended}, self.vocabulary.outcome_type)
        order_of(rules)
        return replace(
            self,
            parameters=parameters,
            listings=listings,
            rules=rules,
            applied=(*self.applied, *names),
            hash=_hash_of(self.hash, *names),
            without_version=self.without_version | ended,
        )

    def known_on(self, day: dt.date) -> Rulebook:
        """This rulebook without what was promulgated after a day; what held before such a version goes on."""
        parameters = {name: parameter.known_on(day) for name, parameter in self.parameters.items()}
        rules = {name: Rule(name, as_known_on(rule.versions, day)) for name, rule in self.rules.items()}
        known = {name: rule for name, rule in rules.items() if rule.versions}
        digest = _hash_of(self.hash, "known on", day.isoformat())
        later = self.without_version | (set(rules) - set(known))
        return replace(self, parameters=parameters, rules=known, hash=digest, without_version=later)


def load_rulebook(root: Path, earlier: LinkedBefore | None = None) -> Rulebook:
    """The rulebook of the checkout at `root`, under the law in force; `earlier` is for reading it again and again."""
    vocabulary = load_vocabulary(root)
    citations = load_citations(root)
    parameters, errors = load_parameters(root)
    listings = load_listings(root, vocabulary.code_lists)
    calendars = load_calendars(root)
    context = Context(vocabulary, parameters, listings, citations, calendars)
    rules, rule_errors = load_rules(root, context, earlier or LinkedBefore())
    reforms, reform_errors = load_reforms(root, context, rules)
    raise_all([*errors, *rule_errors, *reform_errors])
    hashed = content_hash(root)
    return Rulebook(vocabulary, rules, parameters, listings, citations, reforms, (), hashed, calendars)


def law_in_force(root: Path) -> Rulebook:
    """The rulebook of a checkout, read again only where one of its files has changed since."""
    return _law_as_stamped(root, _stamps(root))


def law_digest(root: Path) -> str:
    """The hash of the law in force, without reading what has not changed since it was last read."""
    return _digest_as_stamped(root, _stamps(root))


def law_files(root: Path) -> list[Path]:
    """Every file whose content is law: rules, vocabulary, listings, reforms, citations and dated parameters."""
    yaml = [*(root / "rules").rglob("*.yaml"), *(root / "params" / "law").glob("*.yaml")]
    tables = [*(root / "rules").rglob("*.csv"), *(root / "params").glob("holidays_*.csv")]
    return sorted([*(path for path in yaml if not path.name.endswith(".cases.yaml")), *tables])


def content_hash(root: Path) -> str:
    """SHA-256 over the text of all law files with their names; line ends do not count."""
    digest = hashlib.sha256()
    for path in law_files(root):
        digest.update(f"{shown_path(path, root)}\n{path.read_text(encoding='utf-8-sig')}\n".encode())
    return digest.hexdigest()


_Stamps = tuple[tuple[str, int, int], ...]


@lru_cache(maxsize=2)
def _law_as_stamped(root: Path, stamps: _Stamps) -> Rulebook:
    return load_rulebook(root)


@lru_cache(maxsize=2)
def _digest_as_stamped(root: Path, stamps: _Stamps) -> str:
    return content_hash(root)


def _stamps(root: Path) -> _Stamps:
    """Name, time of change and size of every file that the law is read from, code lists included."""
    files = [*law_files(root), *sorted((root / "params").glob("*.csv"))]
    states = ((path, path.stat()) for path in files)
    return tuple((path.as_posix(), state.st_mtime_ns, state.st_size) for path, state in states)


def _hash_of(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
