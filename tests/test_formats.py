"""How numbers, shares, money and days read in German and English."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk import formats

LANGUAGES = st.sampled_from(["de", "en"])


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4), LANGUAGES)
def test_a_number_written_with_all_its_places_reads_back_as_itself(value, language):
    assert formats.parse_number(formats.number(value, language, 4), language) == value


@given(st.fractions(), st.integers(0, 6))
def test_a_fraction_is_never_rounded_further_than_half_a_unit(value, places):
    assert abs(Fraction(formats.exact(value, places)) - value) <= Fraction(1, 2 * 10**places)


def test_thousands_and_decimals_follow_the_language():
    assert formats.number(Decimal("1234567.891"), "de", 2) == "1.234.567,89"
    assert formats.number(Decimal("1234567.891"), "en", 2) == "1,234,567.89"


def test_a_half_is_rounded_away_from_zero():
    assert [formats.number(Decimal(text), "de") for text in ("0.5", "1.5", "2.5", "-2.5")] == ["1", "2", "3", "−3"]
    assert formats.number(Fraction(5, 2), "de") == "3"


def test_a_float_counts_as_the_decimal_it_prints_as():
    assert formats.number(2.675, "de", 2) == "2,68"
    assert formats.share(0.285, "de", 0) == "29\u00a0%"


def test_a_share_of_one_is_shown_in_percent():
    assert formats.share(Decimal("0.2107592"), "de") == "21,1\u00a0%"
    assert formats.share(Fraction(1, 3), "en", 2) == "33.33%"


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (500, "de", "500\u00a0€"),
        (500, "en", "€500"),
        (47_000_000, "de", "47\u00a0Mio.\u00a0€"),
        (1_500_000, "de", "1,5\u00a0Mio.\u00a0€"),
        (1_234_567, "de", "1.234.567\u00a0€"),
        (-3_000_000, "en", "−€3\u00a0million"),
    ],
)
def test_money_reads_as_people_write_it(value, language, shown):
    assert formats.euro(value, language) == shown


def test_a_difference_always_shows_its_sign():
    assert [formats.difference(value, "de") for value in (1200, 0, -1200)] == ["+1.200", "±0", "−1.200"]


def test_days_and_lists_follow_the_language():
    assert formats.date(dt.date(2022, 12, 1), "de") == "01.12.2022"
    assert formats.date(dt.date(2022, 12, 1), "en") == "1 December 2022"
    assert [formats.duration(count, "month", "de") for count in (1, 24)] == ["1 Monat", "24 Monate"]
    assert formats.duration(2, "year", "en") == "2 years"
    assert formats.enumeration(["Algerien", "Georgien", "Tunesien"], "de") == "Algerien, Georgien und Tunesien"
