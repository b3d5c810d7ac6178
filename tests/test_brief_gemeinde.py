"""The brief on one municipality: its figures are those of keys and law, and stock papermill gives the same page."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import nbformat
import polars as pl
import pytest

from stellwerk.briefs.batch import Batch, Wanted
from stellwerk.briefs.batch_run import Manner, run_batch
from stellwerk.briefs.execution import HTML
from stellwerk.briefs.geometry import read_geometry
from stellwerk.briefs.letterhead import read_letterhead
from stellwerk.briefs.page import make_page
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.gemeinde import gemeinde, sections
from stellwerk.briefs.workers import usual_isolation
from stellwerk.documents import Labels
from stellwerk.tables import write_table
from stellwerk.workbench import Workbench

BONN, COLOGNE = "05314000", "05315000"
LONGEST_RUN = 300  # seconds of a stock papermill run on a loaded machine


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = scenario_for("gemeinde", None, checkout)
    return lambda **other: gemeinde.begin({**values, **other}, workbench.tables, workbench.rulebook())


@pytest.fixture(scope="module")
def quotas(workbench, begun):
    brief = begun()
    on, persons = brief.parameters.on, brief.parameters.persons
    return {key: workbench.distribute(key, persons, on) for key in brief.content.keys}


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_the_quota_of_each_key_is_that_of_the_key(begun, quotas):
    told = {row["key"]: int(row["persons"]) for row in rows(sections.keys(begun(), quotas), "keys")}
    assert told == {key: found.persons[COLOGNE] for key, found in quotas.items()}


def test_the_headline_the_cost_and_the_law_agree(workbench, begun, quotas):
    brief = begun(municipality="Bonn")
    settled = workbench.determinations(brief.one_person(), subject="municipality", rules=[brief.content.lump_sum])
    lump_sum = sections.lump_sum_of(brief, settled)
    numbers = {row["id"]: row["value"] for row in rows(gemeinde.headline(brief, quotas, lump_sum), "headline")}
    cost = {row["position"]: row for row in rows(sections.cost(brief, quotas, lump_sum), "cost")}
    quota = quotas["flueag"].persons[BONN]
    assert numbers["quota"] == str(quota)
    assert numbers["lump_sum_year"] == cost[brief.content.lump_sum]["eur_year"] == str(lump_sum * quota * 12)
    assert gemeinde.opening(brief).meta["law"]["support.flueag.lump_sum.county_free"] == "1303 (2024-01-01)"


def test_neighbours_share_a_border_each_way(checkout):
    geometry = read_geometry(checkout / "params" / "map" / "municipalities.json")
    for code in (BONN, COLOGNE, "05711000"):
        around = sections.neighbours_of(geometry, code)
        assert around and code not in around
        assert all(code in sections.neighbours_of(geometry, other) for other in around)


def test_expected_origins_are_shares_of_the_whole(begun, quotas):
    table = rows(sections.origins(begun(), quotas), "origins")
    assert abs(sum(float(row["share_percent"]) for row in table) - 100) < 1e-4
    assert "keine Anträge" in sections.origins(begun(year=2100), quotas).html


def test_places_are_what_the_municipality_has_said_and_else_a_question(workbench, begun, quotas, tmp_path):
    assert "noch nicht gemeldet" in sections.places(begun(), quotas).html
    brief = begun()
    form = sections.questions(brief).files[f"form_{COLOGNE}.csv"]
    answers = {"as_of": "31.01.2024", "places": "1000", "occupied": "900"}
    lines = [line.split(";") for line in form.splitlines()]
    for line in lines[1:]:
        line[4] = answers.get(line[2].strip('"'), "")
    (tmp_path / "form.csv").write_text("\n".join(";".join(line) for line in lines), "utf-8")
    register = workbench.capacities([tmp_path / "form.csv"])
    write_table(register.table, tmp_path / "capacities.csv")
    told = sections.places(begun(capacities=str(tmp_path / "capacities.csv")), quotas).html
    assert not register.findings
    assert f"Es fehlen {quotas['flueag'].persons[COLOGNE] - 100} Plätze" in told
    assert pl.read_csv(tmp_path / "capacities.csv")["cap_persons"].to_list() == [100]


def test_stock_papermill_gives_the_same_page_and_data_as_a_forked_process(checkout, tmp_path):
    parameters = parameters_of("gemeinde", {**scenario_for("gemeinde", None, checkout), "municipality": BONN})
    batch = Batch("gemeinde", Labels(de="Probe", en="Trial"), (Wanted({}, parameters, "bonn"),))
    manner = Manner(1, usual_isolation(), (HTML,))
    run = run_batch(checkout, batch, tmp_path / "out", manner, lambda *_: None, tmp_path / "ledger.jsonl")
    assert not run.failed
    command = [sys.executable, "-m", "papermill", "notebooks/briefs/gemeinde.ipynb", str(tmp_path / "stock.ipynb")]
    subprocess.run(
        [*command, "-k", "python3", "-r", "municipality", BONN],
        cwd=checkout, check=True, capture_output=True, timeout=LONGEST_RUN,
    )  # fmt: skip
    stock = make_page(nbformat.read(tmp_path / "stock.ipynb", 4), "gemeinde", read_letterhead(checkout / "params"))
    folder = tmp_path / "out" / "bonn"
    assert (folder / "gemeinde.html").read_text("utf-8") == stock.html
    written = {path.name: path.read_bytes().decode("utf-8") for path in (folder / "data").iterdir()}
    assert written == stock.files
