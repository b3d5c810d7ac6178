"""One case, live: facts are told and taken back, and each time it is said what that changes.

In go a rulebook and the rules that are wanted. A session keeps what is known of the case, lets durable-rules conclude
and the reference check, and hands out a `Change` after each fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.caged import DurableWorker
from stellwerk.evaluate.change import Change, change_between
from stellwerk.evaluate.checked import CheckedRules
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.examples import Fact
from stellwerk.evaluate.told import told
from stellwerk.law.rulebook import Rulebook


class NoRuleChosen(StellwerkError):
    """A session on no rule at all."""


class SubjectsDiffer(StellwerkError):
    """A session on rules that speak of different subjects."""


class Session:
    """A case on which somebody works; close it, or open it with `with`, to end the rule engine's process.

    `opening` is what the rules say at the start; `determinations` what they say now.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        rules: Sequence[str],
        facts: Mapping[str, object] | None = None,
        on: dt.date | None = None,
        worker: DurableWorker | None = None,
    ) -> None:
        subjects = sorted({rulebook.rule(rule).subject for rule in rules})
        if not subjects:
            raise NoRuleChosen
        if len(subjects) > 1:
            raise SubjectsDiffer(subjects=subjects)
        self.subject = subjects[0]
        self._rulebook = rulebook
        self._worker = worker or DurableWorker()
        self._rules = CheckedRules(rulebook, rules, self._worker, on)
        self._facts: dict[str, Fact] = self._understood(facts or {})
        self._now = self._rules.read(self._facts)
        self.opening = change_between(None, self._now, dict(self._facts), rulebook, self.subject)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What is known of the case."""
        return MappingProxyType(self._facts)

    @property
    def determinations(self) -> Mapping[str, Determination]:
        """What each rule says now, with its evidence."""
        return self._now.determinations

    @property
    def by_durable(self) -> frozenset[str]:
        """The rules whose result durable-rules concluded too; the others the reference says alone."""
        return self._now.by_durable

    def tell(self, facts: Mapping[str, object] | None = None, /, **more: object) -> Change:
        """Take in facts (None: unknown); child tables as lists of rows. One wrong fact, and none is taken."""
        return self._changed(self._understood({**(facts or {}), **more}))

    def retract(self, *names: str) -> Change:
        """Take back facts: they are unknown again."""
        return self._changed(self._understood(dict.fromkeys(names)))

    def close(self) -> None:
        """End the rule engine's process."""
        self._worker.close()

    def _understood(self, facts: Mapping[str, object]) -> dict[str, Fact]:
        vocabulary = self._rulebook.vocabulary
        return {name: told(name, raw, vocabulary, self.subject) for name, raw in facts.items()}

    def _changed(self, facts: Mapping[str, Fact]) -> Change:
        before = self._now
        known = {**self._facts, **facts}
        self._facts = {name: value for name, value in known.items() if value is not None}
        self._now = self._rules.read(self._facts)
        return change_between(before, self._now, facts, self._rulebook, self.subject)
