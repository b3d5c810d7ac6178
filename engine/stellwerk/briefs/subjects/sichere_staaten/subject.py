"""The brief "Sichere Herkunftsstaaten": its beginning, its opening, its appendix.

In go the folder of parameters, the values asked for, the law and the law under a reform, out come a `SichereStaaten`
that the sections build on, and blocks for the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Maker
from stellwerk.briefs.countries import alphabetical, country_codes, country_names
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.sichere_staaten.content import SichereStaatenContent
from stellwerk.briefs.subjects.sichere_staaten.parameters import SichereStaatenParameters


@dataclass(frozen=True)
class SichereStaaten(Subject[SichereStaatenParameters, SichereStaatenContent]):
    """What every section needs: the states asked for, their names, the law under the reform."""

    name = "sichere_staaten"

    reformed: RulebookView
    codes: tuple[str, ...]
    countries: Mapping[str, str]
    reform_title: str

    def day(self, day: dt.date | None = None) -> str:
        """A day inside a sentence; without one the legal date."""
        return formats.date(day or self.parameters.on, self.parameters.language)

    def country(self, code: str) -> str:
        """A country's name."""
        return self.countries.get(code, code)

    def place(self, code: str) -> str:
        """Where a country stands in an alphabetical list."""
        return alphabetical(self.country(code))

    def named(self, codes: list[str] | tuple[str, ...]) -> str:
        """Several countries in one sentence."""
        return formats.enumeration([self.country(code) for code in codes], self.parameters.language)

    def outcome(self, name: str) -> str:
        """An outcome in the reader's language."""
        label: str = self.law.vocabulary.outcomes[name].label(self.parameters.language)
        return label

    def list_title(self, name: str) -> str:
        """What a list is called."""
        listing = self.law.listings[name]
        return str(listing.label_de if self.parameters.language == "de" else listing.label_en)

    def on_list(self, name: str, day: dt.date) -> list[str]:
        """The states on a list on a day, those out for a ground of their own left out, by name."""
        out = self.law.listings[self.content.excluded].codes_on(day)
        return sorted(self.law.listings[name].codes_on(day) - out, key=self.place)

    def register_source(self) -> str:
        """The source line of everything counted in the register."""
        return subject.register_source(self)


def begin(params: Path, values: Mapping[str, object], law: RulebookView, reformed: RulebookView) -> SichereStaaten:
    """Check the parameters and gather names; `reformed` is the law under the reform."""
    parameters = check(SichereStaatenParameters, values)
    return SichereStaaten(
        parameters=parameters,
        content=content_of(SichereStaatenContent, SichereStaaten.name, params),
        make=Maker(parameters.language, parameters.small_count),
        params=params,
        law=law,
        reformed=reformed,
        codes=tuple(country_codes(parameters.countries, params)),
        countries=country_names(params, parameters.language),
        reform_title=law.reform(parameters.reform).label(parameters.language),
    )


def opening(brief: SichereStaaten) -> Block:
    """Title, legal date, states, and what this must not be taken for."""
    meta = {
        "rulebooks": {"law": brief.law.hash, brief.parameters.reform: brief.reformed.hash},
        "law": law_used(brief.law, (*brief.content.rules, *brief.content.deadlines.rules), brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say("subtitle", day=brief.day(), names=brief.named(brief.codes))
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice", year=brief.parameters.year), meta)


def open_questions(brief: SichereStaaten) -> Block:
    """What was assumed, what is not known, what this is not."""
    make = brief.make
    block = make.heading("open", brief.say("open_title")) + make.prose(brief.say("open_intro"))
    points = ("model_case", "rate", "candidates", "day", "register", "small")
    block += make.points(brief.say(f"open_{point}") for point in points)
    return block + make.prose(brief.say("legal_notice"))


def appendix(brief: SichereStaaten) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook_law"): brief.law, brief.say("rulebook_reform"): brief.reformed})
