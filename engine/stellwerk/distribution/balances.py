"""Who is owed how many persons, carried from batch to batch?

In go the shares of a batch and what each place received, out come running balances: the exact sum of all entitlements
against the whole persons received. A table of them is the state that one batch hands to the next.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from stellwerk.distribution.reference import require_columns, require_places
from stellwerk.errors import StellwerkError
from stellwerk.formats import exact

COLUMNS = ("key", "on", "code", "name", "received", "entitled", "owed")
_MIXED = re.compile(r"(\d+)(?: \+ (\d+)/([1-9]\d*))?")
SHOWN = pl.Decimal(38, 6)


class BalancesOfAnotherKey(StellwerkError):
    """The balances were carried under another key."""


class BatchBeforeBalances(StellwerkError):
    """A batch is older than the balances it would be added to."""


class BalancesIncomplete(StellwerkError):
    """The balances lack a place of the key, or name one twice."""


class BalanceUnreadable(StellwerkError):
    """A cell of the balances is not what was written there."""


class BalancesDoNotSum(StellwerkError):
    """The persons received are not as many as those divided."""


@dataclass(frozen=True)
class Account:
    """All that a place was entitled to under a key, and how many persons it received."""

    entitled: Fraction
    received: int

    @property
    def owed(self) -> Fraction:
        """What the place still has to receive; below zero it has received more than its share."""
        return self.entitled - self.received


@dataclass(frozen=True)
class Balances:
    """The accounts of all places under one key; `on` is the day of the last batch."""

    key_id: str
    on: dt.date | None
    accounts: dict[str, Account]

    @classmethod
    def even(cls, key_id: str, places: Mapping[str, str]) -> Balances:
        """The beginning: nobody is owed anything."""
        return cls(key_id, None, {code: Account(Fraction(0), 0) for code in places})

    @property
    def owed(self) -> dict[str, Fraction]:
        """What each place still has to receive; the sum is zero."""
        return {code: account.owed for code, account in self.accounts.items()}

    def after(self, shares: Mapping[str, Fraction], received: Mapping[str, int], on: dt.date) -> Balances:
        """The balances after a batch: each place entitled to its share of all persons received."""
        if self.on is not None and on < self.on:
            raise BatchBeforeBalances(on=on, last=self.on)
        persons = sum(received.values())
        accounts = {
            code: Account(account.entitled + shares[code] * persons, account.received + received.get(code, 0))
            for code, account in self.accounts.items()
        }
        return Balances(self.key_id, on, accounts)

    def moved(self, persons: int, giving: str, receiving: str) -> Balances:
        """The balances after persons moved between places, counted at the place that takes them (AsylG § 51)."""
        given, taken = self.accounts[giving], self.accounts[receiving]
        changed = {
            giving: Account(given.entitled, given.received - persons),
            receiving: Account(taken.entitled, taken.received + persons),
        }
        return Balances(self.key_id, self.on, {**self.accounts, **changed})

    def to_frame(self, names: Mapping[str, str]) -> pl.DataFrame:
        """The state as a table; `entitled` is exact (`2107 + 74/125`), `owed` is rounded for the reader."""
        rows = sorted(self.accounts.items())
        return pl.DataFrame(
            {
                "key": pl.Series([self.key_id] * len(rows), dtype=pl.String),
                "on": pl.Series([self.on] * len(rows), dtype=pl.Date),
                "code": pl.Series([code for code, _ in rows], dtype=pl.String),
                "name": pl.Series([names[code] for code, _ in rows], dtype=pl.String),
                "received": pl.Series([account.received for _, account in rows], dtype=pl.Int64),
                "entitled": pl.Series([_written(account.entitled) for _, account in rows], dtype=pl.String),
                "owed": pl.Series([exact(account.owed, 6) for _, account in rows], dtype=SHOWN),
            }
        )


def balances_from(frame: pl.DataFrame, key_id: str, places: Mapping[str, str]) -> Balances:
    """The balances of a table that `to_frame` made, every cell as text; `places` are the key's, code -> name."""
    require_columns(frame, COLUMNS[:-1], "balances")
    other = next((name for name in frame["key"] if name != key_id), None)
    if other is not None:
        raise BalancesOfAnotherKey(key=key_id, other=other)
    codes = frame["code"].to_list()
    require_places(codes, dict(places))
    wrong = next((code for code in places if codes.count(code) != 1), None)
    if wrong is not None:
        raise BalancesIncomplete(code=wrong, name=places[wrong])
    accounts = {row["code"]: _account(row) for row in frame.iter_rows(named=True)}
    entitled = sum((account.entitled for account in accounts.values()), Fraction(0))
    received = sum(account.received for account in accounts.values())
    if entitled != received:
        raise BalancesDoNotSum(entitled=entitled, received=received)
    return Balances(key_id, _day(frame["on"].to_list()), dict(sorted(accounts.items())))


def _account(row: Mapping[str, str | None]) -> Account:
    entitled, received = _MIXED.fullmatch(row["entitled"] or ""), row["received"] or ""
    if entitled is None:
        raise BalanceUnreadable(column="entitled", code=row["code"], value=row["entitled"])
    if not re.fullmatch(r"-?\d+", received):
        raise BalanceUnreadable(column="received", code=row["code"], value=row["received"])
    whole, numerator, denominator = entitled.groups()
    return Account(int(whole) + Fraction(int(numerator or 0), int(denominator or 1)), int(received))


def _day(cells: list[str | None]) -> dt.date | None:
    days = set(cells)
    if days == {None}:
        return None
    try:
        (day,) = days
        return dt.date.fromisoformat((day or "").removesuffix(" 00:00:00"))  # how a spreadsheet's day is read back
    except ValueError:
        raise BalanceUnreadable(column="on", code="", value=", ".join(sorted(map(str, days)))) from None


def _written(amount: Fraction) -> str:
    """An exact amount as a whole and a proper fraction, which no spreadsheet takes for a date or a formula."""
    whole, rest = divmod(amount, 1)
    return f"{whole} + {rest.numerator}/{rest.denominator}" if rest else str(whole)
