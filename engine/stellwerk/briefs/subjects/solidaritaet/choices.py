"""The sections on choices: what each state would do at least cost, and how many persons a price brings.

In go the brief, the computed year and its tables, out come blocks. Costs are assumptions of the scenario; what is
computed is what follows from them.
"""

from __future__ import annotations

from typing import Any

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Shown, Table, Value
from stellwerk.briefs.figures import About, Curve
from stellwerk.briefs.subjects.solidaritaet.sections import Tables
from stellwerk.briefs.subjects.solidaritaet.solidaritaet import Solidaritaet


def take_or_pay(brief: Solidaritaet, year: Any, tables: Tables) -> Block:
    """What each state would do if it sought what is cheapest for it."""
    make, frame = brief.make, tables["take_or_pay"]
    columns = (
        Column("state", brief.say("state")),
        *(Column(name, brief.say(name), "count") for name in ("obligation", "relocated")),
        Column("paid_eur", brief.say("paid"), "euro"),
        Column("cost_eur", brief.say("cost"), "euro"),
        Column("break_even_eur", brief.say("break_even"), "euro"),
    )
    names = [column.name for column in columns[1:]]
    rows: list[tuple[Value, ...]] = [
        (brief.state(row["code"]), *(row[name] for name in names)) for row in frame.iter_rows(named=True)
    ]
    sums: dict[str, Any] = {name: frame.get_column(name).sum() for name in names if name != "break_even_eur"}
    rows.append((Shown("total", brief.say("total")), *(sums.get(name) for name in names)))
    told = brief.say(
        "choices_intro",
        price=brief.euro(brief.exact(year.price)),
        receipt=brief.euro(brief.exact(year.receipt)),
        relocated=brief.count(sums["relocated"]),
        paid=brief.euro(sums["paid_eur"]),
    )
    table = Table("take_or_pay", brief.say("choices_caption"), columns, tuple(rows), brief.source(), total_row=True)
    return make.heading("choices", brief.say("choices_title")) + make.prose(told) + make.table(table)


def price_curve(brief: Solidaritaet, year: Any, tables: Tables) -> Block:
    """How many persons those willing would take at which price, with and without the fund's lump sum."""
    make, frame = brief.make, tables["price_curve"]
    lines = [
        Curve(
            name, brief.say(name), tuple(frame.filter(frame["curve"] == name).select("price_eur", "relocated").rows())
        )
        for name in year.curves
    ]
    about = About("price_curve", brief.say("curve_caption"), brief.source(), language=brief.parameters.language)
    figure = figures.curves(lines, brief.say("price"), brief.say("relocated"), about)
    block = make.heading("curve", brief.say("curve_title")) + make.prose(_target(brief, year))
    return block + make.figure(figure)


def _target(brief: Solidaritaet, year: Any) -> str:
    target = brief.count(year.target)
    if year.target_price is None:
        return brief.say("target_missed", target=target, reachable=brief.count(year.reachable))
    price = brief.euro(brief.exact(year.target_price.price))
    return brief.say("target", target=target, price=price, today=brief.euro(brief.exact(year.price)))
