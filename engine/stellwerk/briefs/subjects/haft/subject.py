"""The brief "Haftfenster": its beginning, its opening, what stays open, its appendix.

In go the folder of parameters, the values asked for, the law and the law under a reform, out come a `Haft` that the
sections build on, and blocks for the page. It speaks of lengths of time under the law, never of persons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Maker, Shown
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.law_values import law_value
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.haft.content import HaftContent
from stellwerk.briefs.subjects.haft.parameters import HaftParameters


@dataclass(frozen=True)
class Haft(Subject[HaftParameters, HaftContent]):
    """What every section needs: the law under the reform and the day from which it is compared."""

    name = "haft"

    reformed: RulebookView
    reform_title: str
    reform_day: dt.date

    def day(self, day: dt.date | None = None) -> str:
        """A day inside a sentence; without one the legal date."""
        return formats.date(day or self.parameters.on, self.parameters.language)

    def bound(self, law: RulebookView, parameter: str | None, day: dt.date) -> Shown:
        """The value of a parameter on a day; a dash where it has none."""
        dated = law.parameters[parameter].on(day) if parameter else None
        unit = law.parameters[parameter].unit if parameter else ""
        return law_value(dated.value if dated else None, unit, self.content.units, self.parameters.language)

    def parameter_label(self, name: str) -> str:
        """What a parameter is called."""
        parameter = self.law.parameters[name]
        return str(parameter.label_de if self.parameters.language == "de" else parameter.label_en)


def begin(params: Path, values: Mapping[str, object], law: RulebookView, reformed: RulebookView) -> Haft:
    """Check the parameters; a reform is compared on the legal date, or on its first day where that is later."""
    parameters = check(HaftParameters, values)
    reform = law.reform(parameters.reform)
    return Haft(
        parameters=parameters,
        content=content_of(HaftContent, Haft.name, params),
        make=Maker(parameters.language, parameters.small_count),
        params=params,
        law=law,
        reformed=reformed,
        reform_title=reform.label(parameters.language),
        reform_day=max(parameters.on, reform.start),
    )


def opening(brief: Haft) -> Block:
    """Title, legal dates, and that nothing here decides on anybody."""
    meta = {
        "rulebooks": {"law": brief.law.hash, brief.parameters.reform: brief.reformed.hash},
        "law": law_used(brief.law, brief.content.rules, brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say("subtitle", day=brief.day(), earlier=brief.day(brief.parameters.earlier))
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice"), meta)


def open_questions(brief: Haft) -> Block:
    """Places that nobody publishes, what was assumed, what this is not."""
    make = brief.make
    block = make.heading("places", brief.say("places_title")) + make.prose(brief.say("places_intro"))
    block += make.points(brief.say(f"question_{name}") for name in brief.content.questions)
    block += make.heading("open", brief.say("open_title")) + make.prose(brief.say("open_intro"))
    block += make.points(
        brief.say(f"open_{point}") for point in ("window", "soft", "counting", "credit", "evidence", "horizon")
    )
    return block + make.prose(brief.say("legal_notice"))


def appendix(brief: Haft) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook_law"): brief.law, brief.say("rulebook_reform"): brief.reformed})
