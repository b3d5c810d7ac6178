"""Do all engines say the same?

In go a rulebook, engines and how many cases to try. Generated cases go through every engine; the first one, as a rule
the reference, is what the others are held against. Out come how much was compared and the differences, each with the
smallest case that shows it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from stellwerk.audit.comparing import RuleDiffers, differing_rules
from stellwerk.audit.contender import Contender
from stellwerk.audit.generated import UNKNOWN, generated_cases, most_cases
from stellwerk.audit.pair import cases_of, smallest
from stellwerk.audit.witness import Witness
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.caged import DurableUnavailable
from stellwerk.evaluate.engines import EngineNotAvailable, Question
from stellwerk.law.rulebook import Rulebook
from stellwerk.texts import text

CASES = 300  # of a subject, where nobody asks for more: the reference takes a while for all rules
_AT_A_TIME = 2_000
_WITHOUT_TABLE = 8  # one case in so many is read as if a child table had not been given
_NOT_HERE = (EngineNotAvailable, DurableUnavailable)


class EngineBroke(StellwerkError):
    """An engine ended with an error of its own on generated cases."""


class NoCasesWanted(StellwerkError):
    """A run on less than one case."""


@dataclass(frozen=True)
class Sample:
    """Which cases are generated: how many of each subject, from which seed, and the share of facts not known."""

    cases: int = CASES
    seed: int = 1
    unknown: float = UNKNOWN


@dataclass(frozen=True)
class Difference:
    """A rule on which an engine says something else: on how many cases, in which parts, and the smallest case."""

    rule: str
    engine: str
    against: str
    cases: int
    parts: tuple[str, ...]
    witness: Witness
    alone: bool  # whether the engines differ on that case alone, or only where it stands among others


@dataclass(frozen=True)
class Compared:
    """How much of a subject was compared: of how many rules, and on how many cases by each engine."""

    subject: str
    rules: int
    cases: Mapping[str, int]


@dataclass(frozen=True)
class Parity:
    """What a run found; `against` is the engine that the others were held against."""

    against: str
    sample: Sample
    compared: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    notices: tuple[str, ...]

    @property
    def answers(self) -> int:
        """How many answers, of a rule on a case, were held against the first engine's."""
        return sum(
            found.rules * number
            for found in self.compared
            for engine, number in found.cases.items()
            if engine != self.against
        )


def parity(
    rulebook: Rulebook,
    contenders: Sequence[Contender],
    sample: Sample = Sample(),
    *,
    rules: Sequence[str] | None = None,
    on: dt.date | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Parity:
    """Hold engines against the first of them, on generated cases of every subject that the rules speak of.

    An engine that may be missing and cannot run here is left out, and that is told.
    """
    if sample.cases < 1:
        raise NoCasesWanted(cases=sample.cases)
    run = _Run(rulebook, contenders, on)
    batches = list(_batches(rulebook, rules, sample))
    for number, batch in enumerate(batches):
        progress(number, len(batches))
        run.hold(batch)
    found = tuple(run.difference(engine, seen) for engine, seen in run.seen())
    progress(len(batches), len(batches))
    return Parity(contenders[0].name, sample, tuple(run.compared()), found, tuple(run.notices))


@dataclass(frozen=True, eq=False)
class _Batch:
    """Cases of one subject with the rules that are asked of them; `number` counts within the subject."""

    subject: str
    rules: tuple[str, ...]
    number: int
    cases: int
    sample: Sample


def _batches(rulebook: Rulebook, rules: Sequence[str] | None, sample: Sample) -> Iterator[_Batch]:
    """All cases in parts, none with more cases than there are names for them."""
    names = sorted(rulebook.rules) if rules is None else [rulebook.rule(name).id for name in rules]
    for subject in rulebook.vocabulary.subjects:
        of_subject = tuple(name for name in names if rulebook.rule(name).subject == subject)
        if of_subject:
            most = min(_AT_A_TIME, most_cases(rulebook, subject) or _AT_A_TIME)
            for number, start in enumerate(range(0, sample.cases, most)):
                yield _Batch(subject, of_subject, number, min(most, sample.cases - start), sample)


@dataclass
class _Seen:
    """A rule on which an engine differs: in which parts, on how many cases, and the first of them."""

    rule: str
    parts: set[str]
    cases: int
    question: Question
    position: int


@dataclass
class _Run:
    """What was compared and seen so far."""

    rulebook: Rulebook
    contenders: Sequence[Contender]
    on: dt.date | None
    notices: dict[str, None] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _cases: dict[str, Counter[str]] = field(default_factory=dict)
    _rules: dict[str, int] = field(default_factory=dict)
    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def hold(self, batch: _Batch) -> None:
        """Let every engine answer and hold the answers against the first one's."""
        self._rules[batch.subject] = len(batch.rules)
        cases = self._cases.setdefault(batch.subject, Counter())
        first, *others = self.contenders
        for question in _questions(self.rulebook, batch, self.on, self._told):
            base = _answered(first, question, batch)
            cases[first.name] += question.cases.height
            for engine in others:
                left = question.cases.height if engine.most is None else max(engine.most - cases[engine.name], 0)
                if left and engine.name not in self._gone:
                    cases[engine.name] += self._held(engine, _first(question, left), base, batch)

    def _held(self, engine: Contender, question: Question, base: pl.DataFrame, batch: _Batch) -> int:
        """Hold one engine against the first one's answer; how many cases it answered."""
        try:
            other = _answered(engine, question, batch)
        except _NOT_HERE as error:
            if not engine.may_be_missing:
                raise
            self._gone.add(engine.name)
            self.notices[error.message()] = None
            return 0
        for differs in differing_rules(base.head(question.cases.height), other, question.key, engine.name):
            self._note(engine, differs, question)
        return question.cases.height

    def _note(self, engine: Contender, differs: RuleDiffers, question: Question) -> None:
        first = _Seen(differs.rule, set(), 0, question, differs.cases[0])
        seen = self._seen.setdefault((engine.name, differs.rule), first)
        seen.parts |= set(differs.parts)
        seen.cases += len(differs.cases)

    def _told(self, message: str) -> None:
        self.notices[message] = None

    def seen(self) -> Iterator[tuple[Contender, _Seen]]:
        """What differs, engine by engine, rule by rule."""
        by_name = {engine.name: engine for engine in self.contenders}
        for (name, _), seen in sorted(self._seen.items()):
            yield by_name[name], seen

    def compared(self) -> Iterator[Compared]:
        """How much was compared, subject by subject."""
        for subject, cases in self._cases.items():
            yield Compared(subject, self._rules[subject], {name: number for name, number in cases.items() if number})

    def difference(self, engine: Contender, seen: _Seen) -> Difference:
        """The smallest case on which the engine differs."""
        base = self.contenders[0]
        found = smallest(seen.rule, base, engine, seen.question, seen.position)
        witness = Witness(
            name=text("parity_example", engine=engine.name, outcome=found.found.get("outcome") or "–"),
            rule=seen.rule,
            source=text("parity_source", against=base.name),
            facts=found.facts,
            on=self.on,
            reforms=self.rulebook.applied,
            expected=found.expected,
            found=found.found,
        )
        parts = tuple(name for name in found.expected if name in seen.parts)
        return Difference(seen.rule, engine.name, base.name, seen.cases, parts, witness, found.alone)


def _questions(
    rulebook: Rulebook, batch: _Batch, on: dt.date | None, tell: Callable[[str], None]
) -> Iterator[Question]:
    """The cases of a batch; of the last ones a child table is not given, another one each time."""
    sample = batch.sample
    seed = sample.seed + batch.number
    frame, children = generated_cases(rulebook, batch.subject, batch.cases, seed, batch.rules, sample.unknown)
    key = rulebook.vocabulary.key(batch.subject)
    without = frame.height // _WITHOUT_TABLE if children else 0
    question = Question(rulebook, frame, children, batch.rules, key, on, tell=tell)
    yield _first(question, frame.height - without)
    if without:
        missing = list(children)[seed % len(children)]
        kept = {name: child for name, child in children.items() if name != missing}
        yield cases_of(replace(question, children=kept), frame.tail(without))


def _answered(engine: Contender, question: Question, batch: _Batch) -> pl.DataFrame:
    """What an engine says; where it breaks, on which cases, so that they can be generated again."""
    try:
        return engine.answer(question)
    except StellwerkError:
        raise
    except Exception as error:
        sample = batch.sample
        raise EngineBroke(
            engine=engine.name,
            subject=batch.subject,
            cases=sample.cases,
            seed=sample.seed,
            reason=f"{type(error).__name__}: {error}",
        ) from error


def _first(question: Question, count: int) -> Question:
    return question if count >= question.cases.height else cases_of(question, question.cases.head(count))
