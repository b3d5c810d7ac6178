"""Date arithmetic on whole columns says what the Civil Code's functions say, day by day."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.evaluate import days
from stellwerk.law.calendar import Counting, Period, add, completed_years, last_day, next_working_day, subtract

DATES = st.dates(dt.date(1850, 1, 1), dt.date(2250, 12, 31))
ENDS_OF_MONTHS = st.sampled_from(
    [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2023, 2, 28), dt.date(2026, 8, 31)]
)
SOME_DATES = st.lists(st.one_of(DATES, ENDS_OF_MONTHS, st.none()), min_size=1, max_size=20)
PERIODS = st.one_of(
    st.builds(Period, months=st.integers(0, 600)), st.builds(Period, days=st.integers(0, 40_000)), st.just(Period())
)


def column(values: list[dt.date | None]) -> pl.DataFrame:
    return pl.DataFrame({"day": pl.Series(values, dtype=pl.Date).to_physical()})


def dates(frame: pl.DataFrame, expression: pl.Expr) -> list[dt.date | None]:
    return frame.select(expression.cast(pl.Date).alias("found")).to_series().to_list()


@given(SOME_DATES, PERIODS)
def test_a_moved_day_is_the_calendar_s(values: list[dt.date | None], period: Period) -> None:
    frame = column(values)
    assert dates(frame, days.moved(pl.col("day"), period, 1)) == [v and add(v, period) for v in values]
    assert dates(frame, days.moved(pl.col("day"), period, -1)) == [v and subtract(v, period) for v in values]


@given(SOME_DATES, st.integers(0, 600))
def test_months_that_differ_by_case_move_like_fixed_ones(values: list[dt.date | None], months: int) -> None:
    frame = column(values).with_columns(pl.lit(months, dtype=pl.Int64).alias("months"))
    period = Period(months=months)
    moved = days.moved_by_months(pl.col("day"), pl.col("months"))
    assert dates(frame, moved) == [v and add(v, period) for v in values]
    if months:
        wanted = [v and last_day(v, period, Counting.FIRST_DAY_COUNTS) for v in values]
        assert dates(frame, days.last_day_after(pl.col("day"), moved)) == wanted


@given(
    SOME_DATES, st.one_of(st.builds(Period, months=st.integers(1, 240)), st.builds(Period, days=st.integers(1, 900)))
)
def test_the_last_day_of_a_period_is_the_calendar_s(values: list[dt.date | None], period: Period) -> None:
    wanted = [v and last_day(v, period, Counting.FIRST_DAY_COUNTS) for v in values]
    assert dates(column(values), days.last_day_of(pl.col("day"), period)) == wanted


@given(SOME_DATES, st.frozensets(DATES, max_size=6))
def test_the_next_working_day_is_the_calendar_s(values: list[dt.date | None], holidays: frozenset[dt.date]) -> None:
    wanted = [v and next_working_day(v, holidays) for v in values]
    assert dates(column(values), days.next_working(pl.col("day"), holidays)) == wanted


@given(st.lists(st.tuples(DATES, DATES), min_size=1, max_size=20))
def test_completed_years_are_the_calendar_s(pairs: list[tuple[dt.date, dt.date]]) -> None:
    frame = pl.DataFrame({"birth": [birth for birth, _ in pairs], "on": [on for _, on in pairs]})
    packed = [days.packed_day(pl.col(name).to_physical()) for name in ("birth", "on")]
    found = frame.select(days.completed_years_of(*packed).alias("age")).to_series().to_list()
    assert found == [completed_years(birth, on) for birth, on in pairs]


def test_a_day_beyond_nine_centuries_is_none() -> None:
    frame = pl.DataFrame({"day": pl.Series([days.day_number(dt.date(2499, 12, 31)), -10_000_000], dtype=days.DAY)})
    assert dates(frame, days.moved(pl.col("day"), Period(months=1), 1)) == [None, None]
