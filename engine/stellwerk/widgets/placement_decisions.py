"""What officers decide for single families, each decision removable, and what it costs once a plan keeps it.

In go a family, a place, a pseudonymous code and a reason; out come stated decisions of a scenario, which count from the
next search on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets

from stellwerk import formats
from stellwerk.distribution.placement.decisions import (
    PSEUDONYM,
    STATE_FACILITY,
    Decided,
    DecisionWithoutReason,
    Kind,
    OfficerNotPseudonymous,
    with_decisions,
)
from stellwerk.distribution.placement.instance import Instance, no_locks, no_vetoes
from stellwerk.distribution.placement.plan import as_score
from stellwerk.distribution.placement.scenario import StatedDecision
from stellwerk.errors import StellwerkError
from stellwerk.texts import text
from stellwerk.widgets import fields, look

_PLACES = 2  # decimal places of a cost
Key = tuple[str, str, str]


class Decisions:
    """A code, a reason, and the list of what was decided with a button a line that takes it back."""

    def __init__(
        self, names: Mapping[str, str], on: dt.date, language: str, decide: Callable[[Kind], None],
        changed: Callable[[], None],
    ) -> None:  # fmt: skip
        self.kept: list[StatedDecision] = []
        self._names, self._on, self._language, self._changed = names, on, language, changed
        self._costs: dict[Key, str] = {}
        self._counted: frozenset[Key] = frozenset()
        self.officer = fields.word(self._say("enter_officer"), "sw-officer")
        self.reason = fields.word(self._say("enter_reason"), "sw-reason")
        lock = fields.button(self._say("lock_button"), "sw-lock", lambda: decide("lock"))
        veto = fields.button(self._say("veto_button"), "sw-veto", lambda: decide("veto"))
        self.told = look.shown("", "sw-decided")
        self.listed = look.named(ipywidgets.VBox([]), "sw-decisions")
        entered = look.named(ipywidgets.HBox([self.officer, self.reason]), "sw-side-by-side")
        self.view = look.group(
            self._say("head_decisions"), entered, look.buttons(lock, veto), self.told, self.listed
        )  # fmt: skip

    def add(self, kind: Kind, family: str, code: str, instance: Instance | None) -> None:
        """Keep a decision; refused without a code and a reason, and where the plan's task cannot keep it."""
        if not self.reason.value.strip():
            raise DecisionWithoutReason(family=family)
        if not PSEUDONYM.fullmatch(self.officer.value.strip()):
            raise OfficerNotPseudonymous
        one = StatedDecision(
            family=family, decision=kind, locality=code, officer=self.officer.value.strip(),
            reason=self.reason.value.strip(), decided_on=self._on,
        )  # fmt: skip
        if instance is not None:
            undecided = instance.with_vetoes(no_vetoes()).with_locks(no_locks(len(instance.families)))
            with_decisions(undecided, [other.as_decision for other in (*self.kept, one)])
        self._keep([*self.kept, one])

    def remove(self, one: StatedDecision) -> None:
        """Take a decision back."""
        self._keep([other for other in self.kept if other is not one])

    def refuse(self, error: StellwerkError) -> None:
        """Say why a decision was not kept."""
        self.told.value = look.alarm(error, self._language)

    def count(self, kept: list[StatedDecision]) -> None:
        """Say that the plan shown now keeps these."""
        self._counted, self._costs = frozenset(map(_key, kept)), {}
        self._show()

    def price(self, decided: Decided) -> None:
        """Say what each decision costs, and all together."""
        for row in decided.ledger.iter_rows(named=True):
            cost = row["cost"]
            self._costs[row["family"], row["decision"], row["locality"] or STATE_FACILITY] = (
                self._say("decision_unpriced")
                if cost is None
                else self._say("decision_cost", cost=formats.number(cost, self._language, _PLACES))
            )
        cost, most = (
            formats.number(as_score(points), self._language, _PLACES) for points in (decided.cost, decided.cost_at_most)
        )
        self._show()
        self.told.value = look.live(self._say("decisions_cost", cost=cost, most=most))

    def _keep(self, kept: list[StatedDecision]) -> None:
        self.kept = kept
        self.told.value = ""
        self._show()
        self._changed()

    def _show(self) -> None:
        self.listed.children = [self._line(one) for one in self.kept]

    def _line(self, one: StatedDecision) -> Any:
        place = self._names.get(one.locality, self._say("stays"))
        state = self._say("decision_counts") if _key(one) in self._counted else self._say("decision_next")
        cost = self._costs.get(_key(one), "")
        words = self._say(f"decided_{one.decision}", family=one.family, place=place)
        about = escape(" · ".join(part for part in (one.officer, one.reason, state, cost) if part))
        told = look.shown(f'<p><b>{escape(words)}</b><br><span class="sw-notice">{about}</span></p>')
        label = self._say("remove_button")
        made = fields.button(label, "sw-remove", lambda: self.remove(one))
        made.tooltip = f"{label}: {words}"
        return look.named(ipywidgets.HBox([told, made]), "sw-decision")

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_board_{key}", self._language, **values)


def _key(one: StatedDecision) -> Key:
    return one.family, one.decision, one.locality
