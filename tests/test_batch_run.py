"""Batches in processes of their own: failures stop nothing, resume goes on, whoever is killed leaves nothing half."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from stellwerk.briefs.batch import read_batch
from stellwerk.briefs.batch_run import Manner, OutputInUse, run_batch
from stellwerk.briefs.execution import HTML, Order
from stellwerk.briefs.kernel import execute_in_kernel
from stellwerk.briefs.ledger import Ledger
from stellwerk.briefs.registry import parameters_of
from stellwerk.briefs.run import BriefNotWritten, carry_out
from stellwerk.briefs.workers import FORK, KERNEL

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks processes")
TOY = Path(__file__).parent / "toy"
LONGEST_WAIT = 120  # seconds; a batch that has not begun to write by then will not
SMALL_FILE = 20_000  # bytes: the index fits, a page with padding does not
PARAMETERS = """\
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
BEGIN = """\
import os, signal, sys, time
import stellwerk
from stellwerk.briefs.blocks import Maker, Number
assert not hasattr(stellwerk, "left_by_another"), "briefs share a process"
stellwerk.left_by_another = seed
data = open("params/a.csv").read()
make = Maker(language, small_count)
make.masthead(f"Lauf {seed}", "", data, {"rulebooks": {"law": "abc"}})
"""
WORK = """\
print("gedruckt")
if seed == 3 and "FAULT" in os.environ:
    raise ValueError("kein Maß")
if seed == 4 and "FAULT" in os.environ:
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(cohort / 1000)
make.numbers("headline", [Number("seed", "Zahl", seed, "count", None, None, "x" * koenigstein_total)])
"""
BATCH = """\
brief: lage
title: {{de: Probe, en: Trial}}
scenario: small.yaml
parameters: {parameters}
grid: {{seed: [{seeds}]}}
"""
SCENARIO = """\
brief: lage
title: {de: Klein, en: Small}
parameters: {year: 2022, on: 2023-05-31, reform: open_sea, seed: 1, cohort: 1, koenigstein_total: 1}
"""


def notebook(path, *cells):
    def cell(place, source):
        tags = {"tags": ["parameters"]} if place == 0 else {}
        return {"cell_type": "code", "id": f"c{place}", "metadata": tags, "source": source, "outputs": [],
                "execution_count": None}  # fmt: skip

    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    form = {"metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps({"cells": [cell(*pair) for pair in enumerate(cells)], **form}))


@pytest.fixture(scope="module")
def root(tmp_path_factory, checkout):
    """A small checkout under an invented country's law, with one brief."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(TOY, root, dirs_exist_ok=True)
    (root / "params" / "a.csv").write_text("a\n")
    shutil.copy(checkout / "params" / "letterhead.yaml", root / "params")
    (root / "notebooks" / "briefs").mkdir(parents=True)
    notebook(root / "notebooks" / "briefs" / "lage.ipynb", PARAMETERS, BEGIN, WORK)
    (root / "params" / "scenarios").mkdir()
    (root / "params" / "scenarios" / "small.yaml").write_text(SCENARIO)
    return root


def batch(root, seeds, **parameters):
    path = root / f"batch_{'_'.join(map(str, seeds))}.yaml"
    scenario = root / "params" / "scenarios" / "small.yaml"
    content = BATCH.format(seeds=", ".join(map(str, seeds)), parameters=json.dumps(parameters))
    path.write_text(content.replace("small.yaml", scenario.as_posix()))
    return read_batch(str(path), root), path


def run(root, seeds, output, resume=False, isolation=FORK, **parameters):
    seen = []
    manner = Manner(2, isolation, (HTML,), resume)
    return run_batch(root, batch(root, seeds, **parameters)[0], output, manner, lambda *step: seen.append(step)), seen


def visible(folder):
    return sorted(path.name for path in folder.iterdir())


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def first(root, tmp_path_factory):
    """Five briefs, of which the third raises an error and the fourth loses its process."""
    output = tmp_path_factory.mktemp("out") / "lage"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAULT", "1")
        return (*run(root, [1, 2, 3, 4, 5], output), output)


def test_a_failing_brief_stops_no_other_and_is_told_by_set_cell_and_message(first):
    found, seen, _ = first
    assert sorted(found.ran) == [0, 1, 4] and sorted(found.failed) == [2, 3]
    assert found.failed[2].cell.startswith("4 (print(")
    assert "ValueError: kein Maß" in found.failed[2].message
    assert found.failed[3].message == "SIGKILL"
    assert seen[0] == (0, 5) and seen[-1] == (5, 5)


def test_no_brief_sees_another(first):
    assert {entry.figures["seed"] for entry in first[0].ran.values()} == {"1", "2", "5"}


def test_the_notebook_of_a_failed_brief_is_kept_as_papermill_writes_it(first):
    output = first[2]
    assert visible(output / "failed") == ["lage-3.ipynb"]
    kept = nbformat.read(output / "failed" / "lage-3.ipynb", 4)
    nbformat.validate(kept)
    cells = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4]
    assert [cell.metadata.papermill.status for cell in cells] == ["completed", "completed", "completed", "failed"]
    assert [output.output_type for output in cells[-1].outputs] == ["stream", "error"]
    assert cells[-1].outputs[0].text == "gedruckt\n"


def test_the_folder_holds_what_ended_well_and_the_index_tells_of_all(first):
    output = first[2]
    assert visible(output) == ["failed", "index.csv", "index.html", "lage-1", "lage-2", "lage-5"]
    page = (output / "index.html").read_text("utf-8")
    assert page.count('href="lage-') == 3 and "kein Maß" in page and "SIGKILL" in page


def test_a_brief_says_which_files_it_read_the_law_among_them(first):
    entry = first[0].ran[0]
    assert {"params/a.csv", "params/letterhead.yaml", "rules", "stellwerk", "notebooks/briefs/lage.ipynb"} <= set(
        entry.inputs
    )
    assert not [name for name in entry.inputs if name.startswith(("rules/", "params/law/"))]


def test_resume_runs_what_failed_and_leaves_what_is_unchanged_then_nothing_then_what_was_damaged(first, root):
    output = first[2]
    again, _ = run(root, [1, 2, 3, 4, 5], output, resume=True)
    assert sorted(again.left) == [0, 1, 4] and sorted(again.ran) == [2, 3] and not again.failed
    assert not list((output / "failed").iterdir())
    index = (output / "index.html").read_bytes()
    third, _ = run(root, [1, 2, 3, 4, 5], output, resume=True)
    assert len(third.left) == 5 and not third.ran
    assert (output / "index.html").read_bytes() == index
    (output / "lage-2" / "data" / "headline.csv").write_text("damaged\n")
    (output / "lage-5" / "lage.html").unlink()
    fourth, _ = run(root, [1, 2, 3, 4, 5], output, resume=True)
    assert sorted(fourth.ran) == [1, 4]


def test_kernels_and_forked_processes_write_the_same_bytes(root, tmp_path):
    forked, _ = run(root, [7], tmp_path / "fork")
    kernels, _ = run(root, [7], tmp_path / "kernel", isolation=KERNEL)
    assert not forked.failed and not kernels.failed
    order = Order(
        root, "lage", root / "notebooks/briefs/lage.ipynb",
        parameters_of("lage", forked.ran[0].parameters), tmp_path / "single", "lage-7", tmp_path / "ledger.jsonl",
    )  # fmt: skip
    carry_out(order, execute_in_kernel)
    expected = contents(tmp_path / "single" / "lage-7")
    assert contents(tmp_path / "fork" / "lage-7") == contents(tmp_path / "kernel" / "lage-7") == expected
    assert set(kernels.ran[0].inputs) <= set(forked.ran[0].inputs)  # a fork begins with the law read


def started(root, path, output, **options):
    command = [sys.executable, "-c", "from stellwerk.cli import main; main()", "briefs", str(path), "-o", str(output)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, "--jobs", "2", "--resume"], cwd=root, **pipes, **options)


def until(there):
    begun = time.monotonic()
    while not there() and time.monotonic() - begun < LONGEST_WAIT:
        time.sleep(0.02)
    assert there()


def free(output):
    """Whether nobody holds the folder."""
    handle = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


@pytest.mark.parametrize("kind", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.deep)])
def test_a_batch_that_is_stopped_leaves_whole_briefs_and_resume_does_the_rest(root, tmp_path, kind):
    seeds = list(range(20, 28) if kind == signal.SIGINT else range(30, 38))
    _, path = batch(root, seeds, cohort=400)
    output = tmp_path / "out"
    with started(root, path, output) as process:
        until(lambda: process.poll() is not None or (output.is_dir() and any(output.glob("lage-*"))))
        process.send_signal(kind)
        said = process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == (130 if kind == signal.SIGINT else -signal.SIGKILL)
    until(lambda: free(output))
    done = sorted(output.glob("lage-*"))
    assert 0 < len(done) < len(seeds)
    assert all(visible(folder) == ["data", "lage.html"] for folder in done)
    if kind == signal.SIGINT:
        assert "--resume" in said[1] and "Traceback" not in said[1]
        assert not list(output.glob(".*"))
    with started(root, path, output) as process:
        process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 0
    assert len(list(output.glob("lage-*"))) == len(seeds) and not list(output.glob(".*"))


def test_two_batches_do_not_write_to_one_folder(root, tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(OutputInUse):
            run(root, [1], tmp_path)
    finally:
        os.close(handle)


def test_where_a_page_cannot_be_written_it_is_said_and_nothing_stands_half(root, tmp_path):
    _, path = batch(root, [40, 41], koenigstein_total=2 * SMALL_FILE)
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILE, SMALL_FILE))}
    with started(root, path, tmp_path / "out", **limit) as process:
        _, said = process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 1
    assert said.count("die Datei würde größer, als hier erlaubt ist") == 2 and "Traceback" not in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.csv", "index.html"]


def test_a_full_disk_is_said_and_leaves_what_was_there(root, tmp_path, monkeypatch):
    values = parameters_of("lage", {"year": 2022, "on": "2023-05-31", "reform": "open_sea", "seed": 50, "cohort": 1})
    ledger = tmp_path / "ledger.jsonl"
    order = Order(root, "lage", root / "notebooks/briefs/lage.ipynb", values, tmp_path / "out", "lage", ledger)
    carry_out(order, execute_in_kernel)
    before = contents(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("stellwerk.briefs.run.write_text", full)
    with pytest.raises(BriefNotWritten) as said:
        carry_out(order, execute_in_kernel)
    assert "der Datenträger ist voll" in said.value.message("de")
    assert contents(tmp_path) == before
    assert len(Ledger(ledger, root).entries()) == 1
