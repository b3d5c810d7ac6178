"""After how many weeks is somebody due to go to a municipality, by week, group and status?

In goes a table that the workbench reads from the rulebook (columns TERM_COLUMNS), out come the arrays of the kernel:
the distinct sets of terms, and which set holds in which week. The rules themselves are not known here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stellwerk.errors import StellwerkError
from stellwerk.flows.figures import Group
from stellwerk.flows.kernel import N_STATUSES, NEVER, OLDEST
from stellwerk.flows.results import STATUSES

TERM_COLUMNS = ("week", "origin", "household", "status", "weeks", "turn")
"""week: Monday from which the term holds; weeks: after which somebody is due, empty = stays until he leaves otherwise;
turn: 0 is assigned first where the municipalities cannot take all."""


class TermMissing(StellwerkError):
    """The table of terms says nothing of a week, group and status."""


@dataclass(frozen=True)
class Terms:
    """Sets of terms [d, g, s], and for each week the set that holds."""

    due: NDArray[np.int64]
    turn: NDArray[np.int64]
    holds: NDArray[np.int64]


def terms_of(
    table: pl.DataFrame, weeks: Sequence[dt.date], groups: Sequence[Group], shortest: Mapping[str, int]
) -> Terms:
    """The arrays of a table of terms; nobody is due before the `shortest` weeks of his status."""
    stated = {(row["week"], row["origin"], row["household"], row["status"]): row for row in table.iter_rows(named=True)}
    days = sorted({key[0] for key in stated})
    sets: dict[tuple[tuple[int, int], ...], int] = {}
    holds = np.zeros(len(weeks), np.int64)
    for t, monday in enumerate(weeks):
        day = max((day for day in days if day <= monday), default=None)
        made = tuple(
            _term(stated, day, monday, group, status, shortest[status]) for group in groups for status in STATUSES
        )
        holds[t] = sets.setdefault(made, len(sets))
    shape = (len(sets), len(groups), N_STATUSES)
    both = np.array(list(sets), dtype=np.int64).reshape(*shape, 2)
    return Terms(both[..., 0].copy(), both[..., 1].copy(), holds)


def _term(
    stated: Mapping[tuple[dt.date, str, str, str], Mapping[str, int | None]],
    day: dt.date | None,
    monday: dt.date,
    group: Group,
    status: str,
    shortest: int,
) -> tuple[int, int]:
    row = stated.get((day, group.origin, group.household, status)) if day is not None else None
    if row is None:
        raise TermMissing(week=monday, group=f"{group.origin}, {group.household}", status=status)
    weeks, turn = row["weeks"], row["turn"] or 0
    if weeks is None:
        return NEVER, turn
    return min(max(weeks, shortest), OLDEST), turn
