"""The words that all reports share: days, intervals, citations, evidence grades, outcomes, titles, dated values.

Goes in: parts of a rulebook. Comes out: text in one language.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from stellwerk import formats
from stellwerk.law.dated import DatedValue, Interval, Parameter
from stellwerk.law.phrases import Phrases
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.written import value_in_words
from stellwerk.texts import text


@dataclass(frozen=True)
class Words:
    """Words for the parts of a rulebook, in one language."""

    rulebook: Rulebook
    language: str

    def say(self, key: str, **values: object) -> str:
        """A text of the reports' catalogue."""
        return text(f"report_{key}", self.language, **values)

    def phrases(self, subject: str, day: dt.date) -> Phrases:
        """The words of a subject's expressions on a day."""
        return Phrases(self.rulebook, subject, day, self.language)

    def day(self, value: dt.date | None) -> str:
        """A day, or a dash where there is none."""
        return formats.date(value, self.language) if value else "–"

    def interval(self, interval: Interval) -> str:
        """From when to when."""
        if interval.last is None:
            return self.say("since", first=self.day(interval.first))
        return self.say("from_to", first=self.day(interval.first), last=self.day(interval.last))

    def outcome(self, name: str) -> str:
        """An outcome's words."""
        return self.rulebook.vocabulary.outcomes[name].label(self.language)

    def citation(self, name: str) -> str:
        """A citation's words; a source that is no citation stands as it is written."""
        citation = self.rulebook.citations.get(name)
        if citation is None:
            return name
        return citation.label_de if self.language == "de" else citation.label_en

    def evidence(self, grade: str) -> str:
        """How well something is known."""
        return text(f"evidence_{grade}", self.language)

    def title(self, version: RuleVersion) -> str:
        """A version's title."""
        return version.label_de if self.language == "de" else version.label_en

    def heading(self, rule: Rule, version: RuleVersion | None = None) -> str:
        """A rule's id with the title of a version, or of its newest one."""
        return f"{rule.id} – {self.title(version or rule.versions[-1])}"

    def source(self, version: RuleVersion) -> str:
        """When a version holds, where it stands and how well it is known."""
        parts = [self.interval(version.interval), self.citation(version.basis), self.evidence(version.evidence)]
        if version.known_from is not None:
            parts.append(self.say("known_from", day=self.day(version.known_from)))
        return " · ".join([*parts, *([version.reform] if version.reform else [])])

    def parameter(self, parameter: Parameter) -> str:
        """A parameter's id and label."""
        return f"{parameter.id} – {parameter.label_de if self.language == 'de' else parameter.label_en}"

    def dated_value(self, dated: DatedValue, unit: str) -> str:
        """A parameter's value with its interval, source and grade."""
        parts = [self.interval(dated.interval), self.citation(dated.basis), self.evidence(dated.evidence)]
        if dated.known_from is not None:
            parts.append(self.say("known_from", day=self.day(dated.known_from)))
        parts += [dated.reform] if dated.reform else []
        return f"{value_in_words(dated.value, self.language, unit)} ({' · '.join(parts)})"
