"""Which share of a whole falls to each place on a given day?

A key is data in `params/keys.yaml`: either published shares with the dates they apply to, or weighted shares of
columns of a reference table with a cap. In go a key, a day and the tables, out come exact fractions that sum to one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, model_validator

from stellwerk.distribution.apportionment import exact_shares
from stellwerk.distribution.reference import (
    ReferenceTables,
    UnknownPlace,
    exact_number,
    require_columns,
)
from stellwerk.documents import Document, Labels, ValueNotAllowed, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade, lowest_grade

Redistribution = Literal["iterate", "one_pass"]


class UnknownDistributionKey(StellwerkError):
    """No key has this name."""


class NoKeyOnDate(StellwerkError):
    """The key is not known for this day."""


class UnknownKeyChoice(StellwerkError):
    """A key does not offer this redistribution or this input column."""


class UnknownFacility(StellwerkError):
    """No credit is known for this kind of facility on this day."""


class Interval(Document):
    """A span of days, both ends inside; no end means: not known to have ended."""

    first: dt.date = Field(alias="from")
    last: dt.date | None = Field(default=None, alias="to")

    def holds(self, on: dt.date) -> bool:
        """Whether the day lies inside."""
        return self.first <= on and (self.last is None or on <= self.last)


class Credit(Interval):
    """The share of a kind of facility's planned places that counts as fulfilled, for a time."""

    facility: str
    factor: Decimal = Field(ge=0)
    evidence: EvidenceGrade


class Input(Document):
    """The columns an input may be read from; the first is the default."""

    columns: list[str] = Field(min_length=1)


class Cap(Document):
    """No place's key may exceed `factor` times its share of one input."""

    input: str
    factor: Decimal = Field(ge=1)
    redistribution: list[Redistribution] = Field(min_length=1)
    evidence: EvidenceGrade


class _Key(Document):
    label: Labels
    basis: str
    source: str
    evidence: EvidenceGrade
    places: str
    note: Labels | None = None


class PublishedShares(_Key):
    """A key whose shares somebody publishes, year by year."""

    kind: Literal["published_shares"]
    table: str
    share: str
    open_end: Labels


class WeightedShares(_Key):
    """A key that is computed from columns of a reference table."""

    kind: Literal["weighted_shares"]
    in_force: list[Interval]
    weights: dict[str, Decimal]
    inputs: dict[str, Input]
    cap: Cap | None = None
    credits: tuple[Credit, ...] = ()

    @model_validator(mode="after")
    def _names_its_inputs(self) -> WeightedShares:
        named = [*self.weights, *([self.cap.input] if self.cap else [])]
        for name in named:
            if name not in self.inputs:
                raise ValueError(name)
        return self


Key = PublishedShares | WeightedShares


KEYS_FILE = "keys.yaml"
KINDS: dict[str, type[PublishedShares] | type[WeightedShares]] = {
    "published_shares": PublishedShares,
    "weighted_shares": WeightedShares,
}


@dataclass(frozen=True)
class KeyShares:
    """The exact shares of a key on a day, with what they were made of."""

    key: Key
    shares: dict[str, Fraction]
    names: dict[str, str]
    evidence: str
    parts: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    uncapped: dict[str, Fraction] | None = None
    at_cap: frozenset[str] = frozenset()
    notes: tuple[Labels, ...] = ()
    choices: dict[str, str] = field(default_factory=dict)


def load_keys(tables: ReferenceTables) -> dict[str, Key]:
    """All keys of the checkout."""
    path = tables.params / KEYS_FILE
    data = read_document(path, path.name)
    return {str(name): _key(data, str(name), path.name) for name in data}


def _key(data: Mapping[str, Any], name: str, shown: str) -> Key:
    """One key, read by the model for its kind."""
    kind = data[name].get("kind")
    if kind not in KINDS:
        place = Place(shown, line_of(data, [name, "kind"]))
        raise ValueNotAllowed(place, key="kind", value=kind, allowed=list(KINDS), near=nearest(str(kind), KINDS))
    return validated(KINDS[kind], data[name], shown)


def find_key(key_id: str, tables: ReferenceTables) -> Key:
    """The key of this name, or an error that offers the nearest one."""
    keys = load_keys(tables)
    if key_id not in keys:
        raise UnknownDistributionKey(key=key_id, near=nearest(key_id, keys), known=sorted(keys))
    return keys[key_id]


def shares_on(
    key: Key,
    on: dt.date,
    tables: ReferenceTables,
    *,
    redistribution: str | None = None,
    population_base: str | None = None,
) -> KeyShares:
    """The exact shares of `key` on the day `on`."""
    if isinstance(key, PublishedShares):
        return _published(key, on, tables)
    return _weighted(key, on, tables, redistribution, population_base)


def credit_factor(key: WeightedShares, facility: str, on: dt.date) -> Credit:
    """The credit for a kind of facility on the day `on`."""
    on_day = {credit.facility: credit for credit in key.credits if credit.holds(on)}
    if facility not in on_day:
        raise UnknownFacility(facility=facility, on=on, near=nearest(facility, on_day), known=sorted(on_day))
    return on_day[facility]


def capped(
    key: Mapping[str, Fraction], limit: Mapping[str, Fraction], again: Callable[[int], bool]
) -> dict[str, Fraction]:
    """Cut each share to its limit and give the excess to the others in proportion to their key.

    `again(rounds)` says whether those whom the gift lifts above their own limit are cut in turn.
    """
    cut: set[str] = set()
    scale, rounds = Fraction(1), 0
    while over := {code for code in key if code not in cut and key[code] * scale > limit[code]}:
        cut |= over
        free = sum((share for code, share in key.items() if code not in cut), Fraction(0))
        scale = (1 - sum((limit[code] for code in cut), Fraction(0))) / free
        rounds += 1
        if not again(rounds):
            break
    return {code: limit[code] if code in cut else share * scale for code, share in key.items()}


REDISTRIBUTIONS: dict[str, Callable[[int], bool]] = {"iterate": lambda rounds: True, "one_pass": lambda rounds: False}


def _published(key: PublishedShares, on: dt.date, tables: ReferenceTables) -> KeyShares:
    file = f"{key.table}.csv"
    frame = tables.as_text(key.table)
    places = tables.key_column(key.table)
    require_columns(frame, [key.share, "applies_from", "applies_to", "evidence"], file)
    spans, shares, grades, ends = set(), {}, [], set()
    for line, row in enumerate(frame.iter_rows(named=True), start=2):
        span = Interval.model_validate({"from": row["applies_from"], "to": row["applies_to"]})
        spans.add((span.first, span.last))
        if span.holds(on):
            shares[row[places]] = exact_number(row[key.share], Place(file, line), key.share)
            grades.append(row["evidence"])
            ends.add(span.last)
    names = tables.names(key.places)
    if not shares:
        raise NoKeyOnDate(key=key.label.de, on=on, known=_spans_said(sorted(spans, key=lambda span: span[0])))
    missing = next((code for code in names if code not in shares), None)
    if missing is not None:
        raise UnknownPlace(Place(file), code=missing, near="", near_name="")
    notes = (key.open_end,) if None in ends else ()
    return KeyShares(key, exact_shares(dict(sorted(shares.items()))), names, lowest_grade(grades), notes=notes)


def _weighted(
    key: WeightedShares, on: dt.date, tables: ReferenceTables, redistribution: str | None, base: str | None
) -> KeyShares:
    if not any(span.holds(on) for span in key.in_force):
        raise NoKeyOnDate(key=key.label.de, on=on, known=_spans_said([(s.first, s.last) for s in key.in_force]))
    columns = {name: _choice(base if name == "population" else None, item.columns) for name, item in key.inputs.items()}
    parts = {name: exact_shares(tables.exact(key.places, column)) for name, column in columns.items()}
    names = tables.names(key.places)
    weight_sum = sum(key.weights.values())
    uncapped = {
        code: sum((Fraction(weight) * parts[name][code] for name, weight in key.weights.items()), Fraction(0))
        / Fraction(weight_sum)
        for code in names
    }
    if key.cap is None:
        return KeyShares(key, uncapped, names, key.evidence, parts, notes=_notes(key), choices=columns)
    how = _choice(redistribution, key.cap.redistribution)
    limit = {code: Fraction(key.cap.factor) * parts[key.cap.input][code] for code in names}
    shares = capped(uncapped, limit, REDISTRIBUTIONS[how])
    choices = {**columns, "redistribution": how}
    at_cap = frozenset(code for code in names if shares[code] == limit[code] > 0)
    return KeyShares(key, shares, names, key.evidence, parts, uncapped, at_cap, _notes(key), choices)


def _choice(wanted: str | None, offered: Sequence[str]) -> str:
    if wanted is None:
        return offered[0]
    if wanted not in offered:
        raise UnknownKeyChoice(choice=wanted, near=nearest(wanted, offered), known=list(offered))
    return wanted


def _notes(key: Key) -> tuple[Labels, ...]:
    return (key.note,) if key.note else ()


def _spans_said(spans: Sequence[tuple[dt.date, dt.date | None]]) -> list[str]:
    """Years where a span fills them, `2015`, `2020-` for an open end, else the two days."""
    return [_span_said(first, last) for first, last in spans]


def _span_said(first: dt.date, last: dt.date | None) -> str:
    starts_year = (first.month, first.day) == (1, 1)
    if last is None:
        return f"{first.year if starts_year else first}-"
    if starts_year and (last.month, last.day) == (12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year}-{last.year}"
    return f"{first} - {last}"
