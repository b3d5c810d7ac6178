"""What a plan says on a page: how good it is, how full each municipality, what a place is worth, the Pareto front.

In go placements, price lists and points of the front; out come rows, classes and HTML in one language.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import polars as pl

from stellwerk import formats
from stellwerk.briefs.blocks import Figure
from stellwerk.distribution.placement.frontier import Point
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.formats import exact
from stellwerk.texts import text
from stellwerk.widgets import look

PRICES_SHOWN = 10
_CLASSES = 4  # of municipalities that take anybody
_PERCENT = 100


def headline(found: Placement, language: str) -> str:
    """How many live where, and how far the plan may be from the best."""
    unplaced = int(found.unplaced["persons"].sum()) if found.unplaced.height else 0
    placed = int(found.plan.instance.sizes.sum()) - unplaced
    sentence = text(
        "placement_done",
        language,
        persons=formats.number(placed, language),
        families=formats.number(len(found.plan.placed), language),
        places=formats.number(len(set(found.plan.where[found.plan.placed].tolist())), language),
        unplaced=formats.number(unplaced, language),
        gap=formats.share(found.certificate.gap, language, 2),
    )
    return f'<p role="status" class="sw-headline">{sentence}</p>'


def bounds_of(persons: Mapping[str, int]) -> list[int]:
    """The upper ends of three classes, so that each holds about a quarter of the municipalities that take anybody."""
    taking = sorted(number for number in persons.values() if number)
    return [taking[len(taking) * quarter // _CLASSES] for quarter in range(1, _CLASSES)] if taking else []


def classes_of(persons: Mapping[str, int], bounds: Sequence[int]) -> dict[str, int]:
    """The class of each municipality on the map: 0 takes nobody; the more persons, the darker."""
    return {code: 0 if not number else 1 + bisect_left(bounds, number) for code, number in persons.items()}


def legend(bounds: Sequence[int], language: str) -> list[str]:
    """What the classes of the map mean, lightest first."""
    if not bounds:
        return [text("placement_map_none", language)]
    ends = [formats.number(bound, language) for bound in bounds]
    return [
        text("placement_map_none", language),
        *(text("placement_map_up_to", language, persons=end) for end in ends),
        text("placement_map_above", language, persons=ends[-1]),
    ]


def prices(listed: pl.DataFrame, names: Mapping[str, str], labels: Mapping[str, str], language: str) -> str:
    """The dearest places: what one more unit would be worth."""
    dear = listed.filter(pl.col("price") > 0).sort(["price", "locality", "resource"], descending=[True, False, False])
    if dear.is_empty():
        return look.live(text("placement_no_prices", language))
    rows = [
        [names.get(code, code), labels.get(resource, resource), formats.number(price, language, 4)]
        for code, resource, price in dear.head(PRICES_SHOWN).select("locality", "resource", "price").iter_rows()
    ]
    head = [text(f"placement_price_{name}", language) for name in ("place", "resource", "worth")]
    return look.table(text("placement_prices", language), head, rows, numbers=(2,))


def front_figure(points: Sequence[Point], language: str) -> Figure:
    """Plans by what they lose in fit and by how far they are from the quotas, both the less the better."""
    # here, because matplotlib takes its time, and the page can be shown before
    from stellwerk.briefs.figures import About, pareto
    from stellwerk.briefs.figures.pareto import Plan as Mark

    best = max(point.fit for point in points)
    marks = [
        Mark(
            text(
                "placement_point",
                language,
                band=formats.share(point.band, language, 0),
                room=formats.share(point.headroom, language, 0),
            ),
            exact(point.deviation * _PERCENT, 1),
            exact((best - point.fit) * _PERCENT, 2),
        )
        for point in points
    ]
    first, second = text("placement_deviation", language), text("placement_lost_fit", language)
    about = About(
        "placement_front",
        text("placement_front_caption", language),
        text("placement_source", language),
        kind="decimal",
        places=2,
        language=language,
    )
    return pareto(marks, marks[0].label, first, second, about)
