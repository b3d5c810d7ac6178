"""Several courses over the same weeks: which scenario lies above which, and when.

In go weeks and lines with one value a week, out comes a `Figure`: every line has its own colour and its own dashes, and
bears its name at the end, so that no legend has to be matched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import matplotlib.dates
import matplotlib.ticker
from matplotlib.axes import Axes

from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import AFTER, EDGE, INK, PALETTE, WIDTH, About, apart, canvas, framed, wrapped
from stellwerk.briefs.figures.occupancy import time_axis

_HEIGHT = 3.7
_TOP, _RIGHT, _BOTTOM = 0.15, 1.95, 0.3  # inches; the names of the lines stand on the right
_LABEL = 0.3  # inches a name of two lines takes
_ROOM = 1.05  # above the highest value
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": AFTER, "linewidth": 2.0},
    {"color": PALETTE[1], "linewidth": 1.8, "linestyle": (0, (5, 2))},
    {"color": EDGE, "linewidth": 1.8, "linestyle": (0, (1, 1))},
    {"color": INK, "linewidth": 1.4, "linestyle": (0, (6, 2, 1, 2))},
)


@dataclass(frozen=True)
class Course:
    """One line: its name in the data, its name for the reader, a value for each week."""

    id: str
    label: str
    values: tuple[int | Decimal, ...]


def courses(days: Sequence[dt.date], lines: Sequence[Course], about: About) -> Figure:
    """Up to four lines over the weeks that begin on `days`."""
    with canvas(WIDTH, _HEIGHT) as (drawing, out):
        axes = framed(drawing, left=0.7, right=_RIGHT, top=_TOP, bottom=_BOTTOM)
        places = matplotlib.dates.date2num(list(days))  # type: ignore[no-untyped-call]
        for line, look in zip(lines, LOOKS, strict=False):
            axes.plot(places, [float(value) for value in line.values], **look)
        highest = max(float(value) for line in lines for value in line.values)
        top = (highest or 1) * _ROOM
        axes.set_ylim(0, top)
        axes.set_xlim(places[0], places[-1] if len(places) > 1 else places[0] + 1)
        time_axis(axes, about.language)
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(6))
        axes.yaxis.set_major_formatter(lambda value, _: about.value(Decimal(repr(round(float(value), 6)))))
        ends = [(line.label, float(line.values[-1])) for line in lines]
        named_beside(axes, ends, top / (_HEIGHT - _TOP - _BOTTOM))
    return Figure(about.name, out[0], _alt(days, lines, about), about.caption, about.source, _table(days, lines, about))


def named_beside(axes: Axes, ends: Sequence[tuple[str, float]], inch: float) -> None:
    """The names at the ends of lines, each behind a piece of its line, moved apart where they would meet.

    `ends` holds name and last value of each line, `inch` is an inch of paper in values.
    """
    heights = apart([value for _, value in ends], _LABEL * inch)
    lift = max(0.0, 0.5 * _LABEL * inch - min(heights))
    beside = axes.get_yaxis_transform()
    for (label, _), height, look in zip(ends, heights, LOOKS, strict=False):
        axes.plot([1.01, 1.07], [height + lift] * 2, transform=beside, clip_on=False, **look)
        axes.text(1.085, height + lift, wrapped(label, 20), transform=beside, va="center", fontsize=8)


def _alt(days: Sequence[dt.date], lines: Sequence[Course], about: About) -> str:
    peaks = [(max(line.values), line) for line in lines]
    (most, above), (least, below) = max(peaks, key=lambda p: p[0]), min(peaks, key=lambda p: p[0])
    peak = {"above": above.label, "most": about.value(most), "day": about.day(days[above.values.index(most)])}
    if len(lines) == 1:
        return about.say("courses_one", **peak)
    return about.say("courses_alt", lines=len(lines), **peak, below=below.label, least=about.value(least))


def _table(days: Sequence[dt.date], lines: Sequence[Course], about: About) -> Table:
    columns = (Column("day", about.say("day"), "date"), *(about.column(line.id, line.label) for line in lines))
    rows: list[tuple[Value, ...]] = [(day, *(line.values[week] for line in lines)) for week, day in enumerate(days)]
    return Table(about.name, about.caption, columns, tuple(rows), about.source)
