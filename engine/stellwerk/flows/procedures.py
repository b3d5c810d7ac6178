"""How fast are applications decided, how do decisions fall, and how do people leave, in each year and group?

In go the published decisions by origin and year and the figures of durations and departures; out come the chances of
a week as arrays [year, group], and the prospects of staying by which assignment is ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stellwerk.errors import StellwerkError
from stellwerk.flows.figures import FlowData, Group

WEEKS_A_MONTH = 365.25 / 12 / 7


class NoDecisionsForYear(StellwerkError):
    """No decision of a year is on record."""


@dataclass(frozen=True)
class Chances:
    """The chances of one week, by year e and group g; `splits` [e, g, 4] as the kernel takes them."""

    decided: NDArray[np.float64]
    splits: NDArray[np.float64]
    heard: NDArray[np.float64]
    won: NDArray[np.float64]
    removed: NDArray[np.float64]
    voluntary: NDArray[np.float64]
    left: NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """How a year's decisions on a group fell, as shares of all; they sum to one."""

    protected: float
    rejected: float
    closed: float

    @property
    def adjusted(self) -> float:
        """The protection rate among decisions on the merits."""
        merits = self.protected + self.rejected
        return self.protected / merits if merits else 0.0


def decided_in(data: FlowData, origin: str, year: int) -> Decided:
    """The published decisions of a year on an origin group; a group without any has nothing decided."""
    if year not in data.decided:
        raise NoDecisionsForYear(year=year, known=f"{min(data.decided)}–{max(data.decided)}")
    recognised, other, rejected, closed = data.decided[year].get(origin, (0, 0, 0, 0))
    total = recognised + other + rejected + closed
    if not total:
        return Decided(0.0, 0.0, 1.0)
    return Decided((recognised + other) / total, rejected / total, closed / total)


def prospects_of(data: FlowData, origin: str, year: int) -> str:
    """Good, unclear or unlikely prospects of staying, by the adjusted protection rate of the year."""
    rate = decided_in(data, origin, year).adjusted
    if rate >= data.figures["good_prospects_from"]:
        return "good"
    return "unlikely" if rate < data.figures["unlikely_prospects_below"] else "unclear"


def chances(data: FlowData, groups: Sequence[Group], years: Sequence[int]) -> Chances:
    """The chances of a week for each year and group."""
    figures, shape = data.figures, (len(years), len(groups))
    decided = [per_week(figures.by_year["decision_months"].of(year)) for year in years]
    heard = [per_week(figures.by_year["court_months"].of(year)) for year in years]
    splits = {
        (year, origin): _split(data, decided_in(data, origin, year))
        for year in years
        for origin in {group.origin for group in groups}
    }
    return Chances(
        decided=np.broadcast_to(np.array(decided)[:, None], shape).copy(),
        splits=np.array([[splits[year, group.origin] for group in groups] for year in years]),
        heard=np.broadcast_to(np.array(heard)[:, None], shape).copy(),
        won=np.full(shape, figures["won_share"]),
        removed=np.full(shape, figures["removed_per_week"]),
        voluntary=np.full(shape, figures["voluntary_per_week"]),
        left=np.full(shape, figures["left_per_week"]),
    )


def per_week(months: float) -> float:
    """The chance of a week where the mean is `months`."""
    return min(1.0, 1 / (months * WEEKS_A_MONTH))


def _split(data: FlowData, decided: Decided) -> tuple[float, float, float, float]:
    figures = data.figures
    rare = decided.adjusted < figures["unlikely_prospects_below"]
    at_once = decided.rejected * figures["at_once_share.low" if rare else "at_once_share.other"]
    refused = decided.rejected - at_once
    inadmissible = decided.closed * figures["inadmissible_share"]
    appealed = refused * figures["appeal_share"]
    return decided.protected, appealed, refused - appealed, at_once + inadmissible
