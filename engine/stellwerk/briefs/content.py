"""What the brief "Lage und Reform in Kürze" is to show, read from `params/briefs/lage.yaml`.

In goes the file, out comes a frozen model of groups, rules by name, keys and limits of display. It names rules and
outcomes without knowing what they mean.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stellwerk.errors import Place, StellwerkError


class BriefContentWrong(StellwerkError):
    """The file that says what a brief shows is missing or does not say it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    de: str
    en: str

    def of(self, language: str) -> str:
        """The text in that language."""
        return self.de if language == "de" else self.en


class Track(_Part):
    """A group of persons: those of a status, or those among them for whom the procedure rule says so."""

    id: str
    title: Words
    short: Words | None = None
    status: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


class Rules(_Part):
    """Rules that are read together, and the status of the persons they are read for."""

    rules: tuple[str, ...]
    status: tuple[str, ...]


class StayRules(Rules):
    """Rules of which the strongest outcome counts, and which outcomes leave the question open."""

    order: tuple[str, ...]
    open: tuple[str, ...]


class Keys(_Part):
    """The key among the Länder and the key among the municipalities."""

    federal: str
    land: str


class Ends(_Part):
    """How many rows of either end of a long table the page shows."""

    top: int
    bottom: int


class LageContent(_Part):
    """All of the above for the brief."""

    tracks: tuple[Track, ...]
    safe_origin: Rules
    procedure: str
    stay: StayRules
    land: str
    keys: Keys
    cohort_status: tuple[str, ...]
    map_classes: tuple[int, ...]
    named_on_map: int
    nationalities_shown: int
    quotas_shown: Ends
    facts_shown: int
    units: dict[str, Words]

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule the brief applies."""
        return (*self.safe_origin.rules, self.procedure, *self.stay.rules)


def read_content(params: Path) -> LageContent:
    """The content of `params/briefs/lage.yaml`."""
    path = params / "briefs" / "lage.yaml"
    place = Place(f"{params.name}/briefs/lage.yaml")
    if not path.is_file():
        raise BriefContentWrong(place, problem="")
    try:
        return LageContent.model_validate(YAML(typ="safe").load(StringIO(path.read_text(encoding="utf-8"))))
    except YAMLError as problem:
        raise BriefContentWrong(place, problem=str(problem).splitlines()[0]) from None
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BriefContentWrong(place, problem=f"{where}: {first['msg']}") from None
