"""The sections on one municipality: keys side by side, places, origins, money, neighbours, questions.

In go the brief, the quotas under each key and what the Land pays for a person a month, out come blocks. Quotas are no
data on persons and are shown in full; persons by origin are expectations, not counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from markupsafe import Markup

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.capacities import DAY, FREE, empty_form
from stellwerk.briefs.geometry import Geometry, read_geometry
from stellwerk.briefs.subjects.gemeinde.gemeinde import CENT, THOUSAND, Gemeinde
from stellwerk.budget.prices import NoPrice
from stellwerk.flows.figures import load_applications

_SHARE_PLACES = 3
KREIS_DIGITS = 5  # of the eight digits of a municipality's key, those that name its Kreis


def lump_sum_of(brief: Gemeinde, determined: pl.DataFrame) -> Decimal | None:
    """What the Land pays for one person a month; none where the rule names no amount."""
    found = determined.get_column(f"{brief.content.lump_sum}.amount").item()
    return None if found is None else formats.exact(found, CENT)


def keys(brief: Gemeinde, quotas: Mapping[str, Any]) -> Block:
    """The quota under each key, with whom it divides and how sure it is."""
    columns = (
        Column("key", brief.say("key")),
        Column("whom", brief.say("whom")),
        Column("share_percent", brief.say("share"), "decimal", _SHARE_PLACES),
        Column("persons", brief.say("persons"), "count"),
        Column("per_thousand", brief.say("rate"), "decimal", 2),
        Column("evidence", brief.say("evidence")),
    )
    language, code = brief.parameters.language, brief.code
    rows = tuple(
        (
            Shown(key, found.label[language]),
            brief.say(f"whom_{key}"),
            _percent(found.shares[code]),
            found.persons[code],
            brief.per_thousand(found.persons[code], code),
            Shown(found.evidence, text_of_grade(brief, found.evidence)),
        )
        for key, found in quotas.items()
    )
    caption = brief.say("keys_caption", persons=brief.count(brief.parameters.persons), day=brief.day())
    sources = "; ".join(dict.fromkeys(found.source for found in quotas.values()))
    notes = [note[language] for found in quotas.values() for note in found.notes]
    block = brief.make.heading("keys", brief.say("keys_title")) + brief.make.prose(brief.say("keys_intro"))
    return (
        block
        + brief.make.table(Table("keys", caption, columns, rows, sources))
        + brief.make.points(dict.fromkeys(notes))
    )


def places(brief: Gemeinde, quotas: Mapping[str, Any]) -> Block:
    """Stock and capacity as the municipality has told, held against its quota."""
    make, quota = brief.make, quotas[brief.content.assigned_by].persons[brief.code]
    block = make.heading("places", brief.say("places_title"))
    row = brief.capacities.get(brief.code)
    if row is None:
        return block + make.prose(brief.say("places_unknown", quota=brief.count(quota)))
    names = [question for question in brief.content.questions if question.kind == "count"]
    rows = tuple((Shown(question.id, brief.label(question.label)), row[question.column]) for question in names)
    columns = (Column("question", brief.say("what")), Column("answer", brief.say("number"), "count"))
    source = brief.say("source_municipality", day=formats.date(row[DAY], brief.parameters.language))
    free = row[FREE]
    if free is None:
        told = brief.say("places_partly", quota=brief.count(quota))
    else:
        verdict = "places_enough" if free >= quota else "places_short"
        told = brief.say(verdict, quota=brief.count(quota), free=brief.count(free), gap=brief.count(abs(free - quota)))
    return block + make.prose(told) + make.table(Table("places", brief.say("places_caption"), columns, rows, source))


def origins(brief: Gemeinde, quotas: Mapping[str, Any]) -> Block:
    """Where those who come would be from, if they are as the applicants of a year were."""
    make, year = brief.make, brief.parameters.year
    quota = quotas[brief.content.assigned_by].persons[brief.code]
    counted = load_applications(brief.params).filter((pl.col("year") == year) & (pl.col("applications") > 0))
    ranked = counted.sort(["applications", "origin"], descending=[True, False])
    block = make.heading("origins", brief.say("origins_title"))
    if ranked.is_empty():
        return block + make.prose(brief.say("origins_none", year=year))
    total = int(ranked.get_column("applications").sum())
    countries = brief.country_names()
    first = list(ranked.select("origin", "applications").head(brief.content.origins_shown).iter_rows())
    rest = total - sum(number for _, number in first)
    named = [(Shown(origin, countries.get(origin, origin)), number) for origin, number in first]
    rows = tuple(
        (label, _percent(Fraction(number, total)), formats.exact(Fraction(quota * number, total), 1))
        for label, number in [*named, (Shown("rest", brief.say("origins_rest")), rest)]
    )
    columns = (
        Column("origin", brief.say("origin")),
        Column("share_percent", brief.say("share"), "decimal", 1),
        Column("expected", brief.say("expected"), "decimal", 1),
    )
    caption = brief.say("origins_caption", quota=brief.count(quota), year=year)
    table = Table("origins", caption, columns, rows, brief.say("source_origins", year=year))
    return block + make.prose(brief.say("origins_intro", year=year)) + make.table(table)


def cost(brief: Gemeinde, quotas: Mapping[str, Any], lump_sum: Decimal | None) -> Block:
    """What the Land pays for the quota in a year, against what places for it cost."""
    make, months = brief.make, brief.content.months
    quota = quotas[brief.content.assigned_by].persons[brief.code]
    rows: list[tuple[Value, ...]] = []
    if lump_sum is not None:
        label = Shown(brief.content.lump_sum, brief.say("lump_sum"))
        rows.append((label, lump_sum, lump_sum * quota * months, brief.say("basis_law")))
    for name in brief.content.place_prices:
        price = brief.place_price(name)
        label = Shown(name, brief.label(brief.prices.prices[name].title))
        if isinstance(price, NoPrice):
            rows.append((label, None, None, brief.label(price.reason)))
            continue
        month = formats.exact(price.eur, CENT)
        basis = f"{price.basis} ({text_of_grade(brief, price.evidence)})"
        rows.append((label, -month, -month * quota * months, basis))
    columns = (
        Column("position", brief.say("position")),
        Column("eur_month", brief.say("month_each"), "euro"),
        Column("eur_year", brief.say("year_all"), "euro"),
        Column("basis", brief.say("basis")),
    )
    caption = brief.say("cost_caption", quota=brief.count(quota), months=months)
    block = make.heading("cost", brief.say("cost_title")) + make.prose(brief.say("cost_intro"))
    return block + make.table(Table("cost", caption, columns, tuple(rows), brief.say("source_cost", day=brief.day())))


def neighbours(brief: Gemeinde, quotas: Mapping[str, Any]) -> Block:
    """The municipality among those it borders on: quota, rent, work; and a map of them."""
    make, assigned = brief.make, quotas[brief.content.assigned_by]
    geometry = read_geometry(brief.params / "map" / "municipalities.json")
    names = brief.tables.names("municipalities")
    around = sorted(neighbours_of(geometry, brief.code), key=lambda code: names[code])
    compared = [_column(brief, item.table, item.column) for item in brief.content.compared]
    columns = (
        Column("code", "", on_page=False),
        Column("municipality", brief.say("municipality")),
        Column("quota", brief.say("quota"), "count"),
        Column("per_thousand", brief.say("rate"), "decimal", 2),
        *(
            Column(item.column, label, "decimal", item.places)
            for item, (label, _) in zip(brief.content.compared, compared, strict=True)
        ),
    )
    rows = tuple(
        (
            code,
            names[code],
            assigned.persons[code],
            brief.per_thousand(assigned.persons[code], code),
            *(values.get(code) for _, values in compared),
        )
        for code in (brief.code, *around)
    )
    caption = brief.say("neighbours_caption", name=brief.municipality, count=len(around), day=brief.day())
    table = Table("neighbours", caption, columns, rows, brief.say("source_neighbours"))
    rates = {code: brief.per_thousand(assigned.persons[code], code) for code in (brief.code, *around)}
    higher = sum(rates[code] > rates[brief.code] for code in around)
    told = brief.say("neighbours_intro", name=brief.municipality, count=len(around), higher=higher)
    block = make.heading("neighbours", brief.say("neighbours_title")) + make.prose(told)
    return block + make.figure(_map(brief, geometry, rates, names, table)) + make.table(table)


def questions(brief: Gemeinde) -> Block:
    """What the municipality is asked, and the form that the register of capacities reads again."""
    make, code = brief.make, brief.code
    file = f"form_{code}.csv"
    form = empty_form(code, brief.municipality, brief.content.questions, brief.parameters.language)
    link = Markup('<p><a href="data/{}">{}</a></p>\n').format(file, brief.say("form_link", file=file))
    block = make.heading("questions", brief.say("questions_title")) + make.prose(brief.say("questions_intro"))
    block += make.points(brief.label(question.label) for question in brief.content.questions)
    return block + Block(str(link), {file: form}) + make.prose(brief.say("legal_notice"))


def neighbours_of(geometry: Geometry, code: str) -> set[str]:
    """Those that share a stretch of border with a municipality."""
    return set().union(*(owners for owners in geometry.owners if code in owners)) - {code}


def text_of_grade(brief: Gemeinde, grade: str) -> str:
    """How sure a value is, in words."""
    return brief.say(f"grade_{grade}")


def _percent(share: Fraction) -> Decimal:
    return formats.exact(share * 100, 6)


def _column(brief: Gemeinde, table: str, column: str) -> tuple[str, dict[str, Decimal]]:
    """A column's heading with its unit, and its value for each municipality; an empty cell is none."""
    sheet = brief.tables.columns(table).filter(pl.col("column") == column).row(0, named=True)
    label, unit = sheet[f"label_{brief.parameters.language}"], sheet["unit"]
    frame, key = brief.tables.as_text(table), brief.tables.key_column(table)
    own = {code: Decimal(cell) for code, cell in frame.select(key, column).iter_rows() if cell is not None}
    names = brief.tables.names("municipalities")
    places = {code: code if table == "municipalities" else code[:KREIS_DIGITS] for code in names}
    values = {code: own[place] for code, place in places.items() if place in own}
    return (f"{label} ({unit})" if unit else label), values


def _map(
    brief: Gemeinde, geometry: Geometry, rates: Mapping[str, Decimal], names: Mapping[str, str], table: Table
) -> Figure:
    classes = _classes(brief, _against_mean(brief, rates))
    within = [arc for arc, owners in zip(geometry.arcs, geometry.owners, strict=True) if brief.code in owners]
    labels = {code: names[code] for code in rates}
    svg = figures.choropleth(geometry, classes, labels, brief.say("map_legend"), within)
    most = max(rates, key=lambda code: (rates[code], code))
    own, top = _rate(brief, rates[brief.code]), _rate(brief, rates[most])
    alt = brief.say("map_alt", name=brief.municipality, rate=own, most=names[most], top=top)
    return Figure(
        "neighbours_map", svg, alt, brief.say("map_caption", name=brief.municipality), brief.say("source_map"), table
    )


def _against_mean(brief: Gemeinde, rates: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Each municipality's persons a thousand inhabitants in percent of those of all municipalities together."""
    everyone = sum(brief.tables.exact("municipalities", "population_2023").values(), Fraction(0))
    mean = brief.parameters.persons * THOUSAND / everyone
    return {code: Fraction(rate) * 100 / mean if mean else Fraction(0) for code, rate in rates.items()}


def _classes(brief: Gemeinde, against_mean: Mapping[str, Fraction]) -> list[figures.MapClass]:
    """Quotas for each inhabitant in classes against the mean of all municipalities, the lightest first."""
    bounds = (0, *brief.content.map_classes)
    classes = []
    for low, high in zip(bounds, [*bounds[1:], None], strict=True):
        inside = (code for code, rate in against_mean.items() if low <= rate and (high is None or rate < high))
        classes.append(figures.MapClass(_class_label(brief, low, high), frozenset(inside)))
    return classes


def _class_label(brief: Gemeinde, low: int, high: int | None) -> str:
    if high is None:
        return brief.say("class_from", low=low)
    return brief.say("class_between", low=low, high=high) if low else brief.say("class_below", high=high)


def _rate(brief: Gemeinde, rate: Decimal) -> str:
    return formats.number(rate, brief.parameters.language, 2)
