"""Periods, ages and shifted deadlines end on the days that the Civil Code and the statutes' worked examples give."""

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.law.calendar import (
    Counting,
    Period,
    add,
    completed_years,
    days_in_parts,
    extended_last_day,
    last_day,
    last_day_before_completing,
    next_working_day,
    parse_period,
    subtract,
)

HOLIDAY_TABLE = Path(__file__).parents[1] / "params" / "holidays_nw.csv"
FIRST, EXCLUDED = Counting.FIRST_DAY_COUNTS, Counting.EVENT_DAY_EXCLUDED
MONTH_LENGTHS_ALIKE = 28  # every month has this day, so that nothing is clamped
SATURDAY = 5

days_of_calendar = st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31))
some_months = st.integers(0, 600)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def period(text: str) -> Period:
    found = parse_period(text)
    assert found is not None
    return found


def holidays() -> dict[dt.date, str]:
    with HOLIDAY_TABLE.open(encoding="utf-8", newline="") as table:
        return {day(row["day"]): row["name"] for row in csv.DictReader(table)}


@pytest.mark.parametrize(
    ("length", "start", "first_day_counted", "event_day_excluded"),
    [
        ("6 months", "2026-01-15", "2026-07-14", "2026-07-15"),
        ("6 months", "2026-03-01", "2026-08-31", "2026-09-01"),
        ("6 months", "2025-09-01", "2026-02-28", "2026-03-01"),
        ("6 months", "2025-08-29", "2026-02-28", "2026-02-28"),
        ("6 months", "2025-08-31", "2026-02-28", "2026-02-28"),
        ("6 months", "2023-08-31", "2024-02-29", "2024-02-29"),
        ("6 months", "2025-12-31", "2026-06-30", "2026-06-30"),
        ("6 months", "2024-02-29", "2024-08-28", "2024-08-29"),
        ("1 month", "2026-01-31", "2026-02-28", "2026-02-28"),
        ("12 months", "2024-02-29", "2025-02-28", "2025-02-28"),
        ("18 months", "2026-01-15", "2027-07-14", "2027-07-15"),
        ("18 months", "2025-08-31", "2027-02-28", "2027-02-28"),
        ("28 days", "2024-02-27", "2024-03-25", "2024-03-26"),
        ("28 days", "2026-07-01", "2026-07-28", "2026-07-29"),
        ("14 days", "2026-09-07", "2026-09-20", "2026-09-21"),
        ("6 weeks", "2026-08-03", "2026-09-13", "2026-09-14"),
        ("540 days", "2026-01-15", "2027-07-08", "2027-07-09"),
        ("10 days", "2024-02-26", "2024-03-06", "2024-03-07"),
    ],
)
def test_a_period_ends_as_the_month_table_says(
    length: str, start: str, first_day_counted: str, event_day_excluded: str
) -> None:
    assert last_day(day(start), period(length), FIRST) == day(first_day_counted)
    assert last_day(day(start), period(length), EXCLUDED) == day(event_day_excluded)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        pytest.param("2022-12-30", "3 months", "2023-03-30", id="forecast of custody, last day of the old rule"),
        pytest.param("2024-02-26", "3 months", "2024-05-26", id="forecast of custody, last day with three months"),
        pytest.param("2023-06-01", "3 months", "2023-09-01", id="forecast of custody, juvenile law"),
        pytest.param("2026-05-04", "1 week", "2026-05-11", id="accelerated procedure, one week"),
        pytest.param("2026-06-12", "3 months", "2026-09-12", id="accelerated examination, three months"),
        pytest.param("2026-11-30", "3 months", "2027-02-28", id="accelerated examination, end of month"),
        pytest.param("2026-05-20", "4 weeks", "2026-06-17", id="asylum application in detention"),
        pytest.param("2026-03-02", "1 week", "2026-03-09", id="interim application and action"),
        pytest.param("2026-12-18", "2 weeks", "2027-01-01", id="action, before the shift off the holiday"),
        pytest.param("2026-07-24", "1 week", "2026-07-31", id="departure after the court's rejection"),
        pytest.param("2026-01-30", "7 days", "2026-02-06", id="departure period of seven days"),
        pytest.param("2026-05-04", "7 days", "2026-05-11", id="departure period that starts anew"),
        pytest.param("2025-01-31", "18 months", "2026-07-31", id="reception centre, federal cap"),
        pytest.param("2025-12-01", "24 months", "2027-12-01", id="reception centre, cap of the Land"),
        pytest.param("2026-07-01", "24 months", "2028-07-01", id="secondary-migration centre, adult"),
        pytest.param("2026-07-01", "6 months", "2027-01-01", id="secondary-migration centre, family"),
        pytest.param("2026-07-01", "12 months", "2027-07-01", id="secondary-migration centre, family in total"),
        pytest.param("2026-03-04", "2 days", "2026-03-06", id="airport: decision"),
        pytest.param("2026-03-06", "3 days", "2026-03-09", id="airport: interim application"),
        pytest.param("2026-03-09", "14 days", "2026-03-23", id="airport: court"),
        pytest.param("2026-03-04", "19 days", "2026-03-23", id="airport: nineteen days in total"),
        pytest.param("2026-07-01", "8 weeks", "2026-08-26", id="border procedure, eight weeks"),
        pytest.param("2026-07-01", "12 weeks", "2026-09-23", id="border procedure, twelve weeks"),
        pytest.param("2026-07-01", "6 weeks", "2026-08-12", id="border procedure, unaccompanied minor"),
        pytest.param("2026-07-01", "16 weeks", "2026-10-21", id="border procedure, relocation"),
        pytest.param("2026-09-24", "12 weeks", "2026-12-17", id="return border procedure"),
        pytest.param("2026-12-17", "6 weeks", "2027-01-28", id="return border procedure in a crisis"),
        pytest.param("2025-05-05", "1 month", "2025-06-05", id="transfer, older clock: request"),
        pytest.param("2025-06-05", "2 weeks", "2025-06-19", id="transfer, older clock: reply"),
        pytest.param("2025-06-19", "6 weeks", "2025-07-31", id="transfer, older clock: transfer"),
        pytest.param("2026-09-01", "1 week", "2026-09-08", id="transfer, newer clock: request"),
        pytest.param("2026-09-08", "1 week", "2026-09-15", id="transfer, newer clock: reply"),
        pytest.param("2026-09-15", "5 weeks", "2026-10-20", id="transfer, newer clock: transfer"),
        pytest.param("2026-06-20", "3 months", "2026-09-20", id="work permit after registration"),
        pytest.param("2017-10-31", "5 years", "2022-10-31", id="chance residence, five years on the cut-off day"),
        pytest.param("2023-03-01", "18 months", "2024-09-01", id="chance residence, term"),
        pytest.param("2025-12-30", "18 months", "2027-06-30", id="chance residence, last possible term"),
        pytest.param("2017-02-28", "6 years", "2023-02-28", id="sustained integration, six years"),
        pytest.param("2020-02-29", "4 years", "2024-02-29", id="sustained integration, leap day to leap day"),
        pytest.param("2020-02-29", "6 years", "2026-02-28", id="leap day to common year"),
        pytest.param("2023-08-31", "6 months", "2024-02-29", id="identity deadline in a leap year"),
        pytest.param("2024-08-31", "30 months", "2027-02-28", id="toleration for work, term"),
        pytest.param("2024-05-31", "24 months", "2026-05-31", id="waiting time after benefits"),
        pytest.param("2023-02-28", "3 years", "2026-02-28", id="recent degree"),
    ],
)
def test_an_event_day_is_not_counted_in_procedural_periods(start: str, length: str, end: str) -> None:
    assert add(day(start), period(length)) == day(end)


@pytest.mark.parametrize(
    ("end", "length", "start"),
    [
        ("2022-10-31", "5 years", "2017-10-31"),
        ("2026-09-01", "7 months", "2026-02-01"),
        ("2024-11-15", "12 months", "2023-11-15"),
        ("2024-03-31", "1 month", "2024-02-29"),
    ],
)
def test_a_period_counts_back_to_the_same_number_or_the_end_of_the_month(end: str, length: str, start: str) -> None:
    assert subtract(day(end), period(length)) == day(start)


def test_an_extension_begins_when_the_first_stage_has_run_out() -> None:
    first_stage = last_day(day("2026-01-15"), period("6 months"), FIRST)
    assert first_stage == day("2026-07-14")
    assert extended_last_day(first_stage, period("12 months")) == day("2027-07-14")


def test_interrupted_segments_are_counted_in_days() -> None:
    cap = days_in_parts(period("18 months"))
    assert (cap, days_in_parts(period("6 months")), days_in_parts(period("1 year"))) == (540, 180, 365)
    assert cap - (42 + 14 + 28) == 456
    border_detention = (day("2026-12-17") - day("2026-10-01")).days + 1
    assert (border_detention, cap - border_detention) == (78, 462)


@pytest.mark.parametrize(
    ("birth", "years", "last"),
    [("1999-11-22", 27, "2026-11-21"), ("2000-02-29", 27, "2027-02-28"), ("1981-03-01", 45, "2026-02-28"),
     ("1981-03-02", 45, "2026-03-01"), ("2000-02-29", 28, "2028-02-28")],
)  # fmt: skip
def test_a_year_of_life_is_completed_at_the_end_of_the_day_before_the_birthday(
    birth: str, years: int, last: str
) -> None:
    assert last_day_before_completing(day(birth), years) == day(last)
    assert completed_years(day(birth), day(last)) == years - 1
    assert completed_years(day(birth), day(last) + dt.timedelta(days=1)) == years


def test_a_deadline_on_new_years_day_and_a_weekend_moves_to_monday() -> None:
    end = add(day("2026-12-18"), period("2 weeks"))
    assert next_working_day(end, holidays()) == day("2027-01-04")


@pytest.mark.parametrize(
    ("end", "shifted"),
    [("2026-04-03", "2026-04-07"), ("2026-05-14", "2026-05-15"), ("2026-06-04", "2026-06-05"),
     ("2017-10-31", "2017-11-02"), ("2018-10-31", "2018-10-31"), ("2026-03-09", "2026-03-09")],
)  # fmt: skip
def test_easter_corpus_christi_and_the_reformation_day_of_2017_shift_a_deadline(end: str, shifted: str) -> None:
    assert next_working_day(day(end), holidays()) == day(shifted)


def test_the_holiday_table_has_eleven_days_a_year_and_one_more_in_2017() -> None:
    table = holidays()
    a_year = Counter(found.year for found in table)
    assert a_year == {year: 12 if year == 2017 else 11 for year in range(2015, 2031)}
    assert list(table) == sorted(table)


@pytest.mark.parametrize(
    "easter_sunday",
    ["2015-04-05", "2016-03-27", "2017-04-16", "2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17",
     "2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21"],
)  # fmt: skip
def test_movable_holidays_follow_easter(easter_sunday: str) -> None:
    table, easter = holidays(), day(easter_sunday)
    offsets = {"Karfreitag": -2, "Ostermontag": 1, "Christi Himmelfahrt": 39, "Pfingstmontag": 50, "Fronleichnam": 60}
    for name, offset in offsets.items():
        assert table[easter + dt.timedelta(days=offset)] == name


@given(start=days_of_calendar, months=some_months)
def test_months_lead_to_that_month_and_never_beyond_its_end(start: dt.date, months: int) -> None:
    end = add(start, Period(months=months))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + dt.timedelta(days=1)).day == 1)


@given(start=days_of_calendar, later=st.integers(0, 400), months=some_months)
def test_who_starts_later_never_ends_earlier(start: dt.date, later: int, months: int) -> None:
    assert add(start, Period(months=months)) <= add(start + dt.timedelta(days=later), Period(months=months))


@given(start=days_of_calendar, months=some_months)
def test_counting_back_undoes_counting_forward_except_at_the_end_of_a_month(start: dt.date, months: int) -> None:
    back = subtract(add(start, Period(months=months)), Period(months=months))
    assert back == start if start.day <= MONTH_LENGTHS_ALIKE else dt.timedelta(0) <= start - back <= dt.timedelta(3)


@given(start=days_of_calendar, days=st.integers(0, 5000))
def test_days_are_counted_exactly(start: dt.date, days: int) -> None:
    length = Period(days=days)
    assert (add(start, length) - start).days == days
    assert subtract(add(start, length), length) == start
    assert (last_day(start, length, FIRST) - start).days + 1 == days


@given(start=days_of_calendar, months=st.integers(1, 600))
def test_counting_the_first_day_ends_one_day_earlier_unless_the_month_is_too_short(start: dt.date, months: int) -> None:
    counted = last_day(start, Period(months=months), FIRST)
    excluded = last_day(start, Period(months=months), EXCLUDED)
    clamped = excluded.day != start.day
    assert excluded - counted == dt.timedelta(days=0 if clamped else 1)


@given(start=days_of_calendar, first=st.integers(1, 24), second=st.integers(1, 24))
def test_two_stages_in_a_row_last_as_long_as_one(start: dt.date, first: int, second: int) -> None:
    start = start.replace(day=min(start.day, MONTH_LENGTHS_ALIKE))
    end = extended_last_day(last_day(start, Period(months=first), FIRST), Period(months=second))
    assert end == last_day(start, Period(months=first + second), FIRST)


@given(birth=days_of_calendar, on=days_of_calendar)
def test_age_is_the_number_of_birthdays_reached(birth: dt.date, on: dt.date) -> None:
    had_birthday = (on.month, on.day) >= (birth.month, birth.day)
    assert completed_years(birth, on) == on.year - birth.year - (0 if had_birthday else 1)


@given(birth=days_of_calendar, years=st.integers(0, 100))
def test_the_age_rises_on_the_day_after_the_last_one_before_completing(birth: dt.date, years: int) -> None:
    last = last_day_before_completing(birth, years)
    assert (completed_years(birth, last), completed_years(birth, last + dt.timedelta(days=1))) == (years - 1, years)


@given(end=days_of_calendar, free=st.sets(st.integers(0, 14)))
def test_a_shifted_deadline_is_the_next_day_that_is_not_free(end: dt.date, free: set[int]) -> None:
    closed = {end + dt.timedelta(days=offset) for offset in free}
    shifted = next_working_day(end, closed)
    assert shifted >= end and shifted.weekday() < SATURDAY and shifted not in closed
    skipped = [end + dt.timedelta(days=offset) for offset in range((shifted - end).days)]
    assert all(found.weekday() >= SATURDAY or found in closed for found in skipped)
    assert next_working_day(shifted, closed) == shifted


@given(number=st.integers(1, 999), unit=st.sampled_from(["day", "week", "month", "year"]))
def test_a_period_reads_back_what_it_shows(number: int, unit: str) -> None:
    read = period(f"{number} {unit}s")
    assert parse_period(str(read)) == read


@pytest.mark.parametrize("text", ["", "6", "months", "6 monate", "-3 days", "1.5 years", "6 months 3 days"])
def test_what_is_no_period_is_not_read_as_one(text: str) -> None:
    assert parse_period(text) is None
