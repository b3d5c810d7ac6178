"""The page of measurements opens with its table, and a new measurement replaces its own row only."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


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
