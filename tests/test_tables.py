"""Tables are written whole or not at all, and carry no formulas."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from stellwerk.tables import OutputFolderMissing, UnknownTableFormat, whole_file, write_table

FRAME = pl.DataFrame(
    {
        "name": ["=SUMME(A1)", "+49", "-x", "@y", "Köln", None],
        "tag": [dt.date(2023, 1, 31)] * 6,
        "anteil": [Decimal("-0.5")] * 6,
    }
)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_text_that_looks_like_a_formula_is_written_as_text(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"t.{suffix}"
    write_table(FRAME, target)
    back = pl.read_csv(target) if suffix == "csv" else pl.read_excel(target)
    assert back.get_column("name").to_list() == ["'=SUMME(A1)", "'+49", "'-x", "'@y", "Köln", None]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_the_same_frame_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    write_table(FRAME, first)
    write_table(FRAME, second)
    assert first.read_bytes() == second.read_bytes()


def test_parquet_keeps_exact_types(tmp_path: Path) -> None:
    write_table(FRAME, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(FRAME)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    target.write_text("alt", encoding="utf-8")
    with pytest.raises(RuntimeError), whole_file(target) as draft:
        draft.write_text("halb", encoding="utf-8")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    assert target.read_text(encoding="utf-8") == "alt"


def test_an_unknown_ending_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownTableFormat, match="xlsx"):
        write_table(FRAME, tmp_path / "t.pdf")
    with pytest.raises(OutputFolderMissing, match="fehlt"):
        write_table(FRAME, tmp_path / "fehlt" / "t.csv")
