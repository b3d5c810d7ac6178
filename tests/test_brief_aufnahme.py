"""The brief on state reception: what it tells, its tables and its pictures are the same numbers."""

from __future__ import annotations

import csv
import io

import pytest

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.aufnahme import aufnahme, sections
from stellwerk.briefs.subjects.aufnahme.runs import Run
from stellwerk.flows.scenario import UnknownReceptionScenario
from stellwerk.forecast.tables import published_misses
from stellwerk.workbench import Workbench

FEW = 100  # runs: enough to tell many places from few


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = {**scenario_for("aufnahme", None, checkout), "runs": FEW}
    return lambda **other: aufnahme.begin({**values, **other}, workbench.params, workbench.rulebook())


@pytest.fixture(scope="module")
def runs(workbench, begun):
    def computed(name):
        found = workbench.reception(name)
        return Run(found, workbench.reception_spread(found, runs=FEW, seed=2023))

    return {name: computed(name) for name in begun().scenarios}


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def headline(brief, run):
    return {row["id"]: row["value"] for row in rows(aufnahme.headline(brief, run), "headline")}


def test_the_headline_is_the_highest_week_of_the_course(begun, runs):
    brief, run = begun(), runs["stay_all_24"]
    told, weeks = headline(brief, run), rows(sections.course(brief, run), "occupancy")
    highest = max(weeks, key=lambda row: int(row["expected"]))
    above = [row for row in weeks if int(row["expected"]) > int(row["capacity"])]
    assert told["peak"] == highest["expected"]
    assert told["first_above"] == above[0]["day"]
    compared = {row["scenario"]: row for row in rows(sections.stays(brief, runs), "stays_compared")}
    assert int(compared["stay_all_24"]["weeks_above"]) == len(above)
    assert told["needed"] == compared["stay_all_24"]["needed"]


def test_where_places_suffice_the_headline_says_never(begun, runs):
    brief, run = begun(), runs["arrivals_2025"]
    assert headline(brief, run)["first_above"] == "never"
    assert "reichen die Plätze in jeder Woche" in aufnahme.headline(brief, run).html


def test_more_places_are_never_more_likely_to_fall_short(begun, runs):
    weeks = rows(sections.places(begun(), runs), "chance_by_places")
    for row in weeks:
        chances = [float(row[name]) for name in ("places_29000", "places_35000", "places_41000", "places_80000")]
        assert chances == sorted(chances, reverse=True)


def test_every_published_point_stands_beside_the_model_and_the_worst_is_named(begun, runs):
    published = published_misses(runs["backtest"].found)
    block = sections.look_back(begun(), runs["backtest"], published)
    table = rows(block, "look_back")
    assert len(table) == published.height == 8
    worst = max((row for row in table if row["miss"][-1].isdigit()), key=lambda row: abs(float(row["miss"])))
    assert worst["measure"] == "assigned_not_protected"
    assert f"+{worst['miss'].replace('.', ',')}" in block.html


def test_all_that_is_assumed_is_called_an_assumption(begun, runs):
    block = sections.assumptions(begun(), runs["arrivals_2025"])
    table = rows(block, "assumptions")
    assumed = sum(row["evidence"] == "modelling_choice" for row in table)
    assert f"beruht auf {len(table)} Angaben. Bei {assumed} davon" in block.html
    assert all(row["source"] for row in table)


def test_the_law_is_that_of_the_scenario_and_a_reform_shows_what_it_sets(workbench, begun, runs):
    brief, run = begun(), runs["stay_good_6"]
    law = workbench.rulebook(run.found.scenario.law.reforms)
    block = aufnahme.rests_on_law(brief, run, law)
    law_rows = {row["what"]: row for row in rows(block, "law")}
    assert law_rows["reception.duty"]["basis"] == "AsylG § 47 Abs. 1"
    assert law_rows["reception.longest_stay"]["whose"] == "Längstens sechs Monate in Landesunterkünften"
    changes = {row["value"]: row for row in rows(block, "changes")}
    assert (changes["reception.longest_stay"]["before"], changes["reception.longest_stay"]["after"]) == (
        "2 years",
        "6 months",
    )


def test_a_scenario_without_a_reform_says_that_it_changes_nothing(workbench, begun, runs):
    block = aufnahme.rests_on_law(begun(), runs["arrivals_2025"], workbench.rulebook())
    assert "ändert am Recht nichts" in block.html
    assert "changes.csv" not in block.files


def test_all_sections_speak_english_too(workbench, begun, runs):
    brief, run = begun(language="en"), runs["stay_good_6"]
    law = workbench.rulebook(run.found.scenario.law.reforms)
    page = aufnahme.opening(brief, run, law) + aufnahme.headline(brief, run) + aufnahme.rests_on_law(brief, run, law)
    page += sections.course(brief, run) + sections.chance(brief, run) + sections.places(brief, runs)
    page += sections.stays(brief, runs) + sections.assumptions(brief, run) + aufnahme.limits(brief)
    assert "persons in the week of highest occupancy" in page.html
    assert "Plätze" not in page.html.split('id="assumptions"')[0].replace("Zentrale", "")


def test_an_unknown_scenario_is_refused_before_anything_runs(workbench, tmp_path):
    with pytest.raises(UnknownReceptionScenario, match="arrivals_2025"):
        workbench.brief("aufnahme", {"scenario": "arrivals_2052"}, output=tmp_path)
    assert not list(tmp_path.iterdir())
