"""The command line: every verb by name, and what happens to a mistake.

Exit code 0: done. 1: done, with findings (quarantined rows, failed examples). 2: wrong use or input, said in one
sentence. `--json` prints for machines.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from stellwerk import __version__
from stellwerk.cli import (
    arrivals,
    briefs,
    budget,
    cases,
    keys,
    law,
    notebooks,
    parity,
    places,
    reception,
    solidarity,
    why,
)
from stellwerk.cli.console import DONE, WRONG
from stellwerk.errors import StellwerkError
from stellwerk.texts import text

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=text("help_app"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
register_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=text("help_register"))

app.command("check", help=text("help_check"))(law.check)
app.command("show", help=text("help_show"))(law.show)
app.add_typer(register_app, name="register")
register_app.command("synth", help=text("help_register_synth"))(cases.register_synth)
register_app.command("check", help=text("help_register_check"))(cases.register_check)
app.command("apply", help=text("help_apply"))(cases.apply)
app.command("explain", help=text("help_explain"))(cases.explain)
app.command("compare", help=text("help_compare"))(cases.compare)
app.command("parity", help=text("help_parity"))(parity.parity)
_NUMBERS_MAY_BE_NEGATIVE = {"ignore_unknown_options": True}  # -5 is a number here, and is refused as one
app.command("distribute", help=text("help_distribute"), context_settings=_NUMBERS_MAY_BE_NEGATIVE)(keys.distribute)
app.command("keys", help=text("help_keys"))(keys.keys)
app.command("assign", help=text("help_assign"))(arrivals.assign)
app.command("easy", help=text("help_easy"))(arrivals.easy)
app.add_typer(places.places_app, name="place")
app.command("why", help=text("help_why"))(why.why)
app.command("reception", help=text("help_reception"))(reception.reception)
app.command("budget", help=text("help_budget"))(budget.budget)
app.command("solidarity", help=text("help_solidarity"))(solidarity.solidarity)
app.command("chain", help=text("help_chain"), context_settings=_NUMBERS_MAY_BE_NEGATIVE)(solidarity.chain)
app.command("brief", help=text("help_brief"))(briefs.brief)
app.command("briefs", help=text("help_briefs"))(briefs.briefs)
app.command("capacities", help=text("help_capacities"))(briefs.capacities)
app.add_typer(briefs.runs_app, name="runs")
app.command("lab", help=text("help_lab"))(notebooks.lab)
app.command("serve", help=text("help_serve"))(notebooks.serve)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help=text("help_version"))] = False) -> None:
    """Print the version."""
    if show:
        typer.echo(f"Stellwerk {__version__}")
        raise typer.Exit(DONE)


def main() -> NoReturn:
    """Run the command line; what the user can mend is one sentence and exit code 2."""
    try:
        app()
    except StellwerkError as error:
        typer.echo(error.message(), err=True)
        sys.exit(WRONG)
    sys.exit(DONE)
