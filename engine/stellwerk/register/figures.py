"""From which figures is the synthetic register drawn?

Reads `params/synthetic_register.yaml` and the tables under `params/population/`; out come frozen models in which every
number stands with its source and evidence, and the tables as frames.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

import polars as pl
from pydantic import Field

from stellwerk import documents
from stellwerk.errors import Place, StellwerkError, shown_path

Evidence = Literal["verified", "memory_high", "memory_medium", "memory_low", "assumption"]
Share = Annotated[float, Field(ge=0, le=1)]
Points = tuple[tuple[float, float], ...]
T = TypeVar("T")
TABLES = (
    "first_applicants_2022",
    "applications_by_month",
    "asylum_procedures",
    "first_instance_decisions",
    "ukraine_stock_2025",
)


class NoFiguresForYear(StellwerkError):
    """The register cannot be drawn for a year for which the parameters hold no figures."""


class FiguresMissing(StellwerkError):
    """A table of published figures does not exist."""


class _Sourced(documents.Document):
    source: str
    evidence: Evidence


class Figure(_Sourced, Generic[T]):
    """One number, or one small table, with where it comes from."""

    value: T


class Group(documents.Document):
    """A group of the register: its size and its residence status."""

    size: Figure[int]
    status: str


class Bands(documents.Document):
    """Which columns of the table of applicants mean which ages, and where open classes end."""

    applicants: dict[str, tuple[int, int]]
    highest_age: Figure[int]


class AgeProfile(_Sourced):
    """Weights of single years of age: from, to, weight."""

    steps: tuple[tuple[int, int, float], ...]


class GroupHouseholds(documents.Document):
    """How adults of one group are spread over families."""

    mothers: Share
    mothers_at_most: Share
    two_parents: Share
    couples: Share


class Unaccompanied(documents.Document):
    """Among whom unaccompanied minors are sought, and how many they are of all minors."""

    share_of_minors: Figure[Share]
    groups: tuple[str, ...]
    sex: str
    band: str


class Households(_Sourced):
    """The assumptions that make families of persons."""

    adult_age: int
    children: dict[int, Share]
    age_of_majority_gap: int
    mother_gap_at_most: int
    unaccompanied: Unaccompanied
    by_group: dict[str, GroupHouseholds]


class ManifestlyUnfounded(_Sourced):
    """The share of rejections as manifestly unfounded, by how often the origin is protected."""

    low_protection_below: Share
    share_low: Share
    share_other: Share


class Asylum(documents.Document):
    """How the procedure of the year's applicants is drawn."""

    protected_status: str
    protecting: tuple[str, ...]
    seasonality_years: tuple[int, ...]
    split_years: tuple[int, ...]
    origin_stand_in: dict[str, str]
    fewest_decisions: Figure[int]
    registered_before_lodging_days: Figure[Points]
    entry_before_registration_days: Figure[Points]
    decision_after_days: Figure[Points]
    manifestly_unfounded: ManifestlyUnfounded


class Ukraine(documents.Document):
    """How persons under temporary protection are drawn."""

    nationality: str
    first_day: dt.date
    arrivals_by_month: Figure[dict[int, Share]]


class Departed(_Sourced):
    """Which share of the rejected left again, by origin."""

    share: dict[str, Share]


class Tolerated(documents.Document):
    """How tolerated persons are drawn."""

    over_five_years: Figure[Share]
    five_years_before: dt.date
    years: tuple[int, ...]
    departed: Departed
    without_application: Figure[Share]
    application_after_entry_days: Figure[Points]
    decision_after_days: Figure[Points]
    decisions: Figure[dict[str, Share]]


class Tie(_Sourced):
    """How many families have relatives in a municipality, and by what it is drawn."""

    share: Share
    by: str


class Fact(documents.Document):
    """How one attribute is drawn: exactly one of yes, shares, quantiles, same."""

    yes: Share | None = None
    shares: dict[str, Share] | None = None
    quantiles: Points | None = None
    same: bool | int | str | None = None
    unknown: Share = 0.0
    ages: tuple[int, int] | None = None
    outside: bool | int | str | None = None


class Facts(_Sourced):
    """The attributes drawn person by person, for all and by group."""

    all: dict[str, Fact]
    asylum: dict[str, Fact]
    tolerated: dict[str, Fact]

    def of(self, group: str) -> dict[str, Fact]:
        """The facts drawn for a group."""
        own = {"asylum": self.asylum, "tolerated": self.tolerated}.get(group, {})
        return {**self.all, **own}


class Gap(documents.Document):
    """How many extensions came late, and by how many days."""

    share: Share
    days: Points


class StatusPeriods(_Sourced):
    """How the chain of a person's status periods is drawn."""

    kinds: dict[str, str]
    while_applying: str
    toleration_days: Points
    gap: Gap


class Youth(documents.Document):
    """Up to which age a penalty can be a youth penalty, and how many are."""

    until_age: int
    share: Share


class Fines(documents.Document):
    """How many persons of which ages were fined, and with how many day rates."""

    share: Share
    ages: tuple[int, int]
    day_rates: Points


class Convictions(_Sourced):
    """How convictions are drawn that add up to what the cases say."""

    status: str
    at_most_in_one: Annotated[int, Field(gt=0)]
    youth: Youth
    months: Points
    suspended: Share
    others: Fines
    not_final: Fines
    negligent: Fines
    juvenile_measures: Fines


class DetentionSegments(_Sourced):
    """How past detention is drawn."""

    status: str
    share: Share
    ages: tuple[int, int]
    second: Share
    kinds: dict[str, Share]
    days: dict[str, Points]


class Histories(documents.Document):
    """How the child tables are drawn."""

    status_periods: StatusPeriods
    convictions: Convictions
    detention_segments: DetentionSegments


class Figures(documents.Document):
    """Everything that `params/synthetic_register.yaml` says."""

    year: int
    as_of: dt.date
    groups: dict[str, Group]
    bands: Bands
    age_profile: AgeProfile
    households: Households
    asylum: Asylum
    ukraine: Ukraine
    tolerated: Tolerated
    tie_municipality: Tie
    facts: Facts
    school_age: Figure[tuple[int, int]]
    histories: Histories


@dataclass(frozen=True)
class FamilyShares:
    """The shares by which the families of one group are formed."""

    children: tuple[float, ...]  # share of families with one, two, three ... minor children
    mothers: float
    mothers_at_most: float
    two_parents: float
    couples: float


@dataclass(frozen=True)
class Population:
    """The figures and the published tables they refer to."""

    figures: Figures
    tables: dict[str, pl.DataFrame]
    municipalities: pl.DataFrame

    def family_shares(self, group: str) -> FamilyShares:
        """The household assumptions of a group."""
        own = self.figures.households.by_group[group]
        children = tuple(self.figures.households.children.values())
        return FamilyShares(children, own.mothers, own.mothers_at_most, own.two_parents, own.couples)


def load_population(params: Path, year: int) -> Population:
    """Read the figures of `year` from the folder `params`."""
    path = params / "synthetic_register.yaml"
    shown = shown_path(path, params.parent)
    figures = documents.validated(Figures, documents.read_document(path, shown), shown)
    if year != figures.year:
        raise NoFiguresForYear(Place(shown), year=year, known=[figures.year])
    tables = {name: _table(params / "population" / f"{name}.csv", params) for name in TABLES}
    return Population(figures, tables, _table(params / "municipalities.csv", params))


def _table(path: Path, params: Path) -> pl.DataFrame:
    if not path.is_file():
        raise FiguresMissing(Place(shown_path(path, params.parent)))
    # codes stay text ("05111000", and NA is Namibia's code): only an empty cell is no value
    texts = {"nationality": pl.String, "origin": pl.String, "ags": pl.String, "kreis_ags": pl.String, "sex": pl.String}
    content = path.read_bytes()  # opened here and not in polars, so that a run can say which files it read
    return pl.read_csv(content, schema_overrides=texts, null_values=[""])
