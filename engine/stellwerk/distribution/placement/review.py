"""How closely are plans looked at: how many alternatives, how large a neighbourhood, how many draws by lot?

In goes `params/placement_review.yaml`, out come `ReviewSettings`. None of these numbers changes a plan that nobody
asks about; they set what explanations, audits and the rehearsal of a year look at.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from pydantic import Field

from stellwerk.distribution.placement.criteria import TIE, PlacementSettings
from stellwerk.distribution.placement.instance import PERSONS
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.documents import Document, read_document, validated
from stellwerk.provenance import EvidenceGrade
from stellwerk.texts import text


class Neighbourhood(Document):
    """What may change when one family is moved."""

    whole_up_to_pairs: int = Field(ge=0)
    """Up to so many eligible pairs of family and locality everybody may move: the answer is exact for the whole."""
    families: int = Field(ge=1)
    """Beyond that, so many families near the change may move, all others keep their places."""
    localities_each: int = Field(ge=1)
    """Localities that each of them may move to, the best after prices."""
    nodes: int = Field(ge=1)
    """Work limit of the search; an answer cut short by it says that it is not proven."""
    evidence: EvidenceGrade


class Audit(Document):
    """How fairness is measured."""

    random_draws: int = Field(ge=2)
    """Plans drawn by lot within quota, against which each measure is held."""
    prospect_margin: Decimal = Field(ge=0)
    """How far the correlation of prospects and places may lie above lots before it is called alarming."""
    floor_rounds: int = Field(ge=1)
    """Rounds in which the premium of a group below its floor may grow."""
    seed: int = Field(ge=0)
    evidence: EvidenceGrade


class Year(Document):
    """How weekly arrivals are placed."""

    balance: Decimal = Field(ge=0)
    """Score that a person costs for each person above the even pace, at a locality with a quota of one person; falls
    with the square root of the quota, because chance does too."""
    relearn_in: tuple[int, ...]
    """Weeks (the first is 0) before which prices are learnt again."""
    evidence: EvidenceGrade


class Frontier(Document):
    """Which plans the Pareto front is sought among."""

    bands: tuple[Decimal, ...] = Field(min_length=1)
    """Shares by which a locality may differ from its quota."""
    headrooms: tuple[Decimal, ...] = Field(min_length=1)
    """Shares of every service that are left free."""
    evidence: EvidenceGrade


class ReviewSettings(Document):
    """All of `params/placement_review.yaml`."""

    alternatives: int = Field(ge=1)
    """Places that are proposed for a family."""
    neighbourhood: Neighbourhood
    audit: Audit
    year: Year
    frontier: Frontier

    @classmethod
    def load(cls, params: Path) -> ReviewSettings:
        """Read the settings of the checkout."""
        path = params / "placement_review.yaml"
        return validated(cls, read_document(path, path.name), path.name)


def criterion_labels(tables: ReferenceTables, language: str) -> dict[str, str]:
    """The words for the criteria of `params/placement.yaml`."""
    settings = PlacementSettings.load(tables)
    labels = {name: criterion.label for name, criterion in settings.criteria.items()} | {TIE: settings.tie.label}
    return {name: label.in_language(language) for name, label in labels.items()}


def resource_labels(tables: ReferenceTables, language: str) -> dict[str, str]:
    """The words for persons and for the services of `params/placement.yaml`."""
    services = PlacementSettings.load(tables).services
    return {
        PERSONS: text("why_places", language),
        **{name: item.label.in_language(language) for name, item in services.items()},
    }
