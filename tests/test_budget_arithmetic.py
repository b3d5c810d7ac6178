"""Money is conserved: lines sum to totals, what one pays another receives, weeks become months without loss."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.budget.lines import Budget, Item, Part, exact_decimal, gaps_of, items_of, priced_lines, rounded
from stellwerk.budget.months import months_between, parse_month, shown_month
from stellwerk.budget.positions import load_positions
from stellwerk.budget.prices import NoIndexForYear, NoPrice, Price, load_deflator, load_prices
from stellwerk.budget.quantities import Quantity
from stellwerk.budget.scenario import Series
from stellwerk.budget.stocks import SeriesDoesNotCover, quantities_from
from stellwerk.budget.wording import in_both
from stellwerk.provenance import EVIDENCE_GRADES

PARAMS = Path(__file__).parents[1] / "params"
POSITIONS = load_positions(PARAMS)
DEFLATOR = load_deflator(PARAMS)
MONTHS = months_between(dt.date(2023, 1, 1), dt.date(2025, 12, 1))

numbers = st.decimals(min_value=0, max_value=10**8, places=6).map(Fraction)
prices = st.decimals(min_value=0, max_value=10**8, places=4).map(Fraction)
plain = {name: position for name, position in POSITIONS.positions.items() if not position.pricing.groups}


@st.composite
def items(draw: st.DrawFn) -> Item:
    price = draw(
        prices.map(lambda eur: Price(eur, "Quelle", "verified")) | st.just(NoPrice(in_both("budget_assumption")))
    )
    parts = draw(st.lists(numbers, min_size=1, max_size=3))
    return Item(
        draw(st.sampled_from(MONTHS)),
        draw(st.sampled_from(sorted(plain))),
        "",
        price,
        tuple(Part(number, "Quelle", "verified") for number in parts),
    )


def a_budget(every: list[Item], base_year: int = 2024) -> Budget:
    lines = priced_lines(every, POSITIONS, DEFLATOR, base_year)
    return Budget("probe", base_year, POSITIONS, lines, gaps_of(every), ())


@given(st.lists(items(), max_size=12))
def test_the_sum_of_the_lines_is_the_total_to_the_cent(every: list[Item]) -> None:
    budget = a_budget(every)
    frame = budget.frame("de")
    assert budget.cents == sum(line.cents for line in budget.lines)
    assert (frame.get_column("amount_eur").sum() or Decimal(0)) * 100 == budget.cents
    by_position = budget.by_position("de")
    assert (by_position.get_column("amount_eur").sum() or Decimal(0)) * 100 == budget.cents


@given(st.lists(items(), max_size=12))
def test_what_one_pays_another_receives(every: list[Item]) -> None:
    found = a_budget(every).balances
    assert sum(balance.net for balance in found) == 0
    assert sum(balance.net_real for balance in found) == 0
    assert sum(balance.paid for balance in found) == a_budget(every).cents


@given(st.lists(items(), max_size=12))
def test_no_item_is_lost_each_is_a_line_or_listed_as_not_computed(every: list[Item]) -> None:
    budget = a_budget(every)
    listed = sum((gap.quantity for gap in budget.not_computed), Fraction(0))
    counted = sum((line.quantity for line in budget.lines), Fraction(0))
    assert counted + listed == sum((item.number for item in every), Fraction(0))
    assert len({line.id for line in budget.lines}) == len(budget.lines)


@given(st.lists(items(), max_size=12))
def test_the_years_of_a_budget_sum_to_the_whole(every: list[Item]) -> None:
    budget = a_budget(every)
    years = {line.month.year for line in budget.lines}
    assert sum(budget.in_year(year).cents for year in years) == budget.cents


@given(items())
def test_a_line_is_off_its_exact_product_by_half_a_cent_at_most(item: Item) -> None:
    for line in priced_lines([item], POSITIONS, DEFLATOR, 2024):
        assert abs(line.quantity * line.price.eur * 100 - line.cents) <= Fraction(1, 2)


@given(items())
def test_in_its_own_year_an_amount_is_the_same_real_as_nominal(item: Item) -> None:
    for line in priced_lines([item], POSITIONS, DEFLATOR, item.month.year):
        assert line.cents == line.real_cents


@given(st.fractions(max_denominator=10**6))
def test_rounding_is_to_the_nearest_and_half_away_from_zero(value: Fraction) -> None:
    assert abs(rounded(value) - value) <= Fraction(1, 2)
    assert rounded(-value) == -rounded(value)
    assert rounded(value + 1) == rounded(value) + 1 or value < 0 <= value + 1


@given(numbers)
def test_a_number_with_six_places_is_shown_exactly(value: Fraction) -> None:
    assert Fraction(exact_decimal(value, 6)) == value


def test_a_thousand_euros_of_2023_are_worth_more_in_prices_of_2024() -> None:
    factor = DEFLATOR.factor(2023, 2024)
    assert factor == Fraction("119.3") / Fraction("116.7") and factor > 1


def test_a_year_without_an_index_is_refused_and_never_carried_on() -> None:
    with pytest.raises(NoIndexForYear, match="2050"):
        DEFLATOR.factor(2050, 2024)


# --- weeks become months ------------------------------------------------------------------------------------------


def weeks(values: list[Any], first: dt.date = dt.date(2022, 1, 3), column: str = "arrivals") -> dict[str, pl.DataFrame]:
    days = [first + dt.timedelta(weeks=step) for step in range(len(values))]
    return {"movements": pl.DataFrame({"week": days, column: values}, schema_overrides={column: pl.Decimal(38, 6)})}


def series(column: str, **more: Any) -> Series:
    given_ = {"frame": "movements", "column": column, "quantity": "first_applications", "source": "Annahme"}
    counts = "stock" if column == "occupied" else "flow"
    return Series.model_validate({**given_, "counts": counts, "evidence": "modelling_choice", **more})


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000), min_size=60, max_size=60))
def test_what_flows_in_all_weeks_flows_in_all_months(values: list[Decimal]) -> None:
    found = quantities_from(series("arrivals"), weeks(values), dt.date(2022, 1, 1), dt.date(2023, 3, 1), "Lauf")
    assert sum(row.number for row in found) == sum(map(Fraction, values))


@given(st.integers(0, 10**6))
def test_a_stock_that_never_changes_is_the_same_in_every_month(stock: int) -> None:
    frame = weeks([Decimal(stock)] * 60, column="occupied")
    found = quantities_from(series("occupied"), frame, dt.date(2022, 1, 1), dt.date(2022, 12, 1), "Lauf")
    assert {row.number for row in found} == {Fraction(stock)}


def test_who_counts_for_three_months_is_counted_three_times() -> None:
    frame = weeks([Decimal(7)] + [Decimal(0)] * 59)
    found = quantities_from(series("arrivals", months=3), frame, dt.date(2022, 1, 1), dt.date(2022, 6, 1), "Lauf")
    assert [row.number for row in found] == [7, 7, 7, 0, 0, 0]


def test_a_stock_of_a_month_that_the_weeks_do_not_cover_is_refused() -> None:
    with pytest.raises(SeriesDoesNotCover, match="2022-03"):
        frame = weeks([Decimal(1)] * 9, column="occupied")
        quantities_from(series("occupied"), frame, dt.date(2022, 1, 1), dt.date(2022, 3, 1), "Lauf")


# --- data ---------------------------------------------------------------------------------------------------------


def test_every_price_that_is_no_law_has_a_source_and_is_called_what_it_is() -> None:
    listed = load_prices(PARAMS).prices
    for entry in listed.values():
        assert all(value.source and value.evidence in EVIDENCE_GRADES for value in entry.values)
        assert all("Annahme" in value.source or "abgeleitet" in value.source or "laut Presse" in value.source
                   for value in entry.values)  # fmt: skip


def test_every_position_names_a_price_that_exists() -> None:
    listed = load_prices(PARAMS)
    for position in POSITIONS.positions.values():
        for name in filter(None, (position.pricing.price, position.stands_for)):
            assert name in listed.prices


def test_every_quantity_feeds_a_position_whose_items_it_becomes() -> None:
    month = dt.date(2024, 1, 1)
    for name, position in POSITIONS.positions.items():
        for group in position.pricing.groups or {"": None}:
            row = Quantity(month, position.quantity, group, Fraction(1), "Quelle", "verified")
            keys = {(kind, group, month): NoPrice(in_both("budget_assumption")) for kind in POSITIONS.positions}
            assert name in {item.position for item in items_of([row], POSITIONS, keys)}


def test_months_run_over_the_turn_of_the_year_and_are_written_as_they_are_read() -> None:
    found = months_between(dt.date(2023, 11, 1), dt.date(2024, 2, 1))
    assert [shown_month(month) for month in found] == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert [parse_month(shown_month(month)) for month in found] == list(found)
    assert parse_month("2024-00") == "2024-00"


def test_the_room_of_money_knows_no_rulebook() -> None:
    above = [f"stellwerk.{room}" for room in ("law", "evaluate", "register", "workbench", "costing")]
    folder = PARAMS.parent / "engine" / "stellwerk" / "budget"
    for path in folder.glob("*.py"):
        source = path.read_text("utf-8")
        assert not [room for room in above if room in source]
