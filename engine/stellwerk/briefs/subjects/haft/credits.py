"""The sections on what earlier custody uses up of the cap, and on grounds, bars, place and procedure.

In go the brief and what the rule on credits says of invented segments, out come blocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from stellwerk.briefs.blocks import Block, Column, Shown, Table
from stellwerk.briefs.law_table import law_table
from stellwerk.briefs.subjects.haft.subject import Haft

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class CreditCases:
    """Invented segments of custody, one for each kind and day, and the cases they belong to."""

    cases: pl.DataFrame
    segments: pl.DataFrame


def credit_cases(brief: Haft) -> CreditCases:
    """For each kind one segment of a fixed number of days before an order of the legal date, and of the earlier one."""
    told, rows, segments = brief.content.credit, [], []
    for day in (brief.parameters.earlier, brief.parameters.on):
        for kind in told.kinds:
            name, first = f"{kind}:{day}", day - _ONE_DAY * told.before
            rows.append({"case_id": name, "detention_order_date": day, "detention_start": day})
            last = first + _ONE_DAY * (told.days - 1)
            segments.append({"case_id": name, "kind": kind, "first_day": first, "last_day": last})
    return CreditCases(pl.DataFrame(rows), pl.DataFrame(segments))


def credits_and_procedure(brief: Haft, determined: pl.DataFrame) -> Block:
    """Which earlier custody counts towards the cap, then the rules on grounds, bars, place and procedure."""
    make, told, language = brief.make, brief.content.credit, brief.parameters.language
    days = (brief.parameters.earlier, brief.parameters.on)
    counted: Mapping[str, object] = dict(determined.select("case_id", f"{told.rule}.amount").iter_rows())
    names = brief.law.vocabulary.child_tables("case")[told.table].attributes["kind"].type.code_list.codes
    columns = (Column("kind", brief.say("kind")), *(Column(f"on_{day}", brief.day(day)) for day in days))
    rows = tuple(
        (
            Shown(kind, names[kind].label(language)),
            *(_counts(brief, counted[f"{kind}:{day}"]) for day in days),
        )
        for kind in told.kinds
    )
    table = Table("credits", brief.say("credits_caption"), columns, rows, brief.say("source"))
    block = (
        make.heading("credits", brief.say("credits_title")) + make.prose(brief.say("credits_intro")) + make.table(table)
    )
    block += make.heading("procedure", brief.say("procedure_title")) + make.prose(brief.say("procedure_intro"))
    return block + make.table(law_table(brief, brief.law, brief.content.procedure, brief.parameters.on, "procedure"))


def _counts(brief: Haft, amount: object) -> Shown:
    if amount is None:
        return Shown("", "–")
    return Shown(str(bool(amount)).lower(), brief.say("counts" if amount else "counts_not"))
