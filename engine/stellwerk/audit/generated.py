"""Cases that no register holds but every engine must get right: at, just below and just above what the law compares.

In go a rulebook and the rules of one subject. Out come a frame of cases and frames of their child tables. Four cases in
five aim at one path of one version (its decision, an exception, a row) and stand at its thresholds; the others are
drawn freely. A third of them is known in full, a third lacks the given share of facts, a third twice as many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from stellwerk.audit.aiming import Aiming, Wanted
from stellwerk.audit.drawn import DrawnCases, Positions
from stellwerk.audit.palettes import Numbers, Palettes, change_days
from stellwerk.audit.paths import Wish, paths, versions_beside
from stellwerk.audit.thresholds import Aim, Spot, aims
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.days import day_number
from stellwerk.law.provision import RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.vocabulary import Attribute

UNKNOWN = 0.15  # the share of facts that is not known
MOST_ROWS = 4  # of a child table, a case
_FREE_PART = 5  # one case in so many aims at nothing
_PARTS = 3  # the cases of a version reach thresholds in so many ways, the first part also those of rules it reads
_FEW = 1 << 16
_READING_DAYS = 20  # days of a version on which cases that aim at nothing read it, beside its edges


class TooManyCasesForCodes(StellwerkError):
    """More cases than the code list has codes that name them."""


class NoRuleOfSubject(StellwerkError):
    """Cases are wanted for a subject of which no rule speaks."""


class RuleOfOtherSubject(StellwerkError):
    """Cases of one subject are wanted for a rule that speaks of another."""


@dataclass(frozen=True)
class _Target:
    """A version that cases aim at, with what is read beside it."""

    version: RuleVersion
    beside: tuple[RuleVersion, ...]
    aims: tuple[Aim, ...]
    aims_beside: tuple[Aim, ...]
    paths: tuple[tuple[Wish, ...], ...]


def generated_cases(
    rulebook: Rulebook,
    subject: str,
    count: int,
    seed: int,
    rules: Sequence[str] | None = None,
    unknown: float = UNKNOWN,
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """So many cases of a subject, and their child tables by name; the same seed gives the same cases.

    `rules` are those that the cases aim at, else all of the subject. Where a code names the subject (a state), there
    are no more cases than codes: see `most_cases`.
    """
    most = most_cases(rulebook, subject)
    if most is not None and count > most:
        raise TooManyCasesForCodes(subject=subject, cases=count, most=most)
    random = np.random.default_rng(seed)
    targets = _targets(rulebook, _versions(rulebook, subject, rules))
    drawn = _drawn_freely(rulebook, subject, count, targets, random)
    _aim(drawn, rulebook, targets, random)
    return _frames(drawn, rulebook, subject, unknown, random)


def most_cases(rulebook: Rulebook, subject: str) -> int | None:
    """How many cases of a subject can have a name of their own; None: as many as wanted."""
    attribute = rulebook.vocabulary.attributes(subject)[rulebook.vocabulary.key(subject)]
    if attribute.type.code_list is not None:
        return len(attribute.type.code_list.codes)
    if attribute.minimum is not None and attribute.maximum is not None:
        return int(attribute.maximum - attribute.minimum) + 1
    return None


def _versions(rulebook: Rulebook, subject: str, rules: Sequence[str] | None) -> list[RuleVersion]:
    names = [name for name, rule in rulebook.rules.items() if rule.subject == subject] if rules is None else rules
    chosen = [rulebook.rule(name) for name in sorted(names)]
    if not chosen:
        raise NoRuleOfSubject(subject=subject)
    for rule in chosen:
        if rule.subject != subject:
            raise RuleOfOtherSubject(rule=rule.id, subject=rule.subject, wanted=subject)
    return [version for rule in chosen for version in rule.versions]


def _targets(rulebook: Rulebook, versions: Sequence[RuleVersion]) -> list[_Target]:
    of_version: dict[int, list[Aim]] = {}

    def aims_of(version: RuleVersion) -> list[Aim]:
        if id(version) not in of_version:
            of_version[id(version)] = aims(version, rulebook)
        return of_version[id(version)]

    found = []
    for version in versions:
        beside = tuple({id(other): other for other in versions_beside(version, rulebook)}.values())
        others = tuple(aim for one in beside for aim in aims_of(one))
        found.append(_Target(version, beside, tuple(aims_of(version)), others, tuple(paths(version, rulebook))))
    return found


def _drawn_freely(
    rulebook: Rulebook, subject: str, count: int, targets: Sequence[_Target], random: np.random.Generator
) -> DrawnCases:
    """Cases whose facts are drawn one by one."""
    read = _read(targets)
    every = [aim for target in targets for aim in (*target.aims, *target.aims_beside)]
    palettes = Palettes(rulebook, read, every, random)
    drawn = _nothing_drawn(rulebook, subject, count, palettes, random)
    reading = _reading_days(rulebook, read, palettes.last, random)
    for spot, attribute in drawn.attributes.items():
        if spot == drawn.key:
            drawn.values[spot] = _names(attribute, count, random)
            continue
        values = reading[spot] if spot in reading else palettes.of(spot, attribute)
        smallest = np.uint16 if len(values) <= _FEW else np.uint32  # numbers of half the size are drawn twice as fast
        drawn.values[spot] = values.take(random.integers(0, len(values), drawn.rows(spot.table), dtype=smallest))
    return drawn


def _nothing_drawn(
    rulebook: Rulebook, subject: str, count: int, palettes: Palettes, random: np.random.Generator
) -> DrawnCases:
    """Cases of which only the numbers of their child rows are drawn."""
    vocabulary = rulebook.vocabulary
    attributes = {Spot("", name): item for name, item in vocabulary.attributes(subject).items()}
    owners: dict[str, Positions] = {}
    forms = vocabulary.child_tables(subject)
    for table, form in forms.items():
        attributes |= {Spot(table, name): item for name, item in form.attributes.items()}
        owners[table] = np.repeat(np.arange(count), random.integers(0, MOST_ROWS + 1, count))
    texts = {spot: palettes.texts(spot) for spot in attributes}
    return DrawnCases(attributes, texts, owners, count, Spot("", vocabulary.key(subject)), forms)


def _names(attribute: Attribute, count: int, random: np.random.Generator) -> Numbers:
    """What names the cases, each once: codes, or numbers from the least on; of an id only its number counts."""
    if attribute.type.code_list is not None:
        return random.permutation(len(attribute.type.code_list.codes))[:count].astype(np.uint32)
    return np.arange(count) + int(attribute.minimum or 0)


def _read(targets: Sequence[_Target]) -> list[RuleVersion]:
    """Every version that is aimed at or read beside one."""
    every = (version for target in targets for version in (target.version, *target.beside))
    return list({id(version): version for version in every}.values())


def _reading_days(
    rulebook: Rulebook, versions: Sequence[RuleVersion], last: dt.date, random: np.random.Generator
) -> dict[Spot, Numbers]:
    """Reading date -> days on which rules are read at it: each version's, and the days before and after it."""
    found: dict[Spot, list[Numbers]] = {}
    for version in versions:
        start, end = _reach(version, last)
        days = np.concatenate([[start - 1, end + 1], random.integers(start, end + 1, _READING_DAYS)])
        found.setdefault(Spot("", version.read_at), []).extend(
            [_days_inside(rulebook, version, last), days.astype(np.int32)]
        )
    return {name: np.concatenate(days) for name, days in found.items()}


def _days_inside(rulebook: Rulebook, version: RuleVersion, last: dt.date) -> Numbers:
    """Days of a version: its first and last, and those on which something it reads changes, with the days before."""
    start, end = _reach(version, last)
    changes = np.array([day_number(day) for day in sorted(change_days([version], rulebook))])
    days = np.concatenate([[start, end], changes, changes - 1])
    return days[(days >= start) & (days <= end)].astype(np.int32)


def _reach(version: RuleVersion, last: dt.date) -> tuple[int, int]:
    """First and last day of a version; one without an end is read until `last`."""
    interval = version.interval
    return day_number(interval.first), day_number(interval.last or max(last, interval.first))


def _aim(drawn: DrawnCases, rulebook: Rulebook, targets: Sequence[_Target], random: np.random.Generator) -> None:
    """Let every case aim at a version and at one of its paths, in turn; some aim at nothing."""
    aiming = Aiming(drawn, rulebook, random)
    last = max(change_days(_read(targets), rulebook)) + dt.timedelta(days=1)
    stride = len(targets) + len(targets) // (_FREE_PART - 1) + 1
    for start, position in enumerate(random.permutation(len(targets))[: drawn.count]):
        target, cases = targets[position], np.arange(start, drawn.count, stride)
        for version in (*target.beside, target.version):
            start_day, end_day = _reach(version, last)
            days = random.integers(start_day, end_day + 1, len(cases))
            days[::2] = np.resize(_days_inside(rulebook, version, last), len(days[::2]))
            drawn.values[Spot("", version.read_at)][cases] = random.permutation(days)
        path = (np.arange(len(cases)) + random.integers(len(target.paths))) % len(target.paths)
        for number, wishes in enumerate(target.paths):
            aiming.fulfil(wishes, cases[path == number], target.version.interval)
        wanted = _wanted(target, path)
        for part in range(_PARTS):
            some = np.arange(len(cases)) // len(target.paths) % _PARTS == part
            meant = target.aims if part else (*target.aims_beside, *target.aims)
            if some.any():
                aiming.reach(meant, cases[some], {key: truths[some] for key, truths in wanted.items()})


def _wanted(target: _Target, path: Numbers) -> Wanted:
    """Comparison -> whether it should hold in each case, by the path that the case takes.

    Of child rows it should where nothing else is wished: rows that an aggregate leaves out bring it nowhere.
    """
    every = (*target.aims, *target.aims_beside)
    found = {id(aim.compared): np.full(len(path), 1 if aim.table else -1, dtype=np.int8) for aim in every}
    for number, wishes in enumerate(target.paths):
        for wish in wishes:
            if id(wish.node) in found:
                found[id(wish.node)][path == number] = wish.wanted
    return found


def _frames(
    drawn: DrawnCases, rulebook: Rulebook, subject: str, unknown: float, random: np.random.Generator
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    names = _ids(drawn)
    del drawn.values[drawn.key]
    shares = np.array([0.0, unknown, min(2 * unknown, 1.0)], dtype=np.float32)[random.integers(0, 3, drawn.count)]
    cases = drawn.frame("", names, shares, random)
    children = {}
    for table in rulebook.vocabulary.child_tables(subject):
        children[table] = drawn.frame(table, names, shares, random)
    return cases, children


def _ids(drawn: DrawnCases) -> pl.Series:
    attribute = drawn.attributes[drawn.key]
    if attribute.type.kind != "text":
        return drawn.exact(drawn.key, np.arange(drawn.count))
    digits = len(str(max(drawn.count - 1, 1)))
    numbers = pl.Series(attribute.name, drawn.values[drawn.key]).cast(pl.String).str.zfill(digits)
    return ("C" + numbers).alias(attribute.name)
