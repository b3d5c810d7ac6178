"""Batch files, resume, comparison of runs and the forms of municipalities: what a file asks for and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.briefs.batch import BatchEmpty, BatchMissing, BatchOfOneKind, BatchRepeats, BatchUneven, read_batch
from stellwerk.briefs.capacities import AnswerNotUnderstood, empty_form, read_capacities, read_forms
from stellwerk.briefs.difference import RunsOfDifferentBriefs, difference
from stellwerk.briefs.index import IndexEntry, write_index
from stellwerk.briefs.inputs import InputsNow, inputs_of
from stellwerk.briefs.ledger import Ledger, LedgerEntry, UnknownRun, versions_in_use
from stellwerk.briefs.named import UnknownMunicipality, settled
from stellwerk.briefs.parameters import BriefParameterNotAllowed, UnknownBriefParameter
from stellwerk.briefs.registry import BRIEFS, parameters_of
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.gemeinde.gemeinde import read_content
from stellwerk.briefs.work import Failure
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.documents import FileMissing
from stellwerk.errors import ManyErrors
from stellwerk.tables import write_table
from stellwerk.workbench import Workbench

HEAD = "brief: gemeinde\ntitle: {de: Probe, en: Trial}\n"
ENTRY = LedgerEntry("aa11", "lage", "2026-01-01T00:00:00+00:00", 1.5, {"year": 2022}, 1, {}, {}, {})


@pytest.fixture(scope="module")
def questions(checkout):
    return read_content(checkout / "params").questions


@pytest.fixture(scope="module")
def names(checkout):
    return ReferenceTables.load(checkout / "params").names("municipalities")


def batch(checkout, tmp_path, body):
    path = tmp_path / "batch.yaml"
    path.write_text(HEAD + body, "utf-8")
    return read_batch(str(path), checkout)


def settle(checkout, names):
    return lambda parameters: settled(parameters, checkout, lambda: names, {})


# --- parameters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(BRIEFS))
def test_every_brief_has_a_notebook_with_its_parameters_a_scenario_and_words(checkout, name):
    kind = BRIEFS[name]
    notebook = json.loads(kind.notebook(checkout).read_text("utf-8"))
    (cell,) = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    namespace: dict[str, object] = {}
    exec("".join(cell["source"]), namespace)
    defaults = {field: namespace[field] for field in kind.model.model_fields}
    assert defaults == parameters_of(name, scenario_for(name, None, checkout)).as_json
    for language in ("de", "en"):
        assert all(row["meaning"] and row["form"] for row in kind.table(language))


@pytest.mark.parametrize("name", sorted(BRIEFS))
def test_the_schema_knows_every_parameter_and_refuses_others(name):
    schema = BRIEFS[name].schema("en")
    assert set(schema["properties"]) == set(BRIEFS[name].model.model_fields)
    assert schema["additionalProperties"] is False
    assert all(described["description"] for described in schema["properties"].values())


def test_a_municipality_is_found_by_key_or_name_and_called_by_its_key(checkout, names):
    values = scenario_for("gemeinde", None, checkout)
    asked = [parameters_of("gemeinde", {**values, "municipality": name}) for name in ("Köln", "köln", "05315000")]
    found = {settle(checkout, names)(parameters).as_json["municipality"] for parameters in asked}
    assert found == {"05315000"}


def test_an_unknown_municipality_is_refused_with_the_nearest(checkout, names):
    values = {**scenario_for("gemeinde", None, checkout), "municipality": "Kölln"}
    with pytest.raises(UnknownMunicipality) as refused:
        settle(checkout, names)(parameters_of("gemeinde", values))
    assert "»Köln«" in refused.value.message("de")


def test_a_file_that_is_not_there_is_said_before_anything_runs(checkout, names):
    values = {**scenario_for("gemeinde", None, checkout), "capacities": "gibt/es/nicht.csv"}
    with pytest.raises(FileMissing):
        settle(checkout, names)(parameters_of("gemeinde", values))


# --- batch files -------------------------------------------------------------------------------------------------


def test_the_shipped_batch_asks_for_every_municipality_once(checkout):
    wanted = read_batch("gemeinden", checkout).wanted
    assert len(wanted) == len({each.folder for each in wanted}) == 396


@pytest.mark.parametrize("name", ["aufnahme_zugang", "solidaritaet_preise"])
def test_a_shipped_batch_names_only_scenarios_that_exist(checkout, name):
    workbench = Workbench.open(checkout)
    wanted = read_batch(name, checkout).settled(workbench._settle).wanted
    assert len(wanted) == len({each.folder for each in wanted}) == 4


def test_a_list_is_taken_as_it_stands_and_the_rest_comes_from_the_scenario(checkout, tmp_path):
    found = batch(checkout, tmp_path, "list:\n  - {municipality: Köln}\n  - {municipality: Bonn, persons: 500}\n")
    assert [(each.parameters.as_json["municipality"], each.parameters.as_json["persons"]) for each in found.wanted] == [
        ("Köln", 10_000),
        ("Bonn", 500),
    ]
    assert [each.folder for each in found.wanted] == ["gemeinde-koeln", "gemeinde-bonn-500"]


def test_a_grid_is_every_combination_and_a_zip_goes_side_by_side(checkout, tmp_path):
    body = "  municipality: [Köln, Bonn]\n  language: [de, en]\n"
    assert len(batch(checkout, tmp_path, "grid:\n" + body).wanted) == 4
    pairs = [tuple(each.varied.values()) for each in batch(checkout, tmp_path, "zip:\n" + body).wanted]
    assert pairs == [("Köln", "de"), ("Bonn", "en")]


def test_values_may_be_those_of_some_rows_of_a_table(checkout, tmp_path):
    body = 'grid:\n  municipality: {table: municipalities, column: ags, where: {kreis_ags: "05382"}}\n'
    wanted = batch(checkout, tmp_path, body).wanted
    assert len(wanted) == 19
    assert all(each.parameters.as_json["municipality"].startswith("05382") for each in wanted)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("parameters: {persons: 5}\n", BatchOfOneKind),
        ("list: [{municipality: Köln}]\ngrid: {municipality: [Bonn]}\n", BatchOfOneKind),
        ("list: []\n", BatchEmpty),
        ("grid: {municipality: []}\n", BatchEmpty),
        ("zip: {municipality: [Köln, Bonn], persons: [1]}\n", BatchUneven),
        ("list: [{municipality: Köln}, {municipality: Köln}]\n", BatchRepeats),
        ("list: [{gemeinde: Köln}]\n", UnknownBriefParameter),
        ("list: [{municipality: Köln, persons: viele}]\n", BriefParameterNotAllowed),
    ],
)
def test_a_wrong_batch_is_refused_with_its_line(checkout, tmp_path, body, error):
    with pytest.raises(error) as refused:
        batch(checkout, tmp_path, body)
    assert refused.value.message("de").startswith("batch.yaml")


def test_all_unknown_names_of_a_batch_are_told_together_before_it_runs(checkout, tmp_path, names):
    found = batch(checkout, tmp_path, "list: [{municipality: Kölln}, {municipality: Bonn}, {municipality: Münstr}]\n")
    with pytest.raises(ManyErrors) as refused:
        found.settled(settle(checkout, names))
    assert "Köln" in refused.value.message("de") and "Münster" in refused.value.message("de")


def test_a_municipality_by_name_and_by_key_is_the_same_brief(checkout, tmp_path, names):
    found = batch(checkout, tmp_path, 'list: [{municipality: Köln}, {municipality: "05315000"}]\n')
    with pytest.raises(BatchRepeats):
        found.settled(settle(checkout, names))


def test_folders_never_meet(checkout, tmp_path):
    found = batch(checkout, tmp_path, 'list: [{municipality: "a b"}, {municipality: a_b}]\n')
    assert len({each.folder for each in found.wanted}) == 2


def test_an_unknown_batch_is_refused_with_the_nearest(checkout):
    with pytest.raises(BatchMissing) as refused:
        read_batch("gemeinde", checkout)
    assert "»gemeinden«" in refused.value.message("de")


# --- the ledger, resume, comparison ------------------------------------------------------------------------------


def test_a_line_cut_off_while_it_was_written_is_no_entry_and_the_next_one_takes_its_place(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl", tmp_path)
    ledger.append(ENTRY)
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + whole[: len(whole) // 2])
    assert ledger.entries() == [ENTRY]
    ledger.append(replace(ENTRY, id="bb22"))
    assert [entry.id for entry in ledger.entries()] == ["aa11", "bb22"]


def test_a_run_is_named_by_the_beginning_of_its_id_where_only_one_begins_so(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl", tmp_path)
    for name in ("aa11", "ab22"):
        ledger.append(replace(ENTRY, id=name))
    assert ledger.entry("ab").id == "ab22"
    for wrong in ("a", "zz", ""):
        with pytest.raises(UnknownRun):
            ledger.entry(wrong)


def test_what_a_run_rested_on_is_named_once_it_is_no_longer_the_same(tmp_path):
    notebook, data = tmp_path / "n.ipynb", tmp_path / "params" / "a.csv"
    data.parent.mkdir()
    notebook.write_text("{}")
    data.write_text("a\n")
    entry = replace(ENTRY, inputs=inputs_of(tmp_path, notebook, [data]), versions=versions_in_use())
    assert InputsNow(tmp_path).changed(entry) == []
    data.write_text("b\n")
    assert InputsNow(tmp_path).changed(entry) == ["params/a.csv"]
    data.unlink()
    law = tmp_path / "params" / "law" / "new.yaml"
    law.parent.mkdir()
    law.write_text("x: 1\n")
    assert InputsNow(tmp_path).changed(entry) == ["rules", "params/a.csv"]
    older = replace(entry, versions={**entry.versions, "polars": "0.1"})
    assert "polars" in InputsNow(tmp_path).changed(older)


def test_a_run_that_does_not_say_on_which_law_it_rested_is_never_taken_for_unchanged(tmp_path):
    assert {"rules", "stellwerk"} <= set(InputsNow(tmp_path).changed(replace(ENTRY, versions=versions_in_use())))


def test_two_runs_are_compared_by_key_figures_and_versions_of_law():
    first = replace(ENTRY, figures={"quota": "10", "note": "x"}, law={"rule": "2017-01-01", "sum": "875 (2021-01-01)"})
    second = replace(
        first, figures={"quota": "12", "note": "x"}, law={"rule": "2017-01-01", "sum": "1303 (2024-01-01)"}
    )
    found = difference(first, second)
    assert [(change.name, change.first, change.second, change.by) for change in found.figures] == [
        ("quota", "10", "12", "2")
    ]
    assert [change.name for change in found.law] == ["sum"]
    assert found.same_results
    with pytest.raises(RunsOfDifferentBriefs):
        difference(first, replace(second, brief="gemeinde"))


figures = st.dictionaries(st.sampled_from("abcd"), st.one_of(st.just(""), st.integers(-9, 9).map(str)))


@given(figures, figures)
def test_a_comparison_names_exactly_what_differs(first, second):
    found = difference(replace(ENTRY, figures=first), replace(ENTRY, figures=second)).figures
    assert {change.name for change in found} == {n for n in {*first, *second} if first.get(n) != second.get(n)}


def test_the_index_has_every_brief_once_needs_nothing_from_outside_and_is_the_same_each_time(checkout, tmp_path):
    found = batch(checkout, tmp_path, "list: [{municipality: <Köln>}, {municipality: =Bonn}, {municipality: Hamm}]\n")
    entry = replace(ENTRY, brief="gemeinde", title="Köln & Co", figures={"quota": "5"})
    rows = [
        IndexEntry(each.folder, each.varied, *result)
        for each, result in zip(
            found.wanted, [(entry, None), (None, Failure("Zelle 3 <b>", "3")), (None, None)], strict=True
        )
    ]
    write_index(tmp_path / "index.html", found, rows)
    page = (tmp_path / "index.html").read_text("utf-8")
    first = page.encode()
    write_index(tmp_path / "index.html", found, rows)
    assert (tmp_path / "index.html").read_bytes() == first
    assert "Köln &amp; Co" in page and "&lt;Köln&gt;" in page and "Zelle 3 &lt;b&gt;" in page
    assert "default-src 'none'" in page and "http://" not in page and "https://" not in page and "src=" not in page
    table = pl.read_csv(tmp_path / "index.csv", infer_schema=False)
    assert table["state"].to_list() == ["done", "Zelle 3 <b>", "missing"]
    assert table["municipality"].to_list()[1] == "'=Bonn"


# --- forms of municipalities -------------------------------------------------------------------------------------


def filled(tmp_path, questions, answers, code="05315000", name="form.csv", language="de", encoding="utf-8"):
    """A form as somebody sends it back."""
    lines = empty_form(code, "Köln", questions, language).removeprefix("\ufeff").splitlines()
    rows = [line.split(";") for line in lines]
    for row in rows[1:]:
        row[4] = answers.get(row[2].strip('"'), "")
    path = tmp_path / name
    path.write_text("\n".join(";".join(row) for row in rows) + "\n", encoding)
    return path


def test_a_filled_form_becomes_a_row_of_the_register_and_empty_cells_stay_unknown(tmp_path, questions, names):
    path = filled(tmp_path, questions, {"as_of": "31.01.2024", "places": "1.200", "occupied": "1150", "school": "40"})
    found = read_forms([path], questions, names)
    assert found.findings == ()
    (row,) = found.table.iter_rows(named=True)
    assert (row["id"], row["name"], row["places"], row["cap_persons"], row["cap_school"]) == (
        "05315000",
        "Köln",
        1200,
        50,
        40,
    )
    assert row["cap_childcare"] is None and row["as_of"].isoformat() == "2024-01-31"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_forms_come_back_in_either_language_and_as_spreadsheets_save_them(
    tmp_path, questions, names, language, encoding
):
    answers = {"as_of": "2024-01-31", "places": "5"}
    path = filled(tmp_path, questions, answers, code="5315000", language=language, encoding=encoding)
    assert read_forms([path], questions, names).table["id"].to_list() == ["05315000"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"as_of": "2024-01-31", "places": "viele"}, "»viele«"),
        ({"as_of": "2024-01-31", "places": "-3"}, "»-3«"),
        ({"as_of": "2024-01-31", "places": "1,5"}, "»1,5«"),
        ({"as_of": "31.02.2024", "places": "3"}, "»31.02.2024«"),
        ({"places": "3"}, "as_of"),
        ({"as_of": "2024-01-31", "places": "3", "occupied": "4"}, "4 Plätze belegt"),
    ],
)
def test_a_wrong_answer_is_told_with_its_file_and_keeps_the_municipality_out(tmp_path, questions, names, answers, said):
    found = read_forms([filled(tmp_path, questions, answers)], questions, names)
    assert found.table.height == 0
    assert said in found.findings[0].message("de")
    assert found.findings[0].message("de").startswith("form.csv")


def test_an_unknown_municipality_or_question_and_two_answers_are_told(tmp_path, questions, names):
    good = {"as_of": "2024-01-31", "places": "5"}
    paths = [
        filled(tmp_path, questions, good),
        filled(tmp_path, questions, {**good, "places": "6"}, name="again.csv"),
        filled(tmp_path, questions, good, code="05999999", name="other.csv"),
        filled(tmp_path, questions, good, code="05314000", name="bonn.csv"),
    ]
    paths[3].write_text(paths[3].read_text("utf-8").replace('"school"', '"scool"'), "utf-8")
    found = read_forms(paths, questions, names)
    told = "\n".join(finding.message("de") for finding in found.findings)
    assert "schon anders beantwortet" in told and "»05999999«" in told and "Gemeint ist wohl »school«" in told
    assert found.table.height == 0


def test_the_register_is_read_as_it_was_written(tmp_path, questions, names):
    path = filled(tmp_path, questions, {"as_of": "2024-01-31", "places": "10", "occupied": "4"})
    found = read_forms([path], questions, names).table
    for name in ("capacities.csv", "capacities.xlsx", "capacities.parquet"):
        write_table(found, tmp_path / name)
        assert read_capacities(tmp_path / name, questions).equals(found)
    broken = tmp_path / "capacities.csv"
    broken.write_text(broken.read_text("utf-8").replace(",10,", ",zehn,"), "utf-8")
    with pytest.raises(AnswerNotUnderstood) as refused:
        read_capacities(broken, questions)
    assert refused.value.message("de").startswith("capacities.csv:2: »zehn«")
