"""How well do the persons of each group live, and do those with poor prospects get poor places?

In go a plan's places, the persons with their own points everywhere, and plans by lot; out come tables in which every
figure stands beside the same figure under lots within quota. Every adult and every child is counted by its own
points, never a family by its best earner. Who stays in the state facility has a fit of nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, POINTS, Instance, Short, Whole
from stellwerk.distribution.placement.price_list import SCORE
from stellwerk.errors import StellwerkError
from stellwerk.formats import exact

_WORST = 10  # the worst tenth
Floats = npt.NDArray[np.float64]


class GroupsDoNotMatch(StellwerkError):
    """The persons, their points and their groups are not of one length."""


@dataclass(frozen=True, eq=False)
class Persons:
    """The persons of an instance, by ones: U persons, each with its own points at all P localities."""

    family: Whole
    """U, row of the person's family."""
    points: Short
    """U x P, points of the person alone; NOT_ELIGIBLE counts as nought."""
    groups: pl.DataFrame
    """U rows, one column an attribute (sex, age group, language ...), labels as text."""

    def __post_init__(self) -> None:
        if not len(self.family) == len(self.points) == self.groups.height:
            raise GroupsDoNotMatch(persons=len(self.family), points=len(self.points), groups=self.groups.height)

    def at(self, where: Short) -> Whole:
        """U, points of each person where its family lives."""
        place = where[self.family].astype(np.int64)
        stays = place == self.points.shape[1]
        points = self.points[np.arange(len(place)), np.where(stays, 0, place)].astype(np.int64)
        return np.where(stays | (points == NOT_ELIGIBLE), 0, points)


def persons_alike(instance: Instance, groups: pl.DataFrame) -> Persons:
    """Persons of whom only their family's points are known: each gets an equal part of them.

    `groups` has a row a family; its labels count for every member. Meant for instances without a register.
    """
    sizes = instance.sizes.astype(np.int64)
    family = np.repeat(np.arange(len(sizes)), sizes)
    each = np.where(instance.scores == NOT_ELIGIBLE, 0, instance.scores) // instance.sizes[:, None]
    if groups.height != len(sizes):
        raise GroupsDoNotMatch(persons=len(sizes), points=len(sizes), groups=groups.height)
    return Persons(family, each[family].astype(np.int32), groups[family])


def group_table(persons: Persons, where: Short, lots: Sequence[Short]) -> pl.DataFrame:
    """One row an attribute and group: how many, who is placed, mean fit, fit of the worst tenth; beside lots.

    `by_lot` is the mean over the plans by lot, `lots_lowest` and `lots_highest` are the range of their means.
    """
    here, drawn = persons.at(where), [persons.at(lot) for lot in lots]
    placed = where[persons.family] != persons.points.shape[1]
    rows = []
    for attribute in persons.groups.columns:
        labels = persons.groups[attribute].cast(pl.String)
        for group in labels.unique().drop_nulls().sort():
            members = np.flatnonzero((labels == group).fill_null(value=False).to_numpy())
            means = [_mean(points[members]) for points in drawn]
            rows.append(
                (
                    attribute, group, len(members), int(placed[members].sum()), _mean(here[members]),
                    _worst(here[members]), _mean_of(means), min(means), max(means), 
                    _mean(here[members]) - _mean_of(means),
                )
            )  # fmt: skip
    schema = pl.Schema({
        "attribute": pl.String(), "group": pl.String(), "persons": pl.Int64(), "placed": pl.Int64(), "fit": SCORE,
        "fit_of_worst_tenth": SCORE, "by_lot": SCORE, "lots_lowest": SCORE, "lots_highest": SCORE, "above_lots": SCORE,
    })  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True)
class ProspectTest:
    """Whether those who would do poorly everywhere live where everybody would do poorly.

    Each figure is the correlation of a person's prospects (mean points over all localities) with the quality of its
    place (mean points of all persons there), from -1 to 1, over the persons that are placed.
    """

    correlation: float
    by_lot: float
    lots_lowest: float
    lots_highest: float
    margin: float
    """How far above lots a correlation may lie before it matters; with many persons chance alone is very small."""

    @property
    def alarming(self) -> bool:
        """Whether poor prospects go with poor places, by more than `margin` above every plan by lot."""
        return self.correlation > max(self.lots_highest, 0.0) + self.margin


def prospect_test(persons: Persons, where: Short, lots: Sequence[Short], margin: Decimal = Decimal(0)) -> ProspectTest:
    """Hold the correlation of prospects and places in a plan against plans by lot."""
    points = np.where(persons.points == NOT_ELIGIBLE, 0, persons.points)
    prospects, quality = points.mean(axis=1), points.mean(axis=0)
    drawn = [_correlation(prospects, quality, lot[persons.family]) for lot in lots]
    here = _correlation(prospects, quality, where[persons.family])
    return ProspectTest(here, float(np.mean(drawn)), min(drawn), max(drawn), float(margin))


def _correlation(prospects: Floats, quality: Floats, place: Short) -> float:
    placed = place != len(quality)
    own, given = prospects[placed], quality[place[placed]]
    if len(own) < 2 or np.ptp(own) == 0 or np.ptp(given) == 0:
        return 0.0
    return float(np.corrcoef(own, given)[0, 1])


def _mean(points: Whole) -> Decimal:
    return exact(Fraction(int(points.sum()), max(1, len(points)) * POINTS), 4)


def _worst(points: Whole) -> Decimal:
    """The mean of the worst tenth, at least of one."""
    return _mean(np.sort(points)[: max(1, len(points) // _WORST)])


def _mean_of(means: Sequence[Decimal]) -> Decimal:
    return exact(Fraction(sum(means, Decimal(0))) / len(means), 4)
