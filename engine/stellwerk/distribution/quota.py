"""How many of a number of persons does each place receive under a key?

In go a key, a number and a day, where wanted what the places already hold (stock, planned places of facilities); out
comes a `Distribution`: exact shares, whole persons that sum to the number, and the obligation of each place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import polars as pl

from stellwerk.distribution.apportionment import (
    NegativeTotal,
    fill_from_the_lowest,
    first_behind,
    largest_remainder,
)
from stellwerk.distribution.balances import Balances
from stellwerk.distribution.keys import find_key, with_weights
from stellwerk.distribution.obligations import Obligation, obligations
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.distribution.shares import KeyShares, shares_on
from stellwerk.errors import StellwerkError

PLACES_SHOWN = Decimal("0.000001")
PERCENT = pl.Decimal(38, 6)


class BalancesBesideHoldings(StellwerkError):
    """Running balances and stock both say what a place has received; only one can count."""


@dataclass(frozen=True)
class Distribution:
    """A number divided by a key, place by place, in the order of the codes."""

    key_id: str
    label: dict[str, str]
    on: dt.date
    total: int
    basis: str
    source: str
    evidence: str
    names: dict[str, str]
    shares: dict[str, Fraction]
    persons: dict[str, int]
    parts: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    uncapped_shares: dict[str, Fraction] | None = None
    uncapped_persons: dict[str, int] | None = None
    at_cap: frozenset[str] = frozenset()
    obligations: dict[str, Obligation] | None = None
    carried_from: Balances | None = None
    carried: Balances | None = None
    choices: dict[str, str] = field(default_factory=dict)
    notes: tuple[dict[str, str], ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """The distribution as a table, one row a place."""
        codes = sorted(self.names)
        columns: dict[str, pl.Series] = {
            "code": pl.Series(codes, dtype=pl.String),
            "name": pl.Series([self.names[code] for code in codes], dtype=pl.String),
            "share_percent": _percent([self.shares[code] for code in codes]),
            "persons": pl.Series([self.persons[code] for code in codes], dtype=pl.Int64),
        }
        for name, part in self.parts.items():
            columns[f"{name}_share_percent"] = _percent([part[code] for code in codes])
        if self.uncapped_shares is not None and self.uncapped_persons is not None:
            columns["uncapped_share_percent"] = _percent([self.uncapped_shares[code] for code in codes])
            columns["capped"] = pl.Series([code in self.at_cap for code in codes], dtype=pl.Boolean)
            columns["uncapped_persons"] = pl.Series([self.uncapped_persons[code] for code in codes], dtype=pl.Int64)
        if self.obligations is not None:
            columns |= _obligation_columns([self.obligations[code] for code in codes])
        if self.carried_from is not None and self.carried is not None:
            columns["owed_before"] = _amount([self.carried_from.owed[code] for code in codes])
            columns["owed_after"] = _amount([self.carried.owed[code] for code in codes])
        return pl.DataFrame(columns)


def distribute(
    key_id: str,
    persons: int,
    on: dt.date,
    tables: ReferenceTables,
    *,
    redistribution: str | None = None,
    columns: Mapping[str, str] | None = None,
    weights: Mapping[str, Decimal] | None = None,
    facilities: pl.DataFrame | None = None,
    stock: pl.DataFrame | None = None,
    balances: Balances | None = None,
) -> Distribution:
    """Divide `persons` by the key on the day `on`.

    `stock` has columns code, persons; `facilities` has code, facility (kind), places (planned). With either, the base
    is all persons held, credited and new; who holds least for his share receives first. With `balances`, what
    earlier batches left owed counts, and the distribution carries the new balances. `weights` changes weights.
    """
    if persons < 0:
        raise NegativeTotal(total=persons)
    key = with_weights(find_key(key_id, tables), weights or {})
    made = shares_on(key, on, tables, redistribution=redistribution, columns=columns)
    if stock is not None or facilities is not None:
        if balances is not None:
            raise BalancesBesideHoldings()
        return _by_holdings(key_id, persons, on, made, obligations(persons, on, made, facilities, stock))
    if balances is not None:
        return _by_balances(key_id, persons, on, made, balances)
    given = largest_remainder(persons, made.shares)
    uncapped = None if made.uncapped is None else largest_remainder(persons, made.uncapped)
    return _distribution(key_id, persons, on, made, given, uncapped)


def _by_holdings(key_id: str, persons: int, on: dt.date, made: KeyShares, owing: dict[str, Obligation]) -> Distribution:
    held = {code: obligation.held for code, obligation in owing.items()}
    uncapped = None if made.uncapped is None else _whole_persons(persons, made.uncapped, held)
    found = _distribution(key_id, persons, on, made, _whole_persons(persons, made.shares, held), uncapped)
    return replace(found, obligations=owing)


def _by_balances(key_id: str, persons: int, on: dt.date, made: KeyShares, balances: Balances) -> Distribution:
    given = first_behind(persons, made.shares, balances.owed)
    uncapped = None if made.uncapped is None else largest_remainder(persons, made.uncapped)
    found = _distribution(key_id, persons, on, made, given, uncapped)
    return replace(found, carried_from=balances, carried=balances.after(made.shares, given, on))


def as_percent(share: Fraction) -> Decimal:
    """A share in percent, rounded half to even to six places."""
    with localcontext() as context:
        context.prec = 60  # the numerator and denominator of a capped share have far more than 28 digits
        exact = Decimal(share.numerator) * 100 / Decimal(share.denominator)
        return exact.quantize(PLACES_SHOWN, rounding=ROUND_HALF_EVEN)


def _whole_persons(persons: int, shares: dict[str, Fraction], held: dict[str, Fraction]) -> dict[str, int]:
    return largest_remainder(persons, fill_from_the_lowest(persons, shares, held))


def _distribution(
    key_id: str,
    persons: int,
    on: dt.date,
    made: KeyShares,
    given: dict[str, int],
    uncapped: dict[str, int] | None,
) -> Distribution:
    key = made.key
    return Distribution(
        key_id=key_id,
        label={"de": key.label.de, "en": key.label.en},
        on=on,
        total=persons,
        basis=key.basis,
        source=key.source,
        evidence=made.evidence,
        names=made.names,
        shares=made.shares,
        persons=given,
        parts=made.parts,
        uncapped_shares=made.uncapped,
        uncapped_persons=uncapped,
        at_cap=made.at_cap,
        choices=made.choices,
        notes=tuple({"de": note.de, "en": note.en} for note in made.notes),
    )


def _percent(shares: list[Fraction]) -> pl.Series:
    return pl.Series([as_percent(share) for share in shares], dtype=PERCENT)


def _obligation_columns(owing: list[Obligation]) -> dict[str, pl.Series]:
    fulfilment = [None if item.fulfilment is None else as_percent(item.fulfilment) for item in owing]
    return {
        "stock": pl.Series([item.stock for item in owing], dtype=pl.Int64),
        "credit": _amount([item.credit for item in owing]),
        "target": _amount([item.target for item in owing]),
        "open_obligation": _amount([item.open for item in owing]),
        "fulfilment_percent": pl.Series(fulfilment, dtype=PERCENT),
    }


def _amount(amounts: list[Fraction]) -> pl.Series:
    return pl.Series([as_percent(amount / 100) for amount in amounts], dtype=PERCENT)
