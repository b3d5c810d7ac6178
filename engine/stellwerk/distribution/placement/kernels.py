"""Which places do families choose at given prices, one each or softly? The passes of the price engine, compiled.

The same numbers come out whatever the number of threads: families are worked on in a fixed number of chunks whose sums
are added in a fixed order, and equals are decided by position, turned by the family's number so that families with
equal scores do not all crowd into the first place.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

MOST_CHUNKS = 64  # of families whose sums are added in a fixed order, so that threads do not matter
TURN = 7919  # a prime: neighbours in the list of families begin to look at places far apart
_WORST = np.int32(-(2**31) + 1)
_LEAST_SHARE = np.float32(1e-5)  # smaller shares move no price
_parallel: Any = numba.njit(cache=True, fastmath=True, parallel=True, boundscheck=False)


@numba.njit(inline="always", fastmath=True)
def _soft(x):  # type: ignore[no-untyped-def]
    """About exp(x) for x <= 0, as (1 + x/256)^256: eight squarings, which every processor does in parallel."""
    y = np.float32(1.0) + max(x, np.float32(-20.0)) * np.float32(1.0 / 256.0)
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return y * y


@_parallel
def full_choice(scores, stay, class_of, charges, choice, best):  # type: ignore[no-untyped-def]
    """Each family's best place after charges and its points there; place P is staying."""
    families, places = scores.shape
    for f in numba.prange(families):
        row, charge = scores[f], charges[class_of[f]]
        top = _WORST
        for p in range(places):
            top = max(top, row[p] - charge[p])
        if stay[f] >= top:
            best[f], choice[f] = stay[f], places
            continue
        best[f] = top
        start = (f * TURN) % places
        for turn in range(places):
            p = start + turn
            if p >= places:
                p -= places
            if row[p] - charge[p] == top:
                choice[f] = p
                break


@_parallel
def full_shares(scores, stay, class_of, charges, demand, rows, temperature, load):  # type: ignore[no-untyped-def]
    """Expected loads (chunk x R x P) when the families in `rows` choose softly among all places."""
    chunks, resources, places = load.shape
    number = rows.shape[0]
    for chunk in numba.prange(chunks):
        weight = np.empty(places, np.float32)
        mine = load[chunk]
        mine[:, :] = np.float32(0)
        for at in range(chunk * number // chunks, (chunk + 1) * number // chunks):
            f = rows[at]
            c = class_of[f]
            row, charge, takes = scores[f], charges[c], demand[c]
            top = stay[f]
            for p in range(places):
                top = max(top, row[p] - charge[p])
            factor = np.float32(1.0) / (temperature * np.float32(takes[0]))
            total = np.float32(0)
            for p in range(places):
                weight[p] = _soft(np.float32(row[p] - charge[p] - top) * factor)
                total += weight[p]
            part = np.float32(1) / (total + _soft(np.float32(stay[f] - top) * factor))
            for r in range(resources):
                if takes[r]:
                    amount = np.float32(takes[r]) * part
                    for p in range(places):
                        mine[r, p] += amount * weight[p]


@_parallel
def near_places(scores, class_of, charges, near, worth):  # type: ignore[no-untyped-def]
    """Each family's K places that are worth most after charges, and its points there."""
    families, places = scores.shape
    width = near.shape[1]
    for f in numba.prange(families):
        row, charge = scores[f], charges[class_of[f]]
        left = np.empty(places, np.int32)
        for p in range(places):
            left[p] = row[p] - charge[p]
        limit = np.partition(left, places - width)[places - width]
        start = (f * TURN) % places
        filled = 0
        for equal in range(2):
            for turn in range(places):
                p = start + turn
                if p >= places:
                    p -= places
                if filled < width and ((equal == 0 and left[p] > limit) or (equal == 1 and left[p] == limit)):
                    near[f, filled] = p
                    worth[f, filled] = row[p]
                    filled += 1


@_parallel
def near_shares(near, worth, stay, class_of, charges, demand, temperature, load, bend):  # type: ignore[no-untyped-def]
    """Expected loads (chunk x R x P) and their slopes when all families choose softly among their near places."""
    chunks, resources, _ = load.shape
    families, width = near.shape
    for chunk in numba.prange(chunks):
        weight = np.empty(width, np.float32)
        left = np.empty(width, np.int32)
        mine, slope = load[chunk], bend[chunk]
        mine[:, :] = np.float32(0)
        slope[:, :] = np.float32(0)
        for f in range(chunk * families // chunks, (chunk + 1) * families // chunks):
            c = class_of[f]
            takes, charge = demand[c], charges[c]
            top = stay[f]
            for k in range(width):
                left[k] = worth[f, k] - charge[near[f, k]]
                top = max(top, left[k])
            factor = np.float32(1.0) / (temperature * np.float32(takes[0]))
            total = np.float32(0)
            for k in range(width):
                weight[k] = _soft(np.float32(left[k] - top) * factor)
                total += weight[k]
            part = np.float32(1) / (total + _soft(np.float32(stay[f] - top) * factor))
            for k in range(width):
                weight[k] *= part
            for r in range(resources):
                if takes[r]:
                    amount = np.float32(takes[r])
                    steep = amount * amount * factor
                    for k in range(width):
                        share = weight[k]
                        if share > _LEAST_SHARE:
                            mine[r, near[f, k]] += amount * share
                            slope[r, near[f, k]] += steep * share * (np.float32(1) - share)
