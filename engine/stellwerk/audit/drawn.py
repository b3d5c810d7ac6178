"""Cases while they are drawn: whole numbers a fact, with the child rows of each case; frames at the end.

Nothing is unknown while cases are drawn, so that one fact can be set by another; `frames` then forgets a share. Days
count from 1970, decimals in their smallest steps, codes and texts by their place in a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from stellwerk.audit.palettes import SCALE, Numbers
from stellwerk.audit.thresholds import Spot
from stellwerk.evaluate.compiled import EXACT, column_type, plan_type
from stellwerk.evaluate.days import DAY
from stellwerk.law.types import Type
from stellwerk.law.vocabulary import Attribute, ChildTable

Positions = npt.NDArray[np.int64]

_SMALLEST = Decimal(1) / SCALE
_FINE = 10_000  # shares of facts are kept to so many parts


class DrawnCases:
    """The facts of all cases and of their child rows, each a column of whole numbers."""

    def __init__(
        self,
        attributes: Mapping[Spot, Attribute],
        texts: Mapping[Spot, Sequence[str]],
        owners: Mapping[str, Positions],
        count: int,
        key: Spot,
        forms: Mapping[str, ChildTable],
    ) -> None:
        self.attributes = attributes
        self.forms = forms
        self.count = count
        self.key = key  # what names the cases: it stays as it was drawn, each name once
        self.values: dict[Spot, Numbers] = {}
        self._texts = texts
        self._owners = owners  # child table -> the case of each row, in the order of the cases
        self._starts = {table: np.searchsorted(cases, np.arange(count + 1)) for table, cases in owners.items()}

    def rows(self, table: str) -> int:
        """How many rows a table has; "" stands for the cases."""
        return len(self._owners[table]) if table else self.count

    def owners(self, table: str, rows: Positions) -> Positions:
        """The cases that some rows belong to."""
        return self._owners[table][rows] if table else rows

    def rows_of(self, table: str, cases: Positions) -> Positions:
        """The rows of a table that belong to some cases, case by case."""
        if not table:
            return cases
        first = self._starts[table][cases]
        numbers = self._starts[table][cases + 1] - first
        before = np.cumsum(numbers) - numbers
        return np.repeat(first - before, numbers) + np.arange(numbers.sum())

    def column(self, spot: Spot, rows: Positions) -> pl.Series:
        """A fact of some rows as plans read it."""
        kind = self.attributes[spot].type
        typed = self.exact(spot, rows)
        return typed.to_physical() if column_type(kind) != plan_type(kind) else typed

    def exact(self, spot: Spot, rows: Positions) -> pl.Series:
        """A fact of some rows as tables hold it."""
        return self._typed(spot, self.values[spot][rows])

    def frame(self, table: str, names: pl.Series, unknown: Numbers, random: np.random.Generator) -> pl.DataFrame:
        """A table with the names of its cases; of each row the share of its facts that the case lacks is forgotten."""
        rows = np.arange(self.rows(table))
        owners = self.owners(table, rows)
        columns, forgotten = [names.gather(owners)], (unknown * _FINE).astype(np.uint16)[owners]
        for spot in self.attributes:
            if spot.table == table and spot in self.values:
                values = self._typed(spot, self.values.pop(spot))
                known = pl.Series(random.integers(0, _FINE, len(rows), dtype=np.uint16) >= forgotten)
                columns.append(pl.select(pl.when(known).then(values).alias(spot.name)).to_series())
        return pl.DataFrame(columns)

    def may_be_set(self, spot: Spot) -> bool:
        """Whether a fact is drawn, and may be drawn otherwise."""
        return spot in self.values and spot != self.key

    def codes(self, spot: Spot) -> list[str]:
        """What the numbers of a fact with codes or texts stand for."""
        code_list = self.attributes[spot].type.code_list
        return list(code_list.codes) if code_list is not None else list(self._texts[spot])

    def _typed(self, spot: Spot, values: Numbers) -> pl.Series:
        kind = self.attributes[spot].type
        if kind.kind == "text" or kind.code_list is not None:
            return pl.Series(spot.name, self.codes(spot), dtype=column_type(kind)).gather(values)
        return as_series(spot.name, values, kind)


def as_series(name: str, values: Numbers, kind: Type) -> pl.Series:
    """Whole numbers as a column of truths, numbers or dates."""
    if kind.kind == "decimal":
        steps = pl.Series(name, values).cast(pl.Decimal(38, 0)).cast(EXACT)
        return pl.select(steps * pl.lit(_SMALLEST)).to_series().alias(name)
    if kind.kind == "date":
        return pl.Series(name, values, dtype=DAY).cast(pl.Date())
    return pl.Series(name, values, dtype=column_type(kind))


def as_numbers(values: pl.Series) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """A computed column of numbers or dates as whole numbers, and where it is known; decimals in smallest steps."""
    known = values.is_not_null().to_numpy()
    return values.to_physical().cast(pl.Int64, strict=False).fill_null(0).to_numpy(), known
