"""Which outcomes a rule's version can still reach, as two-valued logic over its conditions.

Goes in: a version with its groups, exceptions, rows and hit policy. Comes out: outcome -> flag, a small tree over
"condition i holds" and "condition i is unknown". A compiler turns the six kinds of flags into its own columns; where
exactly one outcome's flag is set, that is the outcome, else facts are missing. The reference interpreter does not
read this page: it says the same in plain Python, and tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stellwerk.evaluate.evidence import CONFLICT, NEEDS_FACTS
from stellwerk.law.provision import Condition, Group, RuleVersion


@dataclass(frozen=True)
class Holds:
    """The condition at this position is known to hold."""

    position: int


@dataclass(frozen=True)
class Open:
    """The condition at this position is unknown."""

    position: int


@dataclass(frozen=True)
class Every:
    """All flags are set; without flags it is."""

    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Some:
    """One flag at least is set; without flags none is."""

    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Not:
    """The flag is not set."""

    flag: Flag


@dataclass(frozen=True)
class ExactlyOne:
    """One flag is set and no other."""

    flags: tuple[Flag, ...]


Flag = Holds | Open | Every | Some | Not | ExactlyOne

ALWAYS: Flag = Every(())


def possible_outcomes(version: RuleVersion) -> dict[str, Flag]:
    """Outcome -> whether some way of settling the unknown conditions leads to it."""
    positions = {id(condition): position for position, condition in enumerate(version.conditions())}
    sure, maybe = group_flags(version.when, positions)
    found: dict[str, Flag] = {version.otherwise: Not(sure)}
    for outcome, flag in _with_exceptions(version, positions).items():
        _add(found, outcome, _all(maybe, flag))
    return found


def group_flags(item: Condition | Group, positions: Mapping[int, int]) -> tuple[Flag, Flag]:
    """Whether a group is known to hold, and whether it can; `positions` numbers its conditions by their id."""
    return _group(item, positions, Holds), _group(item, positions, _can_hold)


def outcome_of(possible: Mapping[str, Flag], met: int, unknown: int) -> str:
    """The outcome that evidence bits lead to, by the flags of a version; a value that lacks is left aside."""
    reached = [name for name, flag in possible.items() if _is_set(flag, met, unknown)]
    return reached[0] if len(reached) == 1 else NEEDS_FACTS


def _is_set(flag: Flag, met: int, unknown: int) -> bool:
    match flag:
        case Holds(position=position):
            return bool(met >> position & 1)
        case Open(position=position):
            return bool(unknown >> position & 1)
        case Every(flags=flags):
            return all(_is_set(part, met, unknown) for part in flags)
        case Some(flags=flags):
            return any(_is_set(part, met, unknown) for part in flags)
        case Not(flag=part):
            return not _is_set(part, met, unknown)
        case ExactlyOne(flags=flags):
            return sum(_is_set(part, met, unknown) for part in flags) == 1


def parts_of(flag: Flag) -> tuple[Flag, ...]:
    """The flags directly below a flag."""
    match flag:
        case Holds() | Open():
            return ()
        case Not(flag=below):
            return (below,)
        case Every(flags=flags) | Some(flags=flags) | ExactlyOne(flags=flags):
            return flags


def shared_layers(flags: Iterable[Flag]) -> list[list[Flag]]:
    """The flags that several others are made of, in layers: those of one layer are made of earlier ones only."""
    uses: dict[int, int] = {}
    depths: dict[int, int] = {}
    layers: list[list[Flag]] = []
    pending: list[Flag] = []

    def count(flag: Flag) -> None:
        if not parts_of(flag):
            return
        uses[id(flag)] = uses.get(id(flag), 0) + 1
        if uses[id(flag)] == 1:
            for part in parts_of(flag):
                count(part)
            pending.append(flag)

    for flag in flags:
        count(flag)
        uses[id(flag)] = uses.get(id(flag), 0) + 1  # read twice: is it the only one, and is it this one
    for flag in pending:  # parts come before what is made of them
        depth = max((depths.get(id(part), 0) for part in parts_of(flag)), default=0)
        if uses[id(flag)] > 1:
            if depth == len(layers):
                layers.append([])
            layers[depth].append(flag)
            depth += 1
        depths[id(flag)] = depth
    return layers


@lru_cache(maxsize=128)
def _can_hold(position: int) -> Flag:
    return Some((Holds(position), Open(position)))


def _group(item: Condition | Group, positions: Mapping[int, int], leaf: Callable[[int], Flag]) -> Flag:
    if isinstance(item, Condition):
        return leaf(positions[id(item)])
    parts = tuple(_group(child, positions, leaf) for child in item.items)
    return Every(parts) if item.kind == "all" or not parts else Some(parts)


def _with_exceptions(version: RuleVersion, positions: Mapping[int, int]) -> dict[str, Flag]:
    """What can be said where all conditions hold."""
    own = {version.decide: ALWAYS} if version.policy == "none" else _by_rows(version, positions)
    if not version.unless:
        return own
    certain: dict[str, list[Flag]] = {}
    open_: dict[str, list[Flag]] = {}
    at = [positions[id(exemption.condition)] for exemption in version.unless]
    for exemption, position in zip(version.unless, at, strict=True):
        silencers = [at[other] for other in exemption.overridden_by]
        takes = _all(Holds(position), *(_fails(other) for other in silencers))
        may_take = _all(_can_hold(position), *(Not(Holds(other)) for other in silencers))
        certain.setdefault(exemption.outcome, []).append(takes)
        open_.setdefault(exemption.outcome, []).append(_all(may_take, Not(takes)))
    return _agreed(certain, open_, own)


def _by_rows(version: RuleVersion, positions: Mapping[int, int]) -> dict[str, Flag]:
    """What the rows can decide by the hit policy."""
    rows = [(row.outcome, positions[id(row.condition)]) for row in version.rows]
    match version.policy:
        case "first":
            return _by_first(rows, version.otherwise)
        case "collect":
            found: dict[str, Flag] = {version.decide: _any(_can_hold(position) for _, position in rows)}
            _add(found, version.otherwise, Not(_any(Holds(position) for _, position in rows)))
            return found
        case "any":
            certain: dict[str, list[Flag]] = {}
            open_: dict[str, list[Flag]] = {}
            for outcome, position in rows:
                certain.setdefault(outcome, []).append(Holds(position))
                open_.setdefault(outcome, []).append(Open(position))
            return _agreed(certain, open_, {version.otherwise: ALWAYS})
        case _:
            return _by_unique(rows, version.otherwise)


def _by_first(rows: Sequence[tuple[str, int]], otherwise: str) -> dict[str, Flag]:
    found: dict[str, Flag] = {}
    for number, (outcome, position) in enumerate(rows):
        earlier = (Not(Holds(before)) for _, before in rows[:number])
        _add(found, outcome, _all(_can_hold(position), *earlier))
    _add(found, otherwise, _all(*(Not(Holds(position)) for _, position in rows)))
    return found


def _by_unique(rows: Sequence[tuple[str, int]], otherwise: str) -> dict[str, Flag]:
    """One row at most may hold, even where two would say the same."""
    sure, open_ = [Holds(position) for _, position in rows], [Open(position) for _, position in rows]
    none_sure, one_sure = Not(_any(sure)), ExactlyOne(tuple(sure))
    found: dict[str, Flag] = {otherwise: none_sure}
    for outcome, position in rows:
        _add(found, outcome, Some((_all(one_sure, Holds(position)), _all(none_sure, Open(position)))))
    _add(found, CONFLICT, _clash(sure, open_))
    return found


def _agreed(
    certain: Mapping[str, Sequence[Flag]], open_: Mapping[str, Sequence[Flag]], without: Mapping[str, Flag]
) -> dict[str, Flag]:
    """Several voices: one outcome at most may be said; none said leaves `without`."""
    sure = {outcome: _any(flags) for outcome, flags in certain.items()}
    perhaps = {outcome: _all(_any(flags), Not(sure[outcome])) for outcome, flags in open_.items()}
    none_sure = Not(_any(sure.values()))
    one_sure = ExactlyOne(tuple(sure.values()))
    found: dict[str, Flag] = {
        outcome: Some((_all(one_sure, sure[outcome]), _all(none_sure, perhaps[outcome]))) for outcome in sure
    }
    for outcome, flag in without.items():
        _add(found, outcome, _all(none_sure, flag))
    _add(found, CONFLICT, _clash(list(sure.values()), list(perhaps.values())))
    return found


def _clash(sure: Sequence[Flag], perhaps: Sequence[Flag]) -> Flag:
    """Two are said, or one is and another may be, or two may be."""
    some_sure, some_perhaps = _any(sure), _any(perhaps)
    two_sure = _all(some_sure, Not(ExactlyOne(tuple(sure))))
    two_perhaps = _all(some_perhaps, Not(ExactlyOne(tuple(perhaps))))
    return Some((two_sure, _all(some_sure, some_perhaps), two_perhaps))


def _fails(position: int) -> Flag:
    return Not(_can_hold(position))


def _add(found: dict[str, Flag], outcome: str, flag: Flag) -> None:
    found[outcome] = Some((found[outcome], flag)) if outcome in found else flag


def _all(*flags: Flag) -> Flag:
    kept = tuple(flag for flag in flags if flag != ALWAYS)
    return kept[0] if len(kept) == 1 else Every(kept)


def _any(flags: Iterable[Flag]) -> Flag:
    kept = tuple(flags)
    return kept[0] if len(kept) == 1 else Some(kept)
