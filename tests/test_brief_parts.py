"""The parts of a brief: parameters, protection of small counts, blocks, figures, counts of persons."""

import csv
import datetime as dt
import io
import itertools
import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import MIME, Block, Column, Figure, Maker, Number, Shown, Table
from stellwerk.briefs.cohorts import cohort
from stellwerk.briefs.geometry import MapMissing, read_geometry
from stellwerk.briefs.parameters import BriefParameterNotAllowed, UnknownBriefParameter
from stellwerk.briefs.registry import UnknownBrief, parameters_of
from stellwerk.briefs.scenarios import ScenarioMissing, ScenarioOfAnotherBrief, scenario_for
from stellwerk.briefs.secrecy import Hidden, protect_column, protect_count, protect_difference, protect_table
from stellwerk.briefs.subject import content_of
from stellwerk.briefs.subjects.lage import counts
from stellwerk.briefs.subjects.lage.content import LageContent
from stellwerk.errors import ManyErrors, StellwerkError

PARAMS = Path(__file__).resolve().parents[1] / "params"
VALUES = {"year": 2022, "on": "2023-05-31", "reform": "position_paper_2023", "seed": 1}


# --- parameters --------------------------------------------------------------------------------------------------


def test_values_from_a_command_line_are_text_and_are_read_as_their_type():
    read = parameters_of("lage", {**VALUES, "cases": "2000", "seed": "7"})
    assert (read.cases, read.seed, read.on) == (2000, 7, dt.date(2023, 5, 31))


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_a_day_is_read_as_machines_and_as_germans_write_it(day):
    for written in (day, day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}"):
        assert parameters_of("lage", {**VALUES, "on": written}).on == day


def test_an_empty_number_of_cases_means_all():
    assert parameters_of("lage", {**VALUES, "cases": "null"}).cases is None


def test_an_unknown_parameter_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownBriefParameter) as refused:
        parameters_of("lage", {**VALUES, "kohort": 5})
    assert "Gemeint ist wohl »cohort«" in refused.value.message("de")


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("cases", "viele", "eine ganze Zahl von 100 bis 10000000"),
        ("cases", 2000.5, "eine ganze Zahl von 100 bis 10000000"),
        ("cohort", 0, "eine ganze Zahl von 1 bis 5000"),
        ("cohort", -5, "eine ganze Zahl von 1 bis 5000"),
        ("seed", True, "eine ganze Zahl"),
        ("on", "2023-02-31", "einen Tag des Kalenders"),
        ("on", "31.02.2023", "einen Tag des Kalenders"),
        ("language", "fr", "einen dieser Werte: de, en"),
        ("reform", "Mein Plan", "einen Namen aus kleinen Buchstaben"),
    ],
)
def test_a_wrong_value_is_refused_with_the_allowed_form(name, value, form):
    with pytest.raises(BriefParameterNotAllowed) as refused:
        parameters_of("lage", {**VALUES, name: value})
    assert name in refused.value.message("de")
    assert form in refused.value.message("de")


def test_a_missing_value_is_refused_and_several_errors_are_said_together():
    with pytest.raises(ManyErrors) as refused:
        parameters_of("lage", {"on": "2023-05-31", "reform": "r", "yaer": 2022})
    assert len(refused.value.errors) == 3
    assert "Gemeint ist wohl »year«" in refused.value.message("de")


def test_an_unknown_brief_is_refused():
    with pytest.raises(UnknownBrief) as refused:
        parameters_of("lagen", VALUES)
    assert "lage" in refused.value.message("de")


def test_the_shipped_scenario_fits_its_brief_and_the_notebook_has_the_same_defaults(checkout):
    scenario = parameters_of("lage", scenario_for("lage", None, checkout))
    notebook = json.loads((checkout / "notebooks" / "briefs" / "lage.ipynb").read_text("utf-8"))
    (cell,) = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    lines = "".join(cell["source"]).splitlines()
    found = {}
    for line in lines:
        name, value = re.fullmatch(r"(\w+): (?:int|str) = ([^#]+?)  # .+", line).groups()
        found[name] = None if value == "None" else json.loads(value)
    assert found == scenario.as_json


def test_the_notebook_is_kept_without_outputs(checkout):
    notebook = json.loads((checkout / "notebooks" / "briefs" / "lage.ipynb").read_text("utf-8"))
    assert [cell for cell in notebook["cells"] if cell.get("outputs") or cell.get("execution_count")] == []


def test_a_missing_scenario_is_said_with_the_nearest_one(checkout):
    with pytest.raises(ScenarioMissing) as missing:
        scenario_for("lage", "lage_2032", checkout)
    assert "Gemeint ist wohl »lage_2023«" in missing.value.message("de")


def test_a_brief_starts_from_its_own_scenario_or_a_named_one_or_a_file(checkout, tmp_path):
    own = scenario_for("lage", None, checkout)
    assert scenario_for("lage", "lage_2023", checkout) == own
    copy = tmp_path / "mine.yaml"
    copy.write_text((checkout / "params" / "scenarios" / "lage_2023.yaml").read_text("utf-8"), "utf-8")
    assert scenario_for("lage", str(copy), checkout) == own
    with pytest.raises(UnknownBrief):
        scenario_for("lgae", None, checkout)


def test_a_scenario_of_another_brief_is_refused(tmp_path):
    (tmp_path / "mine.yaml").write_text("brief: gemeinde\ntitle: {de: A, en: A}\nparameters: {}\n")
    with pytest.raises(ScenarioOfAnotherBrief):
        scenario_for("lage", str(tmp_path / "mine.yaml"), tmp_path)


def test_a_wrong_value_in_a_scenario_is_refused_with_its_line(tmp_path):
    lines = [
        "brief: lage",
        "title: {de: A, en: A}",
        "parameters:",
        "  year: 2022",
        "  on: 2023-05-31",
        "  reform: r",
        "  seed: x",
    ]
    (tmp_path / "mine.yaml").write_text("\n".join(lines))
    with pytest.raises(BriefParameterNotAllowed) as refused:
        scenario_for("lage", str(tmp_path / "mine.yaml"), tmp_path)
    assert refused.value.message("de").startswith("mine.yaml:7: ")


def test_what_the_brief_shows_is_data_and_a_typo_in_it_is_said(checkout, tmp_path):
    content = content_of(LageContent, "lage", checkout / "params")
    assert content.procedure in content.rules
    (tmp_path / "briefs").mkdir()
    text = (checkout / "params" / "briefs" / "lage.yaml").read_text("utf-8")
    (tmp_path / "briefs" / "lage.yaml").write_text(text.replace("procedure:", "proceedure:"), "utf-8")
    with pytest.raises(StellwerkError) as refused:
        content_of(LageContent, "lage", tmp_path)
    assert "Gemeint ist wohl »procedure«" in refused.value.message("de")


# --- small counts ------------------------------------------------------------------------------------------------

COUNTS = st.integers(0, 12)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(TABLES, st.integers(1, 6))
def test_no_small_count_is_shown_and_every_shown_one_is_true(table, limit):
    protected = protect_table(table, limit)
    true = [[*row, sum(row)] for row in table]
    true.append([sum(column) for column in zip(*true, strict=True)])
    for shown, value in zip(itertools.chain(*protected), itertools.chain(*true), strict=True):
        assert shown == value or isinstance(shown, Hidden)
        assert isinstance(shown, Hidden) or not 0 < value < limit
        assert shown is not Hidden.SMALL or 0 < value < limit


@given(TABLES, st.integers(2, 6))
def test_no_hidden_count_is_alone_in_a_row_or_column_whose_sum_is_known(table, limit):
    protected = protect_table(table, limit)
    for line in [*protected, *zip(*protected, strict=True)]:
        hidden = sum(isinstance(cell, Hidden) for cell in line)
        assert hidden != 1


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_small_counts_of_a_column_do_not_follow_from_its_sum(column):
    """Whatever the reader tries: each hidden small count could have at least two values."""
    limit = 3
    shown = protect_column(column, limit)
    places = [place for place, cell in enumerate(shown[:-1]) if isinstance(cell, Hidden)]
    if not places or isinstance(shown[-1], Hidden):
        return
    rest = shown[-1] - sum(cell for cell in shown[:-1] if isinstance(cell, int))
    ranges = [range(1, limit) if shown[place] is Hidden.SMALL else range(13) for place in places]
    possible = [values for values in itertools.product(*ranges) if sum(values) == rest]
    for position, place in enumerate(places):
        if shown[place] is Hidden.SMALL:
            assert len({values[position] for values in possible}) > 1


def test_nobody_is_no_small_count_and_a_difference_is_hidden_with_its_parts():
    assert [protect_count(count, 3) for count in (0, 1, 2, 3)] == [0, Hidden.SMALL, Hidden.SMALL, 3]
    assert protect_difference(5, Hidden.SMALL) is Hidden.BLOCKED
    assert protect_difference(5, 8) == 3


# --- blocks ------------------------------------------------------------------------------------------------------

DE = Maker("de", 3)
COLUMNS = (Column("place", "Ort"), Column("persons", "Personen", "count"), Column("note", "", on_page=False))


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content)))


def test_a_table_shows_some_rows_and_its_data_hold_all():
    rows = ((Shown("05", "Köln"), 1234, "a"), ("Ruhr", Hidden.SMALL, "b"), ("Rest", Hidden.BLOCKED, "c"))
    block = DE.table(Table("t", "Wer", COLUMNS, rows, "Amt", shown=(0, 1)))
    assert "1.234" in block.html
    assert "unter 3" in block.html
    assert "Rest" not in block.html
    assert '<th scope="col"' in block.html
    assert '<th scope="row">Köln</th>' in block.html
    assert "<caption>Wer</caption>" in block.html
    assert [row["persons"] for row in rows_of(block.files["t.csv"])] == ["1234", "<3", "x"]
    assert [row["place"] for row in rows_of(block.files["t.csv"])] == ["05", "Ruhr", "Rest"]


def test_nothing_of_a_table_becomes_markup_or_a_formula():
    block = DE.table(Table("t", "<b>", COLUMNS, (("<script>", 5, "=1+1"),), "A & B"))
    assert "<script>" not in block.html
    assert "<b>" not in block.html
    assert rows_of(block.files["t.csv"])[0]["note"] == "'=1+1"


def test_a_headline_number_carries_its_value_for_machines():
    block = DE.numbers("headline", [Number("n", "Personen", 12345, "count", 1, 2, "von allen")])
    assert '<data id="number-n" value="12345">12.345</data>' in block.html
    assert rows_of(block.files["headline.csv"])[0]["value"] == "12345"


def test_a_block_shows_itself_in_a_notebook_and_hands_over_its_files():
    bundle = (DE.heading("a", "Titel") + Block("<p>x</p>", {"x.csv": "a\n"}))._repr_mimebundle_()
    assert bundle["text/html"].endswith("<p>x</p>")
    assert bundle[MIME]["files"] == {"x.csv": "a\n"}


# --- figures -----------------------------------------------------------------------------------------------------

PAIRS = [figures.BarPair("Asyl", 10, 1200, "10", "1.200"), figures.BarPair("Rest", Hidden.SMALL, 0, "unter 3", "0")]


def test_a_figure_brings_alt_text_source_and_data():
    svg = figures.bars(PAIRS, "heute", "Reform", "de")
    table = Table("bars", "", COLUMNS, (("Asyl", 10, ""),), "Amt")
    block = DE.figure(Figure("f", svg, "Mehr Asyl", "Asyl", "Amt", table))
    assert 'alt="Mehr Asyl"' in block.html
    assert "Quelle: Amt" in block.html
    assert 'href="data/bars.csv"' in block.html
    assert "bars.csv" in block.files


def test_a_chart_is_the_same_bytes_each_time_without_date_or_fonts():
    first, second = (figures.bars(PAIRS, "heute", "Reform", "de") for _ in range(2))
    assert first == second
    assert "<text" not in first
    assert "dc:date" not in first


def test_the_map_knows_every_municipality_and_their_shared_borders(checkout):
    geometry = read_geometry(checkout / "params" / "map" / "municipalities.json")
    codes = pl.read_csv(checkout / "params" / "municipalities.csv", schema_overrides={"ags": pl.String})[
        "ags"
    ].to_list()
    assert sorted(geometry.rings) == sorted(codes)
    assert all(ring[0] == ring[-1] for rings in geometry.rings.values() for ring in rings)
    assert 0 < len(geometry.borders(lambda code: code[:5])) < len(geometry.arcs)
    classes = [figures.MapClass("niemand", frozenset(codes[1:])), figures.MapClass("1", frozenset(codes[:1]))]
    assert len(figures.choropleth(geometry, classes, {codes[0]: "hier"}, "Personen", ())) < 450_000


def test_a_missing_map_is_said(tmp_path):
    with pytest.raises(MapMissing):
        read_geometry(tmp_path / "map.json")


# --- counts ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def content(checkout):
    return content_of(LageContent, "lage", checkout / "params")


def register(*persons):
    rows = [(f"c{place}", *person) for place, person in enumerate(persons)]
    return pl.DataFrame(rows, schema=["case_id", "family_id", "nationality", "status"], orient="row")


def determined(content, cases, **outcomes):
    """The same outcomes for every case, rules by their last word; everything else is not in force."""
    columns = {"case_id": cases.get_column("case_id")}
    for rule in content.rules:
        given_outcome, ask = outcomes.get(rule.rsplit(".", 1)[-1], ("not_in_force", None))
        columns[f"{rule}.outcome"] = pl.Series([given_outcome] * cases.height)
        columns[f"{rule}.ask_for"] = pl.Series([ask] * cases.height, dtype=pl.String)
    return pl.DataFrame(columns)


def test_persons_are_on_the_track_of_their_status_and_their_outcome(content):
    cases = register(
        ("f1", "UA", "temporary_protection"),
        ("f2", "GE", "asylum_permission"),
        ("f3", "GE", "tolerated"),
        ("f4", None, None),
    )
    before = determined(content, cases, accelerated_procedure=("ordinary_procedure", None))
    after = determined(content, cases, accelerated_procedure=("may_accelerate", None))
    who = counts.people(content, cases, before, after)
    assert who.by("track_before") == {"temporary_protection": 1, "ordinary": 1, "tolerated": 1, "other": 1}
    assert who.by("track_after") == {"temporary_protection": 1, "accelerated": 1, "tolerated": 1, "other": 1}
    assert (who.changed("procedure"), who.changed("stay")) == (1, 0)


def test_an_open_question_counts_before_a_refusal_and_a_grant_before_both(content):
    cases = register(("f1", "IQ", "tolerated"))
    not_met = determined(
        content, cases, chance_residence=("not_met", None), sustained_integration=("needs_facts", "a, b")
    )
    grant = determined(
        content, cases, chance_residence=("should_grant", None), sustained_integration=("needs_facts", "a")
    )
    who = counts.people(content, cases, not_met, grant)
    assert who.frame.select("stay_before", "stay_after").row(0) == ("needs_facts", "should_grant")
    assert counts.facts_to_ask(content, who, counts.BEFORE) == {"a": 1, "b": 1}
    assert counts.facts_to_ask(content, who, counts.AFTER) == {}


def test_determinations_of_other_cases_are_refused(content):
    cases = register(("f1", "IQ", "tolerated"))
    other = determined(content, cases).with_columns(case_id=pl.lit("x"))
    with pytest.raises(counts.DeterminationsDoNotMatch):
        counts.people(content, cases, other, other)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30), st.integers(1, 40), st.integers(0, 9))
def test_a_cohort_holds_whole_families_and_never_more_persons_than_asked(sizes, persons, seed):
    status = ["asylum_permission", "temporary_protection", "tolerated"]
    cases = register(*[(f"f{n}", "SY", status[n % 3]) for n, size in enumerate(sizes) for _ in range(size)])
    content = content_of(LageContent, "lage", PARAMS)
    chosen = cohort(cases, content.cohort_status, persons, seed)
    assert chosen.height <= persons
    for family, size in chosen.group_by("family_id").len().iter_rows():
        assert size == sizes[int(family[1:])]
        assert int(family[1:]) % 3 != 2
    assert cohort(cases, content.cohort_status, persons, seed).equals(chosen)


def test_single_persons_fill_a_cohort_up():
    cases = register(*[(None, "SY", "asylum_permission")] * 50)
    assert cohort(cases, content_of(LageContent, "lage", PARAMS).cohort_status, 20, 3).height == 20
