"""One family of a plan: why it is to live there, what another place would mean, and what officers decide for it.

In goes a plan opened for questions; what is decided counts from the next search on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets

from stellwerk.distribution.placement.decisions import STATE_FACILITY, Kind
from stellwerk.distribution.placement.reasons import LocalityNotInPlan
from stellwerk.errors import StellwerkError, nearest
from stellwerk.texts import text
from stellwerk.widgets import fields, look
from stellwerk.widgets.placement_decisions import Decisions
from stellwerk.widgets.placement_reasons import Asked

if TYPE_CHECKING:  # at run time the review waits until there is a plan: it loads numba
    from stellwerk.distribution.placement.reviewed import Review

STAYS = "-"  # typed instead of a place: the state facility


class OneFamily:
    """A family and a place to ask about; without a place only why it lives where it does."""

    def __init__(
        self, names: Mapping[str, str], on: dt.date, language: str, changed: Callable[[], None]
    ) -> None:  # fmt: skip
        self._by_name = {name: code for code, name in names.items()}
        self._language = language
        self.review: Review | None = None
        self.family = self._to_choose("family", [])
        self.place = self._to_choose("place", [STAYS, *sorted(self._by_name)])
        self.reasons = look.shown(look.live(self._say("first_a_plan")), "sw-reasons")
        ask = look.primary(fields.button(self._say("why_button"), "sw-why-button", self.why))
        self.decisions = Decisions(names, on, language, self.decide, changed)
        asked = look.named(ipywidgets.HBox([self.family, self.place]), "sw-side-by-side")
        help_ = look.shown(f'<p class="sw-notice">{self._say("family_help")}</p>')
        self.view = look.card(self._say("head_family"), help_, asked, look.buttons(ask), self.reasons)

    def open(self, review: Review) -> None:
        """Ask this plan from now on; the reasons of the one before go."""
        self.review = review
        families = review.plan.instance.families
        self.family.options = list(families)
        if self.family.value not in families:
            self.family.value = families[int(review.plan.placed[0])] if len(review.plan.placed) else families[0]
        self.reasons.value = look.live(self._say("ask"))

    def why(self) -> None:
        """Show why the family is to live where it does, and what the other place would cost."""
        try:
            self.reasons.value = self._reasons()
        except StellwerkError as error:
            self.reasons.value = look.alarm(error, self._language)

    def decide(self, kind: Kind) -> None:
        """Keep a decision for the chosen family and place."""
        place = self.place.value.strip()
        instance = None if self.review is None else self.review.plan.instance
        try:
            if place != STAYS and place not in self._by_name:
                raise LocalityNotInPlan(locality=place, near=nearest(place, self._by_name))
            code = STATE_FACILITY if place == STAYS else self._by_name[place]
            self.decisions.add(kind, self.family.value.strip(), code, instance)
        except StellwerkError as error:
            self.decisions.refuse(error)

    def _reasons(self) -> str:
        if self.review is None:
            return look.live(self._say("first_a_plan"))
        asked = Asked(self.review, self.family.value.strip(), self._language)
        place = self.place.value.strip()
        here = asked.why()
        if not place:
            return here
        return here + asked.elsewhere(None if place == STAYS else self.review.locality_id(place))

    def _to_choose(self, key: str, options: list[str]) -> Any:
        made = ipywidgets.Combobox(options=options, description=self._say(f"choose_{key}"), continuous_update=False)
        return look.named(made, f"sw-choose-{key}")

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_board_{key}", self._language, **values)
