"""Does what the parameters name exist: files, municipalities, reforms, countries? Asked before anything runs.

In go checked parameters, out come the same with files found and municipalities by their key, so that one brief is
called the same however it was asked for; what does not exist is an error with the nearest name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from stellwerk.briefs.countries import country_codes
from stellwerk.briefs.parameters import COUNTRIES, FILE, MUNICIPALITY, BriefParameters, fields_naming
from stellwerk.documents import FileMissing
from stellwerk.errors import Place, StellwerkError, nearest, shown_path

Parameters = TypeVar("Parameters", bound=BriefParameters)


class UnknownMunicipality(StellwerkError):
    """No municipality of that key or name."""


def settled(
    parameters: Parameters,
    root: Path,
    municipalities: Callable[[], Mapping[str, str]],
    known: Mapping[str, Callable[[str], object]],
) -> Parameters:
    """The parameters with names resolved.

    `municipalities` gives code and name of each, `known` refuses what does not exist, by the kind of things that a
    parameter names (a reform, a scenario); each is asked only where a parameter needs it.
    """
    model, found = type(parameters), {}
    for field in fields_naming(model, FILE):
        given = getattr(parameters, field)
        if given is not None:
            found[field] = _file(given, root)
    for field in fields_naming(model, MUNICIPALITY):
        found[field] = code_of(getattr(parameters, field), municipalities())
    for field in fields_naming(model, COUNTRIES):
        found[field] = ", ".join(country_codes(getattr(parameters, field), root / "params"))
    for kind, refuse in known.items():
        for field in fields_naming(model, kind):
            if getattr(parameters, field) is not None:
                refuse(getattr(parameters, field))
    return model.model_validate({**parameters.model_dump(), **found})


def code_of(written: str, names: Mapping[str, str]) -> str:
    """The key of a municipality by its key or its name."""
    if written in names:
        return written
    called = [code for code, name in names.items() if name.casefold() == written.casefold()]
    if len(called) != 1:
        near = nearest(written, [*names.values(), *names])
        raise UnknownMunicipality(municipality=written, near=near, several=called)
    return called[0]


def _file(written: str, root: Path) -> str:
    """A file by its name from here or from the checkout: below the checkout where it lies there, else whole."""
    for path in (Path(written), root / written):
        if path.is_file():
            shown = shown_path(path, root)
            return shown if (root / shown).resolve() == path.resolve() else path.resolve().as_posix()
    raise FileMissing(Place(written))
