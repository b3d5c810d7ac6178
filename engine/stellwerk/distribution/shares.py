"""Which share of a whole falls to each place on a given day?

In go a key, a day and the tables, out come exact fractions that sum to one, with what they were made of: the parts of
the inputs, the shares before the cap, the grades of evidence, and the choices that were made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from stellwerk.distribution.apportionment import exact_shares
from stellwerk.distribution.keys import (
    Force,
    Interval,
    Key,
    MixedShares,
    PublishedShares,
    Reduction,
    UnknownKeyInput,
    WeightedShares,
    find_key,
)
from stellwerk.distribution.reference import (
    ReferenceTables,
    UnknownPlace,
    exact_number,
    require_columns,
    require_places,
)
from stellwerk.documents import Labels
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade, lowest_grade
from stellwerk.texts import LANGUAGES, text

Values = Mapping[str, Mapping[str, Fraction]]  # input -> place -> number


class NoKeyOnDate(StellwerkError):
    """The key is not known for this day."""


class UnknownKeyChoice(StellwerkError):
    """A key does not offer this redistribution or this input column."""


class InverseOfZero(StellwerkError):
    """A key weighs the inverse of an input that is zero for a place."""


@dataclass(frozen=True)
class Weighing:
    """The shares of a weighted key, and the steps before them: parts of the inputs, shares before the cap."""

    shares: dict[str, Fraction]
    parts: dict[str, dict[str, Fraction]]
    uncapped: dict[str, Fraction] | None = None
    at_cap: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KeyShares:
    """The exact shares of a key on a day, with what they were made of; places that it does not bind have zero."""

    key: Key
    shares: dict[str, Fraction]
    names: dict[str, str]
    grades: dict[str, EvidenceGrade]
    parts: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    uncapped: dict[str, Fraction] | None = None
    at_cap: frozenset[str] = frozenset()
    notes: tuple[Labels, ...] = ()
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def evidence(self) -> EvidenceGrade:
        """The weakest grade of all that the shares rest on."""
        return lowest_grade(list(self.grades.values()))


def shares_on(
    key: Key,
    on: dt.date,
    tables: ReferenceTables,
    *,
    redistribution: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> KeyShares:
    """The exact shares of `key` on the day `on`; `columns` reads an input from another of its columns."""
    if isinstance(key, PublishedShares):
        _check_inputs_named(columns, {})
        return _published(key, on, tables)
    if isinstance(key, WeightedShares):
        return _weighted(key, on, tables, redistribution, columns)
    return _mixed(key, on, tables, redistribution, columns)


def input_values(key: WeightedShares, tables: ReferenceTables, columns: Mapping[str, str]) -> Values:
    """What the inputs of a key are for the places that it binds; `columns` says from where each is read."""
    read = {
        name: tables.exact_inside(key.places, item.table or key.places, columns[name])
        for name, item in key.inputs.items()
    }
    return {
        name: {code: value for code, value in values.items() if code not in key.excluded_codes}
        for name, values in read.items()
    }


def input_columns(key: WeightedShares, wanted: Mapping[str, str] | None) -> dict[str, str]:
    """The column that each input is read from: the wanted one, else the input's first."""
    _check_inputs_named(wanted, key.inputs)
    return {name: _choice((wanted or {}).get(name), item.columns) for name, item in key.inputs.items()}


def weigh(key: WeightedShares, values: Values, redistribution: str | None = None) -> Weighing:
    """The shares of a weighted key from the values of its inputs: parts, limits, weights, correctives, cuts."""
    parts = {name: exact_shares(_measured(key, name, values)) for name in key.inputs}
    limited = {name: _limited(key, name, parts) for name in key.weights}
    base = _weighted_sum(key, limited, parts)
    base = _corrected(base, {name: (Fraction(weight), values[name]) for name, weight in key.correctives.items()})
    for reduction in key.reductions:
        base = reduced(base, reduction)
    if key.cap is None:
        return Weighing(base, parts)
    limit = {code: Fraction(key.cap.factor) * parts[key.cap.input][code] for code in base}
    shares = capped(base, limit, REDISTRIBUTIONS[_choice(redistribution, key.cap.redistribution)])
    return Weighing(shares, parts, base, frozenset(code for code in base if shares[code] == limit[code] > 0))


def capped(
    key: Mapping[str, Fraction], limit: Mapping[str, Fraction], again: Callable[[int], bool]
) -> dict[str, Fraction]:
    """Cut each share to its limit and give the excess to the others in proportion to their key.

    `again(rounds)` says whether those whom the gift lifts above their own limit are cut in turn. Each round cuts at
    least one more place, so there are at most as many rounds as places.
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


def reduced(key: Mapping[str, Fraction], reduction: Reduction) -> dict[str, Fraction]:
    """Leave the reduction's places a part of their share and give the rest to all others in proportion to theirs."""
    places = set(reduction.codes)
    kept, factor = sum((key[code] for code in places), Fraction(0)), Fraction(reduction.factor)
    if kept == 1:
        return dict(key)
    scale = (1 - factor * kept) / (1 - kept)
    return {code: share * (factor if code in places else scale) for code, share in key.items()}


def _measured(key: WeightedShares, name: str, values: Values) -> dict[str, Fraction]:
    """An input as it counts: its value or the inverse of it, times the inputs it is multiplied with."""
    item, measured = key.inputs[name], dict(values[name])
    if item.effect == "inverse":
        zero = next((code for code, value in measured.items() if value == 0), None)
        if zero is not None:
            raise InverseOfZero(key=key.label.de, input=name, code=zero)
        measured = {code: 1 / value for code, value in measured.items()}
    for factor in item.times:
        measured = {code: value * values[factor][code] for code, value in measured.items()}
    return measured


def _limited(key: WeightedShares, name: str, parts: Values) -> dict[str, Fraction]:
    """An input's part, nowhere above its limit."""
    limit = key.inputs[name].limit
    if limit is None:
        return dict(parts[name])
    factor = Fraction(limit.factor)
    return {
        code: min(part, factor * sum((parts[other][code] for other in limit.of), Fraction(0)))
        for code, part in parts[name].items()
    }


def _weighted_sum(key: WeightedShares, limited: Values, parts: Values) -> dict[str, Fraction]:
    """The weighted parts, and what the limits cut off by the mean of the parts named as residual."""
    whole = Fraction(sum(key.weights.values()))
    weights = {name: Fraction(weight) / whole for name, weight in key.weights.items()}
    codes = list(next(iter(limited.values())))
    base = {code: sum((weights[name] * limited[name][code] for name in weights), Fraction(0)) for code in codes}
    left = 1 - sum(base.values(), Fraction(0))
    if not left:
        return base
    mean = {code: sum((parts[name][code] for name in key.residual), Fraction(0)) / len(key.residual) for code in codes}
    return {code: base[code] + left * mean[code] for code in codes}


def _corrected(
    base: Mapping[str, Fraction], loads: Mapping[str, tuple[Fraction, Mapping[str, Fraction]]]
) -> dict[str, Fraction]:
    """Each share times one plus strength x (1 - load / mean load) for each load, never below zero.

    The mean is weighed by the shares, so that the corrections cancel out and whoever bears less than the mean gains.
    """
    factors = dict.fromkeys(base, Fraction(1))
    for strength, load in loads.values():
        mean = sum((base[code] * load[code] for code in base), Fraction(0))
        factors = {code: factor + strength * (1 - load[code] / mean) for code, factor in factors.items()}
    return exact_shares({code: share * max(Fraction(0), factors[code]) for code, share in base.items()})


def _published(key: PublishedShares, on: dt.date, tables: ReferenceTables) -> KeyShares:
    file = f"{key.table}.csv"
    frame = tables.as_text(key.table)
    places = tables.key_column(key.table)
    require_columns(frame, [key.share, "applies_from", "applies_to", "evidence", *key.where], file)
    spans, shares, grades, ends = set(), {}, [], set()
    for line, row in enumerate(frame.iter_rows(named=True), start=2):
        if any(row[column] != wanted for column, wanted in key.where.items()):
            continue
        span = Interval.model_validate({"from": row["applies_from"], "to": row["applies_to"]})
        spans.add((span.first, span.last))
        if span.holds(on):
            shares[row[places]] = exact_number(row[key.share], Place(file, line), key.share)
            grades.append(row["evidence"])
            ends.add(span.last)
    names = tables.names(key.places)
    if not shares:
        raise NoKeyOnDate(key=key.label.de, on=on, known=_spans_said(sorted(spans, key=lambda span: span[0])))
    missing = next((code for code in names if code not in shares and code not in key.excluded_codes), None)
    if missing is not None:
        raise UnknownPlace(Place(file), code=missing, near="", near_name="")
    notes = _notes(key, key.open_end if None in ends else None)
    return KeyShares(key, _everywhere(exact_shares(shares), names), names, {file: lowest_grade(grades)}, notes=notes)


def _weighted(
    key: WeightedShares,
    on: dt.date,
    tables: ReferenceTables,
    redistribution: str | None,
    wanted: Mapping[str, str] | None,
) -> KeyShares:
    force = _force_on(key, on)
    names = tables.names(key.places)
    for reduction in key.reductions:
        require_places(reduction.codes, names)
    require_places(key.excluded_codes, names)
    columns = input_columns(key, wanted)
    made = weigh(key, input_values(key, tables, columns), redistribution)
    chosen = {"redistribution": _choice(redistribution, key.cap.redistribution)} if key.cap else {}
    return KeyShares(
        key,
        _everywhere(made.shares, names),
        names,
        _grades(key, force, columns, tables),
        {name: _everywhere(part, names) for name, part in made.parts.items()},
        None if made.uncapped is None else _everywhere(made.uncapped, names),
        made.at_cap,
        _notes(key, force.note if force else None),
        {**columns, **chosen},
    )


def _mixed(
    mixture: MixedShares,
    on: dt.date,
    tables: ReferenceTables,
    redistribution: str | None,
    wanted: Mapping[str, str] | None,
) -> KeyShares:
    made, weights = {}, {name: Fraction(weight) for name, weight in mixture.keys.items()}
    inputs: set[str] = set()
    for name in mixture.keys:
        key = find_key(name, tables)
        own = key.inputs if isinstance(key, WeightedShares) else {}
        inputs |= set(own)
        columns = {choice: column for choice, column in (wanted or {}).items() if choice in own}
        made[name] = shares_on(key, on, tables, redistribution=redistribution, columns=columns)
    _check_inputs_named(wanted, inputs)
    names, whole = tables.names(mixture.places), sum(weights.values())
    shares = {code: sum((weights[name] * made[name].shares[code] for name in made), Fraction(0)) for code in names}
    notes = dict.fromkeys(note for part in made.values() for note in part.notes)
    return KeyShares(
        mixture,
        {code: share / whole for code, share in shares.items()},
        names,
        {"key": mixture.evidence, **{name: part.evidence for name, part in made.items()}},
        {name: part.shares for name, part in made.items()},
        notes=(*_notes(mixture, None), *notes),
        choices={f"{name}.{what}": choice for name, part in made.items() for what, choice in part.choices.items()},
    )


def _force_on(key: WeightedShares, on: dt.date) -> Force | None:
    """The time of use that holds the day; a key that never was law and names none can be asked on any day."""
    if not key.in_force:
        return None
    for force in key.in_force:
        if force.holds(on):
            return force
    raise NoKeyOnDate(key=key.label.de, on=on, known=_spans_said([(span.first, span.last) for span in key.in_force]))


def _grades(
    key: WeightedShares, force: Force | None, columns: Mapping[str, str], tables: ReferenceTables
) -> dict[str, EvidenceGrade]:
    """The grade of everything that the shares rest on, by the name of the part."""
    parts: dict[str, EvidenceGrade | None] = {"key": key.evidence, "in_force": force.evidence if force else None}
    parts |= {columns[name]: tables.grade(item.table or key.places, columns[name]) for name, item in key.inputs.items()}
    parts |= {name: item.evidence for name, item in key.inputs.items()}
    parts |= {f"{name}.limit": item.limit.evidence for name, item in key.inputs.items() if item.limit}
    parts |= {reduction.label.de: reduction.evidence for reduction in key.reductions}
    parts |= {"excluded": key.excluded.evidence if key.excluded else None}
    parts |= {"cap": key.cap.evidence if key.cap else None}
    return {name: grade for name, grade in parts.items() if grade}


def _everywhere(shares: Mapping[str, Fraction], names: Mapping[str, str]) -> dict[str, Fraction]:
    """The shares of all places in the order of their codes, zero where the key does not bind."""
    return {code: shares.get(code, Fraction(0)) for code in names}


def _check_inputs_named(wanted: Mapping[str, str] | None, inputs: Collection[str]) -> None:
    for name in wanted or {}:
        if name not in inputs:
            raise UnknownKeyInput(input=name, near=nearest(name, inputs), known=sorted(inputs))


def _choice(wanted: str | None, offered: Sequence[str]) -> str:
    if wanted is None:
        return offered[0]
    if wanted not in offered:
        raise UnknownKeyChoice(choice=wanted, near=nearest(wanted, offered), known=list(offered))
    return wanted


def _notes(key: Key, of_the_day: Labels | None) -> tuple[Labels, ...]:
    """What has to be said with the shares: that the key is no law, the key's own note, that of the day."""
    return tuple(note for note in (_status_said(key), key.note, of_the_day) if note)


def _status_said(key: Key) -> Labels | None:
    if key.status == "law":
        return None
    return Labels(**{language: text(f"key_status_{key.status}", language) for language in LANGUAGES})


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
