"""Keys side by side: who gains and loses, how evenly, and whether a key does what it is meant to do."""

import datetime as dt
import doctest
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution import concentration as measures
from stellwerk.distribution.apportionment import NegativeTotal, exact_shares
from stellwerk.distribution.concentration import concentration, dissimilarity, gini, herfindahl, progressivity
from stellwerk.distribution.intentions import carries_less, loses_by_correction, wrong_way
from stellwerk.distribution.keys import UnknownDistributionKey, WeightedShares, find_key
from stellwerk.distribution.laboratory import (
    Comparison,
    KeyNamedTwice,
    KeysOfDifferentPlaces,
    NoKeysToCompare,
    compare_keys,
    intentions_of,
)
from stellwerk.distribution.quota import distribute
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.shares import UnknownKeyChoice, input_columns, input_values, weigh

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
DAY = dt.date(2026, 7, 1)
EUROPE = ("eu_2024", "eu_2016", "eu_2015_may", "eu_2015_september", "eu_2015_repaired")
Shares = dict[str, Fraction]


@pytest.fixture(scope="module")
def europe() -> Comparison:
    return compare_keys(EUROPE, 10_000, DAY, TABLES, year="2023")


def test_gains_and_losses_cancel_out(europe: Comparison) -> None:
    frame = europe.to_frame()
    for key in EUROPE[1:]:
        assert frame[f"{key}.gain"].sum() == 0
        assert frame[f"{key}.persons"].sum() == 10_000
        assert frame[f"{key}.gain"].to_list() == (frame[f"{key}.persons"] - frame["eu_2024.persons"]).to_list()


def test_the_summary_counts_gainers_losers_and_the_persons_moved(europe: Comparison) -> None:
    frame, summary = europe.to_frame(), europe.summary()
    for row in summary.iter_rows(named=True):
        gains = frame[f"{row['key']}.gain"] if row["key"] != "eu_2024" else pl.Series([0])
        assert row["gainers"] == (gains > 0).sum()
        assert row["losers"] == (gains < 0).sum()
        assert row["persons_moved"] == gains.filter(gains > 0).sum()
    assert summary["places"].to_list() == [26, 27, 23, 22, 23]
    assert summary["status"].to_list() == ["law", "proposal", "proposal", "proposal", "comparison"]


def test_all_keys_read_the_same_year(europe: Comparison) -> None:
    for key in EUROPE:
        chosen = europe.made[key].choices
        assert {column.rpartition("_")[2] for column in chosen.values()} == {"2023"}


def test_a_key_alone_is_what_distribute_gives() -> None:
    alone = compare_keys(["koenigstein"], 10_000, DAY, TABLES)
    assert alone.given["koenigstein"] == distribute("koenigstein", 10_000, DAY, TABLES).persons
    assert "koenigstein.gain" not in alone.to_frame().columns
    assert alone.summary()["progressivity"].to_list() == [None]


def test_municipalities_can_be_compared_under_the_law_and_the_demand() -> None:
    found = compare_keys(["flueag", "awov", "combined", "nrw_today"], 1_000, DAY, TABLES)
    assert found.to_frame().height == 396
    assert found.gain("awov", "05315000") < 0
    population = exact_shares(found.population)
    assert dissimilarity(found.made["flueag"].shares, population) < dissimilarity(found.made["awov"].shares, population)


@pytest.mark.parametrize(
    ("keys", "error", "said"),
    [
        ([], NoKeysToCompare, "koenigstein"),
        (["flueag", "flueag"], KeyNamedTwice, "flueag"),
        (["flueag", "koenigstein"], KeysOfDifferentPlaces, "combined"),
        (["flueg"], UnknownDistributionKey, "flueag"),
    ],
)
def test_what_cannot_be_compared_is_said(keys: list[str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        compare_keys(keys, 1, DAY, TABLES)


def test_a_year_without_data_is_refused_with_the_years_there_are() -> None:
    with pytest.raises(UnknownKeyChoice, match="2014, 2023, 2024"):
        compare_keys(["eu_2024"], 1, DAY, TABLES, year="2019")
    with pytest.raises(NegativeTotal):
        compare_keys(["eu_2024"], -1, DAY, TABLES)


# --- measures -----------------------------------------------------------------------------------------------------

numbers = st.lists(st.tuples(st.integers(1, 100), st.integers(1, 100)), min_size=1, max_size=8)


def both(rows: list[tuple[int, int]]) -> tuple[Shares, Shares]:
    shares = exact_shares({f"p{n}": Fraction(row[0]) for n, row in enumerate(rows)})
    size = exact_shares({f"p{n}": Fraction(row[1]) for n, row in enumerate(rows)})
    return shares, size


@given(numbers)
def test_measures_lie_between_nothing_and_one(rows: list[tuple[int, int]]) -> None:
    shares, size = both(rows)
    assert 0 <= gini(shares, size) < 1
    assert 0 <= dissimilarity(shares, size) < 1
    assert Fraction(1, len(rows)) <= herfindahl(shares) <= 1
    assert gini(size, size) == dissimilarity(size, size) == 0


@given(numbers)
def test_a_burden_in_step_with_ability_is_neither_progressive_nor_regressive(rows: list[tuple[int, int]]) -> None:
    ability, size = both(rows)
    assert progressivity(ability, size, ability) == 0


@given(numbers, numbers)
def test_merging_places_of_one_rank_changes_no_measure(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    shares, size = both([*one, *other])
    rank = {code: Fraction(int(code in list(shares)[: len(one)])) for code in shares}
    first = [code for code in shares if rank[code]]
    merged = [
        {"first": sum(values[c] for c in first), "rest": sum(v for c, v in values.items() if c not in first)}
        for values in (shares, size)
    ]
    assert concentration(shares, size, rank) == concentration(*merged, {"first": Fraction(1), "rest": Fraction(0)})


def test_a_key_by_population_is_regressive_where_ability_differs() -> None:
    size = {"poor": Fraction(1, 2), "rich": Fraction(1, 2)}
    ability = {"poor": Fraction(1, 4), "rich": Fraction(3, 4)}
    assert progressivity(size, size, ability) < 0
    assert progressivity({"poor": Fraction(0), "rich": Fraction(1)}, size, ability) > 0


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(measures).failed == 0


# --- intentions ---------------------------------------------------------------------------------------------------


def two_states(effect: str) -> tuple[WeightedShares, dict[str, Shares]]:
    """Grech's case: L has nine tenths of everything and the lower unemployment."""
    said = {"de": "-", "en": "-"}
    inputs = {"main": {"columns": ["m"]}, "unemployment": {"columns": ["u"], "effect": effect}}
    key = WeightedShares.model_validate(
        {
            "kind": "weighted_shares",
            "label": said,
            "whom": said,
            "status": "comparison",
            "basis": "-",
            "source": "-",
            "evidence": "verified",
            "places": "member_states",
            "weights": {"main": "0.9", "unemployment": "0.1"},
            "inputs": inputs,
        }
    )
    return key, {
        "main": {"L": Fraction(9, 10), "S": Fraction(1, 10)},
        "unemployment": {"L": Fraction(4), "S": Fraction(8)},
    }


def test_lower_unemployment_lowers_the_share_of_the_large_state() -> None:
    key, values = two_states("inverse")
    assert weigh(key, values).shares["L"] == Fraction(81, 100) + Fraction(2, 30)
    witness = loses_by_correction(key, values)
    assert witness is not None
    assert (witness.code, witness.input, witness.without) == ("L", "unemployment", Fraction(9, 10))
    assert round(float(witness.share), 4) == 0.8767
    assert witness.value < witness.mean


def test_a_correction_in_proportion_harms_nobody_it_is_meant_to_help() -> None:
    key, values = two_states("share")
    repaired = key.model_copy(update={"weights": {"main": 1}, "correctives": {"unemployment": Fraction(1, 4)}})
    assert loses_by_correction(repaired, values) is None
    assert weigh(repaired, values).shares["L"] > Fraction(9, 10)


def test_the_keys_of_2015_harm_france_by_a_correction_and_the_repaired_one_nobody() -> None:
    for name in ("eu_2015_may", "eu_2015_september"):
        witness = intentions_of(name, DAY, TABLES).loses_by_correction
        assert witness is not None and witness.code == "FR"
    assert intentions_of("eu_2015_repaired", DAY, TABLES).loses_by_correction is None


@pytest.mark.parametrize("name", ["eu_2015_may", "eu_2015_september", "eu_2015_repaired", "eu_2016", "eu_2024"])
def test_more_of_an_input_never_works_the_wrong_way_in_a_european_key(name: str) -> None:
    found = intentions_of(name, DAY, TABLES)
    assert found.wrong_way is None
    assert found.tried >= 22


def test_the_cap_of_flueag_never_turns_more_people_into_less_share() -> None:
    key = find_key("flueag", TABLES)
    assert isinstance(key, WeightedShares)
    values = input_values(key, TABLES, input_columns(key, None))
    assert wrong_way(key, values, ["05315000", "05958032", "05358012"]) is None


def test_a_key_that_rewards_the_wrong_thing_is_found_out() -> None:
    """An input that also multiplies another one turns against its own inverse."""
    key, values = two_states("share")
    inputs = {
        name: item.model_copy(update={"times": ("unemployment",) if name == "main" else ()})
        for name, item in key.inputs.items()
    }
    odd = key.model_copy(
        update={
            "inputs": {**inputs, "unemployment": key.inputs["unemployment"].model_copy(update={"effect": "inverse"})}
        }
    )
    witness = wrong_way(odd, values, ["L", "S"])
    assert witness is not None and witness.input == "unemployment"
    assert witness.after > witness.before


def test_the_rich_carry_less_for_their_ability_under_a_key_by_heads() -> None:
    size = {"poor": Fraction(1, 2), "rich": Fraction(1, 2)}
    ability = {"poor": Fraction(1), "rich": Fraction(3)}
    witness = carries_less(size, size, ability)
    assert witness is not None
    assert (witness.code, witness.than, witness.than_burden / witness.burden) == ("rich", "poor", 3)
    assert carries_less(exact_shares(ability), size, ability) is None


def test_luxembourg_carries_least_of_its_ability_in_the_union() -> None:
    witness = intentions_of("eu_2024", DAY, TABLES).carries_less
    assert witness is not None and (witness.code, witness.than) == ("LU", "BG")


def test_published_shares_have_no_inputs_to_change() -> None:
    found = intentions_of("koenigstein", DAY, TABLES)
    assert (found.tried, found.wrong_way, found.loses_by_correction) == (0, None, None)
