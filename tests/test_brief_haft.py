"""The brief on custody windows: lengths, last days and credits are those of the rules, and nobody is in it."""

import csv
import datetime as dt
import io

import pytest

from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.subjects.haft import credits, subject, windows, years
from stellwerk.workbench import Workbench

DEPARTURE, REMOVAL, SCREENING = (
    "detention.departure_custody",
    "detention.removal_custody",
    "detention.screening_custody",
)


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = scenario_for("haft", None, checkout)
    law, reformed = workbench.rulebook(), workbench.rulebook([values["reform"]])
    return lambda **other: subject.begin(workbench.params, {**values, **other}, law, reformed)


@pytest.fixture(scope="module")
def brief(begun):
    return begun()


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_the_headline_is_what_the_table_of_values_says(brief):
    headline = {row["id"]: row for row in rows(windows.headline(brief), "headline")}
    values = rows(years.over_the_years(brief), "values")
    newest = {row["parameter"]: row["value"] for row in values if not row["to"]}
    assert headline["detention_departure_length"]["value"] == newest["detention.departure.length"] == "28 days"
    assert headline["detention_departure_length"]["before"] == "10 days"
    assert headline["detention_cap_total"]["value"] == "18 months"


def test_a_kind_that_the_law_does_not_know_yet_is_not_in_force(begun):
    early = {row["kind"]: row for row in rows(windows.kinds(begun(on="2023-05-31")), "kinds")}
    assert early[SCREENING]["length"] == "nicht in Kraft"
    assert early[DEPARTURE]["length"] == "10 days"
    assert SCREENING not in {row["kind"] for row in rows(windows.kinds(begun(on="2023-05-31")), "ends")}


def test_the_last_day_follows_the_civil_code(brief):
    kinds = {kind.rule: kind for kind in brief.content.kinds}
    begins, short = dt.date(2026, 1, 15), dt.date(2024, 2, 27)
    removal = kinds[REMOVAL]
    assert windows.last_day_of(brief.law, removal, begins, extended=False) == dt.date(2026, 7, 14)
    assert windows.last_day_of(brief.law, removal, begins, extended=True) == dt.date(2027, 7, 14)
    assert windows.last_day_of(brief.law, kinds[DEPARTURE], short, extended=False) == dt.date(2024, 3, 25)
    transfer = kinds["detention.transfer_completion"]
    assert windows.last_day_of(brief.law, transfer, dt.date(2026, 9, 1), extended=False) == dt.date(2026, 10, 6)
    assert windows.last_day_of(brief.law, kinds[SCREENING], dt.date(2020, 1, 1), extended=False) is None


def test_departure_custody_counts_towards_the_cap_only_since_it_does(brief, workbench):
    asked = credits.credit_cases(brief)
    credit = brief.content.credit
    counted = workbench.determinations(asked.cases, children={credit.table: asked.segments}, rules=[credit.rule])
    table = {row["kind"]: row for row in rows(credits.credits_and_procedure(brief, counted), "credits")}
    assert table["departure"] == {"kind": "departure", "on_2023-05-31": "false", "on_2026-09-01": "true"}
    assert table["removal"]["on_2023-05-31"] == table["removal"]["on_2026-09-01"] == "true"
    assert table["transfer"]["on_2026-09-01"] == "false"


def test_the_reform_is_compared_on_its_first_day_and_changes_nothing_before(brief, begun):
    block = years.reform(brief)
    changes = {row["parameter"]: (row["before"], row["after"]) for row in rows(block, "reform")}
    assert brief.reform_day == brief.law.reform("returns_regulation").start
    assert changes["detention.cap.total"] == ("18 months", "2 years")
    assert "Nicht in Kraft" in block.html
    nothing = years.reform(begun(reform="position_paper_2023"))
    assert "detention" not in "".join(nothing.files)


def test_the_difference_between_both_days_is_that_of_their_values(brief):
    compared = {row["kind"]: row for row in rows(years.over_the_years(brief), "compared")}
    assert compared[DEPARTURE]["difference"] == "18"
    assert compared[SCREENING]["before"] == "" and compared[SCREENING]["difference"] == ""


def test_there_is_nobody_in_it(brief):
    page = windows.headline(brief) + windows.kinds(brief) + years.over_the_years(brief) + subject.open_questions(brief)
    assert "Personen und sagt nie" in subject.opening(brief).html
    assert not any("case_id" in text or "persons" in text for text in page.files.values())
