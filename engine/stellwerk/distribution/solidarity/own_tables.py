"""What do the models say of states that somebody brings along in a table of his own?

In goes a table with a row a state, out comes a table with a row a state. Amounts are EUR a person; a number may be
written as a whole number, a decimal or text, and counts exactly as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import polars as pl

from stellwerk import formats
from stellwerk.distribution.reference import require_columns
from stellwerk.distribution.solidarity.adjustment import adjust
from stellwerk.distribution.solidarity.costs import Cost
from stellwerk.distribution.solidarity.market import Trader, clear
from stellwerk.distribution.solidarity.prices import price_for
from stellwerk.distribution.solidarity.take_or_pay import Contribution, Debtor, Indifferent, take_or_pay
from stellwerk.errors import StellwerkError, nearest

DEBTOR_COLUMNS = (
    "state", "obligation", "first_eur", "slope_eur", "capacity", "offsets", "offset_cost_eur", "measures_eur", "credit",
)  # fmt: skip
TRADER_COLUMNS = ("state", "quota", "first_eur", "slope_eur", "capacity")
WISH_COLUMNS = ("state", "quota", "wish")
AMOUNT = pl.Decimal(38, 2)

Row = dict[str, object]


class StateRowWrong(StellwerkError):
    """A cell of a table of states that is no number, or no whole number where persons are counted."""


class StateTwice(StellwerkError):
    """A state stands in two rows."""


class UnknownStateColumn(StellwerkError):
    """A column that the model does not read."""


def choices_table(
    states: pl.DataFrame, price: Fraction, receipt: Fraction = Fraction(0), indifferent: Indifferent = "takes"
) -> pl.DataFrame:
    """What each state does at least cost. Needed: state, obligation, first_eur; the rest of DEBTOR_COLUMNS may be left.

    `receipt` is what a state receives for each person it takes.
    """
    return _contributions(take_or_pay(_debtors(states, receipt), price, indifferent))


def least_price(
    states: pl.DataFrame, target: int, receipt: Fraction = Fraction(0), indifferent: Indifferent = "takes"
) -> int:
    """The least whole number of euros at which the states of the table together take `target` persons."""
    return int(price_for(target, _debtors(states, receipt), indifferent).price)


def market_table(states: pl.DataFrame) -> tuple[pl.DataFrame, Fraction]:
    """Who takes how many where quotas are traded, and the price. Needed: state, quota, first_eur."""
    rows = _rows(states, TRADER_COLUMNS, needed=3)
    quotas = {str(row["state"]): _whole(row, "quota") for row in rows}
    owed = sum(quotas.values())
    market = clear(
        [Trader(code, quotas[code], _whole(row, "capacity", owed), _cost(row)) for code, row in _coded(rows)]
    )
    made = [
        (trade.code, trade.quota, trade.persons, _eur(trade.receives), _eur(trade.cost_at_market), _eur(trade.gain))
        for trade in market.trades
    ]
    counts, amounts = ["quota", "persons"], ["receives_eur", "cost_eur", "gain_eur"]
    return _frame(made, counts, amounts), market.price


def adjusted_table(states: pl.DataFrame) -> pl.DataFrame:
    """New numbers by equal and by proportional steps. Needed: state, quota, wish."""
    rows = _rows(states, WISH_COLUMNS, needed=3)
    quotas = {code: _whole(row, "quota") for code, row in _coded(rows)}
    wishes = {code: _whole(row, "wish") for code, row in _coded(rows)}
    equal, proportional = adjust(quotas, wishes, "equal"), adjust(quotas, wishes, "proportional")
    made = [(code, quotas[code], wishes[code], equal.persons[code], proportional.persons[code]) for code in quotas]
    return _frame(made, ["quota", "wish", "equal", "proportional"], [])


def _debtors(states: pl.DataFrame, receipt: Fraction) -> list[Debtor]:
    return [
        Debtor(
            code=code,
            obligation=_whole(row, "obligation"),
            cost=_cost(row).plus(-receipt),
            capacity=_whole(row, "capacity", _whole(row, "obligation")),
            offsets=_whole(row, "offsets", 0),
            offset_cost=_number(row, "offset_cost_eur", 0),
            measures=_whole(row, "measures_eur", 0),
            credit=_number(row, "credit", 1),
        )
        for code, row in _coded(_rows(states, DEBTOR_COLUMNS, needed=3))
    ]


def _contributions(found: list[Contribution]) -> pl.DataFrame:
    made = [
        (
            item.code, item.obligation, item.relocated, item.offset, _eur(item.measures), _eur(item.paid),
            _eur(item.cost), _eur(item.break_even),
        )
        for item in found
    ]  # fmt: skip
    counts, amounts = ["obligation", "relocated", "offset"], ["measures_eur", "paid_eur", "cost_eur", "break_even_eur"]
    return _frame(made, counts, amounts)


def _frame(rows: Sequence[tuple[object, ...]], counts: list[str], amounts: list[str]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"state": pl.String}
    schema |= dict.fromkeys(counts, pl.Int64)
    schema |= dict.fromkeys(amounts, AMOUNT)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows(states: pl.DataFrame, columns: tuple[str, ...], needed: int) -> list[Row]:
    require_columns(states, columns[:needed], "states")
    for column in states.columns:
        if column not in columns:
            raise UnknownStateColumn(column=column, near=nearest(column, columns), known=columns)
    repeated = states.filter(pl.col("state").is_duplicated())
    if repeated.height:
        raise StateTwice(state=repeated["state"][0])
    return states.to_dicts()


def _coded(rows: list[Row]) -> list[tuple[str, Row]]:
    return [(str(row["state"]), row) for row in rows]


def _cost(row: Mapping[str, object]) -> Cost:
    return Cost(_number(row, "first_eur"), _number(row, "slope_eur", 0))


def _whole(row: Mapping[str, object], column: str, otherwise: int | None = None) -> int:
    number = _number(row, column, otherwise)
    if number.denominator != 1:
        raise StateRowWrong(state=row["state"], column=column, value=row[column])
    return int(number)


def _number(row: Mapping[str, object], column: str, otherwise: int | None = None) -> Fraction:
    """A cell as it is written: a float as the decimal it prints as."""
    cell = row.get(column)
    if cell is None and otherwise is not None:
        return Fraction(otherwise)
    try:
        return Fraction(Decimal(str(cell)))
    except (InvalidOperation, ValueError, OverflowError):
        raise StateRowWrong(state=row["state"], column=column, value=cell) from None


def _eur(amount: Fraction) -> Decimal:
    return formats.exact(amount, 2)
