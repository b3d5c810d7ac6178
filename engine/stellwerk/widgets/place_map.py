"""A map of municipalities in classes from white to dark, on which one can point at one of them.

In go outlines and, again and again, a class and a sentence for each municipality; `chosen` is the one that was clicked
at, or reached with the arrow keys and chosen with Enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import anywidget
import traitlets

from stellwerk.briefs.geometry import Geometry

WIDTH = 1000  # of the drawing, in whole units: fine enough for a screen, small enough to send
COLOURS = ("#f4f6f8", "#c6d4e4", "#8fadcc", "#4f7fae", "#00336b")  # as far apart in grey as in blue


class PlaceMap(anywidget.AnyWidget):
    """Outlines by key in classes; what a screen reader says of it is `alt`, of one place its sentence in `told`."""

    _esm = Path(__file__).with_name("place_map.js")
    box = traitlets.Unicode("").tag(sync=True)
    outlines = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    classes = traitlets.Dict().tag(sync=True)
    colours = traitlets.List(list(COLOURS)).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    legend: traitlets.List[str] = traitlets.List().tag(sync=True)
    alt = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)


def map_of(geometry: Geometry, hint: str) -> PlaceMap:
    """The municipalities of a geometry, not yet in classes; `hint` says what one can do with the map."""
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
        hint=hint,
    )


def shown_on(place_map: PlaceMap, values: Mapping[str, object]) -> None:
    """Set several of what the map shows at once, so that it is drawn once."""
    with place_map.hold_sync():
        for name, value in values.items():
            setattr(place_map, name, value)
