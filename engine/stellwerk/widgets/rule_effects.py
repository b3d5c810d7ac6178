"""Whom a draft affects: the answer in one sentence, the flows between outcomes, the cases, the sums of amounts.

Goes in: what the desk has computed. The sentence and the table are there at once; picture and cases follow when they
are asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from stellwerk.editing.effects import Effects, RuleEffect
from stellwerk.law.rulebook import Rulebook
from stellwerk.widgets import fields, look
from stellwerk.widgets.rule_told import MOST_CASES, RuleTold


class RuleEffects:
    """The sentence (`headline`) and, in `view`, what stands behind it."""

    def __init__(self, told: RuleTold, chosen: Callable[[], None]) -> None:
        self.told = told
        self._chosen = chosen
        self._quiet = False
        self._book: Rulebook
        self._edited = ""
        self.found: Effects | None = None
        self._build()

    def show(self, found: Effects | None, on: dt.date | None, book: Rulebook, edited: str) -> None:
        """Show what was found; the rule that is being edited first, where it is among those that change."""
        self.found, self._book, self._edited = found, book, edited
        changed = found.rules if found is not None else ()
        self._quiet = True
        try:
            fields.offer(self.effect, [(self._title_of(item.rule), item.rule) for item in changed])
            if edited in [item.rule for item in changed]:
                self.effect.value = edited
        finally:
            self._quiet = False
        self.headline.value = self.told.headline(found, on, self.shown, book)
        self._show_flows()

    @property
    def shown(self) -> RuleEffect | None:
        """What changes of the rule that is chosen among those that change."""
        changed = self.found.rules if self.found is not None else ()
        return next((item for item in changed if item.rule == self.effect.value), None)

    def follow_up(self) -> list[str]:
        """What takes longer and comes after the answer: the picture and the cases; the cases' ids."""
        shown = self.shown
        if shown is None or self.found is None:
            return []
        self.picture.value = self.told.sankey(shown, self._book)
        self.cases.value = self.told.cases(self.found, shown.rule, self._book)
        return [str(case) for case in self.found.cases_of(shown.rule, MOST_CASES).to_series(0)]

    def _build(self) -> None:
        self.headline = look.shown("", "sw-effect", "sw-sticky")
        self.effect = fields.options(self.told.say("effect"), "sw-effect-rule")
        self.effect.observe(lambda _: self._choose(), "value")
        self.flows, self.picture, self.cases = (look.shown("", f"sw-{name}") for name in ("flows", "sankey", "cases"))
        self.view = look.card(self.told.say("whom"), self.effect, self.flows, self.picture, self.cases)

    def _choose(self) -> None:
        if not self._quiet:
            self._show_flows()
            self._chosen()

    def _show_flows(self) -> None:
        shown = self.shown
        several = self.found is not None and len(self.found.rules) > 1
        self.effect.layout.display = None if several else "none"
        self.picture.value = self.cases.value = ""
        edited = self._book.rules.get(self._edited)
        self.flows.value = self.told.flows(shown, self._book) if shown else self.told.no_flows(self.found, edited)

    def _title_of(self, rule: str) -> str:
        known = self._book.rules.get(rule)
        return self.told.title(known) if known is not None else rule
