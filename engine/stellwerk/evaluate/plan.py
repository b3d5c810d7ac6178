"""One rule as a plan over columns: conditions, outcome, values and evidence of every version that can apply.

Goes in: a rule and a `Scope`. Comes out: a `RulePlan`, expressions in stages that read the attributes, the shelf and
the columns of other rules. Every version is computed for every case and the one of the case's reading date is taken:
logic on columns costs less than moving rows about, so one pass serves cases under many law versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

import polars as pl

from stellwerk.evaluate import days
from stellwerk.evaluate.compiled import EXACT, SCALED, Scope, compiled, compiled_as
from stellwerk.evaluate.evidence import NEEDS_FACTS, NOT_IN_FORCE
from stellwerk.evaluate.flag_columns import FlagColumns, bits, exactly_one, some
from stellwerk.evaluate.possible import (
    possible_outcomes,
)
from stellwerk.law import core
from stellwerk.law.dated import Interval
from stellwerk.law.provision import AMOUNT, UNTIL, UNTIL_EXCLUDED, NamedValue, Rule, RuleVersion
from stellwerk.law.types import DECIMAL, LATEST

NO_VERSION = -1
VALUE_TYPES: Mapping[str, pl.DataType] = {UNTIL: pl.Date(), UNTIL_EXCLUDED: pl.Date(), AMOUNT: EXACT}
_CODE = pl.UInt8()  # an outcome by its position among the vocabulary's
_BITS = {8: pl.UInt8(), 16: pl.UInt16(), 32: pl.UInt32(), 64: pl.UInt64()}


@dataclass(frozen=True)
class RulePlan:
    """What to compute of a rule, stage by stage; each stage reads the columns of those before it."""

    rule: Rule
    scope: Scope
    stages: tuple[Sequence[pl.Expr], ...]
    results: tuple[pl.Expr, ...]

    @cached_property
    def derived(self) -> tuple[core.Derived, ...]:
        """The results of other rules that it reads, one a column."""
        nodes = (node for version in self.rule.versions for node in version.derived())
        return tuple({node.name: node for node in nodes}.values())


def rule_plan(rule: Rule, scope: Scope, outcomes: Mapping[str, int], number: int) -> RulePlan:
    """The plan of a rule; `outcomes` gives each outcome's code.

    The results' columns: `outcome` (code), the rule's values, `version`, `met`, `unknown`, `stale`, `lacks_value`.
    """
    parts = [
        _VersionPlan(position, version, scope, outcomes, number)
        for position, version in enumerate(rule.versions)
        if version.interval.overlaps(Interval(scope.first, scope.last))
    ]
    kind = bits_for(max((len(part.conditions) for part in parts), default=0))
    stages = tuple(
        tuple(expression for found in stage for expression in found)
        for stage in zip_longest(*(part.stages() for part in parts), fillvalue=())
    )
    results = (
        _of_version(parts, "outcome", scope, _without_version(scope, outcomes)),
        *(_value(parts, name, scope, rule) for name in rule.value_names()),
        _of_version(parts, "version", scope, days.fixed(NO_VERSION, pl.Int16())),
        _of_version(parts, "met", scope, days.fixed(0, kind)).cast(kind),
        _of_version(parts, "unknown", scope, days.fixed(0, kind)).cast(kind),
        _of_version(parts, "stale", scope, pl.lit(False)),
        _of_version(parts, "lacks_value", scope, pl.lit(False)),
    )
    return RulePlan(rule, scope, (*scope.own_layers, *stages), results)


class _VersionPlan:
    """The columns of one version; their names begin with its position within the rule."""

    def __init__(
        self, position: int, version: RuleVersion, scope: Scope, outcomes: Mapping[str, int], number: int
    ) -> None:
        self.number = number
        self.whole = scope.rulebook.rules[version.rule].gives_whole_amounts
        self.position = position
        self.version = version
        self.scope = scope
        self.outcomes = outcomes
        self.conditions = version.conditions()
        self.possible = possible_outcomes(version)
        self.flags = FlagColumns(
            self.name, lambda number: self.column(f"holds_{number}"), lambda number: self.column(f"open_{number}")
        )

    def name(self, what: str) -> str:
        """A column of this version."""
        return f"__{self.number}_{self.position}_{what}"

    def _value(self, value: NamedValue) -> pl.Expr:
        if value.name == AMOUNT and not self.whole:
            return compiled_as(value.core, DECIMAL, self.scope)
        return compiled(value.core, self.scope)

    def column(self, what: str) -> pl.Expr:
        """The same as an expression."""
        return pl.col(self.name(what))

    def stages(self) -> tuple[list[pl.Expr], ...]:
        """Truths and values; what is known of the truths; flags; outcomes; what is given at the end."""
        return self._truths(), self._known(), *self.flags.layers(self.possible.values()), self._outcome(), self._given()

    @property
    def applies_always(self) -> bool:
        """Whether every case is read under this version."""
        interval, scope = self.version.interval, self.scope
        return scope.dated and interval.first <= scope.first and scope.last <= (interval.last or LATEST)

    def _truths(self) -> list[pl.Expr]:
        truths = [
            compiled(condition.core, self.scope).alias(self.name(f"truth_{number}"))
            for number, condition in enumerate(self.conditions)
        ]
        values = [self._value(value).alias(self.name(value.name)) for value in self.version.values]
        return [*truths, *values, *([] if self.applies_always else [self._applies().alias(self.name("applies"))])]

    def _applies(self) -> pl.Expr:
        """Whether the case is read under this version."""
        interval = self.version.interval
        first, last = days.day_literal(interval.first), days.day_literal(interval.last or LATEST)
        return self.scope.reading.is_between(first, last)

    def _known(self) -> list[pl.Expr]:
        found = []
        for number in range(len(self.conditions)):
            truth = self.column(f"truth_{number}")
            found.append(truth.eq_missing(pl.lit(True)).alias(self.name(f"holds_{number}")))
            found.append(truth.is_null().alias(self.name(f"open_{number}")))
        return found

    def _outcome(self) -> list[pl.Expr]:
        flags = {name: self.flags.expression(flag) for name, flag in self.possible.items()}
        one = exactly_one(list(flags.values()))
        needs = days.fixed(self.outcomes[NEEDS_FACTS], _CODE)
        chain = pl.when(~one | self._decided_without_value(flags)).then(needs)
        for name, flag in flags.items():
            chain = chain.when(flag).then(days.fixed(self.outcomes[name], _CODE))  # type: ignore[assignment]
        return [
            chain.otherwise(needs).alias(self.name("outcome")),
            self._lacks_value().alias(self.name("lacks_value")),
        ]

    def _decided_without_value(self, flags: Mapping[str, pl.Expr]) -> pl.Expr:
        """A decision whose date or amount is unknown lacks facts."""
        if not any(value.essential for value in self.version.values):
            return pl.lit(False)
        return some(flags[name] for name in self.version.decisions() if name in flags) & self._lacks_value()

    def _lacks_value(self) -> pl.Expr:
        return some(self.column(value.name).is_null() for value in self.version.values if value.essential)

    def _given(self) -> list[pl.Expr]:
        decisions = [self.outcomes[name] for name in self.version.decisions()]
        decided = some(self.column("outcome") == days.fixed(code, _CODE) for code in decisions)
        verified = self.version.verified_until
        stale = self.scope.reading > days.day_literal(verified) if verified else pl.lit(False)
        return [
            days.fixed(self.position, pl.Int16()).alias(self.name("version")),
            self._bits("holds").alias(self.name("met")),
            self._bits("open").alias(self.name("unknown")),
            stale.alias(self.name("stale")),
            *(
                pl.when(decided).then(self.column(value.name)).alias(self.name(value.name))
                for value in self.version.values
                if not value.always
            ),
        ]

    def _bits(self, what: str) -> pl.Expr:
        flags = [self.column(f"{what}_{number}") for number in range(len(self.conditions))]
        return bits(flags, bits_for(len(flags)))


def _of_version(parts: Iterable[_VersionPlan], what: str, scope: Scope, without: pl.Expr) -> pl.Expr:
    """A column of the version that each case is read under, or `without` where there is none."""
    found = without
    for part in parts:
        if part.applies_always:
            return part.column(what).alias(what)
        found = pl.when(part.column("applies")).then(part.column(what)).otherwise(found)
    return found.alias(what)


def _value(parts: Iterable[_VersionPlan], name: str, scope: Scope, rule: Rule) -> pl.Expr:
    having = [part for part in parts if any(value.name == name for value in part.version.values)]
    kind = _plan_type(name, rule)
    found = _of_version(having, name, scope, days.fixed(None, kind))
    return found if name == AMOUNT else found.cast(VALUE_TYPES[name])


def _without_version(scope: Scope, outcomes: Mapping[str, int]) -> pl.Expr:
    needs, none = (days.fixed(outcomes[name], _CODE) for name in (NEEDS_FACTS, NOT_IN_FORCE))
    return pl.when(scope.reading.is_null()).then(needs).otherwise(none)


def _plan_type(value: str, rule: Rule) -> pl.DataType:
    if value != AMOUNT:
        return days.DAY
    return pl.Int64() if rule.gives_whole_amounts else SCALED


def bits_for(conditions: int) -> pl.DataType:
    """The smallest type with a bit for each condition."""
    return next(kind for width, kind in _BITS.items() if conditions <= width)
