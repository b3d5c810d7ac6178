"""One case before two engines: durable-rules concludes, the reference checks every rule, and the reference wins.

In go a rulebook, its rules that are wanted and a case. Out come the determinations, which of them durable-rules
reached too, and everything a user must be told: that it cannot run here, failed, or concluded something else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.border import CannotCross
from stellwerk.evaluate.caged import DurableUnavailable, DurableWorker, WorkerFailed
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.inference import Inference, Inferences
from stellwerk.evaluate.reference import Case, CaseReading
from stellwerk.law.provision import Group, NamedValue, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook

MOST_CASES = 200  # a case takes durable-rules some tenths of a second; more belong to the other engines
_MOST_FAILURES = 3  # in a row; then the reference serves for the rest
_ESSENTIAL = "essential"


class EnginesDisagree(StellwerkError):
    """durable-rules concluded something else than the reference, which wins."""


class RuleCannotCross(StellwerkError):
    """A rule has a value or a size that durable-rules cannot hold exactly; the reference served it."""


class DurableSetAside(StellwerkError):
    """durable-rules failed several times in a row and is not asked any more."""


class TooManyCases(StellwerkError):
    """More cases than durable-rules serves in reasonable time."""


@dataclass(frozen=True)
class Checked:
    """What the rules say of one case, with the rules that durable-rules reached too and what went wrong."""

    determinations: Mapping[str, Determination]
    by_durable: frozenset[str]
    notices: tuple[StellwerkError, ...]


class CheckedRules:
    """Some rules of a rulebook before both engines; what durable-rules was asked last is remembered a rule."""

    def __init__(
        self, rulebook: Rulebook, rules: Sequence[str], worker: DurableWorker, on: dt.date | None = None
    ) -> None:
        self.rules = tuple(rules)
        chosen = [rulebook.rules[name] for name in rules if name in rulebook.rules]
        versions = [version for rule in chosen for version in rule.versions]
        self._inferences = {(version.rule, version.interval): Inferences(version) for version in versions}
        self._rulebook = self._with_sides(rulebook, chosen)
        self._worker = worker
        self._on = on
        self._reads = {rule: _names_read(rule, rulebook) for rule in rules}
        self._case: Case = {}
        self._found: dict[str, Determination] = {}
        self._by_durable: set[str] = set()
        self._failed: Counter[str] = Counter()
        self._failures = 0

    def read(self, case: Case) -> Checked:
        """What the rules say of the case; a rule that reads nothing that changed since the last reading stays."""
        changed = {name for name in {*case, *self._case} if case.get(name) != self._case.get(name)}
        affected = [rule for rule in self.rules if rule not in self._found or changed & self._reads[rule]]
        reading = CaseReading(self._rulebook, case, self._on)
        notices: list[StellwerkError] = []
        for rule in affected:
            self._found[rule] = reading.determination(rule)
            notice = self._checked(self._found[rule], reading)
            if notice is not None:
                notices += [notice, *self._after(notice, rule)]
        self._case = case
        return Checked({rule: self._found[rule] for rule in self.rules}, frozenset(self._by_durable), tuple(notices))

    def _checked(self, found: Determination, reading: CaseReading) -> StellwerkError | None:
        """Let durable-rules conclude too, where it can; what there is to tell of it."""
        self._by_durable.discard(found.rule)
        if found.version is None or self._failed[found.rule] > 1 or self._failures >= _MOST_FAILURES:
            return None  # which version applies is looked up, not concluded
        notice = self._held_against(found, found.version, reading)
        if notice is None:
            self._by_durable.add(found.rule)
        return notice

    def _held_against(self, found: Determination, version: RuleVersion, reading: CaseReading) -> StellwerkError | None:
        """What there is to tell of a rule; nothing where both engines agree."""
        try:
            concluded = self._concluded(version, reading)
        except CannotCross:
            return RuleCannotCross(rule=found.rule)
        except WorkerFailed as failure:
            return failure
        self._failures = 0
        if concluded == Inference(found.outcome, found.met, found.unknown):
            return None
        return EnginesDisagree(rule=found.rule, durable=concluded.outcome or "–", reference=found.outcome)

    def _concluded(self, version: RuleVersion, reading: CaseReading) -> Inference:
        inferences = self._inferences[version.rule, version.interval]
        computed = reading.determination(_sides_of(version.rule)).values
        values = [computed[str(n)] for n in range(len(inferences.circuit.sides))]
        values_known = all(value is not None for name, value in computed.items() if name.startswith(_ESSENTIAL))
        return inferences.infer(values, values_known, self._worker)

    def _after(self, notice: StellwerkError, rule: str) -> list[StellwerkError]:
        """Draw the consequence of a failure: a rule that fails twice, or an engine that fails thrice, is left alone."""
        match notice:
            case DurableUnavailable():
                self._failures = _MOST_FAILURES
            case WorkerFailed():
                self._failed[rule] += 1
                self._failures += 1
                if self._failures == _MOST_FAILURES:
                    return [DurableSetAside(times=_MOST_FAILURES)]
        return []

    def _with_sides(self, rulebook: Rulebook, rules: Sequence[Rule]) -> Rulebook:
        """The rulebook with a companion to each rule whose values are the sides of its comparisons.

        So the host's arithmetic is the reference's own, dates, sums, listings and other rules' results included.
        """
        companions = {
            _sides_of(rule.id): Rule(_sides_of(rule.id), tuple(map(self._companion, rule.versions))) for rule in rules
        }
        return replace(rulebook, rules={**rulebook.rules, **companions})

    def _companion(self, version: RuleVersion) -> RuleVersion:
        sides = self._inferences[version.rule, version.interval].circuit.sides
        computed = [NamedValue(str(n), side.core, always=True) for n, side in enumerate(sides)]
        essential = (value for value in version.values if value.essential)
        needed = [NamedValue(f"{_ESSENTIAL}{n}", value.core, always=True) for n, value in enumerate(essential)]
        return replace(
            version,
            rule=_sides_of(version.rule),
            when=Group("all", ()),
            unless=(),
            rows=(),
            policy="none",
            values=(*computed, *needed),
        )


def checked_determinations(
    rulebook: Rulebook, cases: Sequence[Case], rules: Sequence[str], on: dt.date | None = None
) -> tuple[list[list[Determination]], tuple[StellwerkError, ...]]:
    """What each rule says of each case (a list a rule, in the order of the cases), and what a user must be told.

    The same as the reference says; every rule was concluded by durable-rules too unless a notice says otherwise.
    """
    if len(cases) > MOST_CASES:
        raise TooManyCases(cases=len(cases), most=MOST_CASES)
    with DurableWorker() as worker:
        checked_rules = CheckedRules(rulebook, rules, worker, on)
        found = [checked_rules.read(case) for case in cases]
    notices = {notice.message(): notice for checked in found for notice in checked.notices}
    return [[checked.determinations[rule] for checked in found] for rule in rules], tuple(notices.values())


def _names_read(name: str, rulebook: Rulebook) -> frozenset[str]:
    """All facts and child tables on which a rule's result depends, those of the rules it reads included."""
    if name not in rulebook.rules:
        return frozenset()
    versions = rulebook.rules[name].versions
    own = {fact for version in versions for fact in (*version.facts(), *version.tables())}
    others = {node.rule for version in versions for node in version.derived()}
    return frozenset(own).union(*(_names_read(other, rulebook) for other in others))


def _sides_of(rule: str) -> str:
    return f"sides of {rule}"
