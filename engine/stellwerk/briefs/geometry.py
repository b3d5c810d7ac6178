"""Where the municipalities lie: their outlines and the borders between larger units, from one TopoJSON file.

In goes the file of `params/map`, out come rings of flat coordinates (kilometre-true in both directions near the middle
of the map), one list a municipality, and the lines on which two units of a coarser kind meet.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk.errors import StellwerkError

Point = tuple[float, float]
Line = tuple[Point, ...]


class MapMissing(StellwerkError):
    """The map file does not exist."""


@dataclass(frozen=True)
class Geometry:
    """Outlines by municipality key, the arcs they share, and the source line that belongs under every map."""

    rings: dict[str, tuple[Line, ...]]
    arcs: tuple[Line, ...]
    owners: tuple[frozenset[str], ...]
    source: str

    def borders(self, unit: Callable[[str], str]) -> tuple[Line, ...]:
        """The lines between municipalities of different units, and the outer edge."""
        pairs = zip(self.arcs, self.owners, strict=True)
        return tuple(arc for arc, owners in pairs if len(owners) == 1 or len({unit(owner) for owner in owners}) > 1)


def read_geometry(path: Path) -> Geometry:
    """Read a TopoJSON file whose one object holds polygons with an `id`."""
    if not path.is_file():
        raise MapMissing(file=path.name)
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    (collection,) = topology["objects"].values()
    owners: list[set[str]] = [set() for _ in arcs]
    rings: dict[str, tuple[Line, ...]] = {}
    for shape in collection["geometries"]:
        indices = _ring_indices(shape)
        rings[shape["id"]] = tuple(_ring(ring, arcs) for ring in indices)
        for index in (arc for ring in indices for arc in ring):
            owners[_position(index)].add(shape["id"])
    return Geometry(rings, arcs, tuple(frozenset(owner) for owner in owners), topology.get("source", ""))


def _arcs(topology: dict[str, Any]) -> tuple[Line, ...]:
    transform = topology["transform"]
    (scale_x, scale_y), (start_x, start_y) = transform["scale"], transform["translate"]
    box = topology["bbox"]
    shrink = math.cos(math.radians((box[1] + box[3]) / 2))  # a degree of longitude is shorter
    lines: list[Line] = []
    for steps in topology["arcs"]:
        x = y = 0
        line: list[Point] = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            line.append(((x * scale_x + start_x) * shrink, y * scale_y + start_y))
        lines.append(tuple(line))
    return tuple(lines)


def _ring_indices(shape: dict[str, Any]) -> list[list[int]]:
    polygons: list[list[list[int]]] = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def _ring(indices: list[int], arcs: tuple[Line, ...]) -> Line:
    points: list[Point] = []
    for index in indices:
        arc = arcs[_position(index)]
        points.extend((arc if index >= 0 else arc[::-1])[1 if points else 0 :])
    return tuple(points)


def _position(index: int) -> int:
    """TopoJSON writes an arc walked backwards as the complement of its position."""
    return index if index >= 0 else ~index
