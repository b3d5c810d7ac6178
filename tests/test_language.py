"""Every slip in a file of law is a sentence with file, line and the nearest right name.

The law here is that of an invented country under `tests/toy`. Each test copies it, makes one mistake and reads what
the program says. That the same engine runs this law shows that it holds none of a real country.
"""

import ast
import datetime as dt
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stellwerk import documents
from stellwerk.errors import ManyErrors, Place, StellwerkError
from stellwerk.evaluate import examples
from stellwerk.evaluate.reference import determine
from stellwerk.law import (
    core,
    dated,
    decision_tables,
    expressions,
    forms,
    linker,
    linking,
    reforms,
    resolver,
    rulebook,
    rules,
    vocabulary,
)
from stellwerk.law.types import INTEGER, Value
from stellwerk.texts import catalogue

TOY = Path(__file__).parent / "toy"
ENGINE = Path(__file__).parents[1] / "engine" / "stellwerk"
ROOT = ENGINE.parents[1]

RULE = "rules/harbour/mooring.yaml"
PARAMETERS = "params/law/harbour.yaml"
MEMBERS = "rules/listings/isles.csv"
LISTINGS = "rules/listings/listings.yaml"
REFORM = "rules/reforms/open_sea.yaml"
CASE = "rules/vocabulary/case.yaml"
EXAMPLES = "rules/harbour/mooring.cases.yaml"


class Slip(NamedTuple):
    """One text of one file replaced by another, and what must be said about the line of `at`."""

    file: str
    right: str
    wrong: str
    error: type[StellwerkError]
    sentence: str
    at: str = ""  # a text on the line that the error names; empty: the wrong text itself


SLIPS = {
    "a misspelt key of a rule": Slip(
        RULE, "decide: granted\nuntil", "decied: granted\nuntil", documents.UnknownKey,
        "»decied« ist hier kein bekannter Schlüssel. Gemeint ist wohl »decide«.",
    ),
    "a missing key": Slip(
        RULE, "read_at: decided\nlet", "let", documents.MissingKey, "Hier fehlt »read_at«.", "rule: harbour.mooring",
    ),
    "a misspelt key of an exception": Slip(
        RULE, "key: toll, if:", "key: toll, when:", documents.UnknownKey, "»when« ist hier kein bekannter",
    ),
    "a comma in a flow mapping that is not quoted": Slip(
        RULE, "de: Liegerecht, en: mooring right", "de: Liegerecht, oder Ankern, en: mooring right",
        documents.UnknownKey, "»oder Ankern« ist hier kein bekannter Schlüssel.",
    ),
    "a key that stands twice": Slip(
        RULE, "read_at: decided\nlet", "read_at: decided\nread_at: arrived\nlet", documents.DuplicateKey,
        "»read_at« steht hier zweimal.", "read_at: arrived",
    ),
    "a tab": Slip(
        RULE, "  - home in isles.friendly", "\t- home in isles.friendly", documents.UnreadableYaml,
        "Die Datei lässt sich nicht als YAML lesen: hier steht ein Tabulator", "isles.friendly",
    ),
    "a bracket that is not closed": Slip(
        RULE, "overrides: [gulls]}", "overrides: [gulls}", documents.UnreadableYaml,
        "Die Datei lässt sich nicht als YAML lesen: die eckige Klammer",
    ),
    "a date that the calendar does not have": Slip(
        RULE, "to: 2054-12-31", "to: 2023-02-31", documents.ImpossibleDate,
        "»2023-02-31« ist kein Tag des Kalenders. Daten stehen als Jahr-Monat-Tag, zum Beispiel 2023-01-31.",
    ),
    "a date written the German way": Slip(
        RULE, "to: 2054-12-31", "to: 31.12.2054", documents.ImpossibleDate, "»31.12.2054« ist kein Tag des Kalenders.",
    ),
    "an impossible date within an expression": Slip(
        RULE, "  - home != QZ", "  - decided > 2023-02-31", expressions.UnreadableExpression,
        "Der Ausdruck »decided > 2023-02-31« lässt sich nicht lesen; es stockt bei »2023-02-31«.",
    ),
    "an interval that ends before it begins": Slip(
        RULE, "to: 2054-12-31", "to: 2049-12-31", dated.ReversedInterval,
        "Der Zeitraum endet (2049-12-31), bevor er beginnt (2050-01-01).",
    ),
    "two versions on one day": Slip(
        RULE, "from: 2055-01-01", "from: 2054-12-31", dated.OverlappingVersions,
        "»harbour.mooring«: Am 2054-12-31 gelten zwei Fassungen zugleich.", "# the order of 2055",
    ),
    "an unknown outcome": Slip(
        RULE, "decide: refused", "decide: refusd", linker.UnknownOutcome,
        "Ein Ergebnis »refusd« gibt es nicht. Gemeint ist wohl »refused«.",
    ),
    "an unknown citation": Slip(
        RULE, "basis: Hafenordnung 7", "basis: Hafenordnung 77", linker.UnknownCitation,
        "Die Fundstelle »Hafenordnung 77« steht nicht in rules/citations.yaml. Am ähnlichsten ist »Hafenordnung 7«.",
    ),
    "an evidence grade that does not exist": Slip(
        RULE, "basis: Hafenordnung 1\nevidence: verified", "basis: Hafenordnung 1\nevidence: verifed",
        documents.ValueNotAllowed,
        "»verifed« ist für »evidence« nicht erlaubt. Gemeint ist wohl »verified«.", "evidence: verifed",
    ),
    "a reading date that is no date": Slip(
        RULE, "read_at: decided\nwhen", "read_at: decidet\nwhen", linker.ReadAtIsNoDate,
        "»decidet« ist kein Datum des Falls; read_at braucht eines. Gemeint ist wohl »decided«.", "read_at: decidet",
    ),
    "a rule for an unknown subject": Slip(
        RULE, "read_at: decided\nwhen", "read_at: decided\nsubject: cas\nwhen", vocabulary.UnknownSubject,
        "Ein Subjekt »cas« gibt es nicht. Gemeint ist wohl »case«.", "subject: cas",
    ),
    "an exception that overrides an unknown one": Slip(
        RULE, "overrides: [gulls]", "overrides: [gull]", linker.UnknownException,
        "Eine Ausnahme »gull« hat diese Regel nicht. Gemeint ist wohl »gulls«.",
    ),
    "an exception that changes nothing": Slip(
        RULE, "decide: deferred", "decide: granted", linker.ExceptionChangesNothing,
        "Die Ausnahme entscheidet »granted« wie die Regel selbst; sie ändert nichts.", "key: toll",
    ),
    "an intermediate that hides an attribute": Slip(
        RULE, "  waited: decided", "  crew: decided", linker.NameTaken,
        "»crew« ist schon ein Merkmal oder Parameter; bitte einen anderen Namen wählen.",
    ),
    "a misspelt attribute in a condition": Slip(
        RULE, "  - home in", "  - hom in", resolver.UnknownName,
        "»hom« ist weder ein Merkmal noch ein Parameter. Gemeint ist wohl »home«.",
    ),
    "a misspelt parameter": Slip(
        RULE, "mooring.largest_crew", "mooring.largest_crews", resolver.UnknownName,
        "»mooring.largest_crews« ist weder ein Merkmal noch ein Parameter. Gemeint ist wohl »mooring.largest_crew«.",
    ),
    "a misspelt intermediate": Slip(
        RULE, "  - waited", "  - waitet", resolver.UnknownName, "Gemeint ist wohl »waited«.",
    ),
    "a misspelt listing": Slip(
        RULE, "in isles.friendly", "in isles.freindly", resolver.UnknownListing,
        "Eine Liste »isles.freindly« gibt es nicht. Gemeint ist wohl »isles.friendly«.",
    ),
    "a misspelt function": Slip(
        RULE, "completed_years(", "completed_year(", resolver.UnknownFunction,
        "Eine Funktion »completed_year« gibt es nicht. Gemeint ist wohl »completed_years«.",
    ),
    "a misspelt code": Slip(
        RULE, ">= sloop", ">= slop", resolver.UnknownCode,
        "»slop« steht nicht in der Codeliste »boat_class«. Gemeint ist wohl »sloop«.",
    ),
    "a number compared with a period": Slip(
        RULE, "crew <= mooring.largest_crew", "crew <= mooring.wait", resolver.WrongType,
        "Im Ausdruck »crew <= mooring.wait« passen die Typen nicht zusammen: gefunden ein Zeitraum",
    ),
    "a condition that is no truth value": Slip(
        RULE, "      - captain", "      - crew", resolver.WrongType, "gefunden eine ganze Zahl, erwartet true",
    ),
    "an order of codes that have none": Slip(
        RULE, "home != QZ", "home > QZ", resolver.WrongType, "Im Ausdruck »home > QZ« passen die Typen nicht zusammen",
    ),
    "an end that is no date": Slip(
        RULE, "until: decided + mooring.term", "until: mooring.term", resolver.WrongType, "erwartet ein Datum (2023",
    ),
    "a comparison that does not exist": Slip(
        RULE, "crew <= mooring", "crew =< mooring", expressions.UnreadableExpression,
        "Der Ausdruck »crew =< mooring.largest_crew« lässt sich nicht lesen; es stockt bei »=< mooring.largest_crew«.",
    ),
    "an expression that breaks off": Slip(
        RULE, "home != QZ", "home !=", expressions.UnreadableExpression,
        "Der Ausdruck »home !=« lässt sich nicht lesen",
    ),
    "a bracket of an expression that is not closed": Slip(
        RULE, "completed_years(born, decided)", "completed_years(born, decided", expressions.UnreadableExpression,
        "Der Ausdruck »completed_years(born, decided >= mooring.age« lässt sich nicht lesen",
    ),
    "a parameter of an unknown type": Slip(
        PARAMETERS, "type: integer\n    unit", "type: intege\n    unit", dated.UnknownParameterType,
        "»intege« ist kein Typ für einen Parameter. Gemeint ist wohl »integer«.", "mooring.largest_crew:",
    ),
    "a value that does not fit the parameter's type": Slip(
        PARAMETERS, "value: 28 days", "value: 28 Tage", dated.ValueDoesNotFitType,
        "Der Wert »28 Tage« passt nicht zu »mooring.wait«; erwartet wird ein Zeitraum",
    ),
    "a decimal comma": Slip(
        PARAMETERS, "value: 0.5", 'value: "0,5"', dated.ValueDoesNotFitType,
        "Der Wert »0,5« passt nicht zu »mooring.share_floor«; erwartet wird eine Zahl mit Punkt",
    ),
    "two values of a parameter on one day": Slip(
        PARAMETERS, "from: 2052-01-01", "from: 2051-12-31", dated.OverlappingVersions,
        "»mooring.wait«: Am 2051-12-31 gelten zwei Fassungen zugleich.",
    ),
    "an impossible date of a parameter": Slip(
        PARAMETERS, "to: 2051-12-31", "to: 2051-02-29", documents.ImpossibleDate,
        "»2051-02-29« ist kein Tag des Kalenders.",
    ),
    "a misspelt key of a parameter": Slip(
        PARAMETERS, "unit: persons", "units: persons", documents.UnknownKey,
        "»units« ist hier kein bekannter Schlüssel. Gemeint ist wohl »unit«.",
    ),
    "an unknown code in a listing": Slip(
        MEMBERS, "isles.friendly,QX", "isles.friendly,QXX", dated.ListingRowWrong,
        "In der Spalte »code« ist »QXX« nicht erlaubt. Gemeint ist wohl »QX«.",
    ),
    "an unknown listing in a row": Slip(
        MEMBERS, "isles.friendly,QY", "isles.friendli,QY", dated.ListingRowWrong,
        "In der Spalte »listing« ist »isles.friendli« nicht erlaubt. Gemeint ist wohl »isles.friendly«.",
    ),
    "an impossible date in a listing": Slip(
        MEMBERS, "2053-02-28", "2053-02-29", documents.ImpossibleDate, "»2053-02-29« ist kein Tag des Kalenders.",
    ),
    "a listing row without a first day": Slip(
        MEMBERS, "QX,2050-01-01", "QX,", documents.ImpossibleDate, "ist kein Tag des Kalenders.", "isles.friendly,QX",
    ),
    "an unknown evidence grade in a listing": Slip(
        MEMBERS, "2053-02-28,verified", "2053-02-28,verifed", dated.ListingRowWrong, "Gemeint ist wohl »verified«.",
    ),
    "a misspelt column of a listing": Slip(
        MEMBERS, "evidence,source", "evidenz,source", vocabulary.ColumnMissingInTable,
        "In der Tabelle fehlt die Spalte »evidence«.",
    ),
    "an unknown code in a reform": Slip(
        REFORM, "codes: [QZ]", "codes: [QZZ]", resolver.UnknownCode,
        "»QZZ« steht nicht in der Codeliste »isle«. Gemeint ist wohl »QZ«.", "extend_listing",
    ),
    "an unknown listing in a reform": Slip(
        REFORM, "extend_listing: isles.friendly", "extend_listing: isles.friendy", resolver.UnknownListing,
        "Eine Liste »isles.friendy« gibt es nicht. Gemeint ist wohl »isles.friendly«.",
    ),
    "an unknown parameter in a reform": Slip(
        REFORM, "set_parameter: mooring.largest_crew", "set_parameter: mooring.larger_crew", resolver.UnknownName,
        "Gemeint ist wohl »mooring.largest_crew«.",
    ),
    "a patch before its reform": Slip(
        REFORM, "    value: 12", "    value: 12\n    from: 2051-12-31", reforms.PatchBeforeStart,
        "Die Änderung beginnt am 2051-12-31, die Reform erst am 2052-01-01.", "set_parameter",
    ),
    "a reform's value of the wrong type": Slip(
        REFORM, "value: 12", "value: many", dated.ValueDoesNotFitType,
        "Der Wert »many« passt nicht zu »mooring.largest_crew«; erwartet wird eine ganze Zahl.", "set_parameter",
    ),
    "an unknown type of an attribute": Slip(
        CASE, "type: decimal", "type: decimel", vocabulary.UnknownType,
        "»decimel« ist kein Typ. Gemeint ist wohl »decimal«.", "share_paid:",
    ),
    "an unknown code list": Slip(
        CASE, "type: code isle", "type: code isles", vocabulary.UnknownCodeList,
        "Eine Codeliste »isles« gibt es nicht. Gemeint ist wohl »isle«.", "  home:",
    ),
    "one alias for two attributes": Slip(
        CASE, "aliases: [ankunft]", "aliases: [heimat]", vocabulary.AmbiguousName,
        "»heimat« bezeichnet zwei Merkmale: home und arrived.", "  arrived:",
    ),
}  # fmt: skip


@pytest.fixture
def country(tmp_path: Path) -> Path:
    shutil.copytree(TOY, tmp_path / "country")
    return tmp_path / "country"


def replace_in(path: Path, right: str, wrong: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert right in text, f"{path.name} no longer holds {right!r}"
    text = text.replace(right, wrong, 1)
    path.write_text(text, encoding="utf-8")
    return text


def all_errors(error: StellwerkError) -> list[StellwerkError]:
    return list(getattr(error, "errors", [error]))


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_with_file_line_and_nearest_name(country: Path, slip: Slip) -> None:
    text = replace_in(country / slip.file, slip.right, slip.wrong)
    with pytest.raises(StellwerkError) as caught:
        rulebook.load_rulebook(country)
    found = [error for error in all_errors(caught.value) if isinstance(error, slip.error)]
    assert found, caught.value.message("de")
    line = text[: text.index(slip.at or slip.wrong)].count("\n") + 1
    assert str(found[0].place) == f"{slip.file}:{line}"
    assert slip.sentence in found[0].message("de")
    assert found[0].message("de").startswith(f"{slip.file}:{line}: ")
    assert found[0].message("en") != found[0].message("de")


def test_the_toy_country_itself_has_no_slip() -> None:
    assert rulebook.load_rulebook(TOY).rule("harbour.mooring").on(dt.date(2050, 1, 1)) is not None


def test_a_parameter_without_a_value_on_some_day_of_a_rule_is_refused(country: Path) -> None:
    replace_in(country / PARAMETERS, "to: 2051-12-31", "to: 2051-12-30")
    with pytest.raises(linking.ParameterWithoutValue) as caught:
        rulebook.load_rulebook(country)
    assert caught.value.message("de") == (
        f"{RULE}:1: »harbour.mooring« liest am 2051-12-31 den Parameter »mooring.wait«, "
        "der an diesem Tag keinen Wert hat."
    )


def test_a_parameter_that_begins_after_its_rule_is_refused(country: Path) -> None:
    replace_in(country / PARAMETERS, "from: 2050-01-01, value: 8", "from: 2050-01-02, value: 8")
    with pytest.raises(linking.ParameterWithoutValue) as caught:
        rulebook.load_rulebook(country)
    assert "liest am 2050-01-01 den Parameter »mooring.largest_crew«" in caught.value.message("de")


def test_all_slips_are_told_at_once(country: Path) -> None:
    replace_in(country / RULE, ">= sloop", ">= slop")
    replace_in(country / PARAMETERS, "type: decimal", "type: decimel")
    replace_in(country / REFORM, "value: 12", "value: many")
    with pytest.raises(StellwerkError) as caught:
        rulebook.load_rulebook(country)
    assert {error.place.file for error in all_errors(caught.value) if error.place} == {RULE, PARAMETERS, REFORM}


def test_a_parameter_in_two_files_is_refused_and_both_are_named(country: Path) -> None:
    shutil.copy(country / PARAMETERS, country / "params/law/second.yaml")
    with pytest.raises(StellwerkError) as caught:
        rulebook.load_rulebook(country)
    first = next(error for error in all_errors(caught.value) if isinstance(error, dated.ParameterTwice))
    sentence = f"Den Parameter »mooring.wait« gibt es schon ({PARAMETERS}:2)."
    assert first.message("de") == f"params/law/second.yaml:2: {sentence}"


@pytest.mark.parametrize("file", [MEMBERS, LISTINGS, "rules/citations.yaml", "params/isles.csv"])
def test_a_missing_file_is_named(country: Path, file: str) -> None:
    (country / file).unlink()
    with pytest.raises(documents.FileMissing) as caught:
        rulebook.load_rulebook(country)
    assert caught.value.message("de") == f"{file}: Diese Datei fehlt."


@pytest.mark.parametrize(
    ("look_up", "sentence"),
    [
        ("rule", "Eine Regel »harbour.moring« gibt es nicht. Gemeint ist wohl »harbour.mooring«."),
        ("reform", "Eine Reform »harbour.moring« gibt es nicht."),
    ],
)
def test_asking_for_something_unknown_names_the_nearest(look_up: str, sentence: str) -> None:
    with pytest.raises(StellwerkError) as caught:
        getattr(rulebook.load_rulebook(TOY), look_up)("harbour.moring")
    assert caught.value.message("de") == sentence


EXAMPLE_SLIPS = {
    "a misspelt attribute": Slip(
        EXAMPLES, "given: {share_paid: 0.5}", "given: {share_payd: 0.5}", resolver.UnknownName,
        "»share_payd« ist weder ein Merkmal noch ein Parameter. Gemeint ist wohl »share_paid«.",
    ),
    "a value of the wrong type": Slip(
        EXAMPLES, "given: {share_paid: 0.5}", "given: {share_paid: half}", examples.FactDoesNotFit, "half",
    ),
    "a misspelt code": Slip(
        EXAMPLES, "given: {boat_class: raft}", "given: {boat_class: rafd}", examples.FactDoesNotFit, "rafd",
    ),
    "an unknown outcome": Slip(
        EXAMPLES, "expect: {outcome: refused}", "expect: {outcome: refusd}", linker.UnknownOutcome,
        "Gemeint ist wohl »refused«.", "name: Möwen gefüttert",
    ),
    "a name that stands twice": Slip(
        EXAMPLES, "name: ein Tag zu früh", "name: Steuermann am Geburtstag alt genug # twice", examples.ExampleTwice,
        "Steuermann am Geburtstag alt genug",
    ),
    "an example it resembles that does not exist": Slip(
        EXAMPLES, "like: ein Floß ist zu klein\n    source: Hafenordnung 7",
        "like: ein Floss ist zu klein\n    source: Hafenordnung 7",
        examples.UnknownExample, "ein Floß ist zu klein", "name: Möwen unbekannt, aber ein Floß",
    ),
    "a misspelt key": Slip(
        EXAMPLES, "given: {share_paid: 0.5}", "givn: {share_paid: 0.5}", documents.UnknownKey, "ist wohl »given«.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", EXAMPLE_SLIPS.values(), ids=EXAMPLE_SLIPS)
def test_a_slip_in_an_example_is_named_with_file_line_and_nearest_name(country: Path, slip: Slip) -> None:
    text = replace_in(country / slip.file, slip.right, slip.wrong)
    with pytest.raises(slip.error) as caught:
        examples.load_examples(country / slip.file, country, rulebook.load_rulebook(country))
    line = text[: text.index(slip.at or slip.wrong)].count("\n") + 1
    assert caught.value.message("de").startswith(f"{slip.file}:{line}: ")
    assert slip.sentence in caught.value.message("de")


@pytest.mark.parametrize(
    "module",
    [
        core,
        dated,
        decision_tables,
        expressions,
        documents,
        forms,
        linker,
        resolver,
        linking,
        reforms,
        rulebook,
        rules,
        vocabulary,
        examples,
    ],
)
def test_every_error_of_the_rule_language_has_a_sentence_in_both_languages(module: ModuleType) -> None:
    found = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, StellwerkError)]
    for error in found:
        if error not in (StellwerkError, ManyErrors) and error.__module__ == module.__name__:
            key = re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()
            assert catalogue()[key]["de"] and catalogue()[key]["en"]


def largest_crew(law: rulebook.Rulebook, day: dt.date) -> Value:
    dated_value = law.parameter_on("mooring.largest_crew", day)
    assert dated_value is not None
    return dated_value.value


def test_a_reform_changes_its_own_days_only() -> None:
    law = rulebook.load_rulebook(TOY)
    reformed = law.under(["open_sea"])
    before, start = dt.date(2051, 12, 31), dt.date(2052, 1, 1)
    assert [largest_crew(law, day) for day in (before, start)] == [8, 8]
    assert [largest_crew(reformed, day) for day in (before, start)] == [8, 12]
    assert law.listings["isles.friendly"].codes_on(start) == {"QX", "QY"}
    assert reformed.listings["isles.friendly"].codes_on(before) == {"QX", "QY"}
    assert reformed.listings["isles.friendly"].codes_on(start) == {"QX", "QY", "QZ"}
    assert reformed.hash != law.hash


def test_the_hash_names_the_law_and_not_its_examples(country: Path) -> None:
    untouched = rulebook.content_hash(country)
    replace_in(country / EXAMPLES, "given:", "given:  ")
    assert rulebook.content_hash(country) == untouched
    replace_in(country / PARAMETERS, "value: 28 days", "value: 29 days")
    assert rulebook.content_hash(country) != untouched


def test_a_policy_person_changes_one_number_and_the_outcome_follows(country: Path) -> None:
    boat: dict[str, Value] = {"home": "QX", "boat_class": "sloop", "arrived": dt.date(2050, 1, 1), "crew": 9,
                              "decided": dt.date(2051, 1, 1), "born": dt.date(2000, 1, 1), "share_paid": Decimal(1),
                              "captain": False, "feeds_gulls": False, "owes_toll": False}  # fmt: skip
    assert determine(rulebook.load_rulebook(country), "harbour.mooring", boat).outcome == "not_met"
    replace_in(country / PARAMETERS, "value: 8,", "value: 9,")
    assert determine(rulebook.load_rulebook(country), "harbour.mooring", boat).outcome == "granted"


def strings_of_code(path: Path) -> Iterator[tuple[str, int]]:
    """Every text of a module that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value, node.lineno


# what kinds of rule say unless they say otherwise, and what the engine says itself
WORDS_OF_THE_KINDS = {
    *("needs_review", "window_open", "not_available", "cap_reached", "deadline_runs", "amount_due", "no_amount"),
    *("overridden", "not_met", "conflict"),
}


def test_law_and_evaluation_name_no_attribute_code_rule_or_paragraph_of_a_real_country() -> None:
    law = rulebook.load_rulebook(ROOT)
    attributes = {name for subject in law.vocabulary.subjects.values() for name in subject}
    real = {*attributes, *law.rules, *law.parameters, *law.listings, *law.citations}
    spoken_by_rules = {version.decide for rule in law.rules.values() for version in rule.versions}
    paragraph = re.compile(r"§|\bArt\. \d|(Aufenth|Asyl|Flü)\w*G\b")
    for folder in ("law", "evaluate"):
        for path in sorted((ENGINE / folder).glob("*.py")):
            for text, line in strings_of_code(path):
                place = f"{path.name}:{line}"
                assert text not in real - {"case_id"}, f"{place} names {text!r}"
                assert text not in spoken_by_rules - WORDS_OF_THE_KINDS, f"{place} names the outcome {text!r}"
                assert not paragraph.search(text), f"{place} cites a statute: {text!r}"


WORDS = st.sampled_from(
    ["crew", "8", "0.5", "and", "or", "not", "in", "if", "else", "(", ")", "[", "]", ",", "+", "-", "<=", "==", ">",
     "6 months", "2051-02-28", "isles.friendly", "true", '"x"', "home", "QX"]
)  # fmt: skip


@given(words=st.lists(WORDS, max_size=12))
def test_whatever_is_written_as_an_expression_is_read_or_refused_with_a_sentence(words: list[str]) -> None:
    scope = resolver.Scope({"crew": vocabulary.Attribute("crew", INTEGER, "", "")}, {}, {"isles.friendly": INTEGER}, {})
    text = " ".join(words)
    try:
        linked = resolver.link(text, scope, Place("toy", 1))
    except StellwerkError as error:
        assert error.message("de").startswith("toy:1: ")
    else:
        assert linked.type.kind in ("bool", "integer", "decimal", "date", "period", "text")


@given(text=st.text(max_size=40))
def test_any_text_at_all_is_parsed_or_refused(text: str) -> None:
    try:
        expressions.parse(text, Place("toy", 1))
    except expressions.UnreadableExpression as error:
        assert str(error.place) == "toy:1"


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("not a and b or c", "((not a) and b) or c"),
        ("a or b and c", "a or (b and c)"),
        ("d - e > 3", "(d - e) > 3"),
        ("d + 6 months - 1 day <= e", "((d + 6 months) - 1 day) <= e"),
        ("x if a else y if b else z", "x if a else (y if b else z)"),
        ("not x in [p, q]", "not (x in [p, q])"),
    ],
)
def test_brackets_may_be_left_out_as_in_speech(longer: str, shorter: str) -> None:
    place = Place("toy", 1)
    assert expressions.parse(longer, place) == expressions.parse(shorter, place)
