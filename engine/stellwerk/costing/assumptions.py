"""What does a budget rest on beside the law: quantities, prices, parties, index, ways of counting?

In go the scenario and what was computed of it; out comes a list in both languages, each entry with its source and
grade, so that no number of a budget stands without its origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial

from stellwerk.budget.lines import Assumption, Item, Line
from stellwerk.budget.months import shown_month
from stellwerk.budget.positions import Positions
from stellwerk.budget.prices import Deflator, PriceList
from stellwerk.budget.quantities import Quantity
from stellwerk.budget.scenario import BudgetScenario
from stellwerk.budget.wording import in_both
from stellwerk.documents import Labels
from stellwerk.formats import number
from stellwerk.provenance import EvidenceGrade
from stellwerk.texts import text


def assumptions_of(
    scenario: BudgetScenario,
    quantities: Iterable[Quantity],
    lines: Iterable[Line],
    case_items: Iterable[Item],
    positions: Positions,
    prices: PriceList,
    deflator: Deflator,
) -> tuple[Assumption, ...]:
    """Everything assumed, in the order: facts, quantities, prices, parties, index, counting."""
    every = tuple(lines)
    return (
        *_facts(scenario),
        *_quantities(quantities, positions),
        *_prices(every, scenario, prices),
        *_weak_law(every, prices),
        *_past_verification(every),
        *_parties(every, positions),
        *_index(every, scenario, deflator),
        *_counting(),
        *_stock_of_cases(case_items),
    )


def _entry(key: str, value: Callable[[str], str], source: str, evidence: EvidenceGrade, **values: object) -> Assumption:
    return Assumption(in_both(key, **values), Labels(de=value("de"), en=value("en")), source, evidence)


def _nothing(language: str) -> str:
    return ""


def _number(written: object) -> Callable[[str], str]:
    """A number as the reader writes it; what is no number stands as it is."""
    try:
        exact = Decimal(str(written))
    except InvalidOperation:
        return lambda language: str(written)
    places = max(0, -int(exact.as_tuple().exponent))
    return lambda language: number(exact, language, places)


def _facts(scenario: BudgetScenario) -> Iterable[Assumption]:
    for name, fact in scenario.facts.items():
        yield _entry("budget_assumed_fact", _number(fact.value), fact.source, fact.evidence, name=name)


def _quantities(quantities: Iterable[Quantity], positions: Positions) -> Iterable[Assumption]:
    found: dict[tuple[str, str, str, EvidenceGrade], list[Quantity]] = {}
    for row in quantities:
        found.setdefault((row.name, row.group, row.source, row.evidence), []).append(row)
    for (name, group, source, evidence), rows in found.items():
        least, most = min(row.number for row in rows), max(row.number for row in rows)
        position = next(iter(positions.counting(name)))
        values = {
            "name": name,
            "first": shown_month(min(row.month for row in rows)),
            "last": shown_month(max(row.month for row in rows)),
            "title": positions.kind(position).title,
            "group": positions.group_labels(position, group),
        }
        yield _entry("budget_assumed_quantity", partial(_span, least, most), source, evidence, **values)


def _span(least: Fraction, most: Fraction, language: str) -> str:
    shown = [number(value, language, 0 if value.denominator == 1 else 2) for value in dict.fromkeys([least, most])]
    return " – ".join(shown)


def _prices(lines: Iterable[Line], scenario: BudgetScenario, prices: PriceList) -> Iterable[Assumption]:
    used = {version for line in lines for version in line.price.versions if version.name in prices.prices}
    for version in sorted(used, key=lambda version: (version.name, version.first)):
        entry = prices.prices[version.name]
        key = "budget_own_price" if version.name in scenario.prices else "budget_assumed_price"
        value = _number(version.value)
        yield _entry(key, value, version.basis, version.evidence, title=entry.title, unit=entry.unit)


def _weak_law(lines: Iterable[Line], prices: PriceList) -> Iterable[Assumption]:
    used = {version for line in lines for version in line.price.versions if version.name not in prices.prices}
    for version in sorted(used, key=lambda version: (version.name, version.first)):
        if version.evidence != "verified":
            values = {"name": version.name, "first": version.first.isoformat()}
            yield _entry("budget_weak_parameter", _number(version.value), version.basis, version.evidence, **values)


def _past_verification(lines: Iterable[Line]) -> Iterable[Assumption]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.price.past_verification:
            found.setdefault(line.price.rule, []).append(line)
    for rule, late in found.items():
        values = {"rule": rule, "first": shown_month(min(line.month for line in late))}
        yield _entry("budget_past_verification", _nothing, late[0].price.basis, late[0].price.evidence, **values)


def _parties(lines: Iterable[Line], positions: Positions) -> Iterable[Assumption]:
    for name in dict.fromkeys(line.position for line in lines):
        kind = positions.kind(name)
        if kind.parties_evidence != "verified":
            source = kind.note or text("budget_assumption", "de")
            yield _entry("budget_assumed_parties", _nothing, source, kind.parties_evidence, title=kind.title)


def _index(lines: Iterable[Line], scenario: BudgetScenario, deflator: Deflator) -> Iterable[Assumption]:
    for year in sorted({line.month.year for line in lines} | {scenario.base_year}):
        entry = deflator.of(year)
        value = _number(entry.index)
        yield _entry("budget_assumed_index", value, entry.source, entry.evidence, year=year, title=deflator.title)


def _counting() -> Iterable[Assumption]:
    yield _entry("budget_counted_on_first_day", _nothing, text("budget_assumption", "de"), "modelling_choice")
    yield _entry("budget_rounded_lines", _nothing, text("budget_assumption", "de"), "modelling_choice")


def _stock_of_cases(items: Iterable[Item]) -> Iterable[Assumption]:
    for source in dict.fromkeys(part.source for item in items for part in item.parts):
        yield _entry("budget_stock_unchanged", _nothing, source, "modelling_choice")
