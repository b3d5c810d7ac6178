"""The real brief on a small register, opened in a browser without a network: what it shows is what its data say."""

import csv
import re

import pytest
from browser import audit, browse, complaints, requests

from stellwerk import formats
from stellwerk.briefs.run import run_brief
from stellwerk.briefs.scenarios import scenario_for

SMALL = {"cases": 1500, "cohort": 60}


@pytest.fixture(scope="module")
def brief(checkout, tmp_path_factory):
    values = scenario_for("lage", None, checkout)
    out = tmp_path_factory.mktemp("out")
    return run_brief(checkout, "lage", {**values, **SMALL}, out, ledger=out / "ledger.jsonl")


@pytest.fixture(scope="module")
def dom(brief, chromium, tmp_path_factory):
    """The page as the browser has understood it."""
    return browse(chromium, tmp_path_factory.mktemp("profile"), brief.html, "--dump-dom").stdout


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_headline_numbers_on_the_page_are_those_of_the_data(brief, dom):
    shown = dict(re.findall(r'<data id="number-([^"]+)" value="([^"]*)">', dom))
    assert shown == {row["id"]: row["value"] for row in rows(brief.data_folder / "headline.csv")}
    assert len(shown) >= 4


def test_the_tracks_on_the_page_are_those_of_the_data_in_german_figures(brief, dom):
    table = dom.split('id="table-tracks"')[1].split("</table>")[0]
    cells = re.findall(r'<td class="amount">([^<]*)</td>', table)
    total = rows(brief.data_folder / "tracks.csv")[-1]
    assert total["persons_before"] == str(SMALL["cases"])
    assert cells[-3:] == [formats.number(SMALL["cases"], "de")] * 2 + ["±0"]


def test_every_municipality_has_its_quota_in_the_data_and_they_add_up(brief):
    quotas = rows(brief.data_folder / "quotas_municipalities.csv")
    laender = {row["code"]: int(row["persons"]) for row in rows(brief.data_folder / "quotas_laender.csv")}
    assert len(quotas) == 396
    assert sum(laender.values()) == 10_000
    assert sum(int(row["persons"]) for row in quotas) == laender["NW"]


def test_a_screenshot_of_the_page_is_no_empty_sheet(brief, chromium, tmp_path):
    picture = tmp_path / "page.png"
    browse(chromium, tmp_path / "profile", brief.html, f"--screenshot={picture}", "--window-size=900,1400")
    assert picture.stat().st_size > 50_000


def test_the_page_asks_for_nothing_and_complains_of_nothing(brief, chromium, tmp_path):
    assert requests(chromium, tmp_path, brief.html) == []
    assert complaints(chromium, tmp_path, brief.html) == []


def test_a_page_that_asks_and_complains_is_noticed(chromium, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<body><img src='http://elsewhere.invalid/a.png'><script>console.error('x')</script></body>")
    assert requests(chromium, tmp_path, page) == ["http://elsewhere.invalid/a.png"]
    assert complaints(chromium, tmp_path, page)


def test_axe_finds_nothing_on_the_page(brief, chromium, tmp_path):
    assert audit(chromium, tmp_path, brief.html) == []


def test_axe_is_at_work(chromium, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<html><head></head><body><img src='data:,'><main>x</main></body></html>")
    assert {"image-alt", "html-has-lang", "document-title"} <= {rule for _, rule, _ in audit(chromium, tmp_path, page)}


def test_the_whole_brief_is_written_with_its_sections(brief, dom):
    assert len(re.findall(r"<h1", dom)) == 1
    assert len(re.findall(r"<h2", dom)) == 8
    assert len(re.findall(r'<img src="data:image/svg\+xml', dom)) == 3
    assert sorted(brief.ledger_entry.rulebooks) == ["law", "position_paper_2023"]
