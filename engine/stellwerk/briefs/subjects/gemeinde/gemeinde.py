"""The brief "Gemeinde auf zwei Seiten": its beginning, its opening, its headline numbers, its appendix.

In go the parameters, the reference tables, the law and the quotas under several keys, out come a `Gemeinde` that the
sections in `gemeinde_sections` build on, and blocks for the page. All words come from the catalogue, all figures from
data; places are only what the municipality itself has said of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Kind, Maker, Number, Shown, Value
from stellwerk.briefs.capacities import Question, free_places, read_capacities
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.named import code_of
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.gemeinde.parameters import GemeindeParameters
from stellwerk.budget.prices import NoPrice, Price, PriceList, load_prices
from stellwerk.distribution.reference import ReferenceTables
from stellwerk.documents import Document

THOUSAND = 1000
CENT = 2  # decimal places of an amount


class ComparedColumn(Document):
    """A column of a reference table that municipalities are compared by."""

    table: str
    column: str
    places: int


class GemeindeContent(Document):
    """What the brief shows and asks, from `params/briefs/gemeinde.yaml`."""

    keys: tuple[str, ...]
    assigned_by: str
    lump_sum: str
    types: dict[str, str]
    place_prices: tuple[str, ...]
    months: int
    origins_shown: int
    map_classes: tuple[int, ...]
    compared: tuple[ComparedColumn, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Gemeinde(Subject[GemeindeParameters, GemeindeContent]):
    """What every section needs: the municipality, tables, prices."""

    name = "gemeinde"

    tables: ReferenceTables
    prices: PriceList
    code: str
    capacities: Mapping[str, Mapping[str, Any]]

    @property
    def municipality(self) -> str:
        """The municipality's name."""
        return self.tables.names("municipalities")[self.code]

    def day(self) -> str:
        """The legal date inside a sentence."""
        return formats.date(self.parameters.on, self.parameters.language)

    def population(self, code: str) -> int:
        """The persons who live in a municipality."""
        return int(self.tables.exact("municipalities", "population_2023")[code])

    def per_thousand(self, persons: int, code: str) -> Decimal:
        """Persons for each thousand inhabitants."""
        return formats.exact(Fraction(persons * THOUSAND, self.population(code)), 2)

    def country_names(self) -> dict[str, str]:
        """Countries by code in the reader's language."""
        frame = self.tables.as_text("countries")
        return dict(frame.select("iso2", f"name_{self.parameters.language}").iter_rows())

    @property
    def free(self) -> int | None:
        """The free places the municipality has told of, if it has."""
        return free_places(self.capacities.get(self.code))

    def one_person(self) -> pl.DataFrame:
        """The municipality with one reported person, as the rule on lump sums is asked."""
        kinds = dict(self.tables.as_text("municipalities").select("ags", "kind").iter_rows())
        return pl.DataFrame(
            {
                "ags": [self.code],
                "municipality_type": [self.content.types[kinds[self.code]]],
                "persons_reported": [1],
                "settlement_date": [self.parameters.on],
            }
        )

    def place_price(self, name: str) -> Price | NoPrice:
        """What a place costs a month."""
        return self.prices.price(name, self.parameters.on)


def begin(values: Mapping[str, object], tables: ReferenceTables, law: RulebookView) -> Gemeinde:
    """Check the parameters and gather what the sections need."""
    parameters = check(GemeindeParameters, values)
    content = read_content(tables.params)
    found = parameters.capacities
    register = None if found is None else read_capacities(tables.params.parent / found, content.questions)
    return Gemeinde(
        parameters=parameters,
        content=content,
        make=Maker(parameters.language, parameters.small_count),
        params=tables.params,
        law=law,
        tables=tables,
        prices=load_prices(tables.params),
        code=code_of(parameters.municipality, tables.names("municipalities")),
        capacities={} if register is None else {row["id"]: row for row in register.iter_rows(named=True)},
    )


def read_content(params: Path) -> GemeindeContent:
    """The content of `params/briefs/gemeinde.yaml`."""
    return content_of(GemeindeContent, Gemeinde.name, params)


def opening(brief: Gemeinde) -> Block:
    """Title, municipality, day, and what this must not be taken for."""
    meta = {
        "rulebooks": {"law": brief.law.hash},
        "law": law_used(brief.law, [brief.content.lump_sum], brief.parameters.on),
        "parameters": brief.parameters.as_json,
    }
    kreise = brief.tables.names("kreise")
    title = brief.say("page_title", name=brief.municipality)
    subtitle = brief.say("subtitle", code=brief.code, kreis=kreise[brief.code[:5]], day=brief.day())
    notice = brief.say("notice", persons=brief.count(brief.parameters.persons))
    return brief.make.masthead(title, subtitle, notice, meta)


def headline(brief: Gemeinde, quotas: Mapping[str, Any], lump_sum: Decimal | None) -> Block:
    """The numbers a reader wants first."""
    assigned = quotas[brief.content.assigned_by]
    persons = assigned.persons[brief.code]
    rate = brief.per_thousand(persons, brief.code)
    year = None if lump_sum is None else lump_sum * persons * brief.content.months
    label = assigned.label[brief.parameters.language]
    shown_rate = Shown(str(rate), brief.make.show(rate, "decimal", CENT))  # a card knows no decimal places of its own
    numbers = [
        _number(brief, "quota", persons, "count", label),
        _number(brief, "per_thousand", shown_rate, "decimal", brief.say("number_rate_note")),
        _number(brief, "free_places", brief.free, "count", _capacity_note(brief)),
        _number(brief, "lump_sum_year", year, "euro", brief.say("number_year_note")),
    ]
    block = brief.make.numbers("headline", numbers)
    spread = [found.persons[brief.code] for found in quotas.values()]
    told = brief.say("first", count=len(spread), fewest=brief.count(min(spread)), most=brief.count(max(spread)))
    return brief.make.heading("first", brief.say("first_title")) + block + brief.make.prose(told)


def appendix(brief: Gemeinde) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook"): brief.law})


def _capacity_note(brief: Gemeinde) -> str:
    row = brief.capacities.get(brief.code)
    if row is None:
        return brief.say("not_reported")
    return brief.say("reported", day=formats.date(row["as_of"], brief.parameters.language))


def _number(brief: Gemeinde, name: str, value: Value, kind: Kind, note: str) -> Number:
    return Number(name, brief.say(f"number_{name}"), value, kind, None, None, note)
