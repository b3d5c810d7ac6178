"""On the Pareto front no plan is beaten by another; tighter quotas never let the best plan win more."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_placements import drawn_task, no_prices

from stellwerk.distribution.placement import Instance, Plan, SolverSettings, solve
from stellwerk.distribution.placement.frontier import Point, explore, front, in_band, measured, table, with_headroom

QUOTAS = (drawn_task(60, 6).capacity[:, 0] * 10 + 5) // 11


def solved(instance: Instance) -> Plan:
    return solve(instance, SolverSettings(target_gap=0, seconds=Decimal(20)))


@pytest.fixture(scope="module")
def points() -> list[Point]:
    bands, headrooms = [Decimal("0.1"), Decimal("0.3"), Decimal("0.5")], [Decimal(0), Decimal("0.1")]
    return list(explore(drawn_task(60, 6), QUOTAS, bands, headrooms, solved))


def test_points_of_the_front_do_not_beat_each_other_and_beat_all_others(points: list[Point]) -> None:
    best = front(points)
    assert best
    assert not [(a, b) for a in best for b in best if a.beats(b)]
    for other in points:
        assert other in best or any(
            one.beats(other)
            or (one.fit, one.deviation, one.unevenness) == (other.fit, other.deviation, other.unevenness)
            for one in best
        )


values = st.integers(0, 3).map(Fraction)


@given(st.lists(st.tuples(values, values, values), min_size=1, max_size=8))
def test_whatever_the_measures_the_front_is_never_empty_and_mutually_unbeaten(
    measures: list[tuple[Fraction, Fraction, Fraction]],
) -> None:
    nobody: Plan = None  # type: ignore[assignment]
    drawn = [Point(Decimal(n), Decimal(0), nobody, *measure) for n, measure in enumerate(measures)]
    best = front(drawn)
    assert best
    assert not [(a, b) for a in best for b in best if a.beats(b)]
    assert all(any(one.beats(other) for one in best) for other in drawn if any(one.beats(other) for one in drawn))


def test_a_wider_band_never_wins_fewer_points(points: list[Point]) -> None:
    objectives = [point.plan.certificate.objective for point in points if point.headroom == 0]
    assert objectives == sorted(objectives)


def test_no_locality_leaves_its_band(points: list[Point]) -> None:
    for point in points:
        load = point.plan.load[:, 0]
        assert (load <= np.ceil(QUOTAS * (1 + float(point.band)) + 1e-9)).all()


def test_a_band_is_the_quota_with_its_share_and_headroom_leaves_services_free() -> None:
    instance = drawn_task(60, 6)
    banded = in_band(instance, np.full(6, 10), Decimal("0.25"))
    assert banded.capacity[:, 0].tolist() == [13] * 6
    assert banded.floor.tolist() == [7] * 6
    roomy = with_headroom(instance, Decimal("0.1"))
    assert (roomy.capacity[:, 0] == instance.capacity[:, 0]).all()
    assert (roomy.capacity[:, 1] == instance.capacity[:, 1] * 9 // 10).all()


def test_measures_are_exact_and_by_hand() -> None:
    instance = drawn_task(3, 2)
    where = np.array([0, 0, 2], dtype=np.int32)
    plan = Plan(instance, where, no_prices(instance), None, 0.0)  # type: ignore[arg-type]
    point = measured(instance, np.array([1, 1]), Decimal(0), Decimal(0), plan)
    persons = int(instance.sizes.sum())
    there = int(instance.sizes[:2].sum())
    assert point.deviation == Fraction(abs(there - 1) + 1, persons)
    won = int(instance.scores[0, 0]) + int(instance.scores[1, 0]) - 10_000 * int(instance.sizes[2])
    assert point.fit == Fraction(won, persons * 10_000)


def test_the_table_has_a_row_a_point(points: list[Point]) -> None:
    shown = table(points)
    assert shown.height == 6
    assert shown["gap"].max() is not None
