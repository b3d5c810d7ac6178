"""The types of the rule language: what an attribute, a parameter or an expression can be.

A value of each type in Python is bool, int, Decimal, date, `Period` or str (text, enum and code); unknown is None.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from stellwerk.law.calendar import Period, parse_period
from stellwerk.texts import Phrase

Value = bool | int | Decimal | dt.date | Period | str

DECIMAL_PLACES = 6  # decimals are exact up to six places everywhere: reference, columns and files
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)  # a date outside is a slip of the pen
_DECIMAL = re.compile(r"^-?\d+(\.\d+)?$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_WHOLE_NUMBER = re.compile(r"^-?\d{1,15}$")


@dataclass(frozen=True)
class Code:
    """One value of a code list with its labels and the other spellings accepted in files."""

    code: str
    label_de: str
    label_en: str
    aliases: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """The words for the code."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True)
class CodeList:
    """A closed list of codes; in an ordered one, later codes are higher."""

    name: str
    codes: Mapping[str, Code] = field(hash=False)
    ordered: bool = False

    def rank(self, code: str) -> int:
        """The code's place in the list's order, from 0."""
        return list(self.codes).index(code)


@dataclass(frozen=True)
class Type:
    """A type of the language; enums and codes carry their list."""

    kind: str  # bool, integer, decimal, date, period, text, enum, code
    code_list: CodeList | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.code_list.name}" if self.code_list else self.kind

    @property
    def in_words(self) -> Phrase:
        """What a value of the type looks like, for messages."""
        return Phrase(f"type_{self.kind}", {"list": self.code_list.name if self.code_list else ""})

    @property
    def is_number(self) -> bool:
        """Whether values add and subtract."""
        return self.kind in ("integer", "decimal")

    @property
    def is_ordered(self) -> bool:
        """Whether values compare by size."""
        if self.code_list is not None:
            return self.code_list.ordered
        return self.kind in ("integer", "decimal", "date")


BOOL, INTEGER, DECIMAL, DATE, PERIOD, TEXT = map(Type, ("bool", "integer", "decimal", "date", "period", "text"))


def parse_value(raw: object, kind: Type) -> Value | None:
    """Read a value as it stands in rule, parameter and example files; None where it does not fit the type."""
    if isinstance(raw, bool):
        return raw if kind.kind == "bool" else None
    text = str(raw).strip()
    match kind.kind:
        case "integer":
            return int(text) if _WHOLE_NUMBER.match(text) else None
        case "decimal":
            return parse_decimal(text)
        case "date":
            return parse_date(text)
        case "period":
            return parse_period(text)
        case "text":
            return text
        case "enum" | "code":
            assert kind.code_list is not None
            return text if text in kind.code_list.codes else None
        case _:
            return None


def parse_decimal(text: str) -> Decimal | None:
    """A decimal with a point and at most six places, exactly as written; None otherwise."""
    if not _DECIMAL.match(text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    places = -int(value.as_tuple().exponent)
    return value if places <= DECIMAL_PLACES else None


def parse_date(text: str) -> dt.date | None:
    """A day written year-month-day within the span of the calendar that files may use; None otherwise."""
    if not _DATE.match(text):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
