"""What a plan says on a page: how good it is and against what, who stays and why, which places are scarce.

In go placements opened for questions; out comes HTML in one language.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

import polars as pl

from stellwerk import formats
from stellwerk.distribution.placement.municipalities import Placement
from stellwerk.distribution.placement.regret import mean_fit_of_placed
from stellwerk.formats import exact
from stellwerk.texts import text
from stellwerk.widgets import look

if TYPE_CHECKING:  # at run time the review waits until there is a plan: it loads numba
    from stellwerk.distribution.placement.reviewed import Review

PRICES_SHOWN = 10
_PLACES = 2  # decimal places of a fit


def task(persons: int, families: int, key: str, language: str) -> str:
    """What is to be placed, before there is a plan."""
    shown = {"persons": formats.number(persons, language), "families": formats.number(families, language)}
    return _headline(text("placement_task", language, key=key, **shown))


def headline(found: Placement, language: str) -> str:
    """How many live where, and how far the plan may be from the best."""
    staying = int(found.unplaced["persons"].sum()) if found.unplaced.height else 0
    persons = int(found.plan.instance.sizes.sum()) - staying
    sentence = text(
        "placement_done",
        language,
        persons=formats.number(persons, language),
        families=formats.number(len(found.plan.placed), language),
        places=formats.number(len(set(found.plan.where[found.plan.placed].tolist())), language),
        staying=text(_counted("placement_staying", staying), language, persons=formats.number(staying, language)),
        gap=formats.share(found.certificate.gap, language, 2),
    )
    return _headline(sentence)


def quality(found: Placement, review: Review, language: str) -> str:
    """How well families live beside lots within the quotas, and who stays in the state facility and why."""
    return _beside_lots(found, review, language) + _waiting(found, review.resource_labels, language)


def _waiting(found: Placement, labels: Mapping[str, str], language: str) -> str:
    if found.unplaced.is_empty():
        return ""
    reasons = found.unplaced.group_by("reason", "need").agg(pl.col("persons").sum(), pl.len().alias("families"))
    rows = [
        [
            text(f"unplaced_{reason}", language, need="" if need is None else labels.get(need, need)),
            formats.number(families, language),
            formats.number(persons, language),
        ]
        for reason, need, persons, families in reasons.sort("persons", "reason", descending=[True, False]).iter_rows()
    ]
    head = [text(f"placement_waiting_{name}", language) for name in ("reason", "families", "persons")]
    return look.table(text("placement_waiting", language), head, rows, numbers=(1, 2))


def prices(review: Review, language: str) -> str:
    """The dearest places: what one more unit would be worth, and what that means."""
    listed = review.price_list()
    dear = listed.filter(pl.col("price") > 0).sort(["price", "locality", "resource"], descending=[True, False, False])
    if dear.is_empty():
        return look.live(text("placement_no_prices", language))
    wanted = ("locality", "resource", "capacity", "taken", "price")
    rows = [
        [
            review.names.get(code, code),
            review.resource_labels.get(resource, resource),
            formats.number(there, language),
            formats.number(taken, language),
            formats.number(price, language, _PLACES),
        ]
        for code, resource, there, taken, price in dear.head(PRICES_SHOWN).select(wanted).iter_rows()
    ]
    head = [text(f"placement_price_{name}", language) for name in ("place", "resource", "there", "taken", "worth")]
    meaning = f"<p>{escape(text('placement_price_means', language))}</p>"
    caption = text("placement_prices", language, count=len(rows), all=formats.number(dear.height, language))
    return meaning + look.table(caption, head, rows, numbers=(2, 3, 4))


def _beside_lots(found: Placement, review: Review, language: str) -> str:
    """The mean fit of those who have a place, in the plan and by lot within the same quotas."""
    instance, lots = found.plan.instance, review.lots()
    by_lot = [mean_fit_of_placed(instance, where) for where in lots]
    staying = [int(instance.sizes[where == instance.staying].sum()) for where in lots]
    values = {
        "fit": mean_fit_of_placed(instance, found.plan.where),
        "lots_fit": sum(by_lot, Fraction(0)) / len(lots),
    }
    shown = {name: formats.number(exact(value, _PLACES), language, _PLACES) for name, value in values.items()}
    left = formats.number(round(sum(staying) / len(lots)), language)
    return f"<p>{escape(text('placement_beside_lots', language, lots=len(lots), left=left, **shown))}</p>"


def _headline(sentence: str) -> str:
    return f'<p role="status" class="sw-headline">{escape(sentence)}</p>'


def _counted(key: str, number: int) -> str:
    return f"{key}_" + {0: "none", 1: "one"}.get(number, "some")
