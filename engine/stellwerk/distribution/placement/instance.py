"""What is there to place: which families with which demands, which localities with which capacities, which scores?

In go arrays aligned with ids, out comes an `Instance` that has been checked once, so that everything behind it can
count on it. All numbers are whole: persons, units of a resource, and points (a ten-thousandth of a score), so that
every sum is exact and every plan can be recounted by anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from stellwerk.errors import StellwerkError

PERSONS = "persons"  # the first resource of every instance; a family demands as many as it has members
POINTS = 10_000  # points of a score of one
NOT_ELIGIBLE = np.int32(-(2**30))  # score of a pair that must never be
FREE = -1  # lock of a family about which nobody has decided
NO_TIE = -1
MOST_POINTS = 2**29  # of one family at one locality: 53,687 scores, and room for prices in 32 bits

Whole = npt.NDArray[np.int64]
Short = npt.NDArray[np.int32]


class RepeatedFamily(StellwerkError):
    """Two families have one id."""


class RepeatedLocality(StellwerkError):
    """Two localities have one id."""


class NegativeCapacity(StellwerkError):
    """A locality has a capacity below zero."""


class NegativeDemand(StellwerkError):
    """A family demands less than nothing of a resource."""


class FamilyWithoutMembers(StellwerkError):
    """A family has no members."""


class FloorAboveCapacity(StellwerkError):
    """A locality must take more persons than it can."""


class ScoreOutOfRange(StellwerkError):
    """A score is too large to be counted in points."""


class LockNotPossible(StellwerkError):
    """A family is locked to a locality where it is not eligible or does not fit."""


class LocksExceedCapacity(StellwerkError):
    """The families locked to a locality demand more than it has."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One placement task of F families, P localities and R resources.

    Index P stands for staying in the state facility, which every family may and which has no capacity. A plan is
    worth the points of its pairs, less `missing` points for each person that a locality lacks to its floor.
    """

    families: tuple[str, ...]
    """Ids of the families, all different."""
    localities: tuple[str, ...]
    """Ids of the localities, all different."""
    resources: tuple[str, ...]
    """Names of what localities have and families need; the first is `persons`."""
    demand: Short
    """F x R, units a family takes; column 0 is its number of members, at least 1."""
    capacity: Whole
    """P x R, units a locality has: never exceeded. Column 0 is the upper end of its quota band."""
    floor: Whole
    """P, persons a locality shall take at least: the lower end of its quota band. A plan may miss it, at a price."""
    scores: Short
    """F x P, points of a family at a locality, for all its members together; NOT_ELIGIBLE where it must not go."""
    stay: Whole
    """F, points of a family that stays in the state facility; usually below zero."""
    missing: int
    """Points lost for each person that a locality lacks to its floor."""
    locks: Short
    """F, index of the locality decided for a family (P: it stays), else FREE."""
    vetoes: Short
    """V x 2, pairs of family and locality that somebody has ruled out."""
    ties: Short
    """F, index of the locality where a family has relatives, else NO_TIE. For reports: scores hold its worth."""
    seed: int = 1
    """Decides between equals, and nothing else."""

    @property
    def sizes(self) -> Short:
        """Members of each family."""
        return np.ascontiguousarray(self.demand[:, 0])

    @property
    def staying(self) -> int:
        """The index that stands for staying in the state facility."""
        return len(self.localities)

    @property
    def open_scores(self) -> Short:
        """The scores, NOT_ELIGIBLE also where a pair is ruled out. A copy only where there are vetoes."""
        if not len(self.vetoes):
            return self.scores
        scores = self.scores.copy()
        scores[self.vetoes[:, 0], self.vetoes[:, 1]] = NOT_ELIGIBLE
        return scores

    @cached_property
    def classes(self) -> tuple[Short, Short]:
        """Families with equal demands, sorted: C x R demands, and F numbers of classes."""
        widths = self.demand.max(axis=0, initial=0).astype(object) + 1
        if np.prod(widths) >= 2**62:  # too wide for one key
            demands, class_of = np.unique(self.demand, axis=0, return_inverse=True)
            return demands, class_of.reshape(-1).astype(np.int32)
        keys = np.zeros(len(self.families), dtype=np.int64)
        for column, width in enumerate(widths):
            keys = keys * int(width) + self.demand[:, column]
        _, first, class_of = np.unique(keys, return_index=True, return_inverse=True)
        return self.demand[first], class_of.astype(np.int32)

    @cached_property
    def eligible(self) -> npt.NDArray[np.bool_]:
        """F x P: where a family may go: its needs are met, nobody vetoed it, and it fits in while nobody else is there.

        A locked family may go to the locality of its lock only.
        """
        allowed: npt.NDArray[np.bool_] = np.not_equal(self.scores, NOT_ELIGIBLE)
        demands, class_of = self.classes
        fits: npt.NDArray[np.bool_] = np.all(demands[:, None, :] <= self.capacity[None, :, :], axis=2)
        allowed &= fits[class_of]
        allowed[self.vetoes[:, 0], self.vetoes[:, 1]] = False
        locked = np.flatnonzero(self.locks != FREE)
        at_lock = np.arange(len(self.localities))[None, :] == self.locks[locked][:, None]
        allowed[locked] &= at_lock
        return allowed

    @cached_property
    def may_stay(self) -> npt.NDArray[np.bool_]:
        """F: whether a family may stay in the state facility: always, unless somebody decided on a locality."""
        may: npt.NDArray[np.bool_] = np.isin(self.locks, (FREE, self.staying))
        return may

    @cached_property
    def input_hash(self) -> str:
        """SHA-256 of everything the instance says, in hexadecimal.

        A veto counts as a pair that is not eligible, and families and localities count in the order of their ids, so
        that a task is the same after it was written into a folder and read again.
        """
        task = self.in_order_of_ids()
        words = [task.families, task.localities, task.resources, task.missing, task.seed]
        digest = hashlib.sha256(json.dumps(words, ensure_ascii=False).encode())
        arrays: tuple[tuple[npt.NDArray[np.signedinteger], str], ...] = (
            (task.demand, "<i4"), (task.capacity, "<i8"), (task.floor, "<i8"), (task.open_scores, "<i4"),
            (task.stay, "<i8"), (task.locks, "<i4"), (task.ties, "<i4"),
        )  # fmt: skip
        for array, layout in arrays:
            digest.update(np.ascontiguousarray(array, dtype=layout).data)
        return digest.hexdigest()

    def in_order_of_ids(self) -> Instance:
        """The same task with families and localities sorted by id."""
        rows = sorted(range(len(self.families)), key=self.families.__getitem__)
        columns = sorted(range(len(self.localities)), key=self.localities.__getitem__)
        if rows == list(range(len(rows))) and columns == list(range(len(columns))):
            return self
        place = np.empty(len(columns) + 2, dtype=np.int32)  # new index by old one; the last two stay what they are
        place[columns], place[-2:] = np.arange(len(columns)), (self.staying, FREE)
        family = np.empty(len(rows), dtype=np.int32)
        family[rows] = np.arange(len(rows))
        vetoes = np.stack([family[self.vetoes[:, 0]], place[self.vetoes[:, 1]]], axis=1)
        return replace(
            self,
            families=tuple(self.families[row] for row in rows),
            localities=tuple(self.localities[column] for column in columns),
            demand=self.demand[rows], capacity=self.capacity[columns], floor=self.floor[columns],
            scores=self.scores[np.ix_(rows, columns)], stay=self.stay[rows],
            locks=place[self.locks[rows]], vetoes=vetoes, ties=place[self.ties[rows]],
        )  # fmt: skip

    def with_locks(self, locks: Short) -> Instance:
        """The same task with other locks, checked."""
        return checked(replace(self, locks=locks))

    def with_vetoes(self, vetoes: Short) -> Instance:
        """The same task with other vetoes, checked."""
        return checked(replace(self, vetoes=vetoes))

    def with_scores(self, scores: Short) -> Instance:
        """The same task with other points, checked."""
        return checked(replace(self, scores=scores))


def checked(instance: Instance) -> Instance:
    """The instance, if nothing in it contradicts itself; else the first contradiction as an error."""
    refuse_repeated(instance.families, instance.localities)
    _check_amounts(instance)
    _check_locks(instance)
    return instance


def no_locks(families: int) -> Short:
    """Locks of families about which nobody has decided."""
    return np.full(families, FREE, dtype=np.int32)


def no_vetoes() -> Short:
    """No pair ruled out."""
    return np.empty((0, 2), dtype=np.int32)


def no_ties(families: int) -> Short:
    """Families without relatives anywhere."""
    return np.full(families, NO_TIE, dtype=np.int32)


def refuse_repeated(families: Sequence[str], localities: Sequence[str]) -> None:
    """Refuse two families or two localities with one id."""
    family, locality = _first_repeated(families), _first_repeated(localities)
    if family is not None:
        raise RepeatedFamily(family=family)
    if locality is not None:
        raise RepeatedLocality(locality=locality)


def _first_repeated(ids: Sequence[str]) -> str | None:
    if len(set(ids)) == len(ids):
        return None
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    return None


def _check_amounts(instance: Instance) -> None:
    for row, column in np.argwhere(instance.capacity < 0)[:1]:
        raise NegativeCapacity(
            locality=instance.localities[row], resource=instance.resources[column], value=instance.capacity[row, column]
        )
    for row, column in np.argwhere(instance.demand < 0)[:1]:
        raise NegativeDemand(
            family=instance.families[row], resource=instance.resources[column], value=instance.demand[row, column]
        )
    for row in np.flatnonzero(instance.demand[:, 0] == 0)[:1]:
        raise FamilyWithoutMembers(family=instance.families[row])
    for row in np.flatnonzero((instance.floor > instance.capacity[:, 0]) | (instance.floor < 0))[:1]:
        raise FloorAboveCapacity(
            locality=instance.localities[row], floor=instance.floor[row], capacity=instance.capacity[row, 0]
        )
    if instance.scores.size and int(instance.scores.max()) > MOST_POINTS:
        raise ScoreOutOfRange(most=MOST_POINTS // POINTS)


def _check_locks(instance: Instance) -> None:
    at_locality = (instance.locks != FREE) & (instance.locks != instance.staying)
    locked = np.flatnonzero(at_locality)
    for family in locked[~instance.eligible[locked, instance.locks[locked]]][:1]:
        raise LockNotPossible(family=instance.families[family], locality=instance.localities[instance.locks[family]])
    used = np.zeros_like(instance.capacity)
    np.add.at(used, instance.locks[locked], instance.demand[locked])
    for row, column in np.argwhere(used > instance.capacity)[:1]:
        raise LocksExceedCapacity(
            locality=instance.localities[row], resource=instance.resources[column],
            used=used[row, column], capacity=instance.capacity[row, column],
        )  # fmt: skip
