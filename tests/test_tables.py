"""Tables are written whole or not at all, and carry no formulas."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from stellwerk import tables
from stellwerk.tables import (
    MOST_SHEET_ROWS,
    FolderInUse,
    OutputFolderMissing,
    TooManyRowsForSheet,
    UnknownTableFormat,
    whole_file,
    whole_folder,
    write_table,
    write_workbook,
)

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


def test_a_workbook_holds_a_sheet_a_table(tmp_path: Path) -> None:
    write_workbook({"eins": FRAME, "zwei": FRAME.head(1)}, tmp_path / "t.xlsx")
    sheets = pl.read_excel(tmp_path / "t.xlsx", sheet_id=0)
    assert {name: sheet.height for name, sheet in sheets.items()} == {"eins": 6, "zwei": 1}


def test_a_table_longer_than_a_sheet_is_refused(tmp_path: Path) -> None:
    long = pl.DataFrame({"n": pl.int_range(MOST_SHEET_ROWS + 1, eager=True)})
    with pytest.raises(TooManyRowsForSheet, match="1048576"):
        write_table(long, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def fill(folder: Path, name: str) -> None:
    (folder / name).write_text(name, encoding="utf-8")


@pytest.fixture(params=["in one step", "in two steps"])
def replacing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to put a folder in another's place: most systems swap, the others rename twice."""
    if request.param == "in two steps":
        monkeypatch.setattr(tables, "_exchanged", lambda first, second: False)
    return str(request.param)


def test_a_folder_takes_the_place_of_an_older_one_whole(tmp_path: Path, replacing: str) -> None:
    for name in ("alt", "neu"):
        with whole_folder(tmp_path / "f", {"alt", "neu"}.__contains__) as draft:
            fill(draft, name)
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["neu"]
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_crash_while_filling_a_folder_leaves_the_old_one(tmp_path: Path, replacing: str) -> None:
    with whole_folder(tmp_path / "f", {"alt"}.__contains__) as draft:
        fill(draft, "alt")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "f", {"alt"}.__contains__) as draft:
        fill(draft, "neu")
        raise KeyboardInterrupt
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["alt"]
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with whole_folder(tmp_path / "f", {"alt"}.__contains__) as draft:
        fill(draft, "alt")
    monkeypatch.setattr(tables, "_exchanged", lambda first, second: False)
    with pytest.raises(FileNotFoundError), whole_folder(tmp_path / "f", {"alt"}.__contains__) as draft:
        draft.rmdir()
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["alt"]


def test_a_folder_with_other_peoples_files_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, "urlaub.jpg")
    with pytest.raises(FolderInUse, match=r"urlaub\.jpg"), whole_folder(tmp_path, {"alt"}.__contains__):
        pass
    with pytest.raises(FolderInUse), whole_folder(tmp_path / "urlaub.jpg", {"alt"}.__contains__):
        pass
    with pytest.raises(OutputFolderMissing), whole_folder(tmp_path / "fehlt" / "f", {"alt"}.__contains__):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["urlaub.jpg"]
