"""The sections on time: the limits through the years, those of two days side by side, and what a reform would set.

In go the brief, out come blocks with a time line and with slopes in months.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.law_values import length, value_table
from stellwerk.briefs.reforms import RulebookView, parameter_changes
from stellwerk.briefs.subjects.haft.content import Kind
from stellwerk.briefs.subjects.haft.subject import Haft
from stellwerk.briefs.subjects.haft.windows import in_force
from stellwerk.law.calendar import Period, days_in_parts


def over_the_years(brief: Haft) -> Block:
    """A time line of the limits, then every value with basis and evidence."""
    make, language = brief.make, brief.parameters.language
    values = value_table(
        "values", brief.say("values_caption"), brief.law, brief.content.bounds, brief.content.units, language
    )
    block = make.heading("years", brief.say("years_title")) + make.prose(brief.say("years_intro"))
    return block + make.figure(_timeline(brief)) + make.table(_compared(brief)) + make.table(values)


def reform(brief: Haft) -> Block:
    """What the reform would set, on its first day or on the legal date."""
    make, day = brief.make, brief.reform_day
    changes = [c for c in parameter_changes(brief.law, brief.reformed, day) if c.before != c.after]
    block = make.heading("reform", brief.say("reform_title"))
    if not changes:
        return block + make.prose(brief.say("reform_none", reform=brief.reform_title, day=brief.day(day)))
    columns = (
        Column("parameter", brief.say("limit")),
        Column("before", brief.say("law_in_force")),
        Column("after", brief.say("with_reform")),
        Column("basis", brief.say("basis")),
    )
    rows = tuple(
        (
            Shown(change.id, change.label(brief.parameters.language)),
            brief.bound(brief.law, change.id, day),
            brief.bound(brief.reformed, change.id, day),
            change.basis_before,
        )
        for change in changes
    )
    table = Table("reform", brief.say("reform_caption", day=brief.day(day)), columns, rows, brief.say("source"))
    block += make.prose(brief.say("reform_intro", reform=brief.reform_title, day=brief.day(day)), *_standing(brief))
    return block + _slopes(brief) + make.table(table)


def _compared(brief: Haft) -> Table:
    """Each kind on both days, with the difference in days."""
    earlier, on = brief.parameters.earlier, brief.parameters.on
    columns = (
        Column("kind", brief.say("kind")),
        Column("before", brief.day(earlier)),
        Column("now", brief.day(on)),
        Column("difference", brief.say("difference"), "difference"),
    )
    rows: list[tuple[Value, ...]] = []
    for kind in brief.content.kinds:
        then, now = (_in_days(brief.law, kind, day) for day in (earlier, on))
        cells = [_bound(brief, kind, day) for day in (earlier, on)]
        change = now - then if then is not None and now is not None else None
        rows.append((Shown(kind.rule, brief.label(kind.title)), *cells, change))
    return Table("compared", brief.say("compared_caption"), columns, tuple(rows), brief.say("source"))


def _bound(brief: Haft, kind: Kind, day: dt.date) -> Shown:
    """The length of a kind on a day; a dash where the kind is not in the law."""
    return brief.bound(brief.law, kind.length if in_force(brief, kind, day) else None, day)


def _in_days(law: RulebookView, kind: Kind, day: dt.date) -> int | None:
    bound = law.parameters[kind.length].on(day) if law.rules[kind.rule].on(day) else None
    return None if bound is None or not isinstance(bound.value, Period) else days_in_parts(bound.value)


def _timeline(brief: Haft) -> Figure:
    """Each limit through the years, and what the reform sets."""
    content, language = brief.content, brief.parameters.language
    law, reform = brief.say("law_in_force"), brief.say("with_reform")
    names = tuple(dict.fromkeys((*(kind.length for kind in content.kinds), *content.told)))
    spells = [
        spell
        for name in names
        for view, group, wanted in ((brief.law, law, ""), (brief.reformed, reform, brief.parameters.reform))
        for spell in _spells(brief, view.parameters[name], group, wanted)
    ]
    last = dt.date(max(brief.parameters.on, brief.reform_day).year, 12, 31)
    caption = brief.say("timeline_caption", year=content.shown_from.year)
    about = figures.About("timeline", caption, brief.say("source"), language=language)
    told = content.told[0]
    now, before = (brief.bound(brief.law, told, day).text for day in (brief.parameters.on, brief.parameters.earlier))
    days = {"day": brief.day(), "earlier": brief.day(brief.parameters.earlier)}
    alt = brief.say("timeline_alt", limit=brief.parameter_label(told), now=now, before=before, **days)
    return figures.timeline(spells, (law, reform), (content.shown_from, last), brief.parameters.on, alt, about)


def _spells(brief: Haft, parameter: Any, group: str, reform: str) -> list[figures.Spell]:
    """The versions of a limit that the law, or that reform, has set, in a row called by its name."""
    return [
        figures.Spell(brief.parameter_label(parameter.id), group, version.interval.first, version.interval.last,
                      length(version.value, brief.parameters.language))
        for version in parameter.versions
        if version.reform == reform
        and isinstance(version.value, Period)
        and (version.interval.last is None or version.interval.last >= brief.content.shown_from)
    ]  # fmt: skip


def _slopes(brief: Haft) -> Block:
    """The limits in months that the reform sets, before and after; nothing where there are none."""
    lines = [
        figures.Slope(change.label(brief.parameters.language), change.before.months, change.after.months)
        for change in parameter_changes(brief.law, brief.reformed, brief.reform_day)
        if isinstance(change.before, Period) and isinstance(change.after, Period)
        if change.before.months and change.after.months
    ]
    if not lines:
        return Block("")
    caption = brief.say("slopes_caption", day=brief.day(brief.reform_day))
    about = figures.About("reform_months", caption, brief.say("source"), language=brief.parameters.language)
    return brief.make.figure(figures.slopes(lines, brief.say("law_in_force"), brief.say("with_reform"), about))


def _standing(brief: Haft) -> list[str]:
    """What the reform's own file says of its state."""
    german = brief.parameters.language == "de"
    return [note.text_de if german else note.text_en for note in brief.law.reform(brief.parameters.reform).status]
