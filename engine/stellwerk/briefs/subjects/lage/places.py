"""The sections on places: who would have to take how many, and where a week's cohort would go, on a map.

In go the brief and the tables of the keys and of the placement, out come blocks. Quotas are no data on persons and are
shown in full; counts of placed persons pass the protection of small counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.geometry import read_geometry
from stellwerk.briefs.secrecy import Count, Hidden, Sum, protect, protect_column
from stellwerk.briefs.subjects.lage import counts
from stellwerk.briefs.subjects.lage.lage import Lage
from stellwerk.texts import text

KREIS_DIGITS = 5  # of the eight digits of a municipality's key, those that name its Kreis
_PERCENT_PLACES = 3
_NAMED_IN_WORDS = 3  # places the alternative text of the map names; more would drown the finding
_Cell = tuple[str, ...]
_PLACED: _Cell = ("placed",)
_UNPLACED: _Cell = ("unplaced",)
_COHORT: _Cell = ("cohort",)


def land_quota(brief: Lage, federal: pl.DataFrame) -> int:
    """The persons that fall to the Land of this brief."""
    return int(federal.filter(pl.col("code") == brief.content.land).get_column("persons").item())


def weekly_cohort(brief: Lage, cases: pl.DataFrame) -> pl.DataFrame:
    """The persons to be placed: whole families, drawn with the seed of the brief."""
    return counts.cohort(brief.content, cases, brief.parameters.cohort, brief.parameters.seed)


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
    make, content = brief.make, brief.content
    placed = dict(plan.placements.group_by("ags").agg(pl.col("persons").sum()).iter_rows())
    quota = dict(plan.places.select("ags", "quota").iter_rows())
    codes = sorted(names, key=lambda code: (-placed.get(code, 0), code))
    shown = _shown_counts(brief, placed, codes, plan.unplaced)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (Shown(code, names[code]), names[code], quota[code], shown["placed", code]) for code in codes
    )
    columns = (
        Column("municipality", brief.say("municipality")),
        Column("name", "", on_page=False),
        Column("quota", brief.say("quota"), "count"),
        Column("persons", brief.say("placed"), "count"),
    )
    largest = tuple(range(min(content.quotas_shown.top, len(rows))))
    source = brief.say("source_placement", day=brief.day())
    caption = brief.say("placement_caption", count=len(largest), day=brief.day())
    table = Table("placement", caption, columns, rows, source, shown=largest)
    block = make.heading("placement", brief.say("placement_title"))
    block += make.prose(
        brief.say(
            "placement_intro",
            persons=brief.count(shown[_COHORT]),
            families=brief.count(plan.placements.height + plan.unplaced.height),
            places=brief.count(len(placed)),
            unplaced=brief.count(shown[_UNPLACED]),
        )
    )
    block += make.figure(_map(brief, {code: shown["placed", code] for code in codes}, names, table)) + make.table(table)
    block += make.prose(*_certificate(brief, plan.certificate))
    return block + _unplaced(brief, plan.unplaced, shown)


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


def _shown_counts(
    brief: Lage, placed: Mapping[str, int], codes: Sequence[str], unplaced: pl.DataFrame
) -> dict[_Cell, Count]:
    """Persons placed by municipality and not placed by reason, protected together: the text tells the sum of both."""
    by_reason = unplaced.group_by("reason").agg(pl.col("persons").sum()).sort("reason").iter_rows()
    parts: dict[_Cell, int] = {("placed", code): placed.get(code, 0) for code in codes}
    reasons: dict[_Cell, int] = {("unplaced", reason): int(persons) for reason, persons in by_reason}
    totals = {_PLACED: sum(parts.values()), _UNPLACED: sum(reasons.values())}
    sums = [Sum(_PLACED, tuple(parts)), Sum(_UNPLACED, tuple(reasons)), Sum(_COHORT, (_PLACED, _UNPLACED))]
    cells = {**parts, **reasons, **totals, _COHORT: sum(totals.values())}
    return protect(cells, sums, brief.parameters.small_count)


def _map(brief: Lage, protected: Mapping[str, Count], names: Mapping[str, str], table: Table) -> Figure:
    """The map; a figure stands only beside names whose count may be shown."""
    geometry = read_geometry(brief.params / "map" / "municipalities.json")
    classes = _classes(brief, protected)
    shown = [(code, count) for code, count in protected.items() if isinstance(count, int) and count]
    labels = {code: f"{names[code]} {brief.count(count)}" for code, count in shown[: brief.content.named_on_map]}
    borders = geometry.borders(lambda code: code[:KREIS_DIGITS])
    svg = figures.choropleth(geometry, classes, labels, brief.say("persons"), borders)
    most = formats.enumeration(list(labels.values())[:_NAMED_IN_WORDS], brief.parameters.language)
    without = brief.count(len(classes[0].keys))
    alt = brief.say("map_alt", most=most, without=without) if labels else brief.say("map_alt_few", without=without)
    source = f"{table.source}; {brief.say('source_map')}"
    return Figure("placement_map", svg, alt, brief.say("map_figure", day=brief.day()), source, table)


def _classes(brief: Lage, counts: Mapping[str, Count]) -> list[figures.MapClass]:
    """None at all, counts that are not shown (small ones, withheld ones), then classes from the bounds of the content.

    A withheld count has no shade of its own size: its class would tell more than the table does.
    """
    small = brief.parameters.small_count
    bounds = sorted({max(1, small), *(bound for bound in brief.content.map_classes if bound > small)})
    of_kind = [(brief.say("class_none"), 0), (brief.count(Hidden.SMALL), Hidden.SMALL),
               (brief.count(Hidden.BLOCKED), Hidden.BLOCKED)]  # fmt: skip
    classes = [figures.MapClass(label, frozenset(c for c in counts if counts[c] == kind)) for label, kind in of_kind]
    for low, following in zip(bounds, [*bounds[1:], None], strict=True):
        keys = frozenset(
            code
            for code, count in counts.items()
            if isinstance(count, int) and count >= low and (following is None or count < following)
        )
        classes.append(figures.MapClass(_class_label(brief, low, following), keys))
    return [classes[0], *(found for found in classes[1:3] if found.keys), *classes[3:]]


def _class_label(brief: Lage, low: int, following: int | None) -> str:
    if following is None:
        return brief.say("class_from", low=brief.count(low))
    return brief.say("class_between", low=brief.count(low), high=brief.count(following - 1))


def _certificate(brief: Lage, certificate: Any) -> list[str]:
    language = brief.parameters.language
    gap = formats.share(certificate.gap, language, 2)
    sentence = brief.say("certificate", gap=gap, solver=certificate.solver, seed=certificate.seed)
    return [sentence, brief.say("certificate_checked", violations=certificate.violations)]


def _unplaced(brief: Lage, unplaced: pl.DataFrame, shown: Mapping[_Cell, Count]) -> Block:
    make = brief.make
    if unplaced.is_empty():
        return make.prose(brief.say("unplaced_none"))
    by_reason = unplaced.group_by("reason").agg(pl.len().alias("families")).sort("reason")
    families = protect_column(by_reason.get_column("families").to_list(), brief.parameters.small_count)
    reasons = by_reason.get_column("reason").to_list()
    persons = [*(shown["unplaced", reason] for reason in reasons), shown[_UNPLACED]]
    named = [Shown(reason, text(f"unplaced_{reason}", brief.parameters.language, need="")) for reason in reasons]
    labels: list[Value] = [*named, Shown("total", brief.say("total"))]
    columns = (
        Column("reason", brief.say("reason")),
        Column("families", brief.say("families"), "count"),
        Column("persons", brief.say("persons"), "count"),
    )
    rows = tuple(zip(labels, families, persons, strict=True))
    table = Table(
        "unplaced", brief.say("unplaced_caption"), columns, rows, brief.say("source_placement", day=brief.day())
    )
    return make.table(table)
