"""How is an instance solved, and when is it good enough?

One question, one answer: an `Instance` goes in, a `Plan` with its certificate comes out, whatever method its size
calls for. A plan that breaks a rule never leaves this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version

import numpy as np
from pydantic import Field

from stellwerk.distribution.placement.bound import price_bound
from stellwerk.distribution.placement.instance import Instance
from stellwerk.distribution.placement.model import run_highs, state
from stellwerk.distribution.placement.plan import Certificate, Plan, missing_persons, points_of, violations_of
from stellwerk.documents import Document
from stellwerk.errors import StellwerkError


class PlanViolatesItsRules(StellwerkError):
    """The finished plan breaks a capacity, a need or a lock: a mistake of the program, never handed out as a plan."""


class NoPlanInTime(StellwerkError):
    """The time was over before there was any plan."""


class SolverSettings(Document):
    """How long to search and when to stop."""

    seconds: Decimal = Field(gt=0, default=Decimal(60))
    """Wall-clock limit; a plan stopped by it depends on the machine's speed and says so."""
    target_gap: Decimal = Field(ge=0, default=Decimal("0.004"))
    """Stop when the plan is proven within this share of the bound."""
    threads: int = Field(ge=1, default=2)
    """Threads of the price engine; the plan does not depend on it."""
    full_model_families: int = Field(ge=0, default=1000)
    """Up to so many families the whole model is solved."""


@dataclass(frozen=True)
class Progress:
    """Where the search stands."""

    step: str
    seconds: float
    objective: int
    bound: int


def solve(
    instance: Instance,
    settings: SolverSettings,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """The best plan found for `instance` within `settings`.

    `progress` is told where the search stands; as soon as `stop` says so the best plan so far is handed out.
    """
    started = time.perf_counter()
    pairs = [(int(f), int(p)) for f, p in np.argwhere(instance.eligible)]
    relaxed = run_highs(state(instance, pairs, whole=False), instance)
    answer = run_highs(
        state(instance, pairs, whole=True),
        instance,
        time_limit=float(settings.seconds),
        mip_rel_gap=float(settings.target_gap),
    )
    if answer.where is None or relaxed.prices is None:
        raise NoPlanInTime(seconds=settings.seconds)
    violations = violations_of(instance, answer.where)
    if violations:
        raise PlanViolatesItsRules(violations=violations)
    objective, proven = points_of(instance, answer.where), price_bound(instance, relaxed.prices)
    claimed = max(objective, int(answer.bound))
    certificate = Certificate(
        objective, min(proven, claimed), proven, claimed, violations,
        int((answer.where == instance.staying).sum()), missing_persons(instance, answer.where), "full_model",
        "target", instance.seed, instance.input_hash, (("highspy", version("highspy")), ("pulp", version("pulp"))),
    )  # fmt: skip
    return Plan(instance, answer.where, relaxed.prices, certificate, time.perf_counter() - started)
