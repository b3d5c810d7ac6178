"""The sections: numbers first, all demands with the law of today, what is computed, what has become law, what is not.

In go the brief and the computed effects, out come blocks.
"""

from __future__ import annotations

from collections.abc import Sequence

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Number, Shown, Table, Value
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.law_values import grade, law_value
from stellwerk.briefs.subjects.positionspapier.content import Demand, ValueEffect
from stellwerk.briefs.subjects.positionspapier.effects import Result
from stellwerk.briefs.subjects.positionspapier.subject import Positionspapier


def headline(brief: Positionspapier, results: Sequence[Result]) -> Block:
    """How many demands, how many are law, how many are computed, and the effects a reader wants first."""
    demands = brief.content.demands
    as_law = [demand for demand in demands if demand.state in brief.content.counted_as_law]
    of_all = brief.say("of_demands", count=brief.count(len(demands)))
    numbers = [
        Number(
            "demands", brief.say("number_demands"), len(demands), "count", None, None, brief.say("number_demands_note")
        ),
        Number("as_law", brief.say("number_as_law"), len(as_law), "count", None, None, of_all),
        Number("computed", brief.say("number_computed"), len(brief.computed()), "count", None, None, of_all),
    ]
    told = {result.id: result for result in results}
    for name in brief.content.told:
        found = told[name]
        note = brief.say("number_note", demand=found.demand, before=found.before.text, after=found.after.text)
        numbers.append(Number(name, found.label, found.difference, "text", found.before, found.after, note))
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    return block + brief.make.prose(brief.say("first", day=brief.day()))


def overview(brief: Positionspapier) -> Block:
    """Both papers by state of the law, then every demand with what the law says today."""
    make = brief.make
    block = make.heading("demands", brief.say("demands_title")) + make.prose(brief.say("demands_intro"))
    block += make.figure(_bars(brief))
    for paper, found in brief.content.papers.items():
        columns = (
            Column("demand", brief.say("number")),
            Column("text", brief.say("demand")),
            Column("state", brief.say("state")),
            Column("law", brief.say("law_today")),
            Column("grade", brief.say("grade")),
        )
        rows = tuple(_demand_row(brief, demand) for demand in brief.content.demands if demand.paper == paper)
        caption = brief.say("demands_caption", paper=brief.label(found.title), day=brief.day())
        block += make.table(Table(f"demands_{paper.lower()}", caption, columns, rows, brief.reform(paper).source))
    return block


def computed(brief: Positionspapier, results: Sequence[Result]) -> Block:
    """Every effect without and with the demand."""
    make = brief.make
    columns = (
        Column("effect", "", on_page=False),
        Column("demand", brief.say("number")),
        Column("measure", brief.say("measure")),
        Column("before", brief.say("without_demand")),
        Column("after", brief.say("with_demand")),
        Column("difference", brief.say("difference")),
        Column("day", brief.say("legal_date"), "date"),
        Column("source", brief.say("rests_on")),
    )
    rows = tuple((r.id, r.demand, r.label, r.before, r.after, r.difference, r.day, r.source) for r in results)
    days = {paper: brief.day(brief.effect_day(paper)) for paper in brief.content.papers}
    told = "; ".join(f"{brief.label(found.title)}: {days[paper]}" for paper, found in brief.content.papers.items())
    block = make.heading("effects", brief.say("effects_title")) + make.prose(brief.say("effects_intro", days=told))
    return block + make.table(
        Table(
            "effects",
            brief.say("effects_caption"),
            columns,
            rows,
            brief.say("source_effects", register=brief.register_source()),
        )
    )


def since_then(brief: Positionspapier) -> Block:
    """Values of the law at the time of the papers and today, then all rules and values that answer a demand."""
    make, law = brief.make, brief.law
    columns = (
        Column("demand", brief.say("number")),
        Column("value", brief.say("measure")),
        Column("then", brief.day(brief.parameters.earlier)),
        Column("today", brief.day()),
        Column("since", brief.say("in_force_since"), "date"),
        Column("basis", brief.say("basis")),
    )
    rows: list[tuple[Value, ...]] = []
    for demand in brief.content.demands:
        for name in (*demand.since, *(effect.of for effect in demand.effects if isinstance(effect, ValueEffect))):
            rows.append((demand.id, *_then_and_today(brief, name)))
    table = Table("since", brief.say("since_caption"), columns, tuple(rows), brief.say("source_law"))
    block = make.heading("since", brief.say("since_title")) + make.prose(brief.say("since_intro")) + make.table(table)
    return block + make.table(law_table(brief, law, brief.content.answers, brief.parameters.on))


def not_computed(brief: Positionspapier) -> Block:
    """What could not be computed from rules, and why; then what the papers say as facts."""
    make = brief.make
    columns = (Column("demand", brief.say("number")), Column("reason", brief.say("reason")))
    names = [demand.id for demand in brief.content.demands if brief.reason(demand.id)]
    rows = tuple((name, brief.reason(name)) for name in names)
    table = Table("not_computed", brief.say("not_computed_caption"), columns, rows, brief.say("source_reforms"))
    block = make.heading("not_computed", brief.say("not_computed_title"))
    block += make.prose(brief.say("not_computed_intro", count=brief.count(len(rows)))) + make.table(table)
    claims = [brief.law_today(name) for name in brief.content.claims]
    return block + make.heading("claims", brief.say("claims_title")) + make.points(claims)


def _demand_row(brief: Positionspapier, demand: Demand) -> tuple[Value, ...]:
    state = Shown(demand.state, brief.label(brief.content.states[demand.state]))
    law = brief.law_today(demand.id) or "–"
    return demand.id, brief.label(demand.demand), state, law, grade(demand.grade, brief.parameters.language)


def _then_and_today(brief: Positionspapier, name: str) -> tuple[Value, ...]:
    parameter, language = brief.law.parameters[name], brief.parameters.language
    then, today = (parameter.on(day) for day in (brief.parameters.earlier, brief.parameters.on))
    shown = [
        law_value(None if dated is None else dated.value, parameter.unit, brief.content.units, language)
        for dated in (then, today)
    ]
    label = Shown(name, parameter.label_de if language == "de" else parameter.label_en)
    return label, *shown, today.interval.first if today else None, today.basis if today else "–"


def _bars(brief: Positionspapier) -> Figure:
    """How many demands of each paper are in which state."""
    first, second = brief.content.papers
    rows: list[tuple[Value, ...]] = []
    pairs = []
    for state, title in brief.content.states.items():
        of = {p: sum(d.paper == p and d.state == state for d in brief.content.demands) for p in (first, second)}
        label = brief.label(title)
        pairs.append(figures.BarPair(label, of[first], of[second], brief.count(of[first]), brief.count(of[second])))
        rows.append((Shown(state, label), of[first], of[second]))
    titles = [brief.label(brief.content.papers[paper].title) for paper in (first, second)]
    columns = (
        Column("state", brief.say("state")),
        *(Column(p, t, "count") for p, t in zip((first, second), titles, strict=True)),
    )
    source = brief.say("source_reforms")
    table = Table("states", brief.say("states_caption", day=brief.day()), columns, tuple(rows), source)
    svg = figures.bars(pairs, titles[0], titles[1], brief.parameters.language)
    as_law = sum(demand.state in brief.content.counted_as_law for demand in brief.content.demands)
    alt = brief.say("states_alt", count=brief.count(as_law), all=brief.count(len(brief.content.demands)))
    return Figure("states", svg, alt, table.caption, source, table)
