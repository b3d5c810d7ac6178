"""Who would the people in the register be, if only published figures and stated assumptions are known?

In go the figures under `params/` and a seed, out comes a register frame that looks like a real one and holds nobody.
Totals, nationality, sex, age, months and protection follow publications; families and all other facts are assumptions
(see `docs/synthetic_register.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from stellwerk.distribution.apportionment import largest_remainder
from stellwerk.errors import StellwerkError, nearest
from stellwerk.law.vocabulary import Attribute, Vocabulary
from stellwerk.register.draws import Draws
from stellwerk.register.facts import drawn_column
from stellwerk.register.figures import Population, load_population
from stellwerk.register.persons import (
    FEMALE,
    MALE,
    Persons,
    applicant_cells,
    cells_by_nationality,
    draw_persons,
    enum_series,
    ukraine_cells,
)
from stellwerk.register.procedures import (
    Columns,
    asylum_columns,
    tolerated_columns,
    tolerated_months,
    ukraine_columns,
)
from stellwerk.register.values import dtype_of

FEWEST_CASES, MOST_CASES = 1, 10_000_000  # more than ten million persons do not fit into the memory of one machine
_ID_DIGITS = 7
_SUBJECT = "case"


class CasesOutOfRange(StellwerkError):
    """A register of no, fewer or too many persons is wanted."""


class UnknownSyntheticAttribute(StellwerkError):
    """The parameters draw an attribute that the vocabulary does not have."""


def synthesize(
    params: Path, vocabulary: Vocabulary, *, year: int = 2022, cases: int | None = None, seed: int = 1
) -> pl.DataFrame:
    """Draw a synthetic register of `year` from the folder `params`.

    Without `cases` the groups have their published sizes; with it they are scaled, by largest remainder.
    """
    if cases is not None and not FEWEST_CASES <= cases <= MOST_CASES:
        raise CasesOutOfRange(cases=cases, least=FEWEST_CASES, most=MOST_CASES)
    population = load_population(params, year)
    attributes = vocabulary.attributes(_SUBJECT)
    draws = Draws(seed)
    sizes = group_sizes(population, cases)
    parts = [_group(group, size, population, attributes, draws) for group, size in sizes.items() if size]
    frame = _families_in_random_order(parts, draws)
    known = [name for name in attributes if name in frame.columns]
    return frame.select(pl.col(name).cast(dtype_of(attributes[name].type)) for name in known)


def group_sizes(population: Population, cases: int | None) -> dict[str, int]:
    """How many persons each group has."""
    sizes = {name: group.size.value for name, group in population.figures.groups.items()}
    if cases is None:
        return sizes
    scaled = largest_remainder(cases, {name: Fraction(size) for name, size in sizes.items()})
    return {name: scaled[name] for name in sizes}


def synthetic_summary(frame: pl.DataFrame) -> pl.DataFrame:
    """Persons, families, minors alone, open decisions and unknown nationalities, by residence status."""
    return (
        frame.group_by("status")
        .agg(
            persons=pl.len(),
            families=pl.col("family_id").n_unique(),
            women=(pl.col("sex") == FEMALE).sum(),
            unaccompanied_minors=pl.col("unaccompanied_minor").sum(),
            applications=pl.col("application_lodged_on").is_not_null().sum(),
            open_applications=(pl.col("application_lodged_on").is_not_null() & pl.col("bamf_decision").is_null()).sum(),
            nationalities=pl.col("nationality").n_unique(),
        )
        .sort(pl.col("status").cast(pl.String))
    )


def _group(
    group: str, size: int, population: Population, attributes: Mapping[str, Attribute], draws: Draws
) -> pl.DataFrame:
    decisions = attributes["bamf_decision"].type.code_list
    assert decisions is not None
    if group == "asylum":
        persons = draw_persons(group, applicant_cells(population), size, population, draws)
        columns = asylum_columns(persons, population, decisions, draws)
    elif group == "ukraine":
        persons = draw_persons(group, ukraine_cells(population), size, population, draws)
        columns = ukraine_columns(persons, population, draws)
    else:
        weights = tolerated_months(population).by_nationality()
        persons = draw_persons(group, cells_by_nationality(population, weights), size, population, draws)
        columns = tolerated_columns(persons, population, decisions, draws)
    columns |= _of_persons(persons, population, attributes, draws)
    for name, fact in population.figures.facts.of(group).items():
        if name not in attributes:
            raise UnknownSyntheticAttribute(name=name, near=nearest(name, attributes))
        columns[name] = drawn_column(fact, attributes[name], persons.age, draws)
    return pl.DataFrame(list(columns.values())).with_columns(family=pl.Series(persons.family))


def _of_persons(persons: Persons, population: Population, attributes: Mapping[str, Attribute], draws: Draws) -> Columns:
    n, family = persons.age.size, persons.family
    school_from, school_to = population.figures.school_age.value
    at_school = persons.minor & (persons.age >= school_from) & (persons.age <= school_to)
    with_child, with_pupil = np.zeros((2, persons.families), dtype=np.bool_)
    with_child[family[persons.minor]] = True
    with_pupil[family[at_school]] = True
    nationality = dtype_of(attributes["nationality"].type)
    return {
        "nationality": enum_series("nationality", persons.nationalities, persons.nationality, nationality),
        "sex": pl.Series("sex", [MALE, FEMALE]).gather(persons.female.astype(np.int64)),
        "unaccompanied_minor": pl.Series("unaccompanied_minor", persons.unaccompanied),
        "lives_with_minor_child": pl.Series("lives_with_minor_child", ~persons.minor & with_child[family]),
        "has_school_age_children": pl.Series("has_school_age_children", ~persons.minor & with_pupil[family]),
        "decision_date": pl.Series("decision_date", [None], dtype=pl.Date).gather(np.zeros(n, dtype=np.int64)),
        "tie_municipality": _ties(persons, population, attributes["tie_municipality"], draws),
    }


def _ties(persons: Persons, population: Population, attribute: Attribute, draws: Draws) -> pl.Series:
    tie = population.figures.tie_municipality
    places = tuple(population.municipalities["ags"])
    chosen = draws.pick(population.municipalities[tie.by].to_numpy().astype(np.float64), persons.families)
    tied = np.where(draws.chance(tie.share, persons.families), chosen, -1)
    return enum_series("tie_municipality", places, tied[persons.family], dtype_of(attribute.type))


def _families_in_random_order(parts: list[pl.DataFrame], draws: Draws) -> pl.DataFrame:
    """All groups in one frame, families shuffled and each kept together, the oldest member first."""
    starts = np.cumsum([0, *(int(part["family"].max()) + 1 for part in parts)])  # type: ignore[arg-type]  # integers
    together = pl.concat(
        [part.with_columns(pl.col("family") + int(start)) for part, start in zip(parts, starts, strict=False)],
        how="diagonal",
    )
    place = np.empty(int(starts[-1]), dtype=np.int64)
    place[draws.order(place.size)] = np.arange(place.size)
    family = place[together["family"].to_numpy()]
    order = np.lexsort((together["birth_date"].to_physical().to_numpy(), family))
    return (
        together.drop("family")[order]
        .with_columns(family=pl.Series(family[order] + 1))
        .with_columns(
            case_id="S-" + pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(_ID_DIGITS),
            family_id="F-" + pl.col("family").cast(pl.String).str.zfill(_ID_DIGITS),
        )
        .drop("family")
    )
