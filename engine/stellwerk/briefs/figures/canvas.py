"""What all pictures share: paper, letters, colours, and SVG text with the same bytes for the same input.

In goes a drawing, out comes SVG; letters are drawn as paths so that no font is needed. Colours are told apart by their
lightness as well, so that every picture can be read in grey and by readers who tell few colours apart.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing

from stellwerk.briefs.blocks import Column, Kind, Maker, Value
from stellwerk.briefs.letterhead import contrast
from stellwerk.texts import text

INK = "#1a1a1a"
RULE = "#c3c8cf"
EDGE = "#8a929c"
BEFORE, AFTER = "#b9c3d0", "#00336b"
# From dark to light; between any two of them lies a step that is seen in grey, and with each kind of colour blindness.
PALETTE = ("#00336b", "#b3541e", "#7fa8cf", "#e9d8a6")
WIDTH = 7.4  # inches: the text width of the page
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
_OUTLINES = re.compile(r' d="[^"]*"')
_LONG_DECIMALS = re.compile(r"(\.\d)\d+")


@dataclass(frozen=True)
class About:
    """What stands around a picture: its name (also of its CSV), caption, source; how its values are written."""

    name: str
    caption: str
    source: str
    kind: Kind = "count"
    places: int = 0
    language: str = "de"
    limit: int = 3

    def say(self, key: str, **values: object) -> str:
        """A sentence about pictures."""
        return text(f"figure_{key}", self.language, **values)

    def value(self, value: Value) -> str:
        """One of the picture's values as the reader sees it."""
        return self._shown(value, self.kind)

    def change(self, value: Value) -> str:
        """A difference of two of its values, with its sign."""
        return self._shown(value, self.kind_of_change)

    def count(self, value: Value) -> str:
        """A number of things."""
        return Maker(self.language, self.limit).show(value, "count")

    def day(self, value: dt.date) -> str:
        """A day."""
        return Maker(self.language, self.limit).show(value, "date")

    def column(self, name: str, label: str) -> Column:
        """A column of the table behind the picture that holds its values."""
        return Column(name, label, self.kind, self.places)

    @property
    def kind_of_change(self) -> Kind:
        """How a difference of two values is written."""
        return "euro_difference" if self.kind == "euro" else "difference"

    def _shown(self, value: Value, kind: Kind) -> str:
        return Maker(self.language, self.limit).show(value, kind, self.places)


@contextmanager
def canvas(width: float, height: float) -> Iterator[tuple[Drawing, list[str]]]:
    """A drawing of that many inches; afterwards the list holds its SVG text, without a date."""
    with matplotlib.rc_context(_STYLE):  # type: ignore[arg-type]  # matplotlib checks the keys itself
        drawing = Drawing(figsize=(width, height))
        out: list[str] = []
        yield drawing, out
        FigureCanvasSVG(drawing)
        target = io.StringIO()
        drawing.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
        out.append(_OUTLINES.sub(_shortened, target.getvalue()))


def framed(drawing: Drawing, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in inches, a light grid behind the drawing and no frame but the lower line."""
    width, height = drawing.get_size_inches()
    box = (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    axes = drawing.add_axes(box)
    axes.grid(color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return axes


def blank(drawing: Drawing, width: float, height: float) -> Axes:
    """Axes over the whole drawing, in inches from the upper left corner downwards, without any line."""
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return axes


def wrapped(label: str, width: int = 30) -> str:
    """The label on as many lines as it needs, broken between words."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def apart(wanted: list[float], gap: float) -> list[float]:
    """Heights moved as little as needed so that neighbours, in the order given upwards, keep a distance of `gap`."""
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    groups: list[tuple[float, list[int]]] = []
    for place in order:
        groups.append((wanted[place], [place]))
        while len(groups) > 1 and _too_close(groups[-2], groups[-1], gap):
            (low, first), (high, second) = groups[-2:]
            together = [*first, *second]
            groups[-2:] = [((low * len(first) + high * len(second)) / len(together), together)]
    moved = [0.0] * len(wanted)
    for middle, places in groups:
        for step, place in enumerate(places):
            moved[place] = middle + (step - (len(places) - 1) / 2) * gap
    return moved


def _too_close(lower: tuple[float, list[int]], upper: tuple[float, list[int]], gap: float) -> bool:
    reach = (len(lower[1]) + len(upper[1])) / 2 * gap
    return upper[0] - lower[0] < reach - 1e-9


def letters_on(colour: str) -> str:
    """White or dark letters, whichever are read better on a colour."""
    return max(("#ffffff", INK), key=lambda letters: contrast(letters, colour))


def shades(count: int) -> list[Any]:
    """White for the first class, then cividis from its light to its dark end: each step is darker in grey as well."""
    scale = matplotlib.colormaps["cividis"]
    steps = max(count - 2, 1)
    return [(1.0, 1.0, 1.0, 1.0), *(scale(0.95 - 0.9 * step / steps) for step in range(count - 1))]


def _shortened(outline: re.Match[str]) -> str:
    """An outline with one decimal place a coordinate, a thirtieth of a millimetre, instead of six."""
    return " " + " ".join(_LONG_DECIMALS.sub(r"\1", outline.group()).split())
