"""Looks up the names of an expression and checks its types: from the syntax tree to the typed core.

A `Scope` says what names can refer to: attributes, named intermediates, parameters, listings, child tables, other
rules, calendars. A name that is none of these, or values that do not go together, are refused with the nearest name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.law import core
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
class Scope:
    """What the names of a rule can refer to."""

    attributes: Mapping[str, Attribute]
    parameters: Mapping[str, Type]
    listings: Mapping[str, Type]
    named: Mapping[str, core.Core]
    tables: Mapping[str, ChildTable] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    outcomes: Type = TEXT
    calendars: frozenset[str] = frozenset()
    row: Mapping[str, Attribute] = field(default_factory=dict)

    def look_up(self, name: str) -> core.Core | None:
        """What a name refers to, or None."""
        if name in self.row:
            return core.RowFact(name, self.row[name].type)
        if name in self.named:
            return self.named[name]
        if name in self.attributes:
            return core.Fact(name, self.attributes[name].type)
        if name in self.parameters:
            return core.ParameterValue(name, self.parameters[name])
        return None

    def known_names(self) -> list[str]:
        """Every name that could be meant."""
        return [*self.row, *self.named, *self.attributes, *self.parameters]

    def within(self, table: ChildTable) -> Scope:
        """The scope inside a child table: its attributes first, then the subject's."""
        return replace(self, row=table.attributes, tables={})


def link(text: str, scope: Scope, place: Place, wanted: Type | None = None) -> core.Core:
    """The typed core of an expression; `wanted` is the type its use demands."""
    linked = _Linker(scope, place, text).link(syntax.parse(text, place), None)
    if wanted is not None and linked.type != wanted:
        raise WrongType(place, expression=text, found=linked.type.in_words, wanted=wanted.in_words)
    return linked


@dataclass(frozen=True)
class _Linker:
    scope: Scope
    place: Place
    text: str

    def link(self, node: syntax.Syntax, expected: Type | None) -> core.Core:
        """`expected` gives a bare code its list; it is a hint, not a demand."""
        match node:
            case syntax.Literal(kind=kind, text=text):
                return self._literal(kind, text, expected)
            case syntax.Name(text=text):
                return self.scope.look_up(text) or self._code(text, expected)
            case syntax.Not(item=item):
                return core.Negated(self._bool(item))
            case syntax.And(items=items):
                return core.AllOf(tuple(self._bool(item) for item in items))
            case syntax.Or(items=items):
                return core.AnyOf(tuple(self._bool(item) for item in items))
            case syntax.Comparison():
                return self._comparison(node)
            case syntax.Arithmetic():
                return self._arithmetic(node)
            case syntax.InOptions(value=value, options=options):
                linked = self.link(value, None)
                return core.OneOf(linked, tuple(self._option(option, linked.type) for option in options))
            case syntax.InListing():
                return self._listed(node)
            case syntax.Choice():
                return self._choice(node, expected)
            case syntax.Call():
                return self._call(node)

    def _literal(self, kind: str, text: str, expected: Type | None) -> core.Core:
        if kind == "bool":
            return core.Constant(text == "true", BOOL)
        if kind == "text" and expected is not None and expected.code_list is not None:
            return self._code(text, expected)
        literal_type = Type(kind)
        value = parse_value(text, literal_type)
        if value is None:
            raise syntax.UnreadableExpression(self.place, expression=self.text, at=text)
        return core.Constant(value, literal_type)

    def _code(self, name: str, expected: Type | None) -> core.Core:
        if expected is None or expected.code_list is None:
            raise UnknownName(self.place, name=name, near=nearest(name, self.scope.known_names()))
        if name not in expected.code_list.codes:
            candidates = [*expected.code_list.codes, *self.scope.known_names()]
            raise UnknownCode(self.place, code=name, list=expected.code_list.name, near=nearest(name, candidates))
        return core.Constant(name, expected)

    def _bool(self, node: syntax.Syntax) -> core.Core:
        linked = self.link(node, None)
        if linked.type != BOOL:
            raise WrongType(self.place, expression=self.text, found=linked.type.in_words, wanted=BOOL.in_words)
        return linked

    def _comparison(self, node: syntax.Comparison) -> core.Core:
        if self._is_bare_code(node.left) and not self._is_bare_code(node.right):
            right = self.link(node.right, None)
            left = self.link(node.left, right.type)
        else:
            left = self.link(node.left, None)
            right = self.link(node.right, left.type)
        alike = left.type == right.type or (left.type.is_number and right.type.is_number)
        sortable = node.operator in ("==", "!=") or (left.type.is_ordered and right.type.is_ordered)
        if not alike or not sortable or PERIOD in (left.type, right.type):
            raise WrongType(self.place, expression=self.text, found=right.type.in_words, wanted=left.type.in_words)
        return core.Compared(node.operator, left, right)

    def _is_bare_code(self, node: syntax.Syntax) -> bool:
        return isinstance(node, syntax.Name) and self.scope.look_up(node.text) is None

    def _arithmetic(self, node: syntax.Arithmetic) -> core.Core:
        left, right = self.link(node.left, None), self.link(node.right, None)
        if left.type == DATE and right.type == PERIOD and node.operator != "*":
            return core.Shifted(left, right, 1 if node.operator == "+" else -1)
        if left.type == DATE and right.type == DATE and node.operator == "-":
            return core.DaysBetween(left, right)
        numbers = left.type.is_number and right.type.is_number
        if numbers and not (node.operator == "*" and left.type == right.type == DECIMAL):
            exact = left.type if left.type == right.type else DECIMAL
            return core.Sum(node.operator, left, right, exact)
        raise WrongType(self.place, expression=self.text, found=right.type.in_words, wanted=left.type.in_words)

    def _listed(self, node: syntax.InListing) -> core.Core:
        if node.listing not in self.scope.listings:
            near = nearest(node.listing, self.scope.listings)
            raise UnknownListing(self.place, name=node.listing, near=near)
        value = self.link(node.value, None)
        wanted = self.scope.listings[node.listing]
        if value.type != wanted:
            raise WrongType(self.place, expression=self.text, found=value.type.in_words, wanted=wanted.in_words)
        return core.Listed(value, node.listing)

    def _option(self, option: syntax.Syntax, wanted: Type) -> Value:
        linked = self.link(option, wanted) if not isinstance(option, syntax.Name) else self._code(option.text, wanted)
        if not isinstance(linked, core.Constant) or linked.type != wanted:
            raise WrongType(self.place, expression=self.text, found=linked.type.in_words, wanted=wanted.in_words)
        return linked.value

    def _choice(self, node: syntax.Choice, expected: Type | None) -> core.Core:
        condition = self._bool(node.condition)
        then = self.link(node.then, expected)
        otherwise = self.link(node.otherwise, then.type)
        if then.type != otherwise.type:
            raise WrongType(self.place, expression=self.text, found=otherwise.type.in_words, wanted=then.type.in_words)
        return core.Chosen(condition, then, otherwise, then.type)

    def _call(self, node: syntax.Call) -> core.Core:
        if node.function in core.AGGREGATES:
            return self._aggregated(node)
        if node.function in core.DERIVED:
            return self._derived(node)
        if node.function in core.EXTREMES:
            return self._extreme(node)
        if node.function == core.TO_WORKING_DAY:
            return self._working_day(node)
        if node.function not in core.FUNCTIONS:
            known = [*core.FUNCTIONS, *core.AGGREGATES, *core.DERIVED, *core.EXTREMES, core.TO_WORKING_DAY]
            raise UnknownFunction(self.place, name=node.function, near=nearest(node.function, known))
        wanted, result = core.FUNCTIONS[node.function]
        arguments = tuple(self.link(argument, None) for argument in node.arguments)
        found = tuple(argument.type for argument in arguments)
        if found != wanted:
            said = [kind.in_words for kind in found]
            raise WrongType(self.place, expression=self.text, found=said, wanted=[kind.in_words for kind in wanted])
        return core.Applied(node.function, arguments, result)

    def _aggregated(self, node: syntax.Call) -> core.Core:
        name = self._name_argument(node, 0)
        if name not in self.scope.tables:
            raise UnknownTable(self.place, name=name, near=nearest(name, self.scope.tables))
        inside = _Linker(self.scope.within(self.scope.tables[name]), self.place, self.text)
        kind, rest = node.function, list(node.arguments[1:])
        takes_value = kind in ("sum", "min", "max")
        value = inside.link(rest.pop(0), None) if takes_value and rest else None
        if (value is None) == takes_value or len(rest) > 1:
            raise WrongArguments(self.place, expression=self.text, function=kind)
        condition = inside._bool(rest[0]) if rest else core.Constant(True, BOOL)
        if value is not None and not (value.type.is_number or (kind != "sum" and value.type == DATE)):
            raise WrongType(self.place, expression=self.text, found=value.type.in_words, wanted=INTEGER.in_words)
        result = value.type if value is not None else INTEGER if kind == "count" else BOOL
        return core.Aggregated(kind, name, value, condition, result)

    def _derived(self, node: syntax.Call) -> core.Core:
        rule = self._name_argument(node, 0)
        if len(node.arguments) != 1:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        if rule not in self.scope.rules:
            raise UnknownRuleName(self.place, name=rule, near=nearest(rule, self.scope.rules))
        kinds = {"outcome": self.scope.outcomes, "until": DATE, "amount": DECIMAL}
        return core.Derived(node.function, rule, kinds[node.function])

    def _extreme(self, node: syntax.Call) -> core.Core:
        arguments = tuple(self.link(argument, None) for argument in node.arguments)
        if len(arguments) < 2:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        of_dates = core.EXTREMES[node.function]
        for argument in arguments:
            if not (argument.type == DATE if of_dates else argument.type.is_number):
                wanted = DATE if of_dates else INTEGER
                found = argument.type.in_words
                raise WrongType(self.place, expression=self.text, found=found, wanted=wanted.in_words)
        exact = INTEGER if all(argument.type == INTEGER for argument in arguments) else DECIMAL
        return core.Applied(node.function, arguments, DATE if of_dates else exact)

    def _working_day(self, node: syntax.Call) -> core.Core:
        if len(node.arguments) != 2:
            raise WrongArguments(self.place, expression=self.text, function=node.function)
        date, calendar = self.link(node.arguments[0], None), self._name_argument(node, 1)
        if date.type != DATE:
            raise WrongType(self.place, expression=self.text, found=date.type.in_words, wanted=DATE.in_words)
        if calendar not in self.scope.calendars:
            raise UnknownCalendar(self.place, name=calendar, near=nearest(calendar, self.scope.calendars))
        return core.Shift(date, calendar)

    def _name_argument(self, node: syntax.Call, position: int) -> str:
        if position < len(node.arguments):
            argument = node.arguments[position]
            if isinstance(argument, syntax.Name):
                return argument.text
        raise WrongArguments(self.place, expression=self.text, function=node.function)
