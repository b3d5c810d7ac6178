"""What can be set of a scenario of state reception: sliders in groups, and reforms to be ticked.

In go the numbers of a scenario as it stands; out comes what was tried. An untouched slider changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.number import Number
from stellwerk.widgets.reception_tried import Tried

_LIMITS = {
    "arrivals_percent": (10, 300, 5),
    "places": (1_000, 120_000, 500),
    "reserve": (0, 40_000, 500),
    "target_percent": (50, 100, 1),
    "without_plan_weeks": (0, 130, 1),
    "intake_per_week": (0, 5_000, 50),
}
_GROUPS = {
    "arrivals": ("arrivals_percent",),
    "places": ("places", "reserve", "target_percent"),
    "assignment": ("without_plan_weeks", "intake_per_week"),
}


class Reforms:
    """Reforms over the law in force, each with a box to tick; `value` are the names of those that are ticked."""

    def __init__(self, labels: Mapping[str, str], changed: Callable[[], None]) -> None:
        self._boxes = {
            name: ipywidgets.Checkbox(description=label, indent=False, layout={"width": "auto"})
            for name, label in labels.items()
        }
        self._changed = changed
        self._quiet = False
        for box in self._boxes.values():
            box.observe(lambda _: self._tell(), "value")
        self.view = look.named(ipywidgets.VBox(list(self._boxes.values())), "sw-reforms")

    @property
    def value(self) -> tuple[str, ...]:
        """The reforms that are ticked, in the order of their names."""
        return tuple(name for name, box in self._boxes.items() if box.value)

    @value.setter
    def value(self, names: tuple[str, ...]) -> None:
        self._quiet = True
        for name, box in self._boxes.items():
            box.value = name in names
        self._quiet = False
        self._changed()

    def _tell(self) -> None:
        if not self._quiet:
            self._changed()


class Controls:
    """All that can be tried; `changed` is told after each change."""

    def __init__(self, reforms: Mapping[str, str], language: str, changed: Callable[[], None]) -> None:
        self._language, self._changed = language, changed
        self._quiet = False
        self.numbers = {name: self._number(name) for name in _LIMITS}
        self.reforms = Reforms(reforms, self._tell)
        groups = [
            look.group(self._say(f"group_{group}"), *(self.numbers[name] for name in names))
            for group, names in _GROUPS.items()
        ]
        self.views = [*groups, look.group(self._say("group_law"), self.reforms.view)]

    def show(self, tried: Tried) -> None:
        """Begin with the numbers of a scenario; nobody is told."""
        self._quiet = True
        for name, number in self.numbers.items():
            number.value = number.own = getattr(tried, name)
        self.reforms.value = tried.reforms
        self._quiet = False

    def tried(self) -> Tried:
        """The numbers as they are on the page."""
        return Tried(**{name: number.whole for name, number in self.numbers.items()}, reforms=self.reforms.value)

    def _tell(self) -> None:
        if not self._quiet:
            self._changed()

    def _number(self, name: str) -> Number:
        low, high, step = _LIMITS[name]
        made = Number(min=low, max=high, step=step, label=self._say(name), unit=self._say(f"{name}_unit"))
        made.observe(lambda _: self._tell(), "value")
        return look.named(made, f"sw-{name}")  # type: ignore[no-any-return]

    def _say(self, key: str, **values: Any) -> str:
        return text(f"reception_board_{key}", self._language, **values)
