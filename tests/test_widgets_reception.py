"""The page on reception and costs: its numbers are the engine's, and what was tried becomes a scenario."""

import re

import pytest

from stellwerk import formats
from stellwerk.budget.lines import in_eur
from stellwerk.flows.scenario import load_scenario
from stellwerk.widgets import EDIT_VARIABLE, ReceptionBoard
from stellwerk.widgets.saving import (
    ScenarioExists,
    ScenarioNameUnfit,
    WritingNotAllowed,
    as_yaml,
    write_scenarios,
)
from stellwerk.workbench import Workbench


@pytest.fixture(scope="module")
def bench(checkout):
    return Workbench.open(checkout)


@pytest.fixture
def board(bench):
    made = ReceptionBoard(bench, "arrivals_2025")
    yield made
    made.background.stop()
    made.background.wait(60)


def highest(found):
    return round(max(found.reception.facilities["occupied"]))


def said(number):
    return f"{number:,}".replace(",", ".")


def test_an_untouched_page_shows_the_scenario_as_it_stands(board, bench):
    assert set(board.state()) == {"like", "title", "source"}
    assert said(highest(bench.reception("arrivals_2025"))) in board.headline.value


def test_a_moved_slider_shows_what_the_engine_computes_of_the_saved_file(board, bench, tmp_path):
    board.numbers["arrivals_percent"].value = 250
    board.numbers["without_plan_weeks"].value = 80
    path = tmp_path / "eigenes.yaml"
    path.write_text(as_yaml(board.state()), encoding="utf-8")
    found = bench.reception(str(path))
    assert highest(found) == highest(board.found)
    assert f"Höchster Stand: {said(highest(found))} Personen" in board.headline.value
    assert "Zu wenige aktive Plätze zuerst in der Woche ab" in board.headline.value


def test_more_places_than_people_are_enough_again(board):
    board.numbers["arrivals_percent"].value = 250
    board.numbers["places"].value = 120_000
    assert "reichen im erwarteten Verlauf immer" in board.headline.value


def test_chances_and_money_follow_and_are_the_engines(board, bench, tmp_path):
    board.background.wait(60)
    spread = bench.reception_spread(board.found, runs=2000, seed=2023)
    assert spread.places_needed == board.spread.places_needed
    assert said(spread.places_needed["full"]) in board.chances.value
    reception, budget = tmp_path / "r.yaml", tmp_path / "b.yaml"
    reception.write_text(as_yaml(board.state()), encoding="utf-8")
    budget.write_text(as_yaml(board.budget_state(str(reception))), encoding="utf-8")
    land = bench.budget(str(budget)).budget.balances
    assert land == board.costed.budget.balances
    assert "Nicht berechnet" in board.money.value  # amounts of benefits are not known for 2027


def test_a_reform_can_be_laid_over(board):
    board.reforms.value = ("position_paper_2023",)
    assert board.state()["law"]["reforms"] == ["position_paper_2023"]
    assert "bei 80.000 Plätzen" in board.headline.value


def test_what_was_tried_is_told_against_the_scenario_as_it_stands(board, bench):
    board.background.wait(60)
    untouched = board.costed
    assert "Gegenüber dem Szenario" not in board.headline.value and "± zum Szenario" not in board.money.value
    board.numbers["arrivals_percent"].value = 150
    board.background.wait(60)
    more = highest(board.found) - highest(bench.reception("arrivals_2025"))
    assert f"Gegenüber dem Szenario +{said(more)} Personen." in board.headline.value
    net, before = (
        next(in_eur(balance.net) for balance in costed.budget.balances if balance.party == "land")
        for costed in (board.costed, untouched)
    )
    assert formats.euro_difference(net - before, "de") in board.money.value
    assert "± zum Szenario" in board.money.value and "unverändert" in board.picture.value
    assert "sw-stale" not in board.money._dom_classes and board.working.value == ""


def test_a_balance_that_lacks_expenses_is_no_headline_and_says_so(board):
    board.numbers["arrivals_percent"].value = 150
    board.background.wait(60)
    assert board.costed.budget.not_computed
    assert "Mio. EUR" not in board.headline.value
    assert "Ob das Land mehr oder weniger zahlt, sagt er nicht" in board.money.value


def test_chances_are_told_by_date(board):
    board.background.wait(60)
    last = board.spread.weeks.row(-1, named=True)
    assert formats.date(last["week"], "de") in board.chances.value
    assert formats.share(last["chance_above_places"], "de") in board.chances.value


def test_reforms_are_ticked(board):
    name = "position_paper_2023"
    box = board.reforms._boxes[name]
    box.value = True
    assert board.reforms.value == (name,) and board.state()["law"]["reforms"] == [name]
    board.choose("arrivals_2025")
    assert board.reforms.value == () and not box.value


def test_every_scenario_opens(board, bench):
    for name in ("backtest", "papers_2023", "places_80000"):
        board.scenario.value = name
        assert board.found.scenario == load_scenario(name, bench.params).model_copy(
            update={"title": board.found.scenario.title, "source": board.found.scenario.source}
        )


def test_the_page_speaks_english(bench, monkeypatch):
    monkeypatch.setenv("STELLWERK_LANG", "en")
    board = ReceptionBoard(bench, "arrivals_2025")
    board.background.stop()
    assert re.search(r"Highest: [\d,]+ persons for 28,000 places", board.headline.value)
    assert board.numbers["places"].label == "Active places of the Land"


def test_nothing_is_written_from_a_page_that_only_reads(board, monkeypatch, tmp_path):
    monkeypatch.delenv(EDIT_VARIABLE, raising=False)
    assert board.saver.button.disabled
    with pytest.raises(WritingNotAllowed):
        write_scenarios("neu", {tmp_path / "x.yaml": {}})
    assert not list(tmp_path.iterdir())


def test_a_scenario_is_written_once_and_never_over_another(monkeypatch, tmp_path):
    monkeypatch.setenv(EDIT_VARIABLE, "1")
    target = {tmp_path / "reception_neu.yaml": {"like": "arrivals_2025"}}
    write_scenarios("neu", target)
    assert next(iter(target)).read_text(encoding="utf-8") == "like: arrivals_2025\n"
    with pytest.raises(ScenarioExists):
        write_scenarios("neu", target)


@pytest.mark.parametrize("name", ["", "Neu", "../neu", "1", "neu.yaml", "ä"])
def test_a_name_that_is_no_name_of_a_scenario_is_refused(name, monkeypatch, tmp_path):
    monkeypatch.setenv(EDIT_VARIABLE, "1")
    with pytest.raises(ScenarioNameUnfit):
        write_scenarios(name, {tmp_path / "x.yaml": {}})
