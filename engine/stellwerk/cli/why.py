"""The verb that asks a plan for its reasons: `stellwerk why PLAN --family ID`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
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
_SHOWN = 10  # better places told on a terminal; `--json` holds all


def why(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help=text("help_why_plan"))],
    family: Annotated[str, typer.Option("--family", metavar="ID", help=text("help_why_family"))],
    to: Annotated[str | None, typer.Option("--to", metavar="PLACE", help=text("help_why_to"))] = None,
    prices: Annotated[Path | None, typer.Option("--prices", metavar="FILE", help=text("help_why_prices"))] = None,
    as_json: Json = False,
) -> None:
    """Tell why a family lives where it does, and what it would cost if it went elsewhere."""
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


@dataclass(frozen=True)
class Told:
    """The reasons in words of one language."""

    reasons: Reasons
    names: Mapping[str, str]
    """Id of a locality -> its name, where it has another one."""
    resources: Mapping[str, str]
    """Resource -> its label, where it has one."""
    criteria: Mapping[str, str]
    """Criterion -> its label, where it has one."""
    language: str

    def lines(self) -> Iterator[str]:
        """All of it, line by line."""
        yield from self._place()
        yield from self._charges()
        yield from self._proposals()
        yield from self._better()

    def exception(self, locality: str | None, found: Counterfactual) -> str:
        """What it would cost if the family went elsewhere; None is the state facility."""
        place = self._name(locality)
        if found.cost is None:
            return text("why_exception_impossible", self.language, place=place, rule=self._against(locality))
        key = {0: "why_moved_none", 1: "why_moved_one"}.get(len(found.moved), "why_moved")
        moved = text(key, self.language, count=len(found.moved))
        firm = "why_unproven" if not found.proven else "why_exact" if found.whole else "why_near"
        cost = text("why_exception", self.language, place=place, cost=self._score(found.cost), moved=moved)
        return f"{cost}\n{text(firm, self.language)}"

    def _place(self) -> Iterator[str]:
        place, persons = self.reasons.place, self.reasons.persons
        key = "why_one_person" if persons == 1 else "why_persons"
        count = text(key, self.language, count=persons)
        yield text(
            "why_title", self.language, family=self.reasons.family, persons=count, place=self._name(place.locality)
        )
        each = self._score(Decimal(place.points) / persons)
        yield text("why_fit", self.language, fit=self._score(place.points), each=each)
        for name, points in place.criteria.items():
            if points:
                yield f"  {self.criteria.get(name, name)}: {self._score(points)}"

    def _charges(self) -> Iterator[str]:
        if not self.reasons.charges:
            return
        yield "\n" + text("why_charges", self.language)
        for charge in self.reasons.charges:
            resource = self.resources.get(charge.resource, charge.resource)
            price, total = self._score(charge.price), self._score(charge.total)
            told = text("why_charge", self.language, resource=resource, units=charge.units, price=price, total=total)
            yield f"  {told}"
        yield text("why_left", self.language, left=self._score(self.reasons.place.left))

    def _proposals(self) -> Iterator[str]:
        yield "\n" + text("why_proposals", self.language)
        for rank, item in enumerate(self.reasons.proposals, start=1):
            values = {"fit": item.points, "price": item.charged, "left": item.left}
            shown = {name: self._score(points) for name, points in values.items()}
            told = text(
                "why_proposal",
                self.language,
                rank=rank,
                place=self._name(item.locality),
                rule=self._rule(item),
                **shown,
            )
            yield f"  {told}"

    def _better(self) -> Iterator[str]:
        better = self.reasons.better
        if better:
            shown = _SHOWN if len(better) > _SHOWN else ""
            yield "\n" + text("why_better", self.language, count=len(better), shown=shown)
        else:
            yield "\n" + text("why_no_better", self.language)
        for item in better[:_SHOWN]:
            fit = self._score(item.points)
            place, rule = self._name(item.locality), self._rule(item)
            yield "  " + text("why_better_place", self.language, place=place, fit=fit, rule=rule)
        for rule, count in self.reasons.closed.items():
            yield text(
                "why_closed", self.language, count=count, rule=text(f"why_rule_{rule}", self.language, resources="")
            )

    def _against(self, locality: str | None) -> str:
        """The rule against a place, where it is one that is told."""
        told = [
            item for item in (*self.reasons.better, *self.reasons.proposals) if item.locality == locality and item.rule
        ]
        return self._rule(told[0]) if told else text("why_exception_no_plan", self.language)

    def _rule(self, item: Alternative) -> str:
        resources = [self.resources.get(name, name) for name in item.resources]
        return text(f"why_rule_{item.rule or 'here'}", self.language, resources=resources)

    def _name(self, locality: str | None) -> str:
        return text("why_state_facility", self.language) if locality is None else self.names.get(locality, locality)

    def _score(self, points: int | Decimal) -> str:
        from stellwerk import formats
        from stellwerk.distribution.placement.instance import POINTS

        return formats.number(Decimal(points) / POINTS, self.language, 4)


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
