"""The sections on places: who would have to take how many, and where a week's cohort would go, on a map.

In go the brief and the tables of the keys and of the placement, out come blocks. Quotas are no data on persons and are
shown in full; counts of placed persons pass the protection of small counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import placed
from stellwerk.briefs.blocks import Block, Column, Table
from stellwerk.briefs.cohorts import cohort
from stellwerk.briefs.subjects.lage.lage import Lage

_PERCENT_PLACES = 3


def land_quota(brief: Lage, federal: pl.DataFrame) -> int:
    """The persons that fall to the Land of this brief."""
    return int(federal.filter(pl.col("code") == brief.content.land).get_column("persons").item())


def weekly_cohort(brief: Lage, cases: pl.DataFrame) -> pl.DataFrame:
    """The persons to be placed: whole families, drawn with the seed of the brief."""
    return cohort(cases, brief.content.cohort_status, brief.parameters.cohort, brief.parameters.seed)


def quotas(brief: Lage, federal: Any, municipal: Any) -> Block:
    """The two keys, one after the other: among the Länder, then among the municipalities of the Land."""
    make, content = brief.make, brief.content
    among_laender, among_places = federal.to_frame(), municipal.to_frame()
    land = among_laender.filter(pl.col("code") == content.land).row(0, named=True)
    by_persons = among_places.sort(["persons", "code"], descending=[True, False])
    ends = content.quotas_shown
    last = by_persons.height
    shown = (*range(min(ends.top, last)), *range(max(last - ends.bottom, min(ends.top, last)), last))
    largest, fewest = by_persons.row(0, named=True), int(by_persons.row(-1, named=True)["persons"])
    block = make.heading("quotas", brief.say("quotas_title"))
    block += make.prose(
        brief.say(
            "quotas_intro",
            total=brief.count(brief.parameters.koenigstein_total),
            land=land["name"],
            share=formats.share(land["share_percent"] / 100, brief.parameters.language, _PERCENT_PLACES),
            persons=brief.count(land["persons"]),
        ),
        brief.say(
            "quotas_municipal",
            count=brief.count(last),
            largest=largest["name"],
            most=brief.count(largest["persons"]),
            fewest=brief.count(fewest),
            ties=brief.count(by_persons.filter(pl.col("persons") == fewest).height),
        ),
        *(note[brief.parameters.language] for note in (*federal.notes, *municipal.notes)),
    )
    caption = brief.say("laender_caption", total=brief.count(federal.total), day=brief.day())
    block += make.table(
        _quota_table(brief, "quotas_laender", caption, among_laender.sort("code"), federal.source, None)
    )
    caption = brief.say(
        "municipal_caption",
        total=brief.count(municipal.total),
        count=brief.count(last),
        top=ends.top,
        bottom=ends.bottom,
        day=brief.day(),
    )
    return block + make.table(
        _quota_table(brief, "quotas_municipalities", caption, by_persons, municipal.source, shown)
    )


def placement(brief: Lage, plan: Any, names: Mapping[str, str]) -> Block:
    """Where the cohort would go: a map, the largest groups, the proof of quality, and who found no place."""
    content = brief.content
    look = placed.Look(content.map_classes, content.named_on_map, content.quotas_shown.top)
    shown = placed.shown_counts(brief.parameters.small_count, plan, names)
    return placed.placement(brief, plan, names, shown, look, brief.parameters.on)


def _quota_table(
    brief: Lage, name: str, caption: str, frame: pl.DataFrame, source: str, shown: Sequence[int] | None
) -> Table:
    columns = (
        Column("code", brief.say("code")),
        Column("name", brief.say("place")),
        Column("share_percent", brief.say("share_percent"), "decimal", _PERCENT_PLACES),
        Column("persons", brief.say("persons"), "count"),
    )
    rows = tuple(frame.select(column.name for column in columns).iter_rows())
    return Table(name, caption, columns, rows, source, shown=None if shown is None else tuple(shown))
