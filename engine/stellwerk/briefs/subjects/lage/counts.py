"""How many persons are where, before and after a reform: tracks, strongest outcomes, facts to ask for.

In go the register and the determinations before and after, one row a person in the same order, out come counts. What
a rule means is not known here; names of rules and outcomes come from the content of the brief.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.briefs.subjects.lage.content import LageContent
from stellwerk.errors import StellwerkError

BEFORE, AFTER = "before", "after"
_NOBODY = "-"


class DeterminationsDoNotMatch(StellwerkError):
    """The determinations are not of the same cases, in the same order, as the register."""


@dataclass(frozen=True)
class People:
    """One row a person: nationality, status, and for either law the track, the stay outcome and whether it changed."""

    frame: pl.DataFrame

    def changed(self, what: str) -> int:
        """How many persons have another result after the reform than before."""
        return int(self.frame.get_column(f"{what}_changed").sum())

    def by(self, column: str) -> dict[str, int]:
        """Persons by the value of a column."""
        counts = self.frame.drop_nulls(column).get_column(column).value_counts()
        return dict(zip(counts.get_column(column).to_list(), counts.get_column("count").to_list(), strict=True))


def people(content: LageContent, cases: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> People:
    """Join register and determinations, and put everyone in a track before and after."""
    for determined in (before, after):
        if not determined.get_column("case_id").equals(cases.get_column("case_id").cast(pl.String)):
            raise DeterminationsDoNotMatch(cases=cases.height, determined=determined.height)
    frame = cases.select(
        pl.col("case_id", "family_id"),
        pl.col("nationality", "status").cast(pl.String),
    )
    for when, determined in ((BEFORE, before), (AFTER, after)):
        frame = frame.hstack(_results(content, frame, determined, when))
    in_asylum = pl.col("status").is_in(content.safe_origin.status)
    tolerated = pl.col("status").is_in(content.stay.status)
    return People(
        frame.with_columns(
            safe_origin_changed=(in_asylum & (pl.col("safe_before") != pl.col("safe_after"))).fill_null(False),
            procedure_changed=(pl.col("track_before") != pl.col("track_after")).fill_null(False),
            stay_changed=(tolerated & (pl.col("stay_before") != pl.col("stay_after"))).fill_null(False),
        )
    )


def by_nationality(content: LageContent, who: People, tracks: Sequence[str]) -> pl.DataFrame:
    """Persons of either law's `tracks` by nationality, those with the largest change first, then the largest groups."""
    concerned = who.frame.filter(pl.col("status").is_in(content.safe_origin.status))
    counted = concerned.group_by("nationality").agg(
        *((pl.col(f"track_{when}") == track).sum().cast(pl.Int64).alias(f"{track}_{when}")
          for when in (BEFORE, AFTER) for track in tracks),
        pl.len().cast(pl.Int64).alias("persons"),
        pl.col("procedure_changed").sum().cast(pl.Int64).alias("changed"),
    )  # fmt: skip
    return counted.sort(["changed", "persons", "nationality"], descending=[True, True, False], nulls_last=True)


def facts_to_ask(content: LageContent, who: People, when: str) -> dict[str, int]:
    """For persons whose right to stay is open: each missing fact with the number of persons it is missing for."""
    open_cases = who.frame.filter(pl.col(f"stay_{when}").is_in(content.stay.open))
    facts = open_cases.select("case_id", pl.col(f"ask_{when}").str.split(",")).explode(f"ask_{when}")
    named = facts.with_columns(fact=pl.col(f"ask_{when}").str.strip_chars()).filter(pl.col("fact") != "")
    counted = named.unique(["case_id", "fact"]).group_by("fact").len().sort(["len", "fact"], descending=[True, False])
    return dict(zip(counted.get_column("fact").to_list(), counted.get_column("len").to_list(), strict=True))


def _results(content: LageContent, frame: pl.DataFrame, determined: pl.DataFrame, when: str) -> pl.DataFrame:
    outcomes = determined.select(pl.col(f"{rule}.outcome").cast(pl.String).alias(rule) for rule in content.rules)
    asked = determined.select(
        pl.col(f"{rule}.ask_for").cast(pl.String).fill_null("").alias(f"{rule}.ask") for rule in content.stay.rules
    )
    together = frame.select("status").hstack(outcomes).hstack(asked)
    return together.select(
        _track(content).alias(f"track_{when}"),
        pl.concat_str(content.safe_origin.rules, separator="|", ignore_nulls=False).alias(f"safe_{when}"),
        _strongest(content).alias(f"stay_{when}"),
        pl.concat_str([f"{rule}.ask" for rule in content.stay.rules], separator=",").alias(f"ask_{when}"),
    )


def _track(content: LageContent) -> pl.Expr:
    track: pl.Expr = pl.lit(_NOBODY)
    for candidate in reversed(content.tracks):
        fits = pl.lit(True)
        if candidate.status:
            fits &= pl.col("status").is_in(candidate.status)
        if candidate.outcomes:
            fits &= pl.col(content.procedure).is_in(candidate.outcomes)
        track = pl.when(fits).then(pl.lit(candidate.id)).otherwise(track)
    return track


def _strongest(content: LageContent) -> pl.Expr:
    """Of a person's outcomes the one that comes first in the order; null for persons the rules are not read for."""
    place = {outcome: position for position, outcome in enumerate(content.stay.order)}
    ranks = [
        pl.col(rule).replace_strict(place, default=len(place), return_dtype=pl.Int64) for rule in content.stay.rules
    ]
    back = dict(enumerate(content.stay.order))
    best = pl.min_horizontal(ranks).replace_strict(back, default=None, return_dtype=pl.String)
    return pl.when(pl.col("status").is_in(content.stay.status)).then(best)
