"""Who is affected when one rulebook takes another's place: flows between outcomes, amounts, cases and what decides.

Goes in: two runs of the same cases and the rules to look at. Comes out: flows by any attribute, and the affected cases
each with the conditions that decide. What both rulebooks say alike is evaluated once (`ColumnRun.under`), so that a
changed number is answered at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.deciding import Said, Terms, deciding_conditions
from stellwerk.evaluate.plan import VALUE_TYPES
from stellwerk.law.provision import AMOUNT

_EVIDENCE = ("version", "met", "unknown")
_BITS = ("met", "unknown")  # as wide in every rule, for those of two versions stand side by side
_SIDES = ("base", "reform")
_NO_AMOUNT = pl.lit(None, dtype=VALUE_TYPES[AMOUNT])
_PATTERN = [f"{name}_{side}" for side in _SIDES for name in ("outcome", *_EVIDENCE)]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same cases under two rulebooks; a rule that one of them lacks is not in force there."""

    base: ColumnRun
    reform: ColumnRun
    rules: tuple[str, ...]

    @classmethod
    def of(cls, base: ColumnRun, reform: ColumnRun, rules: Sequence[str]) -> Comparison:
        """Compare two runs of the same cases; rules of one subject."""
        known = {*base.rulebook.rules, *base.rulebook.without_version}
        added = frozenset(rules) - known
        if added:
            base = base.under(replace(base.rulebook, without_version=base.rulebook.without_version | added))
        for run in (base, reform):
            run.evaluate(rules)
        return cls(base, reform, tuple(rules))

    @property
    def changed_rules(self) -> tuple[str, ...]:
        """The rules that do not mean the same in both rulebooks; only they can change anything."""
        before, after = self.base.fingerprints, self.reform.fingerprints
        return tuple(name for name in self.rules if before.of(name) != after.of(name))

    def flows(self, by: Sequence[str] = (), rules: Sequence[str] | None = None) -> pl.DataFrame:
        """How many cases go from which outcome to which, also those that stay; with amounts where the rule has them.

        Columns: rule, the attributes of `by`, outcome_base, outcome_reform, persons, amount_base, amount_reform.
        """
        groups = self.base.table.cases.select(by) if by else None
        keys = [*by, "outcome_base", "outcome_reform"]
        counted = []
        for rule in self.rules if rules is None else rules:
            pair = self._pair(rule, ("outcome", *(name for name in self._values(rule) if name == AMOUNT)))
            table = pair if groups is None else pl.concat([groups, pair], how="horizontal")
            amounts = [f"{AMOUNT}_{side}" for side in _SIDES]
            sums = (pl.col(name).sum() if name in pair.columns else _NO_AMOUNT.alias(name) for name in amounts)
            flow = table.group_by(keys).agg(pl.len().alias("persons"), *sums)
            counted.append(flow.select(pl.lit(rule).alias("rule"), *keys, "persons", *amounts))
        return pl.concat(counted).sort("rule", *keys)

    def affected(self) -> pl.DataFrame:
        """The cases of which some rule says something else, a row a case and rule, with what decides.

        Columns: rule, case (the case's number in the table), outcome_base, outcome_reform, the values on both sides,
        deciding (texts of the conditions, separated by semicolons; empty where the provision itself changed).
        """
        found = [self._affected(rule) for rule in self.changed_rules]
        return pl.concat(found) if found else self._affected(self.rules[0]).clear()

    def affected_cases(self) -> pl.Series:
        """The numbers of the cases of which some rule says something else, each once, without what decides."""
        found = [self._changed(rule, ()).get_column("case") for rule in self.changed_rules]
        return pl.concat(found).unique().sort() if found else pl.Series("case", dtype=pl.UInt32)

    def _changed(self, rule: str, besides: Sequence[str]) -> pl.DataFrame:
        said = ("outcome", *self._values(rule))
        pair = self._pair(rule, (*said, *besides)).with_row_index("case")
        differs = [pl.col(f"{name}_base").ne_missing(pl.col(f"{name}_reform")) for name in said]
        return pair.filter(pl.any_horizontal(differs))

    def _affected(self, rule: str) -> pl.DataFrame:
        said = ("outcome", *self._values(rule))
        changed = self._changed(rule, _EVIDENCE)
        patterns = changed.select(_PATTERN).unique(maintain_order=True)
        deciding = list(self._deciding(rule, patterns))
        named = patterns.with_columns(pl.Series("deciding", deciding, dtype=pl.String))
        joined = changed.join(named, on=_PATTERN, how="left", maintain_order="left", nulls_equal=True)
        shown = [
            pl.col(f"{name}_{side}") if name in said else pl.lit(None, dtype=VALUE_TYPES[name]).alias(f"{name}_{side}")
            for name in ("outcome", *VALUE_TYPES)
            for side in _SIDES
        ]
        return joined.select(pl.lit(rule).alias("rule"), "case", *shown, "deciding")

    def _values(self, rule: str) -> list[str]:
        """The values that the rule computes under one of the rulebooks."""
        found = (name for run in (self.base, self.reform) for name in run.names(rule))
        return [name for name in dict.fromkeys(found) if name in VALUE_TYPES]

    def _deciding(self, rule: str, patterns: pl.DataFrame) -> Iterator[str]:
        terms: dict[tuple[str, int], Terms] = {}
        for row in patterns.iter_rows(named=True):
            said = []
            for run, side in zip((self.base, self.reform), _SIDES, strict=True):
                at = row[f"version_{side}"]
                if at >= 0 and (side, at) not in terms:
                    terms[side, at] = Terms.of(run.rulebook.rule(rule).versions[at])
                said.append(Said(terms.get((side, at)), row[f"met_{side}"], row[f"unknown_{side}"]))
            yield "; ".join(deciding_conditions(*said))

    def _pair(self, rule: str, names: Sequence[str]) -> pl.DataFrame:
        return pl.DataFrame(list(self._columns(rule, names)))

    def _columns(self, rule: str, names: Sequence[str]) -> Iterator[pl.Series]:
        for run, side in zip((self.base, self.reform), _SIDES, strict=True):
            found = run.found(rule)
            for name in names:
                nothing = pl.Series([None], dtype=VALUE_TYPES.get(name))
                column = found.get_column(name, default=None)
                filled = column if column is not None else nothing.new_from_index(0, found.height)
                yield (filled.cast(pl.UInt64) if name in _BITS else filled).alias(f"{name}_{side}")
