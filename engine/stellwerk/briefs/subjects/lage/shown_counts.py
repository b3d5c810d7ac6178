"""Every count of persons in the brief "Lage und Reform in Kürze" that adds up with another, protected together.

In go the persons with their results, out come the counts as they may be shown. Tracks, nationalities and stay outcomes
share totals with each other, and the situations before and after share theirs: what one table hides, no other tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stellwerk.briefs.secrecy import Count, Sum, protect
from stellwerk.briefs.subjects.lage import counts
from stellwerk.briefs.subjects.lage.content import LageContent, Track
from stellwerk.briefs.subjects.lage.counts import AFTER, BEFORE, People

Cell = tuple[str | None, ...]
ALL: Cell = ("all",)
ASYLUM: Cell = ("asylum",)
TOLERATED: Cell = ("tolerated",)
SITUATIONS = (BEFORE, AFTER)


@dataclass(frozen=True)
class ShownCounts:
    """Protected counts by cell, and the tracks, nationalities and outcomes they are of, in the order to show them."""

    cells: Mapping[Cell, Count]
    tracks: tuple[str, ...]
    asylum_tracks: tuple[str, ...]
    nationalities: tuple[str | None, ...]
    outcomes: tuple[str, ...]

    def track(self, name: str, when: str) -> Count:
        """Persons on a track."""
        return self.cells["track", name, when]

    def outcome(self, name: str, when: str) -> Count:
        """Tolerated persons with a strongest outcome."""
        return self.cells["outcome", name, when]

    def nationality(self, code: str | None, track: str, when: str) -> Count:
        """Persons of a nationality on a track."""
        return self.cells["nationality", code, track, when]

    def of_nationality(self, code: str | None) -> Count:
        """Persons of a nationality in the asylum procedure."""
        return self.cells["nationality", code]


@dataclass(frozen=True)
class _Draft:
    """Counts and sums as they are gathered; a sum that does not hold is no relation a reader could use."""

    counts: dict[Cell, int]
    sums: list[Sum]

    def add_up(self, total: Cell, parts: Sequence[Cell]) -> None:
        found = sum(self.counts[part] for part in parts)
        if parts and self.counts.setdefault(total, found) == found:
            self.sums.append(Sum(total, tuple(parts)))


def shown_counts(content: LageContent, who: People, limit: int) -> ShownCounts:
    """The counts of these persons as they may be shown together."""
    counted, sums = gathered(content, who)
    tracks = _tracks(content, who)
    return ShownCounts(
        protect(counted, sums, limit),
        tuple(track.id for track in tracks),
        tuple(track.id for track in tracks if _in_asylum(track, content)),
        tuple(dict.fromkeys(cell[1] for cell in counted if cell[0] == "nationality")),
        tuple(_outcomes(content, who)),
    )


def gathered(content: LageContent, who: People) -> tuple[dict[Cell, int], list[Sum]]:
    """The true counts of the brief by cell, and which of them add up to which."""
    draft = _Draft({}, [])
    tracks, outcomes = _tracks(content, who), _outcomes(content, who)
    for when in SITUATIONS:
        found, stay = who.by(f"track_{when}"), who.by(f"stay_{when}")
        draft.counts.update({("track", track.id, when): found.get(track.id, 0) for track in tracks})
        draft.counts.update({("outcome", name, when): stay.get(name, 0) for name in outcomes})
        draft.add_up(ALL, [("track", track.id, when) for track in tracks])
        draft.add_up(TOLERATED, [("outcome", name, when) for name in outcomes])
        draft.add_up(TOLERATED, [("track", track.id, when) for track in tracks if _all_of(track, content.stay.status)])
    _add_nationalities(draft, content, who, [track.id for track in tracks if _in_asylum(track, content)])
    for cell in (ALL, ASYLUM, TOLERATED):
        draft.counts.setdefault(cell, 0)
    return draft.counts, draft.sums


def _tracks(content: LageContent, who: People) -> list[Track]:
    """The tracks with anybody on them before or after."""
    found = {name for when in SITUATIONS for name in who.by(f"track_{when}")}
    return [track for track in content.tracks if track.id in found]


def _outcomes(content: LageContent, who: People) -> list[str]:
    found = {name for when in SITUATIONS for name in who.by(f"stay_{when}")}
    return [name for name in content.stay.order if name in found]


def _in_asylum(track: Track, content: LageContent) -> bool:
    return bool(set(track.status) & set(content.safe_origin.status))


def _add_nationalities(draft: _Draft, content: LageContent, who: People, tracks: Sequence[str]) -> None:
    frame = counts.by_nationality(content, who, tracks)
    for row in frame.iter_rows(named=True):
        code = row["nationality"]
        for when in SITUATIONS:
            cells: list[Cell] = [("nationality", code, track, when) for track in tracks]
            draft.counts.update({cell: int(row[f"{cell[2]}_{when}"]) for cell in cells})
            draft.counts.setdefault(("nationality", code), int(row["persons"]))
            draft.add_up(("nationality", code), cells)
    codes: list[str | None] = frame.get_column("nationality").to_list()
    draft.add_up(ASYLUM, [("nationality", code) for code in codes])
    for when in SITUATIONS:
        draft.add_up(ASYLUM, [("track", track, when) for track in tracks])
        for track in tracks:
            draft.add_up(("track", track, when), [("nationality", code, track, when) for code in codes])


def _all_of(track: Track, status: Sequence[str]) -> bool:
    """Whether a track takes everyone of a status and nobody else."""
    return set(track.status) == set(status) and not track.outcomes
