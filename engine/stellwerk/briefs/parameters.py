"""What may be asked of a brief: its parameters with their types and bounds, refused before any kernel starts.

In go the values of a scenario file and of the command line (where all is text), out comes a checked, frozen model; a
wrong name or value is an error that names the nearest parameter or the allowed form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stellwerk.documents import Document, Labels, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest, raise_all, shown_path
from stellwerk.texts import text


class UnknownBriefParameter(StellwerkError):
    """A parameter that this brief does not have."""


class BriefParameterNotAllowed(StellwerkError):
    """A parameter's value has the wrong type or lies outside its bounds."""


class UnknownBrief(StellwerkError):
    """No brief of this name."""


class ScenarioMissing(StellwerkError):
    """The scenario file does not exist."""


class ScenarioOfAnotherBrief(StellwerkError):
    """The scenario holds the parameters of another brief."""


_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")
_ISO_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_GERMAN_DAY = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")
_NOTHING = ("", "null", "none")


def _whole_number(value: object) -> object:
    return int(value) if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value) else value


def _whole_number_or_nothing(value: object) -> object:
    return None if isinstance(value, str) and value.lower() in _NOTHING else _whole_number(value)


def _day(value: object) -> object:
    written = isinstance(value, str) and (_ISO_DAY.fullmatch(value) or _GERMAN_DAY.fullmatch(value))
    if not written:
        return value
    try:
        return dt.date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:  # a day the calendar does not have: stays text and is refused as such
        return value


Count = Annotated[int, BeforeValidator(_whole_number)]
CountOrAll = Annotated[int | None, BeforeValidator(_whole_number_or_nothing)]
Day = Annotated[dt.date, BeforeValidator(_day)]


class LageParameters(BaseModel):
    """The parameters of the brief "Lage und Reform in Kürze"."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    year: Count = Field(ge=2015, le=2100)
    on: Day
    reform: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    cases: CountOrAll = Field(default=None, ge=100, le=10_000_000)
    seed: Count = Field(ge=0, le=2**31 - 1)
    cohort: Count = Field(default=1000, ge=1, le=5_000)
    koenigstein_total: Count = Field(default=10_000, ge=0, le=10_000_000)
    language: Literal["de", "en"] = "de"
    small_count: Count = Field(default=3, ge=1, le=100)

    @cached_property
    def as_json(self) -> dict[str, Any]:
        """The values as a notebook and a ledger take them: numbers, text, nothing else."""
        return self.model_dump(mode="json")


BRIEFS: dict[str, type[LageParameters]] = {"lage": LageParameters}
DEFAULT_SCENARIOS = {"lage": "lage_2023"}
Model = TypeVar("Model", bound=BaseModel)


def parameters_of(brief: str, values: Mapping[str, object]) -> LageParameters:
    """The checked parameters of `brief`."""
    if brief not in BRIEFS:
        raise UnknownBrief(brief=brief, near=nearest(brief, BRIEFS), known=sorted(BRIEFS))
    return check(BRIEFS[brief], values)


def check(
    model: type[Model], values: Mapping[str, object], place: Callable[[str], Place | None] = lambda name: None
) -> Model:
    """`values` as `model`, or every reason why not; `place` says where a value stands, if anywhere."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as problem:
        wrong = [(str(error["loc"][0]), error["type"]) for error in problem.errors()]
        raise_all([_sentence(model, values, name, kind, place(name)) for name, kind in wrong])
        raise


class Scenario(Document):
    """A scenario file: the brief it is for and the values of its parameters."""

    brief: str
    title: Labels
    parameters: dict[str, Any]


def scenario_for(brief: str, scenario: str | None, root: Path) -> dict[str, object]:
    """The parameters a brief starts from: a scenario by name or file, else the brief's own; checked line by line."""
    if brief not in BRIEFS:
        raise UnknownBrief(brief=brief, near=nearest(brief, BRIEFS), known=sorted(BRIEFS))
    name = scenario or DEFAULT_SCENARIOS[brief]
    path = Path(name) if name.endswith((".yaml", ".yml")) else root / "params" / "scenarios" / f"{name}.yaml"
    if not path.is_file():
        others = sorted(other.stem for other in path.parent.glob("*.yaml"))
        raise ScenarioMissing(scenario=path.stem, near=nearest(path.stem, others), known=others)
    shown = shown_path(path, root)
    data = read_document(path, shown)
    found = validated(Scenario, data, shown)
    if found.brief != brief:
        raise ScenarioOfAnotherBrief(Place(shown, line_of(data, ["brief"])), of=found.brief, brief=brief)
    check(BRIEFS[brief], found.parameters, lambda key: Place(shown, line_of(data, ["parameters", key])))
    return found.parameters


def _sentence(
    model: type[BaseModel], values: Mapping[str, object], name: str, kind: str, place: Place | None
) -> StellwerkError:
    if name not in model.model_fields:
        known = sorted(model.model_fields)
        return UnknownBriefParameter(place, parameter=name, near=nearest(name, known), known=known)
    if kind == "missing":
        return BriefParameterNotAllowed(place, parameter=name, value="", form=_form(model, name))
    return BriefParameterNotAllowed(place, parameter=name, value=_shown(values[name]), form=_form(model, name))


def _form(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    bounds = {key: getattr(part, key) for part in field.metadata for key in ("ge", "le") if hasattr(part, key)}
    if bounds:
        return text("form_whole_number", low=bounds["ge"], high=bounds["le"])
    if field.annotation is dt.date:
        return text("form_day")
    choices = get_args(field.annotation)
    return text("form_choice", allowed=choices) if choices else text("form_name")


def _shown(value: object) -> str:
    return f"{value}"[:80]
