"""The command line as its users meet it: results as promised, mistakes answered in one sentence with exit code 2."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from conftest import Run

CASES = (
    "case_id;Staatsangehörigkeit;Asylantrag_am;Bescheid_vom;Vermutung_widerlegt\n"
    "F-1;Georgien;01.05.2023;22.12.2023;nein\n"
    "F-2;GEO;01.05.2023;23.12.2023;nein\n"
)


def a_file(folder: Path, content: str, name: str = "faelle.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def test_koenigstein_of_2023_gives_the_integers_of_the_key_of_2019(run: Run) -> None:
    code, out, _ = run("distribute", "koenigstein", "10000", "--on", "2023-01-01", "--json")
    persons = json.loads(out)["persons"]
    assert code == 0
    assert persons == {
        "BB": 303, "BE": 519, "BW": 1304, "BY": 1556, "HB": 95, "HE": 744, "HH": 260, "MV": 198,
        "NI": 939, "NW": 2108, "RP": 482, "SH": 341, "SL": 120, "SN": 498, "ST": 270, "TH": 263,
    }  # fmt: skip
    assert sum(persons.values()) == 10_000


def test_a_year_without_a_verified_key_is_refused_with_the_years_known(run: Run) -> None:
    code, _, err = run("distribute", "koenigstein", "10000", "--on", "2018-06-01")
    assert code == 2
    assert "2017" in err and "2020" in err


def test_flueag_with_the_population_of_2023_gives_the_worked_integers(run: Run) -> None:
    code, out, _ = run("distribute", "flueag", "10000", "--on", "2024-02-01", "--json")
    persons = json.loads(out)["persons"]
    assert code == 0
    worked = {"05315000": 554, "05111000": 321, "05913000": 305, "05958032": 21, "05358012": 3}
    assert {ags: persons[ags] for ags in worked} == worked
    assert sum(persons.values()) == 10_000 and len(persons) == 396


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("distribute", "koenigstein", "-5", "--on", "2023-01-01"), "-5"),
        (("distribute", "koenigstein", "viele", "--on", "2023-01-01"), "viele"),
        (("distribute", "koenigstien", "5", "--on", "2023-01-01"), "koenigstein"),
        (("distribute", "koenigstein", "5", "--on", "31.02.2023"), "31.02.2023"),
        (("show", "stay.chance_residense"), "stay.chance_residence"),
        (("register", "check", "gibtesnicht.csv"), "gibtesnicht.csv"),
    ],
)
def test_wrong_use_is_answered_in_a_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert said in err and out == "" and "Traceback" not in err


def test_nobody_can_be_distributed_too(run: Run) -> None:
    code, out, _ = run("distribute", "koenigstein", "0", "--on", "2023-01-01", "--json")
    assert code == 0
    assert set(json.loads(out)["persons"].values()) == {0}


def test_a_german_semicolon_file_is_applied_and_the_listing_day_decides(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "ergebnis.csv"
    code, _, err = run("apply", a_file(tmp_path, CASES), "-o", out, "--rule", "asylum.safe_origin.constitutional")
    assert (code, err) == (0, "")
    outcomes = pl.read_csv(out).get_column("asylum.safe_origin.constitutional.outcome").to_list()
    assert outcomes == ["no_presumption", "presumption_applies"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_a_byte_order_mark_or_an_old_encoding_changes_nothing(run: Run, tmp_path: Path, encoding: str) -> None:
    code, out, _ = run("register", "check", a_file(tmp_path, CASES, encoding=encoding), "--json")
    assert code == 0
    assert json.loads(out)["tables"][0]["clean"] == 2


def test_an_excel_file_of_a_german_office_is_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "faelle.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Fälle")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for column, header in enumerate(CASES.splitlines()[0].split(";")):
            sheet.write(0, column, header)
        sheet.write_row(1, 0, ["F-1", "Georgien"])
        sheet.write_number(1, 2, 45047, day)  # 01.05.2023 as Excel counts days
        sheet.write_string(1, 3, "23.12.2023")
        sheet.write_boolean(1, 4, False)
    out = tmp_path / "ergebnis.xlsx"
    code, _, _ = run("apply", path, "-o", out, "--rule", "asylum.safe_origin.constitutional")
    assert code == 0
    assert pl.read_excel(out).get_column("asylum.safe_origin.constitutional.outcome").to_list() == [
        "presumption_applies"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "leer"),
        ("case_id;nationality\n", "keine"),
        ("nationality;birth_date\nGE;2000-01-01\n", "case_id"),
        ("case_id;nationalty\nF-1;GE\n", "nationality"),
        ("case_id;Nachname\nF-1;Muster\n", "Nachname"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(run: Run, tmp_path: Path, content: str, said: str) -> None:
    out = tmp_path / "ergebnis.csv"
    code, _, err = run("apply", a_file(tmp_path, content), "-o", out)
    assert code == 2
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["faelle.csv"]


def test_a_row_with_an_impossible_date_waits_in_quarantine_and_the_rest_is_evaluated(run: Run, tmp_path: Path) -> None:
    content = CASES + "F-3;Georgien;31.02.2023;01.03.2024;nein\n"
    out = tmp_path / "ergebnis.csv"
    code, _, err = run("apply", a_file(tmp_path, content), "-o", out)
    assert code == 1
    assert "31.02.2023" in err
    assert pl.read_csv(out).height == 2


def test_the_same_command_twice_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register.parquet"
    assert run("register", "synth", "--cases", "2000", "--seed", "7", "-o", register)[0] == 0
    first, second = register.read_bytes(), None
    results = []
    for name in ("a.csv", "b.csv"):
        assert run("apply", register, "-o", tmp_path / name, "--on", "2023-05-31")[0] == 0
        results.append((tmp_path / name).read_bytes())
    assert run("register", "synth", "--cases", "2000", "--seed", "7", "-o", register)[0] == 0
    second = register.read_bytes()
    assert first == second and results[0] == results[1]


def test_the_reference_engine_agrees_on_a_synthetic_register(run: Run, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    assert run("register", "synth", "--cases", "60", "-o", register)[0] == 0
    written = []
    for engine in ("polars", "reference"):
        out = tmp_path / f"{engine}.csv"
        assert run("apply", register, "-o", out, "--on", "2023-05-31", "--engine", engine)[0] == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]


def test_compare_names_who_is_affected_by_the_reform(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(
        "compare", a_file(tmp_path, CASES), "--with", "position_paper_2023", "--on", "2023-05-31",
        "--rule", "asylum.safe_origin.constitutional", "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out) == [
        {
            "rule": "asylum.safe_origin.constitutional",
            "outcome_base": "no_presumption",
            "outcome_reform": "presumption_applies",
            "persons": 2,
            "amount_base": None,
            "amount_reform": None,
        }
    ]


def test_a_rule_that_only_a_reform_adds_can_be_applied_explained_and_compared(run: Run, tmp_path: Path) -> None:
    cases, added = a_file(tmp_path, CASES), ("--rule", "stay.lasting_title")
    reform = ("--reform", "motion_2023", "--on", "2024-06-01")
    assert run("apply", cases, "-o", tmp_path / "o.csv", *reform, *added)[0] == 0
    assert run("explain", cases, "--case", "F-1", *reform, *added)[0] == 0
    code, out, _ = run("compare", cases, "--with", "motion_2023", "--on", "2024-06-01", *added, "--json")
    assert code == 0
    assert {flow["outcome_base"] for flow in json.loads(out)} == {"not_in_force"}
    code, _, err = run("apply", cases, "-o", tmp_path / "o.csv", *added)
    assert code == 2 and "stay.lasting_title" in err


def test_explain_gives_reasons_values_and_sources(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(
        "explain", a_file(tmp_path, CASES), "--case", "F-2", "--rule", "asylum.safe_origin.constitutional"
    )
    assert code == 0
    for words in ("Vermutung der Sicherheit gilt", "Georgien", "23.12.2023", "geprüft"):
        assert words in out


def test_explain_of_an_unknown_case_names_the_nearest(run: Run, tmp_path: Path) -> None:
    code, _, err = run("explain", a_file(tmp_path, CASES), "--case", "F-22")
    assert code == 2
    assert "F-2" in err


def test_check_runs_every_example(run: Run) -> None:
    code, out, _ = run("check", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["failed"] == [] and report["examples"] >= 150


def test_a_wrong_example_is_a_finding_with_its_place(run: Run, tmp_path: Path) -> None:
    wrong = a_file(
        tmp_path,
        "examples:\n"
        "  - name: Georgien vor der Listung\n"
        "    rule: asylum.safe_origin.constitutional\n"
        "    given: {nationality: GE, bamf_decision_date: 2023-12-22, rebuttal_established: false}\n"
        "    expect: {outcome: presumption_applies}\n",
        "falsch.cases.yaml",
    )
    code, out, _ = run("check", wrong)
    assert code == 1
    assert "falsch.cases.yaml:2" in out and "no_presumption" in out


def test_help_does_not_enter_the_heavy_rooms(checkout: Path) -> None:
    script = (
        "import sys, stellwerk.cli\n"
        "heavy = {'polars', 'pandas', 'pydantic', 'lark', 'babel', 'pulp', 'papermill', 'matplotlib', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": str(checkout / "engine"), "PATH": ""}
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert found.stdout.strip() == "[]"


def test_a_register_of_several_tables_is_drawn_checked_and_applied(run: Run, tmp_path: Path) -> None:
    folder, out = tmp_path / "register", tmp_path / "ergebnis.csv"
    code, said, _ = run("register", "synth", "--cases", "200", "-o", folder)
    assert code == 0 and "convictions" in said
    code, said, _ = run("register", "check", folder)
    assert code == 0 and "Verurteilungen" in said
    rule = "stay.general_day_rates"
    assert run("apply", folder, "-o", out, "--rule", rule, "--on", "2023-05-31")[0] == 0
    assert set(pl.read_csv(out)[f"{rule}.outcome"]) <= {"counted", "no_amount", "needs_facts"}
    (folder / "convictions.parquet").unlink()
    code, _, err = run("apply", folder, "-o", out, "--rule", rule, "--on", "2023-05-31")
    assert code == 1 and "Verurteilungen" in err
    assert set(pl.read_csv(out)[f"{rule}.ask_for"]) == {"convictions"}


def test_a_register_with_faults_is_checked_with_findings_and_written_apart(run: Run, tmp_path: Path) -> None:
    folder, checked = tmp_path / "amt", tmp_path / "geprueft"
    assert run("register", "synth", "--cases", "300", "--dirty", "-o", folder)[0] == 0
    code, _, err = run("register", "check", folder, "-o", checked)
    assert code == 1 and "weitere Befunde" in err
    assert pl.read_csv(checked / "findings.csv").height > pl.read_csv(folder / "planted_faults.csv").height
    assert run("register", "check", checked / "clean")[0] == 0
    code, _, err = run("register", "synth", "--cases", "300", "--dirty", "-o", tmp_path / "amt.csv")
    assert code == 2 and "Ordner" in err


def test_a_mapping_file_with_a_slip_is_answered_in_a_sentence(run: Run, tmp_path: Path) -> None:
    called = a_file(tmp_path, "tables:\n  cases:\n    columns: {Nr: case_id, Land: nationalty}\n", "zuordnung.yaml")
    code, _, err = run("register", "check", a_file(tmp_path, "Nr;Land\n1;SY\n"), "--mapping", called)
    assert code == 2 and "zuordnung.yaml:3" in err and "nationality" in err


def test_a_changed_number_is_tried_without_a_file_and_the_affected_cases_say_why(run: Run, tmp_path: Path) -> None:
    register, affected = tmp_path / "register.parquet", tmp_path / "affected.csv"
    assert run("register", "synth", "--cases", "3000", "-o", register)[0] == 0
    code, out, _ = run(
        "compare", register, "--set", "stay.integration.years_required=4 years@2020-01-01", "--on", "2026-07-01",
        "--rule", "stay.sustained_integration", "--by", "sex", "--affected", affected, "--json",
    )  # fmt: skip
    assert code == 0
    moved = [flow for flow in json.loads(out) if flow["outcome_base"] != flow["outcome_reform"]]
    rows = pl.read_csv(affected)
    assert rows.height == sum(flow["persons"] for flow in moved) > 0
    assert rows.get_column("deciding").str.contains("stayed_long").all()


def test_a_change_without_a_day_or_of_nothing_is_refused(run: Run, tmp_path: Path) -> None:
    register = a_file(tmp_path, CASES)
    code, _, err = run("compare", register, "--set", "stay.integration.years_required=4 years")
    assert code == 2 and "PARAMETER=WERT@TAG" in err
    code, _, err = run("compare", register)
    assert code == 2 and "--set" in err
    code, _, err = run("compare", register, "--set", "stay.integration.years_require=4 years@2026-01-01")
    assert code == 2 and "stay.integration.years_required" in err


def test_a_result_explains_its_cases_from_its_record(run: Run, tmp_path: Path) -> None:
    register, result = tmp_path / "register.parquet", tmp_path / "ergebnis.parquet"
    assert run("register", "synth", "--cases", "40", "-o", register)[0] == 0
    rule = "asylum.safe_origin.constitutional"
    assert run("apply", register, "-o", result, "--rule", rule, "--on", "2026-07-01")[0] == 0
    case = pl.read_parquet(register).get_column("case_id")[7]
    code, out, _ = run("explain", result, "--case", case)
    assert code == 0
    assert out == run("explain", register, "--case", case, "--rule", rule, "--on", "2026-07-01")[1]


@pytest.mark.skipif(find_spec("durable") is None, reason="durable-rules is not installed")
def test_durable_rules_say_what_the_columns_say(run: Run, tmp_path: Path) -> None:
    register, written = tmp_path / "register.csv", []
    assert run("register", "synth", "--cases", "12", "-o", register)[0] == 0
    for engine in ("polars", "durable"):
        out = tmp_path / f"{engine}.csv"
        arguments = ("--on", "2026-07-01", "--rule", "stay.sustained_integration", "--engine", engine, "--evidence")
        assert run("apply", register, "-o", out, *arguments)[0] == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]
