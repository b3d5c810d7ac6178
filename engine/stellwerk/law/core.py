"""The typed core: what an expression means, with every name looked up and every type checked.

`resolver.py` turns a syntax tree into these nodes. All engines read this core and nothing else; `evaluate.reference`
defines what each node yields.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from stellwerk.law.types import BOOL, DATE, INTEGER, PERIOD, Type, Value


@dataclass(frozen=True)
class Constant:
    """A value written in the rule."""

    value: Value
    type: Type


@dataclass(frozen=True)
class Nothing:
    """No value of a type: what a table row without a result gives."""

    type: Type


@dataclass(frozen=True)
class Fact:
    """What the case file says under an attribute."""

    name: str
    type: Type


@dataclass(frozen=True)
class RowFact:
    """What a row of a child table says under an attribute."""

    name: str
    type: Type


@dataclass(frozen=True)
class ParameterValue:
    """A parameter's value on the rule's reading date."""

    id: str
    type: Type


@dataclass(frozen=True)
class Listed:
    """Whether a code stands in a listing on the rule's reading date."""

    code: Core
    listing: str
    type: Type = BOOL


@dataclass(frozen=True)
class OneOf:
    """Whether a value is one of those written."""

    value: Core
    options: tuple[Value, ...]
    type: Type = BOOL


@dataclass(frozen=True)
class Compared:
    """A comparison of two values of one type; an ordered enum compares by rank."""

    operator: str
    left: Core
    right: Core
    type: Type = BOOL


@dataclass(frozen=True)
class AllOf:
    """Holds where every item holds (Kleene)."""

    items: tuple[Core, ...]
    type: Type = BOOL


@dataclass(frozen=True)
class AnyOf:
    """Holds where one item holds (Kleene)."""

    items: tuple[Core, ...]
    type: Type = BOOL


@dataclass(frozen=True)
class Negated:
    """Holds where the item fails."""

    item: Core
    type: Type = BOOL


@dataclass(frozen=True)
class Shifted:
    """A date moved by a period: forward (sign 1) or back (sign -1), months clamped at the month's end."""

    date: Core
    period: Core
    sign: int
    type: Type = DATE


@dataclass(frozen=True)
class DaysBetween:
    """The days from one date to a later one (negative where it is earlier)."""

    later: Core
    earlier: Core
    type: Type = INTEGER


@dataclass(frozen=True)
class Sum:
    """Two numbers added, subtracted or multiplied, exactly."""

    operator: str
    left: Core
    right: Core
    type: Type


@dataclass(frozen=True)
class Chosen:
    """`then` where the condition holds, `otherwise` where it fails.

    An unknown condition makes it unknown, unless both agree; rows of a table are not compared (`agrees` false).
    """

    condition: Core
    then: Core
    otherwise: Core
    type: Type
    agrees: bool = True


@dataclass(frozen=True)
class Applied:
    """A function of the language with its arguments."""

    function: str
    arguments: tuple[Core, ...]
    type: Type


@dataclass(frozen=True)
class Shift:
    """A date moved to the next working day of a calendar (the day itself where it is one)."""

    date: Core
    calendar: str
    type: Type = DATE


@dataclass(frozen=True)
class Aggregated:
    """Something said of all rows of a child table for which a condition holds (all rows without one).

    any and all are Kleene's; count, sum, min and max are unknown as soon as one row's condition or value is.
    """

    kind: str  # any, all, count, sum, min, max
    table: str
    value: Core | None
    condition: Core
    type: Type


@dataclass(frozen=True)
class AtLeast:
    """Whether the points of the conditions that hold reach a minimum, whatever the unknown ones turn out to be."""

    terms: tuple[tuple[Core, Core], ...]  # condition, points
    minimum: Core
    type: Type = BOOL


@dataclass(frozen=True)
class Derived:
    """What another rule says of the same subject: its outcome, its end or its amount; unknown where it lacks facts."""

    what: str  # outcome, until, amount
    rule: str
    type: Type

    @property
    def name(self) -> str:
        """How evidence and questions call it."""
        return f"{self.what}({self.rule})"


Core = (
    Constant
    | Nothing
    | Fact
    | RowFact
    | ParameterValue
    | Listed
    | OneOf
    | Compared
    | AllOf
    | AnyOf
    | Negated
    | Shifted
    | DaysBetween
    | Sum
    | Chosen
    | Applied
    | Shift
    | Aggregated
    | AtLeast
    | Derived
)

# name -> kinds of the arguments, type of the result
FUNCTIONS: Mapping[str, tuple[tuple[Type, ...], Type]] = {
    "completed_years": ((DATE, DATE), INTEGER),
    "days": ((INTEGER,), PERIOD),
    "months": ((INTEGER,), PERIOD),
    "last_day": ((DATE, PERIOD), DATE),
}
# functions of two or more values of one kind: name -> whether they take dates, else numbers
EXTREMES: Mapping[str, bool] = {"earliest": True, "latest": True, "smaller": False, "larger": False}
AGGREGATES = ("any", "all", "count", "sum", "min", "max")
DERIVED = ("outcome", "until", "amount")
_DIGEST_SIZE = 16  # bytes: enough that two of a few thousand rules never share one by chance
TO_WORKING_DAY = "next_working_day"


def nodes(core: Core) -> Iterator[Core]:
    """The node and everything below it, from left to right; a part that is used twice comes once."""
    pending, seen = [core], set[int]()
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending += reversed(children(node))


def reads(core: Core) -> Iterator[str]:
    """The names of what an expression reads of the case: attributes, child tables, other rules' results."""
    for node in nodes(core):
        if isinstance(node, Fact | Derived):
            yield node.name
        elif isinstance(node, Aggregated):
            yield node.table


def children(core: Core) -> tuple[Core, ...]:
    """The nodes directly below a node, from left to right."""
    match core:
        case Constant() | Nothing() | Fact() | RowFact() | ParameterValue() | Derived():
            return ()
        case Listed(code=child) | OneOf(value=child) | Negated(item=child) | Shift(date=child):
            return (child,)
        case Aggregated(value=value, condition=condition):
            return (condition,) if value is None else (value, condition)
        case AtLeast(terms=terms, minimum=minimum):
            return (*(node for term in terms for node in term), minimum)
        case Compared(left=left, right=right) | Sum(left=left, right=right):
            return (left, right)
        case AllOf(items=items) | AnyOf(items=items):
            return items
        case Shifted(date=date, period=period):
            return (date, period)
        case DaysBetween(later=later, earlier=earlier):
            return (later, earlier)
        case Chosen(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Applied(arguments=arguments):
            return arguments


def digest_of(tree: Core) -> bytes:
    """A digest of what an expression means; equal trees have equal digests."""
    found: dict[int, bytes] = {}  # a part that is used twice is read once

    def visit(node: Core) -> bytes:
        if id(node) not in found:
            found[id(node)] = digest([type(node).__name__, *map(written, _parts(node))])
        return found[id(node)]

    def written(part: object) -> bytes | str:
        if isinstance(part, tuple):
            return digest(map(written, part))
        return visit(part) if isinstance(part, Core) else repr(part)

    return visit(tree)


def digest(parts: Iterable[bytes | str]) -> bytes:
    """A digest of several parts in their order."""
    whole = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(4, "big") + data)
    return whole.digest()


def _parts(node: Core) -> Iterator[object]:
    """What a node is made of; of its type only the name, for a code list belongs to the vocabulary."""
    for item in fields(node):
        part = getattr(node, item.name)
        yield str(part) if isinstance(part, Type) else part
