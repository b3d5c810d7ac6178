"""A number is divided from the Union down to a municipality, exactly, and a change at the top is told below."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.distribution.apportionment import NegativeTotal
from stellwerk.distribution.chain import (
    Chain,
    ChainsDiffer,
    KeyForOtherPlaces,
    UnknownLevel,
    chain,
    chain_from,
    load_levels,
    side_by_side,
)
from stellwerk.distribution.quota import distribute
from stellwerk.distribution.reference import ReferenceTables, UnknownPlace
from stellwerk.workbench import Workbench

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
LEVELS = load_levels(TABLES)
ON = dt.date(2026, 7, 1)
COLOGNE, BIELEFELD = "05315000", "05711000"


def of(persons: int) -> Chain:
    return chain(persons, ON, LEVELS, TABLES)


def test_what_a_place_receives_is_what_the_next_level_divides() -> None:
    made = of(21_000)
    union, federation, land = made.links
    assert (union.total, union.persons["DE"], federation.persons["NW"]) == (21_000, 4_557, 960)
    assert (federation.total, land.total) == (4_557, 960)
    assert federation.persons == distribute("koenigstein", 4_557, ON, TABLES).persons
    assert land.persons == distribute("flueag", 960, ON, TABLES).persons


@settings(max_examples=15)
@given(st.integers(0, 300_000))
def test_every_level_sums_to_what_came_from_above(persons: int) -> None:
    made = of(persons)
    assert made.total == persons
    for link in made.links:
        assert sum(link.persons.values()) == link.total
        assert sum(link.shares.values()) == 1


def test_shares_of_the_top_multiply_down_and_sum_to_the_place_above() -> None:
    made = of(21_000)
    land = made.links[2]
    assert land.above == made.links[0].shares["DE"] * made.links[1].shares["NW"]
    frame = made.to_frame().filter(pl.col("level") == "land")
    assert abs(frame["exact"].sum() - Decimal("960.420852")) < Decimal("0.0005")  # 396 figures, each rounded


def test_a_change_at_the_top_is_told_for_one_municipality() -> None:
    frame = side_by_side(of(21_000), of(30_000))
    rows = {row["code"]: row for row in frame.iter_rows(named=True)}
    assert (rows["DE"]["change"], rows["NW"]["change"], rows[COLOGNE]["change"]) == (1_953, 412, 23)
    assert rows[COLOGNE]["exact_change"] == Decimal("22.820440")
    assert frame.filter(pl.col("level") == "land")["change"].sum() == 412


def test_how_many_at_the_top_stand_for_one_below() -> None:
    row = of(21_000).to_frame().row(by_predicate=pl.col("code") == BIELEFELD, named=True)
    assert row["top_for_one"] == Decimal("1239.020307")


def test_numbers_given_at_the_top_are_passed_on_undivided() -> None:
    made = chain_from({"DE": 57, "FR": 43}, ON, LEVELS, TABLES)
    assert (made.total, made.links[1].total) == (100, 57)
    assert made.links[2].above == Fraction(57, 100) * made.links[1].shares["NW"]


def test_another_key_for_a_level_changes_only_the_levels_from_there() -> None:
    other = chain(21_000, ON, load_levels(TABLES, {"land": "combined"}), TABLES)
    assert other.links[:2] == of(21_000).links[:2]
    assert other.links[2].persons != of(21_000).links[2].persons
    assert other.links[2].total == 960


def test_unknown_levels_and_keys_for_other_places_are_refused() -> None:
    with pytest.raises(UnknownLevel, match="union"):
        load_levels(TABLES, {"unoin": "eu_2016"})
    with pytest.raises(KeyForOtherPlaces, match="koenigstein"):
        chain(1, ON, load_levels(TABLES, {"union": "koenigstein"}), TABLES)
    with pytest.raises(UnknownPlace, match="QQ"):
        chain_from({"QQ": 1}, ON, LEVELS, TABLES)
    with pytest.raises(NegativeTotal):
        of(-1)
    with pytest.raises(ChainsDiffer):
        side_by_side(of(5), chain(5, ON, LEVELS[:1], TABLES))


def test_the_door_chains_a_solidarity_scenario_down_to_pandas(checkout: Path) -> None:
    bench = Workbench.open(checkout)
    taken = bench.europe.year("pool_2027").relocated
    frame = bench.chain(taken, ON)
    assert type(frame).__module__.startswith("pandas")
    assert frame.loc[frame["code"] == "RO", "persons"].item() == taken["RO"] > 0
    changed = bench.europe.chain_change(21_000, 30_000, ON, {"land": "combined"})
    assert changed.loc[changed["level"] == "land", "change"].sum() == 412


# --- command -------------------------------------------------------------------------------------------------------


def test_the_command_shows_a_municipality_with_the_places_above_it(run: Run) -> None:
    code, out, _ = run("chain", "21.000", "--to", "30.000", "--on", "2026-07-01", "--place", "Köln", "--json")
    assert code == 0
    assert [(row["code"], row["change"]) for row in json.loads(out)] == [("DE", 1953), ("NW", 412), (COLOGNE, 23)]


def test_a_scenario_stands_for_what_the_states_take_in_under_it(run: Run) -> None:
    code, out, _ = run("chain", "pool_2026", "--on", "2026-07-01", "--place", "Rumänien", "--json")
    assert code == 0
    assert {row["code"]: row["persons"] for row in json.loads(out)} == {"DE": 0, "RO": 663, "NW": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chain", "viele"), "viele"),
        (("chain", "-5"), "-5"),
        (("chain", "100", "--place", "Kölln"), "Köln"),
        (("chain", "100", "--key", "landd=combined"), "land"),
        (("chain", "100", "--key", "land=kombiniert"), "kombiniert"),
        (("chain", "100", "-o", "x.txt"), "x.txt"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err and len(err.strip().splitlines()) == 1
