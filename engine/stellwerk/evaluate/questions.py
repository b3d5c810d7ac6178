"""Which facts would settle a rule for each case of a run, as a column.

Goes in: a run and what it found. Comes out: for each rule and case the facts to ask for, comma separated. What is asked
is worked out for all cases at once (`asking`, `flag_arrays`); cases that are asked the same share one answer, so that
words are made once a pattern, not a case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from stellwerk.evaluate.asking import Asked, questions_of
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.evidence import NEEDS_FACTS
from stellwerk.evaluate.flag_arrays import Bits, Bools, FlagArrays, some
from stellwerk.evaluate.plan import NO_VERSION
from stellwerk.law.provision import Rule, RuleVersion

_PATTERN = "__pattern"
_WORD = 64  # bits of a number


def ask_for(run: ColumnRun, found: Mapping[str, pl.DataFrame]) -> dict[str, pl.Series]:
    """For each rule whose results are `found`, and each case, the facts that would settle it; null where none would."""
    every = _Cases(run, run.table.cases.height)
    first = _Cases(run, min(every.height, 1))
    answers = {}
    for name, results in found.items():
        rule = run.rulebook.rules.get(name)
        if rule is None:
            words = _nobody(1)
        else:
            cases = first if run.is_alike(rule) else every
            words = _asked_by(rule, cases, results.head(cases.height))
        answers[name] = words if words.len() == every.height else words.new_from_index(0, every.height)
    return answers


@dataclass
class _Cases:
    """The first cases of a run, and which facts they lack."""

    run: ColumnRun
    height: int
    _lacking: dict[str, Bools] = field(default_factory=dict)

    def lack(self, name: str, version: RuleVersion) -> Bools:
        """Which cases lack the fact that a version asks for."""
        if name == version.read_at and self.run.table.on is not None:
            return self._all(False)
        if name not in self._lacking:
            self._lacking[name] = self._missing(name, version)
        return self._lacking[name]

    def _missing(self, name: str, version: RuleVersion) -> Bools:
        derived = next((node for node in version.derived() if node.name == name), None)
        if derived is not None:
            found = self.run.results(derived.rule).head(self.height)
            if derived.what == "outcome":
                return _bools(found.get_column("outcome") == NEEDS_FACTS)
            return (
                _bools(found.get_column(derived.what).is_null()) if derived.what in found.columns else self._all(True)
            )
        given = self.run.table.cases
        return _bools(given.get_column(name).head(self.height).is_null()) if name in given.columns else self._all(True)

    def _all(self, flag: bool) -> Bools:
        return np.full(self.height, flag)


def _asked_by(rule: Rule, cases: _Cases, results: pl.DataFrame) -> pl.Series:
    """What the rule asks of each case, by the version that the case is read in."""
    needs = _bools(results.get_column("outcome") == NEEDS_FACTS)
    versions = results.get_column("version").to_numpy()
    words = _nobody(cases.height)
    undated = needs & (versions == NO_VERSION)
    if undated.any():  # a case without its reading date is asked for that
        words = pl.select(pl.when(pl.Series(undated)).then(pl.lit(rule.read_at))).to_series()
    for at, version in enumerate(rule.versions):
        asked = needs & (versions == at)
        if asked.any():
            words = pl.select(pl.coalesce(words, _asked(version, cases, results, asked))).to_series()
    return words


def _asked(version: RuleVersion, cases: _Cases, results: pl.DataFrame, among: Bools) -> pl.Series:
    """What the version asks of the cases `among` all that need facts."""
    questions = questions_of(version)
    every = (*questions.for_conditions, questions.for_values)
    facts = [name for name in dict.fromkeys(fact for asked in every for fact in asked.facts) if _may_lack(cases, name)]
    count = len(version.conditions())
    met, unknown = (_from_bits([results.get_column(name).to_numpy()], count) for name in ("met", "unknown"))
    lacks = [cases.lack(name, version) for name in facts]
    state = _as_bits([among, _bools(results.get_column("lacks_value")), *met, *unknown, *lacks])
    return _once(state, lambda alike: _of_alike(alike, count, every, facts))


def _of_alike(state: Sequence[Bits], count: int, every: Sequence[Asked], facts: Sequence[str]) -> pl.Series:
    """What cases are asked for that differ in evidence over `count` conditions or in the facts they lack."""
    among, lacks_value, *rest = _from_bits(state, 2 + 2 * count + len(facts))
    flags = FlagArrays(rest[:count], rest[count : 2 * count], among.size)
    lacks = dict(zip(facts, rest[2 * count :], strict=True))
    put = [among & flags.of(asked.flag) & some((lacks[f] for f in asked.facts if f in lacks), among) for asked in every]
    put[-1] &= lacks_value
    wanted = [
        lacks[name] & some((put[number] for number, asked in enumerate(every) if name in asked.facts), among)
        for name in facts
    ]
    return _once(_as_bits([*put, *wanted]), lambda alike: _words(alike, every, facts))


def _words(bits: Sequence[Bits], every: Sequence[Asked], facts: Sequence[str]) -> pl.Series:
    """The answers in words; `bits` say which questions are put and then which facts are wanted."""
    columns = _from_bits(bits, len(every) + len(facts))
    answers = []
    for row in range(bits[0].size):
        wanted = {name for name, column in zip(facts, columns[len(every) :], strict=True) if column[row]}
        put = (asked for asked, column in zip(every, columns, strict=False) if column[row])
        answers.append(
            ", ".join(dict.fromkeys(name for asked in put for name in asked.facts if name in wanted)) or None
        )
    return pl.Series(answers, dtype=pl.String)


def _once(bits: Sequence[Bits], answer: Callable[[Sequence[Bits]], pl.Series]) -> pl.Series:
    """The answer for each case, asked once for all cases with the same bits."""
    if all((word == word[0]).all() for word in bits):
        return answer([word[:1] for word in bits]).new_from_index(0, bits[0].size)
    cases = pl.DataFrame({f"__bits_{number}": word for number, word in enumerate(bits)})
    patterns = cases.unique(maintain_order=True).with_row_index(_PATTERN)
    at = cases.join(patterns, on=cases.columns, how="left", maintain_order="left").get_column(_PATTERN)
    return answer([patterns.get_column(name).to_numpy() for name in cases.columns]).gather(at)


def _as_bits(flags: Sequence[Bools]) -> list[Bits]:
    """The flags as bits of as few numbers as they need, the first as the lowest."""
    words = [np.zeros(flags[0].size, dtype=np.uint64) for _ in range(0, len(flags), _WORD)]
    for at, flag in enumerate(flags):
        words[at // _WORD] |= flag.astype(np.uint64) << np.uint64(at % _WORD)
    return words


def _from_bits(words: Sequence[Bits], count: int) -> list[Bools]:
    """The first `count` flags that the numbers hold."""
    return [(words[at // _WORD] >> np.uint64(at % _WORD) & np.uint64(1)).astype(np.bool_) for at in range(count)]


def _may_lack(cases: _Cases, name: str) -> bool:
    """Whether the fact can be missing: a child table that is given never is."""
    return name not in cases.run.table.children


def _bools(column: pl.Series) -> Bools:
    return column.to_numpy()


def _nobody(height: int) -> pl.Series:
    return pl.Series("ask_for", [None], dtype=pl.String).new_from_index(0, height)
