"""Which score has each family at each locality, as a file says it?

The file is long (family, locality, score) or wide (id and one column a locality), CSV or Parquet. Out come points
aligned with the ids asked for; a pair that the file does not hold is not eligible.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.distribution.placement.cells import ID_COLUMNS, column_of, read_table
from stellwerk.distribution.placement.instance import MOST_POINTS, NOT_ELIGIBLE, POINTS, ScoreOutOfRange, Short
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest

SCORE_FILES = ("scores.parquet", "scores.csv")
_FAMILY_COLUMNS, _LOCALITY_COLUMNS = ("family", "family_id"), ("locality", "locality_id")
_NEAREST_AMONG = 10_000


class UnknownFamilyInScores(StellwerkError):
    """A score is given for a family that is not in the table of families."""


class UnknownLocalityInScores(StellwerkError):
    """A score is given for a locality that is not in the table of localities."""


class ScoreNotANumber(StellwerkError):
    """A score is no finite number."""


class RepeatedScore(StellwerkError):
    """A pair, or a family of a wide table, has two scores."""


def read_scores(folder: Path, families: Sequence[str], localities: Sequence[str]) -> Short:
    """F x P points from the score file of `folder`."""
    path = next((folder / name for name in SCORE_FILES if (folder / name).is_file()), None)
    if path is None:
        raise FileMissing(Place(" | ".join(SCORE_FILES)))
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else read_table(path, pl.Float64)
    long = {"score"} <= set(frame.columns) and any(name in frame.columns for name in _LOCALITY_COLUMNS)
    if long:
        return _from_long(frame, families, localities, path.name)
    return _from_wide(frame, families, localities, path.name)


def _from_wide(frame: pl.DataFrame, families: Sequence[str], localities: Sequence[str], file: str) -> Short:
    key = next((name for name in ID_COLUMNS if name in frame.columns), "id")
    rows = _positions(column_of(frame, key, file), families, file, UnknownFamilyInScores)
    _check_once(rows, families, file)
    given = [name for name in frame.columns if name != key]
    columns = _positions(pl.Series(given, dtype=pl.String), localities, file, UnknownLocalityInScores)
    points = np.full((len(families), len(localities)), NOT_ELIGIBLE, dtype=np.int32)
    block = np.full((len(families), len(given)), NOT_ELIGIBLE, dtype=np.int32)
    for at, name in enumerate(given):
        values = _numbers(frame[name])
        wrong = np.flatnonzero(_not_finite(values))
        if len(wrong):
            family = families[rows[wrong[0]]]
            raise ScoreNotANumber(Place(file), family=family, locality=name, value=values[wrong[0]])
        block[:, at][rows] = _as_points(values)
    points[:, columns] = block
    return points


def _from_long(frame: pl.DataFrame, families: Sequence[str], localities: Sequence[str], file: str) -> Short:
    by_family = next((frame[name] for name in _FAMILY_COLUMNS if name in frame.columns), None)
    family_cells = column_of(frame, "family", file) if by_family is None else by_family
    locality_cells = next(frame[name] for name in _LOCALITY_COLUMNS if name in frame.columns)
    rows = _positions(family_cells, families, file, UnknownFamilyInScores)
    columns = _positions(locality_cells, localities, file, UnknownLocalityInScores)
    values = _numbers(frame["score"])
    for wrong in np.flatnonzero(_not_finite(values))[:1]:
        raise ScoreNotANumber(
            Place(file), family=families[rows[wrong]], locality=localities[columns[wrong]], value=values[wrong]
        )
    flat = rows * len(localities) + columns
    points = np.full(len(families) * len(localities), NOT_ELIGIBLE, dtype=np.int32)
    points[flat] = _as_points(values)
    seen = np.zeros(len(points), dtype=np.bool_)
    seen[flat] = True
    if int(seen.sum()) != len(flat):
        ordered = np.sort(flat)
        twice = int(ordered[1:][ordered[1:] == ordered[:-1]][0])
        raise RepeatedScore(
            Place(file), family=families[twice // len(localities)], locality=localities[twice % len(localities)]
        )
    return points.reshape(len(families), len(localities))


def _positions(cells: pl.Series, known: Sequence[str], file: str, error: type[StellwerkError]) -> npt.NDArray[np.int64]:
    """The position of each cell among the known ids; one that is not there is an error with the nearest."""
    index = pl.DataFrame({"id": pl.Series(list(known), dtype=pl.String), "at": np.arange(len(known), dtype=np.int64)})
    found = pl.DataFrame({"id": cells.cast(pl.String)}).join(index, on="id", how="left", maintain_order="left")["at"]
    if found.null_count():
        name = str(cells[int(found.is_null().arg_max() or 0)])
        raise error(Place(file), name=name, near=nearest(name, known[:_NEAREST_AMONG]))
    return found.to_numpy().astype(np.int64)


def _check_once(rows: npt.NDArray[np.int64], families: Sequence[str], file: str) -> None:
    times = np.bincount(rows, minlength=len(families))
    for row in np.flatnonzero(times > 1)[:1]:
        raise RepeatedScore(Place(file), family=families[row], locality="")


def _numbers(cells: pl.Series) -> npt.NDArray[np.float64]:
    """The scores, -inf where there is none."""
    return cells.cast(pl.Float64).fill_null(-np.inf).to_numpy()


def _not_finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Where a score is neither a number nor the -inf of a pair that must not be."""
    wrong: npt.NDArray[np.bool_] = np.isnan(values) | (values == np.inf)
    return wrong


def _as_points(values: npt.NDArray[np.float64]) -> Short:
    """Scores as whole points."""
    never = values == -np.inf
    if (np.abs(values[~never]) * POINTS > MOST_POINTS).any():
        raise ScoreOutOfRange(most=MOST_POINTS // POINTS)
    points: Short = np.rint(np.where(never, 0.0, values) * POINTS).astype(np.int32)
    points[never] = NOT_ELIGIBLE
    return points
