"""Balances are carried exactly: nobody is ever a whole person off, and what was written is what is read."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.distribution.apportionment import exact_shares, first_behind
from stellwerk.distribution.balances import (
    Account,
    Balances,
    BalancesDoNotSum,
    BalancesIncomplete,
    BalancesOfAnotherKey,
    BalanceUnreadable,
    BatchBeforeBalances,
    balances_from,
)
from stellwerk.distribution.quota import BalancesBesideHoldings, distribute
from stellwerk.distribution.reference import ReferenceColumnMissing, ReferenceTables, UnknownPlace

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
LAENDER = TABLES.names("laender")
DAY = dt.date(2024, 1, 5)

weights = st.lists(st.integers(0, 1000), min_size=1, max_size=10).filter(any)
batches = st.lists(st.integers(0, 25), max_size=40)


def shares_of(numbers: list[int]) -> dict[str, Fraction]:
    return exact_shares({f"p{position}": Fraction(number) for position, number in enumerate(numbers)})


@given(weights, batches)
def test_over_any_number_of_batches_no_balance_reaches_a_whole_person(numbers: list[int], sizes: list[int]) -> None:
    shares = shares_of(numbers)
    owed = dict.fromkeys(shares, Fraction(0))
    for size in sizes:
        given_to = first_behind(size, shares, owed)
        assert sum(given_to.values()) == size
        assert all(persons >= 0 for persons in given_to.values())
        owed = {code: owed[code] + shares[code] * size - given_to[code] for code in shares}
        assert all(abs(balance) < 1 for balance in owed.values())


@given(weights, st.integers(0, 500))
def test_a_single_division_keeps_the_quota_rule(numbers: list[int], total: int) -> None:
    shares = shares_of(numbers)
    given_to = first_behind(total, shares, dict.fromkeys(shares, Fraction(0)))
    assert all(abs(given_to[code] - share * total) < 1 for code, share in shares.items())


@given(weights, st.integers(1, 60))
def test_one_at_a_time_or_all_at_once_differ_by_less_than_two(numbers: list[int], total: int) -> None:
    shares = shares_of(numbers)
    at_once = first_behind(total, shares, dict.fromkeys(shares, Fraction(0)))
    received = dict.fromkeys(shares, 0)
    for step in range(total):
        owed = {code: shares[code] * step - received[code] for code in shares}
        for code, persons in first_behind(1, shares, owed).items():
            received[code] += persons
    assert all(abs(received[code] - at_once[code]) < 2 for code in shares)


@given(weights, st.lists(st.integers(-30, 30), min_size=10, max_size=10), st.integers(0, 20))
def test_whoever_is_far_ahead_waits_until_the_others_have_caught_up(
    numbers: list[int], leads: list[int], total: int
) -> None:
    shares = shares_of(numbers)
    owed = {code: Fraction(lead) for code, lead in zip(shares, leads, strict=False)}
    first = next(iter(owed))
    owed[first] -= sum(owed.values())
    given_to = first_behind(total, shares, owed)
    claims = {code: owed[code] + shares[code] * total for code in shares}
    assert sum(given_to.values()) == total
    assert all(given_to[code] == 0 for code, claim in claims.items() if claim <= 0)
    assert all(given_to[code] < claim + 1 for code, claim in claims.items() if claim > 0)


def one_by_one(shares: dict[str, Fraction], persons: int, to_whom: Callable[..., str]) -> Fraction:
    """The widest balance when persons come one at a time."""
    received, widest = dict.fromkeys(shares, 0), Fraction(0)
    for number in range(1, persons + 1):
        received[to_whom({code: share * number - received[code] for code, share in shares.items()}, shares)] += 1
        widest = max(widest, *(abs(share * number - received[code]) for code, share in shares.items()))
    return widest


def test_always_serving_the_largest_deficit_lets_a_place_fall_a_whole_person_behind() -> None:
    """Why balances go by who would be first behind, and not by who is furthest behind."""
    shares = shares_of([15, 1, 15, 15, 1])

    def furthest(claims: dict[str, Fraction], _: object) -> str:
        return min(claims, key=lambda code: (-claims[code], code))

    def first(claims: dict[str, Fraction], shares: dict[str, Fraction]) -> str:
        owed = {code: claim - shares[code] for code, claim in claims.items()}
        return next(code for code, persons in first_behind(1, shares, owed).items() if persons)

    assert one_by_one(shares, 47, furthest) == Fraction(48, 47)
    assert one_by_one(shares, 47, first) < 1


# --- the key's batches --------------------------------------------------------------------------------------------


def batch(persons: int, balances: Balances, on: dt.date = DAY) -> Balances:
    found = distribute("koenigstein", persons, on, TABLES, balances=balances)
    assert sum(found.persons.values()) == persons
    assert found.carried is not None
    return found.carried


def test_fifty_weeks_of_any_size_give_each_land_what_one_division_would() -> None:
    balances = Balances.even("koenigstein", LAENDER)
    for week in range(50):
        balances = batch(7 * week % 41, balances, DAY + dt.timedelta(weeks=week))
    persons = sum(account.received for account in balances.accounts.values())
    whole = distribute("koenigstein", persons, DAY, TABLES)
    for code, account in balances.accounts.items():
        assert account.entitled == whole.shares[code] * persons
        assert abs(account.received - whole.persons[code]) <= 1


def test_the_first_batch_of_ten_thousand_keeps_every_land_within_a_person_of_its_share() -> None:
    found = distribute("koenigstein", 10_000, DAY, TABLES, balances=Balances.even("koenigstein", LAENDER))
    assert found.carried is not None
    assert all(abs(owed) < 1 for owed in found.carried.owed.values())
    frame = found.to_frame()
    assert frame["owed_before"].sum() == 0
    assert abs(frame["owed_after"].sum()) < 1


def test_a_person_who_moves_to_family_is_counted_where_they_go() -> None:
    balances = batch(100, Balances.even("koenigstein", LAENDER))
    moved = balances.moved(3, "BY", "NW")
    assert moved.owed["BY"] == balances.owed["BY"] + 3
    assert moved.owed["NW"] == balances.owed["NW"] - 3
    assert sum(moved.owed.values()) == 0


def test_a_batch_may_share_the_day_of_the_last_one_but_not_lie_before_it() -> None:
    balances = batch(10, Balances.even("koenigstein", LAENDER))
    assert batch(1, balances).on == DAY
    with pytest.raises(BatchBeforeBalances, match="2024-01-05"):
        batch(1, balances, DAY - dt.timedelta(days=1))


def test_balances_and_stock_cannot_both_count() -> None:
    with pytest.raises(BalancesBesideHoldings):
        distribute(
            "flueag",
            1,
            dt.date(2024, 2, 1),
            TABLES,
            stock=pl.DataFrame({"code": ["05315000"], "persons": [1]}),
            balances=Balances.even("flueag", TABLES.names("municipalities")),
        )


# --- the table of balances ----------------------------------------------------------------------------------------


def as_cells(balances: Balances) -> pl.DataFrame:
    """The table as it comes back from a CSV."""
    frame = balances.to_frame(LAENDER)
    return frame.select(pl.col(name).cast(pl.String) for name in frame.columns)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 200), max_size=4))
def test_what_was_written_is_what_is_read(sizes: list[int]) -> None:
    balances = Balances.even("koenigstein", LAENDER)
    for size in sizes:
        balances = batch(size, balances)
    assert balances_from(as_cells(balances), "koenigstein", LAENDER) == balances


def test_no_cell_looks_like_a_date_or_a_formula() -> None:
    cells = as_cells(batch(7, Balances.even("koenigstein", LAENDER)))
    assert all(" + " in cell or cell.isdigit() for cell in cells["entitled"])


def altered(column: str, value: str | None) -> pl.DataFrame:
    cells = as_cells(batch(7, Balances.even("koenigstein", LAENDER)))
    changed = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    return cells.with_columns(changed)


@pytest.mark.parametrize(
    ("column", "value", "error", "said"),
    [
        ("key", "flueag", BalancesOfAnotherKey, "flueag"),
        ("code", "BX", UnknownPlace, "BX"),
        ("code", "BE", BalancesIncomplete, "Brandenburg"),
        ("received", "1,5", BalanceUnreadable, "1,5"),
        ("received", "5", BalancesDoNotSum, "7"),
        ("entitled", "01.02.2003", BalanceUnreadable, "01.02.2003"),
        ("entitled", None, BalanceUnreadable, "BB"),
        ("on", "2024-02-30", BalanceUnreadable, "2024-02-30"),
    ],
)
def test_a_table_that_was_tampered_with_is_refused(
    column: str, value: str | None, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        balances_from(altered(column, value), "koenigstein", LAENDER)


def test_a_missing_column_is_named() -> None:
    cells = as_cells(Balances.even("koenigstein", LAENDER)).rename({"entitled": "entitld"})
    with pytest.raises(ReferenceColumnMissing, match=r"entitled.*entitld"):
        balances_from(cells, "koenigstein", LAENDER)


def test_an_account_is_owed_its_entitlement_less_what_it_received() -> None:
    assert Account(Fraction(5, 2), 3).owed == Fraction(-1, 2)
