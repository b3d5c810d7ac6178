"""What is told of rules and cases: reasons with what lost and why, reforms, findings, the page of all rules."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from invented import OTHER, TALLY, context_of, head, invented_rulebook

from stellwerk.documents import read_document
from stellwerk.evaluate.examples import ExampleResult, run_examples
from stellwerk.evaluate.reference import determine
from stellwerk.law.linking import link_version
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.reports import Shown, explanation, explanation_html, parameter_in_words, rule_in_words
from stellwerk.reports.findings import findings
from stellwerk.reports.page import rulebook_page
from stellwerk.reports.rules import listing_in_words

TOY = Path(__file__).parent / "toy"
RULE = "harbour.mooring"
READ = dt.date(2021, 1, 1)
VOID = {"meta", "br", "link", "img", "hr", "input"}


@pytest.fixture(scope="module")
def toy() -> Rulebook:
    return load_rulebook(TOY)


@pytest.fixture(scope="module")
def results(toy: Rulebook) -> list[ExampleResult]:
    return run_examples(TOY, toy)


def told(folder: Path, document: dict[str, Any], facts: dict[str, Any], language: str = "de") -> str:
    """The reasons why a rule of the invented country says what it says."""
    rulebook = invented_rulebook()
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally"}))
    for data in (OTHER, TALLY, {**head("toy.rule", document.get("kind", "criteria")), **document}):
        path = folder / "told.yaml"
        path.write_text(json.dumps(data), encoding="utf-8")
        version = link_version(read_document(path, "told.yaml"), "told.yaml", context, folder)
        rulebook.rules[version.rule] = Rule(version.rule, (version,))  # type: ignore[index]  # a dict in this test
    found = determine(rulebook, "toy.rule", {"case_id": "C", "read": READ, **facts})
    return explanation(found, rulebook, language)


# --- reasons --------------------------------------------------------------------------------------------------------


def test_an_exception_that_lost_says_to_which_other_it_lost(tmp_path: Path) -> None:
    weak = {"key": "weak", "if": "a", "decide": "other"}
    strong = {"key": "strong", "if": "b", "decide": "refuse", "overrides": ["weak"]}
    document = {"when": ["true"], "unless": [weak, strong], "decide": "grant"}
    assert "✗ Ausnahme tritt zurück → other (x): verdrängt von refuse (x)" in told(
        tmp_path, document, {"a": True, "b": True}
    )
    assert "✓ Ausnahme greift → other (x)" in told(tmp_path, document, {"a": True, "b": False})
    assert "? Ausnahme offen → other (x): vielleicht verdrängt von refuse (x)" in told(tmp_path, document, {"a": True})
    assert "exception has no effect → other (x): its condition is not met" in told(
        tmp_path, document, {"a": False, "b": False}, "en"
    )


def test_a_condition_is_told_in_prose_with_its_text_value_and_threshold(tmp_path: Path) -> None:
    text = told(tmp_path, {"when": ["n >= p.count"], "decide": "grant"}, {"n": 2})
    assert "✗ n: mindestens 3 [p.count]   [n >= p.count]" in text
    assert "- n: 2" in text
    assert "p.count – p.count: 3 (01.01.2020 bis 28.02.2021 · x · geprüft)" in text


def test_child_tables_and_other_rules_are_among_what_was_read(tmp_path: Path) -> None:
    document = {"when": ["any(things, c)", "outcome(toy.other) == not_met"], "decide": "grant"}
    text = told(tmp_path, document, {"a": False, "things": [{"c": True}, {}, {}]})
    assert "»things«: 3 Einträge" in text
    assert "das Ergebnis von »x«: »not_met«" in text
    assert "»things«: unbekannt" in told(tmp_path, document, {"a": False})
    assert "»things«: 1 Eintrag\n" in told(tmp_path, document, {"a": False, "things": [{"c": True}]})


def test_both_ends_of_a_window_and_an_amount_with_its_unit_are_told(tmp_path: Path) -> None:
    window = {"kind": "window", "when": ["a"], "starts": "d", "length": "6 months", "decide": "grant",
              "otherwise": "not_met"}  # fmt: skip
    text = told(tmp_path, window, {"a": True, "d": dt.date(2026, 1, 15)})
    assert "bis 14.07.2026\n" in text and "bis 15.07.2026, wenn der erste Tag nicht mitzählt" in text
    money = {"kind": "quantity", "amount": "n * 1000", "unit": "EUR", "otherwise": "other"}
    assert "Betrag: 3.000\u00a0€" in told(tmp_path, money, {"n": 3})


def test_rows_of_a_decision_table_that_fail_are_counted_and_not_listed(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("n,amount\n1,5\n2,6\n3,7\n", encoding="utf-8")
    text = told(tmp_path, {"kind": "table", "table": "rows.csv", "policy": "unique", "unit": "EUR"}, {"n": 2})
    assert "✓ n: genau 2 → amount_due" in text
    assert "Zeilen, die nicht zutreffen: 2" in text and "genau 3" not in text


def test_html_for_notebooks_is_the_same_tree_with_every_word_escaped(results: list[ExampleResult]) -> None:
    found = results[0].determination
    book = load_rulebook(TOY)
    version = replace(found.version, label_de="<b>&") if found.version else None
    html = explanation_html(replace(found, version=version), book, "de")
    assert "&lt;b&gt;&amp;" in html and "<b>" not in html
    assert Shown(found, book, "de")._repr_html_() == explanation_html(found, book, "de")
    assert str(Shown(found, book, "en")) == explanation(found, book, "en")
    assert html.count("<li>") == len(explanation(found, book, "de").splitlines())


# --- rules, parameters, listings, reforms ---------------------------------------------------------------------------


def test_show_tells_history_and_what_a_reform_changes(toy: Rulebook) -> None:
    reformed = toy.under(["open_sea"])
    text = rule_in_words(reformed.rule(RULE), reformed, dt.date(2052, 1, 1), "de", base=toy)
    assert "Fassungen" in text and "Was die Reform ändert" in text
    assert "8 Personen → 12 Personen" in text and "hinzu kommen" in text
    assert "Was die Reform ändert" not in rule_in_words(toy.rule(RULE), toy, None, "de", base=toy)


def test_show_says_when_no_version_is_in_force(toy: Rulebook) -> None:
    assert "Am 31.12.2049 ist keine Fassung in Kraft." in rule_in_words(
        toy.rule(RULE), toy, dt.date(2049, 12, 31), "de"
    )


def test_a_parameter_and_a_listing_are_told_with_their_days(toy: Rulebook) -> None:
    assert "28 Tage" in parameter_in_words(toy.parameters["mooring.wait"], toy, None, "de")
    everybody = listing_in_words(toy.listings["isles.friendly"], toy, None, "de")
    on_a_day = listing_in_words(toy.listings["isles.friendly"], toy, dt.date(2060, 1, 1), "de")
    assert len(on_a_day.splitlines()) < len(everybody.splitlines())


# --- the whole rulebook -----------------------------------------------------------------------------------------------


def test_a_gap_an_unused_parameter_and_a_missing_example_are_information(toy: Rulebook) -> None:
    rule = toy.rule(RULE)
    later = replace(rule.versions[-1], interval=replace(rule.versions[-1].interval, first=dt.date(2056, 1, 1)))
    gap = replace(toy, rules={RULE: Rule(RULE, (*rule.versions[:-1], later))})
    kinds = {finding.kind for finding in findings(gap, [])}
    assert {"gap", "no_example"} <= kinds
    unread = replace(toy, rules={}, reforms={})
    assert {finding.kind for finding in findings(unread, [])} >= {
        "unused_parameter",
        "unused_listing",
        "unused_citation",
    }
    assert all(finding.message("de") != finding.message("en") for finding in findings(unread, []))


class _Reader(HTMLParser):
    """Reads a page and notes what is open, which ids exist and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in ("href", "src"):
                self.links.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_of_the_rulebook_is_whole_and_needs_nothing_else(
    toy: Rulebook, results: list[ExampleResult], language: str
) -> None:
    page = rulebook_page(toy, results, findings(toy, results), language)
    reader = _Reader()
    reader.feed(page)
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))
    assert {link for link in reader.links if not link.startswith("#")} == set()
    assert {link[1:] for link in reader.links} <= set(reader.ids)
    assert not reader.tags & {"script", "img", "link", "iframe"}
    assert f'<html lang="{language}">' in page
    assert page == rulebook_page(toy, results, findings(toy, results), language)


def test_the_page_shows_examples_that_fail(toy: Rulebook, results: list[ExampleResult]) -> None:
    wrong = replace(results[0], differences=(("outcome", "granted", "refused"),))
    page = rulebook_page(toy, [wrong, *results[1:]], [], "de")
    assert "✗ weicht ab: outcome: granted ≠ refused" in page and "<details open>" in page
