"""The sections of "Lage und Reform in Kürze" on a small register: what they say agrees with what they count."""

import csv
import io
import re
from types import SimpleNamespace

import polars as pl
import pytest
from test_secrecy import learned

from stellwerk.briefs.parameters import UnknownBriefParameter
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.lage import lage, persons, places
from stellwerk.briefs.subjects.lage.shown_counts import gathered
from stellwerk.law.calendar import Period
from stellwerk.workbench import Workbench

SMALL = {"cases": 1500, "cohort": 100}


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values, with the law read once."""
    values = scenario_for("lage", None, checkout)
    law, reformed = workbench.rulebook(), workbench.rulebook([values["reform"]])
    return lambda **other: lage.begin(workbench.params, {**values, **SMALL, **other}, law, reformed)


@pytest.fixture(scope="module")
def brief(begun):
    return begun()


@pytest.fixture(scope="module")
def register(workbench, brief):
    return workbench.synthetic_cases(brief.parameters.cases, brief.parameters.year, brief.parameters.seed)


@pytest.fixture(scope="module")
def determined(workbench, brief, register):
    on, rules = brief.parameters.on, brief.content.rules
    before = workbench.determinations(register, on=on, rules=rules)
    return before, workbench.determinations(register, on=on, reforms=[brief.parameters.reform], rules=rules)


@pytest.fixture(scope="module")
def who(brief, register, determined):
    return persons.join(brief, register, *determined)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[name])))


def test_the_first_numbers_are_the_persons_whose_result_changes(brief, who):
    headline = {row["id"]: row["value"] for row in rows(persons.differences(brief, who), "headline.csv")}
    frame = who.frame
    assert headline["procedure_changed"] == str(frame.filter(pl.col("track_before") != pl.col("track_after")).height)
    assert int(headline["procedure_changed"]) > 0


def test_values_of_the_reform_stand_as_differences_to_the_law_in_force(brief, who):
    block = persons.differences(brief, who)
    values = {row["parameter"]: row for row in rows(block, "reform_values.csv")}
    headline = {row["id"]: row["value"] for row in rows(block, "headline.csv")}
    for name in ("support.host_payment", "reception.state_places", "return.central_authorities_budget"):
        assert int(headline[name]) == int(values[name]["after"]) - int(values[name]["before"])
    assert "reception.longest_stay" not in headline


def test_before_its_start_a_reform_changes_nothing_and_the_brief_says_so(begun, who):
    early = begun(on="2023-03-31")
    assert rows(persons.differences(early, who), "reform_values.csv") == []
    assert "countries.csv" not in persons.countries(early).files


def test_each_table_of_persons_adds_up_to_the_register(brief, who):
    tracks = rows(persons.tracks(brief, who), "tracks.csv")
    shown = [int(row["persons_after"]) for row in tracks[:-1] if row["persons_after"].isdigit()]
    assert tracks[-1]["persons_after"] == str(SMALL["cases"])
    assert sum(shown) <= SMALL["cases"]


@pytest.mark.parametrize("limit", [3, 20])
def test_no_small_count_of_persons_leaves_with_any_file(begun, register, determined, limit):
    careful = begun(small_count=limit)
    who = persons.join(careful, register, *determined)
    block = persons.differences(careful, who) + persons.tracks(careful, who) + persons.stay(careful, who)
    for name in ("tracks.csv", "nationalities.csv", "stay.csv", "facts_to_ask.csv"):
        for row in rows(block, name):
            for column, value in list(row.items())[1:]:
                if column != "difference":
                    assert value in ("0", f"<{limit}", "x") or int(value) >= limit


def test_what_one_table_hides_no_other_tells(brief, who):
    """Tracks, nationalities and outcomes share totals: an attacker with all of them learns no small count."""
    counts, sums = gathered(brief.content, who)
    assert len(sums) > len(who.shown.nationalities)
    assert learned(counts, sums, brief.parameters.small_count, who.shown.cells) == []


def test_each_country_the_reform_adds_is_there_with_its_lists_or_with_none(brief):
    listed = rows(persons.countries(brief), "countries.csv")
    reform = brief.law.reform(brief.parameters.reform)
    codes = {code for patch in reform.patches for code in getattr(patch, "codes", ())}
    assert {row["country"] for row in listed} == codes
    for row in listed:
        assert bool(row["from"]) == bool(row["source"].strip("–"))


def test_a_map_shows_the_placed_persons_in_classes_and_the_unplaced_with_their_reason(brief, workbench):
    names = workbench.tables.names("municipalities")
    codes = sorted(names)
    plan = SimpleNamespace(
        placements=pl.DataFrame(
            {"family_id": ["a", "b", "c", "d"], "ags": [codes[n] for n in (0, 0, 1, 2)], "persons": [9, 4, 2, 1]}
        ),
        places=pl.DataFrame({"ags": codes, "quota": [13] * len(codes)}),
        unplaced=pl.DataFrame({"family_id": ["e"], "persons": [8], "reason": ["larger_than_any_quota"]}),
        certificate=SimpleNamespace(gap=0, solver="HiGHS", seed=1, violations=0),
    )
    block = places.placement(brief, plan, names)
    assert f"die meisten Personen gehen nach {names[codes[0]]} 13; 393 Gemeinden erhalten niemanden" in block.html
    placed = {row["municipality"]: row["persons"] for row in rows(block, "placement.csv")}
    assert {row["quota"] for row in rows(block, "placement.csv")} == {"13"}
    assert [placed[code] for code in codes[:4]] == ["13", "<3", "<3", "0"]
    assert sorted(set(placed) - set(codes)) == []
    assert "größer als jede freie Quote" in block.html


def test_a_count_that_would_reveal_a_small_one_is_named_neither_on_the_map_nor_in_its_words(brief, workbench):
    names = workbench.tables.names("municipalities")
    codes = sorted(names)
    plan = SimpleNamespace(
        placements=pl.DataFrame({"family_id": ["a", "b"], "ags": codes[:2], "persons": [13, 2]}),
        places=pl.DataFrame({"ags": codes, "quota": [13] * len(codes)}),
        unplaced=pl.DataFrame(schema={"family_id": pl.String, "persons": pl.Int64, "reason": pl.String}),
        certificate=SimpleNamespace(gap=0, solver="HiGHS", seed=1, violations=0),
    )
    block = places.placement(brief, plan, names)
    assert {row["persons"] for row in rows(block, "placement.csv")} == {"x", "<3", "0"}
    assert f"{names[codes[0]]} 13" not in block.html
    assert "Alle Familien haben einen Platz gefunden" in block.html


def test_quotas_of_both_keys_add_up_and_the_page_shows_both_ends(brief, workbench):
    on = brief.parameters.on
    federal = workbench.distribute(brief.content.keys.federal, 10_000, on)
    municipal = workbench.distribute(brief.content.keys.land, places.land_quota(brief, federal.to_frame()), on)
    block = places.quotas(brief, federal, municipal)
    quotas = rows(block, "quotas_municipalities.csv")
    assert sum(int(row["persons"]) for row in quotas) == 2108
    ends = brief.content.quotas_shown
    table = block.html.split('id="table-quotas_municipalities"')[1]
    assert len(re.findall("<th scope=.row.>", table)) == ends.top + ends.bottom
    assert table.count('class="gap"') == 1


def test_the_brief_speaks_english_throughout_when_asked(begun, who):
    english = begun(language="en")
    block = (
        lage.opening(english)
        + persons.differences(english, who)
        + persons.tracks(english, who)
        + persons.stay(english, who)
        + persons.countries(english)
        + lage.origin_of_figures(english)
        + lage.appendix(english)
    )
    words = set(re.findall(r"[A-Za-zäöüÄÖÜß]+", re.sub(r"<[^>]+>", " ", block.html)))
    assert words & {"und", "der", "Personen", "geltendes", "zusammen", "Staatsangehörigkeit", "Jahre"} == set()
    assert {"Algeria", "persons", "reform"} <= words


def test_lengths_of_time_and_money_are_said_in_words(brief):
    assert brief.in_unit(Period(months=18), "").text == "18 Monate"
    assert brief.in_unit(None, "EUR").text == "–"
    assert brief.in_unit(47_000_000, "EUR a year").text == "47\u00a0Mio.\u00a0€"


def test_a_misspelt_value_stops_the_brief_before_anything_is_computed(begun):
    with pytest.raises(UnknownBriefParameter):
        begun(kohorte=5)


def test_the_appendix_names_both_rulebooks_and_every_parameter(brief):
    block = lage.appendix(brief)
    assert {row["name"] for row in rows(block, "parameters.csv")} == set(brief.parameters.as_json)
    assert brief.law.hash in block.files["versions.csv"]
    assert brief.reformed.hash in block.files["versions.csv"]
