"""The same law as a polars plan by someone who knows what polars is slow at, without evidence and unknown facts."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import Cases
from .tuned import YEAR, by_day, i32, i64, one_of, small_frame, u8, written_day, years_later

PACKAGES = ("polars",)
_FIVE = ("time", "fines", "income", "language", "cooperates")


def prepared(cases: Cases) -> Callable[[], pl.DataFrame]:
    """The cases in small types."""
    frame = small_frame(cases)
    return lambda: _plan(frame.lazy()).collect()


def answers(found: pl.DataFrame) -> Answers:
    """The columns as numbers."""
    return {name: found.get_column(name).to_numpy() for name in (*RULES, *AMOUNTS)}


def _plan(table: pl.LazyFrame) -> pl.LazyFrame:
    c = pl.col
    written = table.with_columns(
        age_applied=written_day(c.application_date) - written_day(c.birth_date),
        age_decided=written_day(c.decision_date) - written_day(c.birth_date),
    )
    safe = by_day(((0, ()), *law.SAFE), c.application_date, lambda places: one_of(c.nationality, places))
    least = by_day(law.LEAST_STAY_YEARS, c.decision_date, lambda years: years_later(c.entry_date, years))
    waived = (c.age_decided >= i32(law.WAIVER_AGE * YEAR)) & (c.decision_date >= i32(law.WAIVER_FROM))
    few_under_residence = c.only_residence_fines & (c.fine_days <= i64(law.FINE_LIMIT_RESIDENCE))
    need = c.household_size * i64(law.NEED_HEAD) + i64(law.NEED_BASE - law.NEED_HEAD)
    minor = c.age_decided < i32(law.ADULT_AGE * YEAR)
    cap = pl.when(minor).then(i32(0)).when(~c.cooperates).then(i32(law.CAP_NOT_COOPERATING))
    criteria = written.with_columns(
        safe=safe,
        alone=c.unaccompanied & (c.age_applied < i32(law.ADULT_AGE * YEAR)),
        time=c.decision_date >= least,
        fines=(c.fine_days <= i64(law.FINE_LIMIT)) | few_under_residence,
        income=c.income_cents >= need * i64(law.SHARE_PERCENT),
        language=(c.language_level >= u8(law.LEAST_LEVEL)) | waived,
        cap=cap.when("torture_survivor").then(i32(law.CAP_SURVIVOR)).otherwise(by_day(law.CAP, c.decision_date, i32)),
    )
    first, *others = (pl.when(name).then(u8(1)).otherwise(u8(0)) for name in _FIVE)
    counted = criteria.with_columns(points=sum(others, first))
    excepted = c.alone | c.torture_survivor | c.own_evidence
    return counted.select(
        c.safe.alias("origin.safe"),
        c.alone.alias("origin.alone"),
        pl.when(~c.safe).then(u8(0)).when(excepted).then(u8(2)).otherwise(u8(1)).alias("origin.fast_track"),
        c.time.alias("stay.time"),
        c.fines.alias("stay.fines"),
        c.income.alias("stay.income"),
        c.language.alias("stay.language"),
        c.cooperates.alias("stay.cooperation"),
        (c.points == u8(len(_FIVE))).alias("stay.right"),
        (c.points >= u8(law.LEAST_POINTS)).alias("stay.hardship"),
        pl.lit(True).alias("detention.cap"),
        (c.detention_days > c.cap).alias("detention.too_long"),
        c.points.alias("stay.hardship.amount"),
        c.cap.alias("detention.cap.amount"),
    )
