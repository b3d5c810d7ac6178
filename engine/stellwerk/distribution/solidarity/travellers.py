"""Which families wait for relocation, as tables in and out?

In go a table of families (one row each) and a table of their links to states, cells as they stand in a file; out come
families that can be planned, and a plan as a table. A cell that says nothing clear is an error with its row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from stellwerk.distribution.reference import require_columns
from stellwerk.distribution.solidarity.relocation import FULL_LINK, Family, FamilyRowWrong, Relocation
from stellwerk.errors import StellwerkError, nearest

FAMILY_COLUMNS = ("family_id", "persons", "state")
LINK_COLUMNS = ("family_id", "state")
YES, NO = frozenset({"true", "ja", "yes", "1"}), frozenset({"false", "nein", "no", "0", ""})


class LinkOfNobody(StellwerkError):
    """A link names a family that is not in the list of families."""


def families_from(families: pl.DataFrame, links: pl.DataFrame | None = None) -> list[Family]:
    """Families of a table with family_id, persons, state (where they are) and, if known, excluded (security check).

    `links` has family_id, state and, if wanted, strength from 1 to 100; without one a link counts in full.
    """
    require_columns(families, FAMILY_COLUMNS, "families")
    known = [str(name) for name in families["family_id"]]
    linked = _links(links, known)
    return [_family(row, linked) for row in families.iter_rows(named=True)]


def plan_frame(families: Iterable[Family], plan: Relocation) -> pl.DataFrame:
    """One row a family: persons, where it is, where it goes (empty: stays), and the strength of its link there."""
    rows = []
    for family in sorted(families, key=lambda one: one.family):
        to = plan.went.get(family.family)
        rows.append((family.family, family.persons, family.at, to, family.link(to) if to else None))
    schema = {"family_id": pl.String, "persons": pl.Int64, "state": pl.String, "to": pl.String, "link": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _links(links: pl.DataFrame | None, known: list[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if links is not None:
        require_columns(links, LINK_COLUMNS, "links")
        ids = set(known)
        for row in links.iter_rows(named=True):
            name = str(row["family_id"])
            if name not in ids:
                raise LinkOfNobody(family=name, near=nearest(name, known))
            found[name][str(row["state"])] = _whole(row.get("strength") or FULL_LINK, name)
    return {name: tuple(sorted(strengths.items())) for name, strengths in found.items()}


def _family(row: dict[str, object], linked: dict[str, tuple[tuple[str, int], ...]]) -> Family:
    name = str(row["family_id"])
    said = str(row.get("excluded") or "").strip().lower()
    if said not in YES | NO or not row["state"]:
        raise FamilyRowWrong(family=name)
    return Family(
        family=name,
        persons=_whole(row["persons"], name),
        at=str(row["state"]),
        links=linked.get(name, ()),
        excluded=said in YES,
    )


def _whole(cell: object, family: str) -> int:
    try:
        return int(str(cell))
    except ValueError:
        raise FamilyRowWrong(family=family) from None
