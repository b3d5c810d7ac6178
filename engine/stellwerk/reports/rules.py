"""A rule or a parameter for reading: the prose of one version, the history of all, what reforms change.

Goes in: linked rules. Comes out: plain text in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from stellwerk.law.dated import CodeListing, Parameter
from stellwerk.law.prose import version_in_words
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said, plain_lines
from stellwerk.reports.changes import changes_of
from stellwerk.reports.words import Words
from stellwerk.texts import language_in_use


def rule_in_words(
    rule: Rule, rulebook: Rulebook, on: dt.date | None, language: str | None = None, base: Rulebook | None = None
) -> str:
    """A rule as prose on a day (without one: its newest version), its history, and what reforms change.

    `base` is the rulebook that the applied reforms are compared with.
    """
    words = Words(rulebook, language or language_in_use())
    return "\n".join(plain_lines(tuple(rule_lines(rule, words, on, base))))


def parameter_in_words(
    parameter: Parameter, rulebook: Rulebook, on: dt.date | None, language: str | None = None
) -> str:
    """A parameter with its history, or its value on a day."""
    words = Words(rulebook, language or language_in_use())
    versions = parameter.versions if on is None else tuple(v for v in parameter.versions if on in v.interval)
    lines = [Said(words.dated_value(version, parameter.unit)) for version in versions]
    return "\n".join(plain_lines((Said(words.parameter(parameter), tuple(lines)),)))


def listing_in_words(listing: CodeListing, rulebook: Rulebook, on: dt.date | None, language: str | None = None) -> str:
    """A listing with all its entries, or with those of a day."""
    words = Words(rulebook, language or language_in_use())
    return "\n".join(plain_lines((listing_lines(listing, words, on),)))


def rule_lines(rule: Rule, words: Words, on: dt.date | None, base: Rulebook | None) -> Iterator[Said]:
    """The rule's parts as lines."""
    version = rule.on(on) if on else rule.versions[-1]
    yield Said(words.heading(rule, version))
    if version is None:
        yield Said(words.say("not_in_force_on", day=words.day(on)))
    else:
        day = on or version.interval.first
        yield Said(words.source(version), version_in_words(version, words.rulebook, day, words.language))
        yield from sources_of(version, words, on)
    yield Said(words.say("history"), history(rule, words))
    if base is not None and words.rulebook.applied:
        yield changes_of(rule.id, base, words)


def history(rule: Rule, words: Words) -> tuple[Said, ...]:
    """All versions of a rule, oldest first."""
    return tuple(Said(words.source(version)) for version in rule.versions)


def sources_of(version: RuleVersion, words: Words, on: dt.date | None) -> Iterator[Said]:
    """The parameters and listings that a version reads: all values that held under it, or those of a day."""
    book = words.rulebook
    found = []
    for name in version.parameters():
        parameter = book.parameters[name]
        held = [v for v in parameter.versions if (on in v.interval if on else v.interval.overlaps(version.interval))]
        found.append(Said(words.parameter(parameter), tuple(Said(words.dated_value(v, parameter.unit)) for v in held)))
    if found:
        yield Said(words.say("parameters"), tuple(found))
    if version.listings():
        yield Said(
            words.say("listings"),
            tuple(listing_lines(book.listings[name], words, on) for name in version.listings()),
        )


def listing_lines(listing: CodeListing, words: Words, on: dt.date | None) -> Said:
    """A listing with its entries: each with the days it holds, or only those of a day."""
    label = listing.label_de if words.language == "de" else listing.label_en
    heading = f"{listing.id} – {label} · {words.citation(listing.basis)}"
    members = [m for m in listing.members if on is None or on in m.interval]
    kind = listing.code_type.code_list
    assert kind is not None
    lines = []
    for member in sorted(members, key=lambda member: (member.interval.first, member.code)):
        reform = f" · {member.reform}" if member.reform else ""
        source = f"{words.interval(member.interval)} · {words.evidence(member.evidence)}{reform}"
        lines.append(Said(f"{kind.codes[member.code].label(words.language)} ({source})"))
    return Said(heading, tuple(lines) or (Said(words.say("nobody_listed")),))
