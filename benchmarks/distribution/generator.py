"""Draws placement tasks of any size, with continuous scores or with such that many families share.

    .venv/bin/python benchmarks/distribution/generator.py --persons 10000 [--kind discrete] [--seed 1] -o FOLDER

396 invented municipalities (ten large cities, the others log-normal) with six services; families of one to eight with
children, needs, trades, languages and relatives. Capacities leave 3 % of places and 15 % of each service. The shape is
that of a large German Land; the figures are drawn and say nothing about any real place.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from stellwerk.distribution.placement.instance import (
    NOT_ELIGIBLE,
    POINTS,
    Instance,
    checked,
    no_locks,
    no_vetoes,
)

Kind = Literal["continuous", "discrete"]
RESOURCES = ("persons", "school", "childcare", "accessible", "large", "medical")
MUNICIPALITIES, CITIES = 396, 10
SIZES, SHARES = np.arange(1, 9), (0.45, 0.20, 0.13, 0.10, 0.06, 0.03, 0.02, 0.01)
TRADES, LANGUAGES, OWN = 12, 10, 8
BAND, SERVICES = 0.03, 1.15  # the quota band, and units of a service for each one demanded
LARGE_FROM = 6
STAYING, MISSING = -POINTS, POINTS // 2
_FAMILIES_AT_ONCE = 4096
Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Towns:
    """What municipalities offer."""

    share: Real
    offers: Real
    """Q x P, quality of each place by each trait that families weigh."""
    hospital: npt.NDArray[np.bool_]


def generate(persons: int, kind: Kind = "continuous", seed: int = 1) -> Instance:
    """A task of about so many persons."""
    rng = np.random.default_rng(seed)
    towns = _towns(rng)
    families = round(persons / float(np.dot(SIZES, SHARES)))
    sizes = rng.choice(SIZES, families, p=SHARES)
    demand = _demand(sizes, rng)
    weights = _weights(sizes, demand, kind, rng)
    relatives = np.where(rng.random(families) < 0.2, rng.choice(MUNICIPALITIES, families, p=towns.share), -1)
    scores = _scores(weights, towns, sizes, relatives)
    needs_hospital = rng.random(families) < 0.03
    scores[np.ix_(needs_hospital, ~towns.hospital)] = NOT_ELIGIBLE
    capacity, floor = _capacity(demand, towns.share, rng)
    return checked(
        Instance(
            tuple(f"F{number:07}" for number in range(families)),
            tuple(f"G{number:03}" for number in range(MUNICIPALITIES)), RESOURCES, demand.astype(np.int32), capacity,
            floor, scores, STAYING * sizes.astype(np.int64), MISSING, no_locks(families), no_vetoes(),
            relatives.astype(np.int32), seed,
        )
    )  # fmt: skip


def _towns(rng: np.random.Generator) -> Towns:
    people = np.sort(rng.lognormal(10.1, 0.85, MUNICIPALITIES))[::-1]
    people[:CITIES] = np.linspace(1_000_000, 280_000, CITIES)
    area = rng.lognormal(4.2, 0.5, MUNICIPALITIES)
    share = 0.9 * people / people.sum() + 0.1 * area / area.sum()
    urban = (np.log(people) - np.log(people).min()) / np.ptp(np.log(people))
    trades = np.clip(rng.beta(2, 3, (TRADES, MUNICIPALITIES)) + 0.15 * rng.standard_normal(MUNICIPALITIES), 0, 1)
    languages = np.clip(rng.beta(1.2, 3, (LANGUAGES, MUNICIPALITIES)) * (0.5 + urban), 0, 1)
    schools = rng.beta(3, 2, (1, MUNICIPALITIES))
    rent = np.clip(1 - urban + 0.15 * rng.standard_normal(MUNICIPALITIES), 0, 1)[None]
    own = rng.standard_normal((OWN, MUNICIPALITIES)) / np.sqrt(OWN)
    hospital = urban + 0.25 * rng.standard_normal(MUNICIPALITIES) > 0.45
    return Towns(share / share.sum(), np.concatenate([trades, languages, schools, rent, own]), hospital)


def _demand(sizes: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    minors = rng.binomial(sizes - 1, 0.62)
    childcare = rng.binomial(minors, 0.33)
    accessible, medical = rng.random(len(sizes)) < 0.04, rng.random(len(sizes)) < 0.06
    return np.stack([sizes, minors - childcare, childcare, accessible, sizes >= LARGE_FROM, medical], axis=1)


def _weights(sizes: npt.NDArray[np.int64], demand: npt.NDArray[np.int64], kind: Kind, rng: np.random.Generator) -> Real:
    """F x Q, how much each trait of a place counts for each family; its own taste makes scores continuous."""
    families = len(sizes)
    rows = np.arange(families)
    trades, languages = np.zeros((families, TRADES)), np.zeros((families, LANGUAGES))
    works = rng.random(families) < 0.8
    trades[rows, rng.choice(TRADES, families, p=rng.dirichlet(np.full(TRADES, 3.0)))] = 0.35 * works
    languages[rows, rng.choice(LANGUAGES, families, p=rng.dirichlet(np.full(LANGUAGES, 2.0)))] = 0.2
    schools = 0.2 * (demand[:, 1:3].sum(axis=1) > 0)[:, None]
    rent = np.full((families, 1), 0.1)
    own = 0.06 * rng.standard_normal((families, OWN)) * (kind == "continuous")
    return np.concatenate([trades, languages, schools, rent, own], axis=1)


def _scores(
    weights: Real, towns: Towns, sizes: npt.NDArray[np.int64], relatives: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    scores = np.empty((len(sizes), MUNICIPALITIES), dtype=np.int32)
    for start in range(0, len(sizes), _FAMILIES_AT_ONCE):
        rows = slice(start, start + _FAMILIES_AT_ONCE)
        exact = weights[rows] @ towns.offers * (sizes[rows, None] * POINTS)
        scores[rows] = np.rint(exact).astype(np.int32)
    tied = np.flatnonzero(relatives >= 0)
    scores[tied, relatives[tied]] += (sizes[tied] * (POINTS // 4)).astype(np.int32)
    return scores


def _capacity(
    demand: npt.NDArray[np.int64], share: Real, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    target = share * demand[:, 0].sum()
    capacity = np.zeros((MUNICIPALITIES, len(RESOURCES)), dtype=np.int64)
    capacity[:, 0] = np.ceil(target * (1 + BAND)) + 1
    for column in range(1, len(RESOURCES)):
        supply = rng.dirichlet(share * 600) * demand[:, column].sum() * SERVICES
        capacity[:, column] = np.floor(supply + rng.random(MUNICIPALITIES))
    return capacity, np.maximum(0, np.floor(target * (1 - BAND)) - 1).astype(np.int64)


def main() -> None:
    """Write a task as a folder."""
    from stellwerk.distribution.placement.folder import write_instance

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--persons", type=int, required=True)
    options.add_argument("--kind", choices=("continuous", "discrete"), default="continuous")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("-o", "--output", type=Path, required=True)
    chosen = options.parse_args()
    chosen.output.mkdir(exist_ok=True)
    write_instance(generate(chosen.persons, chosen.kind, chosen.seed), {}, chosen.output)


if __name__ == "__main__":
    main()
