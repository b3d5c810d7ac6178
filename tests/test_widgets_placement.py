"""The placement board: what it shows is the workbench's plan, and what was tried can be placed again from a file."""

import datetime as dt

import pytest

from stellwerk.distribution.placement.scenario import UnknownService, load_placement_scenario
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
    board.why()
    assert "Noch kein Plan" in board.answer.value and "erst einen Plan" in board.reasons.value


def test_the_plan_is_that_of_the_workbench(placed, bench, cases):
    found = bench.place(cases, on=DAY, solver={"seconds": "5"})
    assert found.certificate.objective == placed.found.certificate.objective
    assert f"in {len(found.plan.placed)} Familien" in placed.answer.value


def test_the_table_and_the_map_say_the_same(placed):
    used = dict(placed.found.places.select("ags", "persons").iter_rows())
    assert {row["ags"]: row["persons"] for row in placed.grid.rows} == used
    assert len(placed.grid.rows) == len(placed.map.outlines) == 396
    assert f"; {sum(number > 0 for number in used.values())} nehmen jemanden auf" in placed.map.alt
    assert [placed.map.classes[code] == 0 for code in used] == [number == 0 for number in used.values()]
    assert max(placed.map.classes.values()) < len(placed.map.legend)


def test_why_here_and_what_there_are_the_reviews(placed):
    family = placed.family.value
    placed.place.value = "Aachen"
    placed.why()
    review = placed.review
    told = Told(review.why(family), review.names, review.resource_labels, review.criterion_labels, "de")
    assert next(told.lines()) in placed.reasons.value
    assert told.exception(AACHEN, review.exception_price(family, AACHEN)).splitlines()[0] in placed.reasons.value


def test_an_unknown_family_or_place_is_told_with_the_nearest(placed):
    family, placed.family.value = placed.family.value, "F-99999999"
    placed.why()
    assert 'role="alert"' in placed.reasons.value
    placed.family.value, placed.place.value = family, "Achen"
    placed.why()
    assert "Aachen" in placed.reasons.value and 'role="alert"' in placed.reasons.value


def test_pointing_at_the_map_chooses_the_place(placed):
    placed.map.chosen = LEVERKUSEN
    assert placed.place.value == "Leverkusen" and placed.chosen.value.count("Leverkusen") == 1


def test_prices_are_those_of_the_review(placed):
    dearest = placed.review.price_list().sort("price", descending=True).row(0, named=True)
    assert placed.found.names[dearest["locality"]] in placed.prices.value


def test_what_was_tried_is_a_scenario_that_gives_the_same_plan(board, bench, cases, tmp_path):
    board.run()
    board.background.wait(120)
    board.family.value, board.place.value = board.found.plan.instance.families[3], "Aachen"
    board.officer.value, board.reason.value = "SB-12", "Arbeitsplatz zugesagt"
    board.decide("lock")
    board.weights["rent"].value = 0.6
    board.grid.edits = {AACHEN: {"quota": 9, "cap_school": 1}}
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
    placed.place.value = "Aachen"
    placed.officer.value, placed.reason.value = "SB-12", ""
    placed.decide("veto")
    assert 'role="alert"' in placed.decided.value
    placed.officer.value, placed.reason.value = "Frau Müller", "weil"
    placed.decide("veto")
    assert 'role="alert"' in placed.decided.value and not placed.decisions
    placed.officer.value = "SB-12"
    placed.decide("veto")
    assert "ausgeschlossen" in placed.decided.value
    placed.undo()
    assert placed.decided.value == "" and not placed.decisions


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


@pytest.mark.deep
def test_the_front_is_drawn_with_a_description(placed):
    placed.explore()
    placed.background.wait(200)
    assert "Plänen" in placed.front.value and "<svg" in placed.front.value
