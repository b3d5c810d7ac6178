"""How does a finished plan lie in a folder, so that it can be checked, explained and continued by others?

placements.csv   who goes where          unplaced.csv     who stays, and why
localities.csv   how full each place is  prices.csv       what a unit is worth, by locality and resource
certificate.json what is proven          instance/        the task, unless the certificate names where it lies
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from stellwerk.distribution.placement import outcome
from stellwerk.distribution.placement.cells import unguarded
from stellwerk.distribution.placement.folder import names_of, read_instance, write_instance
from stellwerk.distribution.placement.instance import POINTS
from stellwerk.distribution.placement.plan import Certificate, Plan, Prices
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError
from stellwerk.tables import write_table, write_text

CERTIFICATE, INSTANCE = "certificate.json", "instance"


class PlanOfAnotherInstance(StellwerkError):
    """The instance beside the plan is not the one it was made for."""


def write_plan(plan: Plan, folder: Path, names: Mapping[str, str], instance_folder: Path | None) -> None:
    """Write the plan; its instance too, unless `instance_folder` is where it already lies."""
    write_table(outcome.placements(plan), folder / "placements.csv")
    write_table(outcome.unplaced(plan), folder / "unplaced.csv")
    write_table(outcome.localities(plan, names), folder / "localities.csv")
    write_table(outcome.prices(plan), folder / "prices.csv")
    if instance_folder is None:
        (folder / INSTANCE).mkdir(exist_ok=True)
        write_instance(plan.instance, dict(names), folder / INSTANCE)
    lies_at = INSTANCE if instance_folder is None else os.path.relpath(instance_folder, folder)
    content = certificate_as_data(plan.certificate) | {"instance": Path(lies_at).as_posix()}
    write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", folder / CERTIFICATE)


def certificate_as_data(certificate: Certificate) -> dict[str, Any]:
    """The certificate for machines: points as whole numbers, the gap as text."""
    return {
        "objective": certificate.objective,
        "bound": certificate.bound,
        "price_bound": certificate.price_bound,
        "search_bound": certificate.search_bound,
        "points_of_a_score_of_one": POINTS,
        "gap": str(certificate.gap),
        "violations": certificate.violations,
        "unplaced_families": certificate.unplaced,
        "missing_persons": certificate.missing_persons,
        "method": certificate.method,
        "stopped_by": certificate.stopped_by,
        "seed": certificate.seed,
        "input_hash": certificate.input_hash,
        "versions": dict(certificate.versions),
    }


def read_plan(folder: Path) -> tuple[Plan, dict[str, str]]:
    """The plan that lies in `folder`, and the names of its localities."""
    path = folder / CERTIFICATE
    if not path.is_file():
        raise FileMissing(Place(CERTIFICATE))
    said = json.loads(path.read_text(encoding="utf-8"))
    instance_folder = folder / said["instance"]
    instance = read_instance(instance_folder)
    if instance.input_hash != said["input_hash"]:
        raise PlanOfAnotherInstance(folder=said["instance"])
    family = {name: at for at, name in enumerate(instance.families)}
    locality = {name: at for at, name in enumerate(instance.localities)}
    where = np.full(len(family), instance.staying, dtype=np.int32)
    placed = unguarded(pl.read_csv(folder / "placements.csv", infer_schema=False))
    for name, place in zip(placed["family"], placed["locality"], strict=True):
        where[family[name]] = locality[place]
    certificate = Certificate(
        said["objective"], said["bound"], said["price_bound"], said["search_bound"], said["violations"],
        said["unplaced_families"], said["missing_persons"], said["method"], said["stopped_by"], said["seed"],
        said["input_hash"], tuple(said["versions"].items()),
    )  # fmt: skip
    return Plan(instance, where, _read_prices(folder, instance.resources), certificate, 0.0), names_of(instance_folder)


def _read_prices(folder: Path, resources: tuple[str, ...]) -> Prices:
    frame = unguarded(pl.read_csv(folder / "prices.csv", infer_schema=False)).sort("locality")
    points = frame.select((pl.col(name).cast(outcome.SCORE) * POINTS).cast(pl.Int64) for name in (*resources, "floor"))
    return Prices(points.select(resources).to_numpy().astype(np.int64), points["floor"].to_numpy().astype(np.int64))
