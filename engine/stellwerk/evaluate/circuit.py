"""Which simple tests on numbers settle each condition of a rule, and how do they combine to met, failed or unknown?

In goes a rule version. Out comes its circuit: the sides whose values the host computes, atoms that test them, gates
above the atoms, each with the conjunctions under which it is met and under which it fails (neither: unknown).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stellwerk.evaluate.border import CannotCross
from stellwerk.law import core
from stellwerk.law.provision import Condition, Group, RuleVersion
from stellwerk.law.types import BOOL, DECIMAL, INTEGER, Type, Value

FAILED, UNKNOWN, MET = 0, 1, 2  # a truth as a number, since the rule engine has no null
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Comparison:
    """A comparison of one attribute of a fact with a number or with another attribute."""

    attribute: str
    operator: str
    against: int | str


Conjunction = tuple[Comparison, ...]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what the host computes, and the type as which it becomes a number."""

    core: core.Core
    type: Type

    @property
    def is_fixed(self) -> bool:
        """Whether it has the same value for every case on a day."""
        of_case = core.Fact | core.RowFact | core.Derived | core.Aggregated
        return not any(isinstance(node, of_case) for node in core.nodes(self.core))


@dataclass(frozen=True)
class Literal:
    """A node of the circuit, or its negation."""

    node: int
    negated: bool = False

    def __invert__(self) -> Literal:
        return Literal(self.node, not self.negated)

    def is_(self, truth: int) -> Comparison:
        """Its truth is this one."""
        return Comparison(code_of(self.node), "==", MET - truth if self.negated else truth)

    def is_not(self, truth: int) -> Comparison:
        """Its truth is another one than this."""
        return Comparison(code_of(self.node), "!=", MET - truth if self.negated else truth)

    def truth(self, codes: Mapping[int, int]) -> int:
        """Its truth where the nodes' are known."""
        return MET - codes[self.node] if self.negated else codes[self.node]


@dataclass(frozen=True)
class Node:
    """An atom (level 0) or a gate above others: met, or failed, where one of the conjunctions holds."""

    level: int
    met: tuple[Conjunction, ...]
    failed: tuple[Conjunction, ...]


@dataclass(frozen=True)
class Tally:
    """A gate on points: what the terms bring at least and at most, counted by the host from their truths."""

    node: int
    terms: tuple[tuple[Literal, int], ...]  # a term and the side that holds its points

    def bounds(self, codes: Mapping[int, int], points: Sequence[Value | None]) -> dict[str, int]:
        """The two sums, as attributes of the fact that the gate tests."""
        lowest = highest = 0
        for literal, side in self.terms:
            worth, truth = points[side], literal.truth(codes)
            if not isinstance(worth, int):
                raise CannotCross
            lowest += min(worth, 0) if truth == UNKNOWN else worth if truth == MET else 0
            highest += max(worth, 0) if truth == UNKNOWN else worth if truth == MET else 0
        return {f"lowest{self.node}": lowest, f"highest{self.node}": highest}


@dataclass(frozen=True)
class Voice:
    """An outcome with the gate that speaks for it."""

    outcome: str
    literal: Literal


@dataclass(frozen=True)
class Circuit:
    """All tests of one rule version."""

    version: RuleVersion
    sides: tuple[Side, ...]
    nodes: tuple[Node, ...]
    tallies: Mapping[int, Tally]
    conditions: tuple[Literal, ...]  # in the order of the evidence bits
    when: Literal
    exceptions: tuple[Voice, ...]  # one an outcome
    rows: tuple[Voice, ...]  # as many as the hit policy hears: none, one a row, one an outcome, or one in all

    def levels(self) -> Iterator[tuple[int, ...]]:
        """The nodes of each level, lowest first; what a level tests stands below it."""
        for level in range(max(node.level for node in self.nodes) + 1):
            yield tuple(n for n, node in enumerate(self.nodes) if node.level == level)

    def written_texts(self) -> Iterator[str]:
        """The free texts that the rule compares with."""
        for side in self.sides:
            if isinstance(side.core, core.Constant) and side.type.kind == "text":
                yield str(side.core.value)


def code_of(node: int) -> str:
    """The attribute that holds a node's truth."""
    return f"c{node}"


def value_of(side: int) -> str:
    """The attribute that holds a side's number."""
    return f"v{side}"


def known_of(side: int) -> str:
    """The attribute that says whether a side is known (1) or not (0)."""
    return f"k{side}"


def circuit_of(version: RuleVersion) -> Circuit:
    """The circuit of a rule version."""
    wiring = _Wiring()
    by_condition = {id(condition): wiring.literal(condition.core) for condition in version.conditions()}
    exceptions = [by_condition[id(exemption.condition)] for exemption in version.unless]
    effects = [
        wiring.gate("all", [held, *(~exceptions[other] for other in exemption.overridden_by)])
        for held, exemption in zip(exceptions, version.unless, strict=True)
    ]
    when = wiring.group(version.when, by_condition)
    spoken = wiring.voices([e.outcome for e in version.unless], effects)
    rows = wiring.rows(version, [by_condition[id(row.condition)] for row in version.rows])
    return Circuit(
        version=version,
        sides=tuple(wiring.sides),
        nodes=tuple(wiring.nodes),
        tallies=wiring.tallies,
        conditions=tuple(by_condition[id(condition)] for condition in version.conditions()),
        when=when,
        exceptions=spoken,
        rows=rows,
    )


@dataclass
class _Wiring:
    """A circuit while it is built; a part of the rule that is used twice is wired once."""

    sides: list[Side] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    tallies: dict[int, Tally] = field(default_factory=dict)
    _by_core: dict[int, Literal] = field(default_factory=dict)

    def literal(self, node: core.Core) -> Literal:
        """The node that says whether a condition holds."""
        if id(node) not in self._by_core:
            self._by_core[id(node)] = self._wired(node)
        return self._by_core[id(node)]

    def _wired(self, node: core.Core) -> Literal:
        match node:
            case core.Negated(item=item):
                return ~self.literal(item)
            case core.AllOf(items=items):
                return self.gate("all", [self.literal(item) for item in items])
            case core.AnyOf(items=items):
                return self.gate("any", [self.literal(item) for item in items])
            case core.Chosen(agrees=True):
                return self._chosen(node)
            case core.AtLeast():
                return self._tally(node)
            case core.Compared():
                return self._compared(node)
            case core.OneOf():
                return self._one_of(node)
            case _:
                return self._said_by_host(node)

    def gate(self, kind: str, inputs: Sequence[Literal]) -> Literal:
        """Kleene's conjunction (`all`) or disjunction (`any`) of nodes below."""
        if len(inputs) == 1:
            return inputs[0]
        level = 1 + max((self.nodes[literal.node].level for literal in inputs), default=-1)
        together, apart = (MET, FAILED) if kind == "all" else (FAILED, MET)
        jointly = (tuple(literal.is_(together) for literal in inputs),)
        singly = tuple((literal.is_(apart),) for literal in inputs)
        met, failed = (jointly, singly) if kind == "all" else (singly, jointly)
        return self._add(Node(level, met, failed))

    def group(self, item: Condition | Group, literals: Mapping[int, Literal]) -> Literal:
        """The gate of a group of conditions."""
        if isinstance(item, Condition):
            return literals[id(item)]
        return self.gate(item.kind, [self.group(child, literals) for child in item.items])

    def voices(self, outcomes: Sequence[str], literals: Sequence[Literal]) -> tuple[Voice, ...]:
        """One voice an outcome: whoever speaks for it is enough."""
        return tuple(
            Voice(
                outcome,
                self.gate("any", [said for name, said in zip(outcomes, literals, strict=True) if name == outcome]),
            )
            for outcome in dict.fromkeys(outcomes)
        )

    def rows(self, version: RuleVersion, held: Sequence[Literal]) -> tuple[Voice, ...]:
        """The rows as the hit policy hears them."""
        match version.policy:
            case "none":
                return ()
            case "any":
                return self.voices([row.outcome for row in version.rows], held)
            case "collect":
                return (Voice(version.decide, self.gate("any", held)),)
            case "first" | "unique":
                return tuple(Voice(row.outcome, literal) for row, literal in zip(version.rows, held, strict=True))

    def _chosen(self, node: core.Chosen) -> Literal:
        condition, then, otherwise = map(self.literal, (node.condition, node.then, node.otherwise))
        branches = [[condition, then], [~condition, otherwise], [then, otherwise]]
        return self.gate("any", [self.gate("all", branch) for branch in branches])

    def _tally(self, node: core.AtLeast) -> Literal:
        terms = tuple((self.literal(condition), self._side(points, INTEGER)) for condition, points in node.terms)
        minimum = self._side(node.minimum, INTEGER)
        level = 1 + max((self.nodes[literal.node].level for literal, _ in terms), default=-1)
        position = len(self.nodes)
        known = Comparison(known_of(minimum), "==", 1)
        reached = (known, Comparison(f"lowest{position}", ">=", value_of(minimum)))
        missed = (known, Comparison(f"highest{position}", "<", value_of(minimum)))
        self.tallies[position] = Tally(position, terms)
        return self._add(Node(level, (reached,), (missed,)))

    def _compared(self, node: core.Compared) -> Literal:
        kind = DECIMAL if DECIMAL in (node.left.type, node.right.type) else node.left.type
        left, right, operator = self._side(node.left, kind), self._side(node.right, kind), node.operator
        if self.sides[left].is_fixed:
            left, right, operator = right, left, _SWAPPED[operator]
        known = (Comparison(known_of(left), "==", 1), Comparison(known_of(right), "==", 1))
        return self._add(
            Node(
                0,
                met=((*known, Comparison(value_of(left), operator, value_of(right))),),
                failed=((*known, Comparison(value_of(left), _OPPOSITE[operator], value_of(right))),),
            )
        )

    def _one_of(self, node: core.OneOf) -> Literal:
        value = self._side(node.value, node.value.type)
        options = [self._side(core.Constant(option, node.value.type), node.value.type) for option in node.options]
        known = tuple(Comparison(known_of(side), "==", 1) for side in (value, *options))
        same = tuple((*known, Comparison(value_of(value), "==", value_of(option))) for option in options)
        differs = (*known, *(Comparison(value_of(value), "!=", value_of(option)) for option in options))
        return self._add(Node(0, same, (differs,)))

    def _said_by_host(self, node: core.Core) -> Literal:
        side = self._side(node, BOOL)
        known = Comparison(known_of(side), "==", 1)
        met, failed = Comparison(value_of(side), "==", 1), Comparison(value_of(side), "==", 0)
        return self._add(Node(0, ((known, met),), ((known, failed),)))

    def _side(self, node: core.Core, kind: Type) -> int:
        side = Side(node, kind)
        if side not in self.sides:
            self.sides.append(side)
        return self.sides.index(side)

    def _add(self, node: Node) -> Literal:
        self.nodes.append(node)
        return Literal(len(self.nodes) - 1)
