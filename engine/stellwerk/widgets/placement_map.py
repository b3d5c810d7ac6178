"""What the map of a placement shows: quotas before there is a plan, then persons, free places and what one is worth.

In go, for each of these, a number by municipality; out come classes with a legend, and a sentence a municipality.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from stellwerk import formats
from stellwerk.briefs.geometry import read_geometry
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.place_map import map_of, shown_on

Numbers = Mapping[str, int] | Mapping[str, Decimal]
QUOTA, PERSONS, FREE, PRICE = "quota", "persons", "free", "price"
_DECIMALS = {PRICE: 2}  # of what is shown, where it is no count
_CLASSES = 4  # of municipalities with any


class PlanMap:
    """The map with the choice of what it shows; `pointed` is told the code of the municipality that was chosen."""

    def __init__(self, params: Path, names: Mapping[str, str], language: str, pointed: Callable[[str], None]) -> None:
        self._names, self._language = names, language
        self._numbers: dict[str, Numbers] = {}
        self.map = map_of(read_geometry(params / "map" / "municipalities.json"), self._say("map_hint"))
        self.map.observe(lambda change: pointed(change["new"]), "chosen")
        self.shows = look.choice(self._say("map_shows"), {QUOTA: self._say("map_quota")}, QUOTA, "sw-map-shows")
        self.shows.observe(lambda _: self._draw(), "value")
        self.view = look.card(self._say("head_map"), self.shows, self.map)

    def show(self, numbers: Mapping[str, Numbers], first: str) -> None:
        """Show these, `first` first, unless one of the others was chosen and is still there."""
        known = set(self._numbers)
        self._numbers = dict(numbers)
        chosen = self.shows.value if set(numbers) == known and self.shows.value in numbers else first
        pairs = tuple((self._say(f"map_{name}"), name) for name in numbers)
        if self.shows.options != pairs:
            self.shows.options = pairs
        self.shows.value = chosen
        self._draw()

    def _draw(self) -> None:
        shown = self.shows.value
        if shown not in self._numbers:
            return
        numbers = self._numbers[shown]
        bounds = bounds_of(numbers)
        count = formats.number(sum(number > 0 for number in numbers.values()), self._language)
        shown_on(
            self.map,
            {
                "title": self._say(f"map_{shown}"),
                "legend": [self._say(f"map_none_{shown}"), *self._labels(shown, bounds)],
                "classes": classes_of(numbers, bounds),
                "told": {code: self._told(code) for code in self._names},
                "alt": self._say("map_alt", what=self._say(f"map_{shown}"), count=count),
            },
        )

    def _told(self, code: str) -> str:
        """The name of a municipality with all that is known of it."""
        known = {name: self._number(name, numbers[code]) for name, numbers in self._numbers.items()}
        parts = [self._say(f"map_told_{name}", number=number) for name, number in known.items()]
        return f"{self._names[code]}: {'; '.join(parts)}"

    def _labels(self, shown: str, bounds: Sequence[int | Decimal]) -> list[str]:
        """The classes in words, lightest first."""
        if not bounds:
            return []
        numbers = [self._number(shown, bound) for bound in bounds]
        between = [
            self._say("map_one", number=high) if _whole(after) and after == before + 1 else
            self._say("map_between", low=self._number(shown, before + 1) if _whole(before) else low, high=high)
            for before, after, low, high in zip(bounds, bounds[1:], numbers, numbers[1:], strict=False)
        ]  # fmt: skip
        first = self._say("map_one", number=numbers[0]) if bounds[0] == 1 else self._say("map_up_to", number=numbers[0])
        return [first, *between, self._say("map_above", number=numbers[-1])]

    def _number(self, shown: str, value: int | Decimal) -> str:
        return formats.number(value, self._language, _DECIMALS.get(shown, 0))

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_board_{key}", self._language, **values)


def bounds_of(numbers: Numbers) -> list[int | Decimal]:
    """The upper ends of at most three classes, each with about a quarter of the municipalities that have any."""
    some = sorted(number for number in numbers.values() if number)
    quarters = [some[len(some) * quarter // _CLASSES] for quarter in range(1, _CLASSES)] if some else []
    return sorted(set(quarters))


def classes_of(numbers: Numbers, bounds: Sequence[int | Decimal]) -> dict[str, int]:
    """The class of each municipality: 0 has none; the more, the darker."""
    return {code: 0 if not number else 1 + bisect_left(bounds, number) for code, number in numbers.items()}


def _whole(number: int | Decimal) -> bool:
    return isinstance(number, int)
