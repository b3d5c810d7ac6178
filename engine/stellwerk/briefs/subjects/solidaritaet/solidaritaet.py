"""The brief "Solidarität in Europa": its beginning, opening, headline numbers, the law, its end.

In go the parameters, the folder of parameters and the law, later the computed pool year, out come a `Solidaritaet` that
`sections` and `choices` build on, and blocks for the page. The models stand in `stellwerk.distribution.solidarity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Column, Kind, Maker, Number, Shown, Table, Value
from stellwerk.briefs.countries import country_names
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.solidaritaet.parameters import SolidaritaetParameters
from stellwerk.documents import Document
from stellwerk.texts import text

MILLION = 1_000_000


class SolidaritaetContent(Document):
    """What the brief shows, from `params/briefs/solidaritaet.yaml`."""

    values: tuple[str, ...]
    tiles: str


@dataclass(frozen=True)
class Solidaritaet(Subject[SolidaritaetParameters, SolidaritaetContent]):
    """What every section needs: the names of states."""

    name = "solidaritaet"

    states: Mapping[str, str]

    def state(self, code: str) -> Shown:
        """A state for machines and for the reader."""
        return Shown(code, self.states.get(code, code))

    def day(self, year: Any) -> str:
        """The legal date inside a sentence."""
        return formats.date(year.scenario.on, self.parameters.language)

    def exact(self, value: Fraction | Decimal | int) -> Decimal:
        """A number with two decimal places, as it stands in the data."""
        return formats.exact(value, 2)

    def millions(self, value: Decimal) -> Shown:
        """An amount in millions for the reader, exact for machines."""
        return Shown(str(value), formats.number(value / MILLION, self.parameters.language, 2))

    def source(self) -> str:
        """The source line of all that was computed."""
        return self.say("source", scenario=self.parameters.scenario)


def begin(values: Mapping[str, object], params: Path, law: RulebookView) -> Solidaritaet:
    """Check the parameters and gather what the sections need."""
    parameters = check(SolidaritaetParameters, values)
    content = content_of(SolidaritaetContent, Solidaritaet.name, params)
    make = Maker(parameters.language, parameters.small_count)
    return Solidaritaet(parameters, content, make, params, law, country_names(params, parameters.language))


def opening(brief: Solidaritaet, year: Any) -> Block:
    """Title, scenario and day, and what this must not be taken for."""
    meta = {
        "rulebooks": {"law": brief.law.hash},
        "law": law_used(brief.law, year.scenario.rules, year.scenario.on),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say("subtitle", scenario=brief.label(year.scenario.title), day=brief.day(year))
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice"), meta)


def headline(brief: Solidaritaet, year: Any) -> Block:
    """The numbers a reader wants first."""
    steps = {step.step: step for step in year.waterfall}
    delivered = brief.exact(steps["delivered"].left)
    refused = brief.exact(-steps["refused"].change)
    states = [item.code for item in year.refusers]
    numbers = [
        _number(brief, "reference", brief.exact(steps["reference"].left), brief.say("number_reference_note")),
        _number(
            brief, "delivered", delivered, brief.say("number_delivered_note", price=brief.euro(_euros(year.price)))
        ),
        _number(brief, "relocated", brief.exact(steps["of_which_relocated"].left), brief.say("number_relocated_note")),
        _number(brief, "refused", refused, _names(brief, states)),
    ]
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    told = brief.say(
        "first",
        delivered=brief.count(delivered),
        reference=brief.count(brief.exact(steps["reference"].left)),
        share=formats.share(steps["delivered"].left / steps["reference"].left, brief.parameters.language),
    )
    return block + brief.make.prose(told, brief.label(year.scenario.note), _price_told(brief))


def rests_on_law(brief: Solidaritaet, year: Any, by_law: Any) -> Block:
    """Which law obliges, and that the rules count each account as the model does."""
    make = brief.make
    block = make.heading("law", brief.say("law_title")) + make.prose(brief.say("law_intro", day=brief.day(year)))
    names = (*year.scenario.rules, *brief.content.values)
    block += make.table(law_table(brief, brief.law, names, year.scenario.on))
    owed = {account.standing.code: account.standing.obligation for account in year.accounts}
    said = dict(by_law.select("state", f"{year.scenario.rules[0]}.amount").iter_rows())
    same = sum(int(said[code] or 0) == persons for code, persons in owed.items())
    return block + make.prose(brief.say("law_agrees", same=brief.count(same), states=brief.count(len(owed))))


def assumptions(brief: Solidaritaet, year: Any) -> Block:
    """Every figure of the scenario with its source, assumptions called so."""
    make, language = brief.make, brief.parameters.language
    columns = tuple(Column(name, brief.say(name)) for name in ("item", "about", "value", "evidence", "source_of"))
    rows = tuple(
        (
            Shown(item.name, text(f"assumed_{item.name}", language)),
            brief.states.get(item.about, item.about),
            item.value,
            grade(item.evidence, language),
            item.source,
        )
        for item in year.assumptions
    )
    assumed = sum(item.evidence == "modelling_choice" for item in year.assumptions)
    told = brief.say("assumptions_intro", count=brief.count(len(rows)), assumed=brief.count(assumed))
    table = Table("assumptions", brief.say("assumptions_caption"), columns, rows, brief.source())
    return make.heading("assumptions", brief.say("assumptions_title")) + make.prose(told) + make.table(table)


def limits(brief: Solidaritaet) -> Block:
    """What this is not."""
    block = brief.make.heading("limits", brief.say("limits_title"))
    block += brief.make.points(brief.say(f"limits_{point}") for point in ("pledges", "costs", "model", "people"))
    return block + brief.make.prose(brief.say("legal_notice"))


def appendix(brief: Solidaritaet) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook"): brief.law})


def _number(brief: Solidaritaet, name: str, value: Value, note: str, kind: Kind = "count") -> Number:
    return Number(name, brief.say(f"number_{name}"), value, kind, None, None, note)


def _names(brief: Solidaritaet, codes: list[str]) -> str:
    if not codes:
        return brief.say("nobody")
    return formats.enumeration([brief.states.get(code, code) for code in codes], brief.parameters.language)


def _price_told(brief: Solidaritaet) -> str:
    price = brief.parameters.price
    return "" if price is None else brief.say("price_set", price=brief.euro(price))


def _euros(value: Fraction) -> Decimal:
    return formats.exact(value, 2)
