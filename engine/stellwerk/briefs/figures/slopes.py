"""Each value today and under a reform, joined by a line: which rise, which fall, how steeply.

In go labels with two values, out comes a `Figure`: rising lines dark, falling ones dashed in a second colour, unchanged
ones grey; both ends bear their value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matplotlib.axes import Axes

from stellwerk.briefs.blocks import Column, Figure, Table, Value
from stellwerk.briefs.figures.canvas import AFTER, EDGE, PALETTE, RULE, WIDTH, About, apart, blank, canvas, wrapped
from stellwerk.briefs.secrecy import Hidden

SlopeValue = int | Decimal | Hidden
_LEFT, _RIGHT = 2.6, 4.9  # inches: where the two situations stand
_TOP, _BOTTOM = 0.6, 0.25
_LABEL = 0.19  # inches a label takes


@dataclass(frozen=True)
class Slope:
    """One line: its name, its value today and under the reform."""

    label: str
    before: SlopeValue
    after: SlopeValue


def slopes(lines: Sequence[Slope], before: str, after: str, about: About) -> Figure:
    """The lines from the situation `before` to the one `after`; a line with a withheld end is only in the table."""
    drawn = [line for line in lines if not isinstance(line.before, Hidden) and not isinstance(line.after, Hidden)]
    height = max(2.8, _TOP + _BOTTOM + _LABEL * 1.4 * len(drawn))
    with canvas(WIDTH, height) as (drawing, out):
        axes = blank(drawing, WIDTH, height)
        for heading, place, side in ((before, _LEFT, "right"), (after, _RIGHT, "left")):
            axes.text(place, 0.25, wrapped(heading, 30), ha=side, va="center", weight="bold")
            axes.plot([place, place], [_TOP - 0.12, height - _BOTTOM + 0.12], color=RULE, linewidth=1)
        _draw(axes, drawn, height, about)
    table = _table(lines, before, after, about)
    return Figure(about.name, out[0], _alt(drawn, about), about.caption, about.source, table)


def _draw(axes: Axes, lines: Sequence[Slope], height: float, about: About) -> None:
    values = [float(value) for line in lines for value in (line.before, line.after) if not isinstance(value, Hidden)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    reach = (high - low) or 1.0

    def place(value: Any) -> float:
        return height - _BOTTOM - (float(value) - low) / reach * (height - _TOP - _BOTTOM)

    starts, ends = ([place(getattr(line, side)) for line in lines] for side in ("before", "after"))
    left, right = (inside(apart(places, _LABEL), height - _BOTTOM) for places in (starts, ends))
    for number, line in enumerate(lines):
        axes.plot([_LEFT, _RIGHT], [starts[number], ends[number]], marker="o", markersize=4, **_look(line))
        axes.plot([_LEFT - 0.08, _LEFT], [left[number], starts[number]], color=EDGE, linewidth=0.5)
        axes.plot([_RIGHT, _RIGHT + 0.08], [ends[number], right[number]], color=EDGE, linewidth=0.5)
        first, last = about.value(line.before), about.value(line.after)
        axes.text(_LEFT - 0.1, left[number], f"{wrapped(line.label, 60)}  {first}", ha="right", va="center", fontsize=8)
        axes.text(_RIGHT + 0.1, right[number], f"{last}  {line.label}", ha="left", va="center", fontsize=8)


def inside(heights: list[float], lowest: float) -> list[float]:
    """Heights of labels, measured downwards, none below `lowest`: the last ones move up, and push those above them."""
    moved = list(heights)
    for place in sorted(range(len(heights)), key=lambda place: -heights[place]):
        moved[place] = min(moved[place], lowest)
        lowest = moved[place] - _LABEL
    return moved


def _look(line: Slope) -> dict[str, Any]:
    change = _change(line)
    if change > 0:
        return {"color": AFTER, "linewidth": 1.8}
    if change < 0:
        return {"color": PALETTE[1], "linewidth": 1.8, "linestyle": (0, (4, 2))}
    return {"color": EDGE, "linewidth": 1.0}


def _change(line: Slope) -> int | Decimal:
    """The change of a line whose two ends are shown."""
    assert not isinstance(line.before, Hidden) and not isinstance(line.after, Hidden)
    return line.after - line.before


def _alt(lines: Sequence[Slope], about: About) -> str:
    changes = [_change(line) for line in lines]
    if not any(changes):
        return about.say("slopes_none", lines=len(lines))
    largest = max(lines, key=lambda line: (abs(_change(line)), line.label))
    return about.say(
        "slopes_alt",
        up=sum(change > 0 for change in changes),
        down=sum(change < 0 for change in changes),
        same=sum(change == 0 for change in changes),
        label=largest.label,
        before=about.value(largest.before),
        after=about.value(largest.after),
        change=about.change(_change(largest)),
    )


def _table(lines: Sequence[Slope], before: str, after: str, about: About) -> Table:
    values = (about.column("before", before), about.column("after", after))
    change = Column("change", about.say("change"), about.kind_of_change, about.places)
    columns = (Column("name", about.say("name")), *values, change)
    rows: list[tuple[Value, ...]] = []
    for line in lines:
        shown = Hidden.BLOCKED if isinstance(line.before, Hidden) or isinstance(line.after, Hidden) else _change(line)
        rows.append((line.label, line.before, line.after, shown))
    return Table(about.name, about.caption, columns, tuple(rows), about.source)
