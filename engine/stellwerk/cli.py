"""The command line: one verb a thing a user wants, each a few lines over the workbench.

Exit code 0: done. 1: done, with findings (quarantined rows, failed examples). 2: wrong use or input, said in one
sentence. `--json` prints for machines. Heavy rooms are entered only when a verb needs them, so that help is instant.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from stellwerk import __version__
from stellwerk.errors import StellwerkError, nearest
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    import polars as pl

    from stellwerk.register.read import RegisterReading
    from stellwerk.workbench import Workbench

DONE, FINDINGS, WRONG = 0, 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=text("help_app"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
register_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=text("help_register"))
app.add_typer(register_app, name="register")


class DateNotUnderstood(StellwerkError):
    """A date on the command line that is no day."""


class UnknownEngine(StellwerkError):
    """An engine that does not exist."""


class NothingByThatName(StellwerkError):
    """Neither a rule nor a parameter of that name."""


class OptionWithoutValue(StellwerkError):
    """A `-p` that is not name=value."""


class NotANumber(StellwerkError):
    """A number on the command line that is none."""


On = Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on"))]
Reforms = Annotated[list[str] | None, typer.Option("--reform", metavar="REFORM", help=text("help_reform"))]
Json = Annotated[bool, typer.Option("--json", help=text("help_json"))]
Rules = Annotated[list[str] | None, typer.Option("--rule", metavar="RULE", help=text("help_rule"))]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))]
CaseFile = Annotated[Path, typer.Argument(metavar="FILE", help=text("help_case_file"))]


def main() -> NoReturn:
    """Run the command line; what the user can mend is one sentence and exit code 2."""
    try:
        app()
    except StellwerkError as error:
        typer.echo(error.message(), err=True)
        sys.exit(WRONG)
    sys.exit(DONE)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help=text("help_version"))] = False) -> None:
    """Print the version."""
    if show:
        typer.echo(f"Stellwerk {__version__}")
        raise typer.Exit(DONE)


@app.command(help=text("help_check"))
def check(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help=text("help_check_paths"))] = None,
    as_json: Json = False,
) -> None:
    """Load the rulebook, which refuses what is wrong, and run the examples."""
    from stellwerk.evaluate.examples import example_files, run_examples

    bench = _workbench()
    book = bench.rulebook()
    files = example_files(bench.root) if not paths else _existing(paths)
    results = run_examples(bench.root, book, files)
    failed = [result for result in results if not result.passes]
    if as_json:
        _print_json(
            {
                "rules": len(book.rules),
                "versions": sum(len(rule.versions) for rule in book.rules.values()),
                "parameters": len(book.parameters),
                "rulebook_hash": book.hash,
                "examples": len(results),
                "failed": [
                    {"place": str(item.example.place), "example": item.example.name, "differences": item.differences}
                    for item in failed
                ],
            }
        )
    else:
        for item in failed:
            for what, expected, found in item.differences:
                words = text("check_difference", name=item.example.name, what=what, expected=expected, found=found)
                typer.echo(f"{item.example.place}: {words}")
        versions = sum(len(rule.versions) for rule in book.rules.values())
        typer.echo(
            text(
                "check_summary",
                rules=len(book.rules),
                versions=versions,
                parameters=len(book.parameters),
                passed=len(results) - len(failed),
                examples=len(results),
            )
        )
    raise typer.Exit(FINDINGS if failed else DONE)


@app.command(help=text("help_show"))
def show(
    name: Annotated[str, typer.Argument(metavar="RULE|PARAMETER", help=text("help_show_name"))],
    on: On = None,
    reform: Reforms = None,
) -> None:
    """Read a rule or a parameter with its history."""
    from stellwerk.reports import parameter_in_words, rule_in_words

    book = _workbench().rulebook(reform or ())
    day = _day(on)
    if name in book.rules:
        typer.echo(rule_in_words(book.rules[name], book, day))
    elif name in book.parameters:
        typer.echo(parameter_in_words(book.parameters[name], book, day))
    else:
        raise NothingByThatName(name=name, near=nearest(name, [*book.rules, *book.parameters]))


@register_app.command("synth", help=text("help_register_synth"))
def register_synth(
    output: Output,
    cases: Annotated[str | None, typer.Option("--cases", metavar="N", help=text("help_cases"))] = None,
    year: Annotated[int, typer.Option("--year", metavar="YEAR", help=text("help_year"))] = 2022,
    seed: Annotated[int, typer.Option("--seed", metavar="SEED", help=text("help_seed"))] = 2022,
) -> None:
    """Draw a synthetic register."""
    from stellwerk.tables import check_table_suffix, write_table

    check_table_suffix(output)
    frame = _workbench().synthetic_cases(_whole(cases) if cases is not None else None, year, seed)
    write_table(frame, output)
    typer.echo(text("register_drawn", persons=_count(frame.height), file=output.as_posix()))


@register_app.command("check", help=text("help_register_check"))
def register_check(
    file: CaseFile,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help=text("help_output_dir"))] = None,
    as_json: Json = False,
) -> None:
    """Validate a register; with -o, write what is clean, what is quarantined, and the report."""
    from dataclasses import asdict

    from stellwerk.register.read import write_reading

    reading = _workbench().read_register(file)
    if output is not None:
        write_reading(reading, output)
    if as_json:
        _print_json(asdict(reading.report))
    else:
        _tell_reading(reading)
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)


@app.command(help=text("help_apply"))
def apply(
    file: CaseFile,
    output: Output,
    on: On = None,
    reform: Reforms = None,
    rule: Rules = None,
    engine: Annotated[str, typer.Option("--engine", metavar="ENGINE", help=text("help_engine"))] = "auto",
) -> None:
    """Apply the rules to every case of a register."""
    from stellwerk.tables import check_table_suffix, write_table
    from stellwerk.workbench import ENGINES

    check_table_suffix(output)
    known = next((name for name in ENGINES if name == engine), None)
    if known is None:
        raise UnknownEngine(name=engine, near=nearest(engine, ENGINES), allowed=ENGINES)
    bench, day = _workbench(), _day(on)
    reading = bench.read_register(file)
    found = bench.determinations(reading.clean, on=day, reforms=reform or (), rules=rule, engine=known)
    write_table(found, output)
    _tell_quarantine(reading)
    typer.echo(text("apply_done", cases=_count(found.height), file=output.as_posix()))
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)


@app.command(help=text("help_explain"))
def explain(
    file: CaseFile,
    case: Annotated[str, typer.Option("--case", metavar="ID", help=text("help_case"))],
    rule: Rules = None,
    on: On = None,
    reform: Reforms = None,
) -> None:
    """Print the reasons for one case."""
    from stellwerk.reports import explanation

    bench, day = _workbench(), _day(on)
    reading = bench.read_register(file)
    book = bench.rulebook(reform or ())
    blocks = [
        explanation(bench.explain(reading.clean, case, name, on=day, reforms=reform or ()), book)
        for name in bench.rules_of("case", rule)
    ]
    typer.echo("\n\n".join(blocks))


@app.command(help=text("help_compare"))
def compare(
    file: CaseFile,
    with_reform: Annotated[list[str], typer.Option("--with", metavar="REFORM", help=text("help_with"))],
    base: Annotated[list[str] | None, typer.Option("--base", metavar="REFORM", help=text("help_base"))] = None,
    on: On = None,
    rule: Rules = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))] = None,
    as_json: Json = False,
) -> None:
    """Who is affected, from which outcome to which."""
    import polars as pl

    from stellwerk.tables import check_table_suffix, write_table

    if output is not None:
        check_table_suffix(output)
    bench, day = _workbench(), _day(on)
    reading = bench.read_register(file)
    flows = pl.from_pandas(bench.compare(reading.clean, on=day, base=base or (), reforms=with_reform, rules=rule))
    if output is not None:
        write_table(flows, output)
    _print_frame(flows.filter(pl.col("outcome_base") != pl.col("outcome_reform")) if not as_json else flows, as_json)
    _tell_quarantine(reading)
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)


@app.command(help=text("help_distribute"), context_settings={"ignore_unknown_options": True})  # -5 is a number here
def distribute(
    key: Annotated[str, typer.Argument(metavar="KEY", help=text("help_key"))],
    persons: Annotated[str, typer.Argument(metavar="PERSONS", help=text("help_persons"))],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on_key"))] = None,
    redistribution: Annotated[str | None, typer.Option("--redistribution", help=text("help_redistribution"))] = None,
    population_base: Annotated[str | None, typer.Option("--population-base", help=text("help_population"))] = None,
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
    day = _day(on) or dt.date.today()
    found = _workbench().distribute(
        key,
        _whole(persons),
        day,
        redistribution=redistribution,
        population_base=population_base,
        facilities=_holdings(facilities, "places"),
        stock=_holdings(stock, "persons"),
    )
    frame = found.to_frame()
    if output is not None:
        write_table(frame, output)
    if as_json:
        _print_json(
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
    _print_frame(frame, as_json=False)
    for note in found.notes:
        typer.echo(note[language_in_use()])
    typer.echo(
        text("distributed", persons=_count(found.total), key=found.label[language_in_use()], day=_date(found.on))
    )


@app.command(help=text("help_place"))
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
    bench = _workbench()
    reading = bench.read_register(file)
    plan = bench.place(reading.clean, on=_day(on) or dt.date.today(), key=key)
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
        _print_json({**proof, "persons": reading.clean.height, "unplaced": unplaced})
    else:
        placed = int(plan.placements.get_column("persons").sum())
        typer.echo(
            text(
                "place_done",
                persons=_count(placed),
                families=_count(plan.placements.height),
                places=_count(plan.placements.get_column("ags").n_unique()),
                unplaced=_count(unplaced),
                gap=_share(certificate.gap),
                folder=output.as_posix(),
            )
        )
        reasons = plan.unplaced.group_by("reason").agg(pl.col("persons").sum()).sort("reason")
        for reason, persons in reasons.iter_rows():
            typer.echo("  " + text("place_unplaced", persons=_count(persons), reason=reason))
    _tell_quarantine(reading)
    raise typer.Exit(FINDINGS if reading.quarantine.height else DONE)


@app.command(help=text("help_brief"))
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
    values = dict(_name_and_value(item) for item in parameter or ())
    with _progress(text("brief_running", name=name), quiet=as_json) as progress:
        run = _workbench().brief(name, values, scenario=scenario, output=output, progress=progress)
    if as_json:
        _print_json({"html": run.html.as_posix(), "data": run.data_folder.as_posix(), "run": run.ledger_entry.id})
    else:
        typer.echo(text("brief_done", file=run.html.as_posix(), data=run.data_folder.as_posix()))


@app.command(help=text("help_runs"))
def runs(as_json: Json = False) -> None:
    """The ledger of runs."""
    from dataclasses import asdict

    entries = _workbench().ledger().entries()
    if as_json:
        _print_json([asdict(entry) for entry in entries])
        return
    for entry in entries:
        changed = ", ".join(f"{key}={value}" for key, value in entry.parameters.items())
        typer.echo(f"{entry.id}  {entry.started}  {entry.brief}  {entry.seconds} s  {changed}")
    if not entries:
        typer.echo(text("runs_none"))


def _name_and_value(item: str) -> tuple[str, str]:
    name, sign, value = item.partition("=")
    if not sign or not name:
        raise OptionWithoutValue(option=item)
    return name.strip(), value


@contextmanager
def _progress(label: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, plain lines elsewhere, nothing where a machine reads."""
    if quiet:
        yield lambda done, total: None
        return
    if not sys.stderr.isatty():
        yield lambda done, total: typer.echo(f"{label} {done}/{total}", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _share(part: Decimal) -> str:
    from stellwerk import formats

    return formats.share(part, language_in_use(), 2)


def _date(day: dt.date) -> str:
    from stellwerk import formats

    return formats.date(day, language_in_use())


def _workbench() -> Workbench:
    from stellwerk.workbench import Workbench

    return Workbench.open()


def _day(written: str | None) -> dt.date | None:
    """A day as ISO (2023-01-31) or German (31.01.2023) text."""
    if written is None:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(written, form).date()
        except ValueError:
            continue
    raise DateNotUnderstood(value=written)


def _whole(written: str) -> int:
    try:
        return int(written.replace(".", "").replace("_", ""))
    except ValueError:
        raise NotANumber(value=written) from None


def _existing(paths: list[Path]) -> list[Path]:
    from stellwerk.documents import FileMissing
    from stellwerk.errors import Place

    for path in paths:
        if not path.is_file():
            raise FileMissing(Place(path.as_posix()))
    return paths


def _holdings(path: Path | None, number: str) -> pl.DataFrame | None:
    """A small table of places (stock, facilities) with its one column of whole numbers."""
    if path is None:
        return None
    import polars as pl

    from stellwerk.register.sheets import as_text, read_cells

    cells = read_cells(path, frozenset({"code", "facility", number}))
    columns = [as_text(cells.frame[f"c{position}"]).alias(name) for position, name in enumerate(cells.headers)]
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.col(number).cast(pl.Int64, strict=False)) if number in frame.columns else frame


def _tell_reading(reading: RegisterReading) -> None:
    report = reading.report
    typer.echo(
        text(
            "register_read",
            file=report.file,
            rows=_count(report.rows),
            clean=_count(report.clean),
            quarantined=_count(report.quarantined),
        )
    )
    _tell_quarantine(reading, rows=20)
    if report.ignored_columns:
        typer.echo(text("register_ignored", columns=report.ignored_columns))


def _tell_quarantine(reading: RegisterReading, rows: int = 5) -> None:
    if not reading.quarantine.height:
        return
    typer.echo(text("register_quarantined", rows=_count(reading.quarantine.height)), err=True)
    for row in reading.quarantine.head(rows).iter_rows(named=True):
        typer.echo("  " + text("register_row", row=row["row"], reason=row["reason"]), err=True)


def _count(number: int) -> str:
    from stellwerk import formats

    return formats.number(number, language_in_use())


def _print_frame(frame: pl.DataFrame, as_json: bool) -> None:
    import polars as pl

    if as_json:
        _print_json(frame.to_dicts())
        return
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True, fmt_str_lengths=60
    ):
        typer.echo(str(frame))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
