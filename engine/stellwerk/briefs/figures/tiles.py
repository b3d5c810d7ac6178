"""A map of tiles, one for each Land or member state: as large for the small ones as for the large ones.

In go where each tile stands, its name and its value, out comes a `Figure`; every tile bears its value in figures, so
that its shade only helps to find the high ones.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from stellwerk.briefs.blocks import Column, Figure, Shown, Table
from stellwerk.briefs.figures.canvas import EDGE, WIDTH, About, blank, canvas, letters_on, shades
from stellwerk.briefs.secrecy import Hidden
from stellwerk.errors import StellwerkError

TileValue = int | Decimal | Hidden | None
_SIDE, _GAP = 0.88, 0.05  # inches
_CLASSES = 6  # white for nothing, then five shades


class TilesMissing(StellwerkError):
    """The file that says where the tiles stand does not exist."""


class NoTileForCode(StellwerkError):
    """A value for a code without a tile."""


@dataclass(frozen=True)
class Tile:
    """One tile: its code, and its row and column from the upper left corner."""

    code: str
    row: int
    column: int


def read_tiles(path: Path) -> tuple[Tile, ...]:
    """Where the tiles stand, from a CSV with code, row and column (`params/map/tiles_*.csv`)."""
    if not path.is_file():
        raise TilesMissing(file=path.name)
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Tile(row["code"], int(row["row"]), int(row["column"])) for row in csv.DictReader(file))


def tile_map(
    tiles: Sequence[Tile],
    names: Mapping[str, str],
    values: Mapping[str, TileValue],
    about: About,
) -> Figure:
    """A tile map of `values` by code; a code without value stays white with a dash."""
    known = {tile.code for tile in tiles}
    for code in values:
        if code not in known:
            raise NoTileForCode(code=code, known=sorted(known))
    columns, rows = (max(getattr(tile, what) for tile in tiles) + 1 for what in ("column", "row"))
    highest = max((value for value in values.values() if isinstance(value, int | Decimal)), default=0)
    with canvas(WIDTH, rows * _SIDE + 0.1) as (drawing, out):
        axes = blank(drawing, WIDTH, rows * _SIDE + 0.1)
        left = (WIDTH - columns * _SIDE) / 2
        for tile in tiles:
            value = values.get(tile.code)
            corner = (left + tile.column * _SIDE, 0.05 + tile.row * _SIDE)
            _draw(axes, corner, tile.code, value, about.value(value), highest)
    return Figure(
        about.name,
        out[0],
        _alt(names, values, about),
        about.caption,
        about.source,
        _table(tiles, names, values, about),
    )


def _draw(
    axes: Axes, corner: tuple[float, float], code: str, value: TileValue, shown: str, highest: int | Decimal
) -> None:
    colour = to_hex(_shade(value, highest))
    hatch = "////" if isinstance(value, Hidden) else None
    side = _SIDE - _GAP
    axes.add_patch(Rectangle(corner, side, side, facecolor=colour, edgecolor=EDGE, linewidth=0.6, hatch=hatch))
    letters = letters_on(colour)
    middle = corner[0] + side / 2
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if hatch else None
    axes.text(middle, corner[1] + side * 0.34, code, ha="center", va="center", color=letters, weight="bold", bbox=box)
    axes.text(middle, corner[1] + side * 0.70, shown, ha="center", va="center", color=letters, fontsize=8, bbox=box)


def _shade(value: TileValue, highest: int | Decimal) -> tuple[float, float, float, float]:
    """White for none and for what is not shown; else one of five shades by its part of the highest value."""
    scale: list[tuple[float, float, float, float]] = shades(_CLASSES)
    if not isinstance(value, int | Decimal) or value <= 0 or highest <= 0:
        return scale[0]
    step = int(value * (_CLASSES - 1) / highest)
    return scale[min(step, _CLASSES - 2) + 1]


def _alt(names: Mapping[str, str], values: Mapping[str, TileValue], about: About) -> str:
    known = sorted((v, code) for code, v in values.items() if isinstance(v, int | Decimal))
    if not known:
        return about.say("tiles_alt_none")
    (low, lowest), (high, highest) = known[0], known[-1]
    return about.say(
        "tiles_alt",
        count=len(known),
        highest=names.get(highest, highest),
        high=about.value(high),
        lowest=names.get(lowest, lowest),
        low=about.value(low),
    )


def _table(
    tiles: Sequence[Tile],
    names: Mapping[str, str],
    values: Mapping[str, TileValue],
    about: About,
) -> Table:
    codes, named = Column("code", about.say("code")), Column("name", about.say("name"))
    columns = (codes, named, about.column("value", about.caption))
    rows = tuple(
        (Shown(tile.code, tile.code), names.get(tile.code, tile.code), values.get(tile.code))
        for tile in sorted(tiles, key=lambda tile: tile.code)
    )
    return Table(about.name, about.caption, columns, rows, about.source)
