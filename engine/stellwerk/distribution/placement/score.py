"""How well does each family fit each municipality, and why?

In go families, reference tables and the weights of `params/placement.yaml`; out come whole points for every family
and place, and on request what each criterion adds to them, so that the parts always sum to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.distribution.placement.cohort import Families
from stellwerk.distribution.placement.criteria import TIE, Direction, PlacementSettings, TableName
from stellwerk.distribution.placement.instance import POINTS, Short, Whole
from stellwerk.distribution.reference import ReferenceTables, require_columns

_FAMILIES_AT_ONCE = 1024  # keeps the scratch arrays small
Real = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Points of F families at P municipalities, kept as what makes them: families' needs and places' suitability."""

    places: tuple[str, ...]
    names: tuple[str, ...]
    """The criteria, nearness to relatives last."""
    need: Real
    """F x K, points a family has from a criterion where it suits perfectly."""
    suits: Real
    """(K-1) x P, suitability from 0 to 1 of each place by each criterion but nearness."""
    near: Real
    """(T+1) x P, how near each place is to the place of relatives; row 0: no relatives."""
    tie: Whole
    """F, row of `near`."""
    meets: dict[str, npt.NDArray[np.bool_]]
    """Requirement -> F x P, whether the place has what the family must find."""

    def points(self) -> Short:
        """F x P, the sum of all parts."""
        families = len(self.need)
        total = np.zeros((families, len(self.places)), dtype=np.int32)
        for start in range(0, families, _FAMILIES_AT_ONCE):
            rows = np.arange(start, min(start + _FAMILIES_AT_ONCE, families))
            for part in self.parts(rows).values():
                total[rows] += part
        return total

    def parts(self, rows: Whole) -> dict[str, Short]:
        """Criterion -> points of the families `rows` at every place."""
        found = {
            name: np.rint(self.need[rows, k, None] * self.suits[None, k]).astype(np.int32)
            for k, name in enumerate(self.names[:-1])
        }
        found[TIE] = np.rint(self.need[rows, -1, None] * self.near[self.tie[rows]]).astype(np.int32)
        return found

    def parts_at(self, rows: Whole, places: Whole) -> dict[str, Short]:
        """Criterion -> points of the families `rows`, each at its own place."""
        found = {
            name: np.rint(self.need[rows, k] * self.suits[k, places]).astype(np.int32)
            for k, name in enumerate(self.names[:-1])
        }
        found[TIE] = np.rint(self.need[rows, -1] * self.near[self.tie[rows], places]).astype(np.int32)
        return found

    @property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """F x P, where all requirements of a family are met."""
        allowed = np.ones((len(self.need), len(self.places)), dtype=np.bool_)
        for met in self.meets.values():
            allowed &= met
        return allowed


def score(families: Families, tables: ReferenceTables, settings: PlacementSettings) -> Scores:
    """Points of every family at every municipality.

    A family's fit is the mean suitability over the criteria that concern it, each weighted by its weight times the
    persons concerned; the points are that fit times the family's persons. A family that no criterion concerns has
    no points anywhere.
    """
    frame = families.frame
    places = tuple(tables.names("municipalities"))
    weights = [
        float(criterion.weight) * frame[criterion.counts].to_numpy().astype(np.float64)
        for criterion in settings.criteria.values()
    ]
    near, tie = _nearness(frame["tie_municipality"], tables, settings)
    persons = frame["persons"].to_numpy().astype(np.float64)
    need = np.stack([*weights, float(settings.tie.weight) * persons * (tie > 0)], axis=1)
    whole = need.sum(axis=1)
    scale = np.divide(POINTS * persons, whole, out=np.zeros_like(whole), where=whole > 0)
    suits = [
        suitability(place_values(tables, criterion.table, criterion.column), criterion.direction)
        for criterion in settings.criteria.values()
    ]
    return Scores(
        places,
        (*settings.criteria, TIE),
        need * scale[:, None],
        np.stack(suits) if suits else np.zeros((0, len(places))),
        near,
        tie,
        _meets(frame, tables, settings),
    )


def place_values(tables: ReferenceTables, table: TableName, column: str) -> Real:
    """A column's value for each municipality, in the order of the codes; a Kreis's value for all of its own."""
    frame = tables.typed(table)
    require_columns(frame, [column], f"{table}.csv")
    municipalities = tables.municipalities.sort("ags")
    key = tables.key_column(table)
    joined = municipalities.select("ags", "kreis_ags").join(
        frame.select(key, pl.col(column).alias("value")),
        left_on="ags" if table == "municipalities" else "kreis_ags",
        right_on=key,
        how="left",
        maintain_order="left",
    )
    return joined["value"].to_numpy().astype(np.float64)


def suitability(values: Real, direction: Direction) -> Real:
    """The rank of each value, 0 for the worst and 1 for the best, equal values sharing the mean of their ranks.

    Ranks, because they are free of units and a single outlier cannot press all others together.
    """
    if values.size < 2:
        return np.ones_like(values)
    ranks = pl.Series(values if direction == "higher" else -values).rank("average").to_numpy()
    return np.asarray((ranks - 1) / (values.size - 1), dtype=np.float64)


def _nearness(ties: pl.Series, tables: ReferenceTables, settings: PlacementSettings) -> tuple[Real, Whole]:
    """How near each place is to each place of relatives (row 0: none), and the row of each family."""
    municipalities = tables.municipalities.sort("ags")
    position = {code: index for index, code in enumerate(municipalities["ags"])}
    kreise = municipalities["kreis_ags"].to_numpy()
    codes = sorted(ties.drop_nulls().unique())
    near = np.zeros((len(codes) + 1, len(position)))
    for row, code in enumerate(codes, start=1):
        near[row] = np.where(kreise == kreise[position[code]], float(settings.tie.same_kreis), 0.0)
        near[row, position[code]] = float(settings.tie.same_municipality)
    row_of = {code: row for row, code in enumerate(codes, start=1)}
    return near, np.array([row_of.get(code, 0) for code in ties], dtype=np.int64)


def _meets(
    frame: pl.DataFrame, tables: ReferenceTables, settings: PlacementSettings
) -> dict[str, npt.NDArray[np.bool_]]:
    meets = {}
    for name, requirement in settings.requirements.items():
        values = place_values(tables, requirement.table, requirement.column)
        good = np.ones(values.size, dtype=np.bool_)
        if requirement.at_most is not None:
            good &= values <= float(requirement.at_most)
        if requirement.at_least is not None:
            good &= values >= float(requirement.at_least)
        needs = frame[name].to_numpy() > 0
        meets[str(name)] = ~needs[:, None] | good[None, :]
    return meets
