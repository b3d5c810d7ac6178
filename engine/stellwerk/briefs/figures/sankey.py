"""Flows between outcomes: how many persons go from which result before to which result after.

In go the flows with protected counts, out comes a `Figure`. Bands of those who stay are light, of those who change dark
and hatched; a withheld count is a thin dashed line, so that its size cannot be measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from stellwerk.briefs.blocks import Column, Figure, Table
from stellwerk.briefs.figures.canvas import AFTER, BEFORE, EDGE, INK, WIDTH, About, apart, blank, canvas, wrapped
from stellwerk.briefs.secrecy import Count

_NODE = 0.14  # inches: width of a node
_LEFT, _RIGHT = 2.15, 5.25  # inches: where the nodes stand
_GAP = 0.16  # inches between nodes
_THIN = 0.03  # inches a withheld or tiny flow takes
_TOP = 0.42
_LABEL = 0.34  # inches a label of two lines takes


@dataclass(frozen=True)
class Flow:
    """So many persons with one result before and one after; the count is protected already."""

    before: str
    after: str
    persons: Count


@dataclass(frozen=True)
class _Node:
    label: str
    top: float
    height: float
    shown: str


def sankey(flows: Sequence[Flow], order: Sequence[str], before: str, after: str, about: About) -> Figure:
    """The flows between results in that order, headed `before` and `after`."""
    drawn = [flow for flow in flows if flow.persons != 0]
    total = sum(flow.persons for flow in drawn if isinstance(flow.persons, int))
    names = {side: [n for n in order if any(getattr(f, side) == n for f in drawn)] for side in ("before", "after")}
    most = max((len(found) for found in names.values()), default=1)
    height = _TOP + max(2.6, most * (_LABEL + _GAP) + 0.8)
    scale = (height - _TOP - 0.1 - _GAP * (most - 1)) / max(total, 1) * 0.9
    with canvas(WIDTH, height) as (drawing, out):
        axes = blank(drawing, WIDTH, height)
        nodes = {side: dict(_stacked(found, side, drawn, scale, about)) for side, found in names.items()}
        for heading, place, side in ((before, _LEFT + _NODE, "right"), (after, _RIGHT, "left")):
            axes.text(place, 0.2, heading, ha=side, va="center", weight="bold")
        _bands(axes, drawn, order, nodes, scale)
        _nodes(axes, nodes["before"], _LEFT, _LEFT - 0.08, "right")
        _nodes(axes, nodes["after"], _RIGHT, _RIGHT + _NODE + 0.08, "left")
    return Figure(
        about.name, out[0], _alt(drawn, about), about.caption, about.source, _table(flows, before, after, about)
    )


def _thickness(flow: Flow, scale: float) -> float:
    return max(flow.persons * scale, _THIN) if isinstance(flow.persons, int) else _THIN


def _stacked(
    names: Sequence[str], side: str, flows: Sequence[Flow], scale: float, about: About
) -> Iterator[tuple[str, _Node]]:
    top = _TOP
    for name in names:
        own = [flow for flow in flows if getattr(flow, side) == name]
        counts = [flow.persons for flow in own]
        known = [count for count in counts if isinstance(count, int)]
        shown = about.count(sum(known)) if len(known) == len(counts) else ""
        height = sum(_thickness(flow, scale) for flow in own)
        yield name, _Node(name, top, height, shown)
        top += height + _GAP


def _bands(
    axes: Axes, flows: Sequence[Flow], order: Sequence[str], nodes: Mapping[str, Mapping[str, _Node]], scale: float
) -> None:
    start = {name: node.top for name, node in nodes["before"].items()}
    end = {name: node.top for name, node in nodes["after"].items()}
    rank = {name: place for place, name in enumerate(order)}
    for flow in sorted(flows, key=lambda flow: (rank[flow.before], rank[flow.after])):
        thick = _thickness(flow, scale)
        upper, lower = start[flow.before], end[flow.after]
        start[flow.before] += thick
        end[flow.after] += thick
        if not isinstance(flow.persons, int):
            _line(axes, upper + thick / 2, lower + thick / 2)
            continue
        changed = flow.before != flow.after
        axes.add_patch(
            PathPatch(
                _band(upper, lower, thick),
                facecolor=AFTER if changed else BEFORE,
                edgecolor="white",
                hatch="////" if changed else None,
                linewidth=0,
                alpha=0.85 if changed else 1.0,
            )
        )


def _band(upper: float, lower: float, thick: float) -> Outline:
    left, right = _LEFT + _NODE, _RIGHT
    middle = (left + right) / 2
    points = [
        (left, upper), (middle, upper), (middle, lower), (right, lower),
        (right, lower + thick), (middle, lower + thick), (middle, upper + thick), (left, upper + thick), (left, upper),
    ]  # fmt: skip
    curve = Outline.CURVE4
    return Outline(
        points, [Outline.MOVETO, curve, curve, curve, Outline.LINETO, curve, curve, curve, Outline.CLOSEPOLY]
    )


def _line(axes: Axes, upper: float, lower: float) -> None:
    left, right = _LEFT + _NODE, _RIGHT
    middle = (left + right) / 2
    outline = Outline([(left, upper), (middle, upper), (middle, lower), (right, lower)],
                      [Outline.MOVETO, Outline.CURVE4, Outline.CURVE4, Outline.CURVE4])  # fmt: skip
    axes.add_patch(PathPatch(outline, facecolor="none", edgecolor=EDGE, linewidth=0.9, linestyle=(0, (3, 2))))


def _nodes(axes: Axes, nodes: Mapping[str, _Node], place: float, label_place: float, side: str) -> None:
    middles = [node.top + node.height / 2 for node in nodes.values()]
    for node, height in zip(nodes.values(), apart(middles, _LABEL), strict=True):
        axes.add_patch(Rectangle((place, node.top), _NODE, node.height, facecolor=INK, linewidth=0))
        label = wrapped(f"{node.label} {node.shown}".rstrip(), 27)
        axes.text(label_place, height, label, ha=side, va="center", fontsize=8)


def _alt(flows: Sequence[Flow], about: About) -> str:
    known = [flow for flow in flows if isinstance(flow.persons, int)]
    counts = {flow: int(flow.persons) for flow in known if isinstance(flow.persons, int)}
    same = sum(count for flow, count in counts.items() if flow.before == flow.after)
    changed = {flow: count for flow, count in counts.items() if flow.before != flow.after}
    said = about.say("sankey_same", same=about.count(same))
    if not changed:
        return f"{said} {about.say('sankey_none')}"
    largest = max(changed, key=lambda flow: (changed[flow], flow.before, flow.after))
    return f"{said} " + about.say(
        "sankey_changed",
        changed=about.count(sum(changed.values())),
        most=about.count(largest.persons),
        before=largest.before,
        after=largest.after,
    )


def _table(flows: Sequence[Flow], before: str, after: str, about: About) -> Table:
    columns = (Column("before", before), Column("after", after), Column("persons", about.say("persons"), "count"))
    rows = tuple((flow.before, flow.after, flow.persons) for flow in flows)
    return Table(about.name, about.caption, columns, rows, about.source)
