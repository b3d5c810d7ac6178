"""The keys of the Union give the published figures, and every key of the file is whole."""

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution.keys import (
    Key,
    KeyWithoutWeights,
    MixedShares,
    NoPartOfAMixture,
    PublishedShares,
    UnknownKeyInput,
    WeightedShares,
    WeightNotPositive,
    find_key,
    load_keys,
)
from stellwerk.distribution.quota import Distribution, distribute
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.shares import InverseOfZero, NoKeyOnDate, input_columns, input_values, weigh
from stellwerk.documents import MissingKey

ROOT = Path(__file__).parents[1]
TABLES = ReferenceTables.load(ROOT / "params")
POOL_2026 = dt.date(2026, 6, 12)
RELOCATION = dt.date(2016, 1, 1)
KEYS = load_keys(TABLES)


def divided(key: str, persons: int, on: dt.date = POOL_2026, **choices: object) -> Distribution:
    return distribute(key, persons, on, TABLES, **choices)  # type: ignore[arg-type]  # choices are checked by the callee


def day_for(key: Key) -> dt.date:
    return RELOCATION if isinstance(key, PublishedShares) and key.where else POOL_2026


# --- figures of the fact sheets -----------------------------------------------------------------------------------


def test_the_reference_key_of_2024_gives_all_26_states_their_part_of_21000() -> None:
    assert divided("eu_2024", 21_000).persons == {
        "AT": 506, "BE": 646, "BG": 215, "CY": 44, "CZ": 449, "DE": 4557, "DK": 0, "EE": 56, "GR": 387, "ES": 2102,
        "FI": 297, "FR": 3362, "HR": 143, "HU": 350, "IE": 462, "IT": 2708, "LT": 115, "LU": 67, "LV": 68, "MT": 27,
        "NL": 1101, "PL": 1371, "PT": 422, "RO": 663, "SE": 586, "SI": 90, "SK": 206,
    }  # fmt: skip


def test_lithuania_owes_164_of_the_commissions_30000() -> None:
    assert divided("eu_2024", 30_000).persons["LT"] == 164


def test_half_population_half_output_over_27_states_gives_the_worked_integers() -> None:
    persons = divided("eu_2016", 30_000).persons
    worked = {"DE": 6426, "FR": 4762, "IT": 3814, "ES": 2908, "PL": 1889}
    assert {state: persons[state] for state in worked} == worked
    assert sum(persons.values()) == 30_000


def test_the_published_key_of_may_2015_gives_the_places_from_italy() -> None:
    persons = divided("eu_2015_may_published", 24_000, RELOCATION).persons
    assert {state: persons[state] for state in ("DE", "FR", "ES", "MT")} == {
        "DE": 5258, "FR": 4051, "ES": 2573, "MT": 175,
    }  # fmt: skip


def test_the_published_places_of_september_2015_come_back_whole() -> None:
    places = {
        row["state"]: int(row["amount"]) for row in rows(ROOT / "rules" / "solidarity" / "places_2015_second.csv")
    }
    persons = divided("eu_2015_september_published", 119_998, RELOCATION).persons
    assert {state: number for state, number in persons.items() if number} == places
    assert persons["DE"] == 31_443


def test_the_published_shares_of_may_2015_are_those_of_the_rule() -> None:
    shares = {
        row["state"]: Fraction(row["amount"]) / 100 for row in rows(ROOT / "rules/solidarity/shares_2015_first.csv")
    }
    found = divided("eu_2015_may_published", 0, RELOCATION).shares
    assert {state: share for state, share in found.items() if share} == shares


@pytest.mark.parametrize(
    ("formula", "published", "points"),
    [("eu_2015_may", "eu_2015_may_published", 1), ("eu_2015_september", "eu_2015_september_published", 0.5)],
)
def test_the_formulas_of_2015_with_remembered_inputs_come_close_to_what_was_published(
    formula: str, published: str, points: float
) -> None:
    computed, known = divided(formula, 0).shares, divided(published, 0, RELOCATION).shares
    assert sum(abs(computed[state] - known[state]) for state in known) * 100 < points


def test_the_caps_of_september_2015_bind_and_the_rest_goes_by_population_and_output() -> None:
    key = KEYS["eu_2015_september"]
    found = divided("eu_2015_september", 0)
    assert isinstance(key, WeightedShares)
    parts = found.parts
    bound = [
        state
        for state in found.names
        if parts["asylum"][state] * 10 > 3 * (parts["population"][state] + parts["gdp"][state])
    ]
    assert {"PT", "SK", "CZ"} <= set(bound)
    limited = {
        name: {
            s: min(parts[name][s], Fraction(3, 10) * (parts["population"][s] + parts["gdp"][s])) for s in found.names
        }
        for name in ("asylum", "unemployment")
    }
    base = {
        s: (4 * parts["population"][s] + 4 * parts["gdp"][s] + limited["asylum"][s] + limited["unemployment"][s]) / 10
        for s in found.names
    }
    rest = 1 - sum(base.values())
    assert Fraction(139, 1000) < rest < Fraction(141, 1000)
    assert found.shares == {s: base[s] + rest * (parts["population"][s] + parts["gdp"][s]) / 2 for s in found.names}


def test_a_key_of_two_states_with_different_data_gives_the_shares_worked_by_hand() -> None:
    """K1: population 50, 30, 20, 100 and output 600, 300, 100, 1000 weighed alike."""
    key = toy(weights={"population": 1, "gdp": 1}, inputs={"population": {"columns": ["p"]}, "gdp": {"columns": ["g"]}})
    values = {
        "population": dict(zip("ABCZ", map(Fraction, (50, 30, 20, 100)), strict=True)),
        "gdp": dict(zip("ABCZ", map(Fraction, (600, 300, 100, 1000)), strict=True)),
    }
    shares = weigh(key, values).shares
    assert shares == {"A": Fraction(11, 40), "B": Fraction(3, 20), "C": Fraction(3, 40), "Z": Fraction(1, 2)}


# --- every key ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(KEYS))
def test_every_key_sums_to_one_and_binds_nobody_it_excludes(name: str) -> None:
    key = KEYS[name]
    found = divided(name, 12_345, day_for(key))
    assert sum(found.shares.values()) == 1
    assert sum(found.persons.values()) == 12_345
    assert all(found.shares[code] == 0 for code in key.excluded_codes)
    assert all(found.shares[code] > 0 for code in found.names if code not in key.excluded_codes)
    assert all(abs(found.persons[code] - 12_345 * share) < 1 for code, share in found.shares.items())


@pytest.mark.parametrize("name", sorted(name for name, key in KEYS.items() if key.status != "law"))
def test_what_is_no_law_says_so(name: str) -> None:
    said = divided(name, 1, day_for(KEYS[name])).notes[0]
    assert "kein geltendes Recht" in said["de"] and "not the law in force" in said["en"]


def test_a_result_is_no_surer_than_the_weakest_thing_it_rests_on() -> None:
    assert divided("eu_2024", 1).evidence == "memory_medium"
    assert (
        divided("eu_2024", 1, columns={"population": "population_2023", "gdp": "gdp_2023"}).evidence == "memory_medium"
    )
    assert divided("eu_2016", 1).evidence == "verified"
    assert divided("koenigstein", 1, dt.date(2016, 1, 1)).evidence == "verified"
    assert divided("awov", 1, dt.date(2020, 1, 1)).evidence == "memory_low"
    assert divided("awov", 1, dt.date(2024, 1, 1)).evidence == "modelling_choice"


def test_the_pool_key_is_no_key_before_the_regulation() -> None:
    with pytest.raises(NoKeyOnDate, match="2024-06-11"):
        divided("eu_2024", 1, dt.date(2024, 6, 10))


def test_the_koenigstein_formula_returns_the_set_it_was_derived_from() -> None:
    formula = divided("koenigstein_formula", 0).shares
    published = divided("koenigstein", 0, dt.date(2017, 1, 1)).shares
    assert max(abs(formula[land] - published[land]) for land in published) < Fraction(1, 10**7)


# --- the integration key and the combined key ---------------------------------------------------------------------


def test_awov_takes_a_tenth_from_towns_under_the_rent_cap_and_gives_it_to_all_others() -> None:
    key = KEYS["awov"]
    assert isinstance(key, WeightedShares)
    (reduction,) = key.reductions
    assert len(reduction.codes) == 22
    bare = key.model_copy(update={"reductions": ()})
    values = input_values(key, TABLES, input_columns(key, None))
    before, after = weigh(bare, values).shares, weigh(key, values).shares
    lowered = set(reduction.codes)
    assert all(after[code] == before[code] * Fraction(9, 10) for code in lowered)
    assert len({after[code] / before[code] for code in before if code not in lowered}) == 1
    assert sum(after.values()) == 1


def test_the_end_of_the_ordinance_of_2016_is_said() -> None:
    assert not any("aufgehoben" in note["de"] for note in divided("awov", 1, dt.date(2021, 3, 31)).notes)
    assert any("aufgehoben" in note["de"] for note in divided("awov", 1, dt.date(2021, 4, 1)).notes)
    with pytest.raises(NoKeyOnDate):
        divided("awov", 1, dt.date(2016, 11, 30))


def test_more_vacant_dwellings_raise_a_town_in_the_combined_key_and_more_benefits_lower_it() -> None:
    key = find_key("combined", TABLES)
    assert isinstance(key, WeightedShares)
    values = input_values(key, TABLES, input_columns(key, None))
    cologne = "05315000"
    before = weigh(key, values).shares[cologne]

    def with_twice(name: str) -> Fraction:
        return weigh(key, {**values, name: {**values[name], cologne: 2 * values[name][cologne]}}).shares[cologne]

    assert with_twice("housing") > before
    assert with_twice("benefits") < before
    assert with_twice("labour") < before


def test_a_mixture_is_the_mean_of_its_keys_weighed_by_their_persons() -> None:
    today, flueag, awov = (divided(name, 0, dt.date(2024, 5, 31)) for name in ("nrw_today", "flueag", "awov"))
    for code, share in today.shares.items():
        assert share == (6991 * flueag.shares[code] + 12015 * awov.shares[code]) / 19006
    assert any("Anlage 2" in note["de"] for note in today.notes)


# --- slips in the file --------------------------------------------------------------------------------------------


def toy(**changes: object) -> WeightedShares:
    said = {"de": "Probe", "en": "test"}
    plain = {"kind": "weighted_shares", "label": said, "whom": said, "basis": "-", "source": "-"}
    return WeightedShares.model_validate(
        plain | {"status": "comparison", "evidence": "modelling_choice", "places": "laender"} | changes
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KEY_OF_TWO = """
probe:
  kind: weighted_shares
  label: {de: Probe, en: test}
  whom: {de: Probe, en: test}
  status: comparison
  basis: "-"
  source: "-"
  evidence: modelling_choice
  places: laender
  weights: {area: 1}
  inputs:
    area: {columns: [area_km2]}
"""


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("weights: {area: 1}", "weights: {aera: 1}", UnknownKeyInput, r"keys\.yaml:2: .*aera.*area"),
        ("status: comparison", "status: law", MissingKey, "in_force"),
        ("[area_km2]}", "[area_km2], limit: {factor: 1, of: [area], evidence: verified}}", MissingKey, "residual"),
        ("[area_km2]}", "[area_km2], times: [people]}", UnknownKeyInput, "people"),
    ],
)
def test_a_key_that_does_not_hang_together_is_refused(
    tmp_path: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    assert old in KEY_OF_TWO
    (tmp_path / "keys.yaml").write_text(KEY_OF_TWO.replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=said):
        load_keys(ReferenceTables.load(tmp_path))


@pytest.mark.parametrize("part", ["prob", "mische"])
def test_a_mixture_names_simple_keys_of_the_same_places(tmp_path: Path, part: str) -> None:
    mixture = (
        KEY_OF_TWO.replace("probe:", "mische:")
        .replace("weighted_shares", "mixed_shares")
        .replace("weights: {area: 1}\n  inputs:\n    area: {columns: [area_km2]}", f"keys: {{{part}: 1}}")
    )
    (tmp_path / "keys.yaml").write_text(KEY_OF_TWO + mixture, encoding="utf-8")
    with pytest.raises(NoPartOfAMixture, match=f"{part}.*probe"):
        load_keys(ReferenceTables.load(tmp_path))


def test_the_inverse_of_nothing_is_refused() -> None:
    key = toy(weights={"load": 1}, inputs={"load": {"columns": ["x"], "effect": "inverse"}})
    with pytest.raises(InverseOfZero, match="b"):
        weigh(key, {"load": {"a": Fraction(1), "b": Fraction(0)}})


def test_keys_of_the_file_are_of_three_kinds() -> None:
    assert {type(key) for key in KEYS.values()} == {PublishedShares, WeightedShares, MixedShares}


# --- properties of weighing ---------------------------------------------------------------------------------------

positive = st.integers(1, 500)


@given(st.lists(st.tuples(positive, positive, positive, positive), min_size=1, max_size=7), st.booleans())
def test_weighed_shares_sum_to_one_with_limits_correctives_and_reductions(
    numbers: list[tuple[int, int, int, int]], is_capped: bool
) -> None:
    codes = [str(position) for position in range(len(numbers))]
    inputs = {
        "population": {"columns": ["p"]},
        "gdp": {"columns": ["g"]},
        "asylum": {
            "columns": ["a"],
            "effect": "inverse",
            "limit": {"factor": "0.3", "of": ["population", "gdp"], "evidence": "verified"},
        },
        "load": {"columns": ["l"]},
    }
    said = {"label": {"de": "-", "en": "-"}, "source": "-", "evidence": "verified"}
    cap = {"input": "population", "factor": "1.25", "redistribution": ["iterate"], "evidence": "verified"}
    key = toy(
        weights={"population": "0.4", "gdp": "0.4", "asylum": "0.2"},
        inputs=inputs,
        residual=["population", "gdp"],
        correctives={"load": "0.5"},
        reductions=[{**said, "factor": "0.9", "codes": ["0"]}],
        cap=cap if is_capped else None,
    )
    values = {
        name: dict(zip(codes, map(Fraction, column), strict=True))
        for name, column in zip(inputs, zip(*numbers, strict=True), strict=True)
    }
    made = weigh(key, values)
    assert sum(made.shares.values()) == 1
    assert all(share >= 0 for share in made.shares.values())
    if is_capped:
        assert all(made.shares[code] <= Fraction(5, 4) * made.parts["population"][code] for code in codes)


# --- weights as parameters ----------------------------------------------------------------------------------------


def test_a_heavier_input_draws_the_share_towards_itself() -> None:
    plain = divided("combined", 0)
    heavier = divided("combined", 0, weights={"housing": Decimal("0.6")})
    for code, share in plain.shares.items():
        part = plain.parts["housing"][code]
        assert min(share, part) <= heavier.shares[code] <= max(share, part)


def test_a_law_with_another_weight_is_no_law() -> None:
    changed = divided("eu_2024", 1, weights={"gdp": Decimal(1)})
    assert changed.evidence == "modelling_choice"
    assert "kein geltendes Recht" in changed.notes[0]["de"]
    assert divided("eu_2024", 1, weights={}).evidence == "memory_medium"


@pytest.mark.parametrize(
    ("key", "weights", "error", "said"),
    [
        ("combined", {"houseing": 1}, UnknownKeyInput, "housing"),
        ("combined", {"housing": 0}, WeightNotPositive, "housing"),
        ("koenigstein", {"tax": 1}, KeyWithoutWeights, "Königstein"),
    ],
)
def test_a_weight_that_makes_no_sense_is_refused(
    key: str, weights: dict[str, int], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        divided(key, 1, weights={name: Decimal(weight) for name, weight in weights.items()})
