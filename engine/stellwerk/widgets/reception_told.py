"""What a forecast says on a page, beside the scenario as it stands: the highest number, chances by date, costs.

In go forecasts, runs and budgets of what was tried and of the untouched scenario; out comes HTML in one language.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from stellwerk import formats
from stellwerk.budget.lines import in_eur
from stellwerk.forecast.run import Forecast
from stellwerk.texts import text
from stellwerk.widgets import look

if TYPE_CHECKING:  # at run time these wait until the page has been shown
    from stellwerk.costing import Costed
    from stellwerk.flows.montecarlo import Spread

_DATES = 6  # at which chances are told
_LAND = "land"
_MILLION = 1_000_000


def headline(
    found: Forecast, untouched: Forecast, costed: Costed | None, before: Costed | None, language: str
) -> str:  # fmt: skip
    """The highest number, whether the places suffice, and what differs from the scenario as it stands."""
    highest, passed = _highest(found), found.reception.exceedance("places")
    sentences = [
        _say(
            "highest", language,
            persons=formats.number(round(highest["occupied"]), language),
            places=formats.number(highest["active"], language),
            week=formats.date(highest["week"], language),
        ),
        _say("enough", language)
        if passed is None
        else _say("exceeded", language, week=formats.date(passed.week, language)),
    ]  # fmt: skip
    if found is not untouched:
        more = round(highest["occupied"]) - round(_highest(untouched)["occupied"])
        money = "" if costed is None or before is None else _more_for_the_land(costed, before, language)
        persons = formats.difference(more, language)
        sentences.append(_say("against_scenario", language, persons=persons, money=money))
    return f'<p role="status" class="sw-headline">{escape(" ".join(sentences))}</p>'


def chances(spread: Spread, language: str) -> str:
    """How likely the places do not suffice, at all and by date."""
    told = _say(
        "chances",
        language,
        runs=formats.number(spread.runs, language),
        ever=formats.share(spread.ever_exceeded["places"], language),
        full=formats.number(spread.places_needed["full"], language),
        target=formats.number(spread.places_needed["target"], language),
    )
    weeks = spread.weeks
    at = sorted({round((weeks.height - 1) * part / _DATES) for part in range(1, _DATES + 1)})
    rows = [
        [
            formats.date(row["week"], language),
            formats.share(row["chance_above_places"], language),
            _say("range", language, **{end: formats.number(round(row[end]), language) for end in ("p05", "p95")}),
        ]
        for row in (weeks.row(place, named=True) for place in at)
    ]
    head = [_say(f"chance_{name}", language) for name in ("week", "share", "persons")]
    return look.live(told) + look.table(_say("chance_caption", language), head, rows, numbers=(1, 2))


def money(costed: Costed, before: Costed | None, language: str) -> str:
    """Each position with who pays it, and how far it is from the scenario as it stands."""
    was = {} if before is None else _amounts(before, language)
    rows = [
        [
            key[0],
            text(f"party_{key[1]}", language),
            formats.euro(amount, language),
            formats.euro_difference(amount - was.get(key, Decimal(0)), language),
        ]
        for key, amount in _amounts(costed, language).items()
    ]
    net = _net(costed)
    shown = "" if before is None or before is costed else formats.euro_difference(net - _net(before), language)
    rows.append([_say("land_net", language), text(f"party_{_LAND}", language), formats.euro(net, language), shown])
    head = [_say(name, language) for name in ("position", "payer", "amount", "difference")]
    columns = 3 if before is None or before is costed else 4
    caption = costed.title.in_language(language)
    listed = look.table(caption, head[:columns], [row[:columns] for row in rows], numbers=(2, 3))
    return f'<div class="sw-costs">{listed}</div>{_not_computed(costed, language)}'


def _amounts(costed: Costed, language: str) -> dict[tuple[str, str], Decimal]:
    rows = costed.budget.by_position(language).iter_rows(named=True)
    return {(row["title"], row["payer"]): Decimal(row["amount_eur"]) for row in rows}


def _net(costed: Costed) -> Decimal:
    """What the Land bears on balance."""
    land = next(balance for balance in costed.budget.balances if balance.party == _LAND)
    return Decimal(in_eur(land.net))


def _more_for_the_land(costed: Costed, before: Costed, language: str) -> str:
    """What the Land bears more; empty where positions have no amount, for then even the sign may be another."""
    if costed.budget.not_computed or before.budget.not_computed:
        return ""
    amount = (_net(costed) - _net(before)) / _MILLION
    return _say("millions", language, amount=formats.difference(amount, language, 1))


def _highest(found: Forecast) -> dict[str, Any]:
    weeks = found.reception.facilities
    return weeks.row(int(weeks["occupied"].cast(float).arg_max() or 0), named=True)


def _not_computed(costed: Costed, language: str) -> str:
    """What has no amount, and why: folded, since it is the same for every slider."""
    title = costed.budget.positions.title
    lines = dict.fromkeys(
        f"{title(gap.position, language)}: {gap.reason.in_language(language)}" for gap in costed.budget.not_computed
    )
    if not lines:
        return ""
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    summary, warning = _say("not_computed", language, count=len(lines)), _say("balance_incomplete", language)
    notice = f'<p class="sw-notice">{escape(warning)}</p>'
    return f"{notice}<details><summary>{escape(summary)}</summary><ul>{listed}</ul></details>"


def _say(key: str, language: str, /, **values: object) -> str:
    return text(f"reception_board_{key}", language, **values)
