"""The verb on places: place families in municipalities."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, CaseFile, Json, On
from stellwerk.texts import text


def place(
    file: CaseFile,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=text("help_place_output"))],
    on: On = None,
    key: Annotated[str, typer.Option("--key", metavar="KEY", help=text("help_key"))] = "flueag",
    as_json: Json = False,
) -> None:
    """Place the families of a register in municipalities."""
    import polars as pl

    from stellwerk.tables import OutputFolderMissing, write_table, write_text

    if not output.is_dir():
        raise OutputFolderMissing(folder=output.as_posix())
    bench = console.workbench()
    reading = bench.read_register(file)
    plan = bench.place(reading.clean, on=console.day_of(on) or dt.date.today(), key=key)
    certificate = plan.certificate
    proof = {
        "objective": str(certificate.objective),
        "bound": str(certificate.bound),
        "gap": str(certificate.gap),
        "violations": certificate.violations,
        "stopped_by": certificate.stopped_by,
        "solver": certificate.solver,
        "seed": certificate.seed,
    }
    write_table(plan.placements, output / "placements.csv")
    write_table(plan.unplaced, output / "unplaced.csv")
    write_table(plan.places, output / "places.csv")
    write_text(json.dumps(proof, indent=2) + "\n", output / "certificate.json")
    unplaced = int(plan.unplaced.get_column("persons").sum())
    if as_json:
        console.print_json({**proof, "persons": reading.clean.height, "unplaced": unplaced})
    else:
        placed = int(plan.placements.get_column("persons").sum())
        typer.echo(
            text(
                "place_done",
                persons=console.count(placed),
                families=console.count(plan.placements.height),
                places=console.count(plan.placements.get_column("ags").n_unique()),
                unplaced=console.count(unplaced),
                gap=console.share(certificate.gap),
                folder=output.as_posix(),
            )
        )
        reasons = plan.unplaced.group_by("reason").agg(pl.col("persons").sum()).sort("reason")
        for reason, persons in reasons.iter_rows():
            typer.echo("  " + text("place_unplaced", persons=console.count(persons), reason=reason))
    console.tell_quarantine(reading)
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)
