"""Who gains and who loses when another key divides the same number of persons?

In go the names of keys, a number and a day, out comes one table with a row a place and the keys side by side, and one
with a row a key: concentration, progressivity, gainers and losers against the first key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from stellwerk.distribution.apportionment import NegativeTotal, exact_shares, largest_remainder
from stellwerk.distribution.concentration import dissimilarity, gini, herfindahl, progressivity
from stellwerk.distribution.intentions import (
    CarriesLess,
    LosesByCorrection,
    WrongWay,
    carries_less,
    loses_by_correction,
    wrong_way,
)
from stellwerk.distribution.keys import (
    Key,
    MixedShares,
    UnknownDistributionKey,
    WeightedShares,
    load_keys,
    with_weights,
)
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.shares import (
    KeyShares,
    UnknownKeyChoice,
    input_columns,
    input_values,
    shares_on,
)
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest
from stellwerk.formats import exact

LABORATORY_FILE = "laboratory.yaml"
SHOWN = pl.Decimal(38, 6)
TRIED_AT_MOST = 30  # places whose inputs are changed one by one; more would make a test of 396 places take minutes


class KeysOfDifferentPlaces(StellwerkError):
    """The keys divide among different places and cannot be set side by side."""


class NoKeysToCompare(StellwerkError):
    """No key is named."""


class KeyNamedTwice(StellwerkError):
    """A key is named twice."""


class Ability(Document):
    """What measures how much a place can bear; `per_head` where the column is given per head already."""

    column: str
    per_head: bool
    label: Labels


class Ground(Document):
    """What the places of one table are measured by."""

    population: str
    ability: Ability | None = None


@dataclass(frozen=True)
class Comparison:
    """Keys side by side on the same number of persons; the first is the one that gains and losses are against."""

    persons: int
    on: dt.date
    made: dict[str, KeyShares]
    given: dict[str, dict[str, int]]
    population: dict[str, Fraction]
    ability: dict[str, Fraction] | None
    ability_label: Labels | None

    @property
    def base(self) -> str:
        """The name of the first key."""
        return next(iter(self.made))

    def gain(self, key: str, code: str) -> int:
        """How many persons more a place receives under a key than under the first."""
        return self.given[key][code] - self.given[self.base][code]

    def to_frame(self) -> pl.DataFrame:
        """One row a place: for each key share, persons, persons a thousand inhabitants, gain against the first key."""
        names = self.made[self.base].names
        columns: dict[str, pl.Series] = {
            "code": pl.Series(list(names), dtype=pl.String),
            "name": pl.Series(list(names.values()), dtype=pl.String),
            "population": pl.Series([int(self.population[code]) for code in names], dtype=pl.Int64),
        }
        for key, made in self.made.items():
            given = self.given[key]
            columns[f"{key}.share_percent"] = _numbers([made.shares[code] * 100 for code in names])
            columns[f"{key}.persons"] = pl.Series([given[code] for code in names], dtype=pl.Int64)
            columns[f"{key}.per_1000"] = _numbers([1000 * given[code] / self.population[code] for code in names])
            if key != self.base:
                columns[f"{key}.gain"] = pl.Series([self.gain(key, code) for code in names], dtype=pl.Int64)
        return pl.DataFrame(columns)

    def summary(self) -> pl.DataFrame:
        """One row a key: measures of evenness over the places that it binds, gainers, losers, persons moved."""
        return pl.DataFrame([self._measures(key) for key in self.made], schema_overrides=MEASURES)

    def _measures(self, key: str) -> dict[str, object]:
        made, names = self.made[key], self.made[self.base].names
        bound = [code for code in names if code not in made.key.excluded_codes]
        shares, size = ({code: values[code] for code in bound} for values in (made.shares, self.population))
        gains = [self.gain(key, code) for code in names]
        ability = None if self.ability is None else {code: self.ability[code] for code in bound}
        return {
            "key": key,
            "status": made.key.status,
            "evidence": made.evidence,
            "places": len(bound),
            "gini": exact(gini(shares, exact_shares(size)), 6),
            "dissimilarity_from_population": exact(dissimilarity(shares, exact_shares(size)), 6),
            "herfindahl": exact(herfindahl(shares), 6),
            "progressivity": None if ability is None else exact(progressivity(shares, size, exact_shares(ability)), 6),
            "gainers": sum(gain > 0 for gain in gains),
            "losers": sum(gain < 0 for gain in gains),
            "persons_moved": sum(gain for gain in gains if gain > 0),
        }


MEASURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "status": pl.String,
    "evidence": pl.String,
    "gini": SHOWN,
    "dissimilarity_from_population": SHOWN,
    "herfindahl": SHOWN,
    "progressivity": SHOWN,
}


@dataclass(frozen=True)
class Intentions:
    """What the tests of a key found; none where nothing was found, `tried` says at how many places inputs changed."""

    key: str
    tried: int
    wrong_way: WrongWay | None
    loses_by_correction: LosesByCorrection | None
    carries_less: CarriesLess | None


def compare_keys(
    keys: Sequence[str],
    persons: int,
    on: dt.date,
    tables: ReferenceTables,
    *,
    year: str | None = None,
    redistribution: str | None = None,
    weights: Mapping[str, Mapping[str, Decimal]] | None = None,
) -> Comparison:
    """Divide `persons` by each of `keys` on the day `on`; the first is the base of gains and losses.

    `weights` changes weights: key -> input -> weight.
    `year` reads every input from its column of that year where it has one, so that all keys use the same data.
    """
    if persons < 0:
        raise NegativeTotal(total=persons)
    found = _with_weights(_found(keys, tables), weights or {})
    _check_year(year, found.values(), tables)
    made = {
        name: shares_on(
            key, on, tables, redistribution=_offered(key, redistribution), columns=columns_of(key, year, tables)
        )
        for name, key in found.items()
    }
    places = next(iter(found.values())).places
    ground = _ground(places, tables)
    population = tables.exact(places, ground.population)
    return Comparison(
        persons,
        on,
        made,
        {name: largest_remainder(persons, item.shares) for name, item in made.items()},
        population,
        _ability(ground, places, population, tables),
        ground.ability.label if ground.ability else None,
    )


def intentions_of(key_id: str, on: dt.date, tables: ReferenceTables, *, year: str | None = None) -> Intentions:
    """Test a key: does more of an input bring more, do corrections help whom they are for, do the able carry more?"""
    (key,) = _found([key_id], tables).values()
    _check_year(year, [key], tables)
    made = shares_on(key, on, tables, columns=columns_of(key, year, tables))
    ground = _ground(key.places, tables)
    population = tables.exact(key.places, ground.population)
    ability = _ability(ground, key.places, population, tables)
    carried = None if ability is None else carries_less(made.shares, population, ability)
    if not isinstance(key, WeightedShares):
        return Intentions(key_id, 0, None, None, carried)
    values = input_values(key, tables, input_columns(key, columns_of(key, year, tables)))
    tried = _spread([code for code in made.shares if code not in key.excluded_codes], made.shares)
    return Intentions(key_id, len(tried), wrong_way(key, values, tried), loses_by_correction(key, values), carried)


def columns_of(key: Key, year: str | None, tables: ReferenceTables) -> dict[str, str]:
    """For each input of a key its column of the year, where it has one."""
    if year is None:
        return {}
    if isinstance(key, MixedShares):
        keys = load_keys(tables)
        return {name: column for part in key.keys for name, column in columns_of(keys[part], year, tables).items()}
    inputs = key.inputs if isinstance(key, WeightedShares) else {}
    fitting = {
        name: [column for column in item.columns if column.endswith(f"_{year}")] for name, item in inputs.items()
    }
    return {name: columns[0] for name, columns in fitting.items() if columns}


def _found(names: Sequence[str], tables: ReferenceTables) -> dict[str, Key]:
    keys = load_keys(tables)
    if not names:
        raise NoKeysToCompare(known=list(keys))
    for name in names:
        if name not in keys:
            raise UnknownDistributionKey(key=name, near=nearest(name, keys), known=sorted(keys))
        if list(names).count(name) > 1:
            raise KeyNamedTwice(key=name)
    first = keys[names[0]]
    for name in names:
        if keys[name].places != first.places:
            fitting = [other for other, key in keys.items() if key.places == first.places]
            raise KeysOfDifferentPlaces(key=name, base=names[0], known=fitting)
    return {name: keys[name] for name in names}


def _with_weights(keys: Mapping[str, Key], weights: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Key]:
    for name in weights:
        if name not in keys:
            raise UnknownDistributionKey(key=name, near=nearest(name, keys), known=list(keys))
    return {name: with_weights(key, weights.get(name, {})) for name, key in keys.items()}


def _offered(key: Key, redistribution: str | None) -> str | None:
    """A wish for the cap, for keys that have one."""
    capped = isinstance(key, MixedShares) or (isinstance(key, WeightedShares) and key.cap is not None)
    return redistribution if capped else None


def _check_year(year: str | None, keys: Iterable[Key], tables: ReferenceTables) -> None:
    """A year that no key has a column of is a slip."""
    offered = {column.rpartition("_")[2] for key in keys for column in _columns_offered(key, tables)}
    years = sorted(ending for ending in offered if ending.isdigit())
    if year is not None and year not in years:
        raise UnknownKeyChoice(choice=year, near=nearest(year, years), known=years)


def _columns_offered(key: Key, tables: ReferenceTables) -> list[str]:
    if isinstance(key, MixedShares):
        keys = load_keys(tables)
        return [column for part in key.keys for column in _columns_offered(keys[part], tables)]
    if isinstance(key, WeightedShares):
        return [column for item in key.inputs.values() for column in item.columns]
    return []


def _ground(places: str, tables: ReferenceTables) -> Ground:
    path = tables.params / LABORATORY_FILE
    data = read_document(path, path.name)
    return validated(Ground, data[places], path.name)


def _ability(
    ground: Ground, places: str, population: Mapping[str, Fraction], tables: ReferenceTables
) -> dict[str, Fraction] | None:
    if ground.ability is None:
        return None
    values = tables.exact(places, ground.ability.column)
    return {code: value * population[code] for code, value in values.items()} if ground.ability.per_head else values


def _spread(codes: Sequence[str], shares: Mapping[str, Fraction]) -> list[str]:
    """All places where they are few, else as many as may be tried, evenly from the smallest share to the largest."""
    ordered = sorted(codes, key=lambda code: (shares[code], code))
    if len(ordered) <= TRIED_AT_MOST:
        return ordered
    return [ordered[position * (len(ordered) - 1) // (TRIED_AT_MOST - 1)] for position in range(TRIED_AT_MOST)]


def _numbers(numbers: Sequence[Fraction]) -> pl.Series:
    return pl.Series([exact(number, 6) for number in numbers], dtype=SHOWN)
