"""Every fault that an office can make is planted in a synthetic register, and the reader finds each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest

from stellwerk.law.vocabulary import Vocabulary, load_vocabulary
from stellwerk.register.faults import DirtyRegister, with_faults
from stellwerk.register.figures import load_population
from stellwerk.register.histories import draw_histories
from stellwerk.register.privacy import load_direct_identifiers
from stellwerk.register.read import RegisterReading, read_register
from stellwerk.register.synthetic import synthesize
from stellwerk.register.write import file_names, write_dirty_register
from stellwerk.texts import catalogue

ROOT = Path(__file__).parents[1]
SEEDS = (1, 2, 3)
# Faults that lie between tables: they follow from the planted ones.
CONSEQUENCES = {"row_of_case_in_quarantine", "row_with_child_in_quarantine"}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT)


@pytest.fixture(scope="module")
def tables(vocabulary) -> dict[str, pl.DataFrame]:
    cases = synthesize(ROOT / "params", vocabulary, cases=3_000, seed=5)
    return {"case": cases, **draw_histories(cases, load_population(ROOT / "params", 2022), vocabulary, 5)}


@pytest.fixture(scope="module", params=SEEDS)
def spoilt(request, tables, vocabulary, tmp_path_factory) -> tuple[DirtyRegister, RegisterReading]:
    """A register with faults, written as an office sends it, and what the reader makes of it."""
    dirty, folder = with_faults(tables, vocabulary, "case", request.param), tmp_path_factory.mktemp("faults") / "amt"
    write_dirty_register(dirty, folder, file_names(vocabulary, "case"))
    return dirty, read_register(folder, vocabulary, load_direct_identifiers(ROOT), language="de")


def test_the_reader_finds_every_planted_fault_and_holds_its_row_back(spoilt):
    dirty, reading = spoilt
    found = {(line["table"], line["row"]) for line in reading.findings.iter_rows(named=True)}
    held = {(name, row) for name, table in reading.tables.items() for row in table.quarantine["row"]}
    counts = {name: table.report.reasons for name, table in reading.tables.items()}
    for line in dirty.planted.iter_rows(named=True):
        assert (line["table"], line["row"]) in found & held, line
        assert counts[line["table"]][line["fault"]] >= 1, line


def test_the_reader_finds_nothing_else(spoilt):
    dirty, reading = spoilt
    planted = set(dirty.planted.select("table", "row").iter_rows())
    follows = [catalogue()[key]["de"].rpartition("}")[2] for key in CONSEQUENCES]
    for line in reading.findings.iter_rows(named=True):
        assert (line["table"], line["row"]) in planted or line["reason"].endswith(tuple(follows)), line


def test_what_is_left_is_what_was_there_before(spoilt, tables):
    _, reading = spoilt
    assert reading.clean.equals(tables["case"].join(reading.clean.select("case_id"), on="case_id", how="semi"))
    for name, child in reading.children.items():
        assert child.equals(tables[name].join(reading.clean.select("case_id"), on="case_id", how="semi"))


def test_every_reason_for_quarantine_can_be_planted(tables, vocabulary):
    planted: set[str] = set()
    for seed in SEEDS:
        planted |= set(with_faults(tables, vocabulary, "case", seed).planted["fault"])
    texts = tomllib.loads((ROOT / "engine/stellwerk/texts/register.toml").read_text(encoding="utf-8"))
    reasons = {key for key in texts if key.startswith(("cell_", "row_"))}
    assert planted == reasons - CONSEQUENCES


def test_the_same_seed_plants_the_same_faults(tables, vocabulary):
    first, again, other = (with_faults(tables, vocabulary, "case", seed) for seed in (1, 1, 2))
    assert first.planted.equals(again.planted)
    assert not first.planted.equals(other.planted)
    assert all(first.tables[name].cells.equals(again.tables[name].cells) for name in tables)
