"""The verbs on briefs: run one or many, say what may be asked, list and compare what was run, read forms back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json
from stellwerk.errors import StellwerkError
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.briefs.batch_run import BatchRun
    from stellwerk.briefs.difference import Change
    from stellwerk.briefs.registry import BriefKind
    from stellwerk.briefs.run import BriefRun

INTERRUPTED = 130  # what shells call an end by interrupt
_SHOWN_FAILURES = 20
_SHORT = 24  # letters of a value in a comparison; digests are longer
_CHANGED_SHOWN = 8

BriefOutput = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help=text("help_brief_output"))]
To = Annotated[str, typer.Option("--to", metavar="FORMATS", help=text("help_to"))]
FOLDER = Path("build/briefs")

runs_app = typer.Typer(rich_markup_mode=None, help=text("help_runs"))


class BriefNotNamed(StellwerkError):
    """Neither a brief nor a run is named."""


def brief(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=text("help_brief_name"))] = None,
    parameter: Annotated[list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help=text("help_p"))] = None,
    scenario: Annotated[str | None, typer.Option("-f", metavar="SCENARIO", help=text("help_f"))] = None,
    to: To = "html",
    output: BriefOutput = FOLDER,
    from_ledger: Annotated[
        str | None, typer.Option("--from-ledger", metavar="RUN", help=text("help_from_ledger"))
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help=text("help_schema"))] = False,
    help_params: Annotated[bool, typer.Option("--help-params", help=text("help_help_params"))] = False,
    as_json: Json = False,
) -> None:
    """Run a brief and say where it lies, or say what it may be asked."""
    from stellwerk.briefs.registry import BRIEFS, brief_kind

    if from_ledger is not None:
        _again(from_ledger, output, as_json)
        return
    if name is None:
        raise BriefNotNamed(known=sorted(BRIEFS))
    kind = brief_kind(name)
    if schema:
        console.print_json(kind.schema())
        return
    if help_params:
        _tell_parameters(kind, as_json)
        return
    values = dict(console.name_and_value(item) for item in parameter or ())
    formats = tuple(part.strip() for part in to.split(",") if part.strip())
    with console.progress_of(text("brief_running", name=name), quiet=as_json) as progress:
        run = console.workbench().brief(name, values, scenario=scenario, output=output, to=formats, progress=progress)
    if as_json:
        console.print_json(_as_json(run))
    else:
        _tell(run)


def briefs(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help=text("help_batch"))],
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, max=256, help=text("help_jobs"))] = None,
    resume: Annotated[bool, typer.Option("--resume", help=text("help_resume"))] = False,
    isolation: Annotated[
        str | None, typer.Option("--isolation", metavar="fork|kernel", help=text("help_isolation"))
    ] = None,
    to: To = "html",
    output: BriefOutput = FOLDER,
    as_json: Json = False,
) -> None:
    """Run many briefs; one that fails stops no other."""
    formats = tuple(part.strip() for part in to.split(",") if part.strip())
    with console.progress_of(text("briefs_running"), quiet=as_json) as progress:
        run = console.workbench().briefs(
            batch, output=output, jobs=jobs, resume=resume, isolation=isolation, to=formats, progress=progress
        )
    if as_json:
        console.print_json(_batch_as_json(run))
    else:
        _tell_batch(run)
    if run.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FINDINGS if run.failed else DONE)


@runs_app.callback(invoke_without_command=True)
def runs(context: typer.Context, as_json: Json = False) -> None:
    """The ledger of runs."""
    from dataclasses import asdict

    if context.invoked_subcommand is not None:
        return
    entries = console.workbench().ledger().entries()
    if as_json:
        console.print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        asked = ", ".join(f"{key}={value}" for key, value in entry.parameters.items() if value is not None)
        typer.echo(f"{entry.id}  {entry.started}  {entry.brief}  {entry.seconds} s  {asked}")
    if not entries:
        typer.echo(text("runs_none"))


@runs_app.command("diff", help=text("help_runs_diff"))
def runs_diff(
    first: Annotated[str, typer.Argument(metavar="RUN", help=text("help_run"))],
    second: Annotated[str, typer.Argument(metavar="RUN", help=text("help_run"))],
    as_json: Json = False,
) -> None:
    """In what two runs of one brief differ."""
    from stellwerk.briefs.difference import difference

    ledger = console.workbench().ledger()
    found = difference(ledger.entry(first), ledger.entry(second))
    if as_json:
        console.print_json(found.as_json())
        return
    for part in ("parameters", "figures", "law", "inputs"):
        changes = getattr(found, part)
        if changes:
            typer.echo(text(f"runs_diff_{part}"))
            for change in changes:
                typer.echo("  " + _change(change))
    typer.echo(text("runs_diff_same" if found.same_results else "runs_diff_other", files=len(found.outputs)))


def capacities(
    forms: Annotated[list[Path], typer.Argument(metavar="FORM...", help=text("help_forms"))],
    output: console.Output,
    as_json: Json = False,
) -> None:
    """Read the forms that municipalities have filled in, and write the register of capacities."""
    from stellwerk.tables import check_table_suffix, write_table

    check_table_suffix(output)
    found = console.workbench().capacities(console.existing(forms))
    write_table(found.table, output)
    findings = [finding.message() for finding in found.findings]
    if as_json:
        console.print_json({"municipalities": found.table.height, "findings": findings, "file": output.as_posix()})
    else:
        typer.echo(text("capacities_done", count=console.count(found.table.height), file=output.as_posix()))
        for finding in findings:
            typer.echo("  " + finding, err=True)
    raise typer.Exit(FINDINGS if findings else DONE)


def _again(run_id: str, output: Path, as_json: bool) -> None:
    with console.progress_of(text("brief_running", name=run_id), quiet=as_json) as progress:
        again = console.workbench().brief_again(run_id, output=output, progress=progress)
    if as_json:
        told = {"repeats": again.before.id, "changed": again.changed, "differing": again.differing}
        console.print_json({**_as_json(again.run), **told})
    else:
        _tell(again.run)
        if again.changed:
            names = list(again.changed[:_CHANGED_SHOWN])
            typer.echo(text("again_changed", run=again.before.id, names=names, more=_more(len(again.changed))))
        else:
            typer.echo(text("again_unchanged", run=again.before.id))
        key = "again_differs" if again.differing else "again_same"
        typer.echo(text(key, files=list(again.differing)))
    raise typer.Exit(FINDINGS if again.changed or again.differing else DONE)


def _more(count: int) -> str:
    return text("and_more", count=count - _CHANGED_SHOWN) if count > _CHANGED_SHOWN else ""


def _tell(run: BriefRun) -> None:
    typer.echo(text("brief_done", file=run.html.as_posix(), data=run.data_folder.as_posix()))
    for path in run.exports:
        typer.echo(path.as_posix())


def _as_json(run: BriefRun) -> dict[str, object]:
    exports = [path.as_posix() for path in run.exports]
    paths = {"html": run.html.as_posix(), "data": run.data_folder.as_posix(), "exports": exports}
    return {**paths, "run": run.ledger_entry.id}


def _tell_parameters(kind: BriefKind, as_json: bool) -> None:
    rows = kind.table()
    if as_json:
        console.print_json(rows)
        return
    typer.echo(f"{kind.name}: {kind.title()}")
    for row in rows:
        default = (
            text("parameter_required") if row["required"] else text("parameter_default", value=_shown(row["default"]))
        )
        typer.echo(f"  {row['name']}\n      {row['meaning']}; {row['form']}; {default}")
    typer.echo(text("parameters_scenario", scenario=kind.scenario))


def _shown(value: object) -> str:
    return text("parameter_nothing") if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _tell_batch(run: BatchRun) -> None:
    counts = {"ran": len(run.ran), "left": len(run.left), "failed": len(run.failed)}
    typer.echo(text("briefs_done", **{name: console.count(number) for name, number in counts.items()}))
    typer.echo(text("briefs_index", file=run.index.as_posix()))
    for number, failure in sorted(run.failed.items())[:_SHOWN_FAILURES]:
        varied = ", ".join(f"{name}={value}" for name, value in run.batch.wanted[number].varied.items())
        typer.echo(f"  {varied}: {failure.message}", err=True)
    if len(run.failed) > _SHOWN_FAILURES:
        typer.echo("  " + text("and_more", count=console.count(len(run.failed) - _SHOWN_FAILURES)), err=True)
    if run.interrupted:
        typer.echo(text("briefs_interrupted", missing=console.count(run.missing)), err=True)


def _batch_as_json(run: BatchRun) -> dict[str, object]:
    wanted = run.batch.wanted
    failed = [
        {"parameters": dict(wanted[number].varied), "cell": failure.cell, "message": failure.message}
        for number, failure in sorted(run.failed.items())
    ]
    return {
        "index": run.index.as_posix(),
        "ran": [run.ran[number].id for number in sorted(run.ran)],
        "left": [run.left[number].id for number in sorted(run.left)],
        "failed": failed,
        "missing": run.missing,
    }


def _change(change: Change) -> str:
    first, second = (
        ("–" if value is None or value == "" else value[:_SHORT]) for value in (change.first, change.second)
    )
    sign = "" if change.by.startswith("-") or not change.by else "+"
    return f"{change.name}: {first} → {second}" + (f" ({sign}{change.by})" if change.by else "")
