"""What durable-rules itself concludes, in the form of every engine's table: it is not put right by the reference here.

In goes a question about a few cases, out comes the table. What the rule engine cannot hold, and which version applies,
is not concluded; there the reference's own answer stands, and what could not be held is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from stellwerk.evaluate.caged import DurableUnavailable, DurableWorker
from stellwerk.evaluate.checked import CheckedRules, EnginesDisagree
from stellwerk.evaluate.engines import Question, as_table
from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.whole_cases import cases_with_rows

MOST_CASES = 25  # of a subject: a case takes the rule engine some tenths of a second


def concluded_by_durable(question: Question) -> pl.DataFrame:
    """The table as durable-rules has it: where it concluded otherwise its outcome stands, without evidence."""
    found: list[Mapping[str, Determination]] = []
    otherwise: list[dict[str, str]] = []
    with DurableWorker() as worker:
        rules = CheckedRules(question.rulebook, question.rules, worker, question.on)
        for case in cases_with_rows(question.cases, question.children, question.key):
            checked = rules.read(case)
            found.append(checked.determinations)
            otherwise.append({})
            for notice in checked.notices:
                if isinstance(notice, DurableUnavailable):
                    raise notice
                if isinstance(notice, EnginesDisagree):
                    otherwise[-1][str(notice.details["rule"])] = str(notice.details["durable"])
                else:
                    question.tell(notice.message())
    table = as_table(question, {rule: [one[rule] for one in found] for rule in question.rules})
    return table.with_columns(column for rule in question.rules for column in _put_back(table, rule, otherwise))


def _put_back(table: pl.DataFrame, rule: str, otherwise: Sequence[Mapping[str, str]]) -> list[pl.Series]:
    """The columns of a rule with what durable-rules concluded; evidence that does not agree is not known here."""
    differs = pl.Series([rule in of_case for of_case in otherwise], dtype=pl.Boolean)
    outcomes = table.get_column(f"{rule}.outcome")
    concluded = pl.Series([of_case.get(rule) for of_case in otherwise], dtype=pl.String)
    known = concluded.cast(outcomes.dtype, strict=False)
    columns = [pl.select(pl.when(differs).then(known).otherwise(outcomes).alias(outcomes.name)).to_series()]
    for name in (f"{rule}.met", f"{rule}.unknown"):
        columns.append(pl.select(pl.when(~differs).then(table.get_column(name)).alias(name)).to_series())
    return columns
