"""The brief "Haushalt: wer zahlt was": its beginning, opening, headline numbers, the law behind its prices, its end.

In go the parameters, the folder of parameters and the law, later the costed scenario, out come a `Haushalt` that
`sections` build on, and blocks for the page. The arithmetic stands in `stellwerk.budget`, the prices of the law in
`stellwerk.costing`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Column, Maker, Number, Shown, Table
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView, parameter_changes
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.haushalt.amounts import burdens, rules_behind
from stellwerk.briefs.subjects.haushalt.parameters import HaushaltParameters
from stellwerk.budget.payers import Party
from stellwerk.documents import Document
from stellwerk.errors import StellwerkError
from stellwerk.law.written import value_in_words
from stellwerk.texts import text

MILLION = 1_000_000
_CENT = 2  # decimal places of an amount, and of one in millions


class NothingPriced(StellwerkError):
    """The scenario has no line with a price, so there is nothing to show."""


class HaushaltContent(Document):
    """What the brief shows, from `params/briefs/haushalt.yaml`."""

    headline: tuple[Party, ...]
    in_steps: tuple[Party, ...]


@dataclass(frozen=True)
class Haushalt(Subject[HaushaltParameters, HaushaltContent]):
    """What every section needs."""

    name = "haushalt"

    @property
    def reform(self) -> str:
        """The reform's name for the reader."""
        label: str = self.law.reform(self.parameters.reform).label(self.parameters.language)
        return label

    def party(self, name: Party) -> str:
        """A party's name for the reader."""
        return text(f"party_{name}", self.parameters.language)

    def month(self, value: dt.date) -> str:
        """A month inside a sentence."""
        return formats.month(value, self.parameters.language)

    def millions(self, value: Decimal) -> Shown:
        """An amount in millions for the reader, exact for machines."""
        return Shown(str(value), formats.number(value / MILLION, self.parameters.language, _CENT))

    def more_millions(self, value: Decimal) -> Shown:
        """A difference of amounts in millions, with its sign."""
        return Shown(str(value), formats.difference(value / MILLION, self.parameters.language, _CENT))

    def source(self) -> str:
        """The source line of all that was computed."""
        return self.say("source", scenario=self.parameters.scenario)


def begin(values: Mapping[str, object], params: Path, law: RulebookView) -> Haushalt:
    """Check the parameters and gather what the sections need."""
    parameters = check(HaushaltParameters, values)
    content = content_of(HaushaltContent, Haushalt.name, params)
    return Haushalt(parameters, content, Maker(parameters.language, parameters.small_count), params, law)


def opening(brief: Haushalt, costed: Any) -> Block:
    """Title, scenario, months and reform, and what this must not be taken for."""
    if not costed.budget.lines:
        raise NothingPriced(scenario=brief.parameters.scenario)
    meta = {
        "rulebooks": {"law": brief.law.hash, brief.parameters.reform: costed.book.hash},
        "law": law_used(costed.book, rules_behind(costed.budget), costed.first_month),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say(
        "subtitle",
        scenario=brief.label(costed.title),
        first=brief.month(costed.first_month),
        last=brief.month(costed.last_month),
        reform=brief.reform,
    )
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice"), meta)


def headline(brief: Haushalt, costed: Any) -> Block:
    """What the reform adds to the burden of each level."""
    before, after = burdens(costed.base), burdens(costed.budget)
    numbers = [_number(brief, party, before[party].bears, after[party].bears) for party in brief.content.headline]
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    told = brief.say("first", first=brief.month(costed.first_month), last=brief.month(costed.last_month))
    gaps = len(costed.budget.not_computed)
    return block + brief.make.prose(told, brief.say("first_gaps", gaps=brief.count(gaps)) if gaps else "")


def rests_on_law(brief: Haushalt, costed: Any) -> Block:
    """Which rules name the prices, and which values the reform sets."""
    make, day = brief.make, costed.first_month
    block = make.heading("law", brief.say("law_title"))
    block += make.prose(brief.say("law_intro", day=formats.date(day, brief.parameters.language)))
    block += make.table(law_table(brief, costed.book, rules_behind(costed.budget), day))
    changes = _changes(brief, costed.book, day)
    if not changes.rows:
        return block + make.prose(brief.say("law_unchanged", reform=brief.reform))
    return block + make.prose(brief.say("law_changed", reform=brief.reform)) + make.table(changes)


def limits(brief: Haushalt) -> Block:
    """What this is not."""
    block = brief.make.heading("limits", brief.say("limits_title"))
    block += brief.make.points(brief.say(f"limits_{point}") for point in ("scenario", "prices", "real", "behaviour"))
    return block + brief.make.prose(brief.say("legal_notice"))


def appendix(brief: Haushalt, costed: Any) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("in_force"): brief.law, brief.reform: costed.book})


def _number(brief: Haushalt, party: Party, before: Decimal, after: Decimal) -> Number:
    more = brief.more_millions(after - before)
    shown = Shown(more.raw, brief.say("millions", amount=more.text))
    note = brief.say("number_note", before=brief.millions(before).text, after=brief.millions(after).text)
    return Number(party, brief.say("number", party=brief.party(party)), shown, "euro_difference", before, after, note)


def _changes(brief: Haushalt, law: RulebookView, day: dt.date) -> Table:
    """Amounts and shares of money that the reform sets, today's value beside them."""
    language = brief.parameters.language
    columns = tuple(Column(name, brief.say(name)) for name in ("value", "in_force", "with_reform", "basis"))
    rows = tuple(
        (
            Shown(change.id, change.label(language)),
            Shown(str(change.before), value_in_words(change.before, language, change.unit)),  # type: ignore[arg-type]
            Shown(str(change.after), value_in_words(change.after, language, change.unit)),  # type: ignore[arg-type]
            change.basis_after,
        )
        for change in parameter_changes(brief.law, law, day)
    )
    caption = brief.say("changes_caption", day=formats.date(day, language))
    return Table("changes", caption, columns, rows, brief.say("source_law"))
