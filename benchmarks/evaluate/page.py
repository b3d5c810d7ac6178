"""The results of a run as a page: engines beside each other, the full rulebook, growth.

Goes in: machine and rows as `run` writes them into `results.json`. Comes out: Markdown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_OWN_DATES = "own_dates"  # read otherwise than the other sizes
_BESIDE = "columns"  # the engine that all others are compared with
_SHOWN = {
    "columns": "Stellwerk columns, three values and evidence",
    "reference": "Stellwerk reference, case by case, full reasons",
    "polars": "polars by hand, its own date functions",
    "polars_tuned": "polars by hand, tuned: small types, dates looked up in tables",
    "polars_evidence": "polars by hand, tuned, three values and evidence",
    "numpy": "NumPy by hand",
    "duckdb": "DuckDB SQL by hand",
    "openfisca": "OpenFisca-Core",
    "zen": "zen-engine, batch",
    "durable": "durable-rules",
}


def markdown(found: Mapping[str, Any]) -> str:
    """The page."""
    rows: list[Row] = list(found["rows"])
    engines = [row for row in rows if "checksum" in row]
    parts = [row for row in rows if "part" in row]
    missing = [row for row in rows if "missing" in row]
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    left_out = [f"Missing: {_cell(row['asked'])} ({_cell(row['missing'])})" for row in missing]
    blocks = [machine, *_of_engines(engines), *_of_parts(parts), *left_out]
    return "\n\n".join(blocks) + "\n"


def growth(points: Sequence[tuple[int, float]]) -> float:
    """The exponent of time over size: the slope through the points' logarithms."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    rise: float = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    spread: float = sum((x - mean_x) ** 2 for x, _ in logs)
    return rise / spread


def _of_engines(rows: Sequence[Row]) -> Iterable[str]:
    """A table a size; the last column says how many times as fast our columns are, by processor time."""
    for size in dict.fromkeys(row["cases"] for row in rows):
        here = [row for row in rows if row["cases"] == size]
        ours = next((row for row in here if row["engine"] == _BESIDE), None)
        cells = [
            [
                _SHOWN[row["engine"]],
                _versions(row["versions"]),
                row["wall_seconds"],
                row["cpu_seconds"],
                f"{row['cases_per_second']:,}",
                f"{row['cases_per_cpu_second']:,}",
                row["added_mb"],
                _times(ours["wall_seconds"], row["wall_seconds"]) if ours else "",
                _times(ours["cpu_seconds"], row["cpu_seconds"]) if ours else "",
            ]
            for row in here
        ]
        header = ["engine", "versions", "wall s", "CPU s", "cases/s", "cases/CPU s", "MB added"]
        yield f"### {size:,} cases\n\n" + _table([*header, "ours is faster, wall", "CPU"], cells)


def _of_parts(rows: Sequence[Row]) -> Iterable[str]:
    if not rows:
        return
    cells = [
        [
            f"{row['part']} {' '.join(row['arguments'])}",
            row["wall_seconds"],
            row["cpu_seconds"],
            row["peak_mb"],
            ", ".join(f"{name} {row[name]}" for name in _EXTRA if name in row),
        ]
        for row in rows
    ]
    yield "### Full rulebook\n\n" + _table(["part", "wall s", "CPU s", "MB at most", "beside"], cells)
    for part in ("register", "applied"):
        alike = (row for row in rows if row["part"] == part and _OWN_DATES not in row["arguments"])
        points = [(row["cases"], row["cpu_seconds"]) for row in alike]
        if len(points) > 1:
            yield f"{part}: CPU time grows with the power {growth(points):.2f} of the cases"


_EXTRA = ("rules", "columns", "child_rows", "changed_rules", "loading_alone_seconds", "written_mb", "load")


def _times(ours: float, theirs: float) -> str:
    return f"{theirs / ours:.2f}"


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "/")
