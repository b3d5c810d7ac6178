"""The brief on municipal distribution: its counts are those of keys and plan, and no small count follows from them."""

from __future__ import annotations

import csv
import io

import pytest

from stellwerk.briefs import placed
from stellwerk.briefs.figures.slopes import inside
from stellwerk.briefs.scenarios import scenario_for
from stellwerk.briefs.secrecy import Hidden
from stellwerk.briefs.subjects.verteilung import plans, verteilung
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.register_persons import persons_of
from stellwerk.distribution.placement.scenario import PlacementScenario, UnknownPlacementScenario
from stellwerk.distribution.placement.solve import solve
from stellwerk.workbench import Workbench

SMALL = {"cases": 1500, "cohort": 150, "persons": 1_000}


@pytest.fixture(scope="module")
def workbench(checkout):
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def begun(workbench, checkout):
    """A function that begins the brief with other values."""
    values = {**scenario_for("verteilung", None, checkout), **SMALL}
    return lambda **other: verteilung.begin({**values, **other}, workbench.params, workbench.rulebook())


@pytest.fixture(scope="module")
def keys(workbench, begun):
    brief = begun()
    return workbench.compare_keys(brief.content.keys, brief.parameters.persons, brief.parameters.on)


@pytest.fixture(scope="module")
def arrived(workbench, begun):
    asked = begun().parameters
    return begun().cohort(workbench.synthetic_cases(asked.cases, asked.year, asked.seed))


@pytest.fixture(scope="module")
def plan(workbench, begun, arrived):
    return workbench.place(arrived, on=begun().parameters.on, key=begun().content.places_by)


@pytest.fixture(scope="module")
def groups(workbench, begun, arrived, plan):
    cases, on = workbench.as_cases(arrived), begun().parameters.on
    return persons_of(cases, plan.plan.instance, workbench.tables, on=on, groups=begun().content.groups)


@pytest.fixture(scope="module")
def shown(begun, plan, groups):
    return plans.counts(begun(), plan, groups)


def rows(block, name):
    return list(csv.DictReader(io.StringIO(block.files[f"{name}.csv"])))


def test_the_quotas_of_every_key_add_up_and_the_picture_shows_the_largest_differences(begun, keys):
    block = verteilung.quotas(begun(), keys)
    table = rows(block, "quotas")
    assert len(table) == 396
    for name in begun().content.keys:
        assert sum(int(row[name]) for row in table) == SMALL["persons"]
    drawn = [abs(int(row["change"])) for row in rows(block, "slopes")]
    changes = sorted((abs(int(row["combined"]) - int(row["flueag"])) for row in table), reverse=True)
    assert drawn == changes[: len(drawn)]


def test_persons_elsewhere_are_those_that_the_other_key_gives_to_others(begun, keys, plan, shown):
    told = {row["id"]: row["value"] for row in rows(verteilung.headline(begun(), keys, plan, shown), "headline")}
    table = rows(verteilung.quotas(begun(), keys), "quotas")
    more = sum(max(int(row["combined"]) - int(row["flueag"]), 0) for row in table)
    assert told["moved"] == str(more)
    measures = {row["key"]: row for row in rows(verteilung.quotas(begun(), keys), "measures")}
    assert measures["combined"]["persons_moved"] == told["moved"]


def test_a_key_that_is_no_law_is_not_called_in_force(begun, keys):
    table = {row["key"]: row["status"] for row in rows(verteilung.keys_in_force(begun(), keys), "keys")}
    assert (table["flueag"], table["combined"], table["nrw_today"]) == ("law", "demand", "comparison")


def test_small_counts_are_hidden_in_every_table_alike(begun, plan, groups, shown):
    brief = begun()
    table = {row["municipality"]: row["persons"] for row in rows(plans.placement(brief, plan, shown), "placement")}
    assert set(table) == set(plan.names)
    assert not {"1", "2"} & set(table.values())
    fair = rows(plans.fairness(brief, _review(plan), groups, shown), "fairness")
    assert sum(int(row["persons"]) for row in fair if row["attribute"] == "sex") == SMALL["cohort"]


def _review(plan):
    return Workbench.open().review(plan)


def test_a_group_whose_count_is_hidden_shows_no_mean_either(begun, plan, groups, shown):
    hidden = {**shown, ("sex", "f"): Hidden.SMALL}
    table = rows(plans.fairness(begun(), _review(plan), groups, hidden), "fairness")
    row = next(row for row in table if row["group"] == "sex_f")
    assert (row["persons"], row["fit"], row["by_lot"], row["range"]) == ("<3", "", "", "")


def test_the_worst_tenth_of_a_group_is_shown_only_where_it_is_no_small_count(begun, plan, groups, shown):
    few = rows(plans.fairness(begun(small_count=20), _review(plan), groups, shown), "fairness")
    assert {row["fit_of_worst_tenth"] for row in few} == {""}
    assert all(row["fit"] for row in few)


def test_a_place_whose_persons_are_not_shown_has_no_price_on_the_page(begun, plan, shown):
    table = rows(plans.prices(begun(), _review(plan), plan, shown), "prices")
    assert table
    assert all(isinstance(shown["placed", row["municipality"]], int) for row in table)


def test_groups_and_places_are_protected_together(plan):
    counts = placed.shown_counts(3, plan, plan.names, {"sex": {"f": SMALL["cohort"] - 1, "m": 1}})
    assert counts["sex", "m"] is Hidden.SMALL
    assert Hidden.BLOCKED in (counts["sex", "f"], counts[placed.COHORT])


def test_the_exact_quota_is_one_of_the_plans_and_a_wider_band_fits_no_worse(begun, workbench, plan):
    solver = PlacementSettings.load(workbench.tables).solver
    block = plans.front(begun(), plan, lambda task: solve(task, solver))
    table = rows(block, "front")
    assert sum("gewählt" in row["standing"] for row in table) == 1
    assert min(float(row["second"]) for row in table) == 0


def test_labels_of_slopes_stay_inside_the_picture():
    assert inside([1.0, 2.0, 2.19], 2.1) == pytest.approx([1.0, 1.91, 2.1])


def test_all_sections_speak_english_too(begun, keys, plan, groups, shown):
    brief = begun(language="en")
    page = verteilung.opening(brief) + verteilung.headline(brief, keys, plan, shown)
    page += verteilung.keys_in_force(brief, keys) + verteilung.quotas(brief, keys)
    page += plans.placement(brief, plan, shown) + plans.fairness(brief, _review(plan), groups, shown)
    page += plans.prices(brief, _review(plan), plan, shown) + verteilung.limits(brief)
    assert "persons who wait" in page.html
    assert "Gemeinden" not in page.html


def test_a_placement_that_was_tried_is_said_before_its_plan(begun, keys):
    tried = PlacementScenario.model_validate(
        {
            "title": {"de": "Probe", "en": "trial"},
            "key": "combined",
            "weights": {"rent": "0.6"},
            "quotas": {"05334002": 9},
        }
    )
    brief = begun()
    told = verteilung.tried_otherwise(brief, keys, tried).html
    assert brief.key_of(tried) == "combined"
    assert (
        "»Probe«: Quoten nach »Gemeinsamer Schlüssel nach Aufnahmefähigkeit«; geändert sind 1 Gewichte, 1 Quoten"
        in told
    )
    assert verteilung.tried_otherwise(brief, keys, None).html == ""


@pytest.mark.parametrize(("written", "read"), [("mein_szenario", "mein_szenario"), ("", None), ("none", None)])
def test_a_placement_that_was_tried_is_named_or_left_out(begun, written, read):
    assert begun(placement=written).parameters.placement == read


def test_a_placement_scenario_that_does_not_exist_is_refused_before_the_brief_begins(workbench, tmp_path):
    with pytest.raises(UnknownPlacementScenario):
        workbench.brief("verteilung", {"placement": "gibt_es_nicht"}, output=tmp_path / "v.html")
