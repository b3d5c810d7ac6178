"""What does a scenario rest on besides the figures of the flow model? Lines with value, source and evidence.

In go the scenario, the published arrivals it draws on and the rules that gave the terms of stay; out come the
assumptions that stand beside the results. A number without a published source is told as an assumption.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from pydantic import BaseModel

from stellwerk import formats
from stellwerk.documents import Labels
from stellwerk.flows.arrivals import ArrivalPlan, known_years
from stellwerk.flows.figures import FlowData, Quantity
from stellwerk.flows.results import Assumption
from stellwerk.flows.scenario import ReceptionScenario
from stellwerk.law.rulebook import Rulebook
from stellwerk.provenance import EVIDENCE_GRADES, EvidenceGrade, lowest_grade
from stellwerk.texts import LANGUAGES, catalogue, text


def scenario_assumptions(
    scenario: ReceptionScenario, data: FlowData, weeks: Sequence[dt.date]
) -> tuple[Assumption, ...]:
    """What the scenario states, and the published arrivals it takes, year by year."""
    places, practice = scenario.places, scenario.assignment
    lines = list(_arrivals_taken(scenario, data, weeks))
    if scenario.start_stock:
        start = scenario.start_stock
        lines.append(_line("start_stock", f"{start.persons}", "persons", start.source, start.evidence))
    for name, value, unit in (
        ("reserve", places.reserve, "places"),
        ("opens_after_weeks", places.opens_after_weeks, "weeks"),
        ("closes_after_weeks", places.closes_after_weeks, "weeks"),
        ("target_occupancy", places.target_occupancy, "share"),
        ("close_below", places.close_below, "share"),
    ):
        lines.append(_line(name, f"{value:g}", unit, places.source, places.evidence))
    for name, number, unit in (
        ("without_plan_weeks", practice.without_plan_weeks, "weeks"),
        ("municipal_intake_per_week", practice.municipal_intake_per_week, "persons a week"),
        ("removals_per_week", practice.removals_per_week, "persons a week"),
    ):
        if number is not None:
            lines.append(_line(name, f"{number:g}", unit, practice.source, practice.evidence))
    for part in ("municipal", "returns", "legal_routes"):
        if getattr(scenario, part) is not None:
            lines += _quantities(getattr(scenario, part), part)
    return tuple(lines)


def law_lines(book: Rulebook, terms: pl.DataFrame) -> list[Assumption]:
    """The versions of rules that gave terms of stay, each with the terms it gave."""
    lines = []
    for rule, version in (
        terms.filter(pl.col("rule") != "").select("rule", "version").unique().sort("rule", "version").rows()
    ):
        given = terms.filter((pl.col("rule") == rule) & (pl.col("version") == version))["weeks"]
        found = book.rule(rule).versions[version]
        since = {language: formats.date(found.interval.first, language) for language in LANGUAGES}
        titles = {"de": found.label_de, "en": found.label_en}
        lines.append(
            Assumption(
                name=f"{rule}.{found.interval.first}",
                label=Labels(
                    **{key: text("flows_rule", key, title=titles[key], since=since[key]) for key in LANGUAGES}
                ),
                value=", ".join(str(weeks) for weeks in sorted(set(given.drop_nulls()))) or "–",
                unit="weeks",
                source=f"{found.basis} ({found.reform})" if found.reform else found.basis,
                evidence=_grade(found.evidence),
            )
        )
    return lines


def _arrivals_taken(scenario: ReceptionScenario, data: FlowData, weeks: Sequence[dt.date]) -> Iterator[Assumption]:
    plan = ArrivalPlan({item.year: item.like for item in scenario.arrivals.years})
    scales = {item.year: item.scale for item in scenario.arrivals.years}
    for year in sorted({week.year for week in weeks}):
        source = plan.source_year(year, known_years(data))
        rows = data.arrivals.filter(pl.col("from").dt.year() == source)
        total = round(int(rows["persons"].sum()) * scales.get(year, 1.0))
        grade = lowest_grade([_grade(word) for word in rows["evidence"]])
        like, scale = "" if source == year else source, scales.get(year, 1.0)
        label = Labels(**{language: text("flows_arrivals", language, year=year, like=like) for language in LANGUAGES})
        told = text("flows_arrivals_source", "de", scale="" if scale == 1 else f"{scale:g}")
        evidence = grade if source == year else "modelling_choice"
        yield Assumption(f"arrivals.{year}", label, str(total), "persons", told, evidence)


def _quantities(part: BaseModel, path: str) -> Iterator[Assumption]:
    """All quantities of a part of the scenario, whatever they are called there."""
    for name in type(part).model_fields:
        yield from _of_value(getattr(part, name), f"{path}.{name}")


def _of_value(value: object, path: str) -> Iterator[Assumption]:
    if isinstance(value, Quantity):
        yield Assumption(path, _label_of(path), f"{value.value:f}", "", value.source, value.evidence)
    elif isinstance(value, BaseModel):
        yield from _quantities(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _of_value(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value, start=1):
            yield from _of_value(item, f"{path}.{index}")


def _label_of(path: str) -> Labels:
    """The words for a quantity: those of the longest beginning of its path that has some, and the rest as it is."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        key = "flows_quantity_" + "_".join(parts[:length])
        if key in catalogue():
            rest = ", ".join(parts[length:])
            return Labels(**{language: text(key, language, which=rest) for language in LANGUAGES})
    return Labels(de=path, en=path)


def _line(name: str, value: str, unit: str, source: str, evidence: EvidenceGrade) -> Assumption:
    label = Labels(**{language: text(f"flows_{name}", language) for language in LANGUAGES})
    return Assumption(name, label, value, unit, source, evidence)


def _grade(word: str) -> EvidenceGrade:
    return word if word in EVIDENCE_GRADES else "modelling_choice"
