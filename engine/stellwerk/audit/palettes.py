"""Which values of an attribute are worth trying?

In goes a rulebook with the rules that are read. Out comes, an attribute, a column of values as plain numbers: what
rules compare it with and its neighbours, codes in and out of listings, month ends, leap days, the days on which the law
changes and those before. A value that stands there twice is drawn twice as often.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from stellwerk.audit.thresholds import MEASURED, Aim, Spot
from stellwerk.evaluate.days import day_number
from stellwerk.law import core
from stellwerk.law.provision import RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import DECIMAL_PLACES, EARLIEST, LATEST, Value
from stellwerk.law.vocabulary import Attribute

Numbers = npt.NDArray[Any]

SCALE: int = 10**DECIMAL_PLACES  # a decimal as a whole number of its smallest steps
TEXTS = ("A", "B", "C")  # free texts are only ever compared for being the same
_WHOLE_NUMBERS = (0, 1, 2, 3, 5, 12, 100, 10_000)
_DECIMALS = (Decimal(0), Decimal("0.5"), Decimal(1), Decimal("2.25"), Decimal(100), Decimal(1_000_000))
_ANY_DAYS = 300  # days without meaning beside those with one
_AHEAD = dt.timedelta(days=730)  # how far law without an end is read beyond the last day on which anything changes
_LIFETIME = dt.timedelta(days=60 * 365)  # dates of birth lie so far before the law that reads them
_LIMIT = 10**15  # numbers beyond are refused in files


class Palettes:
    """The values to try of each attribute of a subject and its child tables, from what some versions read."""

    def __init__(
        self, rulebook: Rulebook, versions: Sequence[RuleVersion], found: Iterable[Aim], random: np.random.Generator
    ) -> None:
        self._book = rulebook
        self._random = random
        self._near = _thresholds(found, rulebook)
        self._listed = _listed_codes(versions, rulebook)
        self._written = _written_options(versions)
        self.first, self.last = _span(versions, rulebook)
        self._days = np.array([day_number(day) for day in sorted(self._notable(versions))], dtype=np.int32)

    def of(self, spot: Spot, attribute: Attribute) -> Numbers:
        """The values to draw from, as they are carried: see `carried`."""
        kind = attribute.type.kind
        met = [carried(value, kind) for value in self._near.get(spot, ())] if kind in MEASURED else []
        near = np.array(sorted({value + step for value in met for step in (-1, 0, 1)}), dtype=np.int64)
        match kind:
            case "bool":
                return np.array([False, True])
            case "integer":
                return within(np.concatenate([near, near, _WHOLE_NUMBERS]), attribute)
            case "decimal":
                return within(np.concatenate([near, near, [carried(value, kind) for value in _DECIMALS]]), attribute)
            case "date":
                return np.concatenate([near, near, self._days, self._any_days()]).astype(np.int32)
            case "text":
                return np.arange(len(self.texts(spot)), dtype=np.uint32)
            case _:
                return self._codes(spot, attribute)

    def texts(self, spot: Spot) -> list[str]:
        """The free texts of an attribute; values are their places in this list."""
        return [*TEXTS, *sorted(self._written.get(spot, ()))]

    def _codes(self, spot: Spot, attribute: Attribute) -> Numbers:
        """Every code of the list, those that rules name as often as all others together."""
        assert attribute.type.code_list is not None
        ranks = {code: rank for rank, code in enumerate(attribute.type.code_list.codes)}
        named = self._listed.get(attribute.type.code_list.name, set()) | self._written.get(spot, set())
        meant = [ranks[code] for code in sorted(named) if code in ranks]
        times = max(len(ranks) // max(len(meant), 1), 1)
        return np.array([*ranks.values(), *meant * times], dtype=np.uint32)

    def _any_days(self) -> Numbers:
        near = self._random.integers(day_number(self.first), day_number(self.last) + 1, _ANY_DAYS)
        far = self._random.integers(day_number(max(self.first - _LIFETIME, EARLIEST)), day_number(self.last), _ANY_DAYS)
        return np.concatenate([near, far])

    def _notable(self, versions: Sequence[RuleVersion]) -> set[dt.date]:
        """Days on which something changes and those before, month ends and leap days."""
        changes = {day for day in change_days(versions, self._book) if self.first <= day <= self.last}
        days = changes | {day - dt.timedelta(days=1) for day in changes}
        for year in range(self.first.year, self.last.year + 1):
            march = dt.date(year, 3, 1)
            days |= {march, march - dt.timedelta(days=1), march - dt.timedelta(days=2)}
            days |= {dt.date(year, month, 31) for month in (1, 8, 12)} | {dt.date(year, 1, 1), dt.date(year, 11, 30)}
        return days


def carried(value: Value, kind: str) -> int:
    """A number or day as the whole number by which cases carry it: days from 1970, decimals in smallest steps."""
    if isinstance(value, dt.date):
        return day_number(value)
    assert isinstance(value, int | Decimal)
    return int(value * SCALE) if kind == "decimal" else int(value)


def within(values: Numbers, attribute: Attribute) -> Numbers:
    """Numbers that the vocabulary allows for an attribute: those beyond its bounds are put on them."""
    kind = attribute.type.kind
    if kind == "date":
        return np.clip(values, day_number(EARLIEST), day_number(LATEST)).astype(np.int32)
    step = SCALE if kind == "decimal" else 1
    least = -_LIMIT if attribute.minimum is None else int(attribute.minimum * step)
    most = _LIMIT if attribute.maximum is None else int(attribute.maximum * step)
    return np.clip(values, least, most).astype(np.int64)


def change_days(versions: Iterable[RuleVersion], rulebook: Rulebook) -> set[dt.date]:
    """The days on which a version, or a parameter or listing that it reads, begins or stops to hold."""
    days: set[dt.date] = set()
    for version in versions:
        days.add(version.interval.first)
        if version.interval.last is not None:
            days.add(version.interval.last + dt.timedelta(days=1))
        for name in version.parameters():
            days |= rulebook.parameters[name].change_days()
        for name in version.listings():
            days |= rulebook.listings[name].change_days()
    return days


def _span(versions: Sequence[RuleVersion], rulebook: Rulebook) -> tuple[dt.date, dt.date]:
    """From the first day of the oldest version until some time after the last change."""
    first = min(version.interval.first for version in versions)
    return first - dt.timedelta(days=1), min(max(change_days(versions, rulebook)) + _AHEAD, LATEST)


def _thresholds(found: Iterable[Aim], rulebook: Rulebook) -> dict[Spot, set[Value]]:
    """Attribute -> fixed values that it is compared with, in each version of a parameter."""
    near: dict[Spot, set[Value]] = defaultdict(set)
    for way in (way for aim in found for way in aim.ways):
        near[way.spot] |= set(_fixed_values(way.target, rulebook))
    return near


def _fixed_values(target: core.Core, rulebook: Rulebook) -> Iterator[Value]:
    if isinstance(target, core.Constant):
        yield target.value
    elif isinstance(target, core.ParameterValue):
        yield from (dated.value for dated in rulebook.parameters[target.id].versions)


def _listed_codes(versions: Iterable[RuleVersion], rulebook: Rulebook) -> Mapping[str, set[str]]:
    """Code list -> codes that stand in a listing that is read, some time or other."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in {name for version in versions for name in version.listings()}:
        listing = rulebook.listings[name]
        assert listing.code_type.code_list is not None
        found[listing.code_type.code_list.name] |= {member.code for member in listing.members}
    return found


def _written_options(versions: Iterable[RuleVersion]) -> Mapping[Spot, set[str]]:
    """Attribute -> codes that rules write out."""
    found: dict[Spot, set[str]] = defaultdict(set)
    for tree in (tree for version in versions for tree in version.cores()):
        for node in core.nodes(tree):
            match node:
                case core.Compared(left=core.Fact(name=name), right=core.Constant(value=str(value))):
                    found[Spot("", name)].add(value)
                case core.OneOf(value=core.Fact(name=name), options=options):
                    found[Spot("", name)] |= {str(option) for option in options}
    return found
