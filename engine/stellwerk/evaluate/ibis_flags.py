"""Flags over conditions as Ibis expressions over two columns of evidence bits.

Goes in: a flag of `possible` or `asking` and the columns `met` and `unknown`. Comes out: a condition that is never
unknown. Conditions that stand side by side are tested at once, by a mask, so that a long rule makes a short query.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from stellwerk.evaluate.asking import Asked
from stellwerk.evaluate.ibis_terms import whole
from stellwerk.evaluate.possible import Every, ExactlyOne, Flag, Holds, Not, Open, Some


@dataclass
class _Masks:
    """What is asked of conditions side by side, a mask each; possible is what is met or unknown."""

    met: int = 0
    not_met: int = 0
    unknown: int = 0
    not_unknown: int = 0
    possible: int = 0
    impossible: int = 0
    others: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Evidence:
    """The columns of evidence bits, condition by condition, lowest bit first."""

    met: ir.IntegerValue
    unknown: ir.IntegerValue

    def is_set(self, flag: Flag) -> ir.BooleanValue:
        """Whether the flag is set."""
        match flag:
            case Holds() | Open():
                return self.is_set(Every((flag,)))
            case Not(flag=Every(flags=flags)):
                return self.is_set(Some(tuple(map(Not, flags))))
            case Not(flag=Some(flags=flags)):
                return self.is_set(Every(tuple(map(Not, flags))))
            case Not(flag=Not(flag=inner)):
                return self.is_set(inner)
            case Not(flag=Holds() | Open()):
                return self.is_set(Every((flag,)))
            case Not(flag=inner):
                return ~self.is_set(inner)
            case Every(flags=flags):
                return self._every(_sorted(flags, Every))
            case Some(flags=flags):
                return self._some(_sorted(flags, Some))
            case ExactlyOne(flags=flags):
                return self._exactly_one(flags)

    def bits(self, questions: Sequence[Asked], less: int) -> ir.IntegerValue:
        """The bits of the questions whose own flags are set, at their places less so many."""
        alone = sum(1 << asked.place for asked in questions if asked.own == Open(asked.place))
        others = [asked for asked in questions if asked.own != Open(asked.place)]
        found = [
            *(self.unknown & mask for mask in _whole(alone)),
            *(ibis.cases((self.is_set(asked.own), whole(1 << asked.place - less)), else_=whole(0)) for asked in others),
        ]
        return functools.reduce(operator.add, found)

    def _every(self, masks: _Masks) -> ir.BooleanValue:
        tests = [
            *((self.met & mask) == mask for mask in _whole(masks.met)),
            *((self.met & mask) == whole(0) for mask in _whole(masks.not_met)),
            *((self.unknown & mask) == mask for mask in _whole(masks.unknown)),
            *((self.unknown & mask) == whole(0) for mask in _whole(masks.not_unknown)),
            *(((self.met | self.unknown) & mask) == mask for mask in _whole(masks.possible)),
            *(((self.met | self.unknown) & mask) == whole(0) for mask in _whole(masks.impossible)),
            *map(self.is_set, masks.others),
        ]
        return functools.reduce(operator.and_, tests) if tests else ibis.literal(True)

    def _some(self, masks: _Masks) -> ir.BooleanValue:
        tests = [
            *((self.met & mask) != whole(0) for mask in _whole(masks.met)),
            *((self.met & mask) != mask for mask in _whole(masks.not_met)),
            *((self.unknown & mask) != whole(0) for mask in _whole(masks.unknown)),
            *((self.unknown & mask) != mask for mask in _whole(masks.not_unknown)),
            *(((self.met | self.unknown) & mask) != whole(0) for mask in _whole(masks.possible)),
            *(((self.met | self.unknown) & mask) != mask for mask in _whole(masks.impossible)),
            *map(self.is_set, masks.others),
        ]
        return functools.reduce(operator.or_, tests) if tests else ibis.literal(False)

    def _exactly_one(self, flags: Sequence[Flag]) -> ir.BooleanValue:
        held = {flag.position for flag in flags if isinstance(flag, Holds)}
        if len(held) == len(flags) > 0:
            (mask,) = _whole(sum(1 << position for position in held))
            found = self.met & mask
            return (found != whole(0)) & ((found & (found - 1)) == whole(0))
        ones = (ibis.cases((self.is_set(flag), 1), else_=0) for flag in flags)
        return functools.reduce(operator.add, ones, ibis.literal(0)) == 1


def _sorted(flags: Sequence[Flag], kind: type[Every] | type[Some]) -> _Masks:
    """What stands side by side, by what is asked of each condition; groups of the same kind are opened."""
    masks = _Masks()
    pending = list(reversed(flags))
    while pending:
        flag = pending.pop()
        match flag:
            case Holds(position=at):
                masks.met |= 1 << at
            case Open(position=at):
                masks.unknown |= 1 << at
            case Some(flags=(Holds(position=at), Open(position=same))) if at == same:
                masks.possible |= 1 << at
            case Not(flag=Holds(position=at)):
                masks.not_met |= 1 << at
            case Not(flag=Open(position=at)):
                masks.not_unknown |= 1 << at
            case Not(flag=Some(flags=(Holds(position=at), Open(position=same)))) if at == same:
                masks.impossible |= 1 << at
            case Not(flag=Every(flags=inner) | Some(flags=inner)) if not isinstance(flag.flag, kind):
                pending += map(Not, reversed(inner))
            case Every(flags=inner) | Some(flags=inner) if isinstance(flag, kind):
                pending += reversed(inner)
            case _:
                masks.others.append(flag)
    return masks


def _whole(mask: int) -> tuple[ir.IntegerValue, ...]:
    """The mask as a number of the columns' type; none where nothing is asked."""
    return (whole(mask),) if mask else ()
