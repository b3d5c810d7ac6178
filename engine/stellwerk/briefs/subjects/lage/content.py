"""What the brief "Lage und Reform in Kürze" is to show, read from `params/briefs/lage.yaml`.

In goes the file, out comes a frozen model of groups, rules by name, keys and limits of display. It names rules and
outcomes without knowing what they mean.
"""

from __future__ import annotations

from stellwerk.documents import Document, Labels


class Track(Document):
    """A group of persons: those of a status, or those among them for whom the procedure rule says so."""

    id: str
    title: Labels
    short: Labels | None = None
    status: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


class Rules(Document):
    """Rules that are read together, and the status of the persons they are read for."""

    rules: tuple[str, ...]
    status: tuple[str, ...]


class StayRules(Rules):
    """Rules of which the strongest outcome counts, and which outcomes leave the question open."""

    order: tuple[str, ...]
    open: tuple[str, ...]


class Keys(Document):
    """The key among the Länder and the key among the municipalities."""

    federal: str
    land: str


class Ends(Document):
    """How many rows of either end of a long table the page shows."""

    top: int
    bottom: int


class LageContent(Document):
    """All of the above for the brief."""

    tracks: tuple[Track, ...]
    track_told: str
    safe_origin: Rules
    procedure: str
    stay: StayRules
    land: str
    keys: Keys
    cohort_status: tuple[str, ...]
    map_classes: tuple[int, ...]
    named_on_map: int
    nationalities_shown: int
    quotas_shown: Ends
    facts_shown: int
    units: dict[str, Labels]

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule the brief applies."""
        return (*self.safe_origin.rules, self.procedure, *self.stay.rules)
