"""What are the child tables of the synthetic register?

In go the cases as they were drawn, the figures and the seed; out come the child tables of the vocabulary, each row with
the id of its case. The cases do not depend on them: a register drawn with and without child tables holds the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl

from stellwerk.law.vocabulary import Attribute, ChildTable, Vocabulary
from stellwerk.register.draws import Draws, Integers
from stellwerk.register.figures import Population
from stellwerk.register.offences import convictions
from stellwerk.register.periods import detention_segments, status_periods
from stellwerk.register.values import dtype_of

_SUBJECT = "case"
_STREAM = 1  # child tables draw from a stream of their own beside that of the cases


def draw_histories(
    cases: pl.DataFrame, population: Population, vocabulary: Vocabulary, seed: int
) -> dict[str, pl.DataFrame]:
    """The child tables of synthetic cases, by name, in the vocabulary's types."""
    figures = population.figures
    draws = Draws((seed, _STREAM))
    full = _with_every_attribute(cases, vocabulary.attributes(_SUBJECT))
    ages = ages_on(full["birth_date"], figures.as_of)
    drawn = {
        "status_periods": status_periods(full, figures, draws),
        "detention_segments": detention_segments(full, ages, figures, draws),
        "convictions": convictions(full, ages, figures.histories.convictions, draws),
    }
    key, forms = vocabulary.key(_SUBJECT), vocabulary.child_tables(_SUBJECT)
    return {name: _with_ids(drawn[name], cases[key], forms[name]) for name in forms if name in drawn}


def ages_on(births: pl.Series, day: dt.date) -> Integers:
    """Completed years on a day."""
    had_birthday = (births.dt.month() < day.month) | ((births.dt.month() == day.month) & (births.dt.day() <= day.day))
    years = day.year - births.dt.year() - (~had_birthday).cast(pl.Int32)
    return np.asarray(years.to_numpy(), dtype=np.int64)


def _with_every_attribute(cases: pl.DataFrame, attributes: Mapping[str, Attribute]) -> pl.DataFrame:
    """The cases with a column for what a small register may lack, since nobody in it has it: unknown for all."""
    lacking = [item for name, item in attributes.items() if name not in cases.columns]
    return cases.with_columns(pl.lit(None, dtype=dtype_of(item.type)).alias(item.name) for item in lacking)


def _with_ids(rows: pl.DataFrame, ids: pl.Series, form: ChildTable) -> pl.DataFrame:
    typed = [pl.col(name).cast(dtype_of(item.type)) for name, item in _present(rows, form).items()]
    return rows.select(ids.gather(rows["person"]).alias(ids.name), *typed)


def _present(rows: pl.DataFrame, form: ChildTable) -> Mapping[str, Attribute]:
    return {name: item for name, item in form.attributes.items() if name in rows.columns}
