"""What may be asked of the brief "Gemeinde auf zwei Seiten": which municipality, which day, how many persons."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import BriefParameters, Count, Day, FileOrNone, Municipality


class GemeindeParameters(BriefParameters):
    """The parameters of the brief "Gemeinde auf zwei Seiten"."""

    municipality: Municipality
    on: Day
    persons: Count = Field(default=1_000, ge=0, le=10_000_000)
    year: Count = Field(default=2024, ge=2015, le=2100)
    capacities: FileOrNone = None
