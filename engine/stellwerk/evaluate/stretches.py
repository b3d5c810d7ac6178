"""A table of cases as plans read it: exact types, dates as day numbers, so many rows at a time, with their child rows.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all), and child tables with
the case's id on each row. Comes out: the columns that some rules read, stretch by stretch.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.evaluate import days
from stellwerk.evaluate.children import ChildRows
from stellwerk.evaluate.compiled import ON, column_type, plan_type, repeated
from stellwerk.law.provision import Rule
from stellwerk.law.types import Type
from stellwerk.law.vocabulary import Vocabulary

ROWS_AT_A_TIME = 1 << 18  # about: the columns of so many cases stay small beside the results
_NUMBER = "__number"


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some cases one after the other: the number of the first, the columns, and the child rows of all cases."""

    start: int
    table: pl.DataFrame
    children: Mapping[str, ChildRows]


@dataclass(frozen=True, eq=False)
class CaseTable:
    """Cases with their child tables; where `on` is given, every case is read on that day."""

    cases: pl.DataFrame
    children: Mapping[str, pl.DataFrame]
    vocabulary: Vocabulary
    on: dt.date | None = None

    def reading_days(self, rule: Rule) -> tuple[dt.date, dt.date]:
        """The first and the last day on which the rule is read; where it never is, the first of its life."""
        if self.on is not None:
            return self.on, self.on
        dates = self.cases.get_column(rule.read_at) if rule.read_at in self.cases.columns else pl.Series([None])
        first, last = dates.min(), dates.max()
        if isinstance(first, dt.date) and isinstance(last, dt.date):
            return first, last
        beginning = rule.versions[0].interval.first
        return beginning, beginning

    def is_known(self, fact: str) -> bool:
        """Whether the fact is known of some case."""
        if fact not in self.cases.columns:
            return False
        return self.cases.get_column(fact).null_count() < self.cases.height

    def is_dated(self, rule: Rule) -> bool:
        """Whether every case has a reading date."""
        if self.on is not None:
            return True
        return rule.read_at in self.cases.columns and not self.cases.get_column(rule.read_at).null_count()

    def stretches(self, rules: Sequence[Rule]) -> Iterator[Callable[[], Stretch]]:
        """What the rules, all of one subject, read of the cases; at least one stretch, and be it empty."""
        attributes = self.vocabulary.attributes(rules[0].subject)
        facts = dict.fromkeys(fact for rule in rules for version in rule.versions for fact in version.facts())
        given = [_carried(fact, attributes[fact].type) for fact in facts if fact in self.cases.columns]
        absent = [(fact, None, plan_type(attributes[fact].type)) for fact in facts if fact not in self.cases.columns]
        same: list[tuple[str, int | None, pl.DataType]] = [*absent]
        if self.on is not None:
            same.append((ON, days.day_number(self.on), days.DAY))
        children = self._child_rows(rules)
        number = max(round(self.cases.height / ROWS_AT_A_TIME), 1)
        length = max(-(-self.cases.height // number), 1)

        def made(start: int) -> Stretch:
            rows = self.cases.slice(start, length)
            table = rows.select(whole(rows.height), *given).drop(_NUMBER)
            columns = [repeated(name, value, kind, rows.height) for name, value, kind in same]
            return Stretch(start, table.hstack(columns), children)

        for start in range(0, max(self.cases.height, 1), length):
            yield functools.partial(made, start)

    def _child_rows(self, rules: Sequence[Rule]) -> dict[str, ChildRows]:
        read = dict.fromkeys(name for rule in rules for version in rule.versions for name in version.tables())
        given = [name for name in read if name in self.children]
        if not given:
            return {}
        subject = rules[0].subject
        attributes = self.vocabulary.attributes(subject)
        key = next(name for name, attribute in attributes.items() if attribute.required)
        forms = self.vocabulary.child_tables(subject)
        return {name: ChildRows.of(self.children[name], forms[name], self.cases.get_column(key)) for name in given}


def whole(height: int) -> pl.Expr:
    """A column of full length, so that single values beside it fill theirs."""
    return pl.int_range(height, dtype=pl.UInt32).alias(_NUMBER)


def _carried(name: str, kind: Type) -> pl.Expr:
    column = pl.col(name).cast(column_type(kind))
    return (column.to_physical() if column_type(kind) != plan_type(kind) else column).alias(name)
