"""Two engines, one rule, one case: what is the least on which they differ?

In goes a question on whose answer two engines differ, and which of its cases shows it. The case is taken out, made
smaller while the difference stays, and handed out with what both say of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from stellwerk.audit.comparing import differing_rules
from stellwerk.audit.contender import Contender
from stellwerk.audit.shrinking import Facts, known_tables, rows_of, shrunk
from stellwerk.audit.witness import Answer
from stellwerk.evaluate.compiled import column_type
from stellwerk.evaluate.engines import Question
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law.types import Type


@dataclass(frozen=True)
class Smallest:
    """The smallest case on which two engines differ, with what both say.

    Where the engines agree on the case `alone` and differ only among others, it is given as it was.
    """

    facts: Facts
    expected: Answer
    found: Answer
    alone: bool


def smallest(rule: str, base: Contender, other: Contender, question: Question, position: int) -> Smallest:
    """The case at a position of the question, made as small as it can be."""
    one = cases_of(question, question.cases.slice(position, 1))
    case = next(iter(cases_with_rows(one.cases, one.children, one.key)))
    facts: Facts = {name: value for name, value in case.items() if value is not None and name != one.key}
    attributes = question.rulebook.vocabulary.attributes(question.rulebook.rule(rule).subject)
    free = attributes[one.key].type.kind == "text"  # a mere id, which another may take the place of
    pair = _Pair(rule, base, other, question, {} if free else {one.key: case[one.key]})
    if not pair.differ([facts])[0]:
        return Smallest({**pair.named, **facts}, *pair.answers(question, position), alone=False)
    left = shrunk(facts, pair.differ)
    return Smallest({**pair.named, **left}, *pair.answers(pair.asked([left]), 0), alone=True)


def cases_of(question: Question, cases: pl.DataFrame) -> Question:
    """The same asked of some of the cases."""
    names = cases.select(question.key)
    own = {
        name: child.join(names, on=question.key, how="semi", maintain_order="left")
        for name, child in question.children.items()
    }
    return replace(question, cases=cases, children=own)


@dataclass(frozen=True)
class _Pair:
    """Two engines and a rule on which they differ; `named` is what names the case, where rules can read that."""

    rule: str
    base: Contender
    other: Contender
    question: Question
    named: Facts

    def differ(self, candidates: Sequence[Facts]) -> list[bool]:
        """Of each whether the engines differ on it; those that can stand in one table are asked at once."""
        together: dict[object, list[int]] = {}
        for number, facts in enumerate(candidates):
            together.setdefault(number if self.named else known_tables(facts), []).append(number)
        found = [False] * len(candidates)
        for numbers in together.values():
            question = self.asked([candidates[number] for number in numbers])
            base, other = self.base.answer(question), self.other.answer(question)
            for differs in differing_rules(base, other, question.key, self.other.name):
                for position in differs.cases:
                    found[numbers[position]] = True
        return found

    def answers(self, question: Question, position: int) -> tuple[Answer, Answer]:
        """What both engines say of one case of a question."""
        name = question.cases.get_column(question.key)[position]
        return self._said(self.base, question, name), self._said(self.other, question, name)

    def _said(self, engine: Contender, question: Question, name: object) -> Answer:
        """What an engine says of the case of that name; nothing where it says it never, or twice."""
        found = engine.answer(question).filter(pl.col(question.key).cast(pl.String) == str(name))
        if found.height != 1:
            return {}
        row = found.row(0, named=True)
        return {column.rpartition(".")[2]: row[column] for column in row if column.rpartition(".")[0] == self.rule}

    def asked(self, candidates: Sequence[Facts]) -> Question:
        """The rule asked of several cases that know the same child tables."""
        key, book = self.question.key, self.question.rulebook
        subject = book.rule(self.rule).subject
        types = {name: item.type for name, item in book.vocabulary.attributes(subject).items()}
        rows = [{key: f"C{number}", **self.named, **facts} for number, facts in enumerate(candidates)]
        children = {}
        for name, table in book.vocabulary.child_tables(subject).items():
            if name in known_tables(candidates[0]):
                form = {key: types[key], **{fact: item.type for fact, item in table.attributes.items()}}
                own = [{key: row[key], **cells} for row in rows for cells in rows_of(row, name)]
                children[name] = _frame(own, form)
        return Question(book, _frame(rows, types), children, (self.rule,), key, self.question.on)


def _frame(rows: Sequence[Mapping[str, object]], types: Mapping[str, Type]) -> pl.DataFrame:
    return pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in rows], dtype=column_type(kind)) for name, kind in types.items()]
    )
