"""Take or pay, prices, quota market, adjustment and threats give the examples worked by hand, and the best of all."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.distribution.reference import ReferenceColumnMissing
from stellwerk.distribution.solidarity.adjustment import WishesWithoutQuotas, adjust
from stellwerk.distribution.solidarity.costs import Cost, CostFallsWithNumber
from stellwerk.distribution.solidarity.market import MarketTooSmall, Trader, clear, modelled
from stellwerk.distribution.solidarity.own_tables import StateRowWrong, StateTwice, UnknownStateColumn, choices_table
from stellwerk.distribution.solidarity.prices import TargetOutOfReach, price_curve, price_for
from stellwerk.distribution.solidarity.take_or_pay import (
    Debtor,
    PriceNotPositive,
    StateTermsImpossible,
    best_response,
    cost_of,
    take_or_pay,
)
from stellwerk.distribution.solidarity.take_or_pay import modelled as answered
from stellwerk.distribution.solidarity.withholding import ShareOutOfRange, Threat, cut_needed, reallocated
from stellwerk.errors import StellwerkError
from stellwerk.workbench import Workbench

PRICE = Fraction(20_000)
MILLION = 1_000_000
EASY = settings(max_examples=40)


def euros(amount: int) -> Fraction:
    return Fraction(amount)


def linear(receipt: int = 0) -> list[Debtor]:
    """Three states that owe 1,100, 600 and 300; the first can take 400."""
    costs = {"A": 15_000, "B": 25_000, "C": 20_000}
    owed, room = {"A": 1_100, "B": 600, "C": 300}, {"A": 400, "B": 600, "C": 300}
    return [Debtor(code, owed[code], Cost(euros(cost - receipt)), room[code]) for code, cost in costs.items()]


def rising(first: int, slope: int, owed: int) -> Debtor:
    return Debtor("A", owed, Cost(euros(first), euros(slope)), owed)


# --- take or pay ---------------------------------------------------------------------------------------------------


def test_without_receipts_only_the_cheap_state_takes_and_the_indifferent_one_decides_the_number() -> None:
    takes = take_or_pay(linear(), PRICE, "takes")
    pays = take_or_pay(linear(), PRICE, "pays")
    assert [(item.relocated, item.paid, item.cost) for item in takes] == [
        (400, 14 * MILLION, 20 * MILLION), (0, 12 * MILLION, 12 * MILLION), (300, 0, 6 * MILLION),
    ]  # fmt: skip
    assert [item.cost for item in pays] == [item.cost for item in takes]
    assert (sum(item.relocated for item in takes), sum(item.relocated for item in pays)) == (700, 400)


def test_a_receipt_of_10000_turns_the_dear_state() -> None:
    found = take_or_pay(linear(receipt=10_000), PRICE)
    assert [item.relocated for item in found] == [400, 600, 300]
    assert [item.cost for item in found] == [16 * MILLION, 9 * MILLION, 3 * MILLION]


@pytest.mark.parametrize(
    ("first", "taken", "cost"), [(10_000, 500, Fraction(19_500_000)), (0, 1_000, Fraction(12_000_000))]
)
def test_with_rising_costs_a_state_takes_until_the_next_person_costs_the_price(
    first: int, taken: int, cost: Fraction
) -> None:
    (found,) = take_or_pay([rising(first, 20, 1_100)], PRICE)
    assert (found.relocated, found.cost) == (taken, cost)
    assert found.break_even == 20_010  # its next person costs more than the price


def test_cheap_measures_come_before_payments_and_offsets_before_both() -> None:
    state = Debtor(
        "A", 100, Cost(euros(30_000)), 100, offsets=20, measures=500_000, credit=Fraction(5, 4)
    )  # fmt: skip
    (found,) = take_or_pay([state], PRICE)
    assert (found.relocated, found.offset, found.measures, found.paid) == (0, 20, 500_000, 1_100_000)
    assert found.cost == 500_000 / Fraction(5, 4) + 1_100_000


@EASY
@given(
    owed=st.integers(0, 25),
    first=st.integers(-5_000, 30_000),
    slope=st.sampled_from([0, 7, 300, 4_000]),
    room=st.integers(0, 30),
    offsets=st.integers(0, 12),
    offset_cost=st.integers(0, 30_000),
    measures=st.integers(0, 300_000),
    credit=st.sampled_from([Fraction(1), Fraction(3, 2)]),
    price=st.integers(1, 30_000),
)
def test_no_other_choice_is_cheaper_and_the_solver_needs_no_correction(
    owed: int, first: int, slope: int, room: int, offsets: int, offset_cost: int, measures: int,
    credit: Fraction, price: int,
) -> None:  # fmt: skip
    state = Debtor("A", owed, Cost(euros(first), euros(slope)), room, offsets, euros(offset_cost), measures, credit)
    pi = euros(price)
    choices = [
        (r, f) for r in range(state.takes_at_most + 1) for f in range(state.offsets_at_most + 1) if r + f <= owed
    ]
    cheapest = min(cost_of(state, pi, choice) for choice in choices)
    (found,) = take_or_pay([state], pi)
    assert found.cost == cheapest == best_response(state, pi).cost
    assert cost_of(state, pi, answered([state], pi)["A"]) == cheapest
    covered = pi * (found.relocated + found.offset) + found.measures + found.paid
    assert covered == pi * owed


def test_thousands_of_persons_with_rising_costs_are_settled_to_the_person() -> None:
    states = [Debtor(f"S{n}", 4_000 + n, Cost(euros(9_000 + 300 * n), Fraction(3 + n)), 4_000) for n in range(20)]
    choices = answered(states, PRICE)
    for state in states:
        taken, offset = choices[state.code]
        assert state.cost.of_person(taken) <= PRICE <= state.cost.of_person(taken + 1) or taken == state.takes_at_most
        assert offset == 0


def test_costs_that_fall_and_terms_below_zero_are_refused() -> None:
    with pytest.raises(CostFallsWithNumber, match="-1"):
        Cost(euros(1), euros(-1))
    with pytest.raises(StateTermsImpossible, match="A"):
        Debtor("A", -1, Cost(euros(1)), 1)
    with pytest.raises(StateTermsImpossible, match="A"):
        Debtor("A", 1, Cost(euros(1)), 1, credit=Fraction(1, 2))
    with pytest.raises(PriceNotPositive):
        take_or_pay(linear(), euros(0))


# --- prices --------------------------------------------------------------------------------------------------------


def traders() -> list[Trader]:
    """Three states with quotas 600, 600 and 300 whose costs rise at different speeds."""
    costs = {"A": (10_000, 20), "B": (14_000, 40), "C": (8_000, 80)}
    quotas = {"A": 600, "B": 600, "C": 300}
    return [Trader(code, quotas[code], 1_500, Cost(euros(a), euros(b))) for code, (a, b) in costs.items()]


def debtors() -> list[Debtor]:
    return [Debtor(trader.code, 1_500, trader.cost, 1_500) for trader in traders()]


def test_the_least_whole_price_for_1500_persons_lies_at_what_the_last_one_costs() -> None:
    found = price_for(1_500, debtors())
    assert (found.price, found.relocated) == (27_990, 1_500)
    assert price_for(1_500, debtors(), "pays").price == 27_991
    assert price_curve(debtors(), [euros(27_989)])[0].relocated < 1_500


def test_a_price_of_28000_delivers_1500_persons_and_the_curve_never_falls() -> None:
    curve = price_curve(debtors(), [euros(price) for price in range(8_000, 40_001, 1_000)])
    taken = {point.price: point.relocated for point in curve}
    assert taken[euros(28_000)] == 1_500
    assert list(taken.values()) == sorted(taken.values())


def test_a_target_beyond_all_obligations_is_refused_with_what_is_possible() -> None:
    with pytest.raises(TargetOutOfReach, match="4500"):
        price_for(4_501, debtors())


# --- market --------------------------------------------------------------------------------------------------------


def test_the_market_moves_persons_to_where_they_cost_least() -> None:
    market = clear(traders())
    assert market.price == 28_000
    assert (market.price_from, market.price_to) == (27_990, 28_010)
    assert {trade.code: trade.persons for trade in market.trades} == {"A": 900, "B": 350, "C": 250}
    assert {trade.code: trade.receives for trade in market.trades} == {"A": 8_400_000, "B": -7_000_000, "C": -1_400_000}
    assert sum(trade.cost_at_quota for trade in market.trades) == 31_200_000
    assert sum(trade.cost_at_market for trade in market.trades) == 28_950_000
    assert [trade.gain for trade in market.trades] == [900_000, 1_250_000, 100_000]


@EASY
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 10), st.integers(-20, 40), st.sampled_from([0, 1, 5])),
        min_size=1, max_size=3,
    )
)  # fmt: skip
def test_no_split_is_cheaper_and_money_only_changes_hands(drawn: list[tuple[int, int, int, int]]) -> None:
    states = [Trader(f"S{n}", q, k, Cost(euros(a), euros(b))) for n, (q, k, a, b) in enumerate(drawn)]
    demand = sum(state.quota for state in states)
    if demand > sum(state.capacity for state in states):
        with pytest.raises(MarketTooSmall):
            clear(states)
        return
    splits = [s for s in product(*(range(state.capacity + 1) for state in states)) if sum(s) == demand]
    cheapest = min(sum(state.cost.total(n) for state, n in zip(states, split, strict=True)) for split in splits)
    market = clear(states)
    assert sum(trade.cost_at_market for trade in market.trades) == cheapest
    assert sum(trade.persons for trade in market.trades) == demand
    assert sum(trade.receives for trade in market.trades) == 0
    raw = modelled(states)
    assert sum(state.cost.total(raw[state.code]) for state in states) == cheapest
    if market.price_from is not None and market.price_to is not None:
        assert market.price_from <= market.price_to


@EASY
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=5))
def test_at_the_clearing_price_divisible_supply_meets_demand(drawn: list[tuple[int, int, int]]) -> None:
    demand = sum(quota for quota, _, _ in drawn)
    states = [Trader(f"S{n}", q, demand, Cost(euros(a), euros(b))) for n, (q, a, b) in enumerate(drawn)]
    price = clear(states).price
    assert sum(state.cost.taken_at(price, state.capacity) for state in states) == demand


def test_a_market_without_quotas_moves_nobody() -> None:
    market = clear([Trader("A", 0, 5, Cost(euros(3))), Trader("B", 0, 5, Cost(euros(1)))])
    assert [trade.persons for trade in market.trades] == [0, 0]
    assert (market.price, clear([]).trades, take_or_pay([], PRICE)) == (0, (), [])


# --- quota adjustment without money --------------------------------------------------------------------------------

QUOTAS = {"A": 500, "B": 300, "C": 200}


def test_quotas_give_way_by_equal_steps_or_in_proportion() -> None:
    wishes = {"A": 200, "B": 350, "C": 0}
    equal, proportional = adjust(QUOTAS, wishes), adjust(QUOTAS, wishes, "proportional")
    assert (equal.step, equal.persons) == (25, {"A": 475, "B": 350, "C": 175})
    assert [round(float(value), 2) for value in proportional.exact.values()] == [464.29, 350, 185.71]
    assert proportional.persons == {"A": 464, "B": 350, "C": 186}


def test_states_that_would_take_more_are_given_more_when_wishes_exceed_quotas() -> None:
    assert adjust(QUOTAS, {"A": 600, "B": 100, "C": 500}).persons == {"A": 600, "B": 100, "C": 300}


def test_a_quota_of_zero_grows_only_when_all_others_have_what_they_wish() -> None:
    found = adjust({"A": 0, "B": 4, "C": 6}, {"A": 9, "B": 5, "C": 0}, "proportional")
    assert found.persons == {"A": 5, "B": 5, "C": 0}


def test_all_wishes_at_their_quota_change_nothing() -> None:
    assert adjust(QUOTAS, QUOTAS).persons == QUOTAS


@EASY
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
@pytest.mark.parametrize("step", ["equal", "proportional"])
def test_nobody_ends_further_from_his_wish_than_with_his_quota(step: str, drawn: list[tuple[int, int]]) -> None:
    quotas = {f"S{n}": quota for n, (quota, _) in enumerate(drawn)}
    wishes = {f"S{n}": wish for n, (_, wish) in enumerate(drawn)}
    found = adjust(quotas, wishes, step)  # type: ignore[arg-type]  # the two steps there are
    assert sum(found.persons.values()) == sum(quotas.values()) == sum(found.exact.values())
    for code, quota in quotas.items():
        assert abs(found.persons[code] - wishes[code]) <= abs(quota - wishes[code])
        assert abs(found.exact[code] - wishes[code]) <= abs(quota - wishes[code])


def test_no_state_gains_by_naming_another_wish() -> None:
    quotas = {"A": 5, "B": 3, "C": 2}
    for peaks in product(range(0, 10, 2), repeat=3):
        honest = dict(zip(quotas, peaks, strict=True))
        told = adjust(quotas, honest).exact
        for code, peak in honest.items():
            for lie in range(11):
                lied = adjust(quotas, {**honest, code: lie}).exact
                assert abs(lied[code] - peak) >= abs(told[code] - peak)


def test_wishes_of_other_states_than_those_with_quotas_are_refused() -> None:
    with pytest.raises(WishesWithoutQuotas, match="D"):
        adjust(QUOTAS, {"A": 1, "B": 1, "D": 1})


# --- withheld funds ------------------------------------------------------------------------------------------------


def threat(withheld: str = "0", expected: str = "1", fine: int = 0) -> Threat:
    return Threat(
        bill=350 * PRICE,
        funds=euros(20_000 * MILLION),
        withheld=Fraction(withheld),
        probability=Fraction(expected),
        discount=Fraction(1),
        gain=euros(193 * MILLION),
        fine=euros(fine * MILLION),
    )


def test_one_percent_of_twenty_billion_is_the_least_credible_threat() -> None:
    assert threat().least_expected_share == Fraction(1, 100)
    assert threat("0.01").complies
    assert not threat("0.009").complies


def test_a_fine_that_is_half_sure_leaves_one_percent_of_the_funds_to_threaten() -> None:
    assert threat(expected="0.5", fine=200).least_withheld_share == Fraction(1, 100)


def test_without_funds_at_risk_no_share_is_enough_and_a_sure_fine_needs_none() -> None:
    poor = Threat(PRICE, euros(0), Fraction(0), Fraction(1), Fraction(1))
    assert poor.least_expected_share is None and poor.least_withheld_share is None
    fined = Threat(PRICE, euros(0), Fraction(0), Fraction(1), Fraction(1), fine=PRICE)
    assert fined.complies and fined.least_withheld_share == 0


def test_withheld_money_reaches_the_burdened_by_their_load_to_the_cent() -> None:
    loads = {"DE": euros(60), "FR": euros(40)}
    assert reallocated(euros(500 * MILLION), loads) == {"DE": 300 * MILLION, "FR": 200 * MILLION}
    assert cut_needed(euros(1_500 * MILLION), "DE", loads) == 2_500 * MILLION
    thirds = reallocated(Fraction(1), {"A": euros(1), "B": euros(1), "C": euros(1)})
    assert sum(thirds.values()) == 1


def test_a_probability_above_one_is_refused() -> None:
    with pytest.raises(ShareOutOfRange, match="probability"):
        threat(expected="1.5")


# --- tables of one's own -------------------------------------------------------------------------------------------

OWN = pl.DataFrame({"state": ["A", "B", "C"], "obligation": [1100, 600, 300], "first_eur": [15000.0, 25000.0, 20000.0],
                    "capacity": [400, None, None]})  # fmt: skip


def test_a_table_of_ones_own_gives_the_same_choices(checkout: Path) -> None:
    europe = Workbench.open(checkout).europe
    found = europe.take_or_pay(OWN.to_pandas(), 20_000)
    assert list(found["relocated"]) == [400, 0, 300]
    with_receipt = europe.take_or_pay(OWN, 20_000, 10_000)
    assert list(with_receipt["relocated"]) == [400, 600, 300]
    costs = {"state": ["A", "B", "C"], "first_eur": [10000, 14000, 8000], "slope_eur": ["20", "40", "80"]}
    market, price = europe.market(pl.DataFrame({**costs, "quota": [600, 600, 300]}))
    assert (list(market["persons"]), price) == ([900, 350, 250], 28_000)
    assert europe.least_price(pl.DataFrame({**costs, "obligation": [1500] * 3}), 1_500) == 27_990
    adjusted = europe.adjust(pl.DataFrame({"state": list("ABC"), "quota": [500, 300, 200], "wish": [200, 350, 0]}))
    assert list(adjusted["equal"]) == [475, 350, 175]


@pytest.mark.parametrize(
    ("states", "error", "said"),
    [
        (OWN.drop("obligation"), ReferenceColumnMissing, "obligation"),
        (OWN.rename({"capacity": "capacty"}), UnknownStateColumn, "capacity"),
        (OWN.with_columns(state=pl.lit("A")), StateTwice, "A"),
        (OWN.with_columns(obligation=pl.lit(0.5)), StateRowWrong, "obligation"),
        (OWN.with_columns(first_eur=pl.lit("viel")), StateRowWrong, "viel"),
        (OWN.with_columns(first_eur=pl.lit(float("nan"))), StateRowWrong, "nan"),
        (OWN.with_columns(obligation=pl.lit(-1)), StateTermsImpossible, "A"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(states: pl.DataFrame, error: type[StellwerkError], said: str) -> None:
    with pytest.raises(error, match=said):
        choices_table(states, PRICE)
