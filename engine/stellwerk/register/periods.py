"""Since when has each person of the synthetic register had which status, and who was detained when?

In go the cases and the assumptions of `histories`, out come the rows of the status periods and the detention segments.
Periods follow each other without overlap, begin with the stay that the case states, and the running one ends on the
day of the figures; days with unclear identity are as many as the case says, as far as its tolerations last.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from stellwerk.register.draws import Draws, Integers
from stellwerk.register.figures import DetentionSegments, Figures, StatusPeriods
from stellwerk.register.procedures import dates

_EPOCH = dt.date(1970, 1, 1).toordinal()
_NO, _YES, _UNKNOWN = 0, 1, 2  # places in a list of the three truth values
_UNKNOWN_DAYS = -1
_MOST_SEGMENTS = 2


@dataclass(frozen=True)
class Chain:
    """Periods as arrays: whose (position among the cases), which, from when to when."""

    person: Integers
    first: Integers
    last: Integers
    unclear: Integers  # place in the list of truth values
    without_before: Integers  # days without toleration before; only of tolerations


def status_periods(cases: pl.DataFrame, figures: Figures, draws: Draws) -> pl.DataFrame:
    """The status periods of all cases, one row a period; `person` is the row of its case."""
    how = figures.histories.status_periods
    as_of = _day(figures.as_of)
    kind = cases["status"].cast(pl.String).replace_strict(how.kinds, return_dtype=pl.String)
    begins, turned = turning_days(cases, figures)
    applied = np.flatnonzero(turned > begins)
    tolerated = (cases["status"] == figures.groups["tolerated"].status).to_numpy()
    others = np.flatnonzero(~tolerated)
    chain = _chain(np.flatnonzero(tolerated), turned, _unclear_days(cases), as_of, how, draws)
    before = _rows(
        applied, pl.repeat(how.while_applying, applied.size, eager=True), begins[applied], turned[applied] - 1
    )
    running = _rows(others, kind.gather(others), turned[others], np.full(others.size, as_of))
    tolerations = _rows(chain.person, kind.gather(chain.person), chain.first, chain.last).with_columns(
        unclear_identity=pl.Series([False, True, None]).gather(chain.unclear),
        days_without_before=pl.Series(chain.without_before),
    )
    without_note = pl.concat([before, running]).with_columns(unclear_identity=pl.lit(False))
    return pl.concat([without_note, tolerations], how="diagonal").sort("person", "first_day")


def detention_segments(cases: pl.DataFrame, ages: Integers, figures: Figures, draws: Draws) -> pl.DataFrame:
    """Past detention, one row a segment; at most two a person, apart from each other, after the asylum procedure."""
    how = figures.histories.detention_segments
    as_of = _day(figures.as_of)
    low, high = how.ages
    may = (cases["status"] == how.status).to_numpy() & (ages >= low) & (ages <= high)
    person = np.flatnonzero(may & draws.chance(how.share, cases.height))
    _, start = turning_days(cases, figures)
    earliest = start[person]
    parts = []
    more = np.ones(person.size, dtype=np.bool_)
    for position in range(_MOST_SEGMENTS):
        kind, days = _kinds_and_days(how, person.size, draws)
        room = as_of - earliest - days  # the last day lies before the day of the figures
        fits = more & (room >= 0)
        first = earliest + np.floor(draws.uniform(person.size) * np.maximum(room + 1, 1)).astype(np.int64)
        parts.append(
            _rows(person[fits], pl.Series(list(how.kinds)).gather(kind[fits]), first[fits], (first + days - 1)[fits])
        )
        earliest = first + days + 1
        more = fits & draws.chance(how.second, person.size) if position == 0 else more
    return pl.concat(parts).sort("person", "first_day")


def _kinds_and_days(how: DetentionSegments, n: int, draws: Draws) -> tuple[Integers, Integers]:
    kind = draws.pick(list(how.kinds.values()), n)
    days = np.zeros(n, dtype=np.int64)
    for position, name in enumerate(how.kinds):
        drawn = np.rint(draws.quantile(how.days[name], n)).astype(np.int64)
        days = np.where(kind == position, drawn, days)
    return kind, days


def turning_days(cases: pl.DataFrame, figures: Figures) -> tuple[Integers, Integers]:
    """For each case the first day of its first period, and the first day of its present status.

    The asylum procedure counts from the stay that the case states, else the registration, to the day of the decision;
    while it runs it is the present status. Without a procedure the present status begins with the stay.
    """
    how = figures.histories.status_periods
    begins = _days(cases.select(pl.coalesce("residence_since", "application_registered_on", "entry_date")).to_series())
    decided = cases["bamf_decision_date"]
    present = cases["status"].cast(pl.String).replace_strict(how.kinds, return_dtype=pl.String)
    over = (decided.is_not_null() & (present != how.while_applying)).to_numpy()
    day_after = np.minimum(_days(decided.fill_null(figures.as_of)) + 1, _day(figures.as_of))
    return begins, np.where(over, np.maximum(day_after, begins), begins)


def _chain(person: Integers, since: Integers, unclear: Integers, as_of: int, how: StatusPeriods, draws: Draws) -> Chain:
    """Tolerations one after the other until the day of the figures; those with unclear identity come first."""
    first, left = since[person], unclear[person]
    without = np.zeros(person.size, dtype=np.int64)
    rounds: list[tuple[Integers, ...]] = []
    while person.size:
        length = np.maximum(np.rint(draws.quantile(how.toleration_days, person.size)).astype(np.int64), 1)
        length = np.where(left > 0, np.minimum(length, left), length)
        last = np.minimum(first + length - 1, as_of)
        flag = np.where(left == _UNKNOWN_DAYS, _UNKNOWN, np.where(left > 0, _YES, _NO))
        rounds.append((person, first, last, flag, without))
        left = np.where(left > 0, left - (last - first + 1), left)
        late = np.rint(draws.quantile(how.gap.days, person.size)).astype(np.int64)
        gap = np.where(draws.chance(how.gap.share, person.size), late, 0)
        follows = np.minimum(last + 1 + gap, as_of)
        goes_on = last < as_of
        person, left = person[goes_on], left[goes_on]
        first, without = follows[goes_on], (follows - last - 1)[goes_on]
    empty = np.zeros(0, dtype=np.int64)
    return (
        Chain(*(np.concatenate([empty, *column]) for column in zip(*rounds, strict=True)))
        if rounds
        else Chain(*[empty] * 5)
    )


def _unclear_days(cases: pl.DataFrame) -> Integers:
    days: Integers = cases["unclear_identity_days"].fill_null(_UNKNOWN_DAYS).to_numpy()
    return days


def _rows(person: Integers, kind: pl.Series, first: Integers, last: Integers) -> pl.DataFrame:
    return pl.DataFrame({"person": pl.Series(person, dtype=pl.Int64), "kind": kind}).with_columns(
        dates("first_day", first), dates("last_day", last)
    )


def _days(days: pl.Series) -> Integers:
    numbers: Integers = days.to_physical().cast(pl.Int64).to_numpy()
    return numbers


def _day(date: dt.date) -> int:
    return date.toordinal() - _EPOCH
