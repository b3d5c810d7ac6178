"""Which single moves make a plan better, and when is there none left?

A move takes a family to a place where it has room, or exchanges it with a family there, or lets that family go on to a
third place that has room. Families that lose most against their best place look for their best move in batches, all on
the same state of the plan; then the moves are carried out one after the other where they still hold. So the work is
shared among threads and the plan does not depend on their number. Every move wins whole points; no capacity is ever
exceeded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np

from stellwerk.distribution.placement.instance import NOT_ELIGIBLE, Short, Whole
from stellwerk.distribution.placement.prices import Priced, best_choice
from stellwerk.distribution.placement.task import NO_FIT, Task

BATCH = 1024  # families that look for moves on one state of the plan
PLACES_TRIED = 12  # for exchanges, best first by price; a place with room is always tried
MEMBERS_SEEN = 200  # of a place, from a point that turns with each sweep: measured, more cost time and win nothing
SWEEPS = 30
LEAST_WON = 0.00002  # of all points in one sweep, else the search ends
_NOBODY = -1
_CANNOT = np.int64(-1)
_parallel: Any = numba.njit(cache=True, parallel=True, boundscheck=False)
_serial: Any = numba.njit(cache=True, boundscheck=False)


class _Rules(NamedTuple):
    """What does not change while families move; a named tuple, because compiled functions take these."""

    scores: Short
    stay: Short
    class_of: Short
    demand: Short
    charges: Short
    capacity: Whole
    floor: Whole
    missing: int


class _Book(NamedTuple):
    """A plan as moves change it: who is where, what is taken, and the members of each place side by side."""

    where: Short
    load: Whole
    members: Short
    start: Whole
    residents: Whole
    position: Short


def improved(
    task: Task, found: Priced, where: Short, heard: Callable[[Short], bool], halted: Callable[[], bool]
) -> Short:
    """The plan after moves, each of which won points.

    `heard` is shown the plan after each sweep and may say that it is good enough; `halted` is asked before each batch.
    """
    book = _book(task, where)
    rules = _Rules(
        task.scores, task.stay, task.class_of, task.demand, task.charges(found.prices), task.capacity, task.floor,
        task.missing,
    )  # fmt: skip
    best = best_choice(task, found.prices)[1].astype(np.int64)
    rng = np.random.default_rng(task.seed)
    worth = max(1, int(np.abs(best).sum()))
    for sweep in range(SWEEPS):
        loss = _loss(rules, book, best)
        seekers = rng.permutation(_seekers(rules, book, found.near, loss))
        won = _sweep(rules, book, found, seekers, loss, sweep, halted)
        if heard(book.where) or won < LEAST_WON * worth:
            break
    return book.where


def _loss(rules: _Rules, book: _Book, best: Whole) -> Whole:
    """F, points that each family loses against its best place, both after what it pays."""
    families, places = rules.scores.shape
    at = np.minimum(book.where, places - 1)
    paid = rules.scores[np.arange(families), at].astype(np.int64) - rules.charges[rules.class_of, at]
    loss: Whole = best - np.where(book.where < places, paid, rules.stay)
    return loss


def _seekers(rules: _Rules, book: _Book, near: Short, loss: Whole) -> Whole:
    """Families that lose against their best place, or that could help a place that lacks persons."""
    lacking = book.load[:-1, 0] < rules.floor
    helps = lacking[near].any(axis=1) if lacking.any() else np.zeros(len(loss), dtype=np.bool_)
    return np.flatnonzero((loss > 0) | helps).astype(np.int64)


def _sweep(
    rules: _Rules, book: _Book, found: Priced, seekers: Whole, loss: Whole, sweep: int, halted: Callable[[], bool]
) -> int:
    """Let the seekers move, batch by batch; how many points that won."""
    won = 0
    move = np.empty((BATCH, 3), dtype=np.int32)
    for first in range(0, len(seekers), BATCH):
        if halted():
            break
        batch = seekers[first : first + BATCH]
        _propose(batch, sweep, loss, rules, book, found.near, found.worth, move)
        won += int(_carry_out(batch, rules, book, move))
    return won


def _book(task: Task, where: Short) -> _Book:
    families, places = task.scores.shape
    load = np.zeros((places + 1, task.capacity.shape[1]), dtype=np.int64)
    np.add.at(load, where, task.demand[task.class_of])
    room = np.append(np.minimum(task.capacity[:, 0], families), 0)  # every family has a member, so no more fit in
    start = np.concatenate([[0], np.cumsum(room)])[:-1].astype(np.int64)
    members = np.zeros(int(room.sum()) + 1, dtype=np.int32)
    book = _Book(
        where.copy(), load, members, start, np.zeros(places + 1, dtype=np.int64), np.zeros(families, dtype=np.int32)
    )
    _fill(book)
    return book


@_serial
def _fill(book):  # type: ignore[no-untyped-def]
    for f in range(book.where.shape[0]):
        if book.where[f] < book.residents.shape[0] - 1:
            _enter(f, np.int64(book.where[f]), book)


@_serial
def _enter(f, p, book):  # type: ignore[no-untyped-def]
    book.members[book.start[p] + book.residents[p]] = f
    book.position[f] = book.residents[p]
    book.residents[p] += 1


@_serial
def _leave(f, p, book):  # type: ignore[no-untyped-def]
    last = book.members[book.start[p] + book.residents[p] - 1]
    book.members[book.start[p] + book.position[f]] = last
    book.position[last] = book.position[f]
    book.residents[p] -= 1


@_serial
def _has_room(p, comes, goes, rules, book):  # type: ignore[no-untyped-def]
    """Whether demand `comes` fits into p once `goes` has left."""
    fits = True
    for r in range(comes.shape[0]):
        fits = fits and book.load[p, r] + comes[r] - goes[r] <= rules.capacity[p, r]
    return fits


@_serial
def _may_be(f, p, rules):  # type: ignore[no-untyped-def]
    return rules.scores[f, p] != NOT_ELIGIBLE and rules.charges[rules.class_of[f], p] != NO_FIT


@_serial
def _filled(p, more, rules, book):  # type: ignore[no-untyped-def]
    """Points won because p lacks less to its floor when `more` persons come."""
    lacks = rules.floor[p] - book.load[p, 0]
    return rules.missing * (max(lacks, 0) - max(lacks - more, 0))


@_serial
def _left(f, rules, book):  # type: ignore[no-untyped-def]
    """Points lost because f is no longer where it was."""
    j = np.int64(book.where[f])
    if j == rules.capacity.shape[0]:
        return np.int64(rules.stay[f])
    return rules.scores[f, j] - _filled(j, -np.int64(rules.demand[rules.class_of[f], 0]), rules, book)


@_serial
def _shift_gain(f, p, rules, book):  # type: ignore[no-untyped-def]
    """Points won if f goes to p as things are; -1 where it cannot."""
    takes = rules.demand[rules.class_of[f]]
    if not _may_be(f, p, rules):
        return _CANNOT
    for r in range(takes.shape[0]):
        if book.load[p, r] + takes[r] > rules.capacity[p, r]:
            return _CANNOT
    return rules.scores[f, p] + _filled(p, np.int64(takes[0]), rules, book) - _left(f, rules, book)


@_serial
def _swap_gain(f, p, g, rules, book):  # type: ignore[no-untyped-def]
    """Points won if f goes to p and g from there to f's place; -1 where they cannot."""
    j = np.int64(book.where[f])
    takes, gives = rules.demand[rules.class_of[f]], rules.demand[rules.class_of[g]]
    if not _may_be(f, p, rules) or not _may_be(g, j, rules):
        return _CANNOT
    if not _has_room(p, takes, gives, rules, book) or not _has_room(j, gives, takes, rules, book):
        return _CANNOT
    more = np.int64(takes[0]) - gives[0]
    exchanged = np.int64(rules.scores[f, p]) - rules.scores[f, j] + rules.scores[g, j] - rules.scores[g, p]
    return exchanged + _filled(p, more, rules, book) + _filled(j, -more, rules, book)


@_serial
def _chain_gain(f, p, g, q, rules, book):  # type: ignore[no-untyped-def]
    """Points won if f goes to p and g from there to a third place q (P: stays); -1 where they cannot."""
    takes, gives = rules.demand[rules.class_of[f]], rules.demand[rules.class_of[g]]
    if not _may_be(f, p, rules) or not _has_room(p, takes, gives, rules, book):
        return _CANNOT
    won = np.int64(rules.scores[f, p]) - rules.scores[g, p] - _left(f, rules, book)
    won += _filled(p, np.int64(takes[0]) - gives[0], rules, book)
    if q == rules.capacity.shape[0]:
        return won + rules.stay[g]
    if not _may_be(g, q, rules):
        return _CANNOT
    for r in range(gives.shape[0]):
        if book.load[q, r] + gives[r] > rules.capacity[q, r]:
            return _CANNOT
    return won + rules.scores[g, q] + _filled(q, np.int64(gives[0]), rules, book)


@_parallel
def _propose(batch, sweep, loss, rules, book, near, worth, move):  # type: ignore[no-untyped-def]
    """The best move of each family in the batch: to which place, with whom, and where that one goes."""
    places = rules.capacity.shape[0]
    for at in numba.prange(batch.shape[0]):
        f = batch[at]
        j = np.int64(book.where[f])
        charge = rules.charges[rules.class_of[f]]
        own = np.int64(rules.stay[f]) if j == places else np.int64(rules.scores[f, j]) - charge[j]
        best = np.int64(0)
        move[at, 0] = _NOBODY
        tried = 0
        for k in range(near.shape[1]):
            p = np.int64(near[f, k])
            if p == j:
                continue
            won = _shift_gain(f, p, rules, book)
            if won > best:
                best, move[at, 0], move[at, 1] = won, p, _NOBODY
            hope = np.int64(worth[f, k]) - charge[p] - own
            if tried == PLACES_TRIED or (hope <= 0 and book.load[p, 0] >= rules.floor[p] and j < places):
                continue
            tried += 1
            best = _with_a_member(f, p, hope, best, sweep, loss, rules, book, near, move[at])


@_serial
def _with_a_member(f, p, hope, best, sweep, loss, rules, book, near, move):  # type: ignore[no-untyped-def]
    """The best of a move with a member of p and of what was found before; `hope` is what f itself can win there."""
    places = rules.capacity.shape[0]
    j, c = book.where[f], rules.class_of[f]
    number = book.residents[p]
    for step in range(min(MEMBERS_SEEN, number)):
        g = np.int64(book.members[book.start[p] + (f * 31 + sweep * MEMBERS_SEEN + step) % number])
        d = rules.class_of[g]
        if d == c and hope + loss[g] <= best:  # equals use what they free, so nothing beyond prices can be won
            continue
        if not _has_room(p, rules.demand[c], rules.demand[d], rules, book):
            continue
        if j < places:
            won = _swap_gain(f, p, g, rules, book)
            if won > best:
                best, move[0], move[1], move[2] = won, p, g, j
            continue
        for other in range(near.shape[1] + 1):
            q = np.int64(places) if other == near.shape[1] else np.int64(near[g, other])
            if q != p:
                won = _chain_gain(f, p, g, q, rules, book)
                if won > best:
                    best, move[0], move[1], move[2] = won, p, g, q
    return best


@_serial
def _carry_out(batch, rules, book, move):  # type: ignore[no-untyped-def]
    """Carry out the moves that still win points now; how many points they won."""
    places = rules.capacity.shape[0]
    total = np.int64(0)
    for at in range(batch.shape[0]):
        f, p, g, q = batch[at], np.int64(move[at, 0]), np.int64(move[at, 1]), np.int64(move[at, 2])
        j = np.int64(book.where[f])
        if p == _NOBODY:
            continue
        if p == j:
            continue
        if g == _NOBODY:
            won = _shift_gain(f, p, rules, book)
        elif book.where[g] != p or q == p:
            continue
        elif q == j and j < places:
            won = _swap_gain(f, p, g, rules, book)
        elif j < places:  # f was moved since: what was proposed is no swap any more
            continue
        else:
            won = _chain_gain(f, p, g, q, rules, book)
        if won > 0:
            total += won
            if g != _NOBODY:
                _relocate(g, q, rules, book)
            _relocate(f, p, rules, book)
    return total


@_serial
def _relocate(f, to, rules, book):  # type: ignore[no-untyped-def]
    """Take f from where it is to another place; the book holds no members of those that stay."""
    places = rules.capacity.shape[0]
    origin, takes = np.int64(book.where[f]), rules.demand[rules.class_of[f]]
    for r in range(takes.shape[0]):
        book.load[origin, r] -= takes[r]
        book.load[to, r] += takes[r]
    if origin < places:
        _leave(f, origin, book)
    book.where[f] = to
    if to < places:
        _enter(f, to, book)
