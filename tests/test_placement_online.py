"""A year placed week by week keeps every limit, runs at an even pace, and comes close to what hindsight could do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from small_placements import drawn_task

from stellwerk.distribution.placement import Instance, Plan, Prices, SolverSettings, solve
from stellwerk.distribution.placement.instance import Whole
from stellwerk.distribution.placement.online import (
    EarlierYear,
    Revision,
    WeeksDoNotMatch,
    learnt,
    place_year,
    replan,
)
from stellwerk.distribution.placement.plan import violations_of

WEEKS = 13


def solved(instance: Instance) -> Plan:
    return solve(instance, SolverSettings(seconds=Decimal(20)))


def two_years() -> tuple[Instance, Instance]:
    """One drawn crowd in two halves: last year's families and this year's, in the same localities."""
    both = drawn_task(400, 8, seed=4)

    def half(rows: Whole) -> Instance:
        return replace(
            both,
            families=tuple(both.families[f] for f in rows),
            demand=both.demand[rows], scores=both.scores[rows], stay=both.stay[rows],
            locks=both.locks[rows], ties=both.ties[rows],
            capacity=(both.capacity + 1) // 2, floor=both.floor // 2,
        )  # fmt: skip

    return half(np.arange(0, 400, 2)), half(np.arange(1, 400, 2))


@pytest.fixture(scope="module")
def years() -> tuple[Instance, Instance]:
    return two_years()


def weeks_of(instance: Instance) -> Whole:
    return np.arange(len(instance.families)) * WEEKS // len(instance.families)


@pytest.fixture(scope="module")
def earlier(years: tuple[Instance, Instance]) -> EarlierYear:
    return EarlierYear(years[0], weeks_of(years[0]), solved(years[0]).prices)


def quotas_of(instance: Instance) -> Whole:
    return (instance.capacity[:, 0] * 10 + 5) // 11


def test_no_capacity_is_exceeded_and_everybody_is_somewhere(
    years: tuple[Instance, Instance], earlier: EarlierYear
) -> None:
    year = years[1]
    found = place_year(year, weeks_of(year), quotas_of(year), earlier, Decimal("0.05"))
    assert violations_of(year, found.where) == 0
    assert found.by_week["families"].sum() == len(year.families)
    assert found.by_week["persons"].sum() == year.sizes.sum()
    assert found.by_week["staying"].sum() == (found.where == year.staying).sum()


def test_prices_of_the_year_before_come_close_to_hindsight_and_beat_none(
    years: tuple[Instance, Instance], earlier: EarlierYear
) -> None:
    year, hindsight = years[1], solved(years[1])
    free = Prices(np.zeros_like(year.capacity), np.zeros_like(year.floor))
    priced = place_year(year, weeks_of(year), quotas_of(year), earlier, Decimal("0.05"))
    greedy = place_year(year, weeks_of(year), quotas_of(year), replace(earlier, prices=free), Decimal(0))
    share, share_of_greedy = priced.share_of(hindsight), greedy.share_of(hindsight)
    assert share is not None and share_of_greedy is not None
    assert share_of_greedy < share <= 1 + hindsight.certificate.gap
    assert share > Decimal("0.85")


def test_balance_makes_the_pace_even(years: tuple[Instance, Instance], earlier: EarlierYear) -> None:
    year = years[1]
    uneven, even = (
        place_year(year, weeks_of(year), quotas_of(year), earlier, balance).mean_deviation
        for balance in (Decimal(0), Decimal("0.3"))
    )
    assert even < uneven


def test_the_same_year_is_placed_the_same_way_twice(years: tuple[Instance, Instance], earlier: EarlierYear) -> None:
    year = years[1]
    first, again = (place_year(year, weeks_of(year), quotas_of(year), earlier, Decimal("0.05")) for _ in range(2))
    assert (first.where == again.where).all()
    assert first.by_week.equals(again.by_week)


def test_what_comes_later_does_not_change_what_was_decided_earlier(
    years: tuple[Instance, Instance], earlier: EarlierYear
) -> None:
    year = years[1]
    weeks = weeks_of(year)
    late = weeks >= 7
    other_scores = year.scores.copy()
    other_scores[late] = other_scores[late][:, ::-1]
    first = place_year(year, weeks, quotas_of(year), earlier, Decimal("0.05"))
    other = place_year(replace(year, scores=other_scores), weeks, quotas_of(year), earlier, Decimal("0.05"))
    assert (first.where[~late] == other.where[~late]).all()


def test_a_capacity_revised_in_mid_year_holds_from_its_week_on(
    years: tuple[Instance, Instance], earlier: EarlierYear
) -> None:
    year = years[1]
    weeks = weeks_of(year)
    closed = Revision(week=5, locality=2, resource=0, capacity=0)
    found = place_year(year, weeks, quotas_of(year), earlier, Decimal("0.05"), revisions=[closed])
    assert (found.where[weeks < 5] == 2).any()
    assert not (found.where[weeks >= 5] == 2).any()
    assert violations_of(found.instance, found.where) == 0


def test_prices_are_learnt_again_from_what_is_left(years: tuple[Instance, Instance], earlier: EarlierYear) -> None:
    year, asked = years[1], []

    def learn(instance: Instance) -> Prices:
        asked.append(instance)
        return solved(instance).prices

    found = place_year(year, weeks_of(year), quotas_of(year), earlier, Decimal("0.05"), relearn_in=[6], learn=learn)
    (rest,) = asked
    assert len(rest.families) == (earlier.weeks >= 6).sum()
    assert rest.capacity[:, 0].sum() < year.capacity[:, 0].sum()
    assert violations_of(year, found.where) == 0


def test_with_nothing_left_prices_can_still_be_learnt(earlier: EarlierYear) -> None:
    nothing = replace(earlier.instance, capacity=earlier.instance.capacity * 0, floor=earlier.instance.floor * 0)
    assert learnt(earlier, 12, nothing, lambda rest: solved(rest).prices).capacity.min() >= 0


def test_who_has_moved_stays_where_it_is_when_the_rest_is_planned_again(years: tuple[Instance, Instance]) -> None:
    year = years[0]
    before = solved(year)
    moved = np.arange(len(year.families)) < 130
    smaller = replace(year, capacity=year.capacity * 9 // 10, floor=year.floor // 2)
    again = replan(smaller, before.where, moved, solved)
    assert (again.where[moved] == before.where[moved]).all()
    assert again.certificate.violations == 0


def test_each_family_needs_a_week(years: tuple[Instance, Instance], earlier: EarlierYear) -> None:
    with pytest.raises(WeeksDoNotMatch, match="200"):
        place_year(years[1], np.zeros(3, dtype=np.int64), quotas_of(years[1]), earlier, Decimal(0))
