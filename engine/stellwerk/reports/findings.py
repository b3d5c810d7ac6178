"""What a reader of the whole rulebook should know although nothing is wrong: gaps, things unused, missing examples.

Goes in: a rulebook and the results of its examples. Comes out: findings with their place; none of them is an error.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stellwerk.evaluate.examples import ExampleResult
from stellwerk.law.provision import RuleVersion
from stellwerk.law.reforms import ExtendListing, PutRule, SetParameter
from stellwerk.law.rulebook import Rulebook
from stellwerk.texts import text

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing: its kind, what it is about, where that stands, and the days concerned."""

    kind: str
    name: str
    place: str
    first: dt.date | None = None
    last: dt.date | None = None

    def message(self, language: str | None = None) -> str:
        """The finding as a sentence."""
        return text(f"finding_{self.kind}", language, name=self.name, first=self.first, last=self.last)


def findings(rulebook: Rulebook, results: Sequence[ExampleResult]) -> list[Finding]:
    """All findings, kind by kind in a fixed order."""
    return [*_gaps(rulebook), *_unused(rulebook), *_without_examples(rulebook, results)]


def _gaps(rulebook: Rulebook) -> Iterator[Finding]:
    """Days between two versions of a rule on which none is in force; a rule may well have been repealed for a while."""
    for rule in rulebook.rules.values():
        for earlier, later in pairwise(rule.versions):
            assert earlier.interval.last is not None  # two open versions would overlap
            first, last = earlier.interval.last + _ONE_DAY, later.interval.first - _ONE_DAY
            if first <= last:
                yield Finding("gap", rule.id, str(later.place), first, last)


def _unused(rulebook: Rulebook) -> Iterator[Finding]:
    versions = list(_all_versions(rulebook))
    patches = [patch for reform in rulebook.reforms.values() for patch in reform.patches]
    read = {name for version in versions for name in version.parameters()}
    read |= {patch.parameter for patch in patches if isinstance(patch, SetParameter)}
    for name, parameter in rulebook.parameters.items():
        if name not in read:
            yield Finding("unused_parameter", name, str(parameter.place))
    listed = {name for version in versions for name in version.listings()}
    listed |= {patch.listing for patch in patches if isinstance(patch, ExtendListing)}
    for name in rulebook.listings:
        if name not in listed:
            yield Finding("unused_listing", name, "")
    cited = set(_citations(rulebook, versions))
    for name in rulebook.citations:
        if name not in cited:
            yield Finding("unused_citation", name, "")


def _all_versions(rulebook: Rulebook) -> Iterator[RuleVersion]:
    for rule in rulebook.rules.values():
        yield from rule.versions
    for reform in rulebook.reforms.values():
        for patch in reform.patches:
            if isinstance(patch, PutRule):
                yield patch.version


def _citations(rulebook: Rulebook, versions: Sequence[RuleVersion]) -> Iterator[str]:
    for version in versions:
        yield version.basis
        yield from (exemption.basis for exemption in version.unless)
        yield from (row.basis for row in version.rows)
    for parameter in rulebook.parameters.values():
        yield from (value.basis for value in parameter.versions)
    for listing in rulebook.listings.values():
        yield listing.basis
        yield from (member.source for member in listing.members)


def _without_examples(rulebook: Rulebook, results: Sequence[ExampleResult]) -> Iterator[Finding]:
    """Rules without an example, and versions without one on their first day."""
    read: dict[str, set[dt.date | None]] = defaultdict(set)
    for result in results:
        read[result.example.rule].add(result.determination.reading_date)
    for rule in rulebook.rules.values():
        if rule.id not in read:
            yield Finding("no_example", rule.id, str(rule.versions[0].place))
            continue
        for version in rule.versions:
            if version.interval.first not in read[rule.id]:
                yield Finding("no_example_on_first_day", rule.id, str(version.place), version.interval.first)
