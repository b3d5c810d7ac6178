"""The same law as rules of durable-rules, a case at a time: a fact each, its own session, the state deleted after it.

It has no calendar, no lists and no dated values: the host counts ages and stay and looks up lists and values before
the clock starts, which flatters it. One rule of last priority marks the end of each case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from durable.lang import assert_fact, delete_state, get_host, m, pri, rule, ruleset

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import Cases
from .host import with_counted_years
from .spans import newest
from .with_numpy import safe_origin

PACKAGES = ("durable-rules", "numpy")
_RULESET = "isles"
_FIVE = ("stay.time", "stay.fines", "stay.income", "stay.language", "stay.cooperation")

Found = list[dict[str, int]]


def prepared(cases: Cases) -> Callable[[], Found]:
    """The rules registered, the facts of each case ready."""
    said: dict[str, int] = {}
    _register(said)
    facts = _facts(cases)

    def run() -> Found:
        found: Found = []
        for fact in facts:
            said.clear()
            assert_fact(_RULESET, fact)
            delete_state(_RULESET, fact["sid"])
            found.append(_completed(said, fact))
        return found

    return run


def answers(found: Found) -> Answers:
    """The columns as numbers."""
    return {name: np.array([case[name] for case in found]) for name in (*RULES, *AMOUNTS)}


def _facts(cases: Cases) -> list[dict[str, Any]]:
    decided = cases["decision_date"]
    safe = safe_origin(cases["nationality"], cases["application_date"]).tolist()
    least, cap = newest(law.LEAST_STAY_YEARS, decided).tolist(), newest(law.CAP, decided).tolist()
    facts = []
    for number, fact in enumerate(with_counted_years(cases)):
        need = law.SHARE_PERCENT * (law.NEED_BASE + law.NEED_HEAD * (fact["household_size"] - 1))
        looked_up = {"safe": safe[number], "least": least[number], "cap": cap[number], "need": need}
        flags = {name: int(value) for name, value in fact.items() if isinstance(value, bool)}
        looked_up["safe"] = int(looked_up["safe"])
        facts.append({**fact, **flags, **looked_up, "sid": str(number)})
    return facts


def _register(said: dict[str, int]) -> None:
    def says(name: str, value: int) -> Callable[[Any], None]:
        def action(_: Any) -> None:
            said[name] = value

        return action

    def says_fact(name: str, fact: str) -> Callable[[Any], None]:
        def action(context: Any) -> None:
            said[name] = context.m[fact]

        return action

    alone = (m.unaccompanied == 1) & (m.age_applied < law.ADULT_AGE)
    grown, helps = m.age_decided >= law.ADULT_AGE, m.cooperates == 1
    few_under_residence = (m.only_residence_fines == 1) & (m.fine_days <= law.FINE_LIMIT_RESIDENCE)
    waived = (m.age_decided >= law.WAIVER_AGE) & (m.decision_date >= law.WAIVER_FROM)
    cap = "detention.cap.amount"
    with ruleset(_RULESET):
        for condition, action in (
            (m.safe == 1, says("origin.safe", 1)),
            (alone, says("origin.alone", 1)),
            (m.torture_survivor == 1, says("excepted", 1)),
            (m.own_evidence == 1, says("excepted", 1)),
            (m.years_of_stay >= m.least, says("stay.time", 1)),
            ((m.fine_days <= law.FINE_LIMIT) | few_under_residence, says("stay.fines", 1)),
            (m.income_cents >= m.need, says("stay.income", 1)),
            ((m.language_level >= law.LEAST_LEVEL) | waived, says("stay.language", 1)),
            (m.cooperates == 1, says("stay.cooperation", 1)),
            (m.age_decided < law.ADULT_AGE, says(cap, 0)),
            (grown & (m.cooperates == 0), says(cap, law.CAP_NOT_COOPERATING)),
            (grown & helps & (m.torture_survivor == 1), says(cap, law.CAP_SURVIVOR)),
            (grown & helps & (m.torture_survivor == 0), says_fact(cap, "cap")),
        ):
            rule("all", True, condition, pri(1))(action)
        rule("all", True, m.decision_date >= 0, pri(9))(says("ended", 1))
    get_host()


def _completed(said: dict[str, int], fact: dict[str, Any]) -> dict[str, int]:
    """What the fired rules say, with what follows from several of them; a case that did not end is an error."""
    assert said["ended"]
    found = {name: said.get(name, 0) for name in (*RULES, *AMOUNTS)}
    excepted = found["origin.alone"] or said.get("excepted", 0)
    found["origin.fast_track"] = found["origin.safe"] * (2 if excepted else 1)
    points = sum(found[name] for name in _FIVE)
    found |= {"stay.hardship.amount": points, "stay.right": points == 5, "detention.cap": 1}
    found["stay.hardship"] = points >= law.LEAST_POINTS
    found["detention.too_long"] = fact["detention_days"] > found["detention.cap.amount"]
    return found
