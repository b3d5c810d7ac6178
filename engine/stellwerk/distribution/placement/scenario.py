"""What may a placement be asked otherwise than the settings say: key, weights, quotas, capacities, decisions?

Reads `params/scenarios/placement_NAME.yaml` (or a file of one's own) into a frozen model; what it does not name stays
as `params/placement.yaml` and the key give it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stellwerk.distribution.placement.decisions import PSEUDONYM, Decision, Kind, with_decisions
from stellwerk.distribution.placement.instance import Instance, checked
from stellwerk.distribution.placement.reasons import locality_index
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest, shown_path

PREFIX = "placement_"
Units = Annotated[int, Field(ge=0, le=10_000_000)]


class UnknownPlacementScenario(StellwerkError):
    """No placement scenario of that name."""


class UnknownService(StellwerkError):
    """A scenario sets capacities of a service that the settings do not have."""


class StatedDecision(Document):
    """What an officer decided for a family, with a pseudonymous code and a reason."""

    family: str
    decision: Kind
    locality: str = ""  # empty: staying in the state facility
    officer: str = Field(pattern=f"^{PSEUDONYM.pattern}$")
    reason: str = Field(min_length=1)
    decided_on: dt.date

    @property
    def as_decision(self) -> Decision:
        """The decision as the plan knows it."""
        return Decision(self.family, self.decision, self.locality, self.officer, self.reason, self.decided_on)


class PlacementScenario(Document):
    """A placement asked otherwise; quotas are persons by municipality, capacities units by service and municipality."""

    title: Labels
    key: str | None = None  # the key that gives the quotas not named below; none: the one that is asked with
    weights: dict[str, Decimal] = Field(default_factory=dict)
    quotas: dict[str, Units] = Field(default_factory=dict)
    capacities: dict[str, dict[str, Units]] = Field(default_factory=dict)
    decisions: tuple[StatedDecision, ...] = ()

    def adjusted(self, instance: Instance) -> Instance:
        """The task with the scenario's capacities and decisions."""
        services = list(instance.resources[1:])
        capacity = instance.capacity.copy()
        for service, units in self.capacities.items():
            if service not in services:
                raise UnknownService(service=service, near=nearest(service, services), known=services)
            for code, number in units.items():
                capacity[locality_index(instance, code), 1 + services.index(service)] = number
        task = checked(replace(instance, capacity=capacity))
        return with_decisions(task, [stated.as_decision for stated in self.decisions])


def load_placement_scenario(name: str, params: Path) -> PlacementScenario:
    """The scenario of that name in `params/scenarios/`, or the file of that path."""
    folder = params / "scenarios"
    written = name.endswith((".yaml", ".yml"))
    path = Path(name) if written else folder / f"{PREFIX}{name.removeprefix(PREFIX)}.yaml"
    if not path.is_file():
        known = sorted(other.stem.removeprefix(PREFIX) for other in folder.glob(f"{PREFIX}*.yaml"))
        raise UnknownPlacementScenario(name=path.stem, near=nearest(path.stem.removeprefix(PREFIX), known), known=known)
    shown = shown_path(path, params.parent)
    return validated(PlacementScenario, read_document(path, shown), shown)
