"""When did the families of a group come, apply and get an answer?

In go the persons of a group and the figures on months, durations and decisions, out come the dated columns of each
person. Families travel, apply and are decided on together; who was born later enters with the birth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from stellwerk.law.types import CodeList
from stellwerk.register.draws import Draws, Flags, Integers, Numbers
from stellwerk.register.figures import Population
from stellwerk.register.persons import Persons, enum_series, pick_by_row
from stellwerk.register.values import DECIMAL_DTYPE

_EPOCH = dt.date(1970, 1, 1).toordinal()
_WEEKS, _DAYS_PER_WEEK, _MONTHS = 52, 7, 12
_PERCENT_TENTHS = 1000  # a rate with one decimal place
# Days that make a birth certain to lie `age` completed years back, but not one more: 365.25 days a year, at least one
# day over for the leap days that may be missing, at most 363 of the next year.
_YEAR, _FIRST_DAY, _SPREAD = 365.25, 1, 363
_UNDECIDED = -1
_LARGEST_TILT, _HALVINGS = 1000.0, 60  # sixty halvings exhaust the digits of a float

Columns = dict[str, pl.Series]


def asylum_columns(persons: Persons, population: Population, decisions: CodeList, draws: Draws) -> Columns:
    """The year's applicants: entry, registration, application, decision."""
    figures = population.figures.asylum
    year, as_of = population.figures.year, _day(population.figures.as_of)
    lodged = _days_in_months(_seasonality(population), _months_of(year), persons.families, draws)
    registered = lodged - _days(figures.registered_before_lodging_days.value, persons.families, draws)
    entry = registered - _days(figures.entry_before_registration_days.value, persons.families, draws)
    decided = lodged + _days(figures.decision_after_days.value, persons.families, draws)
    chances, rates = _decision_chances(persons.nationalities, tuple(decisions.codes), population)
    decision = pick_by_row(chances, persons.family_nationality(), draws)
    decision = np.where(decided <= as_of, decision, _UNDECIDED)
    family = persons.family
    born = births(persons.age, lodged[family], draws)
    words = tuple(decisions.codes)
    protected = np.isin(decision, [words.index(word) for word in figures.protecting])
    statuses = (population.figures.groups["asylum"].status, figures.protected_status)
    rate = pl.Series("union_protection_rate", rates, dtype=DECIMAL_DTYPE)
    return {
        "birth_date": dates("birth_date", born),
        "entry_date": dates("entry_date", np.maximum(entry[family], born)),
        "status": pl.Series("status", statuses).gather(protected[family].astype(np.int64)),
        "application_lodged_on": dates("application_lodged_on", lodged[family]),
        "application_registered_on": dates("application_registered_on", np.maximum(registered[family], born)),
        "bamf_decision_date": dates("bamf_decision_date", decided[family], decision[family] != _UNDECIDED),
        "bamf_decision": enum_series("bamf_decision", words, decision[family], pl.Enum(words)),
        "union_protection_rate": rate.gather(persons.nationality),
        "arrival_week": _weeks(registered[family], year),
    }


def ukraine_columns(persons: Persons, population: Population, draws: Draws) -> Columns:
    """Persons under temporary protection: arrival in the year of the figures."""
    figures = population.figures.ukraine
    year = population.figures.year
    months = _months_of(year)
    weights = np.array([figures.arrivals_by_month.value.get(month, 0.0) for month in range(1, _MONTHS + 1)])
    first = _day(figures.first_day)
    spans = [(max(start, first), end) for start, end in months]
    entry = _days_in_months(weights, spans, persons.families, draws)[persons.family]
    born = births(persons.age, np.full(persons.age.size, _day(population.figures.as_of)), draws)
    return {
        "birth_date": dates("birth_date", born),
        "entry_date": dates("entry_date", np.maximum(entry, born)),
        "status": _status(population, "ukraine", persons.age.size),
        "arrival_week": _weeks(entry, year),
    }


def tolerated_columns(persons: Persons, population: Population, decisions: CodeList, draws: Draws) -> Columns:
    """Tolerated persons: residence since, and the asylum procedure that most of them went through."""
    figures = population.figures.tolerated
    as_of = _day(population.figures.as_of)
    born = births(persons.age, np.full(persons.age.size, as_of), draws)
    months = tolerated_months(population)
    tables = np.array([months.weights[name] for name in persons.nationalities])
    origin = persons.family_nationality()
    old = (born <= _day(figures.five_years_before)).astype(np.float64)
    old_enough = np.bincount(origin[persons.family], weights=old, minlength=len(tables)).astype(np.float64)
    wanted = figures.over_five_years.value * persons.age.size
    entry = _days_within(
        months.spans, pick_by_row(_tilted(tables, months.over, old_enough, wanted), origin, draws), draws
    )
    lodged = entry + _days(figures.application_after_entry_days.value, persons.families, draws)
    decided = np.minimum(lodged + _days(figures.decision_after_days.value, persons.families, draws), as_of)
    words = tuple(decisions.codes)
    shares = np.array([figures.decisions.value.get(word, 0.0) for word in words])
    decision = draws.pick(shares, persons.families)
    applied = ~draws.chance(figures.without_application.value, persons.families)
    family = persons.family
    since = np.maximum(entry[family], born)
    own = applied[family] & (born <= lodged[family])
    return {
        "birth_date": dates("birth_date", born),
        "entry_date": dates("entry_date", since),
        "status": _status(population, "tolerated", persons.age.size),
        "application_lodged_on": dates("application_lodged_on", lodged[family], own),
        "application_registered_on": dates("application_registered_on", lodged[family], own),
        "bamf_decision_date": dates("bamf_decision_date", decided[family], own),
        "bamf_decision": enum_series(
            "bamf_decision", words, np.where(own, decision[family], _UNDECIDED), pl.Enum(words)
        ),
        "residence_since": dates("residence_since", since),
    }


@dataclass(frozen=True)
class EntryMonths:
    """The weight of each month of entry by nationality, its first and last day, and whether it lies five years back."""

    weights: Mapping[str, Numbers]
    spans: Sequence[tuple[int, int]]
    over: Flags

    def by_nationality(self) -> dict[str, float]:
        """The weight of each nationality over all months."""
        return {nationality: float(by_month.sum()) for nationality, by_month in self.weights.items()}


def tolerated_months(population: Population) -> EntryMonths:
    """The months of entry of tolerated persons.

    Applications of a nationality and year, times the share of its decisions that were rejections, times who did not
    leave again, spread over the year's months; then both sides of the five-year day are brought to their known share.
    """
    figures = population.figures.tolerated
    table = population.tables["asylum_procedures"].filter(pl.col("year").is_in(figures.years))
    months = population.tables["applications_by_month"].filter(
        pl.col("month").str.slice(0, 4).cast(pl.Int64).is_in(figures.years)
    )
    names, counts = months["month"].to_list(), months["first_applications"].to_numpy().astype(np.float64)
    years = np.array([int(name[:4]) for name in names])
    of_year = {year: np.where(years == year, counts, 0.0) for year in figures.years}
    spans = [_months_of(int(name[:4]))[int(name[5:]) - 1] for name in names]
    over = np.array([end <= _day(figures.five_years_before) for _, end in spans])
    weights: dict[str, Numbers] = {}
    for (nationality,), rows in table.group_by("nationality", maintain_order=True):
        protected = rows.select(pl.sum_horizontal("asylum", "refugee", "subsidiary", "removal_bar").sum()).item()
        rejected = rows["rejected"].sum()
        if rejected:
            left = figures.departed.share.get(str(nationality), 0.0)
            staying = rejected / (rejected + protected) * (1 - left)
            yearly = rows.select("year", "first_applications").iter_rows()
            parts = [applications * staying * of_year[year] / of_year[year].sum() for year, applications in yearly]
            weights[str(nationality)] = np.sum(parts, axis=0)
    total = np.sum(list(weights.values()), axis=0)
    share = figures.over_five_years.value
    scale = np.where(over, share / total[over].sum(), (1 - share) / total[~over].sum())
    scaled = {nationality: by_month * scale for nationality, by_month in sorted(weights.items()) if by_month.any()}
    return EntryMonths(scaled, spans, over)


def _tilted(tables: Numbers, over: Flags, old_enough: Numbers, wanted: float) -> Numbers:
    """Tables in which early months weigh so much more that `wanted` persons entered early.

    Children born since are here for less than five years, whenever their parents came; so the parents' share must be
    higher than the share of all. Halving the interval finds the factor; the share grows with it.
    """
    early, late = tables[:, over].sum(axis=1), tables[:, ~over].sum(axis=1)
    low, high = 0.0, _LARGEST_TILT
    for _ in range(_HALVINGS):
        tilt = (low + high) / 2
        reached = float((old_enough * early * tilt / (early * tilt + late)).sum())
        low, high = (tilt, high) if reached < wanted else (low, tilt)
    return np.where(over, tables * high, tables)


def births(age: Integers, on: Integers, draws: Draws) -> Integers:
    """Birthdays that make people `age` completed years old on a day."""
    days = age * _YEAR + _FIRST_DAY + draws.uniform(age.size) * _SPREAD
    born: Integers = on - np.floor(days).astype(np.int64)
    return born


def dates(name: str, days: Integers, known: Flags | None = None) -> pl.Series:
    """Days since 1970 as dates; null where not known."""
    column = pl.Series(name, days.astype(np.int32)).cast(pl.Date)
    if known is None:
        return column
    return pl.select(pl.when(pl.Series(known)).then(column).alias(name))[name]


def _decision_chances(
    nationalities: Sequence[str], words: tuple[str, ...], population: Population
) -> tuple[Numbers, list[str]]:
    """The chance of each decision by nationality, and the protection rate in percent with one decimal place."""
    figures = population.figures.asylum
    year = population.figures.year
    first = population.tables["first_instance_decisions"].filter(pl.col("year") == year).drop("year")
    by_origin = {row[0]: np.array(row[1:], dtype=np.float64) for row in first.iter_rows()}
    everyone = np.sum(list(by_origin.values()), axis=0)
    splits = _splits(population)
    chances = np.zeros((len(nationalities), len(words)))
    rates = []
    for position, nationality in enumerate(nationalities):
        counts = by_origin.get(figures.origin_stand_in.get(nationality, nationality), everyone)
        if counts.sum() < figures.fewest_decisions.value:
            counts = everyone
        recognised, other, rejected, closed = counts
        rate = (recognised + other) / (recognised + other + rejected)
        rates.append(str(round(rate * _PERCENT_TENTHS) / 10))
        unfounded = figures.manifestly_unfounded
        hopeless = unfounded.share_low if rate < unfounded.low_protection_below else unfounded.share_other
        asylum, subsidiary = splits.get(nationality, splits[""])
        shares = {
            "asylum": recognised * asylum,
            "refugee": recognised * (1 - asylum),
            "subsidiary": other * subsidiary,
            "removal_bar": other * (1 - subsidiary),
            "rejected": rejected * (1 - hopeless),
            "manifestly_unfounded": rejected * hopeless,
            "closed": closed,
        }
        chances[position] = [shares.get(word, 0.0) for word in words]
    return chances, rates


def _splits(population: Population) -> dict[str, tuple[float, float]]:
    """The share of asylum among recognitions and of subsidiary protection among the rest; all origins under ""."""
    years = population.figures.asylum.split_years
    table = population.tables["asylum_procedures"].filter(pl.col("year").is_in(years))
    kinds = ["asylum", "refugee", "subsidiary", "removal_bar"]
    sums = table.group_by("nationality", maintain_order=True).agg(pl.col(kinds).sum())
    total = sums.select(pl.lit("").alias("nationality"), pl.col(kinds).sum())
    splits: dict[str, tuple[float, float]] = {}
    for nationality, asylum, refugee, subsidiary, removal_bar in pl.concat([total, sums]).iter_rows():
        if asylum + refugee and subsidiary + removal_bar:
            splits[nationality] = (asylum / (asylum + refugee), subsidiary / (subsidiary + removal_bar))
    return splits


def _seasonality(population: Population) -> Numbers:
    table = population.tables["applications_by_month"]
    shares = []
    for year in population.figures.asylum.seasonality_years:
        counts = table.filter(pl.col("month").str.starts_with(str(year)))["first_applications"].to_numpy()
        shares.append(counts / counts.sum())
    mean: Numbers = np.mean(shares, axis=0)
    return mean


def _months_of(year: int) -> list[tuple[int, int]]:
    starts = [dt.date(year, month, 1) for month in range(1, _MONTHS + 1)] + [dt.date(year + 1, 1, 1)]
    return [(_day(start), _day(end) - 1) for start, end in pairwise(starts)]


def _days_in_months(weights: Numbers, spans: Sequence[tuple[int, int]], n: int, draws: Draws) -> Integers:
    return _days_within(spans, draws.pick(weights, n), draws)


def _days_within(spans: Sequence[tuple[int, int]], position: Integers, draws: Draws) -> Integers:
    first, last = np.array(spans, dtype=np.int64).T
    start, length = first[position], (last - first + 1)[position]
    days: Integers = start + np.floor(draws.uniform(position.size) * length).astype(np.int64)
    return days


def _days(points: Sequence[Sequence[float]], n: int, draws: Draws) -> Integers:
    return np.rint(draws.quantile(points, n)).astype(np.int64)


def _weeks(day: Integers, year: int) -> pl.Series:
    """The calendar week; weeks before the year stand for those at its end, so that no week collects the overlap."""
    since = day - _day(dt.date.fromisocalendar(year, 1, 1))
    return pl.Series("arrival_week", since // _DAYS_PER_WEEK % _WEEKS + 1)


def _status(population: Population, group: str, n: int) -> pl.Series:
    return pl.select(pl.repeat(population.figures.groups[group].status, n)).to_series().rename("status")


def _day(date: dt.date) -> int:
    return date.toordinal() - _EPOCH
