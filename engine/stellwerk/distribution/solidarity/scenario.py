"""What does a solidarity scenario assume, and where does each assumption come from?

A scenario is data in `params/solidarity/<name>.yaml`: the pool, the states' standing, their pledges and costs, and
what refusing would risk. In goes the file, out comes a checked model; each figure carries a source and a grade, or
names a parameter or a listing of the law, which `resolved` looks up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from stellwerk.distribution.solidarity.take_or_pay import Indifferent
from stellwerk.documents import Document, Labels, read_document, validated
from stellwerk.documents import Mapping as WithLines
from stellwerk.errors import StellwerkError, nearest
from stellwerk.provenance import EvidenceGrade

Others = Literal["least_cost", "pay"]

FOLDER = "solidarity"
LIKE = "like"
INSTRUMENTS_FILE = "instruments.yaml"


class UnknownSolidarityScenario(StellwerkError):
    """No scenario of `params/solidarity/` has this name."""


class FigureWithoutValue(StellwerkError):
    """A figure has neither a value nor a parameter of the law, or both."""


class ScenarioValueImpossible(StellwerkError):
    """A value set for one run that is no number, or none of the words allowed."""


class ScenarioNumberImpossible(StellwerkError):
    """A number of persons that is not whole or below zero."""


class UnknownScenarioValue(StellwerkError):
    """A value that one run wants to set otherwise, but that cannot be changed by name."""


class UnknownInstrument(StellwerkError):
    """A scenario names an instrument of pressure that the file of instruments does not know."""


class Sourced(Document):
    """Something with a source and a grade."""

    source: str
    evidence: EvidenceGrade


class Figure(Document):
    """A number: written here with its source, or the name of a parameter of the law, read at the scenario's day."""

    value: Decimal | None = None
    parameter: str | None = None
    source: str = ""
    evidence: EvidenceGrade = "modelling_choice"


class Codes(Document):
    """Some states: written here with their source, or the name of a listing of the law."""

    states: list[str] | None = None
    listing: str | None = None
    source: str = ""
    evidence: EvidenceGrade = "modelling_choice"


class Deduction(Sourced):
    """The part of a state's fair share that the Council deducts, 0 to 1."""

    share: Decimal = Field(ge=0, le=1)


class Pledge(Sourced):
    """What a state gives by its own word; `rest` stands for all that it owes beyond the other parts."""

    relocated: int = Field(default=0, ge=0)
    offset: Annotated[int, Field(ge=0)] | Literal["rest"] = 0
    paid: Annotated[Decimal, Field(ge=0)] | Literal["rest"] = Decimal(0)
    measures: Decimal = Field(default=Decimal(0), ge=0)


class StateCost(Sourced):
    """A state's own cost: of the first person in EUR, and the rise from one person to the next."""

    first: Decimal
    slope: Decimal = Field(default=Decimal(0), ge=0)


class Costs(Document):
    """How costs follow from reference tables where a state has none of its own.

    The first person costs `gdp_share` of the state's GDP a head; at its whole fair share the cost of a person has risen
    by `rise` (0.5: half as much again). `aversion` is added for each person, EUR, whatever its ground.
    """

    population: str
    gdp: str
    gdp_unit: Figure
    gdp_share: Figure
    rise: Figure
    aversion: Figure
    capacity: Figure  # the most persons a state takes, as a part of what it owes
    states: dict[str, StateCost] = Field(default_factory=dict)


class PriceRange(Document):
    """Prices for the curve, EUR, and the target whose price is asked for (a part of what all owe)."""

    first: int = Field(gt=0)
    last: int = Field(gt=0)
    step: int = Field(gt=0)
    target: Figure


class Wishes(Document):
    """How many a state would like to take: a part of its obligation by default, or a number of its own."""

    share: Figure
    states: dict[str, int] = Field(default_factory=dict)


class Withholding(Document):
    """What refusing would risk, by which instrument."""

    instrument: str
    withheld: Figure
    probability: Figure
    discount: Figure
    funds: dict[str, Figure]
    gains: dict[str, Figure] = Field(default_factory=dict)
    fines: dict[str, Figure] = Field(default_factory=dict)
    loads: dict[str, Figure] = Field(default_factory=dict)


class Scenario(Document):
    """A scenario of solidarity between member states."""

    title: Labels
    note: Labels
    on: dt.date
    key: str
    places: str
    reference: Figure
    price: Figure
    receipt: Figure
    sending: Figure
    benefitting: Codes
    needs: dict[str, Figure] = Field(default_factory=dict)
    deductions: dict[str, Deduction] = Field(default_factory=dict)
    refusals: dict[str, Sourced] = Field(default_factory=dict)
    pledges: dict[str, Pledge] = Field(default_factory=dict)
    reported: Pledge | None = None  # what is said to have arrived in all, to set beside the result
    others: Others
    indifferent: Indifferent = "takes"
    costs: Costs
    prices: PriceRange
    wishes: Wishes
    withholding: Withholding
    rules: list[str] = Field(default_factory=list)


class Instrument(Sourced):
    """A means of pressure: what it is, whether it can punish a refusal, and since when or whether it is law."""

    label: Labels
    effect: Labels
    status: Literal["law", "proposal"]


class Instruments(Document):
    """All of `params/solidarity/instruments.yaml`."""

    instruments: dict[str, Instrument]


Lookup = Callable[[str, dt.date], Figure]
ListingLookup = Callable[[str, dt.date], Codes]
# what one run may set otherwise: figures, and words with what they may be (nothing: whatever key there is)
CHANGEABLE_FIGURES = ("reference", "price", "receipt")
CHANGEABLE_WORDS: dict[str, tuple[str, ...]] = {
    "key": (),
    "others": get_args(Others),
    "indifferent": get_args(Indifferent),
}


def scenario_names(params: Path) -> list[str]:
    """The names of all scenarios of the checkout."""
    return sorted(path.stem for path in (params / FOLDER).glob("*.yaml") if path.name != INSTRUMENTS_FILE)


def load_scenario(name: str, params: Path) -> Scenario:
    """The scenario of that name, or an error that offers the nearest one."""
    known = scenario_names(params)
    if name not in known:
        raise UnknownSolidarityScenario(scenario=name, near=nearest(name, known), known=known)
    shown = f"{FOLDER}/{name}.yaml"
    data = read_document(params / shown, shown)
    return validated(Scenario, _completed(data, params), shown)


def changed(scenario: Scenario, values: Mapping[str, str]) -> Scenario:
    """The scenario with some values set for one run; a figure set so counts as an assumption of whoever set it."""
    return scenario.model_copy(update={name: _changed(name, value) for name, value in values.items()})


def _changed(name: str, value: str) -> Figure | str:
    if name in CHANGEABLE_FIGURES:
        try:
            return Figure(value=Decimal(value))
        except (InvalidOperation, ValidationError):
            raise ScenarioValueImpossible(name=name, value=value, allowed="") from None
    if name not in CHANGEABLE_WORDS:
        known = [*CHANGEABLE_FIGURES, *CHANGEABLE_WORDS]
        raise UnknownScenarioValue(name=name, near=nearest(name, known), known=known)
    allowed = CHANGEABLE_WORDS[name]
    if allowed and value not in allowed:
        raise ScenarioValueImpossible(name=name, value=value, allowed=allowed)
    return value


def _completed(data: WithLines, params: Path) -> WithLines:
    """A scenario that is like another one takes from it every part that it does not have itself."""
    if LIKE not in data:
        return data
    known = scenario_names(params)
    name = str(data.pop(LIKE))
    if name not in known:
        raise UnknownSolidarityScenario(scenario=name, near=nearest(name, known), known=known)
    shown = f"{FOLDER}/{name}.yaml"
    other = _completed(read_document(params / shown, shown), params)
    validated(Scenario, other, shown)  # a mistake in what is taken over is told where it stands
    for part in other.keys() - data.keys():
        data[part], data.key_lines[part] = other[part], data.line
    return data


def load_instruments(params: Path) -> dict[str, Instrument]:
    """All means of pressure with their legal status."""
    path = params / FOLDER / INSTRUMENTS_FILE
    shown = f"{FOLDER}/{path.name}"
    return validated(Instruments, read_document(path, shown), shown).instruments


def find_instrument(name: str, params: Path) -> Instrument:
    """The instrument of that name, or an error that offers the nearest one."""
    known = load_instruments(params)
    if name not in known:
        raise UnknownInstrument(instrument=name, near=nearest(name, known), known=sorted(known))
    return known[name]


def resolved(figure: Figure, name: str, on: dt.date, lookup: Lookup) -> Figure:
    """The figure with its value; a parameter of the law brings its value, basis and grade along."""
    if (figure.value is None) == (figure.parameter is None):
        raise FigureWithoutValue(figure=name)
    return figure if figure.parameter is None else lookup(figure.parameter, on)


def number(figure: Figure) -> Fraction:
    """The value of a resolved figure, exactly."""
    assert figure.value is not None
    return Fraction(figure.value)
