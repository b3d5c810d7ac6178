"""How do drawn cases come to stand where a version of a rule looks closely?

In go drawn cases, some of them by number, and what is wished of them. Facts are set in place: to fulfil a wish, or so
that a comparison stands at its threshold, a step below it or a step above. Not every wish is fulfilled in every case.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.audit.drawn import DrawnCases, Positions, as_numbers
from stellwerk.audit.palettes import SCALE, Numbers, carried, within
from stellwerk.audit.paths import Wish
from stellwerk.audit.thresholds import MEASURED, Aim, Spot, Way
from stellwerk.evaluate.compiled import Scope, compiled, row_column
from stellwerk.evaluate.days import day_number
from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.rulebook import Rulebook

Flags = npt.NDArray[np.bool_]
Wanted = Mapping[int, npt.NDArray[np.int8]]  # comparison by its identity -> 1 holds, 0 fails, -1 either, a case

_KEPT = 0.85  # the share of cases in which a wish is fulfilled: the others show what happens without
_EPOCH = dt.date(1970, 1, 1)
_STEPS = np.array([-1, 0, 1])
_BESIDE = np.array([-1, 0, 1, -1, 0, 1, -2, 2, -3, 3, -366, 366])  # where a way is about: a month's end, a year more
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Aiming:
    """Sets facts of drawn cases under one rulebook."""

    def __init__(self, drawn: DrawnCases, rulebook: Rulebook, random: np.random.Generator) -> None:
        self._drawn = drawn
        self._book = rulebook
        self._random = random

    def fulfil(self, wishes: Iterable[Wish], cases: Positions, interval: Interval) -> None:
        """Let single facts be what is wished; `interval` says when listings are read."""
        for wish in wishes:
            self._set_fact(wish, cases, interval)

    def reach(self, aims: Sequence[Aim], cases: Positions, wanted: Wanted) -> None:
        """Bring comparisons to their thresholds, each by a way chosen at random, those first that others rest on."""
        chosen = [(aim, aim.ways[self._random.integers(len(aim.ways))]) for aim in aims]
        times: Counter[Spot] = Counter()
        for aim, way in _resting_first(chosen):
            times[way.spot] += 1
            self._bring(aim, way, cases, wanted.get(id(aim.compared)), _KEPT / times[way.spot])

    def _set_fact(self, wish: Wish, cases: Positions, interval: Interval) -> None:
        found = _fact_and_test(wish.node)
        if found is None:
            return
        fact, test = found
        spot = Spot(wish.table if isinstance(fact, core.RowFact) else "", fact.name)
        if not self._drawn.may_be_set(spot) or not (options := self._options(spot, test, wish.wanted, interval)):
            return
        rows = self._drawn.rows_of(spot.table, cases)
        rows = rows[self._random.random(len(rows)) < _KEPT]
        values = self._drawn.values[spot]
        values[rows] = np.array(options, dtype=values.dtype)[self._random.integers(len(options), size=len(rows))]

    def _options(self, spot: Spot, test: core.Core, wanted: bool, interval: Interval) -> list[int]:
        """The values of a fact by which a test comes out as wanted."""
        if self._drawn.attributes[spot].type.kind == "bool":
            return [value for value in (0, 1) if _of_truth(test, bool(value)) == wanted]
        codes = self._drawn.codes(spot)
        return [rank for rank, code in enumerate(codes) if self._of_code(test, code, codes, interval) == wanted]

    def _of_code(self, test: core.Core, code: str, codes: Sequence[str], interval: Interval) -> bool:
        match test:
            case core.OneOf(options=options):
                return code in options
            case core.Listed(listing=name):
                members = self._book.listings[name].members
                return any(member.code == code and member.interval.overlaps(interval) for member in members)
            case core.Compared(operator=name, right=core.Constant(value=str(value))):
                return bool(_OPERATORS[name](codes.index(code), codes.index(value)))
            case _:
                raise AssertionError(test)

    def _bring(self, aim: Aim, way: Way, cases: Positions, wanted: npt.NDArray[np.int8] | None, kept: float) -> None:
        rows = self._drawn.rows_of(way.spot.table, cases)
        if not len(rows) or not self._drawn.may_be_set(way.spot):
            return
        owners = self._drawn.owner(way.spot.table)[rows]
        aimed, known = self._aimed(way, aim.read_at, rows, owners)
        steps = self._random.choice(_STEPS if way.exact else _BESIDE, len(rows))
        if wanted is not None:
            of_rows = wanted[np.searchsorted(cases, owners)]
            for truth in (0, 1):
                fitting = _fitting(aim.compared.operator, bool(truth), way)
                meant = (of_rows == truth) & (self._random.random(len(rows)) < _KEPT)
                steps = np.where(meant, self._random.choice(fitting, len(rows)), steps)
        attribute, values = self._drawn.attributes[way.spot], self._drawn.values[way.spot]
        taken = known & (self._random.random(len(rows)) < kept)
        values[rows[taken]] = within((aimed + steps)[taken], attribute)

    def _aimed(self, way: Way, read_at: str, rows: Positions, owners: Positions) -> tuple[Numbers, Flags]:
        """The value at which the comparison stands right at its threshold, in the fact's own steps, where known."""
        numbers, known = self._computed(way.target, way.spot, read_at, rows, owners)
        if way.divisor is not None:
            parts, also_known = self._computed(way.divisor, way.spot, read_at, rows, owners)
            known = known & also_known & (parts != 0)
            numbers = numbers // np.where(known, parts, 1)
            if way.divisor.type.kind == "decimal":
                numbers = numbers * SCALE
        fact = self._drawn.attributes[way.spot].type.kind
        if fact != "decimal" and way.target.type.kind == "decimal":
            numbers = numbers // SCALE
        elif fact == "decimal" and way.target.type.kind == "integer":
            numbers = numbers * SCALE
        return numbers, known

    def _computed(
        self, node: core.Core, spot: Spot, read_at: str, rows: Positions, owners: Positions
    ) -> tuple[Numbers, Flags]:
        """What an expression is for some rows."""
        reading = self._drawn.values[Spot("", read_at)][owners]
        match node:
            case core.Constant(value=value):
                return np.full(len(rows), carried(value, node.type.kind)), np.ones(len(rows), dtype=np.bool_)
            case core.ParameterValue(id=name):
                return self._parameter(name, reading)
        facts = dict.fromkeys(item.name for item in core.nodes(node) if isinstance(item, core.Fact))
        row_facts = dict.fromkeys(item.name for item in core.nodes(node) if isinstance(item, core.RowFact))
        columns = [self._drawn.column(Spot("", name), owners) for name in dict.fromkeys([*facts, read_at])]
        columns += [self._drawn.column(Spot(spot.table, name), rows).alias(row_column(name)) for name in row_facts]
        first, last = (_EPOCH + dt.timedelta(days=int(day)) for day in (reading.min(), reading.max()))
        scope = Scope(self._book, read_at, first, last, dated=True)
        found = pl.DataFrame(columns).select(compiled(node, scope).alias("found")).to_series()
        numbers, known = as_numbers(found)
        return np.broadcast_to(numbers, len(rows)), np.broadcast_to(known, len(rows))

    def _parameter(self, name: str, reading: Numbers) -> tuple[Numbers, Flags]:
        parameter = self._book.parameters[name]
        numbers, known = np.zeros(len(reading), dtype=np.int64), np.zeros(len(reading), dtype=np.bool_)
        for version in parameter.versions:
            last = version.interval.last
            within_it = reading >= day_number(version.interval.first)
            within_it &= True if last is None else reading <= day_number(last)
            numbers[within_it], known[within_it] = carried(version.value, parameter.type.kind), True
        return numbers, known


def _fact_and_test(node: core.Core) -> tuple[core.Fact | core.RowFact, core.Core] | None:
    """The single fact that a wish is about, with the test it must pass; none where there is no such fact."""
    match node:
        case core.Fact() | core.RowFact():
            return node, node
        case (
            core.OneOf(value=(core.Fact() | core.RowFact()) as fact)
            | core.Listed(code=(core.Fact() | core.RowFact()) as fact)
        ):
            return (fact, node) if fact.type.kind not in MEASURED else None
        case core.Compared(left=(core.Fact() | core.RowFact()) as fact, right=core.Constant()):
            return (fact, node) if fact.type.kind not in MEASURED else None
        case _:
            return None


def _of_truth(test: core.Core, value: bool) -> bool:
    match test:
        case core.Compared(operator=name, right=core.Constant(value=other)):
            return bool(_OPERATORS[name](value, other))
        case core.OneOf(options=options):
            return value in options
        case _:
            return value


def _fitting(name: str, truth: bool, way: Way) -> Numbers:
    """The steps of the fact that make a comparison come out so; all where none of the nearest does."""
    against = _STEPS if way.rises else -_STEPS
    found = _STEPS[_OPERATORS[name](against, 0) == truth]
    return found if len(found) else _STEPS


def _resting_first(chosen: Sequence[tuple[Aim, Way]]) -> Iterable[tuple[Aim, Way]]:
    """Ways in an order in which each comes after those that set what its target reads, as far as there is one."""
    left = list(chosen)
    while left:
        free = (item for item in left if not any(_rests_on(item[1], other) for _, other in left))
        following = next(free, left[0])
        left.remove(following)
        yield following


def _rests_on(way: Way, other: Way) -> bool:
    for node in core.nodes(way.target):
        if isinstance(node, core.Fact) and other.spot == Spot("", node.name):
            return True
        if isinstance(node, core.RowFact) and other.spot == Spot(way.spot.table, node.name):
            return True
    return False
