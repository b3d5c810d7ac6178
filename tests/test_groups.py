"""Families stay whole: in a division by quota and in the week's assignment by fulfilment."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution.apportionment import exact_shares, largest_remainder
from stellwerk.distribution.assignment import Family, FamilyRepeated, KeyWithoutAssignment, assign, week_plan
from stellwerk.distribution.groups import GroupWithoutPersons, QuotaForOthers, persons_placed, place_groups
from stellwerk.distribution.obligations import HoldingsNotForThisKey, Obligation
from stellwerk.distribution.reference import ReferenceColumnMissing, ReferenceTables, UnknownPlace

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
MUNICIPALITIES = TABLES.names("municipalities")
DAY = dt.date(2024, 2, 1)

sizes = st.lists(st.integers(1, 9), min_size=1, max_size=60)
weights = st.lists(st.integers(0, 100), min_size=1, max_size=8).filter(any)


def named(numbers: list[int], letter: str) -> dict[str, int]:
    return {f"{letter}{position:03}": number for position, number in enumerate(numbers)}


def quotas_of(numbers: list[int], total: int) -> dict[str, Fraction]:
    shares = exact_shares({code: Fraction(number) for code, number in named(numbers, "p").items()})
    return {code: share * total for code, share in shares.items()}


@given(sizes, weights)
def test_no_place_ends_off_its_quota_by_the_largest_family_or_more(families: list[int], numbers: list[int]) -> None:
    groups, quotas = named(families, "f"), quotas_of(numbers, sum(families))
    placed = place_groups(groups, quotas)
    received = persons_placed(groups, placed, quotas)
    assert set(placed) == set(groups)
    assert sum(received.values()) == sum(families)
    assert all(abs(received[code] - quotas[code]) < max(families) for code in quotas)


@given(st.integers(1, 120), weights)
def test_families_of_one_give_the_largest_remainder(persons: int, numbers: list[int]) -> None:
    groups, quotas = named([1] * persons, "f"), quotas_of(numbers, persons)
    assert persons_placed(groups, place_groups(groups, quotas), quotas) == largest_remainder(persons, quotas)


@given(sizes, weights, st.randoms())
def test_the_order_of_families_and_places_never_matters(families: list[int], numbers: list[int], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis hands out its own kind of Random
    groups, quotas = named(families, "f"), quotas_of(numbers, sum(families))
    other_groups, other_quotas = list(groups.items()), list(quotas.items())
    random.shuffle(other_groups)
    random.shuffle(other_quotas)
    assert place_groups(dict(other_groups), dict(other_quotas)) == place_groups(groups, quotas)


@given(sizes, st.lists(st.integers(-9, 40), min_size=2, max_size=8))
def test_a_place_that_is_ahead_receives_nobody_and_none_gets_ahead_by_a_largest_family(
    families: list[int], leads: list[int]
) -> None:
    quotas = {code: Fraction(lead) for code, lead in named(leads, "p").items()}
    quotas["p000"] += sum(families) - sum(quotas.values())
    groups = named(families, "f")
    received = persons_placed(groups, place_groups(groups, quotas), quotas)
    assert all(received[code] == 0 for code, quota in quotas.items() if quota <= 0)
    assert all(received[code] < quota + max(families) for code, quota in quotas.items() if quota > 0)


@pytest.mark.parametrize("persons", [0, -2])
def test_a_family_of_nobody_is_refused(persons: int) -> None:
    with pytest.raises(GroupWithoutPersons, match="f7"):
        place_groups({"f7": persons}, {"a": Fraction(persons)})


def test_quotas_for_another_number_of_persons_are_refused() -> None:
    with pytest.raises(QuotaForOthers, match="3"):
        place_groups({"f": 3}, {"a": Fraction(2)})


def test_nobody_to_place_is_no_mistake() -> None:
    assert place_groups({}, {"a": Fraction(0)}) == {}


# --- a week's assignment ------------------------------------------------------------------------------------------

places = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 80)), min_size=1, max_size=8)


def obligations_of(rows: list[tuple[int, int]], coming: int) -> dict[str, Obligation]:
    """Obligations whose targets hold all persons in stock and coming."""
    base = coming + sum(held for _, held in rows)
    targets = quotas_of([weight for weight, _ in rows], base)
    return {code: Obligation(targets[code], held, Fraction(0)) for code, (_, held) in zip(targets, rows, strict=True)}


@given(sizes, places)
def test_nobody_goes_where_the_target_is_reached_and_nobody_stays_behind(
    families: list[int], rows: list[tuple[int, int]]
) -> None:
    coming = [Family(name, persons) for name, persons in named(families, "f").items()]
    before = obligations_of(rows, sum(families))
    assigned, after = assign(coming, before)
    assert [item.family for item in assigned] == [family.family for family in coming]
    received = {code: after[code].stock - before[code].stock for code in before}
    assert sum(received.values()) == sum(families)
    assert all(received[code] == 0 for code, owing in before.items() if owing.open <= 0)
    assert all(after[code].held < after[code].target + max(families) for code in before if received[code])


@given(sizes, places)
def test_a_place_passes_its_target_only_where_no_place_had_room(
    families: list[int], rows: list[tuple[int, int]]
) -> None:
    coming = [Family(name, persons) for name, persons in named(families, "f").items()]
    before = obligations_of(rows, sum(families))
    assigned, after = assign(coming, before)
    passed = {code for code in before if after[code].open < 0 <= before[code].open}
    squeezed = {item.code for item in assigned if item.reason == "largest_room"}
    assert passed <= squeezed


def test_single_persons_go_to_the_lowest_fulfilment_first() -> None:
    before = {
        "a": Obligation(Fraction(100), 50, Fraction(0)),
        "b": Obligation(Fraction(100), 90, Fraction(0)),
        "c": Obligation(Fraction(10), 8, Fraction(0)),
    }
    assigned, _ = assign([Family(str(number), 1) for number in range(3)], before)
    assert {(item.code, item.reason) for item in assigned} == {("a", "lowest_fulfilment")}


def test_a_large_family_passes_over_the_lowest_fulfilment_that_has_no_room_for_it() -> None:
    before = {"small": Obligation(Fraction(4), 0, Fraction(0)), "large": Obligation(Fraction(100), 90, Fraction(0))}
    assigned, after = assign([Family("f", 7)], before)
    assert (assigned[0].code, assigned[0].reason) == ("large", "lowest_fulfilment")
    assert after["small"].held == 0


def test_a_family_that_reunites_goes_to_its_own_even_where_the_target_is_reached() -> None:
    before = {"ahead": Obligation(Fraction(10), 12, Fraction(0)), "owes": Obligation(Fraction(20), 10, Fraction(0))}
    assigned, after = assign([Family("f1", 4, "ahead"), Family("f2", 2)], before)
    assert [(item.code, item.reason) for item in assigned] == [("ahead", "reunites"), ("owes", "lowest_fulfilment")]
    assert after["ahead"].stock == 16


def week(families: dict[str, object], **holdings: pl.DataFrame) -> object:
    return week_plan("flueag", pl.DataFrame(families), DAY, TABLES, **holdings)


def even_stock(persons: int) -> pl.DataFrame:
    return pl.DataFrame({"code": list(MUNICIPALITIES), "persons": persons})


def test_a_week_carries_its_stock_to_the_next() -> None:
    families = pl.DataFrame({"family": [f"F{n}" for n in range(40)], "persons": [1 + n % 5 for n in range(40)]})
    first = week_plan("flueag", families, DAY, TABLES, stock=even_stock(100))
    second = week_plan("flueag", families, DAY + dt.timedelta(weeks=1), TABLES, stock=first.stock())
    assert first.persons == second.persons == families["persons"].sum()
    assert first.stock()["persons"].sum() == 39_600 + first.persons
    assert second.stock()["persons"].sum() == 39_600 + 2 * first.persons
    assert first.families().equals(
        week_plan("flueag", families.reverse(), DAY, TABLES, stock=even_stock(100)).families().reverse()
    )


def test_a_facility_relieves_its_town_and_below_ninety_percent_a_town_has_to_catch_up() -> None:
    families = pl.DataFrame({"family": ["F1"], "persons": [3]})
    facility = pl.DataFrame({"code": ["05358012"], "facility": ["central"], "places": [500]})
    plan = week_plan("flueag", families, DAY, TABLES, stock=even_stock(100), facilities=facility)
    frame = plan.to_frame()
    heimbach = frame.row(by_predicate=pl.col("code") == "05358012", named=True)
    cologne = frame.row(by_predicate=pl.col("code") == "05315000", named=True)
    assert heimbach["credit"] == 500 and heimbach["persons"] == 0 and heimbach["catch_up_persons"] == 0
    assert cologne["fulfilment_after_percent"] < 90
    owing = plan.after["05315000"]
    missing = cologne["catch_up_persons"]
    assert (owing.held + missing) / owing.target >= Fraction(9, 10) > (owing.held + missing - 1) / owing.target


@pytest.mark.parametrize(
    ("families", "error", "said"),
    [
        ({"family": ["F1", "F1"], "persons": [1, 2]}, FamilyRepeated, "F1"),
        ({"family": ["F1"], "persons": [0]}, GroupWithoutPersons, "F1"),
        ({"family": ["F1"], "person": [1]}, ReferenceColumnMissing, "persons"),
        ({"family": ["F1"], "persons": [1], "joins": ["Kölln"]}, UnknownPlace, "Köln"),
    ],
)
def test_a_slip_in_the_table_of_families_is_said(
    families: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        week(families)


@pytest.mark.parametrize(("key", "error"), [("koenigstein", HoldingsNotForThisKey), ("awov", HoldingsNotForThisKey)])
def test_only_a_key_that_counts_stock_is_assigned_by_fulfilment(key: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        week_plan(key, pl.DataFrame({"family": ["F"], "persons": [1]}), DAY, TABLES)


def test_a_key_with_credits_and_no_threshold_has_no_weekly_assignment(tmp_path: Path) -> None:
    content = (TABLES.params / "keys.yaml").read_text(encoding="utf-8")
    start, end = content.index("  assignment:"), content.index("awov:")
    for file in TABLES.params.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "keys.yaml").write_text(content[:start] + "\n" + content[end:], encoding="utf-8")
    with pytest.raises(KeyWithoutAssignment, match="FlüAG"):
        week_plan("flueag", pl.DataFrame({"family": ["F"], "persons": [1]}), DAY, ReferenceTables.load(tmp_path))
