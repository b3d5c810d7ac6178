"""How well would each person of a register live anywhere, counted alone and not as part of its family?

In go the cases and the settings of `params/placement.yaml`, out come `Persons`: every case scored as if it came by
itself, adults and children alike, with the labels by which fairness is looked at. No family is judged by the one
member who earns most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from stellwerk.distribution.placement.cohort import families_of
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.fairness import Persons
from stellwerk.distribution.placement.instance import Instance
from stellwerk.distribution.placement.score import score
from stellwerk.distribution.reference import ReferenceTables, require_columns

AGE_GROUP = "age_group"
CHILD, ADULT = "child", "adult"


def persons_of(
    cases: pl.DataFrame,
    instance: Instance,
    tables: ReferenceTables,
    *,
    on: dt.date,
    groups: Sequence[str] = (),
    settings: PlacementSettings | None = None,
) -> Persons:
    """The persons of `instance`, which was made of `cases`; `groups` are columns of `cases` to look at.

    Beside them stands `age_group` (child, adult), by the age on the day `on`. Relatives who draw the family to a
    place draw each of its members there.
    """
    require_columns(cases, groups, "cases")
    chosen = settings or PlacementSettings.load(tables)
    family = pl.coalesce(pl.col("family_id").cast(pl.String), pl.col("case_id").cast(pl.String))
    ordered = cases.with_columns(family.alias("_family"), pl.col("case_id").cast(pl.String)).sort("case_id")
    tie = pl.col("tie_municipality").cast(pl.String).drop_nulls().sort().mode(maintain_order=True).first()
    alone = ordered.with_columns(
        tie.over("_family").alias("tie_municipality"), pl.lit(None, dtype=pl.String).alias("family_id")
    )
    each = families_of(alone, on, chosen.ages, chosen.dwellings, tables.names("municipalities"))
    rows = {name: row for row, name in enumerate(instance.families)}
    age_group = pl.Series(AGE_GROUP, [ADULT if adults else CHILD for adults in each.frame["adults"]], dtype=pl.String)
    labels = pl.DataFrame([age_group, *(ordered[name].cast(pl.String) for name in groups)])
    return Persons(
        np.array([rows[name] for name in ordered["_family"]], dtype=np.int64),
        score(each, tables, chosen).points(),
        labels,
    )
