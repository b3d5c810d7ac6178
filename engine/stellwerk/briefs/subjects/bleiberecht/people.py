"""Who is in which situation: tolerated persons with what was assumed of them, their strongest path, group, chain.

In go the register, its child tables and what the rules say, out comes one row a person. Where the register says nothing
of a fact it is drawn as `params/briefs/bleiberecht.yaml` says, from the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from stellwerk.briefs.subjects.bleiberecht.content import LASTING, NONE, OPEN, BleiberechtContent, Path
from stellwerk.briefs.subjects.bleiberecht.subject import Bleiberecht
from stellwerk.register.draws import Draws
from stellwerk.register.facts import drawn_column

MET, DISCRETION, ASKED, NOT_MET = "met", "discretion", "asked", "not_met"
STANDINGS = (MET, DISCRETION, ASKED, NOT_MET)
_FACTS_MISSING = ("needs_facts", "needs_review", "conflict")
_DAYS_A_YEAR = 365.25


def tolerated(brief: Bleiberecht, register: pl.DataFrame) -> pl.DataFrame:
    """The persons of the register that the paths are read for."""
    return register.filter(pl.col("status").cast(pl.String).is_in(brief.content.status))


def with_assumptions(brief: Bleiberecht, cases: pl.DataFrame, children: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The cases with every fact that the brief assumes, where the register does not hold it."""
    attributes, content, day = brief.law.vocabulary.attributes("case"), brief.content, brief.parameters.on
    born = cases.get_column("birth_date").cast(pl.Date)
    ages = ((pl.lit(day) - pl.col("birth_date")).dt.total_days() / _DAYS_A_YEAR).floor().cast(pl.Int64)
    age = pl.DataFrame({"birth_date": born}).select(ages.fill_null(0)).to_series().to_numpy()
    drawn = [
        drawn_column(fact, attributes[name], age, Draws([brief.parameters.seed, place]))
        for place, (name, fact) in enumerate(content.assumed.items())
        if name not in cases.columns
    ]
    dated = [pl.lit(day).alias(name) for name in content.on_legal_date]
    found = cases.with_columns(*drawn, *dated)
    for name, told in content.first_day_of.items():
        rows = children[told.table].filter(pl.col("kind").cast(pl.String) == told.kind)
        first = rows.group_by(pl.col("case_id").cast(pl.String)).agg(pl.col(told.column).min().alias(name))
        found = found.with_columns(pl.col("case_id").cast(pl.String)).join(first, on="case_id", how="left")
    return found


def people(brief: Bleiberecht, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """One row a person: standing on each path, strongest path, group before and after the reform, gap, band, days."""
    content = brief.content
    outcome = {rule: before.get_column(f"{rule}.outcome").cast(pl.String).alias(rule) for rule in content.rules}
    told = pl.DataFrame(list(outcome.values()))
    standing = told.select(_standing(path).alias(path.rule) for path in content.paths)
    grants = after.get_column(f"{content.demand.rule}.outcome").cast(pl.String).is_in(content.demand.grants)
    strongest = standing.select(_strongest(content).alias("strongest")).to_series()
    group = {path.rule: path.group for path in content.paths}
    law = strongest.replace_strict({**group, OPEN: OPEN, NONE: NONE}, return_dtype=pl.String).alias("group")
    return standing.with_columns(
        strongest,
        law,
        pl.Series("with_reform", np.where(grants.to_numpy(), LASTING, law.to_numpy()), dtype=pl.String),
        outcome[content.gap.rule].alias("gap"),
        outcome[content.chain.rule].alias("band"),
        before.get_column(f"{content.chain.days}.amount").cast(pl.Float64).alias("days"),
        _asked(content, before),
    )


def _standing(path: Path) -> pl.Expr:
    """How a person stands on a path; a path that is not in force is one that is not met."""
    said = pl.col(path.rule)
    return (
        pl.when(said.is_in(path.met))
        .then(pl.lit(MET))
        .when(said.is_in(path.discretion))
        .then(pl.lit(DISCRETION))
        .when(said.is_in(_FACTS_MISSING))
        .then(pl.lit(ASKED))
        .otherwise(pl.lit(NOT_MET))
    )


def _strongest(content: BleiberechtContent) -> pl.Expr:
    """The first path that is met or left to discretion; without one whether facts are missing."""
    found = pl.when(pl.any_horizontal(pl.col(rule) == ASKED for rule in content.path_rules)).then(pl.lit(OPEN))
    result: pl.Expr = found.otherwise(pl.lit(NONE))
    for rule in reversed(content.path_rules):
        result = pl.when(pl.col(rule).is_in([MET, DISCRETION])).then(pl.lit(rule)).otherwise(result)
    return result


def _asked(content: BleiberechtContent, determined: pl.DataFrame) -> pl.Series:
    """All facts that the paths ask for, in one text."""
    columns = [determined.get_column(f"{rule}.ask_for").cast(pl.String).fill_null("") for rule in content.path_rules]
    return (
        pl.DataFrame({str(place): column for place, column in enumerate(columns)})
        .select(pl.concat_str(pl.all(), separator=",").alias("ask"))
        .to_series()
    )
