"""Decision tables and listings through a spreadsheet, and witnesses kept as examples."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from stellwerk.audit.shrinking import Facts
from stellwerk.editing import Draft, Trial
from stellwerk.editing.parameters import NewValue, with_value
from stellwerk.editing.sheets import FormulasInSheet, SheetColumnMissing, taken_over, write_sheet
from stellwerk.editing.witness import (
    CaseStaysRecognisable,
    Change,
    NothingChangesForCase,
    example,
    examples_beside,
    invented,
    with_example,
)
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.examples import load_examples, run_example
from stellwerk.law.rulebook import Rulebook

TABLES = [Path("rules/listings/safe_origin.csv"), Path("rules/labour/partnerships.csv")]
RULE = "stay.sustained_integration"
FACTS: Facts = {
    "case_id": "K-123456",
    "nationality": "RS",
    "status": "tolerated",
    "toleration_claim": False,
    "residence_since": dt.date(2018, 3, 27),
    "unclear_identity_days": 0,
    "decision_date": dt.date(2023, 6, 14),
    "lives_with_minor_child": False,
    "commits_to_constitution": True,
    "basic_legal_social_knowledge": True,
    "livelihood_forecast_positive": True,
    "german_level_oral": "B1",
    "has_school_age_children": False,
    "false_statements_repeated": False,
    "identity_deception": False,
    "cooperation_refused": False,
    "removal_interest_grave": False,
    "manifestly_unfounded_bar": False,
}


@pytest.fixture
def change(root: Path, trial: Trial, base: Rulebook) -> Change:
    """Four years are enough from the end of 2022 on."""
    draft = Draft.open(root / "params/law/stay.yaml", root)
    new = NewValue("4 years", dt.date(2022, 12, 31), "AufenthG § 25b Abs. 1")
    reading = trial.read([draft.with_text(with_value(draft.text, "stay.integration.years_required", new))], base)
    assert reading.rulebook is not None
    return Change(RULE, base, reading.rulebook)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_table_comes_back_from_a_spreadsheet_byte_for_byte(
    path: Path, root: Path, trial: Trial, base: Rulebook, tmp_path: Path
) -> None:
    draft = Draft.open(path, root)
    write_sheet(draft, tmp_path / "table.xlsx")
    assert taken_over(tmp_path / "table.xlsx", draft, trial, base).content == draft.path.read_bytes()


def _filled_in(target: Path, header: list[str], rows: list[list[object]]) -> None:
    table: list[list[object]] = [[*header], *rows]
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, column, dt.datetime(cell.year, cell.month, cell.day),
                                         book.add_format({"num_format": "dd.mm.yyyy"}))  # fmt: skip
                else:
                    sheet.write(number, column, cell)


HEADER = ["listing", "code", "from", "to", "evidence", "source", "note"]


def test_real_days_of_a_spreadsheet_become_days(root: Path, trial: Trial, base: Rulebook, tmp_path: Path) -> None:
    draft = Draft.open(TABLES[0], root)
    rows: list[list[object]] = [["safe_origin.annex_ii", "GH", dt.date(1993, 7, 1), None, "verified", "AsylG", ""]]
    _filled_in(tmp_path / "x.xlsx", HEADER, rows)
    assert "GH,1993-07-01,,verified" in taken_over(tmp_path / "x.xlsx", draft, trial, base).text


def test_every_wrong_row_is_told_with_its_number_and_none_taken(
    root: Path, trial: Trial, base: Rulebook, tmp_path: Path
) -> None:
    draft = Draft.open(TABLES[0], root)
    good = ["safe_origin.annex_ii", "GH", "1993-07-01", "", "verified", "AsylG", ""]
    rows: list[list[object]] = [[*good], [*good], [*good]]
    rows[1][1], rows[2][2] = "QQ", "01.07.1993"
    _filled_in(tmp_path / "x.xlsx", HEADER, rows)
    with pytest.raises(StellwerkError) as refused:
        taken_over(tmp_path / "x.xlsx", draft, trial, base)
    message = refused.value.message("de")
    assert "Zeile 3 der Mappe: " in message
    assert "»QQ«" in message
    assert "Zeile 4 der Mappe: »01.07.1993« ist kein Tag des Kalenders" in message


def test_formulas_and_missing_columns_are_refused(root: Path, trial: Trial, base: Rulebook, tmp_path: Path) -> None:
    draft = Draft.open(TABLES[0], root)
    _filled_in(tmp_path / "f.xlsx", HEADER, [["=1+1", "GH", "", "", "", "", ""]])
    with pytest.raises(FormulasInSheet):
        taken_over(tmp_path / "f.xlsx", draft, trial, base)
    _filled_in(tmp_path / "m.xlsx", HEADER[1:], [["GH", "", "", "", "", ""]])
    with pytest.raises(SheetColumnMissing, match="listing"):
        taken_over(tmp_path / "m.xlsx", draft, trial, base)


def test_no_cell_of_a_written_workbook_is_a_formula(root: Path, tmp_path: Path) -> None:
    draft = Draft.open(TABLES[1], root)
    changed = draft.with_text(draft.text + '=1+1,-,@x,agreement_signed,Migrationsabkommen,"a"\n')
    write_sheet(changed, tmp_path / "t.xlsx")
    last = pl.read_excel(tmp_path / "t.xlsx").row(-1)
    assert last[:3] == ("'=1+1", "'-", "'@x")


def test_a_witness_is_small_invented_and_shows_the_change(change: Change, root: Path) -> None:
    facts = invented(FACTS, change)
    assert change.outcomes(facts) == ("not_met", "should_grant")
    assert "case_id" not in facts
    assert "nationality" not in facts
    assert facts["residence_since"] != FACTS["residence_since"]
    assert facts["decision_date"] != FACTS["decision_date"]
    path = examples_beside(root / "rules/stay/sustained_integration.yaml")
    witness = example("vier Jahre genügen: »neu«", "Werkstatt", facts, change)
    text = with_example(path.read_text(encoding="utf-8"), witness)
    assert text.startswith(path.read_text(encoding="utf-8").rstrip())
    path.write_text(text, encoding="utf-8")
    last = load_examples(path, root, change.after)[-1]
    assert run_example(last, change.after).passes
    assert not run_example(last, change.before).passes


def test_a_case_without_change_is_no_witness(change: Change) -> None:
    with pytest.raises(NothingChangesForCase):
        invented({**FACTS, "status": "recognised"}, change)


def test_a_case_that_cannot_be_told_otherwise_is_refused(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    own = change.outcomes(FACTS)
    monkeypatch.setattr(
        Change,
        "outcomes",
        lambda self, facts: own if facts.get("decision_date") == FACTS["decision_date"] else ("a", "a"),
    )
    with pytest.raises(CaseStaysRecognisable, match="decision_date"):
        invented(FACTS, change)
