"""A live session says what the reference says, tells what each fact changes, and survives whatever its engine does."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import random
import re
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import (
    ATTRIBUTES,
    OTHER,
    TALLY,
    context_of,
    invented_rulebook,
    rule_documents,
    some_cases,
    with_things,
)

from stellwerk.documents import read_document
from stellwerk.evaluate import caged, strata
from stellwerk.evaluate.border import EXACT_LIMIT, CannotCross, as_number, numbered
from stellwerk.evaluate.caged import (
    DurableUnavailable,
    DurableWorker,
    RunIncomplete,
    WorkerDied,
    WorkerRefused,
    WorkerTimedOut,
)
from stellwerk.evaluate.change import Change
from stellwerk.evaluate.checked import (
    MOST_CASES,
    CheckedRules,
    DurableSetAside,
    EnginesDisagree,
    RuleCannotCross,
    TooManyCases,
    checked_determinations,
)
from stellwerk.evaluate.circuit import Comparison
from stellwerk.evaluate.examples import Example, FactDoesNotFit, example_files, load_examples
from stellwerk.evaluate.reference import determine
from stellwerk.evaluate.session import NoRuleChosen, Session, SubjectsDiffer
from stellwerk.evaluate.strata import DONE, MOST_RULES, PRESENT, Production, Stratum, strata_of
from stellwerk.evaluate.told import FactOutOfRange
from stellwerk.law.linking import link_version
from stellwerk.law.provision import Rule
from stellwerk.law.resolver import UnknownCode, UnknownName
from stellwerk.law.rulebook import Rulebook, load_rulebook
from stellwerk.law.types import DATE, DECIMAL, INTEGER, TEXT
from stellwerk.workbench import Workbench

INTEGRATION = "stay.sustained_integration"
CUSTODY = "detention.removal_custody"
RULES_OF_ALL_KINDS = (
    INTEGRATION,  # criteria with five exceptions
    "asylum.accelerated_procedure",  # criteria, nested groups
    "asylum.designation.candidate",  # criteria of another subject
    "labour.opportunity_card",  # points
    "detention.flight_indicators",  # points over child tables
    CUSTODY,  # window with child tables and another rule's result
    "asylum.deadline.departure_short",  # deadline with exceptions
    "support.flueag.person_month",  # quantity
    "stay.strongest_path",  # stage that reads other rules
    "support.need_level",  # table, one row at most
    "asylum.designation.demand",  # table, first row
    "solidarity.share_2015_first",  # table of 23 rows: more than one ruleset
)
SETTLED: dict[str, object] = {"decision_date": "2023-06-01", "status": "tolerated", "residence_since": "2014-01-01"}
GREETING = "print('{\"ready\": true}', flush=True)"


@pytest.fixture(scope="module")
def law(checkout: Path) -> Rulebook:
    return load_rulebook(checkout)


@pytest.fixture(scope="module")
def worker() -> Iterator[DurableWorker]:
    if sys.version_info >= (3, 13) or importlib.util.find_spec("durable_rules_engine") is None:
        pytest.skip("durable-rules cannot be imported here")
    with DurableWorker() as running:
        yield running


@pytest.fixture(scope="module")
def examples(checkout: Path, law: Rulebook) -> list[Example]:
    return [example for path in example_files(checkout) for example in load_examples(path, checkout, law)]


def speaking(script: str, time_limit: float = 10.0) -> DurableWorker:
    """A worker whose process is a script of the test's own."""
    return DurableWorker((sys.executable, "-c", script), time_limit)


def a_session(law: Rulebook, worker: DurableWorker | None = None, **facts: object) -> Session:
    return Session(law, [INTEGRATION], {**SETTLED, **facts}, worker=worker)


def names_of(change: Change) -> list[str]:
    return [type(notice).__name__ for notice in change.notices]


# --- what it concludes ----------------------------------------------------------------------------------------------


def assert_concluded_alike(examples: list[Example], law: Rulebook, worker: DurableWorker) -> None:
    """Every example's rule, under the law and day it asks for: both engines agree and nothing is to be told."""
    alike: dict[Any, list[Example]] = defaultdict(list)
    for example in examples:
        alike[example.rule, example.on, example.known_on, example.reforms].append(example)
    for (rule, on, known_on, reforms), some in alike.items():
        book = (law if known_on is None else law.known_on(known_on)).under(reforms)
        rules = CheckedRules(book, [rule], worker, on)
        for example in some:
            found = rules.read(example.facts)
            assert not found.notices, (example.name, [str(notice) for notice in found.notices])
            assert found.determinations[rule] == determine(book, rule, example.facts, on)
            assert (rule in found.by_durable) == (found.determinations[rule].version is not None)


def test_every_example_of_rules_of_all_kinds_is_concluded_as_the_reference_says(
    examples: list[Example], law: Rulebook, worker: DurableWorker
) -> None:
    chosen = [example for example in examples if example.rule in RULES_OF_ALL_KINDS]
    assert {example.rule for example in chosen} == set(RULES_OF_ALL_KINDS)
    assert {law.rule(rule).versions[-1].kind for rule in RULES_OF_ALL_KINDS} == {
        "criteria", "points", "window", "deadline", "quantity", "stage", "table"
    }  # fmt: skip
    assert_concluded_alike(chosen, law, worker)


@pytest.mark.deep
def test_every_example_of_the_rulebook_is_concluded_as_the_reference_says(
    examples: list[Example], law: Rulebook, worker: DurableWorker
) -> None:
    assert_concluded_alike(examples, law, worker)


def assert_generated_alike(
    folder: Path, worker: DurableWorker, document: dict[str, Any], tables: Mapping[str, str], seed: int
) -> None:
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    book = invented_rulebook()
    rules: dict[str, Rule] = {}
    for entry in (OTHER, TALLY, document):
        path = folder / "generated.yaml"
        path.write_text(json.dumps(entry), encoding="utf-8")
        context = context_of(book, frozenset({"toy.other", "toy.tally"}))
        version = link_version(read_document(path, path.name), path.name, context, folder)
        rules[version.rule] = Rule(version.rule, (version,))
    book = replace(book, rules=rules)
    checked = CheckedRules(book, ["toy.rule"], worker)
    cases = some_cases(ATTRIBUTES, 6, seed)
    with_things(cases, seed)
    for case in cases:
        assert not checked.read(case).notices, (case, document)


@settings(max_examples=25)
@given(st.data(), st.integers(0, 10**6))
def test_generated_rules_of_every_kind_are_concluded_as_the_reference_says(
    tmp_path_factory: pytest.TempPathFactory, worker: DurableWorker, data: st.DataObject, seed: int
) -> None:
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    assert_generated_alike(tmp_path_factory.getbasetemp(), worker, document, tables, seed)


@pytest.mark.deep
@settings(max_examples=600)
@given(st.data(), st.integers(0, 10**6))
def test_very_many_generated_rules_are_concluded_as_the_reference_says(
    tmp_path_factory: pytest.TempPathFactory, worker: DurableWorker, data: st.DataObject, seed: int
) -> None:
    tables: dict[str, str] = {}
    document = data.draw(rule_documents(tables))
    assert_generated_alike(tmp_path_factory.getbasetemp(), worker, document, tables, seed)


def test_facts_told_and_taken_back_in_any_order_leave_what_the_reference_says(
    examples: list[Example], law: Rulebook, worker: DurableWorker
) -> None:
    source = random.Random(4)
    cases = [example.facts for example in examples if example.rule in (INTEGRATION, CUSTODY, "stay.strongest_path")]
    with Session(law, [INTEGRATION, CUSTODY, "stay.strongest_path"], worker=worker) as session:
        for _ in range(60):
            name, value = source.choice(sorted(source.choice(cases).items()))
            change = session.retract(name) if source.random() < 0.2 else session.tell({name: value})
            assert not change.notices
            for rule, found in session.determinations.items():
                assert found == determine(law, rule, session.facts)


# --- what it tells --------------------------------------------------------------------------------------------------


def test_a_fact_fires_a_condition_and_taking_it_back_lets_it_fall_away(law: Rulebook, worker: DurableWorker) -> None:
    session = a_session(law, worker)
    (told,) = session.tell(commits_to_constitution=True).rules
    assert [condition.text for condition in told.fired] == ["commits_to_constitution"]
    (taken_back,) = session.retract("commits_to_constitution").rules
    assert [condition.text for condition in taken_back.fell_away] == ["commits_to_constitution"]
    (failed,) = session.tell(commits_to_constitution=False).rules
    assert [condition.text for condition in failed.failed] == ["commits_to_constitution"]
    assert (failed.before and failed.before.outcome, failed.after.outcome) == ("needs_facts", "not_met")


def test_the_questions_are_those_of_the_reference_the_most_helpful_first(law: Rulebook, worker: DurableWorker) -> None:
    session = Session(law, [INTEGRATION, "stay.qualified_tolerated"], SETTLED, worker=worker)
    questions = session.opening.questions
    asked = {rule: set(determine(law, rule, session.facts).ask_for) for rule in session.determinations}
    assert {question.fact for question in questions} == set.union(*asked.values())
    assert all(question.fact in asked[rule] for question in questions for rule in question.rules)
    assert [len(question.rules) for question in questions] == sorted((len(q.rules) for q in questions), reverse=True)
    assert len(questions[0].rules) == 2


def test_a_fact_that_no_rule_reads_changes_nothing(law: Rulebook, worker: DurableWorker) -> None:
    change = a_session(law, worker).tell(return_border_procedure=True)
    assert change.rules == ()
    assert "Daran ändert sich nichts." in str(change)


def test_a_change_is_told_in_german_and_english(law: Rulebook, worker: DurableWorker) -> None:
    change = a_session(law, worker).tell(german_level_oral="A2", decision_date=dt.date(2023, 6, 2))
    german, english = str(change), "\n".join(line.text for line in change.said("en"))
    assert "Entscheidung der Ausländerbehörde am: 02.06.2023" in german
    assert "weiterhin »Angaben fehlen«" in german and "nun erfüllt: mündliche Deutschkenntnisse" in german
    assert ("To ask for, the most helpful first:" in english and "02/06/2023" in english) or "2 June 2023" in english


def test_a_wrong_fact_is_refused_with_what_is_allowed_and_nothing_is_taken(
    law: Rulebook, worker: DurableWorker
) -> None:
    session = a_session(law, worker)
    known = dict(session.facts)
    wrong: list[tuple[type[Exception], dict[str, object], str]] = [
        (UnknownName, {"statuss": "tolerated"}, "status"),
        (UnknownCode, {"status": "geduldet"}, "tolerated"),
        (FactDoesNotFit, {"decision_date": "1.6.2023"}, "2023-01-31"),
        (FactDoesNotFit, {"commits_to_constitution": 1}, "true oder false"),
        (FactDoesNotFit, {"convictions": "keine"}, "Liste"),
        (UnknownName, {"convictions": [{"fnal": True}]}, "final"),
        (FactOutOfRange, {"livelihood_own_share": Decimal("1.5")}, "1"),
    ]
    for error, facts, hint in wrong:
        with pytest.raises(error) as caught:
            session.tell({"commits_to_constitution": True, **facts})
        assert hint in str(caught.value)
        assert session.facts == known


def test_a_session_needs_rules_of_one_subject(law: Rulebook) -> None:
    with pytest.raises(NoRuleChosen):
        Session(law, [])
    with pytest.raises(SubjectsDiffer, match="designation"):
        Session(law, [INTEGRATION, "asylum.designation.candidate"])


def test_the_workbench_opens_a_session_under_a_reform_on_a_day(checkout: Path, worker: DurableWorker) -> None:
    bench, rule = Workbench.open(checkout), "asylum.safe_origin.constitutional"
    facts = {"nationality": "GE"}
    with (
        bench.session(facts, rules=[rule], on=dt.date(2023, 6, 1)) as today,
        bench.session(facts, rules=[rule], on=dt.date(2023, 6, 1), reforms=["position_paper_2023"]) as reformed,
    ):
        assert not today.opening.notices and not reformed.opening.notices
        for session, book in ((today, bench.rulebook()), (reformed, bench.rulebook(["position_paper_2023"]))):
            assert session.determinations[rule] == determine(book, rule, facts, dt.date(2023, 6, 1))
            assert rule in session.by_durable


# --- the cage -------------------------------------------------------------------------------------------------------


def test_a_mistake_of_the_engine_is_told_and_the_reference_wins(
    law: Rulebook, worker: DurableWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(strata._PATTERNS, ">=", "$gt")  # the engine now takes "at least" for "more than"
    session = a_session(law, worker, residence_since="2010-01-01")
    change = session.tell(german_level_oral="A2")  # exactly what is needed
    (notice,) = change.notices
    assert isinstance(notice, EnginesDisagree) and INTEGRATION in str(notice)
    assert session.determinations[INTEGRATION] == determine(law, INTEGRATION, session.facts)
    assert INTEGRATION not in session.by_durable
    assert "Es gilt die Referenz" in str(change)


def test_a_worker_that_was_killed_is_told_and_started_anew(law: Rulebook) -> None:
    with a_session(law) as session:
        session._worker.conclusions([])
        os.kill(session._worker.process_id or 0, signal.SIGKILL)
        change = session.tell(commits_to_constitution=True)
        assert names_of(change) == [WorkerDied.__name__]
        assert session.determinations[INTEGRATION] == determine(law, INTEGRATION, session.facts)
        assert not session.tell(german_level_oral="A2").notices
        assert INTEGRATION in session.by_durable


def test_a_worker_that_hangs_is_ended_after_the_time_limit(law: Rulebook, worker: DurableWorker) -> None:
    del worker  # only where durable-rules runs
    hanging = DurableWorker(time_limit=0.5)
    with a_session(law, hanging) as session:
        stopped = hanging.process_id or 0
        os.kill(stopped, signal.SIGSTOP)
        change = session.tell(commits_to_constitution=True)
        assert names_of(change) == [WorkerTimedOut.__name__]
        with pytest.raises(ProcessLookupError):
            os.kill(stopped, 0)
        assert session.determinations[INTEGRATION] == determine(law, INTEGRATION, session.facts)


def test_an_engine_that_fails_three_times_is_not_asked_any_more(law: Rulebook) -> None:
    rules = [INTEGRATION, "stay.qualified_tolerated", "stay.well_integrated_youth", "stay.training_toleration"]
    with speaking(f"{GREETING}; raise SystemExit(3)") as dying, Session(law, rules, SETTLED, worker=dying) as session:
        assert names_of(session.opening) == [*[WorkerDied.__name__] * 3, DurableSetAside.__name__]
        assert "3" in str(session.opening.notices[0])
        assert not session.tell(commits_to_constitution=True).notices
        assert session.by_durable == frozenset()


def test_where_durable_rules_cannot_be_imported_the_reference_serves_and_says_so(law: Rulebook) -> None:
    path = caged.COMMAND[-1]
    blocked = f"import sys, runpy; sys.modules['durable'] = None; runpy.run_path({path!r}, run_name='__main__')"
    with speaking(blocked) as missing, a_session(law, missing) as session:
        (notice,) = session.opening.notices
        assert isinstance(notice, DurableUnavailable)
        assert "3.13" in str(notice) and "3.13" in notice.message("en")
        assert not session.tell(commits_to_constitution=True).notices  # said once
        assert session.determinations[INTEGRATION] == determine(law, INTEGRATION, session.facts)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ('{"runs": [[["done"], "boom"]]}', WorkerRefused),  # an error that hides in the state
        ('{"runs": [[["r0"], null]]}', RunIncomplete),  # dropped work
        ('{"runs": [[[], null]]}', RunIncomplete),
        ('{"error": "code 303"}', WorkerRefused),
        ("no answer", WorkerRefused),
    ],
)
def test_what_the_engine_hides_is_an_error(answer: str, error: type[Exception]) -> None:
    (stratum,) = strata_of([Production((), ("said", 1))])
    script = f"{GREETING}; import sys; sys.stdin.readline(); print({answer!r}, flush=True); sys.stdin.readline()"
    with speaking(script) as odd, pytest.raises(error):
        odd.conclusions([(stratum, {PRESENT: 1})])


def test_who_interrupts_a_question_never_meets_its_late_answer() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with speaking(f"{GREETING}; import time; time.sleep(60)") as slow:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with pytest.raises(KeyboardInterrupt):
                slow.conclusions([])
            assert slow.process_id is None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_crash_of_the_engine_itself_harms_nobody(worker: DurableWorker) -> None:
    del worker
    too_many = {f"r{n}": {"all": [{"m": {"$gte": {"a": n}}}]} for n in range(80)}  # more than one fact may reach
    stratum = Stratum("crowded", too_many, ("a",), {})
    (sound,) = strata_of([Production((Comparison("a", ">=", 5),), ("said", "much"))])
    with DurableWorker() as crowded:
        with pytest.raises((WorkerDied, WorkerRefused)):
            crowded.conclusions([(stratum, {"a": 99})])
        assert crowded.process_id is None
        assert crowded.conclusions([(sound, {PRESENT: 1, "a": 9})]) == [frozenset({("said", "much")})]


def test_no_state_stays_behind(worker: DurableWorker) -> None:
    (stratum,) = strata_of([Production((Comparison("a", ">=", 5),), ("said", "much"))])
    runs = [(stratum, {PRESENT: 1, "a": number % 10}) for number in range(3_000)]  # 1,024 states are the most
    found = worker.conclusions(runs)
    assert [bool(said) for said in found] == [number % 10 >= 5 for number in range(3_000)]


def test_two_cases_whose_ids_collide_in_the_engine_stay_apart(law: Rulebook, worker: DurableWorker) -> None:
    one, other = colliding_ids()
    asked: list[object] = []
    recording = Recording(worker, asked)
    with (
        Session(
            law, [INTEGRATION], {**SETTLED, "case_id": one, "commits_to_constitution": True}, worker=recording
        ) as a,
        Session(
            law, [INTEGRATION], {**SETTLED, "case_id": other, "commits_to_constitution": False}, worker=recording
        ) as b,
    ):
        assert not a.opening.notices and not b.opening.notices
        assert (a.determinations[INTEGRATION].outcome, b.determinations[INTEGRATION].outcome) == (
            "needs_facts",
            "not_met",
        )
    assert asked and one not in repr(asked) and other not in repr(asked)  # case ids never cross


class Recording(DurableWorker):
    """A worker that notes the facts it is asked about."""

    def __init__(self, worker: DurableWorker, asked: list[object]) -> None:
        super().__init__()
        self._real, self._asked_facts = worker, asked

    def conclusions(self, runs: Any) -> Any:
        self._asked_facts += [stratum.facts(facts) for stratum, facts in runs]
        return self._real.conclusions(runs)


def colliding_ids() -> tuple[str, str]:
    """Two ids with the same 32-bit FNV-1a hash, by which the engine tells states apart."""
    source, seen = random.Random(1), dict[int, str]()
    for _ in range(10**6):
        name, hashed = f"{source.getrandbits(40):x}", 0x811C9DC5
        for byte in name.encode():
            hashed = ((hashed ^ byte) * 16777619) & 0xFFFFFFFF
        if hashed in seen:
            return seen[hashed], name
        seen[hashed] = name
    raise AssertionError("no two ids collide")


def test_a_ruleset_is_registered_once_and_a_full_worker_is_replaced(
    worker: DurableWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    del worker
    strata_seen = [strata_of([Production((Comparison("a", ">=", n),), ("said", n))])[0] for n in range(3)]
    with DurableWorker() as small:
        monkeypatch.setattr(caged, "MOST_RULESETS", 2)
        processes = []
        for stratum in (*strata_seen, strata_seen[0]):
            for _ in range(2):
                assert small.conclusions([(stratum, {PRESENT: 1, "a": 9})]) == [frozenset(stratum.concludes.values())]
            processes.append(small.process_id)
    assert len(set(processes)) == 2 and small.process_id is None


def test_rulesets_stay_below_what_the_engine_bears(law: Rulebook) -> None:
    productions = [Production((Comparison(f"a{n}", "==", n), Comparison("b", ">", n)), ("said", n)) for n in range(500)]
    packed = strata_of(productions)
    assert all(len(stratum.definition) <= MOST_RULES and DONE in stratum.definition for stratum in packed)
    assert sum(len(stratum.concludes) for stratum in packed) == 500
    assert len({stratum.name for stratum in packed}) == len(packed)
    assert [stratum.name for stratum in packed] == [stratum.name for stratum in strata_of(productions)]
    wide = Production(tuple(Comparison(f"a{n}", "==", 1) for n in range(300)), ("said", 1))
    with pytest.raises(CannotCross):
        strata_of([wide])


def test_only_whole_numbers_cross() -> None:
    (stratum,) = strata_of([Production((Comparison("a", ">=", 5),), ("said", 1))])
    for wrong in ("7", 1.5, True, None):
        with pytest.raises(CannotCross):
            stratum.facts({PRESENT: 1, "a": wrong})  # type: ignore[dict-item]


@given(st.decimals(-(10**8), 10**8, places=6), st.decimals(-(10**8), 10**8, places=6))
def test_numbers_cross_in_their_order(one: Decimal, other: Decimal) -> None:
    assert (as_number(one, DECIMAL, {}) < as_number(other, DECIMAL, {})) == (one < other)
    assert (as_number(one, DECIMAL, {}) == as_number(other, DECIMAL, {})) == (one == other)


def test_what_is_not_exact_or_too_large_does_not_cross() -> None:
    for value, kind in ((EXACT_LIMIT, INTEGER), (Decimal("0.0000001"), DECIMAL), (10**10, DECIMAL), (5, DATE)):
        with pytest.raises(CannotCross):
            as_number(value, kind, {})
    texts = numbered(["x"], ["y", "x", "a", None, 3])
    assert texts["x"] == 0 and len(set(texts.values())) == 3
    assert as_number("y", TEXT, texts) == texts["y"]


def test_a_value_that_cannot_cross_leaves_its_rule_to_the_reference(law: Rulebook, worker: DurableWorker) -> None:
    rule = "stay.integration_family"
    facts = {"decision_date": dt.date(2024, 1, 1), "livelihood_own_share": Decimal(10**11)}
    found = CheckedRules(law, [rule, INTEGRATION], worker).read(facts)
    assert [type(notice) for notice in found.notices] == [RuleCannotCross, RuleCannotCross]
    assert found.determinations[rule] == determine(law, rule, facts)
    sane = CheckedRules(law, [rule], worker).read({**facts, "livelihood_own_share": Decimal("0.5")})
    assert sane.by_durable == {rule}


# --- several cases --------------------------------------------------------------------------------------------------


def test_a_few_cases_are_determined_as_by_the_reference(
    examples: list[Example], law: Rulebook, worker: DurableWorker
) -> None:
    del worker
    cases = [example.facts for example in examples if example.rule == INTEGRATION][:8]
    rules = [INTEGRATION, "stay.qualified_tolerated"]
    found, notices = checked_determinations(law, cases, rules)
    assert not notices
    assert found == [[determine(law, rule, case) for case in cases] for rule in rules]


def test_more_cases_than_a_rule_engine_for_single_cases_serves_are_refused(law: Rulebook) -> None:
    with pytest.raises(TooManyCases, match=str(MOST_CASES)):
        checked_determinations(law, [{}] * (MOST_CASES + 1), [INTEGRATION])


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_on_sessions_shows_what_really_comes_out(
    checkout: Path, worker: DurableWorker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del worker
    monkeypatch.chdir(checkout)
    page = (checkout / "docs" / "sitzung.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    printed = []
    for kind, content in re.findall(r"^```(python|text)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if kind == "text":
            printed.append((content, capsys.readouterr().out))
        else:
            exec(content, names)
    assert len(printed) == 2
    for shown, came_out in printed:
        assert shown == came_out
