"""Who is affected: the flows between outcomes when one rulebook takes another's place.

Two rulebooks and one frame of cases go in; out come the flows of each rule with their counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.law.rulebook import Rulebook


def flows(
    base: Rulebook, reform: Rulebook, rules: Sequence[str], cases: pl.DataFrame, on: dt.date | None
) -> pl.DataFrame:
    """Columns: rule, outcome_base, outcome_reform, persons; one row a flow, also those that change nothing."""
    added = set(reform.rules) - set(base.rules)  # without a version in the base: not in force there
    known = replace(base, without_version=base.without_version | added)
    before, after = ColumnRun(known, cases, on), ColumnRun(reform, cases, on)
    found = []
    for rule in rules:
        pair = pl.DataFrame(
            {
                "outcome_base": before.results(rule).get_column("outcome"),
                "outcome_reform": after.results(rule).get_column("outcome"),
            }
        )
        counted = pair.group_by("outcome_base", "outcome_reform").len("persons")
        found.append(counted.select(pl.lit(rule).alias("rule"), pl.all()))
    return pl.concat(found).sort("rule", "outcome_base", "outcome_reform")
