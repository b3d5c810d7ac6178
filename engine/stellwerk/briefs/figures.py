"""The pictures of a brief: bars of two situations side by side, and a map of the municipalities in classes.

In go labels, counts and colours by class, out comes SVG text: the same bytes for the same input, letters drawn as
paths so that no font is needed, and readable in grey (light against dark, bars hatched and with their figures).
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import matplotlib.ticker
from matplotlib import patheffects
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from stellwerk import formats
from stellwerk.briefs.geometry import Geometry, Line, Point
from stellwerk.briefs.secrecy import Hidden

INK = "#1a1a1a"
RULE = "#c3c8cf"
BEFORE, AFTER = "#b9c3d0", "#00336b"
_STYLE = {
    "svg.hashsalt": "stellwerk",  # otherwise ids are random and the bytes differ from run to run
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "hatch.linewidth": 0.6,
    "axes.edgecolor": RULE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_WIDTH = 7.4  # inches: the text width of the page
_OUTLINES = re.compile(r' d="[^"]*"')
_LONG_DECIMALS = re.compile(r"(\.\d)\d+")
_BAR = 0.36
_MAP_HEIGHT = 6.2  # inches
_LETTER, _LINE = 0.068, 0.15  # inches a letter and a line of a place name take, with some air
_EDGE = "#8a929c"
_LABEL_MARGIN = 1.12  # room on the right for the figure at the longest bar


@dataclass(frozen=True)
class BarPair:
    """One row of a bar chart: its label, the two counts and how they are written."""

    label: str
    before: int | Hidden
    after: int | Hidden
    before_shown: str
    after_shown: str


@dataclass(frozen=True)
class MapClass:
    """One class of a map: what the legend says and which keys belong to it, lightest class first."""

    label: str
    keys: frozenset[str]


def bars(pairs: Sequence[BarPair], before: str, after: str, language: str) -> str:
    """Horizontal bars, two a row: the situation before (light, hatched) above the one after (dark)."""
    with _canvas(_WIDTH, 0.68 + 0.46 * len(pairs)) as (figure, out):
        height = figure.get_figheight()
        axes = figure.add_axes((0.30, 0.3 / height, 0.69, 1 - 0.64 / height))
        places = [float(row) for row in range(len(pairs))]
        axes.barh([place - _BAR / 2 for place in places], [_length(pair.before) for pair in pairs], _BAR * 0.94,
                  color=BEFORE, hatch="////", edgecolor="white", linewidth=0, label=before)  # fmt: skip
        axes.barh([place + _BAR / 2 for place in places], [_length(pair.after) for pair in pairs], _BAR * 0.94,
                  color=AFTER, label=after)  # fmt: skip
        for place, pair in zip(places, pairs, strict=True):
            for shift, count, shown in ((-1, pair.before, pair.before_shown), (1, pair.after, pair.after_shown)):
                axes.annotate(shown, (_length(count), place + shift * _BAR / 2), (3, 0), textcoords="offset points",
                              va="center", fontsize=8)  # fmt: skip
        axes.set_yticks(places, [_wrapped(pair.label) for pair in pairs])
        axes.invert_yaxis()
        longest = max((_length(count) for pair in pairs for count in (pair.before, pair.after)), default=0)
        axes.set_xlim(0, max(longest, 1) * _LABEL_MARGIN)
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: formats.number(int(value), language))
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        figure.legend(loc="upper left", bbox_to_anchor=(0.29, 1.0), ncols=2, frameon=False, handlelength=1.4)
    return out[0]


def choropleth(
    geometry: Geometry,
    classes: Sequence[MapClass],
    labels: Mapping[str, str],
    legend_title: str,
    borders: Sequence[Line],
) -> str:
    """A map in classes from white to dark; places are named in the order given, where there is room for the name."""
    colours = _colours(len(classes))
    with _canvas(_WIDTH, _MAP_HEIGHT) as (figure, out):
        axes = figure.add_axes((0, 0, 1, 1))
        for map_class, colour in zip(classes, colours, strict=True):
            outlines = [_outline(geometry.rings[key]) for key in sorted(map_class.keys)]
            axes.add_collection(PathCollection(outlines, facecolors=colour, edgecolors=_EDGE, linewidths=0.25))
        axes.add_collection(LineCollection(borders, colors=INK, linewidths=0.6))
        axes.autoscale_view()
        axes.set_aspect("equal")
        axes.axis("off")
        inch = (axes.get_ylim()[1] - axes.get_ylim()[0]) / _MAP_HEIGHT
        for point, label in _apart([(_middle(geometry.rings[key][0]), label) for key, label in labels.items()], inch):
            note = axes.annotate(label, point, ha="center", va="center", fontsize=7.5)
            note.set_path_effects([patheffects.withStroke(linewidth=2.4, foreground="white")])
        handles = [
            Patch(facecolor=colour, edgecolor=_EDGE, linewidth=0.5, label=map_class.label)
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


@contextmanager
def _canvas(width: float, height: float) -> Iterator[tuple[Figure, list[str]]]:
    """A figure to draw on; afterwards the list holds its SVG text, without a date."""
    with matplotlib.rc_context(_STYLE):  # type: ignore[arg-type]  # matplotlib checks the keys itself
        figure = Figure(figsize=(width, height))
        out: list[str] = []
        yield figure, out
        FigureCanvasSVG(figure)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
        out.append(_OUTLINES.sub(_shortened, target.getvalue()))


def _shortened(outline: re.Match[str]) -> str:
    """An outline with one decimal place a coordinate, a thirtieth of a millimetre, instead of six."""
    return " " + " ".join(_LONG_DECIMALS.sub(r"\1", outline.group()).split())


def _length(count: int | Hidden) -> int:
    return count if isinstance(count, int) else 0


def _wrapped(label: str, width: int = 30) -> str:
    """The label on as many lines as it needs, broken between words."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def _colours(count: int) -> list[tuple[float, float, float, float]]:
    """White for the first class, then cividis from its light to its dark end: each step is darker in grey as well."""
    scale = matplotlib.colormaps["cividis"]
    steps = max(count - 2, 1)
    return [(1.0, 1.0, 1.0, 1.0), *(scale(0.95 - 0.9 * step / steps) for step in range(count - 1))]


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
