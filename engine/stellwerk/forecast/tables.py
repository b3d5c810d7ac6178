"""Which tables does a forecast consist of, and how are they written to a folder?

In go a forecast, where wanted its spread, and a language for the labels; out come frames by name, and a folder of CSV
files that takes its place whole.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from stellwerk.flows.backtest import misses
from stellwerk.flows.montecarlo import Spread
from stellwerk.forecast.run import Forecast
from stellwerk.tables import whole_folder, write_table

NAMES = (
    "movements",
    "stocks",
    "facilities",
    "terms",
    "assumptions",
    "published",
    "spread",
    "municipal_people",
    "municipal_places",
    "municipal_projects",
    "municipal_credits",
    "return_cases",
    "return_capacity",
    "detention_places",
    "quotas",
    "partnerships",
)


def tables_of(found: Forecast, spread: Spread | None, language: str) -> dict[str, pl.DataFrame]:
    """The tables that this forecast has, by name in the order of NAMES."""
    municipal, returns = found.municipal, found.returns
    made = {
        "movements": found.reception.movements,
        "stocks": found.reception.stocks,
        "facilities": found.reception.facilities,
        "terms": found.terms,
        "assumptions": found.reception.assumption_frame(language),
        "published": published_misses(found),
        "spread": None if spread is None else spread.weeks,
        "municipal_people": None if municipal is None else municipal.people,
        "municipal_places": None if municipal is None else municipal.places,
        "municipal_projects": None if municipal is None else municipal.projects,
        "municipal_credits": found.credits,
        "return_cases": None if returns is None else returns.cases,
        "return_capacity": None if returns is None else returns.capacity,
        "detention_places": None if returns is None else returns.detention,
        "quotas": found.quotas,
        "partnerships": found.partnerships,
    }
    return {name: frame for name in NAMES if (frame := made[name]) is not None}


def published_misses(found: Forecast) -> pl.DataFrame | None:
    """Published points beside the model's, where the scenario asks for the comparison."""
    return misses(found.reception, found.data.points) if found.scenario.compare_with_published else None


def write_forecast(found: Forecast, spread: Spread | None, folder: Path, language: str) -> None:
    """Write all tables as CSV into `folder`, whole or not at all."""
    with whole_folder(folder, lambda name: name in {f"{table}.csv" for table in NAMES}) as draft:
        for name, frame in tables_of(found, spread, language).items():
            write_table(frame, draft / f"{name}.csv")
