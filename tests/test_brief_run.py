"""Running a brief: its page, its data, its ledger, and what a failing cell leaves behind (nothing)."""

import json
import os
import shutil
from html.parser import HTMLParser

import pytest

from stellwerk.briefs.execution import BriefCellFailed, Order
from stellwerk.briefs.kernel import execute_in_kernel
from stellwerk.briefs.ledger import Ledger, LedgerDamaged, LedgerEntry, hash_of_text
from stellwerk.briefs.letterhead import read_letterhead
from stellwerk.briefs.page import BriefWithoutContent, make_page
from stellwerk.briefs.parameters import UnknownBriefParameter
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.run import carry_out, run_brief

VALUES = {"year": 2022, "on": "2023-05-31", "reform": "position_paper_2023", "seed": 1}
PARAMETER_CELL = """\
year: int = 1
on: str = ""
reform: str = ""
cases: int = None
seed: int = 0
cohort: int = 1
koenigstein_total: int = 1
language: str = "de"
small_count: int = 3
"""
OPENING = """\
from stellwerk.briefs.blocks import Column, Figure, Maker, Number, Table
make = Maker(language, small_count)
make.masthead(f"Lage {year}", f"am {on}", "erfunden", {"rulebooks": {"law": "abc"}})
"""
CONTENT = """\
print("bleibt im Notebook", open("params/a.csv").read())
table = Table("t", "Wer", (Column("a", "A"), Column("n", "Zahl", "count")), (("x", 1234),), "Amt")
make.heading("one", "Erster Teil") + make.table(table) + make.figure(
    Figure("f", "<svg xmlns='http://www.w3.org/2000/svg'/>", "Es sind 1.234.", "Bild", "Amt", table)
)
"""


def notebook(path, *cells):
    def cell(place, source):
        tags = {"tags": ["parameters"]} if place == 0 else {}
        return {"cell_type": "code", "id": f"c{place}", "metadata": tags, "source": source, "outputs": [],
                "execution_count": None}  # fmt: skip

    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {
        "cells": [cell(*pair) for pair in enumerate(cells)],
        "metadata": kernel,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content))
    return path


def run_notebook(root, path, progress=None):
    order = Order(root, "lage", path, parameters_of("lage", VALUES), root / "out", "lage", root / "build/ledger.jsonl")
    return carry_out(order, execute_in_kernel, progress)


@pytest.fixture(scope="module")
def root(tmp_path_factory, checkout):
    """A small checkout with one brief, run twice; the second time with a cell that fails."""
    root = tmp_path_factory.mktemp("root")
    (root / "params").mkdir()
    (root / "params" / "a.csv").write_text("a\n1\n")
    shutil.copy(checkout / "params" / "letterhead.yaml", root / "params")
    return root


@pytest.fixture(scope="module")
def run(root):
    seen = []
    path = notebook(root / "small.ipynb", PARAMETER_CELL, OPENING, CONTENT)
    environment = dict(os.environ)
    result = run_notebook(root, path, lambda *step: seen.append(step))
    assert dict(os.environ) == environment
    return result, seen


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def named(self, name):
        return [attributes for tag, attributes in self.found if tag == name]


def test_progress_counts_the_cells_up_to_their_total(run):
    _, seen = run
    assert seen == [(done, 4) for done in range(1, 5)]


def test_the_page_says_what_the_blocks_say_and_nothing_else(run):
    page = run[0].html.read_text("utf-8")
    assert "<h1>Lage 2022</h1>" in page
    assert "am 2023-05-31" in page
    assert "bleibt im Notebook" not in page
    assert "make.table" not in page


def test_the_page_is_in_its_language_with_one_title_landmarks_and_a_way_to_skip(run):
    elements = Elements(run[0].html.read_text("utf-8"))
    assert elements.named("html") == [{"lang": "de"}]
    assert [len(elements.named(name)) for name in ("title", "h1", "header", "main", "footer", "nav")] == [1] * 6
    assert elements.named("a")[0] == {"class": "skip", "href": "#content"}
    assert elements.named("main")[0]["id"] == "content"
    assert [tag for tag, _ in elements.found if tag in ("h1", "h2")] == ["h1", "h2"]


def test_every_picture_has_words_and_every_table_a_caption_and_scopes(run):
    elements = Elements(run[0].html.read_text("utf-8"))
    assert all(image["alt"] for image in elements.named("img"))
    assert len(elements.named("caption")) == len(elements.named("table")) == 1
    assert {cell["scope"] for cell in elements.named("th")} == {"col", "row"}


def test_the_page_loads_nothing_and_runs_nothing(run):
    elements = Elements(run[0].html.read_text("utf-8"))
    assert elements.named("script") == elements.named("link") == elements.named("iframe") == []
    sources = [attributes["src"] for _, attributes in elements.found if "src" in attributes]
    assert all(source.startswith("data:") for source in sources)
    assert "url(" not in run[0].html.read_text("utf-8").split("</style>")[0]
    targets = [link["href"] for link in elements.named("a")]
    assert all(target.startswith(("#", "data/")) for target in targets)


def test_every_link_to_data_leads_to_a_file_beside_the_page(run):
    elements = Elements(run[0].html.read_text("utf-8"))
    links = [link["href"] for link in elements.named("a") if link["href"].startswith("data/")]
    assert links == ["data/t.csv", "data/t.csv"]
    assert (run[0].html.parent / links[0]).read_text("utf-8") == "a,n\nx,1234\n"


def test_the_ledger_says_with_what_the_brief_was_run_and_what_came_out(run, root):
    (entry,) = Ledger(root / "build" / "ledger.jsonl", root).entries()
    assert entry == run[0].ledger_entry
    assert entry.parameters["on"] == "2023-05-31"
    assert entry.seed == 1
    assert entry.rulebooks == {"law": "abc"}
    assert sorted(entry.inputs) == ["params/a.csv", "params/letterhead.yaml", "rules", "small.ipynb", "stellwerk"]
    assert entry.outputs["t.csv"] == hash_of_text("a,n\nx,1234\n")
    assert set(entry.versions) >= {"stellwerk", "python", "polars", "pulp", "highspy"}


def test_a_failing_cell_is_named_and_leaves_what_was_there(run, root):
    before = {path: path.read_bytes() for path in (root / "out").rglob("*") if path.is_file()}
    path = notebook(root / "broken.ipynb", PARAMETER_CELL, OPENING, "raise ValueError('kein Maß')")
    with pytest.raises(BriefCellFailed) as failed:
        run_notebook(root, path)
    sentence = failed.value.message("de")
    assert "raise ValueError" in sentence
    assert sentence.endswith("ValueError: kein Maß")
    assert {path: path.read_bytes() for path in (root / "out").rglob("*") if path.is_file()} == before
    assert len(Ledger(root / "build" / "ledger.jsonl", root).entries()) == 1


def test_a_wrong_parameter_is_refused_before_anything_runs(root):
    with pytest.raises(UnknownBriefParameter):
        run_brief(root, "lage", {**VALUES, "yeer": 2022}, root / "other")
    assert not (root / "other").exists()


def test_a_second_run_writes_the_same_bytes_in_place_of_the_first(run, root):
    first = {path.name: path.read_bytes() for path in run[0].html.parent.rglob("*") if path.is_file()}
    stale = run[0].data_folder / "stale.csv"
    stale.write_text("a\n")
    again = run_notebook(root, root / "small.ipynb")
    second = {path.name: path.read_bytes() for path in again.html.parent.rglob("*") if path.is_file()}
    assert second == first
    assert [path.name for path in (root / "out").iterdir()] == ["lage"]


def test_a_notebook_that_hands_over_no_opening_is_no_brief(checkout):
    with pytest.raises(BriefWithoutContent):
        make_page(
            {"cells": [{"outputs": [{"data": {"text/plain": "5"}}]}]}, "lage", read_letterhead(checkout / "params")
        )


def test_a_damaged_ledger_names_the_line(tmp_path):
    ledger = Ledger(tmp_path / "build" / "ledger.jsonl", tmp_path)
    assert ledger.entries() == []
    entry = LedgerEntry("a", "lage", "2026-01-01T00:00:00+00:00", 1.5, {}, 1, {}, {}, {})
    ledger.append(entry)
    ledger.append(entry)
    assert ledger.entries() == [entry, entry]
    with ledger.path.open("a") as file:
        file.write("{half\n")
    with pytest.raises(LedgerDamaged) as damaged:
        ledger.entries()
    assert damaged.value.message("de").startswith("build/ledger.jsonl:3: ")
