"""Whom does a draft change anything for? The law in force against the draft, on one register.

Goes in: the cases, and what the trial read. Comes out: how many cases change, rule by rule from which outcome to which,
with small counts protected, and which cases they are by their pseudonyms. The law in force is computed once; what a
draft says alike is taken over, so that a changed number is answered at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import polars as pl

from stellwerk.briefs.secrecy import Cell, Count, Sum, protect
from stellwerk.editing.trial import Reading
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compare import Comparison
from stellwerk.law.provision import AMOUNT
from stellwerk.law.rulebook import Rulebook

SUBJECT = "case"  # what a register's rows are
LIMIT = 3  # counts below it are not shown, as in the briefs
_ALL, _HEADLINE = ("all",), ("headline",)


@dataclass(frozen=True)
class Flow:
    """So many cases with one outcome before and one after."""

    before: str
    after: str
    persons: Count


@dataclass(frozen=True)
class RuleEffect:
    """What changes of one rule: the flows between its outcomes, and the sums of its amounts where it has some."""

    rule: str
    flows: tuple[Flow, ...]
    changed: Count  # cases with another outcome
    amount_before: Decimal | None
    amount_after: Decimal | None


class Effects:
    """The cases under the law in force and under the draft."""

    def __init__(self, comparison: Comparison | None, cases: int, key: str, others: Sequence[str]) -> None:
        self._comparison = comparison
        self.cases = cases
        self._key = key
        self.other_subjects = tuple(others)  # changed rules that do not speak of cases

    @cached_property
    def changed_cases(self) -> int:
        """How many cases change in some way; not for publication."""
        return self._comparison.affected_cases().len() if self._comparison is not None else 0

    @property
    def headline(self) -> Count:
        """How many cases change in some way, as it may be shown."""
        return self._protected[_HEADLINE]

    @cached_property
    def rules(self) -> tuple[RuleEffect, ...]:
        """What changes, rule by rule, those first of which most cases change; rules of which none does are left out."""
        moved = {rule: sum(n for (b, a), n in flows.items() if b != a) for rule, flows in self._counts.items()}
        amounts = self._amounts
        shown = [rule for rule in moved if moved[rule] or amounts[rule][0] != amounts[rule][1]]
        return tuple(self._effect(rule) for rule in sorted(shown, key=lambda rule: (-moved[rule], rule)))

    def cases_of(self, rule: str, most: int) -> pl.DataFrame:
        """The first affected cases of a rule by their pseudonyms, of flows whose count may be shown.

        Columns: the case's id, outcome_base, outcome_reform, deciding.
        """
        assert self._comparison is not None
        shown = [
            {"outcome_base": before, "outcome_reform": after}
            for before, after in self._counts[rule]
            if isinstance(self._protected[rule, before, after], int)
        ]
        affected = self._comparison.affected()
        schema = {name: affected.schema[name] for name in ("outcome_base", "outcome_reform")}
        own = affected.filter(pl.col("rule") == rule).join(
            pl.DataFrame(shown, schema=schema), on=list(schema), how="semi", maintain_order="left"
        )
        ids = self._comparison.base.table.cases.get_column(self._key)
        first = own.head(most)
        return first.select(ids.gather(first.get_column("case")), "outcome_base", "outcome_reform", "deciding")

    @cached_property
    def _flows(self) -> pl.DataFrame:
        comparison = self._comparison
        return comparison.flows(rules=comparison.changed_rules) if comparison and comparison.changed_rules else _NOTHING

    @cached_property
    def _counts(self) -> Mapping[str, Mapping[tuple[str, str], int]]:
        found: dict[str, dict[tuple[str, str], int]] = {}
        for row in self._flows.iter_rows(named=True):
            pair = (str(row["outcome_base"]), str(row["outcome_reform"]))
            found.setdefault(row["rule"], {})[pair] = row["persons"]
        return found

    @cached_property
    def _amounts(self) -> Mapping[str, tuple[Decimal | None, Decimal | None]]:
        columns = {side: pl.col(f"{AMOUNT}_{side}") for side in ("base", "reform")}
        sums = [pl.when(one.is_not_null().any()).then(one.sum()).alias(side) for side, one in columns.items()]
        rows = self._flows.group_by("rule").agg(sums).iter_rows()
        return {rule: (before, after) for rule, before, after in rows}

    @cached_property
    def _protected(self) -> Mapping[Cell, Count]:
        """All counts that are shown together; nobody can compute a small one from the others."""
        cells: dict[Cell, int] = {_ALL: self.cases, _HEADLINE: self.changed_cases}
        sums: list[Sum] = []
        for rule, flows in self._counts.items():
            own = [(rule, *pair) for pair in flows]
            moved = [(rule, before, after) for before, after in flows if before != after]
            cells.update(zip(own, flows.values(), strict=True))
            cells[rule, "changed"] = sum(cells[cell] for cell in moved)
            sums += [Sum(_ALL, tuple(own)), *([Sum((rule, "changed"), tuple(moved))] if moved else [])]
            if cells[rule, "changed"] == self.changed_cases:
                sums.append(Sum(_HEADLINE, ((rule, "changed"),)))
        return protect(cells, sums, LIMIT)

    def _effect(self, rule: str) -> RuleEffect:
        flows = tuple(Flow(before, after, self._protected[rule, before, after]) for before, after in self._counts[rule])
        return RuleEffect(rule, flows, self._protected[rule, "changed"], *self._amounts[rule])


_NOTHING = pl.DataFrame(
    schema={
        "rule": pl.String,
        "outcome_base": pl.String,
        "outcome_reform": pl.String,
        "persons": pl.UInt32,
        f"{AMOUNT}_base": pl.Decimal(38, 6),
        f"{AMOUNT}_reform": pl.Decimal(38, 6),
    }
)


class Register:
    """Cases that drafts are tried on: under the law in force they are computed once."""

    def __init__(
        self, cases: pl.DataFrame, children: Mapping[str, pl.DataFrame], key: str, on: dt.date | None = None
    ) -> None:
        self.cases, self.children, self.key, self.on = cases, children, key, on
        self._run: ColumnRun | None = None

    def effects(self, reading: Reading) -> Effects:
        """Whom the drafts change anything for; a drafted reform counts as if it were law."""
        if reading.rulebook is None or reading.rulebook is reading.base:
            return Effects(None, self.cases.height, self.key, ())
        after = reading.rulebook.under(reading.changed_reforms)
        run = self._under_law_in_force(reading.base)
        then = run.under(after)
        known = {**reading.base.rules, **after.rules}
        shared = reading.base.rules.keys() & {*after.rules, *after.without_version}
        alike = {name for name in shared if run.fingerprints.of(name) == then.fingerprints.of(name)}
        changed = sorted(known.keys() - alike)
        own = [name for name in changed if known[name].subject == SUBJECT]
        others = [name for name in changed if known[name].subject != SUBJECT]
        return Effects(Comparison.of(run, then, own) if own else None, self.cases.height, self.key, others)

    def prepare(self, base: Rulebook, rules: Sequence[str]) -> None:
        """Compute rules under the law in force before somebody asks."""
        run = self._under_law_in_force(base)
        run.evaluate(name for name in rules if base.rules[name].subject == SUBJECT)
        for name in base.rules:
            run.fingerprints.of(name)

    def _under_law_in_force(self, base: Rulebook) -> ColumnRun:
        if self._run is None or self._run.rulebook.hash != base.hash:
            self._run = ColumnRun(base, self.cases, self.on, self.children)
        return self._run
