"""A whole version of a rule as prose: kind, conditions, rows, exceptions, results and values, in the order of reading.

Goes in: a linked version and a day. Comes out: a tree of lines in German or English, for a terminal or a page. The
words of single expressions come from `phrases.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from stellwerk import formats
from stellwerk.law import core
from stellwerk.law.phrases import Phrases
from stellwerk.law.provision import AMOUNT, Condition, Exemption, Group, NamedValue, Row, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said
from stellwerk.law.types import INTEGER
from stellwerk.law.unfolded import unfolded


def condition_in_words(node: core.Core, rulebook: Rulebook, subject: str, day: dt.date, language: str) -> str:
    """A condition on one line."""
    return Phrases(rulebook, subject, day, language).condition(node).in_one_line()


def version_in_words(version: RuleVersion, rulebook: Rulebook, day: dt.date, language: str) -> tuple[Said, ...]:
    """All that a version says, line by line, with the parameter values of a day."""
    return tuple(_Version(version, rulebook, day, language).said())


class _Version:
    """One version being told."""

    def __init__(self, version: RuleVersion, rulebook: Rulebook, day: dt.date, language: str) -> None:
        self.version = version
        self.words = Phrases(rulebook, version.subject, day, language)
        self.rulebook = rulebook
        self.language = language

    def said(self) -> Iterator[Said]:
        version, say = self.version, self.words.say
        yield Said(say("version_kind", kind=say(f"kind_{version.kind}")))
        yield Said(say("version_read_at", fact=self.words.attributes()[version.read_at].label(self.language)))
        if version.when.items:
            yield Said(say("version_when"), group_in_words(version.when, self.words))
        elif not version.rows:
            yield Said(say("version_unconditional"))
        if version.rows:
            yield Said(say(f"rows_of_{version.policy}"), tuple(self.row(n, row) for n, row in enumerate(version.rows)))
        yield from (self.exemption(exemption) for exemption in version.unless)
        if version.policy in ("none", "collect"):
            yield Said(say("version_decide", outcome=self.outcome(version.decide)))
        yield Said(say("version_otherwise", outcome=self.outcome(version.otherwise)))
        yield from (said for said in map(self.value, version.values) if said is not None)
        yield from self.remarks()

    def remarks(self) -> Iterator[Said]:
        version, say = self.version, self.words.say
        if version.overrides:
            rules = [self.words.quoted(self.words.title(name)) for name in version.overrides]
            yield Said(say("version_overrides", rules=rules))
        if version.known_from is not None:
            yield Said(say("version_known_from", day=formats.date(version.known_from, self.language)))
        if version.verified_until is not None:
            yield Said(say("version_verified_until", day=formats.date(version.verified_until, self.language)))
        if version.note:
            yield Said(say("version_note", note=" ".join(version.note.split())))

    def outcome(self, name: str) -> str:
        return self.rulebook.vocabulary.outcomes[name].label(self.language)

    def citation(self, name: str) -> str:
        citation = self.rulebook.citations[name]
        return citation.label_de if self.language == "de" else citation.label_en

    def own(self, name: str) -> str:
        """A citation of its own; nothing where it is the rule's, which stands above all lines."""
        return "" if name == self.version.basis else self.citation(name)

    def exemption(self, exemption: Exemption) -> Said:
        """An exception with its outcome, its condition and the exceptions that silence it."""
        head = self.words.say(
            "version_unless", outcome=self.outcome(exemption.outcome), basis=self.own(exemption.basis)
        )
        items = [self.words.condition(exemption.condition.core)]
        if exemption.overridden_by:
            others = [self.short(self.version.unless[position]) for position in exemption.overridden_by]
            items.append(Said(self.words.say("version_gives_way", exceptions=others)))
        return Said(head, tuple(items))

    def short(self, exemption: Exemption) -> str:
        """An exception named by what it says and where it stands."""
        return f"{self.outcome(exemption.outcome)} ({self.citation(exemption.basis)})"

    def row(self, position: int, row: Row) -> Said:
        """A line of a table, a stage, or a feature with its points."""
        basis = self.own(row.basis)
        terms = points_of(self.version)
        if self.version.policy == "none" and terms:
            condition, points = terms[position]
            head = self.words.say("feature", points=self.words.number(points, "points"), basis=basis)
            return Said(head, (self.words.condition(condition),))
        found = ((value, value_of_row(value, row)) for value in self.version.values)
        values = [self.in_row(value, given) for value, given in found if given is not None]
        head = self.words.say("row", outcome=self.outcome(row.outcome), value="; ".join(values), basis=basis)
        return Said(head, (self.words.condition(row.condition.core),))

    def in_row(self, value: NamedValue, node: core.Core) -> str:
        """What a row gives, on one line."""
        if value.name != AMOUNT:
            return self.words.say(f"value_{value.name}", words=self.words.noun(node))
        return self.words.say("value_amount", unit="", words=self.words.number(node, self.version.unit))

    def value(self, value: NamedValue) -> Said | None:
        """A named value's words; nothing where the rows have said it already."""
        if value.name == AMOUNT and self.version.kind == "points":
            return Said(self.words.say("value_amount", unit="", words=self.words.say("total_of_points")))
        if not any(value_of_row(value, row) is not None for row in self.version.rows):
            return self.named(value, value.core)
        if self.version.policy == "collect" and value.name == AMOUNT:
            return Said(self.words.say("value_amount", unit="", words=self.words.say("total_of_rows")))
        return None

    def named(self, value: NamedValue, node: core.Core) -> Said:
        """Bis: ..., Betrag: ..."""
        if value.name != AMOUNT:
            unit, said = "", unfolded(node, self.words)
        elif isinstance(node, core.Constant):
            unit, said = "", Said(self.words.number(node, self.version.unit))
        else:
            same = self.words.unit(node) == self.version.unit
            unit, said = "" if same else unit_in_words(self.version.unit, self.words), unfolded(node, self.words)
        return Said(self.words.say(f"value_{value.name}", words=said.text, unit=unit).rstrip(), said.items)


def group_in_words(group: Group, words: Phrases) -> tuple[Said, ...]:
    """The conditions of a group; groups within it become lists of their own."""
    found = []
    for item in group.items:
        if isinstance(item, Condition):
            found.append(words.condition(item.core))
        else:
            found.append(Said(words.say(item.kind), group_in_words(item, words)))
    return tuple(found)


def unit_in_words(unit: str, words: Phrases) -> str:
    """What an amount counts."""
    shown = words.written(0, INTEGER, unit) if unit else ""
    return shown.replace("0", "", 1).strip()


def points_of(version: RuleVersion) -> tuple[tuple[core.Core, core.Core], ...]:
    """The features' conditions (less what excludes them) with their points."""
    found = (condition.core for condition in version.when.conditions())
    return next((node.terms for node in found if isinstance(node, core.AtLeast)), ())


def value_of_row(value: NamedValue, row: Row) -> core.Core | None:
    """What one row gives under a named value: its branch in the choice, or its part of the total."""
    for node in core.nodes(value.core):
        if isinstance(node, core.Chosen) and node.condition == row.condition.core:
            given = node.then
            if isinstance(given, core.Sum) and given.operator == "+" and given.right == core.Constant(0, INTEGER):
                given = given.left  # an integer written as a decimal
            return None if isinstance(given, core.Nothing) else given
    return None
