"""Rules and determinations in words, line by line, for a terminal or a page.

Goes in: linked rules and determinations. Comes out: plain text in the reader's language; nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from stellwerk import formats
from stellwerk.evaluate.evidence import ConditionEvidence, Determination, Read, all_of, any_of
from stellwerk.law.calendar import Period
from stellwerk.law.dated import DatedValue, Interval, Parameter
from stellwerk.law.provision import Condition, Group, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value
from stellwerk.texts import language_in_use, text

_SIGNS = {True: "✓", False: "✗", None: "?"}
_INDENT = "  "


def explanation(found: Determination, rulebook: Rulebook, language: str | None = None) -> str:
    """The reasons of one determination as an indented tree."""
    return "\n".join(_Writer(rulebook, language or language_in_use()).determination(found))


def rule_in_words(rule: Rule, rulebook: Rulebook, on: dt.date | None, language: str | None = None) -> str:
    """A rule with its versions, or with the one in force on a day, and the values its parameters had."""
    writer = _Writer(rulebook, language or language_in_use())
    versions = rule.versions if on is None else tuple(version for version in rule.versions if on in version.interval)
    blocks = ["\n".join(writer.version(version, on or version.interval.first)) for version in versions]
    if not blocks:
        blocks = [text("report_not_in_force_on", writer.language, day=writer.day(on))]
    return "\n\n".join([writer.heading(rule), *blocks])


def parameter_in_words(
    parameter: Parameter, rulebook: Rulebook, on: dt.date | None, language: str | None = None
) -> str:
    """A parameter with its history, or its value on a day."""
    writer = _Writer(rulebook, language or language_in_use())
    versions = parameter.versions if on is None else tuple(v for v in parameter.versions if on in v.interval)
    label = parameter.label_de if writer.language == "de" else parameter.label_en
    unit = f" [{parameter.unit}]" if parameter.unit else ""
    lines = [f"{parameter.id} – {label}{unit}", *(_INDENT + writer.dated_value(version) for version in versions)]
    return "\n".join(lines)


class _Writer:
    """Words for the parts of a rule, in one language."""

    def __init__(self, rulebook: Rulebook, language: str) -> None:
        self.rulebook = rulebook
        self.language = language

    def say(self, key: str, **values: object) -> str:
        return text(key, self.language, **values)

    def day(self, value: dt.date | None) -> str:
        return formats.date(value, self.language) if value else "–"

    def interval(self, interval: Interval) -> str:
        if interval.last is None:
            return self.say("report_since", first=self.day(interval.first))
        return self.say("report_from_to", first=self.day(interval.first), last=self.day(interval.last))

    def value(self, value: Value | None, fact: str = "") -> str:
        if value is None:
            return self.say("report_unknown")
        if isinstance(value, bool):
            return self.say("report_yes" if value else "report_no")
        if isinstance(value, dt.date):
            return self.day(value)
        if isinstance(value, (int, Decimal)):
            return formats.number(value, self.language, _places(value))
        if isinstance(value, Period):
            return self.period(value)
        return self.code(value, fact)

    def period(self, period: Period) -> str:
        number, unit = str(period).split(" ")
        return self.say(f"report_period_{unit}", number=number)

    def code(self, code: str, fact: str) -> str:
        for attributes in self.rulebook.vocabulary.subjects.values():
            attribute = attributes.get(fact)
            if attribute and attribute.type.code_list and code in attribute.type.code_list.codes:
                return attribute.type.code_list.codes[code].label(self.language)
        return code

    def outcome(self, name: str) -> str:
        return self.rulebook.vocabulary.outcomes[name].label(self.language)

    def fact(self, name: str) -> str:
        for attributes in self.rulebook.vocabulary.subjects.values():
            if name in attributes:
                return attributes[name].label(self.language)
        return name

    def citation(self, name: str) -> str:
        citation = self.rulebook.citations[name]
        return citation.label_de if self.language == "de" else citation.label_en

    def evidence(self, grade: str) -> str:
        return self.say(f"evidence_{grade}")

    def heading(self, rule: Rule, version: RuleVersion | None = None) -> str:
        return f"{rule.id} – {self.title(version or rule.versions[0])}"

    def title(self, version: RuleVersion) -> str:
        return version.label_de if self.language == "de" else version.label_en

    def version(self, version: RuleVersion, day: dt.date) -> Iterator[str]:
        source = f"{self.citation(version.basis)} · {self.evidence(version.evidence)}"
        yield f"{self.interval(version.interval)}: {self.title(version)} · {source}"
        yield _INDENT + self.say("report_read_at", fact=self.fact(version.read_at))
        yield _INDENT + self.say("report_when")
        yield from self.group(version.when, 2)
        for exemption in version.unless:
            basis = self.citation(exemption.basis)
            words = self.say(
                "report_unless", condition=exemption.condition.text, outcome=self.outcome(exemption.outcome)
            )
            yield f"{_INDENT}{words} ({basis})"
        yield _INDENT + self.say("report_decide", outcome=self.outcome(version.decide))
        yield _INDENT + self.say("report_otherwise", outcome=self.outcome(version.otherwise))
        for name in version.parameters():
            dated = self.rulebook.parameters[name].on(day)
            if dated is not None:
                yield f"{_INDENT}{name} = {self.dated_value(dated)}"
        if version.note:
            yield _INDENT + self.say("report_note", note=version.note.strip())

    def group(self, group: Group, depth: int) -> Iterator[str]:
        for item in group.items:
            if isinstance(item, Condition):
                yield f"{_INDENT * depth}- {item.text}"
            else:
                yield f"{_INDENT * depth}- {self.say(f'report_{item.kind}')}"
                yield from self.group(item, depth + 1)

    def dated_value(self, dated: DatedValue) -> str:
        reform = f" · {dated.reform}" if dated.reform else ""
        value = self.value(dated.value)
        return f"{value} ({self.interval(dated.interval)} · {dated.basis} · {self.evidence(dated.evidence)}{reform})"

    def determination(self, found: Determination) -> Iterator[str]:
        heading = self.heading(self.rulebook.rules[found.rule], found.version)
        yield f"{heading}: {self.outcome(found.outcome)}"
        if found.version is None:
            if found.ask_for:
                yield _INDENT + self.say("report_ask_for", facts=[self.fact(fact) for fact in found.ask_for])
            else:
                yield _INDENT + self.not_in_force(found)
            return
        day = self.day(found.reading_date)
        basis, grade = self.citation(found.version.basis), self.evidence(found.version.evidence)
        yield f"{_INDENT}{basis} · {self.interval(found.version.interval)} · {grade}"
        yield _INDENT + self.say("report_read_on", fact=self.fact(found.version.read_at), day=day)
        if found.until is not None:
            yield _INDENT + self.say("report_until", day=self.day(found.until))
        if found.stale:
            yield _INDENT + self.say("report_stale", day=self.day(found.version.verified_until))
        by_condition = {id(item.condition): item for item in found.conditions}
        for item in found.version.when.items:
            yield from self.evidence_tree(item, by_condition, 1)
        for exception in found.exceptions:
            sign = _SIGNS[exception.takes_effect]
            words = self.say("report_exception", outcome=self.outcome(exception.outcome))
            yield f"{_INDENT}{sign} {words} ({self.citation(exception.basis)}): {exception.held.condition.text}"
            yield from self.reads(exception.held, 2)
        if found.ask_for:
            yield _INDENT + self.say("report_ask_for", facts=[self.fact(fact) for fact in found.ask_for])

    def not_in_force(self, found: Determination) -> str:
        """The data fact why no version applies: not yet, no longer, or a gap; never a verdict."""
        assert found.reading_date is not None
        versions = self.rulebook.rules[found.rule].versions
        later = [version for version in versions if version.interval.first > found.reading_date]
        earlier = [version for version in versions if version not in later]
        day = self.day(found.reading_date)
        if not earlier:
            return self.say("report_not_yet", day=day, first=self.day(later[0].interval.first))
        last = self.day(earlier[-1].interval.last)
        if not later:
            return self.say("report_no_longer", day=day, last=last)
        return self.say("report_gap", day=day, last=last, first=self.day(later[0].interval.first))

    def evidence_tree(self, item: Condition | Group, found: dict[int, ConditionEvidence], depth: int) -> Iterator[str]:
        if isinstance(item, Condition):
            evidence = found[id(item)]
            yield f"{_INDENT * depth}{_SIGNS[evidence.truth]} {item.text}"
            yield from self.reads(evidence, depth + 1)
            return
        yield f"{_INDENT * depth}{_SIGNS[_truth(item, found)]} {self.say(f'report_{item.kind}')}"
        for child in item.items:
            yield from self.evidence_tree(child, found, depth + 1)

    def reads(self, evidence: ConditionEvidence, depth: int) -> Iterator[str]:
        for read in evidence.reads:
            yield f"{_INDENT * depth}· {self.read(read)}"

    def read(self, read: Read) -> str:
        if read.kind == "fact":
            return f"{self.fact(read.name)}: {self.value(read.value, read.name)}"
        if read.kind == "listing" and read.value is None:
            return self.say("report_not_listed", name=read.name)
        assert read.interval is not None
        source = f"{self.interval(read.interval)} · {read.basis} · {self.evidence(read.evidence)}"
        reform = f" · {read.reform}" if read.reform else ""
        return f"{read.name}: {self.value(read.value, 'nationality')} ({source}{reform})"


def _places(value: int | Decimal) -> int:
    """As many decimal places as the value has, so that nothing is rounded away."""
    if isinstance(value, int):
        return 0
    return max(0, -int(value.normalize().as_tuple().exponent))


def _truth(item: Condition | Group, found: dict[int, ConditionEvidence]) -> bool | None:
    if isinstance(item, Condition):
        return found[id(item)].truth
    truths = [_truth(child, found) for child in item.items]
    return all_of(truths) if item.kind == "all" else any_of(truths)
