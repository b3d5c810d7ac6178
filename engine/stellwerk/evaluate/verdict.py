"""Which outcome does a rule say, once the truth of its conditions is known?

In goes a circuit. Out come the productions of the last two strata: which outcomes some way of settling the unknown
conditions leads to, and the one that is said. How many voices are sure and how many open is counted by the host
between strata; that two sure ones conflict, and what one silences, is for the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stellwerk.evaluate.circuit import FAILED, MET, UNKNOWN, Circuit, Comparison, Voice
from stellwerk.evaluate.evidence import CONFLICT, NEEDS_FACTS
from stellwerk.evaluate.strata import Production

POSSIBLE, OUTCOME = "possible", "outcome"
_VALUES_KNOWN, _CHOICES, _FIRST_HIT = "values_known", "choices", "first_hit"


def possible_productions(circuit: Circuit) -> tuple[Production, ...]:
    """What makes each outcome possible."""
    version = circuit.version
    may_hold = circuit.when.is_not(FAILED)
    unexcepted = (may_hold, Comparison("sure_exceptions", "==", 0))
    return (
        _possible(version.otherwise, circuit.when.is_not(MET)),
        *_heard("exceptions", circuit.exceptions, (may_hold,)),
        *_own(circuit, unexcepted),
    )


def _own(circuit: Circuit, guard: tuple[Comparison, ...]) -> Iterator[Production]:
    """What the version decides itself where no exception surely takes effect."""
    version, rows = circuit.version, circuit.rows
    match version.policy:
        case "none":
            yield _possible(version.decide, *guard)
        case "collect":
            yield _possible(version.decide, *guard, rows[0].literal.is_not(FAILED))
            yield _possible(version.otherwise, *guard, rows[0].literal.is_not(MET))
        case "first":
            for position, row in enumerate(rows):
                yield _possible(row.outcome, *guard, row.literal.is_not(FAILED), Comparison(_FIRST_HIT, ">=", position))
            yield _possible(version.otherwise, *guard, Comparison(_FIRST_HIT, "==", len(rows)))
        case "any" | "unique":
            yield from _heard("rows", rows, guard)
            yield _possible(version.otherwise, *guard, Comparison("sure_rows", "==", 0))


def _heard(choir: str, voices: Sequence[Voice], guard: tuple[Comparison, ...]) -> Iterator[Production]:
    """Several voices of which one at most may be said."""
    sure, unsure = f"sure_{choir}", f"open_{choir}"
    for voice in voices:
        yield _possible(voice.outcome, *guard, Comparison(sure, "==", 1), voice.literal.is_(MET))
        yield _possible(voice.outcome, *guard, Comparison(sure, "==", 0), voice.literal.is_(UNKNOWN))
    if len(voices) > 1:
        yield _possible(CONFLICT, *guard, Comparison(sure, ">=", 2))
        yield _possible(CONFLICT, *guard, Comparison(sure, "==", 1), Comparison(unsure, ">=", 1))
        yield _possible(CONFLICT, *guard, Comparison(sure, "==", 0), Comparison(unsure, ">=", 2))


def outcome_productions(circuit: Circuit) -> tuple[Production, ...]:
    """What makes an outcome the one that is said: the only possible one, and its essential values known."""
    outcomes = dict.fromkeys(str(production.concludes[1]) for production in possible_productions(circuit))
    single, known = Comparison(_CHOICES, "==", 1), Comparison(_VALUES_KNOWN, "==", 1)
    productions = [Production((Comparison(_CHOICES, ">=", 2),), (OUTCOME, NEEDS_FACTS))]
    for number, outcome in enumerate(outcomes):
        chosen = (single, Comparison(f"possible{number}", "==", 1))
        if outcome in circuit.version.decisions():
            productions.append(Production((*chosen, known), (OUTCOME, outcome)))
            productions.append(Production((*chosen, Comparison(_VALUES_KNOWN, "==", 0)), (OUTCOME, NEEDS_FACTS)))
        else:
            productions.append(Production(chosen, (OUTCOME, outcome)))
    return tuple(productions)


def counted_voices(circuit: Circuit, codes: Mapping[int, int]) -> dict[str, int]:
    """How many voices are sure and how many open, and which row holds first."""
    truths = [row.literal.truth(codes) for row in circuit.rows]
    spoken = [voice.literal.truth(codes) for voice in circuit.exceptions]
    return {
        "sure_exceptions": spoken.count(MET),
        "open_exceptions": spoken.count(UNKNOWN),
        "sure_rows": truths.count(MET),
        "open_rows": truths.count(UNKNOWN),
        _FIRST_HIT: truths.index(MET) if MET in truths else len(truths),
    }


def counted_choices(circuit: Circuit, possible: frozenset[str], values_known: bool) -> dict[str, int]:
    """Which outcomes are possible, how many they are, and whether the essential values are known."""
    outcomes = dict.fromkeys(str(production.concludes[1]) for production in possible_productions(circuit))
    found = {f"possible{number}": int(outcome in possible) for number, outcome in enumerate(outcomes)}
    return {**found, _CHOICES: len(possible), _VALUES_KNOWN: int(values_known)}


def _possible(outcome: str, *tests: Comparison) -> Production:
    return Production(tests, (POSSIBLE, outcome))
