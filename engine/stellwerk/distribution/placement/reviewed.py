"""A finished plan, opened for questions: why, at what price, how fair, and what officers decide.

In go a plan with the settings of its review and, where known, names of localities and points by criterion; every
question is one method. Localities may be named by id or by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from stellwerk.distribution.placement.counterfactual import Counterfactual
from stellwerk.distribution.placement.decisions import Decided, Decision, decide
from stellwerk.distribution.placement.fairness import Persons, ProspectTest, group_table, prospect_test
from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.lots import by_lot
from stellwerk.distribution.placement.plan import Plan
from stellwerk.distribution.placement.premiums import Floored, Group, keep_floors
from stellwerk.distribution.placement.price_list import price_list
from stellwerk.distribution.placement.reasons import (
    Criteria,
    LocalityNotInPlan,
    Reasons,
    exception_price,
    no_criteria,
    why,
)
from stellwerk.distribution.placement.regret import regret_table
from stellwerk.distribution.placement.review import ReviewSettings
from stellwerk.errors import nearest

Solver = Callable[[Instance], Plan]


@dataclass(frozen=True, eq=False)
class Review:
    """A plan and what is needed to question it."""

    plan: Plan
    settings: ReviewSettings
    names: Mapping[str, str] = field(default_factory=dict)
    """Id of a locality -> its name, where it has another one."""
    resource_labels: Mapping[str, str] = field(default_factory=dict)
    """Resource -> its label, where it has one."""
    criterion_labels: Mapping[str, str] = field(default_factory=dict)
    """Criterion -> its label, where it has one."""
    criteria: Criteria = no_criteria
    """Points by criterion of a family at a locality, where they are known."""

    def why(self, family: str) -> Reasons:
        """The reasons for the place of a family."""
        return why(self.plan, family, self.settings, self.criteria)

    def exception_price(self, family: str, locality: str | None) -> Counterfactual:
        """What the whole loses when a family must go to `locality` (None: must stay in the state facility)."""
        target = None if locality is None else self.locality_id(locality)
        return exception_price(self.plan, family, target, self.settings.neighbourhood)

    def price_list(self) -> pl.DataFrame:
        """What one more unit of each service is worth at each locality, with its range."""
        return price_list(self.plan)

    def regrets(self) -> pl.DataFrame:
        """How far each family is from the best place it may have, before and after prices."""
        return regret_table(self.plan)

    def lots(self) -> list[Short]:
        """Plans by lot within quota, against which fairness is held."""
        audit = self.settings.audit
        return [by_lot(self.plan.instance, audit.seed + draw) for draw in range(audit.random_draws)]

    def groups(self, persons: Persons, lots: Sequence[Short] | None = None) -> pl.DataFrame:
        """How well the persons of each group live, beside lots."""
        return group_table(persons, self.plan.where, self.lots() if lots is None else lots)

    def prospects(self, persons: Persons, lots: Sequence[Short] | None = None) -> ProspectTest:
        """Whether poor prospects go with poor places."""
        drawn = self.lots() if lots is None else lots
        return prospect_test(persons, self.plan.where, drawn, self.settings.audit.prospect_margin)

    def floors(self, persons: Persons, floors: Mapping[Group, Decimal], solve: Solver) -> Floored:
        """The plan in which no group lives worse than its floor, and its price."""
        return keep_floors(self.plan.instance, persons, floors, solve, self.settings.audit.floor_rounds)

    def decide(self, decisions: Sequence[Decision], solve: Solver) -> Decided:
        """Keep the decisions, solve the rest again, and say what each costs."""
        return decide(self.plan.instance, decisions, solve, self.settings.neighbourhood, self.plan)

    def locality_id(self, named: str) -> str:
        """The id of a locality that is named by id or by name."""
        by_name = {name: code for code, name in self.names.items()}
        if named in by_name or named in self.plan.instance.localities:
            return by_name.get(named, named)
        raise LocalityNotInPlan(locality=named, near=nearest(named, [*by_name, *self.plan.instance.localities]))
