"""What may be asked of the brief "Verteilung auf die Gemeinden": register, legal date, persons, cohort, what to try."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import Count, Day, PlacementScenarioOrNone, RegisterParameters


class VerteilungParameters(RegisterParameters):
    """The parameters of the brief "Verteilung auf die Gemeinden"."""

    on: Day
    persons: Count = Field(default=10_000, ge=0, le=10_000_000)
    cohort: Count = Field(default=600, ge=1, le=2_000)
    placement: PlacementScenarioOrNone = None
