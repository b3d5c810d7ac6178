"""Two rulebooks compared: flows, amounts, who is affected and which condition decides; nothing computed twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from stellwerk.casework import Casework
from stellwerk.evaluate.columns import ColumnRun
from stellwerk.evaluate.compare import Comparison
from stellwerk.evaluate.deciding import Said, Terms, deciding_conditions
from stellwerk.evaluate.reference import determine
from stellwerk.law.drafts import DraftValueWrong, changed_value
from stellwerk.law.fingerprint import Fingerprints
from stellwerk.law.resolver import UnknownName

RULE, PARAMETER = "stay.sustained_integration", "stay.integration.years_required"
DAY, LONG_AGO = dt.date(2026, 7, 1), dt.date(2020, 1, 1)


@pytest.fixture(scope="module")
def bench(checkout: Path) -> Casework:
    return Casework.open(checkout)


@pytest.fixture(scope="module")
def cases(bench: Casework) -> pl.DataFrame:
    return bench.synthetic_cases(6000)


@pytest.fixture(scope="module")
def shorter(bench: Casework, cases: pl.DataFrame) -> Comparison:
    """Four years of residence in place of six."""
    return bench.comparison(cases, on=DAY, changes={PARAMETER: ("4 years", LONG_AGO)})


def test_a_changed_number_touches_what_reads_it_and_nothing_else(shorter: Comparison) -> None:
    assert RULE in shorter.changed_rules
    assert "asylum.safe_origin.constitutional" not in shorter.changed_rules
    for rule in set(shorter.rules) - set(shorter.changed_rules):
        assert shorter.base.results(rule).equals(shorter.reform.results(rule)), rule


def test_what_was_taken_over_equals_what_is_computed_anew(bench: Casework, shorter: Comparison) -> None:
    anew = ColumnRun(shorter.reform.rulebook, shorter.base.table.cases, DAY)
    anew.evaluate(shorter.rules)
    for rule in shorter.rules:
        assert shorter.reform.results(rule).equals(anew.results(rule)), rule


def test_rules_asked_one_after_the_other_say_what_they_say_together(bench: Casework, cases: pl.DataFrame) -> None:
    some = cases.head(300)
    together, alone = ColumnRun(bench.rulebook(), some, DAY), ColumnRun(bench.rulebook(), some, DAY)
    rules = bench.rules_of("case")
    together.evaluate(rules)
    for rule in reversed(rules):
        assert alone.results(rule).equals(together.results(rule)), rule


def test_the_flows_of_a_rule_count_every_case_once(shorter: Comparison, cases: pl.DataFrame) -> None:
    whole = shorter.flows().group_by("rule").agg(pl.col("persons").sum())
    assert whole.get_column("persons").unique().to_list() == [cases.height]
    by_sex = shorter.flows(["sex"], [RULE])
    assert by_sex.get_column("persons").sum() == cases.height
    together = by_sex.group_by("outcome_base", "outcome_reform").agg(pl.col("persons").sum()).sort(pl.all())
    plain = shorter.flows(rules=[RULE]).select("outcome_base", "outcome_reform", "persons").sort(pl.all())
    assert together.cast(plain.schema).equals(plain)


def test_flows_carry_the_sums_of_amounts_on_both_sides(bench: Casework) -> None:
    persons = pl.DataFrame(
        {
            "case_id": ["A", "B"],
            "benefit_date": [dt.date(2024, 1, 1)] * 2,
            "flueag_person": [True, True],
            "in_need": [True, True],
            "lives_in_state_facility": [False, False],
            "status": ["asylum_permission"] * 2,
            "municipality_type": ["county_free", "county_member"],
        }
    )
    changes = {"support.flueag.lump_sum.county_free": ("1400", dt.date(2024, 1, 1))}
    flows = bench.comparison(persons, rules=["support.flueag.person_month"], changes=changes).flows()
    assert flows.select("persons", "amount_base", "amount_reform").rows() == [(2, Decimal(2316), Decimal(2413))]


def test_the_affected_cases_are_those_of_which_the_reference_says_something_else(
    bench: Casework, shorter: Comparison, cases: pl.DataFrame
) -> None:
    said = {
        number
        for number, case in enumerate(cases.iter_rows(named=True))
        if determine(shorter.base.rulebook, RULE, case, DAY).outcome
        != determine(shorter.reform.rulebook, RULE, case, DAY).outcome
    }
    affected = shorter.affected().filter(pl.col("rule") == RULE)
    assert set(affected.get_column("case")) == said
    assert said


def test_the_deciding_condition_is_the_one_that_reads_the_changed_number(shorter: Comparison) -> None:
    affected = shorter.affected().filter(pl.col("rule") == RULE)
    conditions = shorter.base.rulebook.rule(RULE).on(DAY)
    assert conditions is not None
    texts = {condition.text for condition in conditions.conditions()}
    for deciding in affected.get_column("deciding").unique():
        assert set(deciding.split("; ")) <= texts
        assert "stayed_long" in deciding


def test_nothing_decides_where_the_rule_itself_is_new(bench: Casework) -> None:
    version = bench.rulebook().rule(RULE).versions[0]
    assert deciding_conditions(Said(None, 0, 0), Said(Terms.of(version), 1, 0)) == ()


def test_a_second_change_of_the_same_cases_keeps_the_base(
    bench: Casework, cases: pl.DataFrame, shorter: Comparison
) -> None:
    again = bench.comparison(cases, on=DAY, changes={PARAMETER: ("8 years", LONG_AGO)}, earlier=shorter)
    assert again.base is shorter.base
    assert again.affected().height > 0


def test_a_rule_that_only_the_reform_has_flows_from_not_in_force(bench: Casework, cases: pl.DataFrame) -> None:
    reform, rule = "motion_2023", "stay.lasting_title"
    assert rule not in bench.rulebook().rules
    flows = bench.comparison(cases, on=DAY, reforms=[reform], rules=[rule]).flows()
    assert flows.get_column("outcome_base").unique().to_list() == ["not_in_force"]


def test_words_and_places_in_files_do_not_make_another_rule(bench: Casework) -> None:
    law, draft = bench.rulebook(), bench.rulebook().with_reforms([])
    assert Fingerprints(law).of(RULE) == Fingerprints(draft).of(RULE)
    same = law.with_reforms([changed_value(law, PARAMETER, "6 years", dt.date(2100, 1, 1))])
    assert Fingerprints(law).of(RULE) != Fingerprints(same).of(RULE)  # the history of the number is another one


def test_a_change_that_does_not_fit_names_what_is_expected(bench: Casework) -> None:
    law = bench.rulebook()
    with pytest.raises(UnknownName) as unknown:
        changed_value(law, "stay.integration.years_requird", "4 years", LONG_AGO)
    assert PARAMETER in unknown.value.message()
    with pytest.raises(DraftValueWrong):
        changed_value(law, PARAMETER, "vier", LONG_AGO)
