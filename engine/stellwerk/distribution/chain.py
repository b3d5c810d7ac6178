"""What becomes of a number at the top on its way down, level by level, to one municipality?

In go a number (or what each place at the top receives), a day and the levels of `params/chain.yaml`; out comes each
level's division. What one place receives is the number that the next level divides, so the levels sum exactly. Two
chains side by side say what a change at the top does below.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from stellwerk import formats
from stellwerk.distribution.keys import find_key
from stellwerk.distribution.quota import PERCENT, as_percent, distribute
from stellwerk.distribution.reference import ReferenceTables, require_places
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.errors import StellwerkError, nearest

CHAIN_FILE = "chain.yaml"


class UnknownLevel(StellwerkError):
    """The chain has no level of this name."""


class KeyForOtherPlaces(StellwerkError):
    """A key that divides among other places than the level's own."""


class ChainsDiffer(StellwerkError):
    """Two chains cannot be set side by side, because they do not lead through the same places."""


class Level(Document):
    """A level: who is divided among, by which key, and which place leads on to the next level."""

    level: str
    label: Labels
    places: str
    key: str
    descend: str | None = None


class Levels(Document):
    """All of `params/chain.yaml`, from the top."""

    levels: list[Level]


@dataclass(frozen=True)
class Link:
    """One level, divided: the number that came from above, what each place receives, its exact share of it."""

    level: str
    label: Labels
    key: str
    total: int
    names: dict[str, str]
    persons: dict[str, int]
    shares: dict[str, Fraction]
    above: Fraction  # the part of the top's number that came to this level, were persons divisible
    descend: str | None


@dataclass(frozen=True)
class Chain:
    """All levels of a number on its way down."""

    on: dt.date
    links: tuple[Link, ...]

    @property
    def total(self) -> int:
        """The number at the top."""
        return self.links[0].total

    @property
    def path(self) -> tuple[str, ...]:
        """The places through which the number leads down."""
        return tuple(link.descend for link in self.links if link.descend is not None)

    def to_frame(self) -> pl.DataFrame:
        """One row a place of each level: its share at its level and of the top, persons, and for each the exact part.

        `top_for_one` is how many persons at the top stand for one person in the place.
        """
        rows = [_row(link, code, self.total) for link in self.links for code in sorted(link.names)]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")


SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "level": pl.String,
    "code": pl.String,
    "name": pl.String,
    "persons": pl.Int64,
    "exact": PERCENT,
    "share_percent": PERCENT,
    "share_of_top_percent": PERCENT,
    "top_for_one": PERCENT,
}


def load_levels(tables: ReferenceTables, keys: Mapping[str, str] | None = None) -> list[Level]:
    """The levels of the checkout; `keys` gives some of them another key."""
    data = read_document(tables.params / CHAIN_FILE, CHAIN_FILE)
    levels = validated(Levels, data, CHAIN_FILE).levels
    known = [level.level for level in levels]
    for name in keys or {}:
        if name not in known:
            raise UnknownLevel(level=name, near=nearest(name, known), known=known)
    return [level.model_copy(update={"key": (keys or {}).get(level.level, level.key)}) for level in levels]


def chain(persons: int, on: dt.date, levels: Sequence[Level], tables: ReferenceTables) -> Chain:
    """Divide `persons` at the top and pass on, level by level, what the chosen place receives."""
    links: list[Link] = []
    total, above = persons, Fraction(1)
    for level in levels:
        link = _divided(level, total, above, on, tables)
        links.append(link)
        if level.descend is None:
            break
        require_places([level.descend], link.names)
        total, above = link.persons[level.descend], above * link.shares[level.descend]
    return Chain(on, tuple(links))


def chain_from(given: Mapping[str, int], on: dt.date, levels: Sequence[Level], tables: ReferenceTables) -> Chain:
    """The same where the numbers at the top are given, place by place, and not divided by a key."""
    top, *below = levels
    names = tables.names(top.places)
    require_places(given, names)
    total = sum(given.values())
    persons = {code: given.get(code, 0) for code in names}
    shares = {code: Fraction(count, total) if total else Fraction(0) for code, count in persons.items()}
    first = Link(top.level, top.label, "", total, names, persons, shares, Fraction(1), top.descend)
    if top.descend is None:
        return Chain(on, (first,))
    rest = chain(persons[top.descend], on, below, tables)
    share = shares[top.descend]
    return Chain(on, (first, *(_below(link, share) for link in rest.links)))


def side_by_side(before: Chain, after: Chain) -> pl.DataFrame:
    """One row a place: persons before and after, the change in whole persons and, were they divisible, exactly."""
    if [link.descend for link in before.links] != [link.descend for link in after.links]:
        raise ChainsDiffer()
    joined = before.to_frame().join(after.to_frame(), on=["level", "code", "name"], suffix="_after", how="inner")
    return joined.select(
        "level",
        "code",
        "name",
        pl.col("persons").alias("before"),
        pl.col("persons_after").alias("after"),
        (pl.col("persons_after") - pl.col("persons")).alias("change"),
        (pl.col("exact_after") - pl.col("exact")).alias("exact_change"),
    )


def _divided(level: Level, total: int, above: Fraction, on: dt.date, tables: ReferenceTables) -> Link:
    key = find_key(level.key, tables)
    if key.places != level.places:
        raise KeyForOtherPlaces(key=level.key, level=level.label.de)
    found = distribute(level.key, total, on, tables)
    return Link(
        level=level.level,
        label=level.label,
        key=level.key,
        total=total,
        names=found.names,
        persons={code: found.persons.get(code, 0) for code in found.names},
        shares={code: found.shares.get(code, Fraction(0)) for code in found.names},
        above=above,
        descend=level.descend,
    )


def _below(link: Link, share: Fraction) -> Link:
    return Link(**{**vars(link), "above": link.above * share})


def _row(link: Link, code: str, total: int) -> dict[str, object]:
    of_top = link.above * link.shares[code]
    return {
        "level": link.level,
        "code": code,
        "name": link.names[code],
        "persons": link.persons[code],
        "exact": formats.exact(of_top * total, 6),
        "share_percent": as_percent(link.shares[code]),
        "share_of_top_percent": as_percent(of_top),
        "top_for_one": formats.exact(1 / of_top, 6) if of_top else None,
    }
