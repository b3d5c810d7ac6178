"""Every brief on its own scenario, opened in a browser without a network: no request, no complaint, nothing for axe."""

import csv
import re

import pytest
from browser import audit, browse, complaints, requests

from stellwerk.briefs.registry import BRIEFS
from stellwerk.briefs.run import run_brief
from stellwerk.briefs.scenarios import scenario_for

ELSEWHERE = {"lage"}  # has a test of its own (test_brief_in_browser)
ALWAYS = "haft"  # the quickest; the others are for the long run of tests
NAMES = [
    pytest.param(name, marks=[] if name == ALWAYS else [pytest.mark.deep]) for name in sorted(set(BRIEFS) - ELSEWHERE)
]


@pytest.fixture(scope="module")
def written(checkout, tmp_path_factory):
    """A function that runs a brief once in a language."""
    runs = {}

    def run(name, language="de"):
        if (name, language) not in runs:
            values = {**scenario_for(name, None, checkout), "language": language}
            out = tmp_path_factory.mktemp(name)
            runs[name, language] = run_brief(checkout, name, values, out, ledger=out / "ledger.jsonl")
        return runs[name, language]

    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_brief_opens_without_a_request_a_complaint_or_a_finding(written, chromium, tmp_path, name):
    page = written(name).html
    assert requests(chromium, tmp_path, page) == []
    assert complaints(chromium, tmp_path, page) == []
    assert audit(chromium, tmp_path, page) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_headline_numbers_of_a_brief_are_those_of_its_data(written, chromium, tmp_path, name):
    run = written(name)
    dom = browse(chromium, tmp_path, run.html, "--dump-dom").stdout
    with (run.data_folder / "headline.csv").open(encoding="utf-8", newline="") as file:
        told = {row["id"]: row["value"] for row in csv.DictReader(file)}
    assert dict(re.findall(r'<data id="number-([^"]+)" value="([^"]*)">', dom)) == told
    assert told


@pytest.mark.parametrize("name", NAMES)
def test_a_brief_speaks_english_as_well_and_no_section_is_empty(written, name):
    german, english = (written(name, language).html.read_text("utf-8") for language in ("de", "en"))
    assert '<html lang="en"' in english
    assert len(re.findall("<h2", german)) == len(re.findall("<h2", english)) > 3
    assert not re.search(r"</h2>\s*(<h2|</section>|</main>)", german)
