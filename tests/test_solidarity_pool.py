"""The pool of 2026 adds up from the key to what is delivered, every assumption is listed, and the law counts alike."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.distribution.keys import UnknownDistributionKey
from stellwerk.distribution.reference import UnknownPlace
from stellwerk.distribution.solidarity.pool import (
    Account,
    DeductionOutOfRange,
    Given,
    OffsetAboveObligation,
    Standing,
    account,
    balanced,
    waterfall,
)
from stellwerk.distribution.solidarity.scenario import (
    Figure,
    FigureWithoutValue,
    ScenarioNumberImpossible,
    ScenarioValueImpossible,
    UnknownInstrument,
    UnknownScenarioValue,
    UnknownSolidarityScenario,
    find_instrument,
    load_scenario,
    scenario_names,
)
from stellwerk.distribution.solidarity.year import Year, compute
from stellwerk.documents import UnknownKey, ValueNotAllowed, WrongValue
from stellwerk.errors import StellwerkError
from stellwerk.europe import NoValueOnDay, codes_of, figures_of
from stellwerk.law.resolver import UnknownName
from stellwerk.workbench import Workbench

PRICE = Fraction(20_000)


@pytest.fixture(scope="module")
def bench(checkout: Path) -> Workbench:
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def year(bench: Workbench) -> Year:
    return bench.europe.year("pool_2026")


@pytest.fixture(scope="module")
def tables(bench: Workbench, year: Year) -> dict[str, pl.DataFrame]:
    return bench.europe.year_tables(year)


# --- accounts ------------------------------------------------------------------------------------------------------


def test_people_money_and_measures_fill_an_obligation_together() -> None:
    standing = Standing("A", 420)
    full = account(standing, Given(100, 0, Fraction(5_400_000), Fraction(1_000_000)), PRICE)
    short = account(standing, Given(100, 0, Fraction(5_380_000), Fraction(1_000_000)), PRICE)
    assert (full.delivered, full.met) == (420, True)
    assert (short.shortfall, short.met) == (1, False)


def test_a_deduction_of_half_leaves_half_and_a_benefitting_state_owes_nothing() -> None:
    assert Standing("A", 300, deduction=Fraction(1, 2)).obligation == 150
    assert Standing("ES", 2_102, benefitting=True).obligation == 0
    half = Standing("B", 115, deduction=Fraction(1, 2))
    assert (half.deducted, half.obligation) == (58, 57)


@given(
    fair=st.integers(0, 500), benefitting=st.booleans(), refuses=st.booleans(), percent=st.integers(0, 100),
    relocated=st.integers(0, 600), offset=st.integers(0, 500), paid=st.integers(0, 10**7),
)  # fmt: skip
def test_a_fair_share_goes_nowhere_but_into_the_named_parts(
    fair: int, benefitting: bool, refuses: bool, percent: int, relocated: int, offset: int, paid: int
) -> None:
    standing = Standing("A", fair, benefitting, Fraction(percent, 100), refuses)
    made = account(standing, Given(relocated, min(offset, standing.obligation), Fraction(paid)), PRICE)
    parts = made.own_slice + made.deducted + made.refused + made.offset + made.shortfall - made.surplus + made.delivered
    assert parts == fair
    assert waterfall([made])[-2].left == made.delivered


def test_the_waterfall_ends_where_the_sum_of_the_accounts_does(year: Year) -> None:
    steps = {step.step: step for step in year.waterfall}
    assert steps["reference"].left == 21_000
    assert steps["surplus"].left == steps["delivered"].left == sum(item.delivered for item in year.accounts)


def test_a_deduction_above_the_whole_and_offsets_above_the_obligation_are_refused() -> None:
    with pytest.raises(DeductionOutOfRange, match="A"):
        Standing("A", 1, deduction=Fraction(2))
    with pytest.raises(OffsetAboveObligation, match="301"):
        account(Standing("A", 300), Given(offset=301), PRICE)


def test_needs_are_covered_alike_and_what_was_received_counts() -> None:
    needs = {"Z1": 700, "Z2": 300}
    assert balanced(700, needs) == {"Z1": 490, "Z2": 210}
    assert balanced(400, needs, {"Z1": Fraction(210), "Z2": Fraction(90)}) == {"Z1": 280, "Z2": 120}
    assert balanced(100, needs, {"Z1": Fraction(0), "Z2": Fraction(300)}) == {"Z1": 100, "Z2": 0}
    assert balanced(5_000, needs) == needs


# --- the pool of 2026 ----------------------------------------------------------------------------------------------


def test_fair_shares_meet_the_published_amounts(year: Year, bench: Workbench) -> None:
    assert {code: year.shares.persons[code] for code in ("PT", "IE", "DE", "HU", "SK", "EE")} == {
        "PT": 422, "IE": 462, "DE": 4557, "HU": 350, "SK": 206, "EE": 56,
    }  # fmt: skip
    assert bench.europe.year("pool_2027").shares.persons["LT"] == 164


def test_the_waterfall_of_2026_names_every_leak(year: Year) -> None:
    left = {step.step: step.left for step in year.waterfall}
    assert (left["own_slice"], left["deducted"], left["refused"], left["offset"]) == (15_759, 13_234, 12_678, 8_121)
    irish = next(item for item in year.accounts if item.standing.code == "IE")
    assert irish.surplus == 1  # 463 persons were paid, our key gives 462


def test_if_all_who_owe_before_deductions_paid_it_would_be_315_million(year: Year) -> None:
    owing = sum(item.standing.fair_share for item in year.accounts if not item.standing.benefitting)
    assert (owing, owing * PRICE) == (15_759, 315_180_000)


def test_whoever_pledged_nothing_does_what_is_cheapest(year: Year) -> None:
    choices = {choice.code: choice for choice in year.choices}
    bulgarian, finnish = (next(a for a in year.accounts if a.standing.code == code) for code in ("BG", "FI"))
    assert (
        (bulgarian.given.relocated, bulgarian.given.paid) == (choices["BG"].relocated, choices["BG"].paid) == (215, 0)
    )
    assert (finnish.given.relocated, finnish.given.paid) == (0, 297 * PRICE)


def test_the_scenario_in_which_all_others_pay_moves_only_money(bench: Workbench) -> None:
    paying = bench.europe.year("pool_2026", {"others": "pay"})
    assert {code for code, persons in paying.relocated.items() if persons} == {"LT"}
    assert paying.waterfall[-2].left == 8_122


def test_a_higher_price_brings_more_persons_and_the_law_keeps_its_own_price(bench: Workbench) -> None:
    before, after = (
        sum(choice.relocated for choice in bench.europe.year("pool_2026", {"price": price}).choices)
        for price in ("20000", "30000")
    )
    assert after > before


def test_the_target_is_reached_at_the_price_found_and_missed_one_euro_below(bench: Workbench, year: Year) -> None:
    assert year.target_price is not None and year.target_price.relocated >= year.target
    below = {"price": str(year.target_price.price - 1)}
    taken = bench.europe.year("pool_2026", below).choices
    assert sum(item.relocated for item in taken if item.code not in ("HU", "SK")) < year.target


def test_trading_quotas_costs_less_and_only_moves_money_between_states(year: Year) -> None:
    assert sum(trade.receives for trade in year.market.trades) == 0
    assert sum(trade.gain for trade in year.market.trades) > 0
    assert all(trade.gain >= 0 for trade in year.market.trades)


def test_the_rules_of_the_law_count_every_account_the_same(bench: Workbench, year: Year) -> None:
    law = {row["state"]: row for row in bench.europe.year_tables(year)["law"].iter_rows(named=True)}
    assert set(law) == {item.standing.code for item in year.accounts}
    for item in year.accounts:
        row = law[item.standing.code]
        assert (row["solidarity.obligation.amount"] or 0) == item.standing.obligation
        given = item.given.equivalents(PRICE) * PRICE
        assert Fraction(row["solidarity.contribution_value.amount"]) == given
        assert (row["solidarity.contribution.outcome"] == "obligation_met") == item.met


def test_the_pool_of_2027_and_the_demand_for_withheld_funds_can_be_computed(bench: Workbench) -> None:
    assert scenario_names(bench.params) == ["pool_2026", "pool_2027", "withheld_funds"]
    demanded = bench.europe.year("withheld_funds")
    assert demanded.instrument.status == "proposal"
    hungarian = next(item for item in demanded.refusers if item.code == "HU")
    assert (hungarian.threat.complies, hungarian.threat.least_withheld_share) == (False, Fraction(1, 99))
    assert sum(demanded.reallocated.values()) == hungarian.withheld_eur == 220_000_000


def test_the_legal_status_of_each_instrument_carries_a_source(bench: Workbench) -> None:
    assert find_instrument("infringement", bench.params).status == "law"
    assert find_instrument("withheld_structural_funds", bench.params).source
    with pytest.raises(UnknownInstrument, match="infringement"):
        find_instrument("infringment", bench.params)


# --- assumptions ---------------------------------------------------------------------------------------------------


def test_every_figure_stands_in_the_list_with_its_source_or_the_word_assumption(
    tables: dict[str, pl.DataFrame], year: Year
) -> None:
    listed = tables["assumptions"]
    assert listed["source"].str.len_chars().min() > 0  # type: ignore[operator]  # a number, as the column is text
    chosen = listed.filter(pl.col("evidence") == "modelling_choice")
    assert chosen["source"].str.starts_with("Annahme").all()
    names = {item.name for item in year.assumptions}
    assert {"reference", "price", "receipt", "key", "deduction", "refusal", "pledge", "aversion", "column", "others",
            "instrument", "need", "own_wish", "load"} <= names  # fmt: skip


def test_the_price_and_the_lump_sum_come_from_the_law_with_its_citation(year: Year) -> None:
    found = {item.name: item for item in year.assumptions}
    assert (found["price"].value, found["receipt"].value, found["sending"].value) == ("20000", "10000", "500")
    assert "2021/1147" in found["receipt"].source


def test_a_value_set_for_one_run_counts_as_an_assumption(bench: Workbench) -> None:
    changed = bench.europe.year("pool_2026", {"price": "25000"})
    price = next(item for item in changed.assumptions if item.name == "price")
    assert (price.value, price.evidence) == ("25000", "modelling_choice")


# --- tables --------------------------------------------------------------------------------------------------------


def test_fair_shares_stand_side_by_side_for_every_european_key(tables: dict[str, pl.DataFrame]) -> None:
    shares = tables["fair_shares"]
    keys = [column for column in shares.columns if column.startswith("eu_")]
    assert {"eu_2015_may", "eu_2015_september", "eu_2016", "eu_2024"} <= set(keys)
    assert all(shares[key].sum() == 21_000 for key in keys)
    denmark = shares.row(by_predicate=pl.col("code") == "DK", named=True)
    assert (denmark["eu_2024"], denmark["eu_2016"] > 0) == (0, True)


def test_amounts_in_tables_are_exact_decimals_and_sums_agree(tables: dict[str, pl.DataFrame], year: Year) -> None:
    accounts = tables["accounts"]
    assert accounts["paid_eur"].dtype == pl.Decimal(38, 2)
    assert accounts["receipts_eur"].sum() == 10_000 * accounts["relocated"].sum()
    assert accounts["sending_eur"].sum() == 500 * accounts["relocated"].sum()
    assert Fraction(accounts["delivered"].sum()) == year.waterfall[-2].left


def test_the_door_gives_pandas_frames(bench: Workbench) -> None:
    frames = bench.solidarity("pool_2026")
    assert {"waterfall", "accounts", "take_or_pay", "price_curve", "market", "adjustment", "coverage", "withholding",
            "reallocation", "assumptions", "law", "fair_shares"} == set(frames)  # fmt: skip
    assert all(type(frame).__module__.startswith("pandas") for frame in frames.values())


# --- scenarios that are wrong --------------------------------------------------------------------------------------


def edited(bench: Workbench, folder: Path, old: str, new: str) -> Year:
    """The pool of 2026 with one text of its file replaced, computed."""
    shutil.copytree(bench.params / "solidarity", folder / "solidarity")
    path = folder / "solidarity" / "pool_2026.yaml"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")
    book = bench.rulebook()
    return compute(load_scenario("withheld_funds", folder), bench.tables, figures_of(book), codes_of(book))


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("others: least_cost", "others: least_cost\nanderes: 1", UnknownKey, "pool_2026.yaml:4.*anderes"),
        ("others: least_cost", "others: cheapest", ValueNotAllowed, "least_cost"),
        ("reference: {value: 21000,", "reference: {value: 21000.5,", ScenarioNumberImpossible, "21000.5"),
        ("reference: {value: 21000,", "reference: {", FigureWithoutValue, "reference"),
        ("  AT: {share: 1,", "  AU: {share: 1,", UnknownPlace, "AU"),
        ("  AT: {share: 1,", "  AT: {share: 2,", WrongValue, "share"),
        ("parameter: solidarity.pool.price", "parameter: solidarity.pool.prise", UnknownName, "pool.price"),
        ("on: 2026-06-12", "on: 2026-06-11", NoValueOnDay, "solidarity.pool.price"),
        ("listing: solidarity.classed_under_pressure", "listing: solidarity.class", UnknownName, "classed"),
        ("key: eu_2024", "key: eu_2034", UnknownDistributionKey, "eu_2024"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_mistake_in_a_scenario_is_one_sentence_with_the_right_name(
    bench: Workbench, tmp_path: Path, old: str, new: str, error: type[StellwerkError], said: str
) -> None:
    with pytest.raises(error, match=said):
        edited(bench, tmp_path, old, new)


def test_an_unknown_scenario_or_value_offers_the_nearest(bench: Workbench) -> None:
    with pytest.raises(UnknownSolidarityScenario, match="pool_2026"):
        bench.europe.year("pool_2025")
    with pytest.raises(UnknownScenarioValue, match="price"):
        bench.europe.year("pool_2026", {"prise": "1"})
    with pytest.raises(ScenarioValueImpossible, match="teuer"):
        bench.europe.year("pool_2026", {"price": "teuer"})
    with pytest.raises(ScenarioValueImpossible, match="least_cost, pay"):
        bench.europe.year("pool_2026", {"others": "nichts"})


def test_a_pool_without_refusers_needs_or_loads_is_a_year_too(bench: Workbench) -> None:
    scenario = load_scenario("pool_2026", bench.params)
    held = scenario.withholding.model_copy(update={"loads": {}})
    bare = scenario.model_copy(update={"refusals": {}, "needs": {}, "withholding": held})
    book = bench.rulebook()
    made = compute(bare, bench.tables, figures_of(book), codes_of(book))
    assert (made.refusers, made.coverage, made.reallocated) == ((), (), {})
    assert bench.europe.year_tables(made)["withholding"].is_empty()


def test_a_pool_of_nobody_is_all_zeros(bench: Workbench) -> None:
    made = bench.europe.year("pool_2027", {"reference": "0"})
    assert {step.left for step in made.waterfall} == {0}
    assert (made.choices, made.market.price, made.relocated) == ((), 0, {code: 0 for code in made.relocated})


def test_figures_of_the_law_bring_value_basis_and_grade(bench: Workbench) -> None:
    found: Figure = figures_of(bench.rulebook())("solidarity.fund.sending", dt.date(2026, 7, 1))
    assert (found.value, found.evidence) == (Decimal(500), "verified")


def test_an_account_of_a_refuser_is_empty_whatever_it_gives() -> None:
    refusing: Account = account(Standing("A", 10, refuses=True), Given(relocated=5), PRICE)
    assert (refusing.delivered, refusing.refused, refusing.met) == (0, 10, False)


# --- command -------------------------------------------------------------------------------------------------------


def test_the_command_tells_the_waterfall_in_german_and_english(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("solidarity", "pool_2026")
    assert code == 0
    assert "wirksame Solidarität" in out and "8.122" in out and "4.695" in out
    monkeypatch.setenv("STELLWERK_LANG", "en")
    assert "Effective solidarity" in run("solidarity", "pool_2026")[1]


def test_the_command_writes_a_workbook_a_folder_and_json(run: Run, tmp_path: Path) -> None:
    assert run("solidarity", "pool_2026", "-o", tmp_path / "pool.xlsx")[0] == 0
    assert run("solidarity", "pool_2026", "-o", tmp_path / "pool")[0] == 0
    assert pl.read_excel(tmp_path / "pool.xlsx", sheet_name="waterfall").height == 9
    assert pl.read_csv(tmp_path / "pool" / "accounts.csv")["relocated"].sum() == 1_050
    _, out, _ = run("solidarity", "pool_2026", "--table", "waterfall", "--json")
    assert json.loads(out)["waterfall"][0]["persons"] == "21000.00"


def test_families_are_assigned_to_the_states_that_take(run: Run, tmp_path: Path) -> None:
    families, links = tmp_path / "familien.csv", tmp_path / "bindungen.csv"
    families.write_text("family_id;persons;state\nMüller-1;4;IT\nÖz-2;2;GR\n", encoding="utf-8")
    links.write_text("family_id;state\nMüller-1;RO\nÖz-2;BG\n", encoding="utf-8")
    code, out, _ = run(
        "solidarity", "pool_2026", "--families", families, "--links", links, "--table", "relocation", "--json"
    )
    assert code == 0
    assert {row["family_id"]: row["to"] for row in json.loads(out)["relocation"]} == {"Müller-1": "RO", "Öz-2": "BG"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("solidarity", "pool_2025"), "pool_2026"),
        (("solidarity", "pool_2026", "-p", "prise=1"), "price"),
        (("solidarity", "pool_2026", "-p", "price"), "price"),
        (("solidarity", "pool_2026", "-p", "price=0"), "0"),
        (("solidarity", "pool_2026", "-p", "reference=-5"), "-5"),
        (("solidarity", "pool_2026", "-p", "key=flueag"), "flueag"),
        (("solidarity", "pool_2026", "--table", "waterfal"), "waterfall"),
        (("solidarity", "pool_2026", "-o", "pool.csv"), "pool.csv"),
        (("solidarity", "pool_2026", "--links", "x.csv"), "--families"),
        (("solidarity", "pool_2026", "--families", "gibtesnicht.csv"), "gibtesnicht.csv"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_on_the_command_line_is_one_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err and len(err.strip().splitlines()) == 1


# --- guide ---------------------------------------------------------------------------------------------------------


def test_the_scenario_of_the_guide_can_be_computed(bench: Workbench, checkout: Path, tmp_path: Path) -> None:
    guide = (checkout / "docs" / "solidaritaet.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml params/(\S+)\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    shutil.copytree(bench.params / "solidarity", tmp_path / "solidarity")
    (tmp_path / block[0]).write_text(block[1], encoding="utf-8")
    book = bench.rulebook()
    made = compute(load_scenario("mein_pool", tmp_path), bench.tables, figures_of(book), codes_of(book))
    portuguese = next(item for item in made.accounts if item.standing.code == "PT")
    assert (portuguese.given.relocated, portuguese.given.paid, portuguese.met) == (100, 322 * PRICE, True)


def test_the_guide_tells_the_figures_and_names_the_tables_there_are(
    checkout: Path, year: Year, tables: dict[str, pl.DataFrame]
) -> None:
    guide = (checkout / "docs" / "solidaritaet.md").read_text(encoding="utf-8")
    for step in year.waterfall[:-2]:
        left = f"{int(step.left):,}".replace(",", ".")
        assert f"| {left} |" in guide
    listed = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", guide, re.MULTILINE)
    assert {name for names in listed for name in re.findall(r"\w+", names)} == set(tables)
