"""What does a changed fact change? Which conditions now hold and which no longer, which outcomes, what to ask next.

In go the determinations before and after. Out comes a `Change`, which prints itself in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.checked import Checked
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE, Determination
from stellwerk.law.phrases import Phrases
from stellwerk.law.provision import AMOUNT, Condition
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said, plain_lines
from stellwerk.law.types import Value
from stellwerk.law.written import value_in_words
from stellwerk.texts import language_in_use, text


@dataclass(frozen=True)
class RuleChange:
    """One rule whose result or evidence is not what it was; `before` is None where it was not read yet."""

    before: Determination | None
    after: Determination
    by_durable: bool  # whether durable-rules concluded it too; else the reference alone says it

    @property
    def rule(self) -> str:
        """The rule."""
        return self.after.rule

    @property
    def fired(self) -> tuple[Condition, ...]:
        """The conditions, exceptions and rows that hold now and did not before."""
        held = _held(self.before)
        return tuple(condition for line, condition in _held(self.after).items() if line not in held)

    @property
    def fell_away(self) -> tuple[Condition, ...]:
        """The conditions, exceptions and rows that held before and do not hold any more."""
        holds = _held(self.after)
        return tuple(condition for line, condition in _held(self.before).items() if line not in holds)

    @property
    def failed(self) -> tuple[Condition, ...]:
        """The conditions that fail now and were open before; exceptions and rows that do not hold are no failure."""
        known = _settled(self.before)
        failing = (item.condition for item in self.after.conditions if item.truth is False)
        return tuple(condition for condition in failing if condition.text not in known)

    @property
    def changes_result(self) -> bool:
        """Whether the outcome or a computed value is another one, beside the evidence."""
        return self.before is None or _result(self.before) != _result(self.after)


@dataclass(frozen=True)
class Question:
    """A fact that is missing, and the rules it would help to settle."""

    fact: str
    rules: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Change:
    """What followed from a changed fact; `facts` holds the values told, None for what was taken back."""

    facts: Mapping[str, object]
    rules: tuple[RuleChange, ...]
    questions: tuple[Question, ...]  # those that help most rules first
    notices: tuple[StellwerkError, ...]
    rulebook: Rulebook = field(compare=False)
    subject: str = "case"

    def __str__(self) -> str:
        return "\n".join(plain_lines(self.said()))

    __repr__ = __str__

    def said(self, language: str | None = None) -> tuple[Said, ...]:
        """The change as lines: rules on which something was settled, how many others, questions, notices."""
        return tuple(_Telling(self, language or language_in_use()).said())


def change_between(
    before: Checked | None, after: Checked, facts: Mapping[str, object], rulebook: Rulebook, subject: str
) -> Change:
    """What two readings of the same rules say differently."""
    known = before.determinations if before else {}
    changed = [
        RuleChange(known.get(rule), found, rule in after.by_durable)
        for rule, found in after.determinations.items()
        if rule not in known or _fingerprint(known[rule]) != _fingerprint(found)
    ]
    return Change(facts, tuple(changed), questions_of(after.determinations), after.notices, rulebook, subject)


def questions_of(determinations: Mapping[str, Determination]) -> tuple[Question, ...]:
    """Every fact that some rule asks for, the one that helps most rules first."""
    asked: dict[str, list[str]] = {}
    for rule, found in determinations.items():
        for fact in found.ask_for:
            asked.setdefault(fact, []).append(rule)
    questions = (Question(fact, tuple(rules)) for fact, rules in asked.items())
    return tuple(sorted(questions, key=lambda question: -len(question.rules)))  # else in the order of asking


def _held(found: Determination | None) -> dict[str, Condition]:
    """The conditions that hold, by their line in the rule, so that two versions of a rule can be compared."""
    if found is None:
        return {}
    every = (*found.conditions, *(item.held for item in found.exceptions), *(item.held for item in found.rows))
    return {evidence.condition.text: evidence.condition for evidence in every if evidence.truth is True}


def _settled(found: Determination | None) -> frozenset[str]:
    if found is None:
        return frozenset()
    return frozenset(item.condition.text for item in found.conditions if item.truth is not None)


def _result(found: Determination) -> tuple[str, dict[str, Value | None]]:
    return found.outcome, dict(found.values)


def _fingerprint(found: Determination) -> tuple[object, ...]:
    return (*_result(found), found.version, found.reading_date, found.met, found.unknown, found.ask_for)


def _is_told(item: RuleChange) -> bool:
    """Whether a rule is told in full; at the start those of which nothing can be said are only counted."""
    if item.before is None:
        return item.after.outcome not in (NEEDS_FACTS, NOT_IN_FORCE)
    return item.changes_result or bool(item.fired or item.fell_away or item.failed)


def _kind(found: Determination, condition: Condition) -> str:
    """What a condition is called in the catalogue: an exception, or nothing in particular."""
    return "exception_" if any(item.held.condition is condition for item in found.exceptions) else ""


_MOST_QUESTIONS = 5  # more than that nobody asks at once; the rest stays in `questions`


@dataclass(frozen=True)
class _Telling:
    """A change being told in one language."""

    change: Change
    language: str

    def said(self) -> Iterator[Said]:
        for name, value in self.change.facts.items():
            yield Said(self.fact(name, value))
        yield from (self.rule(item) for item in self.change.rules if _is_told(item))
        untold = [item for item in self.change.rules if not _is_told(item)]
        yield from self.counted("open", sum(item.before is None for item in untold))
        yield from self.counted("questions_only", sum(item.before is not None for item in untold))
        if not self.change.rules:
            yield Said(self.say("nothing_changed"))
        if self.change.questions:
            yield Said(self.say("questions"), tuple(self.questions()))
        for notice in self.change.notices:
            yield Said(self.say("notice", notice=notice.message(self.language)))

    def counted(self, key: str, count: int) -> Iterator[Said]:
        if count:
            yield Said(self.say(f"{key}_one" if count == 1 else key, count=count))

    def rule(self, item: RuleChange) -> Said:
        version = item.after.version or self.change.rulebook.rules[item.rule].versions[-1]
        title = version.label_de if self.language == "de" else version.label_en
        before = self.outcome(item.before.outcome) if item.before else ""
        same = item.before is not None and item.before.outcome == item.after.outcome
        key = "rule_stays" if same else "rule"
        heading = self.say(key, rule=item.rule, title=title, before=before, after=self.outcome(item.after.outcome))
        return Said(heading, tuple(self.details(item)))

    def details(self, item: RuleChange) -> Iterator[Said]:
        unit = item.after.version.unit if item.after.version else ""
        for name, value in item.after.values.items():
            if value is not None and (item.before is None or item.before.values.get(name) != value):
                shown = value_in_words(value, self.language, unit if name == AMOUNT else "")
                yield Said(text(f"report_value_{name}", self.language, value=shown))
        for condition in item.fired:
            yield Said(
                self.say(f"{_kind(item.after, condition)}fired", condition=self.condition(item.after, condition))
            )
        for condition in item.fell_away:
            assert item.before is not None
            key = f"{_kind(item.before, condition)}fell_away"
            yield Said(self.say(key, condition=self.condition(item.before, condition)))
        for condition in item.failed:
            yield Said(self.say("failed", condition=self.condition(item.after, condition)))
        if item.after.ask_for:
            asked = [self.name(fact) for fact in item.after.ask_for[:_MOST_QUESTIONS]]
            more = len(item.after.ask_for) - len(asked)
            yield Said(self.say("ask_for_more" if more else "ask_for", facts=asked, more=more))

    def questions(self) -> Iterator[Said]:
        questions = self.change.questions
        for question in questions[:_MOST_QUESTIONS]:
            count = len(question.rules)
            key = "question_one" if count == 1 else "question"
            yield Said(self.say(key, fact=self.name(question.fact), count=count), aside=question.fact)
        if len(questions) > _MOST_QUESTIONS:
            yield Said(self.say("more_questions", count=len(questions) - _MOST_QUESTIONS))

    def fact(self, name: str, value: object) -> str:
        """A fact as it was told."""
        if value is None:
            return self.say("taken_back", fact=self.name(name))
        if isinstance(value, list):
            key = "told_row" if len(value) == 1 else "told_rows"
            return self.say(key, fact=self.name(name), count=len(value))
        attribute = self.change.rulebook.vocabulary.attributes(self.change.subject)[name]
        assert isinstance(value, Value)
        return self.say(
            "told", fact=self.name(name), value=self.phrases().written(value, attribute.type, attribute.unit)
        )

    def name(self, fact: str) -> str:
        """The words for a fact, a child table or another rule's result."""
        vocabulary, subject = self.change.rulebook.vocabulary, self.change.subject
        if fact in vocabulary.attributes(subject):
            return vocabulary.attributes(subject)[fact].label(self.language)
        if fact in vocabulary.child_tables(subject):
            return vocabulary.child_tables(subject)[fact].label(self.language)
        versions = (found.after.version for found in self.change.rules if found.after.version is not None)
        derived = (node for version in versions for node in version.derived() if node.name == fact)
        return next((self.phrases().derived(node) for node in derived), fact)

    def condition(self, found: Determination, condition: Condition) -> str:
        return self.phrases(found.reading_date).condition(condition.core).in_one_line()

    def outcome(self, name: str) -> str:
        return self.change.rulebook.vocabulary.outcomes[name].label(self.language)

    def phrases(self, day: dt.date | None = None) -> Phrases:
        return Phrases(self.change.rulebook, self.change.subject, day or dt.date.min, self.language)

    def say(self, key: str, **values: object) -> str:
        return text(f"session_{key}", self.language, **values)
