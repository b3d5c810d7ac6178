"""The same core compiled to polars columns: a whole table of cases in one pass over all law versions.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all), and child tables with
the case's id on each row. Comes out: one frame a rule with outcome, values, version, met and unknown bits. The time
line of a rule is cut into segments in which its version, its parameters and its listings do not change; each case is
evaluated in the segment of its reading date.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from stellwerk.evaluate.children import with_children
from stellwerk.evaluate.compiled import EXACT, Segment, column_type, compiled
from stellwerk.evaluate.evidence import CONFLICT, NEEDS_FACTS, NOT_IN_FORCE, facts_to_ask
from stellwerk.law import core
from stellwerk.law.provision import AMOUNT, UNTIL, UNTIL_EXCLUDED, Condition, Group, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import LATEST

_ROW, _READING, _KEY = "__row", "__reading_date", "__key"
_NO_VERSION = -1
VALUE_TYPES: Mapping[str, pl.DataType] = {UNTIL: pl.Date(), UNTIL_EXCLUDED: pl.Date(), AMOUNT: EXACT}


class ColumnRun:
    """One table of cases read under one rulebook; each rule is evaluated once, also where others read its result."""

    def __init__(
        self,
        rulebook: Rulebook,
        cases: pl.DataFrame,
        on: dt.date | None = None,
        children: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.cases = cases
        self.on = on
        self.children = children or {}
        self._results: dict[str, pl.DataFrame] = {}
        self._tables: dict[str, pl.DataFrame] = {}

    def results(self, rule_id: str) -> pl.DataFrame:
        """What the rule says of every case, in the order of the cases.

        Columns: `outcome` (enum), `until`, `until_event_day_excluded` (dates), `amount` (decimal), `version` (position
        of the version, -1 for none), `met` and `unknown` (bits per condition in the order of
        `RuleVersion.conditions`), `stale` (read after the text was last verified), `lacks_value` (a date or amount
        without which the rule says nothing is unknown).
        """
        if rule_id not in self._results:
            if rule_id in self.rulebook.without_version:
                rows = self.cases.with_row_index(_ROW)
                self._results[rule_id] = self._without_version(rows, NOT_IN_FORCE).drop(_ROW)
            else:
                self._results[rule_id] = self._evaluate(self.rulebook.rule(rule_id))
        return self._results[rule_id]

    def ask_for(self, rule_id: str) -> pl.Series:
        """For each case the facts that would settle the outcome, comma separated; null where none are needed.

        Cases that lack the same facts and met the same conditions are settled together: once a pattern, not a case.
        """
        rule, results = self.rulebook.rule(rule_id), self.results(rule_id)
        table = self._table(rule)
        read = [name for version in rule.versions for part in version.conditions() for name in part.facts]
        read += [name for version in rule.versions for name in version.essential_facts()]
        reads = list(dict.fromkeys(read))
        tables = {name for version in rule.versions for name in version.tables()}
        columns = [name for name in reads if name not in tables]
        lacking = [name for name in tables if name not in self.children]
        flags = table.select(pl.col(name).is_null().alias(name) for name in columns)
        evidence = ["version", "met", "unknown", "lacks_value"]
        pattern = pl.concat([results.select(evidence), flags], how="horizontal")
        open_rows = pattern.with_row_index(_ROW).filter(results.get_column("outcome") == NEEDS_FACTS)
        keys = [*evidence, *columns]
        answers = []
        for row in open_rows.select(keys).unique(maintain_order=True).iter_rows(named=True):
            missing = [*lacking, *(name for name in columns if row[name])]
            asked: tuple[str, ...] = (rule.read_at,)
            if row["version"] != _NO_VERSION:
                version = rule.versions[row["version"]]
                asked = facts_to_ask(version, row["met"], row["unknown"], missing, row["lacks_value"])
            answers.append({**row, "ask_for": ", ".join(asked) or None})
        if not answers:
            return pl.Series("ask_for", [None] * self.cases.height, dtype=pl.String)
        schema = {**{key: pattern.schema[key] for key in keys}, "ask_for": pl.String()}
        found = open_rows.join(pl.DataFrame(answers, schema=schema), on=keys, how="left").select(_ROW, "ask_for")
        rows = pl.DataFrame({_ROW: pl.Series(range(self.cases.height), dtype=pl.UInt32)})
        return rows.join(found, on=_ROW, how="left", maintain_order="left").get_column("ask_for")

    def _evaluate(self, rule: Rule) -> pl.DataFrame:
        table = self._table(rule)
        reading = table.get_column(_READING)
        earliest, latest = reading.min(), reading.max()
        pieces = [self._without_version(table.filter(pl.col(_READING).is_null()), NEEDS_FACTS)]
        covered = pl.lit(False)
        if isinstance(earliest, dt.date) and isinstance(latest, dt.date):
            for segment in segments(self.rulebook, rule, earliest, latest):
                inside = pl.col(_READING).is_between(segment.first, segment.last)
                covered = covered | inside
                pieces.append(self._evaluated(segment, table.filter(inside)))
        outside = table.filter(pl.col(_READING).is_not_null() & ~covered)
        pieces.append(self._without_version(outside, NOT_IN_FORCE))
        return pl.concat(pieces).sort(_ROW).drop(_ROW)

    def _table(self, rule: Rule) -> pl.DataFrame:
        """The columns the rule reads, in their exact types, with the row's number, the case's id, the reading date."""
        if rule.id not in self._tables:
            self._tables[rule.id] = self._read_table(rule)
        return self._tables[rule.id]

    def _read_table(self, rule: Rule) -> pl.DataFrame:
        attributes = self.rulebook.vocabulary.attributes(rule.subject)
        columns = []
        for fact in dict.fromkeys(fact for version in rule.versions for fact in version.facts()):
            source = pl.col(fact) if fact in self.cases.columns else pl.lit(None)
            if self.on is not None and fact == rule.read_at:
                source = pl.lit(self.on)
            columns.append(source.cast(column_type(attributes[fact].type)).alias(fact))
        key = next(name for name, attribute in attributes.items() if attribute.required)
        known_key = pl.col(key).cast(pl.String) if key in self.cases.columns else pl.lit(None, dtype=pl.String)
        table = self.cases.with_row_index(_ROW).select(_ROW, known_key.alias(_KEY), *columns)
        derived = dict.fromkeys(node for version in rule.versions for node in version.derived())
        table = table.with_columns(self._derived(node) for node in derived)
        return table.with_columns(pl.col(rule.read_at).alias(_READING))

    def _derived(self, node: core.Derived) -> pl.Series:
        """What another rule says; an outcome that lacks facts is unknown."""
        found = self.results(node.rule).get_column(node.what)
        if node.what == "outcome":
            found = found.set(found == NEEDS_FACTS, None)
        return found.cast(column_type(node.type)).alias(node.name)

    def _evaluated(self, segment: Segment, table: pl.DataFrame) -> pl.DataFrame:
        version = segment.version
        forms = self.rulebook.vocabulary.child_tables(version.subject)
        key = next(name for name, item in self.rulebook.vocabulary.attributes(version.subject).items() if item.required)
        children = {name: child.rename({key: _KEY}) for name, child in self.children.items()}
        full = with_children(table, segment, children, forms, _ROW, _KEY)
        conditions = version.conditions()
        names = {id(condition): f"__condition_{position}" for position, condition in enumerate(conditions)}
        truths = full.lazy().with_columns(
            compiled(condition.core, segment).alias(names[id(condition)]) for condition in conditions
        )
        columns = [pl.col(name) for name in names.values()]
        stale = pl.col(_READING) > version.verified_until if version.verified_until else pl.lit(False)
        outcome = _with_essential_values(_outcome(version, names), segment)
        decided = truths.with_columns(outcome.cast(_outcome_type(self.rulebook)).alias("outcome"))
        return decided.select(
            _ROW,
            "outcome",
            *_values(segment),
            pl.lit(segment.position, dtype=pl.Int16).alias("version"),
            _bits(column.fill_null(False) for column in columns).alias("met"),
            _bits(column.is_null() for column in columns).alias("unknown"),
            stale.alias("stale"),
            _lacks_value(segment).alias("lacks_value"),
        ).collect()

    def _without_version(self, table: pl.DataFrame, outcome: str) -> pl.DataFrame:
        return table.select(
            _ROW,
            pl.lit(outcome, dtype=_outcome_type(self.rulebook)).alias("outcome"),
            *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in VALUE_TYPES.items()),
            pl.lit(_NO_VERSION, dtype=pl.Int16).alias("version"),
            pl.lit(0, dtype=pl.UInt64).alias("met"),
            pl.lit(0, dtype=pl.UInt64).alias("unknown"),
            pl.lit(False).alias("stale"),
            pl.lit(False).alias("lacks_value"),
        )


def segments(rulebook: Rulebook, rule: Rule, earliest: dt.date, latest: dt.date) -> list[Segment]:
    """The rule's segments that touch the days from `earliest` to `latest`, oldest first."""
    found = []
    for position, version in enumerate(rule.versions):
        first = max(version.interval.first, earliest)
        last = min(version.interval.last or LATEST, latest)
        if first > last:
            continue
        starts = sorted({first, *(day for day in _change_days(rulebook, version) if first < day <= last)})
        ends = [*(day - dt.timedelta(days=1) for day in starts[1:]), last]
        for start, end in zip(starts, ends, strict=True):
            found.append(_segment(rulebook, version, position, start, end))
    return found


def _segment(rulebook: Rulebook, version: RuleVersion, position: int, first: dt.date, last: dt.date) -> Segment:
    dated = {name: rulebook.parameters[name].on(first) for name in version.parameters()}
    values = {name: found.value for name, found in dated.items() if found is not None}
    codes = {name: rulebook.listings[name].codes_on(first) for name in version.listings()}
    return Segment(first, last, version, position, values, codes, rulebook.calendars)


def _change_days(rulebook: Rulebook, version: RuleVersion) -> set[dt.date]:
    days = [rulebook.parameters[name].change_days() for name in version.parameters()]
    days += [rulebook.listings[name].change_days() for name in version.listings()]
    return set().union(*days)


def _outcome_type(rulebook: Rulebook) -> pl.Enum:
    return pl.Enum(list(rulebook.vocabulary.outcomes))


def _values(segment: Segment) -> list[pl.Expr]:
    """The named values, given where the version decides by its own terms or, for some, always."""
    version = segment.version
    decided = pl.col("outcome").is_in(pl.Series(version.decisions(), dtype=pl.String).implode())
    computed = {value.name: (compiled(value.core, segment), value.always) for value in version.values}
    columns = []
    for name, dtype in VALUE_TYPES.items():
        if name not in computed:
            columns.append(pl.lit(None, dtype=dtype).alias(name))
            continue
        value, always = computed[name]
        given = value if always else pl.when(decided).then(value)
        columns.append(given.cast(dtype).alias(name))
    return columns


def _with_essential_values(outcome: pl.Expr, segment: Segment) -> pl.Expr:
    """A decision whose date or amount is unknown lacks facts."""
    decided = outcome.is_in(pl.Series(segment.version.decisions(), dtype=pl.String).implode())
    return pl.when(decided & _lacks_value(segment)).then(pl.lit(NEEDS_FACTS)).otherwise(outcome)


def _lacks_value(segment: Segment) -> pl.Expr:
    essential = [compiled(value.core, segment) for value in segment.version.values if value.essential]
    return pl.any_horizontal(value.is_null() for value in essential) if essential else pl.lit(False)


def _bits(flags: Iterable[pl.Expr]) -> pl.Expr:
    weighted = [flag.cast(pl.UInt64) * pl.lit(1 << position, dtype=pl.UInt64) for position, flag in enumerate(flags)]
    return functools.reduce(operator.add, weighted, pl.lit(0, dtype=pl.UInt64))


def _outcome(version: RuleVersion, names: Mapping[int, str]) -> pl.Expr:
    """The one possible outcome, or `needs_facts` where several are possible."""
    holds = _group(version.when, names)
    possible = {version.otherwise: ~holds.fill_null(False)}
    for outcome, where in _possible_with_exceptions(version, names).items():
        reached = holds.fill_null(True) & where
        possible[outcome] = possible[outcome] | reached if outcome in possible else reached
    count = _count(possible.values())
    chosen = pl.when(count != 1).then(pl.lit(NEEDS_FACTS))
    for outcome, flag in possible.items():
        chosen = chosen.when(flag).then(pl.lit(outcome))  # type: ignore[assignment]  # a chain of one kind
    return chosen.otherwise(pl.lit(NEEDS_FACTS))


def _possible_with_exceptions(version: RuleVersion, names: Mapping[int, str]) -> dict[str, pl.Expr]:
    """Outcome -> whether it is possible, given that all conditions hold."""
    own = {version.decide: pl.lit(True)} if version.policy == "none" else _possible_by_rows(version, names)
    if not version.unless:
        return own
    held = [pl.col(names[id(exemption.condition)]) for exemption in version.unless]
    effects: dict[str, list[pl.Expr]] = {}
    for exemption, truth in zip(version.unless, held, strict=True):
        for other in exemption.overridden_by:
            truth = truth & ~held[other]
        effects.setdefault(exemption.outcome, []).append(truth)
    return _agreed(effects, own)


def _possible_by_rows(version: RuleVersion, names: Mapping[int, str]) -> dict[str, pl.Expr]:
    """What the rows can decide by the hit policy."""
    truths = [(row.outcome, pl.col(names[id(row.condition)])) for row in version.rows]
    without = {version.otherwise: pl.lit(True)}
    if version.policy == "first":
        return _possible_by_first(truths, version.otherwise)
    if version.policy == "collect":
        some = functools.reduce(operator.or_, (truth for _, truth in truths))
        possible = {version.decide: some.fill_null(True)}
        fails = ~some.fill_null(False)
        possible[version.otherwise] = possible[version.otherwise] | fails if version.otherwise in possible else fails
        return possible
    voices: dict[str, list[pl.Expr]] = {}
    if version.policy == "any":
        for outcome, truth in truths:
            voices.setdefault(outcome, []).append(truth)
        return _agreed(voices, without)
    return _unique(truths, version.otherwise)


def _possible_by_first(truths: Sequence[tuple[str, pl.Expr]], otherwise: str) -> dict[str, pl.Expr]:
    possible: dict[str, pl.Expr] = {}
    reached = pl.lit(True)
    for outcome, truth in truths:
        here = reached & truth.fill_null(True)
        possible[outcome] = possible[outcome] | here if outcome in possible else here
        reached = reached & ~truth.fill_null(False)
    possible[otherwise] = possible[otherwise] | reached if otherwise in possible else reached
    return possible


def _agreed(voices: Mapping[str, Sequence[pl.Expr]], without: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Several voices: one outcome at most may be said; none said leaves `without`."""
    certain = {outcome: _some(truth.fill_null(False) for truth in found) for outcome, found in voices.items()}
    perhaps = {
        outcome: _some(truth.is_null() for truth in found) & ~certain[outcome] for outcome, found in voices.items()
    }
    sure, open_ = _count(certain.values()), _count(perhaps.values())
    possible = {outcome: ((sure == 1) & certain[outcome]) | ((sure == 0) & perhaps[outcome]) for outcome in voices}
    for outcome, where in without.items():
        left = (sure == 0) & where
        possible[outcome] = possible[outcome] | left if outcome in possible else left
    clash = (sure > 1) | ((sure == 1) & (open_ > 0)) | ((sure == 0) & (open_ > 1))
    possible[CONFLICT] = possible[CONFLICT] | clash if CONFLICT in possible else clash
    return possible


def _unique(truths: Sequence[tuple[str, pl.Expr]], otherwise: str) -> dict[str, pl.Expr]:
    """One row at most may hold, even where two would say the same."""
    sure, open_ = _count(t.fill_null(False) for _, t in truths), _count(t.is_null() for _, t in truths)
    possible = {otherwise: sure == 0}
    for outcome, truth in truths:
        here = ((sure == 1) & truth.fill_null(False)) | ((sure == 0) & truth.is_null())
        possible[outcome] = possible[outcome] | here if outcome in possible else here
    clash = (sure > 1) | ((sure == 1) & (open_ > 0)) | ((sure == 0) & (open_ > 1))
    possible[CONFLICT] = possible[CONFLICT] | clash if CONFLICT in possible else clash
    return possible


def _count(flags: Iterable[pl.Expr]) -> pl.Expr:
    return functools.reduce(operator.add, (flag.cast(pl.UInt8) for flag in flags))


def _some(flags: Iterable[pl.Expr]) -> pl.Expr:
    return functools.reduce(operator.or_, flags)


def _group(item: Condition | Group, names: Mapping[int, str]) -> pl.Expr:
    if isinstance(item, Condition):
        return pl.col(names[id(item)])
    found = [_group(child, names) for child in item.items]
    if not found:
        return pl.lit(True)
    return functools.reduce(operator.and_ if item.kind == "all" else operator.or_, found)
