"""Reads a YAML file of rules, parameters or settings into plain data that remembers its lines.

Only text, whole numbers, true/false and null become Python values; dates and decimals stay text until their model
reads them exactly. No tags, no code, no duplicate keys. Measured: libyaml's composer reads a rule file about forty
times faster than a comment-keeping reader, which matters for start-up; files are edited elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.texts import Phrase
from stellwerk.yaml_problems import line_of_problem, problem_of

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE_NUMBER = re.compile(r"^-?(0|[1-9]\d*)$")
Model = TypeVar("Model", bound=BaseModel)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


# pydantic's kinds of problem -> what we say was expected
_EXPECTED = {
    "string_type": "expected_text",
    "int_type": "expected_number",
    "int_parsing": "expected_number",
    "decimal_parsing": "expected_number",
    "list_type": "expected_list",
    "tuple_type": "expected_list",
    "dict_type": "expected_mapping",
    "model_type": "expected_mapping",
    "model_attributes_type": "expected_mapping",
    "bool_type": "expected_truth",
    "bool_parsing": "expected_truth",
    "string_pattern_mismatch": "expected_pattern",
    "too_short": "expected_more",
}


class UnreadableYaml(StellwerkError):
    """The file is no YAML that can be read."""


class DuplicateKey(StellwerkError):
    """A key stands twice in one mapping."""


class FileMissing(StellwerkError):
    """A file that is needed does not exist."""


class UnknownKey(StellwerkError):
    """A key that the format does not know."""


class MissingKey(StellwerkError):
    """A key that the format demands is not there."""


class ImpossibleDate(StellwerkError):
    """A date that the calendar does not have, or that is not written year-month-day."""


class ValueNotAllowed(StellwerkError):
    """A value outside the few that are allowed."""


class WrongValue(StellwerkError):
    """A value of the wrong form."""


class Mapping(dict[str, Any]):
    """A YAML mapping with the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}


class Listing(list[Any]):
    """A YAML list with the line of each item."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.item_lines: list[int] = []


class Document(BaseModel):
    """Base of every model of a file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Labels(Document):
    """A short text in both languages, as it stands in a file."""

    de: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `language`; German unless English is asked for."""
        return self.en if language == "en" else self.de


def read_documents(path: Path, shown: str) -> list[Mapping]:
    """All YAML documents of a file, each a mapping. `shown` is the file's name for the reader."""
    return documents_in(read_source(path, shown), shown)


def read_source(path: Path, shown: str) -> str:
    """The text of a file, without the mark that some editors put in front."""
    if not path.is_file():
        raise FileMissing(Place(shown))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(error, shown) from error


def not_utf8(error: UnicodeDecodeError, shown: str) -> UnreadableYaml:
    """The error for a file with a byte that is no UTF-8, with the line of that byte."""
    line = error.object[: error.start].count(b"\n") + 1
    return UnreadableYaml(Place(shown, line), problem=Phrase("yaml_not_utf8"))


def documents_in(source: str, shown: str) -> list[Mapping]:
    """All YAML documents of a text, each a mapping."""
    try:
        nodes = [node for node in yaml.compose_all(source, Loader=_Loader) if node is not None]
    except yaml.YAMLError as error:
        place = Place(shown, line_of_problem(error, source))
        raise UnreadableYaml(place, problem=problem_of(error, source)) from error
    if "&" in source:  # without it nothing can be shared, and nearly no file has it
        for node in nodes:
            _refuse_shared(node, set(), shown)
    documents = [_plain(node, shown) for node in nodes]
    for document in documents:
        if not isinstance(document, Mapping):
            raise UnreadableYaml(Place(shown, 1), problem=Phrase("expected_mapping"))
    return documents


def read_document(path: Path, shown: str) -> Mapping:
    """The one mapping that the file holds."""
    return the_one(read_documents(path, shown), shown)


def the_one(found: Sequence[Mapping], shown: str) -> Mapping:
    """The one document of a file that may hold no more."""
    if len(found) != 1:
        raise UnreadableYaml(Place(shown, 1), problem=Phrase("one_document_expected"))
    return found[0]


def validated(model: type[Model], data: Mapping, shown: str) -> Model:
    """The data as `model`; every mistake becomes an error with its line, all of them together."""
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        raise_all([_as_error(problem, data, shown, model) for problem in _worth_telling(failure)])
        raise


def line_of(data: Any, path: Sequence[str | int]) -> int | None:
    """The line of the value at `path`, or of the nearest surrounding one that has a line."""
    line = getattr(data, "line", None)
    for step in path:
        if isinstance(data, Mapping) and step in data:
            line, data = data.key_lines[str(step)], data[str(step)]
        elif isinstance(data, Listing) and isinstance(step, int) and step < len(data):
            line, data = data.item_lines[step], data[step]
    return line


def _refuse_shared(node: yaml.Node, seen: set[int], shown: str) -> None:
    """Refuse lists and mappings that stand in several places: a short text could become an endless one."""
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in seen:
        raise UnreadableYaml(Place(shown, node.start_mark.line + 1), problem=Phrase("yaml_shared"))
    seen.add(id(node))
    pairs = isinstance(node, yaml.MappingNode)
    for child in [part for pair in node.value for part in pair] if pairs else node.value:
        _refuse_shared(child, seen, shown)


def _plain(node: yaml.Node, shown: str) -> Any:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        listing = Listing(line)
        for item in node.value:
            listing.append(_plain(item, shown))
            listing.item_lines.append(item.start_mark.line + 1)
        return listing
    mapping = Mapping(line)
    for key_node, value_node in node.value:
        key = str(key_node.value)
        key_line = key_node.start_mark.line + 1
        if key in mapping:
            raise DuplicateKey(Place(shown, key_line), key=key)
        mapping[key] = _plain(value_node, shown)
        mapping.key_lines[key] = key_line
    return mapping


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    value = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return value
    if value in _WORDS:
        return _WORDS[value]
    return int(value) if _WHOLE_NUMBER.match(value) else value


def _worth_telling(failure: ValidationError) -> list[Any]:
    """Of a union, pydantic reports every branch; the reader wants the first problem at each place."""
    told: dict[tuple[str | int, ...], Any] = {}
    for problem in failure.errors(include_url=False):
        steps = tuple(step for step in problem["loc"] if not _names_a_branch(step))
        told.setdefault(steps, problem)
    return list(told.values())


def _names_a_branch(step: str | int) -> bool:
    return isinstance(step, str) and (step[:1].isupper() or step in ("str", "int", "decimal", "bool", "date"))


def _as_error(problem: Any, data: Mapping, shown: str, model: type[BaseModel]) -> StellwerkError:
    path = [step for step in problem["loc"]]
    place = Place(shown, line_of(data, path))
    key, kind, value = str(path[-1]) if path else "", problem["type"], problem.get("input")
    if kind == "extra_forbidden":
        return UnknownKey(place, key=key, near=nearest(key, _keys_of(model)))
    if kind == "missing":
        return MissingKey(place, key=key)
    if kind.startswith("date"):
        return ImpossibleDate(place, value=value)
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        return ValueNotAllowed(place, key=key, value=value, allowed=allowed, near=nearest(str(value), allowed))
    shown_value = value if isinstance(value, (str, int)) else ""
    return WrongValue(place, key=key, value=shown_value, problem=Phrase(_EXPECTED.get(kind, "expected_other")))


def _keys_of(model: type[BaseModel]) -> list[str]:
    """The keys a model and the models inside it know, by the names that stand in a file."""
    keys: list[str] = []
    pending, seen = [model], set[type]()
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        for name, field in current.model_fields.items():
            keys.append(field.alias or name)
            pending += _models_in(field.annotation)
    return keys


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found = map(partial(_models_in), getattr(annotation, "__args__", ()))
    return [model for models in found for model in models]
