"""The rulebook over the whole table by Stellwerk's columns, with evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compiled import column_type
from stellwerk.law.rulebook import load_rulebook

from .answers import AMOUNTS, CODES, DECIDED, NO_AMOUNT, RULES, Answers
from .cases import DATES, LEVELS, ORIGINS, Cases

PACKAGES = ("polars",)
ROOT = Path(__file__).parent
BITS = ("met", "unknown")


def as_frame(cases: Cases) -> pl.DataFrame:
    """The cases in the exact types of the rulebook's vocabulary."""
    frame = pl.DataFrame(cases.columns).with_columns(
        pl.col(DATES).cast(pl.Date),
        coded("nationality", ORIGINS),
        coded("language_level", LEVELS),
        (pl.col("income_cents").cast(pl.Decimal(38, 6)) / 100).cast(pl.Decimal(38, 6)).alias("income"),
    )
    masked = [
        pl.when(pl.Series(~mask)).then(pl.col("income" if name == "income_cents" else name))
        for name, mask in cases.unknown.items()
    ]
    numbers = pl.int_range(frame.height, dtype=pl.Int64).cast(pl.String).alias("case_id")
    return frame.drop("income_cents").with_columns(masked).with_columns(numbers)


def prepared(cases: Cases) -> Callable[[], ColumnRun]:
    """The rulebook loaded, the cases as a frame."""
    rulebook = load_rulebook(ROOT)
    types = {name: column_type(item.type) for name, item in rulebook.vocabulary.attributes("case").items()}
    frame = as_frame(cases).select(pl.col(name).cast(kind) for name, kind in types.items())

    def run() -> ColumnRun:
        found = ColumnRun(rulebook, frame)
        found.evaluate(RULES)
        return found

    return run


def answers(found: ColumnRun) -> Answers:
    """Outcomes by their numbers, amounts as whole numbers."""
    columns = {}
    for rule in RULES:
        outcome = found.results(rule).get_column("outcome")
        columns[rule] = outcome.cast(pl.String).replace_strict(CODES, default=DECIDED, return_dtype=pl.Int8).to_numpy()
    for name in AMOUNTS:
        amount = found.results(name.rpartition(".")[0]).get_column("amount")
        columns[name] = amount.cast(pl.Int64).fill_null(NO_AMOUNT).to_numpy()
    return columns


def evidence(found: ColumnRun) -> Answers:
    """Met and unknown bits of every rule."""
    return {f"{rule}.{bits}": found.results(rule).get_column(bits).to_numpy() for rule in RULES for bits in BITS}


def coded(name: str, codes: tuple[str, ...]) -> pl.Expr:
    """A column of places as the codes at them."""
    return pl.lit(pl.Series(codes, dtype=pl.Enum(codes))).gather(pl.col(name).cast(pl.UInt32)).alias(name)
