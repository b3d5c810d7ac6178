"""The same law as a tuned polars plan that says all that Stellwerk says: three values, outcome, met and unknown bits.

What a rule can still come to where facts are unknown is thought through by hand, rule by rule.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence

import polars as pl

from . import figures as law
from .answers import AMOUNTS, CODES, DECIDED, NO_AMOUNT, RULES, Answers
from .cases import Cases
from .tuned import YEAR, by_day, i32, i64, one_of, small_frame, u8, written_day, years_later

PACKAGES = ("polars",)
_FIVE = ("time", "fines", "income", "language", "cooperation")
_NOT_MET, _ORDINARY, _NEEDS = CODES["not_met"], CODES["ordinary_track"], CODES["needs_facts"]
_NOTHING = u8(0)


def prepared(cases: Cases) -> Callable[[], pl.DataFrame]:
    """The cases in small types."""
    frame = small_frame(cases)
    return lambda: _plan(frame.lazy()).collect()


def answers(found: pl.DataFrame) -> Answers:
    """The columns as numbers."""
    outcomes = {name: found.get_column(name).to_numpy() for name in RULES}
    return {**outcomes, **{name: found.get_column(name).fill_null(NO_AMOUNT).to_numpy() for name in AMOUNTS}}


def evidence(found: pl.DataFrame) -> Answers:
    """Met and unknown bits of every rule."""
    return {name: found.get_column(name).to_numpy() for name in found.columns if name.endswith((".met", ".unknown"))}


def _plan(table: pl.LazyFrame) -> pl.LazyFrame:
    return _said(_combined(_truths(table)))


def _truths(table: pl.LazyFrame) -> pl.LazyFrame:
    """Every condition on facts with its three values."""
    c = pl.col
    ages = table.with_columns(
        age_applied=written_day(c.application_date) - written_day(c.birth_date),
        age_decided=written_day(c.decision_date) - written_day(c.birth_date),
    )
    least = by_day(law.LEAST_STAY_YEARS, c.decision_date, lambda years: years_later(c.entry_date, years))
    need = c.household_size * i64(law.NEED_HEAD) + i64(law.NEED_BASE - law.NEED_HEAD)
    waivable = c.decision_date >= i32(law.WAIVER_FROM)  # before, there is no such condition: it is not unknown either
    return ages.with_columns(
        safe=by_day(((0, ()), *law.SAFE), c.application_date, lambda places: one_of(c.nationality, places)),
        minor_applied=c.age_applied < i32(law.ADULT_AGE * YEAR),
        time=c.decision_date >= least,
        few_fines=c.fine_days <= i64(law.FINE_LIMIT),
        few_under_residence=c.fine_days <= i64(law.FINE_LIMIT_RESIDENCE),
        income=c.income_cents >= need * i64(law.SHARE_PERCENT),
        speaks=c.language_level >= u8(law.LEAST_LEVEL),
        old=pl.when(waivable).then(c.age_decided >= i32(law.WAIVER_AGE * YEAR)).otherwise(pl.lit(False)),
        minor=c.age_decided < i32(law.ADULT_AGE * YEAR),
        refuses=~c.cooperates,
        certain=pl.lit(True),
        dated_applied=c.application_date.is_not_null(),
        dated=c.decision_date.is_not_null(),
    )


def _combined(table: pl.LazyFrame) -> pl.LazyFrame:
    """What the conditions come to together; a rule that is read on no day says nothing certain."""
    c = pl.col
    unread = pl.when("dated")
    cap = pl.when("minor").then(i32(0)).when(~c.minor & c.refuses).then(i32(law.CAP_NOT_COOPERATING))
    known = ~c.minor & ~c.refuses
    combined = table.with_columns(
        safe=pl.when("dated_applied").then(c.safe),
        alone=pl.when("dated_applied").then(c.unaccompanied & c.minor_applied),
        time=unread.then(c.time),
        fines=unread.then(c.few_fines | (c.only_residence_fines & c.few_under_residence)),
        income=unread.then(c.income),
        language=unread.then(c.speaks | c.old),
        cooperation=unread.then(c.cooperates),
        cap=unread.then(
            cap.when(known & c.torture_survivor)
            .then(i32(law.CAP_SURVIVOR))
            .when(known & ~c.torture_survivor)
            .then(by_day(law.CAP, c.decision_date, i32))
        ),
    )
    least = _sum(pl.when(name).then(u8(1)).otherwise(_NOTHING) for name in _FIVE)
    most = _sum(pl.when(~c(name)).then(_NOTHING).otherwise(u8(1)) for name in _FIVE)
    return combined.with_columns(
        excepted=c.alone | c.torture_survivor | c.own_evidence, least=least, most=most, over=c.detention_days > c.cap
    ).with_columns(
        right=unread.then(pl.all_horizontal(_FIVE)),
        hardship=unread.then(
            pl.when(c.least >= u8(law.LEAST_POINTS))
            .then(pl.lit(True))
            .when(c.most < u8(law.LEAST_POINTS))
            .then(pl.lit(False))
        ),
    )


def _said(table: pl.LazyFrame) -> pl.LazyFrame:
    """Outcomes, amounts and bits."""
    c = pl.col
    track = pl.when("safe").then(
        pl.when("excepted").then(u8(_ORDINARY)).when(~c.excepted).then(u8(DECIDED)).otherwise(u8(_NEEDS))
    )
    outcomes = {
        "origin.safe": _outcome("safe"),
        "origin.alone": _outcome("alone"),
        "origin.fast_track": track.when(~c.safe).then(u8(_NOT_MET)).otherwise(u8(_NEEDS)),
        **{f"stay.{name}": _outcome(name) for name in _FIVE},
        "stay.right": _outcome("right"),
        "stay.hardship": _outcome("hardship"),
        "detention.cap": pl.when("dated").then(u8(DECIDED)).otherwise(u8(_NEEDS)),
        "detention.too_long": _outcome("over"),
    }
    amounts = {
        "stay.hardship.amount": pl.when(c.least == c.most).then(c.least.cast(pl.Int32)),
        "detention.cap.amount": c.cap,
    }
    conditions = {
        "origin.safe": ["safe"],
        "origin.alone": ["unaccompanied", "minor_applied"],
        "origin.fast_track": ["safe", "alone", "torture_survivor", "own_evidence"],
        "stay.time": ["time"],
        "stay.fines": ["few_fines", "only_residence_fines", "few_under_residence"],
        "stay.income": ["income"],
        "stay.language": ["speaks", "old"],
        "stay.cooperation": ["cooperation"],
        "stay.right": [*_FIVE],
        "stay.hardship": ["hardship", *_FIVE],
        "detention.cap": ["minor", "refuses", "torture_survivor", "certain"],
        "detention.too_long": ["over"],
    }
    bits = [expression for rule, names in conditions.items() for expression in _bits(rule, names)]
    return table.select(*bits, **outcomes, **amounts)


def _outcome(truth: str) -> pl.Expr:
    holds = pl.when(truth).then(u8(DECIDED))
    return holds.when(~pl.col(truth)).then(u8(_NOT_MET)).otherwise(u8(_NEEDS))


def _bits(rule: str, names: Sequence[str]) -> list[pl.Expr]:
    """Met and unknown, a bit a condition; none where the rule is read on no day."""
    read = pl.col("dated_applied" if rule.startswith("origin.") else "dated")
    met = _sum(pl.when(name).then(u8(1 << bit)).otherwise(_NOTHING) for bit, name in enumerate(names))
    unknown = _sum(
        pl.when(pl.col(name).is_null()).then(u8(1 << bit)).otherwise(_NOTHING) for bit, name in enumerate(names)
    )
    return [
        pl.when(read).then(met).otherwise(_NOTHING).alias(f"{rule}.met"),
        pl.when(read).then(unknown).otherwise(_NOTHING).alias(f"{rule}.unknown"),
    ]


def _sum(parts: Iterable[pl.Expr]) -> pl.Expr:
    return functools.reduce(operator.add, parts)
