"""What may be asked of the brief "Haushalt: wer zahlt was": which scenario, and which reform."""

from __future__ import annotations

from stellwerk.briefs.parameters import BriefParameters, BudgetScenario, Reform


class HaushaltParameters(BriefParameters):
    """The parameters of the brief "Haushalt: wer zahlt was"."""

    scenario: BudgetScenario
    reform: Reform
