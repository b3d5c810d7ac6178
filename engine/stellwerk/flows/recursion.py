"""The model of `kernel.run`, told in plain Python: what it means, and what compiling it is measured against.

Takes a `Model`, gives back a `Path`; each week first everybody moves by the chances of a week, then arrivals enter,
then those who are due are assigned. Whole numbers throughout.
"""

from __future__ import annotations

import math

import numpy as np

from stellwerk.flows.kernel import (
    APPEAL,
    ARRIVALS,
    ASSIGNED_OPEN,
    ASSIGNED_PROTECTED,
    ASSIGNED_REFUSED,
    AT_ONCE,
    DUE,
    FIRST,
    LEFT,
    N_STATUSES,
    N_TURNS,
    OLDEST,
    OPEN,
    PROTECTED,
    REFUSED,
    REMOVED,
    STOCK,
    VOLUNTARY,
    scratch,
)
from stellwerk.flows.reception import Model, Path, room_arrays

_ASSIGNED_AS = (ASSIGNED_OPEN, ASSIGNED_OPEN, ASSIGNED_REFUSED, ASSIGNED_REFUSED, ASSIGNED_PROTECTED)
Ages = list[list[list[float]]]  # group, status, age


def expected_in_python(model: Model) -> Path:
    """The same path as `reception.expected`, slowly."""
    flows, stocks, end = scratch(len(model.weeks), len(model.groups))
    flows[:] = 0.0
    removal_room, assignment_room = room_arrays(model)
    here: Ages = [[[float(x) for x in ages] for ages in group] for group in model.begin]
    for t in range(len(model.weeks)):
        here = [[_older(ages) for ages in group] for group in here]
        _move(here, model, t, removal_room[t], flows[t])
        for g, arriving in enumerate(model.arrivals[t]):
            here[g][model.enters_as[g]][0] += float(arriving)
            flows[t, g, ARRIVALS] = arriving
        _assign(here, model, t, float(assignment_room[t]), flows[t])
        for g, group in enumerate(here):
            stocks[t, g] = [sum(ages) for ages in group]
            flows[t, g, STOCK] = sum(stocks[t, g])
            flows[t, g, FIRST] = sum(sum(ages[: model.first_weeks]) for ages in group)
    for g, group in enumerate(here):
        for s, ages in enumerate(group):
            end[g, s] = ages
    return Path(model.weeks, model.groups, flows, stocks, end)


def _older(ages: list[float]) -> list[float]:
    return [0.0, *ages[: OLDEST - 1], ages[OLDEST - 1] + ages[OLDEST]]


def _move(here: Ages, model: Model, t: int, room: float, flows: np.ndarray) -> None:
    chance, e = model.chances, model.era[t]
    removed_share = chance.removed[e].tolist()
    wanted = sum(
        math.floor(sum(map(sum, (group[REFUSED], group[AT_ONCE]))) * removed_share[g]) for g, group in enumerate(here)
    )
    share = 1.0 if wanted <= room else room / wanted
    for g, group in enumerate(here):
        decided, heard, won = float(chance.decided[e, g]), float(chance.heard[e, g]), float(chance.won[e, g])
        removed, voluntary = removed_share[g] * share, float(chance.voluntary[e, g])
        left, splits = float(chance.left[e, g]), chance.splits[e, g].tolist()
        n_removed = n_voluntary = n_left = 0.0
        for age in range(1, OLDEST + 1):
            waiting, remedy, refused, at_once = (group[s][age] for s in (OPEN, APPEAL, REFUSED, AT_ONCE))
            if not waiting and not remedy and not refused and not at_once:
                continue
            decisions = math.floor(waiting * decided)
            protected, appealed, accepted, quick = (math.floor(decisions * part) for part in splits)
            judged = math.floor(remedy * heard)
            granted = math.floor(judged * won)
            out = [math.floor(refused * removed), math.floor(at_once * removed)]
            home = [math.floor(there * voluntary) for there in (remedy, refused, at_once)]
            gone = [math.floor(there * left) for there in (waiting, remedy, refused, at_once)]
            group[OPEN][age] -= decisions + gone[0]
            group[APPEAL][age] += appealed - judged - home[0] - gone[1]
            group[REFUSED][age] += accepted + judged - granted - out[0] - home[1] - gone[2]
            group[AT_ONCE][age] += quick - out[1] - home[2] - gone[3]
            group[PROTECTED][age] += protected + granted
            n_removed += sum(out)
            n_voluntary += sum(home)
            n_left += sum(gone) + decisions - protected - appealed - accepted - quick
        flows[g, REMOVED], flows[g, VOLUNTARY], flows[g, LEFT] = n_removed, n_voluntary, n_left


def _assign(here: Ages, model: Model, t: int, room: float, flows: np.ndarray) -> None:
    due = model.terms.due[model.terms.holds[t]].tolist()
    turn = model.terms.turn[model.terms.holds[t]].tolist()
    wanting = [0.0] * N_TURNS
    for g, group in enumerate(here):
        for s in range(N_STATUSES):
            wanting[turn[g][s]] += sum(group[s][due[g][s] :])
    shares = []
    for there in wanting:
        shares.append(1.0 if there <= room else room / there)
        room -= min(room, there)
    for g, group in enumerate(here):
        for s in range(N_STATUSES):
            n_assigned = n_waiting = 0.0
            for age in range(due[g][s], OLDEST + 1):
                assigned = math.floor(group[s][age] * shares[turn[g][s]])
                group[s][age] -= assigned
                n_assigned += assigned
                n_waiting += group[s][age]
            flows[g, _ASSIGNED_AS[s]] += n_assigned
            flows[g, DUE] += n_waiting
