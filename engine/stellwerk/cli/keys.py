"""The verbs on keys: divide a number by a key, list the keys or set some side by side."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stellwerk.cli import console
from stellwerk.cli.carried import (
    BalancesFile,
    Facilities,
    OnKey,
    OptionalOutput,
    Stock,
    check_targets,
    read_balances,
    tell_balances,
    write_balances,
)
from stellwerk.cli.console import Json
from stellwerk.errors import StellwerkError
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from stellwerk.distribution.laboratory import Comparison, Intentions
    from stellwerk.distribution.quota import Distribution
    from stellwerk.documents import Labels
    from stellwerk.workbench import Workbench

ALL_SHOWN_UP_TO = 30  # places; of more, only those that gain and lose most are printed
MOST_CHANGED = 5

Columns = Annotated[list[str] | None, typer.Option("--column", metavar="INPUT=COLUMN", help=text("help_column"))]
Redistribution = Annotated[str | None, typer.Option("--redistribution", help=text("help_redistribution"))]


class WeightUnreadable(StellwerkError):
    """A weight on the command line that is no number."""


class WeightWithoutKey(StellwerkError):
    """Of several keys, the one whose weight should change is not named."""


class NothingToTest(StellwerkError):
    """Tests are wanted, but no key is named."""


def distribute(
    key: Annotated[str, typer.Argument(metavar="KEY", help=text("help_key"))],
    persons: Annotated[str, typer.Argument(metavar="PERSONS", help=text("help_persons"))],
    on: OnKey = None,
    redistribution: Redistribution = None,
    columns: Columns = None,
    weights: Annotated[
        list[str] | None, typer.Option("--weight", metavar="INPUT=VALUE", help=text("help_weight"))
    ] = None,
    facilities: Facilities = None,
    stock: Stock = None,
    balances: BalancesFile = None,
    output: OptionalOutput = None,
    as_json: Json = False,
) -> None:
    """Divide a number of persons by a key."""
    from stellwerk.tables import write_table

    check_targets(output, balances)
    bench = console.workbench()
    found = bench.distribute(
        key,
        console.whole_number(persons),
        console.day_of(on) or dt.date.today(),
        redistribution=redistribution,
        columns=console.chosen(columns),
        weights=_weights(console.chosen(weights)),
        facilities=console.holdings(facilities, "places"),
        stock=console.holdings(stock, "persons"),
        balances=None if balances is None else read_balances(balances, key, bench),
    )
    frame = found.to_frame()
    if output is not None:
        write_table(frame, output)
    write_balances(found.carried, found.names, balances)
    if as_json:
        console.print_json(_as_json(found))
        return
    console.print_frame(frame)
    for note in found.notes:
        typer.echo(note[language_in_use()])
    typer.echo(
        text(
            "distributed",
            persons=console.count(found.total),
            key=found.label[language_in_use()],
            day=console.date(found.on),
        )
    )
    tell_balances(found.carried, balances)


def keys(
    names: Annotated[list[str] | None, typer.Argument(metavar="[KEY...]", help=text("help_keys_names"))] = None,
    persons: Annotated[str, typer.Option("--persons", metavar="N", help=text("help_persons"))] = "10000",
    on: OnKey = None,
    year: Annotated[str | None, typer.Option("--data", metavar="YEAR", help=text("help_data_year"))] = None,
    redistribution: Redistribution = None,
    weights: Annotated[
        list[str] | None, typer.Option("--weight", metavar="KEY.INPUT=VALUE", help=text("help_weight_of"))
    ] = None,
    test: Annotated[bool, typer.Option("--test", help=text("help_key_test"))] = False,
    output: OptionalOutput = None,
    as_json: Json = False,
) -> None:
    """List the keys, or set some side by side."""
    from stellwerk.tables import write_table

    check_targets(output)
    bench, day = console.workbench(), console.day_of(on) or dt.date.today()
    if not names:
        if test:
            raise NothingToTest(known=list(bench.keys()))
        _list(bench, output, as_json)
        return
    found = bench.compare_keys(
        names,
        console.whole_number(persons),
        day,
        year=year,
        redistribution=redistribution,
        weights=_weights_by_key(console.chosen(weights)),
    )
    if output is not None:
        write_table(found.to_frame(), output)
    tests = [bench.test_key(name, day, year=year) for name in names] if test else []
    if as_json:
        import dataclasses

        rows = {"places": found.to_frame().to_dicts(), "keys": found.summary().to_dicts()}
        console.print_json(rows | ({"tests": [dataclasses.asdict(item) for item in tests]} if test else {}))
        return
    console.print_frame(_shown(found))
    console.print_frame(found.summary())
    for name, made in found.made.items():
        for note in made.notes:
            typer.echo(f"{name}: {note.in_language(language_in_use())}")
    typer.echo(text("keys_compared", persons=console.count(found.persons), day=console.date(day), base=found.base))
    for item in tests:
        _tell_test(item, found)


def _weights(written: Mapping[str, str]) -> dict[str, Decimal]:
    """The weights, each a number with a point or a comma."""
    return {name: _weight(value) for name, value in written.items()}


def _weights_by_key(written: Mapping[str, str]) -> dict[str, dict[str, Decimal]]:
    """The weights of KEY.INPUT by key and input."""
    by_key: dict[str, dict[str, Decimal]] = {}
    for name, value in written.items():
        key, _, of_input = name.rpartition(".")
        if not key:
            raise WeightWithoutKey(input=of_input, value=value)
        by_key.setdefault(key, {})[of_input] = _weight(value)
    return by_key


def _weight(value: str) -> Decimal:
    try:
        weight = Decimal(value.replace(",", "."))
    except InvalidOperation:
        raise WeightUnreadable(value=value) from None
    if not weight.is_finite():
        raise WeightUnreadable(value=value)
    return weight


def _as_json(found: Distribution) -> dict[str, object]:
    said = {
        "key": found.key_id,
        "on": found.on.isoformat(),
        "total": found.total,
        "basis": found.basis,
        "evidence": found.evidence,
        "choices": found.choices,
        "persons": found.persons,
    }
    if found.carried is None:
        return said
    return said | {"owed": {code: str(owed) for code, owed in found.carried.owed.items()}}


def _list(bench: Workbench, output: Path | None, as_json: bool) -> None:
    import polars as pl

    from stellwerk.tables import write_table

    language = language_in_use()
    rows = [
        {
            "key": name,
            "label": key.label.in_language(language),
            "whom": key.whom.in_language(language),
            "places": key.places,
            "status": key.status,
            "evidence": key.evidence,
        }
        for name, key in bench.keys().items()
    ]
    frame = pl.DataFrame(rows)
    if output is not None:
        write_table(frame, output)
    if as_json:
        console.print_json(rows)
        return
    console.print_frame(frame)


def _shown(found: Comparison) -> pl.DataFrame:
    """Persons and gains of all places where they are few, else of those that gain and lose most."""
    frame = found.to_frame()
    gains = [column for column in frame.columns if column.endswith(".gain")]
    persons = [column for column in frame.columns if column.endswith(".persons")]
    narrow = frame.select("code", "name", *sorted([*gains, *persons], key=frame.columns.index))
    if frame.height <= ALL_SHOWN_UP_TO:
        return narrow
    if not gains:
        return narrow.sort(persons[0], "code", descending=[True, False]).head(2 * MOST_CHANGED)
    changed = set()
    for gain in gains:
        ordered = narrow.sort(gain, "code", descending=[True, False])["code"]
        changed |= {*ordered.head(MOST_CHANGED), *ordered.tail(MOST_CHANGED)}
    return narrow.filter(narrow["code"].is_in(changed)).sort(gains[0], "code", descending=[True, False])


def _tell_test(tested: Intentions, found: Comparison) -> None:
    """What the tests of a key found, each with its witness."""
    names = found.made[found.base].names
    typer.echo(text("key_tested", key=tested.key, places=console.count(tested.tried)))
    for said in (_wrong_way(tested, names), _correction(tested, names), _ability(tested, names, found.ability_label)):
        if said:
            typer.echo(f"  {said}")


def _wrong_way(tested: Intentions, names: Mapping[str, str]) -> str:
    wrong = tested.wrong_way
    if wrong is None:
        return text("key_right_way") if tested.tried else ""
    before, after = console.share(wrong.before, 4), console.share(wrong.after, 4)
    return text("key_wrong_way", name=names[wrong.code], input=wrong.input, before=before, after=after)


def _correction(tested: Intentions, names: Mapping[str, str]) -> str:
    loses = tested.loses_by_correction
    if loses is None:
        return text("key_correction_helps") if tested.tried else ""
    return text(
        "key_loses_by_correction",
        name=names[loses.code],
        input=loses.input,
        value=console.decimal(loses.value, 1),
        mean=console.decimal(loses.mean, 1),
        without=console.share(loses.without, 4),
        share=console.share(loses.share, 4),
    )


def _ability(tested: Intentions, names: Mapping[str, str], measured_by: Labels | None) -> str:
    less = tested.carries_less
    if less is None or measured_by is None:
        return ""
    times = console.decimal(less.than_burden / less.burden, 1)
    label = measured_by.in_language(language_in_use())
    return text("key_carries_less", rich=names[less.code], poor=names[less.than], times=times, ability=label)
