"""The pictures of a brief, a kind a module: data in, SVG with alt text, source line and the table behind it out.

`canvas` holds what all share. Every picture is the same bytes for the same data, and can be read in grey.
"""

from stellwerk.briefs.figures.bars import BarPair, bars
from stellwerk.briefs.figures.canvas import PALETTE, About
from stellwerk.briefs.figures.courses import Course, courses
from stellwerk.briefs.figures.curves import Curve, curves
from stellwerk.briefs.figures.maps import MapClass, choropleth
from stellwerk.briefs.figures.occupancy import Band, Occupancy, occupancy
from stellwerk.briefs.figures.pareto import Plan, pareto
from stellwerk.briefs.figures.sankey import Flow, sankey
from stellwerk.briefs.figures.slopes import Slope, slopes
from stellwerk.briefs.figures.tiles import Tile, read_tiles, tile_map
from stellwerk.briefs.figures.timeline import Spell, timeline
from stellwerk.briefs.figures.waterfall import Step, waterfall

__all__ = [
    "PALETTE",
    "About",
    "Band",
    "BarPair",
    "Course",
    "Curve",
    "Flow",
    "MapClass",
    "Occupancy",
    "Plan",
    "Slope",
    "Spell",
    "Step",
    "Tile",
    "bars",
    "choropleth",
    "courses",
    "curves",
    "occupancy",
    "pareto",
    "read_tiles",
    "sankey",
    "slopes",
    "tile_map",
    "timeline",
    "waterfall",
]
