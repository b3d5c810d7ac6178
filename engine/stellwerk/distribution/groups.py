"""Which place does each family go to, so that nobody is parted and every place comes close to its quota?

In go the persons of each group and an exact quota for each place, out comes a place for each group. Groups are never
split; how far a place may end from its quota is bounded by the size of the groups.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from fractions import Fraction

from stellwerk.errors import StellwerkError


class GroupWithoutPersons(StellwerkError):
    """A group has no persons."""


class QuotaForOthers(StellwerkError):
    """The quotas do not sum to the persons of the groups."""


def place_groups(groups: Mapping[str, int], quotas: Mapping[str, Fraction]) -> dict[str, str]:
    """Give each group, largest first, to the place that lacks most of its quota; ties by size, group and code.

    The quotas sum to the persons of the groups. No place ends above its quota by the size of the largest group or
    more, since a group only goes where something is lacking; where no quota is below zero, none ends below it by as
    much either. Groups of one person give the largest remainder.

    Proof of the second: let place A end lacking d. Each place j that received a group lacked, before its last one of
    size g_j, at least d, so it ends lacking at least d - g_j; a place that received nobody ends lacking its quota, at
    least zero. All that is lacking sums to zero, so (m + 1) d <= sum of g_j over m places, and d < the largest group.
    """
    _check(groups, quotas)
    scale = math.lcm(*(quota.denominator for quota in quotas.values()))
    lacking = [(-int(quota * scale), code) for code, quota in quotas.items()]
    heapq.heapify(lacking)
    placed = {}
    for group in sorted(groups, key=lambda name: (-groups[name], name)):
        lack, code = lacking[0]
        placed[group] = code
        heapq.heapreplace(lacking, (lack + groups[group] * scale, code))
    return {group: placed[group] for group in groups}


def persons_placed(
    groups: Mapping[str, int], placed: Mapping[str, str], places: Mapping[str, object]
) -> dict[str, int]:
    """How many persons each place receives."""
    received = dict.fromkeys(places, 0)
    for group, code in placed.items():
        received[code] += groups[group]
    return received


def _check(groups: Mapping[str, int], quotas: Mapping[str, Fraction]) -> None:
    for group, persons in groups.items():
        if persons < 1:
            raise GroupWithoutPersons(group=group, persons=persons)
    given, wanted = sum(quotas.values(), Fraction(0)), sum(groups.values())
    if given != wanted:
        raise QuotaForOthers(quotas=given, persons=wanted)
