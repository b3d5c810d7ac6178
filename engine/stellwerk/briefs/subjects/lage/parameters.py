"""What may be asked of the brief "Lage und Reform in Kürze": register, legal date, reform, cohort."""

from __future__ import annotations

from pydantic import Field

from stellwerk.briefs.parameters import Count, Day, Reform, RegisterParameters


class LageParameters(RegisterParameters):
    """The parameters of the brief "Lage und Reform in Kürze"."""

    on: Day
    reform: Reform
    cohort: Count = Field(default=1000, ge=1, le=5_000)
    koenigstein_total: Count = Field(default=10_000, ge=0, le=10_000_000)
