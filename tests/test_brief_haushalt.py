"""The brief on the budget: headline, tables, picture and the list of all lines are sums of the same lines."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.haushalt import haushalt, sections
from stellwerk.workbench import Workbench


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = scenario_for("haushalt", None, checkout)
    return lambda **other: haushalt.begin({**values, **other}, workbench.params, workbench.rulebook())


@pytest.fixture(scope="module")
def costed(workbench, begun):
    asked = begun().parameters
    return workbench.budget(asked.scenario, reforms=[asked.reform])


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def bears(lines, party, law):
    """What a party pays less what it receives, from the list of all lines."""
    own = [line for line in lines if line["law"] == law]
    paid = sum(Decimal(line["amount_eur"]) for line in own if line["payer"] == party)
    return paid - sum(Decimal(line["amount_eur"]) for line in own if line["payee"] == party)


def test_headline_table_picture_and_lines_tell_the_same_sums(begun, costed):
    brief = begun()
    lines = rows(sections.prices(brief, costed), "lines")
    headline = {row["id"]: row for row in rows(haushalt.headline(brief, costed), "headline")}
    table = rows(sections.parties(brief, costed), "parties")
    steps = sections.steps(brief, costed)
    for party in ("land", "municipality"):
        before, after = bears(lines, party, "in_force"), bears(lines, party, "reform")
        assert Decimal(headline[party]["value"]) == after - before
        assert sum(Decimal(row["bears"]) for row in table if row["party"] == party) == after
        way = [Decimal(row["amount"]) for row in rows(steps, f"steps_{party}")]
        assert (way[0], way[-1], sum(way[:-1])) == (before, after, after)


def test_the_prices_add_up_to_the_lines_with_the_reform(begun, costed):
    block = sections.prices(begun(), costed)
    monthly = [line for line in rows(block, "lines") if line["law"] == "reform"]
    assert sum(Decimal(row["amount"]) for row in rows(block, "prices")) == sum(
        Decimal(line["amount_eur"]) for line in monthly
    )


def test_real_amounts_of_the_base_year_are_the_nominal_ones_and_later_ones_are_less(begun, costed):
    for row in rows(sections.parties(begun(), costed), "parties"):
        bears_now, real = abs(Decimal(row["bears"])), abs(Decimal(row["real"]))
        assert real == bears_now if row["year"] == "2024" else real < bears_now


def test_every_line_names_a_provision_and_its_grade(begun, costed):
    table = rows(sections.prices(begun(), costed), "prices")
    assert all(row["version"] and row["evidence"] for row in table)
    lump_sum = next(row for row in table if (row["position"], row["group"]) == ("flueag_lump_sum", "county_free"))
    assert (lump_sum["price"], lump_sum["rule"]) == ("1303.0000", "support.flueag.municipality_month")
    assert lump_sum["version"] == "FlüAG NRW § 4 Abs. 1; Werte seit 01.01.2024"


def test_what_has_no_price_is_told_with_its_reason_and_counted_in_the_opening(begun, costed):
    gaps = rows(sections.gaps(begun(), costed), "gaps")
    assert {row["position"] for row in gaps} == {"return_support", "stock_payment"}
    assert all(row["reason"] for row in gaps)
    assert f"Ohne Betrag bleiben {len(gaps)} Posten" in haushalt.headline(begun(), costed).html


def test_a_scenario_without_any_price_is_refused_with_its_name(workbench, begun):
    costed = workbench.budget("cases_2024", reforms=["position_paper_2023"])
    with pytest.raises(haushalt.NothingPriced, match="cases_2024"):
        haushalt.opening(begun(scenario="cases_2024"), costed)


def test_a_reform_that_costs_nothing_here_says_so(workbench, begun):
    brief = begun(reform="dublin_iv_2016", scenario="flueag_2024")
    costed = workbench.budget("flueag_2024", reforms=["dublin_iv_2016"])
    assert "Die Reform ändert keinen Betrag" in sections.steps(brief, costed).html
    assert "setzt an diesem Tag keinen Wert" in haushalt.rests_on_law(brief, costed).html
    assert "Jeder Posten des Szenarios hat einen Preis" in sections.gaps(brief, costed).html
    assert "Ohne Betrag" not in haushalt.headline(brief, costed).html


def test_all_sections_speak_english_too(begun, costed):
    brief = begun(language="en")
    page = haushalt.opening(brief, costed) + haushalt.headline(brief, costed) + haushalt.rests_on_law(brief, costed)
    page += sections.parties(brief, costed) + sections.steps(brief, costed) + sections.prices(brief, costed)
    page += sections.gaps(brief, costed) + sections.assumptions(brief, costed) + haushalt.limits(brief)
    assert "Municipalities and counties" in page.html
    assert "Mio." not in page.html
