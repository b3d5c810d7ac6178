"""A budget adds up to the cent, reads the law as it was known, and opens down to its quantities and cases."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from conftest import Run

from stellwerk.budget.positions import UnknownQuantity
from stellwerk.budget.prices import UnknownPrice
from stellwerk.budget.quantities import QuantityCellWrong, QuantityColumnMissing, QuantityRepeated
from stellwerk.budget.scenario import MonthsReversed, QuantityEntryUnclear, UnknownBudgetScenario
from stellwerk.budget.stocks import UnknownSeries
from stellwerk.costing import Costed
from stellwerk.costing.run import SameMoneyTwice, UnknownScenarioFact
from stellwerk.costing.unit_prices import PriceNeedsFact, PriceNotPerUnit
from stellwerk.documents import UnknownKey
from stellwerk.errors import StellwerkError
from stellwerk.workbench import Workbench

HEAD = "title: {de: Probe, en: trial}\nfirst_month: 2023-12\nlast_month: 2024-01\nbase_year: 2024\n"
SOURCE = 'source: "Annahme", evidence: modelling_choice'
KNOWN_BEFORE = dt.date(2024, 6, 30)  # the retroactive lump sums were promulgated on 20 December 2024


@pytest.fixture(scope="module")
def bench(checkout: Path) -> Workbench:
    return Workbench.open(checkout)


def scenario_file(folder: Path, body: str, head: str = HEAD) -> str:
    path = folder / "probe.yaml"
    path.write_text(head + body, encoding="utf-8")
    return path.as_posix()


def quantity(name: str, number: object, group: str = "", **more: object) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    shown = f", group: {group}" if group else ""
    return f"  - {{quantity: {name}{shown}, number: {number}, {SOURCE}{extra}}}\n"


def eur_of(costed: Costed, line: str) -> Decimal:
    return Decimal(costed.budget.line(line).cents) / 100


def reserve(folder: Path, facts: str, reforms: str = "[position_paper_2023]") -> str:
    head = HEAD.replace("2023-12", "2026-01").replace("2024-01", "2026-01") + f"reforms: {reforms}\n" + facts
    occupied = quantity("persons_in_municipalities", 80, "county_free")
    return scenario_file(folder, "quantities:\n" + occupied + quantity("empty_places_held", 20, "county_free"), head)


# --- amounts that are known ---------------------------------------------------------------------------------------


def test_ten_persons_in_a_county_free_city_earn_11250_in_december_2023_and_13030_in_january_2024(
    bench: Workbench,
) -> None:
    costed = bench.budget("flueag_2024")
    assert eur_of(costed, "2023-12/flueag_lump_sum/county_free") == 11_250
    assert eur_of(costed, "2024-01/flueag_lump_sum/county_free") == 13_030


def test_who_did_not_know_the_retroactive_act_yet_counts_11250_in_january_2024(bench: Workbench) -> None:
    costed = bench.budget("flueag_2024", known_on=KNOWN_BEFORE)
    assert eur_of(costed, "2024-01/flueag_lump_sum/county_free") == 11_250


def test_a_hundred_held_places_of_which_eighty_are_occupied_earn_117270_a_month_at_a_share_of_one_half(
    bench: Workbench, tmp_path: Path
) -> None:
    share = f"facts:\n  reserve_share: {{value: 0.5, {SOURCE}}}\n"
    costed = bench.budget(reserve(tmp_path, share))
    assert costed.budget.cents == 117_270_00
    assert costed.base is not None and costed.base.cents == 104_240_00


def test_the_demand_on_reserve_places_without_its_share_is_refused_and_has_no_default(
    bench: Workbench, tmp_path: Path
) -> None:
    with pytest.raises(PriceNeedsFact, match="reserve_share"):
        bench.budget(reserve(tmp_path, ""))


def test_under_the_law_in_force_empty_places_earn_nothing_and_no_share_is_asked_for(
    bench: Workbench, tmp_path: Path
) -> None:
    costed = bench.budget(reserve(tmp_path, "", reforms="[]"))
    assert eur_of(costed, "2026-01/reserve_places/county_free") == 0
    assert eur_of(costed, "2026-01/flueag_lump_sum/county_free") == 104_240


@pytest.mark.parametrize(
    ("name", "group", "month", "eur"),
    [
        ("first_applications", "", "2024-12", 7_500),
        ("persons_taken_over", "", "2024-12", 10_000),
        ("persons_transferred_out", "", "2024-12", 500),
        ("persons_admitted_from_abroad", "resettled", "2024-12", 10_000),
        ("persons_admitted_from_abroad", "admitted", "2024-12", 6_000),
        ("persons_admitted_from_abroad", "vulnerable", "2024-12", 8_000),
        ("persons_paid_for", "", "2026-12", 20_000),
        ("new_enforceable_departures", "", "2024-12", 12_000),
        ("persons_admitted_by_order", "", "2024-12", 330),
        ("county_years", "", "2024-12", 500_000),
        ("stock_payment_years", "", "2024-12", 100_000_000),
        ("central_authority_years", "", "2024-12", 47_000_000),
        ("persons_on_base_benefits", "single_dwelling", "2024-12", 460),
        ("persons_on_base_benefits", "single_shared", "2025-12", 397),
        ("persons_on_base_benefits", "age_0_to_5", "2024-12", 312),
        ("persons_on_analog_benefits", "single_dwelling", "2024-12", 563),
        ("persons_on_analog_benefits", "single_shared", "2024-12", 563),
        ("children_on_benefits", "", "2024-12", 20),
        ("persons_in_state_places", "adult", "2024-12", 184),
        ("new_hosts", "", "2024-12", 0),
    ],
)
def test_one_unit_costs_what_the_law_says(
    bench: Workbench, tmp_path: Path, name: str, group: str, month: str, eur: int
) -> None:
    head = HEAD.replace("2023-12", month).replace("2024-01", month)
    costed = bench.budget(scenario_file(tmp_path, "quantities:\n" + quantity(name, 1, group), head))
    assert [line.cents for line in costed.budget.lines] == [eur * 100]


def test_a_reform_pays_hosts_500_and_the_central_authorities_three_million_more(bench: Workbench) -> None:
    costed = bench.budget("land_2024", reforms=["position_paper_2023"])
    assert costed.base is not None
    more = {
        position: costed.budget.line(position).cents - costed.base.line(position).cents
        for position in ("2024-01/host_thanks", "2024-01/central_authorities")
    }
    assert more == {"2024-01/host_thanks": 20_000 * 500_00, "2024-01/central_authorities": 3_000_000_00}


def test_raising_the_places_of_the_land_costs_what_places_cost(bench: Workbench) -> None:
    costed = bench.budget("land_2024", reforms=["position_paper_2023"])
    line = costed.budget.line("2024-06/state_places")
    assert line.quantity == 80_000
    assert line.cents == 80_000 * line.price.eur * 100


# --- what is not computed -----------------------------------------------------------------------------------------


def test_a_demand_without_a_price_is_listed_with_its_reason_and_computed_once_a_scenario_sets_one(
    bench: Workbench, tmp_path: Path
) -> None:
    wanted = "quantities:\n" + quantity("supported_departures", 100)
    assert [gap.position for gap in bench.budget(scenario_file(tmp_path, wanted)).budget.not_computed] == [
        "return_support"
    ]
    own = f"prices:\n  return_support: {{value: 1500.50, {SOURCE}}}\n"
    costed = bench.budget(scenario_file(tmp_path, own + wanted))
    assert [line.cents for line in costed.budget.lines] == [150_050_00] * 2
    assert not costed.budget.not_computed


def test_money_of_an_act_that_was_not_promulgated_yet_is_not_computed(bench: Workbench, tmp_path: Path) -> None:
    path = scenario_file(tmp_path, "quantities:\n" + quantity("county_years", 31))
    known_later = bench.budget(path).budget
    assert [gap.last for gap in known_later.not_computed] == [dt.date(2023, 12, 1)]
    known_before = bench.budget(path, known_on=KNOWN_BEFORE).budget
    assert not known_before.lines
    assert [(gap.first, gap.last) for gap in known_before.not_computed] == [(dt.date(2023, 12, 1), dt.date(2024, 1, 1))]


def test_benefits_of_a_year_whose_amounts_are_not_known_yet_are_not_computed(bench: Workbench, tmp_path: Path) -> None:
    head = HEAD.replace("2023-12", "2026-12").replace("2024-01", "2027-01")
    path = scenario_file(tmp_path, "quantities:\n" + quantity("persons_on_base_benefits", 5, "single_dwelling"), head)
    budget = bench.budget(path).budget
    assert [line.month for line in budget.lines] == [dt.date(2026, 12, 1)]
    assert [gap.first for gap in budget.not_computed] == [dt.date(2027, 1, 1)]


# --- opening ------------------------------------------------------------------------------------------------------


def test_a_line_names_the_version_of_the_parameter_that_made_its_price(bench: Workbench) -> None:
    price = bench.budget("flueag_2024").budget.line("2024-01/flueag_lump_sum/county_free").price
    assert price.rule == "support.flueag.municipality_month"
    assert [(version.name, version.first, version.known_from) for version in price.versions] == [
        ("support.flueag.lump_sum.county_free", dt.date(2024, 1, 1), dt.date(2024, 12, 20))
    ]
    assert price.evidence == "verified"


def test_a_line_read_after_its_rule_was_last_verified_claims_no_more_than_a_modelling_choice(bench: Workbench) -> None:
    budget = bench.budget("eu_2026").budget
    late = [line for line in budget.lines if line.price.past_verification]
    assert late and all(line.price.evidence == "modelling_choice" for line in late)
    assert any("nicht geprüft" in entry.what.de for entry in budget.assumptions)


def test_every_line_opens_to_parts_that_sum_to_its_quantity(bench: Workbench) -> None:
    costed = bench.budget("land_2024")
    assert costed.budget.lines
    for line in costed.budget.lines:
        opened = costed.open_line(line.id)
        assert sum(map(Fraction, opened.get_column("number")), Fraction(0)) == line.quantity
        assert all(opened.get_column("source"))


def test_two_sources_of_one_stock_are_two_parts_of_one_line(bench: Workbench, tmp_path: Path) -> None:
    first = quantity("first_applications", 10)
    second = quantity("first_applications", 5).replace("Annahme", "Landesstatistik")
    costed = bench.budget(scenario_file(tmp_path, "quantities:\n" + first + second))
    opened = costed.open_line("2024-01/federal_per_applicant")
    assert dict(zip(opened["source"], opened["number"], strict=True)) == {"Annahme": 10, "Landesstatistik": 5}


def test_the_budget_of_the_central_authorities_tells_how_many_posts_it_pays(bench: Workbench) -> None:
    costed = bench.budget("land_2024")
    paid = costed.stands_for(costed.budget.line("2024-01/central_authorities"))
    assert paid is not None
    posts, price = paid
    assert posts * price.eur == 47_000_000
    assert price.evidence == "modelling_choice"


def test_everything_a_budget_rests_on_stands_with_its_source(bench: Workbench) -> None:
    budget = bench.budget("land_2024", reforms=["position_paper_2023"]).budget
    assert all(entry.source and entry.evidence for entry in budget.assumptions)
    told = " ".join(entry.what.de for entry in budget.assumptions)
    assert all(line.position in budget.positions.positions for line in budget.lines)
    for line in budget.lines:
        assert budget.positions.positions[line.position].quantity in told


# --- cases of a register ------------------------------------------------------------------------------------------

COMMON = {
    "status": "asylum_permission",
    "birth_date": dt.date(1990, 5, 5),
    "in_need": True,
    "living_arrangement": "dwelling_alone",
    "lives_in_state_facility": False,
    "stay_without_interruption_since": dt.date(2023, 6, 1),
    "stay_length_abusively_influenced": False,
    "analog_benefits_before_change": False,
    "parent_receives_analog_benefits": False,
    "flueag_person": True,
    "municipality_type": "county_free",
    "departure_enforceable_since": None,
    "admitted_by_state_order": False,
}


@pytest.fixture(scope="module")
def of_cases(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Costed:
    head = HEAD.replace("2023-12", "2024-02").replace("2024-01", "2024-03")
    path = scenario_file(tmp_path_factory.mktemp("register"), "", head)
    cases = pl.DataFrame(
        [
            {"case_id": "F-1", **COMMON},
            {"case_id": "F-2", **COMMON, "municipality_type": "county_member"},
            {"case_id": "F-3", **COMMON, "status": "tolerated", "departure_enforceable_since": dt.date(2024, 3, 15)},
            {"case_id": "F-4", **COMMON, "lives_in_state_facility": True, "flueag_person": False},
            {"case_id": "F-5", **COMMON, "lives_in_state_facility": None},
            {"case_id": "F-6", **COMMON, "in_need": None},
            {"case_id": "F-7", **COMMON, "status": "permit_protection", "flueag_person": False},
        ],
        infer_schema_length=None,
    )
    return bench.budget(path, cases=cases, cases_name="Proberegister")


def test_a_line_of_a_register_opens_to_its_cases(of_cases: Costed) -> None:
    line = of_cases.budget.line("2024-02/cases_base_municipality/460")
    assert (line.quantity, line.cents) == (3, 3 * 460_00)
    assert of_cases.open_line(line.id).get_column("case_id").to_list() == ["F-1", "F-2", "F-3"]
    assert {version.name for version in line.price.versions} == {
        "support.asylblg.personal.level_1",
        "support.asylblg.necessary.level_1",
    }


def test_every_line_of_a_register_opens_to_as_many_cases_as_it_counts(of_cases: Costed) -> None:
    for line in of_cases.budget.lines:
        opened = of_cases.open_line(line.id)
        assert opened.height == line.quantity
        assert opened.get_column("amount_eur").sum() * 100 == line.cents


def test_a_one_off_payment_counts_in_the_month_of_its_day_only(of_cases: Costed) -> None:
    months = [line.month for line in of_cases.budget.lines if line.position == "cases_departure_one_off"]
    assert months == [dt.date(2024, 3, 1)]


def test_a_case_in_a_state_facility_is_paid_by_the_land(of_cases: Costed) -> None:
    payers = {line.payer for line in of_cases.budget.lines if "F-4" in of_cases.open_line(line.id)["case_id"]}
    assert payers == {"land"}


def test_a_case_with_a_missing_fact_is_in_no_line_and_its_fact_is_named(of_cases: Costed) -> None:
    opened = [of_cases.open_line(line.id) for line in of_cases.budget.lines if line.position != "cases_flueag_month"]
    assert not any(case in rows["case_id"] for rows in opened for case in ("F-5", "F-6"))
    reasons = {gap.reason.de for gap in of_cases.budget.not_computed}
    assert reasons == {"Angaben fehlen: lives_in_state_facility", "Angaben fehlen: in_need"}


def test_a_register_and_a_stock_do_not_count_the_same_money(bench: Workbench, tmp_path: Path) -> None:
    body = "quantities:\n" + quantity("persons_on_base_benefits", 5, "single_dwelling")
    with pytest.raises(SameMoneyTwice, match="persons_on_base_benefits"):
        bench.budget(scenario_file(tmp_path, body), cases=pl.DataFrame([{"case_id": "F-1", **COMMON}]))


# --- the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def run(run: Run) -> Run:
    return lambda *arguments: run("budget", *arguments)


def test_the_command_tells_who_bears_what_and_on_what_that_rests(run: Run) -> None:
    code, out, _ = run("reserve_2026")
    assert code == 0
    assert "Positionspapier 2023" in out and "+156.360,00" in out and "Das Papier nennt keinen Anteil" in out


def test_an_opened_line_shows_rule_parameter_input_and_stock(run: Run) -> None:
    code, out, _ = run("reserve_2026", "--open", "2026-01/reserve_places/county_free")
    assert code == 0
    for said in ("20 Platzmonate × 651,50 EUR = 13.030,00 EUR", "support.reserve_places", "reserve_share = 0.5"):
        assert said in out
    assert "verkündet am 20.12.2024" in out and "100 Plätze, 80 belegt" in out


def test_the_command_ends_with_one_where_something_is_not_computed_and_with_two_on_wrong_use(run: Run) -> None:
    assert run("land_2024", "--year", "2024")[0] == 1
    code, _, err = run("land_2024", "--year", "1999")
    assert code == 2 and "2024" in err


def test_machines_get_every_line_and_tables_in_three_formats_hold_the_same(run: Run, tmp_path: Path) -> None:
    sums = set()
    for name in ("zeilen.csv", "zeilen.xlsx", "zeilen.parquet"):
        code, out, _ = run("flueag_2024", "--json", "-o", tmp_path / name)
        assert code == 0
        sums.add(json.loads(out)["total_eur"])
    assert sums == {"24280.00"}
    read = [
        pl.read_csv(tmp_path / "zeilen.csv"),
        pl.read_excel(tmp_path / "zeilen.xlsx"),
        pl.read_parquet(tmp_path / "zeilen.parquet"),
    ]
    assert {float(frame.get_column("amount_eur").sum()) for frame in read} == {24280.0}


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("quantities:\n" + quantity("persons_in_municipality", 1), UnknownQuantity, "persons_in_municipalities"),
        ("quantities:\n" + quantity("persons_in_municipalities", 1), StellwerkError, "county_member"),
        ("quantities:\n" + quantity("first_applications", -1), StellwerkError, "number"),
        ("quantities:\n" + quantity("first_applications", 1) * 2, QuantityRepeated, "first_applications"),
        ("quantities:\n  - {quantity: first_applications, number: 1}\n", QuantityEntryUnclear, "probe.yaml:6"),
        (f"prices:\n  return_suport: {{value: 1, {SOURCE}}}\n", UnknownPrice, "return_support"),
        (f"facts:\n  reserve_shar: {{value: 1, {SOURCE}}}\n", UnknownScenarioFact, "reserve_share"),
        ("quantitie: []\n", UnknownKey, "quantities"),
        ("quantities:\n  - {table: fehlt.csv}\n", StellwerkError, "fehlt.csv"),
    ],
)
def test_a_mistake_in_a_scenario_is_told_with_what_is_right(
    bench: Workbench, tmp_path: Path, body: str, error: type[StellwerkError], said: str
) -> None:
    with pytest.raises(error) as caught:
        bench.budget(scenario_file(tmp_path, body))
    assert said in str(caught.value)


def test_months_that_run_backwards_are_refused_with_their_line(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(MonthsReversed, match=r"probe\.yaml:3"):
        bench.budget(scenario_file(tmp_path, "", HEAD.replace("2023-12", "2024-02")))


def test_an_unknown_scenario_is_told_with_the_nearest(bench: Workbench) -> None:
    with pytest.raises(UnknownBudgetScenario, match="flueag_2024"):
        bench.budget("flueg_2024")


def test_a_table_of_quantities_gives_the_same_as_numbers_in_the_scenario(bench: Workbench, tmp_path: Path) -> None:
    rows = "\n".join(f"{month},first_applications,,12.5,Landesstatistik,verified" for month in ("2023-12", "2024-01"))
    (tmp_path / "zahlen.csv").write_text("month,quantity,group,number,source,evidence\n" + rows + "\n", "utf-8")
    by_table = bench.budget(scenario_file(tmp_path, "quantities:\n  - {table: zahlen.csv}\n")).budget
    by_number = bench.budget(scenario_file(tmp_path, "quantities:\n" + quantity("first_applications", 12.5))).budget
    assert [line.cents for line in by_table.lines] == [line.cents for line in by_number.lines] == [9_375_000]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", QuantityColumnMissing, "month"),
        ("month,quantity,group,number,source\n", QuantityColumnMissing, "evidence"),
        ("month,quantity,group,number,source,evidence\n2024-13,first_applications,,1,x,verified\n", None, "2024-13"),
        ("month,quantity,group,number,source,evidence\n2024-01,first_applications,,1,x,verifid\n", None, "verified"),
        ("month,quantity,group,number,source,evidence\n2024-01,first_applications,,-1,x,verified\n", None, "-1"),
        ("month,quantity,group,number,source,evidence\n2024-01,first_applications,,NaN,x,verified\n", None, "NaN"),
        ("month,quantity,group,number,source,evidence\n2024-01,first_applications,,1,,verified\n", None, "source"),
    ],
)
def test_a_mistake_in_a_table_of_quantities_is_told_with_its_row(
    bench: Workbench, tmp_path: Path, content: str, error: type[StellwerkError] | None, said: str
) -> None:
    (tmp_path / "zahlen.csv").write_text(content, "utf-8")
    with pytest.raises(error or QuantityCellWrong) as caught:
        bench.budget(scenario_file(tmp_path, "quantities:\n  - {table: zahlen.csv}\n"))
    assert "zahlen.csv" in str(caught.value) and said in str(caught.value)


def test_a_rule_that_pays_many_something_else_than_many_times_one_gives_no_price(bench: Workbench) -> None:
    from stellwerk.budget.positions import Pricing
    from stellwerk.costing.unit_prices import UnitPrices

    counted_wrongly = Pricing(
        rule="support.flueag.municipality_month",
        count=("persons_reported", "places_held"),
        facts={"ags": "05000000", "municipality_type": "county_free"},
    )
    not_counted = Pricing(
        rule="solidarity.fund_admission",
        count=("persons_resettled",),
        facts={"state": "DE", "persons_admitted": 1, "persons_admitted_vulnerable": 0},
    )
    prices, month = UnitPrices(bench.rulebook(), {}), dt.date(2024, 7, 1)
    assert prices.price("probe", counted_wrongly, "", month).eur == 1303  # type: ignore[union-attr]
    with pytest.raises(PriceNotPerUnit):
        prices.price("probe", not_counted, "", month)


# --- stocks and flows of state reception --------------------------------------------------------------------------


RUN = """
title: {de: Probelauf, en: trial run}
source: Annahme
start: 2024-01-01
weeks: 14
warm_up_weeks: 4
places: {source: Annahme}
assignment: {without_plan_weeks: 26, source: Annahme}
"""
TAKEN = """
reception:
  scenario: SCENARIO
  series:
    - {frame: facilities, column: active, counts: stock, quantity: state_places_active, source: S, evidence: verified}
    - {frame: movements, column: arrivals, counts: flow, quantity: first_applications, source: S, evidence: verified}
"""


@pytest.fixture(scope="module")
def of_reception(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Costed:
    folder = tmp_path_factory.mktemp("reception")
    (folder / "lauf.yaml").write_text(RUN, "utf-8")
    head = HEAD.replace("2024-01", "2024-03").replace("2023-12", "2024-01")
    taken = TAKEN.replace("SCENARIO", (folder / "lauf.yaml").as_posix())
    return bench.budget(scenario_file(folder, taken, head), reforms=["position_paper_2023"])


def test_a_run_of_state_reception_becomes_lines_that_open_to_its_series(of_reception: Costed) -> None:
    opened = of_reception.open_line("2024-03/state_places")
    assert opened.get_column("source").str.contains("facilities.active", literal=True).all()
    assert opened.get_column("number").sum() == 80_000


def test_a_reform_of_the_places_changes_the_run_and_with_it_the_money(of_reception: Costed) -> None:
    assert of_reception.base is not None
    before = of_reception.base.line("2024-03/state_places")
    assert before.quantity < 40_000 < of_reception.budget.line("2024-03/state_places").quantity


def test_a_budget_on_a_run_rests_on_what_the_run_rests_on(of_reception: Costed) -> None:
    told = [entry.what.de for entry in of_reception.budget.assumptions]
    assert any(what.startswith("Probelauf: ") for what in told)


def test_a_series_that_a_run_does_not_have_is_told_with_the_nearest(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "lauf.yaml").write_text(RUN, "utf-8")
    taken = TAKEN.replace("SCENARIO", (tmp_path / "lauf.yaml").as_posix()).replace("column: active", "column: activ")
    with pytest.raises(UnknownSeries, match="active"):
        bench.budget(scenario_file(tmp_path, taken, HEAD.replace("2023-12", "2024-01")))
