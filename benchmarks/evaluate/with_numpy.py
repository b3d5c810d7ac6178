"""The same law written by hand with NumPy, without evidence and unknown facts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import figures as law
from .answers import Answers
from .cases import Array, Cases
from .spans import completed_years, newest, plus_years, written

PACKAGES = ("numpy",)


def prepared(cases: Cases) -> Callable[[], Answers]:
    """The arrays as they were drawn."""
    return lambda: _decided(cases)


def answers(found: Answers) -> Answers:
    """Nothing to do."""
    return found


def safe_origin(nationality: Array, on: Array) -> Array:
    """Whether the origin is on the list of the day."""
    safe = np.zeros((len(law.SAFE) + 1, nationality.max(initial=0) + 1), dtype=bool)
    for row, (_, places) in enumerate(law.SAFE, start=1):
        safe[row, [place for place in places if place < safe.shape[1]]] = True
    return safe[np.searchsorted([first for first, _ in law.SAFE], on, side="right"), nationality]


def _decided(c: Cases) -> Answers:
    applied, decided = c["application_date"], c["decision_date"]
    birth, entry = written(c["birth_date"]), written(c["entry_date"])
    safe = safe_origin(c["nationality"], applied)
    alone = c["unaccompanied"] & (completed_years(birth, written(applied)) < law.ADULT_AGE)
    excepted = alone | c["torture_survivor"] | c["own_evidence"]

    time = decided >= plus_years(entry, newest(law.LEAST_STAY_YEARS, decided))
    fines = (c["fine_days"] <= law.FINE_LIMIT) | (
        c["only_residence_fines"] & (c["fine_days"] <= law.FINE_LIMIT_RESIDENCE)
    )
    income = c["income_cents"] >= law.SHARE_PERCENT * (law.NEED_BASE + law.NEED_HEAD * (c["household_size"] - 1))
    age = completed_years(birth, written(decided))
    waived = (age >= law.WAIVER_AGE) & (decided >= law.WAIVER_FROM)
    language = (c["language_level"] >= law.LEAST_LEVEL) | waived
    points = time.astype(np.int8) + fines + income + language + c["cooperates"]

    cap = np.select(
        [age < law.ADULT_AGE, ~c["cooperates"], c["torture_survivor"]],
        [0, law.CAP_NOT_COOPERATING, law.CAP_SURVIVOR],
        newest(law.CAP, decided),
    )
    return {
        "origin.safe": safe,
        "origin.alone": alone,
        "origin.fast_track": np.where(safe, np.where(excepted, 2, 1), 0),
        "stay.time": time,
        "stay.fines": fines,
        "stay.income": income,
        "stay.language": language,
        "stay.cooperation": c["cooperates"],
        "stay.right": points == 5,
        "stay.hardship": points >= law.LEAST_POINTS,
        "detention.cap": np.ones(len(c), dtype=bool),
        "detention.too_long": c["detention_days"] > cap,
        "stay.hardship.amount": points,
        "detention.cap.amount": cap,
    }
