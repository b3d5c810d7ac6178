"""Why a family is to live where the plan says, and what it would cost if it went elsewhere, in words.

In go the reasons of a plan with the names of its places; out come lines. No other family is ever named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from stellwerk import formats
from stellwerk.distribution.placement.counterfactual import Counterfactual
from stellwerk.distribution.placement.instance import POINTS
from stellwerk.distribution.placement.reasons import Alternative, Reasons
from stellwerk.texts import text

_SHOWN = 10  # better places that are told; the reasons hold all


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
        return formats.number(Decimal(points) / POINTS, self.language, 4)
