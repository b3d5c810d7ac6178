"""A map of the municipalities in classes from white to dark, with the names that fit.

In go outlines, classes and names, out comes SVG text.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib import patheffects
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from stellwerk.briefs.figures.canvas import EDGE, INK, WIDTH, canvas, shades
from stellwerk.briefs.geometry import Geometry, Line, Point

_MAP_HEIGHT = 6.2  # inches
_LETTER, _LINE = 0.068, 0.15  # inches a letter and a line of a place name take, with some air


@dataclass(frozen=True)
class MapClass:
    """One class of a map: what the legend says and which keys belong to it, lightest class first."""

    label: str
    keys: frozenset[str]


def choropleth(
    geometry: Geometry,
    classes: Sequence[MapClass],
    labels: Mapping[str, str],
    legend_title: str,
    borders: Sequence[Line],
) -> str:
    """A map in classes from white to dark; places are named in the order given, where there is room for the name."""
    colours = shades(len(classes))
    with canvas(WIDTH, _MAP_HEIGHT) as (figure, out):
        axes = figure.add_axes((0, 0, 1, 1))
        for map_class, colour in zip(classes, colours, strict=True):
            outlines = [_outline(geometry.rings[key]) for key in sorted(map_class.keys)]
            axes.add_collection(PathCollection(outlines, facecolors=colour, edgecolors=EDGE, linewidths=0.25))
        axes.add_collection(LineCollection(borders, colors=INK, linewidths=0.6))
        axes.autoscale_view()
        axes.set_aspect("equal")
        axes.axis("off")
        inch = (axes.get_ylim()[1] - axes.get_ylim()[0]) / _MAP_HEIGHT
        for point, label in _apart([(_middle(geometry.rings[key][0]), label) for key, label in labels.items()], inch):
            note = axes.annotate(label, point, ha="center", va="center", fontsize=7.5)
            note.set_path_effects([patheffects.withStroke(linewidth=2.4, foreground="white")])
        handles = [
            Patch(facecolor=colour, edgecolor=EDGE, linewidth=0.5, label=map_class.label)
            for map_class, colour in zip(classes, colours, strict=True)
        ]
        legend = axes.legend(handles=handles, title=legend_title, loc="upper left", frameon=False, alignment="left")
        legend.get_title().set_fontweight("bold")
    return out[0]


def _apart(labels: Sequence[tuple[Point, str]], inch: float) -> list[tuple[Point, str]]:
    """Those labels that do not run into an earlier one; `inch` is an inch of paper in the map's coordinates."""
    kept: list[tuple[Point, str]] = []
    for (x, y), label in labels:
        half_width = _LETTER * inch * len(label) / 2
        free = all(
            abs(x - other_x) > half_width + _LETTER * inch * len(other) / 2 or abs(y - other_y) > _LINE * inch
            for (other_x, other_y), other in kept
        )
        if free:
            kept.append(((x, y), label))
    return kept


def _outline(rings: Sequence[Sequence[Point]]) -> Outline:
    points = list(itertools.chain.from_iterable(rings))
    codes = [Outline.MOVETO if place == 0 else Outline.LINETO for ring in rings for place in range(len(ring))]
    return Outline(points, codes)


def _middle(ring: Sequence[Point]) -> Point:
    """The centroid of the area a ring encloses."""
    doubled = x = y = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise([*ring, ring[0]]):
        cross = x0 * y1 - x1 * y0
        doubled += cross
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return (x / (3 * doubled), y / (3 * doubled))
