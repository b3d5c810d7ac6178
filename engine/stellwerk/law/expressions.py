"""Parses one expression of a rule into an untyped syntax tree.

Text goes in, nodes come out; the grammar stands beside this module in `expressions.lark`. Names are not looked up
and types not checked here: that is linking (`core.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.visitors import v_args

from stellwerk.errors import Place, StellwerkError
from stellwerk.texts import Phrase

_REMEMBERED = 20_000  # texts of expressions; a full rulebook has a few thousand
_SHOWN = 30  # characters of the expression that an error shows


class UnreadableExpression(StellwerkError):
    """The text is no expression of the rule language."""


@dataclass(frozen=True)
class Literal:
    """A number, date, period, text or truth value as written."""

    kind: str
    text: str


@dataclass(frozen=True)
class Name:
    """An attribute, a parameter, a named intermediate or a code."""

    text: str


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Comparison:
    """Two sides and one of < <= > >= == !=."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True)
class Arithmetic:
    """Two sides and one of + - *."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True)
class InListing:
    """A value that is, or is not, in a dated listing."""

    value: Syntax
    listing: str


@dataclass(frozen=True)
class InOptions:
    """A value that is one of those written in brackets."""

    value: Syntax
    options: tuple[Syntax, ...]


@dataclass(frozen=True)
class Not:
    """Negation."""

    item: Syntax


@dataclass(frozen=True)
class And:
    """All items hold."""

    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Or:
    """One item at least holds."""

    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Choice:
    """One value if a condition holds, else another."""

    then: Syntax
    condition: Syntax
    otherwise: Syntax


Syntax = Literal | Name | Call | Comparison | Arithmetic | InListing | InOptions | Not | And | Or | Choice


def parse(text: str, place: Place) -> Syntax:
    """The syntax tree of one expression."""
    try:
        return _parsed(text)
    except UnexpectedInput as error:
        raise UnreadableExpression(place, expression=text, at=_where(error, text)) from error


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str) -> Syntax:
    """Versions of a rule repeat most of their lines, and a rulebook is loaded again after every edit."""
    syntax: Syntax = _Build().transform(_parser().parse(text))
    return syntax


def _where(error: UnexpectedInput, text: str) -> str | Phrase:
    """The rest of the text from where it stops making sense, or a word for its end."""
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return Phrase("expression_end")
    position = getattr(error, "pos_in_stream", None)
    return text[position:][:_SHOWN].strip() if isinstance(position, int) else ""


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("expressions.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False)


@v_args(inline=True)
class _Build(Transformer[Token, Syntax]):
    """Turns lark's tree into our nodes, one method a grammar alternative."""

    def period(self, token: Token) -> Syntax:
        return Literal("period", str(token))

    def date(self, token: Token) -> Syntax:
        return Literal("date", str(token))

    def number(self, token: Token) -> Syntax:
        return Literal("decimal" if "." in token else "integer", str(token))

    def string(self, token: Token) -> Syntax:
        return Literal("text", str(token)[1:-1])

    def true(self) -> Syntax:
        return Literal("bool", "true")

    def false(self) -> Syntax:
        return Literal("bool", "false")

    def name(self, token: Token) -> Syntax:
        return Name(str(token))

    def call(self, function: Token, *arguments: Syntax) -> Syntax:
        return Call(str(function), arguments)

    def compare(self, left: Syntax, operator: Token, right: Syntax) -> Syntax:
        return Comparison(str(operator), left, right)

    def arithmetic(self, left: Syntax, operator: Token, right: Syntax) -> Syntax:
        return Arithmetic(str(operator), left, right)

    def listing(self, token: Token) -> Syntax:
        return Name(str(token))

    def options(self, *options: Syntax) -> tuple[Syntax, ...]:
        return options

    def member(self, value: Syntax, members: Syntax | tuple[Syntax, ...]) -> Syntax:
        if isinstance(members, tuple):
            return InOptions(value, members)
        assert isinstance(members, Name)
        return InListing(value, members.text)

    def not_member(self, value: Syntax, members: Syntax | tuple[Syntax, ...]) -> Syntax:
        return Not(self.member(value, members))

    def negate(self, item: Syntax) -> Syntax:
        return Not(item)

    def both(self, *items: Syntax) -> Syntax:
        return And(items)

    def either(self, *items: Syntax) -> Syntax:
        return Or(items)

    def choose(self, then: Syntax, condition: Syntax, otherwise: Syntax) -> Syntax:
        return Choice(then, condition, otherwise)
