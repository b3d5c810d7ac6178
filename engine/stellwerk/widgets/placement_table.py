"""Quotas and capacities of all municipalities as a table to be typed into, and what was changed in it.

In go quotas of a key and, once there is a plan, the persons it places; capacities follow from the quotas as the
settings say. Changed numbers stay when another key is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from stellwerk import formats
from stellwerk.distribution.placement.criteria import PlacementSettings
from stellwerk.distribution.placement.services import units
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.grid import GridColumn, grid_of

KREIS_DIGITS = 5  # of a municipality's code, those that name its Kreis
_CAP = "cap_"


class PlaceTable:
    """The municipalities with quota, persons in the plan and units of each service."""

    def __init__(
        self, settings: PlacementSettings, tables: ReferenceTables, persons: int, language: str,
        changed: Callable[[], None],
    ) -> None:  # fmt: skip
        self._services, self._tables, self._persons, self._language = settings.services, tables, persons, language
        self._names, self._kreise = tables.names("municipalities"), tables.names("kreise")
        self._used: Mapping[str, int] = {}
        self._gains: Mapping[str, int] = {}
        self._quotas: Mapping[str, int] = {}
        self.grid = grid_of(
            [], self._columns(), key="ags", caption=self._say("table_caption"), language=language,
            group=("kreis", self._say("kreis_filter")),
        )  # fmt: skip
        self.grid.observe(lambda _: self._edited(changed), "edits")
        self.balance = look.shown("", "sw-balance")
        self.view = look.card(self._say("head_table"), self.balance, self.grid)

    def fill(self, quotas: Mapping[str, int], gains: Mapping[str, int]) -> None:
        """Show the quotas of a key; `gains` are persons more than under the key in force, none where it is that."""
        self._quotas, self._gains = quotas, gains
        self._show()

    def use(self, persons: Mapping[str, int]) -> None:
        """Show the persons of a plan."""
        self._used = persons
        self._show()

    def quotas(self) -> dict[str, int]:
        """All quotas, with what was changed."""
        return {**{code: self._quotas.get(code, 0) for code in self._names}, **self.changed_quotas()}

    def changed_quotas(self) -> dict[str, int]:
        """The quotas that were changed."""
        return {code: own["quota"] for code, own in sorted(self.grid.edits.items()) if "quota" in own}

    def changed_capacities(self) -> dict[str, dict[str, int]]:
        """Service -> municipality -> units, where they were changed."""
        found: dict[str, dict[str, int]] = {}
        for code, own in sorted(self.grid.edits.items()):
            for column, number in own.items():
                if column.startswith(_CAP):
                    found.setdefault(column.removeprefix(_CAP), {})[code] = number
        return found

    def _columns(self) -> list[GridColumn]:
        gain = [GridColumn("gain", self._say("gain"))] if self._gains else []
        services = [
            GridColumn(f"{_CAP}{name}", service.label.in_language(self._language), editable=True, summed=True)
            for name, service in self._services.items()
        ]
        return [
            GridColumn("municipality", self._say("municipality"), words=True),
            GridColumn("kreis", self._say("kreis"), words=True),
            GridColumn("quota", self._say("quota"), editable=True, summed=True),
            *gain,
            GridColumn("persons", self._say("persons"), summed=True),
            *services,
        ]

    def _show(self) -> None:
        there = self._units()
        rows = [
            {
                "ags": code, "municipality": name, "kreis": self._kreise[code[:KREIS_DIGITS]],
                "quota": self._quotas.get(code, 0), "gain": self._gains.get(code, 0),
                "persons": self._used.get(code, 0), **there[code],
            }
            for code, name in self._names.items()
        ]  # fmt: skip
        with self.grid.hold_sync():
            self.grid.columns = [vars(column) for column in self._columns()]
            self.grid.rows = rows
        self._say_balance()

    def _units(self) -> dict[str, dict[str, int]]:
        """Code -> column -> units that the settings give a municipality for its quota."""
        quotas = np.array([self._quotas.get(code, 0) for code in self._names], dtype=np.int64)
        given = {
            f"{_CAP}{name}": list(map(int, units(service, quotas, self._tables)))
            for name, service in self._services.items()
        }
        return {code: {name: row[at] for name, row in given.items()} for at, code in enumerate(self._names)}

    def _edited(self, changed: Callable[[], None]) -> None:
        self._say_balance()
        changed()

    def _say_balance(self) -> None:
        """How the sum of all quotas stands to the persons who are to be placed."""
        total = sum(self.quotas().values())
        short = self._persons - total
        key = "balance_even" if not short else "balance_short" if short > 0 else "balance_over"
        values = {"total": total, "persons": self._persons, "difference": abs(short)}
        shown = {name: formats.number(number, self._language) for name, number in values.items()}
        self.balance.value = look.live(self._say(key, **shown))

    def _say(self, key: str, **values: Any) -> str:
        return text(f"placement_board_{key}", self._language, **values)
