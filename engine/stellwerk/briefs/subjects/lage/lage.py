"""The brief "Lage und Reform in Kürze": its beginning, its opening, where its figures come from, its appendix.

In go the folder of parameters, the values asked for and the two rulebooks, out come a `Lage` that the sections in
`persons` and `places` build on, and blocks for the page. All words come from the catalogue, all figures from data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Maker, Shown
from stellwerk.briefs.countries import country_names
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.law_values import law_value
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.lage.content import LageContent
from stellwerk.briefs.subjects.lage.parameters import LageParameters


@dataclass(frozen=True)
class Lage(Subject[LageParameters, LageContent]):
    """What every section needs: names in the reader's language, and the law under the reform."""

    name = "lage"

    reformed: RulebookView
    countries: Mapping[str, str]
    facts: Mapping[str, str]
    outcomes: Mapping[str, str]
    reform_title: str

    def day(self) -> str:
        """The legal date inside a sentence."""
        return formats.date(self.parameters.on, self.parameters.language)

    def country(self, code: str | None) -> str:
        """A country's name; persons without one are named so."""
        return self.say("unknown_country") if code is None else self.countries.get(code, code)

    def register_source(self) -> str:
        """The source line of everything counted in the register."""
        return subject.register_source(self)

    def in_unit(self, value: object, unit: str) -> Shown:
        """A parameter's value with its unit, for the reader and for machines."""
        return law_value(value, unit, self.content.units, self.parameters.language)


def begin(params: Path, values: Mapping[str, object], law: RulebookView, reformed: RulebookView) -> Lage:
    """Check the parameters and gather names; `law` is the law in force, `reformed` the same under the reform."""
    parameters = check(LageParameters, values)
    language = parameters.language
    attributes = law.vocabulary.attributes("case")
    return Lage(
        parameters=parameters,
        content=content_of(LageContent, Lage.name, params),
        make=Maker(language, parameters.small_count),
        params=params,
        law=law,
        reformed=reformed,
        countries=country_names(params, language),
        facts={name: attribute.label(language) for name, attribute in attributes.items()},
        outcomes={name: outcome.label(language) for name, outcome in law.vocabulary.outcomes.items()},
        reform_title=law.reform(parameters.reform).label(language),
    )


def opening(brief: Lage) -> Block:
    """Title, legal date and reform, and that the persons are invented."""
    title = brief.say("title")
    subtitle = brief.say("subtitle", year=brief.parameters.year, day=brief.day(), reform=brief.reform_title)
    meta = {
        "rulebooks": {"law": brief.law.hash, brief.parameters.reform: brief.reformed.hash},
        "law": law_used(brief.law, brief.content.rules, brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    return brief.make.masthead(title, subtitle, brief.say("notice", year=brief.parameters.year), meta)


def origin_of_figures(brief: Lage) -> Block:
    """What is published, what is assumed, what this is not."""
    make = brief.make
    block = make.heading("origin", brief.say("origin_title"))
    block += make.prose(brief.say("origin_intro"))
    block += make.points(brief.say(f"origin_{point}") for point in ("published", "assumed", "law", "small", "placing"))
    block += make.prose(brief.say("legal_notice"))
    block += make.prose(brief.say("sources_intro"))
    return block + make.points(brief.say(f"sources_{name}") for name in ("register", "law", "keys", "places", "map"))


def appendix(brief: Lage) -> Block:
    """With what this was computed."""
    rulebooks = {brief.say("rulebook_law"): brief.law, brief.say("rulebook_reform"): brief.reformed}
    return subject.appendix(brief, rulebooks)
