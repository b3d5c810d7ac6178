"""How much of what hindsight could do does a year reach that is placed week by week with last year's prices?

    .venv/bin/python benchmarks/distribution/online.py [--persons 100000] [--seed 1]

Draws two years of families in the same 396 invented localities: prices are learnt on the first, the second is placed
in 52 weeks without knowing what comes. Prints one row a policy; shares are of the hindsight plan and of the bound that
no plan can exceed, which hindsight does not reach either.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stellwerk.distribution.placement import Instance, Prices, SolverSettings, solve
from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, POINTS, Whole, checked, no_locks, no_ties, no_vetoes
from stellwerk.distribution.placement.lots import by_lot
from stellwerk.distribution.placement.online import EarlierYear, PlacedYear, place_year
from stellwerk.distribution.placement.plan import points_of
from stellwerk.distribution.placement.review import ReviewSettings

ROOT = Path(__file__).resolve().parents[2]
LOCALITIES, WEEKS, BAND = 396, 52, 0.03
RESOURCES = ("persons", "school", "kita", "accessible", "large", "medical")
SIZES, SIZE_SHARES = np.arange(1, 9), (0.45, 0.20, 0.13, 0.10, 0.06, 0.03, 0.02, 0.01)
SKILLS, LANGUAGES, OWN = 12, 10, 6  # groups of work and language; directions of what is each family's own
SERVICES_LEFT = 1.15  # capacity of a service for each unit demanded, all localities together
MISSING = POINTS // 2
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Towns:
    """What localities offer, the same in both years."""

    share: Floats
    work: Floats
    language: Floats
    calm: Floats
    own: Floats
    hospital: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Crowd:
    """Families: what they take, their points everywhere, and the quota of persons of each locality."""

    instance: Instance
    quotas: Whole
    weeks: Whole


def towns(rng: np.random.Generator) -> Towns:
    """A few large and many small localities."""
    population = np.sort(rng.lognormal(10, 0.9, LOCALITIES))[::-1]
    urban = (np.log(population) - np.log(population).min()) / np.ptp(np.log(population))
    return Towns(
        population / population.sum(),
        rng.beta(2, 3, (LOCALITIES, SKILLS)),
        rng.beta(1.2, 3, (LOCALITIES, LANGUAGES)) * (0.5 + urban[:, None]),
        np.clip(1 - urban + 0.15 * rng.standard_normal(LOCALITIES), 0, 1),
        rng.standard_normal((LOCALITIES, OWN)) / np.sqrt(OWN),
        urban + 0.25 * rng.standard_normal(LOCALITIES) > 0.45,
    )


def crowd(persons: int, places: Towns, seed: int) -> Crowd:
    """A year's families, in 52 weeks, and capacities for about as many."""
    rng = np.random.default_rng(seed)
    families = int(persons / float(np.dot(SIZES, SIZE_SHARES)))
    size = rng.choice(SIZES, families, p=SIZE_SHARES)
    minors = rng.binomial(size - 1, 0.62)
    kita = rng.binomial(minors, 0.33)
    needs = [rng.random(families) < share for share in (0.04, 0.06)]
    demand = np.stack([size, minors - kita, kita, needs[0], size >= 6, needs[1]], axis=1).astype(np.int32)
    skill, language = rng.integers(0, SKILLS, families), rng.integers(0, LANGUAGES, families)
    fit = 0.30 * places.work[:, skill].T + 0.20 * places.language[:, language].T + 0.15 * places.calm[None, :]
    fit += 0.06 * rng.standard_normal((families, OWN)) @ places.own.T
    tied = np.flatnonzero(rng.random(families) < 0.2)
    fit[tied, rng.choice(LOCALITIES, len(tied), p=places.share)] += 0.25
    scores = np.rint(POINTS * fit * size[:, None]).astype(np.int32)
    scores[np.ix_(rng.random(families) < 0.03, ~places.hospital)] = NOT_ELIGIBLE
    return _bounded(demand, scores, places, rng)


def _bounded(
    demand: npt.NDArray[np.int32], scores: npt.NDArray[np.int32], places: Towns, rng: np.random.Generator
) -> Crowd:
    families, quota = len(demand), places.share * demand[:, 0].sum()
    capacity = np.zeros((LOCALITIES, len(RESOURCES)), dtype=np.int64)
    capacity[:, 0] = np.ceil(quota * (1 + BAND)) + 1
    floor = np.maximum(0, np.floor(quota * (1 - BAND)) - 1).astype(np.int64)
    # the same share of every service in both years: drawn from the localities, not from the families
    services = np.random.default_rng(0).dirichlet(places.share * 600, len(RESOURCES) - 1)
    for r, share in enumerate(services, start=1):
        capacity[:, r] = np.floor(share * demand[:, r].sum() * SERVICES_LEFT + 0.5)
    stay = -POINTS * demand[:, 0].astype(np.int64)
    ids = tuple(map(str, range(families))), tuple(map(str, range(LOCALITIES)))
    instance = Instance(
        *ids, RESOURCES, demand, capacity, floor, scores, stay, MISSING,
        no_locks(families), no_vetoes(), no_ties(families),
    )  # fmt: skip
    weeks = rng.permutation(np.arange(families) * WEEKS // families)
    return Crowd(checked(instance), np.maximum(1, np.rint(quota)).astype(np.int64), weeks)


def main() -> None:
    """Draw, place and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=Decimal, default=Decimal(60), help="for each plan of a whole year")
    options = parser.parse_args()
    places = towns(np.random.default_rng(options.seed))
    last, this = (crowd(options.persons, places, options.seed + year) for year in (1, 2))
    settings = SolverSettings(seconds=options.seconds)
    chosen = ReviewSettings.load(ROOT / "params").year

    def learn(instance: Instance) -> Prices:
        return solve(instance, settings).prices

    earlier = EarlierYear(last.instance, last.weeks, learn(last.instance))
    hindsight = solve(this.instance, settings).certificate
    print(f"{options.persons:,} persons a year, {len(this.instance.families):,} families, {LOCALITIES} localities")
    print(f"hindsight: {hindsight.objective:,} points, {hindsight.objective / hindsight.bound:.2%} of the bound")

    def show(policy: str, placed: PlacedYear, seconds: float) -> None:
        points, worst = placed.points, float(placed.by_week["worst_deviation"].max())  # type: ignore[arg-type]
        print(
            f"{policy:34} {points / hindsight.objective:7.2%} of hindsight  {points / hindsight.bound:7.2%} of bound  "
            f"weekly deviation {placed.mean_deviation:6.2%}, worst {worst:6.2%}  {seconds:6.2f} s"
        )

    free = Prices(np.zeros_like(earlier.prices.capacity), np.zeros_like(earlier.prices.floor))
    policies = {
        "greedy": (replace(earlier, prices=free), Decimal(0), ()),
        "prices": (earlier, Decimal(0), ()),
        f"prices, balance {chosen.balance}": (earlier, chosen.balance, ()),
        f"the same, learnt again {len(chosen.relearn_in)} times": (earlier, chosen.balance, chosen.relearn_in),
    }
    lot = points_of(this.instance, by_lot(this.instance, options.seed))
    print(f"{'random within quota':34} {lot / hindsight.objective:7.2%} of hindsight")
    for policy, (known, balance, weeks) in policies.items():
        start = time.perf_counter()
        placed = place_year(this.instance, this.weeks, this.quotas, known, balance, relearn_in=weeks, learn=learn)
        show(policy, placed, time.perf_counter() - start)


if __name__ == "__main__":
    main()
