"""The verbs on arrivals: assign a week's families to municipalities, distribute groups to reception facilities."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.carried import (
    BalancesFile,
    Facilities,
    OnKey,
    Stock,
    check_targets,
    read_balances,
    tell_balances,
    write_balances,
)
from stellwerk.cli.console import Json, Output
from stellwerk.texts import language_in_use, text


def assign(
    families: Annotated[Path, typer.Argument(metavar="FAMILIES", help=text("help_families"))],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=text("help_assign_output"))],
    on: OnKey = None,
    key: Annotated[str, typer.Option("--key", metavar="KEY", help=text("help_key"))] = "flueag",
    facilities: Facilities = None,
    stock: Stock = None,
    as_json: Json = False,
) -> None:
    """Assign a week's families to municipalities, by their fulfilment."""
    from stellwerk.tables import OutputFolderMissing, write_table

    if not output.is_dir():
        raise OutputFolderMissing(folder=output.as_posix())
    plan = console.workbench().assign(
        console.small_table(families, ("family", "persons", "joins"), ("persons",)),
        console.day_of(on) or dt.date.today(),
        key=key,
        stock=console.holdings(stock, "persons"),
        facilities=console.holdings(facilities, "places"),
    )
    places = plan.to_frame()
    write_table(plan.families(), output / "families.csv")
    write_table(places, output / "places.csv")
    write_table(plan.stock(), output / "stock.csv")
    receiving = places.filter(places["persons"] > 0)
    behind = places.filter(places["catch_up_persons"] > 0)
    if as_json:
        console.print_json({"persons": plan.persons, "places": receiving.height, "catch_up": behind["code"].to_list()})
        return
    typer.echo(
        text(
            "assigned",
            persons=console.count(plan.persons),
            families=console.count(len(plan.assigned)),
            places=console.count(receiving.height),
            folder=output.as_posix(),
        )
    )
    for reason, count in plan.families()["reason"].value_counts().sort("reason").iter_rows():
        typer.echo("  " + text(f"assigned_{reason}", families=console.count(count)))
    if behind.height:
        typer.echo(
            text("assigned_behind", places=console.count(behind.height), share=console.share(plan.catch_up_below))
        )


def easy(
    groups: Annotated[Path, typer.Argument(metavar="GROUPS", help=text("help_easy_groups"))],
    facilities: Annotated[Path, typer.Option("--facilities", metavar="FILE", help=text("help_easy_facilities"))],
    output: Output,
    on: OnKey = None,
    balances: BalancesFile = None,
    as_json: Json = False,
) -> None:
    """Assign arriving groups to reception facilities, with the criterion that decided."""
    import polars as pl

    from stellwerk.distribution.easy import EasyOrder
    from stellwerk.tables import write_table

    check_targets(output, balances)
    bench = console.workbench()
    order = EasyOrder.load(bench.tables)
    columns = ("code", "land", "places", "origins", "latitude", "longitude")
    run = bench.easy(
        console.small_table(groups, ("group", "persons", "origin", "reported_at"), ("persons",)),
        console.small_table(facilities, columns, ("places",)),
        console.day_of(on) or dt.date.today(),
        None if balances is None else read_balances(balances, order.key, bench),
    )
    frame = run.to_frame()
    write_table(frame, output)
    names = bench.tables.names("laender")
    write_balances(run.balances, names, balances)
    counted = frame.group_by("decided_by").agg(pl.len().alias("groups"), pl.col("persons").sum()).sort("decided_by")
    overfull = sorted(code for code, free in run.free.items() if free < 0)
    if as_json:
        console.print_json({"decided_by": counted.to_dicts(), "overfull": overfull})
        return
    labels = {item.criterion: item.label.in_language(language_in_use()) for item in order.order}
    for decided_by, count, persons in counted.iter_rows():
        line = text("easy_decided", groups=console.count(count), persons=console.count(persons), by=labels[decided_by])
        typer.echo(line)
    if overfull:
        typer.echo(text("easy_overfull", facilities=overfull))
    tell_balances(run.balances, balances)
