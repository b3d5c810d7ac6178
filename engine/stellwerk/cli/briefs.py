"""The verbs on briefs: run one, list those that were run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import Json
from stellwerk.texts import text


def brief(
    name: Annotated[str, typer.Argument(metavar="NAME", help=text("help_brief_name"))],
    parameter: Annotated[list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help=text("help_p"))] = None,
    scenario: Annotated[str | None, typer.Option("-f", metavar="SCENARIO", help=text("help_f"))] = None,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=text("help_brief_output"))] = Path(
        "build/briefs"
    ),
    as_json: Json = False,
) -> None:
    """Run a brief and say where it lies."""
    values = dict(console.name_and_value(item) for item in parameter or ())
    with console.progress_of(text("brief_running", name=name), quiet=as_json) as progress:
        run = console.workbench().brief(name, values, scenario=scenario, output=output, progress=progress)
    if as_json:
        console.print_json(
            {"html": run.html.as_posix(), "data": run.data_folder.as_posix(), "run": run.ledger_entry.id}
        )
    else:
        typer.echo(text("brief_done", file=run.html.as_posix(), data=run.data_folder.as_posix()))


def runs(as_json: Json = False) -> None:
    """The ledger of runs."""
    from dataclasses import asdict

    entries = console.workbench().ledger().entries()
    if as_json:
        console.print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        changed = ", ".join(f"{key}={value}" for key, value in entry.parameters.items())
        typer.echo(f"{entry.id}  {entry.started}  {entry.brief}  {entry.seconds} s  {changed}")
    if not entries:
        typer.echo(text("runs_none"))
