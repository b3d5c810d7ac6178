"""Of what was each person of the synthetic register convicted?

In go the cases and the assumptions of `histories`, out come convictions that add up to the day rates and penalties
which the cases state; a sum that a case does not know becomes a conviction whose day rates are unknown.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from stellwerk.register.draws import Draws, Flags, Integers
from stellwerk.register.figures import Convictions, Fines

_UNKNOWN_RATES = -1


def convictions(cases: pl.DataFrame, ages: Integers, how: Convictions, draws: Draws) -> pl.DataFrame:
    """The convictions of all cases, one row a conviction; `person` is the row of its case."""
    said = (cases["status"] == how.status).to_numpy()
    parts = [
        _fines(*_spread(cases["fine_day_rates_general"], said, how.at_most_in_one)),
        _fines(*_spread(cases["fine_day_rates_foreigner_offences"], said, how.at_most_in_one)).with_columns(
            foreigner_offence=pl.lit(True)
        ),
        _penalties(cases, said, ages, how, draws),
        _fines(*_drawn(how.others, ages, draws, ~said)),
        _fines(*_drawn(how.not_final, ages, draws)).with_columns(final=pl.lit(False)),
        _fines(*_drawn(how.negligent, ages, draws)).with_columns(intentional=pl.lit(False)),
        _fines(*_drawn(how.juvenile_measures, ages, draws)).with_columns(juvenile_measure=pl.lit(True)),
    ]
    return pl.concat(parts).sort("person", maintain_order=True)


def _spread(rates: pl.Series, said: Flags, most: int) -> tuple[Integers, Integers]:
    """Sums of day rates as single fines of at most `most`: whose, and how many day rates each has."""
    total = rates.fill_null(_UNKNOWN_RATES).to_numpy()
    fined = np.flatnonzero(said & (total != 0))
    sums = total[fined]
    count = np.maximum(-(-sums // most), 1)
    person = np.repeat(fined, count)
    place = np.arange(person.size) - np.repeat(np.cumsum(count) - count, count)
    each, rest = np.divmod(np.repeat(sums, count), np.repeat(count, count))
    return person, each + (place < rest)


def _drawn(how: Fines, ages: Integers, draws: Draws, among: Flags | None = None) -> tuple[Integers, Integers]:
    low, high = how.ages
    drawn = draws.chance(how.share, ages.size) & (ages >= low) & (ages <= high)
    person = np.flatnonzero(drawn if among is None else drawn & among)
    return person, np.rint(draws.quantile(how.day_rates, person.size)).astype(np.int64)


def _fines(person: Integers, rates: Integers) -> pl.DataFrame:
    """Final convictions of intentional offences with a fine."""
    return pl.DataFrame({"person": pl.Series(person, dtype=pl.Int64), "day_rates": rates}).select(
        "person",
        final=pl.lit(True),
        intentional=pl.lit(True),
        prison_months=pl.lit(0, dtype=pl.Int64),
        day_rates=pl.when(pl.col("day_rates") != _UNKNOWN_RATES).then(pl.col("day_rates")),
        committed_here=pl.lit(True),
        foreigner_offence=pl.lit(False),
        youth_penalty_months=pl.lit(0, dtype=pl.Int64),
        suspended=pl.lit(False),
        juvenile_measure=pl.lit(False),
    )


def _penalties(cases: pl.DataFrame, said: Flags, ages: Integers, how: Convictions, draws: Draws) -> pl.DataFrame:
    """One prison sentence or youth penalty for each case that states one."""
    person = np.flatnonzero(said & cases["prison_or_youth_penalty"].fill_null(False).to_numpy())
    months = np.rint(draws.quantile(how.months, person.size)).astype(np.int64)
    young = draws.chance(how.youth.share, person.size) & (ages[person] <= how.youth.until_age)
    return _fines(person, np.zeros(person.size, dtype=np.int64)).with_columns(
        prison_months=pl.Series(np.where(young, 0, months)),
        youth_penalty_months=pl.Series(np.where(young, months, 0)),
        suspended=pl.Series(draws.chance(how.suspended, person.size)),
    )
