"""The brief "Verteilung auf die Gemeinden": its beginning, opening, headline numbers, the keys it compares, its end.

In go the parameters, the folder of parameters and the law, later keys side by side and a plan for a week's cohort, out
come a `Verteilung` that `plans` builds on, and blocks for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures, placed, subject
from stellwerk.briefs.blocks import Block, Column, Maker, Number, Shown, Table, Value
from stellwerk.briefs.cohorts import cohort
from stellwerk.briefs.figures import About, Slope
from stellwerk.briefs.law_values import grade
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.secrecy import Count
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.verteilung.content import VerteilungContent
from stellwerk.briefs.subjects.verteilung.parameters import VerteilungParameters
from stellwerk.distribution.placement.scenario import PlacementScenario

Counts = Mapping[placed.Cell, Count]


@dataclass(frozen=True)
class Verteilung(Subject[VerteilungParameters, VerteilungContent]):
    """What every section needs."""

    name = "verteilung"

    def day(self) -> str:
        """The legal date inside a sentence."""
        return formats.date(self.parameters.on, self.parameters.language)

    def source(self) -> str:
        """The source line of all that is computed for the cohort."""
        return subject.register_source(self)

    def key_of(self, tried: PlacementScenario | None) -> str:
        """The key that gives the quotas of the week's plan: that of what is tried, else that of the content."""
        return (tried.key if tried else None) or self.content.places_by

    def cohort(self, cases: pl.DataFrame) -> pl.DataFrame:
        """The persons to be placed: whole families, drawn with the seed of the brief."""
        return cohort(cases, self.content.cohort_status, self.parameters.cohort, self.parameters.seed)


def begin(values: Mapping[str, object], params: Path, law: RulebookView) -> Verteilung:
    """Check the parameters and gather what the sections need."""
    parameters = check(VerteilungParameters, values)
    content = content_of(VerteilungContent, Verteilung.name, params)
    return Verteilung(parameters, content, Maker(parameters.language, parameters.small_count), params, law)


def opening(brief: Verteilung) -> Block:
    """Title, day and size, and that the persons are invented."""
    asked = brief.parameters
    meta = {"rulebooks": {"law": brief.law.hash}, "law": {}, "parameters": asked.as_json}
    subtitle = brief.say(
        "subtitle", persons=brief.count(asked.persons), cohort=brief.count(asked.cohort), day=brief.day()
    )
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice", year=asked.year), meta)


def headline(brief: Verteilung, keys: Any, plan: Any, shown: Counts) -> Block:
    """The numbers a reader wants first."""
    against = keys.made[brief.content.against].key.label.in_language(brief.parameters.language)
    moved = sum(max(keys.gain(brief.content.against, code), 0) for code in keys.population)
    gap = Shown(str(plan.certificate.gap), formats.share(plan.certificate.gap, brief.parameters.language, 1))
    numbers = [
        _number(brief, "moved", moved, brief.say("number_moved_note", key=against, persons=brief.count(keys.persons))),
        _number(brief, "placed", shown[placed.PLACED], brief.say("number_placed_note")),
        _number(brief, "waiting", shown[placed.UNPLACED], brief.say("number_waiting_note")),
        _number(brief, "gap", gap, brief.say("number_gap_note")),
    ]
    return brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)


def keys_in_force(brief: Verteilung, keys: Any) -> Block:
    """Which keys stand side by side: for whom, law or demand, by which provision, how well known."""
    make, language = brief.make, brief.parameters.language
    columns = tuple(Column(name, brief.say(name)) for name in ("key", "whom", "status", "basis", "evidence"))
    rows = tuple(
        (
            Shown(name, made.key.label.in_language(language)),
            made.key.whom.in_language(language),
            Shown(made.key.status, brief.say(f"status_{made.key.status}")),
            made.key.basis,
            grade(made.evidence, language),
        )
        for name, made in keys.made.items()
    )
    table = Table("keys", brief.say("keys_caption", day=brief.day()), columns, rows, brief.say("source_keys"))
    block = make.heading("keys", brief.say("keys_title"))
    return block + make.prose(brief.say("keys_intro"), brief.say("keys_evidence")) + make.table(table)


def quotas(brief: Verteilung, keys: Any) -> Block:
    """What another key would change, municipality by municipality, and how even each key is."""
    make, language, against = brief.make, brief.parameters.language, brief.content.against
    names, base = keys.made[keys.base].names, keys.base
    largest = sorted(names, key=lambda code: (-abs(keys.gain(against, code)), code))[: brief.content.slopes_shown]
    lines = [Slope(names[code], keys.given[base][code], keys.given[against][code]) for code in largest]
    titles = {name: made.key.label.in_language(language) for name, made in keys.made.items()}
    caption = brief.say("slopes_caption", count=len(lines), persons=brief.count(keys.persons))
    about = About("slopes", caption, brief.say("source_keys"), language=language)
    block = make.heading("quotas", brief.say("quotas_title"))
    block += make.prose(brief.say("quotas_intro", base=titles[base], against=titles[against]))
    block += make.figure(figures.slopes(lines, titles[base], titles[against], about))
    return block + make.table(_measures(brief, keys, titles)) + make.table(_all_quotas(brief, keys, titles))


def tried_otherwise(brief: Verteilung, keys: Any, tried: PlacementScenario | None) -> Block:
    """What the plan that follows was asked otherwise than the settings say, if anything."""
    if tried is None:
        return Block("")
    language = brief.parameters.language
    by = brief.key_of(tried)
    key = keys.made[by].key.label.in_language(language) if by in keys.made else by
    changed = {
        "weights": len(tried.weights),
        "quotas": len(tried.quotas),
        "capacities": sum(map(len, tried.capacities.values())),
        "decisions": len(tried.decisions),
    }
    counts = {name: brief.count(number) for name, number in changed.items()}
    return brief.make.prose(brief.say("tried", title=tried.title.in_language(language), key=key, **counts))


def limits(brief: Verteilung) -> Block:
    """What this is not."""
    points = ("persons", "weights", "services", "decision", "fairness")
    block = brief.make.heading("limits", brief.say("limits_title"))
    block += brief.make.points(brief.say(f"limits_{point}") for point in points)
    return block + brief.make.prose(brief.say("legal_notice"))


def appendix(brief: Verteilung) -> Block:
    """With what this was computed."""
    return subject.appendix(brief, {brief.say("rulebook"): brief.law})


def _measures(brief: Verteilung, keys: Any, titles: Mapping[str, str]) -> Table:
    measures = ("gini", "dissimilarity_from_population")
    counted = ("gainers", "losers", "persons_moved")
    columns = (
        Column("key", brief.say("key")),
        *(Column(name, brief.say(name), "decimal", 3) for name in measures),
        *(Column(name, brief.say(name), "count") for name in counted),
    )
    rows = tuple(
        (Shown(row["key"], titles[row["key"]]), *(row[name] for name in (*measures, *counted)))
        for row in keys.summary().iter_rows(named=True)
    )
    return Table("measures", brief.say("measures_caption"), columns, rows, brief.say("source_keys"))


def _all_quotas(brief: Verteilung, keys: Any, titles: Mapping[str, str]) -> Table:
    """Every municipality in the data, the largest on the page."""
    names = keys.made[keys.base].names
    codes = sorted(names, key=lambda code: (-keys.given[keys.base][code], code))
    columns = (
        Column("code", "", on_page=False),
        Column("municipality", brief.say("municipality")),
        *(Column(name, title, "count", on_page=_in_question(keys, name)) for name, title in titles.items()),
    )
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (code, names[code], *(keys.given[name][code] for name in titles)) for code in codes
    )
    caption = brief.say("all_quotas_caption", count=brief.content.largest_shown, persons=brief.count(keys.persons))
    shown = tuple(range(min(brief.content.largest_shown, len(rows))))
    return Table("quotas", caption, columns, rows, brief.say("source_keys"), shown=shown)


def _in_question(keys: Any, name: str) -> bool:
    """Whether a key is law or asked for; a mere comparison stands in the data only."""
    return bool(keys.made[name].key.status != "comparison")


def _number(brief: Verteilung, name: str, value: Value, note: str) -> Number:
    return Number(name, brief.say(f"number_{name}"), value, "count", None, None, note)
