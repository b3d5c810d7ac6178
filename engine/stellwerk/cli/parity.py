"""The verb that holds the engines against each other on cases made for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json, On, Reforms, Rules
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.audit.parity import Difference, Parity

_SHOWN = ("outcome", "until", "until_event_day_excluded", "amount", "ask_for", "version", "met", "unknown")
_MOST_SHOWN = 5  # differences whose case is printed as an example; the others are in the file and in --json


def parity(
    engine: Annotated[
        list[str] | None, typer.Option("--engine", metavar="ENGINE", help=text("help_parity_engine"))
    ] = None,
    rule: Rules = None,
    cases: Annotated[str, typer.Option("--cases", metavar="N", help=text("help_parity_cases"))] = "300",
    seed: Annotated[int, typer.Option("--seed", metavar="SEED", min=0, help=text("help_parity_seed"))] = 1,
    on: On = None,
    reform: Reforms = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help=text("help_parity_output"))
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold the engines against each other on generated cases."""
    from stellwerk.audit.parity import Sample

    bench, day, number = console.workbench(), console.day_of(on), console.whole_number(cases)
    with console.progress_of(text("parity_progress"), quiet=as_json) as progress:
        found = bench.parity(
            engine or (), reforms=reform or (), rules=rule, sample=Sample(number, seed), on=day, progress=progress
        )
    files = _written(found, output) if output is not None else []
    if as_json:
        console.print_json(_as_data(found, files))
    else:
        _tell(found, files)
    raise typer.Exit(FINDINGS if found.differences else DONE)


def _written(found: Parity, folder: Path) -> list[Path]:
    """Each rule's cases as a file of examples in the folder."""
    from stellwerk.audit.witness import as_examples
    from stellwerk.tables import write_text

    folder.mkdir(parents=True, exist_ok=True)
    by_rule: dict[str, list[Difference]] = {}
    for difference in found.differences:
        by_rule.setdefault(difference.rule, []).append(difference)
    files = []
    for rule, differences in by_rule.items():
        files.append(folder / f"{rule}.parity.cases.yaml")
        write_text(as_examples([difference.witness for difference in differences]), files[-1])
    return files


def _as_data(found: Parity, files: list[Path]) -> dict[str, object]:
    return {
        "against": found.against,
        "cases": found.sample.cases,
        "seed": found.sample.seed,
        "unknown": found.sample.unknown,
        "answers": found.answers,
        "compared": [{"subject": one.subject, "rules": one.rules, "cases": one.cases} for one in found.compared],
        "differences": [
            {
                "rule": one.rule,
                "engine": one.engine,
                "cases": one.cases,
                "parts": one.parts,
                "alone": one.alone,
                "facts": one.witness.facts,
                "expected": one.witness.expected,
                "found": one.witness.found,
            }
            for one in found.differences
        ],
        "notices": found.notices,
        "files": [file.as_posix() for file in files],
    }


def _tell(found: Parity, files: list[Path]) -> None:
    from stellwerk.audit.witness import as_examples

    sample = found.sample
    typer.echo(text("parity_sample", cases=console.count(sample.cases), seed=sample.seed))
    for one in found.compared:
        cases = ", ".join(f"{engine} {console.count(number)}" for engine, number in one.cases.items())
        typer.echo("  " + text("parity_compared", subject=one.subject, rules=console.count(one.rules), cases=cases))
    for notice in found.notices:
        typer.echo(notice, err=True)
    for difference in found.differences:
        typer.echo("")
        _tell_difference(difference)
    if found.differences:
        shown = [difference.witness for difference in found.differences[:_MOST_SHOWN]]
        typer.echo("\n" + as_examples(shown))
        if len(found.differences) > len(shown):
            typer.echo(text("parity_more", more=console.count(len(found.differences) - len(shown))))
        rules = len({difference.rule for difference in found.differences})
        typer.echo(text("parity_differs", rules=console.count(rules), answers=console.count(found.answers)))
    else:
        typer.echo(text("parity_agrees", answers=console.count(found.answers)))
    for file in files:
        typer.echo(text("parity_written", file=file.as_posix()))


def _tell_difference(difference: Difference) -> None:
    witness = difference.witness
    typer.echo(
        text(
            "parity_difference",
            rule=difference.rule,
            engine=difference.engine,
            against=difference.against,
            cases=console.count(difference.cases),
            parts=list(difference.parts),
        )
    )
    if not difference.alone:
        typer.echo("  " + text("parity_not_alone"))
    for name in _SHOWN:
        expected, found = witness.expected.get(name), witness.found.get(name)
        if expected != found:
            typer.echo("  " + text("parity_part", part=name, expected=_shown(expected), found=_shown(found)))


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
