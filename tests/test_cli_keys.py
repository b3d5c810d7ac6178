"""The verbs on keys as their users meet them: balances in a file, keys side by side, a week, first arrivals."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import Run


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_balances_are_carried_in_a_file_from_batch_to_batch(run: Run, tmp_path: Path, suffix: str) -> None:
    state = tmp_path / f"salden.{suffix}"
    for week, persons in enumerate(("7", "0", "1.000"), start=1):
        code, out, err = run("distribute", "koenigstein", persons, "--on", f"2024-01-0{week}", "--balances", state)
        assert (code, err) == (0, "")
    assert "1.007 Personen bisher verteilt" in out
    _, told, _ = run("distribute", "koenigstein", "0", "--on", "2024-01-04", "--balances", state, "--json")
    assert all(abs(eval_fraction(owed)) < 1 for owed in json.loads(told)["owed"].values())


def eval_fraction(said: str) -> float:
    numerator, _, denominator = said.partition("/")
    return int(numerator) / int(denominator or 1)


def test_a_refused_batch_leaves_the_balances_as_they_were(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "salden.csv"
    run("distribute", "koenigstein", "10", "--on", "2024-01-05", "--balances", state)
    before = state.read_bytes()
    assert run("distribute", "koenigstein", "10", "--on", "2024-01-04", "--balances", state)[0] == 2
    code, _, err = run("distribute", "flueag", "10", "--on", "2024-02-01", "--balances", state)
    assert code == 2 and "koenigstein" in err
    assert state.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["salden.csv"]


def test_an_input_can_be_read_from_another_column(run: Run) -> None:
    choice = ("--on", "2026-07-01", "--column", "population=population_2023", "--column", "gdp=gdp_2023")
    code, out, _ = run("distribute", "eu_2024", "21000", *choice, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["choices"] == {"population": "population_2023", "gdp": "gdp_2023"}
    assert told["persons"]["PT"] != 422


def test_without_a_name_all_keys_are_listed(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("keys", "--json")
    assert code == 0
    assert {"koenigstein", "flueag", "awov", "combined", "eu_2024"} <= {key["key"] for key in json.loads(out)}
    assert run("keys", "-o", tmp_path / "liste.xlsx")[0] == 0


def test_keys_stand_side_by_side_with_gains_and_tests(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "vergleich.csv"
    code, out, err = run(
        "keys", "eu_2024", "eu_2015_may", "--on", "2026-07-01", "--persons", "21.000", "--test", "-o", table
    )
    assert (code, err) == (0, "")
    assert "Frankreich liegt bei »asylum«" in out and "21.000 Personen" in out
    assert pl.read_csv(table)["eu_2015_may.gain"].sum() == 0


def test_of_many_municipalities_only_the_most_changed_are_printed(run: Run) -> None:
    _, out, _ = run("keys", "flueag", "combined", "--on", "2024-02-01")
    assert "Köln" in out
    assert len(out.splitlines()) < 40


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "flueag", "koenigstein"), "andere Orte"),
        (("keys", "flueg"), "flueag"),
        (("keys", "--test"), "koenigstein"),
        (("keys", "eu_2024", "--data", "1999"), "2023"),
        (("keys", "eu_2024", "--persons", "viele"), "viele"),
        (("keys", "eu_2024", "-o", "tabelle.pdf"), "tabelle.pdf"),
        (("distribute", "flueag", "5", "--column", "population"), "Name=Wert"),
        (("distribute", "flueag", "5", "--column", "popultion=x"), "population"),
        (("distribute", "combined", "5", "--weight", "housing=viel"), "viel"),
        (("distribute", "combined", "5", "--weight", "housing=-1"), "housing"),
        (("keys", "combined", "--weight", "housing=1"), "combined"),
        (("assign", "gibtesnicht.csv", "-o", "."), "gibtesnicht.csv"),
        (("easy", "gibtesnicht.csv", "--facilities", "auchnicht.csv", "-o", "x.csv"), "nicht.csv"),
    ],
)
def test_wrong_use_is_answered_in_a_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert said in err and out == "" and "Traceback" not in err


FAMILIES = "family;persons;joins\nF1;3;\nF2;2;05315000\nF3;1;\n"


def test_a_week_is_assigned_and_its_stock_feeds_the_next(run: Run, tmp_path: Path) -> None:
    families = written(tmp_path, "familien.csv", FAMILIES)
    codes = pl.read_csv("params/municipalities.csv", infer_schema=False)["ags"]
    stock = written(tmp_path, "bestand.csv", "code,persons\n" + "".join(f"{code},90\n" for code in codes))
    code, out, err = run("assign", families, "--on", "2024-02-01", "--stock", stock, "-o", tmp_path)
    assert (code, err) == (0, "")
    assert "zu ihren Angehörigen: 1" in out and "90,00 %".replace(" ", "\u00a0") in out
    assigned = pl.read_csv(tmp_path / "families.csv", infer_schema=False)
    assert assigned.filter(pl.col("family") == "F2")["name"].to_list() == ["Köln"]
    code, out, _ = run(
        "assign", families, "--on", "2024-02-08", "--stock", tmp_path / "stock.csv", "-o", tmp_path, "--json"
    )
    assert json.loads(out)["persons"] == 6
    assert pl.read_csv(tmp_path / "stock.csv")["persons"].sum() == 396 * 90 + 12


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("family;persons\nF1;drei\n", "drei"),
        ("family;persons\nF1;3\nF1;2\n", "F1"),
        ("family;person\nF1;3\n", "persons"),
        ("family;persons;joins\nF1;3;Köln\n", "05315000"),
        ("family;persons\nF1;3;4;5\n", "familien.csv:2"),
        ("", "leer"),
    ],
)
def test_a_slip_in_the_families_is_said_with_its_place(run: Run, tmp_path: Path, content: str, said: str) -> None:
    code, out, err = run("assign", written(tmp_path, "familien.csv", content), "-o", tmp_path)
    assert (code, out) == (2, "")
    assert said in err


GROUPS = "group,persons,origin,reported_at\nG1,4,SY,Dortmund\nG2,1,AF,Dortmund\nG3,2,IQ,München\n"
PLACES = (
    "code,land,places,origins,latitude,longitude\n"
    "Dortmund,NW,100,SY;AF,51.5,7.46\nMünchen,BY,3,,48.1,11.57\nBerlin,BE,0,,52.5,13.4\n"
)


def test_arrivals_are_distributed_with_the_criterion_that_decided(run: Run, tmp_path: Path) -> None:
    groups, places = written(tmp_path, "gruppen.csv", GROUPS), written(tmp_path, "einrichtungen.csv", PLACES)
    out_file, state = tmp_path / "verteilt.csv", tmp_path / "salden.csv"
    code, out, err = run(
        "easy", groups, "--facilities", places, "--on", "2024-02-01", "--balances", state, "-o", out_file
    )
    assert (code, err) == (0, "")
    assert "bleibt in der Einrichtung der Meldung" in out and "7 Personen bisher verteilt" in out
    assert pl.read_csv(out_file)["decided_by"].to_list() == ["stays", "free_places", "stays"]
    assert pl.read_csv(state)["received"].sum() == 7
