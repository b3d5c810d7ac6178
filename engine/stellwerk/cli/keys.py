"""The verbs on keys: divide a number by a key, set keys side by side."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import Json
from stellwerk.texts import language_in_use, text

Columns = Annotated[list[str] | None, typer.Option("--column", metavar="INPUT=COLUMN", help=text("help_column"))]


def distribute(
    key: Annotated[str, typer.Argument(metavar="KEY", help=text("help_key"))],
    persons: Annotated[str, typer.Argument(metavar="PERSONS", help=text("help_persons"))],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on_key"))] = None,
    redistribution: Annotated[str | None, typer.Option("--redistribution", help=text("help_redistribution"))] = None,
    columns: Columns = None,
    facilities: Annotated[
        Path | None, typer.Option("--facilities", metavar="FILE", help=text("help_facilities"))
    ] = None,
    stock: Annotated[Path | None, typer.Option("--stock", metavar="FILE", help=text("help_stock"))] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))] = None,
    as_json: Json = False,
) -> None:
    """Divide a number of persons by a key."""
    from stellwerk.tables import check_table_suffix, write_table

    if output is not None:
        check_table_suffix(output)
    day = console.day_of(on) or dt.date.today()
    found = console.workbench().distribute(
        key,
        console.whole_number(persons),
        day,
        redistribution=redistribution,
        columns=console.chosen(columns),
        facilities=console.holdings(facilities, "places"),
        stock=console.holdings(stock, "persons"),
    )
    frame = found.to_frame()
    if output is not None:
        write_table(frame, output)
    if as_json:
        console.print_json(
            {
                "key": found.key_id,
                "on": found.on.isoformat(),
                "total": found.total,
                "basis": found.basis,
                "evidence": found.evidence,
                "choices": found.choices,
                "persons": found.persons,
            }
        )
        return
    console.print_frame(frame)
    for note in found.notes:
        typer.echo(note[language_in_use()])
    typer.echo(
        text(
            "distributed",
            persons=console.count(found.total),
            key=found.label[language_in_use()],
            day=console.date(found.on),
        )
    )
