"""The verbs on places: place families in municipalities, and check a plan that somebody hands in.

`stellwerk place FILE -o DIR` places a register, `stellwerk place --instance FOLDER -o DIR` a plain folder of tables,
`stellwerk place decide DIR DECISIONS -o DIR` plans again around what officers have decided, and
`stellwerk place verify DIR` recounts a plan.
"""

from __future__ import annotations

import datetime as dt
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json, On
from stellwerk.errors import StellwerkError
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.distribution.placement.plan import Plan
    from stellwerk.distribution.placement.solve import Progress

COST_PLACES = 2
PLACE, DECIDE, VERIFY = "place", "decide", "verify"


class RegisterOrInstance(StellwerkError):
    """Neither a register nor an instance folder is given, or both are."""


class ScenarioWithoutRegister(StellwerkError):
    """A scenario is given for an instance folder, which holds its weights and capacities itself."""


class NumberNotUnderstood(StellwerkError):
    """A number on the command line that is none."""


class PlaceByDefault(TyperGroup):
    """A group whose first word may be left out: what is not `verify` is a register to be placed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb in front where it was left out."""
        asks_for_help = bool(args) and args[0] in ctx.help_option_names
        if args and args[0] not in self.commands and not asks_for_help:
            args = [PLACE, *args]
        return super().parse_args(ctx, args)


Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=text("help_place_output"))]
Seconds = Annotated[str | None, typer.Option("--seconds", metavar="S", help=text("help_place_seconds"))]
Gap = Annotated[str | None, typer.Option("--gap", metavar="SHARE", help=text("help_place_gap"))]
Neighbourhoods = Annotated[
    int | None, typer.Option("--neighbourhoods", metavar="N", help=text("help_place_neighbourhoods"))
]

Scenario = Annotated[str | None, typer.Option("--scenario", metavar="SCENARIO", help=text("help_place_scenario"))]

places_app = typer.Typer(cls=PlaceByDefault, no_args_is_help=True, rich_markup_mode=None, help=text("help_place"))


@places_app.command(PLACE, help=text("help_place"))
def place(
    output: Output,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help=text("help_place_file"))] = None,
    instance: Annotated[
        Path | None, typer.Option("--instance", metavar="FOLDER", help=text("help_place_instance"))
    ] = None,
    on: On = None,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help=text("help_key"))] = None,
    scenario: Scenario = None,
    seconds: Seconds = None,
    gap: Gap = None,
    neighbourhoods: Neighbourhoods = None,
    as_json: Json = False,
) -> None:
    """Place the families of a register in municipalities, or those of an instance folder in its localities."""
    if (file is None) == (instance is None):
        raise RegisterOrInstance()
    if instance is not None and scenario is not None:
        raise ScenarioWithoutRegister
    given = _wishes(seconds, gap, neighbourhoods)
    _make(output)
    if instance is not None:
        _place_instance(instance, output, given, as_json)
    elif file is not None:
        _place_register(file, output, console.day_of(on) or dt.date.today(), key, scenario, given, as_json)


@places_app.command(DECIDE, help=text("help_place_decide"))
def decide(
    plan: Annotated[Path, typer.Argument(metavar="DIR", help=text("help_place_decide_plan"))],
    decisions: Annotated[Path, typer.Argument(metavar="DECISIONS", help=text("help_place_decisions"))],
    output: Output,
    seconds: Seconds = None,
    gap: Gap = None,
    neighbourhoods: Neighbourhoods = None,
    as_json: Json = False,
) -> None:
    """Keep what officers decided for single families, plan everybody else again, and say what each decision costs."""
    from stellwerk.distribution.placement.decisions import read_decisions
    from stellwerk.distribution.placement.plan import as_score
    from stellwerk.distribution.placement.plan_folder import write_plan
    from stellwerk.distribution.placement.solve import SolverSettings, solve
    from stellwerk.tables import write_table

    settings = SolverSettings().with_wishes(_wishes(seconds, gap, neighbourhoods))
    review, wanted = console.workbench().review(plan), read_decisions(decisions)
    _make(output)
    with _watched(as_json) as (progress, stop):
        found = review.decide(wanted, lambda task: solve(task, settings, progress, stop))
    write_plan(found.plan, output, review.names, None)
    write_table(found.ledger, output / "decisions.csv")
    _tell(found.plan, output, as_json)
    if not as_json:
        costs = {"cost": as_score(found.cost), "most": as_score(found.cost_at_most)}
        shown = {name: console.decimal(value, COST_PLACES) for name, value in costs.items()}
        typer.echo(text("place_decided", count=console.count(len(wanted)), **shown))


@places_app.command(VERIFY, help=text("help_place_verify"))
def verify(
    plan: Annotated[Path, typer.Argument(metavar="DIR", help=text("help_place_verify_plan"))],
    as_json: Json = False,
) -> None:
    """Recount a plan with a checker that shares no code with what made it."""
    from stellwerk.distribution.placement.verify import verify as recount

    verdict = recount(plan)
    sentences = [text(finding.key, None, **finding.details) for finding in verdict.findings]
    if as_json:
        content: dict[str, Any] = {
            "holds": verdict.holds, "findings": sentences, "objective": verdict.objective,
            "price_bound": verdict.price_bound, "search_bound": verdict.search_bound,
            "families": verdict.families, "unplaced": verdict.unplaced,
        }  # fmt: skip
        console.print_json(content)
        raise typer.Exit(DONE if verdict.holds else FINDINGS)
    if not verdict.holds:
        typer.echo(text("verify_fails", count=console.count(len(sentences))))
        for sentence in sentences:
            typer.echo("  " + sentence)
        raise typer.Exit(FINDINGS)
    amounts = {name: console.count(getattr(verdict, name)) for name in ("families", "unplaced", "objective")}
    typer.echo(text("verify_holds", bound=console.count(verdict.price_bound), **amounts))
    if verdict.search_bound is not None:
        closer = console.count(verdict.search_bound)
        typer.echo(text("verify_resting", bound=closer, proven=console.count(verdict.price_bound)))


def _place_instance(folder: Path, output: Path, given: dict[str, Any], as_json: bool) -> None:
    from stellwerk.distribution.placement.folder import names_of, read_instance
    from stellwerk.distribution.placement.plan_folder import write_plan
    from stellwerk.distribution.placement.solve import SolverSettings, solve

    settings = SolverSettings().with_wishes(given)
    with _watched(as_json) as (progress, stop):
        plan = solve(read_instance(folder), settings, progress, stop)
    write_plan(plan, output, names_of(folder), folder)
    _tell(plan, output, as_json)


def _place_register(
    file: Path, output: Path, on: dt.date, key: str | None, scenario: str | None, given: dict[str, Any], as_json: bool
) -> None:
    from stellwerk.distribution.placement.plan_folder import write_plan
    from stellwerk.distribution.placement.scenario import load_placement_scenario
    from stellwerk.tables import write_table

    bench = console.workbench()
    asked = None if scenario is None else load_placement_scenario(scenario, bench.params)
    reading = bench.read_register(file)
    with _watched(as_json) as (progress, stop):
        found = bench.place(reading.clean, on=on, key=key, scenario=asked, solver=given, progress=progress, stop=stop)
    write_plan(found.plan, output, found.names, None)
    write_table(found.placements, output / "fits.csv")
    _tell(found.plan, output, as_json)
    console.tell_quarantine(reading)
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)


def _wishes(seconds: str | None, gap: str | None, neighbourhoods: int | None) -> dict[str, Any]:
    """The settings of the search that are given on the command line."""
    wishes = {"seconds": _decimal(seconds), "target_gap": _decimal(gap), "neighbourhoods": neighbourhoods}
    return {name: value for name, value in wishes.items() if value is not None}


def _make(folder: Path) -> None:
    """Make the folder for the plan where it does not exist yet; the one around it must."""
    from stellwerk.tables import OutputFolderMissing

    if not folder.is_dir():
        if not folder.parent.is_dir() or folder.exists():
            raise OutputFolderMissing(folder=folder.as_posix())
        folder.mkdir()


def _tell(plan: Plan, output: Path, as_json: bool) -> None:
    """Say what came out, and why families stay."""
    import polars as pl

    from stellwerk.distribution.placement import outcome
    from stellwerk.distribution.placement.plan_folder import certificate_as_data

    waiting = outcome.unplaced(plan)
    unplaced = int(waiting["persons"].sum())
    placed = int(plan.instance.sizes.sum()) - unplaced
    if as_json:
        console.print_json({**certificate_as_data(plan.certificate), "persons": placed, "unplaced_persons": unplaced})
        return
    typer.echo(
        text(
            "place_done",
            persons=console.count(placed),
            families=console.count(len(plan.placed)),
            places=console.count(len(set(plan.where[plan.placed].tolist()))),
            unplaced=console.count(unplaced),
            gap=console.share(plan.certificate.gap),
            folder=output.as_posix(),
        )
    )
    for reason, persons in waiting.group_by("reason").agg(pl.col("persons").sum()).sort("reason").iter_rows():
        said = text(f"unplaced_{reason}", need="")
        typer.echo("  " + text("place_unplaced", persons=console.count(persons), reason=said))
    typer.echo(text(f"place_stopped_{plan.certificate.stopped_by}"))


@contextmanager
def _watched(quiet: bool) -> Iterator[tuple[Callable[[Progress], None], Callable[[], bool]]]:
    """Show the gap while the search goes on, on a terminal only; the first Ctrl-C ends the search with what it has."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)

    def show(now: Progress) -> None:
        reached = "…" if now.gap is None else console.share(now.gap)
        typer.echo(f"\r{text('place_progress', seconds=f'{now.seconds:.0f}', gap=reached):<70}", nl=False, err=True)

    before = signal.signal(signal.SIGINT, ask)
    shown = not quiet and sys.stderr.isatty()
    try:
        yield (show if shown else lambda _: None), lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
        if shown:
            typer.echo("\r" + " " * 70 + "\r", nl=False, err=True)


def _decimal(written: str | None) -> Decimal | None:
    """A number of the command line, with point or comma; percent where it says so."""
    if written is None:
        return None
    share = written.strip().removesuffix("%").strip().replace(",", ".")
    try:
        number = Decimal(share)
    except ArithmeticError:
        raise NumberNotUnderstood(value=written) from None
    return number / 100 if written.strip().endswith("%") else number
