"""What may be asked of the brief "Positionspapier": the law of today, the day of the effects, the register."""

from __future__ import annotations

from stellwerk.briefs.parameters import Day, RegisterParameters


class PositionspapierParameters(RegisterParameters):
    """The parameters of the brief "Positionspapier, Forderung für Forderung"."""

    on: Day
    earlier: Day
