"""Measurements: the page and its rows, and the engines beside Stellwerk, which must all say the same."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

OURS = ("columns", "polars", "polars_tuned", "polars_evidence", "numpy", "duckdb")
PEERS = ("openfisca", "zen", "durable")  # measured where `scripts/peers.sh` has put them


@pytest.fixture(scope="module")
def bench(checkout: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location("stellwerk_bench", checkout / "benchmarks" / "run.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def test_a_new_measurement_replaces_its_own_row_and_keeps_the_others(bench: ModuleType) -> None:
    page = f"# Title\n\n{bench.BEGIN}\n{bench.END}\n\nText\n"
    first = bench.with_rows(page, {"A": "| A | 1 s |", "B": "| B | 2 s |"})
    second = bench.with_rows(first, {"A": "| A | 9 s |"})
    assert "| A | 9 s |\n| B | 2 s |" in second
    assert "| A | 1 s |" not in second
    assert second.count(bench.HEADER) == 1
    assert second.startswith("# Title\n") and second.endswith("\n\nText\n")


def test_a_row_names_time_command_machine_and_versions(bench: ModuleType) -> None:
    line = bench.row(bench.Measurement("Main job", 12.34, "stellwerk brief lage", runs=3), "0123456789")
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == bench.HEADER.count("|") - 1
    assert cells[:3] == ["Main job", "12.3 s (median of 3)", "`stellwerk brief lage`"]
    assert "cores" in cells[3] and "Python 3." in cells[3]
    assert "polars 2." in cells[4]


def test_the_page_opens_with_the_measured_table(checkout: Path, bench: ModuleType) -> None:
    lines = (checkout / "benchmarks" / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[:5] == ["# Benchmarks", "", bench.BEGIN, bench.HEADER, bench.RULE]
    assert lines[5].startswith("| Set-up from an empty cache | ")


def run_beside_peers(checkout: Path, folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.evaluate.run", "--quick", "--output", str(folder), "--only", *names]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rows_beside_peers(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("benchmarks")
    done = run_beside_peers(checkout, folder, *OURS, *PEERS)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads((folder / "results.json").read_text(encoding="utf-8"))["rows"]
    return rows


def test_every_installed_engine_says_what_the_reference_says(rows_beside_peers: list[dict[str, object]]) -> None:
    said = {row["engine"]: row["checksum"] for row in rows_beside_peers if "missing" not in row}
    assert {"reference", *OURS} <= set(said) <= {"reference", *OURS, *PEERS}
    assert len(set(said.values())) == 1


def test_a_peer_that_is_not_installed_is_named_as_missing(rows_beside_peers: list[dict[str, object]]) -> None:
    assert {row["engine"] for row in rows_beside_peers} == {"reference", *OURS, *PEERS}


def test_three_values_and_evidence_by_hand_and_by_columns_are_those_of_the_reference(checkout: Path) -> None:
    script = """
from benchmarks.evaluate import with_columns, with_polars_evidence, with_reference
from benchmarks.evaluate.answers import checksum
from benchmarks.evaluate.cases import drawn
cases = drawn(300, unknown=0.2)
for engine in (with_reference, with_columns, with_polars_evidence):
    found = engine.prepared(cases)()
    bits = engine.evidence(found)
    print(checksum(engine.answers(found)), checksum(bits, tuple(sorted(bits))))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=True)
    assert len(set(done.stdout.splitlines())) == 1


def test_two_answers_that_change_places_change_the_checksum(checkout: Path) -> None:
    script = """
import numpy as np
from benchmarks.evaluate.answers import checksum
print(checksum({"a": np.array([0, 1, 2])}, ("a",)) != checksum({"a": np.array([1, 0, 2])}, ("a",)))
print(checksum({"a": np.array([0, 1]), "b": np.array([1, 1])}, ("a", "b"))
      != checksum({"a": np.array([1, 1]), "b": np.array([0, 1])}, ("a", "b")))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
