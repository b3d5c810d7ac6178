"""Occupancy over time beside the capacity, with a fan of how far it may come otherwise.

In go weeks with the expected occupancy, bands (widest first) and the capacity, out comes a `Figure`: the fan in shades,
the expected course as a dark line, the capacity as a dashed step line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.dates
import matplotlib.ticker
from matplotlib.axes import Axes

from stellwerk import formats
from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import AFTER, INK, WIDTH, About, canvas, framed

_HEIGHT = 3.7
_FAN = ("#dfe6ee", "#b9c8d9", "#93aac4")  # widest band first, each darker than the one around it
_ROOM = 1.08  # above the highest value


@dataclass(frozen=True)
class Band:
    """A part of all runs: its name (80 % of runs) and its bounds, one pair a week."""

    label: str
    low: tuple[int, ...]
    high: tuple[int, ...]


@dataclass(frozen=True)
class Beside:
    """Another expected course for comparison: its name and its persons, one a week."""

    label: str
    expected: tuple[int, ...]


@dataclass(frozen=True)
class Occupancy:
    """The expected course by week, what there is room for, the bands around it, widest first, another course beside."""

    days: tuple[dt.date, ...]
    expected: tuple[int, ...]
    capacity: tuple[int, ...]
    bands: tuple[Band, ...] = ()
    beside: Beside | None = None


def occupancy(course: Occupancy, about: About) -> Figure:
    """The course of occupancy and capacity."""
    with canvas(WIDTH, _HEIGHT) as (drawing, out):
        axes = framed(drawing, left=0.62, right=0.12, top=0.42, bottom=0.3)
        days = matplotlib.dates.date2num(list(course.days))  # type: ignore[no-untyped-call]
        for band, colour in zip(course.bands, _FAN, strict=False):
            axes.fill_between(days, band.low, band.high, color=colour, linewidth=0, label=band.label)
        if course.beside:
            axes.plot(days, course.beside.expected, color=INK, linewidth=0.9, label=course.beside.label)
        axes.plot(days, course.expected, color=AFTER, linewidth=1.8, label=about.say("expected"))
        axes.step(days, course.capacity, where="post", color=INK, linewidth=1.4, linestyle=(0, (5, 2)),
                  label=about.say("capacity"))  # fmt: skip
        highest = max((*course.capacity, *course.expected, *(value for band in course.bands for value in band.high),
                       *(course.beside.expected if course.beside else ())))  # fmt: skip
        axes.set_ylim(0, max(highest, 1) * _ROOM)
        axes.set_xlim(days[0], days[-1] if len(days) > 1 else days[0] + 1)
        time_axis(axes, about.language)
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(6, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: formats.number(int(value), about.language))
        drawing.legend(loc="upper left", bbox_to_anchor=(0.07, 1.0), ncols=3 + len(course.bands), frameon=False,
                       handlelength=1.8, fontsize=8)  # fmt: skip
    return Figure(about.name, out[0], _alt(course, about), about.caption, about.source, _table(course, about))


def time_axis(axes: Axes, language: str) -> None:
    """Months and years along the lower axis, as a language writes them."""

    def day(value: float, _: object = None) -> str:
        found: dt.datetime = matplotlib.dates.num2date(value)  # type: ignore[no-untyped-call]
        return f"{found:%m.%Y}" if language == "de" else f"{found:%m/%Y}"

    days = matplotlib.dates.AutoDateLocator(minticks=4, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(days)
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(day))


def _alt(course: Occupancy, about: About) -> str:
    peak = max(course.expected)
    when = course.days[course.expected.index(peak)]
    room = course.capacity[course.expected.index(peak)]
    over = sum(used > room for used, room in zip(course.expected, course.capacity, strict=True))
    key = "occupancy_over" if over else "occupancy_within"
    return about.say(
        key,
        peak=about.count(peak),
        day=about.day(when),
        room=about.count(room),
        over=over,
        weeks=len(course.days),
    )


def _table(course: Occupancy, about: About) -> Table:
    bands: Sequence[Band] = course.bands
    columns = [Column("day", about.say("day"), "date")]
    columns += [Column(name, about.say(name), "count") for name in ("expected", "capacity")]
    if course.beside:
        columns.append(Column("beside", course.beside.label, "count"))
    for number, band in enumerate(bands, start=1):
        columns.append(Column(f"band_{number}_low", about.say("band_low", band=band.label), "count"))
        columns.append(Column(f"band_{number}_high", about.say("band_high", band=band.label), "count"))
    rows: list[tuple[Value, ...]] = [
        (day, course.expected[week], course.capacity[week],
         *((course.beside.expected[week],) if course.beside else ()),
         *(bound[week] for band in bands for bound in (band.low, band.high)))
        for week, day in enumerate(course.days)
    ]  # fmt: skip
    return Table(about.name, about.caption, tuple(columns), tuple(rows), about.source)
