"""What may a scenario of state reception say?

Reads `params/scenarios/reception_NAME.yaml` (or a file of one's own) into a frozen model: period, legal date, reforms,
whose arrivals, which places, and where wanted municipal places, returns and legal routes.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, nearest, shown_path
from stellwerk.flows.legal_routes import LegalRoutes
from stellwerk.flows.municipal_places import MunicipalPlan
from stellwerk.flows.returns import ReturnPlan
from stellwerk.provenance import EvidenceGrade

PREFIX = "reception_"
Year = Annotated[int, Field(ge=2015, le=2100)]
Share = Annotated[float, Field(ge=0, le=1)]
Source = Annotated[str, Field(min_length=1)]


class UnknownReceptionScenario(StellwerkError):
    """No scenario of state reception of that name."""


class Law(documents.Document):
    """The law of the scenario: on one day for all weeks, or each week's own where no day is given."""

    on: dt.date | None = None
    reforms: tuple[str, ...] = ()


class LikeYear(documents.Document):
    """A simulated year that resembles a published one."""

    year: Year
    like: Year
    scale: Annotated[float, Field(gt=0, le=20)] = 1.0


class Arrivals(documents.Document):
    """Whose arrivals come; a year not named resembles itself, or the last published one."""

    years: tuple[LikeYear, ...] = ()
    protection_year: Year | None = None


class PlaceStep(documents.Document):
    """Active places from a day."""

    from_: dt.date = Field(alias="from")
    places: Annotated[int, Field(ge=1, le=10_000_000)]


class Places(documents.Document):
    """The places of the Land; without `active` those that the named parameter of the rulebook states by date."""

    active: Annotated[tuple[PlaceStep, ...], Field(min_length=1)] | None = None
    parameter: str = "reception.state_places"
    reserve: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    opens_after_weeks: Annotated[int, Field(ge=1, le=260)] = 8
    closes_after_weeks: Annotated[int, Field(ge=1, le=260)] = 13
    target_occupancy: Annotated[float, Field(gt=0, le=1)] = 0.8
    close_below: Share = 0.6
    source: Source
    evidence: EvidenceGrade = "modelling_choice"


class Assignment(documents.Document):
    """How municipalities are assigned people where the rulebook leaves it open."""

    without_plan_weeks: Annotated[int, Field(ge=0, le=130)] | None = None  # none: only at the end of the duty
    municipal_intake_per_week: Annotated[float, Field(ge=0)] | None = None
    removals_per_week: Annotated[float, Field(ge=0)] | None = None
    source: Source
    evidence: EvidenceGrade = "modelling_choice"


class Start(documents.Document):
    """How many people are there when the scenario begins; without it, whom the weeks before have left there."""

    persons: Annotated[int, Field(ge=0, le=10_000_000)]
    source: Source
    evidence: EvidenceGrade


class ReceptionScenario(documents.Document):
    """A scenario of state reception."""

    title: documents.Labels
    source: Source
    start: dt.date
    weeks: Annotated[int, Field(ge=1, le=1040)] = 156
    warm_up_weeks: Annotated[int, Field(ge=0, le=520)] = 130
    law: Law = Law()
    arrivals: Arrivals = Arrivals()
    places: Places
    assignment: Assignment
    start_stock: Start | None = None
    compare_with_published: bool = False
    figures: dict[str, float] = Field(default_factory=dict)
    municipal: MunicipalPlan | None = None
    returns: ReturnPlan | None = None
    legal_routes: LegalRoutes | None = None


def scenario_names(params: Path) -> list[str]:
    """The scenarios of state reception in `params/scenarios/`, without their common beginning."""
    return sorted(path.stem.removeprefix(PREFIX) for path in (params / "scenarios").glob(f"{PREFIX}*.yaml"))


def load_scenario(name: str, params: Path) -> ReceptionScenario:
    """The scenario of that name, with or without its beginning, or the file of that path."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        known = scenario_names(params)
        short = name.removeprefix(PREFIX)
        if short not in known:
            raise UnknownReceptionScenario(name=name, near=nearest(short, known), known=known)
        path = params / "scenarios" / f"{PREFIX}{short}.yaml"
    shown = shown_path(path, params.parent)
    if not path.is_file():
        raise documents.FileMissing(Place(shown))
    return documents.validated(ReceptionScenario, _with_base(path, shown, params, ()), shown)


def _with_base(path: Path, shown: str, params: Path, above: tuple[str, ...]) -> documents.Mapping:
    """The file's keys, and those of the scenario it is `like` where it is silent."""
    data = documents.read_document(path, shown)
    if "like" not in data:
        return data
    line, name = data.key_lines["like"], str(data.pop("like"))
    base = params / "scenarios" / f"{PREFIX}{name.removeprefix(PREFIX)}.yaml"
    if base.stem in above or not base.is_file():
        known = scenario_names(params)
        raise UnknownReceptionScenario(Place(shown, line), name=name, near=nearest(name, known), known=known)
    for key, value in _with_base(base, shown_path(base, params.parent), params, (*above, path.stem)).items():
        if key not in data:
            data[key], data.key_lines[key] = value, line
    return data
