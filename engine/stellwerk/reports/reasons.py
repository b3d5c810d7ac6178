"""The reasons of one determination: each condition in prose with what it read, exceptions that lost and why.

Goes in: a determination and its rulebook. Comes out: a tree of lines, as text for a terminal or HTML for a notebook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from stellwerk.evaluate.evidence import (
    ConditionEvidence,
    Determination,
    ExceptionEvidence,
    Read,
    RowEvidence,
    all_of,
    any_of,
)
from stellwerk.law import core
from stellwerk.law.prose import points_of
from stellwerk.law.provision import AMOUNT, VALUE_NAMES, Condition, Group, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said, plain_lines
from stellwerk.law.written import value_in_words
from stellwerk.reports.html import nested_lists
from stellwerk.reports.words import Words
from stellwerk.texts import language_in_use

SIGNS = {True: "✓", False: "✗", None: "?"}


def explanation(found: Determination, rulebook: Rulebook, language: str | None = None) -> str:
    """The reasons of one determination as an indented tree."""
    return "\n".join(plain_lines((reasons(found, rulebook, language),)))


def explanation_html(found: Determination, rulebook: Rulebook, language: str | None = None) -> str:
    """The same as nested lists for a notebook: no script, readable in any reader."""
    return nested_lists((reasons(found, rulebook, language),), language or language_in_use())


def reasons(found: Determination, rulebook: Rulebook, language: str | None = None) -> Said:
    """The reasons of one determination as a tree of lines."""
    words = Words(rulebook, language or language_in_use())
    rule = rulebook.rules[found.rule]
    title = f"{words.heading(rule, found.version)}: {words.outcome(found.outcome)}"
    if found.version is not None and found.reading_date is not None:
        return Said(title, tuple(_Reasons(found, found.version, found.reading_date, words).said()))
    if found.ask_for:
        return Said(title, (Said(_questions(found, words)),))
    return Said(title, (Said(_why_not_in_force(found, words)),))


@dataclass(frozen=True)
class Shown:
    """Reasons that a notebook shows as lists and a terminal prints as text."""

    found: Determination
    rulebook: Rulebook
    language: str = field(default_factory=language_in_use)

    def __str__(self) -> str:
        return explanation(self.found, self.rulebook, self.language)

    def _repr_html_(self) -> str:
        return explanation_html(self.found, self.rulebook, self.language)


class _Reasons:
    """One determination under a version being told."""

    def __init__(self, found: Determination, version: RuleVersion, day: dt.date, words: Words) -> None:
        self.found = found
        self.version = version
        self.words = words
        self.phrases = words.phrases(version.subject, day)
        self.by_condition = {id(item.condition): item for item in found.conditions}

    def said(self) -> Iterator[Said]:
        found, version, words = self.found, self.version, self.words
        yield Said(words.source(version))
        fact = self.phrases.attributes()[version.read_at].label(words.language)
        yield Said(words.say("read_on", fact=fact, day=words.day(found.reading_date)))
        yield from self.values()
        if found.stale:
            yield Said(words.say("stale", day=words.day(version.verified_until)))
        if version.when.items:
            yield Said(words.say("conditions"), tuple(self.tree(item) for item in version.when.items))
        if found.rows:
            yield Said(words.say(f"rows_{version.policy}"), tuple(self.rows()))
        if found.exceptions:
            yield Said(words.say("exceptions"), tuple(map(self.exception, range(len(found.exceptions)))))
        if found.ask_for:
            yield Said(_questions(found, words))

    def values(self) -> Iterator[Said]:
        """What was computed: the last day in both ways of counting, the amount with its unit."""
        for name in VALUE_NAMES:
            value = self.found.values.get(name)
            if value is not None:
                unit = self.version.unit if name == AMOUNT else ""
                shown = value_in_words(value, self.words.language, unit)
                yield Said(self.words.say(f"value_{name}", value=shown))

    def tree(self, item: Condition | Group) -> Said:
        """A condition with what it read, or a group with its truth."""
        if isinstance(item, Condition):
            return self.evidence(self.by_condition[id(item)])
        sign = SIGNS[_truth(item, self.by_condition)]
        heading = self.phrases.say(item.kind)
        return Said(f"{sign} {heading}", tuple(self.tree(child) for child in item.items))

    def evidence(self, evidence: ConditionEvidence) -> Said:
        """One condition: its truth, its prose, what was read; its text in the rule stands aside."""
        said = self.phrases.condition(evidence.condition.core)
        reads = tuple(Said(self.read(read)) for read in evidence.reads)
        return Said(f"{SIGNS[evidence.truth]} {said.in_one_line()}", reads, evidence.condition.text)

    def rows(self) -> Iterator[Said]:
        """The rows; of a decision table only those that hold or may hold."""
        hidden = 0
        for position, row in enumerate(self.found.rows):
            if self.version.kind == "table" and row.held.truth is False:
                hidden += 1
            else:
                yield self.row(position)
        if hidden:
            yield Said(self.words.say("rows_that_fail", count=hidden))

    def row(self, position: int) -> Said:
        """A row of a table, a stage or a feature."""
        row: RowEvidence = self.found.rows[position]
        said = self.evidence(row.held)
        terms = points_of(self.version)
        if self.version.policy == "none" and terms:
            worth = self.phrases.number(terms[position][1], "points")
            return replace(said, text=f"{said.text} → {worth}")
        return replace(said, text=f"{said.text} → {self.words.outcome(row.row.outcome)}")

    def exception(self, position: int) -> Said:
        """An exception: whether it takes effect, and why it does not."""
        exception = self.found.exceptions[position]
        said = self.evidence(exception.held)
        head = self.words.say(
            f"exception_{_effect(exception)}",
            outcome=self.words.outcome(exception.outcome),
            basis=self.words.citation(exception.basis),
            by=self.stronger(position),
        )
        return Said(f"{SIGNS[exception.takes_effect]} {head}", (said,))

    def stronger(self, position: int) -> list[str]:
        """The exceptions that silence this one, because they hold or may hold."""
        silencers = self.version.unless[position].overridden_by
        others = [self.found.exceptions[other] for other in silencers]
        by = [other for other in others if other.held.truth] or [other for other in others if other.held.truth is None]
        return [f"{self.words.outcome(other.outcome)} ({self.words.citation(other.basis)})" for other in by]

    def read(self, read: Read) -> str:
        """What a condition read: a fact, the rows of a child table, another rule, a parameter, a listing."""
        language = self.words.language
        match read.kind:
            case "fact":
                return self.fact(read)
            case "table":
                table = self.phrases.table(read.name)
                if read.value is None:
                    return self.words.say("table_unknown", table=table)
                key = "table_one" if read.value == 1 else "table_rows"
                return self.words.say(key, table=table, count=read.value)
            case "rule":
                node = next(node for node in self.version.derived() if node.name == read.name)
                return self.derived(node, read)
            case "listing":
                return self.listing(read)
        parameter = self.words.rulebook.parameters[read.name]
        value = value_in_words(read.value, language, parameter.unit)
        return f"{self.words.parameter(parameter)}: {value} ({self.source(read)})"

    def fact(self, read: Read) -> str:
        """A fact of the case."""
        attribute = self.phrases.attributes()[read.name]
        label = attribute.label(self.words.language)
        if read.value is None or attribute.type.code_list is None:
            return f"{label}: {value_in_words(read.value, self.words.language, attribute.unit)}"
        return f"{label}: {attribute.type.code_list.codes[str(read.value)].label(self.words.language)}"

    def derived(self, node: core.Derived, read: Read) -> str:
        """What another rule said."""
        if read.value is None:
            return f"{self.phrases.derived(node)}: {self.words.say('unknown')}"
        return f"{self.phrases.derived(node)}: {self.phrases.written(read.value, node.type)}"

    def listing(self, read: Read) -> str:
        """The entry of a listing, or that there is none."""
        name = self.phrases.listing(read.name)
        if read.value is None:
            return self.words.say("not_listed", name=name)
        kind = self.words.rulebook.listings[read.name].code_type
        return f"{name}: {self.phrases.written(read.value, kind)} ({self.source(read)})"

    def source(self, read: Read) -> str:
        """Interval, citation, grade and, where one set it, the reform."""
        assert read.interval is not None
        parts = [
            self.words.interval(read.interval),
            self.words.citation(read.basis),
            self.words.evidence(read.evidence),
        ]
        return " · ".join([*parts, *([read.reform] if read.reform else [])])


def _effect(exception: ExceptionEvidence) -> str:
    """Why an exception takes effect or does not."""
    if exception.takes_effect:
        return "holds"
    if exception.takes_effect is None:
        return "open" if exception.held.truth is None else "perhaps_silenced"
    return "silenced" if exception.held.truth is not False else "fails"


def _questions(found: Determination, words: Words) -> str:
    subject = words.rulebook.rules[found.rule].subject
    attributes = words.rulebook.vocabulary.attributes(subject)
    tables = words.rulebook.vocabulary.child_tables(subject)
    named: Mapping[str, str] = {
        **{name: attribute.label(words.language) for name, attribute in attributes.items()},
        **{name: table.label(words.language) for name, table in tables.items()},
    }
    phrases = words.phrases(subject, found.reading_date or dt.date.min)
    derived = {node.name: phrases.derived(node) for node in (found.version.derived() if found.version else ())}
    return words.say("ask_for", facts=[named.get(fact) or derived.get(fact, fact) for fact in found.ask_for])


def _why_not_in_force(found: Determination, words: Words) -> str:
    """The data fact why no version applies: not yet, no longer, or a gap; never a verdict."""
    assert found.reading_date is not None
    versions = words.rulebook.rules[found.rule].versions
    later = [version for version in versions if version.interval.first > found.reading_date]
    earlier = [version for version in versions if version not in later]
    day = words.day(found.reading_date)
    if not earlier:
        return words.say("not_yet", day=day, first=words.day(later[0].interval.first))
    last = words.day(earlier[-1].interval.last)
    if not later:
        return words.say("no_longer", day=day, last=last)
    return words.say("gap", day=day, last=last, first=words.day(later[0].interval.first))


def _truth(item: Condition | Group, found: dict[int, ConditionEvidence]) -> bool | None:
    if isinstance(item, Condition):
        return found[id(item)].truth
    truths = [_truth(child, found) for child in item.items]
    return all_of(truths) if item.kind == "all" else any_of(truths)
