"""Flags over the conditions of a version as arrays of booleans, one value a case.

Goes in: where each condition holds and where it is unknown. Comes out: the array of any flag (`possible`, `asking`);
one that several others are made of is made once. For questions beside a finished run: NumPy answers a small one at
once, where a query of columns costs its planning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from stellwerk.evaluate.possible import Every, ExactlyOne, Flag, Holds, Not, Open, Some

Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]


class FlagArrays:
    """The arrays of one version's flags, from where each of its conditions holds and is unknown."""

    def __init__(self, holds: Sequence[Bools], unknown: Sequence[Bools], height: int) -> None:
        self._holds, self._unknown, self._height = holds, unknown, height
        self._made: dict[int, tuple[Flag, Bools]] = {}  # a flag is known by its identity, so it must stay alive

    def of(self, flag: Flag) -> Bools:
        """Where the flag is set."""
        if id(flag) not in self._made:
            self._made[id(flag)] = flag, self._array(flag)
        return self._made[id(flag)][1]

    def _array(self, flag: Flag) -> Bools:
        match flag:
            case Holds(position=number):
                return self._holds[number]
            case Open(position=number):
                return self._unknown[number]
            case Every(flags=flags):
                return self._joined(np.logical_and, flags, empty=True)
            case Some(flags=flags):
                return self._joined(np.logical_or, flags, empty=False)
            case Not(flag=inner):
                return ~self.of(inner)
            case ExactlyOne(flags=flags):
                once = np.sum([self.of(inner) for inner in flags], axis=0) == 1
                return np.broadcast_to(once, (self._height,))

    def _joined(self, join: Callable[[Bools, Bools], Bools], flags: Sequence[Flag], *, empty: bool) -> Bools:
        if not flags:
            return np.full(self._height, empty)
        return functools.reduce(join, map(self.of, flags))


def some(flags: Iterable[Bools], like: Bools) -> Bools:
    """Where one flag at least is set; without flags nowhere in what is `like` it."""
    return functools.reduce(np.logical_or, flags, np.zeros_like(like))
