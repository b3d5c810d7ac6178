"""Where does each family of a cohort live, how good is that plan at best, and who stays without a place, and why?

In go cases, quotas and the published weights; out comes a `Plan`: placements with the reasons for each fit, families
without a place with the reason, and a certificate with the plan's points and a bound that no plan can exceed. The
steps: score, price the places (`prices`), choose few pairs, solve in whole numbers (`model`), fill what is still
free, and check the result against quotas and needs. The search ends when the plan is proven close enough to the best
of all plans, or after a number of nodes: on one thread, with a fixed seed and not by the clock, so that a slow
machine finds the same plan.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.distribution.families import Families, families_of
from stellwerk.distribution.model import Points, chosen, solve, state
from stellwerk.distribution.prices import needed_pairs, priced
from stellwerk.distribution.reference import ReferenceTables, require_places
from stellwerk.distribution.scores import POINTS, PlacementSettings, Scores, score
from stellwerk.errors import StellwerkError

LARGER_THAN_ANY_QUOTA = "larger_than_any_quota"
NO_PLACE_MEETS_NEED = "no_place_meets_need"
CAPACITY_EXHAUSTED = "capacity_exhausted"
REASONS = (LARGER_THAN_ANY_QUOTA, NO_PLACE_MEETS_NEED, CAPACITY_EXHAUSTED)
FIT = pl.Decimal(38, 4)


class NegativeQuota(StellwerkError):
    """A municipality's quota is below zero."""


class PlanViolatesItsRules(StellwerkError):
    """The finished plan breaks a quota or a need: a mistake of the program, never handed out as a plan."""


@dataclass(frozen=True)
class Certificate:
    """What is proven about a plan. Points are fit times persons, less the penalty for persons without a place."""

    objective: Decimal
    bound: Decimal
    stopped_by: str
    solver: str
    seed: int
    violations: int = 0

    @property
    def gap(self) -> Decimal:
        """How far the best plan may lie above this one, as a share of the bound."""
        if self.bound == self.objective:
            return Decimal(0)
        return (
            ((self.bound - self.objective) / abs(self.bound)).quantize(Decimal("0.000001"))
            if self.bound
            else Decimal(1)
        )

    @property
    def proven_best(self) -> bool:
        """Whether no better plan exists."""
        return self.gap == 0


@dataclass(frozen=True, eq=False)
class Plan:
    """Who goes where, who stays without a place, how full each place is, and what is proven.

    `seconds` is for the reader's patience only; it stands in no table.
    """

    placements: pl.DataFrame
    unplaced: pl.DataFrame
    places: pl.DataFrame
    certificate: Certificate
    unknown: dict[str, int]
    seconds: float


def place(
    cases: pl.DataFrame,
    quotas: Mapping[str, int],
    tables: ReferenceTables,
    *,
    on: dt.date,
    settings: PlacementSettings | None = None,
) -> Plan:
    """Place the families of `cases` within `quotas` (municipality -> persons); ages are those on the day `on`.

    A municipality that `quotas` does not name takes nobody.
    """
    started = time.perf_counter()
    chosen_settings = settings or PlacementSettings.load(tables)
    names = tables.names("municipalities")
    families = families_of(cases, on, chosen_settings.ages, names)
    free = _quotas(quotas, names)
    scores = score(families, tables, chosen_settings)
    persons = families.frame["persons"].to_numpy().astype(np.int64)
    allowed = scores.allowed & (persons[:, None] <= free[None, :])
    penalty = int(POINTS * chosen_settings.unplaced_penalty)
    gains = np.where(allowed, scores.total + penalty * persons[:, None], 0)
    where, bound, stopped_by = _best_places(gains, persons, free, penalty, chosen_settings)
    won = sum(int(gains[f, p]) for f, p in where.items())
    lost = penalty * int(persons.sum())
    certificate = Certificate(
        _fit(won - lost), _fit(bound - lost), stopped_by, _solver_said(), chosen_settings.solver.seed,
        _violations(where, persons, free, scores.allowed),
    )  # fmt: skip
    if certificate.violations:
        raise PlanViolatesItsRules(violations=certificate.violations)
    return Plan(
        _placements(where, families, scores, names),
        _unplaced(where, families, scores, free),
        _places(where, persons, free, scores.places, names),
        certificate,
        families.unknown,
        time.perf_counter() - started,
    )


def _quotas(quotas: Mapping[str, int], names: dict[str, str]) -> Points:
    require_places(quotas, names)
    for code in sorted(quotas):
        if quotas[code] < 0:
            raise NegativeQuota(code=code, name=names[code], quota=quotas[code])
    return np.array([quotas.get(code, 0) for code in names], dtype=np.int64)


def _best_places(
    gains: Points, persons: Points, free: Points, penalty: int, settings: PlacementSettings
) -> tuple[dict[int, int], int, str]:
    """Family -> place, the bound in points won, and what ended the search."""
    if not (gains > 0).any():
        return {}, 0, "Optimal"
    limits = settings.solver
    lost = penalty * int(persons.sum())
    enough = int(float(limits.price_gap) * lost)
    found = priced(gains, persons, free, rounds=limits.price_rounds, enough=enough, seed=limits.seed)
    stated = state(gains, persons, free, needed_pairs(found), whole=True)
    best_possible = abs(found.bound - lost)
    answer = solve(
        stated,
        seed=limits.seed,
        objective_target=float(limits.target_gap) * best_possible - found.bound,  # the solver minimises
        mip_rel_gap=0.0,
        mip_abs_gap=float(limits.search_gap) * best_possible,
        mip_max_nodes=limits.node_limit,
        time_limit=float(limits.guard_seconds),
    )
    where = _fill_what_is_free(_within_quota(chosen(answer), persons, free), gains, persons, free)
    return where, found.bound, answer.stopped_by


def _within_quota(where: dict[int, int], persons: Points, free: Points) -> dict[int, int]:
    """The plan without families that a solver's tolerance let in above a quota."""
    left = free.copy()
    kept = {}
    for f, p in where.items():
        if persons[f] <= left[p]:
            left[p] -= persons[f]
            kept[f] = p
    return kept


def _fill_what_is_free(where: dict[int, int], gains: Points, persons: Points, free: Points) -> dict[int, int]:
    """Give families without a place the best one that is still free, large families first."""
    left = free.copy()
    for f, p in where.items():
        left[p] -= persons[f]
    filled = dict(where)
    waiting = [f for f in range(len(persons)) if f not in where]
    for f in sorted(waiting, key=lambda f: (-persons[f], f)):
        open_to = np.where(persons[f] <= left, gains[f], 0)
        p = int(open_to.argmax())
        if open_to[p] > 0:
            filled[f] = p
            left[p] -= persons[f]
    return dict(sorted(filled.items()))


def _violations(where: dict[int, int], persons: Points, free: Points, allowed: npt.NDArray[np.bool_]) -> int:
    """Recount: quotas exceeded and needs not met, from the plan and the raw data alone."""
    used = np.zeros_like(free)
    for f, p in where.items():
        used[p] += persons[f]
    return int((used > free).sum()) + sum(not allowed[f, p] for f, p in where.items())


def _fit(points: int) -> Decimal:
    return Decimal(points) / POINTS


def _solver_said() -> str:
    from importlib.metadata import version

    return f"HiGHS {version('highspy')}, PuLP {version('pulp')}"


def _placements(where: dict[int, int], families: Families, scores: Scores, names: dict[str, str]) -> pl.DataFrame:
    """One row a placed family: where, how many persons, the fit and what each criterion adds to it."""
    rows, columns = list(where), list(where.values())
    codes = [scores.places[p] for p in columns]
    frame = families.frame
    fits = {"fit": scores.total, **{f"fit_{name}": part for name, part in scores.parts.items()}}
    return pl.DataFrame(
        {
            "family_id": frame["family_id"].gather(rows),
            "ags": pl.Series(codes, dtype=pl.String),
            "municipality": pl.Series([names[code] for code in codes], dtype=pl.String),
            "persons": frame["persons"].gather(rows),
            **{
                name: pl.Series([_fit(int(part[f, p])) for f, p in where.items()], dtype=FIT)
                for name, part in fits.items()
            },
        }
    )


def _unplaced(where: dict[int, int], families: Families, scores: Scores, free: Points) -> pl.DataFrame:
    rows = []
    for f, (family_id, persons) in enumerate(families.frame.select("family_id", "persons").iter_rows()):
        if f not in where:
            rows.append((family_id, persons, *_reason(f, persons, scores, free)))
    schema = {"family_id": pl.String, "persons": pl.Int64, "reason": pl.String, "need": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _reason(f: int, persons: int, scores: Scores, free: Points) -> tuple[str, str | None]:
    """Why a family has no place, and which need stands against it where one does."""
    large_enough = free >= persons
    if not large_enough.any():
        return LARGER_THAN_ANY_QUOTA, None
    unmet = [name for name, met in scores.meets.items() if not (met[f] & large_enough).any()]
    if unmet:
        return NO_PLACE_MEETS_NEED, unmet[0]
    if not (scores.allowed[f] & large_enough).any():
        return NO_PLACE_MEETS_NEED, "+".join(scores.meets)
    return CAPACITY_EXHAUSTED, None


def _places(
    where: dict[int, int], persons: Points, free: Points, codes: tuple[str, ...], names: dict[str, str]
) -> pl.DataFrame:
    used, count = np.zeros_like(free), np.zeros_like(free)
    for f, p in where.items():
        used[p] += persons[f]
        count[p] += 1
    return pl.DataFrame(
        {
            "ags": list(codes),
            "municipality": [names[code] for code in codes],
            "quota": free,
            "families": count,
            "persons": used,
            "free": free - used,
        }
    )
