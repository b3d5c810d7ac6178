"""What the brief "Verteilung auf die Gemeinden" shows: keys side by side, who is placed, limits of display."""

from __future__ import annotations

from decimal import Decimal

from stellwerk.documents import Document


class VerteilungContent(Document):
    """What the brief shows, from `params/briefs/verteilung.yaml`."""

    keys: tuple[str, ...]
    against: str
    places_by: str
    slopes_shown: int
    cohort_status: tuple[str, ...]
    groups: tuple[str, ...]
    map_classes: tuple[int, ...]
    named_on_map: int
    largest_shown: int
    prices_shown: int
    bands: tuple[Decimal, ...]
