"""The flow model: nobody gets lost, the compiled run is the plain one, runs do not depend on threads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path as FilePath

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.flows import kernel
from stellwerk.flows.facilities import PlacePlan, active_places, course_of_places, exceedances, facility_frame
from stellwerk.flows.figures import FlowData, Group, load_flow_data
from stellwerk.flows.montecarlo import RunsOutOfBounds, simulate, spread_of, summed_up
from stellwerk.flows.persons import PER_PERSON, parts_of, persons_column
from stellwerk.flows.procedures import Chances
from stellwerk.flows.reception import Model, Rooms, expected, movements, starting_with, stocks
from stellwerk.flows.recursion import expected_in_python
from stellwerk.flows.results import DEPARTURES, STATUSES
from stellwerk.flows.stay import TERM_COLUMNS, TermMissing, Terms, terms_of

MONDAY = dt.date(2023, 1, 2)
GROUPS = (Group("syria", "alone"), Group("syria", "family"), Group("other", "alone"))


@pytest.fixture(scope="module")
def data(checkout: FilePath) -> FlowData:
    return load_flow_data(checkout / "params")


@st.composite
def models(draw: st.DrawFn) -> Model:
    weeks, eras = draw(st.integers(1, 20)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    groups = len(GROUPS)
    splits = rng.dirichlet(np.ones(5), (eras, groups))[:, :, :4]
    lasting = rng.random((2, groups, kernel.N_STATUSES)) < 0.2
    room = draw(st.sampled_from((None, 0.0, 3.0, 40.0)))
    return Model(
        weeks=tuple(MONDAY + dt.timedelta(weeks=index) for index in range(weeks)),
        groups=GROUPS,
        arrivals=parts_of(rng.exponential(20, (weeks, groups))),
        enters_as=rng.choice([kernel.OPEN, kernel.PROTECTED], groups).astype(np.int64),
        begin=parts_of(rng.exponential(0.2, (groups, kernel.N_STATUSES, kernel.OLDEST + 1))),
        era=rng.integers(0, eras, weeks),
        chances=Chances(*(_shares(rng, eras, groups, most) for most in (0.4,)), splits,
                        *(_shares(rng, eras, groups, most) for most in (0.4, 1.0, 0.3, 0.3, 0.1))),
        terms=Terms(
            np.where(lasting, kernel.NEVER, rng.integers(0, 30, lasting.shape)),
            rng.integers(0, kernel.N_TURNS, lasting.shape),
            rng.integers(0, 2, weeks),
        ),
        rooms=Rooms(room, draw(st.sampled_from((None, 0.0, 2.0)))),
        first_weeks=draw(st.integers(1, 5)),
    )  # fmt: skip


def _shares(rng: np.random.Generator, eras: int, groups: int, most: float) -> np.ndarray:
    return rng.uniform(0, most, (eras, groups))


# --- people are conserved -------------------------------------------------------------------------------------------


@given(models())
def test_arrivals_are_departures_and_stock_in_every_week_and_group(model: Model) -> None:
    path = expected(model)
    assert path.imbalance(model.begin) == 0.0
    assert path.end.sum() == path.flows[-1, :, kernel.STOCK].sum() == path.stocks[-1].sum()
    assert path.flows.min() >= 0 and path.stocks.min() >= 0 and path.end.min() >= 0


@given(models())
@settings(max_examples=15)
def test_the_compiled_run_is_the_plain_one_to_the_last_part(model: Model) -> None:
    quick, plain = expected(model), expected_in_python(model)
    assert np.array_equal(quick.flows, plain.flows)
    assert np.array_equal(quick.stocks, plain.stocks)
    assert np.array_equal(quick.end, plain.end)


@given(models())
def test_municipalities_never_take_more_than_they_have_room_for(model: Model) -> None:
    path = expected(replace(model, rooms=Rooms(assignments=3.0)))
    kinds = [kernel.ASSIGNED_PROTECTED, kernel.ASSIGNED_OPEN, kernel.ASSIGNED_REFUSED]
    assert path.flows[:, :, kinds].sum(axis=(1, 2)).max() <= 3 * PER_PERSON


@given(models())
def test_nobody_waits_where_there_is_room_for_all_and_all_who_are_due_wait_where_there_is_none(model: Model) -> None:
    free, closed = expected(replace(model, rooms=Rooms())), expected(replace(model, rooms=Rooms(assignments=0.0)))
    assert free.flows[:, :, kernel.DUE].sum() == 0
    assert closed.flows[:, :, kernel.ASSIGNED_PROTECTED : kernel.ASSIGNED_REFUSED + 1].sum() == 0
    assert closed.flows[-1, :, kernel.STOCK].sum() >= free.flows[-1, :, kernel.STOCK].sum()


@given(models())
def test_the_earlier_turn_is_served_before_the_later_one(model: Model) -> None:
    first_turn = np.zeros_like(model.terms.turn)
    first_turn[:, 1:, :] = 2
    path = expected(replace(model, rooms=Rooms(assignments=3.0), terms=replace(model.terms, turn=first_turn)))
    later = path.flows[:, 1:, kernel.ASSIGNED_PROTECTED : kernel.ASSIGNED_REFUSED + 1].sum(axis=(1, 2))
    still_waiting = path.flows[:, 0, kernel.DUE] > 100  # parts that rounding down leaves behind are no waiting people
    assert not (later[still_waiting] > 0).any()


@given(models())
def test_removals_keep_to_their_room(model: Model) -> None:
    path = expected(replace(model, rooms=Rooms(removals=2.0)))
    assert path.total(kernel.REMOVED).max() <= 2 * PER_PERSON


def test_the_tables_say_what_the_arrays_say_and_add_up_exactly() -> None:
    model = _even(weeks=30)
    path = expected(model)
    table = movements(path)
    assert table.height == 30 * len(GROUPS)
    for _, rows in table.group_by("origin", "household", maintain_order=True):
        before = 0
        for row in rows.iter_rows(named=True):
            assert before + row["arrivals"] - sum(row[kind] for kind in DEPARTURES) == row["stock"]
            before = row["stock"]
    by_status = stocks(path).group_by("week", "origin", "household", maintain_order=True).agg(pl.col("persons").sum())
    assert by_status["persons"].to_list() == table["stock"].to_list()
    assert set(stocks(path)["status"]) == set(STATUSES)


def test_a_millionth_of_a_person_is_shown_exactly() -> None:
    shown = persons_column("persons", np.array([[1_234_567.0, 5.0], [0.0, 123_456_789_012.0]]))
    assert [str(value) for value in shown] == ["1.234567", "0.000005", "0.000000", "123456.789012"]


def test_a_start_is_scaled_to_the_published_number() -> None:
    model = _even(weeks=3)
    begun = starting_with(model, expected(_even(weeks=20)).end, 1000)
    assert begun.begin.sum() / PER_PERSON == pytest.approx(1000, abs=0.01)


def test_a_longer_stay_fills_more_places() -> None:
    stays = [expected(_even(weeks=100, due=due)).total(kernel.STOCK)[-1] for due in (4, 26, 104)]
    assert stays == sorted(stays) and stays[0] < stays[-1]


# --- terms of stay --------------------------------------------------------------------------------------------------


def test_a_term_holds_from_its_week_on_and_an_empty_one_never_ends() -> None:
    later = MONDAY + dt.timedelta(weeks=2)
    table = pl.concat([_terms(MONDAY, 10), _terms(later, None)])
    weeks = [MONDAY + dt.timedelta(weeks=index) for index in range(4)]
    terms = terms_of(table, weeks, GROUPS, dict.fromkeys(STATUSES, 3))
    assert list(terms.holds) == [0, 0, 1, 1]
    assert set(terms.due[0].flat) == {10} and set(terms.due[1].flat) == {kernel.NEVER}


def test_nobody_is_due_before_assignment_can_be_done() -> None:
    terms = terms_of(_terms(MONDAY, 0), [MONDAY], GROUPS, {**dict.fromkeys(STATUSES, 18), "protected": 3})
    assert terms.due[0, 0].tolist() == [18, 18, 18, 18, 3]


def test_a_week_before_the_first_term_is_refused() -> None:
    with pytest.raises(TermMissing):
        terms_of(_terms(MONDAY, 5), [MONDAY - dt.timedelta(weeks=1)], GROUPS, dict.fromkeys(STATUSES, 3))


# --- places ---------------------------------------------------------------------------------------------------------


def _plan(active: int, weeks: int, **changed: object) -> PlacePlan:
    values = {"reserve": 0, "opens_after": 4, "closes_after": 6, "target": 0.8, "close_below": 0.6, **changed}
    return PlacePlan(np.full(weeks, active), **values)  # type: ignore[arg-type]


def test_reserve_is_ordered_when_the_target_is_passed_and_there_after_its_lead_time() -> None:
    stock = np.array([[70.0, 90.0, *[90.0] * 10]])
    made = course_of_places(stock, _plan(100, 12, reserve=50))
    assert made.active[0].tolist() == [100] * 5 + [113] * 7
    assert made.opening[0].tolist() == [0, 0, 13, 13, 13, 0, 0, 0, 0, 0, 0, 0]
    assert (made.active + made.opening + made.reserve == 150).all()


def test_opened_reserve_is_given_back_after_its_lead_time_when_few_are_there() -> None:
    stock = np.array([[90.0] + [40.0] * 20])
    made = course_of_places(stock, _plan(100, 21, reserve=50))
    assert made.active[0].max() == 113 and made.active[0, -1] == 100
    assert made.reserve[0, -1] == 50 and made.closing[0].max() == 13


@given(st.lists(st.floats(0, 500), min_size=1, max_size=40), st.integers(0, 100))
def test_places_are_neither_made_nor_lost_by_opening_and_closing(stock: list[float], reserve: int) -> None:
    made = course_of_places(np.array([stock]), _plan(100, len(stock), reserve=reserve))
    assert (made.active + made.opening + made.reserve == 100 + reserve).all()
    assert made.reserve.min() >= 0 and made.active.min() >= 100


def test_what_does_not_fit_needs_emergency_places_and_the_first_week_is_named() -> None:
    path = expected(_even(weeks=60))
    crowd = path.total(kernel.STOCK) / PER_PERSON
    frame = facility_frame(path, _plan(int(crowd[-1]) - 5, 60))
    first = next(week for week, there in zip(path.weeks, crowd, strict=True) if there > int(crowd[-1]) - 5)
    found = {item.limit: item.week for item in exceedances(frame, 0.8)}
    assert found["places"] == first and found["target"] < first
    assert float(frame["emergency"][-1]) == pytest.approx(crowd[-1] - int(crowd[-1]) + 5, abs=1e-6)
    assert (frame["occupied"] == frame["first_reception"] + frame["central"]).all()


def test_steps_of_places_hold_from_their_day() -> None:
    weeks = [MONDAY + dt.timedelta(weeks=index) for index in range(3)]
    assert active_places(weeks, [(MONDAY + dt.timedelta(days=8), 7), (MONDAY, 5)]).tolist() == [5, 5, 7]


# --- runs -----------------------------------------------------------------------------------------------------------


def test_runs_are_the_same_whatever_the_threads(data: FlowData) -> None:
    model = _even(weeks=26)
    alone, together = (simulate(model, data, 600, 7, threads=threads) for threads in (1, 3))
    assert alone.stock.tobytes() == together.stock.tobytes()
    assert alone.arrivals.tobytes() == together.arrivals.tobytes()
    assert alone.assigned.tobytes() == together.assigned.tobytes()


def test_more_runs_keep_those_already_drawn_and_another_seed_draws_others(data: FlowData) -> None:
    model = _even(weeks=10)
    few, many, others = simulate(model, data, 300, 7), simulate(model, data, 600, 7), simulate(model, data, 300, 8)
    assert np.array_equal(few.stock, many.stock[:300])
    assert not np.array_equal(few.stock, others.stock)


def test_the_runs_lie_around_the_expectation(data: FlowData) -> None:
    model = _even(weeks=52)
    found = simulate(model, data, 2000, 7)
    assert found.arrivals.mean() == pytest.approx(model.arrivals.sum(axis=1).mean() / PER_PERSON, rel=0.02)
    path = expected(model)
    assert found.stock[:, -1].mean() == pytest.approx(path.total(kernel.STOCK)[-1] / PER_PERSON, rel=0.05)
    assert np.allclose(found.arrivals, np.rint(found.arrivals), atol=1e-5)  # whole persons arrive


def test_quantiles_are_ordered_and_chances_are_shares_of_runs(data: FlowData) -> None:
    model, runs = _even(weeks=52), 500
    places = _plan(int(expected(model).total(kernel.STOCK)[-1] / PER_PERSON), 52)
    spread = spread_of(model, places, data, runs, 7)
    levels = spread.weeks.select("p05", "p25", "p50", "p75", "p95").to_numpy()
    assert (np.diff(levels, axis=1) >= 0).all()
    found = simulate(model, data, runs, 7)
    assert spread.weeks["chance_above_places"].to_list() == (found.stock > places.active).mean(axis=0).tolist()
    kept = (found.stock.max(axis=1) <= spread.places_needed["full"]).mean()
    assert 0.95 <= kept <= 0.96
    assert spread.places_needed["target"] >= spread.places_needed["full"]
    assert 0 < spread.ever_exceeded["places"] <= spread.ever_exceeded["target"] <= 1
    assert summed_up(found, model, places, 7).weeks.equals(spread.weeks)


@pytest.mark.parametrize("runs", [0, -1, 100_001])
def test_a_number_of_runs_that_makes_no_sense_is_refused(data: FlowData, runs: int) -> None:
    with pytest.raises(RunsOutOfBounds):
        simulate(_even(weeks=2), data, runs, 7)


def _even(weeks: int, due: int = 20) -> Model:
    """The same 30 persons a week and group, the same chances throughout."""
    groups = len(GROUPS)
    same = np.ones((1, groups))
    return Model(
        weeks=tuple(MONDAY + dt.timedelta(weeks=index) for index in range(weeks)),
        groups=GROUPS,
        arrivals=parts_of(np.full((weeks, groups), 30.0)),
        enters_as=np.zeros(groups, np.int64),
        begin=np.zeros((groups, kernel.N_STATUSES, kernel.OLDEST + 1)),
        era=np.zeros(weeks, np.int64),
        chances=Chances(
            same * 0.03,
            np.tile([0.5, 0.2, 0.1, 0.1], (1, groups, 1)),
            same * 0.02,
            same * 0.2,
            same * 0.01,
            same * 0.01,
            same * 0.005,
        ),
        terms=Terms(
            np.full((1, groups, kernel.N_STATUSES), due),
            np.zeros((1, groups, kernel.N_STATUSES), np.int64),
            np.zeros(weeks, np.int64),
        ),
        rooms=Rooms(),
        first_weeks=3,
    )


def _terms(week: dt.date, weeks: int | None) -> pl.DataFrame:
    rows = [
        {
            "week": week,
            "origin": group.origin,
            "household": group.household,
            "status": status,
            "weeks": weeks,
            "turn": 0,
        }
        for group in GROUPS
        for status in STATUSES
    ]
    return pl.DataFrame(rows, schema=TERM_COLUMNS, schema_overrides={"weeks": pl.Int64}, orient="row")
