"""The verbs on Europe: compute a pool year under a scenario, divide a number from the Union down to a municipality."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stellwerk.cli import console
from stellwerk.cli.console import Json
from stellwerk.errors import StellwerkError, nearest
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    import polars as pl

    from stellwerk.distribution.solidarity.relocation import Proof
    from stellwerk.distribution.solidarity.year import Year
    from stellwerk.europe import Europe, Top
    from stellwerk.workbench import Workbench

WORKBOOK = ".xlsx"
PLAN = "relocation"


class UnknownSolidarityTable(StellwerkError):
    """No table of a pool year has this name."""


class LinksWithoutFamilies(StellwerkError):
    """Links of families, but no families."""


class OutputNeitherWorkbookNorFolder(StellwerkError):
    """The output is a file of another kind than a workbook."""


class PlaceNotInChain(StellwerkError):
    """No place of the chain has this code or name."""


def solidarity(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help=text("help_solidarity_scenario"))],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help=text("help_solidarity_p"))
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="TABLE", help=text("help_solidarity_table"))
    ] = None,
    families: Annotated[
        Path | None, typer.Option("--families", metavar="FILE", help=text("help_solidarity_families"))
    ] = None,
    links: Annotated[Path | None, typer.Option("--links", metavar="FILE", help=text("help_solidarity_links"))] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE|DIR", help=text("help_solidarity_output"))
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute a year of the solidarity pool."""
    if links is not None and families is None:
        raise LinksWithoutFamilies()
    if output is not None and output.suffix not in ("", WORKBOOK):
        raise OutputNeitherWorkbookNorFolder(file=output.name)
    bench = console.workbench()
    changes = dict(console.name_and_value(item) for item in parameter or ())
    year = bench.europe.year(scenario, changes)
    tables = bench.europe.year_tables(year)
    proof = None
    if families is not None:
        tables[PLAN], proof = _relocated(bench, year, families, links)
    for name in table or ():
        if name not in tables:
            raise UnknownSolidarityTable(table=name, near=nearest(name, tables), known=list(tables))
    if output is not None:
        _write(tables, output)
    if as_json:
        console.print_json({name: _plain(tables[name]) for name in table or tables})
        return
    if table:
        for name in table:
            console.print_frame(tables[name])
        return
    _tell(year, tables, scenario)
    if proof is not None:
        _tell_plan(tables[PLAN], proof)
    if output is not None:
        typer.echo(text("solidarity_written", file=output.as_posix()))


def chain(
    persons: Annotated[str, typer.Argument(metavar="PERSONS", help=text("help_chain_persons"))],
    to: Annotated[str | None, typer.Option("--to", metavar="PERSONS", help=text("help_chain_to"))] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("help_on_key"))] = None,
    key: Annotated[list[str] | None, typer.Option("--key", metavar="LEVEL=KEY", help=text("help_chain_key"))] = None,
    place: Annotated[list[str] | None, typer.Option("--place", metavar="PLACE", help=text("help_chain_place"))] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=text("help_output"))] = None,
    as_json: Json = False,
) -> None:
    """Divide a number from the Union down to the municipalities."""
    from stellwerk.distribution.chain import side_by_side
    from stellwerk.tables import check_table_suffix, write_table

    if output is not None:
        check_table_suffix(output)
    europe = console.workbench().europe
    day = console.day_of(on) or dt.date.today()
    keys = dict(console.name_and_value(item) for item in key or ())
    before = europe.chain(_top(europe, persons), day, keys)
    after = before if to is None else europe.chain(_top(europe, to), day, keys)
    frame = before.to_frame() if to is None else side_by_side(before, after)
    if place:
        frame = _of_places(frame, place, before.path)
    if output is not None:
        write_table(frame, output)
    if as_json:
        console.print_json(_plain(frame))
        return
    console.print_frame(frame)
    for one in (before,) if to is None else (before, after):
        typer.echo(text("chain_top", total=console.count(one.total), day=console.date(day)))


def _top(europe: Europe, said: str) -> Top:
    """A number, or what the states take in under the scenario of that name."""
    return europe.year(said).relocated if said in europe.scenarios() else console.whole_number(said)


def _relocated(bench: Workbench, year: Year, families: Path, links: Path | None) -> tuple[pl.DataFrame, Proof]:
    import polars as pl

    plan, proof = bench.europe.relocate(
        _cells(families), year.places, None if links is None else _cells(links), year.leaving
    )
    return pl.from_pandas(plan), proof


def _cells(path: Path) -> pl.DataFrame:
    """A small table with every cell as text."""
    import polars as pl

    from stellwerk.register.sheets import TableSource, as_text, read_cells

    known = frozenset({"family_id", "persons", "state", "excluded", "strength"})
    cells = read_cells(TableSource(path), known)
    return pl.DataFrame([as_text(cells.frame[f"c{i}"]).alias(name) for i, name in enumerate(cells.headers)])


def _write(tables: Mapping[str, pl.DataFrame], output: Path) -> None:
    from stellwerk.tables import whole_folder, write_table, write_workbook

    if output.suffix == WORKBOOK:
        write_workbook(tables, output)
        return
    with whole_folder(output, lambda name: name.endswith(".csv")) as folder:
        for name, frame in tables.items():
            write_table(frame, folder / f"{name}.csv")


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON; amounts stay exact as text."""
    return frame.to_dicts()


def _of_places(frame: pl.DataFrame, places: list[str], path: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    known = {*frame["code"], *frame["name"]}
    for place in places:
        if place not in known:
            raise PlaceNotInChain(place=place, near=nearest(place, known))
    wanted = [*places, *path]
    return frame.filter(pl.col("code").is_in(wanted) | pl.col("name").is_in(wanted))


def _tell(year: Year, tables: Mapping[str, pl.DataFrame], scenario: str) -> None:
    """The year on a screen."""
    from stellwerk import formats

    spoken = language_in_use()
    shown = year.scenario
    typer.echo(
        text(
            "solidarity_head",
            title=shown.title.in_language(spoken),
            day=console.date(shown.on),
            price=formats.euro(year.price, spoken),
            receipt=formats.euro(year.receipt, spoken),
        )
    )
    for step in tables["waterfall"].iter_rows(named=True):
        change = formats.number(step["persons"], spoken)
        typer.echo(f"  {step['label']:<48}{change:>9}{formats.number(step['left'], spoken):>9}")
    if shown.reported is not None and shown.reported.paid != "rest":
        persons = shown.reported.relocated + shown.reported.paid / formats.exact(year.price, 2)
        typer.echo(text("solidarity_reported", persons=formats.number(persons, spoken), source=shown.reported.source))
    _tell_models(year, spoken)
    _tell_refusers(year, spoken)
    assumed = sum(1 for item in year.assumptions if item.evidence == "modelling_choice")
    typer.echo(text("solidarity_assumptions", count=len(year.assumptions), assumed=assumed, scenario=scenario))
    typer.echo(shown.note.in_language(spoken))


def _tell_models(year: Year, spoken: str) -> None:
    from stellwerk import formats

    relocated = sum(choice.relocated for choice in year.choices)
    paid = formats.exact(sum(choice.paid for choice in year.choices), 0)
    typer.echo(text("solidarity_choice", relocated=console.count(relocated), paid=formats.euro(paid, spoken)))
    if year.target_price is None:
        typer.echo(
            text("solidarity_target_missed", target=console.count(year.target), reachable=console.count(year.reachable))
        )
    else:
        price = formats.euro(year.target_price.price, spoken)
        typer.echo(text("solidarity_target", target=console.count(year.target), price=price))
    gain = sum(trade.gain for trade in year.market.trades)
    typer.echo(
        text("solidarity_market", price=formats.euro(year.market.price, spoken), gain=formats.euro(gain, spoken))
    )


def _tell_refusers(year: Year, spoken: str) -> None:
    from stellwerk import formats

    for refuser in year.refusers:
        least = refuser.threat.least_withheld_share
        if refuser.threat.complies:
            verdict = text("solidarity_would_comply")
        elif least is None:
            verdict = text("solidarity_would_refuse_always")
        else:
            verdict = text("solidarity_would_refuse", share=formats.share(least, spoken, 2))
        bill, loss = (formats.euro(amount, spoken) for amount in (refuser.threat.bill, refuser.threat.expected_loss))
        state = year.names[refuser.code]
        typer.echo(text("solidarity_refuser", state=state, bill=bill, loss=loss, verdict=verdict))
    if year.refusers:
        instrument = year.instrument
        typer.echo(
            text(
                "solidarity_instrument",
                label=instrument.label.in_language(spoken),
                status=text(f"instrument_{instrument.status}"),
                effect=instrument.effect.in_language(spoken),
                source=instrument.source,
            )
        )


def _tell_plan(plan: pl.DataFrame, proof: Proof) -> None:
    typer.echo(
        text(
            "solidarity_relocated",
            persons=console.count(proof.persons),
            waiting=console.count(int(plan["persons"].sum())),
            states=console.count(plan["to"].drop_nulls().n_unique()),
            links=console.count(proof.links),
            bound=console.count(proof.links_bound),
        )
    )
