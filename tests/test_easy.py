"""The first distribution follows its order of criteria, says which one decided, and keeps the Länder in balance."""

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stellwerk.distribution.balances import Account, Balances
from stellwerk.distribution.easy import (
    EasyOrder,
    EasyRun,
    Facility,
    FacilityIncomplete,
    FacilityRepeated,
    NoFacilities,
    UnknownFacilityCode,
    UnknownOrigin,
    easy_run,
    metres,
)
from stellwerk.distribution.groups import GroupWithoutPersons
from stellwerk.distribution.reference import ReferenceTables, UnknownPlace

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
ORDER = EasyOrder.load(TABLES)
LAENDER = TABLES.names("laender")
DAY = dt.date(2024, 2, 1)

# code, Land, free places, origins, latitude, longitude
FACILITIES = [
    ("Bielefeld", "NW", 50, "SY;IQ", "52.02", "8.53"),
    ("Bochum", "NW", 50, "SY;AF", "51.48", "7.22"),
    ("Bramsche", "NI", 50, "", "52.41", "7.98"),
    ("Berlin", "BE", 50, "SY", "52.52", "13.40"),
    ("Zirndorf", "BY", 50, "AF", "49.44", "10.95"),
]


def table(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["code", "land", "places", "origins", "latitude", "longitude"], orient="row")


def owing(**owed: int) -> Balances:
    """Balances in which some Länder are owed a number, and Hessen has received as many too many."""
    accounts = {code: Account(Fraction(100), 100 - owed.get(code, 0)) for code in LAENDER}
    accounts["HE"] = Account(Fraction(100), 100 + sum(owed.values()))
    return Balances("koenigstein", DAY, accounts)


def run(
    *groups: tuple[Any, ...], facilities: list[tuple[Any, ...]] = FACILITIES, balances: Balances | None = None
) -> EasyRun:
    frame = pl.DataFrame(list(groups), schema=["group", "persons", "origin", "reported_at"], orient="row")
    return easy_run(frame, table(facilities), DAY, TABLES, ORDER, balances)


def decided(found: EasyRun) -> list[tuple[str, str]]:
    return [(choice.facility.code, choice.decided_by.criterion) for choice in found.choices]


def full(*codes: str) -> list[tuple[Any, ...]]:
    return [(*row[:2], 0 if row[0] in codes else row[2], *row[3:]) for row in FACILITIES]


def test_who_reports_where_quota_place_and_origin_fit_stays() -> None:
    assert decided(run(("G", 3, "SY", "Bielefeld"), balances=owing(NW=5))) == [("Bielefeld", "stays")]


def test_a_land_that_owes_nothing_receives_nobody_while_others_owe() -> None:
    balances = owing(NI=5, NW=-50, BE=-50, BY=-50)
    assert decided(run(("G", 3, "SY", "Bielefeld"), balances=balances)) == [("Bramsche", "owes")]


def test_a_full_facility_sends_on_to_the_next_of_the_land_that_is_owed_most() -> None:
    found = run(("G", 3, "SY", "Bielefeld"), facilities=full("Bielefeld"), balances=owing(NW=20, NI=5, BE=5))
    assert decided(found) == [("Bochum", "most_owed")]


def test_the_branch_office_must_handle_the_country_of_origin() -> None:
    found = run(("G", 3, "AF", "Bielefeld"), balances=owing(NW=20))
    (choice,) = found.choices
    assert choice.facility.code in {"Bochum", "Bramsche", "Zirndorf"}
    assert dict(choice.left)["handles_origin"] == 3
    assert choice.facility.code == "Bochum"


def test_among_equals_the_nearest_facility_receives() -> None:
    both = [*FACILITIES[1:2], ("Köln", "NW", 50, "SY", "50.94", "6.96"), ("Unna", "NW", 0, "SY", "51.53", "7.69")]
    found = run(("G", 2, "SY", "Unna"), facilities=both, balances=owing(NW=5))
    assert decided(found) == [("Bochum", "nearest")]


def test_without_a_free_place_anywhere_the_land_still_has_to_name_a_facility() -> None:
    found = run(("G", 2, "SY", "Bielefeld"), facilities=full(*(row[0] for row in FACILITIES)), balances=owing(NW=9))
    (choice,) = found.choices
    assert choice.facility.land == "NW"
    assert choice.skipped == ("free_places",)
    assert found.free[choice.facility.code] == -2


def test_a_group_goes_only_where_all_of_it_has_room() -> None:
    small = [("Bielefeld", "NW", 3, "", "52.02", "8.53"), ("Bochum", "NW", 4, "", "51.48", "7.22")]
    assert decided(run(("G", 4, "SY", "Bielefeld"), facilities=small)) == [("Bochum", "free_places")]


def test_each_group_changes_the_places_and_the_balances_for_the_next() -> None:
    found = run(*((f"G{number}", 2, "SY", "Bielefeld") for number in range(60)))
    assert sum(account.received for account in found.balances.accounts.values()) == 120
    assert sum(found.balances.owed.values()) == 0
    assert sum(FACILITIES[i][2] - found.free[FACILITIES[i][0]] for i in range(len(FACILITIES))) == 120
    assert {choice.facility.land for choice in found.choices} == {"NW", "NI", "BE", "BY"}
    assert max(abs(owed) for code, owed in found.balances.owed.items() if code == "NW") < 50


def test_with_a_facility_in_every_land_no_balance_exceeds_the_largest_group() -> None:
    everywhere = [(f"F{code}", code, 1000, "", "51.0", "9.0") for code in LAENDER]
    groups = [(f"G{number}", 1 + number % 5, "SY", "FBY") for number in range(200)]
    found = run(*groups, facilities=everywhere)
    assert max(abs(owed) for owed in found.balances.owed.values()) < 5


def test_the_table_tells_for_each_group_how_the_choice_narrowed() -> None:
    row = run(("G", 3, "AF", "Bielefeld"), balances=owing(NW=20)).to_frame().row(0, named=True)
    assert row["group"] == "G" and row["basis"]
    assert row["left"].startswith("owes ")


def test_the_order_of_the_criteria_is_data() -> None:
    nearest_first = ORDER.model_copy(update={"order": [item for item in ORDER.order if item.criterion == "nearest"]})
    frame = pl.DataFrame([("G", 1, "SY", "Bochum")], schema=["group", "persons", "origin", "reported_at"], orient="row")
    found = easy_run(frame, table(FACILITIES), DAY, TABLES, nearest_first, owing(BY=90))
    assert decided(found) == [("Bochum", "nearest")]


def test_the_distance_from_berlin_to_bochum_is_right_to_a_few_kilometres() -> None:
    berlin, bochum = (
        Facility(row[0], row[1], row[2], frozenset(), row[4], row[5]) for row in (FACILITIES[3], FACILITIES[1])
    )
    assert 430_000 < metres(berlin, bochum) < 450_000
    assert metres(berlin, bochum) == metres(bochum, berlin)
    assert metres(berlin, berlin) == 0


@pytest.mark.parametrize(
    ("group", "error", "said"),
    [
        (("G", 0, "SY", "Bochum"), GroupWithoutPersons, "G"),
        (("G", 1, "SYR", "Bochum"), UnknownOrigin, "SYR"),
        (("G", 1, "SY", "Bocum"), UnknownFacilityCode, "Bochum"),
    ],
)
def test_a_slip_in_the_groups_is_said(group: tuple[Any, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        run(group)


@pytest.mark.parametrize(
    ("facilities", "error", "said"),
    [
        ([], NoFacilities, "leer"),
        ([FACILITIES[0], FACILITIES[0]], FacilityRepeated, "Bielefeld"),
        ([("X", "NRW", 1, "", "52.0", "8.0")], UnknownPlace, "NRW"),
        ([("X", "NW", None, "", "52.0", "8.0")], FacilityIncomplete, "places"),
        ([("X", "NW", 1, "", None, "8.0")], FacilityIncomplete, "latitude"),
        ([("X", "NW", 1, "SY; Irak", "52.0", "8.0")], UnknownOrigin, "Irak"),
    ],
)
def test_a_slip_in_the_facilities_is_said(facilities: list[tuple[Any, ...]], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        run(("G", 1, "SY", "X"), facilities=facilities)
