"""An expression of the core as words that a reader can say aloud, in German or English.

Goes in: a linked expression and the day whose parameter values are named. Comes out: a `Said`, one line with what
stands below it. Labels come from the vocabulary, every other word from the catalogue (`texts/prose.toml`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stellwerk import formats
from stellwerk.law import core
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said
from stellwerk.law.types import DATE, TEXT, Type, Value
from stellwerk.law.vocabulary import Attribute
from stellwerk.law.written import value_in_words
from stellwerk.texts import text

OPPOSITES: Mapping[str, str] = {"<": ">=", ">=": "<", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}
_OPERATOR_WORDS: Mapping[str, str] = {
    "<": "less",
    "<=": "most",
    ">": "more",
    ">=": "least",
    "==": "same",
    "!=": "differs",
}
_SIGNS: Mapping[str, str] = {"+": "plus", "-": "minus", "*": "times"}


@dataclass(frozen=True)
class Phrases:
    """Words for the expressions of one subject's rules, read on one day."""

    rulebook: Rulebook
    subject: str
    day: dt.date
    language: str
    row: Mapping[str, Attribute] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue."""
        return text(f"prose_{key}", self.language, **values)

    def quoted(self, words: str) -> str:
        """Words set apart, so that a label cannot be mistaken for a part of the sentence."""
        return self.say("quoted", words=words)

    # --- conditions -------------------------------------------------------------------------------------------------

    def condition(self, node: core.Core, holds: bool = True) -> Said:
        """A condition as a line; groups become lists below it."""
        match node:
            case core.Negated(item=item):
                return self.condition(item, not holds)
            case core.AllOf(items=items):
                return Said(
                    self.say("all" if holds else "not_all"), tuple(map(self.condition, _flat(items, core.AllOf)))
                )
            case core.AnyOf(items=items):
                inner = _flat(items, core.AnyOf)
                return Said(self.say("any" if holds else "none"), tuple(map(self.condition, inner)))
            case core.Fact() | core.RowFact() if holds:
                return Said(self.label(node))
            case _:
                return Said(self.within(node, holds))

    def within(self, node: core.Core, holds: bool = True) -> str:
        """A condition within a sentence."""
        match node:
            case core.Negated(item=item):
                return self.within(item, not holds)
            case core.AllOf(items=items):
                return self._joined("and" if holds else "or", items, holds)
            case core.AnyOf(items=items):
                return self._joined("or" if holds else "and", items, holds)
            case core.Compared():
                return self._compared(node if holds else replace(node, operator=OPPOSITES[node.operator]))
            case core.OneOf(value=value, options=options):
                shown = [self.written(option, value.type, self.unit(value)) for option in options]
                if len(shown) == 1:
                    return self.say("is" if holds else "is_not", left=self.noun(value), right=shown[0])
                return self.say("one_of" if holds else "none_of", left=self.noun(value), options=shown)
            case core.Listed(code=code, listing=name):
                key = "listed" if holds else "not_listed"
                return self.say(key, left=self.noun(code), listing=self.listing(name))
            case core.Aggregated():
                return self._rows(node, holds)
            case core.AtLeast(minimum=minimum):
                return self.say("points_reach" if holds else "points_miss", minimum=self.number(minimum))
            case core.Chosen(condition=condition, then=then, otherwise=otherwise):
                return self.say(
                    "chosen_condition",
                    condition=self.within(condition),
                    then=self.within(then, holds),
                    otherwise=self.within(otherwise, holds),
                )
            case core.Constant(value=value):
                return self.say("always" if value == holds else "never")
            case _:
                return self._negatable(self.noun(node), holds)

    def _negatable(self, words: str, holds: bool) -> str:
        return words if holds else self.say("not", words=words)

    def _joined(self, word: str, items: Sequence[core.Core], holds: bool) -> str:
        parts = []
        for item in items:
            inner = item.item if isinstance(item, core.Negated) else item
            words = self.within(item, holds)
            parts.append(f"({words})" if isinstance(inner, core.AllOf | core.AnyOf | core.OneOf) else words)
        return self.say(word).join(parts)

    def _rows(self, node: core.Aggregated, holds: bool) -> str:
        table, rest = self.table(node.table), self.inside(node.table)
        key = {("any", True): "row_any", ("any", False): "row_none", ("all", True): "row_all"}.get((node.kind, holds))
        return self.say(key or "row_not_all", table=table, condition=rest.restriction(node.condition))

    def restriction(self, condition: core.Core) -> str:
        """The condition of a child table's rows; nothing where every row counts."""
        every = isinstance(condition, core.Constant) and condition.value is True
        return "" if every else self.within(condition)

    def inside(self, table: str) -> Phrases:
        """The words inside a child table, whose attributes come first."""
        return replace(self, row=self.rulebook.vocabulary.child_tables(self.subject)[table].attributes)

    # --- comparisons ------------------------------------------------------------------------------------------------

    def _compared(self, node: core.Compared) -> str:
        left, right, operator = node.left, node.right, node.operator
        word = _OPERATOR_WORDS[operator]
        if left.type.kind == "bool":
            if isinstance(right, core.Constant):
                return self.within(left, (right.value is True) == (operator == "=="))
            return self.say(f"truth_{word}", left=self.within(left), right=self.within(right))
        if left.type == DATE:
            return self._compared_dates(left, right, word)
        if left.type.is_number:
            unit = self.unit(left) or self.unit(right)
            return self.say(f"number_{word}", left=self.number(left, unit), right=self.number(right, unit))
        if operator in ("==", "!="):
            return self.say("is" if operator == "==" else "is_not", left=self.noun(left), right=self.noun(right))
        return self.say(f"number_{word}", left=self.noun(left), right=self.noun(right))

    def _compared_dates(self, left: core.Core, right: core.Core, word: str) -> str:
        if isinstance(right, core.Shifted):
            way = "after" if right.sign > 0 else "before"
            period, start = self.period(right.period), self.date(right.date, "dative")
            return self.say(f"date_{word}_{way}", left=self.date(left), period=period, start=start)
        form = "on" if word in ("most", "least", "same", "differs") else "dative"
        return self.say(f"date_{word}", left=self.date(left), right=self.date(right, form))

    # --- values -----------------------------------------------------------------------------------------------------

    def noun(self, node: core.Core) -> str:
        """What an expression of any type yields, as a part of a sentence."""
        match node.type.kind:
            case "date":
                return self.date(node)
            case "period":
                return self.period(node)
            case "integer" | "decimal":
                return self.number(node, self.unit(node))
            case _:
                return self._other(node)

    def _other(self, node: core.Core) -> str:
        match node:
            case core.Constant(value=value, type=kind):
                return self.written(value, kind)
            case core.Fact() | core.RowFact():
                return self.quoted(self.label(node)) if node.type.kind == "bool" else self.label(node)
            case core.ParameterValue():
                return self.parameter(node)
            case core.Derived():
                return self.derived(node)
            case core.Nothing():
                return self.say("nothing")
            case core.Chosen():
                return self._chosen(node)
            case core.Aggregated():
                return self._summary(node)
            case _:
                return self.within(node)

    def date(self, node: core.Core, form: str = "bare") -> str:
        """A day: as the sentence's subject (bare), after a preposition (dative), or as the day on which (on)."""
        n = self.say(f"n_{form}")
        der, das, fact, day = (self.say(f"article_{kind}_{form}") for kind in ("der", "das", "fact", "day"))
        match node:
            case core.Constant(value=dt.date() as value):
                return day + formats.date(value, self.language)
            case core.Fact() | core.RowFact():
                return fact + self.quoted(self._without_tail(self.label(node)))
            case core.ParameterValue():
                return day + self.parameter(node)
            case core.Shifted(date=start, period=period, sign=sign):
                key = "day_after" if sign > 0 else "day_before"
                return self.say(key, der=der, period=self.period(period), start=self.date(start, "dative"))
            case core.Applied(
                function="last_day",
                arguments=(core.Shifted(date=core.Applied(function="last_day", arguments=(start, period))), more),
            ):
                first = {"period": self.period(period), "start": self.date(start, "dative")}
                return self.say("extended_last_day", das=das, more=self.period(more), **first)
            case core.Applied(function="last_day", arguments=(start, period)):
                return self.say("last_day", das=das, period=self.period(period), start=self.date(start, "dative"))
            case core.Applied(function=name, arguments=arguments):
                return self.say(name, der=der, n=n, items=[self.date(item) for item in arguments])
            case core.Shift(date=start, calendar=calendar):
                return self.say("working_day", der=der, n=n, start=self.date(start, "dative"), calendar=calendar)
            case core.Chosen():
                return self.say("day_chosen", der=der, choice=self._chosen(node))
            case core.Derived(rule=rule):
                return self.say("end_under", das=das, rule=self.quoted(self.title(rule)))
            case core.Aggregated():
                return self.say("day_of_rows", der=der, words=self._summary(node))
            case _:
                return self.say("no_day", der=der)

    def number(self, node: core.Core, unit: str = "") -> str:
        """A number, with its unit where it is written; `unit` is what the other side of a comparison counts."""
        match node:
            case core.Constant(value=value, type=kind):
                return self.written(value, kind, unit)
            case core.Fact() | core.RowFact():
                return self.label(node)
            case core.ParameterValue():
                return self.parameter(node)
            case core.Sum(operator=operator, left=left, right=right):
                inner = "" if operator == "*" else unit
                sides = (self._factor(side, operator, inner) for side in (left, right))
                return self.say(_SIGNS[operator]).join(sides)
            case core.DaysBetween(later=later, earlier=earlier):
                return self.say("days_between", earlier=self.date(earlier, "dative"), later=self.date(later, "dative"))
            case core.Applied(function="completed_years", arguments=(born, on)):
                return self.say("completed_years", born=self.date(born, "dative"), on=self.date(on, "dative"))
            case core.Applied(function=name, arguments=arguments):
                return self.say(name, items=[self.number(item, unit) for item in arguments])
            case core.Chosen():
                return f"({self._chosen(node)})"
            case core.Aggregated():
                return self._summary(node)
            case core.Derived():
                return self.derived(node)
            case _:
                return self.say("nothing")

    def _factor(self, node: core.Core, operator: str, unit: str) -> str:
        words = self.number(node, unit)
        return f"({words})" if operator != "+" and isinstance(node, core.Sum) else words

    def _chosen(self, node: core.Chosen) -> str:
        then, otherwise = self.noun(node.then), self.noun(node.otherwise)
        return self.say("chosen", then=then, condition=self.within(node.condition), otherwise=otherwise)

    def _summary(self, node: core.Aggregated) -> str:
        rest = self.inside(node.table)
        value = rest.in_rows(node.value) if node.value is not None else ""
        condition = rest.restriction(node.condition)
        return self.say(f"rows_{node.kind}", table=self.table(node.table), value=value, condition=condition)

    def in_rows(self, value: core.Core) -> str:
        """What is summed up over rows: an attribute, or an expression in brackets."""
        return self.quoted(self.label(value)) if isinstance(value, core.RowFact) else f"({self.noun(value)})"

    def period(self, node: core.Core) -> str:
        """A length of time."""
        match node:
            case core.Constant(value=value, type=kind):
                return self.written(value, kind)
            case core.ParameterValue():
                return self.parameter(node)
            case core.Applied(function=unit, arguments=(number,)):
                return self.say(f"period_{unit}", number=self.number(number))
            case core.Chosen():
                return f"({self._chosen(node)})"
            case _:
                return self.say("nothing")

    # --- names ------------------------------------------------------------------------------------------------------

    def parameter(self, node: core.ParameterValue) -> str:
        """A parameter's value on the day with its id in brackets; the id alone where it has no value."""
        parameter = self.rulebook.parameters[node.id]
        dated = parameter.on(self.day)
        shown = self.written(dated.value, parameter.type, parameter.unit) if dated else self.say("no_value")
        return f"{shown} [{node.id}]"

    def derived(self, node: core.Derived) -> str:
        """What another rule says."""
        return self.say(f"derived_{node.what}", rule=self.quoted(self.title(node.rule)))

    def title(self, rule: str) -> str:
        """A rule's title on the day, or that of its newest version."""
        if rule not in self.rulebook.rules:
            return rule
        found = self.rulebook.rules[rule]
        version = found.on(self.day) or found.versions[-1]
        return version.label_de if self.language == "de" else version.label_en

    def label(self, node: core.Fact | core.RowFact) -> str:
        """An attribute's words."""
        attributes = self.row if isinstance(node, core.RowFact) else self.attributes()
        return attributes[node.name].label(self.language) if node.name in attributes else node.name

    def attributes(self) -> Mapping[str, Attribute]:
        """The attributes of the subject."""
        return self.rulebook.vocabulary.attributes(self.subject)

    def table(self, name: str) -> str:
        """A child table's words."""
        return self.quoted(self.rulebook.vocabulary.child_tables(self.subject)[name].label(self.language))

    def listing(self, name: str) -> str:
        """A listing's words with its id in brackets."""
        listing = self.rulebook.listings[name]
        return f"{self.quoted(listing.label_de if self.language == 'de' else listing.label_en)} [{name}]"

    def unit(self, node: core.Core) -> str:
        """What a number counts, as far as vocabulary and parameters say it."""
        match node:
            case core.Fact(name=name):
                return self.attributes()[name].unit if name in self.attributes() else ""
            case core.RowFact(name=name):
                return self.row[name].unit if name in self.row else ""
            case core.ParameterValue(id=name):
                return self.rulebook.parameters[name].unit
            case core.Sum(operator="+" | "-", left=left, right=right):
                return self.unit(left) or self.unit(right)
            case core.Chosen(then=then, otherwise=otherwise):
                return self.unit(then) or self.unit(otherwise)
            case core.Aggregated(table=table, value=value) if value is not None:
                return self.inside(table).unit(value)
            case core.DaysBetween():
                return "days"
            case core.Applied(function="completed_years"):
                return "years"
            case _:
                return ""

    def written(self, value: Value, kind: Type, unit: str = "") -> str:
        """A value as it is written for readers."""
        if kind.code_list is not None:
            code = kind.code_list.codes.get(str(value))
            label = code.label(self.language) if code else str(value)
            label = self._outcome(str(value)) if label == str(value) else label
            return label if kind.code_list.ordered else self.quoted(label)
        shown = value_in_words(value, self.language, unit)
        return self.quoted(shown) if kind == TEXT else shown

    def _outcome(self, name: str) -> str:
        outcomes = self.rulebook.vocabulary.outcomes
        return outcomes[name].label(self.language) if name in outcomes else name

    def _without_tail(self, label: str) -> str:
        """A date's label without the preposition that it ends in, unless another attribute is called so."""
        first, _, last = label.rpartition(" ")
        taken = {attribute.label(self.language) for attribute in (*self.attributes().values(), *self.row.values())}
        return first if last in self.say("date_tails").split() and first not in taken else label


def _flat(items: Sequence[core.Core], kind: type[core.AllOf] | type[core.AnyOf]) -> list[core.Core]:
    """The items, those of groups of the same kind among them."""
    found: list[core.Core] = []
    for item in items:
        found += _flat(item.items, kind) if isinstance(item, kind) else [item]
    return found
