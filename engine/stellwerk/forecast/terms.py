"""How long does each group stay in state reception, as the rulebook says?

Sample cases, one a group and status, are put before the rules that `params/flows/reception.yaml` names, on every day
on which one of these rules or what it reads changes; their outcomes become the table of terms that the flow model
reads. A reform changes the flow only through this table.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from stellwerk.casework import Casework
from stellwerk.errors import StellwerkError
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.flows.figures import FlowData, StayRules
from stellwerk.flows.procedures import prospects_of
from stellwerk.flows.results import HOUSEHOLDS, STATUSES
from stellwerk.flows.stay import TERM_COLUMNS
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value

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
    rule: str = ""  # that decided; empty: the practice the scenario assumes
    version: int | None = None


@dataclass(frozen=True)
class _Sample:
    week: SampleWeek
    origin: str
    household: str
    status: str
    prospects: str
    case: Mapping[str, Value]


_Result = Mapping[str, Any]  # outcome, version and, where the rule has one, until


def stay_terms(
    bench: Casework, book: Rulebook, data: FlowData, weeks: Sequence[SampleWeek], without_plan_weeks: int | None
) -> pl.DataFrame:
    """The table of terms (TERM_COLUMNS, and the `rule` and `version` that decided), a set for each change."""
    samples = [sample for week in _weeks_of_change(book, data, weeks) for sample in _samples(data, week)]
    columns: dict[str, list[Any]] = {bench.id_of("case"): [str(number) for number in range(len(samples))]}
    columns |= {name: [sample.case[name] for sample in samples] for name in samples[0].case}
    run, rules = ColumnRun(book, bench.as_cases(pl.DataFrame(columns))), data.figures.rules
    known = [rule for rule in (rules.plan, *rules.duty) if rule in book.rules]
    found = {rule: run.results(rule).select("outcome", "version", "^until$").to_dicts() for rule in known}
    rows = []
    for number, sample in enumerate(samples):
        results = {rule: results[number] for rule, results in found.items()}
        term = _term(results, rules, sample.week.read_on, without_plan_weeks)
        turn = _turn(sample.prospects, sample.status)
        who = (sample.origin, sample.household, sample.status)
        rows.append((sample.week.week, *who, term.weeks, turn, term.rule, term.version))
    kinds = (pl.Date, pl.String, pl.String, pl.String, pl.Int64, pl.Int64, pl.String, pl.Int64)
    schema = dict(zip((*TERM_COLUMNS, "rule", "version"), kinds, strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def law_days(book: Rulebook, rules: Sequence[str]) -> set[dt.date]:
    """The days on which one of the rules, a rule, parameter or listing that it reads begins or ends to hold."""
    days: set[dt.date] = set()
    pending, seen = list(rules), set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in book.rules:
            continue
        seen.add(name)
        for version in book.rules[name].versions:
            days.add(version.interval.first)
            if version.interval.last is not None:
                days.add(version.interval.last + dt.timedelta(days=1))
            days.update(*(book.parameters[parameter].change_days() for parameter in version.parameters()))
            days.update(*(book.listings[listing].change_days() for listing in version.listings()))
            pending += [derived.rule for derived in version.derived()]
    return days


def _weeks_of_change(book: Rulebook, data: FlowData, weeks: Sequence[SampleWeek]) -> Iterator[SampleWeek]:
    """The first week, and each in which other law or another year of protection rates begins to hold."""
    changes = sorted(law_days(book, (data.figures.rules.plan, *data.figures.rules.duty)))
    before: tuple[int, int] | None = None
    for week in weeks:
        state = (bisect_right(changes, week.read_on), week.year)
        if state != before:
            yield week
        before = state


def _samples(data: FlowData, week: SampleWeek) -> Iterator[_Sample]:
    for origin in data.figures.origins:
        prospects = prospects_of(data, origin, week.year)
        for household in HOUSEHOLDS:
            for status in STATUSES:
                case = _sample_case(data, week.read_on, origin, prospects, household, status)
                yield _Sample(week, origin, household, status, prospects, case)


def _sample_case(
    data: FlowData, read_on: dt.date, origin: str, prospects: str, household: str, status: str
) -> dict[str, Value]:
    rules, facts = data.figures.rules, data.figures.rules.facts
    return {
        rules.read_at: read_on,
        rules.admitted_on: read_on,
        facts.origin: data.figures.origins[origin].represented_by,
        facts.prospects: prospects,
        **facts.all,
        **facts.households[household],  # type: ignore[index]  # the loop runs over the keys of the model
        **facts.statuses[status],  # type: ignore[index]
    }


def _term(results: Mapping[str, _Result], rules: StayRules, read_on: dt.date, without_plan: int | None) -> _Term:
    """The shorter of what the plan of assignment and the duty to live there say; a duty without end holds alone."""
    duty = next((rule for rule in rules.duty if _is_in_force(results.get(rule))), None)
    if duty is None:
        raise StayUnruled(day=read_on, rules=", ".join(rules.duty))
    longest = _as_term(results[duty], duty, rules, read_on)
    if longest.weeks is None:
        return longest
    is_planned = _is_in_force(results.get(rules.plan))
    planned = _as_term(results[rules.plan], rules.plan, rules, read_on) if is_planned else _Term(without_plan)
    return longest if planned.weeks is None or longest.weeks <= planned.weeks else planned


def _is_in_force(result: _Result | None) -> bool:
    return result is not None and result["outcome"] != _NOT_IN_FORCE


def _as_term(result: _Result, rule: str, rules: StayRules, read_on: dt.date) -> _Term:
    if result["outcome"] not in rules.outcomes:
        raise StayNotSettled(rule=rule, outcome=result["outcome"], known=list(rules.outcomes))
    meaning, until = rules.outcomes[result["outcome"]], result.get("until")
    if meaning == "stay":
        return _Term(None, rule, result["version"])
    if meaning == "leave" or until is None:
        return _Term(0, rule, result["version"])
    weeks = -(-(until - read_on).days // 7)  # a week begun in the facility is a week there
    return _Term(weeks, rule, result["version"])


def _turn(prospects: str, status: str) -> int:
    if status == "protected":
        return _PROTECTED_FIRST
    return _GOOD_PROSPECTS_NEXT if status == "open" and prospects == "good" else _THEN_OTHERS
