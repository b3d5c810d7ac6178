"""The sections on the demand and on chains: the gap against the law in force, who would change, how long chains are.

In go the brief and the persons with their protected counts, out come blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.law_values import value_table
from stellwerk.briefs.subjects.bleiberecht.content import LASTING
from stellwerk.briefs.subjects.bleiberecht.paths import Shows
from stellwerk.briefs.subjects.bleiberecht.shown_counts import ALL
from stellwerk.briefs.subjects.bleiberecht.subject import Bleiberecht


def gap(brief: Bleiberecht, shown: Shows) -> Block:
    """The demand's criteria, and for whom the law in force has a path that covers them."""
    make, told = brief.make, brief.content.gap
    columns = (Column("outcome", brief.say("gap_outcome")), Column("persons", brief.say("persons"), "count"))
    rows: list[tuple[Value, ...]] = [
        (Shown(name, brief.outcome(name)), shown["gap", name]) for name in told.order if shown["gap", name] != 0
    ]
    rows.append((Shown("total", brief.say("total")), shown[ALL]))
    table = Table(
        "gap", brief.say("gap_caption", day=brief.day()), columns, tuple(rows), brief.register_source(), total_row=True
    )
    block = make.heading("gap", brief.say("gap_title")) + make.prose(brief.say("gap_intro"))
    block += make.table(_values(brief, "criteria", brief.content.criteria.parameters)) + make.table(table)
    return block + make.prose(
        brief.say("gap_told", persons=brief.count(shown["gap", told.told]), paths=_compared(brief))
    )


def flows(brief: Bleiberecht, shown: Shows) -> Block:
    """From which situation under the law to which with the reform."""
    make, content = brief.make, brief.content
    drawn = [
        figures.Flow(brief.group(before), brief.group(after), shown["flow", before, after])
        for before in content.groups
        for after in content.groups
        if shown["flow", before, after] != 0
    ]
    about = figures.About(
        "flows", brief.say("flows_caption", day=brief.day()), brief.register_source(),
        language=brief.parameters.language, limit=brief.parameters.small_count,
    )  # fmt: skip
    order = [brief.group(name) for name in content.groups]
    picture = figures.sankey(drawn, order, brief.say("law_in_force"), brief.say("with_reform"), about)
    block = make.heading("flows", brief.say("flows_title"))
    told = brief.say("flows_intro", lasting=brief.count(shown["with_reform", LASTING]), all=brief.count(shown[ALL]))
    return block + make.prose(told) + make.figure(picture) + make.table(picture.table)


def chains(brief: Bleiberecht, who: pl.DataFrame, shown: Shows) -> Block:
    """How long the chains of tolerations are, and how many of these persons have no path."""
    make, content = brief.make, brief.content
    columns = (
        Column("band", brief.say("band")),
        Column("persons", brief.say("persons"), "count"),
        Column("without", brief.say("without_path"), "count"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (Shown(band, brief.outcome(band)), shown["band", band], shown["without", band]) for band in content.chain.order
    )
    table = Table("chains", brief.say("chains_caption", day=brief.day()), columns, rows, brief.register_source())
    in_chain = who.filter(pl.col("band").is_in(content.chain.chained)).get_column("days").drop_nulls()
    years = Decimal(str(in_chain.median() or 0)) / Decimal("365.25")
    shown_years = formats.number(years, brief.parameters.language, 1)
    block = make.heading("chains", brief.say("chains_title"))
    block += make.prose(brief.say("chains_intro", chained=brief.count(shown["chained",]), years=shown_years))
    block += make.figure(_bars(brief, shown, table)) + make.table(table)
    return block + make.table(_values(brief, "chain_measure", content.chain.parameters))


def _values(brief: Bleiberecht, name: str, parameters: Sequence[str]) -> Table:
    """Thresholds that no act sets, with their grade."""
    caption, language = brief.say(f"{name}_caption"), brief.parameters.language
    return value_table(name, caption, brief.law, parameters, brief.content.units, language)


def _compared(brief: Bleiberecht) -> str:
    """The provisions of the paths that the rule on the gap looks at."""
    version = brief.law.rules[brief.content.gap.rule].on(brief.parameters.on)
    read = {derived.rule for derived in version.derived()} if version else set()
    found = [brief.law.rules[rule].on(brief.parameters.on) for rule in brief.content.path_rules if rule in read]
    return formats.enumeration([path.basis for path in found if path], brief.parameters.language)


def _bars(brief: Bleiberecht, shown: Shows, table: Table) -> Figure:
    pairs = []
    for band in brief.content.chain.order:
        everybody, without = shown["band", band], shown["without", band]
        pairs.append(
            figures.BarPair(brief.outcome(band), everybody, without, brief.count(everybody), brief.count(without))
        )
    svg = figures.bars(pairs, brief.say("persons"), brief.say("without_path"), brief.parameters.language)
    longest = brief.content.chain.order[0]
    counts = {"persons": brief.count(shown["band", longest]), "without": brief.count(shown["without", longest])}
    alt = brief.say("chains_alt", band=brief.outcome(longest), **counts)
    return Figure("chains", svg, alt, brief.say("chains_figure", day=brief.day()), table.source, table)
