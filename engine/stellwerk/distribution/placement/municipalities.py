"""Where does each family of a cohort live, how good is that plan at best, and who stays without a place, and why?

In go cases of a register, quotas and the settings of `params/placement.yaml`; out comes a `Placement`: the plan, the
fit of every placement with what each criterion adds to it, and how full each municipality is, service by service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from stellwerk.distribution.placement import outcome
from stellwerk.distribution.placement.cohort import Families, families_of
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.instance import (
    NO_TIE,
    NOT_ELIGIBLE,
    PERSONS,
    POINTS,
    Instance,
    Short,
    Whole,
    checked,
    no_locks,
    no_vetoes,
)
from stellwerk.distribution.placement.plan import Certificate, Plan
from stellwerk.distribution.placement.score import Scores, score
from stellwerk.distribution.placement.services import units
from stellwerk.distribution.placement.solve import Progress, solve
from stellwerk.distribution.reference import ReferenceTables, require_places
from stellwerk.errors import StellwerkError


class NegativeQuota(StellwerkError):
    """A municipality's quota is below zero."""


@dataclass(frozen=True, eq=False)
class Placement:
    """A plan for families of a register, with the reasons of each fit."""

    plan: Plan
    scores: Scores
    names: dict[str, str]
    """Code -> name of each municipality."""
    unknown: dict[str, int]
    """How often a fact that a need is read from was not known."""
    without_need: pl.DataFrame
    """Families and the requirement that no municipality with room meets."""

    @property
    def certificate(self) -> Certificate:
        """What is proven about the plan."""
        return self.plan.certificate

    def with_plan(self, plan: Plan) -> Placement:
        """The same families and fits with another plan for them."""
        return replace(self, plan=plan, without_need=_without_need(plan, self.scores))

    @property
    def seconds(self) -> float:
        """How long the search took."""
        return self.plan.seconds

    @cached_property
    def placements(self) -> pl.DataFrame:
        """One row a placed family: where, how many persons, the fit and what each criterion adds to it."""
        rows = self.plan.placed
        places = self.plan.where[rows].astype(np.int64)
        told = outcome.placements(self.plan).rename({"family": "family_id", "locality": "ags", "score": "fit"})
        parts = self.scores.parts_at(rows, places)
        return told.select(
            "family_id",
            "ags",
            pl.col("ags").replace_strict(self.names, return_dtype=pl.String).alias("municipality"),
            "persons",
            "fit",
            *(outcome.as_scores(part.astype(np.int64)).alias(f"fit_{name}") for name, part in parts.items()),
        )

    @cached_property
    def unplaced(self) -> pl.DataFrame:
        """One row a family that stays in the state facility, with the reason and the need that stands against it."""
        told = outcome.unplaced(self.plan).rename({"family": "family_id"})
        unmet = dict(self.without_need.iter_rows())
        need = [unmet.get(family, need) for family, need in told.select("family_id", "need").iter_rows()]
        return told.with_columns(pl.Series("need", need, dtype=pl.String))

    @cached_property
    def places(self) -> pl.DataFrame:
        """One row a municipality: quota, families, persons, what is free, and the same for each service."""
        told = outcome.localities(self.plan, self.names)
        services = self.plan.instance.resources[1:]
        return told.select(
            pl.col("locality").alias("ags"),
            pl.col("name").alias("municipality"),
            pl.col("cap_persons").alias("quota"),
            "families",
            pl.col("used_persons").alias("persons"),
            (pl.col("cap_persons") - pl.col("used_persons")).alias("free"),
            *(pl.col(f"{kind}_{name}") for name in services for kind in ("cap", "used")),
        )


def place(
    cases: pl.DataFrame,
    quotas: Mapping[str, int],
    tables: ReferenceTables,
    *,
    on: dt.date,
    settings: PlacementSettings | None = None,
    adjusted: Callable[[Instance], Instance] = lambda instance: instance,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Placement:
    """Place the families of `cases` within `quotas` (municipality -> persons); ages are those on the day `on`.

    A municipality that `quotas` does not name takes nobody. `adjusted` may change the task before it
    is solved. `progress` and `stop` are those of `solve`.
    """
    chosen = settings or PlacementSettings.load(tables)
    names = tables.names("municipalities")
    families = families_of(cases, on, chosen.ages, chosen.dwellings, names)
    scores = score(families, tables, chosen)
    instance = adjusted(instance_of(families, scores, _quotas(quotas, names), tables, chosen))
    plan = solve(instance, chosen.solver, progress, stop)
    return Placement(plan, scores, names, families.unknown, _without_need(plan, scores))


def instance_of(
    families: Families, scores: Scores, quotas: Whole, tables: ReferenceTables, settings: PlacementSettings
) -> Instance:
    """The placement task: quotas and services as capacities, points as scores, requirements as eligibility."""
    frame, services = families.frame, settings.services
    persons = frame["persons"].to_numpy().astype(np.int64)
    needs = [frame[service.counts].to_numpy().astype(np.int32) for service in services.values()]
    points = scores.points()
    points[~scores.allowed] = NOT_ELIGIBLE
    position = {code: at for at, code in enumerate(scores.places)}
    ties = [position[code] if code is not None else NO_TIE for code in frame["tie_municipality"]]
    return checked(
        Instance(
            tuple(frame["family_id"]), scores.places, (PERSONS, *services),
            np.stack([persons.astype(np.int32), *needs], axis=1).astype(np.int32),
            np.stack([quotas, *(units(service, quotas, tables) for service in services.values())], axis=1),
            _floors(quotas, settings), points, -int(settings.unplaced_penalty * POINTS) * persons,
            int(settings.missing_penalty * POINTS), no_locks(len(persons)), no_vetoes(),
            np.array(ties, dtype=np.int32).reshape(-1), settings.seed,
        )
    )  # fmt: skip


def _quotas(quotas: Mapping[str, int], names: dict[str, str]) -> Whole:
    require_places(quotas, names)
    for code in sorted(quotas):
        if quotas[code] < 0:
            raise NegativeQuota(code=code, name=names[code], quota=quotas[code])
    return np.array([quotas.get(code, 0) for code in names], dtype=np.int64)


def _floors(quotas: Whole, settings: PlacementSettings) -> Whole:
    """The share of each quota that shall be taken at least, rounded down."""
    share = settings.quota_floor.as_integer_ratio()
    return quotas * share[0] // share[1]


def _without_need(plan: Plan, scores: Scores) -> pl.DataFrame:
    """The first requirement of each waiting family that no municipality with room enough meets."""
    instance = plan.instance
    rows = []
    for f in map(int, plan.unplaced):
        room: Short = (instance.capacity >= instance.demand[f]).all(axis=1)
        unmet = [name for name, met in scores.meets.items() if not (met[f] & room).any()]
        if room.any() and unmet:
            rows.append((instance.families[f], unmet[0]))
    return pl.DataFrame(rows, schema={"family_id": pl.String, "need": pl.String}, orient="row")
