"""What may be asked of the brief "Sichere Herkunftsstaaten": which states, which days, which reform, which register."""

from __future__ import annotations

from stellwerk.briefs.parameters import Countries, Day, Reform, RegisterParameters


class SichereStaatenParameters(RegisterParameters):
    """The parameters of the brief "Sichere Herkunftsstaaten"."""

    countries: Countries
    on: Day
    earlier: Day
    reform: Reform
