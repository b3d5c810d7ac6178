"""Plans on solidarity that never became law, laid over the law as reforms, yield what their papers say."""

from decimal import Decimal
from pathlib import Path

import pytest

from stellwerk.evaluate.evidence import Determination
from stellwerk.evaluate.reference import determine
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import parse_value

ROOT = Path(__file__).parents[1]
REFUSER: dict[str, object] = {
    "state": "HU",
    "assessed_on": "2026-09-01",
    "uses_pool": False,
    "fair_share_persons": 350,
    "deduction_share": 0,
    "political_gain_eur": 193_000_000,
    "eu_funds_at_risk_eur": 20_000_000_000,
    "court_fine_eur": 0,
    "expected_fine_share": 0,
}


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook(ROOT)


def said(law: Rulebook, reform: str, rule: str, **facts: object) -> Determination:
    book = law.under([reform])
    attributes = book.vocabulary.attributes(book.rule(rule).subject)
    case = {name: parse_value(raw, attributes[name].type) for name, raw in facts.items()}
    assert None not in case.values()
    return determine(book, rule, case)


@pytest.mark.parametrize(
    "rule",
    [
        "solidarity.dublin_iv_trigger",
        "solidarity.dublin_iv_payment",
        "solidarity.relocation_fee_2015",
        "solidarity.withholding",
        "solidarity.reallocation",
    ],
)
def test_a_proposal_is_no_rule_of_the_law_in_force(law: Rulebook, rule: str) -> None:
    assert rule not in law.rules


@pytest.mark.parametrize(
    ("applications", "outcome", "amount"),
    [
        (75_000, "not_triggered", None),
        (75_001, "allocation_triggered", 25_001),
        (80_000, "allocation_triggered", 30_000),
    ],
)
def test_dublin_iv_allocates_above_150_percent_of_the_reference_number(
    law: Rulebook, applications: int, outcome: str, amount: int | None
) -> None:
    found = said(
        law,
        "dublin_iv_2016",
        "solidarity.dublin_iv_trigger",
        assessed_on="2017-01-01",
        responsible_applications=applications,
        reference_applications=50_000,
    )
    assert (found.outcome, found.value("amount")) == (outcome, amount)


def test_under_dublin_iv_refusing_1000_persons_costs_250_million(law: Rulebook) -> None:
    rule, day = "solidarity.dublin_iv_payment", "2017-01-01"
    assert said(law, "dublin_iv_2016", rule, assessed_on=day, persons_refused=1000).value("amount") == 250_000_000
    assert said(law, "dublin_iv_2016", rule, assessed_on=day, persons_refused=0).outcome == "no_amount"


def test_the_fee_proposed_in_2015_for_a_product_of_413_billion_is_8_26_million(law: Rulebook) -> None:
    rule, facts = "solidarity.relocation_fee_2015", {"assessed_on": "2016-01-01", "gdp_eur": 413_000_000_000}
    assert said(law, "relocation_fee_2015", rule, state="PL", **facts).value("amount") == Decimal(8_260_000)
    assert said(law, "relocation_fee_2015", rule, state="IE", **facts).outcome == "not_bound"


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"expected_withheld_share": "0.01"}, "complying_pays"),
        ({"expected_withheld_share": "0.009"}, "refusing_pays"),
        (
            {"expected_withheld_share": "0.005", "court_fine_eur": 200_000_000, "expected_fine_share": "0.5"},
            "complying_pays",
        ),
        (
            {"expected_withheld_share": "0.004999", "court_fine_eur": 200_000_000, "expected_fine_share": "0.5"},
            "refusing_pays",
        ),
    ],
)
def test_a_state_that_owes_350_persons_contributes_once_one_percent_of_its_funds_is_expected_to_be_withheld(
    law: Rulebook, changed: dict[str, object], outcome: str
) -> None:
    assert said(law, "withheld_funds", "solidarity.withholding", **{**REFUSER, **changed}).outcome == outcome


@pytest.mark.parametrize(("load", "gain"), [("0.6", 300_000_000), ("0.4", 200_000_000)])
def test_500_million_withheld_go_to_two_states_by_their_extra_load(law: Rulebook, load: str, gain: int) -> None:
    rule, day = "solidarity.reallocation", "2026-09-01"
    found = said(law, "withheld_funds", rule, assessed_on=day, withheld_eur=500_000_000, load_share=load)
    assert found.value("amount") == Decimal(gain)
    assert said(law, "withheld_funds", rule, assessed_on=day, withheld_eur=0, load_share=load).outcome == "no_amount"
