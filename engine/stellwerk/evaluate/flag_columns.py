"""Flags over the conditions of a version as columns of booleans.

Goes in: flags (`possible`, `asking`) and where the truths of the conditions stand. Comes out: polars expressions; a
flag that several others are made of becomes a column of its own, made once, layer by layer.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence

import polars as pl

from stellwerk.evaluate.days import fixed
from stellwerk.evaluate.possible import Every, ExactlyOne, Flag, Holds, Not, Open, Some, shared_layers

_ONE = pl.UInt8()


class FlagColumns:
    """The columns of one version's flags; `column` names them, `holds` and `unknown` give a condition's truth."""

    def __init__(
        self, column: Callable[[str], str], holds: Callable[[int], pl.Expr], unknown: Callable[[int], pl.Expr]
    ) -> None:
        self._column = column
        self._holds, self._unknown = holds, unknown
        self._names: dict[int, str] = {}  # of flags that several others are made of
        self._kept: list[Flag] = []  # a flag is known by its identity, so it must live as long as its name

    def layers(self, flags: Iterable[Flag]) -> list[list[pl.Expr]]:
        """What to compute before the flags, layer by layer."""
        self._kept = [*flags]
        layers = []
        for shared in shared_layers(self._kept):
            first = len(self._names)
            named = {id(flag): self._column(f"flag_{first + number}") for number, flag in enumerate(shared)}
            layers.append([self.expression(flag).alias(named[id(flag)]) for flag in shared])
            self._names |= named
        return layers

    def expression(self, flag: Flag) -> pl.Expr:
        """The flag as an expression over the truths and the layers."""
        if id(flag) in self._names:
            return pl.col(self._names[id(flag)])
        match flag:
            case Holds(position=number):
                return self._holds(number)
            case Open(position=number):
                return self._unknown(number)
            case Every(flags=flags):
                return functools.reduce(operator.and_, map(self.expression, flags)) if flags else pl.lit(True)
            case Some(flags=flags):
                return some(map(self.expression, flags))
            case Not(flag=inner):
                return ~self.expression(inner)
            case ExactlyOne(flags=flags):
                return exactly_one([self.expression(inner) for inner in flags])


def some(flags: Iterable[pl.Expr]) -> pl.Expr:
    """Whether one flag at least is set; without flags none is."""
    found = list(flags)
    return functools.reduce(operator.or_, found) if found else pl.lit(False)


def exactly_one(flags: Sequence[pl.Expr]) -> pl.Expr:
    """Whether one flag is set and no other."""
    if len(flags) == 1:
        return flags[0]
    if len(flags) == 2:
        return flags[0] != flags[1]
    ones = (pl.when(flag).then(fixed(1, _ONE)).otherwise(fixed(0, _ONE)) for flag in flags)
    return functools.reduce(operator.add, ones) == fixed(1, _ONE)


def bits(flags: Sequence[pl.Expr], kind: pl.DataType) -> pl.Expr:
    """The flags as one integer, the first as its lowest bit."""
    nothing = fixed(0, kind)
    weighted = (pl.when(flag).then(fixed(1 << at, kind)).otherwise(nothing) for at, flag in enumerate(flags))
    return functools.reduce(operator.or_, weighted, nothing)
