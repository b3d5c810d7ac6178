"""The typed core: what an expression means, with every name looked up and every type checked.

Linking turns a syntax tree into core nodes within a `Scope` (attributes, named intermediates, parameters, listings).
All engines read this core and nothing else; `evaluate.reference` defines what each node yields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import expressions as syntax
from stellwerk.law.types import BOOL, DATE, DECIMAL, INTEGER, PERIOD, TEXT, Type, Value, parse_value
from stellwerk.law.vocabulary import Attribute, ChildTable


class UnknownName(StellwerkError):
    """A name that is no attribute, parameter or code here."""


class UnknownListing(StellwerkError):
    """A listing that does not exist."""


class UnknownFunction(StellwerkError):
    """A function that the language does not have."""


class UnknownTable(StellwerkError):
    """A child table that the subject does not have."""


class UnknownCalendar(StellwerkError):
    """A calendar of working days that does not exist."""


class UnknownRuleName(StellwerkError):
    """A rule that another rule refers to does not exist."""


class WrongArguments(StellwerkError):
    """A function with too few or too many arguments, or with one that is no name where a name is needed."""


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
TO_WORKING_DAY = "next_working_day"


@dataclass(frozen=True)
class Scope:
    """What the names of a rule can refer to."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Type]
    listings: Mapping[str, Type]
    named: Mapping[str, Core]
    tables: Mapping[str, ChildTable] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    outcomes: Type = TEXT
    calendars: frozenset[str] = frozenset()
    row: Mapping[str, Attribute] = field(default_factory=dict)

    def look_up(self, name: str) -> Core | None:
        """What a name refers to, or None."""
        if name in self.row:
            return RowFact(name, self.row[name].type)
        if name in self.named:
            return self.named[name]
        if name in self.attributes:
            return Fact(name, self.attributes[name].type)
        if name in self.parameters:
            return ParameterValue(name, self.parameters[name])
        return None

    def known_names(self) -> list[str]:
        """Every name that could be meant."""
        return [*self.row, *self.named, *self.attributes, *self.parameters]

    def within(self, table: ChildTable) -> Scope:
        """The scope inside a child table: its attributes first, then the subject's."""
        return replace(self, row=table.attributes, tables={})


def link(text: str, scope: Scope, place: Place, wanted: Type | None = None) -> Core:
    """The typed core of an expression; `wanted` is the type its use demands."""
    linked = _Linker(scope, place, text).link(syntax.parse(text, place), None)
    if wanted is not None and linked.type != wanted:
        raise WrongType(place, expression=text, found=linked.type.in_words, wanted=wanted.in_words)
    return linked


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
        if left.type == DATE and right.type == PERIOD and node.operator != "*":
            return Shifted(left, right, 1 if node.operator == "+" else -1)
        if left.type == DATE and right.type == DATE and node.operator == "-":
            return DaysBetween(left, right)
        numbers = left.type.is_number and right.type.is_number
        if numbers and not (node.operator == "*" and left.type == right.type == DECIMAL):
            exact = left.type if left.type == right.type else DECIMAL
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
        if node.function in AGGREGATES:
            return self._aggregated(node)
        if node.function in DERIVED:
            return self._derived(node)
        if node.function in EXTREMES:
            return self._extreme(node)
        if node.function == TO_WORKING_DAY:
            return self._working_day(node)
        if node.function not in FUNCTIONS:
            known = [*FUNCTIONS, *AGGREGATES, *DERIVED, *EXTREMES, TO_WORKING_DAY]
            raise UnknownFunction(self.place, name=node.function, near=nearest(node.function, known))
        wanted, result = FUNCTIONS[node.function]
        arguments = tuple(self.link(argument, None) for argument in node.arguments)
        found = tuple(argument.type for argument in arguments)
        if found != wanted:
            said = [kind.in_words for kind in found]
            raise WrongType(self.place, expression=self.text, found=said, wanted=[kind.in_words for kind in wanted])
        return Applied(node.function, arguments, result)

    def _aggregated(self, node: syntax.Call) -> Core:
        name = self._name_argument(node, 0)
        if name not in self.scope.tables:
            raise UnknownTable(self.place, name=name, near=nearest(name, self.scope.tables))
        inside = _Linker(self.scope.within(self.scope.tables[name]), self.place, self.text)
        kind, rest = node.function, list(node.arguments[1:])
        takes_value = kind in ("sum", "min", "max")
        value = inside.link(rest.pop(0), None) if takes_value and rest else None
        if (value is None) == takes_value or len(rest) > 1:
            raise WrongArguments(self.place, expression=self.text, function=kind)
        condition = inside._bool(rest[0]) if rest else Constant(True, BOOL)
        if value is not None and not (value.type.is_number or (kind != "sum" and value.type == DATE)):
            raise WrongType(self.place, expression=self.text, found=value.type.in_words, wanted=INTEGER.in_words)
        result = value.type if value is not None else INTEGER if kind == "count" else BOOL
        return Aggregated(kind, name, value, condition, result)

    def _derived(self, node: syntax.Call) -> Core:
        rule = self._name_argument(node, 0)
        if len(node.arguments) != 1:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        if rule not in self.scope.rules:
            raise UnknownRuleName(self.place, name=rule, near=nearest(rule, self.scope.rules))
        kinds = {"outcome": self.scope.outcomes, "until": DATE, "amount": DECIMAL}
        return Derived(node.function, rule, kinds[node.function])

    def _extreme(self, node: syntax.Call) -> Core:
        arguments = tuple(self.link(argument, None) for argument in node.arguments)
        if len(arguments) < 2:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        of_dates = EXTREMES[node.function]
        for argument in arguments:
            if not (argument.type == DATE if of_dates else argument.type.is_number):
                wanted = DATE if of_dates else INTEGER
                found = argument.type.in_words
                raise WrongType(self.place, expression=self.text, found=found, wanted=wanted.in_words)
        exact = INTEGER if all(argument.type == INTEGER for argument in arguments) else DECIMAL
        return Applied(node.function, arguments, DATE if of_dates else exact)

    def _working_day(self, node: syntax.Call) -> Core:
        if len(node.arguments) != 2:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        date, calendar = self.link(node.arguments[0], None), self._name_argument(node, 1)
        if date.type != DATE:
            raise WrongType(self.place, expression=self.text, found=date.type.in_words, wanted=DATE.in_words)
        if calendar not in self.scope.calendars:
            raise UnknownCalendar(self.place, name=calendar, near=nearest(calendar, self.scope.calendars))
        return Shift(date, calendar)

    def _name_argument(self, node: syntax.Call, position: int) -> str:
        if position < len(node.arguments):
            argument = node.arguments[position]
            if isinstance(argument, syntax.Name):
                return argument.text
        raise WrongArguments(self.place, expression=self.text, function=node.function)
