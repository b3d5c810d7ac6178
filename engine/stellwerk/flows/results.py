"""What does a run of state reception hand to its readers: the command line, the budget, the briefs?

Frames of weeks. A week is named by its Monday; flows are those of the week, stocks those at its end. Persons are
exact decimals, so that arrivals = departures + change of stock holds to the last place.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from stellwerk import formats
from stellwerk.documents import Labels
from stellwerk.provenance import EvidenceGrade
from stellwerk.texts import catalogue, text

_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")

STATUSES = ("open", "appeal", "refused", "refused_at_once", "protected")
"""Where somebody stands: application open; refused, remedy running; refused for good; refused as manifestly unfounded
or inadmissible; protected or with a permission that needs no further decision."""

DEPARTURES = ("assigned_protected", "assigned_open", "assigned_refused", "removed", "voluntary", "left")
"""How somebody leaves: assigned to a municipality as protected, with an open procedure (application or remedy), or
after refusal; removed; left under a programme of voluntary return; left otherwise (moved on, withdrawn, unknown)."""

HOUSEHOLDS = ("alone", "family")
PLACES = ("first_reception", "central")

MOVEMENT_COLUMNS = ("week", "origin", "household", "arrivals", *DEPARTURES, "stock", "first_reception", "due")
STOCK_COLUMNS = ("week", "origin", "household", "status", "persons")
FACILITY_COLUMNS = (
    "week",
    "active",
    "reserve",
    "opening",
    "closing",
    "occupied",
    "first_reception",
    "central",
    "emergency",
    "occupancy",
)


@dataclass(frozen=True)
class Assumption:
    """A number that went into a run, with where it comes from; a modelling choice is told as an assumption."""

    name: str
    label: Labels
    value: str
    unit: str
    source: str
    evidence: EvidenceGrade

    @property
    def is_assumed(self) -> bool:
        """Whether nobody published the number."""
        return self.evidence == "modelling_choice"

    def shown(self, language: str) -> str:
        """The value with its unit, as a language writes it."""
        key = f"flows_unit_{self.unit.replace(' ', '_')}"
        unit = text(key, language) if key in catalogue() else self.unit
        return f"{_written(self.value, language)} {unit}".rstrip()

    def grade(self, language: str) -> str:
        """How well the number is known, in words."""
        return text("flows_assumption" if self.is_assumed else f"evidence_{self.evidence}", language)


@dataclass(frozen=True)
class Exceedance:
    """The first week in which more people are there than a limit allows."""

    limit: str  # `places`: all active places; `target`: the share of them that should be filled at most
    week: dt.date
    occupied: float
    allowed: float


@dataclass(frozen=True)
class ReceptionResult:
    """State reception over time, expected values.

    `movements`: one row a week, origin group and household kind (columns MOVEMENT_COLUMNS): arrivals, departures by
    kind, `stock` at the week's end, of it those in first reception, and `due`, those who wait for an assignment.
    `stocks`: the same stock by status (columns STOCK_COLUMNS), one row a week, origin, household and status.
    `facilities`: one row a week (columns FACILITY_COLUMNS): places active, in reserve, being opened or closed; persons
    occupying them, in first reception and central facilities; emergency places needed beyond; occupancy as a share.
    """

    scenario: str
    title: Labels
    movements: pl.DataFrame
    stocks: pl.DataFrame
    facilities: pl.DataFrame
    exceedances: tuple[Exceedance, ...]
    assumptions: tuple[Assumption, ...]

    def exceedance(self, limit: str) -> Exceedance | None:
        """The first week above a limit, or None where it is never passed."""
        return next((found for found in self.exceedances if found.limit == limit), None)

    def assumption_frame(self, language: str) -> pl.DataFrame:
        """What the run rests on, as a table."""
        return pl.DataFrame(
            {
                "name": [item.name for item in self.assumptions],
                "label": [item.label.in_language(language) for item in self.assumptions],
                "value": [item.value for item in self.assumptions],
                "unit": [item.unit for item in self.assumptions],
                "source": [item.source for item in self.assumptions],
                "evidence": [item.evidence for item in self.assumptions],
            },
            schema=dict.fromkeys(("name", "label", "value", "unit", "source", "evidence"), pl.String),
        )


def _written(value: str, language: str) -> str:
    """A number with the language's separators; several numbers in one text get its decimal sign only."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return _DECIMAL_POINT.sub(",", value) if language == "de" else value
    return formats.number(number, language, max(0, -int(number.as_tuple().exponent)))
