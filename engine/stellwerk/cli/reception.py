"""The verb on state reception: places over time, under which law, and how far it may come otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json, Reforms
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    from stellwerk.flows.montecarlo import Spread
    from stellwerk.forecast.run import Forecast

Runs = Annotated[int, typer.Option("--runs", metavar="N", min=0, help=text("help_reception_runs"))]
Seed = Annotated[int, typer.Option("--seed", metavar="S", min=0, help=text("help_reception_seed"))]
Folder = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help=text("help_reception_output"))]
LIMITS = ("target", "places")


def reception(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help=text("help_reception_scenario"))],
    runs: Runs = 0,
    seed: Seed = 2023,
    reform: Reforms = None,
    output: Folder = None,
    as_json: Json = False,
) -> None:
    """Compute a scenario of state reception, tell it and write its tables."""
    from stellwerk.tables import OutputFolderMissing

    if output is not None and not output.resolve().parent.is_dir():
        raise OutputFolderMissing(folder=output.parent.as_posix())
    bench = console.workbench()
    found = bench.reception(scenario, reforms=tuple(reform or ()))
    spread = None
    if runs:
        with console.progress_of(text("reception_running"), quiet=as_json) as progress:
            spread = bench.reception_spread(found, runs=runs, seed=seed, progress=progress)
    if output is not None:
        from stellwerk.forecast.tables import write_forecast

        write_forecast(found, spread, output, language_in_use())
    if as_json:
        console.print_json(as_data(found, spread))
    else:
        for line in told(found, spread):
            typer.echo(line)
        if output is not None:
            typer.echo(text("reception_written", folder=output.as_posix()))
    raise typer.Exit(FINDINGS if found.reception.exceedance("places") else DONE)


def told(found: Forecast, spread: Spread | None) -> Iterator[str]:
    """The result in sentences and small tables."""
    result, language = found.reception, language_in_use()
    weeks = result.facilities
    yield result.title.in_language(language)
    yield text("reception_period", first=console.date(weeks["week"][0]), last=console.date(weeks["week"][-1]))
    yield ""
    yield from _years(found)
    yield ""
    highest = weeks.row(int(weeks["occupied"].cast(float).arg_max() or 0), named=True)
    yield text(
        "reception_highest",
        persons=console.count(round(highest["occupied"])),
        week=console.date(highest["week"]),
        places=console.count(highest["active"]),
    )
    for limit in LIMITS:
        passed = result.exceedance(limit)
        if passed is None:
            yield text(f"reception_never_{limit}")
        else:
            yield text(
                f"reception_above_{limit}",
                week=console.date(passed.week),
                persons=console.count(round(passed.occupied)),
                allowed=console.count(round(passed.allowed)),
            )
    if spread is not None:
        yield from _spread(spread)
    yield from _published(found)
    yield from _sides(found)
    assumed = sum(item.is_assumed for item in result.assumptions)
    yield text("reception_assumptions", count=console.count(len(result.assumptions)), assumed=console.count(assumed))
    for item in result.assumptions:
        yield f"  {item.label.in_language(language)}: {item.shown(language)} [{item.grade(language)}] {item.source}"


def as_data(found: Forecast, spread: Spread | None) -> dict[str, Any]:
    """The result for machines; the weekly tables are what `-o` writes."""
    from stellwerk.forecast.tables import published_misses

    result, weeks = found.reception, found.reception.facilities
    published = published_misses(found)
    return {
        "scenario": result.scenario,
        "title": result.title.model_dump(),
        "first_week": weeks["week"][0].isoformat(),
        "weeks": weeks.height,
        "highest_occupied": str(weeks["occupied"].max()),
        "emergency_most": str(weeks["emergency"].max()),
        "exceeded": {
            limit: None if (passed := result.exceedance(limit)) is None else passed.week.isoformat() for limit in LIMITS
        },
        "spread": None if spread is None else _spread_data(spread),
        "published": None if published is None else published.to_dicts(),
        "assumptions": result.assumption_frame(language_in_use()).to_dicts(),
    }


def _years(found: Forecast) -> Iterator[str]:
    """A line a calendar year: who came and who left how."""
    import polars as pl

    from stellwerk.flows.results import DEPARTURES

    yearly = (
        found.reception.movements.group_by(pl.col("week").dt.year().alias("year"))
        .agg(pl.col("arrivals", *DEPARTURES).sum())
        .sort("year")
    )
    ends = found.reception.facilities.group_by(pl.col("week").dt.year().alias("year")).agg(pl.col("occupied").last())
    yield text("reception_year_head")
    for row in yearly.join(ends, on="year").sort("year").iter_rows(named=True):
        counts = {name: console.count(round(row[name])) for name in ("arrivals", *DEPARTURES, "occupied")}
        yield text("reception_year", year=row["year"], **counts)


def _spread(spread: Spread) -> Iterator[str]:
    worst = spread.weeks.row(int(spread.weeks["chance_above_places"].arg_max() or 0), named=True)
    yield ""
    yield text("reception_runs", runs=console.count(spread.runs), seed=spread.seed)
    yield "  " + text(
        "reception_needed",
        full=console.count(spread.places_needed["full"]),
        target=console.count(spread.places_needed["target"]),
    )
    yield "  " + text(
        "reception_chance",
        ever=_percent(spread.ever_exceeded["places"]),
        chance=_percent(worst["chance_above_places"]),
        week=console.date(worst["week"]),
    )
    last = spread.weeks.row(-1, named=True)
    yield "  " + text(
        "reception_fan",
        week=console.date(last["week"]),
        **{name: console.count(round(last[name])) for name in ("p05", "p50", "p95")},
    )


def _published(found: Forecast) -> Iterator[str]:
    from stellwerk.forecast.tables import published_misses

    published = published_misses(found)
    if published is None:
        return
    yield ""
    yield text("reception_published")
    for row in published.iter_rows(named=True):
        shown = _percent if row["measure"].startswith("occupancy") else lambda value: console.count(round(value))
        miss = (
            text("reception_bound_kept" if row["bound_kept"] else "reception_bound_broken")
            if row["miss_percent"] is None
            else text("reception_miss", percent=_signed(row["miss_percent"]))
        )
        yield "  " + text(
            "reception_point",
            day=console.date(row["to"]),
            measure=text(f"measure_{row['measure']}"),
            published=shown(row["published"]),
            model=shown(row["model"]),
            miss=miss,
        )


def _sides(found: Forecast) -> Iterator[str]:
    """One line each on municipal places, returns and legal routes, where the scenario has them."""
    yield ""
    if found.municipal is not None:
        last = found.municipal.places.row(-1, named=True)
        yield text(
            "reception_municipal",
            week=console.date(last["week"]),
            places=console.count(last["places"]),
            occupied=console.count(round(last["occupied"])),
            held=console.count(last["reserve_held"]),
            reserve=console.count(round(last["reserve_occupied"])),
            without=console.count(round(last["without_place"])),
        )
    if found.returns is not None:
        cases = found.returns.cases
        yield text(
            "reception_returns",
            removed=console.count(round(cases["removed"].sum())),
            voluntary=console.count(round(cases["voluntary"].sum())),
            state=console.count(round(found.reception.movements["removed"].sum())),
            detention=console.count(round(found.returns.detention["places"].sum() or 0)),
        )
    if found.quotas is not None:
        for row in found.quotas.iter_rows(named=True):
            key = "reception_quota_open" if row["used_up_on"] is None else "reception_quota_used_up"
            day = "" if row["used_up_on"] is None else console.date(row["used_up_on"])
            quota = "–" if row["quota"] is None else console.count(row["quota"])
            yield text(
                key, route=row["route"], year=row["year"], quota=quota, day=day, granted=console.count(row["granted"])
            )


def _spread_data(spread: Spread) -> dict[str, Any]:
    return {
        "runs": spread.runs,
        "seed": spread.seed,
        "places_needed_95": spread.places_needed,
        "ever_exceeded": spread.ever_exceeded,
        "first_exceeded_median": _iso(spread.first_exceeded),
        "weeks": spread.weeks.to_dicts(),
    }


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _percent(share: float) -> str:
    from stellwerk import formats

    return formats.share(share, language_in_use())


def _signed(percent: float) -> str:
    from stellwerk import formats

    return formats.difference(round(percent, 1), language_in_use(), 1)
