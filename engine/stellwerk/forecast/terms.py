"""How long does each group stay in state reception, as the rulebook says?

Sample cases, one a week, group and status, are put before the rules that `params/flows/reception.yaml` names; their
outcomes become the table of terms that the flow model reads. A reform changes the flow only through this table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.flows.figures import FlowData, StayRules
from stellwerk.flows.procedures import prospects_of
from stellwerk.flows.results import HOUSEHOLDS, STATUSES
from stellwerk.flows.stay import TERM_COLUMNS
from stellwerk.law.rulebook import Rulebook
from stellwerk.workbench import Workbench

_NOT_IN_FORCE = "not_in_force"
_PROTECTED_FIRST, _GOOD_PROSPECTS_NEXT, _THEN_OTHERS = range(3)


class StayNotSettled(StellwerkError):
    """A rule on the length of stay gives a sample case an outcome that the flow model cannot read."""


class StayUnruled(StellwerkError):
    """No rule on the length of stay is in force in a week."""


@dataclass(frozen=True)
class SampleWeek:
    """A week of the forecast, the day whose law is read for it, and the year of its protection rates."""

    week: dt.date
    read_on: dt.date
    year: int


@dataclass(frozen=True)
class _Term:
    weeks: int | None  # after which somebody is due; none: not before he leaves otherwise
    rule: str  # that decided; empty: the practice the scenario assumes


def stay_terms(
    bench: Workbench,
    book: Rulebook,
    data: FlowData,
    weeks: Sequence[SampleWeek],
    without_plan_weeks: int | None,
) -> pl.DataFrame:
    """The table of terms (TERM_COLUMNS, and the `rule` and `version` that decided) for all weeks."""
    distinct = {(week.read_on, week.year): week for week in reversed(weeks)}
    samples = [
        (week, origin, household, status)
        for week in distinct.values()
        for origin in data.figures.origins
        for household in HOUSEHOLDS
        for status in STATUSES
    ]
    rules = data.figures.rules
    years = {week.year for week in weeks}
    prospects = {(year, name): prospects_of(data, name, year) for year in years for name in data.figures.origins}
    frame = bench.as_cases(_sample_cases(bench, data, samples, prospects))
    run = ColumnRun(book, frame)
    found = {rule: run.results(rule).to_dicts() for rule in (rules.plan, *rules.duty) if rule in book.rules}
    terms: dict[tuple[dt.date, int], list[dict[str, object]]] = {}
    for index, (week, origin, household, status) in enumerate(samples):
        row = {rule: results[index] for rule, results in found.items()}
        term = _term(row, rules, week.read_on, without_plan_weeks)
        terms.setdefault((week.read_on, week.year), []).append(
            {
                "origin": origin,
                "household": household,
                "status": status,
                "weeks": term.weeks,
                "turn": _turn(prospects[week.year, origin], status),
                "rule": term.rule,
                "version": row[term.rule]["version"] if term.rule else None,
            }
        )
    rows = [
        {"week": week.week, **row}
        for before, week in zip([None, *weeks], weeks, strict=False)
        if before is None or (before.read_on, before.year) != (week.read_on, week.year)
        for row in terms[week.read_on, week.year]
    ]
    words = dict.fromkeys(("origin", "household", "status", "rule"), pl.String)
    whole = dict.fromkeys(("weeks", "turn", "version"), pl.Int64)
    return pl.DataFrame(rows, schema={"week": pl.Date, **words, **whole}).select(*TERM_COLUMNS, "rule", "version")


def _sample_cases(
    bench: Workbench,
    data: FlowData,
    samples: Sequence[tuple[SampleWeek, str, str, str]],
    prospects: Mapping[tuple[int, str], str],
) -> pl.DataFrame:
    facts, rules = data.figures.rules.facts, data.figures.rules
    columns: dict[str, list[Any]] = {bench.id_of("case"): [str(index) for index in range(len(samples))]}
    columns[rules.read_at] = [week.read_on for week, *_ in samples]
    columns[rules.admitted_on] = columns[rules.read_at]
    columns[facts.origin] = [data.figures.origins[origin].represented_by for _, origin, _, _ in samples]
    columns[facts.prospects] = [prospects[week.year, origin] for week, origin, _, _ in samples]
    for name, value in facts.all.items():
        columns[name] = [value] * len(samples)
    for _, _, household, status in samples:
        own = {**facts.households[household], **facts.statuses[status]}  # type: ignore[index]
        for name, value in own.items():
            columns.setdefault(name, []).append(value)
    return pl.DataFrame(columns)


def _term(row: Mapping[str, Mapping[str, Any]], rules: StayRules, read_on: dt.date, without_plan: int | None) -> _Term:
    """The shorter of what the plan of assignment and the duty to live there say; a duty without end holds alone."""
    duty = next((rule for rule in rules.duty if rule in row and row[rule]["outcome"] != _NOT_IN_FORCE), None)
    if duty is None:
        raise StayUnruled(day=read_on, rules=", ".join(rules.duty))
    longest = _Term(_weeks(row[duty], duty, rules, read_on), duty)
    if longest.weeks is None:
        return longest
    planned = _planned(row.get(rules.plan), rules, read_on, without_plan)
    return longest if planned.weeks is None or longest.weeks <= planned.weeks else planned


def _planned(result: Mapping[str, Any] | None, rules: StayRules, read_on: dt.date, without_plan: int | None) -> _Term:
    if result is None or result["outcome"] == _NOT_IN_FORCE:
        return _Term(without_plan, "")
    return _Term(_weeks(result, rules.plan, rules, read_on), rules.plan)


def _weeks(result: Mapping[str, Any], rule: str, rules: StayRules, read_on: dt.date) -> int | None:
    outcome = str(result["outcome"])
    if outcome not in rules.outcomes:
        raise StayNotSettled(rule=rule, outcome=outcome, known=list(rules.outcomes))
    meaning = rules.outcomes[outcome]
    if meaning == "leave":
        return 0
    if meaning == "stay":
        return None
    until: dt.date = result["until"]
    return -(-(until - read_on).days // 7)  # a week begun in the facility is a week there


def _turn(prospects: str, status: str) -> int:
    if status == "protected":
        return _PROTECTED_FIRST
    return _GOOD_PROSPECTS_NEXT if status == "open" and prospects == "good" else _THEN_OTHERS
