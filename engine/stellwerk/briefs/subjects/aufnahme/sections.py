"""The sections on runs: course and fan, chance by week, places side by side, stays side by side, looking back.

In go the brief and the runs of its scenarios, out come blocks. Expected persons are no counts from a register; nobody
can be recognised in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Shown, Table, Value
from stellwerk.briefs.figures import About, Course
from stellwerk.briefs.subjects.aufnahme.aufnahme import Aufnahme, Comparison
from stellwerk.briefs.subjects.aufnahme.runs import MOVED, Run
from stellwerk.texts import text

Runs = Mapping[str, Run]


def course(brief: Aufnahme, run: Run) -> Block:
    """Occupancy beside the places with its fan, and who came and left year by year."""
    make = brief.make
    about = _about(brief, "occupancy", brief.spread_source(run))
    labels = (brief.say("band_wide"), brief.say("band_narrow"))
    block = make.heading("course", brief.say("course_title")) + make.prose(brief.say("course_intro"))
    block += make.figure(figures.occupancy(run.occupancy(labels), about))
    years = tuple(run.years())
    columns = (Column("item", ""), *(Column(str(year), str(year), "count") for year, _, _ in years))
    rows: list[tuple[Value, ...]] = [
        (Shown(name, brief.say(name)), *(moved[place] for _, moved, _ in years)) for place, name in enumerate(MOVED)
    ]
    rows.append((Shown("stock", brief.say("stock")), *(stock for _, _, stock in years)))
    table = Table("years", brief.say("years_caption"), columns, tuple(rows), brief.say("source_model"), total_row=True)
    return block + make.table(table) + make.prose(brief.say("rounded"))


def chance(brief: Aufnahme, run: Run) -> Block:
    """How likely more persons come than there are places, week by week."""
    make, runs = brief.make, brief.count(run.spread.runs)
    highest = max(run.chances)
    week = brief.day(run.weeks[run.chances.index(highest)])
    key = "chance_some" if highest else "chance_none"
    told = brief.say(key, share=brief.share(highest), week=week, ever=brief.share(run.ever), runs=runs)
    needed = brief.say("needed", places=brief.count(run.needed), runs=runs)
    about = _about_chances(brief, "chance", brief.spread_source(run))
    line = Course("chance", brief.say("chance"), run.chances)
    block = make.heading("chance", brief.say("chance_title")) + make.prose(told, needed)
    return block + make.figure(figures.courses(run.weeks, [line], about))


def places(brief: Aufnahme, runs: Runs) -> Block:
    """The same arrivals and several numbers of places: how likely they are exceeded, and how long."""
    compared = brief.content.places
    first = runs[compared.scenarios[0].scenario]
    lines = [Course(item.scenario, brief.label(item.label), runs[item.scenario].chances) for item in compared.scenarios]
    about = _about_chances(brief, "chance_by_places", brief.spread_source(first))
    return _compared(brief, "places", compared, runs) + brief.make.figure(figures.courses(first.weeks, lines, about))


def stays(brief: Aufnahme, runs: Runs) -> Block:
    """Who is assigned to a municipality and after how long: what this does to the number of persons."""
    compared = brief.content.stays
    first = runs[compared.scenarios[0].scenario]
    lines = [Course(item.scenario, brief.label(item.label), runs[item.scenario].persons) for item in compared.scenarios]
    about = _about(brief, "stock_by_stay", brief.say("source_model"))
    return _compared(brief, "stays", compared, runs) + brief.make.figure(figures.courses(first.weeks, lines, about))


def look_back(brief: Aufnahme, run: Run, published: pl.DataFrame) -> Block:
    """How far the model misses what was published, misses of any size shown."""
    make, language = brief.make, brief.parameters.language
    columns = (
        Column("measure", brief.say("measure")),
        Column("day", brief.say("day"), "date"),
        Column("published", brief.say("published")),
        Column("model", brief.say("model")),
        Column("miss", brief.say("miss")),
        Column("source", brief.say("source")),
    )
    rows = tuple(
        (
            Shown(row["measure"], text(f"measure_{row['measure']}", language)),
            row["to"],
            _measured(brief, row["measure"], row["published"]),
            _measured(brief, row["measure"], row["model"]),
            _miss(brief, row["miss_percent"], row["bound_kept"]),
            row["source"],
        )
        for row in published.iter_rows(named=True)
    )
    worst = published.filter(pl.col("miss_percent").is_not_null()).sort(pl.col("miss_percent").abs()).tail(1)
    row = worst.row(0, named=True)
    told = brief.say(
        "look_back_intro",
        points=brief.count(published.height),
        measure=text(f"measure_{row['measure']}", language),
        day=brief.day(row["to"]),
        miss=_percent(brief, row["miss_percent"]).text,
    )
    table = Table("look_back", brief.say("look_back_caption"), columns, rows, brief.say("source_look_back"))
    block = make.heading("look_back", brief.say("look_back_title")) + make.prose(told) + make.table(table)
    return block + make.prose(brief.say("look_back_fitted"))


def assumptions(brief: Aufnahme, run: Run) -> Block:
    """Everything the detailed scenario rests on, each with its source, assumptions called so."""
    make, language = brief.make, brief.parameters.language
    found = run.found.reception.assumptions
    columns = tuple(Column(name, brief.say(name)) for name in ("item", "value", "evidence", "source"))
    rows = tuple(
        (
            Shown(item.name, item.label.in_language(language)),
            Shown(item.value, item.shown(language)),
            Shown(item.evidence, item.grade(language)),
            item.source,
        )
        for item in found
    )
    assumed = sum(item.is_assumed for item in found)
    told = brief.say("assumptions_intro", count=brief.count(len(found)), assumed=brief.count(assumed))
    table = Table("assumptions", brief.say("assumptions_caption"), columns, rows, brief.say("source_assumptions"))
    return make.heading("assumptions", brief.say("assumptions_title")) + make.prose(told) + make.table(table)


def _compared(brief: Aufnahme, name: str, compared: Comparison, runs: Runs) -> Block:
    """The question, the period, and a row a scenario."""
    language = brief.parameters.language
    columns = (
        Column("scenario", brief.say("scenario")),
        Column("peak", brief.say("peak"), "count"),
        Column("peak_week", brief.say("peak_week"), "date"),
        Column("weeks_above", brief.say("weeks_above"), "count"),
        Column("emergency", brief.say("emergency"), "count"),
        Column("ever", brief.say("ever"), "share", 1),
        Column("needed", brief.say("needed_95"), "count"),
        Column("assigned", brief.say("assigned"), "count"),
    )
    rows: list[tuple[Value, ...]] = []
    for item in compared.scenarios:
        run = runs[item.scenario]
        label = Shown(item.scenario, item.label.in_language(language))
        peak = run.peak
        rows.append(
            (label, peak.persons, peak.week, run.weeks_above, run.emergency, run.ever, run.needed, run.assigned())
        )
    first = runs[compared.scenarios[0].scenario]
    period = brief.say("period", first=brief.day(first.weeks[0]), weeks=brief.count(len(first.weeks)))
    block = brief.make.heading(name, brief.say(f"{name}_title"))
    block += brief.make.prose(f"{brief.label(compared.question)} {period}")
    caption = brief.say(f"{name}_caption")
    table = Table(f"{name}_compared", caption, columns, tuple(rows), brief.spread_source(first))
    return block + brief.make.table(table)


def _measured(brief: Aufnahme, measure: str, value: float) -> Shown:
    exact = Decimal(repr(value))
    if measure.startswith("occupancy"):
        return Shown(str(formats.exact(exact, 4)), formats.share(exact, brief.parameters.language, 1))
    return Shown(str(formats.exact(exact)), formats.number(exact, brief.parameters.language))


def _miss(brief: Aufnahme, percent: float | None, kept: bool | None) -> Shown:
    if percent is not None:
        return _percent(brief, percent)
    return Shown("kept" if kept else "broken", brief.say("bound_kept" if kept else "bound_broken"))


def _percent(brief: Aufnahme, percent: float) -> Shown:
    exact = formats.exact(Decimal(repr(percent)), 1)
    return Shown(str(exact), f"{formats.difference(exact, brief.parameters.language, 1)}{formats.BREAKLESS}%")


def _about(brief: Aufnahme, name: str, source: str) -> About:
    return About(name, brief.say(f"{name}_caption"), source, language=brief.parameters.language)


def _about_chances(brief: Aufnahme, name: str, source: str) -> About:
    caption = brief.say(f"{name}_caption")
    return About(name, caption, source, kind="share", places=1, language=brief.parameters.language)
