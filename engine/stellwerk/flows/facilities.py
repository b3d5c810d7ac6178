"""How many state places are there each week, when is the reserve opened and closed, and what does not fit?

In go the stock of each week (one course or many runs at once) and a plan of places: active by date, a reserve with
the weeks it takes to open and close it, the occupancy aimed at. Out come active, opening and closing places, the
emergency places needed beyond, and the first week above a limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stellwerk.flows import kernel
from stellwerk.flows.persons import PER_PERSON, as_persons, persons_column
from stellwerk.flows.reception import Path
from stellwerk.flows.results import Exceedance

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlacePlan:
    """Places of the Land, without the reserve opened on demand.

    `active` [week]: places planned as active. `reserve`: places kept ready beside them. The reserve is ordered when
    more than `target` of the active places are taken, and given back when less than `close_below` of them are.
    """

    active: Counts
    reserve: int
    opens_after: int
    closes_after: int
    target: float
    close_below: float


@dataclass(frozen=True)
class PlaceCourse:
    """Places by run and week: active (opened reserve included), reserve left, being opened, being closed."""

    active: Counts
    reserve: Counts
    opening: Counts
    closing: Counts


def course_of_places(stock: Floats, plan: PlacePlan) -> PlaceCourse:
    """The course of places for stocks [run, week] in persons; orders are given at a week's end."""
    runs, weeks = stock.shape
    opened, ordered, leaving = (np.zeros(runs, np.int64) for _ in range(3))
    arriving = np.zeros((runs, weeks + plan.opens_after + 1), np.int64)
    ending = np.zeros((runs, weeks + plan.closes_after + 1), np.int64)
    made = PlaceCourse(*(np.zeros((runs, weeks), np.int64) for _ in range(4)))
    for t in range(weeks):
        opened += arriving[:, t] - ending[:, t]
        ordered -= arriving[:, t]
        leaving -= ending[:, t]
        active = plan.active[t] + opened
        made.active[:, t], made.opening[:, t], made.closing[:, t] = active, ordered, leaving
        made.reserve[:, t] = plan.reserve - opened - ordered
        wanted = np.ceil(stock[:, t] / plan.target).astype(np.int64) - active - ordered + leaving
        order = np.clip(wanted, 0, plan.reserve - opened - ordered)
        surplus = np.where(stock[:, t] < plan.close_below * active, -wanted, 0)
        give_back = np.clip(surplus, 0, opened - leaving)
        ordered += order
        leaving += give_back
        arriving[:, t + plan.opens_after] += order
        ending[:, t + plan.closes_after] += give_back
    return made


def facility_frame(path: Path, plan: PlacePlan) -> pl.DataFrame:
    """The course of places beside the people in them, one row a week (columns FACILITY_COLUMNS)."""
    occupied, first = path.total(kernel.STOCK), path.total(kernel.FIRST)
    places = course_of_places(as_persons(occupied)[None, :], plan)
    active = places.active[0]
    emergency = np.maximum(occupied - active * PER_PERSON, 0.0)
    occupancy = np.divide(as_persons(occupied), active, where=active > 0, out=np.zeros(len(active)))
    return pl.DataFrame(
        [
            pl.Series("week", path.weeks, dtype=pl.Date),
            pl.Series("active", active),
            pl.Series("reserve", places.reserve[0]),
            pl.Series("opening", places.opening[0]),
            pl.Series("closing", places.closing[0]),
            persons_column("occupied", occupied),
            persons_column("first_reception", first),
            persons_column("central", occupied - first),
            persons_column("emergency", emergency),
            pl.Series("occupancy", occupancy),
        ]
    )


def exceedances(frame: pl.DataFrame, target: float) -> tuple[Exceedance, ...]:
    """The first week above all active places and above the occupancy aimed at, where there is one."""
    found = []
    for limit, share in (("target", target), ("places", 1.0)):
        above = frame.filter(pl.col("occupied").cast(pl.Float64) > pl.col("active") * share)
        if above.height:
            row = above.row(0, named=True)
            found.append(Exceedance(limit, row["week"], float(row["occupied"]), row["active"] * share))
    return tuple(found)


def active_places(weeks: Sequence[dt.date], steps: Sequence[tuple[dt.date, int]]) -> Counts:
    """Active places by week from dated steps; before the first step its number holds."""
    ordered = sorted(steps)
    held = [max((step for step in ordered if step[0] <= week), default=ordered[0]) for week in weeks]
    return np.array([places for _, places in held], np.int64)
