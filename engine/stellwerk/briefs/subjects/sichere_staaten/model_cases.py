"""What follows from a designation, asked of the rules themselves: an invented person on every day on which law changes.

In go the brief and what the rules say of the model cases, out come the outcome for each state, rule and day and the
first day since which it has held. A model case is a person alone of whom nothing is to be said but the nationality.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.briefs.reforms import RulebookView
from stellwerk.briefs.subjects.sichere_staaten.content import Consequence, ModelCase
from stellwerk.briefs.subjects.sichere_staaten.subject import SichereStaaten


@dataclass(frozen=True)
class Answer:
    """What a rule says of a state's model case on a day, whether a list takes effect with it, and since when so."""

    outcome: str
    applies: bool
    since: dt.date


def days_of_change(brief: SichereStaaten, law: RulebookView) -> list[dt.date]:
    """Every day on which a list or a rule changes, from the first day of the time line on, with the days asked for."""
    content = brief.content
    found = {content.shown_from, brief.parameters.on, brief.parameters.earlier}
    for name in (*content.lists, content.excluded):
        found |= set(law.listings[name].change_days())
    for name in content.rules:
        found |= {version.interval.first for version in law.rules[name].versions}
    return sorted(
        day for day in found if content.shown_from <= day <= max(brief.parameters.on, brief.parameters.earlier)
    )


def model_cases(brief: SichereStaaten, case: str, law: RulebookView) -> pl.DataFrame:
    """The model case of every state asked for on every day on which law changes."""
    model = brief.content.cases[case]
    return pl.DataFrame([_row(model, code, day) for code in brief.codes for day in days_of_change(brief, law)])


def deadline_cases(brief: SichereStaaten) -> pl.DataFrame:
    """Two persons served on the day asked for: one with the decision of a listed state, one with the other."""
    told = brief.content.deadlines
    rows = []
    for decision in (told.listed, told.other):
        model = ModelCase(facts={**told.facts, "bamf_decision": decision}, today=told.today)
        rows.append({**_row(model, brief.codes[0], brief.parameters.on), "case_id": decision})
    return pl.DataFrame(rows)


def answers(codes: Sequence[str], consequence: Consequence, determined: pl.DataFrame, on: dt.date) -> dict[str, Answer]:
    """What a rule says of each state on a day, with the first day since which it has said so without a break."""
    told: dict[str, dict[dt.date, str]] = {code: {} for code in codes}
    for case_id, outcome in determined.select(
        "case_id", pl.col(f"{consequence.rule}.outcome").cast(pl.String)
    ).iter_rows():
        code, day = case_id.split(":")
        told[code][dt.date.fromisoformat(day)] = outcome
    return {code: _answer(days, on, consequence.applies) for code, days in told.items()}


def _answer(told: dict[dt.date, str], on: dt.date, applies: Sequence[str]) -> Answer:
    days = sorted((day for day in told if day <= on), reverse=True)
    outcome, since = told[days[0]], days[0]
    for day in days:
        if (told[day] in applies) != (outcome in applies):
            break
        since = day
    return Answer(outcome, outcome in applies, since)


def _row(model: ModelCase, code: str, day: dt.date) -> dict[str, object]:
    return {"case_id": f"{code}:{day}", "nationality": code, **model.facts, **{name: day for name in model.today}}
