"""The sections on the week's plan: where people go, how the groups fare, what places are worth, what exactness costs.

In go the brief, the plan opened for questions and counts that are protected together, out come blocks. Where a count is
not shown, nothing is shown that would tell it: neither a mean over its persons nor the price of its places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures, placed
from stellwerk.briefs.blocks import Block, Column, Shown, Table, Value
from stellwerk.briefs.figures import About, Plan
from stellwerk.briefs.subjects.verteilung.verteilung import Counts, Verteilung
from stellwerk.distribution.placement import frontier
from stellwerk.formats import exact

_FIT = 4  # decimal places of a fit
_TENTH = 10  # a mean over the worst tenth is shown where that tenth is no small count


def by_group(persons: Any) -> dict[str, dict[str, int]]:
    """How many persons of the cohort are of each group, by attribute."""
    return {
        name: dict(persons.groups.get_column(name).drop_nulls().value_counts().sort(name).iter_rows())
        for name in persons.groups.columns
    }


def counts(brief: Verteilung, plan: Any, persons: Any) -> Counts:
    """Every count of the cohort that the page shows, protected together."""
    return placed.shown_counts(brief.parameters.small_count, plan, plan.names, by_group(persons))


def placement(brief: Verteilung, plan: Any, shown: Counts) -> Block:
    """Where the cohort would go, and who waits and why."""
    content = brief.content
    look = placed.Look(content.map_classes, content.named_on_map, content.largest_shown)
    return placed.placement(brief, plan, plan.names, shown, look, brief.parameters.on)


def fairness(brief: Verteilung, review: Any, persons: Any, shown: Counts) -> Block:
    """How well the persons of each group would live, beside plans by lot."""
    make, lots = brief.make, review.lots()
    columns = (
        Column("attribute", brief.say("attribute")),
        Column("group", brief.say("group")),
        Column("persons", brief.say("persons"), "count"),
        *(Column(name, brief.say(name), "decimal", 2) for name in ("fit", "fit_of_worst_tenth", "by_lot")),
        Column("range", brief.say("range")),
    )
    rows = tuple(_group_row(brief, row, shown) for row in review.groups(persons, lots).iter_rows(named=True))
    test = review.prospects(persons, lots)
    told = brief.say(
        "prospects_alarming" if test.alarming else "prospects_calm",
        found=_number(brief, test.correlation),
        low=_number(brief, test.lots_lowest),
        high=_number(brief, test.lots_highest),
    )
    table = Table("fairness", brief.say("fairness_caption", lots=len(lots)), columns, rows, brief.source())
    block = make.heading("fairness", brief.say("fairness_title"))
    return block + make.prose(brief.say("fairness_intro", lots=len(lots))) + make.table(table) + make.prose(told)


def prices(brief: Verteilung, review: Any, plan: Any, shown: Counts) -> Block:
    """What one more place would be worth, where the number of persons placed may be shown."""
    make = brief.make
    frame = review.price_list().filter(pl.col("resource") == pl.col("resource").first()).sort(
        ["price", "locality"], descending=[True, False]
    )  # fmt: skip
    open_ = [row for row in frame.iter_rows(named=True) if isinstance(shown["placed", row["locality"]], int)]
    columns = (
        Column("municipality", brief.say("municipality")),
        Column("quota", brief.say("quota"), "count"),
        *(Column(name, brief.say(name), "decimal", 2) for name in ("price", "lowest", "highest")),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            Shown(row["locality"], plan.names[row["locality"]]),
            row["capacity"],
            row["price"],
            row["lowest"],
            row["highest"],
        )
        for row in open_
    )
    first = tuple(range(min(brief.content.prices_shown, len(rows))))
    caption = brief.say("prices_caption", count=len(first))
    block = make.heading("prices", brief.say("prices_title")) + make.prose(brief.say("prices_intro"))
    return block + make.table(Table("prices", caption, columns, rows, brief.source(), shown=first))


def front(brief: Verteilung, plan: Any, solve: Callable[[Any], Any]) -> Block:
    """Plans for several bands around the quota: what each step towards the exact quota costs in fit."""
    make, instance = brief.make, plan.plan.instance
    wanted = plan.places.get_column("quota").to_numpy()
    found = frontier.explore(instance, wanted, brief.content.bands, [Decimal(0)], solve)
    points = {_band(brief, point.band): point for point in found}
    points[brief.say("this_plan")] = frontier.measured(instance, wanted, Decimal(0), Decimal(0), plan.plan)
    best = max(point.fit for point in points.values())
    plans = [
        Plan(label, exact(point.deviation, _FIT), exact(best - point.fit, _FIT)) for label, point in points.items()
    ]
    about = About(
        "front",
        brief.say("front_caption"),
        brief.source(),
        kind="decimal",
        places=2,
        language=brief.parameters.language,
    )
    chosen = brief.say("this_plan")
    figure = figures.pareto(plans, chosen, brief.say("deviation"), brief.say("fit_lost"), about)
    block = make.heading("front", brief.say("front_title")) + make.prose(brief.say("front_intro"))
    return block + make.figure(figure)


def _group_row(brief: Verteilung, row: Mapping[str, Any], shown: Counts) -> tuple[Value, ...]:
    count = shown[row["attribute"], row["group"]]
    labels = (_word(brief, row["attribute"]), _word(brief, f"{row['attribute']}_{row['group']}"))
    if not isinstance(count, int):
        return (*labels, count, None, None, None, None)
    worst = row["fit_of_worst_tenth"] if count // _TENTH >= brief.parameters.small_count else None
    low, high = (formats.number(row[name], brief.parameters.language, 2) for name in ("lots_lowest", "lots_highest"))
    span = Shown(f"{row['lots_lowest']}..{row['lots_highest']}", brief.say("span", low=low, high=high))
    return (*labels, count, row["fit"], worst, row["by_lot"], span)


def _word(brief: Verteilung, key: str) -> Shown:
    return Shown(key, brief.say(f"of_{key}"))


def _number(brief: Verteilung, value: float) -> str:
    return formats.number(exact(Decimal(repr(value)), 2), brief.parameters.language, 2)


def _band(brief: Verteilung, band: Decimal) -> str:
    return brief.say("band", share=formats.share(band, brief.parameters.language, 0))
