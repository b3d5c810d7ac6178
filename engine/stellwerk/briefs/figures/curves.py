"""One quantity against another, line by line: how many persons at which price.

In go lines of points, the names of both axes and what the lines are called, out comes a `Figure`; the lines look and
are named as the courses over weeks are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import matplotlib.ticker

from stellwerk import formats
from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import WIDTH, About, canvas, framed
from stellwerk.briefs.figures.courses import LOOKS, named_beside

_HEIGHT = 3.6
_TOP, _RIGHT, _BOTTOM = 0.15, 1.95, 0.55  # inches; the names of the lines stand on the right
_ROOM = 1.05  # above the highest value


@dataclass(frozen=True)
class Curve:
    """One line: its name in the data, its name for the reader, its points from left to right (EUR, value)."""

    id: str
    label: str
    points: tuple[tuple[Decimal, int | Decimal], ...]


def curves(lines: Sequence[Curve], across: str, upwards: str, about: About) -> Figure:
    """Up to four lines of values over amounts in EUR; `across` and `upwards` name the axes."""
    with canvas(WIDTH, _HEIGHT) as (drawing, out):
        axes = framed(drawing, left=0.9, right=_RIGHT, top=_TOP, bottom=_BOTTOM)
        top = (max(float(value) for line in lines for _, value in line.points) or 1) * _ROOM
        for line, look in zip(lines, LOOKS, strict=False):
            axes.plot([float(x) for x, _ in line.points], [float(y) for _, y in line.points], **look)
        axes.set_ylim(0, top)
        axes.set_xlabel(across)
        axes.set_ylabel(upwards)
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(6))
        axes.xaxis.set_major_formatter(lambda value, _: formats.number(int(value), about.language))
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(6))
        axes.yaxis.set_major_formatter(lambda value, _: about.value(Decimal(repr(round(float(value), 6)))))
        ends = [(line.label, float(line.points[-1][1])) for line in lines]
        named_beside(axes, ends, top / (_HEIGHT - _TOP - _BOTTOM))
    table = _table(lines, across, about)
    return Figure(about.name, out[0], _alt(lines, about), about.caption, about.source, table)


def _alt(lines: Sequence[Curve], about: About) -> str:
    return " ".join(_said(line, about) for line in lines)


def _said(line: Curve, about: About) -> str:
    (first, low), (last, high) = line.points[0], line.points[-1]
    return about.say(
        "curves_alt",
        label=line.label,
        first=formats.euro(first, about.language),
        low=about.value(low),
        last=formats.euro(last, about.language),
        high=about.value(high),
    )


def _table(lines: Sequence[Curve], across: str, about: About) -> Table:
    columns = (Column("at", across, "euro"), *(about.column(line.id, line.label) for line in lines))
    places = sorted({at for line in lines for at, _ in line.points})
    found = [dict(line.points) for line in lines]
    rows: list[tuple[Value, ...]] = [(at, *(values.get(at) for values in found)) for at in places]
    return Table(about.name, about.caption, columns, tuple(rows), about.source)
