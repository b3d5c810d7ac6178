"""The same law written by hand as a polars plan, in polars' own words for dates, without evidence and unknown facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import polars as pl

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import DATES, LEVELS, ORIGINS, Cases
from .with_columns import coded

PACKAGES = ("polars",)
FIVE = ("time", "fines", "income", "language", "cooperates")
_SAFE = tuple((first, [ORIGINS[place] for place in places]) for first, places in law.SAFE)
_T = TypeVar("_T")


def prepared(cases: Cases) -> Callable[[], pl.DataFrame]:
    """The cases as a frame with dates, categories and money in cents."""
    frame = pl.DataFrame(cases.columns).with_columns(
        pl.col(DATES).cast(pl.Date), coded("nationality", ORIGINS), coded("language_level", LEVELS)
    )
    return lambda: _plan(frame.lazy()).collect()


def answers(found: pl.DataFrame) -> Answers:
    """The columns as numbers."""
    return {name: found.get_column(name).to_numpy() for name in (*RULES, *AMOUNTS)}


def _plan(table: pl.LazyFrame) -> pl.LazyFrame:
    c = pl.col
    age_applied, age_decided = _years(c.birth_date, c.application_date), _years(c.birth_date, c.decision_date)
    least = _dated(law.LEAST_STAY_YEARS, c.decision_date, lambda years: c.entry_date.dt.offset_by(f"{years}y"))
    waived = (age_decided >= law.WAIVER_AGE) & (c.decision_date >= _day(law.WAIVER_FROM))
    few_under_residence = c.only_residence_fines & (c.fine_days <= law.FINE_LIMIT_RESIDENCE)
    need = (law.NEED_BASE + law.NEED_HEAD * (c.household_size - 1)) * law.SHARE_PERCENT
    cap = pl.when(age_decided < law.ADULT_AGE).then(0).when(~c.cooperates).then(law.CAP_NOT_COOPERATING)
    criteria = table.with_columns(
        safe=_dated(((0, []), *_SAFE), c.application_date, lambda codes: c.nationality.is_in(codes)),
        alone=c.unaccompanied & (age_applied < law.ADULT_AGE),
        time=c.decision_date >= least,
        fines=(c.fine_days <= law.FINE_LIMIT) | few_under_residence,
        income=c.income_cents >= need,
        language=(c.language_level >= LEVELS[law.LEAST_LEVEL]) | waived,
        cap=cap.when("torture_survivor").then(law.CAP_SURVIVOR).otherwise(_dated(law.CAP, c.decision_date, pl.lit)),
    )
    counted = criteria.with_columns(points=pl.sum_horizontal(c(name).cast(pl.Int8) for name in FIVE))
    excepted = c.alone | c.torture_survivor | c.own_evidence
    return counted.select(
        c.safe.alias("origin.safe"),
        c.alone.alias("origin.alone"),
        pl.when(~c.safe).then(0).when(excepted).then(2).otherwise(1).alias("origin.fast_track"),
        c.time.alias("stay.time"),
        c.fines.alias("stay.fines"),
        c.income.alias("stay.income"),
        c.language.alias("stay.language"),
        c.cooperates.alias("stay.cooperation"),
        (c.points == len(FIVE)).alias("stay.right"),
        (c.points >= law.LEAST_POINTS).alias("stay.hardship"),
        pl.lit(True).alias("detention.cap"),
        (c.detention_days > c.cap).alias("detention.too_long"),
        c.points.alias("stay.hardship.amount"),
        c.cap.alias("detention.cap.amount"),
    )


def _dated(values: Sequence[tuple[int, _T]], day: pl.Expr, use: Callable[[_T], pl.Expr]) -> pl.Expr:
    """What holds on a day: the newest value whose first day is not later."""
    (_, first), *later = values
    found = use(first)
    for start, value in later:
        found = pl.when(day >= _day(start)).then(use(value)).otherwise(found)
    return found


def _day(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.Int32).cast(pl.Date)


def _years(birth: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Completed years: a birthday counts on its own day."""
    return (_written(on) - _written(birth)) // 10_000


def _written(date: pl.Expr) -> pl.Expr:
    """Year, month and day as one number, such as 20251231."""
    return date.dt.year() * 10_000 + date.dt.month().cast(pl.Int32) * 100 + date.dt.day()
