"""What does durable-rules say of one rule for one case? Its circuit, run stratum by stratum.

In go the values of the circuit's sides, computed by the host. Out come the outcome and the evidence bits. A stratum
whose facts are those of its last run is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stellwerk.evaluate.border import as_number, numbered
from stellwerk.evaluate.caged import DurableWorker, WorkerFailed
from stellwerk.evaluate.circuit import (
    FAILED,
    MET,
    UNKNOWN,
    Circuit,
    Comparison,
    Conjunction,
    circuit_of,
    code_of,
    known_of,
    value_of,
)
from stellwerk.evaluate.strata import PRESENT, Conclusion, Production, Stratum, strata_of
from stellwerk.evaluate.verdict import (
    OUTCOME,
    POSSIBLE,
    counted_choices,
    counted_voices,
    outcome_productions,
    possible_productions,
)
from stellwerk.law.provision import RuleVersion
from stellwerk.law.types import Value

_MET, _FAILED = "met", "failed"
Strata = tuple[Stratum, ...]


class EngineContradictsItself(WorkerFailed):
    """A condition was concluded to be met and to fail."""


@dataclass(frozen=True)
class Inference:
    """What the rule engine concluded: the outcome ("" where it said none or several) and the evidence bits."""

    outcome: str
    met: int
    unknown: int


class Inferences:
    """One rule version before the rule engine, for one case after the other."""

    def __init__(self, version: RuleVersion) -> None:
        self.circuit = circuit_of(version)
        self._levels: dict[tuple[tuple[int, int], ...], tuple[Strata, ...]] = {}
        self._last: dict[str, tuple[Mapping[str, int], frozenset[Conclusion]]] = {}

    def infer(self, values: Sequence[Value | None], values_known: bool, worker: DurableWorker) -> Inference:
        """Conclude from the sides' values, and whether the values that the rule is about can be computed."""
        circuit = self.circuit
        facts = _facts(circuit, values)
        thresholds = {n: facts[value_of(n)] for n in self._fixed if values[n] is not None}
        codes: dict[int, int] = {}
        for nodes, strata in zip(circuit.levels(), self._bound(thresholds), strict=True):
            for node in set(nodes) & set(circuit.tallies):
                facts |= circuit.tallies[node].bounds(codes, values)
            found = self._concluded(strata, facts, worker)
            codes |= {node: _truth(node, found) for node in nodes}
            facts |= {code_of(node): codes[node] for node in nodes}
        possible = self._concluded(self._possible, facts | counted_voices(circuit, codes), worker)
        outcomes = frozenset(str(outcome) for kind, outcome in possible if kind == POSSIBLE)
        choices = {**facts, **counted_choices(circuit, outcomes, values_known)}
        said = [outcome for kind, outcome in self._concluded(self._outcome, choices, worker) if kind == OUTCOME]
        truths = [literal.truth(codes) for literal in circuit.conditions]
        return Inference(
            outcome=str(said[0]) if len(said) == 1 else "",
            met=sum(1 << position for position, truth in enumerate(truths) if truth == MET),
            unknown=sum(1 << position for position, truth in enumerate(truths) if truth == UNKNOWN),
        )

    @cached_property
    def _fixed(self) -> tuple[int, ...]:
        return tuple(n for n, side in enumerate(self.circuit.sides) if side.is_fixed)

    @cached_property
    def _possible(self) -> Strata:
        return strata_of(possible_productions(self.circuit))

    @cached_property
    def _outcome(self) -> Strata:
        return strata_of(outcome_productions(self.circuit))

    def _bound(self, thresholds: Mapping[int, int]) -> tuple[Strata, ...]:
        """The rulesets of all levels, with the values that are the same for every case written into the rules."""
        key = tuple(thresholds.items())
        if key not in self._levels:
            levels = self.circuit.levels()
            self._levels[key] = tuple(strata_of(_productions(self.circuit, level, thresholds)) for level in levels)
        return self._levels[key]

    def _concluded(self, strata: Strata, facts: Mapping[str, int], worker: DurableWorker) -> frozenset[Conclusion]:
        wanted = [(stratum, stratum.facts(facts)) for stratum in strata]
        changed = [(stratum, given) for stratum, given in wanted if not self._is_as_before(stratum, given)]
        if changed:
            found = worker.conclusions(changed)
            self._last |= {stratum.name: (given, said) for (stratum, given), said in zip(changed, found, strict=True)}
        return frozenset().union(*(self._last[stratum.name][1] for stratum, _ in wanted))

    def _is_as_before(self, stratum: Stratum, facts: Mapping[str, int]) -> bool:
        return stratum.name in self._last and self._last[stratum.name][0] == facts


def _facts(circuit: Circuit, values: Sequence[Value | None]) -> dict[str, int]:
    """Each side as a number and whether it is known, typed and exact."""
    texts = numbered(circuit.written_texts(), values)
    facts = {PRESENT: 1}
    for n, (side, value) in enumerate(zip(circuit.sides, values, strict=True)):
        facts[known_of(n)] = int(value is not None)
        facts[value_of(n)] = 0 if value is None else as_number(value, side.type, texts)
    return facts


def _productions(circuit: Circuit, level: Iterable[int], thresholds: Mapping[int, int]) -> tuple[Production, ...]:
    constants = {value_of(side): number for side, number in thresholds.items()}
    certain = {known_of(side) for side in thresholds}
    found = []
    for node in level:
        for kind, conjunctions in ((_MET, circuit.nodes[node].met), (_FAILED, circuit.nodes[node].failed)):
            found += [Production(_with(tests, constants, certain), (kind, node)) for tests in conjunctions]
    return tuple(found)


def _with(tests: Conjunction, constants: Mapping[str, int], certain: set[str]) -> Conjunction:
    """The tests with constants for what they compare against; what is certain need not be tested."""
    return tuple(_against(test, constants) for test in tests if test.attribute not in certain)


def _against(test: Comparison, constants: Mapping[str, int]) -> Comparison:
    if isinstance(test.against, str) and test.against in constants:
        return replace(test, against=constants[test.against])
    return test


def _truth(node: int, found: frozenset[Conclusion]) -> int:
    met, failed = (_MET, node) in found, (_FAILED, node) in found
    if met and failed:
        raise EngineContradictsItself(condition=node)
    return MET if met else FAILED if failed else UNKNOWN
