"""What makes a place suit, what must it have, and how much of each service is there? The settings of placement.

In goes `params/placement.yaml`, out come `PlacementSettings`. All weights, needs and capacities are data that staff
edit; nothing is learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from stellwerk.distribution.placement.cohort import Ages, Dwellings
from stellwerk.distribution.placement.solve import SolverSettings
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

TIE = "tie"
Counted = Literal[
    "persons", "adults", "workers", "school_age", "childcare_age", "accessible_dwelling", "large_dwelling",
    "specialist_care",
]  # fmt: skip
TableName = Literal["municipalities", "kreise"]
Direction = Literal["higher", "lower"]


class UnknownCriterion(StellwerkError):
    """A weight is given for a criterion that does not exist."""


class Criterion(Document):
    """One reason why a place suits: a column of a table, which way is good, whom it concerns, how much it weighs."""

    label: Labels
    table: TableName
    column: str
    direction: Direction
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
    table: TableName
    column: str
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    evidence: EvidenceGrade


class Scaling(Document):
    """A published figure that a capacity follows: as many times the mean as the figure is, within limits."""

    table: TableName
    column: str
    direction: Direction
    least: Decimal = Field(gt=0)
    most: Decimal = Field(gt=0)


class Service(Document):
    """How many units of a service a municipality has for the persons of its quota."""

    label: Labels
    counts: Counted
    """Who of a family takes a unit."""
    per_100_places: Decimal = Field(ge=0)
    """Units for each hundred persons of the quota, rounded up."""
    at_least: int = Field(ge=0)
    """Units of a municipality whose quota is not nought."""
    scaled_by: Scaling | None = None
    source: str
    evidence: EvidenceGrade


class PlacementSettings(Document):
    """All of `params/placement.yaml`."""

    criteria: dict[str, Criterion]
    tie: Tie
    requirements: dict[Counted, Requirement]
    services: dict[str, Service]
    ages: Ages
    dwellings: Dwellings
    unplaced_penalty: Decimal = Field(ge=0)
    quota_floor: Decimal = Field(ge=0, le=1)
    """Share of its quota that a municipality shall take at least."""
    missing_penalty: Decimal = Field(ge=0)
    """Lost fit for each person that a municipality lacks to that share."""
    seed: int = Field(ge=0)
    solver: SolverSettings

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

    def with_solver(self, wishes: Mapping[str, object]) -> PlacementSettings:
        """The same settings with some of the solver's changed."""
        return self.model_copy(update={"solver": self.solver.with_wishes(wishes)})

    def without_services(self) -> PlacementSettings:
        """The same settings where only the places count."""
        return self.model_copy(update={"services": {}})
