"""The verb on money: what a scenario costs, who bears it, and what stands behind a line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json, KnownOn, Reforms
from stellwerk.texts import language_in_use, text


def budget(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help=text("help_budget_scenario"))],
    year: Annotated[int | None, typer.Option("--year", metavar="YEAR", help=text("help_budget_year"))] = None,
    known_on: KnownOn = None,
    reform: Reforms = None,
    register: Annotated[
        Path | None, typer.Option("--register", metavar="FILE", help=text("help_budget_register"))
    ] = None,
    line: Annotated[str | None, typer.Option("--open", metavar="LINE", help=text("help_budget_open"))] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))] = None,
    as_json: Json = False,
) -> None:
    """Compute the budget of a scenario, show who bears what, or open one line."""
    from stellwerk.reports.budget import as_data, line_as_data, tell_budget, tell_line
    from stellwerk.tables import check_table_suffix, write_table

    if output is not None:
        check_table_suffix(output)
    bench = console.workbench()
    reading = bench.read_register(register) if register is not None else None
    costed = bench.budget(
        scenario,
        year=year,
        known_on=console.day_of(known_on),
        reforms=tuple(reform or ()),
        cases=reading.clean if reading is not None else None,
        children=reading.children if reading is not None else None,
        cases_name=register.name if register is not None else "",
    )
    language = language_in_use()
    if output is not None:
        write_table(costed.open_line(line) if line else costed.budget.frame(language), output)
    if as_json:
        console.print_json(line_as_data(costed, line, language) if line else as_data(costed, language))
    else:
        typer.echo(tell_line(costed, line, language) if line else tell_budget(costed, language))
        if output is not None:
            typer.echo(text("budget_written", file=output.as_posix()))
    if reading is not None:
        console.tell_quarantine(reading)
    gaps = line is None and bool(costed.budget.not_computed)
    quarantined = reading is not None and bool(reading.quarantine.height)
    raise typer.Exit(FINDINGS if gaps or quarantined else DONE)
