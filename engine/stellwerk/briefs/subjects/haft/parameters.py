"""What may be asked of the brief "Haftfenster": two legal dates and a reform."""

from __future__ import annotations

from stellwerk.briefs.parameters import BriefParameters, Day, Reform


class HaftParameters(BriefParameters):
    """The parameters of the brief "Haftfenster"."""

    on: Day
    earlier: Day
    reform: Reform
