"""The sections on persons: the differences first, then the tracks, the right to stay, and the countries concerned.

In go the brief and the persons with their results before and after, out come blocks. Counts pass the protection of
small counts before they are written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Number, Shown, Table, Value
from stellwerk.briefs.reforms import ParameterChange, added_codes, listing_spells, parameter_changes
from stellwerk.briefs.secrecy import Count, protect_count, protect_difference
from stellwerk.briefs.subjects.lage import counts
from stellwerk.briefs.subjects.lage.counts import AFTER, BEFORE, People
from stellwerk.briefs.subjects.lage.lage import Lage
from stellwerk.briefs.subjects.lage.shown_counts import ALL, ASYLUM, TOLERATED, ShownCounts, shown_counts
from stellwerk.texts import text


@dataclass(frozen=True)
class Concerned(People):
    """The persons with the counts of them that may be shown."""

    shown: ShownCounts


def join(brief: Lage, cases: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> Concerned:
    """The persons with their results before and after."""
    who = counts.people(brief.content, cases, before, after)
    return Concerned(who.frame, shown_counts(brief.content, who, brief.parameters.small_count))


def differences(brief: Lage, who: Concerned) -> Block:
    """What the reform would change: persons first, then money and places, then each value with its source."""
    make = brief.make
    changes = parameter_changes(brief.law, brief.reformed, brief.parameters.on)
    in_asylum, tolerated = who.shown.cells[ASYLUM], who.shown.cells[TOLERATED]
    persons = [
        _changed_persons(brief, who, "safe_origin", in_asylum, "of_asylum"),
        _changed_persons(brief, who, "procedure", in_asylum, "of_asylum"),
        _changed_persons(brief, who, "stay", tolerated, "of_tolerated"),
    ]
    values = [_changed_value(brief, change) for change in changes if change.before != change.after]
    block = make.heading("differences", brief.say("differences_title"))
    block += make.prose(brief.say("differences_intro", reform=brief.reform_title, day=brief.day(), start=_start(brief)))
    block += make.numbers("headline", [*persons, *values])
    if persons[-1].value == 0:
        block += make.prose(brief.say("stay_unchanged"))
    return block + make.table(_changes_table(brief, changes))


def tracks(brief: Lage, who: Concerned) -> Block:
    """Persons by track under either law, and the nationalities concerned."""
    make = brief.make
    rows, total = _track_rows(brief, who)
    table = Table(
        "tracks",
        brief.say("tracks_caption", day=brief.day()),
        _count_columns(brief, "track", brief.say("track")),
        (*rows, total),
        brief.register_source(),
        total_row=True,
    )
    told = [_cell(brief, rows, brief.content.track_told, place) for place in (1, 2)]
    label = next(track.title for track in brief.content.tracks if track.id == brief.content.track_told)
    alt = brief.say("tracks_alt", track=label.in_language(brief.parameters.language), before=told[0], after=told[1])
    block = make.heading("tracks", brief.say("tracks_title")) + make.prose(
        brief.say("tracks_intro", day=brief.day(), persons=brief.count(total[1]))
    )
    block += make.figure(_bars(brief, "tracks", rows, alt, table)) + make.table(table)
    return block + make.prose(brief.say("nationality_intro")) + make.table(_nationalities(brief, who))


def stay(brief: Lage, who: Concerned) -> Block:
    """The strongest outcome of each tolerated person, and what would have to be asked."""
    make = brief.make
    rows, total = _stay_rows(brief, who)
    table = Table(
        "stay",
        brief.say("stay_caption", day=brief.day()),
        _count_columns(brief, "outcome", brief.say("outcome")),
        (*rows, total),
        brief.register_source(),
        total_row=True,
    )
    largest = max(rows, key=lambda row: row[2] if isinstance(row[2], int) else 0)
    alt = brief.say("stay_alt", outcome=make.show(largest[0], "text"), persons=brief.count(largest[2]))
    block = make.heading("stay", brief.say("stay_title")) + make.prose(
        brief.say("stay_intro", persons=brief.count(total[2]), day=brief.day())
    )
    block += make.figure(_bars(brief, "stay", rows, alt, table)) + make.table(table)
    return block + make.prose(brief.say("facts_intro")) + make.table(_facts(brief, who))


def countries(brief: Lage) -> Block:
    """The countries that the reform adds: on which list they stand, since when, by which act."""
    make, on = brief.make, brief.parameters.on
    codes = sorted({code for added in added_codes(brief.law, brief.reformed, on).values() for code in added})
    spells = listing_spells(brief.law, codes, brief.law.listings)
    columns = (
        Column("country", brief.say("country")),
        Column("listing", brief.say("listing")),
        Column("basis", "", on_page=False),
        Column("from", brief.say("since"), "date"),
        Column("holds", brief.say("holds", day=brief.day())),
        Column("source", brief.say("act")),
        Column("evidence", brief.say("evidence")),
    )
    rows = tuple(
        (
            Shown(spell.code, brief.country(spell.code)),
            spell.label(brief.parameters.language) or brief.say("no_list"),
            spell.basis or "–",
            spell.first,
            brief.say("yes") if spell.holds(on) else brief.say("no"),
            spell.source or "–",
            text(f"evidence_{spell.evidence}", brief.parameters.language) if spell.evidence else "–",
        )
        for spell in spells
    )
    names = formats.enumeration([brief.country(code) for code in codes], brief.parameters.language)
    block = make.heading("countries", brief.say("countries_title"))
    if not codes:
        return block + make.prose(brief.say("countries_none", day=brief.day()))
    block += make.prose(brief.say("countries_intro", names=names, count=len(codes), day=brief.day()))
    return block + make.table(
        Table("countries", brief.say("countries_caption"), columns, rows, brief.say("source_listings"))
    )


def _changed_persons(brief: Lage, who: People, what: str, among: Count, note: str) -> Number:
    changed = protect_count(who.changed(what), brief.parameters.small_count)
    of_all = brief.say(note, persons=brief.count(among))
    return Number(f"{what}_changed", brief.say(f"number_{what}"), changed, "count", None, None, of_all)


def _changed_value(brief: Lage, change: ParameterChange) -> Number:
    """A parameter of the reform as a difference to the law in force."""
    before, after = brief.in_unit(change.before, change.unit), brief.in_unit(change.after, change.unit)
    note = brief.say("instead_of", after=after.text, before=before.text)
    label = change.label(brief.parameters.language)
    if isinstance(change.before, int | Decimal) and isinstance(change.after, int | Decimal):
        kind = "euro_difference" if change.unit.startswith("EUR") else "difference"
        return Number(change.id, label, change.after - change.before, kind, before, after, note)  # type: ignore[arg-type]  # one of two kinds
    return Number(change.id, label, after, "text", before, after, note)


def _changes_table(brief: Lage, changes: Sequence[ParameterChange]) -> Table:
    columns = (
        Column("parameter", brief.say("value_name")),
        Column("before", brief.say("law_in_force")),
        Column("after", brief.say("with_reform")),
        Column("basis_before", brief.say("basis_before")),
        Column("basis_after", "", on_page=False),
    )
    rows = tuple(
        (
            Shown(change.id, change.label(brief.parameters.language)),
            brief.in_unit(change.before, change.unit),
            brief.in_unit(change.after, change.unit),
            change.basis_before,
            change.basis_after,
        )
        for change in changes
    )
    caption = brief.say("changes_caption", day=brief.day())
    sources = sorted({change.basis_after for change in changes})
    return Table("reform_values", caption, columns, rows, brief.say("source_rules", reform=sources))


def _start(brief: Lage) -> str:
    return formats.date(brief.law.reform(brief.parameters.reform).start, brief.parameters.language)


Row = tuple[Value, Count, Count, Count]


def _track_rows(brief: Lage, who: Concerned) -> tuple[list[Row], Row]:
    labels = {track.id: track.title.in_language(brief.parameters.language) for track in brief.content.tracks}
    rows = [_compared(name, labels[name], who.shown.track) for name in who.shown.tracks]
    return rows, _total(brief, who.shown.cells[ALL])


def _stay_rows(brief: Lage, who: Concerned) -> tuple[list[Row], Row]:
    rows = [_compared(name, brief.outcomes.get(name, name), who.shown.outcome) for name in who.shown.outcomes]
    return rows, _total(brief, who.shown.cells[TOLERATED])


def _compared(name: str, label: str, count: Callable[[str, str], Count]) -> Row:
    """Counts before and after with their difference."""
    before, after = count(name, BEFORE), count(name, AFTER)
    return Shown(name, label), before, after, protect_difference(before, after)


def _total(brief: Lage, count: Count) -> Row:
    """The row of sums: a reform changes results, never how many persons there are."""
    return Shown("total", brief.say("total")), count, count, protect_difference(count, count)


def _count_columns(brief: Lage, name: str, label: str) -> tuple[Column, ...]:
    return (
        Column(name, label),
        Column("persons_before", brief.say("law_in_force"), "count"),
        Column("persons_after", brief.say("with_reform"), "count"),
        Column("difference", brief.say("difference"), "difference"),
    )


def _cell(brief: Lage, rows: Sequence[Row], name: str, place: int) -> str:
    return next((brief.count(row[place]) for row in rows if isinstance(row[0], Shown) and row[0].raw == name), "0")


def _bars(brief: Lage, name: str, rows: Sequence[Row], alt: str, table: Table) -> Figure:
    pairs = [
        figures.BarPair(brief.make.show(label, "text"), before, after, brief.count(before), brief.count(after))
        for label, before, after, _ in rows
    ]
    svg = figures.bars(pairs, brief.say("law_in_force"), brief.say("with_reform"), brief.parameters.language)
    return Figure(name, svg, alt, brief.say(f"{name}_figure", day=brief.day()), table.source, table)


def _nationalities(brief: Lage, who: Concerned) -> Table:
    """Asylum procedures by nationality, the most concerned first; the page shows the first rows and the sum."""
    shown_tracks = [track for track in brief.content.tracks if track.id in who.shown.asylum_tracks]
    pairs = [(track.id, when) for track in shown_tracks for when in (BEFORE, AFTER)]
    rows: list[tuple[Value, ...]] = [
        (
            Shown(code or "", brief.country(code)),
            who.shown.of_nationality(code),
            *(who.shown.nationality(code, *pair) for pair in pairs),
        )
        for code in who.shown.nationalities
    ]
    total = Shown("total", brief.say("total"))
    rows.append((total, who.shown.cells[ASYLUM], *(who.shown.track(*pair) for pair in pairs)))
    columns = [Column("nationality", brief.say("nationality")), Column("persons", brief.say("persons"), "count")]
    for track in shown_tracks:
        for when in (BEFORE, AFTER):
            heading = brief.say(
                f"column_{when}", track=(track.short or track.title).in_language(brief.parameters.language)
            )
            columns.append(Column(f"{track.id}_{when}", heading, "count"))
    last = len(rows) - 1
    shown = (*range(min(brief.content.nationalities_shown, last)), last)
    caption = brief.say("nationality_caption", shown=len(shown) - 1, count=last, day=brief.day())
    source = brief.register_source()
    return Table("nationalities", caption, tuple(columns), tuple(rows), source, total_row=True, shown=shown)


def _facts(brief: Lage, who: People) -> Table:
    """The facts that are missing most often; a person may miss several, so nothing adds up here."""
    limit = brief.parameters.small_count
    found = counts.facts_to_ask(brief.content, who, BEFORE)
    rows = tuple((Shown(name, brief.facts.get(name, name)), protect_count(n, limit)) for name, n in found.items())
    columns = (Column("fact", brief.say("fact")), Column("persons", brief.say("persons"), "count"))
    shown = tuple(range(min(brief.content.facts_shown, len(rows))))
    return Table("facts_to_ask", brief.say("facts_caption"), columns, rows, brief.register_source(), shown=shown)
