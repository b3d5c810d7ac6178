"""The same core compiled to polars columns: a whole table of cases in one pass over all law versions.

Goes in: a frame whose columns are the vocabulary's attributes (absent ones are unknown for all). Comes out: one frame
a rule with outcome, until, version, met and unknown bits. The time line of a rule is cut into segments in which its
version, its parameters and its listings do not change; each case is evaluated in the segment of its reading date.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from stellwerk.evaluate.evidence import CONFLICT, NEEDS_FACTS, NOT_IN_FORCE, facts_to_ask
from stellwerk.law import core
from stellwerk.law.calendar import Period
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.rules import Condition, Group, Rule, RuleVersion
from stellwerk.law.types import DECIMAL_PLACES, LATEST, Type, Value
from stellwerk.law.vocabulary import Attribute

EXACT = pl.Decimal(38, DECIMAL_PLACES)
_ROW, _READING = "__row", "__reading_date"
_NO_VERSION = -1

_COMPARISONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Segment:
    """A stretch of days in which nothing that a rule reads changes."""

    first: dt.date
    last: dt.date
    version: RuleVersion
    position: int  # of the version within its rule
    parameters: Mapping[str, Value]
    listings: Mapping[str, frozenset[str]]


def column_type(kind: Type) -> pl.DataType:
    """The polars type that carries values of a language type."""
    if kind.code_list is not None:
        return pl.Enum(list(kind.code_list.codes))
    return {
        "bool": pl.Boolean(),
        "integer": pl.Int64(),
        "decimal": EXACT,
        "date": pl.Date(),
        "text": pl.String(),
    }[kind.kind]


def outcome_type(rulebook: Rulebook) -> pl.Enum:
    """The polars type of outcomes."""
    return pl.Enum(list(rulebook.vocabulary.outcomes))


def determine_columns(rulebook: Rulebook, rule_id: str, cases: pl.DataFrame, on: dt.date | None = None) -> pl.DataFrame:
    """What the rule says of every case, in the order of `cases`.

    Columns: `outcome` (enum), `until` (date), `version` (position of the version, -1 for none), `met` and `unknown`
    (bits per condition in the order of `RuleVersion.conditions`), `stale` (read after the text was last verified).
    """
    rule = rulebook.rule(rule_id)
    table = _with_reading_date(rule, cases, rulebook.vocabulary.attributes(rule.subject), on)
    reading = table.get_column(_READING)
    earliest, latest = reading.min(), reading.max()
    pieces = [_without_version(table.filter(pl.col(_READING).is_null()), NEEDS_FACTS, rulebook)]
    covered = pl.lit(False)
    if isinstance(earliest, dt.date) and isinstance(latest, dt.date):
        for segment in segments(rulebook, rule, earliest, latest):
            inside = pl.col(_READING).is_between(segment.first, segment.last)
            covered = covered | inside
            pieces.append(_evaluated(segment, table.filter(inside), rulebook))
    outside = table.filter(pl.col(_READING).is_not_null() & ~covered)
    pieces.append(_without_version(outside, NOT_IN_FORCE, rulebook))
    return pl.concat(pieces).sort(_ROW).drop(_ROW)


def ask_for(rulebook: Rulebook, rule_id: str, cases: pl.DataFrame, results: pl.DataFrame) -> pl.Series:
    """For each case the facts that would settle the rule's outcome, comma separated; null where none are needed.

    Cases that lack the same facts and met the same conditions are settled together: once a pattern, not a case.
    """
    rule = rulebook.rule(rule_id)
    facts = list(dict.fromkeys(fact for version in rule.versions for fact in version.facts()))
    present = [fact for fact in facts if fact in cases.columns]
    missing_now = [pl.col(fact).is_null().alias(fact) for fact in present]
    pattern = pl.concat([results.select("version", "met", "unknown"), cases.select(missing_now)], how="horizontal")
    open_rows = pattern.with_row_index(_ROW).filter(results.get_column("outcome") == NEEDS_FACTS)
    keys = [*("version", "met", "unknown"), *present]
    answers = []
    for row in open_rows.select(keys).unique(maintain_order=True).iter_rows(named=True):
        missing = [fact for fact in facts if fact not in present or row[fact]]
        asked = _asked(rule, row["version"], row["met"], row["unknown"], missing)
        answers.append({**row, "ask_for": ", ".join(asked)})
    if not answers:
        return pl.Series("ask_for", [None] * cases.height, dtype=pl.String)
    schema = {**{key: pattern.schema[key] for key in keys}, "ask_for": pl.String()}
    found = open_rows.join(pl.DataFrame(answers, schema=schema), on=keys, how="left").select(_ROW, "ask_for")
    rows = pl.DataFrame({_ROW: pl.Series(range(cases.height), dtype=pl.UInt32)})
    return rows.join(found, on=_ROW, how="left", maintain_order="left").get_column("ask_for")


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
    return Segment(first, last, version, position, values, codes)


def _change_days(rulebook: Rulebook, version: RuleVersion) -> set[dt.date]:
    days = [rulebook.parameters[name].change_days() for name in version.parameters()]
    days += [rulebook.listings[name].change_days() for name in version.listings()]
    return set().union(*days)


def _with_reading_date(
    rule: Rule, cases: pl.DataFrame, attributes: Mapping[str, Attribute], on: dt.date | None
) -> pl.DataFrame:
    """The columns the rule reads, in their exact types, with the reading date and the row's number."""
    columns = []
    for fact in dict.fromkeys(fact for version in rule.versions for fact in version.facts()):
        source = pl.col(fact) if fact in cases.columns else pl.lit(None)
        if on is not None and fact == rule.read_at:
            source = pl.lit(on)
        columns.append(source.cast(column_type(attributes[fact].type)).alias(fact))
    table = cases.with_row_index(_ROW).select(_ROW, *columns)
    return table.with_columns(pl.col(rule.read_at).alias(_READING))


def _without_version(table: pl.DataFrame, outcome: str, rulebook: Rulebook) -> pl.DataFrame:
    return table.select(
        _ROW,
        pl.lit(outcome, dtype=outcome_type(rulebook)).alias("outcome"),
        pl.lit(None, dtype=pl.Date).alias("until"),
        pl.lit(_NO_VERSION, dtype=pl.Int16).alias("version"),
        pl.lit(0, dtype=pl.UInt64).alias("met"),
        pl.lit(0, dtype=pl.UInt64).alias("unknown"),
        pl.lit(False).alias("stale"),
    )


def _evaluated(segment: Segment, table: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    version = segment.version
    conditions = version.conditions()
    names = {id(condition): f"__condition_{position}" for position, condition in enumerate(conditions)}
    truths = table.lazy().with_columns(
        _compiled(condition.core, segment).alias(names[id(condition)]) for condition in conditions
    )
    columns = [pl.col(name) for name in names.values()]
    until = pl.lit(None, dtype=pl.Date) if version.until is None else _compiled(version.until, segment)
    stale = pl.col(_READING) > version.verified_until if version.verified_until else pl.lit(False)
    decided = truths.with_columns(
        _outcome(version, names).cast(outcome_type(rulebook)).alias("outcome"),
    )
    return decided.select(
        _ROW,
        "outcome",
        pl.when(pl.col("outcome") == version.decide).then(until).alias("until"),
        pl.lit(segment.position, dtype=pl.Int16).alias("version"),
        _bits(column.fill_null(False) for column in columns).alias("met"),
        _bits(column.is_null() for column in columns).alias("unknown"),
        stale.alias("stale"),
    ).collect()


def _bits(flags: Iterable[pl.Expr]) -> pl.Expr:
    weighted = [flag.cast(pl.UInt64) * pl.lit(1 << position, dtype=pl.UInt64) for position, flag in enumerate(flags)]
    return functools.reduce(operator.add, weighted)


def _outcome(version: RuleVersion, names: Mapping[int, str]) -> pl.Expr:
    """The one possible outcome, or `needs_facts` where several are possible."""
    holds = _group(version.when, names)
    possible = {version.otherwise: ~holds.fill_null(False)}
    for outcome, where in _possible_where_conditions_hold(version, names).items():
        reached = holds.fill_null(True) & where
        possible[outcome] = possible[outcome] | reached if outcome in possible else reached
    count = functools.reduce(operator.add, (flag.cast(pl.UInt8) for flag in possible.values()))
    chosen = pl.when(count != 1).then(pl.lit(NEEDS_FACTS))
    for outcome, flag in possible.items():
        chosen = chosen.when(flag).then(pl.lit(outcome))  # type: ignore[assignment]  # a chain of one kind
    return chosen.otherwise(pl.lit(NEEDS_FACTS))


def _possible_where_conditions_hold(version: RuleVersion, names: Mapping[int, str]) -> dict[str, pl.Expr]:
    """Outcome -> whether it is possible, given that all conditions hold."""
    if not version.unless:
        return {version.decide: pl.lit(True)}
    held = [pl.col(names[id(exemption.condition)]) for exemption in version.unless]
    effects: dict[str, list[pl.Expr]] = {}
    for exemption, truth in zip(version.unless, held, strict=True):
        for other in exemption.overridden_by:
            truth = truth & ~held[other]
        effects.setdefault(exemption.outcome, []).append(truth)
    certain = {outcome: _some(truth.fill_null(False) for truth in found) for outcome, found in effects.items()}
    perhaps = {
        outcome: _some(truth.is_null() for truth in found) & ~certain[outcome] for outcome, found in effects.items()
    }
    sure = functools.reduce(operator.add, (flag.cast(pl.UInt8) for flag in certain.values()))
    open_ = functools.reduce(operator.add, (flag.cast(pl.UInt8) for flag in perhaps.values()))
    possible = {outcome: ((sure == 1) & certain[outcome]) | ((sure == 0) & perhaps[outcome]) for outcome in effects}
    possible[version.decide] = sure == 0
    possible[CONFLICT] = (sure > 1) | ((sure == 1) & (open_ > 0)) | ((sure == 0) & (open_ > 1))
    return possible


def _some(flags: Iterable[pl.Expr]) -> pl.Expr:
    return functools.reduce(operator.or_, flags)


def _group(item: Condition | Group, names: Mapping[int, str]) -> pl.Expr:
    if isinstance(item, Condition):
        return pl.col(names[id(item)])
    found = [_group(child, names) for child in item.items]
    return functools.reduce(operator.and_ if item.kind == "all" else operator.or_, found)


def _compiled(node: core.Core, segment: Segment) -> pl.Expr:
    """The expression that computes a core node in a segment."""
    match node:
        case core.Constant(value=value, type=kind):
            return _literal(value, kind)
        case core.Fact(name=name):
            return pl.col(name)
        case core.ParameterValue(id=name, type=kind):
            return _literal(segment.parameters[name], kind)
        case core.Listed(code=code, listing=name):
            return _is_one_of(_compiled(code, segment), sorted(segment.listings[name]), code.type)
        case core.OneOf(value=value, options=options):
            return _is_one_of(_compiled(value, segment), options, value.type)
        case core.AllOf(items=items):
            return functools.reduce(operator.and_, (_compiled(item, segment) for item in items))
        case core.AnyOf(items=items):
            return functools.reduce(operator.or_, (_compiled(item, segment) for item in items))
        case core.Negated(item=item):
            return ~_compiled(item, segment)
        case core.Compared(operator=name, left=left, right=right):
            return _COMPARISONS[name](*_comparable(left, right, segment))
        case core.Shifted(date=date, period=period, sign=sign):
            return _shifted(_compiled(date, segment), period, sign, segment)
        case core.DaysBetween(later=later, earlier=earlier):
            return (_compiled(later, segment) - _compiled(earlier, segment)).dt.total_days()
        case core.Sum(operator=name):
            pair = _comparable(node.left, node.right, segment)
            return pair[0] + pair[1] if name == "+" else pair[0] - pair[1]
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            return _chosen(_compiled(condition, segment), _compiled(then, segment), _compiled(otherwise, segment))
        case core.Applied(function="completed_years", arguments=(birth, on)):
            return _completed_years(_compiled(birth, segment), _compiled(on, segment))
        case _:
            raise AssertionError(node)  # a period outside a date shift: linking does not let it through


def _literal(value: Value, kind: Type) -> pl.Expr:
    if isinstance(value, Decimal):
        return pl.lit(value).cast(EXACT)
    return pl.lit(value, dtype=column_type(kind))


def _is_one_of(value: pl.Expr, options: Sequence[Value], kind: Type) -> pl.Expr:
    if not options:
        return pl.when(value.is_not_null()).then(pl.lit(False))
    return value.is_in(pl.Series(options, dtype=column_type(kind)).implode())


def _comparable(left: core.Core, right: core.Core, segment: Segment) -> tuple[pl.Expr, pl.Expr]:
    pair = _compiled(left, segment), _compiled(right, segment)
    if left.type.code_list is not None and left.type.code_list.ordered:
        return pair[0].to_physical(), pair[1].to_physical()
    if left.type != right.type:  # an integer beside a decimal
        return pair[0].cast(EXACT), pair[1].cast(EXACT)
    return pair


def _shifted(date: pl.Expr, period: core.Core, sign: int, segment: Segment) -> pl.Expr:
    """A date moved by a period; months clamp at the month's end, as the Civil Code has it."""
    match period:
        case core.Constant(value=Period() as value):
            return _moved(date, value, sign)
        case core.ParameterValue(id=name):
            length = segment.parameters[name]
            assert isinstance(length, Period)
            return _moved(date, length, sign)
        case core.Chosen(condition=condition, then=then, otherwise=otherwise):
            branches = (_shifted(date, branch, sign, segment) for branch in (then, otherwise))
            return _chosen(_compiled(condition, segment), *branches)
        case core.Applied(function="days", arguments=(number,)):
            return date + pl.duration(days=_compiled(number, segment) * sign)
        case core.Applied(function="months", arguments=(number,)):
            return date.dt.offset_by(pl.format("{}mo", _compiled(number, segment) * sign))
        case _:
            raise AssertionError(period)


def _moved(date: pl.Expr, period: Period, sign: int) -> pl.Expr:
    return date.dt.offset_by(f"{period.months * sign}mo") + pl.duration(days=period.days * sign)


def _chosen(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    agreed = pl.when(then == otherwise).then(then)
    return pl.when(condition).then(then).when(~condition).then(otherwise).otherwise(agreed)


def _completed_years(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Completed years: a birthday counts on its own day; one of 29 February, in other years, from 1 March."""
    before = _day_of_year(on) < _day_of_year(birth)
    return (on.dt.year() - birth.dt.year()).cast(pl.Int64) - before.cast(pl.Int64)


def _day_of_year(date: pl.Expr) -> pl.Expr:
    """Month and day as one number that sorts like the calendar; the parts come as 8-bit numbers that would overflow."""
    return date.dt.month().cast(pl.Int32) * 100 + date.dt.day().cast(pl.Int32)


def _asked(rule: Rule, position: int, met: int, unknown: int, missing: Sequence[str]) -> tuple[str, ...]:
    if position == _NO_VERSION:
        return (rule.read_at,)
    known = {rule.read_at}  # a version was found, so the reading date was given
    return facts_to_ask(rule.versions[position], met, unknown, [fact for fact in missing if fact not in known])
