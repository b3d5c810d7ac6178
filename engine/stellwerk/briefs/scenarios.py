"""With which values does a brief start: those of a scenario file in `params/scenarios/`, checked line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stellwerk.briefs.parameters import check
from stellwerk.briefs.registry import brief_kind
from stellwerk.documents import Document, Labels, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest, shown_path


class ScenarioMissing(StellwerkError):
    """The scenario file does not exist."""


class ScenarioOfAnotherBrief(StellwerkError):
    """The scenario holds the parameters of another brief."""


class Scenario(Document):
    """A scenario file: the brief it is for and the values of its parameters."""

    brief: str
    title: Labels
    parameters: dict[str, Any]


def scenario_for(brief: str, scenario: str | None, root: Path) -> dict[str, object]:
    """The parameters a brief starts from: a scenario by name or file, else the brief's own."""
    kind = brief_kind(brief)
    name = scenario or kind.scenario
    path = Path(name) if name.endswith((".yaml", ".yml")) else root / "params" / "scenarios" / f"{name}.yaml"
    if not path.is_file():
        others = sorted(other.stem for other in path.parent.glob("*.yaml"))
        raise ScenarioMissing(scenario=path.stem, near=nearest(path.stem, others), known=others)
    shown = shown_path(path, root)
    data = read_document(path, shown)
    found = validated(Scenario, data, shown)
    if found.brief != brief:
        raise ScenarioOfAnotherBrief(Place(shown, line_of(data, ["brief"])), of=found.brief, brief=brief)
    check(kind.model, found.parameters, lambda key: Place(shown, line_of(data, ["parameters", key])))
    return found.parameters
