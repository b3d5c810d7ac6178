"""How a week's placement is shown: where its persons go, on a map, who stays without a place, how good the plan is.

In go a brief, a plan, names of municipalities and limits of display, out come blocks. Placed persons by municipality
and persons without a place by reason are protected together, so that no difference tells a small count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.geometry import read_geometry
from stellwerk.briefs.secrecy import Count, Hidden, Sum, protect, protect_column
from stellwerk.briefs.subject import Asked, Content, Subject
from stellwerk.texts import text

KREIS_DIGITS = 5  # of the eight digits of a municipality's key, those that name its Kreis
_NAMED_IN_WORDS = 3  # places the alternative text of the map names; more would drown the finding
Cell = tuple[str, ...]
PLACED: Cell = ("placed",)
UNPLACED: Cell = ("unplaced",)
COHORT: Cell = ("cohort",)


@dataclass(frozen=True)
class Look:
    """Limits of display: lower bounds of the map's classes, names on the map, municipalities in the table."""

    classes: tuple[int, ...]
    named: int
    largest: int


def placement(
    brief: Subject[Asked, Content],
    plan: Any,
    names: Mapping[str, str],
    shown: Mapping[Cell, Count],
    look: Look,
    on: dt.date,
) -> Block:
    """Where the cohort would go: a map, the largest groups, the proof of quality, and who found no place.

    `shown` are the protected counts of `shown_counts`, over all municipalities of `names`.
    """
    make, day = brief.make, formats.date(on, brief.parameters.language)
    placed = _placed(plan)
    quota = dict(plan.places.select("ags", "quota").iter_rows())
    codes = sorted(names, key=lambda code: (-placed.get(code, 0), code))
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (Shown(code, names[code]), names[code], quota[code], shown["placed", code]) for code in codes
    )
    columns = (
        Column("municipality", _say(brief, "municipality")),
        Column("name", "", on_page=False),
        Column("quota", _say(brief, "quota"), "count"),
        Column("persons", _say(brief, "placed"), "count"),
    )
    largest = tuple(range(min(look.largest, len(rows))))
    source = _say(brief, "source_placement", day=day)
    caption = _say(brief, "placement_caption", count=len(largest), day=day)
    table = Table("placement", caption, columns, rows, source, shown=largest)
    block = make.heading("placement", _say(brief, "placement_title"))
    block += make.prose(
        _say(
            brief,
            "placement_intro",
            persons=brief.count(shown[COHORT]),
            families=brief.count(plan.placements.height + plan.unplaced.height),
            places=brief.count(len(placed)),
            unplaced=brief.count(shown[UNPLACED]),
        )
    )
    protected = {code: shown["placed", code] for code in codes}
    figure = _map(brief, protected, names, table, look, _say(brief, "map_figure", day=day))
    block += make.figure(figure) + make.table(table)
    block += make.prose(*_certificate(brief, plan.certificate))
    return block + _waiting(brief, plan.unplaced, shown, source)


def shown_counts(
    limit: int, plan: Any, codes: Iterable[str], groups: Mapping[str, Mapping[str, int]] | None = None
) -> dict[Cell, Count]:
    """Persons placed by municipality and not placed by reason, protected together: the text tells the sum of both.

    `groups` are counts of the whole cohort by attribute and group that are published beside them.
    """
    placed = _placed(plan)
    by_reason = plan.unplaced.group_by("reason").agg(pl.col("persons").sum()).sort("reason").iter_rows()
    parts: dict[Cell, int] = {("placed", code): placed.get(code, 0) for code in codes}
    reasons: dict[Cell, int] = {("unplaced", reason): int(persons) for reason, persons in by_reason}
    totals = {PLACED: sum(parts.values()), UNPLACED: sum(reasons.values())}
    sums = [Sum(PLACED, tuple(parts)), Sum(UNPLACED, tuple(reasons)), Sum(COHORT, (PLACED, UNPLACED))]
    cells = {**parts, **reasons, **totals, COHORT: sum(totals.values())}
    for attribute, counts in (groups or {}).items():
        of_group: dict[Cell, int] = {(attribute, group): persons for group, persons in counts.items()}
        cells |= of_group
        if sum(of_group.values()) == cells[COHORT]:
            sums.append(Sum(COHORT, tuple(of_group)))
    return protect(cells, sums, limit)


def _placed(plan: Any) -> dict[str, int]:
    """Persons placed by municipality."""
    return dict(plan.placements.group_by("ags").agg(pl.col("persons").sum()).iter_rows())


def _map(
    brief: Subject[Asked, Content],
    protected: Mapping[str, Count],
    names: Mapping[str, str],
    table: Table,
    look: Look,
    caption: str,
) -> Figure:
    """The map; a figure stands only beside names whose count may be shown."""
    geometry = read_geometry(brief.params / "map" / "municipalities.json")
    classes = _classes(brief, protected, look.classes)
    shown = [(code, count) for code, count in protected.items() if isinstance(count, int) and count]
    labels = {code: f"{names[code]} {brief.count(count)}" for code, count in shown[: look.named]}
    borders = geometry.borders(lambda code: code[:KREIS_DIGITS])
    svg = figures.choropleth(geometry, classes, labels, _say(brief, "persons"), borders)
    most = formats.enumeration(list(labels.values())[:_NAMED_IN_WORDS], brief.parameters.language)
    without = brief.count(len(classes[0].keys))
    alt = _say(brief, "map_alt", most=most, without=without) if labels else _say(brief, "map_alt_few", without=without)
    source = f"{table.source}; {_say(brief, 'source_map')}"
    return Figure("placement_map", svg, alt, caption, source, table)


def _classes(
    brief: Subject[Asked, Content], counts: Mapping[str, Count], wanted: Sequence[int]
) -> list[figures.MapClass]:
    """None at all, counts that are not shown (small ones, withheld ones), then classes from the bounds of the content.

    A withheld count has no shade of its own size: its class would tell more than the table does.
    """
    small = brief.parameters.small_count
    bounds = sorted({max(1, small), *(bound for bound in wanted if bound > small)})
    of_kind = [(_say(brief, "class_none"), 0), (brief.count(Hidden.SMALL), Hidden.SMALL),
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


def _class_label(brief: Subject[Asked, Content], low: int, following: int | None) -> str:
    if following is None:
        return _say(brief, "class_from", low=brief.count(low))
    return _say(brief, "class_between", low=brief.count(low), high=brief.count(following - 1))


def _certificate(brief: Subject[Asked, Content], certificate: Any) -> list[str]:
    language = brief.parameters.language
    gap = formats.share(certificate.gap, language, 2)
    sentence = _say(brief, "certificate", gap=gap, solver=certificate.solver, seed=certificate.seed)
    return [sentence, _say(brief, "certificate_checked", violations=certificate.violations)]


def _waiting(brief: Subject[Asked, Content], unplaced: pl.DataFrame, shown: Mapping[Cell, Count], source: str) -> Block:
    """Who stays without a place, by reason."""
    make = brief.make
    if unplaced.is_empty():
        return make.prose(_say(brief, "unplaced_none"))
    by_reason = unplaced.group_by("reason").agg(pl.len().alias("families")).sort("reason")
    families = protect_column(by_reason.get_column("families").to_list(), brief.parameters.small_count)
    reasons = by_reason.get_column("reason").to_list()
    persons = [*(shown["unplaced", reason] for reason in reasons), shown[UNPLACED]]
    named = [Shown(reason, text(f"unplaced_{reason}", brief.parameters.language, need="")) for reason in reasons]
    labels: list[Value] = [*named, Shown("total", _say(brief, "total"))]
    columns = (
        Column("reason", _say(brief, "reason")),
        Column("families", _say(brief, "families"), "count"),
        Column("persons", _say(brief, "persons"), "count"),
    )
    rows = tuple(zip(labels, families, persons, strict=True))
    return make.table(Table("unplaced", _say(brief, "unplaced_caption"), columns, rows, source))


def _say(brief: Subject[Asked, Content], key: str, **values: object) -> str:
    return text(f"brief_placed_{key}", brief.parameters.language, **values)
