"""Each person of a register counts by itself: children too, and nobody by the family's best earner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from stellwerk.distribution.placement import Instance
from stellwerk.distribution.placement.cohort import families_of
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.municipalities import instance_of
from stellwerk.distribution.placement.register_persons import persons_of
from stellwerk.distribution.placement.score import score
from stellwerk.distribution.quota import distribute
from stellwerk.distribution.reference import ReferenceColumnMissing, ReferenceTables

TABLES = ReferenceTables.load(Path(__file__).parents[1] / "params")
SETTINGS = PlacementSettings.load(TABLES)
ON = dt.date(2023, 1, 1)
AACHEN = "05334002"


def cases() -> pl.DataFrame:
    """A family of a worker, somebody who does not seek work and a child of seven, and one person alone."""
    return pl.DataFrame(
        {
            "case_id": ["c3", "c1", "c2", "c4"],
            "family_id": ["f", "f", "f", None],
            "birth_date": [dt.date(2015, 6, 1), dt.date(1990, 1, 1), dt.date(1991, 1, 1), dt.date(1980, 1, 1)],
            "sex": ["f", "m", "f", "m"],
            "seeks_work": [False, True, False, True],
            "needs_accessible_dwelling": [False] * 4,
            "needs_specialist_care": [False] * 4,
            "tie_municipality": [None, AACHEN, None, None],
        },
        schema_overrides={"tie_municipality": pl.String},
    )


@pytest.fixture(scope="module")
def instance() -> Instance:
    names = TABLES.names("municipalities")
    families = families_of(cases(), ON, SETTINGS.ages, SETTINGS.dwellings, names)
    quotas = distribute("flueag", 4000, ON, TABLES).persons
    wanted = pl.Series([quotas[code] for code in names]).to_numpy()
    return instance_of(families, score(families, TABLES, SETTINGS), wanted, TABLES, SETTINGS)


def test_every_case_is_a_person_of_its_family_adults_and_children_told_apart(instance: Instance) -> None:
    found = persons_of(cases(), instance, TABLES, on=ON, groups=["sex"], settings=SETTINGS)
    assert [instance.families[row] for row in found.family] == ["f", "f", "f", "c4"]
    assert found.groups["age_group"].to_list() == ["adult", "adult", "child", "adult"]
    assert found.groups["sex"].to_list() == ["m", "f", "f", "m"]
    assert found.points.shape == (4, len(instance.localities))


def test_who_seeks_work_is_scored_otherwise_than_the_rest_of_the_family(instance: Instance) -> None:
    worker, other, child, _ = persons_of(cases(), instance, TABLES, on=ON, settings=SETTINGS).points
    assert (worker != other).any() and (other != child).any()


def test_relatives_draw_every_member_and_not_only_the_one_who_named_them(instance: Instance) -> None:
    found = persons_of(cases(), instance, TABLES, on=ON, settings=SETTINGS)
    without = persons_of(
        cases().with_columns(tie_municipality=pl.lit(None, dtype=pl.String)), instance, TABLES, on=ON, settings=SETTINGS
    )
    aachen = instance.localities.index(AACHEN)
    assert (found.points[:3, aachen] > without.points[:3, aachen]).all()
    assert found.points[3, aachen] == without.points[3, aachen]


def test_a_group_that_is_no_column_is_refused(instance: Instance) -> None:
    with pytest.raises(ReferenceColumnMissing, match="sex"):
        persons_of(cases(), instance, TABLES, on=ON, groups=["sx"], settings=SETTINGS)
