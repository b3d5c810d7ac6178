"""What an officer decides is kept, is written down with its reason, and is told its price."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_placements import best_by_brute_force, counted_through, drawn_task, task, tasks

from stellwerk.distribution.placement import Instance, Plan, SolverSettings, solve
from stellwerk.distribution.placement.decisions import (
    Decision,
    DecisionColumnMissing,
    DecisionDayUnreadable,
    DecisionFileUnreadable,
    DecisionsContradict,
    DecisionWithoutReason,
    OfficerNotPseudonymous,
    UnknownDecision,
    VetoWithoutLocality,
    decide,
    read_decisions,
    with_decisions,
)
from stellwerk.distribution.placement.instance import LocksExceedCapacity
from stellwerk.distribution.placement.plan import as_score
from stellwerk.distribution.placement.reasons import FamilyNotInPlan, LocalityNotInPlan
from stellwerk.distribution.placement.review import ReviewSettings

AROUND = ReviewSettings.load(Path(__file__).parents[1] / "params").neighbourhood
HEADER = "family,decision,locality,officer,reason,decided_on\n"


def solved(instance: Instance) -> Plan:
    return solve(instance, SolverSettings(target_gap=0))


def decision(family: str, kind: str, locality: str, day: int = 1) -> Decision:
    return Decision(family, kind, locality, "SB-17", "Schwester wohnt dort", dt.date(2023, 5, day))  # type: ignore[arg-type]


def written(folder: Path, *lines: str) -> Path:
    path = folder / "entscheidungen.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@settings(max_examples=25, deadline=None)
@given(tasks(), st.data())
def test_a_lock_is_always_kept_and_costs_exactly_what_the_best_plan_loses(
    instance: Instance, data: st.DataObject
) -> None:
    family = data.draw(st.integers(0, len(instance.families) - 1))
    open_to = [*np.flatnonzero(instance.eligible[family]), instance.staying]
    place = int(data.draw(st.sampled_from(open_to)))
    name = "" if place == instance.staying else instance.localities[place]
    found = decide(instance, [decision(instance.families[family], "lock", name)], counted_through, AROUND)
    best, bound = best_by_brute_force(instance), best_by_brute_force(found.plan.instance)
    assert best is not None and bound is not None
    assert found.plan.where[family] == place
    assert found.cost == best - bound >= 0
    assert found.ledger["cost"].to_list() == [as_score(best - bound)]


def test_costs_in_the_ledger_add_up_to_the_cost_of_all_decisions() -> None:
    instance = drawn_task(40, 6, seed=3)
    several = [
        decision("f003", "override", "Ort 2", 3),
        decision("f010", "veto", "Ort 1", 1),
        decision("f021", "lock", "Ort 5", 2),
        decision("f030", "lock", "", 4),
    ]
    found = decide(instance, several, solved, AROUND)
    assert found.ledger["family"].to_list() == ["f010", "f021", "f003", "f030"]
    assert found.ledger["exact"].all()
    assert found.ledger["cost_so_far"][-1] == as_score(found.cost)
    assert found.cost <= found.cost_at_most
    assert found.plan.certificate.violations == 0


def test_the_ledger_says_what_was_proposed_and_what_was_decided_by_whom_and_why() -> None:
    instance = task([1, 1], [[1], [1]], [[9, 5], [7, 6]])
    row = decide(instance, [decision("f000", "override", "Ort 1")], counted_through, AROUND).ledger.row(0, named=True)
    assert (row["proposed"], row["locality"], row["officer"]) == ("Ort 0", "Ort 1", "SB-17")
    assert row["reason"] == "Schwester wohnt dort"
    assert row["cost"] == as_score(15 - 12)
    assert row["families_moved"] == 1


def test_a_veto_where_the_family_would_not_go_anyway_costs_nothing() -> None:
    instance = task([1], [[1], [1]], [[9, 5]])
    found = decide(instance, [decision("f000", "veto", "Ort 1")], counted_through, AROUND)
    assert found.cost == 0
    assert not found.plan.instance.eligible[0, 1]


def test_decisions_are_added_to_locks_and_vetoes_that_were_there_before() -> None:
    instance = with_decisions(task([1, 1], [[1], [1]], [[9, 5], [7, 6]]), [decision("f000", "lock", "Ort 1")])
    more = with_decisions(instance, [decision("f001", "veto", "Ort 1")])
    assert more.locks.tolist() == [1, -1]
    assert more.vetoes.tolist() == [[1, 1]]


def test_decisions_that_cannot_be_kept_together_are_refused() -> None:
    instance = task([1, 1], [[1], [1]], [[9, 5], [7, 6]])
    with pytest.raises(DecisionsContradict, match="f000"):
        with_decisions(instance, [decision("f000", "lock", "Ort 1"), decision("f000", "lock", "Ort 0")])
    with pytest.raises(DecisionsContradict, match="f000"):
        with_decisions(instance, [decision("f000", "veto", "Ort 1"), decision("f000", "lock", "Ort 1")])
    with pytest.raises(LocksExceedCapacity, match="Ort 1"):
        with_decisions(instance, [decision("f000", "lock", "Ort 1"), decision("f001", "lock", "Ort 1")])
    with pytest.raises(VetoWithoutLocality, match="f000"):
        with_decisions(instance, [decision("f000", "veto", "")])


def test_unknown_families_and_places_are_named_with_the_nearest_one() -> None:
    instance = task([1], [[1]], [[9]])
    with pytest.raises(FamilyNotInPlan, match="f000"):
        with_decisions(instance, [decision("f0000", "lock", "Ort 0")])
    with pytest.raises(LocalityNotInPlan, match="Ort 0"):
        with_decisions(instance, [decision("f000", "lock", "Ort0")])


def test_decisions_are_read_from_a_table_umlauts_and_all(tmp_path: Path) -> None:
    path = written(
        tmp_path, "f1,lock,Köln,SB-17,Ärztin in der Nähe,2023-05-31", "f2,veto,Aachen,u42,Bedrohung,2023-06-01"
    )
    first, second = read_decisions(path)
    assert first == Decision("f1", "lock", "Köln", "SB-17", "Ärztin in der Nähe", dt.date(2023, 5, 31))
    assert second.kind == "veto"


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("f1,lok,Köln,SB-17,Grund,2023-05-31", UnknownDecision, "lock"),
        ("f1,lock,Köln,SB-17,,2023-05-31", DecisionWithoutReason, "f1"),
        ("f1,lock,Köln,Erika Musterfrau,Grund,2023-05-31", OfficerNotPseudonymous, "SB-17"),
        ("f1,lock,Köln,SB-17,Grund,31.05.23", DecisionDayUnreadable, "31.05.23"),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(
    tmp_path: Path, line: str, error: type[Exception], said: str
) -> None:
    path = written(tmp_path, "f0,veto,Aachen,SB-17,Grund,2023-05-31", line)
    with pytest.raises(error, match=rf"entscheidungen.csv:3: .*{said}"):
        read_decisions(path)


def test_the_name_of_an_officer_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(OfficerNotPseudonymous) as caught:
        read_decisions(written(tmp_path, "f1,lock,Köln,Erika Musterfrau,Grund,2023-05-31"))
    assert "Musterfrau" not in str(caught.value)


def test_a_table_without_a_column_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "entscheidungen.csv"
    path.write_text("family,decision,ort,officer,reason,decided_on\n", encoding="utf-8")
    with pytest.raises(DecisionColumnMissing, match="locality"):
        read_decisions(path)
    path.write_bytes(b"")
    with pytest.raises(DecisionFileUnreadable):
        read_decisions(path)
    with pytest.raises(DecisionFileUnreadable):
        read_decisions(tmp_path / "fehlt.csv")
