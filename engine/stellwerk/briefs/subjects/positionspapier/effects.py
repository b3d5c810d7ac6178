"""What is computed of each demand: values, persons, weeks, money, keys, without and with the demand.

In go the brief, what the workbench computes and the register, out comes a row for each effect. Counts of persons pass
the protection of small counts together with who is left over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import polars as pl

from stellwerk import formats
from stellwerk.briefs.blocks import Kind, Shown, Value, raw
from stellwerk.briefs.law_values import law_value
from stellwerk.briefs.secrecy import Count, Sum, protect, protect_difference
from stellwerk.briefs.subjects.positionspapier.content import (
    BudgetEffect,
    Demand,
    KeyEffect,
    PersonsEffect,
    ScenarioEffect,
    ValueEffect,
)
from stellwerk.briefs.subjects.positionspapier.subject import Positionspapier
from stellwerk.budget.lines import in_eur

_ASSIGNED = ("assigned_protected", "assigned_open", "assigned_refused")


class Bench(Protocol):
    """What is asked of the workbench."""

    def determinations(self, cases: Any, **options: Any) -> pl.DataFrame:
        """What the rules say of every case."""

    def reception(self, scenario: str) -> Any:
        """A scenario of state reception."""

    def budget(self, scenario: str) -> Any:
        """What a scenario costs, and what it costs under the law in force."""

    def compare_keys(self, keys: Sequence[str], persons: int, on: dt.date) -> Any:
        """Keys side by side."""


@dataclass(frozen=True)
class Result:
    """One effect: of which demand, what is measured, without and with it, by how much they differ, on what it rests."""

    id: str
    demand: str
    label: str
    before: Shown
    after: Shown
    difference: Shown
    day: dt.date | None
    source: str


def results(brief: Positionspapier, bench: Bench, register: pl.DataFrame) -> list[Result]:
    """Every effect of every demand, in their order."""
    return [found for demand in brief.computed() for found in _of_demand(brief, bench, register, demand)]


def _of_demand(brief: Positionspapier, bench: Bench, register: pl.DataFrame, demand: Demand) -> Iterator[Result]:
    for effect in demand.effects:
        match effect:
            case ValueEffect():
                yield _value(brief, demand, effect)
            case PersonsEffect():
                yield _persons(brief, bench, register, demand, effect)
            case ScenarioEffect():
                yield _scenario(brief, bench, demand, effect)
            case BudgetEffect():
                yield _budget(brief, bench, demand, effect)
            case KeyEffect():
                yield _key(brief, bench, demand, effect)


def _value(brief: Positionspapier, demand: Demand, effect: ValueEffect) -> Result:
    day, language = brief.effect_day(demand.paper), brief.parameters.language
    parameter = brief.law.parameters[effect.of]
    dated = [view.parameters[effect.of].on(day) for view in (brief.law, brief.reformed[demand.paper])]
    values = [None if found is None else found.value for found in dated]
    before, after = (law_value(value, parameter.unit, brief.content.units, language) for value in values)
    label = parameter.label_de if language == "de" else parameter.label_en
    difference = _difference(
        brief, values[0], values[1], "euro_difference" if parameter.unit.startswith("EUR") else "difference"
    )
    basis = "–" if dated[0] is None else dated[0].basis
    return Result(effect.id, demand.id, label, before, after, difference, day, basis)


def _persons(
    brief: Positionspapier, bench: Bench, register: pl.DataFrame, demand: Demand, effect: PersonsEffect
) -> Result:
    day, reform = brief.effect_day(demand.paper), brief.content.papers[demand.paper].reform
    cases = register.filter(pl.col("status").cast(pl.String).is_in(effect.status))
    counts = [
        _with_outcome(bench, cases, effect, day, reforms) if effect.rule in view.rules else 0
        for view, reforms in ((brief.law, ()), (brief.reformed[demand.paper], (reform,)))
    ]
    before, after = protected(counts[0], counts[1], cases.height, brief.parameters.small_count)
    label = brief.say(f"measure_{effect.id}", persons=brief.count(cases.height))
    shown = [_shown(brief, count, "count") for count in (before, after)]
    change = _shown(brief, protect_difference(before, after), "difference")
    return Result(effect.id, demand.id, label, shown[0], shown[1], change, day, brief.say("source_register"))


def protected(before: int, after: int, total: int, limit: int) -> tuple[Count, Count]:
    """Two counts out of the same persons as they may be shown beside their total."""
    cells = {"all": total, "before": before, "not_before": total - before, "after": after, "not_after": total - after}
    sums = [Sum("all", ("before", "not_before")), Sum("all", ("after", "not_after"))]
    shown = protect(cells, sums, limit)
    return shown["before"], shown["after"]


def _with_outcome(
    bench: Bench, cases: pl.DataFrame, effect: PersonsEffect, day: dt.date, reforms: Sequence[str]
) -> int:
    determined = bench.determinations(cases, on=day, reforms=reforms, rules=[effect.rule])
    return int(determined.get_column(f"{effect.rule}.outcome").cast(pl.String).is_in(effect.applies).sum())


def _scenario(brief: Positionspapier, bench: Bench, demand: Demand, effect: ScenarioEffect) -> Result:
    found = [bench.reception(name) for name in (effect.before, effect.after)]
    measure = _weeks_above if effect.kind == "weeks" else _assigned
    before, after = (measure(forecast) for forecast in found)
    titles = [forecast.reception.title.in_language(brief.parameters.language) for forecast in found]
    label, source = brief.say(f"measure_{effect.id}"), brief.say("source_scenarios", before=titles[0], after=titles[1])
    shown = [_shown(brief, value, "count") for value in (before, after)]
    return Result(
        effect.id, demand.id, label, shown[0], shown[1], _shown(brief, after - before, "difference"), None, source
    )


def _weeks_above(forecast: Any) -> int:
    return int(forecast.reception.facilities.filter(pl.col("emergency") > 0).height)


def _assigned(forecast: Any) -> int:
    total = forecast.reception.movements.select(pl.sum_horizontal(pl.col(_ASSIGNED).sum())).item()
    return int(formats.exact(total))


def _budget(brief: Positionspapier, bench: Bench, demand: Demand, effect: BudgetEffect) -> Result:
    costed = bench.budget(effect.scenario)
    before, after = (_borne(budget, effect.party) for budget in (costed.base, costed.budget))
    label, source = brief.say(f"measure_{effect.id}"), brief.label(costed.title)
    shown = [_shown(brief, value, "euro") for value in (before, after)]
    change = _shown(brief, after - before, "euro_difference")
    return Result(effect.id, demand.id, label, shown[0], shown[1], change, costed.first_month, source)


def _borne(budget: Any, party: str) -> Decimal:
    """What a party pays less what it receives."""
    return in_eur(sum(balance.net for balance in budget.balances if balance.party == party))


def _key(brief: Positionspapier, bench: Bench, demand: Demand, effect: KeyEffect) -> Result:
    day, persons = brief.effect_day(demand.paper), brief.content.key_persons
    compared = bench.compare_keys([effect.before, effect.after], persons, day)
    gains = [compared.gain(effect.after, code) for code in compared.given[effect.after]]
    moved = sum(gain for gain in gains if gain > 0)
    label = brief.say(f"measure_{effect.id}", persons=brief.count(persons))
    change = _shown(brief, moved, "difference")
    return Result(effect.id, demand.id, label, _shown(brief, 0, "count"), _shown(brief, moved, "count"), change, day,
                  brief.say("source_keys"))  # fmt: skip


def _difference(brief: Positionspapier, before: object, after: object, kind: Kind) -> Shown:
    """The difference of two numbers; a dash where they are none."""
    if isinstance(before, int | Decimal) and isinstance(after, int | Decimal):
        return _shown(brief, after - before, kind)
    return Shown("", "–")


def _shown(brief: Positionspapier, value: Value, kind: Kind) -> Shown:
    return Shown(raw(value, brief.parameters.small_count), brief.make.show(value, kind))
