"""The same law written by hand as one SQL statement, without evidence and unknown facts; a case carries its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import numpy as np
import polars as pl

from . import figures as law
from .answers import AMOUNTS, RULES, Answers
from .cases import DATES, ORIGINS, Cases
from .with_columns import coded

PACKAGES = ("duckdb",)
_NUMBER = "number"

Found = Mapping[str, Any]


def prepared(cases: Cases) -> Callable[[], Found]:
    """The cases as a table of a database in memory."""
    frame = pl.DataFrame(cases.columns).with_row_index(_NUMBER)
    frame = frame.with_columns(pl.col(DATES).cast(pl.Date), coded("nationality", ORIGINS).cast(pl.String))
    connection = duckdb.connect()
    connection.register("given", frame.to_arrow())
    connection.execute("create table cases as select * from given")
    connection.unregister("given")
    statement = _statement()
    return lambda: connection.execute(statement).fetchnumpy()


def answers(found: Found) -> Answers:
    """The columns in the order of the cases."""
    order = np.argsort(found[_NUMBER])
    return {name: np.asarray(found[name])[order] for name in (*RULES, *AMOUNTS)}


def _statement() -> str:
    cap = _dated("decision_date", [(first, str(days)) for first, days in law.CAP])
    stay = _dated("decision_date", [(first, f"entry_date + interval {y} year") for first, y in law.LEAST_STAY_YEARS])
    safe = _dated("application_date", [(first, _listed(places)) for first, places in law.SAFE])
    return f"""
with ages as (
  select *,
    {_years("birth_date", "application_date")} as age_applied,
    {_years("birth_date", "decision_date")} as age_decided
  from cases
), criteria as (
  select *,
    coalesce({safe}, false) as safe,
    unaccompanied and age_applied < {law.ADULT_AGE} as alone,
    decision_date >= {stay} as time,
    fine_days <= {law.FINE_LIMIT} or (only_residence_fines and fine_days <= {law.FINE_LIMIT_RESIDENCE}) as fines,
    income_cents >= {law.SHARE_PERCENT} * ({law.NEED_BASE} + {law.NEED_HEAD} * (household_size - 1)) as income,
    language_level >= {law.LEAST_LEVEL}
      or (age_decided >= {law.WAIVER_AGE} and decision_date >= {_day(law.WAIVER_FROM)}) as language,
    case when age_decided < {law.ADULT_AGE} then 0 when not cooperates then {law.CAP_NOT_COOPERATING}
      when torture_survivor then {law.CAP_SURVIVOR} else {cap} end as cap
  from ages
), counted as (
  select *, time::int + fines::int + income::int + language::int + cooperates::int as points from criteria
)
select {_NUMBER},
  safe as "origin.safe",
  alone as "origin.alone",
  case when not safe then 0 when alone or torture_survivor or own_evidence then 2 else 1 end as "origin.fast_track",
  time as "stay.time",
  fines as "stay.fines",
  income as "stay.income",
  language as "stay.language",
  cooperates as "stay.cooperation",
  points = 5 as "stay.right",
  points >= {law.LEAST_POINTS} as "stay.hardship",
  true as "detention.cap",
  detention_days > cap as "detention.too_long",
  points as "stay.hardship.amount",
  cap as "detention.cap.amount"
from counted"""


def _dated(day: str, values: list[tuple[int, str]]) -> str:
    """What holds on a day: the newest value whose first day is not later."""
    return "case " + " ".join(f"when {day} >= {_day(first)} then {value}" for first, value in values[::-1]) + " end"


def _listed(places: tuple[int, ...]) -> str:
    return "nationality in (" + ", ".join(f"'{ORIGINS[place]}'" for place in places) + ")"


def _day(number: int) -> str:
    return f"date '{np.datetime64(number, 'D')}'"


def _years(birth: str, on: str) -> str:
    def written(day: str) -> str:
        return f"(year({day}) * 10000 + month({day}) * 100 + day({day}))"

    return f"(({written(on)} - {written(birth)}) // 10000)"
