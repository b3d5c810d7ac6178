"""One run of the stock-and-flow model, compiled: weekly cohorts move between statuses and leave, nobody gets lost.

In go arrivals, hazards, splits and terms of stay as arrays of whole parts of a person (see `persons`), out come flows
and stocks by week and group. Every flow is rounded down to whole parts before it is taken from one stock and added to
another, and sums of whole numbers below 2**53 are exact in floats in any order: hence the leave to reassociate sums,
and the same bytes on every machine. `recursion.py` tells the same model in plain Python.

Letters: t week, g group, s status (OPEN ... PROTECTED as in `results.STATUSES`), c cohort; the cohort that arrives in
week t has the index oldest + t, so that a cohort's age is oldest + t - c weeks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

OPEN, APPEAL, REFUSED, AT_ONCE, PROTECTED = range(5)
N_STATUSES = 5
ARRIVALS, ASSIGNED_PROTECTED, ASSIGNED_OPEN, ASSIGNED_REFUSED, REMOVED, VOLUNTARY, LEFT, STOCK, FIRST, DUE = range(10)
N_FLOWS = 10
TO_PROTECTED, TO_APPEAL, TO_REFUSED, TO_AT_ONCE = range(4)  # columns of `splits`; who is in none of them leaves
N_TURNS = 4  # who is assigned first where municipalities cannot take all
OLDEST = 130  # weeks; older cohorts are counted as this old, and no term of stay is longer
NEVER = 30_000  # a term that does not end
_KIND_OF_ASSIGNMENT = (ASSIGNED_OPEN, ASSIGNED_OPEN, ASSIGNED_REFUSED, ASSIGNED_REFUSED, ASSIGNED_PROTECTED)
_EXACT_SUMS = {"reassoc", "nsz"}

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def run(
    arrivals: Floats,
    enters_as: Counts,
    begin: Floats,
    era: Counts,
    decided: Floats,
    splits: Floats,
    heard: Floats,
    won: Floats,
    removed: Floats,
    voluntary: Floats,
    left: Floats,
    removal_room: Floats,
    term: Counts,
    due: Counts,
    turn: Counts,
    assignment_room: Floats,
    first_weeks: int,
    flows: Floats,
    stocks: Floats,
    end: Floats,
) -> None:
    """Fill `flows` [t, g, N_FLOWS], `stocks` [t, g, s] and the last state `end` [g, s, age] of one run.

    arrivals [t, g]; begin [g, s, age]; era [t] picks the row of the weekly hazards decided, heard, won, removed,
    voluntary, left [e, g] and of splits [e, g, 4]; term [t] picks the row of due and turn [d, g, s], the weeks after
    which somebody is due for assignment and his turn among those due; removal_room and assignment_room [t] are the
    most parts of persons that can be removed and assigned in a week.
    """
    weeks, groups = arrivals.shape
    oldest = begin.shape[2] - 1
    cohorts = np.zeros((groups, N_STATUSES, oldest + 1 + weeks))
    lowest = np.zeros(groups, np.int64)
    flows[:] = 0.0
    for g in range(groups):
        for s in range(N_STATUSES):
            for age in range(oldest + 1):
                cohorts[g, s, oldest - age] = begin[g, s, age]
    for t in range(weeks):
        e, d = era[t], term[t]
        newest = oldest + 1 + t
        share = _removal_share(cohorts, lowest, newest, removed[e], removal_room[t])
        for g in range(groups):
            _age_out(cohorts[g], lowest[g], t)
            lowest[g] = max(lowest[g], t + 1)
            _decide_and_leave(
                cohorts[g],
                lowest[g],
                newest,
                decided[e, g],
                splits[e, g],
                heard[e, g],
                won[e, g],
                removed[e, g] * share,
                voluntary[e, g],
                left[e, g],
                flows[t, g],
                stocks[t, g],
            )
            cohorts[g, enters_as[g], newest] += arrivals[t, g]
            stocks[t, g, enters_as[g]] += arrivals[t, g]
            flows[t, g, ARRIVALS] = arrivals[t, g]
        shares = _assignment_shares(cohorts, lowest, newest, due[d], turn[d], assignment_room[t])
        for g in range(groups):
            _assign(cohorts[g], lowest[g], newest, due[d, g], turn[d, g], shares, flows[t, g], stocks[t, g])
            lowest[g] = _first_occupied(cohorts[g], lowest[g], newest)
            flows[t, g, STOCK] = _sum(stocks[t, g])
            for s in range(N_STATUSES):
                flows[t, g, FIRST] += _sum(cohorts[g, s, max(lowest[g], newest - first_weeks + 1) : newest + 1])
    for g in range(groups):
        for s in range(N_STATUSES):
            for age in range(oldest + 1):
                end[g, s, age] = cohorts[g, s, oldest + weeks - age]


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def _removal_share(cohorts: Floats, lowest: Counts, newest: int, removed: Floats, room: float) -> float:
    """The share of wanted removals for which there is room."""
    if room == np.inf:
        return 1.0
    wanted = 0.0
    for g in range(cohorts.shape[0]):
        there = _sum(cohorts[g, REFUSED, lowest[g] : newest]) + _sum(cohorts[g, AT_ONCE, lowest[g] : newest])
        wanted += np.floor(there * removed[g])
    return 1.0 if wanted <= room else room / wanted


@njit(nogil=True, cache=True)
def _age_out(cohorts: Floats, lowest: int, t: int) -> None:
    """Add cohorts that pass the greatest age to the oldest one still told apart."""
    for c in range(lowest, t + 1):
        for s in range(N_STATUSES):
            cohorts[s, t + 1] += cohorts[s, c]
            cohorts[s, c] = 0.0


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def _decide_and_leave(
    cohorts: Floats,
    lowest: int,
    newest: int,
    decided: float,
    splits: Floats,
    heard: float,
    won: float,
    removed: float,
    voluntary: float,
    left: float,
    flows: Floats,
    stocks: Floats,
) -> None:
    """Move everybody who was there at the week's beginning by one week; all flows are shares of that stock."""
    to_protected, to_appeal = splits[TO_PROTECTED], splits[TO_APPEAL]
    to_refused, to_at_once = splits[TO_REFUSED], splits[TO_AT_ONCE]
    n_removed = n_voluntary = n_left = 0.0
    n_open = n_appeal = n_refused = n_at_once = n_protected = 0.0
    # one view a status, counted from zero: only so the compiler takes several cohorts at once (measured)
    in_open, in_appeal = cohorts[OPEN, lowest:newest], cohorts[APPEAL, lowest:newest]
    in_refused, in_at_once = cohorts[REFUSED, lowest:newest], cohorts[AT_ONCE, lowest:newest]
    in_protected = cohorts[PROTECTED, lowest:newest]
    for i in range(newest - lowest):
        waiting, remedy, refused, at_once = in_open[i], in_appeal[i], in_refused[i], in_at_once[i]
        decisions = np.floor(waiting * decided)
        protected = np.floor(decisions * to_protected)
        appealed = np.floor(decisions * to_appeal)
        accepted = np.floor(decisions * to_refused)
        quick = np.floor(decisions * to_at_once)
        closed = decisions - protected - appealed - accepted - quick
        judged = np.floor(remedy * heard)
        granted = np.floor(judged * won)
        out_of_refused, out_of_quick = np.floor(refused * removed), np.floor(at_once * removed)
        home_remedy, home_refused = np.floor(remedy * voluntary), np.floor(refused * voluntary)
        home_quick = np.floor(at_once * voluntary)
        gone_waiting, gone_remedy = np.floor(waiting * left), np.floor(remedy * left)
        gone_refused, gone_quick = np.floor(refused * left), np.floor(at_once * left)
        still_open = waiting - decisions - gone_waiting
        still_remedy = remedy + appealed - judged - home_remedy - gone_remedy
        still_refused = refused + accepted + (judged - granted) - out_of_refused - home_refused - gone_refused
        still_quick = at_once + quick - out_of_quick - home_quick - gone_quick
        in_open[i], in_appeal[i], in_refused[i], in_at_once[i] = still_open, still_remedy, still_refused, still_quick
        in_protected[i] += protected + granted
        n_open += still_open
        n_appeal += still_remedy
        n_refused += still_refused
        n_at_once += still_quick
        n_protected += in_protected[i]
        n_removed += out_of_refused + out_of_quick
        n_voluntary += home_remedy + home_refused + home_quick
        n_left += closed + gone_waiting + gone_remedy + gone_refused + gone_quick
    flows[REMOVED], flows[VOLUNTARY], flows[LEFT] = n_removed, n_voluntary, n_left
    stocks[OPEN], stocks[APPEAL], stocks[REFUSED], stocks[AT_ONCE] = n_open, n_appeal, n_refused, n_at_once
    stocks[PROTECTED] = n_protected


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def _assignment_shares(cohorts: Floats, lowest: Counts, newest: int, due: Counts, turn: Counts, room: float) -> Floats:
    """For each turn, the share of those due whom the municipalities take this week; earlier turns come first."""
    shares = np.ones(N_TURNS)
    if room == np.inf:
        return shares
    wanting = np.zeros(N_TURNS)
    for g in range(cohorts.shape[0]):
        for s in range(N_STATUSES):
            wanting[turn[g, s]] += _sum(cohorts[g, s, lowest[g] : max(lowest[g], newest - due[g, s] + 1)])
    for k in range(N_TURNS):
        if wanting[k] > room:
            shares[k] = room / wanting[k]
        room -= min(room, wanting[k])
    return shares


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def _assign(
    cohorts: Floats,
    lowest: int,
    newest: int,
    due: Counts,
    turn: Counts,
    shares: Floats,
    flows: Floats,
    stocks: Floats,
) -> None:
    """Assign the share of each turn of those who are due; who is due and stays, waits."""
    for s in range(N_STATUSES):
        share, n_assigned, n_due = shares[turn[s]], 0.0, 0.0
        there = cohorts[s, lowest : max(lowest, newest - due[s] + 1)]
        for i in range(len(there)):
            assigned = np.floor(there[i] * share)
            n_due += there[i]
            there[i] -= assigned
            n_assigned += assigned
        stocks[s] -= n_assigned
        flows[DUE] += n_due - n_assigned
        flows[_KIND_OF_ASSIGNMENT[s]] += n_assigned


@njit(nogil=True, cache=True)
def _first_occupied(cohorts: Floats, lowest: int, newest: int) -> int:
    """The oldest cohort that still has anybody, so that empty ones are passed over."""
    for c in range(lowest, newest):
        for s in range(N_STATUSES):
            if cohorts[s, c] != 0.0:
                return c
    return newest


@njit(nogil=True, cache=True, fastmath=_EXACT_SUMS)
def _sum(parts: Floats) -> float:
    total = 0.0
    for i in range(len(parts)):
        total += parts[i]
    return total


def scratch(weeks: int, groups: int) -> tuple[Any, Any, Any]:
    """Empty arrays for what `run` fills: flows, stocks and the last state."""
    return (
        np.empty((weeks, groups, N_FLOWS)),
        np.empty((weeks, groups, N_STATUSES)),
        np.empty((groups, N_STATUSES, OLDEST + 1)),
    )
