"""How does a placement task stand in a folder that anybody can write?

    families.csv    id, size, one column for each resource a family demands; may hold stay (score for staying),
                    tie (locality of relatives) and lock (locality decided on, `-`: stays in the state facility)
    localities.csv  id, cap_persons, cap_<resource> for each of them; may hold min_persons and name
    scores.csv      long: family, locality, score; or wide: id and one column a locality. Also scores.parquet
    instance.yaml   may hold stay_penalty, missing_penalty (both per person, as scores) and seed

Everything is aligned by name; a pair that is not there (or empty, or -inf) is not eligible. In goes the folder, out
comes an `Instance` whose families and localities stand in the order of their ids, so that the order of lines in a
file never matters.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from stellwerk.distribution.placement.cells import column_of, read_cells, whole_numbers
from stellwerk.distribution.placement.instance import (
    NOT_ELIGIBLE,
    PERSONS,
    POINTS,
    Instance,
    Short,
    checked,
    no_locks,
    no_ties,
    no_vetoes,
    refuse_repeated,
)
from stellwerk.distribution.placement.score_file import read_scores
from stellwerk.documents import Document, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.tables import write_table, write_text

FAMILIES, LOCALITIES, SETTINGS = "families.csv", "localities.csv", "instance.yaml"
CAPACITY, FLOOR, NAME = "cap_", "min_persons", "name"
SIZE, STAY, TIE, LOCK = "size", "stay", "tie", "lock"
STAYS = "-"  # the lock of a family that stays in the state facility
_NO_DEMAND = ("id", SIZE, STAY, TIE, LOCK, PERSONS)


class ResourceWithoutCapacity(StellwerkError):
    """Families demand a resource of which no locality says how much it has."""


class UnknownLocality(StellwerkError):
    """A family's relatives or decision name a locality that is not in the table of localities."""


class FolderSettings(Document):
    """`instance.yaml`: what staying and missing persons cost, and the seed."""

    stay_penalty: Decimal | None = Field(ge=0, default=None)
    """Per person; without it the best score per person, at least 1."""
    missing_penalty: Decimal | None = Field(ge=0, default=None)
    """Per person; without it half of what staying costs."""
    seed: int = Field(ge=0, default=1)


def read_instance(folder: Path) -> Instance:
    """The instance that stands in `folder`, checked."""
    families, localities = read_cells(folder / FAMILIES).sort("id"), read_cells(folder / LOCALITIES).sort("id")
    resources = _resources(families, localities)
    sizes = whole_numbers(families, SIZE, FAMILIES)
    demand = np.stack([sizes, *(whole_numbers(families, name, FAMILIES) for name in resources[1:])], axis=1)
    capacity = np.stack([whole_numbers(localities, CAPACITY + name, LOCALITIES) for name in resources], axis=1)
    ids, places = tuple(families["id"]), tuple(localities["id"])
    floor = (
        whole_numbers(localities, FLOOR, LOCALITIES) if FLOOR in localities.columns else np.zeros(len(places), np.int64)
    )
    refuse_repeated(ids, places)
    settings = _settings(folder)
    scores = read_scores(folder, ids, places)
    staying, missing = _penalties(settings, scores, sizes)
    stay = -staying * sizes
    if STAY in families.columns:
        stay = np.rint(column_of(families, STAY, FAMILIES).cast(pl.Float64).to_numpy() * POINTS).astype(np.int64)
    return checked(
        Instance(
            ids, places, resources, demand.astype(np.int32), capacity, floor, scores, stay, missing,
            _named(families, LOCK, places, no_locks(len(ids))), no_vetoes(),
            _named(families, TIE, places, no_ties(len(ids))), settings.seed,
        )
    )  # fmt: skip


def write_instance(instance: Instance, names: dict[str, str], folder: Path) -> None:
    """Write the instance as a folder that `read_instance` reads back; vetoes become pairs that are not there."""
    families: dict[str, Any] = {"id": instance.families, SIZE: instance.sizes}
    families |= {name: instance.demand[:, column] for column, name in enumerate(instance.resources) if column}
    families[STAY] = instance.stay / POINTS
    families[TIE] = _as_names(instance.ties, instance.localities)
    families[LOCK] = _as_names(instance.locks, instance.localities)
    places: dict[str, Any] = {"id": instance.localities, NAME: [names.get(code, code) for code in instance.localities]}
    places |= {CAPACITY + name: instance.capacity[:, column] for column, name in enumerate(instance.resources)}
    places[FLOOR] = instance.floor
    table = pl.DataFrame({"id": instance.families}).hstack(
        [
            pl.Series(code, column).replace(int(NOT_ELIGIBLE), None) / POINTS
            for code, column in zip(instance.localities, np.ascontiguousarray(instance.open_scores.T), strict=True)
        ]
    )
    write_table(pl.DataFrame(families), folder / FAMILIES)
    write_table(pl.DataFrame(places), folder / LOCALITIES)
    write_table(table, folder / "scores.parquet")
    penalty = Decimal(instance.missing) / POINTS
    write_text(f"missing_penalty: {penalty}\nseed: {instance.seed}\n", folder / SETTINGS)


def names_of(folder: Path) -> dict[str, str]:
    """Id -> name of the localities, as far as the folder names them."""
    frame = read_cells(folder / LOCALITIES)
    return dict(zip(frame["id"], frame[NAME], strict=True)) if NAME in frame.columns else {}


def _resources(families: pl.DataFrame, localities: pl.DataFrame) -> tuple[str, ...]:
    """Persons first, then what families demand; each must have its column of capacities."""
    column_of(families, SIZE, FAMILIES)
    column_of(localities, CAPACITY + PERSONS, LOCALITIES)
    demanded = [name for name in families.columns if name not in _NO_DEMAND]
    for name in demanded:
        if CAPACITY + name not in localities.columns:
            near = nearest(CAPACITY + name, localities.columns)
            raise ResourceWithoutCapacity(Place(LOCALITIES), resource=name, column=CAPACITY + name, near=near)
    return (PERSONS, *demanded)


def _named(families: pl.DataFrame, column: str, places: tuple[str, ...], nobody: Short) -> Short:
    """The localities that a column names, as positions; empty cells as in `nobody`."""
    if column not in families.columns:
        return nobody
    position = {name: at for at, name in enumerate(places)} | {STAYS: len(places)}
    found = nobody.copy()
    for at, name in enumerate(families[column]):
        if name and name not in position:
            raise UnknownLocality(Place(FAMILIES), column=column, name=name, near=nearest(name, places))
        if name:
            found[at] = position[name]
    return found


def _as_names(positions: Short, places: tuple[str, ...]) -> list[str | None]:
    names = [*places, STAYS]
    return [names[at] if at >= 0 else None for at in positions]


def _settings(folder: Path) -> FolderSettings:
    path = folder / SETTINGS
    return validated(FolderSettings, read_document(path, path.name), path.name) if path.is_file() else FolderSettings()


def _penalties(settings: FolderSettings, scores: Short, sizes: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Points that a person costs who stays, and one whom a locality lacks to its floor."""
    most = (scores.max(axis=1, initial=0) / np.maximum(sizes, 1)).max(initial=0.0)
    best = max(POINTS, int(np.ceil(most)))
    staying = best if settings.stay_penalty is None else int(settings.stay_penalty * POINTS)
    missing = staying // 2 if settings.missing_penalty is None else int(settings.missing_penalty * POINTS)
    return staying, missing
