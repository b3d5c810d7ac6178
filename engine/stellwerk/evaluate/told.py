"""What somebody tells of a case, name by name, as the exact value the vocabulary knows under that name.

In goes a name with a value of Python (or its spelling in files), or the rows of a child table. Out comes the fact, None
for unknown; a wrong name, type or range is an error that says what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.examples import Fact, FactDoesNotFit
from stellwerk.law.resolver import UnknownCode, UnknownName
from stellwerk.law.types import CodeList, Value, parse_value
from stellwerk.law.vocabulary import Attribute, ChildTable, Vocabulary
from stellwerk.texts import Phrase


class FactOutOfRange(StellwerkError):
    """A number below or above what the vocabulary allows."""


def told(name: str, raw: object, vocabulary: Vocabulary, subject: str) -> Fact:
    """The fact that is told of a subject under a name."""
    attributes, tables = vocabulary.attributes(subject), vocabulary.child_tables(subject)
    if name in tables:
        return _rows(raw, tables[name])
    return _value(name, raw, attributes, [*attributes, *tables])


def _rows(raw: object, table: ChildTable) -> Fact:
    if raw is None:
        return None
    if not isinstance(raw, Sequence) or not all(isinstance(row, Mapping) for row in raw):
        raise FactDoesNotFit(name=table.name, value=raw, form=Phrase("type_rows"))
    return [
        {name: _value(name, cell, table.attributes, list(table.attributes)) for name, cell in row.items()}
        for row in raw
    ]


def _value(name: str, raw: object, attributes: Mapping[str, Attribute], known: Sequence[str]) -> Value | None:
    if name not in attributes:
        raise UnknownName(name=name, near=nearest(name, known))
    if raw is None:
        return None
    attribute = attributes[name]
    value = parse_value(format(raw, "f") if isinstance(raw, Decimal) else raw, attribute.type)
    if value is None and attribute.type.code_list is not None:
        codes = attribute.type.code_list
        raise UnknownCode(code=raw, list=codes.name, near=_nearest_code(str(raw), codes))
    if value is None:
        raise FactDoesNotFit(name=name, value=raw, form=attribute.type.in_words)
    least, most = attribute.minimum, attribute.maximum
    if isinstance(value, int | Decimal) and (
        (least is not None and value < least) or (most is not None and value > most)
    ):
        raise FactOutOfRange(name=name, value=raw, least=least, most=most)
    return value


def _nearest_code(raw: str, codes: CodeList) -> str:
    """The code whose name or label in either language looks most like what was said."""
    said = {words.casefold(): code.code for code in codes.codes.values() for words in (code.label_de, code.label_en)}
    said |= {code.casefold(): code for code in codes.codes}
    return said.get(nearest(raw.casefold(), said), "")
