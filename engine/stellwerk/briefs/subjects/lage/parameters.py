"""What may be asked of the brief "Lage und Reform in Kürze": year, legal date, reform, register, cohort."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import BriefParameters, Count, CountOrAll, Day, Reform


class LageParameters(BriefParameters):
    """The parameters of the brief "Lage und Reform in Kürze"."""

    year: Count = Field(ge=2015, le=2100)
    on: Day
    reform: Reform
    cases: CountOrAll = Field(default=None, ge=100, le=10_000_000)
    seed: Count = Field(ge=0, le=2**31 - 1)
    cohort: Count = Field(default=1000, ge=1, le=5_000)
    koenigstein_total: Count = Field(default=10_000, ge=0, le=10_000_000)
