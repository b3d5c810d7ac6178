"""How long does each group stay in state reception, as the rulebook says?

Sample cases, one a group and status, are put before the rules that `params/flows/reception.yaml` names, on every day
on which one of these rules or what it reads changes; their outcomes become the table of terms that the flow model
reads. A reform changes the flow only through this table.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stellwerk.errors import StellwerkError
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import CaseReading
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


def stay_terms(
    book: Rulebook, data: FlowData, weeks: Sequence[SampleWeek], without_plan_weeks: int | None
) -> pl.DataFrame:
    """The table of terms (TERM_COLUMNS, and the `rule` and `version` that decided), a set for each change."""
    changes = sorted(law_days(book, (data.figures.rules.plan, *data.figures.rules.duty)))
    rows: list[dict[str, object]] = []
    before: tuple[int, int] | None = None
    for week in weeks:
        state = (bisect_right(changes, week.read_on), week.year)
        if state != before:
            rows += _terms_on(book, data, week, without_plan_weeks)
        before = state
    words = dict.fromkeys(("origin", "household", "status", "rule"), pl.String)
    whole = dict.fromkeys(("weeks", "turn", "version"), pl.Int64)
    return pl.DataFrame(rows, schema={"week": pl.Date, **words, **whole}).select(*TERM_COLUMNS, "rule", "version")


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


def _terms_on(book: Rulebook, data: FlowData, week: SampleWeek, without_plan: int | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for origin in data.figures.origins:
        prospects = prospects_of(data, origin, week.year)
        for household in HOUSEHOLDS:
            for status in STATUSES:
                case = _sample_case(data, week.read_on, origin, prospects, household, status)
                term = _term(CaseReading(book, case), book, data.figures.rules, week.read_on, without_plan)
                rows.append(
                    {
                        "week": week.week,
                        "origin": origin,
                        "household": household,
                        "status": status,
                        "weeks": term.weeks,
                        "turn": _turn(prospects, status),
                        "rule": term.rule,
                        "version": term.version,
                    }
                )
    return rows


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


def _term(case: CaseReading, book: Rulebook, rules: StayRules, read_on: dt.date, without_plan: int | None) -> _Term:
    """The shorter of what the plan of assignment and the duty to live there say; a duty without end holds alone."""
    found = (_reading(case, book, rule) for rule in rules.duty)
    duty = next((reading for reading in found if reading is not None), None)
    if duty is None:
        raise StayUnruled(day=read_on, rules=", ".join(rules.duty))
    longest = _as_term(duty, book, rules, read_on)
    if longest.weeks is None:
        return longest
    plan = _reading(case, book, rules.plan)
    planned = _Term(without_plan) if plan is None else _as_term(plan, book, rules, read_on)
    return longest if planned.weeks is None or longest.weeks <= planned.weeks else planned


def _reading(case: CaseReading, book: Rulebook, rule: str) -> Determination | None:
    if rule not in book.rules:
        return None
    found = case.determination(rule)
    return None if found.outcome == _NOT_IN_FORCE else found


def _as_term(found: Determination, book: Rulebook, rules: StayRules, read_on: dt.date) -> _Term:
    if found.outcome not in rules.outcomes:
        raise StayNotSettled(rule=found.rule, outcome=found.outcome, known=list(rules.outcomes))
    version = next(index for index, version in enumerate(book.rule(found.rule).versions) if read_on in version.interval)
    meaning = rules.outcomes[found.outcome]
    if meaning == "stay":
        return _Term(None, found.rule, version)
    until = found.value("until")
    if meaning == "leave" or not isinstance(until, dt.date):
        return _Term(0, found.rule, version)
    return _Term(-(-(until - read_on).days // 7), found.rule, version)  # a week begun in the facility is a week there


def _turn(prospects: str, status: str) -> int:
    if status == "protected":
        return _PROTECTED_FIRST
    return _GOOD_PROSPECTS_NEXT if status == "open" and prospects == "good" else _THEN_OTHERS
