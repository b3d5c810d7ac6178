"""The verbs on the law itself: check it, read it.

`check` loads the rulebook, which refuses what is wrong, and runs the examples; `show` reads a part of it as prose.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, FINDINGS, Json, On, Reforms
from stellwerk.errors import StellwerkError, nearest
from stellwerk.texts import text

if TYPE_CHECKING:
    from stellwerk.evaluate.examples import ExampleResult
    from stellwerk.law.rulebook import Rulebook
    from stellwerk.reports.findings import Finding


class NothingByThatName(StellwerkError):
    """Neither a rule nor a parameter nor a listing of that name."""


def check(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help=text("help_check_paths"))] = None,
    as_json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help=text("help_check_html"))] = None,
) -> None:
    """Load the rulebook, which refuses what is wrong, run the examples, list what else is worth knowing."""
    from stellwerk.evaluate.examples import example_files, run_examples
    from stellwerk.reports.findings import findings

    bench = console.workbench()
    book = bench.rulebook()
    results = run_examples(bench.root, book, console.existing(paths) if paths else example_files(bench.root))
    notes = [] if paths else findings(book, results)
    failed = [result for result in results if not result.passes]
    if html is not None:
        from stellwerk.reports.page import rulebook_page
        from stellwerk.tables import write_text

        write_text(rulebook_page(book, results, notes), html)
    if as_json:
        console.print_json(_as_data(book, results, notes))
    else:
        _tell(book, results, notes)
    raise typer.Exit(FINDINGS if failed else DONE)


def _as_data(book: Rulebook, results: list[ExampleResult], notes: list[Finding]) -> dict[str, object]:
    failed = [result for result in results if not result.passes]
    return {
        "rules": len(book.rules),
        "versions": sum(len(rule.versions) for rule in book.rules.values()),
        "parameters": len(book.parameters),
        "rulebook_hash": book.hash,
        "examples": len(results),
        "failed": [
            {"place": str(item.example.place), "example": item.example.name, "differences": item.differences}
            for item in failed
        ],
        "information": [
            {"kind": note.kind, "name": note.name, "place": note.place, "message": note.message()} for note in notes
        ],
    }


def _tell(book: Rulebook, results: list[ExampleResult], notes: list[Finding]) -> None:
    failed = [result for result in results if not result.passes]
    for item in failed:
        for what, expected, found in item.differences:
            words = text("check_difference", name=item.example.name, what=what, expected=expected, found=found)
            typer.echo(f"{item.example.place}: {words}")
    if notes:
        typer.echo(text("check_information", count=len(notes)))
        for note in notes:
            typer.echo("  " + ": ".join(part for part in (note.place, note.message()) if part))
    typer.echo(
        text(
            "check_summary",
            rules=len(book.rules),
            versions=sum(len(rule.versions) for rule in book.rules.values()),
            parameters=len(book.parameters),
            passed=len(results) - len(failed),
            examples=len(results),
        )
    )


def show(
    name: Annotated[str, typer.Argument(metavar="RULE|PARAMETER|LISTING", help=text("help_show_name"))],
    on: On = None,
    reform: Reforms = None,
) -> None:
    """Read a rule, a parameter or a listing with its history."""
    from stellwerk.reports.rules import listing_in_words, parameter_in_words, rule_in_words

    bench = console.workbench()
    book = bench.rulebook(reform or ())
    day = console.day_of(on)
    if name in book.rules:
        typer.echo(rule_in_words(book.rules[name], book, day, base=bench.rulebook()))
    elif name in book.parameters:
        typer.echo(parameter_in_words(book.parameters[name], book, day))
    elif name in book.listings:
        typer.echo(listing_in_words(book.listings[name], book, day))
    else:
        near = nearest(name, [*book.rules, *book.parameters, *book.listings])
        raise NothingByThatName(name=name, near=near)
