"""A file that is no YAML is refused in the reader's language, with the line and with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stellwerk import documents, yaml_problems
from stellwerk.documents import UnreadableYaml, documents_in, read_source
from stellwerk.editing import Draft
from stellwerk.editing.layout import NotEditable, documents_of
from stellwerk.errors import StellwerkError
from stellwerk.texts import Phrase, catalogue
from stellwerk.yaml_problems import problem_of

ROOT = Path(__file__).resolve().parents[1]
RULE = (ROOT / "rules/stay/sustained_integration.yaml").read_text(encoding="utf-8")
SCENARIO = (ROOT / "params/scenarios/bleiberecht_2024.yaml").read_text(encoding="utf-8")
READERS = {"libyaml": yaml.CSafeLoader, "PyYAML": yaml.SafeLoader}

# a broken text, the line that is named, a part of the German and of the English sentence
BROKEN = [
    ("a:\n\tb: 1\n", 2, "hier steht ein Tabulator", "there is a tab here"),
    ("a:\n  - ä\n\t- c\n", 3, "hier steht ein Tabulator", "there is a tab here"),
    ("a: |\n\tb\n", 2, "hier steht ein Tabulator", "there is a tab here"),
    ("x: 1\na:1\nb: 2\n", 3, "hinter einem Schlüssel in Zeile 2 fehlt der Doppelpunkt", "behind a key in line 2"),
    ("label: Frist: ein Jahr\n", 1, "ein Text, der »: « enthält, gehört in Anführungszeichen", "needs quotation marks"),
    ("a:\n  b: 1\n   c: 2\n", 3, "so weit eingerückt wie seine Nachbarn", "indented as far as its neighbours"),
    ("a: - b\n", 1, "eine Aufzählung mit »- « beginnt nicht hinter einem Schlüssel", "a list with “- ” does not begin"),
    ("ä: [ß, @b]\n", 1, "ein Wert darf nicht mit »@« beginnen", "may not begin with “@”"),
    ("a: `b`\n", 1, "ein Wert darf nicht mit »`« beginnen", "may not begin with “`”"),
    ("a: %b\n", 1, "ein Wert darf nicht mit »%« beginnen", "may not begin with “%”"),
    ("a: ? b\n", 1, "ein Wert darf nicht mit »?« beginnen", "may not begin with “?”"),
    ("a: [1\nb: 2\n", 2, "die eckige Klammer aus Zeile 1 ist nicht geschlossen", "square bracket of line 1"),
    ("a: {b: 1\nc: 2\n", 2, "die geschweifte Klammer aus Zeile 1 ist nicht geschlossen", "curly bracket of line 1"),
    ("a: [b]]\n", 1, "hier fehlt vor »]« ein Wert oder die öffnende Klammer", "is missing before “]”"),
    ("a: [,b]\n", 1, "hier fehlt vor »,« ein Wert", "is missing before “,”"),
    ("a:\n\n  - 'b\nc: 2\n", 5, "das Anführungszeichen aus Zeile 3 ist nicht geschlossen", "quotation mark of line 3"),
    ("a: 'b\n---\nc: 1\n", 2, "das Anführungszeichen aus Zeile 1 ist nicht geschlossen", "quotation mark of line 1"),
    (
        "a: 'it's'\n",
        1,
        "hinter einem Wert, der schon zu Ende ist, steht noch Text",
        "text behind a value that has ended",
    ),
    ('a: "b", c\n', 1, "hinter einem Wert, der schon zu Ende ist", "text behind a value that has ended"),
    ('a: "C:\\q"\n', 1, "beginnt »\\« eine Zeichenfolge", "please write “\\\\”"),
    ("a: | b\n", 1, "hinter »|« oder »>« darf auf derselben Zeile kein Text stehen", "behind “|” or “>” no text"),
    ("a: >0\n  b\n", 1, "hinter »|« oder »>« darf", "behind “|” or “>” no text"),
    (
        "a:\n   b: 1\n  c: 2\n",
        3,
        "passt nicht zu dem Abschnitt davor, der in Zeile 1 beginnt",
        "which begins in line 1",
    ),
    ("a:\n  - b\n  c: 1\n", 3, "passt nicht zu dem Abschnitt davor, der in Zeile 2 beginnt", "which begins in line 2"),
    ("  a: 1\nb: 2\n", 2, "die Zeile passt nicht zu dem Abschnitt davor; Zeilen", "the section before it; lines"),
    ("a: *b\n", 1, "»*« am Anfang eines Werts", "“*” at the beginning of a value"),
    ("a: * b\n", 1, "»*« am Anfang eines Werts", "“*” at the beginning of a value"),
    ("a: &x 1\nb: &x 2\n", 2, "»&« am Anfang eines Werts", "“&” at the beginning of a value"),
    ("a: & b\n", 1, "»&« am Anfang eines Werts", "“&” at the beginning of a value"),
    ("a: !x!y b\n", 1, "»!« am Anfang eines Werts", "“!” at the beginning of a value"),
    ("a: !<x\n", 1, "»!« am Anfang eines Werts", "“!” at the beginning of a value"),
    ("ä: 1\nb: \x01\n", 2, "hier steht ein unsichtbares Steuerzeichen", "an invisible control character"),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("source", "line", "german", "english"), BROKEN)
def test_a_broken_file_is_refused_with_its_line_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, reader: str, source: str, line: int, german: str, english: str
) -> None:
    monkeypatch.setattr(documents, "_Loader", READERS[reader])
    with pytest.raises(UnreadableYaml) as failure:
        documents_in(source, "stay.yaml")
    said = failure.value.message("de")
    assert said.startswith(f"stay.yaml:{line}: Die Datei lässt sich nicht als YAML lesen: ")
    assert german in said
    assert english in failure.value.message("en")
    assert_in_our_words(failure.value)


def test_a_line_that_begins_with_a_percent_sign_is_named() -> None:
    with pytest.raises(UnreadableYaml, match=r"^stay.yaml:2: .*: eine Zeile darf nicht mit »%« beginnen"):
        documents_in("a: 1\n%b\n", "stay.yaml")


def test_a_file_that_is_not_saved_as_utf_8_is_refused_with_the_line_of_its_first_wrong_sign(tmp_path: Path) -> None:
    file = tmp_path / "rules" / "stay.yaml"
    file.parent.mkdir()
    file.write_bytes(b"# note\n" * 9000 + "label: Härte\n".encode("latin-1"))
    for attempt in (lambda: read_source(file, "rules/stay.yaml"), lambda: Draft.open(file, tmp_path)):
        with pytest.raises(UnreadableYaml, match=r"rules/stay.yaml:9001: .* mit der Kodierung UTF-8 speichern\."):
            attempt()


def test_the_text_that_is_being_edited_says_the_same() -> None:
    with pytest.raises(NotEditable) as failure:
        documents_of("a: [1\nb: 2\n")
    assert failure.value.message("de") == (
        "So wie der Text jetzt ist (Zeile 2), lässt er sich nicht als YAML lesen: die eckige Klammer aus Zeile 1 ist "
        "nicht geschlossen, oder zwischen zwei Einträgen fehlt das Komma. Bitte zuerst den Text in Ordnung bringen."
    )


def test_a_wording_that_nobody_knows_is_said_as_the_reader_said_it() -> None:
    mark = yaml.Mark("f", 0, 0, 0, None, None)
    assert problem_of(yaml.MarkedYAMLError(problem="found a unicorn", problem_mark=mark), "a") == "found a unicorn"


def test_every_row_of_the_table_has_its_text() -> None:
    assert {key for _, key in yaml_problems._SAID} <= set(catalogue())


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A rule or scenario file with one to three signs or lines deleted, put in or replaced."""
    text = draw(st.sampled_from([RULE[:2500], RULE[-2500:], SCENARIO[:2500]]))
    for _ in range(draw(st.integers(1, 3))):
        pieces = draw(st.sampled_from([list(text), text.splitlines(keepends=True)]))
        if not pieces:
            break
        place = draw(st.integers(0, len(pieces) - 1))
        new = draw(
            st.sampled_from([*"\t\n\r :-[]{}'\"|>&*!%@`#?,.\\aä\x01\u2028", " - ", "\t- b\n", "---\n", "%a\n", ""])
        )
        pieces[place : place + draw(st.integers(0, 1))] = [new]
        text = "".join(pieces)
    return text


@given(slips())
def test_whatever_slip_makes_a_file_unreadable_is_said_in_our_words(source: str) -> None:
    try:
        documents_in(source, "stay.yaml")
    except UnreadableYaml as error:
        assert_in_our_words(error)
        assert error.place
        assert 1 <= (error.place.line or 0) <= len(source.splitlines()) + 1
    except StellwerkError:
        pass  # readable as YAML, wrong for another reason


def assert_in_our_words(error: UnreadableYaml) -> None:
    """The problem is a text of the catalogue, and it leaves no gap in a sentence."""
    problem = error.details["problem"]
    assert isinstance(problem, Phrase), problem
    for language in ("de", "en"):
        said = error.message(language)
        assert "»«" not in said
        assert "“”" not in said


@pytest.mark.parametrize("text", ["a: &x [*x]\n", "a: &x [1]\nb: [*x, *x]\n", "a: &x {b: 1}\nc: *x\n"])
def test_a_block_that_stands_in_several_places_is_refused(text):
    with pytest.raises(UnreadableYaml) as refused:
        documents_in(text, "x.yaml")
    assert "bitte ausschreiben" in refused.value.message("de")
