"""The placement board: what it shows is the workbench's plan, and what was tried can be placed again from a file."""

import datetime as dt

import polars as pl
import pytest

from stellwerk import formats
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.verteilung import verteilung
from stellwerk.distribution.placement.regret import mean_fit_of_placed
from stellwerk.distribution.placement.scenario import UnknownService, load_placement_scenario
from stellwerk.formats import exact
from stellwerk.reports.placement import Told
from stellwerk.widgets import PlacementBoard
from stellwerk.widgets.saving import as_yaml
from stellwerk.workbench import Workbench

DAY = dt.date(2023, 5, 31)
LEVERKUSEN, AACHEN = "05316000", "05334002"


@pytest.fixture(scope="module")
def bench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def cases(bench):
    return bench.synthetic_cases(300)


@pytest.fixture(scope="module")
def placed(bench, cases):
    board = PlacementBoard(cases, bench, on=DAY)
    board.seconds.value = 5
    board.run()
    board.background.wait(120)
    return board


@pytest.fixture
def board(bench, cases):
    made = PlacementBoard(cases, bench, on=DAY)
    made.seconds.value = 5
    return made


def test_before_the_first_search_the_page_says_so(board):
    board.one.why()
    board.explore()
    assert "300 Personen in" in board.answer.value and "sind zu verteilen" in board.answer.value
    assert all(
        "erst einen Plan" in part.value
        for part in (board.one.reasons, board.quality, board.prices, board.front.progress)
    )


def test_the_map_shows_the_quotas_of_the_key_before_there_is_a_plan(board, bench):
    quotas = bench.distribute("flueag", 300, DAY).persons
    assert board.map.shows.options == (("Quote in Personen", "quota"),)
    assert {code for code, shade in board.map.map.classes.items() if shade} == {c for c, n in quotas.items() if n}
    assert board.map.map.told[AACHEN] == f"Aachen: Quote {quotas[AACHEN]}"


def test_another_key_gives_its_quotas_and_says_what_differs(board, bench):
    before, after = (bench.distribute(key, 300, DAY).persons for key in ("flueag", "combined"))
    board.key.choice.value = "combined"
    assert {row["ags"]: row["quota"] for row in board.table.grid.rows} == after
    assert {row["ags"]: row["gain"] for row in board.table.grid.rows} == {c: after[c] - before[c] for c in after}
    moved = sum(max(after[code] - before[code], 0) for code in after)
    assert f"kommen {moved} Personen in eine andere Gemeinde" in board.key.told.value
    assert board.state()["key"] == "combined" and "Gemeinsamer Schlüssel" in board.answer.value


def test_a_key_that_does_not_hold_on_the_day_is_refused_and_the_one_before_stays(bench, cases):
    board = PlacementBoard(cases, bench, on=dt.date(2016, 6, 1))
    board.key.choice.value = "awov"
    assert 'role="alert"' in board.key.told.value
    assert board.key.choice.value == board.key.key == "flueag"


def test_the_sum_of_the_quotas_is_said_where_it_is_not_the_number_of_persons(board):
    assert "so viele wie zu verteilen sind" in board.table.balance.value
    quota = board.table.quotas()[AACHEN]
    board.table.grid.edits = {AACHEN: {"quota": quota + 3}}
    assert "303 Personen, 3 mehr als die 300" in board.table.balance.value
    board.table.grid.edits = {AACHEN: {"quota": 0}}
    assert f"Es fehlen {quota} Plätze" in board.table.balance.value


def test_the_plan_is_that_of_the_workbench(placed, bench, cases):
    found = bench.place(cases, on=DAY, solver={"seconds": "5"})
    assert found.certificate.objective == placed.found.certificate.objective
    assert f"in {len(found.plan.placed)} Familien leben in" in placed.answer.value
    fit = mean_fit_of_placed(found.plan.instance, found.plan.where)
    assert f"Passung im Mittel {formats.number(exact(fit, 2), 'de', 2)} je Person" in placed.quality.value


def test_the_table_and_the_map_say_the_same(placed):
    used = dict(placed.found.places.select("ags", "persons").iter_rows())
    drawn = placed.map.map
    assert placed.map.shows.value == "persons"
    assert {row["ags"]: row["persons"] for row in placed.table.grid.rows} == used
    assert len(placed.table.grid.rows) == len(drawn.outlines) == 396
    assert f"Personen im Plan; {sum(number > 0 for number in used.values())} Gemeinden" in drawn.alt
    assert [drawn.classes[code] == 0 for code in used] == [number == 0 for number in used.values()]
    assert max(drawn.classes.values()) < len(drawn.legend)


def test_the_map_can_show_what_is_free_and_what_a_place_is_worth(placed):
    free = dict(placed.found.places.select("ags", "free").iter_rows())
    placed.map.shows.value = "free"
    assert {c for c, shade in placed.map.map.classes.items() if shade} == {c for c, n in free.items() if n}
    placed.map.shows.value = "price"
    assert placed.map.map.title == "Was ein Platz mehr wert wäre"
    assert f"frei {free[AACHEN]}; ein Platz mehr wäre" in placed.map.map.told[AACHEN]
    placed.map.shows.value = "persons"


def test_why_here_and_what_there_are_the_reviews(placed):
    one, review = placed.one, placed.review
    family = one.family.value
    one.place.value = "Aachen"
    one.why()
    told = Told(review.why(family), review.names, review.resource_labels, review.criterion_labels, "de")
    assert next(told.lines()) in one.reasons.value and "Was für den Ort spricht" in one.reasons.value
    assert told.exception(AACHEN, review.exception_price(family, AACHEN)).splitlines()[0] in one.reasons.value
    assert "Was dort besser und schlechter wäre" in one.reasons.value and "<pre>" not in one.reasons.value
    one.place.value = "-"
    one.why()
    assert "Was wäre, wenn: Landeseinrichtung?" in one.reasons.value


def test_an_unknown_family_or_place_is_told_with_the_nearest(placed):
    one = placed.one
    family, one.family.value = one.family.value, "F-99999999"
    one.why()
    assert 'role="alert"' in one.reasons.value
    one.family.value, one.place.value = family, "Achen"
    one.why()
    assert "Aachen" in one.reasons.value and 'role="alert"' in one.reasons.value


def test_pointing_at_the_map_chooses_the_place(placed):
    placed.map.map.chosen = LEVERKUSEN
    there = placed.found.placements.filter(pl.col("ags") == LEVERKUSEN)["family_id"].to_list()
    assert placed.one.place.value == "Leverkusen" and there[0] in placed.chosen.value


def test_prices_are_those_of_the_review(placed):
    dearest = placed.review.price_list().sort("price", descending=True).row(0, named=True)
    assert placed.found.names[dearest["locality"]] in placed.prices.value


def test_what_was_tried_is_a_scenario_that_gives_the_same_plan(board, bench, cases, tmp_path):
    board.run()
    board.background.wait(120)
    board.one.family.value, board.one.place.value = board.found.plan.instance.families[3], "Aachen"
    board.one.decisions.officer.value, board.one.decisions.reason.value = "SB-12", "Arbeitsplatz zugesagt"
    board.one.decide("lock")
    board.key.choice.value = "combined"
    board.weights.numbers["rent"].value = 0.6
    board.table.grid.edits = {AACHEN: {"quota": 9, "cap_school": 1}}
    path = tmp_path / "tried.yaml"
    path.write_text(as_yaml(board.state()), encoding="utf-8")
    board.run()
    board.background.wait(120)
    again = bench.place(
        cases, on=DAY, scenario=load_placement_scenario(str(path), bench.params), solver={"seconds": "5"}
    )
    assert again.certificate == board.found.certificate
    instance = again.plan.instance
    assert instance.localities[int(again.plan.where[3])] == AACHEN
    row = again.places.filter(again.places["ags"] == AACHEN).row(0, named=True)
    assert row["quota"] == 9 and row["cap_school"] == 1 and row["used_school"] <= 1


def test_an_untouched_page_tries_nothing(board):
    assert set(board.state()) == {"title"}


def test_a_decision_needs_a_reason_and_a_code_and_can_be_taken_back(placed):
    one, decisions = placed.one, placed.one.decisions
    one.place.value = "Aachen"
    decisions.officer.value, decisions.reason.value = "SB-12", ""
    one.decide("veto")
    assert 'role="alert"' in decisions.told.value
    decisions.officer.value, decisions.reason.value = "Frau Müller", "weil"
    one.decide("veto")
    assert 'role="alert"' in decisions.told.value and not decisions.kept
    decisions.officer.value = "SB-12"
    one.decide("veto")
    line, remove = decisions.listed.children[0].children
    assert "Aachen ausgeschlossen" in line.value and "gilt ab der nächsten Suche" in line.value
    remove.click()
    assert not decisions.kept and not decisions.listed.children


def test_after_the_search_each_decision_says_what_it_costs(board):
    board.run()
    board.background.wait(120)
    review = board.review
    board.one.family.value, board.one.place.value = board.found.plan.instance.families[3], "Aachen"
    board.one.decisions.officer.value, board.one.decisions.reason.value = "SB-12", "Arbeitsplatz zugesagt"
    board.one.decide("lock")
    board.run()
    board.background.wait(120)
    decided = review.decide([one.as_decision for one in board.one.decisions.kept], lambda task: board.found.plan)
    cost = formats.number(decided.ledger["cost"][0], "de", 2)
    line = board.one.decisions.listed.children[0].children[0].value
    assert f"im gezeigten Plan eingehalten · kostet {cost} Punkte Passung" in line
    assert "Zusammen kosten die Festlegungen zwischen" in board.one.decisions.told.value


def test_a_search_can_be_stopped_and_keeps_what_it_has(board):
    board.seconds.value = 60
    board.run()
    board.stop()
    board.background.wait(60)
    assert not board.start.disabled and board.halt.disabled


def test_capacities_of_an_unknown_service_are_refused(bench, cases, tmp_path):
    path = tmp_path / "falsch.yaml"
    path.write_text("title: {de: a, en: b}\ncapacities: {schul: {'05315000': 1}}\n", encoding="utf-8")
    with pytest.raises(UnknownService) as refused:
        bench.place(cases, on=DAY, scenario=load_placement_scenario(str(path), bench.params))
    assert "school" in refused.value.message("de")


def test_a_point_of_the_front_can_be_shown_and_the_found_plan_again(board):
    board.run()
    board.background.wait(120)
    board.seconds.value = 2
    board.explore()
    board.background.wait(200)
    found, front = board.found, board.front
    assert "Alle 6 Pläne sind gerechnet" in front.progress.value and "<svg" in front.picture.value
    front.shown.value = len(front.points) - 1
    used = dict(found.with_plan(front.points[-1].plan).places.select("ags", "persons").iter_rows())
    assert {row["ags"]: row["persons"] for row in board.table.grid.rows} == used
    assert "Prozentpunkte Passung" in front.cost.value
    front.shown.value = -1
    assert board.review.plan is found.plan and "wieder der gefundene Plan" in front.cost.value


def test_the_front_can_be_stopped_and_keeps_what_is_solved(placed):
    placed.explore()
    placed.stop()
    placed.background.wait(60)
    assert "Angehalten: " in placed.front.progress.value
    assert not placed.front.start.disabled and placed.front.halt.disabled


def test_what_was_tried_is_what_the_brief_shows(bench):
    board = PlacementBoard.of_brief(bench)
    asked = parameters_of("verteilung", scenario_for("verteilung", None, bench.root))
    brief = verteilung.begin(asked.as_json, bench.params, bench.rulebook())
    week = brief.cohort(bench.synthetic_cases(asked.cases, asked.year, asked.seed))
    assert board._cases.equals(bench.as_cases(week)) and board._on == asked.on
    board.key.choice.value = "combined"
    assert brief.key_of(board.scenario()) == "combined" and brief.key_of(None) == "flueag"
