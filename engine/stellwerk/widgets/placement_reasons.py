"""Why a family lives where a plan says, and what another place would mean, in tables with words first.

In goes a plan opened for questions, out comes HTML in one language. No other family is ever named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from stellwerk import formats
from stellwerk.distribution.placement.instance import POINTS
from stellwerk.distribution.placement.reasons import Alternative, Reasons, family_index, locality_index
from stellwerk.reports.placement import Told
from stellwerk.texts import text
from stellwerk.widgets import look

if TYPE_CHECKING:  # at run time the review waits until there is a plan: it loads numba
    from stellwerk.distribution.placement.reviewed import Review

_ALTERNATIVES = 3
_PLACES = 2  # decimal places of a fit


@dataclass(frozen=True)
class Asked:
    """A family of a plan, and the place that one asks about beside its own."""

    review: Review
    family: str
    language: str

    def why(self) -> str:
        """Where the family is to live, what speaks for it, what it takes there, and where else it would do well."""
        found = self.review.why(self.family)
        persons = text("why_one_person" if found.persons == 1 else "why_persons", self.language, count=found.persons)
        title = text("why_title", self.language, family=self.family, persons=persons, place=self._name(found.place))
        each = self._fit(Decimal(found.place.points) / found.persons)
        sentence = self._say("fit", each=each, whole=self._fit(found.place.points))
        cards = [self._for_it(found), self._taken(found), self._others(found)]
        beside = "".join(f"<section>{card}</section>" for card in cards if card)
        return f'{look.heading(title, 3)}{look.live(sentence)}<div class="sw-why">{beside}</div>'

    def elsewhere(self, locality: str | None) -> str:
        """What it would cost all together if the family went there, and what would be better and worse for it."""
        told = Told(
            self.review.why(self.family), self.review.names, self.review.resource_labels, self.review.criterion_labels,
            self.language,
        )  # fmt: skip
        price = told.exception(locality, self.review.exception_price(self.family, locality))
        sentences = "".join(f"<p>{escape(line)}</p>" for line in price.splitlines())
        title = look.heading(self._say("what_there", place=self._named(locality)), 3)
        return f'{title}<div role="status">{sentences}</div>{self._compared(locality)}'

    def _for_it(self, found: Reasons) -> str:
        ranked = sorted(found.place.criteria.items(), key=lambda item: -item[1])
        rows = [[self._criterion(name), self._fit(points)] for name, points in ranked if points]
        head = [self._say("criterion"), self._say("points")]
        return look.table(self._say("speaks_for_it"), head, rows, numbers=(1,)) if rows else ""

    def _taken(self, found: Reasons) -> str:
        if not found.charges:
            return ""
        rows = [
            [
                self.review.resource_labels.get(charge.resource, charge.resource),
                formats.number(charge.units, self.language),
                self._fit(charge.price),
                self._fit(charge.total),
            ]
            for charge in found.charges
        ]
        head = [self._say(name) for name in ("taken", "units", "price_each", "price_all")]
        left = look.live(text("why_left", self.language, left=self._fit(found.place.left)))
        return look.table(self._say("worth"), head, rows, numbers=(1, 2, 3)) + left

    def _others(self, found: Reasons) -> str:
        others = [item for item in found.proposals if item.locality != found.place.locality][:_ALTERNATIVES]
        rows = [
            [self._name(item), self._fit(item.points), self._fit(item.left), self._against(item)] for item in others
        ]
        head = [self._say(name) for name in ("place", "points", "after_prices", "against")]
        listed = look.table(self._say("alternatives"), head, rows, numbers=(1, 2)) if rows else ""
        key = {0: "better_none", 1: "better_one"}.get(len(found.better), "better")
        return listed + f"<p>{escape(self._say(key, count=formats.number(len(found.better), self.language)))}</p>"

    def _compared(self, locality: str | None) -> str:
        """Criterion by criterion: here, there, the difference."""
        if locality is None:
            return ""
        instance = self.review.plan.instance
        row = family_index(instance, self.family)
        here = int(self.review.plan.where[row])
        before = {} if here == instance.staying else dict(self.review.criteria(row, here))
        after = dict(self.review.criteria(row, locality_index(instance, locality)))
        names = [name for name in {**before, **after} if before.get(name, 0) or after.get(name, 0)]
        rows = [self._change(name, before, after) for name in names]
        head = [self._say(name) for name in ("criterion", "here", "there", "difference")]
        return look.table(self._say("compared"), head, rows, numbers=(1, 2, 3)) if rows else ""

    def _change(self, name: str, before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
        first, second = before.get(name, 0), after.get(name, 0)
        difference = formats.difference(Decimal(second - first) / POINTS, self.language, _PLACES)
        return [self._criterion(name), self._fit(first), self._fit(second), difference]

    def _against(self, item: Alternative) -> str:
        resources = [self.review.resource_labels.get(name, name) for name in item.resources]
        return text(f"why_rule_{item.rule or 'here'}", self.language, resources=resources)

    def _criterion(self, name: str) -> str:
        return self.review.criterion_labels.get(name, name)

    def _name(self, item: Alternative) -> str:
        return self._named(item.locality)

    def _named(self, locality: str | None) -> str:
        if locality is None:
            return text("why_state_facility", self.language)
        return self.review.names.get(locality, locality)

    def _fit(self, points: int | Decimal) -> str:
        return formats.number(Decimal(points) / POINTS, self.language, _PLACES)

    def _say(self, key: str, **values: object) -> str:
        return text(f"placement_reasons_{key}", self.language, **values)
