"""Who pays whom: the parties of a budget and what is left with each of them.

In go priced lines, each from a payer to a payee; out comes for every party what it pays, what it receives and the
difference. What one pays another receives, so the differences of all parties, `others` included, sum to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

Party = Literal["federal", "land", "municipality", "eu", "others"]
PARTIES: tuple[Party, ...] = ("federal", "land", "municipality", "eu", "others")


class Transfer(Protocol):
    """An amount that one party pays to another, nominal and real, in cents."""

    @property
    def payer(self) -> Party:
        """Who pays."""
        ...

    @property
    def payee(self) -> Party:
        """Who receives."""
        ...

    @property
    def cents(self) -> int:
        """The nominal amount."""
        ...

    @property
    def real_cents(self) -> int:
        """The amount in prices of the base year."""
        ...


@dataclass(frozen=True)
class Balance:
    """What a party pays and receives, in cents."""

    party: Party
    paid: int
    received: int
    paid_real: int
    received_real: int

    @property
    def net(self) -> int:
        """What the party bears in the end: paid minus received."""
        return self.paid - self.received

    @property
    def net_real(self) -> int:
        """The same in prices of the base year."""
        return self.paid_real - self.received_real


def balances(transfers: Iterable[Transfer]) -> tuple[Balance, ...]:
    """One balance a party, in the order of `PARTIES`."""
    every = tuple(transfers)
    return tuple(_balance(party, every) for party in PARTIES)


def _balance(party: Party, transfers: tuple[Transfer, ...]) -> Balance:
    paid = [transfer for transfer in transfers if transfer.payer == party]
    received = [transfer for transfer in transfers if transfer.payee == party]
    return Balance(
        party,
        paid=sum(transfer.cents for transfer in paid),
        received=sum(transfer.cents for transfer in received),
        paid_real=sum(transfer.real_cents for transfer in paid),
        received_real=sum(transfer.real_cents for transfer in received),
    )
