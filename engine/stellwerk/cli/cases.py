"""The verbs on cases: draw and check a register, apply the rules, explain one case, compare two rulebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import FINDINGS, CaseFile, ColumnMapping, Json, KnownOn, On, Output, Reforms, Rules, Subject
from stellwerk.errors import StellwerkError
from stellwerk.texts import text

_CASES = "case"


class NothingToCompare(StellwerkError):
    """Neither a reform nor a changed parameter is named."""


class DirtyNeedsFolder(StellwerkError):
    """A dirty register is wanted in a single file."""


def register_synth(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR|FILE", help=text("help_synth_output"))],
    cases: Annotated[str | None, typer.Option("--cases", metavar="N", help=text("help_cases"))] = None,
    year: Annotated[int, typer.Option("--year", metavar="YEAR", help=text("help_year"))] = 2022,
    seed: Annotated[int, typer.Option("--seed", metavar="SEED", help=text("help_seed"))] = 2022,
    dirty: Annotated[bool, typer.Option("--dirty", help=text("help_dirty"))] = False,
) -> None:
    """Draw a synthetic register."""
    from stellwerk.register.faults import with_faults
    from stellwerk.register.write import file_names, holds_child_tables, write_dirty_register, write_register
    from stellwerk.tables import write_table

    bench, with_children = console.workbench(), holds_child_tables(output)
    if dirty and output.suffix:
        raise DirtyNeedsFolder(file=output.name)
    frame = bench.synthetic_cases(console.whole_number(cases) if cases is not None else None, year, seed)
    names = file_names(bench.vocabulary, _CASES)
    if not with_children:
        write_table(frame, output)
        typer.echo(text("register_drawn", persons=console.count(frame.height), file=output.as_posix()))
        typer.echo(text("register_drawn_without", tables=list(bench.vocabulary.child_tables(_CASES))))
        return
    tables = {_CASES: frame, **bench.synthetic_children(frame, year, seed)}
    if dirty:
        write_dirty_register(with_faults(tables, bench.vocabulary, _CASES, seed), output, names)
    else:
        write_register(tables, output, names)
    typer.echo(text("register_drawn", persons=console.count(frame.height), file=output.as_posix()))
    for name, table in tables.items():
        typer.echo("  " + text("register_drawn_table", table=names[name], rows=console.count(table.height)))


def register_check(
    file: CaseFile,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help=text("help_output_dir"))] = None,
    mapping: ColumnMapping = None,
    subject: Subject = "case",
    as_json: Json = False,
) -> None:
    """Validate a register; with -o, write what is clean, what is quarantined, and the report."""
    from dataclasses import asdict

    from stellwerk.register.write import file_names, write_reading

    bench = console.workbench()
    reading = bench.read_register(file, subject, mapping=mapping)
    if output is not None:
        write_reading(reading, output, file_names(bench.vocabulary, subject))
    if as_json:
        console.print_json(asdict(reading.report))
    else:
        console.tell_reading(reading)
    raise typer.Exit(console.exit_code(reading))


def apply(
    file: CaseFile,
    output: Output,
    on: On = None,
    reform: Reforms = None,
    rule: Rules = None,
    known_on: KnownOn = None,
    subject: Subject = "case",
    mapping: ColumnMapping = None,
    engine: Annotated[str, typer.Option("--engine", metavar="ENGINE", help=text("help_engine"))] = "auto",
    evidence: Annotated[bool, typer.Option("--evidence", help=text("help_evidence"))] = False,
) -> None:
    """Apply the rules to every case of a register."""
    from stellwerk.application import Wish, apply_file

    days = console.day_of(on), console.day_of(known_on)
    names = tuple(rule) if rule else None
    wish = Wish(days[0], tuple(reform or ()), days[1], names, subject, engine, evidence)
    with console.progress_of(text("apply_running"), quiet=False) as told:
        found = apply_file(console.workbench(), file, output, wish, mapping=mapping, progress=told)
    for reading in found.readings:
        console.tell_quarantine(reading)
    for notice in found.notices:
        typer.echo(notice, err=True)
    typer.echo(text("apply_done", cases=console.count(found.cases), file=output.as_posix()))
    codes = (console.exit_code(reading) for reading in found.readings)
    raise typer.Exit(FINDINGS if found.notices else max(codes))


def explain(
    file: CaseFile,
    case: Annotated[str, typer.Option("--case", metavar="ID", help=text("help_case"))],
    rule: Rules = None,
    on: On = None,
    reform: Reforms = None,
    known_on: KnownOn = None,
    subject: Subject = "case",
    mapping: ColumnMapping = None,
) -> None:
    """Print the reasons for one case of a register, or of the result of a run."""
    from stellwerk.application import explain_result, has_record
    from stellwerk.reports import explanation

    bench, day, known_day = console.workbench(), console.day_of(on), console.day_of(known_on)
    if has_record(file):
        found, book = explain_result(bench, file, case, rule)
        typer.echo("\n\n".join(explanation(item, book) for item in found))
        return
    reading = bench.read_register(file, subject, mapping=mapping)
    book = bench.rulebook(reform or (), known_day)
    row, children = bench.one_case(reading.clean, reading.children, case, subject)
    blocks = [
        explanation(
            bench.explain(row, case, name, children=children, on=day, reforms=reform or (), known_on=known_day), book
        )
        for name in bench.rules_of(subject, rule, book)
    ]
    typer.echo("\n\n".join(blocks))


def compare(
    file: CaseFile,
    with_reform: Annotated[list[str] | None, typer.Option("--with", metavar="REFORM", help=text("help_with"))] = None,
    change: Annotated[list[str] | None, typer.Option("--set", metavar="P=VALUE@DATE", help=text("help_set"))] = None,
    base: Annotated[list[str] | None, typer.Option("--base", metavar="REFORM", help=text("help_base"))] = None,
    on: On = None,
    rule: Rules = None,
    by: Annotated[list[str] | None, typer.Option("--by", metavar="ATTRIBUTE", help=text("help_by"))] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))] = None,
    affected: Annotated[Path | None, typer.Option("--affected", metavar="FILE", help=text("help_affected"))] = None,
    mapping: ColumnMapping = None,
    as_json: Json = False,
) -> None:
    """Who is affected, from which outcome to which, and why."""
    import polars as pl

    from stellwerk.tables import check_table_suffix, write_table

    for file_out in (output, affected):
        if file_out is not None:
            check_table_suffix(file_out)
    if not with_reform and not change:
        raise NothingToCompare()
    bench, day = console.workbench(), console.day_of(on)
    changes = dict(console.change_of(written) for written in change or ())
    reading = bench.read_register(file, mapping=mapping)
    found = bench.comparison(
        reading.clean,
        children=reading.children,
        on=day,
        base=base or (),
        reforms=with_reform or base or (),
        changes=changes,
        rules=rule,
    )
    flows = found.flows(bench.attributes_of(by or (), reading.clean))
    if output is not None:
        write_table(flows, output)
    if affected is not None:
        write_table(bench.with_ids(found.affected(), reading.clean), affected)
    if as_json:
        console.print_json(flows.to_dicts())
    else:
        console.print_frame(flows.filter(pl.col("outcome_base") != pl.col("outcome_reform")))
    console.tell_quarantine(reading)
    raise typer.Exit(console.exit_code(reading))
