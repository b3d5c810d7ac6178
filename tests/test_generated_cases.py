"""Generated cases stand where the law looks closely: at every threshold, on edges of time, in and out of listings."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.audit.drawn import as_numbers, as_series
from stellwerk.audit.generated import (
    MOST_ROWS,
    NoRuleOfSubject,
    RuleOfOtherSubject,
    TooManyCasesForCodes,
    generated_cases,
    most_cases,
)
from stellwerk.audit.thresholds import MEASURED, aims
from stellwerk.evaluate.compiled import column_type
from stellwerk.evaluate.reference import CaseReading
from stellwerk.evaluate.whole_cases import cases_with_rows
from stellwerk.law import core
from stellwerk.law.provision import Group, NamedValue, Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import DECIMAL, LATEST

TOY = Path(__file__).parent / "toy"
SMALLEST = Decimal("0.000001")
CLOSELY_READ = (
    "stay.qualified_tolerated",  # a date against the reading date and a period, in two versions
    "support.asylblg.waiting_period_ends",  # a period that a parameter gives, in several versions
    "labour.blue_card",  # money to the cent
    "labour.age_salary",  # an age
    "detention.credited_days",  # a date of a child row against one of the case
    "asylum.work.safe_origin",  # a day written in a parameter
)


@pytest.fixture(scope="module")
def law(checkout: Path) -> Rulebook:
    return load_rulebook(checkout)


@pytest.fixture(scope="module")
def harbour() -> Rulebook:
    return load_rulebook(TOY)


Tables = tuple[pl.DataFrame, dict[str, pl.DataFrame]]


@pytest.fixture(scope="module")
def persons(law: Rulebook) -> Tables:
    """Cases known in full that aim at every rule about persons."""
    return generated_cases(law, "case", 4000, 2, unknown=0.0)


# --- thresholds -------------------------------------------------------------------------------------------------------


def comparisons(version: RuleVersion) -> list[core.Compared]:
    """Comparisons of numbers and dates of the case; those inside child rows are not of one case."""
    found: dict[int, core.Compared] = {}

    def visit(node: core.Core) -> Iterator[core.Core]:
        yield node
        if not isinstance(node, core.Aggregated):
            for child in core.children(node):
                yield from visit(child)

    for node in (node for tree in version.cores() for node in visit(tree)):
        if isinstance(node, core.Compared) and node.left.type.kind in MEASURED:
            found[id(node)] = node
    return list(found.values())


def with_sides(law: Rulebook, names: tuple[str, ...]) -> Rulebook:
    """The rulebook with rules that compute, by the reference, both sides of every comparison."""
    added = {}
    for name in names:
        versions = []
        for version in law.rule(name).versions:
            sides = [
                NamedValue(f"{number} {side}", getattr(node, side), always=True)
                for number, node in enumerate(comparisons(version))
                for side in ("left", "right")
            ]
            versions.append(
                replace(version, rule=f"sides {name}", when=Group("all", ()), unless=(), rows=(), values=tuple(sides))
            )
        added[f"sides {name}"] = Rule(f"sides {name}", tuple(replace(one, policy="none") for one in versions))
    return replace(law, rules={**law.rules, **added})


def distance(left: object, right: object, kind: str) -> int | None:
    """How many smallest steps one side lies above the other, where it is one at most."""
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        steps: Decimal | int = (left - right).days
    else:
        assert isinstance(left, int | Decimal) and isinstance(right, int | Decimal)
        steps = Decimal(left - right) / (SMALLEST if kind == "decimal" else 1)
    return int(steps) if -1 <= steps <= 1 else None


def test_every_threshold_of_chosen_rules_is_met_a_step_below_at_and_a_step_above(law: Rulebook) -> None:
    book = with_sides(law, CLOSELY_READ)
    cases, children = generated_cases(law, "case", 2000, 1, CLOSELY_READ)
    met: dict[tuple[str, int, int], set[int]] = defaultdict(set)
    for case in cases_with_rows(cases, children, "case_id"):
        reading = CaseReading(book, case)
        for name in CLOSELY_READ:
            found = reading.determination(f"sides {name}")
            if found.version is None:
                continue
            at = book.rule(f"sides {name}").versions.index(found.version)
            for number, node in enumerate(comparisons(law.rule(name).versions[at])):
                left, right = found.values[f"{number} left"], found.values[f"{number} right"]
                if left is not None and right is not None:
                    kind = "decimal" if DECIMAL in (node.left.type, node.right.type) else node.left.type.kind
                    steps = distance(left, right, kind)
                    met[name, at, number] |= set() if steps is None else {steps}
    wanted = {
        (name, at, number): {-1, 0, 1}
        for name in CLOSELY_READ
        for at, version in enumerate(law.rule(name).versions)
        for number, _ in enumerate(comparisons(version))
        if _can_be_brought(version, number, law)
    }
    assert len(wanted) >= 15
    assert {key: met[key] for key in wanted} == wanted


def _can_be_brought(version: RuleVersion, number: int, law: Rulebook) -> bool:
    """Whether the vocabulary allows a step to both sides: a number of fines is never below nought."""
    node = comparisons(version)[number]
    limits = law.vocabulary.attributes(version.subject)
    if isinstance(node.left, core.Fact) and isinstance(node.right, core.Constant):
        at = limits[node.left.name]
        return node.right.value not in (at.minimum, at.maximum)
    return True


def test_a_sum_over_child_rows_stands_at_its_threshold(law: Rulebook) -> None:
    rule = "detention.cooperation_custody"
    book = with_sides(law, (rule,))
    cases, children = generated_cases(law, "case", 1200, 3, (rule,))
    version = law.rule(rule).versions[1]
    number = next(n for n, node in enumerate(comparisons(version)) if isinstance(node.left, core.Aggregated))
    steps = set()
    for case in cases_with_rows(cases, children, "case_id"):
        found = CaseReading(book, case).determination(f"sides {rule}")
        if found.version is book.rule(f"sides {rule}").versions[1]:
            left, right = found.values[f"{number} left"], found.values[f"{number} right"]
            steps.add(None if left is None or right is None else distance(left, right, "integer"))
    assert {-1, 0, 1} <= steps


def test_every_comparison_of_a_fact_with_a_number_a_day_or_a_fact_can_be_brought_to_its_threshold(
    law: Rulebook,
) -> None:
    direct = (core.Constant, core.ParameterValue, core.Fact)
    for rule in law.rules.values():
        for version in rule.versions:
            reached = {id(aim.compared) for aim in aims(version, law)}
            for node in comparisons(version):
                if isinstance(node.left, core.Fact) and isinstance(node.right, direct):
                    assert id(node) in reached, (rule.id, node)


# --- values -----------------------------------------------------------------------------------------------------------


def test_dates_fall_on_month_ends_leap_days_changes_of_law_and_the_days_before(law: Rulebook, persons: Tables) -> None:
    cases, _ = persons
    days = {day for name in cases.columns if cases.schema[name] == pl.Date for day in cases.get_column(name) if day}
    rules = [rule for rule in law.rules.values() if rule.subject == "case"]
    changes = {version.interval.first for rule in rules for version in rule.versions}
    changes |= {member.interval.first for member in law.listings["safe_origin.annex_ii"].members}
    assert changes <= days
    assert {day - dt.timedelta(days=1) for day in changes} <= days
    assert {dt.date(2020, 2, 29), dt.date(2024, 2, 29), dt.date(2023, 8, 31), dt.date(2023, 2, 28)} <= days


def test_every_version_is_read_on_its_first_and_its_last_day(law: Rulebook, persons: Tables) -> None:
    cases, _ = persons
    for rule in (rule for rule in law.rules.values() if rule.subject == "case"):
        read = set(cases.get_column(rule.read_at).drop_nulls())
        for version in rule.versions:
            last = version.interval.last
            assert version.interval.first in read, rule.id
            assert last is None or last in read, rule.id


def test_all_codes_of_enums_occur_and_codes_in_and_out_of_listings(law: Rulebook, persons: Tables) -> None:
    cases, _ = persons
    for name, attribute in law.vocabulary.attributes("case").items():
        if attribute.type.kind == "enum":
            assert attribute.type.code_list is not None
            assert set(cases.get_column(name).drop_nulls()) == set(attribute.type.code_list.codes)
    listed = {member.code for member in law.listings["safe_origin.annex_ii"].members}
    nationalities = set(cases.get_column("nationality").drop_nulls())
    assert listed <= nationalities
    assert nationalities - listed


def test_numbers_stay_within_what_the_vocabulary_allows(law: Rulebook) -> None:
    for subject in law.vocabulary.subjects:
        most = most_cases(law, subject)
        cases, _ = generated_cases(law, subject, min(200, most or 200), 4)
        for name, attribute in law.vocabulary.attributes(subject).items():
            for value in cases.get_column(name).drop_nulls() if attribute.type.kind in ("integer", "decimal") else ():
                assert attribute.minimum is None or value >= attribute.minimum, (subject, name)
                assert attribute.maximum is None or value <= attribute.maximum, (subject, name)


def test_a_share_of_facts_is_unknown_and_a_third_of_the_cases_is_known_in_full(law: Rulebook) -> None:
    cases, children = generated_cases(law, "case", 3000, 5, rules=["stay.minor_offences"], unknown=0.2)
    missing = cases.select(pl.sum_horizontal(pl.all().is_null()) / (cases.width - 1)).to_series()
    assert 0.19 < float(np.mean(missing.to_numpy())) < 0.21
    assert 0.3 < (missing == 0).sum() / cases.height < 0.37
    assert all(child.null_count().sum_horizontal().item() for child in children.values())


def test_nothing_is_unknown_where_that_is_wanted(persons: Tables) -> None:
    cases, children = persons
    for frame in (cases, *children.values()):
        assert not frame.null_count().sum_horizontal().item()


# --- tables -----------------------------------------------------------------------------------------------------------


def test_tables_have_the_vocabularys_types_and_columns(law: Rulebook, persons: Tables) -> None:
    cases, children = persons
    attributes = law.vocabulary.attributes("case")
    assert cases.schema == pl.Schema({name: column_type(item.type) for name, item in attributes.items()})
    for name, form in law.vocabulary.child_tables("case").items():
        types = {key: column_type(item.type) for key, item in form.attributes.items()}
        assert children[name].schema == pl.Schema({"case_id": pl.String(), **types})


def test_cases_have_no_rows_up_to_four_each_with_the_id_of_a_case(persons: Tables) -> None:
    cases, children = persons
    ids = cases.get_column("case_id")
    assert ids.is_unique().all()
    for child in children.values():
        counted = ids.to_frame().join(child.group_by("case_id").len(), on="case_id", how="left").get_column("len")
        assert set(counted.fill_null(0)) == set(range(MOST_ROWS + 1))
        assert set(child.get_column("case_id")) <= set(ids)


def test_the_same_seed_gives_the_same_cases_and_another_seed_others(law: Rulebook) -> None:
    first, again, other = (generated_cases(law, "case", 60, seed) for seed in (8, 8, 9))
    assert first[0].equals(again[0])
    assert all(first[1][name].equals(again[1][name]) for name in first[1])
    assert not first[0].equals(other[0])


def test_a_subject_that_a_code_names_has_each_name_once(law: Rulebook) -> None:
    most = most_cases(law, "land")
    assert most == 16
    cases, _ = generated_cases(law, "land", 16, 1)
    assert set(cases.get_column("land")) == set(law.vocabulary.code_lists["land"].codes)
    with pytest.raises(TooManyCasesForCodes, match="16"):
        generated_cases(law, "land", 17, 1)


def test_numbers_that_name_cases_begin_with_the_least_that_is_allowed(law: Rulebook) -> None:
    cases, _ = generated_cases(law, "solidarity_cycle", 5, 1)
    assert cases.get_column("cycle_year").to_list() == [2024, 2025, 2026, 2027, 2028]


def test_cases_need_a_rule_of_their_subject(law: Rulebook) -> None:
    with pytest.raises(NoRuleOfSubject, match="case"):
        generated_cases(law, "case", 10, 1, rules=())
    with pytest.raises(RuleOfOtherSubject, match=r"stay\.minor_offences"):
        generated_cases(law, "land", 10, 1, rules=["stay.minor_offences"])


def test_cases_of_an_invented_country_reach_every_outcome_of_its_rule(harbour: Rulebook) -> None:
    cases, _ = generated_cases(harbour, "case", 1000, 1)
    said = {CaseReading(harbour, case).determination("harbour.mooring").outcome for case in cases.iter_rows(named=True)}
    assert said == {
        "granted", "not_met", "refused", "deferred", "may_moor", "conflict", "needs_facts", "not_in_force",
    }  # fmt: skip


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(0, 2**32), st.sampled_from([0.0, 0.15, 0.5, 1.0]))
def test_any_number_any_seed_and_any_share_give_cases(harbour: Rulebook, count: int, seed: int, unknown: float) -> None:
    cases, children = generated_cases(harbour, "case", count, seed, unknown=unknown)
    assert cases.height == count
    assert children == {}
    days = cases.get_column("decided").drop_nulls()
    assert all(day <= LATEST for day in days)


@given(st.lists(st.decimals(-(10**9), 10**9, places=6), min_size=1, max_size=8))
def test_decimals_are_carried_to_their_smallest_step(values: list[Decimal]) -> None:
    steps = np.array([int(value * 10**6) for value in values], dtype=np.int64)
    series = as_series("x", steps, DECIMAL)
    assert series.to_list() == values
    back, known = as_numbers(series)
    assert back.tolist() == steps.tolist()
    assert known.all()
