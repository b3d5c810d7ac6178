"""Field help: what the vocabulary knows of the words that somebody types, as they would be written in a rule."""

from __future__ import annotations

import ipywidgets

from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook
from stellwerk.widgets import fields, look
from stellwerk.widgets.rule_told import RuleTold


class RuleLookup:
    """A line to type in, and what is known of it."""

    def __init__(self, told: RuleTold) -> None:
        self._told = told
        self._rule: Rule
        self._book: Rulebook
        self.asked = fields.word(told.say("lookup"), "sw-lookup")
        self.found = look.shown("", "sw-found")
        self.asked.observe(lambda _: self._look_up(), "value")
        self.view = ipywidgets.VBox([self.asked, self.found])

    def show(self, rule: Rule, book: Rulebook) -> None:
        """Look up words for this rule from now on."""
        self._rule, self._book = rule, book
        self._look_up()

    def _look_up(self) -> None:
        self.found.value = self._told.help(self.asked.value, self._rule, self._book)
