"""Do the municipalities' places suffice for those assigned to them, what is being built, and what stands empty?

In go the weekly assignments out of state reception and a plan (places at the start, projects with lead time and cost,
reserve places held, moves into private housing), out comes a weekly course: people by status, places, reserve held and
occupied, people without a place; and the list of projects with their days and cost. Exact decimals throughout.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal, get_args

import polars as pl
from pydantic import Field

from stellwerk.documents import Document
from stellwerk.flows.figures import Quantity
from stellwerk.flows.persons import PERSONS

_WHOLE_PART = Decimal("0.000001")
_ZERO = Decimal(0)
Kind = Literal["protected", "open", "refused"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ProjectKind = Literal["temporary_permit", "conversion", "new_building"]


class Project(Document):
    """Places on the way: a temporary permit, a conversion or a new building."""

    kind: ProjectKind
    ordered_on: dt.date
    lead_weeks: Annotated[int, Field(ge=0, le=520)]
    places: Annotated[int, Field(ge=1)]
    lasts_weeks: Annotated[int, Field(ge=1, le=2600)] | None = None
    cost_per_place: Quantity

    @property
    def ready_on(self) -> dt.date:
        """The first day on which somebody can live there."""
        return self.ordered_on + dt.timedelta(weeks=self.lead_weeks)

    @property
    def ends_on(self) -> dt.date | None:
        """The first day on which nobody can any more; none where the places last."""
        return None if self.lasts_weeks is None else self.ready_on + dt.timedelta(weeks=self.lasts_weeks)

    def stands(self, week: dt.date) -> bool:
        """Whether the places can be used in a week."""
        return self.ready_on <= week and (self.ends_on is None or week < self.ends_on)

    @property
    def cost(self) -> Decimal:
        """Cost in EUR of all its places."""
        return self.places * self.cost_per_place.value


class ReserveStep(Document):
    """Places kept ready from a day."""

    from_: dt.date = Field(alias="from")
    held: Annotated[int, Field(ge=0)]


class StateFacility(Document):
    """A facility of the Land whose places a municipality's duty is lessened by."""

    municipality: str
    facility: str
    places: Quantity


class MunicipalPlan(Document):
    """What a scenario says of the municipalities."""

    places: Quantity
    persons: dict[Kind, Quantity]
    move_out_per_week: dict[Kind, Quantity]
    settled_per_week: Quantity  # open procedures that end in a week
    settled_protected_share: Quantity
    reserve: tuple[ReserveStep, ...] = ()
    projects: tuple[Project, ...] = ()
    facilities: tuple[StateFacility, ...] = ()
    key: str = "flueag"


@dataclass(frozen=True)
class MunicipalCourse:
    """The municipalities over time.

    `people`: a row a week and kind (protected, open, refused): `arrivals` from state reception, `settled` (open
    procedures that ended: out of open, into the two others), `moved_out`, `stock` at the week's end.
    `places`: a row a week: `places` that stand, `building`, `occupied` of them, `reserve_held`, `reserve_occupied`,
    `reserve_empty`, `without_place`.
    `projects`: a row a project with days, places and cost in EUR.
    """

    people: pl.DataFrame
    places: pl.DataFrame
    projects: pl.DataFrame


def municipal_course(assigned: pl.DataFrame, plan: MunicipalPlan) -> MunicipalCourse:
    """The course for weekly assignments with columns week, protected, open, refused (persons, decimals)."""
    stock = {kind: plan.persons[kind].value for kind in KINDS}
    people: list[dict[str, object]] = []
    places: list[dict[str, object]] = []
    for row in assigned.iter_rows(named=True):
        settled = _part(stock["open"], plan.settled_per_week.value)
        granted = _part(settled, plan.settled_protected_share.value)
        ended = {"open": -settled, "protected": granted, "refused": settled - granted}
        for kind in KINDS:
            moved = _part(stock[kind] + min(ended[kind], _ZERO), plan.move_out_per_week[kind].value)
            stock[kind] += row[kind] + ended[kind] - moved
            people.append(
                {
                    "week": row["week"],
                    "kind": kind,
                    "arrivals": row[kind],
                    "settled": ended[kind],
                    "moved_out": moved,
                    "stock": stock[kind],
                }
            )
        places.append(_week_of_places(row["week"], sum(stock.values(), _ZERO), plan))
    return MunicipalCourse(_people_frame(people), _places_frame(places), project_frame(plan.projects))


def project_frame(projects: Sequence[Project]) -> pl.DataFrame:
    """The projects with their days and what they cost."""
    rows = [
        {
            "kind": project.kind,
            "ordered_on": project.ordered_on,
            "ready_on": project.ready_on,
            "ends_on": project.ends_on,
            "places": project.places,
            "cost_eur": project.cost,
            "source": project.cost_per_place.source,
            "evidence": project.cost_per_place.evidence,
        }
        for project in projects
    ]
    days = dict.fromkeys(("ordered_on", "ready_on", "ends_on"), pl.Date)
    words = dict.fromkeys(("source", "evidence"), pl.String)
    return pl.DataFrame(
        rows, schema={"kind": pl.String, **days, "places": pl.Int64, "cost_eur": pl.Decimal(38, 2), **words}
    )


def _week_of_places(week: dt.date, persons: Decimal, plan: MunicipalPlan) -> dict[str, object]:
    standing = int(plan.places.value) + sum(project.places for project in plan.projects if project.stands(week))
    building = sum(project.places for project in plan.projects if project.ordered_on <= week < project.ready_on)
    steps = sorted((step.from_, step.held) for step in plan.reserve if step.from_ <= week)
    held = steps[-1][1] if steps else 0
    occupied = min(persons, Decimal(standing))
    in_reserve = min(persons - occupied, Decimal(held))
    return {
        "week": week,
        "places": standing,
        "building": building,
        "occupied": occupied,
        "reserve_held": held,
        "reserve_occupied": in_reserve,
        "reserve_empty": held - in_reserve,
        "without_place": persons - occupied - in_reserve,
    }


def _part(stock: Decimal, share: Decimal) -> Decimal:
    return (stock * share).quantize(_WHOLE_PART, ROUND_HALF_UP)


def _people_frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    counted = dict.fromkeys(("arrivals", "settled", "moved_out", "stock"), PERSONS)
    return pl.DataFrame(rows, schema={"week": pl.Date, "kind": pl.String, **counted})


def _places_frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"week": pl.Date, "places": pl.Int64, "building": pl.Int64}
    schema |= {"occupied": PERSONS, "reserve_held": pl.Int64}
    schema |= dict.fromkeys(("reserve_occupied", "reserve_empty", "without_place"), PERSONS)
    return pl.DataFrame(rows, schema=schema)
