"""Spark, the second engine of the second compiler, says what the columns say. Runs with `make test-spark`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from stellwerk.casework import Casework

pytestmark = pytest.mark.spark
RULES = (
    "asylum.safe_origin.constitutional",
    "stay.sustained_integration",
    "stay.open_paths",
    "detention.removal_custody",
    "support.need_level",
    "reception.duty",
)


@pytest.mark.parametrize("on", [None, dt.date(2026, 7, 1)])
def test_spark_says_what_the_columns_say(checkout: Path, on: dt.date | None) -> None:
    bench = Casework.open(checkout)
    cases = bench.synthetic_cases(300)
    children = bench.synthetic_children(cases)
    found = {
        engine: bench.determinations(cases, children=children, on=on, rules=RULES, engine=engine, evidence=True)
        for engine in ("polars", "spark")
    }
    assert found["spark"].equals(found["polars"])
