"""What does a settings file of params/ say, and where is it wrong?

In goes a YAML file and the model it must fit, out comes the model; an unknown or missing entry, a wrong value or a
day that does not exist is an error with file, line and the nearest right name.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from stellwerk.errors import Place, StellwerkError, nearest, raise_all

EVIDENCE_GRADES = ("verified", "memory_high", "memory_medium", "memory_low", "modelling_choice")


class SettingsFileMissing(StellwerkError):
    """A settings file of params/ does not exist."""


class SettingsFileUnreadable(StellwerkError):
    """A settings file is no YAML, or holds a day that does not exist."""


class SettingsEntryUnknown(StellwerkError):
    """A settings file holds an entry that nobody reads."""


class SettingsEntryMissing(StellwerkError):
    """A settings file lacks an entry."""


class SettingsValueWrong(StellwerkError):
    """An entry of a settings file holds a value that does not fit."""


class Settings(BaseModel):
    """A part of a settings file: unknown entries are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Settings):
    """A text in both languages."""

    de: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `language`."""
        return self.en if language == "en" else self.de


Model = TypeVar("Model", bound=BaseModel)


def read_settings(path: Path, models: dict[str, type[Model]] | type[Model]) -> dict[str, Model]:
    """Read `path`: each top entry by the model for its `kind`, or all by the one model."""
    tree = _tree(path)
    found: dict[str, Model] = {}
    errors: list[StellwerkError] = []
    for name, entry in tree.items():
        model = _model_of(path, tree, name, entry, models)
        try:
            found[str(name)] = model.model_validate(_plain(entry))
        except ValidationError as error:
            errors += [_said(path, tree, (str(name), *detail["loc"]), detail, model) for detail in error.errors()]
    raise_all(errors)
    return found


def read_whole(path: Path, model: type[Model]) -> Model:
    """Read `path` as one `model`."""
    tree = _tree(path)
    try:
        return model.model_validate(_plain(tree))
    except ValidationError as error:
        errors = [_said(path, tree, detail["loc"], detail, model) for detail in error.errors()]
        raise_all(errors)
        raise


def lowest_grade(grades: Sequence[str]) -> str:
    """The weakest of several evidence grades: what a result built on all of them may claim."""
    return max(grades, key=EVIDENCE_GRADES.index)


def _tree(path: Path) -> Any:
    if not path.is_file():
        raise SettingsFileMissing(file=path.name)
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SettingsFileUnreadable(Place(path.name, line), problem=error.problem or "") from error
    except ValueError as error:
        raise SettingsFileUnreadable(Place(path.name), problem=str(error)) from error
    if not isinstance(tree, dict):
        raise SettingsFileUnreadable(Place(path.name), problem="")
    return tree


def _model_of(
    path: Path, tree: Any, name: object, entry: object, models: dict[str, type[Model]] | type[Model]
) -> type[Model]:
    if not isinstance(models, dict):
        return models
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if kind not in models:
        near = nearest(str(kind), models)
        raise SettingsValueWrong(
            Place(path.name, _line(tree, (name, "kind"))), entry=f"{name}.kind", value=kind, near=near
        )
    return models[kind]


def _plain(node: Any) -> Any:
    """The tree without line numbers; decimals exactly as written."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return Decimal(repr(float(node))) if isinstance(node, float) else node


def _said(
    path: Path, tree: Any, location: tuple[int | str, ...], detail: ErrorDetails, model: type[BaseModel]
) -> StellwerkError:
    place = Place(path.name, _line(tree, location))
    entry = ".".join(map(str, location))
    if detail["type"] == "extra_forbidden":
        near = nearest(str(location[-1]), _entry_names(model))
        return SettingsEntryUnknown(place, entry=entry, near=near)
    if detail["type"] == "missing":
        return SettingsEntryMissing(place, entry=entry)
    return SettingsValueWrong(place, entry=entry, value=detail["input"], near="")


def _entry_names(model: type[BaseModel]) -> set[str]:
    """Names known to the model or to one of the models inside it: enough for a hint."""
    known: set[str] = set()
    todo = [model]
    while todo:
        for name, field in todo.pop().model_fields.items():
            known.add(field.alias or name)
            candidates = (field.annotation, *get_args(field.annotation))
            todo += [inner for inner in candidates if isinstance(inner, type) and issubclass(inner, BaseModel)]
    return known


def _line(tree: Any, location: tuple[Any, ...]) -> int | None:
    """The line of the deepest part of `location` that stands in the file."""
    line: int | None = None
    for step in location:
        if isinstance(tree, CommentedMap) and step in tree:
            line = tree.lc.key(step)[0] + 1
        elif isinstance(tree, CommentedSeq) and isinstance(step, int) and step < len(tree):
            line = tree.lc.item(step)[0] + 1
        else:
            break
        tree = tree[step]
    return line
