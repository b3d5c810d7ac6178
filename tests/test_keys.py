"""The keys give the figures worked out in public: the Königstein sets by date, FlüAG with cap and credit."""

import datetime as dt
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution.apportionment import NegativeTotal
from stellwerk.distribution.keys import (
    UnknownDistributionKey,
    UnknownFacility,
    UnknownKeyInput,
    WeightedShares,
    credit_factor,
    find_key,
)
from stellwerk.distribution.obligations import HoldingsNotForThisKey, HoldingsNotWhole, Obligation
from stellwerk.distribution.quota import Distribution, distribute
from stellwerk.distribution.reference import ReferenceColumnMissing, ReferenceTables, UnknownPlace
from stellwerk.distribution.shares import NoKeyOnDate, UnknownKeyChoice, capped
from stellwerk.documents import ImpossibleDate, MissingKey, UnknownKey, UnreadableYaml, ValueNotAllowed, WrongValue

PARAMS = Path(__file__).parents[1] / "params"
TABLES = ReferenceTables.load(PARAMS)
NEW_YEAR_2023 = dt.date(2023, 1, 1)
NEW_YEAR_2024 = dt.date(2024, 1, 1)


def koenigstein(on: dt.date, persons: int = 10000) -> Distribution:
    return distribute("koenigstein", persons, on, TABLES)


def flueag(persons: int = 10000, on: dt.date = NEW_YEAR_2024, **choices: object) -> Distribution:
    return distribute("flueag", persons, on, TABLES, **choices)  # type: ignore[arg-type]  # choices are checked by the callee


def test_ten_thousand_persons_by_the_key_of_2019() -> None:
    assert koenigstein(NEW_YEAR_2023).persons == {
        "BB": 303, "BE": 519, "BW": 1304, "BY": 1556, "HB": 95, "HE": 744, "HH": 260, "MV": 198,
        "NI": 939, "NW": 2108, "RP": 482, "SH": 341, "SL": 120, "SN": 498, "ST": 270, "TH": 263,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("on", "share"),
    [("2015-07-01", "21.240520"), ("2016-12-31", "21.210100"), ("2017-01-01", "21.144240"),
     ("2020-01-01", "21.075920"), ("2026-11-22", "21.075920")],
)  # fmt: skip
def test_the_day_decides_which_koenigstein_set_applies(on: str, share: str) -> None:
    frame = koenigstein(dt.date.fromisoformat(on)).to_frame()
    assert frame.filter(pl.col("code") == "NW")["share_percent"].item() == Decimal(share)


@pytest.mark.parametrize("on", ["2014-12-31", "2018-01-01", "2019-12-31"])
def test_a_day_without_a_verified_key_is_an_error_that_names_the_years_known(on: str) -> None:
    with pytest.raises(NoKeyOnDate, match="2015, 2016, 2017, 2020-"):
        koenigstein(dt.date.fromisoformat(on))


def test_the_open_end_of_the_last_set_is_said_and_so_is_its_grade() -> None:
    latest, earlier = koenigstein(NEW_YEAR_2023), koenigstein(dt.date(2016, 1, 1))
    assert "kein neuerer Schlüssel" in latest.notes[0]["de"]
    assert (latest.evidence, earlier.evidence) == ("memory_high", "verified")
    assert earlier.notes == ()


def test_ten_thousand_persons_by_flueag() -> None:
    result = flueag()
    chosen = {"05315000": 554, "05111000": 321, "05913000": 305, "05958032": 21, "05958016": 6, "05358012": 3}
    assert {code: result.persons[code] for code in chosen} == chosen
    assert sum(result.persons.values()) == 10000


@pytest.mark.parametrize(
    ("code", "population", "area", "uncapped", "one_pass", "iterated", "persons_uncapped"),
    [
        ("05315000", "5.977613", "1.187305", "5.498582", "5.544044", "5.544204", 550),
        ("05111000", "3.470051", "0.637331", "3.186779", "3.213128", "3.213220", 319),
        ("05913000", "3.273541", "0.822893", "3.028477", "3.053516", "3.053604", 303),
        ("05958032", "0.164856", "0.640585", "0.212429", "0.206070", "0.206070", 21),
        ("05958016", "0.049218", "0.332312", "0.077528", "0.061523", "0.061523", 8),
        ("05358012", "0.023908", "0.190428", "0.040560", "0.029885", "0.029885", 4),
    ],
)
def test_flueag_shares_to_six_places(
    code: str, population: str, area: str, uncapped: str, one_pass: str, iterated: str, persons_uncapped: int
) -> None:
    def row(redistribution: str) -> dict[str, object]:
        frame = flueag(redistribution=redistribution).to_frame()
        return frame.row(by_predicate=pl.col("code") == code, named=True)

    found = row("iterate")
    assert found["population_share_percent"] == Decimal(population)
    assert found["area_share_percent"] == Decimal(area)
    assert found["uncapped_share_percent"] == Decimal(uncapped)
    assert found["share_percent"] == Decimal(iterated)
    assert found["uncapped_persons"] == persons_uncapped
    assert row("one_pass")["share_percent"] == Decimal(one_pass)


def test_the_cap_binds_76_municipalities_at_once_and_82_when_iterated() -> None:
    iterated, one_pass = flueag(), flueag(redistribution="one_pass")
    assert (len(one_pass.at_cap), len(iterated.at_cap)) == (76, 82)
    assert one_pass.at_cap < iterated.at_cap
    assert iterated.persons == one_pass.persons
    assert iterated.uncapped_persons is not None
    assert sum(iterated.persons[code] != iterated.uncapped_persons[code] for code in iterated.names) == 112


def test_flueag_shares_sum_to_one_and_none_exceeds_the_cap() -> None:
    result = flueag()
    assert sum(result.shares.values()) == 1
    assert all(share <= Fraction(5, 4) * result.parts["population"][code] for code, share in result.shares.items())


def test_the_population_base_can_be_chosen() -> None:
    census = flueag(columns={"population": "population_census_2022"})
    assert census.choices["population"] == "population_census_2022"
    assert census.parts["population"]["05315000"] != flueag().parts["population"]["05315000"]


@pytest.mark.parametrize(
    ("choices", "near"),
    [({"columns": {"population": "population_2032"}}, "population_2023"), ({"redistribution": "iterat"}, "iterate")],
)  # fmt: skip
def test_an_unknown_choice_is_refused_with_the_nearest_one(choices: dict[str, Any], near: str) -> None:
    with pytest.raises(UnknownKeyChoice, match=near):
        flueag(**choices)


def test_the_table_of_a_distribution_has_one_row_a_place_and_exact_types() -> None:
    frame = flueag().to_frame()
    assert frame.columns == [
        "code", "name", "share_percent", "persons", "population_share_percent", "area_share_percent",
        "uncapped_share_percent", "capped", "uncapped_persons",
    ]  # fmt: skip
    assert frame.height == 396
    assert frame["share_percent"].dtype == pl.Decimal(38, 6)
    assert frame["code"].is_sorted()


def test_the_same_division_twice_is_the_same_table() -> None:
    assert flueag().to_frame().equals(flueag().to_frame())


def test_no_persons_give_everybody_zero() -> None:
    assert set(flueag(0).persons.values()) == {0}
    assert set(koenigstein(NEW_YEAR_2023, 0).persons.values()) == {0}


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(NegativeTotal):
        koenigstein(NEW_YEAR_2023, -1)


def test_a_misspelt_key_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownDistributionKey, match="koenigstein"):
        distribute("königstein", 1, NEW_YEAR_2023, TABLES)


# --- what a place already holds ----------------------------------------------------------------------------------


def frame_of_stock(**persons: int) -> pl.DataFrame:
    return pl.DataFrame({"code": [code.removeprefix("m") for code in persons], "persons": list(persons.values())})


def frame_of_facility(code: str, facility: str, places: int) -> pl.DataFrame:
    return pl.DataFrame({"code": [code], "facility": [facility], "places": [places]})


@pytest.mark.parametrize(
    ("on", "central", "first_reception"),
    [("2017-06-30", "1.0", "1.3"), ("2017-07-01", "0.75", "1.0"), ("2018-01-01", "0.5", "0.7"),
     ("2023-11-30", "0.5", "0.7"), ("2023-12-01", "1.0", "1.0")],
)  # fmt: skip
def test_the_credit_of_a_facility_follows_the_day(on: str, central: str, first_reception: str) -> None:
    key = find_key("flueag", TABLES)
    assert isinstance(key, WeightedShares)
    day = dt.date.fromisoformat(on)
    assert credit_factor(key, "central", day).factor == Decimal(central)
    assert credit_factor(key, "first_reception", day).factor == Decimal(first_reception)


def test_an_idle_site_counts_a_tenth_until_november_2023() -> None:
    key = find_key("flueag", TABLES)
    assert isinstance(key, WeightedShares)
    assert credit_factor(key, "idle", dt.date(2023, 11, 30)).factor == Decimal("0.1")
    with pytest.raises(UnknownFacility, match="2017"):
        credit_factor(key, "idle", dt.date(2017, 12, 31))


def test_a_town_with_a_new_facility_is_ahead_by_what_it_holds_beyond_its_obligation() -> None:
    """The ministry's invented case: obligation 800, stock 790; then a facility with 500 places counts."""
    before = Obligation(target=Fraction(800), stock=790, credit=Fraction(0))
    after = Obligation(target=Fraction(800), stock=790, credit=Fraction(500))
    assert (before.open, after.open) == (10, -490)
    assert after.stock + after.credit == 1290
    assert Obligation(Fraction(1290), 790, Fraction(500)).open == 0
    assert after.fulfilment == Fraction(1290, 800)


def test_credits_stand_in_the_base_so_that_the_others_bear_the_relief() -> None:
    with_facility = flueag(1000, facilities=frame_of_facility("05358012", "central", 500))
    assert with_facility.obligations is not None
    assert sum(owing.target for owing in with_facility.obligations.values()) == 1500
    assert sum(owing.open for owing in with_facility.obligations.values()) == 1000
    assert with_facility.persons["05358012"] == 0
    assert with_facility.obligations["05315000"].target > 1000 * with_facility.shares["05315000"]
    assert sum(with_facility.persons.values()) == 1000


def test_before_december_2023_only_half_of_a_central_facility_counts() -> None:
    facility = frame_of_facility("05358012", "central", 500)
    credits = [
        flueag(1000, dt.date(2023, month, 1), facilities=facility).obligations["05358012"].credit  # type: ignore[index]  # obligations are given with facilities
        for month in (11, 12)
    ]
    assert credits == [250, 500]


def test_a_place_that_is_ahead_receives_nobody_and_the_lowest_fulfilment_comes_first() -> None:
    even = flueag(0, stock=pl.DataFrame({"code": list(TABLES.names("municipalities")), "persons": 100}))
    assert even.obligations is not None
    result = flueag(5000, stock=pl.DataFrame({"code": list(TABLES.names("municipalities")), "persons": 100}))
    assert result.obligations is not None
    ahead = {code for code, owing in result.obligations.items() if owing.open <= 0}
    assert ahead
    assert all(result.persons[code] == 0 for code in ahead)
    assert sum(result.persons.values()) == 5000


def test_without_anything_held_a_balance_changes_nobody() -> None:
    assert flueag(stock=frame_of_stock(m05315000=0)).persons == flueag().persons


def test_the_balance_is_in_the_table() -> None:
    frame = flueag(1000, stock=frame_of_stock(m05315000=40)).to_frame()
    cologne = frame.row(by_predicate=pl.col("code") == "05315000", named=True)
    assert cologne["stock"] == 40
    assert cologne["target"] - cologne["stock"] - cologne["credit"] == cologne["open_obligation"]
    assert frame["open_obligation"].sum().quantize(Decimal("0.001")) == 1000


def test_an_unknown_municipality_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownPlace, match=r"05315000 \(Köln\)"):
        flueag(stock=pl.DataFrame({"code": ["Kölln"], "persons": [3]}))


def test_a_misspelt_column_of_the_stock_is_refused() -> None:
    with pytest.raises(ReferenceColumnMissing, match=r"persons.*person"):
        flueag(stock=pl.DataFrame({"code": ["05315000"], "person": [3]}))


@pytest.mark.parametrize("persons", [-1, None, 1.5])
def test_a_stock_that_is_no_whole_number_is_refused(persons: object) -> None:
    with pytest.raises(HoldingsNotWhole):
        flueag(stock=pl.DataFrame({"code": ["05315000"], "persons": [persons]}))


def test_koenigstein_knows_no_stock() -> None:
    with pytest.raises(HoldingsNotForThisKey):
        distribute("koenigstein", 1, NEW_YEAR_2023, TABLES, stock=frame_of_stock(BY=1))


# --- the cap and the settings file -------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 1000)), min_size=1, max_size=8).filter(
        lambda rows: sum(area for _, area in rows) > 0
    ),
    st.fractions(1, 3, max_denominator=20),
)
def test_an_iterated_cap_keeps_the_sum_and_every_limit(rows: list[tuple[int, int]], factor: Fraction) -> None:
    people, ground = sum(row[0] for row in rows), sum(row[1] for row in rows)
    population = {str(n): Fraction(row[0], people) for n, row in enumerate(rows)}
    key = {
        str(n): Fraction(9, 10) * population[str(n)] + Fraction(1, 10) * Fraction(row[1], ground)
        for n, row in enumerate(rows)
    }
    limit = {code: factor * share for code, share in population.items()}
    shares = capped(key, limit, lambda rounds: True)
    assert sum(shares.values()) == 1
    assert all(shares[code] <= limit[code] for code in shares)
    assert all(shares[code] >= key[code] for code in shares if shares[code] < limit[code])


@pytest.fixture
def params(tmp_path: Path) -> Path:
    for file in ("keys.yaml", "laender.csv", "laender.columns.csv", "koenigstein.csv", "koenigstein.columns.csv"):
        shutil.copy(PARAMS / file, tmp_path / file)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        (
            "    factor: 1.25",
            "    factor: 1.25\n    faktor: 1",
            UnknownKey,
            r"keys.yaml:\d+: .*faktor.*factor",
        ),
        ("    redistribution: [iterate", "    redistribution: [iterat", ValueNotAllowed, r"keys.yaml:\d+: .*iterat"),
        (
            "from: 2017-07-01, to: 2017-12-31, factor: 0.75",
            "from: 2017-02-31, factor: 0.75",
            ImpossibleDate,
            "2017-02-31",
        ),
        ("  basis: AsylG § 45 Abs. 1\n", "", MissingKey, r"keys.yaml:\d+: .*basis"),
        ("kind: published_shares\n  label", "kind: published_share\n  label", ValueNotAllowed, "published_shares"),
        ("    area: 0.1", "    aera: 0.1", UnknownKeyInput, r"keys.yaml:\d+: .*aera.*area"),
        ("factor: 1.25", "factor: 0.9", WrongValue, "0.9"),
        ("flueag:\n  kind", "flueag: [\n  kind", UnreadableYaml, "keys.yaml"),
    ],
)
def test_a_slip_in_the_keys_is_said_with_file_and_place(
    params: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    file = params / "keys.yaml"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(error, match=said):
        distribute("koenigstein", 1, NEW_YEAR_2023, ReferenceTables.load(params))


def test_a_koenigstein_set_without_one_land_is_refused(params: Path) -> None:
    file = params / "koenigstein.csv"
    rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(row for row in rows if not row.startswith("SL,2019")), encoding="utf-8")
    with pytest.raises(UnknownPlace, match="SL"):
        distribute("koenigstein", 1, NEW_YEAR_2023, ReferenceTables.load(params))
