"""The demands as `params/briefs/positionspapier.yaml` lists them: what answers each, what is computed of it.

It names rules, values, keys and scenarios without knowing what they mean.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stellwerk.documents import Document, Labels
from stellwerk.provenance import EvidenceGrade


class Paper(Document):
    """A paper with the reform that holds what can be computed of it."""

    reform: str
    title: Labels


class ValueEffect(Document):
    """A dated value without and with the paper."""

    id: str
    kind: Literal["value"]
    of: str


class PersonsEffect(Document):
    """Persons of the register with one of the outcomes of a rule, without and with the paper."""

    id: str
    kind: Literal["persons"]
    rule: str
    applies: tuple[str, ...]
    status: tuple[str, ...]


class ScenarioEffect(Document):
    """Two scenarios of state reception: weeks above the places, or persons assigned to municipalities."""

    id: str
    kind: Literal["weeks", "assigned"]
    before: str
    after: str


class BudgetEffect(Document):
    """What a party bears in a scenario of the budget, without and with the scenario's reforms."""

    id: str
    kind: Literal["budget"]
    scenario: str
    party: str


class KeyEffect(Document):
    """How many persons another key sends to other municipalities."""

    id: str
    kind: Literal["key"]
    before: str
    after: str


Effect = Annotated[ValueEffect | PersonsEffect | ScenarioEffect | BudgetEffect | KeyEffect, Field(discriminator="kind")]


class Demand(Document):
    """One demand in own words: how the law stands, what answers it, what is computed, which values have changed."""

    id: str
    paper: str
    state: str
    grade: EvidenceGrade
    demand: Labels
    answers: tuple[str, ...]
    effects: tuple[Effect, ...] = ()
    since: tuple[str, ...] = ()


class PositionspapierContent(Document):
    """All demands of both papers."""

    papers: dict[str, Paper]
    states: dict[str, Labels]
    counted_as_law: tuple[str, ...]
    told: tuple[str, ...]
    demands: tuple[Demand, ...]
    claims: tuple[str, ...]
    key_persons: int
    units: dict[str, Labels]

    @property
    def answers(self) -> tuple[str, ...]:
        """Every rule and value that answers a demand, each once."""
        return tuple(dict.fromkeys(name for demand in self.demands for name in demand.answers))
