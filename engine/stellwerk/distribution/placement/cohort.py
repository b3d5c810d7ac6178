"""Which families do the cases of a cohort form, and what does each need?

In goes a frame of cases with the register's columns, out come whole families in the order of their ids. A need that
is not known counts as not known to exist, and how often that happened is part of the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from stellwerk.distribution.reference import require_columns, require_places
from stellwerk.documents import Document
from stellwerk.errors import StellwerkError
from stellwerk.law.calendar import completed_years
from stellwerk.provenance import EvidenceGrade

CASE_COLUMNS = (
    "case_id", "family_id", "birth_date", "seeks_work", "needs_accessible_dwelling", "needs_specialist_care",
    "tie_municipality",
)  # fmt: skip
COUNTS = (
    "persons", "adults", "workers", "school_age", "childcare_age", "accessible_dwelling", "large_dwelling",
    "specialist_care",
)  # fmt: skip


class AmbiguousFamily(StellwerkError):
    """A case without family has the id of somebody else's family."""


class RepeatedCase(StellwerkError):
    """A case stands twice in the cohort."""


class Ages(Document):
    """From which completed year someone counts for childcare, for school, as an adult."""

    childcare_from: int
    school_from: int
    adult_from: int
    evidence: EvidenceGrade


class Dwellings(Document):
    """From how many members on a family needs a large dwelling."""

    large_from: int
    evidence: EvidenceGrade


@dataclass(frozen=True)
class Families:
    """Families in the order of their ids: one row a family, and how often a fact was unknown."""

    frame: pl.DataFrame
    unknown: dict[str, int]

    @property
    def persons(self) -> int:
        """All persons of all families."""
        return int(self.frame["persons"].sum())


def families_of(
    cases: pl.DataFrame, on: dt.date, ages: Ages, dwellings: Dwellings, places: Mapping[str, str]
) -> Families:
    """Form the families of `cases`; ages are those on the day `on`, ties must be codes of `places`.

    A case without family is a family of its own under its case id. Who has no known date of birth counts as an adult.
    """
    require_columns(cases, CASE_COLUMNS, "cases")
    ties = cases["tie_municipality"].cast(pl.String)
    require_places(ties.drop_nulls(), dict(places))
    _check_identity(cases)
    frame = cases.select(
        pl.coalesce(pl.col("family_id").cast(pl.String), pl.col("case_id").cast(pl.String)).alias("family_id"),
        _age(cases["birth_date"], on).fill_null(ages.adult_from),
        pl.col("seeks_work", "needs_accessible_dwelling", "needs_specialist_care").fill_null(False),
        ties,
    )
    age = pl.col("age")
    adult = age >= ages.adult_from
    families = frame.group_by("family_id").agg(
        pl.len().cast(pl.Int64).alias("persons"),
        adult.sum().cast(pl.Int64).alias("adults"),
        (adult & pl.col("seeks_work")).sum().cast(pl.Int64).alias("workers"),
        ((age >= ages.school_from) & ~adult).sum().cast(pl.Int64).alias("school_age"),
        ((age >= ages.childcare_from) & (age < ages.school_from)).sum().cast(pl.Int64).alias("childcare_age"),
        pl.col("needs_accessible_dwelling").any().cast(pl.Int64).alias("accessible_dwelling"),
        (pl.len() >= dwellings.large_from).cast(pl.Int64).alias("large_dwelling"),
        pl.col("needs_specialist_care").sum().cast(pl.Int64).alias("specialist_care"),
        pl.col("tie_municipality").drop_nulls().sort().mode(maintain_order=True).first().alias("tie_municipality"),
    )
    unknown = {
        column: int(cases[column].null_count())
        for column in ("birth_date", "seeks_work", "needs_accessible_dwelling", "needs_specialist_care")
    }
    return Families(families.sort("family_id"), unknown)


def _age(birth_dates: pl.Series, on: dt.date) -> pl.Series:
    years = {day: completed_years(day, on) for day in birth_dates.drop_nulls().unique()}
    return pl.Series("age", [None if day is None else years[day] for day in birth_dates], dtype=pl.Int64)


def _check_identity(cases: pl.DataFrame) -> None:
    repeated = cases.filter(pl.col("case_id").is_duplicated())
    if repeated.height:
        raise RepeatedCase(case=repeated["case_id"].sort()[0])
    alone = cases.filter(pl.col("family_id").is_null())["case_id"].cast(pl.String)
    taken = sorted(set(alone) & set(cases["family_id"].drop_nulls().cast(pl.String)))
    if taken:
        raise AmbiguousFamily(family=taken[0])
