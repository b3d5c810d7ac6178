"""Is a written plan what its certificate says? A second opinion that shares no code with what made the plan.

In go the files of a plan and of its task, read anew; out come findings: families that are missing or stand twice,
pairs that must not be, capacities exceeded, decisions broken, points that do not add up, and a bound that the
published prices do not prove. Everything is recounted in whole numbers.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import yaml

from stellwerk.documents import FileMissing
from stellwerk.errors import Place

UNIT = 10_000  # points of a score of one
NO_PAIR = -(2**30)  # stands for a pair that must not be in the checksum
STAYS = "-"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: a key of the catalogue and what it tells of."""

    key: str
    details: dict[str, object]


@dataclass(frozen=True)
class Verdict:
    """What was recounted. `search_bound` is what nobody but the solver vouches for, None where nothing rests on it."""

    findings: tuple[Finding, ...]
    objective: int
    price_bound: int
    search_bound: int | None
    families: int
    unplaced: int

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True, eq=False)
class _Task:
    """The task as this checker reads it: families and localities in the order of their ids."""

    families: list[str]
    localities: list[str]
    resources: list[str]
    demand: Ints
    capacity: Ints
    floor: Ints
    points: Ints
    pair: npt.NDArray[np.bool_]
    stay: Ints
    missing: int
    lock: list[str | None]
    tie: list[str | None]
    seed: int


def verify(folder: Path) -> Verdict:
    """Recount the plan in `folder`."""
    said = json.loads(_present(folder / "certificate.json").read_text(encoding="utf-8"))
    task = _read_task(folder / said["instance"])
    findings: list[Finding] = []
    where = _where(folder, task, findings)
    objective = _recount(task, where, said, findings)
    bound = _recount_bound(task, folder, said, findings)
    if _checksum(task) != said["input_hash"]:
        findings.append(Finding("verify_other_input", {}))
    resting = said["search_bound"] if said["bound"] != said["price_bound"] else None
    _check_claims(said, objective, bound, findings)
    stays = int((where == len(task.localities)).sum())
    return Verdict(tuple(findings), objective, bound, resting, len(task.families), stays)


def _present(path: Path) -> Path:
    if not path.is_file():
        raise FileMissing(Place(path.name))
    return path


def _csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text; the apostrophe that our writer puts before formula signs is taken off."""
    content = _present(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    head = content.split(b"\n", 1)[0]
    separator = ";" if head.count(b";") > head.count(b",") else ","
    rows = pl.read_csv(content, infer_schema=False, separator=separator).rows(named=True)
    return [{name: _bare(cell) for name, cell in row.items()} for row in rows]


def _bare(cell: str | None) -> str:
    text = (cell or "").strip()
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def _read_task(folder: Path) -> _Task:
    rows = sorted(_csv(folder / "families.csv"), key=lambda row: row["id"])
    places = sorted(_csv(folder / "localities.csv"), key=lambda row: row["id"])
    known = {"id", "size", "stay", "tie", "lock", "persons"}
    needs = [name for name in (rows[0] if rows else {}) if name not in known]
    demand = np.array([[_int(row["size"])] + [_int(row[name]) for name in needs] for row in rows], dtype=np.int64)
    demand = demand.reshape(len(rows), 1 + len(needs))
    resources = ["persons", *needs]
    capacity = np.array([[_int(row[f"cap_{name}"]) for name in resources] for row in places], dtype=np.int64)
    ids, codes = [row["id"] for row in rows], [row["id"] for row in places]
    points, pair = _read_scores(folder, ids, codes)
    path = folder / "instance.yaml"
    options = yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.is_file() else {}
    staying, missing = _penalties(options, points, pair, demand[:, 0])
    stay = [round(Decimal(row["stay"].replace(",", ".")) * UNIT) if row.get("stay") else None for row in rows]
    return _Task(
        ids, codes, resources, demand, capacity.reshape(len(places), len(resources)),
        np.array([_int(row.get("min_persons") or "0") for row in places], dtype=np.int64), points, pair,
        np.array([-staying * n if own is None else own for own, n in zip(stay, demand[:, 0], strict=True)], np.int64),
        missing, [row.get("lock") or None for row in rows], [row.get("tie") or None for row in rows],
        int(options.get("seed", 1)),
    )  # fmt: skip


def _int(text: str) -> int:
    return int(Decimal(text.replace(",", ".")))


def _penalties(options: dict[str, Any], points: Ints, pair: npt.NDArray[np.bool_], sizes: Ints) -> tuple[int, int]:
    """What staying and missing persons cost: as the folder says, else the best score a person and half of it."""
    best = UNIT
    for column in range(points.shape[1]):
        most = np.where(pair[:, column], -(-points[:, column] // np.maximum(sizes, 1)), UNIT)
        best = max(best, int(most.max(initial=UNIT)))
    staying = int(Decimal(str(options["stay_penalty"])) * UNIT) if "stay_penalty" in options else best
    return staying, int(Decimal(str(options["missing_penalty"])) * UNIT) if "missing_penalty" in options else (
        staying // 2
    )


def _read_scores(folder: Path, ids: list[str], codes: list[str]) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Points of each pair, and which pairs there are."""
    parquet = folder / "scores.parquet"
    table = pl.read_parquet(parquet) if parquet.is_file() else _score_table(folder / "scores.csv")
    key = next(name for name in ("id", "family", "family_id") if name in table.columns)
    if "score" in table.columns and len(table.columns) == 3:
        place = next(name for name in table.columns if name not in (key, "score"))
        table = table.pivot(on=place, index=key, values="score")
    order = pl.DataFrame({key: ids}).join(table.with_columns(pl.col(key).cast(pl.String)), on=key, how="left")
    order = pl.DataFrame({key: ids}).join(order, on=key, how="left", maintain_order="left")
    points = np.zeros((len(ids), len(codes)), dtype=np.int64)
    pair = np.zeros((len(ids), len(codes)), dtype=np.bool_)
    for column, code in enumerate(codes):
        if code in order.columns:
            scores = order[code].cast(pl.Float64).fill_null(-np.inf).to_numpy()
            pair[:, column] = np.isfinite(scores)
            points[:, column] = np.rint(np.where(pair[:, column], scores, 0.0) * UNIT)
    return points, pair


def _score_table(path: Path) -> pl.DataFrame:
    content = _present(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    head = content.split(b"\n", 1)[0]
    semicolons = head.count(b";") > head.count(b",")
    frame = pl.read_csv(content, infer_schema=False, separator=";" if semicolons else ",")
    words = {"id", "family", "family_id", "locality", "locality_id"}
    numbers = [name for name in frame.columns if name not in words]
    text = pl.col(numbers).str.replace(",", ".", literal=True) if semicolons else pl.col(numbers)
    return frame.with_columns(text.cast(pl.Float64))


def _where(folder: Path, task: _Task, findings: list[Finding]) -> Ints:
    """The locality of each family as the plan says it; P: stays."""
    family = {name: at for at, name in enumerate(task.families)}
    place = {name: at for at, name in enumerate(task.localities)}
    where = np.full(len(family), len(place), dtype=np.int64)
    seen = np.zeros(len(family), dtype=np.int64)
    for row in _csv(folder / "placements.csv"):
        name, code = row["family"], row["locality"]
        if name not in family or code not in place:
            findings.append(Finding("verify_unknown", {"family": name, "locality": code}))
            continue
        at = family[name]
        seen[at] += 1
        where[at] = place[code]
        score = int(Decimal(row["score"]) * UNIT)
        if int(row["persons"]) != task.demand[at, 0] or score != task.points[at, place[code]]:
            findings.append(Finding("verify_wrong_row", {"family": name}))
    for row in _csv(folder / "unplaced.csv"):
        if row["family"] in family:
            seen[family[row["family"]]] += 1
    for wrong in np.flatnonzero(seen != 1):
        findings.append(Finding("verify_not_once", {"family": task.families[wrong], "times": int(seen[wrong])}))
    return where


def _recount(task: _Task, where: Ints, said: dict[str, Any], findings: list[Finding]) -> int:
    """The points of the plan; pairs, capacities and decisions are checked on the way."""
    points, used = 0, np.zeros_like(task.capacity)
    for at, p in enumerate(map(int, where)):
        lock = task.lock[at]
        if lock is not None and lock != (STAYS if p == len(task.localities) else task.localities[p]):
            findings.append(Finding("verify_lock_broken", {"family": task.families[at], "locality": lock}))
        if p == len(task.localities):
            points += int(task.stay[at])
            continue
        used[p] += task.demand[at]
        points += int(task.points[at, p])
        if not task.pair[at, p]:
            findings.append(
                Finding("verify_not_eligible", {"family": task.families[at], "locality": task.localities[p]})
            )
    for place, r in np.argwhere(used > task.capacity):
        details: dict[str, object] = {
            "locality": task.localities[place], "resource": task.resources[r], "used": int(used[place, r]),
            "capacity": int(task.capacity[place, r]),
        }  # fmt: skip
        findings.append(Finding("verify_capacity_exceeded", details))
    missing = int(np.maximum(task.floor - used[:, 0], 0).sum())
    if missing != said["missing_persons"] or int((where == len(task.localities)).sum()) != said["unplaced_families"]:
        findings.append(Finding("verify_counts", {"missing": missing}))
    return points - task.missing * missing


def _recount_bound(task: _Task, folder: Path, said: dict[str, Any], findings: list[Finding]) -> int:
    """What the published prices prove, locality by locality: no plan can have more points."""
    rows = sorted(_csv(folder / "prices.csv"), key=lambda row: row["locality"])
    if [row["locality"] for row in rows] != task.localities:
        findings.append(Finding("verify_prices_incomplete", {}))
        return int(said["price_bound"])
    best = task.stay.copy()
    lock = _lock_positions(task)
    best[(lock >= 0) & (lock < len(rows))] = -(2**62)
    sizes = task.demand[:, 0]
    bound = 0
    for p, row in enumerate(rows):
        unit = np.array([int(Decimal(row[name]) * UNIT) for name in task.resources], dtype=np.int64)
        earned = int(Decimal(row["floor"]) * UNIT)
        if (unit < 0).any() or not 0 <= earned <= task.missing:
            findings.append(Finding("verify_price_out_of_range", {"locality": row["locality"]}))
        bound += int((unit * task.capacity[p]).sum()) - earned * int(task.floor[p])
        can = task.pair[:, p] & (task.demand <= task.capacity[p]).all(axis=1) & ((lock < 0) | (lock == p))
        value = task.points[:, p] - task.demand @ unit + sizes * earned
        best = np.where(can & (value > best), value, best)
    return bound + int(best.sum())


def _lock_positions(task: _Task) -> Ints:
    """The locality decided for each family, P: stays, -1: nobody decided."""
    code = {name: at for at, name in enumerate(task.localities)} | {STAYS: len(task.localities)}
    return np.array([-1 if lock is None else code[lock] for lock in task.lock], dtype=np.int64)


def _check_claims(said: dict[str, Any], objective: int, bound: int, findings: list[Finding]) -> None:
    """Whether the certificate's numbers are those recounted."""
    if said["objective"] != objective:
        findings.append(Finding("verify_objective", {"said": said["objective"], "found": objective}))
    if said["price_bound"] != bound:
        findings.append(Finding("verify_bound", {"said": said["price_bound"], "found": bound}))
    claims = [said["price_bound"], *([] if said["search_bound"] is None else [said["search_bound"]])]
    proven = said["bound"] in (*claims, objective)
    if not proven or said["bound"] < objective:
        findings.append(Finding("verify_bound_without_proof", {"said": said["bound"]}))
    share = Decimal(said["bound"] - objective) / abs(said["bound"]) if said["bound"] else Decimal(0)
    if abs(Decimal(said["gap"]) - share) > Decimal("0.000001") or said["violations"]:
        findings.append(Finding("verify_gap", {"said": said["gap"]}))


def _checksum(task: _Task) -> str:
    """The SHA-256 of the task, written out as the certificate's was."""
    words = [task.families, task.localities, task.resources, task.missing, task.seed]
    code = {name: at for at, name in enumerate(task.localities)}
    ties = np.array([-1 if tie is None else code[tie] for tie in task.tie], dtype="<i4")
    parts = (
        task.demand.astype("<i4"), task.capacity.astype("<i8"), task.floor.astype("<i8"),
        np.where(task.pair, task.points, NO_PAIR).astype("<i4"), task.stay.astype("<i8"),
        _lock_positions(task).astype("<i4"), ties,
    )  # fmt: skip
    digest = hashlib.sha256(json.dumps(words, ensure_ascii=False).encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()
