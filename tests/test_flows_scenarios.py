"""Scenarios of state reception under the real rulebook: the papers' questions, and what happened in between."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Run

from stellwerk import formats
from stellwerk.documents import UnknownKey
from stellwerk.errors import StellwerkError
from stellwerk.flows.arrivals import (
    ArrivalPlan,
    NoArrivalsForYear,
    daily_arrivals,
    known_years,
    origin_mix,
    weekly_arrivals,
    weeks_from,
)
from stellwerk.flows.figures import FlowData, UnknownFigure, load_flow_data
from stellwerk.flows.procedures import chances, decided_in, prospects_of
from stellwerk.flows.results import DEPARTURES, FACILITY_COLUMNS, MOVEMENT_COLUMNS, STOCK_COLUMNS
from stellwerk.flows.scenario import Law, UnknownReceptionScenario, load_scenario, scenario_names
from stellwerk.forecast.run import Forecast, forecast
from stellwerk.forecast.tables import NAMES, published_misses, tables_of, write_forecast
from stellwerk.forecast.terms import SampleWeek, law_days, stay_terms
from stellwerk.tables import FolderInUse
from stellwerk.workbench import Workbench


@pytest.fixture(scope="module")
def bench(checkout: Path) -> Workbench:
    return Workbench.open(checkout)


@pytest.fixture(scope="module")
def data(bench: Workbench) -> FlowData:
    return load_flow_data(bench.params)


@pytest.fixture(scope="module")
def found(bench: Workbench) -> Callable[[str], Forecast]:
    """Each scenario is computed once."""
    made: dict[str, Forecast] = {}

    def of(name: str) -> Forecast:
        if name not in made:
            made[name] = bench.reception(name)
        return made[name]

    return of


def on_one_day(bench: Workbench, name: str, **changes: Any) -> Forecast:
    """The first year of a scenario under the law of one day, which is computed in a moment."""
    scenario = load_scenario(name, bench.params)
    law = scenario.law.model_copy(update={"on": dt.date(2023, 5, 31)})
    quick = {"law": law, "weeks": 52, "warm_up_weeks": 52, **changes}
    return forecast(bench, name, scenario.model_copy(update=quick))


# --- the papers' questions ------------------------------------------------------------------------------------------


def test_eighty_thousand_places_are_never_exceeded_by_the_arrivals_of_2022(found: Callable[[str], Forecast]) -> None:
    assert found("places_80000").reception.exceedances == ()


def test_twenty_nine_thousand_places_are_exceeded_and_the_week_is_named(found: Callable[[str], Forecast]) -> None:
    passed = found("places_29000").reception.exceedance("places")
    assert passed is not None and passed.week == dt.date(2022, 2, 28)
    weeks = found("places_29000").reception.facilities
    before, then = (weeks.filter(pl.col("week") == passed.week - dt.timedelta(weeks=back)) for back in (1, 0))
    assert before["occupied"][0] <= 29000 < then["occupied"][0]
    assert then["emergency"][0] == then["occupied"][0] - 29000


def test_more_places_change_who_needs_an_emergency_place_and_nobodys_stay(found: Callable[[str], Forecast]) -> None:
    few, many = found("places_35000").reception, found("places_41000").reception
    assert few.movements.equals(many.movements)
    assert few.facilities["emergency"].max() - many.facilities["emergency"].max() == 6000


def test_a_reform_of_the_stay_changes_the_flow_through_the_rulebook(bench: Workbench) -> None:
    highest = {
        name: float(on_one_day(bench, f"stay_{name}").reception.facilities["occupied"].max())
        for name in ("good_6", "good_24", "all_6", "all_24")
    }
    assert highest["good_6"] < highest["all_6"] < highest["all_24"]
    assert highest["good_6"] < highest["good_24"] < highest["all_24"]


def test_under_assign_good_prospects_only_good_prospects_leave_before_the_longest_stay(
    bench: Workbench, data: FlowData
) -> None:
    day = dt.date(2023, 5, 29)
    terms = stay_terms(
        bench, bench.rulebook(["assign_good_prospects"]), data, [SampleWeek(day, day, 2023)], without_plan_weeks=None
    )
    of = {(row["origin"], row["household"], row["status"]): row["weeks"] for row in terms.iter_rows(named=True)}
    assert of["syria", "alone", "open"] == 0
    assert of["turkiye", "alone", "open"] == 105  # two years from 29 May 2023, 731 days, are 104 weeks and some days
    assert of["turkiye", "family", "open"] == 27
    assert of["turkiye", "alone", "appeal"] == 79  # simply refused: 18 months of federal law
    assert of["western_balkans", "alone", "open"] is None  # safe country of origin: no cap
    assert of["turkiye", "alone", "protected"] == 0


def test_georgia_is_kept_without_a_cap_from_its_listing_on(bench: Workbench, data: FlowData) -> None:
    days = [dt.date(2023, 12, 18), dt.date(2023, 12, 25)]
    terms = stay_terms(
        bench, bench.rulebook(), data, [SampleWeek(day, day, 2023) for day in days], without_plan_weeks=None
    )
    kept = terms.filter(
        (pl.col("origin") == "georgia_moldova") & (pl.col("household") == "alone") & (pl.col("status") == "open")
    )
    assert kept["week"].to_list() == days
    assert kept["weeks"][0] is not None and kept["weeks"][1] is None


def test_terms_change_only_on_days_on_which_law_changes(bench: Workbench, data: FlowData) -> None:
    book = bench.rulebook()
    days = law_days(book, ["reception.stage_plan", "reception.duty"])
    assert {dt.date(2018, 12, 29), dt.date(2023, 12, 23), dt.date(2024, 9, 1), dt.date(2025, 12, 1)} <= days
    weeks = weeks_from(dt.date(2023, 1, 2), 100)
    terms = stay_terms(bench, book, data, [SampleWeek(week, week, 2023) for week in weeks], without_plan_weeks=None)
    starts = set(terms["week"])
    assert starts <= {weeks[0], *(week for week in weeks if any(week - dt.timedelta(days=7) < d <= week for d in days))}


def test_a_reform_changes_no_week_before_its_start(bench: Workbench, found: Callable[[str], Forecast]) -> None:
    plain = found("backtest").reception.movements
    reformed = bench.reception("backtest", reforms=["assign_everybody"]).reception.movements
    before = pl.col("week") < dt.date(2023, 3, 27)
    assert plain.filter(before).equals(reformed.filter(before))
    assert not plain.equals(reformed)


def test_the_published_stocks_are_missed_by_less_than_six_per_cent(found: Callable[[str], Forecast]) -> None:
    table = published_misses(found("backtest"))
    assert table is not None
    stocks = table.filter(pl.col("measure").is_in(["stock", "occupancy"]))
    assert stocks.height == 5 and stocks["miss_percent"].abs().max() < 6  # two figures were chosen to get there
    assert table.filter(pl.col("measure") == "assigned_not_protected")["miss_percent"][0] > 50  # and this is told


def test_the_misses_are_shown_only_where_the_scenario_follows_what_happened(found: Callable[[str], Forecast]) -> None:
    assert published_misses(found("places_29000")) is None


@pytest.mark.parametrize("name", ["backtest", "arrivals_2015", "papers_2023"])
def test_people_are_conserved_in_the_tables_of_every_scenario(name: str, found: Callable[[str], Forecast]) -> None:
    result = found(name).reception
    assert tuple(result.movements.columns) == MOVEMENT_COLUMNS
    assert tuple(result.stocks.columns) == STOCK_COLUMNS
    assert tuple(result.facilities.columns) == FACILITY_COLUMNS
    flows = result.movements.sort("origin", "household", "week").with_columns(
        pl.col("stock").shift(1).over("origin", "household").alias("before"),
        pl.sum_horizontal(DEPARTURES).alias("gone"),
    )
    late = flows.drop_nulls("before")
    assert (
        late.select((pl.col("before") + pl.col("arrivals") - pl.col("gone") - pl.col("stock")).abs().max()).item() == 0
    )
    weekly = result.movements.group_by("week", maintain_order=True).agg(pl.col("stock").sum())["stock"]
    assert weekly.to_list() == result.facilities["occupied"].to_list()


def test_the_paper_scenario_has_municipal_places_returns_and_routes(found: Callable[[str], Forecast]) -> None:
    paper = found("papers_2023")
    assert paper.municipal is not None and paper.returns is not None
    assert paper.credits is not None and paper.quotas is not None and paper.partnerships is not None
    assert set(paper.returns.capacity["authority"]) == {
        f"zab_{place}" for place in ("unna", "bielefeld", "essen", "koeln", "coesfeld")
    }
    credit = {(row["from"] >= dt.date(2023, 12, 1), row["facility"]): row["factor"] for row in paper.credits.to_dicts()}
    assert credit[False, "central"] == Decimal("0.5") and credit[False, "first_reception"] == Decimal("0.7")
    assert credit[True, "central"] == credit[True, "first_reception"] == 1
    used_up = dict(paper.quotas.select("year", "used_up_on").iter_rows())
    assert used_up[2025] == dt.date(2025, 11, 30)


def test_three_million_more_for_the_authorities_reach_the_returns_through_the_rulebook(bench: Workbench) -> None:
    in_force = on_one_day(bench, "papers_2023", law=Law(on=dt.date(2023, 5, 31)))
    paper = on_one_day(bench, "papers_2023")
    assert in_force.returns is not None and paper.returns is not None
    given, asked = (sum(run.returns.capacity["removals_a_year"]) for run in (in_force, paper) if run.returns)
    assert given == pytest.approx(3100, abs=Decimal("0.001"))
    assert asked == pytest.approx(Decimal(3100) * 50 / 47, abs=Decimal("0.001"))


# --- arrivals and decisions -----------------------------------------------------------------------------------------


def test_a_published_number_is_spread_over_its_days_and_stays_whole(data: FlowData) -> None:
    daily = daily_arrivals(data, 2024, "asylum")
    assert len(daily) == 366
    assert daily[:152].sum() == pytest.approx(16637)  # January to May
    assert daily_arrivals(data, 2022, "asylum").sum() == pytest.approx(42859)


def test_the_weeks_of_a_year_hold_its_arrivals(data: FlowData) -> None:
    weeks = weeks_from(dt.date(2017, 1, 2), 52)  # Monday 2 January to Sunday 31 December: all but one day
    arrivals = weekly_arrivals(data, data.groups, weeks, ArrivalPlan())
    assert arrivals.sum() == pytest.approx(41931 * 364 / 365, rel=0.002)


def test_a_year_may_resemble_another_and_be_larger(data: FlowData) -> None:
    weeks = weeks_from(dt.date(2027, 1, 4), 51)
    same = weekly_arrivals(data, data.groups, weeks, ArrivalPlan({2027: 2023}))
    double = weekly_arrivals(data, data.groups, weeks, ArrivalPlan({2027: 2023}, {2027: 2.0}))
    assert np.allclose(double, 2 * same) and same.sum() > 80_000


def test_a_year_after_the_last_known_one_resembles_that_one(data: FlowData) -> None:
    assert ArrivalPlan().source_year(2031, known_years(data)) == 2025
    with pytest.raises(NoArrivalsForYear):
        weekly_arrivals(data, data.groups, weeks_from(dt.date(2027, 1, 4), 2), ArrivalPlan({2027: 2099}))


def test_shares_of_origin_sum_to_one_in_every_year_and_intake(data: FlowData) -> None:
    for year in known_years(data):
        mix = origin_mix(data, year)
        asylum = sum(share for name, share in mix.items() if data.figures.origins[name].intake == "asylum")
        assert asylum == pytest.approx(1)


def test_protection_rates_are_those_of_the_published_decisions(data: FlowData) -> None:
    assert round(decided_in(data, "syria", 2022).protected, 3) == 0.911
    assert round(decided_in(data, "afghanistan", 2025).adjusted, 3) == 0.658
    assert prospects_of(data, "syria", 2022) == "good" and prospects_of(data, "syria", 2025) == "unlikely"
    assert prospects_of(data, "georgia_moldova", 2022) == "unlikely"


def test_chances_are_chances(data: FlowData) -> None:
    made = chances(data, data.groups, [2015, 2022, 2025])
    for array in (made.decided, made.heard, made.won, made.removed, made.voluntary, made.left):
        assert array.shape == (3, len(data.groups)) and (array >= 0).all() and (array <= 1).all()
    assert (made.splits >= 0).all() and (made.splits.sum(axis=2) <= 1 + 1e-12).all()


# --- what a user meets ----------------------------------------------------------------------------------------------


def test_every_assumption_has_a_source_or_is_called_one(found: Callable[[str], Forecast]) -> None:
    lines = found("papers_2023").reception.assumptions
    assert len({line.name for line in lines}) == len(lines)
    assert all(line.source.strip() and line.value for line in lines)
    assert any(line.is_assumed for line in lines) and not all(line.is_assumed for line in lines)
    rules = {line.name.rpartition(".")[0] for line in lines}
    assert {"reception.stage_plan", "reception.duty"} <= rules


def test_every_scenario_of_the_checkout_can_be_read(bench: Workbench) -> None:
    names = scenario_names(bench.params)
    assert {"backtest", "places_29000", "places_80000", "stay_good_24", "arrivals_2015"} <= set(names)
    assert all(load_scenario(name, bench.params).title.de for name in names)


def test_a_wrong_name_is_told_with_the_nearest(bench: Workbench) -> None:
    with pytest.raises(UnknownReceptionScenario, match="places_29000"):
        load_scenario("places_2900", bench.params)


def _a_scenario(folder: Path, *lines: str) -> str:
    path = folder / "eigenes.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_file_of_ones_own_may_be_like_a_known_scenario(bench: Workbench, tmp_path: Path) -> None:
    name = _a_scenario(tmp_path, "like: places_29000", "weeks: 8", 'title: {de: "Übung", en: Exercise}')
    scenario = load_scenario(name, bench.params)
    assert (scenario.weeks, scenario.title.de) == (8, "Übung")
    assert scenario.law == load_scenario("places_29000", bench.params).law


@pytest.mark.parametrize(
    ("line", "problem", "told"),
    [
        ("like: places_2900", UnknownReceptionScenario, "eigenes.yaml:1"),
        ("like: places_29000\nwochen: 8", UnknownKey, "wochen"),
        ("like: places_29000\nstart: 2023-02-30", StellwerkError, "2023-02-30"),
        ("like: places_29000\nweeks: 0", StellwerkError, "weeks"),
        ("", StellwerkError, "eigenes.yaml"),
    ],
)
def test_a_mistake_in_a_scenario_is_told_where_it_stands(
    bench: Workbench, tmp_path: Path, line: str, problem: type[StellwerkError], told: str
) -> None:
    with pytest.raises(problem, match=told):
        load_scenario(_a_scenario(tmp_path, line), bench.params)


def test_a_figure_that_the_model_does_not_have_is_refused_with_the_nearest(bench: Workbench, tmp_path: Path) -> None:
    name = _a_scenario(tmp_path, "like: places_29000", "figures: {left_a_week: 0.01}")
    with pytest.raises(UnknownFigure, match="left_per_week"):
        bench.reception(name)


def test_a_figure_set_by_the_scenario_is_told_with_the_scenario_as_source(bench: Workbench, tmp_path: Path) -> None:
    name = _a_scenario(tmp_path, "like: places_29000", "weeks: 4", "warm_up_weeks: 0", "figures: {left_per_week: 0.01}")
    line = next(item for item in bench.reception(name).reception.assumptions if item.name == "left_per_week")
    assert (line.value, line.is_assumed) == ("0.01", True)


def test_a_limit_on_municipal_intake_lets_people_wait(bench: Workbench) -> None:
    free = on_one_day(bench, "backtest")
    narrow = free.scenario.assignment.model_copy(update={"municipal_intake_per_week": 600.0})
    tight = on_one_day(bench, "backtest", assignment=narrow)
    assert float(free.reception.movements["due"].sum()) == 0
    assert float(tight.reception.movements["due"].sum()) > 0
    assert tight.reception.facilities["occupied"].max() > free.reception.facilities["occupied"].max()


def test_the_tables_are_written_whole_and_a_strange_folder_is_left_alone(
    found: Callable[[str], Forecast], tmp_path: Path
) -> None:
    paper = found("papers_2023")
    write_forecast(paper, None, tmp_path / "neu", "de")
    written = {path.stem for path in (tmp_path / "neu").iterdir()}
    assert written == set(tables_of(paper, None, "de")) <= set(NAMES)
    again = pl.read_csv(tmp_path / "neu" / "movements.csv")
    assert again.height == paper.reception.movements.height
    (tmp_path / "neu" / "brief.txt").write_text("fremd", encoding="utf-8")
    with pytest.raises(FolderInUse):
        write_forecast(paper, None, tmp_path / "neu", "de")


def test_the_command_names_the_week_and_ends_with_findings(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("reception", "places_29000")
    assert code == 1
    assert "Plätze zuerst überschritten in der Woche ab 28.02.2022" in out and "Annahme" in out


def test_the_command_for_machines_holds_spread_and_assumptions(run: Run, tmp_path: Path) -> None:
    code, out, err = run("reception", "backtest", "--runs", "250", "--seed", "1", "--json", "-o", tmp_path / "out")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["exceeded"]["places"] is None and told["exceeded"]["target"] is not None
    assert told["spread"]["runs"] == 250 and len(told["spread"]["weeks"]) == told["weeks"]
    assert len(told["published"]) == 8 and told["assumptions"]
    assert (tmp_path / "out" / "spread.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("places_2900",), "places_29000"),
        (("gibtsnicht.yaml",), "gibtsnicht.yaml"),
        (("backtest", "--reform", "stay_six_month"), "stay_six_months"),
        (("backtest", "-o", "/gibt/es/nicht/out"), "gibt/es/nicht"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(run: Run, arguments: tuple[str, ...], told: str) -> None:
    code, _, err = run("reception", *arguments)
    assert code == 2 and told in err and "Traceback" not in err


# --- the page for its users -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(checkout: Path) -> str:
    return (checkout / "docs" / "aufnahme.md").read_text(encoding="utf-8")


def test_the_misses_on_the_page_are_those_of_the_model(page: str, found: Callable[[str], Forecast]) -> None:
    table = published_misses(found("backtest"))
    assert table is not None
    for row in table.iter_rows(named=True):
        share = row["measure"].startswith("occupancy")
        shown = formats.share(row["model"], "de") if share else formats.number(round(row["model"]), "de")
        assert f"| {formats.date(row['to'], 'de')} | " in page and f" | {shown} | " in page


def test_the_scenario_on_the_page_can_be_run_and_its_commands_name_what_exists(
    page: str, bench: Workbench, tmp_path: Path
) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    scenario = load_scenario(_a_scenario(tmp_path, block), bench.params)
    assert scenario.assignment.municipal_intake_per_week == 900
    assert forecast(bench, "x", scenario.model_copy(update={"weeks": 8, "warm_up_weeks": 8})).reception.movements.height
    named = set(re.findall(r"stellwerk reception (\w+)", page)) - {"SZENARIO"}
    assert named and named <= set(scenario_names(bench.params))
    assert set(re.findall(r"--reform (\w+)", page)) <= set(bench.rulebook().reforms)


def test_every_scenario_and_reform_of_the_checkout_stands_on_the_page(page: str, bench: Workbench) -> None:
    assert all(f"`{name}`" in page for name in scenario_names(bench.params))
