"""The brief "Landesaufnahme über die Zeit": its beginning, opening, headline numbers, the law, its end.

In go the parameters, the folder of parameters and the law, later the runs of its scenarios, out come an `Aufnahme` that
`sections` build on, and blocks for the page. The model behind it stands in `stellwerk.flows` and `stellwerk.forecast`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stellwerk import formats
from stellwerk.briefs import subject
from stellwerk.briefs.blocks import Block, Column, Kind, Maker, Number, Shown, Table, Value
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.law_used import law_used
from stellwerk.briefs.parameters import check
from stellwerk.briefs.reforms import RulebookView, parameter_changes
from stellwerk.briefs.subject import Subject, content_of
from stellwerk.briefs.subjects.aufnahme.parameters import AufnahmeParameters
from stellwerk.briefs.subjects.aufnahme.runs import Run
from stellwerk.documents import Document, Labels
from stellwerk.law.written import value_in_words


class Compared(Document):
    """A scenario that stands beside others, and how it is called there."""

    scenario: str
    label: Labels


class Comparison(Document):
    """Scenarios side by side, and the question they answer together."""

    question: Labels
    scenarios: tuple[Compared, ...]


class AufnahmeContent(Document):
    """What the brief shows, from `params/briefs/aufnahme.yaml`."""

    rules: tuple[str, ...]
    values: tuple[str, ...]
    places: Comparison
    stays: Comparison
    look_back: str


@dataclass(frozen=True)
class Aufnahme(Subject[AufnahmeParameters, AufnahmeContent]):
    """What every section needs."""

    name = "aufnahme"

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Every scenario that is computed, the one told in detail first."""
        compared = (item.scenario for item in (*self.content.places.scenarios, *self.content.stays.scenarios))
        return tuple(dict.fromkeys((self.parameters.scenario, *compared, self.content.look_back)))

    def day(self, value: dt.date) -> str:
        """A day inside a sentence."""
        return formats.date(value, self.parameters.language)

    def share(self, value: Value) -> str:
        """A share inside a sentence."""
        return self.make.show(value, "share", 1)

    def spread_source(self, run: Run) -> str:
        """The source line of what was drawn at random."""
        return self.say("source_spread", runs=self.count(run.spread.runs), seed=run.spread.seed)


def begin(values: Mapping[str, object], params: Path, law: RulebookView) -> Aufnahme:
    """Check the parameters and gather what the sections need."""
    parameters = check(AufnahmeParameters, values)
    content = content_of(AufnahmeContent, Aufnahme.name, params)
    return Aufnahme(parameters, content, Maker(parameters.language, parameters.small_count), params, law)


def opening(brief: Aufnahme, run: Run, law: RulebookView) -> Block:
    """Title, scenario and period, and what this must not be taken for; `law` is the law of the scenario."""
    reforms = run.found.scenario.law.reforms
    meta = {
        "rulebooks": {"law": brief.law.hash, **({"+".join(reforms): law.hash} if reforms else {})},
        "law": law_used(law, brief.content.rules, _law_day(run)),
        "parameters": brief.parameters.as_json,
    }
    subtitle = brief.say(
        "subtitle",
        scenario=brief.label(run.found.scenario.title),
        first=brief.day(run.weeks[0]),
        last=brief.day(run.weeks[-1] + dt.timedelta(days=6)),
    )
    return brief.make.masthead(brief.say("title"), subtitle, brief.say("notice"), meta)


def headline(brief: Aufnahme, run: Run) -> Block:
    """The numbers a reader wants first."""
    peak, above = run.peak, run.first_above
    never = Shown("never", brief.say("never"))
    weeks = brief.say("number_weeks_note", above=brief.count(run.weeks_above), weeks=brief.count(len(run.weeks)))
    drawn = brief.say("number_runs_note", runs=brief.count(run.spread.runs))
    ever = Shown(str(run.ever), brief.share(run.ever))  # a card knows no decimal places of its own
    peak_note = brief.say("number_peak_note", week=brief.day(peak.week), places=brief.count(peak.places))
    numbers = [
        _number(brief, "peak", peak.persons, "count", peak_note),
        _number(brief, "first_above", above or never, "date", weeks),
        _number(brief, "chance", ever, "share", drawn),
        _number(brief, "needed", run.needed, "count", brief.say("number_needed_note")),
    ]
    block = brief.make.heading("first", brief.say("first_title")) + brief.make.numbers("headline", numbers)
    return block + brief.make.prose(_told(brief, run))


def rests_on_law(brief: Aufnahme, run: Run, law: RulebookView) -> Block:
    """Which rules and numbers of the law decide how long somebody stays, and what the scenario changes of them."""
    make, day = brief.make, _law_day(run)
    reforms = [law.reform(name).label(brief.parameters.language) for name in run.found.scenario.law.reforms]
    intro = brief.say("law_intro", day=brief.day(day))
    if run.found.scenario.law.on is None:
        intro += " " + brief.say("law_moves")
    block = make.heading("law", brief.say("law_title")) + make.prose(intro)
    block += make.table(law_table(brief, law, (*brief.content.rules, *brief.content.values), day))
    if not reforms:
        return block + make.prose(brief.say("law_unchanged"))
    told = brief.say("law_changed", reforms=formats.enumeration(reforms, brief.parameters.language))
    return block + make.prose(told) + make.table(_changes(brief, law, day))


def limits(brief: Aufnahme) -> Block:
    """What this is fit for and what it is not."""
    points = ("expected", "groups", "difference", "spread", "places")
    block = brief.make.heading("limits", brief.say("limits_title"))
    return block + brief.make.points(brief.say(f"limits_{point}") for point in points) + _legal_notice(brief)


def appendix(brief: Aufnahme, run: Run, law: RulebookView) -> Block:
    """With what this was computed."""
    rulebooks = {brief.say("rulebook_law"): brief.law}
    if run.found.scenario.law.reforms:
        rulebooks[brief.say("rulebook_scenario")] = law
    return subject.appendix(brief, rulebooks)


def _legal_notice(brief: Aufnahme) -> Block:
    return brief.make.prose(brief.say("legal_notice"))


def _law_day(run: Run) -> dt.date:
    """The day whose law is shown: the scenario's own, else its first week."""
    day: dt.date = run.found.scenario.law.on or run.weeks[0]
    return day


def _told(brief: Aufnahme, run: Run) -> str:
    peak = run.peak
    values = {"persons": brief.count(peak.persons), "week": brief.day(peak.week), "places": brief.count(peak.places)}
    if run.first_above is None:
        return brief.say("first_within", **values)
    return brief.say("first_above", **values, first=brief.day(run.first_above), weeks=brief.count(run.weeks_above))


def _changes(brief: Aufnahme, law: RulebookView, day: dt.date) -> Table:
    language = brief.parameters.language
    columns = (
        Column("value", brief.say("value")),
        Column("before", brief.say("before")),
        Column("after", brief.say("after")),
    )
    rows = tuple(
        (
            Shown(change.id, change.label(language)),
            Shown(str(change.before), value_in_words(change.before, language, change.unit)),  # type: ignore[arg-type]
            Shown(str(change.after), value_in_words(change.after, language, change.unit)),  # type: ignore[arg-type]
        )
        for change in parameter_changes(brief.law, law, day)
        if change.id in brief.content.values
    )
    return Table("changes", brief.say("changes_caption", day=brief.day(day)), columns, rows, brief.say("source_law"))


def _number(brief: Aufnahme, name: str, value: Value, kind: Kind, note: str) -> Number:
    return Number(name, brief.say(f"number_{name}"), value, kind, None, None, note)
