"""What a host hands to engines without a calendar: each case as a dictionary, ages and years of stay counted.

Goes in: the cases. Comes out: their facts with `age_applied`, `age_decided` and `years_of_stay`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import figures as law
from .cases import Cases
from .spans import completed_years, plus_years, written


def with_counted_years(cases: Cases) -> list[dict[str, Any]]:
    """The cases as dictionaries; the years of stay count only as far as the law asks."""
    birth, entry, decided = (written(cases[name]) for name in ("birth_date", "entry_date", "decision_date"))
    stay = np.zeros(len(cases), dtype=np.int64)
    for _, years in sorted(law.LEAST_STAY_YEARS, key=lambda value: value[1]):
        stay[cases["decision_date"] >= plus_years(entry, years)] = years
    counted = {
        "age_applied": completed_years(birth, written(cases["application_date"])),
        "age_decided": completed_years(birth, decided),
        "years_of_stay": stay,
    }
    columns = {**cases.columns, **counted}
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
