"""How do drawn cases come to stand where a version of a rule looks closely?

In go drawn cases, some of them by number, and what is wished of them. Facts are set in place: to fulfil a wish, or so
that a comparison stands at its threshold, a step below it or a step above. Not every wish is fulfilled in every case.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stellwerk.audit.computing import Computing, Flags, inside
from stellwerk.audit.drawn import DrawnCases, Positions
from stellwerk.audit.palettes import SCALE, Numbers, within
from stellwerk.audit.paths import Wish, wishes_of_rows
from stellwerk.audit.thresholds import MEASURED, Aim, Spot, Total, Way
from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.rulebook import Rulebook

Marks = npt.NDArray[np.int8]  # a case: 1 it should hold, 0 fail, -1 either
Wanted = Mapping[int, Marks]  # comparison by its identity -> what is wished of it

_KEPT = 0.85  # the share of cases in which a wish is fulfilled: the others show what happens without
_FITTING = 0.5  # the share in which a comparison comes out as wished; else it stands below, at or above, as it falls
_STEPS = np.array([-1, 0, 1])
_BESIDE = np.array([-1, 0, 1, -1, 0, 1, -1, 0, 1, -2, 2, -3, 3, -366, 366])  # about: a month's end, a year more
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
        self._computing = Computing(drawn, rulebook)

    def fulfil(self, wishes: Iterable[Wish], cases: Positions, interval: Interval) -> None:
        """Let single facts be what is wished; `interval` says when listings are read."""
        for wish in wishes:
            self._set_fact(wish, self._drawn.rows_of(wish.table, cases), interval)

    def reach(self, aims: Sequence[Aim], cases: Positions, wanted: Wanted) -> None:
        """Bring comparisons to their thresholds, each by a way chosen at random, those first that others rest on."""
        chosen = [(aim, aim.ways[self._random.integers(len(aim.ways))]) for aim in aims]
        times: Counter[Spot] = Counter()
        for aim, way in _resting_first(chosen):
            times[way.spot] += 1
            self._bring(aim, way, cases, wanted[id(aim.compared)], _KEPT / times[way.spot])

    def _set_fact(self, wish: Wish, rows: Positions, interval: Interval) -> None:
        found = _fact_and_test(wish.node)
        if found is None:
            return
        fact, test = found
        spot = Spot(wish.table if isinstance(fact, core.RowFact) else "", fact.name)
        if not self._drawn.may_be_set(spot) or not (options := self._options(spot, test, wish.wanted, interval)):
            return
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

    def _bring(self, aim: Aim, way: Way, cases: Positions, wanted: Marks, kept: float) -> None:
        rows = self._rows(way, cases)
        if not len(rows) or not self._drawn.may_be_set(way.spot):
            return
        read_at, case = aim.version.read_at, np.searchsorted(cases, self._drawn.owners(way.spot.table, rows))
        if way.total is None:
            (aimed, known), draw, wished = self._aimed(way, read_at, rows), np.arange(len(rows)), wanted[case]
        else:  # the rows of a case are moved together
            for wish in wishes_of_rows(way.total.node, aim.version, self._book):
                self._set_fact(wish, rows, aim.version.interval)
            (aimed, known), draw, wished = self._moved(way, way.total, read_at, cases, rows, case), case, wanted
        meant = within(aimed + self._steps(aim, way, wished)[draw], self._drawn.attributes[way.spot])
        taken = known & (self._random.random(len(wished)) < kept)[draw]
        if way.spot == Spot("", read_at):
            taken &= inside(aim.version.interval, meant)
        self._drawn.values[way.spot][rows[taken]] = meant[taken]

    def _rows(self, way: Way, cases: Positions) -> Positions:
        """The rows whose fact is set; for a sum the first of each case is enough."""
        rows = self._drawn.rows_of(way.spot.table, cases)
        if way.total is None or way.total.node.kind != "sum" or not len(rows):
            return rows
        _, first = np.unique(self._drawn.owners(way.spot.table, rows), return_index=True)
        return rows[first]

    def _steps(self, aim: Aim, way: Way, wished: Marks) -> Numbers:
        """How far from the threshold: below, at and above in turn, where nothing else is wished."""
        steps = self._random.permutation(np.resize(_STEPS if way.exact else _BESIDE, len(wished)))
        for truth in (0, 1):
            fitting = _fitting(aim.compared.operator, bool(truth), way)
            meant = (wished == truth) & (self._random.random(len(wished)) < _FITTING)
            steps = np.where(meant, self._random.choice(fitting, len(wished)), steps)
        return steps

    def _aimed(self, way: Way, read_at: str, rows: Positions) -> tuple[Numbers, Flags]:
        """The value at which the comparison stands right at its threshold, in the fact's own steps, where known."""
        numbers, known = self._computing.of_rows(way.target, way.spot.table, read_at, rows)
        if way.divisor is not None:
            parts, also_known = self._computing.of_rows(way.divisor, way.spot.table, read_at, rows)
            known = known & also_known & (parts != 0)
            numbers = numbers // np.where(known, parts, 1)
            if way.divisor.type.kind == "decimal":
                numbers = numbers * SCALE
        return self._in_steps_of(way.spot, numbers, way.target.type.kind), known

    def _moved(
        self, way: Way, total: Total, read_at: str, cases: Positions, rows: Positions, case: Positions
    ) -> tuple[Numbers, Flags]:
        """The value at which what is said of all rows of the case stands right at its threshold."""
        target, known = self._computing.of_rows(way.target, "", read_at, cases)
        now, also_known = self._computing.of_rows(total.node, "", read_at, cases)
        lacks = self._in_steps_of(way.spot, target, way.target.type.kind)
        lacks = lacks - self._in_steps_of(way.spot, now, total.node.type.kind)
        moved = self._drawn.values[way.spot][rows] + (lacks if total.rises else -lacks)[case]
        return moved, (known & also_known)[case]

    def _in_steps_of(self, spot: Spot, numbers: Numbers, kind: str) -> Numbers:
        """Numbers of one kind in the steps of a fact of another."""
        fact = self._drawn.attributes[spot].type.kind
        if fact != "decimal" and kind == "decimal":
            return numbers // SCALE
        return numbers * SCALE if fact == "decimal" and kind != "decimal" else numbers


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
    """Whether the one reads what the other sets; a total reads the rows that it is of."""
    read = list(core.nodes(way.target)) if way.total is None else [*core.nodes(way.target), *core.nodes(way.total.node)]
    if other.spot == way.spot:
        return way.total is not None and other.total is None
    if other.spot.table:
        return any(isinstance(node, core.RowFact) and node.name == other.spot.name for node in read)
    return any(isinstance(node, core.Fact) and node.name == other.spot.name for node in read)
