"""Who is affected: the flows between outcomes when one rulebook takes another's place.

Two result frames of the same cases in the same order go in; out come the flows of each rule with their counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from stellwerk.evaluate.columns import determine_columns
from stellwerk.law.rulebook import Rulebook


def flows(
    base: Rulebook, reform: Rulebook, rules: Sequence[str], cases: pl.DataFrame, on: dt.date | None
) -> pl.DataFrame:
    """Columns: rule, outcome_base, outcome_reform, persons; one row a flow, also those that change nothing."""
    found = []
    for rule in rules:
        pair = pl.DataFrame(
            {
                "outcome_base": determine_columns(base, rule, cases, on).get_column("outcome"),
                "outcome_reform": determine_columns(reform, rule, cases, on).get_column("outcome"),
            }
        )
        counted = pair.group_by("outcome_base", "outcome_reform").len("persons")
        found.append(counted.select(pl.lit(rule).alias("rule"), pl.all()))
    return pl.concat(found).sort("rule", "outcome_base", "outcome_reform")


def affected(
    base: Rulebook, reform: Rulebook, rules: Sequence[str], cases: pl.DataFrame, on: dt.date | None
) -> pl.DataFrame:
    """The cases whose outcome changes: case_id, rule, outcome_base, outcome_reform, in the order of `cases`."""
    found = []
    for rule in rules:
        pair = cases.select("case_id").with_columns(
            pl.lit(rule).alias("rule"),
            determine_columns(base, rule, cases, on).get_column("outcome").alias("outcome_base"),
            determine_columns(reform, rule, cases, on).get_column("outcome").alias("outcome_reform"),
        )
        found.append(pair.filter(pl.col("outcome_base") != pl.col("outcome_reform")))
    return pl.concat(found)
