"""What may be asked of a brief: kinds of parameters with their bounds, refused before any cell runs.

In go the values of a scenario file and of the command line (where all is text) and the model of a brief, out comes the
checked, frozen model; a wrong name or value is an error that names the nearest parameter or the allowed form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stellwerk.errors import Place, StellwerkError, nearest, raise_all
from stellwerk.texts import text


class UnknownBriefParameter(StellwerkError):
    """A parameter that this brief does not have."""


class BriefParameterNotAllowed(StellwerkError):
    """A parameter's value has the wrong type or lies outside its bounds."""


_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")
_ISO_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_GERMAN_DAY = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")
# What a parameter may name, as its JSON Schema says: something that must be there before a brief begins.
FILE, MUNICIPALITY, REFORM, COUNTRIES = "path", "municipality", "reform", "countries"
RECEPTION, BUDGET, POOL_YEAR, PLACEMENT = "reception_scenario", "budget_scenario", "pool_year", "placement_scenario"
_NOTHING = ("", "null", "none")


def read_whole_number(value: object) -> object:
    """Text that is a whole number, as that number; anything else as it is."""
    return int(value) if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value) else value


def _whole_number_or_nothing(value: object) -> object:
    return None if isinstance(value, str) and value.lower() in _NOTHING else read_whole_number(value)


def read_day(value: object) -> object:
    """Text that is a day, as machines or Germans write it, as that day; anything else as it is."""
    written = isinstance(value, str) and (_ISO_DAY.fullmatch(value) or _GERMAN_DAY.fullmatch(value))
    if not written:
        return value
    try:
        return dt.date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:  # a day the calendar does not have: stays text and is refused as such
        return value


def _word_or_nothing(value: object) -> object:
    return None if isinstance(value, str) and value.lower() in _NOTHING else value


Count = Annotated[int, BeforeValidator(read_whole_number)]
CountOrAll = Annotated[int | None, BeforeValidator(_whole_number_or_nothing)]
Day = Annotated[dt.date, BeforeValidator(read_day)]
FileOrNone = Annotated[str | None, BeforeValidator(_word_or_nothing), Field(json_schema_extra={"format": FILE})]
# Tables have a column a country: more than six are not readable.
Countries = Annotated[str, Field(pattern=r"^[^,]+(,[^,]+){0,5}$", json_schema_extra={"format": COUNTRIES})]
Municipality = Annotated[str, Field(min_length=1, json_schema_extra={"format": MUNICIPALITY})]
_NAME = r"^[a-z][a-z0-9_]*$"
Reform = Annotated[str, Field(pattern=_NAME, json_schema_extra={"format": REFORM})]
ReceptionScenario = Annotated[str, Field(pattern=_NAME, json_schema_extra={"format": RECEPTION})]
BudgetScenario = Annotated[str, Field(pattern=_NAME, json_schema_extra={"format": BUDGET})]
PoolYear = Annotated[str, Field(pattern=_NAME, json_schema_extra={"format": POOL_YEAR})]
PlacementScenarioOrNone = Annotated[
    Annotated[str, Field(pattern=_NAME)] | None,
    BeforeValidator(_word_or_nothing),
    Field(json_schema_extra={"format": PLACEMENT}),
]


class BriefParameters(BaseModel):
    """What every brief can be asked: its language and which counts are too small to show."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    language: Literal["de", "en"] = "de"
    small_count: Count = Field(default=3, ge=1, le=100)

    @cached_property
    def as_json(self) -> dict[str, Any]:
        """The values as a notebook and a ledger take them: numbers, text, nothing else."""
        return self.model_dump(mode="json")


class RegisterParameters(BriefParameters):
    """What a brief is asked that counts persons of a synthetic register: its year, its size, its seed."""

    year: Count = Field(ge=2015, le=2100)
    cases: CountOrAll = Field(default=None, ge=100, le=10_000_000)
    seed: Count = Field(ge=0, le=2**31 - 1)


Model = TypeVar("Model", bound=BaseModel)


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


def fields_naming(model: type[BaseModel], what: str) -> list[str]:
    """The parameters that name one kind of things: a file, a municipality, a reform, countries, a scenario."""
    return [name for name, field in model.model_fields.items() if field.json_schema_extra == {"format": what}]


def form_of(model: type[BaseModel], name: str, language: str | None = None) -> str:
    """The allowed form of a parameter in words."""
    field = model.model_fields[name]
    bounds = {key: getattr(part, key) for part in field.metadata for key in ("ge", "le") if hasattr(part, key)}
    if bounds:
        return text("form_whole_number", language, low=bounds["ge"], high=bounds["le"])
    if field.annotation is dt.date:
        return text("form_day", language)
    if name in fields_naming(model, FILE):
        return text("form_file", language)
    if name in fields_naming(model, COUNTRIES):
        return text("form_countries", language)
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    if choices:
        return text("form_choice", language, allowed=choices)
    named = any(getattr(part, "pattern", None) for part in field.metadata) or name in fields_naming(model, PLACEMENT)
    return text("form_name" if named else "form_text", language)


def _sentence(
    model: type[BaseModel], values: Mapping[str, object], name: str, kind: str, place: Place | None
) -> StellwerkError:
    if name not in model.model_fields:
        known = sorted(model.model_fields)
        return UnknownBriefParameter(place, parameter=name, near=nearest(name, known), known=known)
    if kind == "missing":
        return BriefParameterNotAllowed(place, parameter=name, value="", form=form_of(model, name))
    return BriefParameterNotAllowed(place, parameter=name, value=_shown(values[name]), form=form_of(model, name))


def _shown(value: object) -> str:
    return f"{value}"[:80]
