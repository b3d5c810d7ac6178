"""What the verbs that divide persons share: options, and balances read from and written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stellwerk.cli import console
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.distribution.balances import Balances
    from stellwerk.workbench import Workbench

CARRIED = ("key", "on", "code", "name", "received", "entitled", "owed")

OnKey = Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on_key"))]
Facilities = Annotated[Path | None, typer.Option("--facilities", metavar="FILE", help=text("help_facilities"))]
Stock = Annotated[Path | None, typer.Option("--stock", metavar="FILE", help=text("help_stock"))]
BalancesFile = Annotated[Path | None, typer.Option("--balances", metavar="FILE", help=text("help_balances"))]
OptionalOutput = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))]


def check_targets(*targets: Path | None) -> None:
    """Refuse an impossible file name before anything is computed."""
    from stellwerk.tables import check_table_suffix

    for target in targets:
        if target is not None:
            check_table_suffix(target)


def read_balances(path: Path, key: str, bench: Workbench) -> Balances:
    """The balances of the file; even ones where it does not exist yet."""
    from stellwerk.distribution.balances import Balances, balances_from
    from stellwerk.distribution.keys import find_key

    names = bench.tables.names(find_key(key, bench.tables).places)
    return (
        balances_from(console.small_table(path, CARRIED), key, names) if path.is_file() else Balances.even(key, names)
    )


def write_balances(balances: Balances | None, names: dict[str, str], path: Path | None) -> None:
    """Write the new balances over the old ones, whole or not at all."""
    from stellwerk.tables import write_table

    if balances is not None and path is not None:
        write_table(balances.to_frame(names), path)


def tell_balances(balances: Balances | None, path: Path | None) -> None:
    """Say how far the balances have come."""
    if balances is None or path is None:
        return
    persons = sum(account.received for account in balances.accounts.values())
    widest = max(abs(account.owed) for account in balances.accounts.values())
    typer.echo(
        text(
            "balances_written", file=path.as_posix(), persons=console.count(persons), widest=console.decimal(widest, 3)
        )
    )
