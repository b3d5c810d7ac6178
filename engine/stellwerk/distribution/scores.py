"""How well does each family fit each municipality, and why?

In go families, reference tables and the weights of `params/placement.yaml`; out come whole points for every family
and place, criterion by criterion. The weights are a published choice of the office, nothing is learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from stellwerk.distribution.families import Ages, Families
from stellwerk.distribution.reference import ReferenceTables, require_columns
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

POINTS = 10_000  # whole points of a person who fits perfectly: fine enough to order places, exact in every sum
TIE = "tie"

Points = npt.NDArray[np.int64]
Counted = Literal[
    "persons", "adults", "workers", "school_age", "childcare_age", "accessible_dwelling", "specialist_care"
]  # fmt: skip


class UnknownCriterion(StellwerkError):
    """A weight is given for a criterion that does not exist."""


class Criterion(Document):
    """One reason why a place suits: a column of a table, which way is good, whom it concerns, how much it weighs."""

    label: Labels
    table: Literal["municipalities", "kreise"]
    column: str
    direction: Literal["higher", "lower"]
    counts: Counted
    weight: Decimal = Field(ge=0)
    source: str
    evidence: EvidenceGrade


class Tie(Document):
    """What nearness to relatives is worth."""

    label: Labels
    same_municipality: Decimal = Field(ge=0, le=1)
    same_kreis: Decimal = Field(ge=0, le=1)
    weight: Decimal = Field(ge=0)
    evidence: EvidenceGrade


class Requirement(Document):
    """What a place must have for a family with the need of this name."""

    label: Labels
    table: Literal["municipalities", "kreise"]
    column: str
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    evidence: EvidenceGrade


class SolverChoices(Document):
    """How much work the solver may spend and when it may stop."""

    price_rounds: int = Field(ge=1)
    price_gap: Decimal = Field(ge=0, lt=1)
    target_gap: Decimal = Field(ge=0, lt=1)
    search_gap: Decimal = Field(ge=0, lt=1)
    node_limit: int = Field(ge=0)
    guard_seconds: int = Field(ge=1)
    seed: int = Field(ge=0)


class PlacementSettings(Document):
    """All of `params/placement.yaml`."""

    criteria: dict[str, Criterion]
    tie: Tie
    requirements: dict[Counted, Requirement]
    ages: Ages
    unplaced_penalty: Decimal = Field(ge=0)
    solver: SolverChoices

    @classmethod
    def load(cls, tables: ReferenceTables) -> PlacementSettings:
        """Read the settings of the checkout."""
        path = tables.params / "placement.yaml"
        return validated(cls, read_document(path, path.name), path.name)

    def with_weights(self, weights: Mapping[str, Decimal]) -> PlacementSettings:
        """The same settings with some weights changed; `tie` is the weight of nearness to relatives."""
        known = [*self.criteria, TIE]
        for name in weights:
            if name not in known:
                raise UnknownCriterion(criterion=name, near=nearest(name, known), known=known)
        criteria = {
            name: item.model_copy(update={"weight": weights.get(name, item.weight)})
            for name, item in self.criteria.items()
        }
        tie = self.tie.model_copy(update={"weight": weights.get(TIE, self.tie.weight)})
        return self.model_copy(update={"criteria": criteria, "tie": tie})


@dataclass(frozen=True)
class Scores:
    """Points of each family (row) at each place (column), by criterion; and where its needs are met."""

    places: tuple[str, ...]
    parts: dict[str, Points]
    total: Points
    meets: dict[str, npt.NDArray[np.bool_]]

    @property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Where all requirements of a family are met."""
        allowed = np.ones(self.total.shape, dtype=np.bool_)
        for met in self.meets.values():
            allowed &= met
        return allowed


def score(families: Families, tables: ReferenceTables, settings: PlacementSettings) -> Scores:
    """Points of every family at every municipality.

    A family's fit is the mean suitability over the criteria that concern it, each weighted by its weight times the
    persons concerned; the points are that fit times the family's persons. A family that no criterion concerns has
    no points anywhere.
    """
    places = tuple(tables.names("municipalities"))
    frame = families.frame
    weighted: dict[str, npt.NDArray[np.float64]] = {}
    total_weight = np.zeros((frame.height, 1))
    for name, criterion in settings.criteria.items():
        suits = suitability(place_values(tables, criterion.table, criterion.column), criterion.direction)
        need = float(criterion.weight) * frame[criterion.counts].to_numpy().astype(np.float64)
        weighted[name] = need[:, None] * suits[None, :]
        total_weight[:, 0] += need
    near, has_tie = _nearness(frame["tie_municipality"], tables, settings.tie)
    tie_need = float(settings.tie.weight) * frame["persons"].to_numpy().astype(np.float64) * has_tie
    weighted[TIE] = tie_need[:, None] * near
    total_weight[:, 0] += tie_need
    persons = frame["persons"].to_numpy().astype(np.float64)[:, None]
    scale = np.divide(POINTS * persons, total_weight, out=np.zeros_like(total_weight), where=total_weight > 0)
    parts = {name: np.rint(points * scale).astype(np.int64) for name, points in weighted.items()}
    total = np.zeros((frame.height, len(places)), dtype=np.int64)
    for part in parts.values():
        total += part
    return Scores(places, parts, total, _meets(frame, tables, settings))


def place_values(tables: ReferenceTables, table: str, column: str) -> npt.NDArray[np.float64]:
    """A column's value for each municipality, in the order of the codes; a Kreis's value for all of its own."""
    frame = tables.typed(table)
    require_columns(frame, [column], f"{table}.csv")
    municipalities = tables.municipalities.sort("ags")
    key = tables.key_column(table)
    joined = municipalities.select("ags", "kreis_ags").join(
        frame.select(key, pl.col(column).alias("value")), on=key, how="left", maintain_order="left"
    )
    return joined["value"].to_numpy().astype(np.float64)


def suitability(values: npt.NDArray[np.float64], direction: str) -> npt.NDArray[np.float64]:
    """The rank of each value, 0 for the worst and 1 for the best, equal values sharing the mean of their ranks.

    Ranks, because they are free of units and a single outlier cannot press all others together.
    """
    if values.size < 2:
        return np.ones_like(values)
    ranks = pl.Series(values if direction == "higher" else -values).rank("average").to_numpy()
    return np.asarray((ranks - 1) / (values.size - 1), dtype=np.float64)


def _nearness(
    ties: pl.Series, tables: ReferenceTables, tie: Tie
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How near each place is to a family's relatives, and who has any."""
    municipalities = tables.municipalities.sort("ags")
    position = {code: index for index, code in enumerate(municipalities["ags"])}
    kreise = municipalities["kreis_ags"].to_numpy()
    near = np.zeros((len(ties), len(position)))
    for row, code in enumerate(ties):
        if code is not None:
            near[row] = np.where(kreise == kreise[position[code]], float(tie.same_kreis), 0.0)
            near[row, position[code]] = float(tie.same_municipality)
    return near, ties.is_not_null().to_numpy().astype(np.float64)


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
