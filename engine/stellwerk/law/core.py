"""The typed core: what an expression means, with every name looked up and every type checked.

Linking turns a syntax tree into core nodes within a `Scope` (attributes, named intermediates, parameters, listings).
All engines read this core and nothing else; `evaluate.reference` defines what each node yields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import expressions as syntax
from stellwerk.law.types import BOOL, DATE, INTEGER, PERIOD, Type, Value, parse_value
from stellwerk.law.vocabulary import Attribute


class UnknownName(StellwerkError):
    """A name that is no attribute, parameter or code here."""


class UnknownListing(StellwerkError):
    """A listing that does not exist."""


class UnknownFunction(StellwerkError):
    """A function that the language does not have."""


class WrongType(StellwerkError):
    """An operation on values whose types do not go together."""


class UnknownCode(StellwerkError):
    """A code that the list does not hold."""


@dataclass(frozen=True)
class Constant:
    """A value written in the rule."""

    value: Value
    type: Type


@dataclass(frozen=True)
class Fact:
    """What the case file says under an attribute."""

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
    """Two numbers added or subtracted, exactly."""

    operator: str
    left: Core
    right: Core
    type: Type


@dataclass(frozen=True)
class Chosen:
    """`then` where the condition holds, `otherwise` where it fails; unknown condition, unknown unless both agree."""

    condition: Core
    then: Core
    otherwise: Core
    type: Type


@dataclass(frozen=True)
class Applied:
    """A function of the language with its arguments."""

    function: str
    arguments: tuple[Core, ...]
    type: Type


Core = (
    Constant
    | Fact
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
)

# name -> kinds of the arguments, type of the result
FUNCTIONS: Mapping[str, tuple[tuple[Type, ...], Type]] = {
    "completed_years": ((DATE, DATE), INTEGER),
    "days": ((INTEGER,), PERIOD),
    "months": ((INTEGER,), PERIOD),
}


@dataclass(frozen=True)
class Scope:
    """What the names of a rule can refer to."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Type]
    listings: Mapping[str, Type]
    named: Mapping[str, Core]

    def look_up(self, name: str) -> Core | None:
        """What a name refers to, or None."""
        if name in self.named:
            return self.named[name]
        if name in self.attributes:
            return Fact(name, self.attributes[name].type)
        if name in self.parameters:
            return ParameterValue(name, self.parameters[name])
        return None

    def known_names(self) -> list[str]:
        """Every name that could be meant."""
        return [*self.named, *self.attributes, *self.parameters]


def link(text: str, scope: Scope, place: Place, wanted: Type | None = None) -> Core:
    """The typed core of an expression; `wanted` is the type its use demands."""
    linked = _Linker(scope, place, text).link(syntax.parse(text, place), None)
    if wanted is not None and linked.type != wanted:
        raise WrongType(place, expression=text, found=linked.type.in_words, wanted=wanted.in_words)
    return linked


def nodes(core: Core) -> Iterator[Core]:
    """The node and everything below it, from left to right."""
    yield core
    for child in children(core):
        yield from nodes(child)


def children(core: Core) -> tuple[Core, ...]:
    """The nodes directly below a node, from left to right."""
    match core:
        case Constant() | Fact() | ParameterValue():
            return ()
        case Listed(code=child) | OneOf(value=child) | Negated(item=child):
            return (child,)
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


@dataclass(frozen=True)
class _Linker:
    scope: Scope
    place: Place
    text: str

    def link(self, node: syntax.Syntax, expected: Type | None) -> Core:
        """`expected` gives a bare code its list; it is a hint, not a demand."""
        match node:
            case syntax.Literal(kind=kind, text=text):
                return self._literal(kind, text, expected)
            case syntax.Name(text=text):
                return self.scope.look_up(text) or self._code(text, expected)
            case syntax.Not(item=item):
                return Negated(self._bool(item))
            case syntax.And(items=items):
                return AllOf(tuple(self._bool(item) for item in items))
            case syntax.Or(items=items):
                return AnyOf(tuple(self._bool(item) for item in items))
            case syntax.Comparison():
                return self._comparison(node)
            case syntax.Arithmetic():
                return self._arithmetic(node)
            case syntax.InOptions(value=value, options=options):
                linked = self.link(value, None)
                return OneOf(linked, tuple(self._option(option, linked.type) for option in options))
            case syntax.InListing():
                return self._listed(node)
            case syntax.Choice():
                return self._choice(node, expected)
            case syntax.Call():
                return self._call(node)

    def _literal(self, kind: str, text: str, expected: Type | None) -> Core:
        if kind == "bool":
            return Constant(text == "true", BOOL)
        if kind == "text" and expected is not None and expected.code_list is not None:
            return self._code(text, expected)
        literal_type = Type(kind)
        value = parse_value(text, literal_type)
        if value is None:
            raise syntax.UnreadableExpression(self.place, expression=self.text, at=text)
        return Constant(value, literal_type)

    def _code(self, name: str, expected: Type | None) -> Core:
        if expected is None or expected.code_list is None:
            raise UnknownName(self.place, name=name, near=nearest(name, self.scope.known_names()))
        if name not in expected.code_list.codes:
            candidates = [*expected.code_list.codes, *self.scope.known_names()]
            raise UnknownCode(self.place, code=name, list=expected.code_list.name, near=nearest(name, candidates))
        return Constant(name, expected)

    def _bool(self, node: syntax.Syntax) -> Core:
        linked = self.link(node, None)
        if linked.type != BOOL:
            raise WrongType(self.place, expression=self.text, found=linked.type.in_words, wanted=BOOL.in_words)
        return linked

    def _comparison(self, node: syntax.Comparison) -> Core:
        if self._is_bare_code(node.left):
            right = self.link(node.right, None)
            left = self.link(node.left, right.type)
        else:
            left = self.link(node.left, None)
            right = self.link(node.right, left.type)
        alike = left.type == right.type or (left.type.is_number and right.type.is_number)
        sortable = node.operator in ("==", "!=") or (left.type.is_ordered and right.type.is_ordered)
        if not alike or not sortable or PERIOD in (left.type, right.type):
            raise WrongType(self.place, expression=self.text, found=right.type.in_words, wanted=left.type.in_words)
        return Compared(node.operator, left, right)

    def _is_bare_code(self, node: syntax.Syntax) -> bool:
        return isinstance(node, syntax.Name) and self.scope.look_up(node.text) is None

    def _arithmetic(self, node: syntax.Arithmetic) -> Core:
        left, right = self.link(node.left, None), self.link(node.right, None)
        if left.type == DATE and right.type == PERIOD:
            return Shifted(left, right, 1 if node.operator == "+" else -1)
        if left.type == DATE and right.type == DATE and node.operator == "-":
            return DaysBetween(left, right)
        if left.type.is_number and right.type.is_number:
            exact = left.type if left.type == right.type else Type("decimal")
            return Sum(node.operator, left, right, exact)
        raise WrongType(self.place, expression=self.text, found=right.type.in_words, wanted=left.type.in_words)

    def _listed(self, node: syntax.InListing) -> Core:
        if node.listing not in self.scope.listings:
            near = nearest(node.listing, self.scope.listings)
            raise UnknownListing(self.place, name=node.listing, near=near)
        value = self.link(node.value, None)
        wanted = self.scope.listings[node.listing]
        if value.type != wanted:
            raise WrongType(self.place, expression=self.text, found=value.type.in_words, wanted=wanted.in_words)
        return Listed(value, node.listing)

    def _option(self, option: syntax.Syntax, wanted: Type) -> Value:
        linked = self.link(option, wanted) if not isinstance(option, syntax.Name) else self._code(option.text, wanted)
        if not isinstance(linked, Constant) or linked.type != wanted:
            raise WrongType(self.place, expression=self.text, found=linked.type.in_words, wanted=wanted.in_words)
        return linked.value

    def _choice(self, node: syntax.Choice, expected: Type | None) -> Core:
        condition = self._bool(node.condition)
        then = self.link(node.then, expected)
        otherwise = self.link(node.otherwise, then.type)
        if then.type != otherwise.type:
            raise WrongType(self.place, expression=self.text, found=otherwise.type.in_words, wanted=then.type.in_words)
        return Chosen(condition, then, otherwise, then.type)

    def _call(self, node: syntax.Call) -> Core:
        if node.function not in FUNCTIONS:
            raise UnknownFunction(self.place, name=node.function, near=nearest(node.function, FUNCTIONS))
        wanted, result = FUNCTIONS[node.function]
        arguments = tuple(self.link(argument, None) for argument in node.arguments)
        found = tuple(argument.type for argument in arguments)
        if found != wanted:
            said = [kind.in_words for kind in found]
            raise WrongType(self.place, expression=self.text, found=said, wanted=[kind.in_words for kind in wanted])
        return Applied(node.function, arguments, result)
