"""Frames that a user hands over: taken in exact types, or told which cell does not fit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from stellwerk.frames import CellsUnfit, UnknownColumn
from stellwerk.workbench import Workbench


@pytest.mark.parametrize(
    ("column", "cells", "said"),
    [
        ("status", ["tolerated", None, "tolarated"], "»tolarated«. Erlaubt ist ein Wert der Liste »residence_status«"),
        ("status", ["tolerated", None, "tolarated"], "Gemeint ist wohl »tolerated«"),
        ("decision_date", ["2023-05-31", "31.05.2023"], "1 unpassende Werte; der erste steht in Zeile 2"),
        ("decision_date", ["2023-05-31", "31.05.2023"], "Erlaubt ist ein Datum"),
    ],
)
def test_a_cell_that_does_not_fit_is_named_with_its_row_and_what_is_allowed(
    checkout: Path, column: str, cells: list[str | None], said: str
) -> None:
    frame = pd.DataFrame({"case_id": [f"Ä-{n}" for n in range(len(cells))], column: cells})
    with pytest.raises(CellsUnfit) as unfit:
        Workbench.open(checkout).as_cases(frame)
    assert said in unfit.value.message("de")


def test_cells_that_fit_become_exact_types_and_empty_ones_stay_unknown(checkout: Path) -> None:
    frame = pd.DataFrame({"case_id": ["Ü-1", "Ü-2"], "status": ["tolerated", None], "entry_date": ["2020-01-31", None]})
    taken = Workbench.open(checkout).as_cases(frame)
    assert taken["status"].to_list() == ["tolerated", None]
    assert str(taken["entry_date"][0]) == "2020-01-31"


def test_a_table_that_pandas_read_as_words_is_taken(checkout: Path, tmp_path: Path) -> None:
    bench = Workbench.open(checkout)
    cases = bench.synthetic_cases(200)
    cases.write_csv(tmp_path / "register.csv")
    words = bench.as_cases(pd.read_csv(tmp_path / "register.csv", dtype=str))
    assert words.equals(bench.as_cases(cases))


def test_codes_that_pandas_took_for_numbers_are_told(checkout: Path) -> None:
    with pytest.raises(CellsUnfit, match="5315"):
        Workbench.open(checkout).as_cases(pd.DataFrame({"case_id": ["1"], "status": [5315.0]}))


def test_a_column_that_nobody_knows_is_refused_with_the_nearest(checkout: Path) -> None:
    with pytest.raises(UnknownColumn) as unknown:
        Workbench.open(checkout).as_cases(pd.DataFrame({"case_id": ["1"], "statuss": ["tolerated"]}))
    assert "»status«" in unknown.value.message("de")
