"""The brief on European solidarity: headline, picture and accounts are the same sums, and the law counts them anew."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.solidaritaet import choices, sections, solidaritaet
from stellwerk.workbench import Workbench


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = scenario_for("solidaritaet", None, checkout)
    return lambda **other: solidaritaet.begin({**values, **other}, workbench.params, workbench.rulebook())


@pytest.fixture(scope="module")
def year(workbench, begun):
    return workbench.europe.year(begun().parameters.scenario)


@pytest.fixture(scope="module")
def tables(workbench, year):
    return workbench.europe.year_tables(year)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_headline_picture_and_accounts_tell_the_same_sums(begun, year, tables):
    brief = begun()
    told = {row["id"]: Decimal(row["value"]) for row in rows(solidaritaet.headline(brief, year), "headline")}
    way = [Decimal(row["amount"]) for row in rows(sections.waterfall(brief, tables), "waterfall")]
    accounts = rows(sections.accounts(brief, year, tables), "accounts")
    total = accounts.pop()
    assert (way[0], way[-1]) == (told["reference"], told["delivered"])
    assert sum(way[:-1]) == way[-1] == Decimal(total["delivered"])
    assert Decimal(total["refused"]) == told["refused"] == sum(Decimal(row["refused"]) for row in accounts)
    assert Decimal(total["relocated"]) == told["relocated"]
    assert Decimal(total["fair_share"]) == told["reference"]


def test_the_map_shows_the_obligation_of_every_state_in_the_key(begun, year, tables):
    block = sections.accounts(begun(), year, tables)
    owed = {row["state"]: row["obligation"] for row in rows(block, "accounts")}
    shown = {row["code"]: row["value"] for row in rows(block, "obligations") if row["value"]}
    assert shown == {code: persons for code, persons in owed.items() if code != "total"}


def test_the_rules_count_every_obligation_as_the_model_does(begun, year, tables):
    block = solidaritaet.rests_on_law(begun(), year, tables["law"])
    states = len(year.accounts)
    assert f"Bei {states} von {states} Staaten" in block.html
    assert {row["what"] for row in rows(block, "law")} >= {"solidarity.obligation", "solidarity.pool.price"}


def test_a_higher_price_brings_no_fewer_persons(begun, year, tables):
    curve = rows(choices.price_curve(begun(), year, tables), "price_curve")
    for name in ("with_receipt", "without_receipt"):
        persons = [int(row[name]) for row in curve]
        assert persons == sorted(persons)
    assert all(int(row["with_receipt"]) >= int(row["without_receipt"]) for row in curve)


def test_the_cheapest_choices_add_up_to_what_the_sentence_says(begun, year, tables):
    block = choices.take_or_pay(begun(), year, tables)
    table = rows(block, "take_or_pay")
    total = table.pop()
    assert int(total["relocated"]) == sum(int(row["relocated"]) for row in table)
    assert f"{int(total['relocated']):,}".replace(",", ".") + " Personen auf" in block.html


def test_who_refuses_is_named_with_bill_and_verdict(begun, year, tables):
    table = {row["state"]: row for row in rows(sections.refusers(begun(), year, tables), "refusers")}
    assert set(table) == {"HU", "SK"}
    assert {row["verdict"] for row in table.values()} <= {"complies", "refuses"}
    assert "Ungarn und Slowakei" in solidaritaet.headline(begun(), year).html


def test_another_price_is_said_and_does_not_change_what_is_owed(workbench, begun, year):
    brief = begun(price=30_000)
    dearer = workbench.europe.year("pool_2026", brief.parameters.changes)
    assert "setzt den Preis je Person auf 30.000" in solidaritaet.headline(brief, dearer).html
    assert [a.standing.obligation for a in dearer.accounts] == [a.standing.obligation for a in year.accounts]


def test_all_sections_speak_english_too(begun, year, tables):
    brief = begun(language="en")
    page = solidaritaet.opening(brief, year) + solidaritaet.headline(brief, year)
    page += solidaritaet.rests_on_law(brief, year, tables["law"]) + sections.waterfall(brief, tables)
    page += sections.reported(brief, year) + sections.accounts(brief, year, tables)
    page += choices.take_or_pay(brief, year, tables) + choices.price_curve(brief, year, tables)
    page += sections.refusers(brief, year, tables) + sections.coverage(brief, tables)
    page += solidaritaet.assumptions(brief, year) + solidaritaet.limits(brief)
    assert "Hungary and Slovakia" in page.html
    assert "Deutschland" not in page.html
