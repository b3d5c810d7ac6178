"""Who interrupts a run finds the old result or the new one, never a part of one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from stellwerk.law.vocabulary import load_vocabulary
from stellwerk.register import write
from stellwerk.register.write import file_names, write_register

ROOT = Path(__file__).parents[1]
NAMES = file_names(load_vocabulary(ROOT), "case")
LONGEST_WAIT = 120  # seconds; a run that has not begun to write by then will not
OLD = {"case": pl.DataFrame({"case_id": ["alt"]}), "convictions": pl.DataFrame({"case_id": ["alt"]})}
NEW = {name: frame.with_columns(case_id=pl.lit("neu")) for name, frame in OLD.items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def killed_while_writing(folder: Path, *arguments: str) -> None:
    """Run a command until its draft appears in the folder, then kill it without warning."""
    command = [sys.executable, "-c", "from stellwerk.cli import main; main()", *arguments]
    begun = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and not list(folder.glob(".*")) and time.monotonic() - begun < LONGEST_WAIT:
            time.sleep(0.002)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("target", ["register", "register.xlsx"])
def test_an_interrupted_register_leaves_the_old_one(tmp_path, monkeypatch, target):
    write_register(OLD, tmp_path / target, NAMES)
    before = contents(tmp_path / target) if target == "register" else (tmp_path / target).read_bytes()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "write_table", interrupted)
    monkeypatch.setattr("polars.DataFrame.write_excel", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_register(NEW, tmp_path / target, NAMES)
    after = contents(tmp_path / target) if target == "register" else (tmp_path / target).read_bytes()
    assert before == after
    assert [path.name for path in tmp_path.iterdir()] == [target]


@pytest.mark.skipif(os.name != "posix", reason="kills a process outright")
def test_a_register_whose_drawing_is_killed_is_the_old_or_the_new_one(tmp_path):
    folder = tmp_path / "register"
    write_register(OLD, folder, NAMES)
    before = contents(folder)
    killed_while_writing(tmp_path, "register", "synth", "--cases", "30000", "-o", str(folder))
    tables = {path.stem: pl.read_parquet(path) for path in folder.iterdir()}
    assert contents(folder) == before or (tables["cases"].height == 30_000 and len(tables) == 4)


@pytest.mark.deep
@pytest.mark.skipif(os.name != "posix", reason="kills a process outright")
def test_a_result_whose_run_is_killed_is_the_old_or_the_new_one(tmp_path):
    cases = tmp_path / "faelle.csv"
    cases.write_text("case_id\n" + "\n".join(map(str, range(5_000))) + "\n", encoding="utf-8")
    out = tmp_path / "aus" / "ergebnis.csv"
    out.parent.mkdir()
    out.write_text("alt", encoding="utf-8")
    killed_while_writing(out.parent, "apply", str(cases), "-o", str(out), "--rule", "stay.general_day_rates")
    assert out.read_text(encoding="utf-8") == "alt" or pl.read_csv(out).height == 5_000
