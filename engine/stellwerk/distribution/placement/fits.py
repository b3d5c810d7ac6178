"""What does each criterion add to the place that a family has, as a plan's folder or a placement tells it?

In goes a placement in memory, or the table `fits.csv` that `stellwerk place` writes beside a plan of a register; out
comes a function from family and locality to points by criterion, empty where nobody knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from stellwerk.distribution.placement.instance import POINTS
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.distribution.placement.plan import Plan
from stellwerk.distribution.placement.reasons import Criteria

FITS = "fits.csv"
_PREFIX = "fit_"


def criteria_of(placement: Placement) -> Criteria:
    """Points by criterion of every family at every municipality."""

    def known(family: int, locality: int) -> Mapping[str, int]:
        parts = placement.scores.parts_at(np.array([family]), np.array([locality]))
        return {name: int(points[0]) for name, points in parts.items()}

    return known


def criteria_in(folder: Path, plan: Plan) -> Criteria:
    """Points by criterion of each family at its own place; nothing where the folder holds no such table."""
    path = folder / FITS
    if not path.is_file():
        return lambda family, locality: {}
    frame = pl.read_csv(path, infer_schema=False)
    names = [column for column in frame.columns if column.startswith(_PREFIX)]
    rows = {family: row for row, family in enumerate(frame["family_id"])}

    def known(family: int, locality: int) -> Mapping[str, int]:
        row = rows.get(plan.instance.families[family])
        if row is None or plan.where[family] != locality:
            return {}
        return {name.removeprefix(_PREFIX): int(Decimal(frame[name][row]) * POINTS) for name in names}

    return known
