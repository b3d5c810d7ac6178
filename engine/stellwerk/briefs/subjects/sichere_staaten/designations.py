"""The sections on law: the lists, what each of them triggers and since when, for which states, with which time limits.

In go the brief and what the rules say of the model cases, out come blocks. Which rule reads which list is read from the
rulebook itself, so that the page cannot claim what the rules do not do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subjects.sichere_staaten.content import Consequence
from stellwerk.briefs.subjects.sichere_staaten.model_cases import Answer, answers
from stellwerk.briefs.subjects.sichere_staaten.subject import SichereStaaten


def lists(brief: SichereStaaten) -> Block:
    """The lists in force with their states, a time line, and what each list triggers."""
    make, on = brief.make, brief.parameters.on
    columns = (
        Column("list", brief.say("list")),
        Column("basis", brief.say("basis")),
        Column("since", brief.say("list_since"), "date"),
        Column("count", brief.say("states"), "count"),
        Column("names", brief.say("which")),
    )
    rows = []
    for name in brief.content.lists:
        codes = brief.on_list(name, on)
        first = min((member.interval.first for member in brief.law.listings[name].members), default=None)
        which = brief.named(codes) if codes else "–"
        rows.append((Shown(name, brief.list_title(name)), brief.law.listings[name].basis, first, len(codes), which))
    table = Table("lists", brief.say("lists_caption", day=brief.day()), columns, tuple(rows), brief.say("source_lists"))
    block = make.heading("lists", brief.say("lists_title")) + make.prose(brief.say("lists_intro"), _excluded(brief))
    block += make.table(table) + make.figure(_timeline(brief))
    return block + make.prose(brief.say("triggers_intro")) + make.table(_triggers(brief))


def effects(
    brief: SichereStaaten, determined: Mapping[str, pl.DataFrame], reformed: Mapping[str, pl.DataFrame]
) -> Block:
    """What holds for each of the states asked for, since when, and where the reform would change it."""
    make = brief.make
    block = make.heading("effects", brief.say("effects_title"))
    block += make.prose(brief.say("effects_intro", day=brief.day()))
    block += make.table(_effects_table(brief, "effects", determined, brief.parameters.on))
    changed = [
        row
        for on in (brief.parameters.earlier, brief.parameters.on)
        for row in _changed_rows(brief, determined, reformed, on)
    ]
    if not changed:
        return block + make.prose(brief.say("effects_unchanged"))
    columns = (
        Column("day", brief.say("day"), "date"),
        Column("consequence", brief.say("consequence")),
        Column("countries", brief.say("which")),
        Column("before", brief.say("law_in_force")),
        Column("after", brief.say("with_reform")),
    )
    caption = brief.say("reform_caption", reform=brief.reform_title)
    block += make.prose(brief.say("reform_intro", earlier=brief.day(brief.parameters.earlier), day=brief.day()))
    return block + make.table(Table("reform_effects", caption, columns, tuple(changed), brief.say("source_rules")))


def deadlines(brief: SichereStaaten, determined: pl.DataFrame) -> Block:
    """The time limits after the decision that follows a designation, beside those after an ordinary rejection."""
    told, on = brief.content.deadlines, brief.parameters.on
    columns = (
        Column("limit", brief.say("limit")),
        Column("listed", brief.say("after_listed")),
        Column("other", brief.say("after_other")),
        Column("basis", brief.say("basis")),
        Column("evidence", brief.say("evidence")),
    )
    by_case = {row["case_id"]: row for row in determined.iter_rows(named=True)}
    rows: list[tuple[Value, ...]] = []
    for rule in told.rules:
        version = brief.law.rules[rule].on(on)
        if version is None:
            continue
        title = version.label_de if brief.parameters.language == "de" else version.label_en
        cells = [_limit(brief, by_case[case], rule) for case in (told.listed, told.other)]
        rows.append((Shown(rule, title), *cells, version.basis, grade(version.evidence, brief.parameters.language)))
    table = Table(
        "deadlines", brief.say("deadlines_caption", day=brief.day()), columns, tuple(rows), brief.say("source_rules")
    )
    block = brief.make.heading("deadlines", brief.say("deadlines_title"))
    return block + brief.make.prose(brief.say("deadlines_intro", day=brief.day())) + brief.make.table(table)


def _excluded(brief: SichereStaaten) -> str:
    """Candidates that are out for a ground of their own."""
    codes = sorted(brief.law.listings[brief.content.excluded].codes_on(brief.parameters.on))
    return brief.say("lists_excluded", names=brief.named(codes)) if codes else ""


def _timeline(brief: SichereStaaten) -> Figure:
    """Every state on a list on the day or asked for, with its time on each list and what the reform adds."""
    on, content = brief.parameters.on, brief.content
    listed = {code for name in content.lists for code in brief.law.listings[name].codes_on(on)}
    codes = sorted(listed | set(brief.codes), key=brief.place)
    spells = [
        figures.Spell(brief.country(member.code), group, member.interval.first, member.interval.last)
        for code in codes
        for law, reform in ((brief.law, ""), (brief.reformed, brief.parameters.reform))
        for name in content.lists
        for group in [brief.say("by_reform") if reform else brief.list_title(name)]
        for member in law.listings[name].members
        if member.code == code and member.reform == reform and (member.interval.last or on) >= content.shown_from
    ]
    groups = (*(brief.list_title(name) for name in content.lists), brief.say("by_reform"))
    per_list = formats.enumeration(
        [brief.say("timeline_list", list=brief.list_title(name), count=len(brief.on_list(name, on)))
         for name in content.lists], brief.parameters.language,
    )  # fmt: skip
    without = [code for code in brief.codes if code not in listed]
    alt = brief.say("timeline_alt", day=brief.day(), lists=per_list, without=brief.named(without) if without else "")
    caption = brief.say("timeline_caption", year=content.shown_from.year)
    about = figures.About("listings", caption, brief.say("source_lists"), language=brief.parameters.language)
    last = dt.date(on.year, 12, 31)
    return figures.timeline(spells, groups, (content.shown_from, last), on, alt, about)


def _triggers(brief: SichereStaaten) -> Table:
    """For each rule since when it has read which list without a break."""
    on = brief.parameters.on
    columns = [Column("consequence", brief.say("consequence"))]
    columns += [Column(name, brief.label(short)) for name, short in brief.content.lists.items()]
    columns += [Column("basis", brief.say("basis")), Column("evidence", brief.say("evidence"))]
    rows: list[tuple[Value, ...]] = []
    for consequence in brief.content.consequences:
        version = brief.law.rules[consequence.rule].on(on)
        if version is None:
            continue
        cells = [_read_since(brief, brief.law, consequence.rule, name) for name in brief.content.lists]
        evidence = grade(version.evidence, brief.parameters.language)
        rows.append((Shown(consequence.rule, brief.label(consequence.title)), *cells, version.basis, evidence))
    caption = brief.say("triggers_caption", day=brief.day())
    return Table("triggers", caption, tuple(columns), tuple(rows), brief.say("source_rules"))


def _read_since(brief: SichereStaaten, law: RulebookView, rule: str, name: str) -> Value:
    """The first day since which a rule has read a list with members, without a break; a dash where it does not."""
    version = law.rules[rule].on(brief.parameters.on)
    if version is None or name not in version.listings():
        return "–"
    since = version.interval.first
    for earlier in reversed([v for v in law.rules[rule].versions if v.interval.first < since]):
        if name not in earlier.listings() or earlier.interval.last != since - dt.timedelta(days=1):
            break
        since = earlier.interval.first
    first = max(since, min(member.interval.first for member in law.listings[name].members))
    return Shown(first.isoformat(), brief.say("since", day=brief.day(first)))


def _effects_table(brief: SichereStaaten, name: str, determined: Mapping[str, pl.DataFrame], on: dt.date) -> Table:
    columns = (Column("consequence", brief.say("consequence")), *(Column(c, brief.country(c)) for c in brief.codes))
    rows = tuple(
        (Shown(consequence.rule, brief.label(consequence.title)), *_cells(brief, consequence, determined, on))
        for consequence in brief.content.consequences
    )
    return Table(name, brief.say("effects_caption", day=brief.day(on)), columns, rows, brief.say("source_rules"))


def _cells(
    brief: SichereStaaten, consequence: Consequence, determined: Mapping[str, pl.DataFrame], on: dt.date
) -> list[Value]:
    found = _told(brief, consequence, determined, on)
    return [_shown(brief, found[code]) for code in brief.codes]


def _shown(brief: SichereStaaten, answer: Answer) -> Shown:
    if answer.applies:
        words = brief.say("since", day=brief.day(answer.since))
        return Shown(answer.since.isoformat(), brief.say("applies", since=words))
    said = brief.say("does_not_apply") if answer.outcome not in _UNSETTLED else brief.outcome(answer.outcome)
    return Shown(answer.outcome, said)


_UNSETTLED = ("needs_facts", "needs_review", "conflict", "not_in_force")  # what the engine itself says


def _told(
    brief: SichereStaaten, consequence: Consequence, determined: Mapping[str, pl.DataFrame], on: dt.date
) -> dict[str, Answer]:
    return answers(brief.codes, consequence, determined[consequence.rule], on)


def _changed_rows(
    brief: SichereStaaten, before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], on: dt.date
) -> list[tuple[Value, ...]]:
    """The states for which the reform gives another outcome on a day, by consequence and both outcomes."""
    rows: list[tuple[Value, ...]] = []
    for consequence in brief.content.consequences:
        old, new = (_told(brief, consequence, found, on) for found in (before, after))
        changed: dict[tuple[str, str], list[str]] = {}
        for code in brief.codes:
            if old[code].outcome != new[code].outcome:
                changed.setdefault((old[code].outcome, new[code].outcome), []).append(code)
        title = Shown(consequence.rule, brief.label(consequence.title))
        rows += [
            (
                on,
                title,
                Shown(" ".join(codes), brief.named(codes)),
                *(Shown(name, brief.outcome(name)) for name in pair),
            )
            for pair, codes in changed.items()
        ]
    return rows


def _limit(brief: SichereStaaten, row: Mapping[str, object], rule: str) -> Shown:
    outcome, until = str(row[f"{rule}.outcome"]), row.get(f"{rule}.until")
    if isinstance(until, dt.date):
        return Shown(until.isoformat(), brief.say("until", day=brief.day(until)))
    return Shown(outcome, brief.outcome(outcome))
