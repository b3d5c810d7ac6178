"""Every expression and every kind of rule has words in both languages, and they read as one would say them."""

from __future__ import annotations

import datetime as dt
import json
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import CHANGE, EXPRESSIONS, FIRST, OTHER, TALLY, context_of, head, invented_rulebook, rule_documents

from stellwerk.documents import read_document
from stellwerk.errors import Place
from stellwerk.evaluate.reference import determine
from stellwerk.law import core, kinds, resolver
from stellwerk.law.linking import link_version
from stellwerk.law.phrases import Phrases
from stellwerk.law.prose import condition_in_words, version_in_words
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import plain_lines
from stellwerk.law.types import BOOL, DATE, INTEGER, TEXT
from stellwerk.law.unfolded import unfolded
from stellwerk.reports import explanation, explanation_html
from stellwerk.texts import LANGUAGES

DAY = dt.date(2021, 1, 1)
# one expression a line of the language, as it is said in German and in English
SAID = {
    "a": ("a", "a"),
    "not a": ("nicht »a«", "not “a”"),
    "not not a": ("a", "a"),
    "a or not b": ("mindestens eines: a) a; b) nicht »b«", "at least one of: a) a; b) not “b”"),
    "not (a or b)": ("keines davon: a) a; b) b", "none of: a) a; b) b"),
    "not (a and b)": ("nicht alles zusammen: a) a; b) b", "not all of: a) a; b) b"),
    "a or (b and n > 1)": (
        "mindestens eines: a) a; b) alles zusammen: aa) b; bb) n: mehr als 1",
        "at least one of: a) a; b) all of: aa) b; bb) n: more than 1",
    ),
    "n >= p.count": ("n: mindestens 3 [p.count]", "n: at least 3 [p.count]"),
    "not n >= 2": ("n: weniger als 2", "n: less than 2"),
    "n + m * 2 != 4": ("n zuzüglich m mal 2: nicht 4", "n plus m times 2: not 4"),
    "share <= 0.5": ("share: höchstens 0,5", "share: at most 0.5"),
    "d < e": ("»d« liegt vor »e«", "“d” is before “e”"),
    "d <= 2020-02-29": ("»d« liegt spätestens am 29.02.2020", "“d” is at the latest on 29 February 2020"),
    "d > e + 6 months": ("»d« liegt länger als 6 Monate nach »e«", "“d” is longer than 6 months after “e”"),
    "d >= e + p.wait": (
        "»d« liegt frühestens 6 Monate [p.wait] nach »e«",
        "“d” is at the earliest 6 months [p.wait] after “e”",
    ),
    "d <= e - 1 year": ("»d« liegt mindestens 1 Jahr vor »e«", "“d” is at least 1 year before “e”"),
    "d > e + days(n)": (
        "»d« liegt länger als so viele Tage wie »n« nach »e«",
        "“d” is longer than as many days as “n” after “e”",
    ),
    "d > e + (p.wait if a else 2 weeks)": (
        "»d« liegt länger als (6 Monate [p.wait], falls »a«, sonst 14 Tage) nach »e«",
        "“d” is longer than (6 months [p.wait] if “a”, otherwise 14 days) after “e”",
    ),
    "d <= last_day(e, 6 months)": (
        "»d« liegt spätestens am Ende der Frist (6 Monate ab »e«, der erste Tag zählt mit)",
        "“d” is at the latest on the end of 6 months from “e” (first day counted)",
    ),
    "d <= next_working_day(e, HOME)": (
        "»d« liegt spätestens am nächsten Werktag ab »e« (Kalender HOME)",
        "“d” is at the latest on the next working day from “e” (calendar HOME)",
    ),
    "d < earliest(e, read)": (
        "»d« liegt vor dem frühesten Tag aus: »e«, »read«",
        "“d” is before the earliest day of: “e”, “read”",
    ),
    "larger(n, m) > 1": ("der größte Wert aus: n, m: mehr als 1", "the largest of: n, m: more than 1"),
    "e - d > 5": ("Tage zwischen »d« und »e«: mehr als 5 Tage", "days between “d” and “e”: more than 5 days"),
    "completed_years(born, read) >= 27": (
        "vollendete Jahre zwischen »born« und »read«: mindestens 27 Jahre",
        "completed years between “born” and “read”: at least 27 years",
    ),
    "level >= low": ("level: mindestens low", "level: at least low"),
    "realm == QX": ("realm ist »QX«", "realm is “QX”"),
    "realm not in [QX, QZ]": ("realm ist keines von: »QX«, »QZ«", "realm is none of: “QX”, “QZ”"),
    "realm in l.realms": ("realm steht auf der Liste »l« [l.realms]", "realm is on the list “l” [l.realms]"),
    "realm not in l.realms": (
        "realm steht nicht auf der Liste »l« [l.realms]",
        "realm is not on the list “l” [l.realms]",
    ),
    "any(things, c and k > 1)": (
        "mindestens ein Eintrag unter »things«, für den gilt: »c« und k: mehr als 1",
        "at least one entry under “things” for which: “c” and k: more than 1",
    ),
    "not any(things, c)": (
        "kein Eintrag unter »things«, für den gilt: »c«",
        "no entry under “things” for which: “c”",
    ),
    "all(things, c or k > 1)": (
        "für jeden Eintrag unter »things« gilt: »c« oder k: mehr als 1",
        "for every entry under “things”: “c” or k: more than 1",
    ),
    "count(things) == 2": ("Zahl der Einträge unter »things«: genau 2", "number of entries under “things”: exactly 2"),
    "sum(things, k, c) > 2": (
        "Summe von »k« über die Einträge unter »things«, für die gilt: »c«: mehr als 2",
        "sum of “k” over the entries under “things” for which: “c”: more than 2",
    ),
    "outcome(toy.other) in [grant]": ("das Ergebnis von »x« ist »grant«", "the result of “x” is “grant”"),
    "d > until(toy.other)": ("»d« liegt nach dem Ende nach »x«", "“d” is after the end under “x”"),
    "a if b else n > 1": ("falls »b«: »a«, sonst: n: mehr als 1", "if “b”: “a”, otherwise: n: more than 1"),
    "true": ("immer", "always"),
}  # fmt: skip


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    rulebook = invented_rulebook()
    for document in (OTHER, TALLY):
        version = linked(document, rulebook, tmp_path_factory.getbasetemp())
        rulebook.rules[version.rule] = Rule(version.rule, (version,))  # type: ignore[index]  # a dict in this test
    return rulebook


def linked(document: dict[str, Any], rulebook: Rulebook, folder: Path) -> RuleVersion:
    path = folder / "prose.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally"}))
    return link_version(read_document(path, "prose.yaml"), "prose.yaml", context, folder)


def linked_expression(text: str, rulebook: Rulebook) -> core.Core:
    context = context_of(rulebook, frozenset({"toy.other", "toy.tally"}))
    scope = resolver.Scope(
        rulebook.vocabulary.attributes("case"),
        {name: item.type for name, item in rulebook.parameters.items()},
        {name: item.code_type for name, item in rulebook.listings.items()},
        {},
        rulebook.vocabulary.child_tables("case"),
        context.rules,
        context.vocabulary.outcome_type,
        frozenset(rulebook.calendars),
    )
    return resolver.link(text, scope, Place("prose"))


@pytest.mark.parametrize("text", SAID)
def test_an_expression_is_said_like_this(law: Rulebook, text: str) -> None:
    node = linked_expression(text, law)
    assert tuple(condition_in_words(node, law, "case", DAY, language) for language in LANGUAGES) == SAID[text]


def test_every_node_of_the_core_is_said_in_an_example(law: Rulebook) -> None:
    said = {type(node) for text in SAID for node in core.nodes(linked_expression(text, law))}
    built_by_kinds = {core.Nothing, core.AtLeast}  # said in the tests of the kinds below
    assert said | built_by_kinds == set(typing.get_args(core.Core))


def test_what_only_kinds_build_has_words_too(law: Rulebook) -> None:
    words = Phrases(law, "case", DAY, "de")
    points = core.AtLeast(((core.Constant(True, BOOL), core.Constant(1, INTEGER)),), core.Constant(2, INTEGER))
    assert words.condition(points).text == "die Punkte der Merkmale erreichen mindestens 2"
    assert words.condition(points, holds=False).text == "die Punkte der Merkmale erreichen nicht 2"
    assert [words.noun(core.Nothing(kind)) for kind in (DATE, INTEGER, TEXT)] == [
        "der Tag, der nicht angegeben ist", "ohne Angabe", "ohne Angabe",
    ]  # fmt: skip


FORMS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "criteria": (
        {"when": ["a"], "decide": "grant", "until": "d + 1 year"},
        ["dann: grant", "bis: der Tag 1 Jahr nach »d«"],
    ),
    "points": (
        {"features": [{"key": "f", "if": "a", "points": 2}], "minimum": 2, "decide": "grant"},
        ["die Punkte der Merkmale erreichen mindestens 2", "2 Punkte, wenn:", "Summe der Punkte"],
    ),
    "window": (
        {"when": ["a"], "starts": "d", "length": "6 months", "cap": {"days": 30, "used": "n"}, "decide": "grant",
         "otherwise": "not_met"},
        ["es sei denn → cap_reached:", "n: mindestens 30", "bis, wenn der erste Tag nicht mitzählt:"],
    ),
    "deadline": (
        {"event": "d", "length": "p.wait", "shifted": "HOME", "decide": "grant"},
        ["bis: der nächste Werktag ab dem Tag 6 Monate [p.wait] nach »d« (Kalender HOME)"],
    ),
    "quantity": (
        {"amount": "100 if a else 50", "unit": "EUR", "otherwise": "other"},
        ["Betrag in €:", "100, wenn: a", "sonst 50"],
    ),
    "stage": (
        {"stages": [{"stage": "grant", "if": "a", "until": "d"}, {"stage": "refuse", "if": "b"}]},
        ["Es gilt die erste Zeile, die zutrifft:", "grant, bis: »d«, wenn:", "refuse, wenn:"],
    ),
    "table": (
        {"table": "rows.csv", "policy": "collect", "unit": "EUR"},
        ["Die Beträge aller Zeilen, die zutreffen, werden zusammengezählt:", "amount_due, Betrag: 5\u00a0€, wenn:",
         "n: mindestens 2", "Betrag: Summe der Zeilen, die zutreffen"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_of_rule_is_told(law: Rulebook, tmp_path: Path, kind: str) -> None:
    form, wanted = FORMS[kind]
    (tmp_path / "rows.csv").write_text("n,amount\n>= 2,5\n", encoding="utf-8")
    version = linked({**head("toy.rule", kind), **form}, law, tmp_path)
    told = "\n".join(plain_lines(version_in_words(version, law, DAY, "de")))
    for words in wanted:
        assert words in told, told
    assert told != "\n".join(plain_lines(version_in_words(version, law, DAY, "en")))


def test_a_long_value_is_told_in_parts(law: Rulebook) -> None:
    start = "next_working_day(latest(d, e) + (p.wait if a and not b else days(n)), HOME)"
    text = f"{start} + (1 month if n > m + 2 else 2 months)"
    told = list(plain_lines((unfolded(linked_expression(text, law), Phrases(law, "case", DAY, "de")),)))
    assert [line.strip() for line in told] == [
        "der letzte Tag einer Frist, der Tag des Ereignisses zählt nicht mit:",
        "Länge: je nach Fall:",
        "- 1 Monat, wenn: n: mehr als m zuzüglich 2",
        "- sonst 2 Monate",
        "ab: der nächste Werktag (Kalender HOME)",
        "- ab: der letzte Tag einer Frist, der Tag des Ereignisses zählt nicht mit:",
        "- Länge: je nach Fall:",
        "- 6 Monate [p.wait], wenn: alles zusammen:",
        "- a",
        "- nicht »b«",
        "- sonst so viele Tage wie »n«",
        "- ab: der späteste Tag aus: »d«, »e«",
    ]


def test_a_long_sum_over_rows_is_told_in_parts(law: Rulebook) -> None:
    node = linked_expression("sum(things, larger(k * 2 + 1, m), c and k > 1 and day >= d and day < e and n == k)", law)
    said = unfolded(node, Phrases(law, "case", DAY, "en"))
    assert said.text == "sum over the entries under “things”:"
    assert [item.text for item in said.items] == ["the largest of: k times 2 plus 1, m", "for which:"]
    assert [item.text for item in said.items[1].items[0].items] == [
        "c", "k: more than 1", "“day” is at the earliest on the day of “d”", "“day” is before “e”", "n: exactly k",
    ]  # fmt: skip


@given(text=EXPRESSIONS)
def test_any_condition_and_its_negation_have_different_words(law: Rulebook, text: str) -> None:
    node = linked_expression(text, law)
    for language in LANGUAGES:
        words = condition_in_words(node, law, "case", DAY, language)
        assert words and words != condition_in_words(core.Negated(node), law, "case", DAY, language)


@settings(max_examples=30)
@given(data=st.data())
def test_any_rule_and_its_reasons_are_told_in_both_languages(
    law: Rulebook, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    version = linked(document, law, folder)
    law.rules["toy.rule"] = Rule("toy.rule", (version,))  # type: ignore[index]  # a dict in this test
    found = determine(law, "toy.rule", {"case_id": "C", "a": True, "n": 2, "read": CHANGE, "things": []})
    for language in LANGUAGES:
        assert list(plain_lines(version_in_words(version, law, FIRST, language)))
        assert explanation(found, law, language).startswith("toy.rule – x: ")
        assert "<script" not in explanation_html(found, law, language)
