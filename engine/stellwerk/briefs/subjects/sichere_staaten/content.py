"""What the brief "Sichere Herkunftsstaaten" is to show, read from `params/briefs/sichere_staaten.yaml`.

It names lists, rules, outcomes and model cases without knowing what they mean.
"""

from __future__ import annotations

import datetime as dt

from stellwerk.documents import Document, Labels

FactValue = bool | int | str | None


class ModelCase(Document):
    """Facts of an invented person, and which of its dates are the day looked at."""

    facts: dict[str, FactValue]
    today: tuple[str, ...]


class Consequence(Document):
    """A rule that reads the lists, the model case it is asked for, and the outcomes with which a list takes effect."""

    rule: str
    case: str
    applies: tuple[str, ...]
    counted: bool
    title: Labels


class Deadlines(Document):
    """Rules on time limits, asked for the decision that follows a designation and for the one without it."""

    rules: tuple[str, ...]
    facts: dict[str, FactValue]
    listed: str
    other: str
    today: tuple[str, ...]


class Situation(Document):
    """The persons of the register that are counted."""

    status: tuple[str, ...]


class SichereStaatenContent(Document):
    """All of the above for the brief."""

    lists: dict[str, Labels]
    told_lists: tuple[str, ...]
    excluded: str
    shown_from: dt.date
    consequences: tuple[Consequence, ...]
    told: tuple[str, ...]
    situation: Situation
    cases: dict[str, ModelCase]
    deadlines: Deadlines
    demands: tuple[str, ...]
    demand_rule: str
    reports: tuple[str, ...]
    rate_limits: tuple[str, ...]
    years: tuple[int, ...]
    stand_ins: dict[str, str]
    units: dict[str, Labels]

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that read the lists."""
        return tuple(consequence.rule for consequence in self.consequences)

    @property
    def counted(self) -> tuple[Consequence, ...]:
        """The consequences that are counted in the register."""
        return tuple(consequence for consequence in self.consequences if consequence.counted)
