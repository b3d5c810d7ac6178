"""How far does the model miss what was published?

In go the published points (`params/flows/published_points.csv`) and the course of a scenario; out comes for each point
in its period the published value, the model's, and the miss. A point that only names a bound is kept or broken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import polars as pl

from stellwerk.errors import StellwerkError, nearest
from stellwerk.flows.results import ReceptionResult

BOUND = "occupancy_below"


class UnknownMeasure(StellwerkError):
    """A published point is of a kind that the model has no number for."""


def misses(result: ReceptionResult, points: pl.DataFrame) -> pl.DataFrame:
    """A row a published point within the scenario's weeks: published, modelled, miss and miss in per cent."""
    weeks = result.facilities["week"]
    first, end = weeks[0], weeks[-1] + dt.timedelta(days=7)
    rows = []
    for point in points.filter((pl.col("from") >= first) & (pl.col("to") < end)).iter_rows(named=True):
        if point["measure"] not in MEASURES:
            raise UnknownMeasure(name=point["measure"], near=nearest(point["measure"], MEASURES), known=list(MEASURES))
        published = float(point["value"])
        modelled = MEASURES[point["measure"]](result, point["from"], point["to"])
        below = point["measure"] == BOUND
        rows.append(
            {
                "from": point["from"],
                "to": point["to"],
                "measure": point["measure"],
                "published": published,
                "model": modelled,
                "miss": None if below else modelled - published,
                "miss_percent": None if below else 100 * (modelled / published - 1),
                "bound_kept": modelled < published if below else None,
                "source": point["source"],
            }
        )
    numbers = dict.fromkeys(("published", "model", "miss", "miss_percent"), pl.Float64)
    return pl.DataFrame(
        rows,
        schema={
            "from": pl.Date,
            "to": pl.Date,
            "measure": pl.String,
            **numbers,
            "bound_kept": pl.Boolean,
            "source": pl.String,
        },
    )


def _stock(result: ReceptionResult, first: dt.date, last: dt.date) -> float:
    """The stock at the end of the week before, or of the week that ends on the day."""
    ended = result.facilities.filter(pl.col("week") <= last - dt.timedelta(days=6))
    return float(ended["occupied"][-1])


def _occupancy(result: ReceptionResult, first: dt.date, last: dt.date) -> float:
    ended = result.facilities.filter(pl.col("week") <= last - dt.timedelta(days=6))
    return float(ended["occupancy"][-1])


def _assigned(result: ReceptionResult, kinds: tuple[str, ...], first: dt.date, last: dt.date) -> float:
    """Persons assigned in a period; weeks that lie in it in part count with the share of their days."""
    total = Decimal(0)
    for week, *numbers in result.movements.group_by("week").agg(pl.col(kinds).sum()).iter_rows():
        inside = min(last, week + dt.timedelta(days=6)) - max(first, week)
        total += sum(numbers, Decimal(0)) * max(inside.days + 1, 0) / 7
    return float(total)


MEASURES: dict[str, Callable[[ReceptionResult, dt.date, dt.date], float]] = {
    "stock": _stock,
    "occupancy": _occupancy,
    BOUND: _occupancy,
    "assigned_protected": lambda result, first, last: _assigned(result, ("assigned_protected",), first, last),
    "assigned_not_protected": lambda result, first, last: _assigned(
        result, ("assigned_open", "assigned_refused"), first, last
    ),
}
