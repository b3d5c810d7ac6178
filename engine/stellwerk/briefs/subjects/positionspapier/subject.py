"""The brief "Positionspapier, Forderung für Forderung": its beginning, its opening, what files of reforms say.

In go the folder of parameters, the values asked for, the law and the law under each paper, out come a `Positionspapier`
that the sections build on, and blocks for the page. It takes no side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Maker
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.positionspapier.content import Demand, PositionspapierContent
from stellwerk.briefs.subjects.positionspapier.parameters import PositionspapierParameters


@dataclass(frozen=True)
class Positionspapier(Subject[PositionspapierParameters, PositionspapierContent]):
    """What every section needs: the law under each paper."""

    name = "positionspapier"

    reformed: Mapping[str, RulebookView]

    def day(self, day: dt.date | None = None) -> str:
        """A day inside a sentence; without one the legal date."""
        return formats.date(day or self.parameters.on, self.parameters.language)

    def reform(self, paper: str) -> Any:
        """The reform that holds what can be computed of a paper."""
        return self.law.reform(self.content.papers[paper].reform)

    def effect_day(self, paper: str) -> dt.date:
        """The day of a paper's effects: the earlier day, or the paper's first one where that is later."""
        start: dt.date = self.reform(paper).start
        return max(self.parameters.earlier, start)

    def law_today(self, demand: str) -> str:
        """What the reforms' files say of the law on a demand."""
        return next((self._words(note) for note in self._notes() if note.demand == demand), "")

    def reason(self, demand: str) -> str:
        """Why a demand cannot be computed, where the reforms' files say so."""
        german = self.parameters.language == "de"
        notes = (note for note in self._notes() if note.demand == demand)
        return next((note.reason_de if german else note.reason_en for note in notes), "")

    def computed(self) -> list[Demand]:
        """The demands of which something is computed."""
        return [demand for demand in self.content.demands if demand.effects]

    def register_source(self) -> str:
        """The source line of everything counted in the register."""
        return subject.register_source(self)

    def _notes(self) -> list[Any]:
        reforms = [self.reform(paper) for paper in self.content.papers]
        return [note for reform in reforms for note in (*reform.status, *reform.not_computed)]

    def _words(self, note: Any) -> str:
        return str(note.text_de if self.parameters.language == "de" else note.text_en)


def begin(
    params: Path, values: Mapping[str, object], law: RulebookView, content: PositionspapierContent,
    reformed: Mapping[str, RulebookView],
) -> Positionspapier:  # fmt: skip
    """Check the parameters; `reformed` is the law under each paper."""
    parameters = check(PositionspapierParameters, values)
    return Positionspapier(
        parameters=parameters,
        content=content,
        make=Maker(parameters.language, parameters.small_count),
        params=params,
        law=law,
        reformed=reformed,
    )


def read_content(params: Path) -> PositionspapierContent:
    """The demands of `params/briefs/positionspapier.yaml`."""
    return content_of(PositionspapierContent, Positionspapier.name, params)


def opening(brief: Positionspapier) -> Block:
    """Title, days, and that this takes no side."""
    hashes = {brief.content.papers[paper].reform: rules.hash for paper, rules in brief.reformed.items()}
    rules = [name for name in brief.content.answers if name in brief.law.rules]
    meta = {
        "rulebooks": {"law": brief.law.hash, **hashes},
        "law": law_used(brief.law, rules, brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say("subtitle", day=brief.day(), earlier=brief.day(brief.parameters.earlier))
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice"), meta)


def open_questions(brief: Positionspapier) -> Block:
    """What was assumed, what is not known, what this is not."""
    make = brief.make
    block = make.heading("open", brief.say("open_title")) + make.prose(brief.say("open_intro"))
    points = ("words", "day", "register", "scenarios", "unknown", "small")
    return block + make.points(brief.say(f"open_{point}") for point in points) + make.prose(brief.say("legal_notice"))


def appendix(brief: Positionspapier) -> Block:
    """With what this was computed."""
    titles = {paper: brief.label(found.title) for paper, found in brief.content.papers.items()}
    laws = {brief.say("rulebook_paper", paper=titles[paper]): rules for paper, rules in brief.reformed.items()}
    return subject.appendix(brief, {brief.say("rulebook_law"): brief.law, **laws})
