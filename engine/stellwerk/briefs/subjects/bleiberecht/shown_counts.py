"""Every count of persons in the brief "Bleiberecht" that adds up with another, protected together.

In go the persons, out come the counts as they may be shown: by standing on each path, by strongest path and group, by
flow from group to group, by gap and by band of chain.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stellwerk.briefs.secrecy import Count, Sum, protect
from stellwerk.briefs.subjects.bleiberecht.content import NONE, OPEN, BleiberechtContent
from stellwerk.briefs.subjects.bleiberecht.people import STANDINGS

Cell = tuple[str, ...]
ALL: Cell = ("all",)
WITHOUT = (OPEN, NONE)  # groups without a path


def shown_counts(content: BleiberechtContent, who: pl.DataFrame, limit: int) -> dict[Cell, Count]:
    """The counts of these persons as they may be shown together."""
    return protect(*gathered(content, who), limit)


def gathered(content: BleiberechtContent, who: pl.DataFrame) -> tuple[dict[Cell, int], list[Sum]]:
    """The true counts by cell, and which of them add up to which."""
    cells: dict[Cell, int] = {ALL: who.height}
    sums: list[Sum] = []

    def add_up(total: Cell, parts: Mapping[Cell, int]) -> None:
        cells.update(parts)
        cells.setdefault(total, sum(parts.values()))
        sums.append(Sum(total, tuple(parts)))

    for rule in content.path_rules:
        add_up(ALL, {(rule, standing): _count(who, {rule: standing}) for standing in STANDINGS})
    for group in content.groups:
        flows: dict[Cell, int] = {
            ("flow", group, after): _count(who, {"group": group, "with_reform": after}) for after in content.groups
        }
        add_up(("group", group), flows)
        paths = [path.rule for path in content.paths if path.group == group]
        if paths:
            add_up(("group", group), {("strongest", rule): _count(who, {"strongest": rule}) for rule in paths})
        sums.append(Sum(("with_reform", group), tuple(("flow", before, group) for before in content.groups)))
        cells["with_reform", group] = _count(who, {"with_reform": group})
    sums.append(Sum(ALL, tuple(("group", group) for group in content.groups)))
    add_up(ALL, {("gap", outcome): _count(who, {"gap": outcome}) for outcome in content.gap.order})
    bands: dict[Cell, int] = {("band", band): _count(who, {"band": band}) for band in content.chain.order}
    for band in content.chain.order:
        own = who.filter(pl.col("band") == band)
        without: dict[Cell, int] = {("without", band): own.filter(pl.col("group").is_in(WITHOUT)).height}
        add_up(("band", band), {**without, ("with", band): own.height - sum(without.values())})
    add_up(ALL, bands)
    chained: dict[Cell, int] = {("band", band): bands["band", band] for band in content.chain.chained}
    add_up(("chained",), chained)
    return cells, sums


def _count(who: pl.DataFrame, values: Mapping[str, str]) -> int:
    return who.filter(**values).height
