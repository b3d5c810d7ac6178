"""The brief "Bleiberecht": its beginning, its opening, what was assumed, its appendix.

In go the folder of parameters, the values asked for, the law and the law under a reform, out come a `Bleiberecht` that
the sections build on, and blocks for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Column, Maker, Shown, Table, Value
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.bleiberecht.content import BleiberechtContent
from stellwerk.briefs.subjects.bleiberecht.parameters import BleiberechtParameters
from stellwerk.register.figures import Fact


@dataclass(frozen=True)
class Bleiberecht(Subject[BleiberechtParameters, BleiberechtContent]):
    """What every section needs: the law under the reform and the names of facts and outcomes."""

    name = "bleiberecht"

    reformed: RulebookView
    reform_title: str

    def day(self) -> str:
        """The legal date inside a sentence."""
        return formats.date(self.parameters.on, self.parameters.language)

    def outcome(self, name: str) -> str:
        """An outcome in the reader's language."""
        label: str = self.law.vocabulary.outcomes[name].label(self.parameters.language)
        return label

    def fact(self, name: str) -> str:
        """An attribute of a case in the reader's language."""
        label: str = self.law.vocabulary.attributes("case")[name].label(self.parameters.language)
        return label

    def group(self, name: str) -> str:
        """A group of the picture of flows."""
        return self.label(self.content.groups[name])

    def register_source(self) -> str:
        """The source line of everything counted in the register."""
        return subject.register_source(self)


def begin(params: Path, values: Mapping[str, object], law: RulebookView, reformed: RulebookView) -> Bleiberecht:
    """Check the parameters; `reformed` is the law under the reform."""
    parameters = check(BleiberechtParameters, values)
    return Bleiberecht(
        parameters=parameters,
        content=content_of(BleiberechtContent, Bleiberecht.name, params),
        make=Maker(parameters.language, parameters.small_count),
        params=params,
        law=law,
        reformed=reformed,
        reform_title=law.reform(parameters.reform).label(parameters.language),
    )


def opening(brief: Bleiberecht) -> Block:
    """Title, legal date, and what this must not be taken for."""
    meta = {
        "rulebooks": {"law": brief.law.hash, brief.parameters.reform: brief.reformed.hash},
        "law": law_used(brief.law, brief.content.rules, brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say("subtitle", day=brief.day(), reform=brief.reform_title)
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice", year=brief.parameters.year), meta)


def assumptions(brief: Bleiberecht) -> Block:
    """What was assumed of persons where the register says nothing, what is not known, what this is not."""
    make = brief.make
    columns = (Column("fact", brief.say("fact")), Column("assumed", brief.say("assumed")))
    rows: list[tuple[Value, ...]] = [
        (Shown(name, brief.fact(name)), _in_words(brief, fact)) for name, fact in brief.content.assumed.items()
    ]
    rows += [(Shown(name, brief.fact(name)), brief.say("assumed_day")) for name in brief.content.on_legal_date]
    rows += [(Shown(name, brief.fact(name)), brief.say("assumed_first")) for name in brief.content.first_day_of]
    table = Table("assumed", brief.say("assumed_caption"), columns, tuple(rows), brief.say("source_assumed"))
    block = make.heading("open", brief.say("open_title")) + make.prose(brief.say("open_intro")) + make.table(table)
    points = ("order", "discretion", "demand", "chain", "law", "small")
    return block + make.points(brief.say(f"open_{point}") for point in points) + make.prose(brief.say("legal_notice"))


def appendix(brief: Bleiberecht) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook_law"): brief.law, brief.say("rulebook_reform"): brief.reformed})


def _in_words(brief: Bleiberecht, fact: Fact) -> str:
    """How an attribute is drawn, in a few words."""
    language = brief.parameters.language
    if fact.yes is not None:
        said = brief.say("assumed_yes", share=formats.share(fact.yes, language, 0))
    elif fact.quantiles is not None:
        said = brief.say("assumed_between", low=int(fact.quantiles[0][1]), high=int(fact.quantiles[-1][1]))
    else:
        said = brief.say("assumed_no")
    asked = "" if fact.ages is None else brief.say("assumed_ages", low=fact.ages[0], high=fact.ages[1])
    unknown = brief.say("assumed_unknown", share=formats.share(fact.unknown, language, 0)) if fact.unknown else ""
    return "; ".join(part for part in (said, asked, unknown) if part)
