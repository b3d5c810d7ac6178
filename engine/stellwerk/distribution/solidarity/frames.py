"""How does a pool year look as tables?

In goes a computed year, out comes one table a question, each by name: whole persons, person equivalents to the
hundredth, amounts in EUR to the cent, and the words for steps and assumptions in the reader's language.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl

from stellwerk import formats
from stellwerk.distribution.quota import as_percent
from stellwerk.distribution.solidarity.fair_share import FairShares
from stellwerk.distribution.solidarity.prices import PricePoint
from stellwerk.distribution.solidarity.year import Year
from stellwerk.texts import language_in_use, text

Type = pl.DataType | type[pl.DataType]
Cell = str | int | bool | Decimal | None
Row = dict[str, Cell]


Schema = dict[str, Type]

TEXT, COUNT, FLAG = pl.String, pl.Int64, pl.Boolean
AMOUNT, SHARE = pl.Decimal(38, 2), pl.Decimal(38, 6)


def _columns(names: str, kind: Type) -> Schema:
    return dict.fromkeys(names.split(), kind)


STATE = _columns("code name", TEXT)
TABLES: dict[str, Schema] = {
    "waterfall": _columns("step label", TEXT) | _columns("persons left amount_eur", AMOUNT),
    "accounts": STATE
    | _columns("share_percent", SHARE)
    | _columns("fair_share own_slice deducted obligation refused offset relocated", COUNT)
    | _columns("paid_eur measures_eur delivered shortfall surplus", AMOUNT)
    | _columns("met", FLAG)
    | _columns("receipts_eur sending_eur", AMOUNT),
    "take_or_pay": STATE
    | _columns("obligation relocated offset", COUNT)
    | _columns("measures_eur paid_eur cost_eur saved_eur break_even_eur", AMOUNT),
    "price_curve": _columns("curve", TEXT)
    | _columns("price_eur", AMOUNT)
    | _columns("relocated offset", COUNT)
    | _columns("paid_eur measures_eur cost_eur receipts_eur", AMOUNT),
    "market": STATE
    | _columns("quota persons", COUNT)
    | _columns("receives_eur cost_at_quota_eur cost_at_market_eur gain_eur", AMOUNT),
    "adjustment": STATE
    | _columns("quota wish equal", COUNT)
    | _columns("equal_exact", SHARE)
    | _columns("proportional", COUNT)
    | _columns("proportional_exact", SHARE),
    "coverage": STATE
    | _columns("need receives", COUNT)
    | _columns("coverage_percent", SHARE)
    | _columns("may_leave", COUNT),
    "withholding": STATE
    | _columns("bill_eur political_gain_eur funds_eur fine_eur expected_loss_eur", AMOUNT)
    | _columns("complies", FLAG)
    | _columns("least_expected_percent least_withheld_percent", SHARE)
    | _columns("withheld_eur", AMOUNT),
    "reallocation": STATE | _columns("receives_eur", AMOUNT),
    "assumptions": _columns("name about value source evidence", TEXT),
}


def frames_of(year: Year, shares: FairShares, language: str | None = None) -> dict[str, pl.DataFrame]:
    """All tables of a year by name."""
    spoken = language or language_in_use()
    made = {
        "waterfall": _waterfall(year, spoken),
        "accounts": _accounts(year),
        "take_or_pay": _choices(year),
        "price_curve": _curve(year),
        "market": _market(year),
        "adjustment": _adjustment(year),
        "coverage": _coverage(year),
        "withholding": _withholding(year),
        "reallocation": _reallocation(year),
        "assumptions": _assumptions(year, spoken),
    }
    tables = {name: pl.DataFrame(rows, schema=TABLES[name], orient="row") for name, rows in made.items()}
    return {"fair_shares": shares.to_frame()} | tables


def as_member_states(year: Year) -> pl.DataFrame:
    """The accounts as rows about member states, in the columns that rules read, so that the law can count them anew."""
    return pl.DataFrame(
        [
            {
                "state": account.standing.code,
                "assessed_on": year.scenario.on,
                "uses_pool": account.standing.benefitting,
                "fair_share_persons": account.standing.fair_share,
                "deduction_share": formats.exact(account.standing.deduction, 6),
                "relocations_done": account.given.relocated,
                "offsets_done": account.offset,
                "financial_eur": int(account.given.paid),
                "alternative_eur": int(account.given.measures),
                "alternative_requested": account.given.measures > 0,
            }
            for account in year.accounts
        ]
    )


def _waterfall(year: Year, language: str) -> list[Row]:
    return [
        {
            "step": step.step,
            "label": text(f"waterfall_{step.step}", language),
            "persons": _amount(step.change),
            "left": _amount(step.left),
            "amount_eur": _amount(step.change * year.price),
        }
        for step in year.waterfall
    ]


def _accounts(year: Year) -> list[Row]:
    return [
        {
            **_state(year, account.standing.code),
            "share_percent": as_percent(year.shares.shares[account.standing.code]),
            "fair_share": account.standing.fair_share,
            "own_slice": account.own_slice,
            "deducted": account.deducted,
            "obligation": account.standing.obligation,
            "refused": account.refused,
            "offset": account.offset,
            "relocated": account.given.relocated,
            "paid_eur": _amount(account.given.paid),
            "measures_eur": _amount(account.given.measures),
            "delivered": _amount(account.delivered),
            "shortfall": _amount(account.shortfall),
            "surplus": _amount(account.surplus),
            "met": account.met,
            "receipts_eur": _amount(year.receipt * account.given.relocated),
            "sending_eur": _amount(year.sending * year.leaving.get(account.standing.code, 0)),
        }
        for account in year.accounts
    ]


def _choices(year: Year) -> list[Row]:
    return [
        {
            **_state(year, choice.code),
            "obligation": choice.obligation,
            "relocated": choice.relocated,
            "offset": choice.offset,
            "measures_eur": _amount(choice.measures),
            "paid_eur": _amount(choice.paid),
            "cost_eur": _amount(choice.cost),
            "saved_eur": _amount(year.price * choice.obligation - choice.cost),
            "break_even_eur": _amount(choice.break_even),
        }
        for choice in year.choices
    ]


def _curve(year: Year) -> list[Row]:
    receipts = {"with_receipt": year.receipt, "without_receipt": Fraction(0)}
    return [_point(name, point, receipts[name]) for name, points in year.curves.items() for point in points]


def _point(curve: str, point: PricePoint, receipt: Fraction) -> Row:
    return {
        "curve": curve,
        "price_eur": _amount(point.price),
        "relocated": point.relocated,
        "offset": point.offset,
        "paid_eur": _amount(point.paid),
        "measures_eur": _amount(point.measures),
        "cost_eur": _amount(point.cost),
        "receipts_eur": _amount(receipt * point.relocated),
    }


def _market(year: Year) -> list[Row]:
    return [
        {
            **_state(year, trade.code),
            "quota": trade.quota,
            "persons": trade.persons,
            "receives_eur": _amount(trade.receives),
            "cost_at_quota_eur": _amount(trade.cost_at_quota),
            "cost_at_market_eur": _amount(trade.cost_at_market),
            "gain_eur": _amount(trade.gain),
        }
        for trade in year.market.trades
    ]


def _adjustment(year: Year) -> list[Row]:
    equal, proportional = year.adjusted["equal"], year.adjusted["proportional"]
    quotas = {trade.code: trade.quota for trade in year.market.trades}
    return [
        {
            **_state(year, code),
            "quota": quotas[code],
            "wish": year.wishes[code],
            "equal": equal.persons[code],
            "equal_exact": _share(equal.exact[code]),
            "proportional": proportional.persons[code],
            "proportional_exact": _share(proportional.exact[code]),
        }
        for code in quotas
    ]


def _coverage(year: Year) -> list[Row]:
    return [
        {
            **_state(year, item.code),
            "need": item.need,
            "receives": item.receives,
            "coverage_percent": as_percent(Fraction(item.receives, item.need)) if item.need else None,
            "may_leave": item.relocated,
        }
        for item in year.coverage
    ]


def _withholding(year: Year) -> list[Row]:
    return [
        {
            **_state(year, refuser.code),
            "bill_eur": _amount(refuser.threat.bill),
            "political_gain_eur": _amount(refuser.threat.gain),
            "funds_eur": _amount(refuser.threat.funds),
            "fine_eur": _amount(refuser.threat.fine),
            "expected_loss_eur": _amount(refuser.threat.expected_loss),
            "complies": refuser.threat.complies,
            "least_expected_percent": _percent(refuser.threat.least_expected_share),
            "least_withheld_percent": _percent(refuser.threat.least_withheld_share),
            "withheld_eur": _amount(refuser.withheld_eur),
        }
        for refuser in year.refusers
    ]


def _reallocation(year: Year) -> list[Row]:
    return [{**_state(year, code), "receives_eur": _amount(eur)} for code, eur in year.reallocated.items()]


def _assumptions(year: Year, language: str) -> list[Row]:
    return [
        {
            "name": text(f"assumed_{item.name}", language),
            "about": year.names.get(item.about, item.about),
            "value": item.value,
            "source": _sourced(item.source, item.evidence, language),
            "evidence": item.evidence,
        }
        for item in year.assumptions
    ]


def _sourced(source: str, evidence: str, language: str) -> str:
    """The source; what was chosen here says so in a word."""
    if evidence != "modelling_choice":
        return source
    return text("assumed", language, source=source)


def _state(year: Year, code: str) -> Row:
    return {"code": code, "name": year.names[code]}


def _amount(value: Fraction | int) -> Decimal:
    return formats.exact(value, 2)


def _share(value: Fraction) -> Decimal:
    return formats.exact(value, 6)


def _percent(value: Fraction | None) -> Decimal | None:
    return None if value is None else as_percent(value)
