"""What is published of the states: applications and decisions by year, demands to list them, and reviews that are due.

In go the brief, the published tables and what the rules say of demands and reviews, out come blocks. Shares are of
decisions in Germany; the Union-wide rate that Union law asks for is another figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import polars as pl

from stellwerk import formats
from stellwerk.briefs import figures
from stellwerk.briefs.blocks import Block, Column, Figure, Shown, Table, Value
from stellwerk.briefs.law_values import value_table
from stellwerk.briefs.subjects.sichere_staaten.subject import SichereStaaten

_PERCENT = 100


def designation_cases(brief: SichereStaaten) -> pl.DataFrame:
    """Each state with each demand, on the legal date."""
    return pl.DataFrame(
        [
            {"designation_id": f"{code}:{demand}", "country": code, "checked_on": brief.parameters.on, "demand": demand}
            for code in brief.codes
            for demand in brief.content.demands
        ]
    )


def procedure(brief: SichereStaaten, determined: pl.DataFrame) -> Block:
    """What became of each demand to list the states, when the next review is due, and the limits of Union law."""
    make, content = brief.make, brief.content
    demands = brief.law.vocabulary.attributes("designation")["demand"].type.code_list.codes
    columns = [Column("country", brief.say("country"))]
    columns += [Column(name, demands[name].label(brief.parameters.language)) for name in content.demands]
    columns += [Column("report", brief.say("report"))]
    told = {row["designation_id"]: row for row in determined.iter_rows(named=True)}
    rows: list[tuple[Value, ...]] = []
    for code in brief.codes:
        rows_of = [told[f"{code}:{demand}"] for demand in content.demands]
        outcomes = [str(row[f"{content.demand_rule}.outcome"]) for row in rows_of]
        cells = [Shown(outcome, brief.outcome(outcome)) for outcome in outcomes]
        rows.append((Shown(code, brief.country(code)), *cells, _report(brief, rows_of[0])))
    caption = brief.say("procedure_caption", day=brief.day())
    block = make.heading("procedure", brief.say("procedure_title")) + make.prose(brief.say("procedure_intro"))
    block += make.table(Table("procedure", caption, tuple(columns), tuple(rows), brief.say("source_rules")))
    limits = value_table("limits", brief.say("limits_caption"), brief.law, content.rate_limits, content.units,
                         brief.parameters.language)  # fmt: skip
    return block + make.table(limits)


def rates(brief: SichereStaaten, applications: pl.DataFrame, decisions: pl.DataFrame) -> Block:
    """Applications and protection rates of the states by year."""
    make = brief.make
    table = _rates_table(brief, applications, decisions)
    block = make.heading("rates", brief.say("rates_title")) + make.prose(brief.say("rates_intro"), _stand_ins(brief))
    return block + make.figure(_bars(brief, applications, table)) + make.table(table)


def protection_rate(decided: Mapping[str, int], without: Sequence[str] = ()) -> Fraction | None:
    """The part of decisions that grant protection; `without` names kinds of decision that are left out."""
    total = sum(count for kind, count in decided.items() if kind not in without)
    return Fraction(decided["recognised"] + decided["other_protection"], total) if total else None


def _report(brief: SichereStaaten, row: Mapping[str, object]) -> Shown:
    """The first review that is due."""
    days = [row[f"{rule}.until"] for rule in brief.content.reports if row[f"{rule}.outcome"] == "report_due"]
    found = sorted(str(day) for day in days)
    if not found:
        return Shown("", brief.say("no_report"))
    return Shown(found[0], brief.make.show(pl.Series([found[0]]).str.to_date().item(), "date"))


def _rates_table(brief: SichereStaaten, applications: pl.DataFrame, decisions: pl.DataFrame) -> Table:
    columns = (
        Column("country", brief.say("country")),
        Column("year", brief.say("year")),
        Column("applications", brief.say("applications"), "count"),
        Column("decisions", brief.say("decisions"), "count"),
        Column("rate", brief.say("rate"), "decimal", 1),
        Column("adjusted_rate", brief.say("adjusted_rate"), "decimal", 1),
    )
    rows: list[tuple[Value, ...]] = []
    for code in brief.codes:
        for year in brief.content.years:
            counted = _number(applications, code, year, "applications")
            decided = _decided(decisions, code, year)
            total = sum(decided.values()) if decided else None
            shares = [protection_rate(decided, without) if decided else None for without in ((), ("closed",))]
            rows.append((Shown(code, brief.country(code)), str(year), counted, total, *(_percent(s) for s in shares)))
    caption = brief.say("rates_caption", first=brief.content.years[0], last=brief.content.years[-1])
    return Table("rates", caption, columns, tuple(rows), brief.say("source_published"))


def _bars(brief: SichereStaaten, applications: pl.DataFrame, table: Table) -> Figure:
    """Applications of the first and the last year."""
    first, last = brief.content.years[0], brief.content.years[-1]
    pairs, known = [], {}
    for code in brief.codes:
        old, new = (_number(applications, code, year, "applications") or 0 for year in (first, last))
        pairs.append(figures.BarPair(brief.country(code), old, new, brief.count(old), brief.count(new)))
        known[code] = new
    svg = figures.bars(pairs, str(first), str(last), brief.parameters.language)
    most = max(known, key=lambda code: (known[code], code))
    alt = brief.say("rates_alt", year=last, name=brief.country(most), count=brief.count(known[most]))
    return Figure("rates", svg, alt, brief.say("rates_figure", first=first, last=last), table.source, table)


def _number(frame: pl.DataFrame, code: str, year: int, column: str) -> int | None:
    found = frame.filter((pl.col("origin") == code) & (pl.col("year") == year))
    return int(found.get_column(column).item()) if found.height else None


def _decided(decisions: pl.DataFrame, code: str, year: int) -> dict[str, int]:
    found = decisions.filter((pl.col("origin") == code) & (pl.col("year") == year)).drop("origin", "year")
    return {name: int(found.get_column(name).item()) for name in found.columns} if found.height else {}


def _stand_ins(brief: SichereStaaten) -> str:
    """A sentence for each state asked for whose decisions are published with another's."""
    return " ".join(
        brief.say("rates_stand_in", country=brief.country(code), other=brief.country(other))
        for code, other in brief.content.stand_ins.items()
        if {code, other} & set(brief.codes)
    )


def _percent(part: Fraction | None) -> Decimal | None:
    return None if part is None else formats.exact(part * _PERCENT, 1)
