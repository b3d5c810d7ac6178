"""The verb that asks a plan for its reasons: `stellwerk why PLAN --family ID`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stellwerk.cli import console
from stellwerk.cli.console import DONE, Json
from stellwerk.texts import language_in_use, text

if TYPE_CHECKING:
    from stellwerk.distribution.placement.counterfactual import Counterfactual
    from stellwerk.distribution.placement.reasons import Alternative, Reasons

STATE_FACILITY = "-"


def why(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help=text("help_why_plan"))],
    family: Annotated[str, typer.Option("--family", metavar="ID", help=text("help_why_family"))],
    to: Annotated[str | None, typer.Option("--to", metavar="PLACE", help=text("help_why_to"))] = None,
    prices: Annotated[Path | None, typer.Option("--prices", metavar="FILE", help=text("help_why_prices"))] = None,
    as_json: Json = False,
) -> None:
    """Tell why a family lives where it does, and what it would cost if it went elsewhere."""
    from stellwerk.reports.placement import Told
    from stellwerk.tables import check_table_suffix, write_table

    if prices is not None:
        check_table_suffix(prices)
    review = console.workbench().review(plan)
    reasons = review.why(family)
    target = None if to in (None, STATE_FACILITY) else review.locality_id(str(to))
    exception = None if to is None else review.exception_price(family, target)
    if prices is not None:
        write_table(review.price_list(), prices)
    if as_json:
        console.print_json(_as_data(reasons, exception))
        raise typer.Exit(DONE)
    told = Told(reasons, review.names, review.resource_labels, review.criterion_labels, language_in_use())
    for line in told.lines():
        typer.echo(line)
    if exception is not None:
        typer.echo("\n" + told.exception(target, exception))
    if prices is not None:
        typer.echo(text("why_prices_written", file=prices.as_posix()))
    raise typer.Exit(DONE)


def _as_data(reasons: Reasons, exception: Counterfactual | None) -> dict[str, Any]:
    """Everything for machines; values in points, ten thousand of them are a score of one."""

    def place(item: Alternative) -> dict[str, Any]:
        return {
            "locality": item.locality, "points": item.points, "charged": item.charged, "left": item.left,
            "rule": item.rule, "resources": item.resources, "criteria": dict(item.criteria),
        }  # fmt: skip

    data: dict[str, Any] = {
        "family": reasons.family,
        "persons": reasons.persons,
        "place": place(reasons.place),
        "charges": [
            {"resource": one.resource, "units": one.units, "price": one.price, "total": one.total}
            for one in reasons.charges
        ],
        "regret": reasons.regret,
        "price_regret": reasons.price_regret,
        "proposals": [place(item) for item in reasons.proposals],
        "better": [place(item) for item in reasons.better],
        "closed": dict(reasons.closed),
    }
    if exception is not None:
        data["exception"] = {
            "cost": exception.cost,
            "families_moved": len(exception.moved),
            "whole": exception.whole,
            "proven": exception.proven,
        }
    return data
