"""The same law as a tax-benefit system of OpenFisca-Core: a variable a rule, formulas over vectors.

Its dated parameters hold for one period of a simulation. Here each case has its own day, so the look-up is part of
the formulas. Money is in whole cents, since OpenFisca keeps decimals in 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core import entities, periods, taxbenefitsystems, variables  # type: ignore[import-not-found]
from openfisca_core.simulation_builder import SimulationBuilder  # type: ignore[import-not-found]

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import FLAGS, Cases
from .spans import completed_years, newest, plus_years, written
from .with_numpy import safe_origin

PACKAGES = ("openfisca-core", "numpy")
_MONTH = "2026-01"

Formula = Callable[[Any, Any], Any]


def prepared(cases: Cases) -> Callable[[], Answers]:
    """The system built; each run makes a simulation, hands over the facts and asks for all variables."""
    case = entities.build_entity(key="kase", plural="kases", label="case", is_person=True)
    system = taxbenefitsystems.TaxBenefitSystem([case])
    for name in cases.columns:
        system.add_variable(_variable(case, name, bool if name in FLAGS else int))
    for name, (kind, formula) in FORMULAS.items():
        system.add_variable(_variable(case, name, kind, formula))

    def run() -> Answers:
        simulation = SimulationBuilder().build_default_simulation(system, len(cases))
        for name, column in cases.columns.items():
            simulation.set_input(name, _MONTH, column)
        return {name: simulation.calculate(_name(name), _MONTH) for name in (*RULES, *AMOUNTS)}

    return run


def answers(found: Answers) -> Answers:
    """Nothing to do."""
    return found


def _variable(entity: Any, name: str, kind: type, formula: Formula | None = None) -> type:
    said = {"value_type": kind, "entity": entity, "definition_period": periods.DateUnit.MONTH, "label": name}
    if formula is not None:

        def wrapped(kase: Any, period: Any) -> Any:
            return formula(kase, period)

        said["formula"] = wrapped
    return type(name, (variables.Variable,), said)


def _name(rule: str) -> str:
    return rule.replace(".", "_")


def _time(k: Any, p: Any) -> Any:
    required = newest(law.LEAST_STAY_YEARS, k("decision_date", p))
    return k("decision_date", p) >= plus_years(k("entry_written", p), required)


def _points(k: Any, p: Any) -> Any:
    return sum(k(f"stay_{name}", p).astype(int) for name in ("time", "fines", "income", "language", "cooperation"))


def _cap(k: Any, p: Any) -> Any:
    cases = [k("age_decided", p) < law.ADULT_AGE, ~k("cooperates", p), k("torture_survivor", p)]
    return np.select(cases, [0, law.CAP_NOT_COOPERATING, law.CAP_SURVIVOR], newest(law.CAP, k("decision_date", p)))


def _fines(k: Any, p: Any) -> Any:
    among_residence = k("only_residence_fines", p) & (k("fine_days", p) <= law.FINE_LIMIT_RESIDENCE)
    return (k("fine_days", p) <= law.FINE_LIMIT) | among_residence


def _language(k: Any, p: Any) -> Any:
    waived = (k("age_decided", p) >= law.WAIVER_AGE) & (k("decision_date", p) >= law.WAIVER_FROM)
    return (k("language_level", p) >= law.LEAST_LEVEL) | waived


def _fast_track(k: Any, p: Any) -> Any:
    excepted = k("origin_alone", p) | k("torture_survivor", p) | k("own_evidence", p)
    return np.where(k("origin_safe", p), np.where(excepted, 2, 1), 0)


FORMULAS: dict[str, tuple[type, Formula]] = {
    "birth_written": (int, lambda k, p: written(k("birth_date", p))),
    "entry_written": (int, lambda k, p: written(k("entry_date", p))),
    "age_applied": (int, lambda k, p: completed_years(k("birth_written", p), written(k("application_date", p)))),
    "age_decided": (int, lambda k, p: completed_years(k("birth_written", p), written(k("decision_date", p)))),
    "need": (int, lambda k, p: law.NEED_BASE + law.NEED_HEAD * (k("household_size", p) - 1)),
    "origin_safe": (bool, lambda k, p: safe_origin(k("nationality", p), k("application_date", p))),
    "origin_alone": (bool, lambda k, p: k("unaccompanied", p) & (k("age_applied", p) < law.ADULT_AGE)),
    "origin_fast_track": (int, _fast_track),
    "stay_time": (bool, _time),
    "stay_fines": (bool, _fines),
    "stay_income": (bool, lambda k, p: k("income_cents", p) >= law.SHARE_PERCENT * k("need", p)),
    "stay_language": (bool, _language),
    "stay_cooperation": (bool, lambda k, p: k("cooperates", p)),
    "stay_hardship_amount": (int, _points),
    "stay_right": (bool, lambda k, p: k("stay_hardship_amount", p) == 5),
    "stay_hardship": (bool, lambda k, p: k("stay_hardship_amount", p) >= law.LEAST_POINTS),
    "detention_cap_amount": (int, _cap),
    "detention_cap": (bool, lambda k, p: np.ones(k.count, dtype=bool)),
    "detention_too_long": (bool, lambda k, p: k("detention_days", p) > k("detention_cap_amount", p)),
}
