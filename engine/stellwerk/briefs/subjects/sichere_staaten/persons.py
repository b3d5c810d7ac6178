"""How many persons of a synthetic register the lists concern: under the law of two days, without and with the reform.

In go the persons in the asylum procedure and what the rules say of them in four situations, out come counts by state
and counts by consequence, all protected together, and the blocks that show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Kind, Number, Shown, Table, Value
from stellwerk.briefs.secrecy import Count, Sum, protect, protect_difference
from stellwerk.briefs.subjects.sichere_staaten.subject import SichereStaaten

Cell = tuple[str, ...]
EARLIER, EARLIER_REFORM, NOW, NOW_REFORM = "earlier", "earlier_reform", "now", "now_reform"
OTHERS, ALL = "others", "all"


@dataclass(frozen=True)
class Situation:
    """A legal date and the reforms laid over it."""

    id: str
    on: dt.date
    reforms: tuple[str, ...]


def situations(brief: SichereStaaten) -> list[Situation]:
    """Both days, without and with the reform."""
    asked, reform = brief.parameters, (brief.parameters.reform,)
    return [
        Situation(EARLIER, asked.earlier, ()),
        Situation(EARLIER_REFORM, asked.earlier, reform),
        Situation(NOW, asked.on, ()),
        Situation(NOW_REFORM, asked.on, reform),
    ]


def in_procedure(brief: SichereStaaten, register: pl.DataFrame) -> pl.DataFrame:
    """The persons of the register that are counted."""
    return register.filter(pl.col("status").cast(pl.String).is_in(brief.content.situation.status))


def counts(brief: SichereStaaten, register: pl.DataFrame, found: Mapping[str, pl.DataFrame]) -> dict[Cell, Count]:
    """The counts that may be shown: by state (`others` and `all` too), and by rule and situation."""
    counted, sums = gathered(brief, register, found)
    return protect(counted, sums, brief.parameters.small_count)


def gathered(
    brief: SichereStaaten, register: pl.DataFrame, found: Mapping[str, pl.DataFrame]
) -> tuple[dict[Cell, int], list[Sum]]:
    """The true counts by cell and which add up to which; who is left over is a cell too (`not`): readers subtract."""
    nationality = register.get_column("nationality").cast(pl.String)
    cells: dict[Cell, int] = {(code,): int((nationality == code).sum()) for code in brief.codes}
    cells[OTHERS,] = register.height - sum(cells.values())
    sums = [Sum((ALL,), tuple(cells))]
    cells[ALL,] = register.height
    for consequence in brief.content.counted:
        for situation, determined in found.items():
            outcome = determined.get_column(f"{consequence.rule}.outcome").cast(pl.String)
            applies = (consequence.rule, situation)
            cells[applies] = int(outcome.is_in(consequence.applies).sum())
            cells[*applies, "not"] = register.height - cells[applies]
            sums.append(Sum((ALL,), (applies, (*applies, "not"))))
    return cells, sums


def headline(brief: SichereStaaten, shown: Mapping[Cell, Count]) -> Block:
    """The numbers a reader wants first: listed states, and whom the reform would have reached and would reach."""
    number = _Numbers(brief)
    of_all = brief.say("of_procedure", persons=brief.count(shown[ALL,]))
    chosen = [
        number.of(
            f"listed_{name.split('.')[-1]}", len(brief.on_list(name, brief.parameters.on)), brief.list_title(name)
        )
        for name in brief.content.told_lists
    ]
    for consequence in (found for found in brief.content.counted if found.rule in brief.content.told):
        title = brief.label(consequence.title)
        for before, after, on in (
            (EARLIER, EARLIER_REFORM, brief.parameters.earlier),
            (NOW, NOW_REFORM, brief.parameters.on),
        ):
            change = protect_difference(*(shown[consequence.rule, when] for when in (before, after)))
            note = brief.say("number_change_note", day=brief.day(on), of=of_all)
            name = f"{consequence.rule.split('.')[-1]}_{before}"
            chosen.append(number.named(name, brief.say("number_change", title=title), change, "difference", note))
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", chosen)
    return block + brief.make.prose(brief.say("first", reform=brief.reform_title))


def concerned(brief: SichereStaaten, shown: Mapping[Cell, Count]) -> Block:
    """Whom the lists concern: bars of all persons, then the table by consequence and state."""
    make = brief.make
    table = _table(brief, shown)
    block = make.heading("persons", brief.say("persons_title"))
    days = {"earlier": brief.day(brief.parameters.earlier), "day": brief.day()}
    told = brief.say("persons_intro", persons=brief.count(shown[ALL,]), reform=brief.reform_title, **days)
    block += make.prose(told)
    return block + make.figure(_bars(brief, shown, table)) + make.table(table) + make.table(_by_state(brief, shown))


@dataclass(frozen=True)
class _Numbers:
    """Makes headline numbers of this brief."""

    brief: SichereStaaten

    def of(self, name: str, value: Value, note: str) -> Number:
        return self.named(name, self.brief.say("number_listed"), value, "count", note)

    def named(self, name: str, label: str, value: Value, kind: Kind, note: str) -> Number:
        return Number(name, label, value, kind, None, None, note)


def _table(brief: SichereStaaten, shown: Mapping[Cell, Count]) -> Table:
    """Persons by consequence, in the four situations."""
    earlier, day = brief.day(brief.parameters.earlier), brief.day()
    columns = (
        Column("consequence", brief.say("consequence")),
        Column(EARLIER, brief.say("column_law", day=earlier), "count"),
        Column(EARLIER_REFORM, brief.say("column_reform", day=earlier), "count"),
        Column(NOW, brief.say("column_law", day=day), "count"),
        Column(NOW_REFORM, brief.say("column_reform", day=day), "count"),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            Shown(consequence.rule, brief.label(consequence.title)),
            *(shown[consequence.rule, column.name] for column in columns[1:]),
        )
        for consequence in brief.content.counted
    )
    return Table("persons", brief.say("persons_caption"), columns, rows, brief.register_source())


def _by_state(brief: SichereStaaten, shown: Mapping[Cell, Count]) -> Table:
    columns = (Column("country", brief.say("country")), Column("persons", brief.say("persons"), "count"))
    rows = tuple((Shown(name, _group_name(brief, name)), shown[name,]) for name in (*brief.codes, OTHERS, ALL))
    caption = brief.say("by_state_caption")
    return Table("procedures", caption, columns, rows, brief.register_source(), total_row=True)


def _group_name(brief: SichereStaaten, name: str) -> str:
    return brief.say(f"group_{name}") if name in (OTHERS, ALL) else brief.country(name)


def _bars(brief: SichereStaaten, shown: Mapping[Cell, Count], table: Table) -> Figure:
    """Each consequence on the earlier day, without and with the reform."""
    pairs = []
    for consequence in brief.content.counted:
        for before, after, on in (
            (EARLIER, EARLIER_REFORM, brief.parameters.earlier),
            (NOW, NOW_REFORM, brief.parameters.on),
        ):
            old, new = shown[consequence.rule, before], shown[consequence.rule, after]
            label = f"{brief.label(consequence.title)}, {brief.day(on)}"
            pairs.append(figures.BarPair(label, old, new, brief.count(old), brief.count(new)))
    svg = figures.bars(pairs, brief.say("law_in_force"), brief.say("with_reform"), brief.parameters.language)
    told = brief.content.counted[0]
    numbers = {when: brief.count(shown[told.rule, when]) for when in (EARLIER, EARLIER_REFORM, NOW, NOW_REFORM)}
    alt = brief.say("persons_alt", title=brief.label(told.title), earlier_day=brief.day(brief.parameters.earlier),
                    day=brief.day(), **numbers)  # fmt: skip
    return Figure("persons", svg, alt, brief.say("persons_figure"), table.source, table)
