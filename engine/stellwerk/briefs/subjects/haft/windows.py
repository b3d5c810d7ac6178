"""The sections on windows: how long each kind of custody may last, and until when one that begins on the legal date.

In go the brief, out come blocks. The last day follows the Civil Code: in a window the first day counts, after an event
it does not; weekends never lengthen custody.
"""

from __future__ import annotations

import datetime as dt

from stellwerk.briefs.blocks import Block, Column, Number, Shown, Table, Value
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subjects.haft.content import Kind
from stellwerk.briefs.subjects.haft.subject import Haft
from stellwerk.law.calendar import Counting, extended_last_day, last_day


def headline(brief: Haft) -> Block:
    """The limits a reader wants first, beside those of the earlier day."""
    asked = brief.parameters
    numbers = []
    for name in brief.content.told:
        value, before = (brief.bound(brief.law, name, day) for day in (asked.on, asked.earlier))
        note = brief.say("number_before", before=before.text, earlier=brief.day(asked.earlier))
        numbers.append(Number(name.replace(".", "_"), brief.parameter_label(name), value, "text", before, value, note))
    now, then = (
        [kind for kind in brief.content.kinds if in_force(brief, kind, day)] for day in (asked.on, asked.earlier)
    )
    note = brief.say("number_before", before=brief.count(len(then)), earlier=brief.day(asked.earlier))
    numbers.append(Number("kinds", brief.say("number_kinds"), len(now), "count", len(then), len(now), note))
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    return block + brief.make.prose(brief.say("first"))


def kinds(brief: Haft) -> Block:
    """Every kind with its window, extension and cap, and the last day of one that begins on the legal date."""
    make, on = brief.make, brief.parameters.on
    columns = (
        Column("kind", brief.say("kind")),
        Column("length", brief.say("length")),
        Column("extension", brief.say("extension")),
        Column("cap", brief.say("cap")),
        Column("since", brief.say("version_since"), "date"),
        Column("basis", brief.say("basis")),
        Column("evidence", brief.say("evidence")),
    )
    rows: list[tuple[Value, ...]] = []
    for kind in brief.content.kinds:
        version = brief.law.rules[kind.rule].on(on)
        label = Shown(kind.rule, brief.label(kind.title))
        if version is None:
            rows.append((label, brief.say("not_in_force"), "–", "–", None, "–", "–"))
            continue
        bounds = [brief.bound(brief.law, name, on) for name in (kind.length, kind.extension, kind.cap)]
        evidence = grade(version.evidence, brief.parameters.language)
        rows.append((label, *bounds, version.interval.first, version.basis, evidence))
    table = Table("kinds", brief.say("kinds_caption", day=brief.day()), columns, tuple(rows), brief.say("source"))
    block = make.heading("kinds", brief.say("kinds_title")) + make.prose(brief.say("kinds_intro")) + make.table(table)
    return block + make.prose(brief.say("ends_intro")) + make.table(_ends(brief))


def in_force(brief: Haft, kind: Kind, day: dt.date) -> bool:
    """Whether a kind of custody stands in the law on a day."""
    return brief.law.rules[kind.rule].on(day) is not None


def last_day_of(law: RulebookView, kind: Kind, begins: dt.date, *, extended: bool) -> dt.date | None:
    """The last day of a window that begins on a day: in a window the first day counts, after an event it does not."""
    version, bound = law.rules[kind.rule].on(begins), law.parameters[kind.length].on(begins)
    if version is None or bound is None:
        return None
    counting = Counting.FIRST_DAY_COUNTS if version.kind == "window" else Counting.EVENT_DAY_EXCLUDED
    end = last_day(begins, bound.value, counting)
    if not extended:
        return end
    extension = law.parameters[kind.extension].on(begins) if kind.extension else None
    return None if extension is None else extended_last_day(end, extension.value)


def _ends(brief: Haft) -> Table:
    on = brief.parameters.on
    columns = (
        Column("kind", brief.say("kind")),
        Column("end", brief.say("end"), "date"),
        Column("end_extended", brief.say("end_extended"), "date"),
    )
    rows = tuple(
        (
            Shown(kind.rule, brief.label(kind.title)),
            last_day_of(brief.law, kind, on, extended=False),
            last_day_of(brief.law, kind, on, extended=True),
        )
        for kind in brief.content.kinds
        if in_force(brief, kind, on)
    )
    return Table("ends", brief.say("ends_caption", day=brief.day()), columns, rows, brief.say("source"))
