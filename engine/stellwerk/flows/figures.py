"""Which numbers does the flow through state reception rest on, and where does each come from?

Reads `params/flows/reception.yaml` and the tables beside it into frozen models; a scenario may set single figures
anew, and then is named as their source. `assumptions` lists all of them for the output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.flows.results import HOUSEHOLDS, STATUSES, Assumption
from stellwerk.provenance import EvidenceGrade

Status = Literal["open", "appeal", "refused", "refused_at_once", "protected"]
Household = Literal["alone", "family"]
Meaning = Literal["leave", "until", "stay"]
DECISIONS = ("recognised", "other_protection", "rejected", "closed")
_TABLES = {
    "arrivals": {"from": pl.Date, "to": pl.Date, "intake": pl.String, "channel": pl.String, "persons": pl.Int64},
    "applications_by_origin": {"origin": pl.String, "year": pl.Int64, "applications": pl.Int64},
    "published_points": {"from": pl.Date, "to": pl.Date, "measure": pl.String, "value": pl.String},
}


class FlowTableMissing(StellwerkError):
    """A table that the flow model reads does not exist."""


class UnknownFigure(StellwerkError):
    """A scenario sets a figure that the flow model does not have."""


class Figure(documents.Document):
    """A number with unit, source and evidence."""

    label: documents.Labels
    value: float
    unit: str
    source: str
    evidence: EvidenceGrade


class Quantity(documents.Document):
    """An exact number of a scenario with source and evidence; without a source nothing goes in."""

    value: Decimal
    source: str = Field(min_length=1)
    evidence: EvidenceGrade = "modelling_choice"


class YearlyFigure(documents.Document):
    """A number that differs from year to year."""

    label: documents.Labels
    unit: str
    values: dict[int, float] = Field(min_length=1)
    source: str
    evidence: EvidenceGrade

    def of(self, year: int) -> float:
        """The number of a year; before the first and after the last year theirs is carried on."""
        return self.values[min(self.values, key=lambda known: (abs(known - year), known))]


class Intake(documents.Document):
    """A way into state reception and the status somebody has then."""

    enters_as: Status
    label: documents.Labels


class Origin(documents.Document):
    """A group of countries of origin; `represented_by` stands before the rules for all of them."""

    intake: str
    label: documents.Labels
    members: tuple[str, ...]
    represented_by: str


class StayFacts(documents.Document):
    """The facts of the sample cases that ask the rules for the length of stay."""

    all: dict[str, str | bool | int]
    origin: str
    prospects: str
    households: dict[Household, dict[str, str | bool | int]]
    statuses: dict[Status, dict[str, str | bool | int]]


class StayRules(documents.Document):
    """Which rules say how long somebody stays, and what each outcome means for the flow."""

    plan: str
    duty: tuple[str, ...] = Field(min_length=1)
    read_at: str
    admitted_on: str
    outcomes: dict[str, Meaning]
    facts: StayFacts


class ReceptionFigures(documents.Document):
    """Everything that `params/flows/reception.yaml` says."""

    intakes: dict[str, Intake]
    origins: dict[str, Origin]
    figures: dict[str, Figure]
    by_year: dict[str, YearlyFigure]
    spread: dict[str, Figure]
    rules: StayRules

    def __getitem__(self, name: str) -> float:
        return self.figures[name].value

    def with_values(self, values: Mapping[str, float], source: str) -> ReceptionFigures:
        """These figures, some of them set anew by a scenario, which then counts as their source."""
        for name in values:
            if name not in self.figures and name not in self.spread:
                raise UnknownFigure(name=name, near=nearest(name, [*self.figures, *self.spread]))
        changed = {"source": source, "evidence": "modelling_choice"}
        return self.model_copy(
            update={
                part: {
                    name: figure.model_copy(update={**changed, "value": values[name]}) if name in values else figure
                    for name, figure in getattr(self, part).items()
                }
                for part in ("figures", "spread")
            }
        )


@dataclass(frozen=True)
class Group:
    """People told apart in the flow: an origin group and a kind of household."""

    origin: str
    household: str


@dataclass(frozen=True)
class FlowData:
    """The figures and the published tables of one `params/` folder."""

    figures: ReceptionFigures
    arrivals: pl.DataFrame
    applications: pl.DataFrame
    decisions: pl.DataFrame
    months: pl.DataFrame
    points: pl.DataFrame

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups in a fixed order."""
        return tuple(Group(origin, kind) for origin in self.figures.origins for kind in HOUSEHOLDS)

    def origin_of(self, country: str) -> str:
        """The origin group that holds a country."""
        return self._named.get(country, self._rest)

    @cached_property
    def decided(self) -> dict[int, dict[str, tuple[int, ...]]]:
        """Year -> origin group -> how many decisions fell each way, in the order of DECISIONS."""
        found: dict[int, dict[str, tuple[int, ...]]] = {}
        for year, country, *counts in self.decisions.select("year", "origin", *DECISIONS).iter_rows():
            of_year = found.setdefault(year, {})
            group = self.origin_of(country)
            before = of_year.get(group, (0,) * len(DECISIONS))
            of_year[group] = tuple(one + (other or 0) for one, other in zip(before, counts, strict=True))
        return found

    @cached_property
    def _named(self) -> dict[str, str]:
        named: dict[str, str] = {}
        for name, origin in self.figures.origins.items():
            for country in origin.members:
                named.setdefault(country, name)  # the first group that names a country holds it
        return named

    @cached_property
    def _rest(self) -> str:
        return next(name for name, origin in self.figures.origins.items() if not origin.members)


def load_flow_data(params: Path) -> FlowData:
    """Read what the flow model needs from the folder `params`."""
    path = params / "flows" / "reception.yaml"
    shown = shown_path(path, params.parent)
    figures = documents.validated(ReceptionFigures, documents.read_document(path, shown), shown)
    population = params / "population"
    return FlowData(
        figures=figures,
        arrivals=_table(params / "flows" / "arrivals.csv", params, _TABLES["arrivals"]),
        applications=load_applications(params),
        decisions=load_decisions(params),
        months=_table(population / "applications_by_month.csv", params, {"month": pl.String}),
        points=_table(params / "flows" / "published_points.csv", params, _TABLES["published_points"]),
    )


def load_applications(params: Path) -> pl.DataFrame:
    """First applications in Germany by country of origin and year."""
    return _table(params / "flows" / "applications_by_origin.csv", params, _TABLES["applications_by_origin"])


def load_decisions(params: Path) -> pl.DataFrame:
    """Decisions of first instance in Germany by country of origin and year."""
    return _table(params / "population" / "first_instance_decisions.csv", params, {"origin": pl.String})


def assumptions_of(figures: ReceptionFigures) -> tuple[Assumption, ...]:
    """All figures as lines for the output."""
    single = [
        Assumption(name, figure.label, f"{figure.value:g}", figure.unit, figure.source, figure.evidence)
        for part in (figures.figures, figures.spread)
        for name, figure in part.items()
    ]
    yearly = [
        Assumption(
            name,
            figure.label,
            ", ".join(f"{year}: {value:g}" for year, value in figure.values.items()),
            figure.unit,
            figure.source,
            figure.evidence,
        )
        for name, figure in figures.by_year.items()
    ]
    return (*single, *yearly)


def status_index(status: str) -> int:
    """Where a status stands in the arrays of the model."""
    return STATUSES.index(status)


def _table(path: Path, params: Path, types: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    if not path.is_file():
        raise FlowTableMissing(Place(shown_path(path, params.parent)))
    content = path.read_bytes()  # opened here and not in polars, so that a run can say which files it read
    return pl.read_csv(content, schema_overrides=dict(types), null_values=[""])  # NA is Namibia's code
