"""Who is in a group of the synthetic register: nationality, sex, age and family?

In go the published tables and the household assumptions, out come arrays with one entry a person. Ages are drawn last,
so that parents fit their children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from stellwerk.register.draws import Draws, Flags, Integers, Numbers, positions
from stellwerk.register.figures import Population
from stellwerk.register.households import UNATTACHED, form_families

FEMALE, MALE = "f", "m"


@dataclass(frozen=True)
class Cell:
    """A class of persons that the figures count: nationality, sex and ages from-to."""

    nationality: str
    sex: str
    age_from: int
    age_to: int
    band: str = ""


@dataclass(frozen=True)
class Persons:
    """One entry a person; families are numbered from 0 within the group."""

    nationalities: tuple[str, ...]
    nationality: Integers  # position in `nationalities`
    female: Flags
    age: Integers
    minor: Flags
    unaccompanied: Flags
    family: Integers
    families: int

    def family_nationality(self) -> Integers:
        """The nationality of each family: that of one of its adults, where it has any."""
        result = np.zeros(self.families, dtype=np.int64)
        for chosen in (self.minor, ~self.minor):
            result[self.family[chosen]] = self.nationality[chosen]
        return result


def applicant_cells(population: Population) -> dict[Cell, float]:
    """The published counts of first-time applicants."""
    bands = population.figures.bands.applicants
    table = population.tables["first_applicants_2022"]
    return {
        Cell(row["nationality"], row["sex"], *bands[band], band): float(row[band])
        for row in table.iter_rows(named=True)
        for band in bands
        if row[band]
    }


def ukraine_cells(population: Population) -> dict[Cell, float]:
    """The published stock of persons from Ukraine."""
    highest = population.figures.bands.highest_age.value
    nationality = population.figures.ukraine.nationality
    return {
        Cell(nationality, sex, low, highest if high is None else high): float(persons)
        for sex, low, high, persons in population.tables["ukraine_stock_2025"].iter_rows()
    }


def cells_by_nationality(population: Population, weights: Mapping[str, float]) -> dict[Cell, float]:
    """Sex and age as among the applicants of the same nationality (of all, where it has none), at given weights."""
    known = applicant_cells(population)
    of_all: dict[tuple[str, int, int, str], float] = {}
    of_one: dict[str, dict[tuple[str, int, int, str], float]] = {}
    for cell, count in known.items():
        key = (cell.sex, cell.age_from, cell.age_to, cell.band)
        of_all[key] = of_all.get(key, 0.0) + count
        of_one.setdefault(cell.nationality, {})[key] = count
    result: dict[Cell, float] = {}
    for nationality in sorted(name for name, weight in weights.items() if weight > 0):
        classes = of_one.get(nationality, of_all)
        total = sum(classes.values())
        for (sex, low, high, band), count in classes.items():
            result[Cell(nationality, sex, low, high, band)] = weights[nationality] * count / total
    return result


def draw_persons(group: str, cells: Mapping[Cell, float], size: int, population: Population, draws: Draws) -> Persons:
    """Draw `size` persons of a group and join them to families."""
    kinds = list(cells)
    nationalities = tuple(sorted({cell.nationality for cell in kinds}))
    rank = {name: position for position, name in enumerate(nationalities)}
    drawn = draws.pick(list(cells.values()), size)

    def of(values: list[int]) -> Integers:
        return np.array(values, dtype=np.int64)[drawn]

    nationality = of([rank[cell.nationality] for cell in kinds])
    female = of([cell.sex == FEMALE for cell in kinds]).astype(np.bool_)
    low, high = of([cell.age_from for cell in kinds]), of([cell.age_to for cell in kinds])
    adult_age = population.figures.households.adult_age
    minor = high < adult_age
    elder = low == max(cell.age_from for cell in kinds)  # the open class, whose members seldom have minor children
    alone = _unaccompanied(group, kinds, cells, population, drawn, draws)
    family, families, alone = _families(group, nationality, minor, alone, female, elder, population, draws)
    age = _ages(low, high, minor, female, family, families, population, draws)
    return Persons(nationalities, nationality, female, age, minor, alone, family, families)


def _unaccompanied(
    group: str,
    kinds: list[Cell],
    cells: Mapping[Cell, float],
    population: Population,
    drawn: Integers,
    draws: Draws,
) -> Flags:
    rules = population.figures.households.unaccompanied
    if group not in rules.groups:
        return np.zeros(drawn.size, dtype=np.bool_)
    sought = np.array([cell.band == rules.band and cell.sex == rules.sex for cell in kinds])
    weights = np.array([cells[cell] for cell in kinds])
    minors = np.array([cell.age_to < population.figures.households.adult_age for cell in kinds])
    share = rules.share_of_minors.value * weights[minors].sum() / weights[sought].sum()
    flags: Flags = sought[drawn] & draws.chance(float(share), drawn.size)
    return flags


def _families(
    group: str,
    nationality: Integers,
    minor: Flags,
    alone: Flags,
    female: Flags,
    elder: Flags,
    population: Population,
    draws: Draws,
) -> tuple[Integers, int, Flags]:
    shares = population.family_shares(group)
    family = np.full(nationality.size, UNATTACHED, dtype=np.int64)
    count = 0
    by_nationality = np.argsort(nationality, kind="stable")
    for members in np.split(by_nationality, np.flatnonzero(np.diff(nationality[by_nationality])) + 1):
        formed = form_families(minor[members], alone[members], female[members], elder[members], shares, draws)
        family[members] = np.where(formed.number == UNATTACHED, UNATTACHED, formed.number + count)
        count += formed.count
    return _attach_the_rest(family, count, minor, alone, len(shares.children))


def _attach_the_rest(
    family: Integers, count: int, minor: Flags, alone: Flags, most_children: int
) -> tuple[Integers, int, Flags]:
    """Minors whose nationality has no adult join adults without children; where there are none, they came alone."""
    left = np.flatnonzero(family == UNATTACHED)
    if left.size == 0:
        return family, count, alone
    with_children = np.zeros(count, dtype=np.bool_)
    with_children[family[minor & (family != UNATTACHED)]] = True
    hosts = np.flatnonzero(~with_children)
    joined = left[: hosts.size * most_children]
    family[joined] = np.resize(hosts, joined.size)
    rest = left[joined.size :]
    family[rest] = np.arange(count, count + rest.size)
    alone = alone.copy()
    alone[rest] = True
    return family, count + rest.size, alone


def _ages(
    low: Integers,
    high: Integers,
    minor: Flags,
    female: Flags,
    family: Integers,
    families: int,
    population: Population,
    draws: Draws,
) -> Integers:
    households = population.figures.households
    weights = np.zeros(int(high.max(initial=0)) + 2)
    for first, last, weight in population.figures.age_profile.steps:
        weights[first : last + 1] = weight
    age = np.zeros(low.size, dtype=np.int64)
    age[minor] = _within(weights, low[minor], high[minor], draws)
    oldest = np.full(families, -1, dtype=np.int64)
    youngest = np.full(families, low.size + high.max(initial=0), dtype=np.int64)
    np.maximum.at(oldest, family[minor], age[minor])
    np.minimum.at(youngest, family[minor], age[minor])
    adult = ~minor
    has_children = oldest[family[adult]] >= 0
    floor = np.where(has_children, oldest[family[adult]] + households.age_of_majority_gap, 0)
    ceiling = youngest[family[adult]] + households.mother_gap_at_most
    lowest = np.minimum(np.maximum(low[adult], floor), high[adult])
    highest = np.where(has_children & female[adult], np.minimum(high[adult], ceiling), high[adult])
    age[adult] = _within(weights, lowest, np.maximum(highest, lowest), draws)
    return age


def _within(weights: Numbers, low: Integers, high: Integers, draws: Draws) -> Integers:
    """Single years of age between two bounds (both inside), in proportion to their weights."""
    before = np.concatenate(([0.0], np.cumsum(weights)))
    start, end = before[low], before[high + 1]
    found = np.searchsorted(before, start + draws.uniform(low.size) * (end - start), side="right") - 1
    ages: Integers = np.clip(found, low, high).astype(np.int64)
    return ages


def pick_by_row(tables: Numbers, row: Integers, draws: Draws) -> Integers:
    """For each entry, a column drawn by the weights of its row of `tables`."""
    result = np.zeros(row.size, dtype=np.int64)
    uniform = draws.uniform(row.size)
    order = np.argsort(row, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(row[order])) + 1):
        if members.size:
            result[members] = positions(tables[row[members[0]]], uniform[members])
    return result


def enum_series(name: str, words: tuple[str, ...], position: Integers, dtype: pl.DataType) -> pl.Series:
    """A column of codes from positions in a list of words; -1 is unknown."""
    table = pl.Series(name, [*words, None], dtype=dtype)
    return table.gather(np.where(position < 0, len(words), position))
