"""What may be asked of the brief "Landesaufnahme über die Zeit": which scenario, how many runs, from which seed."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import BriefParameters, Count, ReceptionScenario


class AufnahmeParameters(BriefParameters):
    """The parameters of the brief "Landesaufnahme über die Zeit"."""

    scenario: ReceptionScenario
    runs: Count = Field(default=500, ge=100, le=10_000)
    seed: Count = Field(ge=0, le=2**31 - 1)
