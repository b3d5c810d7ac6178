"""A run from file to file: in one piece or in parts the same, with a record that explains any case later."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

import stellwerk.application as application
import stellwerk.register.parts as parts
from stellwerk.application import ChangedSinceRun, ResultDiffers, Wish, apply_file, explain_result, record_of
from stellwerk.casework import Casework, UnknownCase
from stellwerk.evaluate.engines import EVIDENCE

RULES = ("stay.sustained_integration", "asylum.safe_origin.constitutional", "support.need_level")
WISH = Wish(on=dt.date(2026, 7, 1), rules=RULES, evidence=True)


@pytest.fixture(scope="module")
def bench(checkout: Path) -> Casework:
    return Casework.open(checkout)


@pytest.fixture
def register(bench: Casework, tmp_path: Path) -> Path:
    path = tmp_path / "Fälle.parquet"
    bench.synthetic_cases(400).write_parquet(path)
    return path


def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "LARGE", 100)
    monkeypatch.setattr(parts, "ROWS_A_PART", 150)


def test_a_register_in_parts_gives_what_it_gives_in_one_piece(
    bench: Casework, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, pieces = tmp_path / "whole.parquet", tmp_path / "pieces.parquet"
    apply_file(bench, register, whole, WISH)
    in_small_parts(monkeypatch)
    found = apply_file(bench, register, pieces, WISH)
    assert len(found.readings) == 3
    assert pl.read_parquet(pieces).equals(pl.read_parquet(whole))


def test_an_id_that_stands_in_two_parts_counts_once_and_the_later_row_waits(
    bench: Casework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = bench.synthetic_cases(400)
    path = tmp_path / "twice.parquet"
    pl.concat([cases, cases.head(2)]).write_parquet(path)
    in_small_parts(monkeypatch)
    found = apply_file(bench, path, tmp_path / "out.parquet", WISH)
    assert (found.cases, found.quarantined) == (400, 2)
    lines = pl.concat([reading.findings for reading in found.readings])
    assert lines.get_column("row").to_list() == [402, 403]


def test_any_case_of_a_finished_run_is_explained_as_the_reference_says(
    bench: Casework, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.parquet"
    in_small_parts(monkeypatch)
    apply_file(bench, register, out, WISH)
    cases = pl.read_parquet(register)
    for case_id in cases.get_column("case_id")[[0, 250, 399]]:
        found, _ = explain_result(bench, out, case_id)
        meant = [bench.explain(cases, case_id, rule, on=WISH.on) for rule in RULES]
        assert found == meant


def test_a_run_whose_register_or_rulebook_has_changed_is_not_explained_from_others(
    bench: Casework, register: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"
    apply_file(bench, register, out, WISH)
    case_id = pl.read_parquet(register).get_column("case_id")[0]
    record = json.loads(record_of(out).read_text(encoding="utf-8"))
    record_of(out).write_text(json.dumps(record | {"rulebook": "0" * 64}), encoding="utf-8")
    with pytest.raises(ChangedSinceRun):
        explain_result(bench, out, case_id)
    record_of(out).write_text(json.dumps(record), encoding="utf-8")
    pl.read_parquet(register).head(399).write_parquet(register)
    with pytest.raises(ChangedSinceRun) as error:
        explain_result(bench, out, case_id)
    assert register.name in error.value.message()


def test_a_result_that_was_altered_is_noticed(bench: Casework, register: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    apply_file(bench, register, out, WISH)
    table = pl.read_parquet(out)
    name = f"{RULES[0]}.outcome"
    other = pl.when(pl.col(name) == "not_met").then(pl.lit("entitled")).otherwise(pl.lit("not_met"))
    table.with_columns(other.cast(table.schema[name]).alias(name)).write_parquet(out)
    with pytest.raises(ResultDiffers):
        explain_result(bench, out, table.get_column("case_id")[0])
    with pytest.raises(UnknownCase):
        explain_result(bench, out, "niemand")


def test_evidence_is_written_only_where_it_is_wanted(bench: Casework, register: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    apply_file(bench, register, out, Wish(rules=RULES))
    assert not [name for name in pl.read_csv(out).columns if name.rpartition(".")[2] in EVIDENCE]


@pytest.mark.parametrize("moment", ["writing", "record"])
def test_an_interrupted_run_leaves_the_old_result(
    bench: Casework, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    out = tmp_path / "out.parquet"
    apply_file(bench, register, out, WISH)
    before = out.read_bytes()

    def interrupted(*_: object, **__: object) -> pl.DataFrame:
        raise KeyboardInterrupt

    in_small_parts(monkeypatch)
    monkeypatch.setattr(application, "_said" if moment == "writing" else "_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        apply_file(bench, register, out, WISH)
    if moment == "writing":
        assert out.read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
