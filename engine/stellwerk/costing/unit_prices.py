"""What does the law make of one unit, on a day, as known on a day?

In go the rulebook, how a position is priced and a month; out comes the amount for one unit with the rule's version
and the dated parameters that made it, or the reason why the law names none. The rule itself is asked, so a reform or
a later promulgation changes the price here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from stellwerk.budget.months import shown_month
from stellwerk.budget.positions import Pricing
from stellwerk.budget.prices import NoPrice, Price, PriceVersion
from stellwerk.budget.quantities import Dated
from stellwerk.budget.wording import in_both
from stellwerk.documents import Labels
from stellwerk.errors import StellwerkError, nearest
from stellwerk.evaluate.evidence import NEEDS_FACTS, Determination
from stellwerk.evaluate.reference import Case, determine
from stellwerk.law.calendar import parse_period, subtract
from stellwerk.law.dated import DatedValue, Interval
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.types import Value, parse_value
from stellwerk.provenance import EvidenceGrade, lowest_grade

BEFORE = "before"  # a date of a unit, told as its distance from the month
CARRIED_ON: EvidenceGrade = "modelling_choice"  # a version used for days up to which its text was not verified
MANY = 1000  # units by which a price is checked to be the same for each


class PriceNeedsFact(StellwerkError):
    """A rule cannot name the price of a unit without a fact that only the scenario can give."""


class PriceNotPerUnit(StellwerkError):
    """A rule gives many units something else than so many times what it gives one."""


class UnknownUnitFact(StellwerkError):
    """A position describes its unit by an attribute that the rule's subject does not have."""


class UnitFactWrong(StellwerkError):
    """A position describes its unit by a value that does not fit the attribute."""


class NoQuantityInParameter(StellwerkError):
    """A parameter that should give a quantity is no number, or has no value on the day."""


class VersionsBehind:
    """Which dated parameters made an amount; worked out once for a rule, an amount and the versions in force."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self._found: dict[object, tuple[PriceVersion, ...]] = {}

    def __call__(self, found: Determination, facts: Case, day: dt.date) -> tuple[PriceVersion, ...]:
        """The dated parameters of which a change by one changes the amount."""
        key = rests_on(found, self.book, day)
        if key not in self._found:
            self._found[key] = versions_behind(self.book, found, facts, day)
        return self._found[key]


class UnitPrices:
    """Prices of units under one rulebook; what one set of versions yields is worked out once."""

    def __init__(self, book: Rulebook, inputs: Mapping[str, Any]) -> None:
        self.book = book
        self.inputs = inputs
        self._behind = VersionsBehind(book)
        self._checked: set[object] = set()

    def price(self, name: str, pricing: Pricing, group: str, month: dt.date) -> Price | NoPrice:
        """The price of one unit of a group in a month, by rule or by parameter."""
        parameter = pricing.parameter_of(group)
        if parameter:
            return self._of_parameter(parameter, month)
        if pricing.rule in self.book.without_version:  # not promulgated yet, or ended by a reform
            return NoPrice(in_both("budget_rule_not_in_force", rule=pricing.rule))
        facts = self._facts(name, pricing, group, month)
        one = self._counting(pricing.count_of(group), facts, 1)
        found = determine(self.book, pricing.rule, one, month)
        if found.outcome == NEEDS_FACTS:
            raise PriceNeedsFact(position=name, month=shown_month(month), facts=found.ask_for, rule=pricing.rule)
        if found.amount is not None:
            self._check_per_unit(found, pricing, group, facts, month)
        return price_of(found, lambda: self._behind(found, one, month), self.book)

    def quantity(self, parameter: str, day: dt.date) -> Dated:
        """A parameter of the law that is a number, as a quantity; a day without a value is an error."""
        dated = self.book.parameter_on(parameter, day)
        if dated is None or not self.book.parameters[parameter].type.is_number:
            raise NoQuantityInParameter(parameter=parameter, day=shown_month(day))
        return Dated(_number(dated.value), dated.basis, cast(EvidenceGrade, dated.evidence))

    def _of_parameter(self, name: str, month: dt.date) -> Price | NoPrice:
        dated = self.book.parameter_on(name, month)
        if dated is None:
            return NoPrice(in_both("budget_no_parameter", parameter=name))
        version = _version(name, dated)
        return Price(_number(dated.value), dated.basis, version.evidence, (version,), reform=dated.reform)

    def _facts(self, name: str, pricing: Pricing, group: str, month: dt.date) -> Case:
        subject = self.book.rule(pricing.rule).subject
        attributes = self.book.vocabulary.attributes(subject)
        given = {key: self.inputs[key] for key in pricing.inputs if key in self.inputs}
        facts: dict[str, Value | None] = {}
        for key, written in {**pricing.facts_of(group), **given}.items():
            if key not in attributes:
                raise UnknownUnitFact(position=name, name=key, near=nearest(key, attributes))
            kind = attributes[key].type
            value = _fact(written, month) if isinstance(written, Mapping) else parse_value(written, kind)
            if value is None:
                raise UnitFactWrong(position=name, name=key, value=str(written), form=kind.in_words)
            facts[key] = value
        return facts

    def _counting(self, count: Sequence[str], facts: Case, units: int) -> Case:
        return {**facts, **dict.fromkeys(count, units)}

    def _check_per_unit(self, found: Determination, pricing: Pricing, group: str, facts: Case, month: dt.date) -> None:
        count = pricing.count_of(group)
        key = (group, rests_on(found, self.book, month))
        if not count or key in self._checked:
            return
        self._checked.add(key)
        many = determine(self.book, pricing.rule, self._counting(count, facts, MANY), month)
        if many.amount is None or found.amount is None or many.amount != found.amount * MANY:
            raise PriceNotPerUnit(rule=pricing.rule, one=found.amount, many=many.amount, units=MANY)


def rests_on(found: Determination, book: Rulebook, day: dt.date) -> tuple[object, ...]:
    """What an amount rests on, as a key: the rule's version and its parameters' versions."""
    if found.version is None:
        return (found.rule, None)
    dated = (book.parameters[name].on(day) for name in found.version.parameters())
    intervals = (value.interval if value else None for value in dated)
    return (found.rule, found.version.interval, found.outcome, found.amount, *intervals)


def price_of(found: Determination, versions: Callable[[], tuple[PriceVersion, ...]], book: Rulebook) -> Price | NoPrice:
    """A determination as a price: its amount, nothing where nothing is due, or why it says none."""
    version = found.version
    if version is None:
        return NoPrice(in_both("budget_rule_not_in_force", rule=found.rule))
    if found.amount is None and found.outcome != version.otherwise:
        return NoPrice(no_amount(found.rule, found.outcome, book))
    made = versions()
    carried_on = [CARRIED_ON] if found.stale else []
    grades = [cast(EvidenceGrade, version.evidence), *(item.evidence for item in made), *carried_on]
    return Price(
        eur=_number(found.amount if found.amount is not None else 0),
        basis=version.basis,
        evidence=lowest_grade(grades),
        versions=made,
        rule=found.rule,
        rule_from=version.interval.first,
        reform=version.reform or next((item.reform for item in made if item.reform), ""),
        past_verification=found.stale,
    )


def no_amount(rule: str, outcome: str, book: Rulebook) -> Labels:
    """Why a rule that is in force names no amount: what it says instead."""
    label = book.vocabulary.outcomes[outcome].label
    return in_both("budget_rule_gives_no_amount", rule=rule, outcome=Labels(de=label("de"), en=label("en")))


def versions_behind(book: Rulebook, found: Determination, facts: Case, day: dt.date) -> tuple[PriceVersion, ...]:
    """The dated parameters that made an amount: those of which a change by one changes it."""
    assert found.version is not None
    made = []
    for name in found.version.parameters():
        parameter = book.parameters[name]
        dated = parameter.on(day)
        if dated is None or not parameter.type.is_number:
            continue
        changed = parameter.with_value(replace(dated, interval=Interval(day, day), value=_one_more(dated.value)))
        trial = replace(book, parameters={**book.parameters, name: changed})
        if determine(trial, found.rule, facts, day).amount != found.amount:
            made.append(_version(name, dated))
    return tuple(made)


def _version(name: str, dated: DatedValue) -> PriceVersion:
    return PriceVersion(
        name,
        str(dated.value),
        dated.interval.first,
        dated.interval.last,
        dated.basis,
        cast(EvidenceGrade, dated.evidence),
        dated.reform,
        dated.known_from,
        dated.note,
    )


def _fact(written: Mapping[str, Any], month: dt.date) -> dt.date | None:
    period = parse_period(str(written.get(BEFORE, "")))
    return None if period is None else subtract(month, period)


def _one_more(value: Value) -> int | Decimal:
    assert isinstance(value, int | Decimal)  # only parameters that are numbers get here
    return value + 1


def _number(value: Value) -> Fraction:
    assert isinstance(value, int | Decimal)  # amounts and prices are numbers by their type
    return Fraction(value)
