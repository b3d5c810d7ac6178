"""The sections on money: who bears what, what the reform changes in steps, every price, gaps, assumptions.

In go the brief and the costed scenario, out come blocks. Amounts are exact; each table's sum is that of its lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
from markupsafe import Markup

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Shown, Table, Value
from stellwerk.briefs.figures import About, Step
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.subjects.haushalt.amounts import (
    IN_FORCE,
    REFORM,
    Priced,
    burdens,
    changes,
    first_days,
    priced,
    years,
)
from stellwerk.briefs.subjects.haushalt.haushalt import Haushalt
from stellwerk.budget.lines import UNIT_PRICE, exact_decimal, in_eur
from stellwerk.budget.months import shown_month
from stellwerk.budget.payers import Party

_CENT = 2
_LINES = "lines.csv"


def parties(brief: Haushalt, costed: Any) -> Block:
    """What each level pays, receives and bears, year by year, nominal and real, and what more than today."""
    make = brief.make
    columns = (
        Column("year", brief.say("year")),
        Column("party", brief.say("party")),
        *(Column(name, brief.say(name), "euro") for name in ("paid", "received", "bears")),
        Column("real", brief.say("real", year=costed.budget.base_year), "euro"),
        Column("before", brief.say("bears_in_force"), "euro"),
        Column("change", brief.say("change"), "euro_difference"),
    )
    rows: list[tuple[Value, ...]] = []
    for year in years(costed.budget):
        shown = costed.in_year(year)
        before = burdens(shown.base)
        for party, found in burdens(shown.budget).items():
            old = before[party].bears
            amounts = (found.paid, found.received, found.bears, found.real, old)
            change = brief.more_millions(found.bears - old)
            rows.append((str(year), Shown(party, brief.party(party)), *map(brief.millions, amounts), change))
    block = make.heading("parties", brief.say("parties_title"))
    block += make.prose(brief.say("parties_intro", reform=brief.reform, year=costed.budget.base_year))
    caption = brief.say("parties_caption", reform=brief.reform)
    return block + make.table(Table("parties", caption, columns, tuple(rows), brief.source()))


def steps(brief: Haushalt, costed: Any) -> Block:
    """From the burden under the law in force to that with the reform, position by position."""
    block = brief.make.heading("steps", brief.say("steps_title"))
    for party in brief.content.in_steps:
        block += _steps_of(brief, costed, party)
    return block


def prices(brief: Haushalt, costed: Any) -> Block:
    """Every line: quantity times price, with the rule, the version of its values and how sure it is."""
    make = brief.make
    columns = (
        Column("position", brief.say("position")),
        Column("year", "", on_page=False),
        Column("quantity", brief.say("quantity"), "count"),
        Column("price", brief.say("price"), "euro", _CENT),
        Column("amount", brief.say("amount"), "euro"),
        Column("version", brief.say("version")),
        Column("evidence", brief.say("evidence")),
        *(Column(name, "", on_page=False) for name in ("group", "payer", "payee", "rule", "reform")),
        Column("real", "", "euro", on_page=False),
    )
    rows = tuple(_price_row(brief, costed.budget.positions, item) for item in priced(costed.budget))
    table = Table("prices", brief.say("prices_caption", reform=brief.reform), columns, rows, brief.source())
    lines = _all_lines(brief, costed)
    link = Markup('<p><a href="data/{}">{}</a></p>\n').format(_LINES, brief.say("lines_link", count=lines.height))
    block = make.heading("prices", brief.say("prices_title")) + make.prose(brief.say("prices_intro"))
    return block + make.table(table) + Block(str(link), {_LINES: lines.write_csv()})


def gaps(brief: Haushalt, costed: Any) -> Block:
    """What was not priced, and why."""
    make, language, positions = brief.make, brief.parameters.language, costed.budget.positions
    block = make.heading("gaps", brief.say("gaps_title"))
    if not costed.budget.not_computed:
        return block + make.prose(brief.say("gaps_none"))
    columns = (
        Column("position", brief.say("position")),
        Column("first", brief.say("first_month")),
        Column("last", brief.say("last_month")),
        Column("quantity", brief.say("quantity"), "count"),
        Column("reason", brief.say("reason")),
    )
    rows = tuple(
        (
            Shown(gap.position, _title(positions, gap.position, gap.group, language)),
            Shown(shown_month(gap.first), formats.month(gap.first, language)),
            Shown(shown_month(gap.last), formats.month(gap.last, language)),
            exact_decimal(gap.quantity, 0 if gap.quantity.denominator == 1 else _CENT),
            gap.reason.in_language(language),
        )
        for gap in costed.budget.not_computed
    )
    table = Table("gaps", brief.say("gaps_caption"), columns, rows, brief.source())
    return block + make.prose(brief.say("gaps_intro")) + make.table(table)


def assumptions(brief: Haushalt, costed: Any) -> Block:
    """Everything the budget rests on beside the verified law."""
    make, language = brief.make, brief.parameters.language
    found = costed.budget.assumptions
    columns = tuple(Column(name, brief.say(name)) for name in ("item", "value", "evidence", "source_of"))
    rows = tuple(
        (
            entry.what.in_language(language),
            entry.value.in_language(language),
            grade(entry.evidence, language),
            entry.source,
        )
        for entry in found
    )
    assumed = sum(entry.evidence == "modelling_choice" for entry in found)
    told = brief.say("assumptions_intro", count=brief.count(len(found)), assumed=brief.count(assumed))
    table = Table("assumptions", brief.say("assumptions_caption"), columns, rows, brief.source())
    return make.heading("assumptions", brief.say("assumptions_title")) + make.prose(told) + make.table(table)


def _steps_of(brief: Haushalt, costed: Any, party: Party) -> Block:
    found = changes(costed.base, costed.budget, party)
    if not found:
        return brief.make.prose(brief.say("steps_none", party=brief.party(party)))
    start = Step(brief.say("in_force"), burdens(costed.base)[party].bears)
    way = [Step(costed.budget.positions.title(item.position, brief.parameters.language), item.change) for item in found]
    caption = brief.say("steps_caption", party=brief.party(party), reform=brief.reform)
    about = About(f"steps_{party}", caption, brief.source(), kind="euro", language=brief.parameters.language)
    return brief.make.figure(figures.waterfall(start, way, brief.say("with_reform"), about))


def _price_row(brief: Haushalt, positions: Any, item: Priced) -> tuple[Value, ...]:
    line, language = item.line, brief.parameters.language
    return (
        Shown(line.position, f"{_title(positions, line.position, line.group, language)}, {item.year}"),
        str(item.year),
        exact_decimal(item.quantity, 0 if item.quantity.denominator == 1 else _CENT),
        exact_decimal(line.price.eur, UNIT_PRICE.scale),
        brief.millions(in_eur(item.cents)),
        _version(brief, item),
        grade(item.evidence, language),
        line.group,
        line.payer,
        line.payee,
        line.price.rule,
        line.price.reform,
        in_eur(item.real_cents),
    )


def _version(brief: Haushalt, item: Priced) -> str:
    """The provision and since when the values behind the price hold."""
    return "; ".join(_version_parts(brief, item))


def _version_parts(brief: Haushalt, item: Priced) -> Iterator[str]:
    price, language = item.line.price, brief.parameters.language
    yield price.basis
    days = [formats.date(day, language) for day in first_days(item.line)]
    if days:
        yield brief.say("values_since", days=formats.enumeration(days, language))
    if price.reform:
        yield brief.say("by_reform")


def _title(positions: Any, position: str, group: str, language: str) -> str:
    title, named = positions.title(position, language), positions.group_labels(position, group).in_language(language)
    return f"{title} ({named})" if named else str(title)


def _all_lines(brief: Haushalt, costed: Any) -> pl.DataFrame:
    """Every monthly line, under the law in force and with the reform."""
    frames: list[pl.DataFrame] = [
        budget.frame(brief.parameters.language).insert_column(0, pl.Series("law", [law] * len(budget.lines)))
        for law, budget in ((IN_FORCE, costed.base), (REFORM, costed.budget))
    ]
    return pl.concat(frames)
