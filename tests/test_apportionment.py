"""Whole persons from exact shares: the sum is exact, nobody is off by one or more, and order never matters."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution import apportionment
from stellwerk.distribution.apportionment import (
    NegativeTotal,
    NegativeWeight,
    NothingToDivideAmong,
    exact_shares,
    fill_from_the_lowest,
    largest_remainder,
)

weights_of_places = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.fractions(min_value=0, max_value=1000, max_denominator=1000),
    min_size=1,
    max_size=12,
).filter(lambda weights: any(weights.values()))
totals = st.integers(0, 5000)


@given(totals, weights_of_places)
def test_the_parts_sum_to_the_total(total: int, weights: dict[str, Fraction]) -> None:
    assert sum(largest_remainder(total, weights).values()) == total


@given(totals, weights_of_places)
def test_no_part_is_off_by_one_or_more(total: int, weights: dict[str, Fraction]) -> None:
    parts, shares = largest_remainder(total, weights), exact_shares(weights)
    assert all(abs(parts[code] - shares[code] * total) < 1 for code in weights)


@given(totals, weights_of_places, st.randoms())
def test_the_order_of_the_places_never_matters(total: int, weights: dict[str, Fraction], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis hands out its own kind of Random
    shuffled = list(weights.items())
    random.shuffle(shuffled)
    assert largest_remainder(total, dict(shuffled)) == largest_remainder(total, weights)


@given(totals, weights_of_places)
def test_a_place_without_weight_receives_nobody(total: int, weights: dict[str, Fraction]) -> None:
    parts = largest_remainder(total, {**weights, "none": Fraction(0)})
    assert parts["none"] == 0


def test_equal_remainders_go_to_the_smaller_code() -> None:
    one = Fraction(1)
    assert largest_remainder(2, {"c": one, "a": one, "b": one}) == {"a": 1, "b": 1, "c": 0}


def test_no_persons_give_zeros() -> None:
    assert largest_remainder(0, {"a": Fraction(1), "b": Fraction(2)}) == {"a": 0, "b": 0}
    assert largest_remainder(0, {}) == {}
    assert largest_remainder(0, {"a": Fraction(0)}) == {"a": 0}


@pytest.mark.parametrize("weights", [{}, {"a": Fraction(0)}])
def test_persons_without_a_place_are_an_error(weights: dict[str, Fraction]) -> None:
    with pytest.raises(NothingToDivideAmong):
        largest_remainder(1, weights)
    with pytest.raises(NothingToDivideAmong):
        fill_from_the_lowest(1, weights, dict.fromkeys(weights, Fraction(0)))


def test_a_negative_number_of_persons_is_refused() -> None:
    with pytest.raises(NegativeTotal, match="-1"):
        largest_remainder(-1, {"a": Fraction(1)})


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(NegativeWeight, match="b"):
        largest_remainder(1, {"a": Fraction(1), "b": Fraction(-1, 10)})


@given(totals, weights_of_places, st.data())
def test_filling_from_the_lowest_gives_exactly_the_total(
    total: int, weights: dict[str, Fraction], data: st.DataObject
) -> None:
    shares = exact_shares(weights)
    held = {code: Fraction(data.draw(st.integers(0, 500))) for code in shares}
    given_to = fill_from_the_lowest(total, shares, held)
    assert sum(given_to.values()) == total
    levels = {code: (held[code] + given_to[code]) / shares[code] for code in shares if shares[code]}
    reached = [level for code, level in levels.items() if given_to[code]]
    assert len(set(reached)) <= 1
    assert all(level >= max(reached, default=Fraction(0)) for level in levels.values())


@given(totals, weights_of_places)
def test_filling_empty_places_follows_the_shares(total: int, weights: dict[str, Fraction]) -> None:
    shares = exact_shares(weights)
    filled = fill_from_the_lowest(total, shares, dict.fromkeys(shares, Fraction(0)))
    assert filled == {code: share * total for code, share in shares.items()}


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(apportionment).failed == 0
