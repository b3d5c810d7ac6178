"""A register is a set of tables: where they may stand, what is wrong between them, and what an office may call them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from stellwerk.documents import FileMissing, UnknownKey
from stellwerk.errors import ManyErrors, StellwerkError
from stellwerk.frames import ChildWithoutKey, UnknownChildTable, UnknownColumn
from stellwerk.law.vocabulary import Vocabulary, load_vocabulary
from stellwerk.register import headers, layout, mapping, sheets
from stellwerk.register.mapping import load_mapping
from stellwerk.register.privacy import DirectIdentifierColumn, DirectIdentifiers, load_direct_identifiers
from stellwerk.register.read import RegisterReading, read_register
from stellwerk.register.write import file_names, write_reading
from stellwerk.tables import FolderInUse
from stellwerk.workbench import Workbench

ROOT = Path(__file__).parents[1]
CASES = "case_id;sex;birth_date\n1;f;2000-01-01\n2;m;2000-01-01\n3;m;2000-01-01\n"
CONVICTIONS = "case_id;final;intentional;prison_months;day_rates\n1;ja;ja;0;30\n1;ja;ja;7;0\n2;ja;nein;0;10\n"
DETENTION = "case_id;kind;first_day;last_day\n3;removal;2023-01-01;2023-01-10\n"
PERIODS = "case_id;kind;first_day;last_day\n1;toleration;2020-01-01;2020-12-31\n"
ALL = {
    "cases.csv": CASES,
    "convictions.csv": CONVICTIONS,
    "detention_segments.csv": DETENTION,
    "status_periods.csv": PERIODS,
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT)


@pytest.fixture(scope="module")
def identifiers() -> DirectIdentifiers:
    return load_direct_identifiers(ROOT)


@pytest.fixture
def read(tmp_path, vocabulary, identifiers):
    """Read a folder of the given files, with a mapping file where one is given."""

    def read(files: dict[str, str], called: str | None = None, language: str = "de") -> RegisterReading:
        folder = tmp_path / "register"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        found = None
        if called is not None:
            (tmp_path / "zuordnung.yaml").write_text(called, encoding="utf-8")
            found = load_mapping(tmp_path / "zuordnung.yaml", vocabulary, identifiers, "case")
        return read_register(folder, vocabulary, identifiers, mapping=found, language=language)

    return read


@pytest.fixture
def read_workbook(tmp_path, vocabulary, identifiers):
    def read_workbook(sheets: dict[str, list[list[object]]]) -> RegisterReading:
        path = tmp_path / "mappe.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name, rows in sheets.items():
                page = book.add_worksheet(name)
                for position, row in enumerate(rows):
                    page.write_row(position, 0, row)
        return read_register(path, vocabulary, identifiers)

    return read_workbook


def table_rows(content: str) -> list[list[object]]:
    return [list(line.split(";")) for line in content.splitlines()]


def errors_of(failure: pytest.ExceptionInfo[StellwerkError]) -> set[type[StellwerkError]]:
    error = failure.value
    return {type(item) for item in (error.errors if isinstance(error, ManyErrors) else [error])}


def told(reading: RegisterReading) -> list[tuple[str, int | None, str, str | None]]:
    return reading.findings.select("table", "row", "column", "value").rows()


# --- where the tables stand -----------------------------------------------------------------------------------------


def test_a_folder_holds_the_cases_and_a_file_a_child_table(read):
    reading = read(ALL)
    assert reading.findings.is_empty()
    assert reading.clean["case_id"].to_list() == ["1", "2", "3"]
    assert {name: child.height for name, child in reading.children.items()} == {
        "status_periods": 1, "detention_segments": 1, "convictions": 3,
    }  # fmt: skip
    assert reading.children["convictions"].columns[:2] == ["case_id", "final"]


def test_a_workbook_holds_a_sheet_a_table_under_its_german_name(read_workbook):
    reading = read_workbook(
        {
            "Hinweise": [["Bitte nicht ändern"]],
            "Fälle": table_rows(CASES),
            "VERURTEILUNGEN": table_rows(CONVICTIONS),
            "Haftzeiten": table_rows(DETENTION),
            "Status-Zeiten": table_rows(PERIODS),
        }
    )
    assert reading.findings.is_empty()
    assert reading.report.ignored_tables == ("Hinweise",)
    assert list(reading.children) == ["status_periods", "detention_segments", "convictions"]


def test_a_duckdb_file_holds_a_table_each_in_its_own_types(tmp_path, vocabulary, identifiers):
    path = tmp_path / "register.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE faelle AS SELECT 7 AS fallnummer, DATE '2000-01-31' AS geburtsdatum")
        database.execute("CREATE TABLE notizen AS SELECT 'x' AS a")
        database.execute("CREATE TABLE verurteilungen AS SELECT 7 AS fall, true AS final, 3::UTINYINT AS prison_months")
    reading = read_register(path, vocabulary, identifiers)
    assert reading.clean.rows() == [("7", dt.date(2000, 1, 31))]
    assert reading.children["convictions"].rows() == [("7", True, 3)]
    assert reading.report.ignored_tables == ("notizen",)


def test_a_view_in_a_database_may_not_reach_for_other_files(tmp_path, vocabulary, identifiers):
    secret = tmp_path / "geheim.csv"
    secret.write_text("case_id\n1\n", encoding="utf-8")
    path = tmp_path / "register.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(f"CREATE VIEW cases AS SELECT * FROM read_csv('{secret}')")
    with pytest.raises(sheets.UnreadableRegister):
        read_register(path, vocabulary, identifiers)


def test_what_is_no_database_is_turned_away(tmp_path, vocabulary, identifiers):
    (tmp_path / "register.duckdb").write_text("case_id\n1\n", encoding="utf-8")
    with pytest.raises(sheets.UnreadableRegister):
        read_register(tmp_path / "register.duckdb", vocabulary, identifiers)
    with pytest.raises(FileMissing):
        read_register(tmp_path / "fehlt.duckdb", vocabulary, identifiers)


def test_one_file_holds_cases_alone_and_says_what_is_unknown(tmp_path, vocabulary, identifiers):
    (tmp_path / "faelle.csv").write_text(CASES, encoding="utf-8")
    reading = read_register(tmp_path / "faelle.csv", vocabulary, identifiers)
    assert reading.children == {}
    assert reading.report.absent_tables == ("status_periods", "detention_segments", "convictions")
    assert reading.findings.is_empty()


def test_a_child_table_missing_from_a_set_is_a_finding_and_the_rest_is_read(read):
    reading = read({name: content for name, content in ALL.items() if name != "convictions.csv"})
    assert reading.clean.height == 3
    assert reading.report.missing_tables == ("convictions",)
    assert told(reading) == [("convictions", None, "", None)]
    assert "Verurteilungen" in reading.findings["reason"][0]


def test_a_child_table_with_a_header_alone_says_that_nobody_has_any(read):
    reading = read({**ALL, "convictions.csv": CONVICTIONS.splitlines()[0] + "\n"})
    assert reading.findings.is_empty()
    assert reading.children["convictions"].height == 0


def test_what_programs_leave_in_a_folder_is_passed_over(read):
    reading = read({**ALL, ".~lock.cases.csv": "", "~$cases.xlsx": "", "Notizen.docx": "", "alt.csv": "x"})
    assert reading.report.ignored_tables == ("alt.csv",)


def test_files_that_cannot_be_told_apart_or_found_are_turned_away_together(read):
    with pytest.raises(StellwerkError) as failure:
        read({"Fälle.csv": CASES, "cases.csv": CASES, "Verurteilungn.csv": CONVICTIONS})
    assert errors_of(failure) == {layout.TableTwice, layout.MisspeltTable}


def test_a_set_without_cases_names_what_they_may_be_called(read):
    with pytest.raises(layout.CaseTableMissing, match=r"cases.*fälle.*convictions"):
        read({"convictions.csv": CONVICTIONS})


def test_a_folder_that_is_not_there_is_named(tmp_path, vocabulary, identifiers):
    with pytest.raises(FileMissing, match="fehlt"):
        read_register(tmp_path / "fehlt", vocabulary, identifiers)


def test_all_tables_with_unusable_headers_are_told_at_once(read):
    with pytest.raises(ManyErrors) as failure:
        read({**ALL, "cases.csv": "case_id;Nachname\n1;x\n", "convictions.csv": "final\nja\n"})
    assert errors_of(failure) == {DirectIdentifierColumn, headers.RequiredColumnMissing}


# --- what is wrong in and between tables ----------------------------------------------------------------------------


def test_a_wrong_cell_in_a_child_table_holds_the_row_and_its_case_back(read):
    """Evaluated without the row, the case would count as one that was convicted less often."""
    reading = read({**ALL, "convictions.csv": CONVICTIONS.replace("7;0", "sieben;0")})
    assert reading.clean["case_id"].to_list() == ["2", "3"]
    assert told(reading) == [
        ("case", 2, "", "3"),
        ("status_periods", 2, "case_id", "1"),
        ("convictions", 2, "case_id", "1"),
        ("convictions", 3, "prison_months", "sieben"),
    ]
    assert reading.findings["reason"][0] == "Verurteilungen: Zeile 3 dieses Falls steht in Quarantäne"
    assert reading.children["convictions"]["case_id"].to_list() == ["2"]


def test_a_row_of_a_case_that_does_not_exist_waits_alone(read):
    reading = read({**ALL, "convictions.csv": CONVICTIONS + "9;ja;ja;0;5\n"})
    assert told(reading) == [("convictions", 5, "case_id", "9")]
    assert reading.clean.height == 3


def test_a_row_that_names_no_case_waits_alone(read):
    reading = read({**ALL, "convictions.csv": CONVICTIONS + ";ja;ja;0;5\n"})
    assert told(reading) == [("convictions", 5, "case_id", None)]
    assert reading.clean.height == 3


def test_the_rows_of_a_quarantined_case_wait_with_it(read):
    reading = read({**ALL, "cases.csv": CASES.replace("1;f;", "1;q;")})
    assert told(reading) == [
        ("case", 2, "sex", "q"),
        ("status_periods", 2, "case_id", "1"),
        ("convictions", 2, "case_id", "1"),
        ("convictions", 3, "case_id", "1"),
    ]


def test_a_case_id_twice_keeps_the_rows_with_the_first(read):
    reading = read({**ALL, "cases.csv": CASES + "1;m;2000-01-01\n"})
    assert told(reading) == [("case", 5, "case_id", "1")]
    assert reading.children["convictions"].height == 3


def test_a_period_that_ends_before_it_begins_waits(read):
    reading = read({**ALL, "detention_segments.csv": DETENTION.replace("2023-01-10", "2022-12-31")})
    assert reading.tables["detention_segments"].report.reasons == {"row_ends_before_it_begins": 1}
    assert reading.clean["case_id"].to_list() == ["1", "2"]


def test_an_unknown_value_is_forbidden_only_where_the_vocabulary_requires_one(tmp_path, read, vocabulary, identifiers):
    table = vocabulary.child_tables("case")["detention_segments"]
    strict = {**table.attributes, "last_day": replace(table.attributes["last_day"], required=True)}
    tables = {**vocabulary.child_tables("case"), "detention_segments": replace(table, attributes=strict)}
    files = {**ALL, "detention_segments.csv": DETENTION.replace("2023-01-10", "")}
    assert read(files).findings.is_empty()
    demanding = replace(vocabulary, tables={**vocabulary.tables, "case": tables})
    reading = read_register(tmp_path / "register", demanding, identifiers)
    assert reading.tables["detention_segments"].report.reasons == {"row_without_identity": 1}


def test_no_row_of_any_table_is_dropped(read):
    reading = read({**ALL, "convictions.csv": CONVICTIONS + "9;ja;ja;0;5\n;;;;\n1;vielleicht;ja;0;0\n"})
    for table in reading.tables.values():
        report = table.report
        assert report.rows == report.clean + report.quarantined == table.clean.height + table.quarantine.height
    assert reading.tables["convictions"].report.empty_rows == 1


def test_findings_are_told_in_the_readers_language(read):
    reading = read({"cases.csv": CASES, "convictions.csv": CONVICTIONS + "9;ja;ja;0;5\n"}, language="en")
    assert "there is no case “9”" in reading.findings["reason"][0]
    assert reading.report.tables[1].title == "convictions"


# --- mapping files --------------------------------------------------------------------------------------------------

FOREIGN = {
    "Personen.csv": "Pers-Nr;GebDat;Geschl.;Status\n1;01.02.2000;w;geheim\n",
    "Strafen.csv": "Pers-Nr;Monate;rechtskräftig\n1;7;ja\n",
}
CALLED = """
tables:
  Fälle:
    called: Personen
    columns: {Pers-Nr: case_id, GebDat: Geburtsdatum, Geschl.: sex}
    ignore: [Status]
  convictions:
    called: Strafen
    columns:
      Pers-Nr: case_id
      Monate: prison_months
"""


def test_a_mapping_file_says_what_an_office_calls_its_tables_and_columns(read):
    reading = read(FOREIGN, CALLED)
    assert reading.clean.rows() == [("1", "f", dt.date(2000, 2, 1))]
    assert reading.children["convictions"].rows() == [("1", True, 7)]
    assert reading.cases.report.ignored_columns == ("Status",)


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("prison_months", "prison_month", mapping.UnknownAttributeInMapping, "prison_months"),
        ("  convictions:", "  convictoins:", mapping.UnknownTableInMapping, "convictions"),
        ("GebDat: Geburtsdatum", "GebDat: case_id", mapping.MappedTwice, "Pers-Nr"),
        ("ignore: [Status]", "ignore: [Geschl.]", mapping.MappedTwice, "Geschl."),
        ("GebDat: Geburtsdatum", "Nachname: case_id", DirectIdentifierColumn, "Nachname"),
        ("GebDat: Geburtsdatum", "GebDatum: Geburtsdatum", headers.MappedColumnMissing, "GebDat"),
        ("called: Strafen", "called: Strafe", layout.MappedTableMissing, "Strafen"),
        ("    ignore:", "    ignroe:", UnknownKey, "ignore"),
    ],
)
def test_a_mistake_in_a_mapping_file_is_named_with_the_nearest_right_word(read, old, new, error, said):
    assert old in CALLED
    with pytest.raises(StellwerkError, match=said) as failure:
        read(FOREIGN, CALLED.replace(old, new))
    assert error in errors_of(failure)


def test_the_mapping_file_of_the_guide_works(read):
    guide = (ROOT / "docs" / "register.md").read_text(encoding="utf-8")
    called = guide.partition("```yaml\n")[2].partition("```")[0]
    verurteilungen = {"Verurteilungen.csv": FOREIGN["Strafen.csv"]}
    reading = read({"Personen.csv": FOREIGN["Personen.csv"], **verurteilungen}, called)
    assert reading.clean.height == 1
    assert reading.children["convictions"]["prison_months"].to_list() == [7]


def test_a_mapping_file_lets_no_direct_identifier_in_by_leaving_it_out(read):
    files = {**FOREIGN, "Personen.csv": FOREIGN["Personen.csv"].replace("Status", "Nachname")}
    with pytest.raises(StellwerkError) as failure:
        read(files, CALLED.replace("[Status]", "[Nachname]"))
    assert errors_of(failure) == {DirectIdentifierColumn}


# --- what is written ------------------------------------------------------------------------------------------------


def test_clean_tables_read_back_are_the_same(read, tmp_path, vocabulary, identifiers):
    reading = read({**ALL, "convictions.csv": CONVICTIONS + "9;ja;ja;0;5\n"})
    write_reading(reading, tmp_path / "geprueft", file_names(vocabulary, "case"))
    for part in ("clean", "clean_csv"):
        again = read_register(tmp_path / "geprueft" / part, vocabulary, identifiers)
        assert again.findings.is_empty()
        assert again.clean.equals(reading.clean)
        assert all(again.children[name].equals(child) for name, child in reading.children.items())
    findings = pl.read_csv(tmp_path / "geprueft" / "findings.csv")
    assert findings.select("table", "file", "row", "value").rows() == [("convictions", "convictions.csv", 5, 9)]


def test_a_folder_with_other_files_is_not_replaced(read, tmp_path, vocabulary):
    names = file_names(vocabulary, "case")
    with pytest.raises(FolderInUse):
        write_reading(read(ALL), tmp_path / "register", names)
    assert len(list((tmp_path / "register").iterdir())) == len(ALL)


# --- an office's workbook -------------------------------------------------------------------------------------------


def test_a_workbook_as_a_german_office_makes_it(tmp_path, vocabulary, identifiers):
    path = tmp_path / "amt.xlsx"
    with xlsxwriter.Workbook(path) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy"})
        page = book.add_worksheet("Fälle")
        page.merge_range(0, 0, 0, 5, "Ausländerbehörde Köln – Stand 01.02.2024", bold)
        page.write_row(
            2, 0, ["Fallnummer", "Staatsangehörigkeit", "Geburtsdatum", "Lebensunterhalt_Anteil", "Freiheitsstrafe"]
        )
        page.write_row(3, 0, ["K-1", "Türkei", "01.02.1990", "0,5", "Nein"])
        page.write_row(4, 0, ["K-2", "Österreich"])
        page.write_datetime(4, 2, dt.datetime(1985, 5, 6), day)
        page.write_row(4, 3, [0.25, "Ja"])
        page.write_row(5, 0, ["K-3", "Kosovo", "1.2.1995", "", "k.A."])
        for row in range(6, 40):
            page.write_blank(row, 0, None, day)
            page.write(row, 1, " ")
        page = book.add_worksheet("Verurteilungen")
        page.merge_range(0, 0, 0, 3, "Auszug", bold)
        page.write_row(1, 0, ["Fallnummer", "rechtskräftig", "Tagessätze", "Freiheitsstrafe in Monaten"])
        page.write_row(2, 0, ["K-1", "Ja", 30, "0"])
        page.write_row(3, 0, ["K-2", "nein", "90", 0])
    reading = read_register(path, vocabulary, identifiers)
    assert set(reading.findings["table"]) == {"status_periods", "detention_segments"}
    assert reading.clean["nationality"].to_list() == ["TR", "AT", "XK"]
    assert reading.clean["birth_date"].to_list() == [dt.date(1990, 2, 1), dt.date(1985, 5, 6), dt.date(1995, 2, 1)]
    assert [str(share) for share in reading.clean["livelihood_own_share"].drop_nulls()] == ["0.500000", "0.250000"]
    assert reading.clean["prison_or_youth_penalty"].to_list() == [False, True, None]
    assert reading.cases.report.empty_rows == 34
    assert reading.children["convictions"].rows() == [("K-1", True, 0, 30), ("K-2", False, 0, 90)]


# --- frames at the workbench ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench.open(ROOT)


FINES = pl.DataFrame(
    {"case_id": ["1", "1"], "final": [True, True], "intentional": [True, True], "prison_months": [0, 7]}
)


def test_convictions_settle_what_a_rule_otherwise_asks_for(bench):
    cases = pl.DataFrame({"case_id": ["1", "2"]})
    rule, day = "detention.transfer_flight_risk", dt.date(2023, 5, 1)
    asked = bench.explain(cases, "1", rule, on=day).ask_for
    told_all = bench.explain(cases, "1", rule, on=day, children={"convictions": FINES})
    assert "convictions" in asked
    assert "convictions" not in told_all.ask_for
    assert bench.explain(cases, "2", rule, on=day, children={"convictions": FINES}).ask_for


def test_both_engines_say_the_same_of_child_tables(bench):
    cases = bench.synthetic_cases(120)
    children = bench.synthetic_children(cases)
    rules = ["stay.general_day_rates", "stay.toleration_chain_unclear_days", "detention.flight_indicators"]
    day = dt.date(2023, 5, 1)
    by_columns, by_reference = (
        bench.determinations(cases, children=children, on=day, rules=rules, engine=engine)
        for engine in ("polars", "reference")
    )
    assert by_columns.equals(by_reference)


def test_frames_that_the_vocabulary_does_not_know_are_refused_with_the_nearest_word(bench):
    with pytest.raises(UnknownChildTable, match="convictions"):
        bench.as_children({"conviction": FINES})
    with pytest.raises(UnknownColumn, match="prison_months"):
        bench.as_children({"convictions": FINES.rename({"prison_months": "prison_month"})})
    with pytest.raises(ChildWithoutKey, match="case_id"):
        bench.as_children({"convictions": FINES.drop("case_id")})
