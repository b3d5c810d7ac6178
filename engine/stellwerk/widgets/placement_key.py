"""By which key are the persons divided among the municipalities, and what does it change against the one in force?

In go the keys of the checkout, a number of persons and a day; out comes a choice whose `quotas` follow it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import Any

from stellwerk import formats
from stellwerk.errors import StellwerkError
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.workbench import MUNICIPAL_KEY, Workbench

MUNICIPALITIES = "municipalities"
_LARGEST = 5  # gains and losses that are listed


class KeyChoice:
    """The key of the quotas; a key that does not hold on the day is refused and the one before stays."""

    def __init__(
        self, bench: Workbench, persons: int, on: dt.date, key: str, language: str, changed: Callable[[], None]
    ) -> None:
        self._bench, self._persons, self._on, self._language = bench, persons, on, language
        self._changed = changed
        self.keys = {name: found for name, found in bench.keys().items() if found.places == MUNICIPALITIES}
        self.labels = {name: found.label.in_language(language) for name, found in self.keys.items()}
        self.in_force = bench.distribute(MUNICIPAL_KEY, persons, on).persons
        self.quotas, self.key = self._divided(key), key
        self.choice = look.choice(self._say("key"), self.labels, key, "sw-key")
        self.choice.observe(lambda change: self._choose(change["new"]), "value")
        self.told = look.shown(self._told(), "sw-key-told")
        self.view = look.group(self._say("head_key"), self.choice, self.told)

    @property
    def differs(self) -> bool:
        """Whether it is another key than the one in force."""
        return self.key != MUNICIPAL_KEY

    def gain(self, code: str) -> int:
        """How many persons more a municipality receives than under the key in force."""
        return self.quotas.get(code, 0) - self.in_force.get(code, 0)

    def _choose(self, key: str) -> None:
        if key == self.key:
            return
        try:
            quotas = self._divided(key)
        except StellwerkError as error:
            self.choice.value = self.key
            self.told.value = look.alarm(error, self._language)
            return
        self.quotas, self.key = quotas, key
        self.told.value = self._told()
        self._changed()

    def _divided(self, key: str) -> dict[str, int]:
        return self._bench.distribute(key, self._persons, self._on).persons

    def _told(self) -> str:
        """Whose key it is, and what it changes."""
        key = self.keys[self.key]
        kind = self._say(f"key_{key.status}")
        lines = f'<p class="sw-notice">{escape(kind)}: {escape(key.basis)}</p>'
        if not self.differs:
            return lines
        moved = sum(max(self.gain(code), 0) for code in self.quotas)
        sentence = self._say(
            "key_moved", persons=formats.number(moved, self._language), other=self.labels[MUNICIPAL_KEY]
        )
        return lines + look.live(sentence) + self._largest()

    def _largest(self) -> str:
        names = self._bench.tables.names(MUNICIPALITIES)
        ranked = sorted(names, key=lambda code: (-self.gain(code), code))
        rows = [
            [
                names[code],
                formats.number(self.in_force.get(code, 0), self._language),
                formats.number(self.quotas.get(code, 0), self._language),
                formats.difference(self.gain(code), self._language),
            ]
            for code in [*ranked[:_LARGEST], *ranked[-_LARGEST:]]
        ]
        head = [self._say(f"key_{name}") for name in ("place", "before", "now", "difference")]
        listed = look.table(self._say("key_caption"), head, rows, numbers=(1, 2, 3))
        return f"<details><summary>{escape(self._say('key_largest'))}</summary>{listed}</details>"

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_board_{key}", self._language, **values)
