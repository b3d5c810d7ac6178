"""What the register's door lets in, what waits in quarantine, and what is turned away."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.documents import FileMissing
from stellwerk.errors import ManyErrors, StellwerkError
from stellwerk.law.types import EARLIEST, LATEST
from stellwerk.law.vocabulary import Attribute, Vocabulary, load_vocabulary
from stellwerk.register import headers, sheets
from stellwerk.register.privacy import DirectIdentifierColumn, DirectIdentifiers, load_direct_identifiers
from stellwerk.register.read import RegisterReading, read_register
from stellwerk.register.spelling import folded, slip_of, spellings_of
from stellwerk.register.values import code_spellings, dtype_of, understood
from stellwerk.register.write import file_names, write_reading
from stellwerk.tables import OutputFolderMissing
from stellwerk.texts import catalogue

ROOT = Path(__file__).parents[1]
NAMES = file_names(load_vocabulary(ROOT), "case")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT)


@pytest.fixture(scope="module")
def identifiers() -> DirectIdentifiers:
    return load_direct_identifiers(ROOT)


@pytest.fixture
def read(tmp_path, vocabulary, identifiers):
    def read(content: str | bytes, name: str = "faelle.csv", **options: str) -> RegisterReading:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_register(path, vocabulary, identifiers, **options)

    return read


@pytest.fixture
def read_sheet(tmp_path, vocabulary, identifiers):
    def read_sheet(rows: list[list[object]], *, skip: int = 0, sheet: str | None = None) -> RegisterReading:
        path = tmp_path / "faelle.xlsx"
        with xlsxwriter.Workbook(path) as book:
            day = book.add_format({"num_format": "dd.mm.yyyy"})
            if sheet:
                book.add_worksheet("Hinweise").write(0, 0, "Bitte das zweite Blatt lesen")
            page = book.add_worksheet(sheet or "Tabelle")
            for r, row in enumerate(rows, start=skip):
                for c, value in enumerate(row):
                    if isinstance(value, dt.date):
                        page.write_datetime(r, c, dt.datetime(value.year, value.month, value.day), day)
                    elif isinstance(value, str) and value.startswith("=") and value[1:]:
                        page.write_formula(r, c, value, None, 42)
                    else:
                        page.write(r, c, value)
        return read_register(path, vocabulary, identifiers)

    return read_sheet


def attribute(vocabulary: Vocabulary, name: str) -> Attribute:
    return vocabulary.attributes("case")[name]


def cell(vocabulary: Vocabulary, name: str, *words: str) -> list[object]:
    """What cells of one column mean: the value, or the key of what is wrong."""
    column = understood(pl.Series(words, dtype=pl.String), attribute(vocabulary, name))
    return [problem or value for value, problem in zip(column.values, column.problems, strict=True)]


def errors_of(failure: pytest.ExceptionInfo[StellwerkError]) -> list[StellwerkError]:
    error = failure.value
    return list(error.errors) if isinstance(error, ManyErrors) else [error]


# --- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    table = "case_id;sex;nationality\n1;f;SY\n2;m;AF\n".replace(";", delimiter)
    assert read(table).clean.rows() == [("1", "SY", "f"), ("2", "AF", "m")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_survive_every_encoding_of_offices(read, encoding):
    reading = read("fall;Staatsangehörigkeit\n1;Türkei\n2;Österreich\n".encode(encoding))
    assert reading.clean["nationality"].to_list() == ["TR", "AT"]


def test_a_file_with_a_byte_order_mark_and_one_column_is_read(read):
    assert read(b"\xef\xbb\xbfcase_id\r\n1\r\n").clean.rows() == [("1",)]


def test_a_semicolon_file_with_decimal_commas_is_read(read):
    reading = read("case_id;lebensunterhalt_anteil\n1;0,5\n2;0,123\n3;1\n")
    assert reading.clean["livelihood_own_share"].to_list() == [Decimal("0.5"), Decimal("0.123"), Decimal(1)]


def test_columns_have_the_vocabularys_names_types_and_order(read, vocabulary):
    reading = read(
        "geschlecht;tage_60b;geburtsdatum;fall;freiheitsstrafe;lebensunterhalt_anteil\nf;3;1.2.2000;1;nein;0,5\n"
    )
    names = list(vocabulary.attributes("case"))
    assert reading.clean.columns == sorted(reading.clean.columns, key=names.index)
    for name, dtype in reading.clean.schema.items():
        assert dtype == dtype_of(attribute(vocabulary, name).type)


@pytest.mark.parametrize(
    "header",
    [
        "birth_date",
        "Geburtsdatum",
        "geburts datum",
        "GEBURTSDATUM ",
        "Birth Date",
        "geburts-datum",
        "\u00a0Geburtsdatum",
    ],
)
def test_headers_are_matched_whatever_their_capitals_and_spaces(read, header):
    assert read(f"case_id;{header}\n1;31.01.2000\n").clean["birth_date"].to_list() == [dt.date(2000, 1, 31)]


@pytest.mark.parametrize(
    "header", ["Staatsangehörigkeit", "staatsangehoerigkeit", "STAATSANGEHÖRIGKEIT", "Staatsangeho\u0308rigkeit"]
)
def test_umlauts_in_headers_may_be_written_out(read, header):
    assert read(f"case_id;{header}\n1;SY\n").clean["nationality"].to_list() == ["SY"]


@pytest.mark.parametrize("spelling", ["SY", "sy", "SYR", "475", "Syrien", "SYRIEN", " syrien ", "Syria"])
def test_a_nationality_may_be_written_by_code_number_or_name(read, spelling):
    assert read(f"case_id;nationality\n1;{spelling}\n").clean["nationality"].to_list() == ["SY"]


def test_na_is_namibia_and_not_unknown(read):
    assert read("case_id;nationality\n1;NA\n2;\n").clean["nationality"].to_list() == ["NA", None]


def test_numbers_keep_their_meaning_when_a_spreadsheet_drops_leading_zeros(vocabulary):
    assert cell(vocabulary, "tie_municipality", "05315000", "5315000") == ["05315000", "05315000"]
    assert cell(vocabulary, "nationality", "000", "0") == ["DE", "DE"]


@pytest.mark.parametrize("word", ["", " ", "-", "unbekannt", "Unbekannt", "k. A.", "k.A.", "keine Angabe"])
def test_what_offices_write_for_unknown_is_unknown(vocabulary, word):
    for name in (
        "birth_date",
        "nationality",
        "unclear_identity_days",
        "commits_to_constitution",
        "livelihood_own_share",
    ):
        assert cell(vocabulary, name, word) == [None]


def test_a_boolean_is_a_word_for_yes_or_no(vocabulary):
    yes, no = ("ja", "Ja", "WAHR", "true", "1"), ("nein", "Nein", "falsch", "False", "0")
    assert cell(vocabulary, "commits_to_constitution", *yes) == [True] * len(yes)
    assert [bool(value) for value in cell(vocabulary, "commits_to_constitution", *no)] == [False] * len(no)


def test_a_cross_is_neither_yes_nor_no(vocabulary):
    assert cell(vocabulary, "commits_to_constitution", "x", "2", "j") == ["cell_no_boolean"] * 3


def test_quoted_cells_may_hold_newlines_and_delimiters(read):
    reading = read('case_id;notiz;sex\n1;"erste; Zeile\nzweite";f\n2;"sagt ""nein""";m\n3;;q\n')
    assert reading.clean["sex"].to_list() == ["f", "m"]
    assert reading.quarantine["row"].to_list() == [4]


def test_rows_stay_in_the_order_of_the_file(read):
    table = "case_id;sex\n" + "".join(f"{i};{'q' if i % 7 == 0 else 'm'}\n" for i in range(100, 0, -1))
    assert read(table).clean["case_id"].to_list() == [str(i) for i in range(100, 0, -1) if i % 7]


def test_german_dates_of_excel_are_read_whether_dates_or_text(read_sheet):
    reading = read_sheet(
        [
            [
                "Fall-ID",
                "Geburtsdatum",
                "Einreise",
                "Tage_60b",
                "Lebensunterhalt_Anteil",
                "Staatsangehörigkeit",
                "Bekenntnis_FDGO",
            ],
            [1, dt.date(2000, 1, 31), dt.date(2020, 2, 1), 12, 0.1 + 0.2, 423, True],
            [2, "31.01.2000", "1.2.2020", "12", "0,3", "Afghanistan", False],
        ]
    )
    first, second = reading.clean.rows()
    assert first[1:-2] == second[1:-2]
    assert first[1:4] == ("AF", dt.date(2000, 1, 31), dt.date(2020, 2, 1))
    assert reading.clean["livelihood_own_share"].to_list() == [Decimal("0.3")] * 2
    assert reading.clean["case_id"].to_list() == ["1", "2"]


def test_a_formula_counts_by_its_value(read_sheet):
    assert read_sheet([["case_id", "tage_60b"], [1, "=40+2"]]).clean["unclear_identity_days"].to_list() == [42]


def test_a_number_is_no_date_in_excel(read_sheet):
    reading = read_sheet([["case_id", "geburtsdatum"], [1, 36556], [2, dt.date(2000, 1, 31)]])
    assert reading.clean["case_id"].to_list() == ["2"]
    assert reading.cases.report.reasons == {"cell_no_date": 1}


def test_notes_above_the_table_and_empty_lines_below_do_not_shift_the_row_numbers(read_sheet):
    reading = read_sheet([["Stand: Mai"], [], ["case_id", "sex"], [1, "f"], ["", ""], [2, "q"]], skip=2)
    assert reading.quarantine["row"].to_list() == [8]
    assert reading.cases.report.empty_rows == 1


def test_the_sheet_of_cases_is_found_by_its_name(read_sheet):
    reading = read_sheet([["case_id"], [7]], sheet="Fälle")
    assert reading.clean.rows() == [("7",)]
    assert reading.report.ignored_tables == ("Hinweise",)


def test_a_parquet_file_is_read_by_its_types(tmp_path, vocabulary, identifiers):
    frame = pl.DataFrame(
        {
            "case_id": [1, 2],
            "birth_date": [dt.datetime(2000, 1, 31, 0, 0), None],
            "livelihood_own_share": [0.123, float("nan")],
            "commits_to_constitution": [True, None],
            "notes": [["a"], ["b"]],
        }
    )
    frame.write_parquet(tmp_path / "faelle.parquet")
    reading = read_register(tmp_path / "faelle.parquet", vocabulary, identifiers)
    assert reading.clean.rows() == [("1", dt.date(2000, 1, 31), True, Decimal("0.123")), ("2", None, None, None)]
    assert reading.cases.report.ignored_columns == ("notes",)


# --- what waits in quarantine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "word", "problem"),
    [
        ("birth_date", "31.02.2023", "cell_impossible_date"),
        ("birth_date", "2023-02-31", "cell_impossible_date"),
        ("birth_date", "31.01.23", "cell_two_digit_year"),
        ("birth_date", "01/31/2023", "cell_no_date"),
        ("birth_date", "gestern", "cell_no_date"),
        ("birth_date", "31.12.1899", "cell_date_out_of_range"),
        ("birth_date", "2200-01-01", "cell_date_out_of_range"),
        ("nationality", "Syrein", "cell_unknown_code"),
        ("sex", "q", "cell_unknown_code"),
        ("unclear_identity_days", "drei", "cell_no_integer"),
        ("unclear_identity_days", "1,000", "cell_no_integer"),
        ("unclear_identity_days", "1,5", "cell_no_integer"),
        ("unclear_identity_days", "-1", "cell_below_minimum"),
        ("arrival_week", "54", "cell_above_maximum"),
        ("livelihood_own_share", "halb", "cell_no_number"),
        ("livelihood_own_share", "50 %", "cell_no_number"),
        ("livelihood_own_share", "1,5", "cell_above_maximum"),
        ("livelihood_own_share", "-0,1", "cell_below_minimum"),
        ("livelihood_own_share", "0,1234567", "cell_too_many_places"),
        ("livelihood_own_share", "1.234", "cell_ambiguous_number"),
    ],
)
def test_a_wrong_cell_is_quarantined_with_its_reason(read, name, word, problem):
    reading = read(f"case_id\t{name}\n1\t{word}\n2\t\n")
    assert reading.cases.report.reasons == {problem: 1}
    assert reading.quarantine.select("row", "column", name).rows() == [(2, name, word)]
    assert word in reading.quarantine["reason"][0]
    assert reading.clean["case_id"].to_list() == ["2"]


def test_a_wrong_code_is_answered_with_the_nearest_one(read):
    assert "SY (Syrien)" in read("case_id;nationality\n1;Syrein\n").quarantine["reason"][0]


def test_reasons_are_told_in_the_readers_language(read):
    assert (
        "is no day of the calendar" in read("case_id;birth_date\n1;31.02.2023\n", language="en").quarantine["reason"][0]
    )


def test_a_thousands_point_is_known_by_the_columns_other_cells(vocabulary):
    big = Attribute("amount", attribute(vocabulary, "livelihood_own_share").type, "Betrag", "amount")
    german = understood(pl.Series(["1.234", "0,5", "1.234.567,89"]), big)
    assert german.values.to_list() == [Decimal(1234), Decimal("0.5"), Decimal("1234567.89")]
    plain = understood(pl.Series(["1.234", "0.5"]), big)
    assert plain.values.to_list() == [Decimal("1.234"), Decimal("0.5")]
    mixed = understood(pl.Series(["1.234", "0.5", "0,5"]), big)
    assert mixed.problems.to_list() == ["cell_ambiguous_number", None, None]


def test_whole_numbers_may_have_german_thousands_and_empty_decimals(vocabulary):
    assert cell(vocabulary, "unclear_identity_days", "1.234", "12.0", "12,0", "007") == [1234, 12, 12, 7]


def test_all_but_the_first_of_one_case_id_are_quarantined(read):
    reading = read("case_id;sex\n1;f\n2;f\n1;m\n 1 ;m\n")
    assert reading.clean.rows() == [("1", "f"), ("2", "f")]
    assert reading.quarantine["row"].to_list() == [4, 5]
    assert reading.cases.report.reasons == {"row_twice": 2}


def test_a_case_without_id_is_quarantined(read):
    assert read("case_id;sex\n;f\n-;m\n3;f\n").cases.report.reasons == {"row_without_identity": 2}


def test_birth_after_entry_and_application_before_birth_are_quarantined(read):
    rows = ["1;2020-01-02;2020-01-01;", "2;2020-01-02;;2020-01-01", "3;2020-01-01;2020-01-01;2020-01-01"]
    reading = read("\n".join(["case_id;birth_date;entry_date;application_lodged_on", *rows]))
    assert reading.cases.report.reasons == {"row_application_before_birth": 1, "row_birth_after_entry": 1}
    assert reading.clean["case_id"].to_list() == ["3"]


def test_a_row_of_the_wrong_length_is_quarantined(read):
    reading = read("case_id;sex\n1;f\n2\n3;f;m\n4;f;\n")
    assert reading.quarantine["row"].to_list() == [3, 4]
    assert reading.clean["case_id"].to_list() == ["1", "4"]


def test_every_reason_of_a_row_is_told(read):
    reading = read("case_id;sex;birth_date\n1;q;31.02.2023\n")
    assert reading.quarantine["column"].to_list() == ["sex, birth_date"]
    assert reading.quarantine["reason"][0].count(";") == 1


def test_no_row_is_dropped(read):
    table = "case_id;sex;birth_date\n" + "".join(f"{i % 50};{'fmq'[i % 3]};{i % 40}.01.2000\n" for i in range(200))
    report = read(table + ";;\n").cases.report
    assert (report.rows, report.clean + report.quarantined, report.empty_rows) == (200, 200, 1)


def test_a_row_that_only_an_ignored_column_fills_is_not_empty(read):
    assert read("case_id;bemerkung\n1;a\n;b\n;\n").cases.report.reasons == {"row_without_identity": 1}


def test_what_is_not_asked_for_appears_nowhere(read):
    reading = read("case_id;religion;sex\n1;geheim;q\n")
    assert reading.cases.report.ignored_columns == ("religion",)
    assert "religion" not in reading.quarantine.columns


def test_absent_columns_are_named_as_unknown_for_all(read):
    report = read("case_id;sex\n1;f\n").cases.report
    assert "birth_date" in report.absent_columns
    assert "sex" not in report.absent_columns


# --- what is turned away --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        ("", "faelle.csv", sheets.RegisterEmpty),
        ("\ufeff \r\n", "faelle.csv", sheets.RegisterEmpty),
        ("case_id;sex\n", "faelle.csv", sheets.RegisterWithoutRows),
        ("case_id;sex\n;\n;\n", "faelle.csv", sheets.RegisterWithoutRows),
        ("case_id;sex\n1;f\n", "faelle.docx", sheets.UnknownRegisterFormat),
        ("case_id;sex\n1;f\n", "faelle.xlsx", sheets.UnreadableRegister),
        ("case_id;sex\n1;f\n", "faelle.parquet", sheets.UnreadableRegister),
        ("sex\nf".encode("utf-16"), "faelle.csv", headers.RequiredColumnMissing),
        (b"\xff\xfec\x00\xd8", "faelle.csv", sheets.UnreadableRegister),
        (b"case_id\n\x81\x8d", "faelle.csv", sheets.UnreadableRegister),
        (b"PK\x03\x04 zip", "faelle.csv", sheets.UnreadableRegister),
        ('case_id;sex\n"1;f\n2;m\n', "faelle.csv", sheets.UnreadableRegister),
        ("sex\nf\n", "faelle.csv", headers.RequiredColumnMissing),
        ("id;fall\n1;1\n", "faelle.csv", headers.ColumnTwice),
        ("case_id;natonality\n1;SY\n", "faelle.csv", headers.MisspeltColumn),
        ("case_id;geburtdatum\n1;\n", "faelle.csv", headers.MisspeltColumn),
    ],
)
def test_a_wrong_file_is_turned_away_with_a_sentence(read, content, name, error):
    with pytest.raises(error) as failure:
        read(content, name)
    assert name in failure.value.message("de")
    assert failure.value.message("de") != failure.value.message("en")


def test_a_missing_file_is_named(tmp_path, vocabulary, identifiers):
    with pytest.raises(FileMissing, match=r"keine\.csv"):
        read_register(tmp_path / "keine.csv", vocabulary, identifiers)


def test_an_empty_workbook_is_turned_away(read_sheet):
    with pytest.raises(sheets.RegisterEmpty):
        read_sheet([])
    with pytest.raises(sheets.RegisterWithoutRows):
        read_sheet([["case_id", "sex"]])


@pytest.mark.parametrize(
    "header",
    [
        "Name",
        "Vorname",
        "nach name",
        "Name, Vorname",
        "Vor- und Nachname",
        "Nachnahme",
        "Geburtsort",
        "AZR-Nummer",
        "Straße",
        "strasse",
        "Passnummer",
        "E-Mail",
        "Telefonnumer",
    ],
)
def test_a_column_that_names_persons_is_refused(read, header):
    with pytest.raises(DirectIdentifierColumn) as failure:
        read(f"case_id;{header}\n1;geheim\n")
    assert header in failure.value.message("de")
    assert "geheim" not in failure.value.message("de")


@pytest.mark.parametrize("header", ["Gemeindename", "Religion", "Same", "Bemerkung und Notiz", "Sachbearbeitung"])
def test_a_column_that_names_no_person_is_only_ignored(read, header):
    assert read(f"case_id;{header}\n1;x\n").cases.report.ignored_columns == (header,)


def test_a_misspelt_column_is_answered_with_the_nearest_spelling(read):
    with pytest.raises(headers.MisspeltColumn, match="geburtsdatum"):
        read("case_id;geburtsdatm\n1;\n")


def test_an_unknown_column_near_one_that_is_there_is_only_ignored(read):
    assert read("case_id;case_id2\n1;2\n").cases.report.ignored_columns == ("case_id2",)


def test_all_errors_of_a_header_are_told_at_once(read):
    with pytest.raises(ManyErrors) as failure:
        read("natonality;vorname;sex;geschlecht\nSY;x;f;f\n")
    assert {type(error) for error in errors_of(failure)} == {
        headers.MisspeltColumn,
        DirectIdentifierColumn,
        headers.ColumnTwice,
        headers.RequiredColumnMissing,
    }


def test_no_attribute_of_the_vocabulary_is_a_direct_identifier(vocabulary, identifiers):
    spellings = spellings_of(vocabulary.attributes("case"))
    assert not [word for word in spellings if identifiers.label(word, "de")]


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_reading_is_written_whole_and_twice_the_same(read, tmp_path):
    reading = read("case_id;sex;lebensunterhalt_anteil\n1;f;0,5\n2;q;\n")
    written = []
    for name in ("a", "b"):
        folder = tmp_path / name
        write_reading(reading, folder, NAMES)
        files = (path for path in folder.rglob("*") if path.is_file())
        written.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert set(written[0]) == {
        "clean/cases.parquet", "clean_csv/cases.csv", "quarantine/cases.csv", "findings.csv", "report.json",
    }  # fmt: skip
    assert json.loads(written[0]["report.json"])["tables"][0]["quarantined"] == 1


def test_clean_rows_read_back_are_the_same(read, tmp_path, vocabulary, identifiers):
    reading = read(
        "case_id;sex;lebensunterhalt_anteil;geburtsdatum;freiheitsstrafe\n1;f;0,123;31.01.2000;ja\n2;m;1;;nein\n"
    )
    write_reading(reading, tmp_path / "geprueft", NAMES)
    for name in ("clean_csv", "clean"):
        again = read_register(tmp_path / "geprueft" / name, vocabulary, identifiers)
        assert again.clean.equals(reading.clean)
        assert again.quarantine.is_empty()


def test_nothing_is_written_without_a_folder_around_it(read, tmp_path):
    with pytest.raises(OutputFolderMissing):
        write_reading(read("case_id\n1\n"), tmp_path / "fehlt" / "geprueft", NAMES)


# --- arithmetic and spelling ----------------------------------------------------------------------------------------

DAYS = st.dates(min_value=EARLIEST, max_value=LATEST)


@given(st.lists(DAYS, min_size=1, max_size=20))
def test_a_date_written_as_offices_write_it_is_read_as_meant(days):
    kind = load_once().attributes("case")["birth_date"]
    for form in ("{0:%Y-%m-%d}", "{0:%d.%m.%Y}", "{0.day}.{0.month}.{0.year}", "{0:%Y-%m-%d} 00:00:00"):
        column = understood(pl.Series([form.format(day) for day in days]), kind)
        assert column.values.to_list() == days
        assert column.problems.null_count() == len(days)


@given(st.lists(st.decimals(min_value=-(10**14), max_value=10**14, places=4, allow_nan=False), min_size=1, max_size=20))
def test_a_german_decimal_is_read_as_meant(numbers):
    kind = load_once().attributes("case")["livelihood_own_share"]
    free = Attribute("amount", kind.type, "Betrag", "amount")
    for form in ("{:,.4f}", "{:.4f}"):
        written = [form.format(number).translate(str.maketrans(",.", ".,")) for number in numbers]
        assert understood(pl.Series(written), free).values.to_list() == numbers


@given(st.lists(st.integers(min_value=-(10**14), max_value=10**14), min_size=1, max_size=20))
def test_a_whole_number_is_read_as_meant(numbers):
    free = Attribute("count", load_once().attributes("case")["arrival_week"].type, "Zahl", "count")
    for form in ("{}", "{:,}"):
        written = [form.format(number).replace(",", ".") for number in numbers]
        assert understood(pl.Series(written), free).values.to_list() == numbers


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_no_text_breaks_a_column(word):
    one_of_each_type = {attribute.type: attribute for attribute in load_once().attributes("case").values()}
    for kind in one_of_each_type.values():
        column = understood(pl.Series([word], dtype=pl.String), kind)
        assert column.values.dtype == dtype_of(kind.type)
        assert column.values.len() == 1


def test_a_spelling_that_two_codes_share_names_neither(vocabulary):
    for code_list in vocabulary.code_lists.values():
        spellings = code_spellings(code_list)
        assert all(spellings[folded(code)] == code for code in code_list.codes)


def test_a_slip_is_not_another_word():
    assert slip_of("statsu", ["status", "sex"]) == "status"
    assert slip_of("einreiseort", ["einreise"]) == ""
    assert slip_of("sxe", ["sex"]) == ""


def test_every_reason_has_its_words_in_both_languages():
    for key, words in catalogue().items():
        if key.startswith(("cell_", "row_")):
            assert words["de"]
            assert words["en"]


_LOADED: list[Vocabulary] = []


def load_once() -> Vocabulary:
    if not _LOADED:
        _LOADED.append(load_vocabulary(ROOT))
    return _LOADED[0]
