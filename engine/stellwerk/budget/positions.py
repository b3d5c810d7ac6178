"""Which quantity costs which price, and who pays it to whom: the positions of a budget, as data.

Reads `params/budget/positions.yaml`. A position is priced by a rule, a parameter of the law or a price of the price
list; the first two are names here and nothing more. Positions on cases take their quantities from a register.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from stellwerk.budget.payers import Party
from stellwerk.documents import Document, Labels, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest, raise_all, shown_path
from stellwerk.provenance import EvidenceGrade

NO_GROUP = ""


class UnknownQuantity(StellwerkError):
    """No position counts a quantity of that name."""


class PricingUnclear(StellwerkError):
    """A position names no source of its price, or several."""


class UnknownGroup(StellwerkError):
    """A quantity does not know that group."""


class Group(Document):
    """A part of a quantity with a price of its own: facts, counted attributes or a parameter."""

    title: Labels
    facts: dict[str, Any] = Field(default_factory=dict)
    count: tuple[str, ...] = ()
    parameter: str = ""


class Pricing(Document):
    """Where the price of one unit comes from: exactly one of rule, parameter and price.

    `facts` describe what the rule is asked about, `count` names the attributes that are 1 for one unit, `inputs`
    those that only a scenario can give.
    """

    rule: str = ""
    parameter: str = ""
    price: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)
    count: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    groups: dict[str, Group] = Field(default_factory=dict)

    @property
    def is_clear(self) -> bool:
        """Whether exactly one of rule, parameter (for all or group by group) and price is named."""
        by_group = bool(self.groups) and all(group.parameter for group in self.groups.values())
        return sum(map(bool, (self.rule, self.parameter, self.price, by_group))) == 1

    def facts_of(self, group: str) -> Mapping[str, Any]:
        """What is said of one unit of the group, as written."""
        return {**self.facts, **(self.groups[group].facts if group else {})}

    def count_of(self, group: str) -> tuple[str, ...]:
        """The attributes that count units of the group."""
        return (self.groups[group].count if group else ()) or self.count

    def parameter_of(self, group: str) -> str:
        """The parameter of the law that is the price of the group."""
        return (self.groups[group].parameter if group else "") or self.parameter


class _Flow(Document):
    title: Labels
    paid_by: Party
    paid_to: Party
    unit: Labels
    parties_evidence: EvidenceGrade = "verified"
    note: str = ""


class Position(_Flow):
    """A quantity of a scenario times a price."""

    quantity: str
    pricing: Pricing
    stands_for: str = ""  # a price of the price list: how many of its units the amount of a year pays


class CasePosition(_Flow):
    """What a rule gives to each case of a register, month by month."""

    rule: str
    where: dict[str, bool] = Field(default_factory=dict)
    once_in_month_of: str = ""  # a date of the case: it counts in that month only
    same_money_as: str = ""  # the quantity that would count the same money again


class Positions(Document):
    """All positions by name, in the order in which lines are shown."""

    positions: dict[str, Position]
    cases: dict[str, CasePosition]

    def counting(self, quantity: str) -> dict[str, Position]:
        """The positions that a quantity feeds; an unknown quantity is an error."""
        found = {name: position for name, position in self.positions.items() if position.quantity == quantity}
        if not found:
            known = {position.quantity for position in self.positions.values()}
            raise UnknownQuantity(name=quantity, near=nearest(quantity, known), known=sorted(known))
        return found

    def check_group(self, quantity: str, group: str) -> None:
        """Refuse a group that a position on the quantity does not know, and no group where one is needed."""
        for position in self.counting(quantity).values():
            groups = position.pricing.groups
            if (group in groups) if groups else (group == NO_GROUP):
                continue
            raise UnknownGroup(quantity=quantity, group=group, near=nearest(group, groups), known=list(groups))

    def title(self, name: str, language: str) -> str:
        """The words for a position."""
        return self.kind(name).title.in_language(language)

    def group_labels(self, name: str, group: str) -> Labels:
        """The words for a group of a position; an amount that names a group of cases stands for itself."""
        position = self.positions.get(name)
        if position is None or not group:
            return Labels(de=group, en=group)
        return position.pricing.groups[group].title

    def kind(self, name: str) -> Position | CasePosition:
        """The position of that name, on quantities or on cases."""
        return self.positions[name] if name in self.positions else self.cases[name]


def load_positions(params: Path) -> Positions:
    """The positions of `params/budget/positions.yaml`."""
    path = params / "budget" / "positions.yaml"
    shown = shown_path(path, params.parent)
    data = read_document(path, shown)
    found = validated(Positions, data, shown)
    unclear = [name for name, position in found.positions.items() if not position.pricing.is_clear]
    places = {name: Place(shown, line_of(data, ["positions", name, "pricing"])) for name in unclear}
    raise_all([PricingUnclear(places[name], position=name) for name in unclear])
    return found
