"""What held when: rows with a bar for each spell, on a line of days, with a mark at the day looked at.

In go spells by row and group, the groups in order, first and last day and what the picture shows in words, out comes a
`Figure`. Groups differ in lightness and by hatching; a bar bears its label where there is room for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from stellwerk.briefs.blocks import Column, Figure, Table
from stellwerk.briefs.figures.canvas import (
    BEFORE,
    EDGE,
    INK,
    PALETTE,
    RULE,
    WIDTH,
    About,
    blank,
    canvas,
    letters_on,
    wrapped,
)

_LEFT, _RIGHT, _TOP, _BOTTOM = 2.0, 0.15, 0.75, 0.3  # inches
_BAR, _ROW_GAP = 0.17, 0.12  # inches
_LETTER = 0.075  # inches a letter of a label takes
_DAY = 1.2  # inches a day in words takes
_YEARS_NAMED = 9
_LOOKS: tuple[dict[str, Any], ...] = (
    {"facecolor": PALETTE[0]},
    {"facecolor": PALETTE[2]},
    {"facecolor": PALETTE[1]},
    {"facecolor": PALETTE[3]},
    {"facecolor": BEFORE, "hatch": "////"},
)


@dataclass(frozen=True)
class Spell:
    """From one day to another (both inside, none: open) something held: in which row, of which group, what value."""

    row: str
    group: str
    first: dt.date
    last: dt.date | None = None
    label: str = ""


def timeline(
    spells: Sequence[Spell], groups: Sequence[str], days: tuple[dt.date, dt.date], mark: dt.date, alt: str, about: About
) -> Figure:
    """The spells between two days: a row for each thing, in it a bar for each of its groups; `alt` is the finding."""
    lanes = _lanes(spells, groups)
    tops, bottom = _tops(lanes)
    height = bottom + _BOTTOM
    scale = (WIDTH - _LEFT - _RIGHT) / max((days[1] - days[0]).days, 1)
    with canvas(WIDTH, height) as (drawing, out):
        axes = blank(drawing, WIDTH, height)
        _years(axes, days, scale, height)
        for row in dict.fromkeys(row for row, _ in lanes):
            own = [tops[lane] for lane in lanes if lane[0] == row]
            middle = (own[0] + own[-1] + _BAR) / 2
            axes.text(_LEFT - 0.1, middle, wrapped(row, 30), ha="right", va="center", fontsize=8)
        for spell in spells:
            _bar(
                axes, spell, _LOOKS[groups.index(spell.group) % len(_LOOKS)], tops[spell.row, spell.group], days, scale
            )
        _mark(axes, about.day(mark), _LEFT + (mark - days[0]).days * scale, height)
        used = [group for group in groups if any(spell.group == group for spell in spells)]
        handles = [Patch(edgecolor=EDGE, label=group, **_LOOKS[groups.index(group) % len(_LOOKS)]) for group in used]
        if any(used):
            drawing.legend(handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=8, handlelength=1.4)
    return Figure(about.name, out[0], alt, about.caption, about.source, _table(spells, about))


def _tops(lanes: Sequence[tuple[str, str]]) -> tuple[dict[tuple[str, str], float], float]:
    """Where each line of bars begins, with more room between rows, and where the last one ends."""
    found: dict[tuple[str, str], float] = {}
    top, before = _TOP, ""
    for row, group in lanes:
        top += _ROW_GAP if before not in ("", row) else 0
        found[row, group], before = top, row
        top += _BAR
    return found, top + _ROW_GAP


def _lanes(spells: Sequence[Spell], groups: Sequence[str]) -> list[tuple[str, str]]:
    """Row and group of each line of bars, in the order of rows, then of groups."""
    rows = list(dict.fromkeys(spell.row for spell in spells))
    found = {(spell.row, spell.group) for spell in spells}
    return [(row, group) for row in rows for group in groups if (row, group) in found]


def _years(axes: Axes, days: tuple[dt.date, dt.date], scale: float, height: float) -> None:
    first, last = days
    step = max(1, -(-(last.year - first.year) // _YEARS_NAMED))
    for year in range(first.year + 1, last.year + 1, step):
        place = _LEFT + (dt.date(year, 1, 1) - first).days * scale
        axes.plot([place, place], [_TOP - 0.05, height - _BOTTOM], color=RULE, linewidth=0.5, zorder=0)
        axes.text(place, height - 0.12, str(year), ha="center", va="center", fontsize=8)


def _mark(axes: Axes, day: str, place: float, height: float) -> None:
    axes.plot([place, place], [_TOP - 0.08, height - _BOTTOM], color=INK, linewidth=1, linestyle=(0, (4, 2)))
    side = "right" if place > WIDTH - _DAY / 2 else "center"
    axes.text(min(place, WIDTH - 0.02), _TOP - 0.12, day, ha=side, va="bottom", fontsize=8, weight="bold")


def _bar(
    axes: Axes, spell: Spell, look: Mapping[str, Any], top: float, days: tuple[dt.date, dt.date], scale: float
) -> None:
    begin, end = max(spell.first, days[0]), min(spell.last or days[1], days[1])
    if end < begin:
        return
    left, wide = _LEFT + (begin - days[0]).days * scale, max(((end - begin).days + 1) * scale, 0.02)
    axes.add_patch(Rectangle((left, top), wide, _BAR * 0.88, edgecolor="white", linewidth=0.8, **look))
    if spell.label and wide > _LETTER * len(spell.label):
        letters = letters_on(look["facecolor"])
        middle = (left + wide / 2, top + _BAR * 0.44)
        axes.text(*middle, spell.label, ha="center", va="center", fontsize=7, color=letters)


def _table(spells: Sequence[Spell], about: About) -> Table:
    columns = (
        Column("row", about.say("row")),
        Column("group", about.say("group")),
        Column("from", about.say("from"), "date"),
        Column("to", about.say("to"), "date"),
        Column("label", about.say("label")),
    )
    rows = tuple((spell.row, spell.group, spell.first, spell.last, spell.label) for spell in spells)
    return Table(about.name, about.caption, columns, rows, about.source)
