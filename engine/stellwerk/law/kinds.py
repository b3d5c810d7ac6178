"""What a rule's YAML document may hold, kind by kind: the keys, which are needed, which words are allowed.

Goes in: a document as read. Comes out: one of these models; an unknown key is refused. Linking (`linking.py`) turns
the model into a `RuleVersion`.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from stellwerk.documents import Document, Labels
from stellwerk.law.dated import IntervalEntry
from stellwerk.provenance import EvidenceGrade

RULE_ID = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
Counting = Literal["event_day_excluded", "first_day_counts"]
HitPolicy = Literal["first", "unique", "any", "collect"]


class AnyOfEntry(Document):
    """Conditions of which one at least must hold."""

    any: tuple[Item, ...] = Field(min_length=1)


class AllOfEntry(Document):
    """Conditions that must all hold."""

    all: tuple[Item, ...] = Field(min_length=1)


Item = str | AnyOfEntry | AllOfEntry
AnyOfEntry.model_rebuild()
AllOfEntry.model_rebuild()


class ExceptionEntry(Document):
    """An exception with its own outcome."""

    if_: str = Field(alias="if")
    decide: str
    basis: str = ""
    key: str = ""
    overrides: tuple[str, ...] = ()


class _Provision(Document):
    """What every kind has."""

    rule: str = Field(pattern=RULE_ID)
    title: Labels
    basis: str
    evidence: EvidenceGrade
    in_force: IntervalEntry
    read_at: str
    subject: str = "case"
    let: dict[str, str] = Field(default_factory=dict)
    when: tuple[Item, ...] = ()
    unless: tuple[ExceptionEntry, ...] = ()
    otherwise: str = "not_met"
    overrides: tuple[str, ...] = ()
    verified_until: dt.date | None = None
    known_from: dt.date | None = None
    note: str = ""


class Criteria(_Provision):
    """Conditions, exceptions, one outcome."""

    kind: Literal["criteria"] = "criteria"
    when: tuple[Item, ...] = Field(min_length=1)
    decide: str
    until: str | None = None


class FeatureEntry(Document):
    """A feature that earns points, unless one that excludes it holds."""

    key: str
    if_: str = Field(alias="if")
    points: int
    excludes: tuple[str, ...] = ()
    basis: str = ""


class Points(_Provision):
    """Features that earn points, and a minimum."""

    kind: Literal["points"]
    features: tuple[FeatureEntry, ...] = Field(min_length=1)
    minimum: str | int
    decide: str
    until: str | None = None


class ExtensionEntry(Document):
    """When and by how much a window is longer."""

    if_: str = Field(alias="if")
    length: str


class CapEntry(Document):
    """The most days in all, and the days used already."""

    days: str | int
    used: str | int


class Window(_Provision):
    """A window that opens on a day and closes after a length, within a cap."""

    kind: Literal["window"]
    when: tuple[Item, ...] = Field(min_length=1)
    starts: str
    length: str
    extension: ExtensionEntry | None = None
    cap: CapEntry | None = None
    decide: str = "window_open"
    otherwise: str = "not_available"


class Deadline(_Provision):
    """A day by which something must happen."""

    kind: Literal["deadline"]
    event: str
    length: str
    counting: Counting = "event_day_excluded"
    shifted: str = ""
    decide: str = "deadline_runs"


class Quantity(_Provision):
    """An amount or number by a formula."""

    kind: Literal["quantity"]
    amount: str | int
    unit: str
    decide: str = "amount_due"
    otherwise: str = "no_amount"


class StageEntry(Document):
    """A stage of a procedure and when somebody stands in it."""

    stage: str
    if_: str = Field(alias="if")
    until: str | None = None
    basis: str = ""


class Stage(_Provision):
    """Where somebody stands: the first stage whose condition holds."""

    kind: Literal["stage"]
    stages: tuple[StageEntry, ...] = Field(min_length=1)


class Table(_Provision):
    """A decision table kept in a CSV beside the rule."""

    kind: Literal["table"]
    table: str = Field(pattern=r"^[a-z0-9_]+\.csv$")
    policy: HitPolicy
    unit: str = ""
    decide: str = "amount_due"


RuleDocument = Criteria | Points | Window | Deadline | Quantity | Stage | Table
KINDS: dict[str, type[RuleDocument]] = {
    "criteria": Criteria,
    "points": Points,
    "window": Window,
    "deadline": Deadline,
    "quantity": Quantity,
    "stage": Stage,
    "table": Table,
}
