"""What may be asked of the brief "Bleiberecht": legal date, reform, register."""

from __future__ import annotations

from stellwerk.briefs.parameters import Day, Reform, RegisterParameters


class BleiberechtParameters(RegisterParameters):
    """The parameters of the brief "Bleiberecht"."""

    on: Day
    reform: Reform
