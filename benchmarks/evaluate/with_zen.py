"""The same law as a decision graph of zen-engine, answered in batches: expressions, a first-hit table, expressions.

Its expressions have no calendar that clamps months, so the host counts ages and the years of stay before the clock
starts, which flatters it. Money is in whole cents.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import zen  # type: ignore[import-not-found]

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import Cases
from .host import with_counted_years

PACKAGES = ("zen-engine",)
MOST_AT_ONCE = 5_000  # larger batches hold more memory and are no faster
_GRAPH = "isles"
_FIVE = ("time", "fines", "income", "language", "cooperates")

Found = list[dict[str, Any]]


def prepared(cases: Cases) -> Callable[[], Found]:
    """The graph loaded, the cases as dictionaries."""
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {_GRAPH: _graph()}}})
    asked = [{"key": _GRAPH, "context": case} for case in with_counted_years(cases)]

    def run() -> Found:
        found: Found = []
        for start in range(0, len(asked), MOST_AT_ONCE):
            answered = engine.evaluate_batch(asked[start : start + MOST_AT_ONCE])
            found += [one["data"]["result"] for one in answered]
        return found

    return run


def answers(found: Found) -> Answers:
    """The columns as numbers."""
    return {name: np.array([case[_key(name)] for case in found], dtype=np.int64) for name in (*RULES, *AMOUNTS)}


def _graph() -> dict[str, Any]:
    nodes = [
        _node("facts", "inputNode", {}),
        _node("criteria", "expressionNode", {"passThrough": True, "expressions": _expressions(_criteria())}),
        _node("cap", "decisionTableNode", _cap()),
        _node("said", "expressionNode", {"expressions": _expressions(_said())}),
        _node("answer", "outputNode", {}),
    ]
    names = [node["id"] for node in nodes]
    edges = [
        {"id": f"{one}-{two}", "sourceId": one, "targetId": two, "type": "edge"}
        for one, two in itertools.pairwise(names)
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _criteria() -> dict[str, str]:
    need = f"{law.SHARE_PERCENT} * ({law.NEED_BASE} + {law.NEED_HEAD} * (household_size - 1))"
    safe = _dated("application_date", [(0, "false"), *((first, _listed(places)) for first, places in law.SAFE)])
    least = _dated("decision_date", [(first, str(years)) for first, years in law.LEAST_STAY_YEARS])
    among_residence = f"only_residence_fines and fine_days <= {law.FINE_LIMIT_RESIDENCE}"
    waived = f"age_decided >= {law.WAIVER_AGE} and decision_date >= {law.WAIVER_FROM}"
    return {
        "safe": safe,
        "alone": f"unaccompanied and age_applied < {law.ADULT_AGE}",
        "time": f"years_of_stay >= {least}",
        "fines": f"fine_days <= {law.FINE_LIMIT} or ({among_residence})",
        "income": f"income_cents >= {need}",
        "language": f"language_level >= {law.LEAST_LEVEL} or ({waived})",
        "points": " + ".join(f"({name if name == 'cooperates' else '$.' + name} ? 1 : 0)" for name in _FIVE),
        "minor": f"age_decided < {law.ADULT_AGE}",
        "cap_of_day": _dated("decision_date", [(first, str(days)) for first, days in law.CAP]),
    }


def _cap() -> dict[str, Any]:
    tested = ("minor", "cooperates", "torture_survivor")
    rows = (
        ("true", "", "", "0"),
        ("", "false", "", str(law.CAP_NOT_COOPERATING)),
        ("", "", "true", str(law.CAP_SURVIVOR)),
        ("", "", "", "cap_of_day"),
    )
    return {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": name, "name": name, "field": name, "type": "expression"} for name in tested],
        "outputs": [{"id": "cap", "name": "cap", "field": "cap", "type": "expression"}],
        "rules": [
            {"_id": str(number), **dict(zip((*tested, "cap"), row, strict=True))} for number, row in enumerate(rows)
        ],
    }


def _said() -> dict[str, str]:
    said = {
        "origin.safe": "safe ? 1 : 0",
        "origin.alone": "alone ? 1 : 0",
        "origin.fast_track": "safe ? (alone or torture_survivor or own_evidence ? 2 : 1) : 0",
        "stay.time": "time ? 1 : 0",
        "stay.fines": "fines ? 1 : 0",
        "stay.income": "income ? 1 : 0",
        "stay.language": "language ? 1 : 0",
        "stay.cooperation": "cooperates ? 1 : 0",
        "stay.right": "points == 5 ? 1 : 0",
        "stay.hardship": f"points >= {law.LEAST_POINTS} ? 1 : 0",
        "detention.cap": "1",
        "detention.too_long": "detention_days > cap ? 1 : 0",
        "stay.hardship.amount": "points",
        "detention.cap.amount": "cap",
    }
    return {_key(name): expression for name, expression in said.items()}


def _key(name: str) -> str:
    return name.replace(".", "_")


def _node(name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "content": content, "position": {"x": 0, "y": 0}}


def _expressions(expressions: dict[str, str]) -> list[dict[str, str]]:
    return [{"id": name, "key": name, "value": value} for name, value in expressions.items()]


def _dated(day: str, values: list[tuple[int, str]]) -> str:
    """What holds on a day: the newest value whose first day is not later."""
    (_, found), *later = values
    for first, value in later:
        found = f"({day} >= {first} ? {value} : {found})"
    return found


def _listed(places: tuple[int, ...]) -> str:
    return f"(nationality in [{', '.join(map(str, places))}])"
