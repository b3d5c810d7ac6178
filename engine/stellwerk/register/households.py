"""Which persons live together as a family, where no table of family sizes is published?

In go persons of one group and one nationality, out comes a family number for each. Minors are attached to adults,
mothers first; what adults remain are couples or live alone. Sizes are synthetic and must be labelled so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stellwerk.register.draws import Draws, Flags, Integers
from stellwerk.register.figures import FamilyShares

UNATTACHED = -1  # a minor for whom this nationality had no adult left


@dataclass(frozen=True)
class Families:
    """A family number for each person, and how many families there are."""

    number: Integers
    count: int


def form_families(
    minor: Flags, alone: Flags, female: Flags, elder: Flags, shares: FamilyShares, draws: Draws
) -> Families:
    """Families of one nationality: `alone` are minors without parents, `elder` adults who seldom have minor children.

    No family has more minors than the largest number of children with a share; who does not fit stays unattached.
    """
    number = np.full(minor.size, UNATTACHED, dtype=np.int64)
    order = np.lexsort((draws.uniform(minor.size), elder))
    women, men = order[(~minor & female)[order]], order[(~minor & ~female)[order]]
    children = order[(minor & ~alone)[order]]
    families, placed = _families_of_children(children.size, women.size + men.size, shares, draws)
    number[children[: placed.size]] = placed
    mothers = min(round(families * shares.mothers), round(women.size * shares.mothers_at_most))
    mothers = min(max(mothers, families - men.size), women.size)
    single_fathers = families - mothers
    both = min(round(mothers * shares.two_parents), men.size - single_fathers)
    seats = draws.order(families)  # which families have a mother, a father, or both has nothing to do with their size
    number[women[:mothers]] = seats[:mothers]
    number[men[:single_fathers]] = seats[mothers:]
    number[men[single_fathers : single_fathers + both]] = seats[:both]
    rest_women, rest_men = women[mothers:], men[single_fathers + both :]
    couples = round(min(rest_women.size, rest_men.size) * shares.couples)
    count = families
    number[rest_women] = np.arange(count, count + rest_women.size)
    count += rest_women.size
    number[rest_men[:couples]] = number[rest_women[:couples]]
    number[rest_men[couples:]] = np.arange(count, count + rest_men.size - couples)
    count += rest_men.size - couples
    orphans = np.flatnonzero(alone)
    number[orphans] = np.arange(count, count + orphans.size)
    return Families(number, count + orphans.size)


def _families_of_children(children: int, adults: int, shares: FamilyShares, draws: Draws) -> tuple[int, Integers]:
    """How many families the children make, and the family of each child that finds a place."""
    if children == 0 or adults == 0:
        return 0, np.empty(0, dtype=np.int64)
    sizes = 1 + draws.pick(shares.children, children)
    families = int(np.searchsorted(np.cumsum(sizes), children)) + 1
    if families <= adults:
        return families, np.repeat(np.arange(families), sizes[:families])[:children]
    places = min(children, adults * len(shares.children))
    return min(adults, places), np.arange(places) % adults
