"""A map of municipalities in classes from white to dark, on which one can point at one of them.

In go outlines and, again and again, a class for each municipality; `chosen` is the one that was pointed at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import anywidget
import traitlets

from stellwerk.briefs.geometry import Geometry

WIDTH = 1000  # of the drawing, in whole units: fine enough for a screen, small enough to send
COLOURS = ("#f4f6f8", "#c6d4e4", "#8fadcc", "#4f7fae", "#00336b")


class PlaceMap(anywidget.AnyWidget):
    """Outlines by key in classes; what a screen reader says of it is `alt`."""

    _esm = Path(__file__).with_name("place_map.js")
    box = traitlets.Unicode("").tag(sync=True)
    outlines = traitlets.Dict().tag(sync=True)
    names = traitlets.Dict().tag(sync=True)
    classes = traitlets.Dict().tag(sync=True)
    colours = traitlets.List(list(COLOURS)).tag(sync=True)
    legend: traitlets.List[str] = traitlets.List().tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)


def map_of(geometry: Geometry, names: Mapping[str, str], alt: str) -> PlaceMap:
    """The municipalities of a geometry, not yet in classes."""
    every = [point for rings in geometry.rings.values() for ring in rings for point in ring]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    bottom, top = min(y for _, y in every), max(y for _, y in every)
    scale = WIDTH / (right - left)

    def outline(rings: Sequence[Sequence[tuple[float, float]]]) -> str:
        return "".join(
            "M" + "L".join(f"{(x - left) * scale:.0f} {(top - y) * scale:.0f}" for x, y in ring) + "Z" for ring in rings
        )

    return PlaceMap(
        box=f"0 0 {WIDTH} {(top - bottom) * scale:.0f}",
        outlines={key: outline(rings) for key, rings in geometry.rings.items()},
        names=dict(names),
        alt=alt,
    )
