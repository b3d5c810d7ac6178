"""What did officers decide for single families, and what does each decision cost the whole?

In go decisions (a lock before the plan, an override of a proposed place, a veto), each with the officer's pseudonym
and a reason; out come the plan of everybody else, solved again around them, and a ledger: what was proposed, what was
decided, by whom and why, the cost of each decision after those before it, and the cost of all together.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from stellwerk.distribution.placement.counterfactual import Counterfactual, cost_of_excluding, cost_of_moving
from stellwerk.distribution.placement.instance import Instance, Short
from stellwerk.distribution.placement.plan import Plan, as_score
from stellwerk.distribution.placement.price_list import SCORE
from stellwerk.distribution.placement.reasons import family_index, locality_index
from stellwerk.distribution.placement.review import Neighbourhood
from stellwerk.errors import Place, StellwerkError, nearest

Kind = Literal["lock", "override", "veto"]
KINDS: tuple[Kind, ...] = ("lock", "override", "veto")
COLUMNS = ("family", "decision", "locality", "officer", "reason", "decided_on")
STATE_FACILITY = ""  # the locality of a family that shall stay, as it is written in a file
PSEUDONYM = re.compile(r"[A-Za-z]{0,4}[-_]?\d[A-Za-z0-9_-]{0,30}")  # a code with a figure, never a bare name


class DecisionFileUnreadable(StellwerkError):
    """The file of decisions is missing or no UTF-8 CSV."""


class DecisionColumnMissing(StellwerkError):
    """The file of decisions lacks a column."""


class UnknownDecision(StellwerkError):
    """A decision is none of lock, override and veto."""


class DecisionWithoutReason(StellwerkError):
    """A decision gives no reason."""


class OfficerNotPseudonymous(StellwerkError):
    """The officer is not given as a code."""


class DecisionDayUnreadable(StellwerkError):
    """The day of a decision is no day."""


class VetoWithoutLocality(StellwerkError):
    """A veto names no locality: staying in the state facility cannot be ruled out, only another place be decided."""


class DecisionsContradict(StellwerkError):
    """Two decisions about one family cannot both be kept."""


@dataclass(frozen=True)
class Decision:
    """What an officer decided for a family: it goes there (lock, override) or must not go there (veto)."""

    family: str
    kind: Kind
    locality: str
    """Id of the locality; empty: staying in the state facility."""
    officer: str
    """A pseudonymous code."""
    reason: str
    decided_on: dt.date


@dataclass(frozen=True, eq=False)
class Decided:
    """The plan around the decisions, and what they cost."""

    plan: Plan
    proposed: Plan
    """The plan without the decisions."""
    ledger: pl.DataFrame
    """One row a decision, in the order of days: what `LEDGER` names."""

    @property
    def cost(self) -> int:
        """Points that all decisions together cost: never below zero, since the decided plan was open before too."""
        best_known = max(self.proposed.certificate.objective, self.plan.certificate.objective)
        return best_known - self.plan.certificate.objective

    @property
    def cost_at_most(self) -> int:
        """Points that they cost at most, whatever the best plan without them is: proven by its bound."""
        return self.proposed.certificate.bound - self.plan.certificate.objective


LEDGER = pl.Schema(
    {
        "family": pl.String(),
        "decision": pl.String(),
        "proposed": pl.String(),
        "locality": pl.String(),
        "officer": pl.String(),
        "reason": pl.String(),
        "decided_on": pl.Date(),
        "cost": SCORE,
        "cost_so_far": SCORE,
        "families_moved": pl.Int64(),
        "exact": pl.Boolean(),
    }
)


def decide(
    instance: Instance,
    decisions: Sequence[Decision],
    solve: Callable[[Instance], Plan],
    settings: Neighbourhood,
    proposed: Plan | None = None,
) -> Decided:
    """Keep the decisions, solve the rest again, and say what each costs.

    `proposed` is the plan before the decisions, where there is one already. Costs in the ledger are scores; `exact`
    says whether the cost holds for the whole and not only for the neighbourhood that was looked at.
    """
    before = proposed or solve(instance)
    after = solve(with_decisions(instance, decisions))
    return Decided(after, before, _ledger(before, decisions, settings))


def with_decisions(instance: Instance, decisions: Sequence[Decision]) -> Instance:
    """The instance in which the decisions are locks and vetoes, beside those it has."""
    _refuse_contradictions(decisions)
    locks, vetoes = instance.locks.copy(), [tuple(pair) for pair in instance.vetoes.tolist()]
    for one in decisions:
        row, column = family_index(instance, one.family), _column(instance, one.locality)
        if one.kind == "veto":
            vetoes.append((row, column))
        else:
            locks[row] = column
    pairs = np.array(sorted(set(vetoes)), dtype=np.int32).reshape(-1, 2)
    return instance.with_vetoes(pairs).with_locks(locks)


def read_decisions(path: Path) -> list[Decision]:
    """The decisions of a CSV file with the columns of `COLUMNS`; mistakes are told with their line."""
    try:
        frame = pl.read_csv(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DecisionFileUnreadable(Place(path.name)) from error
    for column in COLUMNS:
        if column not in frame.columns:
            raise DecisionColumnMissing(
                Place(path.name), column=column, near=nearest(column, frame.columns), needed=COLUMNS
            )
    rows = frame.select(COLUMNS).fill_null("").iter_rows(named=True)
    return [_decision(row, Place(path.name, line)) for line, row in enumerate(rows, start=2)]


def _decision(row: dict[str, str], place: Place) -> Decision:
    kind = next((known for known in KINDS if known == row["decision"].strip()), None)
    if kind is None:
        raise UnknownDecision(place, value=row["decision"], allowed=KINDS, near=nearest(row["decision"], KINDS))
    if not row["reason"].strip():
        raise DecisionWithoutReason(place, family=row["family"])
    if not PSEUDONYM.fullmatch(row["officer"].strip()):
        raise OfficerNotPseudonymous(place)
    try:
        day = dt.date.fromisoformat(row["decided_on"].strip())
    except ValueError:
        raise DecisionDayUnreadable(place, value=row["decided_on"]) from None
    family, locality = row["family"].strip(), row["locality"].strip()
    return Decision(family, kind, locality, row["officer"].strip(), row["reason"].strip(), day)


def _refuse_contradictions(decisions: Sequence[Decision]) -> None:
    decided: dict[str, str] = {}
    for one in decisions:
        if one.kind != "veto" and decided.setdefault(one.family, one.locality) != one.locality:
            raise DecisionsContradict(family=one.family, first=decided[one.family], second=one.locality)
    for one in decisions:
        if one.kind == "veto" and one.locality == STATE_FACILITY:
            raise VetoWithoutLocality(family=one.family)
        if one.kind == "veto" and decided.get(one.family) == one.locality:
            raise DecisionsContradict(family=one.family, first=one.locality, second=one.locality)


def _column(instance: Instance, locality: str) -> int:
    return instance.staying if locality == STATE_FACILITY else locality_index(instance, locality)


def _ledger(before: Plan, decisions: Sequence[Decision], settings: Neighbourhood) -> pl.DataFrame:
    """The cost of each decision once those before it are kept, in the order of their days."""
    rows, so_far, kept, where = [], 0, before.instance, before.where
    for one in sorted(decisions, key=lambda item: (item.decided_on, item.family, item.kind, item.locality)):
        row = family_index(kept, one.family)
        found = _cost(kept, before, where, one, settings)
        so_far += found.cost or 0
        rows.append(
            (
                one.family, one.kind, _name(before, row), one.locality or None, one.officer, one.reason, one.decided_on,
                None if found.cost is None else as_score(found.cost), as_score(so_far), len(found.moved),
                found.whole and found.proven,
            )
        )  # fmt: skip
        kept, where = with_decisions(kept, [one]), found.where
    return pl.DataFrame(rows, schema=LEDGER, orient="row")


def _cost(kept: Instance, before: Plan, where: Short, one: Decision, settings: Neighbourhood) -> Counterfactual:
    row, column = family_index(kept, one.family), _column(kept, one.locality)
    price = cost_of_excluding if one.kind == "veto" else cost_of_moving
    return price(kept, where, before.prices, row, column, settings)


def _name(plan: Plan, row: int) -> str | None:
    place = int(plan.where[row])
    return None if place == plan.instance.staying else plan.instance.localities[place]
