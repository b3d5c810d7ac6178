"""The sections on a pool year: the way down to effective solidarity, each state's account, who refuses, what arrives.

In go the brief, the computed year and its tables, out come blocks. A person equivalent is a person taken or the price
of one paid; the sums are those of the accounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Shown, Table, Value
from stellwerk.briefs.figures import About, Step
from stellwerk.briefs.subjects.solidaritaet.solidaritaet import Solidaritaet
from stellwerk.texts import text

Tables = Mapping[str, pl.DataFrame]
_STARTS, _ENDS, _PART = "reference", "delivered", "of_which_relocated"


def waterfall(brief: Solidaritaet, tables: Tables) -> Block:
    """From the reference number to what arrives, each loss with its name."""
    make, language = brief.make, brief.parameters.language
    rows = {row["step"]: row for row in tables["waterfall"].iter_rows(named=True)}
    way = [
        Step(text(f"waterfall_{name}", language), row["persons"])
        for name, row in rows.items()
        if name not in (_STARTS, _ENDS, _PART) and row["persons"]
    ]
    start = Step(text(f"waterfall_{_STARTS}", language), rows[_STARTS]["left"])
    about = About("waterfall", brief.say("waterfall_caption"), brief.source(), language=language)
    block = make.heading("waterfall", brief.say("waterfall_title")) + make.prose(brief.say("waterfall_intro"))
    return block + make.figure(figures.waterfall(start, way, text(f"waterfall_{_ENDS}", language), about))


def reported(brief: Solidaritaet, year: Any) -> Block:
    """What was reported to have been pledged, beside what the model arrives at."""
    found = year.scenario.reported
    if found is None or found.paid == "rest":
        return brief.make.prose(brief.say("reported_none"))
    equivalents = found.relocated + Decimal(found.paid) / formats.exact(year.price, 2)
    delivered = next(step.left for step in year.waterfall if step.step == _ENDS)
    told = brief.say(
        "reported",
        persons=brief.count(equivalents),
        relocated=brief.count(found.relocated),
        paid=brief.euro(Decimal(found.paid)),
        delivered=brief.count(brief.exact(delivered)),
        source=found.source,
    )
    return brief.make.prose(told)


def accounts(brief: Solidaritaet, year: Any, tables: Tables) -> Block:
    """What each state owes, on a map of tiles and as an account."""
    make = brief.make
    owed: dict[str, figures.tiles.TileValue] = {
        account.standing.code: account.standing.obligation for account in year.accounts
    }
    tiles = figures.read_tiles(brief.params / "map" / brief.content.tiles)
    about = About("obligations", brief.say("tiles_caption"), brief.source(), language=brief.parameters.language)
    columns = (
        Column("state", brief.say("state")),
        *(Column(name, brief.say(name), "count") for name in ("fair_share", "deducted", "obligation")),
        *(Column(name, brief.say(f"account_{name}"), "count") for name in ("relocated", "offset")),
        Column("paid_eur", brief.say("paid_millions"), "euro"),
        *(Column(name, brief.say(f"account_{name}"), "count") for name in ("refused", "delivered")),
        Column("own_slice", "", "count", on_page=False),
        Column("shortfall", "", "decimal", on_page=False),
    )
    names = [column.name for column in columns[1:]]
    sums = {name: tables["accounts"].get_column(name).sum() for name in names}
    rows: list[tuple[Value, ...]] = [
        (brief.state(row["code"]), *_cells(brief, row, names)) for row in tables["accounts"].iter_rows(named=True)
    ]
    rows.append((Shown("total", brief.say("total")), *_cells(brief, sums, names)))
    caption = brief.say("accounts_caption", day=brief.day(year))
    table = Table("accounts", caption, columns, tuple(rows), brief.source(), total_row=True)
    block = make.heading("accounts", brief.say("accounts_title")) + make.prose(brief.say("accounts_intro"))
    return block + make.figure(figures.tile_map(tiles, brief.states, owed, about)) + make.table(table)


def refusers(brief: Solidaritaet, year: Any, tables: Tables) -> Block:
    """Who refuses, what that costs, and which threat would be credible."""
    make, frame = brief.make, tables["withholding"]
    block = make.heading("refusers", brief.say("refusers_title"))
    if frame.is_empty():
        return block + make.prose(brief.say("refusers_none"))
    instrument = year.instrument
    told = brief.say(
        "refusers_intro",
        instrument=brief.label(instrument.label),
        status=text(f"instrument_{instrument.status}", brief.parameters.language),
        effect=brief.label(instrument.effect),
        source=instrument.source,
    )
    amounts = ("bill_eur", "political_gain_eur", "fine_eur", "funds_eur", "expected_loss_eur")
    columns = (
        Column("state", brief.say("state")),
        *(Column(name, brief.say(name), "euro") for name in amounts),
        Column("verdict", brief.say("verdict")),
    )
    rows = tuple(
        (brief.state(row["code"]), *(row[name] for name in amounts), _verdict(brief, row["complies"]))
        for row in frame.iter_rows(named=True)
    )
    table = Table("refusers", brief.say("refusers_caption"), columns, rows, brief.source())
    return block + make.prose(told) + make.table(table)


def coverage(brief: Solidaritaet, tables: Tables) -> Block:
    """What arrives at the states under pressure."""
    make, frame = brief.make, tables["coverage"]
    block = make.heading("coverage", brief.say("coverage_title"))
    if frame.is_empty():
        return block + make.prose(brief.say("coverage_none"))
    columns = (
        Column("state", brief.say("state")),
        Column("need", brief.say("need"), "count"),
        Column("receives", brief.say("receives"), "count"),
        Column("coverage_percent", brief.say("covered"), "decimal", 1),
        Column("may_leave", brief.say("may_leave"), "count"),
    )
    names = [column.name for column in columns[1:]]
    rows = tuple((brief.state(row["code"]), *(row[name] for name in names)) for row in frame.iter_rows(named=True))
    table = Table("coverage", brief.say("coverage_caption"), columns, rows, brief.source())
    return block + make.prose(brief.say("coverage_intro")) + make.table(table)


def _cells(brief: Solidaritaet, row: Mapping[str, Any], names: Sequence[str]) -> list[Value]:
    return [brief.millions(row[name]) if name == "paid_eur" else row[name] for name in names]


def _verdict(brief: Solidaritaet, complies: bool) -> Shown:
    return Shown(
        "complies" if complies else "refuses", brief.say("verdict_complies" if complies else "verdict_refuses")
    )
