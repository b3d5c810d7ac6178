"""The sections on the paths: numbers first, what the law asks for, who meets which path, what would settle the rest.

In go the brief and the persons with their protected counts, out come blocks.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Number, Shown, Table, Value
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.secrecy import Count, protect_count
from stellwerk.briefs.subjects.bleiberecht.content import NONE, OPEN
from stellwerk.briefs.subjects.bleiberecht.people import STANDINGS
from stellwerk.briefs.subjects.bleiberecht.shown_counts import ALL, Cell
from stellwerk.briefs.subjects.bleiberecht.subject import Bleiberecht

Shows = Mapping[Cell, Count]


def headline(brief: Bleiberecht, shown: Shows) -> Block:
    """The numbers a reader wants first."""
    of_all = brief.say("of_tolerated", persons=brief.count(shown[ALL]))
    chosen: list[tuple[str, Value, str]] = [
        ("title", shown["group", "title"], of_all),
        ("toleration", shown["group", "toleration"], of_all),
        ("open", shown["group", OPEN], of_all),
        ("gap", shown["gap", brief.content.gap.told], brief.say("number_gap_note")),
        ("lasting", shown["with_reform", "lasting"], brief.say("number_lasting_note")),
        ("chained", shown["chained",], of_all),
    ]
    numbers = [
        Number(name, brief.say(f"number_{name}"), value, "count", None, None, note) for name, value, note in chosen
    ]
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    return block + brief.make.prose(brief.say("first", day=brief.day()))


def law_in_force(brief: Bleiberecht) -> Block:
    """The paths with their provisions, and the numbers they ask for."""
    names = (*brief.content.path_rules, *brief.content.parameters)
    block = brief.make.heading("law", brief.say("law_title")) + brief.make.prose(
        brief.say("law_intro", day=brief.day())
    )
    return block + brief.make.table(law_table(brief, brief.law, names, brief.parameters.on))


def strongest(brief: Bleiberecht, shown: Shows) -> Block:
    """Who meets which path, the strongest first; then how everyone stands on each path."""
    make = brief.make
    rows: list[tuple[Value, ...]] = [
        (
            Shown(path.rule, brief.label(path.title)),
            Shown(path.group, brief.group(path.group)),
            shown["strongest", path.rule],
        )
        for path in brief.content.paths
    ]
    rows += [(Shown(name, brief.group(name)), "–", shown["group", name]) for name in (OPEN, NONE)]
    rows.append((Shown("total", brief.say("total")), "", shown[ALL]))
    columns = (
        Column("path", brief.say("strongest")),
        Column("group", brief.say("leads_to")),
        Column("persons", brief.say("persons"), "count"),
    )
    caption = brief.say("strongest_caption", day=brief.day())
    table = Table("strongest", caption, columns, tuple(rows), brief.register_source(), total_row=True)
    block = make.heading("paths", brief.say("paths_title")) + make.prose(brief.say("paths_intro"))
    return block + make.table(table) + make.figure(_bars(brief, shown)) + make.table(_standings(brief, shown))


def facts(brief: Bleiberecht, who: pl.DataFrame, as_it_is: pl.DataFrame, shown: Shows) -> Block:
    """Which facts would settle what is open; and how much is open without the assumptions of this brief."""
    make, limit = brief.make, brief.parameters.small_count
    still_open = who.filter(pl.col("group") == OPEN)
    named = still_open.with_row_index("person").select("person", pl.col("ask").str.split(",")).explode("ask")
    named = named.with_columns(pl.col("ask").str.strip_chars()).filter(_is_fact(brief)).unique()
    counted = named.group_by("ask").len().sort(["len", "ask"], descending=[True, False])
    rows = tuple((Shown(name, brief.fact(name)), protect_count(n, limit)) for name, n in counted.iter_rows())
    columns = (Column("fact", brief.say("fact")), Column("persons", brief.say("persons"), "count"))
    first = tuple(range(min(brief.content.facts_shown, len(rows))))
    table = Table("facts_to_ask", brief.say("facts_caption"), columns, rows, brief.register_source(), shown=first)
    before = protect_count(as_it_is.filter(pl.col("group") == OPEN).height, limit)
    told = brief.say("facts_intro", now=brief.count(shown["group", OPEN]), before=brief.count(before))
    return make.heading("facts", brief.say("facts_title")) + make.prose(told) + make.table(table)


def _is_fact(brief: Bleiberecht) -> pl.Expr:
    """Rules ask for the results of other rules too; only facts of a case can be asked of anybody."""
    return pl.col("ask").is_in(list(brief.law.vocabulary.attributes("case")))


def _standings(brief: Bleiberecht, shown: Shows) -> Table:
    columns = (
        Column("path", brief.say("path")),
        *(Column(standing, brief.say(f"standing_{standing}"), "count") for standing in STANDINGS),
    )
    rows = tuple(
        (Shown(path.rule, brief.label(path.title)), *(shown[path.rule, standing] for standing in STANDINGS))
        for path in brief.content.paths
    )
    return Table("paths", brief.say("standings_caption", day=brief.day()), columns, rows, brief.register_source())


def _bars(brief: Bleiberecht, shown: Shows) -> Figure:
    """Each path: granted by law or left to discretion, against facts missing."""
    pairs = []
    for path in brief.content.paths:
        met, asked = shown[path.rule, "met"], shown[path.rule, "asked"]
        pairs.append(figures.BarPair(brief.label(path.title), asked, met, brief.count(asked), brief.count(met)))
    svg = figures.bars(pairs, brief.say("standing_asked"), brief.say("standing_met"), brief.parameters.language)
    known = {path: shown[path.rule, "met"] for path in brief.content.paths}
    best = max(known, key=lambda path: (count if isinstance(count := known[path], int) else 0, path.rule))
    alt = brief.say("paths_alt", path=brief.label(best.title), persons=brief.count(known[best]))
    table = _standings(brief, shown)
    return Figure("paths", svg, alt, brief.say("paths_figure", day=brief.day()), table.source, table)
