"""`stellwerk why` tells the reasons for a family's place in the reader's words, and no other family's name."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from small_placements import drawn_task
from typer.testing import CliRunner

from stellwerk.cli.app import app
from stellwerk.distribution.placement import Plan, SolverSettings, solve
from stellwerk.distribution.placement.instance import POINTS
from stellwerk.distribution.placement.plan_folder import write_plan
from stellwerk.distribution.placement.reasons import FamilyNotInPlan, LocalityNotInPlan

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(drawn_task(60, 6), SolverSettings())


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan")
    write_plan(plan, path, {"Ort 4": "Köln"}, None)
    return path


def asked(*words: object) -> str:
    answer = RUNNER.invoke(app, ["why", *map(str, words)], catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.output


def test_the_place_its_fit_its_prices_and_proposals_are_told(folder: Path, plan: Plan) -> None:
    told = asked(folder, "--family", "f003")
    assert told.startswith(f"Familie f003 ({plan.instance.demand[3, 0]} Person")
    assert "Plätze: " in told and "Nach Preisen bleibt" in told
    assert "hier lebt die Familie" in told
    assert told.count("bleibt") >= 5


def test_no_other_family_is_named(folder: Path, plan: Plan) -> None:
    told = asked(folder, "--family", "f003", "--to", "Köln") + asked(folder, "--family", "f003", "--json")
    assert not [name for name in plan.instance.families if name != "f003" and name in told]


def test_the_price_of_the_exception_is_told_by_name_of_the_place_or_the_state_facility(folder: Path) -> None:
    assert "Preis der Ausnahme »Köln«" in asked(folder, "--family", "f003", "--to", "Köln")
    assert "Preis der Ausnahme »Köln«" in asked(folder, "--family", "f003", "--to", "Ort 4")
    assert "»Landeseinrichtung«" in asked(folder, "--family", "f003", "--to", "-")


def test_english_readers_are_told_in_english(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STELLWERK_LANG", "en")
    told = asked(folder, "--family", "f003", "--to", "Köln")
    assert told.startswith("Family f003") and "Price of the exception “Köln”" in told


def test_machines_read_points(folder: Path, plan: Plan) -> None:
    read = json.loads(asked(folder, "--family", "f003", "--to", "-", "--json"))
    place = plan.instance.localities[plan.where[3]]
    assert (read["family"], read["place"]["locality"]) == ("f003", place)
    assert read["place"]["points"] == plan.instance.scores[3, plan.where[3]]
    assert read["place"]["charged"] == sum(charge["total"] for charge in read["charges"])
    assert read["exception"]["cost"] > POINTS


def test_the_price_list_is_written_beside(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "preise.csv"
    asked(folder, "--family", "f003", "--prices", target)
    assert pl.read_csv(target).height == 12


def test_what_is_not_in_the_plan_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(FamilyNotInPlan, match="f003"):
        asked(folder, "--family", "f0003")
    with pytest.raises(LocalityNotInPlan, match="Köln"):
        asked(folder, "--family", "f003", "--to", "Koln")
