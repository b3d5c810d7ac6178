"""Which briefs are there, and what may each be asked?

A brief is a notebook of the same name in `notebooks/briefs/` and one line here: its parameters as a model, and the
scenario it starts from. Out come checked parameters, their JSON Schema for editors and their table for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk.briefs.parameters import BriefParameters, check, form_of
from stellwerk.briefs.subjects.aufnahme.parameters import AufnahmeParameters
from stellwerk.briefs.subjects.bleiberecht.parameters import BleiberechtParameters
from stellwerk.briefs.subjects.gemeinde.parameters import GemeindeParameters
from stellwerk.briefs.subjects.haft.parameters import HaftParameters
from stellwerk.briefs.subjects.haushalt.parameters import HaushaltParameters
from stellwerk.briefs.subjects.lage.parameters import LageParameters
from stellwerk.briefs.subjects.positionspapier.parameters import PositionspapierParameters
from stellwerk.briefs.subjects.sichere_staaten.parameters import SichereStaatenParameters
from stellwerk.briefs.subjects.solidaritaet.parameters import SolidaritaetParameters
from stellwerk.briefs.subjects.verteilung.parameters import VerteilungParameters
from stellwerk.errors import StellwerkError, nearest
from stellwerk.texts import text


class UnknownBrief(StellwerkError):
    """No brief of this name."""


@dataclass(frozen=True)
class BriefKind:
    """A brief by name: what it may be asked and the scenario it starts from."""

    name: str
    model: type[BriefParameters]
    scenario: str

    def notebook(self, root: Path) -> Path:
        """The notebook in a checkout."""
        return root / "notebooks" / "briefs" / f"{self.name}.ipynb"

    def title(self, language: str | None = None) -> str:
        """What the brief is called."""
        return text(f"{self.name}_title", language)

    def meaning(self, parameter: str, language: str | None = None) -> str:
        """What a parameter means."""
        return text(f"{self.name}_parameter_{parameter}", language)

    def schema(self, language: str | None = None) -> dict[str, Any]:
        """The parameters as JSON Schema, with their meaning as description."""
        schema = self.model.model_json_schema()
        for name, described in schema["properties"].items():
            described["description"] = self.meaning(name, language)
        return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": self.title(language)}

    def table(self, language: str | None = None) -> list[dict[str, Any]]:
        """The parameters as rows: name, allowed form, whether it must be given, what holds else, meaning."""
        return [
            {
                "name": name,
                "form": form_of(self.model, name, language),
                "required": field.is_required(),
                "default": None if field.is_required() else field.default,
                "meaning": self.meaning(name, language),
            }
            for name, field in self.model.model_fields.items()
        ]


BRIEFS: dict[str, BriefKind] = {
    kind.name: kind
    for kind in (
        BriefKind("positionspapier", PositionspapierParameters, "positionspapier_2026"),
        BriefKind("haft", HaftParameters, "haft_2026"),
        BriefKind("bleiberecht", BleiberechtParameters, "bleiberecht_2024"),
        BriefKind("aufnahme", AufnahmeParameters, "aufnahme_2027"),
        BriefKind("gemeinde", GemeindeParameters, "gemeinde_2024"),
        BriefKind("haushalt", HaushaltParameters, "haushalt_2024"),
        BriefKind("lage", LageParameters, "lage_2023"),
        BriefKind("sichere_staaten", SichereStaatenParameters, "sichere_staaten_2026"),
        BriefKind("solidaritaet", SolidaritaetParameters, "solidaritaet_2026"),
        BriefKind("verteilung", VerteilungParameters, "verteilung_2023"),
    )
}


def brief_kind(name: str) -> BriefKind:
    """The brief of that name; an unknown one is an error with the nearest."""
    if name not in BRIEFS:
        raise UnknownBrief(brief=name, near=nearest(name, BRIEFS), known=sorted(BRIEFS))
    return BRIEFS[name]


def parameters_of(brief: str, values: Mapping[str, object]) -> BriefParameters:
    """The checked parameters of `brief`."""
    return check(brief_kind(brief).model, values)
