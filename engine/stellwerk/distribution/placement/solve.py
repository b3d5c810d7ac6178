"""How is an instance solved, and when is it good enough?

One question, one answer: an `Instance` goes in, a `Plan` with its certificate comes out, whatever method its size
calls for. The price engine always finds the first plan; the whole model (small instances) or neighbourhoods (where
wanted) carry it on. Work is counted, not timed: the clock only stops a search that takes too long, and then the
certificate says so. A plan that breaks a rule never leaves this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from stellwerk.distribution.placement.bound import price_bound
from stellwerk.distribution.placement.instance import FREE, Instance, Short
from stellwerk.distribution.placement.plan import (
    Certificate,
    Plan,
    Prices,
    missing_persons,
    points_of,
    violations_of,
)  # fmt: skip
from stellwerk.distribution.placement.task import Task, task_of
from stellwerk.documents import Document, validated
from stellwerk.documents import Mapping as Content
from stellwerk.errors import StellwerkError

if TYPE_CHECKING:  # at run time the price engine waits until it is needed
    from stellwerk.distribution.placement.prices import Priced

Method = Literal["prices", "neighbourhoods", "full_model"]
Ending = Literal["proven", "target", "work", "time", "user"]
_SOLVER_TOLERANCE = 1e-3  # of a point: bounds come back as 3224420.9999998
PACKAGES = ("stellwerk", "numpy", "numba", "pulp", "highspy")


class PlanViolatesItsRules(StellwerkError):
    """The finished plan breaks a capacity, a need or a lock: a mistake of the program, never handed out as a plan."""


class SolverSettings(Document):
    """How much work to do and when to stop."""

    seconds: Decimal = Field(gt=0, default=Decimal(60))
    """Wall-clock limit; a plan stopped by it depends on the machine's speed and says so."""
    target_gap: Decimal = Field(ge=0, lt=1, default=Decimal("0.001"))
    """Stop when the plan is proven within this share of the bound."""
    threads: int = Field(ge=1, default=2)
    """Threads of the price engine; the plan does not depend on it."""
    full_model_families: int = Field(ge=0, default=1000)
    """Up to so many families the whole model is asked."""
    neighbourhoods: int = Field(ge=0, default=0)
    """Parts of the plan decided anew by the exact model."""
    nodes: int = Field(ge=0, default=100_000)
    """Work limit of the whole model; 0: it is not asked."""

    def with_wishes(self, wishes: Mapping[str, object]) -> SolverSettings:
        """The same settings with some changed, checked."""
        content = Content(1)
        content.update({**self.model_dump(), **wishes})
        content.key_lines.update(dict.fromkeys(content, 1))
        return validated(SolverSettings, content, "solver")


@dataclass(frozen=True)
class Progress:
    """Where the search stands."""

    step: str
    seconds: float
    objective: int | None
    """Points of the best plan so far; None before the first one."""
    bound: int | None
    """What is proven so far; None before the first prices."""

    @property
    def gap(self) -> Decimal | None:
        """How far the best plan may lie above the one found, as a share of the bound; None while that is unknown."""
        if self.objective is None or not self.bound:
            return None
        return Decimal(self.bound - self.objective) / abs(self.bound)


def solve(
    instance: Instance,
    settings: SolverSettings,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """The best plan found for `instance` within `settings`.

    `progress` is told where the search stands; as soon as `stop` says so the best plan so far is handed out.
    """
    search = _Search(instance, settings, progress, stop)
    search.run()
    return search.plan()


class _Search:
    """The best plan, the best prices and the bounds while a search goes on."""

    def __init__(
        self,
        instance: Instance,
        settings: SolverSettings,
        progress: Callable[[Progress], None],
        stop: Callable[[], bool],
    ) -> None:
        self.instance, self.settings = instance, settings
        self.progress, self.stop = progress, stop
        self.started = time.perf_counter()
        self.where: Short = np.where(instance.locks == FREE, instance.staying, instance.locks).astype(np.int32)
        self.objective = points_of(instance, self.where)
        self.prices = Prices(np.zeros_like(instance.capacity), np.zeros_like(instance.floor))
        self.proven = price_bound(instance, self.prices)
        self.claimed: int | None = None
        self.has_plan = False
        self.method: Method = "prices"
        self.ending: Ending = "work"

    def run(self) -> None:
        """Price engine first; then what the size calls for, unless the plan is good enough."""
        task = task_of(self.instance)
        if not len(task.free) or not self.instance.staying:
            return
        self._by_prices(task)
        if self.good_enough() or self.halted():
            return
        self._by_neighbourhoods()
        few = len(task.free) <= self.settings.full_model_families
        if few and self.settings.nodes and not self.good_enough() and not self.halted():
            self._by_branching()

    def _by_prices(self, task: Task) -> None:
        from stellwerk.distribution.placement.prices import priced, using_threads
        from stellwerk.distribution.placement.warm import translate

        translate()
        self.started = time.perf_counter()
        with using_threads(self.settings.threads, len(task.free)):
            found = priced(task, lambda prices: self.heard_prices("prices", prices))
            self._by_moves(task, found)

    def _by_moves(self, task: Task, found: Priced) -> None:
        from stellwerk.distribution.placement.exchange import improved
        from stellwerk.distribution.placement.insertion import first_plan

        first = first_plan(task, found)
        self.heard_plan("first_plan", self._whole(task, first))
        if not self.good_enough():
            improved(task, found, first, lambda where: self.heard_plan("moves", self._whole(task, where)), self.halted)

    def _by_branching(self) -> None:
        from stellwerk.distribution.placement.full_model import searched

        self.method = "full_model"
        left = float(self.settings.seconds) - (time.perf_counter() - self.started)
        found = searched(
            self.instance, self.where, float(self.settings.target_gap), self.settings.nodes, left, self.halted
        )
        if np.isfinite(found.bound):
            self.claimed = int(np.floor(found.bound + _SOLVER_TOLERANCE))
        self.heard_plan("full_model", found.where)
        if not found.finished:
            self.halted()

    def _by_neighbourhoods(self) -> None:
        from stellwerk.distribution.placement.neighbourhood import redecided

        if not self.settings.neighbourhoods or self.good_enough() or self.halted():
            return
        self.method = "neighbourhoods"
        redecided(
            self.instance, self.where, self.prices, self.settings.neighbourhoods,
            lambda where: self.heard_plan("neighbourhoods", where) or self.halted(),
        )  # fmt: skip

    def _whole(self, task: Task, where: Short) -> Short:
        """The plan of the free families with the decided ones."""
        everybody = self.instance.locks.copy()
        everybody[task.free] = where
        return everybody

    def heard_prices(self, step: str, prices: Prices) -> bool:
        """Keep prices that prove more; whether to stop."""
        proven = price_bound(self.instance, prices)
        if proven < self.proven:
            self.prices, self.proven = prices, proven
        self.tell(step, self.objective if self.has_plan else None)
        return self.halted()

    def heard_plan(self, step: str, where: Short) -> bool:
        """Keep a plan that wins points and breaks no rule; whether it is good enough."""
        objective, self.has_plan = points_of(self.instance, where), True
        if objective > self.objective:
            violations = violations_of(self.instance, where)
            if violations:
                raise PlanViolatesItsRules(violations=violations)
            self.where, self.objective = where.copy(), objective
        self.tell(step, self.objective)
        return self.good_enough()

    def tell(self, step: str, objective: int | None) -> None:
        """Report where the search stands."""
        self.progress(Progress(step, time.perf_counter() - self.started, objective, self.bound))

    @property
    def bound(self) -> int:
        """The smaller of what prices prove and branching claims."""
        return self.proven if self.claimed is None else max(self.objective, min(self.proven, self.claimed))

    def good_enough(self) -> bool:
        """Whether the plan is proven within the target."""
        if self.bound - self.objective > float(self.settings.target_gap) * abs(self.bound):
            return False
        self.ending = "proven" if self.bound == self.objective else "target"
        return True

    def halted(self) -> bool:
        """Whether the clock or the user ends the search."""
        if self.stop():
            self.ending = "user"
            return True
        if time.perf_counter() - self.started > float(self.settings.seconds):
            self.ending = "time"
            return True
        return False

    def plan(self) -> Plan:
        """The best plan with its certificate."""
        violations = violations_of(self.instance, self.where)
        if violations:
            raise PlanViolatesItsRules(violations=violations)
        certificate = Certificate(
            self.objective, self.bound, self.proven, self.claimed, violations,
            int((self.where == self.instance.staying).sum()), missing_persons(self.instance, self.where),
            self.method, self.ending, self.instance.seed, self.instance.input_hash,
            tuple((name, version(name)) for name in PACKAGES),
        )  # fmt: skip
        return Plan(self.instance, self.where, self.prices, certificate, time.perf_counter() - self.started)
