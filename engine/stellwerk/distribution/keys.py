"""Which keys are there, and what is each made of?

A key is data in `params/keys.yaml`: published shares, weighted shares of columns of a reference table, or a mixture of
other keys. In goes the file, out come checked models; `shares.py` turns a key into exact shares on a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import Field

from stellwerk.distribution.reference import ReferenceTables
from stellwerk.documents import Document, Labels, MissingKey, ValueNotAllowed, line_of, read_document, validated
from stellwerk.errors import Place, StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

Redistribution = Literal["iterate", "one_pass"]
Status = Literal["law", "proposal", "demand", "comparison"]


class UnknownDistributionKey(StellwerkError):
    """No key has this name."""


class UnknownFacility(StellwerkError):
    """No credit is known for this kind of facility on this day."""


class NoPartOfAMixture(StellwerkError):
    """A mixture names a key that is unknown, a mixture itself, or made for other places."""


class UnknownKeyInput(StellwerkError):
    """A key has no input of this name."""


class WeightNotPositive(StellwerkError):
    """A weight is zero or less; an input that should not count is left out of the key."""


class KeyWithoutWeights(StellwerkError):
    """Weights are given for a key that weighs nothing itself."""


class Interval(Document):
    """A span of days, both ends inside; no end means: not known to have ended."""

    first: dt.date = Field(alias="from")
    last: dt.date | None = Field(default=None, alias="to")

    def holds(self, on: dt.date) -> bool:
        """Whether the day lies inside."""
        return self.first <= on and (self.last is None or on <= self.last)


class Force(Interval):
    """A time in which a key is used; an own grade and note where they differ from the key's."""

    evidence: EvidenceGrade | None = None
    note: Labels | None = None


class Credit(Interval):
    """The share of a kind of facility's planned places that counts as fulfilled, for a time."""

    facility: str
    factor: Decimal = Field(ge=0)
    evidence: EvidenceGrade


class Limit(Document):
    """An input's part may not exceed `factor` times the sum of the parts of other inputs."""

    factor: Decimal = Field(gt=0)
    of: list[str] = Field(min_length=1)
    evidence: EvidenceGrade


class Input(Document):
    """What is weighed: a column's share of the sum, or the share of its inverse, wherever wanted times other inputs.

    The first of `columns` is the default. `table` names a coarser table whose value counts for each place inside.
    """

    columns: list[str] = Field(min_length=1)
    table: str | None = None
    effect: Literal["share", "inverse"] = "share"
    times: tuple[str, ...] = ()
    limit: Limit | None = None
    evidence: EvidenceGrade | None = None


class Cap(Document):
    """No place's key may exceed `factor` times its share of one input."""

    input: str
    factor: Decimal = Field(ge=1)
    redistribution: list[Redistribution] = Field(min_length=1)
    evidence: EvidenceGrade


class Reduction(Document):
    """Some places keep `factor` of their key; what they lose goes to all others in proportion to their key."""

    label: Labels
    factor: Decimal = Field(ge=0, le=1)
    codes: list[str] = Field(min_length=1)
    source: str
    evidence: EvidenceGrade


class Excluded(Document):
    """Places that the key does not bind."""

    codes: list[str] = Field(min_length=1)
    source: str
    evidence: EvidenceGrade


class Assignment(Document):
    """What a weekly assignment heeds besides the key: below which fulfilment a place has to catch up."""

    catch_up_below: Decimal = Field(gt=0, le=1)
    basis: str
    evidence: EvidenceGrade


class _Key(Document):
    label: Labels
    whom: Labels
    status: Status = "law"
    basis: str
    source: str
    evidence: EvidenceGrade
    places: str
    excluded: Excluded | None = None
    note: Labels | None = None

    @property
    def excluded_codes(self) -> frozenset[str]:
        """The codes of the places that the key does not bind."""
        return frozenset(self.excluded.codes if self.excluded else ())


class PublishedShares(_Key):
    """A key whose shares somebody publishes, for a time; `where` picks one of several sets in the table."""

    kind: Literal["published_shares"]
    table: str
    share: str
    where: dict[str, str] = Field(default_factory=dict)
    open_end: Labels | None = None


class WeightedShares(_Key):
    """A key that is computed from columns of a reference table.

    `residual` names the inputs in proportion to whose mean goes what the inputs' limits cut off. `correctives` name
    loads with a strength: the weighted share grows by strength x (1 - load / mean load), so who bears more gets less.
    """

    kind: Literal["weighted_shares"]
    in_force: tuple[Force, ...] = ()
    weights: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(min_length=1)
    inputs: dict[str, Input]
    residual: tuple[str, ...] = ()
    correctives: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(default_factory=dict)
    reductions: tuple[Reduction, ...] = ()
    cap: Cap | None = None
    credits: tuple[Credit, ...] = ()
    assignment: Assignment | None = None

    @property
    def named_inputs(self) -> list[str]:
        """Every input that some part of the key refers to, as often as it does."""
        within = [[*item.times, *(item.limit.of if item.limit else [])] for item in self.inputs.values()]
        capped = [self.cap.input] if self.cap else []
        return [*self.weights, *self.residual, *self.correctives, *capped, *chain.from_iterable(within)]


class MixedShares(_Key):
    """Several keys at once, each for its part of the persons."""

    kind: Literal["mixed_shares"]
    keys: dict[str, Annotated[Decimal, Field(gt=0)]] = Field(min_length=1)


Key = PublishedShares | WeightedShares | MixedShares


KEYS_FILE = "keys.yaml"
KINDS: dict[str, type[PublishedShares] | type[WeightedShares] | type[MixedShares]] = {
    "published_shares": PublishedShares,
    "weighted_shares": WeightedShares,
    "mixed_shares": MixedShares,
}


def load_keys(tables: ReferenceTables) -> dict[str, Key]:
    """All keys of the checkout, in the order of the file."""
    path = tables.params / KEYS_FILE
    data = read_document(path, path.name)
    keys = {str(name): _key(data, str(name), path.name) for name in data}
    for name, key in keys.items():
        place = Place(path.name, line_of(data, [name]))
        if isinstance(key, WeightedShares):
            _check_inputs(key, place)
        if isinstance(key, MixedShares):
            _check_mixture(key, keys, place)
    return keys


def find_key(key_id: str, tables: ReferenceTables) -> Key:
    """The key of this name, or an error that offers the nearest one."""
    keys = load_keys(tables)
    if key_id not in keys:
        raise UnknownDistributionKey(key=key_id, near=nearest(key_id, keys), known=sorted(keys))
    return keys[key_id]


def with_weights(key: Key, weights: Mapping[str, Decimal]) -> Key:
    """The key with some weights changed; it is then no law but a modelling choice of whoever changed them."""
    if not weights:
        return key
    if not isinstance(key, WeightedShares):
        raise KeyWithoutWeights(key=key.label.de)
    for name, weight in weights.items():
        if name not in key.weights:
            raise UnknownKeyInput(input=name, near=nearest(name, key.weights), known=list(key.weights))
        if not weight > 0:
            raise WeightNotPositive(input=name, weight=weight)
    changed: dict[str, object] = {"weights": {**key.weights, **weights}, "evidence": "modelling_choice"}
    return key.model_copy(update=changed | ({"status": "comparison"} if key.status == "law" else {}))


def credit_factor(key: WeightedShares, facility: str, on: dt.date) -> Credit:
    """The credit for a kind of facility on the day `on`."""
    on_day = {credit.facility: credit for credit in key.credits if credit.holds(on)}
    if facility not in on_day:
        raise UnknownFacility(facility=facility, on=on, near=nearest(facility, on_day), known=sorted(on_day))
    return on_day[facility]


def _key(data: Mapping[str, Any], name: str, shown: str) -> Key:
    """One key, read by the model for its kind."""
    kind = data[name].get("kind")
    if kind not in KINDS:
        place = Place(shown, line_of(data, [name, "kind"]))
        raise ValueNotAllowed(place, key="kind", value=kind, allowed=list(KINDS), near=nearest(str(kind), KINDS))
    return validated(KINDS[kind], data[name], shown)


def _check_inputs(key: WeightedShares, place: Place) -> None:
    """What a key refers to must be there: its inputs, a first day of law, and a place for what limits cut off."""
    for name in key.named_inputs:
        if name not in key.inputs:
            raise UnknownKeyInput(place, input=name, near=nearest(name, key.inputs), known=list(key.inputs))
    if key.status == "law" and not key.in_force:
        raise MissingKey(place, key="in_force")
    if any(item.limit for item in key.inputs.values()) and not key.residual:
        raise MissingKey(place, key="residual")


def _check_mixture(mixture: MixedShares, keys: Mapping[str, Key], place: Place) -> None:
    """A mixture's parts are keys of the same places, and no mixtures."""
    fitting = [name for name, key in keys.items() if not isinstance(key, MixedShares) and key.places == mixture.places]
    for part in mixture.keys:
        if part not in fitting:
            raise NoPartOfAMixture(place, key=part, near=nearest(part, fitting), known=fitting)
