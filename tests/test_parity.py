"""Engines that differ are found out, and each difference becomes the smallest case that shows it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import OTHER, TALLY, context_of, invented_rulebook, rule_documents

from stellwerk.audit import durable
from stellwerk.audit.comparing import EngineTableDiffers
from stellwerk.audit.contender import Contender, NothingToHoldAgainst, contenders, usual_contenders
from stellwerk.audit.parity import EngineBroke, NoCasesWanted, Sample, parity
from stellwerk.audit.shrinking import Facts
from stellwerk.audit.witness import Witness, as_examples
from stellwerk.documents import read_document
from stellwerk.evaluate import engines
from stellwerk.evaluate.engines import EngineNotAvailable, Question, UnknownEngine, by_columns, by_reference
from stellwerk.evaluate.examples import load_examples, run_examples
from stellwerk.evaluate.inference import Inference, Inferences
from stellwerk.law import core
from stellwerk.law.linking import link_version
from stellwerk.law.provision import Rule
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import Value

TOY = Path(__file__).parent / "toy"
MOORING = "harbour.mooring"
REFERENCE, POLARS = Contender("reference", by_reference), Contender("polars", by_columns)
WHOLE_TABLES = [name for name in engines.ENGINES if name not in ("auto", "reference", "durable", "spark")]


@pytest.fixture(scope="module")
def harbour() -> Rulebook:
    return load_rulebook(TOY)


@pytest.fixture(scope="module")
def law(checkout: Path) -> Rulebook:
    return load_rulebook(checkout)


def present(names: list[str]) -> list[Contender]:
    """The contenders by these names, each of which may be missing."""
    return [replace(one, may_be_missing=True) for one in contenders(names)]


# --- engines that are right -------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(
    st.integers(1, 60), st.integers(0, 10**6), st.sampled_from([0.0, 0.15, 0.5]), st.sampled_from([None, 2051, 2056])
)
def test_engines_agree_on_any_sample_of_an_invented_country(
    harbour: Rulebook, cases: int, seed: int, unknown: float, year: int | None
) -> None:
    on = None if year is None else dt.date(year, 2, 28)
    found = parity(harbour, present(["reference", *WHOLE_TABLES]), Sample(cases, seed, unknown), on=on)
    assert found.differences == ()
    assert found.compared[0].cases["reference"] == found.compared[0].cases["polars"] == cases


@settings(max_examples=30)
@given(st.data(), st.integers(0, 10**6))
def test_engines_agree_on_cases_generated_for_generated_rules(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int
) -> None:
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    book = with_rules(tmp_path_factory.getbasetemp(), document, tables)
    assert parity(book, [REFERENCE, POLARS], Sample(24, seed)).differences == ()


def test_durable_rules_concludes_the_same_on_a_few_cases(harbour: Rulebook) -> None:
    found = parity(harbour, present(["reference", "durable"]), Sample(40, 3))
    assert found.differences == ()
    assert found.notices or found.compared[0].cases == {"reference": 40, "durable": durable.MOST_CASES}


def test_engines_agree_on_real_rules_of_every_subject(law: Rulebook) -> None:
    """A part of the rulebook; all of it is compared in the deep tests."""
    by_subject: dict[str, list[str]] = {}
    for name in sorted(law.rules):
        by_subject.setdefault(law.rules[name].subject, []).append(name)
    rules = [name for names in by_subject.values() for name in names[::12]]
    found = parity(law, [REFERENCE, POLARS], Sample(60, 11), rules=rules)
    assert found.differences == ()
    assert {one.subject for one in found.compared} == set(law.vocabulary.subjects)
    assert found.answers == 60 * len(rules)


@pytest.mark.deep
@pytest.mark.parametrize("seed", [101, 102])
def test_all_engines_agree_on_thousands_of_cases_of_the_whole_rulebook(law: Rulebook, seed: int) -> None:
    assert parity(law, usual_contenders(), Sample(3_000, seed)).differences == ()


@pytest.mark.deep
def test_all_engines_agree_under_every_reform(law: Rulebook) -> None:
    for name in law.reforms:
        assert parity(law.under([name]), [REFERENCE, POLARS], Sample(200, 5)).differences == (), name


def bounded(book: Rulebook) -> Rulebook:
    """The invented country where numbers are small, as files have them: thousands of years lead out of the calendar."""
    attributes = {
        name: replace(item, minimum=Decimal(-500), maximum=Decimal(500)) if item.type.kind == "integer" else item
        for name, item in book.vocabulary.attributes("case").items()
    }
    return replace(book, vocabulary=replace(book.vocabulary, subjects={"case": attributes}))


def with_rules(folder: Path, document: dict[str, Any], tables: Mapping[str, str]) -> Rulebook:
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    book = bounded(invented_rulebook())
    rules = {}
    for entry in (OTHER, TALLY, document):
        (folder / "generated.yaml").write_text(json.dumps(entry), encoding="utf-8")
        data = read_document(folder / "generated.yaml", "generated.yaml")
        version = link_version(data, "generated.yaml", context_of(book, frozenset({"toy.other", "toy.tally"})), folder)
        rules[version.rule] = Rule(version.rule, (version,))
    return replace(book, rules=rules)


# --- an engine that is wrong ------------------------------------------------------------------------------------------


def misreading(change: Callable[[core.Core], core.Core]) -> Contender:
    """An engine that reads conditions otherwise than they are written."""

    def answer(question: Question) -> pl.DataFrame:
        rules = {name: Rule(name, tuple(map(changed, rule.versions))) for name, rule in question.rulebook.rules.items()}
        return by_columns(replace(question, rulebook=replace(question.rulebook, rules=rules)))

    def changed(version: Any) -> Any:
        def of(item: Any) -> Any:
            if hasattr(item, "items"):
                return replace(item, items=tuple(map(of, item.items)))
            return replace(item, core=change(item.core))

        return replace(version, when=of(version.when))

    return Contender("misreading", answer)


def strictly(node: core.Core) -> core.Core:
    """Takes "at most" for "less than"."""
    return replace(node, operator="<") if isinstance(node, core.Compared) and node.operator == "<=" else node


def some_rows(node: core.Core) -> core.Core:
    """Takes "any row" for "all rows"."""
    return replace(node, kind="all") if isinstance(node, core.Aggregated) and node.kind == "any" else node


def test_a_wrong_threshold_is_caught_and_shrunk_to_what_it_takes(harbour: Rulebook) -> None:
    found = parity(harbour, [REFERENCE, misreading(strictly)], Sample(300, 1))
    (difference,) = found.differences
    assert (difference.rule, difference.engine, difference.against) == (MOORING, "misreading", "reference")
    assert {"met", "outcome"} <= set(difference.parts)
    assert difference.alone
    largest = harbour.parameters["mooring.largest_crew"]
    facts = difference.witness.facts
    assert set(facts) == {"decided", "crew"}
    assert isinstance(facts["decided"], dt.date)
    at_threshold = largest.on(facts["decided"])
    assert at_threshold is not None
    assert facts["crew"] == at_threshold.value


def test_a_caught_case_is_an_example_that_check_accepts(harbour: Rulebook, tmp_path: Path) -> None:
    found = parity(harbour, [REFERENCE, misreading(strictly)], Sample(300, 1))
    country = tmp_path / "toy"
    shutil.copytree(TOY, country)
    path = country / "rules" / "harbour" / "found.cases.yaml"
    path.write_text(as_examples([one.witness for one in found.differences]), encoding="utf-8")
    (result,) = run_examples(country, load_rulebook(country), [path])
    assert result.passes
    assert result.example.rule == MOORING


def test_a_wrong_reading_of_child_rows_is_shrunk_to_two_rows(tmp_path: Path) -> None:
    document = {**OTHER, "rule": "toy.rule", "when": ["any(things, c)"], "until": "d"}
    book = with_rules(tmp_path, document, {})
    found = parity(book, [REFERENCE, misreading(some_rows)], Sample(200, 2), rules=["toy.rule"])
    rows = found.differences[0].witness.facts["things"]
    assert isinstance(rows, list)
    assert len(rows) <= 2  # no row at all, or one that holds beside one that does not


def test_an_engine_that_leaves_a_case_out_or_says_one_twice_differs(harbour: Rulebook) -> None:
    shorter = Contender("shorter", lambda question: by_columns(question).tail(-1))
    doubled = Contender("doubled", lambda question: pl.concat([found := by_columns(question), found.head(1)]))
    found = parity(harbour, [POLARS, shorter, doubled], Sample(20, 1))
    assert {difference.engine: difference.cases for difference in found.differences} == {"shorter": 1, "doubled": 1}


def test_cases_are_matched_by_their_id_not_by_their_place(harbour: Rulebook) -> None:
    backwards = Contender("backwards", lambda question: by_columns(question).reverse())
    assert parity(harbour, [POLARS, backwards], Sample(50, 1)).differences == ()


def test_a_column_of_another_type_is_refused_by_name(harbour: Rulebook) -> None:
    loose = Contender(
        "loose", lambda question: by_columns(question).with_columns(pl.col(f"{MOORING}.outcome").cast(str))
    )
    with pytest.raises(EngineTableDiffers, match=r"loose.*outcome"):
        parity(harbour, [REFERENCE, loose], Sample(5, 1))


def test_a_difference_that_shows_only_among_other_cases_is_told_as_such(harbour: Rulebook) -> None:
    def crowded(question: Question) -> pl.DataFrame:
        found = by_columns(question)
        return found if found.height == 1 else found.with_columns(pl.lit(7, pl.UInt64).alias(f"{MOORING}.met"))

    (difference,) = parity(harbour, [REFERENCE, Contender("crowded", crowded)], Sample(30, 1)).differences
    assert not difference.alone
    assert difference.parts == ("met",)


def test_an_engine_that_breaks_is_named_with_the_cases_on_which_it_does(harbour: Rulebook) -> None:
    def broken(question: Question) -> pl.DataFrame:
        raise OverflowError("date value out of range")

    with pytest.raises(EngineBroke, match=r"broken.*--cases 7 --seed 3.*OverflowError"):
        parity(harbour, [REFERENCE, Contender("broken", broken)], Sample(7, 3))


def test_a_case_named_by_a_code_keeps_its_name(law: Rulebook) -> None:
    rule = "labour.partnership"

    def deaf(question: Question) -> pl.DataFrame:
        return by_columns(question).with_columns(pl.lit(None, pl.String).alias(f"{rule}.ask_for"))

    found = parity(law, [REFERENCE, Contender("deaf", deaf)], Sample(60, 1), rules=[rule])
    facts = found.differences[0].witness.facts
    assert facts["partner"] in law.vocabulary.code_lists["country"].codes


def test_what_durable_rules_concludes_otherwise_is_not_put_right(
    harbour: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    rightly = Inferences.infer

    def wrongly(self: Inferences, *arguments: Any) -> Inference:
        found = rightly(self, *arguments)
        return replace(found, outcome="refused") if found.outcome == "granted" else found

    monkeypatch.setattr(Inferences, "infer", wrongly)
    found = parity(harbour, present(["reference", "durable"]), Sample(25, 1, 0.0))
    if not found.notices:  # durable-rules runs here
        (difference,) = found.differences
        assert difference.witness.expected["outcome"] == "granted"
        assert difference.witness.found["outcome"] == "refused"


# --- who takes part ---------------------------------------------------------------------------------------------------


def absent(question: Question) -> pl.DataFrame:
    raise EngineNotAvailable(engine="absent", missing="x", how="y")


def test_an_engine_that_cannot_run_here_is_left_out_and_that_is_told(harbour: Rulebook) -> None:
    found = parity(harbour, [REFERENCE, POLARS, Contender("absent", absent, may_be_missing=True)], Sample(10, 1))
    assert found.compared[0].cases == {"reference": 10, "polars": 10}
    assert any("absent" in notice for notice in found.notices)


def test_an_engine_that_was_asked_for_by_name_must_run(harbour: Rulebook) -> None:
    with pytest.raises(EngineNotAvailable):
        parity(harbour, [REFERENCE, Contender("absent", absent)], Sample(10, 1))


def test_engines_are_known_by_name_and_one_alone_is_none() -> None:
    with pytest.raises(UnknownEngine, match="polars"):
        contenders(["reference", "polar"])
    with pytest.raises(NothingToHoldAgainst, match="polars"):
        contenders(["polars", "polars"])
    assert usual_contenders()[0].name == "reference"


def test_a_run_needs_a_case(harbour: Rulebook) -> None:
    with pytest.raises(NoCasesWanted):
        parity(harbour, [REFERENCE, POLARS], Sample(0))


def test_more_cases_than_codes_are_tried_in_several_tables(law: Rulebook) -> None:
    found = parity(law, [REFERENCE, POLARS], Sample(40, 1), rules=["support.federal_per_applicant"])
    assert found.compared[0].cases == {"reference": 40, "polars": 40}


def test_some_cases_are_read_without_one_of_their_child_tables(law: Rulebook) -> None:
    known: list[frozenset[str]] = []

    def noting(question: Question) -> pl.DataFrame:
        known.append(frozenset(question.children))
        return by_columns(question)

    rule = "stay.minor_offences"
    parity(law, [POLARS, Contender("noting", noting)], Sample(16, 1), rules=[rule])
    assert [len(tables) for tables in known] == [3, 2]


# --- examples ---------------------------------------------------------------------------------------------------------


@given(
    st.dictionaries(st.sampled_from(["n", "m"]), st.integers(-(10**12), 10**12)),
    st.decimals(-(10**9), 10**9, places=6),
    st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8),
)
def test_a_witness_is_written_as_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, numbers: dict[str, int], share: Decimal, day: dt.date, text: str
) -> None:
    folder = tmp_path_factory.mktemp("witness")
    book = with_rules(folder, {**OTHER, "rule": "toy.rule"}, {})
    rows: list[Mapping[str, Value | None]] = [{"c": True, "k": 2, "w": share, "day": day}, {"c": None}]
    facts: Facts = {**numbers, "a": False, "share": share, "d": day, "realm": "QX", "things": rows}
    answer = {"outcome": "grant", "until": day, "amount": share, "ask_for": "n, m"}
    witness = Witness(f"»{text}«: {text}", "toy.rule", text, facts, day, (), answer, answer)
    path = folder / "written.cases.yaml"
    path.write_text(as_examples([witness]), encoding="utf-8")
    (example,) = load_examples(path, folder, book)
    assert example.facts == facts
    assert (example.name, example.on, example.outcome) == (witness.name, day, "grant")
    assert example.values == {"until": day, "amount": share}
    assert example.ask_for == ("n", "m")


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(run: Run) -> Run:
    return lambda *arguments, folder=TOY: run(*arguments, folder=folder)


BOTH = ("--engine", "reference", "--engine", "polars")


def test_the_command_says_how_much_was_compared(run: Run) -> None:
    code, out, _ = run("parity", *BOTH, "--cases", "50", "--rule", MOORING)
    assert code == 0
    assert "Regeln: 1" in out
    assert "reference 50, polars 50" in out
    assert out.rstrip().endswith("Kein Unterschied. Verglichene Antworten: 50")


def test_the_command_tells_differences_writes_them_and_ends_with_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(engines.ENGINES, "polars", misreading(strictly).answer)
    country = tmp_path / "toy"
    shutil.copytree(TOY, country)
    folder = country / "rules" / "harbour"
    code, out, _ = run("parity", *BOTH, "--cases", "300", "-o", folder, folder=country)
    assert code == 1
    assert "harbour.mooring: polars sagt anderes als reference" in out
    assert "given:" in out
    written = folder / f"{MOORING}.parity.cases.yaml"
    assert written.is_file()
    assert str(written) in out
    assert run("check", written, folder=country)[0] == 0


def test_the_command_answers_machines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines.ENGINES, "polars", misreading(strictly).answer)
    code, out, err = run("parity", *BOTH, "--cases", "300", "--json", "--on", "2051-06-01", "--reform", "open_sea")
    assert (code, err) == (1, "")
    data = json.loads(out)
    assert data["against"] == "reference"
    assert data["answers"] == 300
    assert data["differences"][0]["rule"] == MOORING
    assert data["differences"][0]["facts"]["crew"] == 8


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--engine", "reference", "--engine", "polar"), "polars"),
        (("--engine", "polars"), "polars"),
        ((*BOTH, "--cases", "0"), "--cases 0"),
        ((*BOTH, "--cases", "viele"), "viele"),
        ((*BOTH, "--rule", "harbour.moring"), MOORING),
        ((*BOTH, "--on", "31.02.2051"), "31.02.2051"),
        ((*BOTH, "--reform", "open_see"), "open_sea"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence(run: Run, arguments: tuple[str, ...], word: str) -> None:
    code, out, err = run("parity", *arguments)
    assert code == 2
    assert word in err
    assert out == ""


def test_the_page_on_parity_is_true(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (checkout / "docs" / "paritaet.md").read_text(encoding="utf-8")
    monkeypatch.chdir(checkout)
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    told: dict[str, Any] = {}
    exec(program, told)
    assert told["cases"].height == 1_000
    options = {word for line in re.findall(r"^\| `(--?\w+)", page, re.MULTILINE) for word in [line]}
    assert options == {"--engine", "--rule", "--cases", "--seed", "--on", "-o", "--json"}


def test_the_page_shows_what_the_command_prints(checkout: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines.ENGINES, "polars", misreading(strictly).answer)
    _, out, _ = run("parity", *BOTH)
    page = (checkout / "docs" / "paritaet.md").read_text(encoding="utf-8")
    shown = page.partition("## Ein Unterschied")[2].partition("```text\n")[2].partition("```")[0]
    assert shown.strip() in out
